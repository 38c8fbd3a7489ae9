"""The highlight lane shows what the curve is made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from core.analysis.analysis import Analysis
from core.analysis.highlight import CONTRIBUTIONS, Highlight
from desktop import theme
from desktop.editor import Editor
from desktop.timeline.highlight import HighlightLane
from desktop.timeline.legend import Legend
from tests.desktop.lanes import Shown, choose, editor_on, shown
from tests.project.analyses import SILENCE, analysis_of, track

SECONDS = 10
COLOURS = {
    name: QColor(theme.CONTRIBUTION_COLOURS[name]).darker(150).name() for name in CONTRIBUTIONS
}
Column = Callable[[Analysis], list[str]]


def made(*parts: float) -> Analysis:
    """Six of ten seconds are known, all with the same contributions."""
    analysis = analysis_of(track(*[SILENCE] * 6), duration=Fraction(SECONDS))
    contributions = np.tile(np.array(parts, np.float32), (6, 1))
    return replace(
        analysis, highlight=Highlight(contributions.sum(axis=1), contributions, "made in a test")
    )


@pytest.fixture
def column(qtbot: QtBot, qapp: QApplication) -> Column:
    """The colours of the lane in the third second, from its lower edge to its upper."""
    theme.apply(qapp)
    lane = HighlightLane(Editor())
    pointer = shown(qtbot, lane, SECONDS, width=600, height=120)

    def colours(analysis: Analysis) -> list[str]:
        lane.show_analysis(analysis)
        lane.set_known(6.0)
        lane.line.hide()
        image = pointer.image()
        low, high = pointer.pixel(2.5, 0.0), pointer.pixel(2.5, 1.0)
        return [image.pixelColor(low.x(), y).name() for y in range(low.y() - 1, high.y() - 1, -1)]

    return colours


@pytest.fixture
def stage(qtbot: QtBot, qapp: QApplication) -> tuple[Editor, HighlightLane, Shown]:
    """A curve that climbs from 0 to 0.9 in ten seconds."""
    theme.apply(qapp)
    score = np.linspace(0.0, 0.9, SECONDS, dtype=np.float32)
    parts = np.zeros((SECONDS, len(CONTRIBUTIONS)), np.float32)
    parts[:, 0] = score
    analysis = replace(
        analysis_of(track(*[SILENCE] * SECONDS)), highlight=Highlight(score, parts, "made")
    )
    editor = editor_on(analysis)
    lane = HighlightLane(editor)
    pointer = shown(qtbot, lane, SECONDS, width=600, height=120)
    lane.show_analysis(analysis)
    lane.set_known(math.inf)
    return editor, lane, pointer


def test_areas_are_stacked_as_high_as_their_contributions(column: Column) -> None:
    shown = column(made(0.4, 0.2, 0.1, 0.1))
    counts = [shown.count(COLOURS[name]) for name in CONTRIBUTIONS]
    assert counts[0] / sum(counts) == pytest.approx(0.5, abs=0.08)
    assert counts[1] / sum(counts) == pytest.approx(0.25, abs=0.08)
    seen = list(dict.fromkeys(colour for colour in shown if colour in COLOURS.values()))
    assert seen == [COLOURS[name] for name in CONTRIBUTIONS]


def test_what_lowers_the_score_has_no_area_and_the_line_stays_at_the_score(column: Column) -> None:
    shown = column(made(0.6, 0.3, -0.3, 0.0))
    assert COLOURS["picture"] not in shown
    assert COLOURS["emotion"] in shown
    line = shown.index(QColor(theme.palette().text).name())
    assert line / len(shown) == pytest.approx(0.6 / 0.63, abs=0.06)


def test_the_pointer_reads_what_the_score_is_made_of(qapp: QApplication) -> None:
    lane = HighlightLane(Editor())
    analysis = made(0.4, 0.2, 0.0, -0.1)
    said = lane.value_at(analysis, 2.5)
    assert said == "highlight 0.50 (emotion 0.40, sound 0.20, position -0.10)"
    assert lane.value_at(analysis, 8.0) == ""


Stage = tuple[Editor, HighlightLane, Shown]


def line_at(lane: HighlightLane, pointer: Shown) -> QPoint:
    place: QPoint = pointer.view.mapFromScene(lane.line.mapToScene(QPointF(300, 0)))
    return place


def test_the_line_starts_where_the_curve_puts_it(stage: Stage) -> None:
    editor, lane, _ = stage
    assert lane.line.value == pytest.approx(0.09)
    assert editor.project.wishes.threshold is None


def test_a_drag_of_the_line_sets_the_threshold_and_is_one_step_to_undo(stage: Stage) -> None:
    editor, lane, pointer = stage
    first = line_at(lane, pointer)
    told: list[float | None] = []
    editor.project_changed.connect(lambda: told.append(editor.project.wishes.threshold))
    pointer.drag(first, pointer.pixel(5, 0.5))
    top = lane.viewRange()[1][1]
    assert editor.project.wishes.threshold == pytest.approx(top / 2, abs=0.02)
    assert len(set(told)) > 1, "live"
    assert line_at(lane, pointer).y() == pytest.approx(pointer.pixel(5, 0.5).y(), abs=2)
    pointer.drag(line_at(lane, pointer), pointer.pixel(5, 0.8))
    assert editor.undo_stack.count() == 2
    editor.undo_stack.undo()
    assert editor.project.wishes.threshold == pytest.approx(top / 2, abs=0.02)
    editor.undo_stack.undo()
    assert editor.project.wishes.threshold is None
    assert line_at(lane, pointer) == first


def test_the_value_is_shown_while_the_line_is_dragged(stage: Stage) -> None:
    _, lane, pointer = stage
    first, last = line_at(lane, pointer), pointer.pixel(5, 0.5)
    pointer.press(first)
    pointer.move(first, last)
    dragged = pointer.image()
    pointer.release(last)
    QTest.mouseMove(pointer.view.viewport(), QPoint(2, 2))
    rested = pointer.image()
    middle = pointer.pixel(5, 0.5) - QPoint(0, 12)
    box = QRect(middle - QPoint(40, 6), QSize(80, 12))
    assert dragged.copy(box) != rested.copy(box)


def test_escape_takes_a_drag_of_the_line_back(stage: Stage) -> None:
    editor, lane, pointer = stage
    first, last = line_at(lane, pointer), pointer.pixel(5, 0.5)
    pointer.press(first)
    pointer.move(first, last)
    assert editor.project.wishes.threshold is not None
    QTest.keyClick(pointer.view, Qt.Key.Key_Escape)
    pointer.move(last, first)
    pointer.release(first)
    assert editor.project.wishes.threshold is None
    assert not editor.undo_stack.canUndo()


@pytest.mark.parametrize("way", ["double click", "menu"])
def test_the_line_goes_back_to_where_the_curve_puts_it(stage: Stage, way: str) -> None:
    editor, lane, pointer = stage
    editor.set_wish("Threshold", threshold=0.5)
    place = line_at(lane, pointer)
    if way == "menu":
        pointer.click(place, button=Qt.MouseButton.RightButton)
        choose(lane.line.menu, "Let the curve decide")
    else:
        pointer.click(place)
        QTest.mouseDClick(pointer.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert editor.project.wishes.threshold is None
    assert lane.line.value == pytest.approx(0.09)
    editor.undo_stack.undo()
    assert editor.project.wishes.threshold == 0.5


def test_what_is_below_the_line_is_dim(stage: Stage) -> None:
    editor, _, pointer = stage
    bright = QColor(COLOURS["emotion"])
    editor.set_wish("Threshold", threshold=0.5)
    image = pointer.image()
    assert image.pixelColor(pointer.pixel(8.5, 0.3)) == bright
    dim = image.pixelColor(pointer.pixel(4.0, 0.3))
    assert dim.lightness() < 0.7 * bright.lightness()


def test_without_a_curve_there_is_no_line(stage: Stage) -> None:
    _, lane, _ = stage
    lane.open(SECONDS)
    assert not lane.line.isVisible()


def test_the_legend_names_the_contributions(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    names = {label.accessibleName() for label in legend.findChildren(QLabel)}
    assert set(CONTRIBUTIONS) <= names
