from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, MediaError
from core.media.frame_index import FrameIndex, read_frame_index
from core.media.probe import MediaInfo, probe
from core.media.still import Still, StillReader
from tests.synthetic import make_video, measure_disc, read_number

UNEVEN = [Fraction(n, 30) for n in (0, 1, 2, 5, 9, 10, 20, 21, 22, 40, 41, 44, 60, 150, 151)]

KINDS: dict[str, Callable[[Path], Path]] = {
    "constant": lambda folder: make_video(folder / "video.mp4", seconds=6, keyint=60),
    "b-frames": lambda folder: make_video(
        folder / "video.mp4", seconds=6, b_frames=3, keyint=60, audio=None
    ),
    "uneven": lambda folder: make_video(folder / "video.mp4", times=UNEVEN, keyint=9),
    "uneven in mkv": lambda folder: make_video(folder / "video.mkv", times=UNEVEN, b_frames=2),
    "delayed": lambda folder: make_video(folder / "video.mp4", seconds=3, start=Fraction(3, 2)),
    "turned": lambda folder: make_video(folder / "video.mp4", seconds=3, rotation=90),
    "turned back": lambda folder: make_video(folder / "video.mp4", seconds=2, rotation=270),
    "not square": lambda folder: make_video(
        folder / "video.mp4", seconds=3, sample_aspect=Fraction(4, 3)
    ),
    "ten bit": lambda folder: make_video(folder / "video.mp4", seconds=2, ten_bit=True),
    "webm": lambda folder: make_video(folder / "video.webm", seconds=4, keyint=40),
    "ts": lambda folder: make_video(folder / "video.ts", seconds=12, b_frames=2, keyint=150),
}


def opened(path: Path) -> tuple[MediaInfo, FrameIndex]:
    info = probe(path)
    return info, read_frame_index(info)


def assert_is_frame(still: Still, index: FrameIndex, number: int) -> None:
    assert read_number(still.pixels) == number
    assert still.time == index.time(number)


@pytest.mark.parametrize("kind", KINDS)
def test_the_frame_named_is_the_frame_shown(tmp_path: Path, kind: str) -> None:
    info, index = opened(KINDS[kind](tmp_path))
    dice = random.Random(1)
    with StillReader(info) as reader:
        for number in (dice.randrange(len(index)) for _ in range(25)):
            for seconds in (index.time(number), index.middle(number)):
                assert_is_frame(reader.picture(seconds, 180), index, number)


@pytest.mark.parametrize("kind", KINDS)
def test_steps_there_and_back_show_each_frame(tmp_path: Path, kind: str) -> None:
    info, index = opened(KINDS[kind](tmp_path))
    with StillReader(info) as reader:
        numbers = [*range(len(index)), *range(len(index) - 1, -1, -1), *range(min(9, len(index)))]
        for number in numbers:
            assert_is_frame(reader.picture(index.time(number), 180), index, number)


@pytest.mark.parametrize("kind", KINDS)
def test_before_the_first_and_behind_the_last_frame_these_are_shown(
    tmp_path: Path, kind: str
) -> None:
    info, index = opened(KINDS[kind](tmp_path))
    with StillReader(info) as reader:
        for _ in range(2):
            assert_is_frame(reader.picture(Fraction(-5), 180), index, 0)
            assert_is_frame(reader.picture(Fraction(0), 180), index, 0)
            assert_is_frame(reader.picture(info.duration, 180), index, len(index) - 1)
            assert_is_frame(reader.picture(info.duration + 100, 180), index, len(index) - 1)


def test_frames_of_a_stream_without_stamps_are_counted_from_the_first(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.h264", seconds=6, b_frames=2, audio=None)
    info = replace(probe(path), duration=Fraction(6))
    with StillReader(info) as reader:
        for number in (140, 141, 139, 3, 149, 0, 70):
            still = reader.picture(Fraction(number, 25), 180)
            assert read_number(still.pixels) == number
            assert still.time == Fraction(number, 25)


def test_what_an_edit_list_hides_is_not_shown(tmp_path: Path) -> None:
    info, index = opened(make_video(tmp_path / "video.mp4", seconds=4, hidden=1.28, audio=None))
    with StillReader(info) as reader:
        first = read_number(reader.picture(Fraction(0), 180).pixels)
        assert first == 32
        for number in (20, 5, 40, len(index) - 1, 0):
            still = reader.picture(index.time(number), 180)
            assert read_number(still.pixels) == first + number
            assert still.time == index.time(number)


def test_frames_too_large_to_be_kept_whole_can_be_stepped_through_in_any_size(
    tmp_path: Path,
) -> None:
    path = make_video(tmp_path / "large.mp4", size=(2560, 1440), seconds=1.6, audio=None)
    info, index = opened(path)
    with StillReader(info) as reader:
        for number in (*range(30, 40), *range(39, 20, -1)):
            assert_is_frame(reader.picture(index.time(number), 360), index, number)
        still = reader.picture(index.time(25), 720)
        assert still.pixels.shape == (720, 1280, 3)
        assert_is_frame(still, index, 25)
        assert_is_frame(reader.picture(index.time(24), 180), index, 24)


def test_a_frame_that_stands_for_long_is_shown_at_any_size_of_the_video(tmp_path: Path) -> None:
    path = make_video(
        tmp_path / "large.mp4",
        size=(2560, 1440),
        times=[Fraction(n, 25) for n in (0, 1, 2, 200, 201)],
        audio=None,
    )
    info, index = opened(path)
    with StillReader(info) as reader:
        assert_is_frame(reader.picture(Fraction(6), 360), index, 2)
        assert_is_frame(reader.picture(Fraction(1, 25), 360), index, 1)


def test_pictures_are_upright_and_in_square_pixels(tmp_path: Path) -> None:
    for kind in ("turned", "not square"):
        folder = tmp_path / kind
        folder.mkdir()
        info = probe(KINDS[kind](folder))
        with StillReader(info) as reader:
            pixels = reader.picture(Fraction(1), 1000).pixels
            assert pixels.shape == (info.video.height, info.video.width, 3)
            width, height = measure_disc(pixels)
            assert abs(width - height) <= 2
            assert reader.picture(Fraction(1), 90).pixels.shape[0] == 90


def test_a_kept_frame_looks_as_it_did_when_it_was_decoded(tmp_path: Path) -> None:
    info, index = opened(KINDS["b-frames"](tmp_path))
    with StillReader(info) as reader:
        there = reader.picture(index.time(70), 180).pixels
        reader.picture(index.time(75), 180)
        back = reader.picture(index.time(70), 180).pixels
        reader.picture(index.time(1), 180)
        again = reader.picture(index.time(70), 180).pixels
    assert np.array_equal(there, back)
    assert np.array_equal(there, again)


def test_high_definition_without_stated_colours_is_shown_as_players_do(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.mp4", size=(1280, 720), seconds=0.2, audio=None)
    small = make_video(tmp_path / "small.mp4", size=(320, 180), seconds=0.2, audio=None)
    with StillReader(probe(path)) as large_reader, StillReader(probe(small)) as small_reader:
        large = large_reader.picture(Fraction(0), 180).pixels[20, 20].astype(int)
        drawn = small_reader.picture(Fraction(0), 180).pixels[20, 20].astype(int)
    # The same coded numbers, by the matrix of BT.601, are the colour that was drawn.
    assert np.abs(drawn - (60, 60, 130)).max() <= 4
    luma = 16 + (65.481 * drawn[0] + 128.553 * drawn[1] + 24.966 * drawn[2]) / 255
    blue = (drawn[2] - (luma - 16) / 0.859) / 1.772
    red = (drawn[0] - (luma - 16) / 0.859) / 1.402
    grey = (luma - 16) / 0.859
    expected = (grey + 1.5748 * red, grey - 0.1873 * blue - 0.4681 * red, grey + 1.8556 * blue)
    assert np.abs(large - expected).max() <= 4


def test_cancelling_leaves_a_reader_that_can_be_asked_again(tmp_path: Path) -> None:
    info, index = opened(
        make_video(tmp_path / "video.mp4", seconds=6, keyint=150, b_frames=2, audio=None)
    )
    with StillReader(info) as reader:
        for patience in (0, 1, 5, 40):
            asked = count()
            with pytest.raises(Cancelled):
                reader.picture(
                    index.time(140), 180, cancelled=lambda a=asked, p=patience: next(a) >= p
                )
        for number in (140, 20, 141, 19):
            assert_is_frame(reader.picture(index.time(number), 180), index, number)


def test_a_cut_off_recording_shows_its_last_whole_frame_at_its_end(tmp_path: Path) -> None:
    whole = make_video(tmp_path / "video.mkv", seconds=8, keyint=50)
    size = whole.stat().st_size
    info = probe(whole)
    with whole.open("r+b") as file:
        file.truncate(size // 2)
    with StillReader(info) as reader:
        last = reader.picture(info.duration, 180)
        number = read_number(last.pixels)
        assert number is not None
        assert 0 < number < 199
        assert abs(last.time - Fraction(number, 25)) < Fraction(1, 100)
        assert read_number(reader.picture(Fraction(0), 180).pixels) == 0


def test_damage_in_the_middle_is_passed_over(tmp_path: Path) -> None:
    path = make_video(tmp_path / "damaged.ts", seconds=8, fps=25, keyint=25)
    info, index = opened(path)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = np.random.default_rng(0).bytes(3000)
    path.write_bytes(content)
    with StillReader(info) as reader:
        for number in (190, 10, 150, 30):
            assert_is_frame(reader.picture(index.time(number), 180), index, number)
        assert abs(reader.picture(Fraction(4), 180).time - 4) < 2


def test_a_file_without_pictures_left_is_an_error(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.mp4", seconds=2, audio=None)
    info = probe(path)
    content = bytearray(path.read_bytes())
    begin = content.index(b"mdat") + 4
    end = content.index(b"moov") - 4 if content.index(b"moov") > begin else len(content)
    content[begin:end] = bytes(end - begin)
    path.write_bytes(content)
    with StillReader(info) as reader, pytest.raises(MediaError, match="no picture at"):
        reader.picture(Fraction(1), 180)


def test_a_file_that_is_no_video_any_more_is_an_error(tmp_path: Path) -> None:
    info = probe(make_video(tmp_path / "video.mp4", seconds=1))
    info.path.write_bytes(b"text" * 1000)
    with pytest.raises(MediaError, match="not a video"):
        StillReader(info)
    info.path.unlink()
    with pytest.raises(MediaError, match="no such file"):
        StillReader(info)
