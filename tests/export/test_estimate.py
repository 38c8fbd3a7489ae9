"""The size of a short is foretold: roughly before, closely once a part of it is there."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.export.encoders import encoder_words
from core.export.encoding import SPEEDS, Encoding
from core.export.estimate import Measured, estimate, estimate_preview
from core.export.ffmpeg import Command, as_input, run_ffmpeg
from core.export.preview import write_preview
from core.places import SAMPLE_VIDEO

SIZE = (640, 360)
RATE = Fraction(25)


def encode(path: Path, encoding: Encoding, begin: float, seconds: float) -> tuple[int, int]:
    """Frames and bytes of a stretch of the sample video; half a second is between its scenes."""
    source = ["-ss", str(begin), "-t", str(seconds), "-i", as_input(SAMPLE_VIDEO), "-an"]
    filters = ["-vf", f"fps={RATE},scale={SIZE[0]}:{SIZE[1]}"]
    words = [*source, *filters, *encoder_words(encoding, RATE, SIZE), path.name]
    [frames] = run_ffmpeg(
        [Command(words, path.parent, 1, path)],
        progress=lambda *step: None,
        cancelled=lambda: False,
    )
    return frames, path.stat().st_size


def test_what_parts_needed_tells_the_rest(tmp_path: Path) -> None:
    encoding = Encoding(sound_bits=8000)
    frames, size = encode(tmp_path / "part.mp4", encoding, 2, 4)
    _, whole = encode(tmp_path / "whole.mp4", encoding, 2, 8)
    guess = estimate(Fraction(8), SIZE, RATE, encoding, Measured(frames, size, 2.0))
    assert guess.fewest_bytes <= whole <= guess.most_bytes
    assert guess.seconds == pytest.approx(4.0, rel=0.02)


def test_a_limit_of_bits_limits_the_size(tmp_path: Path) -> None:
    free = Encoding(crf=10, speed="ultrafast", sound_bits=8000)
    limited = replace(free, most_bits=300_000)
    _, size = encode(tmp_path / "a.mp4", limited, 2, 4)
    guess = estimate(Fraction(4), SIZE, RATE, limited)
    assert guess.most_bytes < estimate(Fraction(4), SIZE, RATE, free).fewest_bytes
    assert guess.fewest_bytes <= size <= 1.25 * guess.most_bytes


def test_previews_are_within_their_range(tmp_path: Path) -> None:
    encode(tmp_path / "a.mp4", Encoding(crf=14), 2, 2)
    for suffix in (".gif", ".webp"):
        output = tmp_path / f"a{suffix}"
        write_preview(tmp_path / "a.mp4", output, frame_rate=Fraction(10))
        guess = estimate_preview(Fraction(2), SIZE, Fraction(10), suffix)
        assert guess.fewest_bytes <= output.stat().st_size <= guess.most_bytes


@given(
    st.fractions(Fraction(1, 10), 3600),
    st.integers(16, 4096),
    st.integers(16, 4096),
    st.sampled_from([Fraction(24_000, 1001), Fraction(25), Fraction(60)]),
    st.integers(0, 50),
    st.sampled_from(SPEEDS),
    st.sampled_from(["h264", "hevc"]),
)
def test_more_of_anything_is_never_smaller(
    duration: Fraction,
    width: int,
    height: int,
    rate: Fraction,
    crf: int,
    speed: str,
    codec: str,
) -> None:
    worse = Encoding(codec=codec, crf=crf + 1, speed=speed)  # type: ignore[arg-type]
    better = replace(worse, crf=crf)
    guess = estimate(duration, (width, height), rate, worse)
    assert 0 < guess.fewest_bytes <= guess.bytes <= guess.most_bytes
    assert guess.seconds > 0
    assert estimate(duration, (width, height), rate, better).bytes >= guess.bytes
    assert estimate(duration + 1, (width, height), rate, worse).bytes > guess.bytes
    assert estimate(duration, (2 * width, height), rate, worse).bytes >= guess.bytes
