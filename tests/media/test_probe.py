from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import pytest

from core.errors import MediaError
from core.media.fingerprint import fingerprint
from core.media.frame_index import read_frame_index
from core.media.probe import probe
from tests.synthetic import make_video


def test_a_plain_video_is_described(tmp_path: Path) -> None:
    path = tmp_path / "plain.mp4"
    make_video(path, seconds=2, fps=25)
    info = probe(path)
    assert (info.video.width, info.video.height) == (320, 180)
    assert info.video.frame_rate == 25
    assert abs(info.duration - 2) < Fraction(1, 10)
    assert info.audio is not None
    assert info.audio.layout == "stereo"


def test_a_turned_video_is_upright(tmp_path: Path) -> None:
    path = tmp_path / "turned.mp4"
    make_video(path, seconds=1, rotation=90)
    video = probe(path).video
    assert (video.coded_width, video.coded_height) == (180, 320)
    assert (video.width, video.height) == (320, 180)


def test_wide_pixels_count(tmp_path: Path) -> None:
    path = tmp_path / "wide.mp4"
    make_video(path, seconds=1, sample_aspect=Fraction(4, 3))
    video = probe(path).video
    assert (video.coded_width, video.width, video.height) == (240, 320, 180)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm", "ts"])
def test_sound_that_goes_on_does_not_make_the_pictures_longer(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"long.{suffix}"
    make_video(path, seconds=2, audio_seconds=20)
    assert abs(probe(path).duration - 2) < Fraction(1, 10)


def test_a_video_without_sound_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "mute.mp4"
    make_video(path, seconds=1, audio=None)
    assert probe(path).audio is None


def test_names_with_hangul_emoji_quotes_and_spaces_work(tmp_path: Path) -> None:
    path = tmp_path / "내 '영상' \"🎬\" 100% #1.mp4"
    make_video(path, seconds=1)
    assert probe(path).path == path


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no such file"), (b"", "empty"), (b"not a video at all" * 50, "not a video")],
)
def test_a_file_that_is_no_video_is_named(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "broken.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MediaError, match=message) as caught:
        probe(path)
    assert str(path) in str(caught.value)


def test_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="folder"):
        probe(tmp_path)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    path = tmp_path / "sound.wav"
    soundfile.write(path, [0.0] * 16_000, 16_000)
    with pytest.raises(MediaError, match="no pictures"):
        probe(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "locked.mp4"
    make_video(path, seconds=1)
    path.chmod(0)
    with pytest.raises(MediaError, match="permission"):
        probe(path)


def test_a_copy_has_the_same_fingerprint_and_an_edit_another(tmp_path: Path) -> None:
    first, copy, edited = (tmp_path / name for name in ("a.bin", "b.bin", "c.bin"))
    content = bytes(range(256)) * 40_000
    first.write_bytes(content)
    copy.write_bytes(content)
    edited.write_bytes(content[:-1] + b"x")
    assert fingerprint(first) == fingerprint(copy) != fingerprint(edited)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi", "a.mov"])
def test_the_duration_reaches_to_the_end_of_the_last_picture(tmp_path: Path, name: str) -> None:
    uneven = [Fraction(3 * n + n % 3 // 2, 75) for n in range(40)]
    options = {} if name == "a.avi" else {"times": uneven}
    path = make_video(
        tmp_path / name, seconds=1.6, codec="libx264", b_frames=2, audio=None, **options
    )
    info = probe(path)
    index = read_frame_index(info)
    assert len(index) == 40
    assert 0 < info.duration - index.time(39) <= Fraction(2, 25)


def test_what_the_pictures_are_like_is_known(tmp_path: Path) -> None:
    plain = probe(make_video(tmp_path / "a.mp4", seconds=1)).video
    assert (plain.bits, plain.is_hdr, plain.interlaced) == (8, False, False)
    bright = probe(make_video(tmp_path / "b.mp4", seconds=1, ten_bit=True, transfer="pq")).video
    assert (bright.bits, bright.transfer, bright.primaries) == (10, "pq", "bt2020")
    assert probe(make_video(tmp_path / "c.ts", seconds=1, interlaced=True)).video.interlaced
