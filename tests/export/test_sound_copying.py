"""Sound that is copied begins and ends at the sample at which that of its video is heard."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import Cancelled
from core.export.render import export_short
from core.export.sound.copying import copy_sound
from core.media.probe import MediaInfo, probe
from core.time import Span
from tests.export.clips import clips_of, settings_of
from tests.export.sounds import RATE, heard_in, make_sounding, pieces_of
from tests.synthetic import make_video


def copied(media: MediaInfo, begin: Fraction, length: Fraction, folder: Path, **more: Any) -> Path:
    output = folder / "sound.m4a"
    [piece] = pieces_of([(media, begin, length)])
    assert copy_sound(piece, length, output, target=folder / "short.mp4", **more)
    return output


def sweep(seconds: float, rate: int = RATE) -> NDArray[np.float64]:
    """A tone that rises, unlike itself at any other time; of noise, each decoder makes its own."""
    time = np.arange(round(seconds * rate)) / rate
    return 0.4 * np.sin(2 * np.pi * (200 + 200 * time) * time)


def part_of(media: MediaInfo, begin: Fraction, length: Fraction, rate: int) -> NDArray[np.float64]:
    first = round(begin * rate)
    return heard_in(media.path)[:, first : first + round(length * rate)]


@pytest.mark.parametrize("rate", [48_000, 44_100])
@pytest.mark.parametrize("begin", [Fraction(0), Fraction(1, 100), Fraction(1), Fraction(1001, 480)])
def test_every_sample_is_that_of_the_video(rate: int, begin: Fraction, tmp_path: Path) -> None:
    media = probe(make_sounding(tmp_path / "a.mp4", sweep(4, rate), rate=rate, codec="aac"))
    length = Fraction(37, 30)
    heard = heard_in(copied(media, begin, length, tmp_path))
    expected = part_of(media, begin, length, rate)
    assert heard.shape == expected.shape
    assert np.abs(heard - expected).max() < 0.01


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("a.mkv", {"codec": "aac"}),
        ("a.mov", {"codec": "pcm_s16le"}),
        ("a.mp4", {"codec": "aac", "gap": (48 * 1024, 60 * 1024)}),
        ("a.mp4", {"codec": "aac", "start": Fraction(3, 2)}),
        ("a.mp4", {"codec": "aac", "seconds": Fraction(9)}),
    ],
    ids=["rounded times", "no AAC", "a gap", "it begins late", "it ends early"],
)
def test_what_cannot_be_exact_is_left_to_the_encoder(
    name: str, made: dict[str, Any], tmp_path: Path
) -> None:
    media = probe(make_sounding(tmp_path / name, sweep(4), **made))
    begin, length = (Fraction(1), Fraction(2)) if "seconds" not in made else (Fraction(3), 2)
    [piece] = pieces_of([(media, begin, length)])
    output = tmp_path / "sound.m4a"
    assert not copy_sound(piece, Fraction(length), output, target=tmp_path / "short.mp4")
    assert not output.exists()


def test_surround_is_left_to_the_encoder(tmp_path: Path) -> None:
    media = probe(make_sounding(tmp_path / "a.mp4", np.zeros((6, 96_000)), codec="aac"))
    [piece] = pieces_of([(media, 0, 1)])
    target = tmp_path / "short.mp4"
    assert not copy_sound(piece, Fraction(1), tmp_path / "sound.m4a", target=target)


def test_cancelling_leaves_no_file(tmp_path: Path) -> None:
    media = probe(make_sounding(tmp_path / "a.mp4", sweep(4), codec="aac"))
    with pytest.raises(Cancelled):
        copied(media, Fraction(1), Fraction(2), tmp_path, cancelled=lambda: True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize(
    ("settings", "is_copy"), [({}, True), ({"loudness": -14.0}, False), ({"gate": True}, False)]
)
def test_a_copied_short_has_the_sound_of_its_cut(
    settings: dict[str, Any], is_copy: bool, tmp_path: Path
) -> None:
    beeps = [1.2, 1.9, 2.6]
    media = probe(make_video(tmp_path / "a.mp4", seconds=4, beeps=beeps, sample_rate=44_100))
    begin, length = Fraction(23, 25), Fraction(51, 25)
    clips = clips_of(media, [Span(begin, begin + length)])
    short = export_short(clips, tmp_path / "short.mp4", settings_of(way="lossless", **settings))
    heard = heard_in(short.path)
    rate = 44_100 if is_copy else RATE
    assert heard.shape[1] == round(short.duration * rate)
    loud = np.abs(heard[0]) > 0.1
    for beep in beeps:
        first = round((Fraction(str(beep)) - begin) * rate)
        assert np.argmax(loud[first:]) < rate // 500
        assert not loud[first - rate // 10 : first - rate // 500].any()
