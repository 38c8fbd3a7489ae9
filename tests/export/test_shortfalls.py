"""What a short could not have is said with its true reason."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from core.export.encoding import Encoding
from core.export.layers.lettering import drawable, undrawable
from core.export.render import export_short
from core.media.probe import probe
from core.time import Span
from tests.export.clips import clips_of, settings_of
from tests.synthetic import make_video


def notices_of(folder: Path, **options: object) -> tuple[str, ...]:
    """Exports a second of a quiet tone and gives what was said of it."""
    media = probe(make_video(folder / "a.mp4", seconds=2, tone=0.02))
    encoding = Encoding(**options)  # type: ignore[arg-type]
    settings = settings_of(loudness=encoding.loudness, peak=encoding.peak, height=90)
    return export_short(
        clips_of(media, [Span(Fraction(0), Fraction(1))]), folder / "b.mp4", settings
    ).notices


def test_peaks_that_keep_a_sound_from_being_loud_are_not_called_quietness(tmp_path: Path) -> None:
    [notice] = notices_of(tmp_path, loudness=-14.0, peak=-20.0)
    assert "no peak above -20 dBTP" in notice


def test_a_quiet_sound_is_called_quiet(tmp_path: Path) -> None:
    [notice] = notices_of(tmp_path, loudness=-5.0, peak=0.0)
    assert "so quiet that it was raised by 24 dB only" in notice


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("한국어 Ü é e\u0301 \n\t\u200b", ""),
        ("a👍🏽b👍👨\u200d👩", "👍👨👩"),
        ("שלום שלום", "שלום"),
        ("❤\ufe0f", "" if drawable("❤") else "❤"),
    ],
)
def test_only_signs_that_people_would_miss_are_named(text: str, missing: str) -> None:
    assert undrawable(text) == missing
