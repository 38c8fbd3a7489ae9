"""Titles: seen in their time, gone after it, and never a reason to fail."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Cancelled
from core.export.render import export_short
from core.export.titles import drawable, fit, render_title
from core.media.probe import probe
from core.time import Span
from tests.export.clips import clips_of, settings_of
from tests.synthetic import make_video, read_frame_numbers, read_pictures

LONG = "아주 긴 제목이 " * 12 + "Donaudampfschifffahrtsgesellschaftskapitän" * 3


def test_the_title_is_seen_in_its_time_and_gone_after_it(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=4, size=(320, 180)))
    cuts = [Span(Fraction(n), Fraction(n) + Fraction(4, 5)) for n in (3, 0, 2, 1)]
    plain = export_short(clips_of(media, cuts), tmp_path / "plain.mp4")
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


@pytest.mark.parametrize("size", [(1080, 1920), (1280, 720), (320, 180), (64, 64)])
@pytest.mark.parametrize("text", [LONG, "짧다", "A B", "%{x}:'\\,;[]\" \u202e"])
def test_titles_fit_into_the_picture(text: str, size: tuple[int, int], tmp_path: Path) -> None:
    layer = render_title(
        text, tmp_path / "t.mov", size=size, frames=3, frame_rate=Fraction(30_000, 1001)
    )
    assert layer is not None
    pictures = [picture for _, picture in read_pictures(layer.path)]
    assert len(pictures) == 3
    height, width, _ = pictures[0].shape
    assert layer.x >= 0
    assert layer.x + width <= size[0]
    assert layer.y + height <= size[1]


def test_emoji_are_left_out_and_the_rest_stays() -> None:
    assert drawable("  골 🎉 Goal!\n👨‍👩‍👧 50 % ") == "골 Goal! 50 %"


def test_decomposed_hangul_is_composed() -> None:
    assert drawable("한글") == "한글"


@given(st.text(max_size=120))
@settings(max_examples=60, deadline=None)
def test_any_text_is_wrapped_into_three_lines_at_most(text: str) -> None:
    lines, font_size = fit(drawable(text) or "x", (360, 640))
    assert 1 <= len(lines) <= 3
    assert font_size >= 8


def test_moviepy_is_silent(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    render_title("Quiet", tmp_path / "t.mov", size=(320, 180), frames=10, frame_rate=Fraction(25))
    assert capfd.readouterr() == ("", "")


def test_drawing_can_be_cancelled(tmp_path: Path) -> None:
    answers = iter([False] * 5 + [True] * 5)
    with pytest.raises(Cancelled):
        render_title(
            "Stop",
            tmp_path / "t.mov",
            size=(320, 180),
            frames=1000,
            frame_rate=Fraction(25),
            cancelled=lambda: next(answers),
        )
