"""GIF and WebP show the same pictures at the same pace, again and again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from core.errors import Cancelled, EmotionShortFormError, ExportError, UsageError
from core.export.ffmpeg import Command, run_ffmpeg
from core.export.preview import write_preview
from tests.synthetic import make_video, read_number

KINDS = [".gif", ".webp"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def read(path: Path) -> list[tuple[float, NDArray[np.uint8]]]:
    """Milliseconds and pictures, RGB."""
    frames = []
    with Image.open(path) as film:
        for frame in ImageSequence.Iterator(film):
            picture = np.asarray(frame.convert("RGB"))
            frames.append((float(frame.info["duration"]), picture))
    return frames


@pytest.fixture
def film(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return make_video(tmp_path / "in" / "a.mp4", seconds=2)


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_is_there_at_its_time(kind: str, film: Path, tmp_path: Path) -> None:
    output = tmp_path / f"preview{kind}"
    assert write_preview(film, output) == 50
    frames = read(output)
    assert [read_number(picture) for _, picture in frames] == list(range(50))
    assert {duration for duration, _ in frames} == {40.0}
    with Image.open(output) as shown:
        assert shown.info["loop"] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_fewer_and_smaller_pictures_keep_the_pace(kind: str, film: Path, tmp_path: Path) -> None:
    output = tmp_path / f"preview{kind.upper()}"
    write_preview(film, output, width=161, frame_rate=Fraction(10))
    frames = read(output)
    assert {picture.shape for _, picture in frames} == {(91, 161, 3)}
    assert sum(duration for duration, _ in frames) == pytest.approx(2000, abs=60)
    numbers = [read_number(picture) for _, picture in frames]
    assert len(numbers) == 20
    assert all(abs((number or 0) - 2.5 * place) <= 2 for place, number in enumerate(numbers))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_made_larger(kind: str, film: Path, tmp_path: Path) -> None:
    output = tmp_path / f"preview{kind}"
    write_preview(film, output, width=2000, frame_rate=Fraction(60))
    frames = read(output)
    assert (len(frames), frames[0][1].shape) == (50, (180, 320, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_colours_stay(kind: str, tmp_path: Path) -> None:
    colours = "color=0xd02040:s=160x90:r=25:d=0.2,drawbox=0:0:80:90:0x2060c0:fill"
    tags = "range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    filters = f"scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setparams={tags}"
    words = ["-f", "lavfi", "-i", f"{colours},{filters}", "-crf", "10", "film.mp4"]
    command = Command(words, tmp_path, 5, tmp_path / "film.mp4")
    run_ffmpeg([command], progress=lambda *step: None, cancelled=lambda: False)
    write_preview(tmp_path / "film.mp4", tmp_path / f"a{kind}")
    with Image.open(tmp_path / f"a{kind}") as film:
        picture = np.asarray(film.convert("RGB")).astype(int)
    assert np.abs(picture[45, 120] - (0xD0, 0x20, 0x40)).max() <= 8
    assert np.abs(picture[45, 40] - (0x20, 0x60, 0xC0)).max() <= 8


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stop_at", [0.0, 0.4])
def test_cancel_leaves_nothing(kind: str, stop_at: float, film: Path, tmp_path: Path) -> None:
    seen: list[float] = []
    with pytest.raises(Cancelled):
        write_preview(
            film,
            tmp_path / f"preview{kind}",
            progress=lambda fraction, message: seen.append(fraction),
            cancelled=lambda: bool(seen) and seen[-1] >= stop_at,
        )
    assert names(tmp_path) == ["in"]


def test_progress_rises_to_the_end(film: Path, tmp_path: Path) -> None:
    seen: list[float] = []
    write_preview(film, tmp_path / "a.gif", progress=lambda done, message: seen.append(done))
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert names(tmp_path) == ["a.gif", "in"]


@pytest.mark.parametrize(
    ("name", "options", "error", "words"),
    [
        ("a.mp4", {}, UsageError, "ends in"),
        ("a.gif", {"width": 3}, UsageError, "width"),
        ("a.gif", {"frame_rate": Fraction(0)}, UsageError, "frames per second"),
        ("missing/a.gif", {}, ExportError, "folder does not exist"),
    ],
)
def test_impossible_wishes_are_told(
    name: str,
    options: dict[str, int | Fraction],
    error: type[EmotionShortFormError],
    words: str,
    film: Path,
    tmp_path: Path,
) -> None:
    with pytest.raises(error, match=words):
        write_preview(film, tmp_path / name, **options)  # type: ignore[arg-type]
    assert names(tmp_path) == ["in"]


def test_a_film_that_is_no_film_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no film" * 100)
    with pytest.raises(ExportError, match=r"a\.mp4"):
        write_preview(tmp_path / "a.mp4", tmp_path / "a.gif")
    assert names(tmp_path) == ["a.mp4"]
