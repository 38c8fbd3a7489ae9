"""The right frames, each once and at the right time, from every kind of file."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from core.errors import UsageError
from core.export.ffmpeg import ffmpeg_program
from core.export.render import Export, export_short
from core.media.probe import MediaInfo, probe
from core.time import Span
from tests.export.clips import clips_of, frame_spans, settings_of
from tests.synthetic import make_video, read_frame_numbers, read_frames

NTSC = Fraction(30_000, 1001)
FILM = Fraction(24_000, 1001)
STRETCHES = [(60, 66), (5, 25), (69, 72), (0, 4), (30, 31), (49, 52)]

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "mp4": ("a.mp4", {}),
    "mp4 with B-frames at 29.97": ("a.mp4", {"fps": NTSC, "b_frames": 2}),
    "one key frame, three B-frames": ("a.mp4", {"keyint": 250, "b_frames": 3}),
    "pictures that start late": ("a.mp4", {"start": Fraction(4, 5), "b_frames": 2}),
    "sound that starts late": ("a.mp4", {"audio_start": Fraction(1, 2), "b_frames": 2}),
    "mkv at 23.976 with 1 ms ticks": ("a.mkv", {"fps": FILM, "b_frames": 2}),
    "webm": ("a.webm", {"fps": 30, "audio": "mono"}),
    "transport stream with an origin": ("a.ts", {"b_frames": 2, "start": 3, "audio_start": 2.5}),
    "mpeg-2 in a transport stream": ("a.ts", {"codec": "mpeg2video"}),
    "10 bits": ("a.mp4", {"ten_bit": True}),
    "60 frames per second": ("a.mov", {"fps": 60}),
    "no sound": ("a.mp4", {"audio": None}),
}


def export(media: MediaInfo, cuts: Sequence[Span], **settings: Any) -> Export:
    """Encodes: cuts that are copied keep the stamps of their video (see test_exact)."""
    output = media.path.with_name("short.mp4")
    return export_short(clips_of(media, cuts), output, settings_of(**{"way": "fast", **settings}))


@pytest.mark.parametrize("kind", KINDS)
def test_each_cut_has_exactly_its_frames(kind: str, tmp_path: Path) -> None:
    name, options = KINDS[kind]
    media = probe(make_video(tmp_path / name, seconds=3.5, **options))
    short = export(media, frame_spans(media, STRETCHES))
    expected = [number for first, last in STRETCHES for number in range(first, last)]
    frames = read_frames(short.path)
    assert [frame.number for frame in frames] == expected
    assert [frame.time for frame in frames] == [n / short.frame_rate for n in range(len(frames))]
    assert short.frame_rate == Fraction(options.get("fps", 25))
    assert (short.frames, short.duration) == (len(expected), len(expected) / short.frame_rate)
    assert short.size_bytes == short.path.stat().st_size


def test_frames_hidden_by_an_edit_list_stay_hidden(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", seconds=4, hidden=1.2, keyint=250, b_frames=2)
    media = probe(path)
    hidden = read_frame_numbers(path)[0]
    assert hidden == 30
    short = export(media, frame_spans(media, [(0, 5), (20, 30), (5, 6)]))
    expected = [*range(30, 35), *range(50, 60), 35]
    assert read_frame_numbers(short.path) == expected


def test_sound_before_pictures_in_the_file(tmp_path: Path) -> None:
    original = make_video(tmp_path / "original.mp4", seconds=2)
    path = tmp_path / "a.mp4"
    words = ["-v", "error", "-i", str(original), "-map", "0:a", "-map", "0:v", "-c", "copy"]
    subprocess.run([ffmpeg_program(), *words, str(path)], check=True)
    media = probe(path)
    assert media.video.index == 1
    short = export(media, frame_spans(media, [(20, 30)]), aspect="1:1", height=180)
    assert read_frame_numbers(short.path) == list(range(20, 30))


def test_variable_frame_rate_keeps_the_pace(tmp_path: Path) -> None:
    gaps = [Fraction(1, 30)] * 30 + [Fraction(1, 5)] * 6 + [Fraction(1, 30)] * 30
    times = [sum(gaps[:place], Fraction(0)) for place in range(len(gaps) + 1)]
    media = probe(make_video(tmp_path / "a.mp4", fps=30, times=times))
    short = export(media, [Span(times[20], times[50])])
    assert short.frame_rate == 30
    shown_at = {number: times[number] - times[20] for number in range(20, 50)}
    for frame in read_frames(short.path):
        newest = max(n for n, time in shown_at.items() if time <= frame.time + Fraction(1, 200))
        assert frame.number == newest
    assert short.duration == times[50] - times[20]


def test_a_cut_inside_a_long_frame_shows_that_frame(tmp_path: Path) -> None:
    times = [Fraction(n, 25) for n in range(25)] + [Fraction(3), Fraction(76, 25)]
    media = probe(make_video(tmp_path / "a.mp4", times=times))
    short = export(media, [Span(Fraction(2), Fraction(5, 2))])
    assert set(read_frame_numbers(short.path)) == {24}
    assert abs(short.duration - Fraction(1, 2)) <= Fraction(1, 25)


def test_more_than_60_frames_per_second_are_thinned_evenly(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", fps=120, seconds=1))
    short = export(media, [Span(Fraction(31, 120), Fraction(71, 120))])
    assert short.frame_rate == 60
    assert read_frame_numbers(short.path) == list(range(31, 71, 2))


def test_times_between_frames_snap_to_the_nearest(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=2))
    short = export(media, [Span(Fraction("0.413"), Fraction("0.8000004"))])
    assert read_frame_numbers(short.path) == list(range(10, 20))


def test_cuts_that_continue_each_other_have_no_seam(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=2, fps=NTSC))
    short = export(media, frame_spans(media, [(10, 20), (20, 33)]))
    assert read_frame_numbers(short.path) == list(range(10, 33))


def test_a_cut_before_the_first_picture_shows_it_early(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=1, start=Fraction(4, 5)))
    short = export(media, [Span(Fraction(0), Fraction(22, 25))])
    assert read_frame_numbers(short.path) == [0] * 21 + [1]


def test_a_cut_over_the_end_is_shortened(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=1))
    short = export(media, [Span(Fraction(4, 5), Fraction(9))])
    assert read_frame_numbers(short.path) == list(range(20, 25))


@pytest.mark.parametrize("cut", [Span(Fraction(5), Fraction(6)), Span(Fraction(-2), Fraction(0))])
def test_a_cut_outside_the_video_is_refused(cut: Span, tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=1))
    with pytest.raises(UsageError, match="outside"):
        export(media, [cut])


def test_seventy_cuts_in_any_order(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=4, size=(96, 64), b_frames=2))
    stretches = [(number * 37 % 98, number * 37 % 98 + 2) for number in range(70)]
    short = export(media, frame_spans(media, stretches), speed="ultrafast", crf=16)
    assert read_frame_numbers(short.path) == [n for a, b in stretches for n in range(a, b)]


def test_what_platforms_and_players_expect(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=1, audio="5.1"))
    short = export(media, [Span(Fraction(0), Fraction(1))])
    head = short.path.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")
    with av.open(str(short.path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        colours = video.codec_context
        assert (colours.colorspace, colours.color_primaries, colours.color_trc) == (1, 1, 1)
        assert (audio.codec_context.name, audio.codec_context.sample_rate) == ("aac", 48_000)
        assert audio.codec_context.layout.name == "stereo"
        assert video.start_time == 0
