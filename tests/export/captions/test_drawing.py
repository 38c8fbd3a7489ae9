"""Captions in the picture: in their frames, in their place, readable, the spoken word in colour."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.errors import Cancelled
from core.export.captions.caption import Caption, Captions, Word
from core.export.captions.drawing import render_captions
from core.export.captions.styles import LETTERINGS
from core.export.ffmpeg import Command, run_ffmpeg
from core.export.layers.layer import Layer, layer_input
from core.export.look import CAPTION_STYLES, CaptionStyle
from core.time import Span

SIZES = [(360, 640), (640, 360), (360, 360), (360, 450)]
RATE = Fraction(25)


def caption(first: int, last: int, text: str, *words: tuple[int, int, str]) -> Caption:
    """Times in frames."""
    return Caption(
        Span(first / RATE, last / RATE),
        text,
        tuple(Word(Span(begin / RATE, end / RATE), word) for begin, end, word in words),
    )


def drawn(
    captions: Captions, style: CaptionStyle, folder: Path, size: tuple[int, int], frames: int = 50
) -> Layer:
    layer = render_captions(captions, style, folder, size=size, frames=frames, frame_rate=RATE)
    assert layer is not None
    return layer


def over_grey(layer: Layer, frame: int, size: tuple[int, int]) -> NDArray[np.int_]:
    picture = Image.new("RGB", size, (128, 128, 128))
    for state in layer.pictures:
        if state.first_frame <= frame < state.last_frame:
            with Image.open(state.path) as over:
                picture.paste(over, (layer.x, layer.y), over)
    return np.asarray(picture).astype(int)


def test_every_style_of_the_look_is_there() -> None:
    assert set(LETTERINGS) == set(CAPTION_STYLES)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("style", CAPTION_STYLES)
@pytest.mark.parametrize(
    "text", ["Nobody saw this coming, not even me", "누구도 예상하지 못한 바로 그 순간"]
)
def test_captions_are_white_and_keep_clear_of_the_buttons(
    text: str, style: CaptionStyle, size: tuple[int, int], tmp_path: Path
) -> None:
    picture = over_grey(drawn((caption(0, 50, text),), style, tmp_path, size), 10, size)
    changed = np.abs(picture - 128).max(axis=2) > 8
    rows, columns = np.nonzero(changed)
    width, height = size
    assert (picture.min(axis=2) > 240).sum() > 0.002 * width * height
    assert (picture.max(axis=2) < 70).sum() > 0.002 * width * height
    assert rows.min() > 0.55 * height
    if height > 1.5 * width:
        assert rows.max() < 0.8 * height
        assert columns.max() < 0.88 * width
    assert abs((columns.min() + columns.max()) / 2 - width / 2) < 4


def test_states_are_seen_in_exactly_their_frames_through_ffmpeg(tmp_path: Path) -> None:
    captions = (
        caption(3, 20, "one two", (5, 9, "one"), (9, 14, "two")),
        caption(20, 30, "three", (22, 23, "three")),
        caption(41, 70, "four"),
    )
    layer = drawn(captions, "word", tmp_path, (160, 90))
    words = layer_input(layer, 0, 50, RATE, tmp_path / "layer.txt")
    graph = f"[0:v][1:v]overlay={layer.x}:{layer.y}:format=rgb,format=rgb24[v]"
    run_ffmpeg(
        [
            Command(
                arguments=[
                    *("-f", "lavfi", "-i", "color=black:size=160x90:rate=25,format=rgb24", *words),
                    *("-filter_complex", graph, "-map", "[v]", "-frames:v", "50"),
                    *("-f", "rawvideo", "seen.raw"),
                ],
                folder=tmp_path,
                frames=50,
                target=tmp_path / "seen.raw",
            )
        ],
        progress=lambda fraction, message: None,
        cancelled=lambda: False,
    )
    seen = np.frombuffer((tmp_path / "seen.raw").read_bytes(), np.uint8).reshape(50, 90, 160, 3)
    yellow = (seen[..., 0] > 200) & (seen[..., 1] > 150) & (seen[..., 2] < 90)
    white = seen.min(axis=3) > 200
    left, right = yellow[:, :, :80].any(axis=(1, 2)), yellow[:, :, 80:].any(axis=(1, 2))
    shown = white.any(axis=(1, 2)) | left | right
    assert shown.nonzero()[0].tolist() == [*range(3, 30), *range(41, 50)]
    # The last word keeps its colour through a short silence up to the end of its caption.
    assert left.nonzero()[0].tolist() == [*range(5, 9), *range(22, 30)]
    assert right.nonzero()[0].tolist() == [*range(9, 20), *range(22, 30)]


def test_the_word_that_is_said_has_its_colour_and_no_other(tmp_path: Path) -> None:
    said = caption(0, 50, "하나 둘 셋", (0, 10, "하나"), (10, 20, "둘"), (35, 45, "셋"))
    layer = drawn((said,), "word", tmp_path, (360, 640))
    places = []
    for frame in (5, 15, 40):
        picture = over_grey(layer, frame, (360, 640))
        coloured = (picture[..., 0] > 200) & (picture[..., 2] < 90)
        white = np.nonzero(picture.min(axis=2) > 240)[1]
        columns = np.nonzero(coloured)[1]
        assert not ((white >= columns.min()) & (white <= columns.max())).any()
        places.append((columns.min(), columns.max()))
    assert places[0][1] < places[1][0] <= places[1][1] < places[2][0]
    silent = over_grey(layer, 30, (360, 640))
    assert not ((silent[..., 0] > 200) & (silent[..., 2] < 90)).any()


def test_the_same_text_is_drawn_once(tmp_path: Path) -> None:
    captions = tuple(caption(n, n + 1, f"text {n % 3}") for n in range(0, 2000, 2))
    layer = drawn(captions, "bold", tmp_path, (320, 180), 2000)
    assert len(layer.pictures) == 1000
    assert len(list(tmp_path.iterdir())) == 3


def test_captions_at_once_and_beyond_the_end_are_put_in_order(tmp_path: Path) -> None:
    captions = (caption(0, 30, "a"), caption(20, 90, "b"), caption(90, 95, "c"))
    layer = drawn(captions, "clean", tmp_path, (320, 180))
    assert [(p.first_frame, p.frames) for p in layer.pictures] == [(0, 20), (20, 30)]


def test_nothing_that_can_be_drawn_is_no_layer(tmp_path: Path) -> None:
    for captions in ((), (caption(0, 20, "🎉"),), (caption(90, 95, "late"),)):
        assert (
            render_captions(
                captions, "boxed", tmp_path, size=(320, 180), frames=50, frame_rate=RATE
            )
            is None
        )


@pytest.mark.parametrize("style", CAPTION_STYLES)
@pytest.mark.parametrize("size", [(2, 2), (16, 16), (64, 36)], ids=str)
def test_a_tiny_picture_is_no_reason_to_fail(
    style: CaptionStyle, size: tuple[int, int], tmp_path: Path
) -> None:
    layer = drawn((caption(0, 20, "Wonderful 아름다운"),), style, tmp_path, size)
    assert layer.x >= 0
    assert layer.y >= 0
    assert layer.x + layer.width <= size[0]
    assert layer.y + layer.height <= size[1]


def test_drawing_captions_can_be_cancelled(tmp_path: Path) -> None:
    captions = tuple(caption(n, n + 1, f"text {n}") for n in range(40))
    answers = iter([False] * 45 + [True])
    with pytest.raises(Cancelled):
        render_captions(
            captions,
            "clean",
            tmp_path,
            size=(320, 180),
            frames=50,
            frame_rate=RATE,
            cancelled=lambda: next(answers),
        )
    assert len(list(tmp_path.iterdir())) == 5
