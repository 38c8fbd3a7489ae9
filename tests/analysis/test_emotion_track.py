"""The emotion track of an analysis, told by a small network or by a fine-tuned speech encoder."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import torch

from core.analysis import pipeline
from core.analysis.analysis import Analysis
from core.analysis.emotion_track import DEFAULT_WEIGHTS, is_encoder
from core.analysis.store import Store
from core.errors import Cancelled, ModelError
from core.networks.speech_encoder import open_speech_encoder, save_encoder
from core.places import SAMPLE_VIDEO
from core.signals.speech_emotion import LEAST_SPEECH, SPEECH_THRESHOLD, SpeechEmotion
from core.time import Grid
from tests.analysis.test_pipeline import FlatBackbone
from tests.networks.test_emotion_weights import save_random_weights
from tests.networks.test_speech_encoder import save_tiny_encoder
from tests.synthetic import make_video

SPOKEN, SILENT = 9, 7
CONFIDENCE = SpeechEmotion.columns.index("confidence")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """9 s of the sample, in which two people speak, then 7 s of silence and a still picture."""
    path = tmp_path_factory.mktemp("media") / "speech.mkv"
    words = ["-v", "error", "-ss", "6", "-t", str(SPOKEN), "-i", str(SAMPLE_VIDEO)]
    words += ["-vf", f"fps=5,scale=64:36,tpad=stop_mode=clone:stop_duration={SILENT}"]
    words += ["-af", f"apad=pad_dur={SILENT}", "-c:a", "flac", str(path)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *words], check=True)
    return path


def save_encoder_weights(folder: Path, *, seed: int = 0, **card: object) -> Path:
    base = save_tiny_encoder(folder / "base")
    torch.manual_seed(seed)
    network = open_speech_encoder(str(base))
    network.layer_weights.data[0] += seed
    save_encoder(network, folder, card)
    return folder


SAVERS: dict[str, Callable[..., Path]] = {
    "frames": save_random_weights,
    "encoder": save_encoder_weights,
}


@pytest.fixture(scope="module", params=SAVERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def weights(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return SAVERS[kind](tmp_path_factory.mktemp("weights"))


def analyse(video: Path, weights: Path, folder: Path, **options: object) -> Analysis:
    usual = {"backbone": FlatBackbone(), "emotion_weights": weights}
    return pipeline.analyse(video, store=Store(folder), **(usual | options))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def known(kind: str, weights: Path, video: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which the video is analysed."""
    folder = tmp_path_factory.mktemp("store")
    analyse(video, weights, folder)
    return folder


@pytest.fixture
def refuse_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("read_pictures", "read_sound"):
        monkeypatch.setattr(pipeline, name, lambda *a: pytest.fail("decoded again"))


def emotion(analysis: Analysis) -> np.ndarray:
    return analysis.tracks["speech-emotion"]


def spoken(analysis: Analysis) -> np.ndarray:
    frames = analysis.tracks["speech-activity"] >= SPEECH_THRESHOLD
    return frames.sum(axis=1) >= LEAST_SPEECH


def test_the_kind_of_the_weights_is_seen_in_their_card(
    kind: str, weights: Path, tmp_path: Path
) -> None:
    assert is_encoder(weights) == (kind == "encoder")
    with pytest.raises(ModelError, match="missing"):
        is_encoder(tmp_path)


@pytest.mark.usefixtures("refuse_decoding")
def test_there_are_claims_where_somebody_speaks_and_nowhere_else(
    video: Path, weights: Path, known: Path
) -> None:
    analysis = analyse(video, weights, known)
    track = emotion(analysis)
    assert track.shape == (SPOKEN + SILENT, 10)
    assert track.dtype == np.float32
    claimed = np.isfinite(track).all(axis=1)
    assert claimed.tolist() == spoken(analysis).tolist()
    assert claimed[:SPOKEN].sum() >= 5
    assert np.isnan(track[~claimed]).all()
    assert not claimed[-SILENT + 1 :].any()
    np.testing.assert_allclose(track[claimed, :7].sum(axis=1), 1, atol=1e-5)
    assert np.abs(track[claimed, 7:9]).max() <= 1
    assert track[claimed, CONFIDENCE].min() > 0
    assert track[claimed, CONFIDENCE].max() <= 1


@pytest.mark.usefixtures("refuse_decoding")
def test_the_second_opening_decodes_nothing_and_says_the_same(
    video: Path, weights: Path, known: Path
) -> None:
    one, other = (analyse(video, weights, known) for _ in range(2))
    assert one.tracks.keys() == other.tracks.keys()
    for name, rows in one.tracks.items():
        np.testing.assert_array_equal(other.tracks[name], rows, err_msg=name)
    assert np.isfinite(emotion(one)).any()


def test_what_is_opened_again_is_what_was_computed(
    video: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = analyse(video, weights, tmp_path)
    monkeypatch.setattr(pipeline, "read_sound", lambda *a: pytest.fail("decoded again"))
    np.testing.assert_array_equal(emotion(analyse(video, weights, tmp_path)), emotion(first))


def test_changed_weights_change_the_emotion_alone(
    kind: str,
    video: Path,
    weights: Path,
    known: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = analyse(video, weights, known)
    monkeypatch.setattr(pipeline, "read_pictures", lambda *a: pytest.fail("decoded again"))
    if kind == "frames":
        monkeypatch.setattr(pipeline, "read_sound", lambda *a: pytest.fail("decoded again"))
    after = analyse(video, SAVERS[kind](tmp_path / "other", seed=5), known)
    assert after.tracks.keys() == before.tracks.keys()
    for name in before.tracks.keys() - {"speech-emotion", "speech-encoder"}:
        np.testing.assert_array_equal(after.tracks[name], before.tracks[name], err_msg=name)
    claimed = spoken(before)
    assert (emotion(after)[claimed] != emotion(before)[claimed]).any(axis=1).all()


@pytest.mark.usefixtures("refuse_decoding")
def test_the_weights_that_were_used_before_are_still_known(
    video: Path, weights: Path, known: Path, tmp_path: Path
) -> None:
    """The frames of speech are stored with every analysis, so any small network can be tried."""
    before = emotion(analyse(video, weights, known))
    small = analyse(video, save_random_weights(tmp_path, seed=7), known)
    assert "speech-encoder" not in small.tracks
    assert not np.array_equal(emotion(small), before, equal_nan=True)
    np.testing.assert_array_equal(emotion(analyse(video, weights, known)), before)


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_stopped_analysis_tells_the_same_in_the_end(
    video: Path,
    weights: Path,
    known: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    share: float,
) -> None:
    monkeypatch.setattr(pipeline, "_UPDATE_SECONDS", 0.0)
    reached = [0.0]
    with pytest.raises(Cancelled):
        analyse(
            video,
            weights,
            tmp_path,
            progress=lambda fraction, message: reached.append(fraction),
            cancelled=lambda: reached[-1] >= share,
        )
    resumed = analyse(video, weights, tmp_path)
    whole = analyse(video, weights, known)
    assert (spoken(resumed) == spoken(whole)).mean() > 0.9
    both = spoken(resumed) & spoken(whole)
    np.testing.assert_allclose(emotion(resumed)[both], emotion(whole)[both], atol=0.05)


def test_claims_are_shown_while_the_analysis_grows(
    video: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_UPDATE_SECONDS", 0.0)
    monkeypatch.setattr(pipeline, "SOUND_SLICE", 4)
    shown: list[np.ndarray] = []
    final = analyse(
        video, weights, tmp_path, on_update=lambda analysis: shown.append(emotion(analysis))
    )
    lengths = [len(track) for track in shown]
    assert lengths == sorted(lengths)
    assert lengths[-1] == SPOKEN + SILENT
    assert {track.shape[1] for track in shown} == {10}
    early = next(track for track in shown if np.isfinite(track).any())
    claimed = np.isfinite(early[:, 0])
    np.testing.assert_array_equal(claimed, np.isfinite(emotion(final)[: len(early), 0]))
    np.testing.assert_allclose(early[claimed, :7].sum(axis=1), 1, atol=1e-5)


def test_an_analysis_stopped_while_telling_emotions_goes_on_without_decoding(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = save_random_weights(tmp_path / "weights")
    said = [""]
    with pytest.raises(Cancelled):
        analyse(
            video,
            weights,
            tmp_path / "store",
            progress=lambda fraction, message: said.append(message),
            cancelled=lambda: said[-1] == "Telling emotions",
        )
    for name in ("read_pictures", "read_sound"):
        monkeypatch.setattr(pipeline, name, lambda *a: pytest.fail("decoded again"))
    analysis = analyse(video, weights, tmp_path / "store")
    assert analysis.complete
    assert np.isfinite(emotion(analysis)[:, 0]).tolist() == spoken(analysis).tolist()


def test_the_temperature_of_an_encoder_lowers_the_confidence(video: Path, tmp_path: Path) -> None:
    cool, warm = (
        emotion(
            analyse(
                video,
                save_encoder_weights(tmp_path / name, temperature=temperature),
                tmp_path / f"{name}-store",
            )
        )
        for name, temperature in (("cool", 0.5), ("warm", 4.0))
    )
    claimed = np.isfinite(cool[:, 0])
    assert warm[claimed, CONFIDENCE].mean() < cool[claimed, CONFIDENCE].mean()
    np.testing.assert_allclose(warm[claimed, 7:9], cool[claimed, 7:9], atol=1e-5)


def test_a_tone_has_no_emotion(weights: Path, tmp_path: Path) -> None:
    path = make_video(tmp_path / "tone.mkv", seconds=5, fps=5, tone=0.3)
    track = emotion(analyse(path, weights, tmp_path / "store"))
    assert track.shape == (5, 10)
    assert np.isnan(track).all()


@pytest.mark.parametrize("step", ["0.5", "2"])
def test_other_grids_are_told_too(video: Path, weights: Path, tmp_path: Path, step: str) -> None:
    analysis = analyse(video, weights, tmp_path, grid=Grid(Fraction(step)))
    assert emotion(analysis).shape == (analysis.cells, 10)
    assert np.isfinite(emotion(analysis)[:, 0]).tolist() == spoken(analysis).tolist()
    assert spoken(analysis).any()


def test_a_video_without_sound_needs_no_weights(tmp_path: Path) -> None:
    path = make_video(tmp_path / "mute.mp4", seconds=2, fps=5, audio=None)
    analysis = analyse(path, tmp_path / "nowhere", tmp_path / "store")
    assert "speech-emotion" not in analysis.tracks


def test_missing_weights_are_named(video: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing") as caught:
        analyse(video, tmp_path / "nowhere", tmp_path / "store")
    assert "nowhere" in str(caught.value)


def test_shipped_weights_tell_the_emotion_of_a_video(video: Path, tmp_path: Path) -> None:
    if not (DEFAULT_WEIGHTS / "card.json").is_file():
        pytest.skip("the shipped weights are not in this checkout")
    analysis = pipeline.analyse(video, store=Store(tmp_path), backbone=FlatBackbone())
    assert np.isfinite(emotion(analysis)[:, 0]).tolist() == spoken(analysis).tolist()
