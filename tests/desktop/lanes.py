"""A lane in a shown view, and a pointer over it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from core.analysis.analysis import Analysis
from core.cutting.cut import Cut
from core.project.document import Decision, EditedCut, Medium
from core.signals.speech_activity import FRAMES_PER_SECOND
from core.time import Span
from desktop import theme
from desktop.editor import Editor
from desktop.timeline.lane import Lane

MEDIUM = "made"
NONE = Qt.KeyboardModifier.NoModifier


def editor_on(analysis: Analysis, *cuts: EditedCut) -> Editor:
    """An editor on one video; nothing can be undone yet."""
    editor = Editor()
    editor.add_medium(Medium(MEDIUM, analysis.info.path), analysis.info)
    editor.set_analysis(MEDIUM, analysis)
    editor.project = editor.project.with_cuts(cuts)
    editor.project_changed.emit()
    editor.undo_stack.clear()
    return editor


def cut(
    name: str,
    start: int | str,
    end: int | str,
    decision: Decision = Decision.KEPT,
    *,
    locked: bool = False,
) -> EditedCut:
    span = Span(Fraction(start), Fraction(end))
    return EditedCut(Cut(span), MEDIUM, decision, locked=locked, identifier=name)


def with_places(
    analysis: Analysis, *, shots: list[float], pauses: list[tuple[float, float]]
) -> Analysis:
    """The same with shot changes, and with speech but in the pauses."""
    rows = np.full((analysis.cells, 8, 4), np.nan)
    for place, seconds in enumerate(shots):
        rows[int(seconds), place % 8] = (seconds, seconds, 50.0, seconds)
    spoken = np.ones(analysis.cells * FRAMES_PER_SECOND, np.float32)
    for begin, end in pauses:
        spoken[round(begin * FRAMES_PER_SECOND) : round(end * FRAMES_PER_SECOND)] = 0.0
    tracks = {"shots": rows, "speech-activity": spoken.reshape(analysis.cells, -1)}
    return replace(analysis, tracks={**analysis.tracks, **tracks})


@dataclass
class Shown:
    """A lane on a screen.

    Attributes:
        view: What shows it.
        lane: The lane.
    """

    view: pg.GraphicsLayoutWidget
    lane: Lane

    def pixel(self, seconds: float, height: float = 0.5) -> QPoint:
        """The pixel of a time; the height goes from the lower edge (0) to the upper (1)."""
        sight = self.lane.sight()
        inside = QPointF(sight.x(seconds), (1 - height) * (sight.height - 1))
        place: QPoint = self.view.mapFromScene(self.lane.mapToScene(inside))
        return place

    def press(
        self,
        at: QPoint,
        keys: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:
        QTest.mouseMove(self.view.viewport(), at)
        QTest.mousePress(self.view.viewport(), button, keys, at)

    def move(self, first: QPoint, last: QPoint) -> None:
        for share in (0.2, 0.6, 1.0):
            QTest.mouseMove(self.view.viewport(), first + (last - first) * share)

    def release(self, at: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        QTest.mouseRelease(self.view.viewport(), button, NONE, at)

    def click(
        self,
        at: QPoint,
        keys: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:
        self.press(at, keys, button)
        self.release(at, button)

    def drag(self, first: QPoint, last: QPoint) -> None:
        self.press(first)
        self.move(first, last)
        self.release(last)

    def image(self) -> QImage:
        """What is to be seen."""
        return self.view.grab().toImage()


def shown(
    qtbot: QtBot, lane: Lane, seconds: float, *, width: int = 1000, height: int = 60
) -> Shown:
    """Shows a lane over a whole video."""
    view = pg.GraphicsLayoutWidget()
    qtbot.addWidget(view)
    view.setBackground(theme.palette().background)
    view.ci.setContentsMargins(0, 0, 0, 0)
    view.addItem(lane)
    view.resize(width, height)
    with qtbot.waitExposed(view):
        view.show()
    lane.open(seconds)
    return Shown(view, lane)


def choose(menu: QMenu | None, text: str) -> None:
    """Clicks an entry of an open menu."""
    assert menu is not None
    assert menu.isVisible()
    action = entry(menu, text)
    assert action.isEnabled(), text
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, NONE, menu.actionGeometry(action).center())


def entry(menu: QMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)
