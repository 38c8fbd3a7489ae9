"""Shorts are as loud as platforms want them, and no louder than their peak allows."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import Cancelled, MediaError
from core.export.sound.loudness import measure_loudness
from core.export.sound.mastering import MOST_GAIN, Mastering, write_sound
from core.media.probe import MediaInfo, probe
from tests.export.sounds import (
    RATE,
    heard_in,
    loudness_of,
    make_sounding,
    master,
    noise,
    pieces_of,
    tone,
    true_peak_of,
)

TARGET = Mastering(loudness=-14.0, peak=-1.0)


def whole(folder: Path, sound: NDArray[np.float64]) -> MediaInfo:
    return probe(make_sounding(folder / "a.mov", sound))


def speech(seconds: float, level: float) -> NDArray[np.float64]:
    """Noise in syllables with pauses between phrases."""
    clock = np.arange(round(seconds * RATE)) / RATE
    syllables = np.clip(np.sin(2 * np.pi * 3.7 * clock), 0, 1) ** 2
    phrases = (clock % 2.5) < 1.7
    return noise(seconds, level) * syllables * phrases


def drums(seconds: float) -> NDArray[np.float64]:
    """Hard strokes over a quiet bed: peaks 25 dB above the loudness."""
    clock = np.arange(round(seconds * RATE)) / RATE
    strokes = np.exp(-(clock % 0.5) * 60)
    return noise(seconds, 0.25, 1) * strokes + noise(seconds, 0.01, 2)


@pytest.mark.parametrize("level", [-30.0, -18.0])
def test_a_sine_has_the_loudness_of_its_level(level: float, tmp_path: Path) -> None:
    # EBU Tech 3341: a 1 kHz sine in both channels is as many LUFS as its peak is dBFS.
    media = whole(tmp_path, tone(4, 997, 10 ** (level / 20)))
    assert measure_loudness(media.path).integrated == pytest.approx(level, abs=0.1)
    assert measure_loudness(media.path).true_peak == pytest.approx(level, abs=0.2)


def test_pauses_do_not_count_and_an_independent_meter_agrees(tmp_path: Path) -> None:
    sound = np.concatenate([speech(5, 0.1), np.zeros((2, 3 * RATE)), noise(3, 0.01)], axis=1)
    said = measure_loudness(whole(tmp_path, sound).path)
    assert said.integrated == pytest.approx(loudness_of(sound), abs=0.1)
    assert said.true_peak == pytest.approx(true_peak_of(sound), abs=0.3)


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(speech(8, 0.05), id="speech"),
        pytest.param(np.clip(noise(6, 0.6), -1, 1), id="too loud"),
        pytest.param(drums(6), id="peaks"),
        pytest.param(np.concatenate([noise(3, 0.01), noise(3, 0.2)], axis=1), id="dynamic"),
        pytest.param(np.stack([tone(3, 11_900, 0.9), tone(3, 60, 0.3)]), id="between samples"),
    ],
)
def test_the_written_file_has_loudness_and_peak(sound: NDArray[np.float64], tmp_path: Path) -> None:
    media = whole(tmp_path, sound)
    written = master(pieces_of([(media, 0, media.duration)]), tmp_path, mastering=TARGET)
    result = heard_in(written.path)
    assert loudness_of(result) == pytest.approx(-14, abs=0.5)
    assert true_peak_of(result) <= -1
    assert written.loudness == pytest.approx(loudness_of(result), abs=0.15)
    assert written.peak == pytest.approx(true_peak_of(result), abs=0.3)


def test_a_low_bit_rate_does_not_push_peaks_over_the_limit(tmp_path: Path) -> None:
    media = whole(tmp_path, np.clip(drums(4) * 3, -1, 1))
    mastering = Mastering(loudness=-12.0, peak=-1.0, bits=48_000)
    written = master(pieces_of([(media, 0, media.duration)]), tmp_path, mastering=mastering)
    assert true_peak_of(heard_in(written.path)) <= -1


def test_where_both_cannot_be_had_the_peak_is_kept(tmp_path: Path) -> None:
    sound = np.zeros((2, 4 * RATE))
    sound[:, ::RATE] = 0.9
    media = whole(tmp_path, sound)
    written = master(pieces_of([(media, 0, 4)]), tmp_path, mastering=TARGET)
    assert true_peak_of(heard_in(written.path)) <= -1


def test_silence_stays_silence(tmp_path: Path) -> None:
    media = whole(tmp_path, np.zeros((2, 2 * RATE)))
    written = master(pieces_of([(media, 0, 2)]), tmp_path, mastering=TARGET)
    assert np.abs(heard_in(written.path)).max() < 1e-6
    assert written.loudness == -70


def test_a_sound_too_short_to_be_measured_is_left_as_it_is(tmp_path: Path) -> None:
    media = whole(tmp_path, tone(0.32, level=0.05))
    written = master(pieces_of([(media, 0, Fraction(8, 25))]), tmp_path, mastering=TARGET)
    assert np.abs(heard_in(written.path)).max() == pytest.approx(0.05, rel=0.1)


def test_a_whisper_is_not_blown_up_without_end(tmp_path: Path) -> None:
    sound = noise(3, 0.0006)
    media = whole(tmp_path, sound)
    written = master(pieces_of([(media, 0, 3)]), tmp_path, mastering=TARGET)
    louder = loudness_of(heard_in(written.path)) - loudness_of(sound)
    assert louder == pytest.approx(MOST_GAIN, abs=0.5)


def test_without_a_target_the_level_is_kept(tmp_path: Path) -> None:
    sound = np.stack([tone(2, 300, 0.05), tone(2, 500, 0.1)])
    media = whole(tmp_path, sound)
    written = master(pieces_of([(media, 0, 2)]), tmp_path)
    assert loudness_of(heard_in(written.path)) == pytest.approx(loudness_of(sound), abs=0.2)
    assert (written.loudness, written.peak) == (None, None)


def test_progress_never_goes_back_and_ends_at_one(tmp_path: Path) -> None:
    media = whole(tmp_path, drums(3))
    said: list[float] = []
    write_sound(
        pieces_of([(media, 0, 3)]),
        Fraction(3),
        tmp_path / "sound.m4a",
        TARGET,
        folder=tmp_path,
        target=tmp_path / "short.mp4",
        progress=lambda fraction, message: said.append(fraction),
        cancelled=lambda: False,
    )
    assert said == sorted(said)
    assert said[-1] == 1
    assert len(said) > 10


@pytest.mark.parametrize("asked", [0, 40, 150])
def test_cancelling_leaves_nothing_for_the_way_behind(asked: int, tmp_path: Path) -> None:
    media = whole(tmp_path, drums(3))
    left = asked

    def cancelled() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    with pytest.raises(Cancelled):
        write_sound(
            pieces_of([(media, 0, 3)]),
            Fraction(3),
            tmp_path / "sound.m4a",
            TARGET,
            folder=tmp_path,
            target=tmp_path / "short.mp4",
            progress=lambda fraction, message: None,
            cancelled=cancelled,
        )
    assert {path.name for path in tmp_path.iterdir()} <= {"a.mov", "sound.m4a"}


def test_measuring_a_file_without_sound_says_so(tmp_path: Path) -> None:
    path = tmp_path / "still.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 32), np.uint8), "yuv420p")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(MediaError, match="no sound"):
        measure_loudness(path)
