"""The lanes draw what is known, no more, and the same however it came."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.timeline.affect import AROUSAL_COLOUR, VALENCE_COLOUR
from tests.desktop.timelines import MEDIUM, Shown, grown, made_analysis, show_timeline


@pytest.fixture
def analysed(shown: Shown) -> Shown:
    shown.editor.set_analysis(MEDIUM, made_analysis())
    shown.timeline.set_playhead(59.9)
    return shown


def column(shown: Shown, key: str, seconds: float) -> list[str]:
    """The colours of a lane at a time, from its upper edge to its lower."""
    image, place = shown.image(), shown.lane(key).geometry()
    x = shown.at(seconds).x()
    return [image.pixelColor(x, y).name() for y in range(int(place.top()), int(place.bottom()))]


def row(shown: Shown, key: str, low: float, high: float) -> list[str]:
    """The colours in the middle of a lane between two times."""
    image, y = shown.image(), shown.at(low, key).y()
    return [image.pixelColor(x, y).name() for x in range(shown.at(low).x(), shown.at(high).x())]


def test_shots_alternate_and_a_hard_change_is_a_line(analysed: Shown) -> None:
    first, second = (column(analysed, "shots", t)[10] for t in (5.0, 15.0))
    assert first != second
    assert column(analysed, "shots", 30.0)[10] == first
    around = row(analysed, "shots", 9.8, 10.3)
    assert theme.palette().secondary in around


def test_a_dissolve_is_a_ramp(analysed: Shown) -> None:
    before, after = (column(analysed, "shots", t)[10] for t in (15.0, 30.0))
    early, late = (column(analysed, "shots", t) for t in (20.3, 21.7))
    assert early.count(before) > late.count(before)
    assert late.count(after) > early.count(after)


def test_pauses_of_speech_are_empty(analysed: Shown) -> None:
    background = theme.palette().background
    assert set(row(analysed, "speech", 1.0, 4.0)) == {theme.palette().secondary}
    assert set(row(analysed, "speech", 6.0, 9.0)) == {background}


def test_a_louder_sound_is_higher(analysed: Shown) -> None:
    background = theme.palette().background
    soft, loud = (
        sum(colour != background for colour in column(analysed, "sound", t)) for t in (20.5, 40.5)
    )
    height = analysed.lane("sound").geometry().height()
    assert soft == pytest.approx(0.1 * height, abs=2)
    assert loud == pytest.approx(0.8 * height, abs=2)


def test_arousal_and_valence_have_gaps_where_nobody_speaks(analysed: Shown) -> None:
    image, place = analysed.image(), analysed.lane("affect").geometry()
    lines = {QColor(AROUSAL_COLOUR).name(), QColor(VALENCE_COLOUR).name()}

    def found(low: float, high: float) -> set[str]:
        return {
            image.pixelColor(x, y).name()
            for x in range(analysed.at(low).x(), analysed.at(high).x())
            for y in range(int(place.top()), int(place.bottom()))
        } & lines

    assert found(1.0, 4.0) == lines
    assert found(6.0, 9.0) == set()
    arousal = column(analysed, "affect", 2.5).index(QColor(AROUSAL_COLOUR).name())
    assert arousal == pytest.approx((1 - 0.25) / 2 * place.height(), abs=1)


def test_the_filmstrip_shows_the_pictures_of_its_time(analysed: Shown) -> None:
    reds = [QColor(column(analysed, "frames", t)[20]).red() for t in (5.0, 30.0, 55.0)]
    assert reds == pytest.approx([20, 120, 220], abs=16)


@pytest.mark.parametrize("key", ["frames", "sound", "emotion", "affect", "shots", "speech"])
def test_what_is_not_known_is_hatched(shown: Shown, key: str) -> None:
    shown.editor.set_analysis(MEDIUM, made_analysis(30))
    place = shown.lane(key).geometry()
    image = shown.image()
    inside = range(int(place.top()) + 1, int(place.bottom()) - 1)
    colours = {
        image.pixelColor(x, y).name()
        for y in inside
        for x in range(shown.at(40.0).x(), shown.at(50.0).x())
    }
    hatch = {theme.palette().background, theme.palette().hairline}
    assert hatch <= colours
    assert len(colours - hatch) <= (1 if key == "affect" else 0)


def test_the_hatch_is_gone_when_all_is_known(analysed: Shown) -> None:
    y = analysed.lane("speech").geometry().top() + 1
    image = analysed.image()
    edge = {image.pixelColor(QPoint(x, int(y))).name() for x in range(5, 700)}
    assert edge == {theme.palette().background}


def test_a_growing_analysis_ends_as_if_it_had_come_at_once(qtbot: QtBot, analysed: Shown) -> None:
    whole = made_analysis()
    other = show_timeline(qtbot)
    other.timeline.set_playhead(59.9)
    for known in (0, 1, 7, 30, 31, 59):
        other.editor.set_analysis(MEDIUM, grown(whole, known))
        QApplication.processEvents()
    other.editor.set_analysis(MEDIUM, whole)
    assert other.image() == analysed.image()


@pytest.mark.parametrize("span", [(0.0, 60.0), (18.0, 24.0), (29.5, 30.5)])
def test_lanes_draw_at_every_zoom(analysed: Shown, span: tuple[float, float]) -> None:
    analysed.timeline.show_range(*span)
    background = theme.palette().background
    image = analysed.image()
    for key in ("frames", "sound", "highlight", "shots"):
        place = analysed.lane(key).geometry()
        y = int(place.bottom()) - 2 if key == "highlight" else int(place.center().y())
        width = analysed.board.width()
        drawn = [image.pixelColor(x, y).name() != background for x in range(4, width - 4)]
        assert sum(drawn) > 0.9 * len(drawn), key
