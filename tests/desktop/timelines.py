"""A shown timeline of a made minute, and pointers on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.analysis.analysis import Analysis
from core.analysis.highlight import baseline
from core.cutting.cut import Cut, Reason
from core.project.document import EditedCut, Medium, Project
from core.time import Span
from desktop.editor import Editor
from desktop.settings import SettingsStore
from desktop.timeline.lane import Lane
from desktop.timeline.timeline import Timeline
from tests.desktop.exposed import expose
from tests.project.analyses import SILENCE, analysis_of, speech, track

SECONDS = 60
MEDIUM = "made"
NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton
CHANGES = ((10.0, 10.0), (20.0, 22.0), (40.0, 40.0))
"""Ends and begins of shots: a dissolve is in the middle."""


def made_analysis(known: int = SECONDS) -> Analysis:
    """A minute: speech in the first half of each ten seconds, a tone that is loud from 30 s on."""
    spoken = [second % 10 < 5 for second in range(SECONDS)]
    rows = track(*[speech("happy", 0.9) if s else SILENCE for s in spoken])
    whole = analysis_of(rows)
    shots = np.full((SECONDS, 8, 4), np.nan)
    for ends, begins in CHANGES:
        shots[int(begins), 0] = ends, begins, 30.0, begins
    loud = np.where(np.arange(SECONDS) >= 30, 0.8, 0.1).astype(np.float16)
    waveform = np.stack((-loud, loud), axis=1)[:, None].repeat(50, axis=1)
    colours = np.full((SECONDS, 45, 80, 3), 40, np.uint8)
    colours[:, :, :, 0] = (np.arange(SECONDS) * 4)[:, None, None]
    tracks = {
        "speech-emotion": rows,
        "shots": shots,
        "speech-activity": np.repeat(np.array(spoken, np.float16)[:, None], 50, axis=1),
        "waveform": waveform,
        "thumbnails": colours,
    }
    tracks = {name: values[:known] for name, values in tracks.items()}
    curve = baseline(tracks, known, SECONDS, Fraction(1))
    return replace(whole, tracks=tracks, highlight=curve, complete=known == SECONDS)


def grown(analysis: Analysis, known: int) -> Analysis:
    """The same analysis, in the same memory, when less of it was known."""
    tracks = {name: rows[:known] for name, rows in analysis.tracks.items()}
    curve = replace(
        analysis.highlight,
        score=analysis.highlight.score[:known],
        contributions=analysis.highlight.contributions[:known],
    )
    return replace(analysis, tracks=tracks, highlight=curve, complete=False)


def made_cut(begin: int, end: int, identifier: str) -> EditedCut:
    """A suggested cut with a reason."""
    reasons = (Reason("loudness", 8.0, "8 LU louder than usual"),)
    cut = Cut(Span(Fraction(begin), Fraction(end)), 0.5, {"emotion": 0.3, "sound": 0.2}, reasons)
    return EditedCut(cut, MEDIUM, identifier=identifier)


@dataclass(frozen=True)
class Shown:
    """A timeline on the screen, and its editor."""

    timeline: Timeline
    editor: Editor

    @property
    def board(self) -> QWidget:
        """The widget that the lanes are drawn on."""
        return self.timeline._view.viewport()

    def lane(self, key: str) -> Lane:
        return next(lane for lane in self.timeline.lanes if lane.key == key)

    def at(self, seconds: float, key: str = "affect") -> QPoint:
        """The pixel of a time in the middle of a lane."""
        low, high = self.timeline.range()
        x = (seconds - low) / (high - low) * self.board.width()
        return QPoint(round(x), round(self.lane(key).geometry().center().y()))

    def move(self, place: QPoint) -> None:
        QTest.mouseMove(self.board, place)

    def click(
        self, place: QPoint, modifier: Qt.KeyboardModifier = NONE, widget: QWidget | None = None
    ) -> None:
        QTest.mouseClick(widget or self.board, LEFT, modifier, place)

    def drag(
        self,
        places: Sequence[QPoint],
        button: Qt.MouseButton = LEFT,
        modifier: Qt.KeyboardModifier = NONE,
        widget: QWidget | None = None,
    ) -> None:
        """Presses on the first place, and lets go on the last."""
        on = widget or self.board
        drag(on, places, button, modifier)

    def wheel(self, place: QPoint, steps: int, modifier: Qt.KeyboardModifier = NONE) -> None:
        """Turns the wheel away from the user, or towards below 0."""
        event = QWheelEvent(
            QPointF(place), QPointF(self.board.mapToGlobal(place)), QPoint(),
            QPoint(0, 120 * steps), Qt.MouseButton.NoButton, modifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self.board, event)

    def image(self) -> QImage:
        """What the lanes look like."""
        QApplication.processEvents()
        return self.timeline._view.grab().toImage()


def drag(
    widget: QWidget,
    places: Sequence[QPoint],
    button: Qt.MouseButton = LEFT,
    modifier: Qt.KeyboardModifier = NONE,
) -> None:
    """Presses on the first place, and lets go on the last."""
    on_screen = [widget.mapToGlobal(place) for place in places]
    QTest.mousePress(widget, button, modifier, places[0])
    for before, after in pairwise(on_screen):
        for share in (0.3, 0.6, 1.0):
            # QTest.mouseMove tells of no modifiers, and of no buttons on some platforms.
            _move(widget, before + (after - before) * share, button, modifier)
    QTest.mouseRelease(widget, button, modifier, widget.mapFromGlobal(on_screen[-1]))


def _move(
    widget: QWidget, place: QPoint, button: Qt.MouseButton, modifier: Qt.KeyboardModifier
) -> None:
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(widget.mapFromGlobal(place)), QPointF(place),
        Qt.MouseButton.NoButton, button, modifier,
    )  # fmt: skip
    # The scene hears of a hundred moves a second.
    QTest.qWait(12)
    QApplication.sendEvent(widget, event)


def show_timeline(
    qtbot: QtBot, *, height: int = 560, store: SettingsStore | None = None, opened: bool = True
) -> Shown:
    """A timeline with a minute of video and two cuts; nothing of the video is known."""
    editor = Editor()
    timeline = expose(qtbot, Timeline(editor, store), 888, height)
    if opened:
        cuts = (made_cut(12, 18, "first"), made_cut(42, 50, "second"))
        project = Project((Medium(MEDIUM, Path("made.mp4")),), cuts)
        editor.open(None, project, {MEDIUM: made_analysis().info})  # type: ignore[arg-type]
    return Shown(timeline, editor)
