"""The highlight lane shows what the curve is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from core.analysis.analysis import Analysis
from core.analysis.highlight import CONTRIBUTIONS, Highlight
from desktop import theme
from desktop.timeline.highlight import HighlightLane
from desktop.timeline.legend import Legend
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
    view = pg.GraphicsLayoutWidget()
    qtbot.addWidget(view)
    view.setBackground(QColor(theme.palette().background))
    lane = HighlightLane()
    view.addItem(lane)
    view.resize(600, 120)
    with qtbot.waitExposed(view):
        view.show()
    lane.open(SECONDS)

    def colours(analysis: Analysis) -> list[str]:
        lane.show_analysis(analysis)
        lane.set_known(6.0)
        qapp.processEvents()
        image: QImage = view.grab().toImage()
        scale = image.devicePixelRatio()

        def pixel(height: float) -> tuple[int, int]:
            place = view.mapFromScene(lane.box.mapViewToScene(QPointF(2.5, height)))
            return round(place.x() * scale), round(place.y() * scale)

        x, low = pixel(0.0)
        _, high = pixel(lane.viewRange()[1][1])
        return [image.pixelColor(x, y).name() for y in range(low - 1, high - 1, -1)]

    return colours


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
    lane = HighlightLane()
    analysis = made(0.4, 0.2, 0.0, -0.1)
    said = lane.value_at(analysis, 2.5)
    assert said == "highlight 0.50 (emotion 0.40, sound 0.20, position -0.10)"
    assert lane.value_at(analysis, 8.0) == ""


def test_the_legend_names_the_contributions(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    names = {label.accessibleName() for label in legend.findChildren(QLabel)}
    assert set(CONTRIBUTIONS) <= names
