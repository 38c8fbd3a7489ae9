"""Layers: each picture is over exactly its frames, whatever the rate, the stretch and the names."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import ExportError
from core.export.ffmpeg import Command, run_ffmpeg
from core.export.layers.layer import Layer, TimedPicture, layer_input

RATES = [Fraction(25), Fraction(30_000, 1001), Fraction(60), Fraction(24_000, 1001), Fraction(8)]
STEP = 12
"""Difference of brightness between two states."""


def layer_of(folder: Path, stretches: list[tuple[int, int]]) -> Layer:
    """State k is grey of the level (k + 1) · STEP, from one frame to another."""
    pictures = []
    for number, (first, last) in enumerate(stretches):
        path = folder / f"state-{number}.png"
        level = (number + 1) * STEP
        Image.new("RGBA", (16, 8), (level, level, level, 255)).save(path)
        pictures.append(TimedPicture(path, first, last - first))
    return Layer(8, 4, 16, 8, tuple(pictures))


def states_seen(
    layer: Layer, first_frame: int, frames: int, rate: Fraction, folder: Path, ending: str = ""
) -> list[int]:
    """Number of the state that each frame of a stretch shows; 0 is none."""
    words = layer_input(layer, first_frame, frames, rate, folder / "layer.txt")
    if not words:
        return [0] * frames
    base = f"color=black:size=32x16:rate={rate.numerator}/{rate.denominator},format=yuv420p"
    graph = f"[0:v][1:v]overlay={layer.x}:{layer.y}{ending},format=gray[v]"
    command = Command(
        arguments=[
            *("-copyts", "-f", "lavfi", "-i", base, *words, "-filter_complex", graph),
            *("-map", "[v]", "-frames:v", str(frames), "-f", "rawvideo", "seen.raw"),
        ],
        folder=folder,
        frames=frames,
        target=folder / "seen.raw",
    )
    run_ffmpeg([command], progress=lambda fraction, message: None, cancelled=lambda: False)
    seen = np.frombuffer((folder / "seen.raw").read_bytes(), np.uint8).reshape(-1, 16, 32)
    assert len(seen) == frames
    assert seen[:, :3].max() == 0, "the layer is at its place only"
    return [round(level / STEP) for level in seen[:, 8, 16].tolist()]


def states_due(stretches: list[tuple[int, int]], first_frame: int, frames: int) -> list[int]:
    return [
        next((k + 1 for k, (first, last) in enumerate(stretches) if first <= n < last), 0)
        for n in range(first_frame, first_frame + frames)
    ]


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize("ending", ["", ":eof_action=pass"])
def test_each_picture_is_seen_in_exactly_its_frames(
    rate: Fraction, ending: str, tmp_path: Path
) -> None:
    stretches = [(3, 4), (4, 9), (9, 10), (17, 31), (31, 32), (40, 55)]
    layer = layer_of(tmp_path, stretches)
    for first_frame, frames in ((0, 60), (4, 5), (8, 24), (32, 9), (50, 30)):
        assert states_seen(layer, first_frame, frames, rate, tmp_path, ending) == states_due(
            stretches, first_frame, frames
        )


def test_a_stretch_without_anything_to_see_needs_no_input(tmp_path: Path) -> None:
    layer = layer_of(tmp_path, [(3, 4), (20, 30)])
    script = tmp_path / "layer.txt"
    assert layer_input(layer, 4, 16, Fraction(25), script) == []
    assert layer_input(layer, 30, 100, Fraction(25), script) == []
    assert not script.exists()


@pytest.mark.parametrize(
    "name", ["it's", "100%d", "a*b?[c]{d}", "ko 한글", "http:x", "#;\\ ", "a\nb"]
)
def test_names_of_folders_mean_nothing_to_ffmpeg(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    stretches = [(1, 3), (5, 6)]
    layer = layer_of(folder, stretches)
    assert states_seen(layer, 0, 8, Fraction(25), folder) == states_due(stretches, 0, 8)


def test_no_state_is_late_after_a_thousand_of_them(tmp_path: Path) -> None:
    rate = Fraction(60_000, 1001)
    layer = layer_of(tmp_path, [(0, 1), (1, 2)])
    first, second = layer.pictures
    many = tuple(
        TimedPicture((first, second)[number % 2].path, 2 * number + number // 3, 2)
        for number in range(1000)
    )
    seen = states_seen(Layer(8, 4, 16, 8, many), 0, 2400, rate, tmp_path)
    due = [0] * 2400
    for number, picture in enumerate(many):
        for frame in range(picture.first_frame, picture.last_frame):
            due[frame] = number % 2 + 1
    assert seen == due


@given(
    lengths=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5)), min_size=1, max_size=8),
    first_frame=st.integers(0, 20),
    frames=st.integers(1, 30),
    rate=st.sampled_from(RATES),
)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_pictures_in_any_stretch_are_in_their_frames(
    lengths: list[tuple[int, int]],
    first_frame: int,
    frames: int,
    rate: Fraction,
    tmp_path: Path,
) -> None:
    stretches, reached = [], 0
    for gap, length in lengths:
        stretches.append((reached + gap, reached + gap + length))
        reached += gap + length
    layer = layer_of(tmp_path, stretches)
    due = states_due(stretches, first_frame, frames)
    assert states_seen(layer, first_frame, frames, rate, tmp_path) == due


def test_a_list_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    layer = layer_of(tmp_path, [(0, 4)])
    with pytest.raises(ExportError, match=r"nowhere"):
        layer_input(layer, 0, 4, Fraction(25), tmp_path / "nowhere" / "layer.txt")
