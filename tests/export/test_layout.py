"""What ffmpeg draws is the window that the camera says, in every frame."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from core.export.camera import Camera, Keyframe, window_at, window_rectangle
from core.export.ffmpeg import ffmpeg_program
from core.export.framing import frame_pictures
from core.export.layout import complete_cameras, layout_filters
from core.media.probe import VideoStream
from tests.export.windows import (
    RATE,
    draw_layout,
    measure_window,
    stream,
    waves,
    write_pictures,
)

PAN = (
    Keyframe(Fraction(0), 0.3),
    Keyframe(Fraction(1), 0.65),
    Keyframe(Fraction(1), 0.4),
    Keyframe(Fraction(3, 2), 0.5),
)
ZOOM = (
    Keyframe(Fraction(1, 4), 0.3, 0.4, 1.0),
    Keyframe(Fraction(1), 0.7, 0.6, 2.0),
    Keyframe(Fraction(1), 0.2),
    Keyframe(Fraction(2), 0.9),
)
WOBBLE = tuple(
    Keyframe(
        Fraction(number, 100),
        0.5 + 0.2 * float(np.sin(number / 9)),
        0.5,
        1.5 + 0.4 * float(np.sin(number / 14)),
    )
    for number in range(300)
)


def errors(
    folder: Path,
    video: VideoStream,
    aspect: str,
    camera: Camera,
    *,
    height: int = 640,
    frames: int = 50,
    origin: Fraction = Fraction(0),
    source_format: str = "yuv420p",
) -> NDArray[np.float64]:
    """How far each drawn frame lies from where the overlay in the player says, in its pixels."""
    turned = video.rotation in (90, 270)
    width, lines = video.coded_width, video.coded_height
    width, lines = (lines, width) if turned else (width, lines)
    pictures = write_pictures(folder / "waves", [waves(width, lines)])
    [framing] = frame_pictures([video], aspect, height)
    drawn = draw_layout(
        pictures,
        framing,
        "fill",
        (camera,),
        frames,
        origin=origin,
        source_format=source_format,
    )
    found = []
    for number, picture in enumerate(drawn):
        place = window_at(camera, origin + number / RATE)
        left, top, across, down = window_rectangle(video, aspect, place)
        found.append(
            measure_window(picture, left * width, top * lines, across * width, down * lines)
        )
    return np.array(found)


@pytest.mark.parametrize("camera", [PAN, ZOOM, WOBBLE], ids=["pan", "zoom", "300 keyframes"])
@pytest.mark.parametrize(
    ("video", "aspect", "options"),
    [
        (stream(320, 180), "9:16", {}),
        (stream(320, 180), "9:16", {"origin": Fraction(1, 7), "source_format": "yuv422p10le"}),
        (stream(320, 180), "1:1", {"height": 120, "source_format": "yuv444p"}),
        (stream(321, 181), "4:5", {}),
        (stream(240, 180, pixel=Fraction(4, 3)), "9:16", {}),
        (stream(180, 320, rotation=90), "1:1", {"height": 360}),
    ],
    ids=["upscaled", "10 bit", "downscaled", "odd", "wide pixels", "turned"],
)
def test_every_frame_shows_the_window_of_its_time(
    video: VideoStream, aspect: str, options: dict, camera: Camera, tmp_path: Path
) -> None:
    off = errors(tmp_path, video, aspect, camera, **options)
    assert np.abs(off).max() < 0.5
    # Neighbouring frames must not be off to different sides, or the picture would tremble.
    assert np.abs(np.diff(off, axis=0)).max() < 0.5


def test_a_jump_is_seen_in_exactly_its_frame(tmp_path: Path) -> None:
    camera = (
        Keyframe(Fraction(0), 0.25),
        Keyframe(20 / RATE, 0.25),
        Keyframe(20 / RATE, 0.75),
    )
    picture = np.zeros((180, 320, 3), np.uint8)
    picture[:, :160], picture[:, 160:] = (200, 40, 40), (40, 40, 200)
    pictures = write_pictures(tmp_path / "halves", [picture])
    [framing] = frame_pictures([stream(320, 180)], "9:16", 320)
    origin = 8 / RATE
    drawn = draw_layout(pictures, framing, "fill", (camera,), 30, origin=origin)
    red = drawn[:, :, :, 0].mean(axis=(1, 2)) > 120
    assert red.tolist() == [number + 8 < 20 for number in range(30)]


def test_a_camera_with_many_keyframes_fits_into_a_command() -> None:
    [framing] = frame_pictures([stream(1280, 720)], "9:16")
    rng = np.random.default_rng(1)
    way = np.clip(0.5 + np.cumsum(rng.normal(0, 0.03, 400)), 0, 1)
    camera = tuple(Keyframe(Fraction(number, 8), float(x)) for number, x in enumerate(way))
    text = layout_filters(
        framing,
        "fill",
        (camera,),
        origin=Fraction(0),
        frame_rate=RATE,
        frames=1500,
        in_matrix="bt709",
        source="s",
        result="v",
    )
    assert len(text) < 100_000


def test_a_window_that_only_jumps_is_cut_at_whole_pixels() -> None:
    [framing] = frame_pictures([stream(1280, 720)], "9:16")
    camera = (Keyframe(Fraction(1), 0.2), Keyframe(Fraction(1), 0.6))
    text = layout_filters(
        framing,
        "fill",
        (camera,),
        origin=Fraction(0),
        frame_rate=RATE,
        frames=60,
        in_matrix="bt709",
        source="s",
        result="v",
    )
    assert "perspective" not in text


def checks(width: int, height: int) -> NDArray[np.uint8]:
    """A fine pattern whose left half is red and whose right half is blue."""
    fine = (np.indices((height, width)).sum(axis=0) // 3 % 2 * 120).astype(np.uint8)
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2, 0] = 100 + fine[:, : width // 2]
    picture[:, width // 2 :, 2] = 100 + fine[:, width // 2 :]
    return picture


def detail(picture: NDArray[np.uint8]) -> float:
    return float(np.abs(np.diff(picture.astype(float).sum(axis=2), axis=1)).mean())


def test_blur_puts_the_whole_picture_before_its_own_dark_blurred_copy(tmp_path: Path) -> None:
    pictures = write_pictures(tmp_path / "checks", [checks(320, 180)])
    [framing] = frame_pictures([stream(320, 180)], "9:16", 640, layout="blur")
    [drawn] = draw_layout(pictures, framing, "blur", (), 1)
    shown = framing.picture_height
    top = (640 - shown) // 2
    front, above, below = drawn[top + 4 : top + shown - 4], drawn[: top - 4], drawn[-top + 4 :]
    for ground in (above, below):
        assert detail(ground) < 0.1 * detail(front)
        assert 0.3 < ground.sum() / ground.size / (front.sum() / front.size) < 0.8
        assert ground[:, :60, 0].mean() > 2 * ground[:, :60, 2].mean()
        assert ground[:, -60:, 2].mean() > 2 * ground[:, -60:, 0].mean()
    assert front[:, :170, 0].mean() > 100
    assert front[:, 190:, 2].mean() > 100


def test_whole_shows_everything_between_black_bars(tmp_path: Path) -> None:
    pictures = write_pictures(tmp_path / "checks", [checks(320, 180)])
    [framing] = frame_pictures([stream(320, 180)], "1:1", 320, layout="whole")
    [drawn] = draw_layout(pictures, framing, "whole", ((Keyframe(Fraction(0), 0.1),),), 1)
    assert drawn[:68].max() < 12
    assert drawn[-68:].max() < 12
    assert drawn[72:248, :156, 0].mean() > 100
    assert drawn[72:248, 164:, 2].mean() > 100


@pytest.mark.parametrize(("aspect", "height"), [("9:16", 640), ("4:5", 270), ("1:1", 122)])
def test_split_shows_the_left_half_over_the_right_half(
    aspect: str, height: int, tmp_path: Path
) -> None:
    pictures = write_pictures(tmp_path / "checks", [checks(320, 180)])
    [framing] = frame_pictures([stream(320, 180)], aspect, height, layout="split")
    [drawn] = draw_layout(pictures, framing, "split", (), 1)
    assert drawn.shape[:2] == (framing.height, framing.width)
    upper, lower = drawn[: height // 2 - 4], drawn[height // 2 + 4 :]
    assert upper[:, :, 0].mean() > 10 * upper[:, :-4, 2].mean()
    assert lower[:, :, 2].mean() > 10 * lower[:, 4:, 0].mean()


def test_each_window_of_split_has_its_own_camera(tmp_path: Path) -> None:
    pictures = write_pictures(tmp_path / "waves", [waves(320, 180)])
    video = stream(320, 180)
    [framing] = frame_pictures([video], "9:16", 640, layout="split")
    cameras = complete_cameras(framing, "split", ((), PAN))
    assert cameras[1] == PAN
    drawn = draw_layout(pictures, framing, "split", ((), PAN), 40)
    for number in (0, 10, 29, 30, 39):
        for place, camera in enumerate(cameras):
            mine = drawn[number, 320 * place : 320 * (place + 1)]
            left, top, across, down = window_rectangle(
                video, "9:16", window_at(camera, number / RATE), "split"
            )
            off = measure_window(mine, left * 320, top * 180, across * 320, down * 180)
            # A window that rests is cut at whole pixels of the source.
            assert np.abs(off).max() < (0.5 if camera == PAN else 1.5 / across)


@pytest.mark.parametrize("layout", ["fill", "whole", "blur", "split"])
def test_the_result_is_what_every_player_shows(layout: str, tmp_path: Path) -> None:
    """And a colour in BT.601 of a full-range 4:2:2 source with 10 bits stays that colour."""
    [framing] = frame_pictures([stream(320, 180)], "9:16", 320, layout=layout)
    graph = layout_filters(
        framing,
        layout,
        (PAN,),
        origin=Fraction(0),
        frame_rate=RATE,
        frames=5,
        in_matrix="bt601",
        source="s",
        result="v",
    )
    source = (
        "color=0x3090C0:s=320x180:r=30,scale=out_color_matrix=bt601:out_range=full,"
        "format=yuv422p10le,setsar=4/3[s]"
    )
    path = tmp_path / "s.mkv"
    words = ["-v", "error", "-y", "-filter_complex", f"{source};{graph}", "-map", "[v]"]
    words += ["-frames:v", "5", "-c:v", "ffv1", str(path)]
    subprocess.run([ffmpeg_program(), *words], check=True)
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        assert container.streams.video[0].sample_aspect_ratio in (None, 0, 1)
    assert len(frames) == 5
    assert frames[-1].format.name == "yuv420p"
    assert (frames[-1].width, frames[-1].height) == (framing.width, framing.height)
    planes = frames[-1].to_ndarray().astype(float)
    height, width = framing.height, framing.width
    u = planes[height : height + height // 4].reshape(height // 2, width // 2)
    v = planes[height + height // 4 :].reshape(height // 2, width // 2)
    middle = [
        planes[height // 3, width // 2],
        u[height // 6, width // 4],
        v[height // 6, width // 4],
    ]
    if layout in ("whole", "blur"):
        middle = [planes[height // 2, width // 2], u[height // 4, width // 4]]
        middle.append(v[height // 4, width // 4])
    red, green, blue = 0x30, 0x90, 0xC0
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    expected = [
        16 + 219 * luma / 255,
        128 + 224 * (blue - luma) / 1.8556 / 255,
        128 + 224 * (red - luma) / 1.5748 / 255,
    ]
    assert middle == pytest.approx(expected, abs=2.5)
