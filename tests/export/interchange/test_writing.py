from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import imageio_ffmpeg
import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ExportError, UsageError
from core.export.clip import Clip, Join
from core.export.interchange.reading import read_timeline
from core.export.interchange.timeline import ClipNotes, Timeline
from core.export.interchange.writing import KINDS, write_timeline
from core.media.probe import probe
from core.time import Span
from tests.export.interchange.timelines import ODD_NAMES, info_of, timeline_of
from tests.synthetic import make_video, read_frame_numbers

SECOND = Span(Fraction(1), Fraction(2))


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_video(tmp_path_factory.mktemp("video") / "a.mp4", seconds=3)


@pytest.mark.parametrize("suffix", KINDS)
def test_every_kind_is_written_whole_and_never_over_what_is_there(
    suffix: str, video: Path, tmp_path: Path
) -> None:
    timeline = timeline_of(Clip(probe(video), SECOND))
    target = tmp_path / f"한글 100%{suffix.upper()}"
    assert write_timeline(timeline, target).path == target
    written = target.read_bytes()
    assert written.decode()
    target.write_text("precious")
    with pytest.raises(ExportError, match="already"):
        write_timeline(timeline, target)
    assert target.read_text() == "precious"
    write_timeline(timeline, target, overwrite=True)
    assert target.read_bytes() == written
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_a_video_is_never_replaced(video: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.mlt"
    shutil.copy(video, source)
    with pytest.raises(ExportError, match="one of the videos"):
        write_timeline(timeline_of(Clip(probe(source), SECOND)), source, overwrite=True)
    assert source.read_bytes() == video.read_bytes()


def test_impossible_places_are_refused_with_a_reason(tmp_path: Path) -> None:
    timeline = timeline_of(Clip(info_of(Path("/a.mp4")), SECOND))
    with pytest.raises(UsageError, match=r"\.otio, \.fcpxml, \.edl"):
        write_timeline(timeline, tmp_path / "a.doc")
    with pytest.raises(ExportError, match="folder does not exist"):
        write_timeline(timeline, tmp_path / "none" / "a.otio")
    (tmp_path / "a.otio").mkdir()
    with pytest.raises(ExportError, match="this is a folder"):
        write_timeline(timeline, tmp_path / "a.otio")


@pytest.mark.parametrize("name", ODD_NAMES if sys.platform != "win32" else ODD_NAMES[2:3])
def test_an_otio_file_leads_back_to_its_videos_and_cuts(
    name: str, video: Path, tmp_path: Path
) -> None:
    source = tmp_path / name
    shutil.copy(video, source)
    target = tmp_path / "a.otio"
    write_timeline(timeline_of(Clip(probe(source), SECOND)), target)
    (clip,) = read_timeline(target)
    assert (clip.source, clip.found, clip.span, clip.name) == (source, True, SECOND, "clip 0")


def test_moved_videos_are_found_again(video: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "media").mkdir(parents=True)
    shutil.copy(video, project / "media" / "a.mp4")
    timeline = timeline_of(Clip(probe(project / "media" / "a.mp4"), SECOND))
    write_timeline(timeline, project / "a.otio")

    moved = project.rename(tmp_path / "moved")
    (clip,) = read_timeline(moved / "a.otio")
    assert (clip.source, clip.found) == (moved / "media" / "a.mp4", True)

    (moved / "media" / "a.mp4").rename(moved / "a.mp4")
    (clip,) = read_timeline(moved / "a.otio")
    assert (clip.source, clip.found) == (moved / "a.mp4", True)

    (moved / "a.mp4").unlink()
    (clip,) = read_timeline(moved / "a.otio")
    assert (clip.source, clip.found) == (project / "media" / "a.mp4", False)


def test_a_name_that_is_not_utf_8_is_written_and_found(video: Path, tmp_path: Path) -> None:
    try:
        source = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4"))
        shutil.copy(video, source)
    except (OSError, UnicodeError):
        pytest.skip("this file system takes UTF-8 names only")
    for suffix in KINDS:
        write_timeline(timeline_of(Clip(probe(source), SECOND)), tmp_path / f"a{suffix}")
    (clip,) = read_timeline(tmp_path / "a.otio")
    assert (clip.source, clip.found) == (source, True)


def test_the_first_picture_counts_as_the_first_frame_when_sound_begins_before_it(
    tmp_path: Path,
) -> None:
    info = probe(make_video(tmp_path / "a.mp4", seconds=3, start=Fraction(1, 2)))
    span = Span(Fraction(3, 2), Fraction(5, 2))
    write_timeline(timeline_of(Clip(info, span)), tmp_path / "a.otio")
    read = otio.adapters.read_from_file(str(tmp_path / "a.otio"))
    assert read.find_clips()[0].source_range.start_time.value == 25
    assert read_timeline(tmp_path / "a.otio")[0].span == span


def test_the_timecode_of_a_camera_is_kept(video: Path, tmp_path: Path) -> None:
    source = tmp_path / "camera.mov"
    words = ["-y", "-v", "error", "-i", str(video), "-c", "copy", "-timecode", "10:00:00:05"]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *words, str(source)], check=True)
    timeline = timeline_of(Clip(probe(source), SECOND))
    for suffix in (".edl", ".fcpxml", ".otio"):
        write_timeline(timeline, tmp_path / f"a{suffix}")
    assert "10:00:01:05 10:00:02:05 01:00:00:00 01:00:01:00" in (tmp_path / "a.edl").read_text()
    root = ET.parse(tmp_path / "a.fcpxml").getroot()
    clip, asset = root.find(".//asset-clip"), root.find(".//asset")
    assert clip is not None
    assert asset is not None
    assert asset.get("start") == f"{Fraction(36_000 * 25 + 5, 25)}s"
    assert clip.get("start") == f"{Fraction(36_001 * 25 + 5, 25)}s"
    assert read_timeline(tmp_path / "a.otio")[0].span == SECOND


def test_a_timeline_of_another_editor_is_read(video: Path, tmp_path: Path) -> None:
    shutil.copy(video, tmp_path / "a.mp4")
    rate = 23.976
    time = otio.opentime.RationalTime
    clips = [
        otio.schema.Clip(
            "theirs",
            otio.schema.ExternalReference(url),
            otio.opentime.TimeRange(time(24, rate), time(48, rate)),
        )
        for url in ("a.mp4", "C:\\videos\\a.mp4", "file:///elsewhere/a.mp4")
    ]
    timeline = otio.schema.Timeline("theirs")
    gap = otio.schema.Gap(duration=time(5, rate))
    timeline.tracks.append(otio.schema.Track(children=[gap, *clips]))
    otio.adapters.write_to_file(timeline, str(tmp_path / "theirs.otio"))
    exact = Span(Fraction(1001, 1000), Fraction(3003, 1000))
    read = read_timeline(tmp_path / "theirs.otio")
    found = [(clip.source, clip.found, clip.span) for clip in read]
    assert found == [(tmp_path / "a.mp4", True, exact)] * 3


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=30, deadline=None)
def test_what_is_no_timeline_is_said_to_be_none(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("bad") / "a.otio"
    path.write_bytes(data)
    with pytest.raises(ExportError, match="timeline"):
        read_timeline(path)


any_text = st.text(st.characters(codec=None), max_size=30)


@given(any_text, any_text, any_text, st.lists(any_text, max_size=3), st.sampled_from(list(KINDS)))
@settings(max_examples=60, deadline=None)
def test_any_text_in_names_and_reasons_gives_a_whole_file(
    tmp_path_factory: pytest.TempPathFactory,
    title: str,
    name: str,
    emotion: str,
    reasons: list[str],
    suffix: str,
) -> None:
    clip = Clip(info_of(Path("/a.mp4")), SECOND)
    notes = (ClipNotes(name, emotion, 0.5, tuple(reasons)),) * 2
    path = tmp_path_factory.mktemp("any") / f"a{suffix}"
    write_timeline(Timeline(title, Fraction(25), (clip, clip), notes), path)
    text = path.read_text("utf-8")
    if suffix in (".fcpxml", ".mlt"):
        assert ET.fromstring(text) is not None
    elif suffix == ".otio":
        assert [clip.span for clip in read_timeline(path)] == [SECOND, SECOND]
    elif suffix == ".edl":
        read = otio.adapters.read_from_string(text, "cmx_3600", rate=25)
        assert len(list(read.video_tracks()[0])) == 2
    elif suffix == ".ffmetadata":
        assert text.count("\n[CHAPTER]\n") == 2
    elif suffix == ".chapters.txt":
        assert text.count("\n") == 1


def test_other_kinds_are_not_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="OpenTimelineIO"):
        read_timeline(tmp_path / "a.edl")
    with pytest.raises(ExportError, match="cannot be read"):
        read_timeline(tmp_path / "none.otio")


def chapters(tmp_path: Path, lengths: list[int]) -> list[str]:
    info = info_of(Path("/a.mp4"), seconds=100)
    clips = tuple(Clip(info, Span(Fraction(0), Fraction(length))) for length in lengths)
    notes = tuple(ClipNotes(f"part\n{number}") for number in range(len(lengths)))
    written = write_timeline(
        Timeline("x", Fraction(25), clips, notes), tmp_path / "a.chapters.txt", overwrite=True
    )
    return [*written.path.read_text().splitlines(), *written.notices]


def test_chapters_begin_at_zero_and_last_ten_seconds(tmp_path: Path) -> None:
    assert chapters(tmp_path, [12, 4, 15, 70, 9]) == ["0:00 part 0", "0:12 part 1", "0:31 part 3"]
    (only, notice) = chapters(tmp_path, [5, 5])
    assert only == "0:00 part 0"
    assert "this short has 1" in notice


def test_ffmpeg_reads_the_chapters_of_every_cut(video: Path, tmp_path: Path) -> None:
    info = probe(video)
    timeline = replace(
        timeline_of(Clip(info, SECOND), Clip(info, Span(Fraction(0), Fraction(41, 25)))),
        notes=(ClipNotes("a=b; #1 \\ 한글\nx"), ClipNotes("", "sad")),
    )
    write_timeline(timeline, tmp_path / "a.ffmetadata")
    words = [
        "-v",
        "error",
        "-i",
        str(video),
        "-f",
        "ffmetadata",
        "-i",
        str(tmp_path / "a.ffmetadata"),
    ]
    words += ["-map_metadata", "1", "-map_chapters", "1", "-c", "copy", str(tmp_path / "b.mkv")]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *words], check=True)
    with av.open(str(tmp_path / "b.mkv")) as container:
        found = [
            (c["start"] * c["time_base"], c["end"] * c["time_base"], c["metadata"]["title"])
            for c in container.chapters()
        ]
    assert found == [
        (0, 1, "a=b; #1 \\ 한글 x"),
        (1, Fraction(66, 25), "sad"),
    ]


@pytest.mark.skipif(shutil.which("melt") is None, reason="melt is not on this machine")
@pytest.mark.parametrize("split", [False, True])
def test_melt_plays_the_frames_of_the_short(split: bool, tmp_path: Path) -> None:
    names = ODD_NAMES[:2] if sys.platform != "win32" else ["a.mp4", "b.mp4"]
    a = probe(make_video(tmp_path / names[0], seconds=3))
    b = probe(make_video(tmp_path / names[1], seconds=3, start=Fraction(1, 2)))
    timeline = timeline_of(
        Clip(a, SECOND),
        Clip(b, Span(Fraction(3, 2), Fraction(5, 2)), Join(sound=Fraction(int(split), 5))),
        Clip(a, Span(Fraction(0), Fraction(1)), Join(crossfade=Fraction(8, 25))),
    )
    write_timeline(timeline, tmp_path / "a.mlt")
    words = ["vcodec=libx264", "acodec=aac", "real_time=-1", "-silent"]
    output = tmp_path / "out.mp4"
    subprocess.run(
        ["melt", str(tmp_path / "a.mlt"), "-consumer", f"avformat:{output}", *words],
        check=True,
        capture_output=True,
        timeout=60,
    )
    numbers = read_frame_numbers(output)
    assert numbers[:50] == [*range(25, 50), *range(25, 50)]
    assert numbers[58:] == [*range(8, 25)]
