"""Exactly the frames that were cut, from every kind of file and in every way to write them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from core.export.render import Export, export_short
from core.media.probe import MediaInfo, probe
from core.time import Span
from tests.export.clips import clips_of, settings_of
from tests.synthetic import (
    make_video,
    read_beeps_and_flashes,
    read_frames,
)

NTSC = Fraction(30_000, 1001)
FRAMES = 50
BEEP = 33
STRETCHES = ((30, 41), (4, 9), (44, FRAMES), (9, 10))
# Uneven, but never so much that another rate would be nearer.
UNEVEN = [Fraction(n, 30) + Fraction(n * 7 % 5, 2000) for n in range(FRAMES)]

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "constant rate": ("a.mp4", {}),
    "variable rate with B-frames": ("a.mp4", {"fps": 30, "times": UNEVEN, "b_frames": 2}),
    "B-frames at 29.97": ("a.mov", {"fps": NTSC, "b_frames": 3}),
    "delayed pictures": ("a.mkv", {"start": Fraction(4, 5), "b_frames": 2, "audio_seconds": 3}),
    "delayed sound": ("a.mp4", {"audio_start": Fraction(1, 2), "b_frames": 2}),
    "negative times hidden by an edit list": (
        "a.mp4",
        {"times": [Fraction(n, 25) for n in range(FRAMES + 10)], "hidden": 0.4, "b_frames": 2},
    ),
    "turned": ("a.mp4", {"rotation": 90, "size": (180, 320)}),
    "odd size": ("a.mp4", {"size": (321, 181)}),
    "odd size in webm": ("a.webm", {"size": (319, 179), "audio": "mono"}),
    "wide pixels": ("a.mkv", {"sample_aspect": Fraction(4, 3)}),
    "interlaced": ("a.ts", {"interlaced": True}),
    "10 bits": ("a.mkv", {"ten_bit": True, "b_frames": 2}),
    "PQ": ("a.mp4", {"ten_bit": True, "transfer": "pq"}),
    "HLG": ("a.mov", {"ten_bit": True, "transfer": "hlg"}),
    "5.1 at 44.1 kHz": ("a.mkv", {"audio": "5.1", "sample_rate": 44_100}),
    "mono at 96 kHz": ("a.mp4", {"audio": "mono", "sample_rate": 96_000}),
    "no sound": ("a.ts", {"audio": None, "b_frames": 2, "start": 3}),
    "H.264 with B-frames in avi": (
        "a.avi",
        {"codec": "libx264", "b_frames": 2, "audio": None},
    ),
    "MPEG-4 in avi": ("a.avi", {"codec": "mpeg4", "audio": None}),
}
LOSSLESS = ("constant rate", "B-frames at 29.97", "delayed pictures", "delayed sound", "turned")


@dataclass(frozen=True)
class Made:
    """A video, the number of its first frame, and the stretches of it that are cut out."""

    info: MediaInfo
    first: int
    spans: tuple[Span, ...]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    """The videos that were made so far."""
    return {}


@pytest.fixture
def video(kind: str, made: dict[str, Made], tmp_path_factory: pytest.TempPathFactory) -> Made:
    if kind not in made:
        name, options = KINDS[kind]
        path = tmp_path_factory.mktemp("kind") / name
        rate = Fraction(options.get("fps", 25))
        times = options.get("times", [n / rate for n in range(FRAMES)])
        first = 10 if options.get("hidden") else 0
        beeps = [times[first + BEEP]]
        info = probe(make_video(path, **{"keyint": 8, **options, "times": times, "beeps": beeps}))
        begins = [info.video.start - info.origin + time - times[first] for time in times[first:]]
        begins.append(begins[-1] + 1 / rate)
        spans = tuple(Span(begins[a], begins[b]) for a, b in STRETCHES)
        made[kind] = Made(info, first, spans)
    return made[kind]


def export(video: Made, folder: Path, **settings: Any) -> Export:
    clips = clips_of(video.info, video.spans)
    return export_short(clips, folder / "short.mp4", settings_of(speed="ultrafast", **settings))


@pytest.mark.parametrize("way", ["composed", "fast"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_cut_has_exactly_its_frames(kind: str, way: str, video: Made, tmp_path: Path) -> None:
    short = export(video, tmp_path, way=way)
    assert short.way.name == way
    expected = [video.first + n for first, last in STRETCHES for n in range(first, last)]
    frames = read_frames(short.path)
    assert [frame.number for frame in frames] == expected
    assert [frame.time for frame in frames] == [n / short.frame_rate for n in range(len(frames))]
    assert short.duration == len(expected) / short.frame_rate
    if video.info.audio is not None:
        heard, seen = read_beeps_and_flashes(short.path)
        assert len(heard) == len(seen) == 1
        assert abs(heard[0] - seen[0]) <= 1 / short.frame_rate


@pytest.mark.parametrize("kind", LOSSLESS)
def test_copied_cuts_have_exactly_their_frames(kind: str, video: Made, tmp_path: Path) -> None:
    short = export(video, tmp_path)
    assert short.way.name == "lossless"
    expected = [video.first + n for first, last in STRETCHES for n in range(first, last)]
    frames = read_frames(short.path)
    assert [frame.number for frame in frames] == expected
    assert (short.frames, short.size_bytes) == (len(expected), short.path.stat().st_size)
    heard, seen = read_beeps_and_flashes(short.path)
    assert len(heard) == len(seen) == 1
    assert abs(heard[0] - seen[0]) <= 1 / video.info.video.frame_rate


@pytest.mark.parametrize(
    ("kind", "words"),
    [("PQ", "high dynamic range"), ("HLG", "high dynamic range"), ("interlaced", "interlaced")],
)
def test_what_was_changed_in_the_pictures_is_said(
    kind: str, words: str, video: Made, tmp_path: Path
) -> None:
    short = export(video, tmp_path, way="fast")
    [notice] = short.notices
    assert words in notice
    assert video.info.path.name in notice
    with av.open(str(short.path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
        assert context.pix_fmt == "yuv420p"


def test_colours_that_are_only_stated_later_do_not_upset_the_frames(tmp_path: Path) -> None:
    first = make_video(tmp_path / "a.ts", seconds=2, audio=None, keyint=100)
    later = make_video(tmp_path / "b.ts", seconds=2, audio=None, start=2, transfer="hlg")
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() + later.read_bytes())
    media = probe(joined)
    clips = clips_of(media, [Span(Fraction(8, 5), Fraction(12, 5))])
    short = export_short(clips, tmp_path / "short.mp4", settings_of(way="fast"))
    assert [frame.number for frame in read_frames(short.path)] == [*range(40, 50), *range(10)]


def test_a_sliver_before_the_end_of_a_video_shows_its_last_frame(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=2))
    sliver = Span(media.duration - Fraction(1, 10_000), media.duration + 1)
    made = export_short(clips_of(media, [sliver]), tmp_path / "out.mp4")
    assert made.frames == 1
    last = read_frames(media.path)[-1]
    assert [frame.number for frame in read_frames(made.path)] == [last.number]
