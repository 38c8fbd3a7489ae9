"""The written sound: as long as the pictures, in step with them in any file, with its music."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest

from core.errors import ExportError, MediaError, UsageError
from core.export.sound.mastering import Mastering, write_sound
from core.media.probe import probe
from tests.export.sounds import (
    RATE,
    heard_in,
    loudness_of,
    make_sounding,
    master,
    noise,
    pieces_of,
    tone,
)
from tests.synthetic import make_video


@pytest.mark.parametrize("length", [Fraction(1), Fraction(1001, 300), Fraction(7, 25)])
def test_the_file_is_as_long_as_asked(length: Fraction, tmp_path: Path) -> None:
    media = probe(make_sounding(tmp_path / "a.mov", tone(4)))
    written = master(pieces_of([(media, 0, length)]), tmp_path)
    assert heard_in(written.path).shape == (2, round(length * RATE))
    with av.open(str(written.path)) as container:
        assert container.streams.audio[0].start_time == 0


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_copied_beside_pictures_it_still_begins_at_zero(suffix: str, tmp_path: Path) -> None:
    sound = np.zeros(2 * RATE)
    sound[[0, 1, RATE]] = 0.9
    media = probe(make_sounding(tmp_path / "a.mov", sound))
    written = master(pieces_of([(media, 0, 2)]), tmp_path)
    pictures = make_video(tmp_path / "p.mp4", seconds=2, audio=None, b_frames=2)
    short = tmp_path / f"short.{suffix}"
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", "-i", str(pictures)]
    words += ["-i", str(written.path), "-map", "0:v", "-map", "1:a", "-c", "copy", str(short)]
    subprocess.run(words, check=True)
    heard = heard_in(short) if suffix != "mkv" else None
    if heard is not None:
        assert np.argmax(np.abs(heard[0, RATE // 2 :])) == RATE // 2
        assert heard.shape[1] == 2 * RATE
    decoded = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(short), "-map", "0:a"]
    raw = subprocess.run([*decoded, "-f", "f32le", "-"], check=True, capture_output=True).stdout
    played = np.frombuffer(raw, np.float32).reshape(-1, 2)[:, 0]
    assert abs(int(np.argmax(np.abs(played[RATE // 2 : RATE * 3 // 2]))) - RATE // 2) <= 24


def test_a_video_without_sound_gives_silence(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=2, audio=None))
    written = master(pieces_of([(media, 0, 1)]), tmp_path)
    assert heard_in(written.path).shape == (2, RATE)
    assert not heard_in(written.path).any()


def test_a_length_without_pieces_is_silence(tmp_path: Path) -> None:
    written = master([], tmp_path, length=Fraction(1, 2))
    assert heard_in(written.path).shape == (2, RATE // 2)


def test_no_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="without length"):
        master([], tmp_path, length=Fraction(0))


def test_music_plays_again_and_again_and_fades_at_the_ends(tmp_path: Path) -> None:
    silent = probe(make_video(tmp_path / "a.mp4", seconds=8, fps=5, audio=None))
    music = make_sounding(tmp_path / "m.mov", tone(1.5, 440))
    mastering = Mastering(music=music, music_level=-6.0)
    heard = heard_in(master(pieces_of([(silent, 0, 8)]), tmp_path, mastering=mastering).path)[0]
    levels = [np.abs(heard[at : at + 2400]).max() for at in range(0, len(heard), 2400)]
    assert levels[0] < 0.02 > levels[-1]
    assert min(levels[20:-20]) > 0.2
    assert max(levels) == pytest.approx(0.25, abs=0.03)
    step = 0.25 * 2 * np.pi * 440 / RATE
    assert np.abs(np.diff(heard)).max() < 2 * step


def test_music_gives_way_to_the_voice_and_comes_back(tmp_path: Path) -> None:
    voice = np.zeros(9 * RATE)
    voice[3 * RATE : 6 * RATE] = tone(3, 3000, 0.5)
    media = probe(make_sounding(tmp_path / "a.mov", voice))
    music = make_sounding(tmp_path / "m.mov", tone(10, 440))

    def music_at(duck: bool) -> list[float]:
        mastering = Mastering(music=music, music_level=-6.0, duck=duck)
        heard = heard_in(master(pieces_of([(media, 0, 9)]), tmp_path, mastering=mastering).path)[0]
        turning = heard * np.exp(-2j * np.pi * 440 * np.arange(len(heard)) / RATE)
        return [2 * abs(turning[at * RATE : (at + 1) * RATE].mean()) for at in (1, 4, 7)]

    before, during, after = music_at(duck=True)
    assert before == pytest.approx(0.25, rel=0.05)
    assert during < 0.5 * before
    assert after > 0.9 * before
    assert music_at(duck=False) == pytest.approx([0.25] * 3, rel=0.05)


def test_music_counts_for_the_loudness(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=3, audio=None))
    music = make_sounding(tmp_path / "m.mov", noise(2, 0.05))
    mastering = Mastering(loudness=-16.0, music=music, music_level=-12.0)
    written = master(pieces_of([(media, 0, 3)]), tmp_path, mastering=mastering)
    assert loudness_of(heard_in(written.path)) == pytest.approx(-16, abs=0.5)


@pytest.mark.parametrize("kind", ["missing", "silent", "text", "too short"])
def test_music_that_is_none_is_named(kind: str, tmp_path: Path) -> None:
    media = probe(make_sounding(tmp_path / "a.mov", tone(1)))
    music = tmp_path / "music.mov"
    if kind == "silent":
        make_video(music, seconds=1, audio=None)
    elif kind == "text":
        music.write_text("la la la")
    elif kind == "too short":
        make_sounding(music, tone(0.005), seconds=Fraction(1))
    with pytest.raises(MediaError, match=r"music\.mov"):
        master(pieces_of([(media, 0, 1)]), tmp_path, mastering=Mastering(music=music))


def test_the_gate_lowers_noise_in_pauses_and_leaves_the_voice(tmp_path: Path) -> None:
    sound = noise(4, 0.001)
    sound[:, : 2 * RATE] += tone(2, 300, 0.3)
    media = probe(make_sounding(tmp_path / "a.mov", sound))

    def levels(gate: bool) -> tuple[float, float]:
        mastering = Mastering(gate=gate)
        heard = heard_in(master(pieces_of([(media, 0, 4)]), tmp_path, mastering=mastering).path)[0]
        voice, pause = heard[RATE // 2 : RATE], heard[3 * RATE : RATE * 7 // 2]
        return float(np.abs(voice).max()), float(np.sqrt(np.square(pause).mean()))

    voice, pause = levels(gate=True)
    assert voice == pytest.approx(levels(gate=False)[0], rel=0.02)
    assert pause < 0.3 * levels(gate=False)[1]


def test_a_folder_that_is_not_there_is_an_export_error(tmp_path: Path) -> None:
    media = probe(make_sounding(tmp_path / "a.mov", tone(1)))
    with pytest.raises(ExportError, match=r"short\.mp4"):
        write_sound(
            pieces_of([(media, 0, 1)]),
            Fraction(1),
            tmp_path / "gone" / "sound.m4a",
            Mastering(),
            folder=tmp_path / "gone",
            target=tmp_path / "short.mp4",
            progress=lambda fraction, message: None,
            cancelled=lambda: False,
        )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no files")
@pytest.mark.parametrize("loudness", [None, -14.0])
def test_a_disk_that_takes_no_more_is_told_and_the_way_is_cleared(
    loudness: float | None, tmp_path: Path
) -> None:
    import resource

    media = probe(make_sounding(tmp_path / "a.mov", noise(4, 0.1)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(ExportError, match=r"larger than this disk.*short\.mp4"):
            master(pieces_of([(media, 0, 4)]), tmp_path, mastering=Mastering(loudness=loudness))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.glob("*.f32"))
