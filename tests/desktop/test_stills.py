"""Exact pictures: a wish that goes wrong is told, and the next one is fulfilled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.media.probe import MediaInfo, probe
from desktop.jobs.stills import Stills, StillWish
from tests.desktop.conftest import PATIENCE


@pytest.fixture
def stills() -> Iterator[Stills]:
    made = Stills()
    yield made
    made.close()


@pytest.fixture(scope="module")
def info(clip: Path) -> MediaInfo:
    return probe(clip)


def unclocked(info: MediaInfo) -> MediaInfo:
    """A description that no file has: the decoder has to divide by its time base."""
    return replace(info, video=replace(info.video, time_base=Fraction(0)))


def test_an_unexpected_error_is_told_and_the_next_picture_comes(
    stills: Stills, info: MediaInfo, qtbot: QtBot
) -> None:
    for _ in range(2):
        broken = StillWish(unclocked(info), Fraction(12), 90)
        with qtbot.waitSignal(stills.failed, timeout=PATIENCE) as told:
            stills.wish(broken)
        assert told.args is not None
        assert told.args[0] is broken
        assert "should not have (ZeroDivisionError" in told.args[1]
        assert "report this" in told.args[1]
        with qtbot.waitSignal(stills.ready, timeout=PATIENCE) as came:
            stills.wish(StillWish(info, Fraction(12), 90))
        assert came.args is not None
        assert came.args[1].time == 12


def test_an_error_over_an_open_video_leaves_no_decoder_astray(
    stills: Stills, info: MediaInfo, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(stills.ready, timeout=PATIENCE):
        stills.wish(StillWish(info, Fraction(3), 90))
    with qtbot.waitSignal(stills.failed, timeout=PATIENCE):
        stills.wish(StillWish(info, "not a time", 90))  # type: ignore[arg-type]
    with qtbot.waitSignal(stills.ready, timeout=PATIENCE) as came:
        stills.wish(StillWish(info, Fraction(3), 90))
    assert came.args is not None
    assert came.args[1].time == 3


def test_a_video_that_is_gone_is_told_in_a_sentence(
    stills: Stills, info: MediaInfo, qtbot: QtBot, tmp_path: Path
) -> None:
    gone = replace(info, path=tmp_path / "gone.mp4")
    with qtbot.waitSignal(stills.failed, timeout=PATIENCE) as told:
        stills.wish(StillWish(gone, Fraction(0), 90))
    assert told.args is not None
    assert "gone.mp4" in told.args[1]
