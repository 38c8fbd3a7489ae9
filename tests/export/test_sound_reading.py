"""Sound is read to the sample from whatever file it is in."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import Cancelled, MediaError
from core.export.sound.reading import SoundFiles, SoundSource, source_of
from core.media.probe import probe
from tests.export.sounds import RATE, make_sounding, noise, tone
from tests.synthetic import make_video


def read(source: SoundSource | None, begin: Fraction | float, samples: int) -> NDArray[np.float32]:
    assert source is not None
    with SoundFiles() as files:
        return np.concatenate(list(files.read(source, Fraction(begin), samples)), axis=1)


def sweep(rate: int, seconds: float = 6) -> NDArray[np.float64]:
    """A tone that is another at every moment, so that a shift of it shows."""
    clock = np.arange(round(seconds * rate)) / rate
    return 0.4 * np.sin(2 * np.pi * (300 * clock + 60 * clock**2))


def shift(heard: NDArray[np.floating], truth: NDArray[np.floating]) -> int:
    """Samples by which a sound comes late."""
    size = 2 * len(truth)
    both = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(truth, size)))
    place = int(np.argmax(both))
    return place - size if place > len(truth) else place


@pytest.mark.parametrize("begin", [Fraction(0), Fraction(13, 1000), Fraction(1), Fraction(27, 7)])
@pytest.mark.parametrize(
    ("name", "options", "late"),
    [
        ("a.mov", {}, 0),
        ("a.mp4", {"codec": "aac"}, 0),
        ("a.mp4", {"codec": "aac", "rate": 44_100}, 0),
        ("a.mov", {"codec": "pcm_s16le", "rate": 96_000}, 0),
        # Matroska knows whole milliseconds only.
        ("a.mkv", {"codec": "flac", "rate": 44_100}, 30),
        ("a.mkv", {"codec": "libopus"}, 30),
        ("a.mkv", {"codec": "libmp3lame", "rate": 32_000}, 30),
        ("a.ts", {"codec": "aac"}, 0),
        ("a.avi", {"codec": "pcm_s16le", "rate": 22_050}, 0),
        ("a.mkv", {"codec": "pcm_u8", "rate": 8000}, 0),
        # So does an edit list as it is mostly written.
        ("a.mp4", {"codec": "aac", "start": Fraction(1, 2)}, 48),
    ],
)
def test_every_sample_is_in_its_place(
    name: str, options: dict[str, Any], late: int, begin: Fraction, tmp_path: Path
) -> None:
    rate = options.get("rate", RATE)
    path = tmp_path / name
    media = probe(make_sounding(path, sweep(rate), **options))
    heard = read(source_of(media), media.video.start + begin, RATE)[0]
    truth = np.zeros(RATE)
    clock = float(begin) - float(options.get("start", 0)) + np.arange(RATE) / RATE
    there = clock >= 0
    truth[there] = 0.4 * np.sin(2 * np.pi * (300 * clock[there] + 60 * clock[there] ** 2))
    assert abs(shift(heard, truth)) <= late
    if not late:
        assert np.abs(heard - truth)[200:].max() < 0.06


def test_uncompressed_sound_is_not_changed_at_all(tmp_path: Path) -> None:
    sound = noise(2, 0.1)
    media = probe(make_sounding(tmp_path / "a.mov", sound))
    heard = read(source_of(media), Fraction(1001, 1000), 20_000)
    assert np.array_equal(heard, sound.astype(np.float32)[:, 48_048:68_048])


def test_before_and_after_the_sound_there_is_silence(tmp_path: Path) -> None:
    media = probe(make_sounding(tmp_path / "a.mov", tone(1), seconds=Fraction(3)))
    heard = read(source_of(media), Fraction(-1, 2), 3 * RATE)
    assert not heard[:, : RATE // 2].any()
    assert np.abs(heard[:, RATE // 2 : RATE * 3 // 2]).max() > 0.49
    assert not heard[:, RATE * 3 // 2 :].any()


def test_a_gap_in_the_stream_is_silence_and_shifts_nothing(tmp_path: Path) -> None:
    sound = sweep(RATE)
    gap = (98_304, 147_456)
    media = probe(make_sounding(tmp_path / "a.mkv", sound, codec="pcm_s16le", gap=gap))
    for begin in (0, 1, 2.5, 3.2):
        heard = read(source_of(media), begin, 2 * RATE)[0]
        places = np.arange(2 * RATE) + round(begin * RATE)
        missing = (places >= gap[0] + 48) & (places < gap[1] - 48)
        assert not heard[missing].any()
        sure = (places < gap[0] - 48) | (places >= gap[1] + 48)
        assert np.abs(heard - sound[places])[sure].max() < 0.05


def test_one_channel_goes_to_both_sides_as_loud_as_it_is(tmp_path: Path) -> None:
    media = probe(make_sounding(tmp_path / "a.mov", tone(1)[np.newaxis]))
    heard = read(source_of(media), 0, RATE)
    assert np.array_equal(heard[0], heard[1])
    assert np.abs(heard).max() == pytest.approx(0.5, abs=0.001)


def test_surround_keeps_its_sides_and_leaves_out_the_lfe(tmp_path: Path) -> None:
    def heard_from(channel: int) -> tuple[float, float]:
        sound = np.zeros((6, RATE))
        sound[channel] = tone(1)
        media = probe(make_sounding(tmp_path / f"{channel}.mov", sound, layout="5.1"))
        left, right = np.abs(read(source_of(media), 0, RATE)).max(axis=1)
        return float(left), float(right)

    left, right, centre, low, back_left, _ = (heard_from(channel) for channel in range(6))
    assert left[1] == right[0] == 0
    assert left[0] == right[1] > centre[0] == centre[1] > 0.1
    assert low == (0, 0)
    assert back_left[0] > 0.1
    assert back_left[1] == 0


def test_surround_at_full_level_does_not_clip(tmp_path: Path) -> None:
    sound = np.repeat(tone(1, level=0.99)[np.newaxis], 6, axis=0)
    media = probe(make_sounding(tmp_path / "a.mov", sound, layout="5.1"))
    assert 0.9 < np.abs(read(source_of(media), 0, RATE)).max() < 1


def test_hundreds_of_stretches_of_many_files_keep_few_open(tmp_path: Path) -> None:
    sources = []
    for number in range(8):
        path = make_sounding(tmp_path / f"{number}.mov", tone(1, level=0.1 * (number + 1)))
        sources.append(source_of(probe(path)))
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("this system does not list open files")
    before = len(list(descriptors.iterdir()))
    with SoundFiles() as files:
        for number in range(300):
            source = sources[number * 5 % 8]
            assert source is not None
            block = next(files.read(source, Fraction(number % 7, 10), 480))
            assert np.abs(block).max() == pytest.approx(0.1 * (number * 5 % 8 + 1), rel=0.05)
            assert len(list(descriptors.iterdir())) <= before + 5
    assert len(list(descriptors.iterdir())) == before


def test_the_same_file_is_read_in_two_places_at_once(tmp_path: Path) -> None:
    sound = sweep(RATE)
    source = source_of(probe(make_sounding(tmp_path / "a.mov", sound)))
    assert source is not None
    with SoundFiles() as files:
        one, two = files.read(source, Fraction(1), RATE), files.read(source, Fraction(3), RATE)
        first, second = [], []
        for left, right in zip(one, two, strict=True):
            first.append(left)
            second.append(right)
    assert np.abs(np.hstack(first)[0] - sound[RATE : 2 * RATE]).max() < 1e-6
    assert np.abs(np.hstack(second)[0] - sound[3 * RATE : 4 * RATE]).max() < 1e-6


def test_a_damaged_file_keeps_its_place(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.ts", seconds=6, beeps=[1, 5])
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + len(data) // 20] = bytes(len(data) // 20)
    path.write_bytes(bytes(data))
    media = probe(path)
    heard = np.abs(read(source_of(media), media.origin, 6 * RATE)[0]) > 0.2
    loud = np.flatnonzero(heard)
    shown = media.video.start - media.origin
    assert abs(loud[0] / RATE - float(1 + shown)) < 0.03
    assert abs(loud[loud > 4 * RATE][0] / RATE - float(5 + shown)) < 0.03


def test_a_file_that_went_away_is_named(tmp_path: Path) -> None:
    path = make_sounding(tmp_path / "a.mov", tone(1))
    source = source_of(probe(path))
    path.unlink()
    with pytest.raises(MediaError, match=r"no such file.*a\.mov"):
        read(source, 0, RATE)


def test_another_file_in_its_place_is_refused(tmp_path: Path) -> None:
    source = source_of(probe(make_sounding(tmp_path / "a.mov", tone(1))))
    assert source is not None
    with pytest.raises(MediaError, match="another file"):
        read(replace(source, index=7), 0, RATE)


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    source = source_of(probe(make_sounding(tmp_path / "a.mov", tone(1))))
    assert source is not None
    with SoundFiles(lambda: True) as files, pytest.raises(Cancelled):
        next(files.read(source, Fraction(0), RATE))
