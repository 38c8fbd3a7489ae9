"""The shape of the picture: upright, of the right size, never distorted."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from core.export.framing import ASPECT_RATIOS, Aspect, frame_pictures
from core.export.render import export_short
from core.media.probe import VideoStream, probe
from core.time import Span
from tests.export.clips import clips_of, settings_of
from tests.synthetic import make_video, measure_disc, read_frame_numbers, read_pictures


def picture(width: int, height: int, *, aspect: Fraction = Fraction(1)) -> VideoStream:
    return VideoStream(
        index=0,
        codec="h264",
        width=round(width * aspect),
        height=height,
        coded_width=width,
        coded_height=height,
        rotation=0,
        frame_rate=Fraction(25),
        time_base=Fraction(1, 25),
        start=Fraction(0),
    )


@pytest.mark.parametrize(
    ("source", "aspect", "size"),
    [
        ((1280, 720), "source", (1280, 720)),
        ((853, 481), "source", (852, 480)),
        ((1280, 720), "9:16", (1080, 1920)),
        ((1280, 720), "16:9", (1280, 720)),
        ((1440, 1080), "16:9", (1440, 810)),
        ((1080, 1920), "16:9", (1080, 608)),
        ((640, 360), "1:1", (1080, 1080)),
        ((640, 360), "4:5", (1080, 1350)),
    ],
)
def test_sizes(source: tuple[int, int], aspect: str, size: tuple[int, int]) -> None:
    [framing] = frame_pictures([picture(*source)], aspect)
    assert (framing.width, framing.height) == size


@pytest.mark.parametrize(
    ("sources", "aspect", "size"),
    [
        ([(640, 360), (1920, 1080)], "source", (1920, 1080)),
        ([(1920, 1080), (640, 360)], "source", (1920, 1080)),
        ([(1920, 1080), (1080, 1920)], "source", (1920, 1080)),
        ([(1080, 1920), (1920, 1080)], "source", (1080, 1920)),
        ([(640, 360), (1080, 1920)], "source", (1080, 608)),
        ([(640, 360), (1440, 1080)], "16:9", (1440, 810)),
        ([(640, 360), (3840, 2160)], "9:16", (1080, 1920)),
    ],
)
def test_several_sources_share_one_size_that_the_largest_fills(
    sources: list[tuple[int, int]], aspect: str, size: tuple[int, int]
) -> None:
    framings = frame_pictures([picture(*source) for source in sources], aspect)
    assert {(framing.width, framing.height) for framing in framings} == {size}


def test_another_shape_is_shown_whole_between_bars() -> None:
    wide, tall = frame_pictures([picture(1920, 1080), picture(1080, 1920)], "source")
    assert (wide.picture_width, wide.picture_height) == (1920, 1080)
    assert (tall.crop_width, tall.crop_height) == (1080, 1920)
    assert (tall.picture_width, tall.picture_height) == (608, 1080)


def test_nearly_the_same_shape_gets_no_hairline_bars() -> None:
    _, nearly = frame_pictures([picture(1920, 1080), picture(854, 480)], "source")
    assert (nearly.picture_width, nearly.picture_height) == (1920, 1080)


def test_other_shapes_are_filled_with_the_middle_of_each_source() -> None:
    for framing in frame_pictures([picture(1920, 1080), picture(1080, 1920)], "9:16"):
        assert (framing.picture_width, framing.picture_height) == (1080, 1920)


def test_height_can_be_chosen() -> None:
    [framing] = frame_pictures([picture(1920, 1080)], "9:16", 1280)
    assert (framing.width, framing.height) == (720, 1280)
    with pytest.raises(UsageError, match="height"):
        frame_pictures([picture(1920, 1080)], "9:16", 12)


def test_the_shapes_that_are_offered_are_those_that_are_known() -> None:
    assert set(ASPECT_RATIOS) == set(get_args(Aspect))
    for aspect, ratio in ASPECT_RATIOS.items():
        [framing] = frame_pictures([picture(640, 480)], aspect, 720)
        assert Fraction(framing.width, framing.height) == pytest.approx(
            float(ratio or Fraction(4, 3)), rel=0.01
        )


def test_unknown_aspect_is_refused() -> None:
    with pytest.raises(UsageError, match="aspect"):
        frame_pictures([picture(1920, 1080)], "2:7")


@pytest.mark.parametrize("layout", ["whole", "blur"])
def test_these_layouts_show_the_whole_picture_in_every_shape(layout: str) -> None:
    for aspect in ASPECT_RATIOS:
        wide, tall = frame_pictures(
            [picture(1920, 1080), picture(1080, 1920)], aspect, layout=layout
        )
        assert (wide.crop_width, wide.crop_height) == (1920, 1080)
        assert (tall.crop_width, tall.crop_height) == (1080, 1920)


def test_each_window_of_split_has_the_shape_of_half_of_the_short() -> None:
    [framing] = frame_pictures([picture(1920, 1080)], "9:16", layout="split")
    assert (framing.width, framing.height) == (1080, 1920)
    assert (framing.picture_width, framing.picture_height) == (1080, 960)
    assert Fraction(framing.crop_width, framing.crop_height) == pytest.approx(9 / 8, rel=0.01)


def test_unknown_layout_is_refused() -> None:
    with pytest.raises(UsageError, match="layout"):
        frame_pictures([picture(1920, 1080)], "9:16", layout="collage")


@given(
    st.integers(120, 4000),
    st.integers(120, 4000),
    st.sampled_from([Fraction(1), Fraction(4, 3), Fraction(8, 9)]),
    st.sampled_from(["source", "16:9", "9:16", "1:1", "4:5"]),
)
def test_the_window_lies_inside_and_keeps_proportions(
    width: int, height: int, pixel: Fraction, aspect: str
) -> None:
    source = picture(width, height, aspect=pixel)
    [framing] = frame_pictures([source], aspect)
    assert 0 <= framing.x <= framing.x + framing.crop_width <= width
    assert 0 <= framing.y <= framing.y + framing.crop_height <= height
    assert framing.width % 2 == framing.height % 2 == 0
    stretch_x = Fraction(framing.width * width, framing.crop_width * source.width)
    stretch_y = Fraction(framing.height * height, framing.crop_height * source.height)
    smallest = min(framing.crop_width, framing.crop_height, framing.width, framing.height)
    assert abs(stretch_x / stretch_y - 1) <= Fraction(4, smallest)


@pytest.mark.parametrize("aspect", ["source", "9:16", "1:1"])
@pytest.mark.parametrize(
    "options",
    [{}, {"sample_aspect": Fraction(4, 3)}, {"size": (214, 121)}],
    ids=["square pixels", "wide pixels", "odd size"],
)
def test_a_circle_stays_round(options: dict[str, Any], aspect: Any, tmp_path: Path) -> None:
    options = {"size": (320, 180), **options}
    media = probe(make_video(tmp_path / "a.mp4", seconds=0.4, **options))
    settings = settings_of(aspect=aspect, height=None if aspect == "source" else 640)
    short = export_short(
        clips_of(media, [Span(Fraction(0), media.duration)]), tmp_path / "s.mp4", settings
    )
    pictures = [drawn for _, drawn in read_pictures(short.path)]
    assert pictures[0].shape == (short.height, short.width, 3)
    width, height = measure_disc(pictures[0])
    assert height > 0.15 * short.height
    source_pixel = short.height / options["size"][1]
    assert abs(width - height) <= max(2, 1.2 * source_pixel)
    assert read_frame_numbers(short.path) == list(range(10))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_turned_recordings_come_out_upright(rotation: int, tmp_path: Path) -> None:
    size = (320, 180) if rotation == 180 else (180, 320)
    media = probe(make_video(tmp_path / "a.mp4", seconds=0.4, rotation=rotation, size=size))
    short = export_short(clips_of(media, [Span(Fraction(0), media.duration)]), tmp_path / "s.mp4")
    assert (short.width, short.height) == size
    assert read_frame_numbers(short.path) == list(range(10))
    with_turn = [drawn.shape for _, drawn in read_pictures(short.path)]
    assert set(with_turn) == {(size[1], size[0], 3)}
