from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
from hypothesis import given, settings
from hypothesis import strategies as st

from core.export.interchange.timecode import (
    TIMECODE_RATES,
    drops_frames,
    format_frames,
    parse_frames,
    timecode_rate,
    timecode_start,
)
from core.export.source_frames import standard_rate

NTSC = Fraction(30_000, 1001)


@given(st.sampled_from(TIMECODE_RATES), st.integers(0, 20 * 3600 * 24))
@settings(max_examples=50, deadline=None)
def test_timecode_is_what_opentimelineio_counts(rate: Fraction, frames: int) -> None:
    time = otio.opentime.RationalTime(frames, float(rate))
    drop = drops_frames(rate)
    assert format_frames(frames, rate, drop) == otio.opentime.to_timecode(time, float(rate), drop)


@given(st.sampled_from(TIMECODE_RATES), st.integers(0, 20 * 3600 * 24), st.booleans())
@settings(max_examples=50, deadline=None)
def test_a_timecode_is_read_back_as_the_frame_it_was_made_of(
    rate: Fraction, frames: int, drop: bool
) -> None:
    drop = drop and drops_frames(rate)
    assert parse_frames(format_frames(frames, rate, drop), rate) == (frames, drop)


def test_drop_frame_leaves_out_two_numbers_a_minute_but_not_each_tenth() -> None:
    assert format_frames(1799, NTSC, True) == "00:00:59;29"
    assert format_frames(1800, NTSC, True) == "00:01:00;02"
    assert format_frames(17_982, NTSC, True) == "00:10:00;00"
    assert format_frames(107_892, NTSC, True) == "01:00:00;00"


def test_what_is_no_timecode_is_none() -> None:
    for text in ("", "1:2", "25:00:00:00", "00:00:00:25", "00:61:00:00", "aa:bb:cc:dd"):
        assert parse_frames(text, Fraction(25)) is None


def test_rates_that_files_round_are_the_ones_that_people_mean() -> None:
    assert standard_rate(Fraction(2997, 100)) == NTSC
    assert standard_rate(Fraction(23_976, 1000)) == Fraction(24_000, 1001)
    assert standard_rate(Fraction(18)) == 18


def test_every_frame_of_an_uncommon_rate_has_a_timecode_if_any_rate_gives_it_one() -> None:
    assert timecode_rate(Fraction(15)) == 30
    assert timecode_rate(Fraction(12)) == 24
    assert timecode_rate(Fraction(15_000, 1001)) == NTSC
    assert timecode_rate(NTSC) == NTSC


def test_a_video_that_is_gone_begins_at_zero(tmp_path: Path) -> None:
    assert timecode_start(tmp_path / "gone.mov", Fraction(25)) == (0, False)
