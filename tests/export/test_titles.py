"""Titles: seen in their time, gone after it, and never a reason to fail."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.export.render import export_short
from core.media.probe import probe
from core.time import Span
from tests.export.clips import clips_of, settings_of
from tests.synthetic import make_video, read_frame_numbers, read_pictures


def test_the_title_is_seen_in_its_time_and_gone_after_it(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=4, size=(320, 180)))
    cuts = [Span(Fraction(n), Fraction(n) + Fraction(4, 5)) for n in (3, 0, 2, 1)]
    plain = export_short(clips_of(media, cuts), tmp_path / "plain.mp4", settings_of(way="composed"))
    titled = export_short(
        clips_of(media, cuts),
        tmp_path / "titled.mp4",
        settings_of(title="첫 골! Goal", title_seconds=1),
    )
    changed = []
    for (_, was), (_, now) in zip(
        read_pictures(plain.path), read_pictures(titled.path), strict=True
    ):
        changed.append(float(np.abs(was[:45].astype(int) - now[:45].astype(int)).mean()))
    assert min(changed[8:17]) > 8
    assert max(changed[26:]) < 1
    assert changed[0] < changed[4] < changed[8]
    assert changed[24] < changed[21] < changed[17]
    assert read_frame_numbers(titled.path) == read_frame_numbers(plain.path)


def test_the_title_is_white_on_dark_in_both_scripts(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=1, size=(640, 360), audio=None))
    for text in ("감동의 순간", "The moment"):
        short = export_short(
            clips_of(media, [Span(Fraction(0), Fraction(1))]),
            tmp_path / "short.mp4",
            settings_of(title=text, title_seconds=1, overwrite=True, aspect="9:16", height=640),
        )
        drawn = [picture for _, picture in read_pictures(short.path)][12]
        band = drawn[57:110].min(axis=2)
        assert (band > 225).mean() > 0.02
        assert (band[:, 60:300] < 90).mean() > 0.2


@pytest.mark.parametrize("title", ["🎉🔥", "\u200b\n\t", "", "\u0000"])
def test_a_title_of_nothing_that_can_be_drawn_is_left_out(title: str, tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=0.4, audio=None))
    settings = settings_of(title=title)
    short = export_short(
        clips_of(media, [Span(Fraction(0), Fraction(1))]), tmp_path / "s.mp4", settings
    )
    assert read_frame_numbers(short.path) == list(range(10))
