"""A speech encoder at work on the sound of a video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import ModelError
from core.media.probe import MediaInfo, probe
from core.media.sound import SoundCell, read_sound
from core.networks.emotion_classes import LABELS
from core.networks.speech_encoder import open_speech_encoder, save_encoder
from core.signals.base import run
from core.signals.encoder_emotion import EncoderEmotion
from core.time import Grid
from tests.networks.test_speech_encoder import save_tiny_encoder
from tests.synthetic import make_video

RATE = 16_000


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    base = save_tiny_encoder(folder / "base")
    torch.manual_seed(0)
    save_encoder(open_speech_encoder(str(base)), folder, {})
    return folder


@pytest.fixture(scope="module")
def info(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    path = tmp_path_factory.mktemp("media") / "beeps.mp4"
    make_video(path, seconds=12.4, tone=0.1, audio_seconds=7)
    return probe(path)


@pytest.fixture
def sound() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, round(12.4 * RATE)).astype(np.float32)


def cells(sound: np.ndarray, first: int = 0) -> list[SoundCell]:
    return [
        SoundCell(start // RATE, np.zeros((1, 0), np.float32), sound[start : start + RATE])
        for start in range(first * RATE, len(sound), RATE)
    ]


def rows_of(
    signal: EncoderEmotion, info: MediaInfo, pieces: Sequence[SoundCell], first: int = 0
) -> np.ndarray:
    extractor = signal.start(info, Grid(), first)
    rows = [row for piece in pieces for row in extractor.feed(piece)]
    return np.array([*rows, *extractor.finish()])


def test_every_cell_of_a_video_has_a_row(weights: Path, info: MediaInfo) -> None:
    signal, grid = EncoderEmotion(weights), Grid()
    rows = run(signal, read_sound(info, grid), info, grid, lambda f, m: None, lambda: False)
    assert rows.shape == (grid.count(info.duration), 10)
    assert rows.dtype == np.float32
    assert signal.columns == (*LABELS, "arousal", "valence")
    heard = np.isfinite(rows[:, 0])
    assert heard[:7].all()
    assert not heard[-1]
    assert rows[heard, :8].sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_a_row_is_what_the_network_hears_from_two_seconds_before_to_one_after(
    weights: Path, info: MediaInfo, sound: np.ndarray
) -> None:
    signal = EncoderEmotion(weights)
    rows = rows_of(signal, info, cells(sound))
    assert len(rows) == 13
    for cell in (0, 1, 5, 10, 11, 12):
        stretch = sound[max(0, cell - 2) * RATE : (cell + 2) * RATE]
        assert rows[cell] == pytest.approx(signal.claims([stretch])[0], abs=1e-5)


def test_a_change_is_heard_by_the_cells_around_it_alone(
    weights: Path, info: MediaInfo, sound: np.ndarray
) -> None:
    signal = EncoderEmotion(weights)
    changed = sound.copy()
    changed[6 * RATE : 7 * RATE] = np.diff(changed[6 * RATE : 7 * RATE + 1])
    moved = np.abs(rows_of(signal, info, cells(changed)) - rows_of(signal, info, cells(sound)))
    assert (moved.max(axis=1) > 1e-4).nonzero()[0].tolist() == [5, 6, 7, 8]


def test_rows_wait_for_the_second_after_them_and_come_in_batches(
    weights: Path, info: MediaInfo, sound: np.ndarray
) -> None:
    extractor = EncoderEmotion(weights).start(info, Grid(), 0)
    counts = [len(extractor.feed(piece)) for piece in cells(sound)]
    assert counts == [0] * 8 + [8] + [0] * 4
    assert len(extractor.finish()) == 5


def test_a_pass_that_goes_on_gives_the_same_rows(
    weights: Path, info: MediaInfo, sound: np.ndarray
) -> None:
    signal = EncoderEmotion(weights)
    assert signal.warm_up == 2
    whole = rows_of(signal, info, cells(sound))
    resumed = rows_of(signal, info, cells(sound, first=3), first=5)
    assert resumed == pytest.approx(whole[5:], abs=1e-5)


def test_silence_has_no_emotion(weights: Path, info: MediaInfo, sound: np.ndarray) -> None:
    sound[5 * RATE : 10 * RATE] = 0
    rows = rows_of(EncoderEmotion(weights), info, cells(sound))
    assert np.isnan(rows[:, 0]).nonzero()[0].tolist() == [7, 8]


def test_other_weights_have_another_version(weights: Path, tmp_path: Path) -> None:
    network = open_speech_encoder(str(weights / "base"))
    network.layer_weights.data[0] += 1
    save_encoder(network, tmp_path, {})
    assert EncoderEmotion(weights).version == EncoderEmotion(weights).version
    assert EncoderEmotion(weights).version != EncoderEmotion(tmp_path).version


def test_damaged_weights_are_refused(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        EncoderEmotion(tmp_path)
    (tmp_path / "card.json").write_bytes((weights / "card.json").read_bytes())
    (tmp_path / "weights.safetensors").write_bytes(b"none")
    with pytest.raises(ModelError, match="checksum"):
        EncoderEmotion(tmp_path).claims([np.ones(RATE, np.float32)])
