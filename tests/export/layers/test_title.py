"""Titles and cards: they fit, they are readable, and no text makes them fail."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import Cancelled, ExportError
from core.export.layers.card import draw_card
from core.export.layers.lettering import drawable
from core.export.layers.title import fit_title, render_title

LONG = "아주 긴 제목이 " * 12 + "Donaudampfschifffahrtsgesellschaftskapitän" * 3
TEXTS = [LONG, "짧다", "A B", "%{x}:'\\,;[]\" \u202e"]


@pytest.mark.parametrize("size", [(1080, 1920), (1280, 720), (320, 180), (64, 64)])
@pytest.mark.parametrize("text", TEXTS)
def test_titles_fit_into_the_picture(text: str, size: tuple[int, int], tmp_path: Path) -> None:
    rate = Fraction(30_000, 1001)
    layer = render_title(text, tmp_path, size=size, frames=3, frame_rate=rate)
    assert layer is not None
    assert sum(picture.frames for picture in layer.pictures) == 3
    for picture in layer.pictures:
        with Image.open(picture.path) as drawn:
            assert drawn.size == (layer.width, layer.height)
            assert drawn.mode == "RGBA"
    assert min(layer.x, layer.y) >= 0
    assert layer.x + layer.width <= size[0]
    assert layer.y + layer.height <= size[1]
    assert not any(length % 2 for length in (layer.x, layer.y, layer.width, layer.height))


def test_only_the_fading_frames_of_a_title_are_pictures_of_their_own(tmp_path: Path) -> None:
    rate = Fraction(25)
    layer = render_title("Title", tmp_path, size=(320, 180), frames=1500, frame_rate=rate)
    assert layer is not None
    assert len(layer.pictures) < 20
    reached = 0
    strengths = []
    for picture in layer.pictures:
        assert picture.first_frame == reached
        reached = picture.last_frame
        with Image.open(picture.path) as drawn:
            strengths.append(float(np.asarray(drawn)[..., 3].mean()))
    assert reached == 1500
    top = strengths.index(max(strengths))
    assert strengths[: top + 1] == sorted(strengths[: top + 1])
    assert strengths[top:] == sorted(strengths[top:], reverse=True)
    assert max(picture.frames for picture in layer.pictures) > 1400


def test_no_letter_is_cut_off(tmp_path: Path) -> None:
    layer = render_title(
        "gjpqy 순간", tmp_path, size=(640, 360), frames=40, frame_rate=Fraction(25)
    )
    assert layer is not None
    with Image.open(layer.pictures[len(layer.pictures) // 2].path) as drawn:
        white = np.asarray(drawn)[..., :3].min(axis=2) > 128
    rows = np.flatnonzero(white.any(axis=1))
    assert rows[0] > 2
    assert rows[-1] < layer.height - 3


def test_emoji_are_left_out_and_the_rest_stays() -> None:
    assert drawable("  골 🎉 Goal!\n👨‍👩‍👧 50 % ") == "골 Goal! 50 %"


def test_decomposed_hangul_is_composed() -> None:
    assert drawable("한글") == "한글"


@given(st.text(max_size=120))
@settings(max_examples=60, deadline=None)
def test_any_text_is_wrapped_into_three_lines_at_most(text: str) -> None:
    lines, font_size = fit_title(drawable(text) or "x", (360, 640))
    assert 1 <= len(lines) <= 3
    assert font_size >= 8


def test_moviepy_is_silent(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    render_title("Quiet", tmp_path, size=(320, 180), frames=10, frame_rate=Fraction(25))
    assert capfd.readouterr() == ("", "")


def test_drawing_can_be_cancelled(tmp_path: Path) -> None:
    answers = iter([False] * 5 + [True] * 5)
    with pytest.raises(Cancelled):
        render_title(
            "Stop",
            tmp_path,
            size=(320, 180),
            frames=1000,
            frame_rate=Fraction(25),
            cancelled=lambda: next(answers),
        )
    assert len(list(tmp_path.iterdir())) == 5


@pytest.mark.parametrize("size", [(360, 640), (640, 360), (360, 360)])
@pytest.mark.parametrize("text", ["끝까지 봐 주셔서 감사합니다!", "Thank you for watching", LONG])
def test_a_card_has_large_white_text_in_the_middle(
    text: str, size: tuple[int, int], tmp_path: Path
) -> None:
    path = draw_card(text, tmp_path / "card.png", size=size)
    with Image.open(path) as card:
        assert card.size == size
        drawn = np.asarray(card)
    white = drawn.min(axis=2) > 200
    rows, columns = np.nonzero(white)
    assert white.mean() > 0.01
    assert abs((columns.min() + columns.max()) / 2 - size[0] / 2) < 0.04 * size[0]
    assert abs((rows.min() + rows.max()) / 2 - size[1] / 2) < 0.05 * size[1]
    assert columns.min() > 0.05 * size[0]
    assert rows.min() > 0.02 * size[1]
    assert np.median(drawn) < 70


def test_a_card_is_lighter_at_the_top_and_smooth(tmp_path: Path) -> None:
    with Image.open(draw_card("🎉", tmp_path / "card.png", size=(180, 320))) as card:
        rows = np.asarray(card, float).mean(axis=(1, 2))
    assert rows[0] > rows[-1] + 15
    assert np.abs(np.diff(rows)).max() < 1.5


def test_a_card_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"nowhere"):
        draw_card("x", tmp_path / "nowhere" / "card.png", size=(64, 64))
