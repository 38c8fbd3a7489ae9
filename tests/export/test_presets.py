"""What each preset writes, and where a short goes beyond what a platform accepts."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from core.export.framing import frame_pictures
from core.export.limits import check_file, check_plan
from core.export.look import Look
from core.export.presets import PRESETS
from core.export.render import export_short
from core.export.target import PREVIEW_SUFFIXES, SUFFIXES
from core.media.probe import VideoStream, probe
from core.time import Span
from tests.export.clips import clips_of
from tests.synthetic import make_video

PLATFORMS = ["shorts", "reels", "tiktok"]
WIDE = VideoStream(
    index=0,
    codec="h264",
    width=1920,
    height=1080,
    coded_width=1920,
    coded_height=1080,
    rotation=0,
    frame_rate=Fraction(30),
    time_base=Fraction(1, 30),
    start=Fraction(0),
)


def test_all_that_were_promised_are_there() -> None:
    assert list(PRESETS) == ["shorts", "reels", "tiktok", "square", "source", "gif", "webp"]
    assert all(preset.name == name for name, preset in PRESETS.items())
    assert len({preset.title for preset in PRESETS.values()}) == len(PRESETS)
    assert {preset.suffix for preset in PRESETS.values()} <= set(SUFFIXES)


@pytest.mark.parametrize("name", PRESETS)
def test_the_look_of_the_project_stays(name: str) -> None:
    look = Look(
        aspect="4:5",
        title="Title",
        layout="blur",
        captions=True,
        music=Path("song.m4a"),
        end_card="The end",
    )
    settings = PRESETS[name].settings(look, overwrite=True)
    assert replace(settings.look, aspect="4:5") == look
    assert settings.overwrite
    if PRESETS[name].suffix in PREVIEW_SUFFIXES:
        assert settings.look.aspect == "4:5"
    else:
        assert settings.encoding.loudness == -14
        assert settings.encoding.peak == -1


@pytest.mark.parametrize(
    ("name", "size"),
    [(name, (1080, 1920)) for name in PLATFORMS]
    + [("square", (1080, 1080)), ("source", (1920, 1080)), ("gif", (640, 360))],
)
def test_sizes_are_those_that_people_expect(name: str, size: tuple[int, int]) -> None:
    settings = PRESETS[name].settings(Look())
    [framing] = frame_pictures([WIDE], settings.look.aspect, settings.encoding.height)
    assert abs(framing.width - size[0]) <= 2
    assert framing.height == size[1]
    assert not check_plan(
        PRESETS[name].limits,
        duration=Fraction(10),
        size=(framing.width, framing.height),
        frame_rate=min(settings.encoding.frame_rate, Fraction(30)),
        encoding=settings.encoding,
    )


@pytest.mark.parametrize(
    ("name", "short", "words"),
    [
        ("shorts", {"duration": Fraction(180)}, ""),
        ("shorts", {"duration": Fraction(18_001, 100)}, "180.01 s long; at most 180 s"),
        ("shorts", {"size": (1920, 1080)}, "wider one than 1:1"),
        ("shorts", {"size": (1080, 1080)}, ""),
        ("reels", {"duration": Fraction(2)}, "at least 3 s"),
        ("reels", {"duration": Fraction(901)}, "at most 900 s"),
        ("reels", {"size_bytes": 300_000_001}, "300 MB are accepted"),
        ("reels", {"size": (2160, 3840)}, "at most 1920x3840"),
        ("reels", {"frame_rate": Fraction(15)}, "at least 23"),
        ("reels", {"frame_rate": Fraction(24_000, 1001)}, ""),
        ("tiktok", {"size": (270, 480)}, "at least 360 pixels"),
        ("tiktok", {"size": (4320, 7680)}, "at most 4096x4096"),
        ("tiktok", {"frame_rate": Fraction(120)}, "at most 60"),
        ("tiktok", {"frame_rate": Fraction(60)}, ""),
        ("gif", {"size_bytes": 12_345_678}, "12.3 MB; 10 MB"),
        ("source", {"duration": Fraction(9999), "size": (7680, 4320)}, ""),
    ],
)
def test_what_goes_beyond_is_told_with_what_to_do(
    name: str, short: dict[str, Any], words: str
) -> None:
    usual = {
        "duration": Fraction(20),
        "size": (1080, 1920),
        "frame_rate": Fraction(30),
        "size_bytes": 1_000_000,
    }
    said = check_file(PRESETS[name].limits, **usual | short)
    if not words:
        assert said == []
        return
    assert len(said) == 1
    assert words in said[0]
    assert said[0].endswith(".")


def test_a_file_that_will_be_too_large_is_told_before() -> None:
    reels = PRESETS["reels"]
    sure = {"size": (1080, 1920), "frame_rate": Fraction(60)}
    short = check_plan(reels.limits, duration=Fraction(30), encoding=reels.encoding, **sure)
    assert short == []
    [perhaps] = check_plan(reels.limits, duration=Fraction(400), encoding=reels.encoding, **sure)
    assert "may become larger" in perhaps
    huge = replace(reels.encoding, crf=4, most_bits=None)
    [certain] = check_plan(reels.limits, duration=Fraction(800), encoding=huge, **sure)
    assert "will have about" in certain


def test_a_gif_that_will_be_too_large_is_told_before() -> None:
    gif = PRESETS["gif"]
    [said] = check_plan(
        gif.limits,
        duration=Fraction(20),
        size=(270, 480),
        frame_rate=Fraction(15),
        encoding=gif.encoding,
        suffix=gif.suffix,
    )
    assert "may become larger" in said


@pytest.mark.parametrize("name", PLATFORMS)
def test_numbers_of_platforms_say_whose_they_are(name: str) -> None:
    assert "2026" in PRESETS[name].limits.stated
    assert PRESETS[name].encoding.most_bits is not None
    assert PRESETS[name].encoding.most_bits < 25_000_000


def test_a_reel_is_as_its_platform_asks(tmp_path: Path) -> None:
    media = probe(make_video(tmp_path / "a.mp4", seconds=3, tone=0.1))
    reels = PRESETS["reels"]
    settings = reels.settings(Look(title="A reel"))
    settings = replace(settings, encoding=replace(settings.encoding, speed="ultrafast"))
    clips = clips_of(media, [Span(Fraction(0), Fraction(3))])
    short = export_short(clips, tmp_path / f"reel{reels.suffix}", settings)
    assert not check_file(
        reels.limits,
        duration=short.duration,
        size=(short.width, short.height),
        frame_rate=short.frame_rate,
        size_bytes=short.size_bytes,
    )
    head = short.path.read_bytes()[:200]
    assert b"moov" in head
    with av.open(str(short.path)) as container:
        sound, pictures = container.streams.audio[0], container.streams.video[0]
        assert (sound.codec_context.name, sound.codec_context.sample_rate) == ("aac", 48_000)
        assert (pictures.codec_context.name, pictures.codec_context.pix_fmt) == ("h264", "yuv420p")
        keys = [
            packet.pts * pictures.time_base
            for packet in container.demux(pictures)
            if packet.pts is not None and packet.is_keyframe
        ]
    assert all(b - a <= Fraction(21, 10) for a, b in itertools.pairwise([*keys, Fraction(3)]))
