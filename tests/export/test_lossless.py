"""Cuts whose frames are copied: exact, bit by bit inside, and without a seam that is seen."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import Cancelled, ExportError
from core.export.camera import Keyframe
from core.export.clip import Clip, Join
from core.export.encoding import Encoding
from core.export.ffmpeg import ffmpeg_program
from core.export.look import Look
from core.export.lossless import LosslessPictures, lossless_refusal, write_lossless
from core.export.lossless.parameters import is_parameter_set, packet_units, sets_of
from core.media.probe import MediaInfo, probe
from core.time import Span
from tests.export.clips import clips_of
from tests.synthetic import make_video, read_frame_numbers, read_frames

FRAMES = 150
DELIMITERS = {"h264": 9, "hevc": 35}
X265 = "keyint=25:min-keyint=25:scenecut=0:log-level=none"
X264 = "keyint=25:min-keyint=25:scenecut=0"


@dataclass(frozen=True)
class Kind:
    """A way in which a numbered video is stored, and the encoder's words for it."""

    name: str
    words: tuple[str, ...] = ("-c", "copy")
    codec: str = "h264"


def x264(name: str, words: str, *more: str) -> Kind:
    return Kind(name, ("-c:v", "libx264", *more, "-x264-params", f"{X264}:{words}"))


def x265(name: str, words: str, *more: str) -> Kind:
    return Kind(name, ("-c:v", "libx265", *more, "-x265-params", f"{X265}:{words}"), "hevc")


KINDS = [
    x264("no-b.mp4", "bframes=0"),
    x264("b.mp4", "bframes=3:b-adapt=0"),
    x264("b.mov", "bframes=3:b-adapt=0"),
    x264("ticks.mkv", "bframes=2"),
    x264("stream.ts", "bframes=3:b-adapt=0"),
    x264("many.mp4", "bframes=8:b-adapt=0:ref=6:slices=3:aud=1"),
    x264("baseline.mp4", "ref=2", "-profile:v", "baseline"),
    x264("ten.mp4", "bframes=2", "-pix_fmt", "yuv420p10le"),
    x264("full.mp4", "bframes=2", "-vf", "scale=out_range=full", "-pix_fmt", "yuvj420p"),
    x264("wide.mp4", "bframes=2", "-vf", "setsar=4/3"),
    x265("open.mp4", "open-gop=1", "-tag:v", "hvc1"),
    x265("closed.mkv", "open-gop=0"),
    x265("leading.mp4", "open-gop=0:radl=2"),
    x265("open.ts", "open-gop=1"),
    x265("ten-hevc.mp4", "open-gop=1", "-pix_fmt", "yuv420p10le"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lossless")


@pytest.fixture(scope="module")
def original(folder: Path) -> Path:
    return make_video(
        folder / "original.mp4", seconds=FRAMES / 25, audio=None, shots=(1.3, 3.1), b_frames=2
    )


@pytest.fixture(scope="module")
def plain(original: Path, folder: Path) -> MediaInfo:
    return made(original, folder, x264("plain.mp4", "bframes=3:b-adapt=0"))


def made(original: Path, folder: Path, kind: Kind) -> MediaInfo:
    path = folder / kind.name
    run_ffmpeg("-i", str(original), *kind.words, str(path))
    return probe(path)


def run_ffmpeg(*words: str) -> str:
    """Runs ffmpeg and gives back what it complains about."""
    command = [ffmpeg_program(), "-nostdin", "-y", "-v", "warning", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def write(clips: Sequence[Clip], folder: Path, **options: Any) -> LosslessPictures:
    options = {
        "progress": lambda fraction, message: None,
        "cancelled": lambda: False,
    } | options
    return write_lossless(clips, folder, folder / "short.mp4", **options)


def units_of(path: Path) -> dict[Fraction, tuple[bytes, ...]]:
    """What is coded in each packet, without delimiters and parameter sets, by time."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context.name
        _, length_size = sets_of(codec, stream.codec_context.extradata or b"")
        return {
            packet.pts * packet.time_base: tuple(
                unit
                for unit in packet_units(bytes(packet), length_size)
                if not is_parameter_set(codec, unit)
                and (unit[0] & 31 if codec == "h264" else unit[0] >> 1) != DELIMITERS[codec]
            )
            for packet in container.demux(stream)
            if packet.size
        }


def frame_spans(info: MediaInfo, stretches: Sequence[tuple[int, int]]) -> list[Span]:
    """Spans on the media axis from the time of one frame to that of another."""
    times = [time - info.origin for time, _ in planes_of(info.path)] + [info.duration]
    return [Span(times[first], times[last]) for first, last in stretches]


@cache
def planes_of(path: Path) -> list[tuple[Fraction, NDArray[Any]]]:
    """Times and samples of all frames, as decoded."""
    with av.open(str(path)) as container:
        return [
            (frame.pts * frame.time_base, frame.to_ndarray())
            for frame in container.decode(container.streams.video[0])
        ]


def loss_between(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Peak signal-to-noise ratio in dB."""
    peak = 1023 if a.dtype == np.uint16 else 255
    error = np.mean((a.astype(float) - b.astype(float)) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(peak**2 / error))


def assert_is_cut(
    written: LosslessPictures, info: MediaInfo, stretches: Sequence[tuple[int, int]]
) -> int:
    """The file shows exactly some frames at their own distances; gives the number of copies."""
    source = planes_of(info.path)
    units = units_of(info.path)
    ends = [time for time, _ in source] + [info.duration + info.origin]
    wanted = [number for first, last in stretches for number in range(first, last)]
    times: list[Fraction] = []
    start = Fraction(0)
    for first, last in stretches:
        times += [start + ends[number] - ends[first] for number in range(first, last)]
        start += ends[last] - ends[first]
    result = planes_of.__wrapped__(written.path)
    assert [time for time, _ in result] == times
    assert written.frames == len(wanted)
    assert written.duration == start
    copies = 0
    written_units = units_of(written.path)
    for number, (time, picture) in zip(wanted, result, strict=True):
        source_time, truth = source[number]
        coded = written_units[time]
        if "hevc" in info.video.codec:
            coded = tuple(unit for unit in coded if unit[0] >> 1 != 36)
        if coded == units[source_time]:
            copies += 1
            assert np.array_equal(picture, truth)
        else:
            assert loss_between(picture, truth) > 38
    assert copies == written.copied
    assert run_ffmpeg("-xerror", "-i", str(written.path), "-f", "null", "-") == ""
    assert probe(written.path).duration == start
    return copies


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_frame_is_the_source_s_and_those_inside_are_copies(
    original: Path, folder: Path, tmp_path: Path, kind: Kind
) -> None:
    info = made(original, folder, kind)
    stretches = [(11, 90), (50, 53), (100, 131)]
    clips = clips_of(info, frame_spans(info, stretches))
    assert lossless_refusal(clips, Look(), Encoding(codec=kind.codec)) == ""  # type: ignore[arg-type]
    written = write(clips, tmp_path)
    copies = assert_is_cut(written, info, stretches)
    # Between the first key frame in a cut and its end all but some reordered frames are copied.
    assert copies >= 65 + 3 + 31 - 3 - 16 - (
        25 if "open" in kind.name or "hevc" in kind.name else 0
    )
    assert read_frame_numbers(written.path) == [n for a, b in stretches for n in range(a, b)]
    if kind.name in ("b.mp4", "stream.ts", "baseline.mp4"):
        words = ("-c:v", "libopenh264", "-i", str(written.path), "-fps_mode", "passthrough")
        report = run_ffmpeg(*words, "-f", "framemd5", str(tmp_path / "frames.txt"))
        lines = (tmp_path / "frames.txt").read_text().splitlines()
        assert len([line for line in lines if not line.startswith("#")]) == written.frames, report


def test_any_cuts_of_a_video_are_exact(plain: MediaInfo, tmp_path: Path) -> None:
    random_numbers = random.Random(6)
    for _ in range(6):
        stretches = []
        for _ in range(random_numbers.randint(1, 4)):
            first = random_numbers.randrange(FRAMES - 1)
            stretches.append((first, random_numbers.randint(first + 1, FRAMES)))
        joined = [stretches[0]]
        for stretch in stretches[1:]:
            if stretch[0] == joined[-1][1]:
                joined[-1] = (joined[-1][0], stretch[1])
            else:
                joined.append(stretch)
        written = write(clips_of(plain, frame_spans(plain, stretches)), tmp_path)
        assert_is_cut(written, plain, joined)
        assert [piece.duration for piece in written.pieces] == [
            Fraction(last - first, 25) for first, last in joined
        ]


def test_a_variable_frame_rate_is_kept(folder: Path, tmp_path: Path) -> None:
    times = [Fraction(n, 25) if n % 7 else Fraction(n, 25) + Fraction(1, 90) for n in range(120)]
    path = make_video(folder / "variable.mp4", times=times, keyint=20, b_frames=2, audio=None)
    info = probe(path)
    stretches = [(5, 71), (80, 103)]
    written = write(clips_of(info, frame_spans(info, stretches)), tmp_path)
    assert assert_is_cut(written, info, stretches) > 50


def test_a_frame_that_stands_long_is_cut_where_the_cut_is(folder: Path, tmp_path: Path) -> None:
    times = [Fraction(n, 25) for n in range(30)] + [
        Fraction(4) + Fraction(n, 25) for n in range(30)
    ]
    info = probe(make_video(folder / "slide.mp4", times=times, keyint=10, audio=None))
    written = write(clips_of(info, [Span(Fraction(2), Fraction(5))]), tmp_path)
    frames = read_frames(written.path)
    assert [frame.number for frame in frames] == list(range(29, 55))
    assert [frame.time for frame in frames[:2]] == [Fraction(0), Fraction(2)]
    assert written.duration == 3


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_video_stays_turned(folder: Path, tmp_path: Path, rotation: int) -> None:
    path = make_video(
        folder / f"turned-{rotation}.mp4", seconds=3, rotation=rotation, keyint=20, size=(180, 320)
    )
    info = probe(path)
    stretches = [(7, 63)]
    written = write(clips_of(info, frame_spans(info, stretches)), tmp_path)
    assert probe(written.path).video.rotation == rotation
    assert assert_is_cut(written, info, stretches) >= 40
    assert read_frame_numbers(written.path) == list(range(7, 63))


def test_what_an_edit_list_hides_is_not_shown(folder: Path, tmp_path: Path) -> None:
    path = make_video(folder / "hidden.mp4", seconds=4, keyint=25, b_frames=2, hidden=0.5)
    info = probe(path)
    [first, *_] = read_frame_numbers(path)
    written = write([Clip(info, Span(Fraction(0), Fraction(2)))], tmp_path)
    numbers = read_frame_numbers(written.path)
    assert numbers[0] == first
    assert numbers == list(range(numbers[0] or 0, (numbers[-1] or 0) + 1))
    assert written.duration == 2
    assert written.copied


def test_a_video_with_one_key_frame_is_refused_and_yet_right(
    original: Path, folder: Path, tmp_path: Path
) -> None:
    words = ("-c:v", "libx264", "-x264-params", "keyint=1000:scenecut=0")
    info = made(original, folder, Kind("giant.mp4", words))
    stretches = [(40, 70), (90, 100)]
    clips = clips_of(info, frame_spans(info, stretches))
    assert "no cut has a key frame" in lossless_refusal(clips, Look(), Encoding()).lower()
    assert assert_is_cut(write(clips, tmp_path), info, stretches) == 0
    whole = clips_of(info, frame_spans(info, [(0, 100)]))
    assert lossless_refusal(whole, Look(), Encoding()) == ""
    assert assert_is_cut(write(whole, tmp_path), info, [(0, 100)]) > 90


def test_h264_with_an_open_begin_is_encoded_and_not_broken(
    original: Path, folder: Path, tmp_path: Path
) -> None:
    info = made(original, folder, x264("open-h264.mp4", "open-gop=1:bframes=3:b-adapt=0"))
    clips = clips_of(info, frame_spans(info, [(11, 90)]))
    assert lossless_refusal(clips, Look(), Encoding()) != ""
    assert assert_is_cut(write(clips, tmp_path), info, [(11, 90)]) == 0
    assert assert_is_cut(
        write(clips_of(info, frame_spans(info, [(0, 87)])), tmp_path), info, [(0, 87)]
    )


def test_videos_of_one_camera_can_be_strung_together(
    plain: MediaInfo, original: Path, folder: Path, tmp_path: Path
) -> None:
    other = made(original, folder, x264("again.mov", "bframes=3:b-adapt=0"))
    clips = [
        *clips_of(plain, frame_spans(plain, [(20, 60)])),
        *clips_of(other, frame_spans(other, [(30, 80)])),
    ]
    assert lossless_refusal(clips, Look(), Encoding()) == ""
    written = write(clips, tmp_path)
    assert read_frame_numbers(written.path) == [*range(20, 60), *range(30, 80)]
    assert run_ffmpeg("-xerror", "-i", str(written.path), "-f", "null", "-") == ""
    assert [piece.media for piece in written.pieces] == [plain, other]


def test_videos_of_different_coding_are_refused(
    plain: MediaInfo, original: Path, folder: Path, tmp_path: Path
) -> None:
    other = made(original, folder, x264("other.mp4", "bframes=0:ref=5"))
    span = Span(Fraction(0), Fraction(3))
    clips = [Clip(plain, span), Clip(other, span)]
    refusal = lossless_refusal(clips, Look(), Encoding())
    assert refusal == "The videos differ in size or in the way they are coded."
    with pytest.raises(ExportError, match="differ"):
        write(clips, tmp_path)


@pytest.mark.parametrize(
    ("look", "encoding", "reason"),
    [
        (Look(aspect="9:16"), Encoding(), "shape"),
        (Look(title="Hello"), Encoding(), "Titles"),
        (Look(end_card="Bye"), Encoding(), "Titles and cards"),
        (Look(captions=True), Encoding(), "Captions"),
        (Look(), Encoding(codec="hevc"), "HEVC"),
        (Look(), Encoding(height=90), "height"),
        (Look(), Encoding(frame_rate=Fraction(20)), "frames per second"),
        (Look(), Encoding(most_bits=1_000_000), "bits per second"),
    ],
)
def test_what_changes_the_picture_is_refused(
    plain: MediaInfo, look: Look, encoding: Encoding, reason: str
) -> None:
    clips = [Clip(plain, Span(Fraction(0), Fraction(3)))]
    assert reason in lossless_refusal(clips, look, encoding)


def test_crossfades_and_a_moved_window_are_refused(plain: MediaInfo) -> None:
    span = Span(Fraction(0), Fraction(2))
    later = Clip(plain, Span(Fraction(3), Fraction(5)), Join(crossfade=Fraction(1, 2)))
    assert "fades" in lossless_refusal([Clip(plain, span), later], Look(), Encoding())
    moved = Clip(plain, span, camera=(Keyframe(Fraction(0)),))
    assert "window" in lossless_refusal([moved], Look(), Encoding())


@pytest.mark.parametrize(
    ("name", "words", "reason"),
    [
        ("interlaced.mp4", ("-c:v", "libx264", "-x264-params", f"{X264}:tff=1"), "interlaced"),
        (
            "hdr.mp4",
            (
                *("-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params"),
                f"{X265}:transfer=smpte2084:colorprim=bt2020:colormatrix=bt2020nc",
            ),
            "HDR",
        ),
        ("fine.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv444p"), "finer"),
        ("other.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime"), "H.264 and HEVC"),
        ("old.avi", ("-c:v", "libx264"), "MP4"),
    ],
)
def test_videos_that_cannot_be_copied_are_refused(
    original: Path, folder: Path, tmp_path: Path, name: str, words: tuple[str, ...], reason: str
) -> None:
    info = made(original, folder, Kind(name, words))
    clips = [Clip(info, Span(Fraction(0), Fraction(3)))]
    codec = "hevc" if info.video.codec == "hevc" else "h264"
    assert reason in lossless_refusal(clips, Look(), Encoding(codec=codec))
    with pytest.raises(ExportError, match=reason):
        write(clips, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_video_is_not_copied(plain: MediaInfo, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    content = bytearray(plain.path.read_bytes())
    begin, end = content.index(b"mdat"), content.index(b"moov")
    middle = (begin + end) // 2
    content[middle : middle + 3_000] = bytes(3_000)
    broken.write_bytes(content)
    with pytest.raises(ExportError, match="damaged"):
        write([Clip(probe(broken), Span(Fraction(0), Fraction(6)))], tmp_path)
    assert list(tmp_path.iterdir()) == [broken]


def test_cancelling_at_any_moment_leaves_nothing(plain: MediaInfo, tmp_path: Path) -> None:
    clips = clips_of(plain, frame_spans(plain, [(10, 90), (100, 140)]))
    asked = 0

    def count() -> bool:
        nonlocal asked
        asked += 1
        return False

    write(clips, tmp_path, cancelled=count).path.unlink()
    random_numbers = random.Random(7)
    for _ in range(12):
        left = random_numbers.randrange(asked)

        def stop() -> bool:
            nonlocal left
            left -= 1
            return left < 0

        with pytest.raises(Cancelled):
            write(clips, tmp_path, cancelled=stop)
        assert list(tmp_path.iterdir()) == []


def test_progress_rises_to_one(plain: MediaInfo, tmp_path: Path) -> None:
    told: list[float] = []
    clips = clips_of(plain, frame_spans(plain, [(10, 140)]))
    write(clips, tmp_path, progress=lambda fraction, message: told.append(fraction))
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == 1


def test_sound_can_be_put_beside_the_pictures_without_moving_them(
    plain: MediaInfo, tmp_path: Path
) -> None:
    written = write(clips_of(plain, frame_spans(plain, [(10, 60), (70, 120)])), tmp_path)
    short = tmp_path / "short.mp4"
    sound = ("-f", "lavfi", "-i", "sine=frequency=440:duration=4")
    complaints = run_ffmpeg(
        *("-i", str(written.path), *sound, "-map", "0:v", "-map", "1:a"),
        *("-c:v", "copy", "-c:a", "aac", "-movflags", "+faststart", str(short)),
    )
    assert complaints == ""
    assert [time for time, _ in planes_of.__wrapped__(short)] == [
        Fraction(n, 25) for n in range(100)
    ]
    assert read_frame_numbers(short) == [*range(10, 60), *range(70, 120)]
    assert run_ffmpeg("-xerror", "-i", str(short), "-f", "null", "-") == ""
