"""Moments to ask the editor about: what their answer says about the rest would teach most."""

from __future__ import annotations

from fractions import Fraction

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QMenu

from core.analysis.analysis import Analysis
from core.learning.personal.questions import Question, Why
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.timeline.lane import Lane, Sight

_INSET = 3
_ROUNDING = 3
_LEAST_LABEL = 18
_LEAST_WIDTH = 6.0
"""Pixels; a question stays large enough to be clicked."""


def reasons() -> dict[Why, str]:
    """Why a moment is asked about, in the language of the window."""
    return {
        Why.UNLIKE: tr("unlike anything that you have decided about"),
        Why.PROMISING: tr("perhaps one of the best moments"),
        Why.UNSURE: tr("could go either way"),
    }


class QuestionsLane(Lane):
    """A question mark where a yes or no would teach most; a click asks.

    Args:
        editor: Knows the questions, and takes the answers.

    Attributes:
        asking: The menu of the question that was asked last.
    """

    def __init__(self, editor: Editor) -> None:
        super().__init__(
            tr("Questions"), 24, 0.0, 1.0,
            tr("Moments whose answer would teach most about this video; click one to answer"),
        )  # fmt: skip
        self._editor = editor
        self.asking: QMenu | None = None
        editor.questions_changed.connect(self.redraw)

    def show_analysis(self, analysis: Analysis) -> None:
        """The questions come by themselves."""

    def mouseClickEvent(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        """Goes to the moment under the pointer, and asks."""
        super().mouseClickEvent(event)
        found = self._at(self.mapSceneToView(event.scenePos()).x())
        if found is not None:
            if self.asking is not None:
                self.asking.deleteLater()
            self.asking = self._question_menu(found)
            self.asking.popup(event.screenPos().toPoint())

    def draw(self, painter: QPainter, sight: Sight) -> None:
        colours = theme.palette()
        font = QFont()
        font.setPixelSize(12)
        font.setBold(True)
        painter.setFont(font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for question in self._editor.questions:
            box = _box(question, sight)
            painter.setPen(QColor(colours.accent))
            painter.setBrush(QColor(colours.raised))
            painter.drawRoundedRect(box, _ROUNDING, _ROUNDING)
            if box.width() >= _LEAST_LABEL:
                painter.setPen(QColor(colours.text))
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), "?")

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        found = self._at(seconds)
        return "" if found is None else reasons()[found.why]

    def _at(self, seconds: float) -> Question | None:
        sight = self.sight()
        place = QPointF(sight.x(seconds), sight.height / 2)
        asked = self._editor.questions
        return next((one for one in asked if _box(one, sight).contains(place)), None)

    def _question_menu(self, question: Question) -> QMenu:
        menu = QMenu(self.getViewWidget())
        menu.setAccessibleName(tr("Questions"))
        heading = menu.addAction(f"{question.span}: {reasons()[question.why]}")
        heading.setEnabled(False)
        for text, wanted in ((tr("Keep this moment"), True), (tr("Not this one"), False)):
            action = menu.addAction(text)
            action.setEnabled(not self._editor.read_only)
            action.triggered.connect(
                lambda checked=False, wanted=wanted: self._editor.answer(
                    question.span, wanted=wanted
                )
            )
        return menu


def _box(question: Question, sight: Sight) -> QRectF:
    """Where a question is drawn, in pixels."""
    left, right = (
        float(sight.x(float(Fraction(end)))) for end in (question.span.start, question.span.end)
    )
    spare = max(0.0, _LEAST_WIDTH - (right - left)) / 2
    return QRectF(left - spare, _INSET, right - left + 2 * spare, sight.height - 2 * _INSET)
