"""The sound of a short: in step with the pictures, without clicks, as loud as it was."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.export.render import export_short
from core.media.probe import probe
from core.time import Span
from tests.export.clips import clips_of, settings_of
from tests.synthetic import make_video, read_beeps_and_flashes, read_frames, read_sound


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", {"fps": Fraction(30_000, 1001), "b_frames": 2, "sample_rate": 44_100}),
        ("a.mp4", {"start": Fraction(17, 20), "audio": "mono", "sample_rate": 8000}),
        ("a.mkv", {"fps": Fraction(24_000, 1001), "audio": "5.1"}),
        ("a.webm", {"fps": 30, "audio": "mono"}),
        ("a.ts", {"b_frames": 2, "start": 2, "audio_start": 1.6}),
    ],
)
def test_beeps_stay_on_their_flashes_through_30_cuts(
    name: str, options: dict[str, Any], tmp_path: Path
) -> None:
    rate = Fraction(options.get("fps", 25))
    beeps = [number / rate for number in (12, 37, 61, 85)]
    media = probe(make_video(tmp_path / name, seconds=4.5, size=(160, 90), beeps=beeps, **options))
    times = [frame.time - media.origin for frame in read_frames(media.path)]
    flashes = [n for n in range(len(times)) if n in (12, 37, 61, 85)]
    # Each cut is a different length, so that an error per cut would add up.
    cuts = []
    for number in range(30):
        flash = flashes[number * 3 % 4]
        cuts.append(Span(times[flash - 3 - number % 7], times[flash + 4 + number % 5]))
    settings = settings_of(speed="ultrafast")
    short = export_short(clips_of(media, cuts), tmp_path / "short.mp4", settings)
    heard, seen = read_beeps_and_flashes(short.path)
    assert len(heard) == len(seen) == 30
    offsets = [abs(beep - flash) for beep, flash in zip(heard, seen, strict=True)]
    assert max(offsets) <= 1 / rate
    assert max(offsets[-5:]) <= Fraction(1, 100)


def test_sound_is_as_long_as_the_pictures(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=2, fps=Fraction(30_000, 1001)))
    cuts = [Span(n / media.video.frame_rate, (n + 7) / media.video.frame_rate) for n in (3, 20, 40)]
    short = export_short(clips_of(media, cuts), tmp_path / "short.mp4")
    rate, _, sound = read_sound(short.path)
    # The last AAC packet is padded to 1024 samples.
    assert 0 <= len(sound) - short.duration * rate <= 1024


def test_a_source_without_sound_gives_silence(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=1, audio=None))
    short = export_short(clips_of(media, [Span(Fraction(0), Fraction(1))]), tmp_path / "short.mp4")
    rate, _, sound = read_sound(short.path)
    assert len(sound) >= rate
    assert np.abs(sound).max() < 1e-4


def test_where_the_sound_has_ended_there_is_silence(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=3, tone=0.5, audio_seconds=1.5))
    short = export_short(clips_of(media, [Span(Fraction(1), Fraction(2))]), tmp_path / "short.mp4")
    rate, _, sound = read_sound(short.path)
    assert np.abs(sound[rate // 10 : rate * 4 // 10]).max() > 0.4
    assert np.abs(sound[rate * 6 // 10 :]).max() < 0.01
    assert len(sound) >= rate


@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_loudness_is_kept(layout: str, tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=1, tone=0.5, audio=layout))
    short = export_short(clips_of(media, [Span(Fraction(0), Fraction(1))]), tmp_path / "short.mp4")
    rate, _, sound = read_sound(short.path)
    power = np.mean(np.square(sound[rate // 4 : rate // 2]))
    assert np.sqrt(2 * power) == pytest.approx(0.5, rel=0.06)


def test_surround_is_mixed_down_without_clipping(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=1, tone=0.9, audio="5.1"))
    short = export_short(clips_of(media, [Span(Fraction(0), Fraction(1))]), tmp_path / "short.mp4")
    rate, _, sound = read_sound(short.path)
    assert 0.5 < np.abs(sound[rate // 4 : rate // 2]).max() < 0.98


def test_joins_do_not_click(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=2, tone=0.5))
    cuts = [Span(Fraction(n, 25), Fraction(n + 10, 25)) for n in (3, 30)]
    short = export_short(clips_of(media, cuts), tmp_path / "short.mp4")
    rate, _, sound = read_sound(short.path)
    join = round(Fraction(10, 25) * rate)
    assert np.abs(sound[join - 48 : join + 48]).max() < 0.1
    assert np.abs(sound[join + 600 : join + 1200]).max() > 0.45
    step = 0.5 * 2 * np.pi * 220 / rate
    assert np.abs(np.diff(sound[join - 2000 : join + 2000])).max() < 2 * step
