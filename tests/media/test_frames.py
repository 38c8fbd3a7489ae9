from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.media.frames import frame_times, read_pictures, thumbnail
from core.media.probe import probe
from tests.synthetic import make_video, read_number

UNEVEN = [Fraction(n, 30) for n in (0, 1, 2, 5, 9, 10, 20, 21, 22, 40, 41, 44, 60, 61)]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm"])
def test_every_frame_is_seen_once_at_its_time(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"video.{suffix}"
    make_video(path, seconds=2, fps=25)
    times = [picture.time for picture in read_pictures(probe(path))]
    assert len(times) == 50
    assert all(abs(time - Fraction(n, 25)) <= Fraction(1, 500) for n, time in enumerate(times))


def test_uneven_frames_keep_their_times(tmp_path: Path) -> None:
    path = tmp_path / "uneven.mp4"
    make_video(path, times=UNEVEN, audio=None)
    times = [picture.time for picture in read_pictures(probe(path))]
    assert [round(float(time), 3) for time in times] == [round(float(t), 3) for t in UNEVEN]


def test_reading_from_a_time_begins_with_the_frame_shown_then(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    make_video(path, seconds=4, fps=25, b_frames=2, keyint=100)
    info = probe(path)
    first = next(iter(read_pictures(info, Fraction(251, 100))))
    assert first.time == Fraction(62, 25)


@pytest.mark.parametrize("around", [Fraction(0), Fraction(101, 100), Fraction(199, 100)])
def test_the_nearest_frame_is_found_without_decoding(tmp_path: Path, around: Fraction) -> None:
    path = tmp_path / "video.mp4"
    make_video(path, seconds=2, fps=25, b_frames=2)
    (found,) = frame_times(probe(path), [around])
    assert found in (round(around * 25) / Fraction(25), probe(path).duration)
    assert abs(found - around) <= Fraction(1, 50)


def test_the_nearest_of_uneven_frames_is_found(tmp_path: Path) -> None:
    path = tmp_path / "uneven.mp4"
    make_video(path, times=UNEVEN, audio=None)
    found = frame_times(probe(path), [Fraction(1, 2), Fraction(1)])
    assert [round(float(time * 30)) for time in found] == [10, 22]


def test_a_broken_tail_gives_the_frames_before_it(tmp_path: Path) -> None:
    path = tmp_path / "broken.ts"
    make_video(path, seconds=4, fps=25, cut_off_bytes=20_000)
    times = [float(picture.time) for picture in read_pictures(probe(path))]
    assert len(times) > 20
    assert times == sorted(times)


def test_a_turned_video_gives_upright_thumbnails(tmp_path: Path) -> None:
    plain, turned = tmp_path / "plain.mp4", tmp_path / "turned.mp4"
    make_video(plain, seconds=1, audio=None)
    make_video(turned, seconds=1, audio=None, rotation=180)
    one = thumbnail(probe(plain), Fraction(0), 90).astype(int)
    two = thumbnail(probe(turned), Fraction(0), 90).astype(int)
    assert one.shape == two.shape
    assert np.abs(one - two).mean() < 8


def test_ten_bit_pictures_are_sampled_like_eight_bit_ones(tmp_path: Path) -> None:
    eight, ten = tmp_path / "eight.mp4", tmp_path / "ten.mp4"
    make_video(eight, seconds=1, audio=None)
    make_video(ten, seconds=1, audio=None, ten_bit=True)
    one = next(iter(read_pictures(probe(eight)))).small()
    two = next(iter(read_pictures(probe(ten)))).small()
    assert np.abs(one - two).mean() < 6


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm", "ts"])
def test_reading_from_the_middle_loses_nothing(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"video.{suffix}"
    make_video(path, seconds=12, fps=25, keyint=150, shots=[4])
    info = probe(path)
    whole = [picture.time for picture in read_pictures(info)]
    later = [picture.time for picture in read_pictures(info, Fraction(5))]
    assert later[0] <= 5
    assert later == whole[-len(later) :]


def test_damage_in_the_middle_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "damaged.ts"
    make_video(path, seconds=8, fps=25, keyint=25)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = np.random.default_rng(0).bytes(3000)
    path.write_bytes(content)
    times = [float(picture.time) for picture in read_pictures(probe(path))]
    assert times[-1] > 7
    assert times == sorted(times)


def test_a_picture_size_that_changes_is_brought_to_the_first(tmp_path: Path) -> None:
    path = tmp_path / "joined.ts"
    make_video(tmp_path / "a.ts", seconds=2, fps=25, audio=None)
    make_video(tmp_path / "b.ts", seconds=2, fps=25, audio=None, size=(640, 360), start=2)
    path.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    shapes = {picture.small().shape for picture in read_pictures(probe(path))}
    assert len(shapes) == 1


def test_reordered_pictures_in_avi_come_in_their_order(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.avi", seconds=2, codec="libx264", b_frames=2, keyint=15)
    info = probe(path)
    for start in (Fraction(0), Fraction(1)):
        pictures = list(read_pictures(info, start))
        numbers = [read_number(picture.rgb(320, 180)) for picture in pictures]
        assert numbers == [round(picture.time * 25) for picture in pictures]
        assert numbers == list(range(round(start * 25), 50))
