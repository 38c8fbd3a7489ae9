from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Cancelled, MediaError
from core.media.frame_index import (
    FrameIndex,
    average_index,
    read_frame_index,
    stored_frame_index,
)
from core.media.frames import read_pictures
from core.media.probe import MediaInfo, probe
from tests.synthetic import make_video

UNEVEN = [Fraction(n, 30) for n in (0, 1, 2, 5, 9, 10, 20, 21, 22, 40, 41, 44, 60, 61)]

KINDS: dict[str, Callable[[Path], Path]] = {
    "constant": lambda folder: make_video(folder / "video.mp4", seconds=3),
    "uneven": lambda folder: make_video(folder / "video.mp4", times=UNEVEN, audio=None),
    "uneven in mkv": lambda folder: make_video(folder / "video.mkv", times=UNEVEN),
    "b-frames": lambda folder: make_video(folder / "video.mp4", seconds=3, b_frames=3),
    "uneven b-frames": lambda folder: make_video(folder / "video.mp4", times=UNEVEN, b_frames=2),
    "delayed": lambda folder: make_video(folder / "video.mp4", seconds=2, start=Fraction(3, 2)),
    "late sound": lambda folder: make_video(folder / "video.mkv", seconds=2, audio_start=0.5),
    "edit list": lambda folder: make_video(
        folder / "video.mp4", seconds=4, b_frames=2, hidden=1.3, audio=None
    ),
    "turned": lambda folder: make_video(folder / "video.mp4", seconds=2, rotation=90),
    "30000/1001 in mkv": lambda folder: make_video(
        folder / "video.mkv", seconds=3, fps=Fraction(30000, 1001), b_frames=2
    ),
    "webm": lambda folder: make_video(folder / "video.webm", seconds=2),
    "ts": lambda folder: make_video(folder / "video.ts", seconds=3, b_frames=2, keyint=20),
    "avi": lambda folder: make_video(folder / "video.avi", seconds=2, codec="mpeg4", audio=None),
    "one frame": lambda folder: make_video(folder / "video.mp4", times=[Fraction(0)], audio=None),
    "ends early": lambda folder: make_video(folder / "video.ts", seconds=4, cut_off_bytes=20_000),
}


def uneven(folder: Path) -> MediaInfo:
    return probe(KINDS["uneven"](folder))


def without_stamps(folder: Path) -> MediaInfo:
    """Two seconds of a bare stream; nothing in it says how long it is."""
    path = make_video(folder / "video.h264", seconds=2, b_frames=2, audio=None)
    return replace(probe(path), duration=Fraction(2))


def shown_times(info: MediaInfo) -> list[Fraction]:
    """Begins of the frames before the stated end, which some files have too early."""
    times = [picture.time for picture in read_pictures(info)]
    return [time for time in times if time < info.duration]


def begins(index: FrameIndex) -> list[Fraction]:
    return [index.time(number) for number in range(len(index))]


@pytest.mark.parametrize("kind", KINDS)
def test_frames_begin_exactly_when_the_decoder_shows_them(tmp_path: Path, kind: str) -> None:
    info = probe(KINDS[kind](tmp_path))
    index = read_frame_index(info)
    assert begins(index) == shown_times(info)
    assert index.time(len(index)) == info.duration > index.time(len(index) - 1)


def test_a_joined_recording_whose_stamps_begin_again_has_the_frames_that_are_shown(
    tmp_path: Path,
) -> None:
    first = make_video(tmp_path / "a.ts", seconds=4, fps=25, audio=None)
    second = make_video(tmp_path / "b.ts", seconds=2, fps=30, audio=None)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    info = probe(joined)
    assert begins(read_frame_index(info)) == shown_times(info)


def test_a_cut_off_recording_has_the_frames_before_its_end(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.mkv", seconds=4, cut_off_bytes=15_000)
    info = probe(path)
    index = read_frame_index(info)
    shown = shown_times(info)
    assert begins(index)[: len(shown)] == shown
    assert len(index) <= len(shown) + 1


def test_frames_counted_by_the_average_rate_are_those_of_a_constant_rate(tmp_path: Path) -> None:
    info = probe(make_video(tmp_path / "video.mp4", seconds=3, start=Fraction(3, 2)))
    assert begins(average_index(info)) == begins(read_frame_index(info))
    assert average_index(info).duration == info.duration


def test_reading_can_be_cancelled_and_tells_how_far_it_is(tmp_path: Path) -> None:
    info = probe(make_video(tmp_path / "video.mp4", seconds=50, size=(64, 36), audio=None))
    told: list[float] = []
    read_frame_index(info, progress=lambda fraction, message: told.append(fraction))
    assert told == sorted(told)
    assert 0 < told[0] <= told[-1] <= 1
    with pytest.raises(Cancelled):
        read_frame_index(info, cancelled=lambda: True)


def test_a_video_that_went_away_is_an_error(tmp_path: Path) -> None:
    info = probe(make_video(tmp_path / "video.mp4", seconds=1))
    info.path.unlink()
    with pytest.raises(MediaError, match="no such file"):
        read_frame_index(info)


def test_a_stream_without_stamps_has_its_frames_by_the_average_rate(tmp_path: Path) -> None:
    info = without_stamps(tmp_path)
    assert begins(read_frame_index(info)) == [Fraction(number, 25) for number in range(50)]


@pytest.mark.parametrize("make", [uneven, without_stamps])
def test_a_kept_index_is_read_without_the_video(
    tmp_path: Path, make: Callable[[Path], MediaInfo]
) -> None:
    info = make(tmp_path)
    file = tmp_path / "store" / "frames.npy"
    made = stored_frame_index(info, file)
    info.path.unlink()
    kept = stored_frame_index(info, file)
    assert begins(kept) == begins(made)
    assert kept.duration == made.duration


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no array",
        b"\x93NUMPY\x01\x00",
        "short",
        "garbled",
        "foreign",
        "falling",
        "floats",
        "archive",
    ],
)
def test_a_damaged_or_foreign_file_is_replaced(tmp_path: Path, content: bytes | str) -> None:
    info = uneven(tmp_path)
    file = tmp_path / "frames.npy"
    made = stored_frame_index(info, file)
    good = file.read_bytes()
    rows = np.load(file)
    match content:
        case bytes():
            file.write_bytes(content)
        case "short":
            file.write_bytes(good[:-20])
        case "garbled":
            file.write_bytes(good.replace(b"}", b"("))
        case "foreign":
            np.save(file, rows + 1)
        case "falling":
            np.save(file, np.concatenate([rows[:2], rows[:1:-1]]))
        case "floats":
            np.save(file, rows.astype(np.float64))
        case _:
            with file.open("wb") as archive:
                np.savez(archive, rows)
    assert begins(stored_frame_index(info, file)) == begins(made)
    assert file.read_bytes() == good


def test_an_index_that_cannot_be_kept_is_still_given(tmp_path: Path) -> None:
    info = uneven(tmp_path)
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    index = stored_frame_index(info, in_the_way / "frames.npy")
    assert begins(index) == shown_times(info)


@st.composite
def indexes(draw: st.DrawFn) -> FrameIndex:
    steps = draw(st.lists(st.integers(1, 10**5), min_size=1, max_size=60))
    first = draw(st.integers(-(10**9), 10**9))
    base = Fraction(draw(st.integers(1, 1001)), draw(st.integers(1, 90_000)))
    ticks = first + np.cumsum([0, *steps[:-1]], dtype=np.int64)
    begin = draw(st.fractions(0, 100, max_denominator=48_000))
    origin = first * base - begin
    return FrameIndex(ticks, base, origin, int(ticks[-1] + steps[-1]) * base - origin)


@given(indexes(), st.data())
def test_a_frame_is_found_from_its_begin_to_shortly_before_the_next(
    index: FrameIndex, data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(index) - 1))
    begin, end = index.time(number), index.time(number + 1)
    inside = begin + (end - begin) * data.draw(st.fractions(0, Fraction(98, 100)))
    for seconds in (begin, index.middle(number), inside):
        assert index.number(seconds) == number
        assert index.shown(seconds) == begin
        assert index.after(seconds) == end


@given(indexes(), st.data())
def test_the_nearest_boundary_is_nearer_than_all_others(
    index: FrameIndex, data: st.DataObject
) -> None:
    seconds = data.draw(st.fractions(-10, index.duration + 10))
    boundaries = [*begins(index), index.duration]
    nearest = index.nearest(seconds)
    assert nearest in boundaries
    assert all(abs(nearest - seconds) <= abs(boundary - seconds) for boundary in boundaries)


@given(indexes(), st.fractions(-1000, 10**9))
def test_times_outside_belong_to_the_first_and_the_last_frame(
    index: FrameIndex, far: Fraction
) -> None:
    assert index.number(min(far, index.time(0))) == 0
    assert index.number(max(far, index.duration)) == len(index) - 1
    assert index.after(max(far, index.duration)) == index.duration
    assert index.time(-3) == index.time(0)
    assert index.time(len(index) + 3) == index.duration
    assert index.middle(len(index) + 3) == index.middle(len(index) - 1)


@given(st.integers(0, 10**6), st.sampled_from([24, 25, 30, 50, 60, Fraction(30000, 1001)]))
def test_times_of_a_clock_that_rounds_name_the_same_frame(number: int, rate: Fraction) -> None:
    index = FrameIndex(
        np.arange(10**6 + 1, dtype=np.int64), 1 / Fraction(rate), Fraction(0), (10**6 + 1) / rate
    )
    assert index.number(float(index.time(number))) == number
    assert index.number(Fraction(round(index.time(number) * 10**6), 10**6)) == number
    assert index.number(Fraction(round(index.middle(number) * 1000), 1000)) == number


def test_a_time_shortly_before_the_end_of_a_long_standing_frame_is_still_its() -> None:
    ticks = np.array([0, 1, 2, 300], np.int64)
    index = FrameIndex(ticks, Fraction(1, 30), Fraction(0), Fraction(301, 30))
    assert index.number(Fraction(299, 30)) == 2
