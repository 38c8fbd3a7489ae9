"""The encoder that really works is used, and what it writes is what platforms ask for."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.errors import ExportError
from core.export import encoders, ffmpeg
from core.export.encoders import chosen_encoder, encoder_words, is_hardware_failure
from core.export.encoding import Encoding
from core.export.ffmpeg import Command, ffmpeg_program, run_ffmpeg

NTSC = Fraction(30_000, 1001)
NOISE = "noise=alls=60:allf=t"


def encode(
    path: Path,
    encoding: Encoding,
    *,
    seconds: float = 5,
    rate: Fraction = NTSC,
    filters: str = "null",
) -> Path:
    size = (320, 180)
    source = f"testsrc2=s={size[0]}x{size[1]}:r={rate.numerator}/{rate.denominator}:d={seconds}"
    words = ["-f", "lavfi", "-i", f"{source},{filters}", *encoder_words(encoding, rate, size)]
    run(path, words)
    return path


def run(path: Path, words: list[str]) -> int:
    command = Command([*words, path.name], path.parent, 1, path)
    [frames] = run_ffmpeg([command], progress=lambda *step: None, cancelled=lambda: False)
    return frames


@pytest.mark.parametrize(
    ("encoding", "codec", "tag", "profile"),
    [
        (Encoding(), "h264", "avc1", "High"),
        (Encoding(codec="hevc", speed="ultrafast"), "hevc", "hvc1", "Main"),
    ],
    ids=["h264", "hevc"],
)
def test_films_are_as_platforms_ask(
    encoding: Encoding, codec: str, tag: str, profile: str, tmp_path: Path
) -> None:
    with av.open(str(encode(tmp_path / "a.mp4", encoding))) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.codec_tag, context.profile) == (codec, tag, profile)
        assert context.pix_fmt == "yuv420p"
        assert stream.average_rate == NTSC
        packets = [packet for packet in container.demux(stream) if packet.pts is not None]
        keys = [packet.pts * stream.time_base for packet in packets if packet.is_keyframe]
    assert len(packets) == 150
    assert keys[0] == 0
    assert all(b - a <= 2 + 1 / NTSC for a, b in itertools.pairwise(keys))
    assert len(keys) >= 3
    for place, packet in enumerate(packets):
        if packet.is_keyframe:
            assert all(later.pts >= packet.pts for later in packets[place:]), "an open group"


def test_parts_can_be_joined_without_encoding(tmp_path: Path) -> None:
    encoding = Encoding(most_bits=2_000_000)
    for number in range(3):
        encode(tmp_path / f"{number}.mp4", encoding, seconds=0.5 + number / 4, filters=NOISE)
    (tmp_path / "parts.txt").write_text("".join(f"file {number}.mp4\n" for number in range(3)))
    whole = tmp_path / "whole.mp4"
    run(whole, ["-f", "concat", "-i", "parts.txt", "-c", "copy"])
    with av.open(str(whole)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert len(times) == 15 + 23 + 30
    assert times == sorted(times)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_bits_stay_below_the_limit(codec: str, tmp_path: Path) -> None:
    most = 400_000
    free = Encoding(codec=codec, speed="ultrafast", crf=20)
    limited = Encoding(codec=codec, speed="ultrafast", crf=20, most_bits=most)
    seconds = 3
    free_bits, limited_bits = (
        encode(tmp_path / f"{name}.mp4", encoding, seconds=seconds, filters=NOISE).stat().st_size
        * 8
        for name, encoding in (("free", free), ("limited", limited))
    )
    assert free_bits > 3 * most * seconds
    # What players hold ready, a second's worth, may be used up once.
    assert limited_bits < 1.05 * most * (seconds + 1)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_rate_factor_of_0_loses_nothing(codec: str, tmp_path: Path) -> None:
    encoding = Encoding(codec=codec, crf=0, speed="ultrafast", most_bits=100_000, hardware=True)
    written = encode(tmp_path / "a.mp4", encoding, seconds=0.4)
    original = tmp_path / "a.mkv"
    source = "testsrc2=s=320x180:r=30000/1001:d=0.4,format=yuv420p"
    run(original, ["-f", "lavfi", "-i", source, "-c:v", "rawvideo"])
    pictures = []
    for path in (written, original):
        with av.open(str(path)) as container:
            pictures.append([frame.to_ndarray() for frame in container.decode(video=0)])
    assert len(pictures[0]) == len(pictures[1]) == 12
    assert np.array_equal(pictures[0], pictures[1])


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_what_is_chosen_for_hardware_writes_a_film(codec: str, tmp_path: Path) -> None:
    encoding = Encoding(codec=codec, hardware=True, speed="ultrafast")
    choice = chosen_encoder(encoding)
    assert choice.reason.endswith(".")
    assert choice.hardware == (not choice.name.startswith("lib"))
    with av.open(str(encode(tmp_path / "a.mp4", encoding, seconds=0.5))) as container:
        assert container.streams.video[0].codec_context.name == codec


Pretend = Callable[[str], None]


@pytest.fixture
def pretend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pretend:
    """Puts a program in the place of ffmpeg that lists an encoder of the machine's own."""
    if os.name == "nt":
        pytest.skip("needs a script that is a program")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(encoders, "_PATIENCE", 5.0)
    real = ffmpeg_program()

    def install(picture: str) -> None:
        program = tmp_path / "ffmpeg"
        program.write_text(
            f"#!{sys.executable}\n"
            "import subprocess, sys\n"
            "if '-encoders' in sys.argv:\n"
            "    print(' V....D libx264  x264\\n V....D h264_qsv  Quick Sync')\n"
            f"elif {picture!r}:\n"
            f"    words = [{real!r}, '-v', 'error', '-f', 'lavfi', '-i', {picture!r}]\n"
            "    subprocess.run([*words, '-frames:v', '10', sys.argv[-1]], check=True)\n"
            "else:\n"
            "    sys.exit(1)\n"
        )
        program.chmod(0o700)
        monkeypatch.setattr(encoders, "ffmpeg_program", lambda: str(program))

    return install


@pytest.mark.parametrize(
    ("picture", "works"),
    [
        ("color=0x969696:s=1080x1920:r=30", True),
        ("color=0x008700:s=1080x1920:r=30", False),
        ("color=0x969696:s=1080x1920:r=30:d=0.1", False),
        ("color=0x969696:s=1088x1920:r=30", False),
        ("", False),
    ],
    ids=["right", "green", "too few", "another size", "no driver"],
)
def test_an_encoder_counts_only_if_its_pictures_are_right(
    picture: str, works: bool, pretend: Pretend
) -> None:
    pretend(picture)
    choice = chosen_encoder(Encoding(hardware=True))
    assert choice.name == ("h264_qsv" if works else "libx264")
    assert choice.hardware == works
    words = encoder_words(Encoding(hardware=True), NTSC, (1080, 1920))
    assert words[:2] == ["-c:v", choice.name]


def test_software_is_used_unless_hardware_is_asked_for(pretend: Pretend) -> None:
    pretend("color=0x969696:s=1080x1920:r=30")
    assert chosen_encoder(Encoding()).name == "libx264"
    assert chosen_encoder(Encoding(codec="hevc", hardware=True)).name == "libx265"


def test_a_failing_encoder_of_the_machine_is_told_from_other_failures(tmp_path: Path) -> None:
    picture = ["-f", "lavfi", "-i", "color=s=64x64:d=0.1"]
    words = [ffmpeg_program(), "-v", "error", *picture, "-c:v", "h264_nvenc", "-f", "null", "-"]
    if subprocess.run(words, check=False, capture_output=True).returncode == 0:
        pytest.skip("this machine encodes even that")
    with pytest.raises(ExportError) as failed:
        run(tmp_path / "a.mp4", [*picture, "-c:v", "h264_nvenc"])
    assert is_hardware_failure(failed.value)
    assert "hardware encoding off" in str(failed.value)
    for complaint in ("No space left on device", "Unknown encoder 'libx264'", "something"):
        assert not is_hardware_failure(ffmpeg.export_error(complaint, tmp_path))


def test_an_encoder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="Install imageio-ffmpeg"):
        run(tmp_path / "a.mp4", ["-f", "lavfi", "-i", "color=s=64x64:d=1", "-c:v", "libnothing"])
