"""The exports that are written, wait, or are over."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.project.queued_export import ExportState, QueuedExport
from desktop import theme
from desktop.i18n import tr, tr_message
from desktop.panels.elided_label import ElidedLabel
from desktop.panels.export_time_left import TimeLeft
from desktop.panels.export_words import left_text, preset_title
from desktop.widgets import WrappedText, icon_button, label, push_button

if TYPE_CHECKING:
    from desktop.exporter import Exporter

_STEPS = 1000
_ABOVE_ROWS = 2


class QueueList(QWidget):
    """The queue; what waits from an earlier session is offered to go on with or to discard.

    Args:
        exporter: Keeps it going.

    Signals:
        folder_wanted: The folder of a file shall be shown.
    """

    folder_wanted = Signal(object)

    def __init__(self, exporter: Exporter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exporter = exporter
        self.rows: dict[str, QueueRow] = {}
        self.clear = push_button(
            tr("Clear finished"), tr("Takes what is over out of the list; the files stay")
        )
        self.earlier = EarlierExports(exporter)
        self._empty = label(
            tr("Nothing is being exported. What you export waits here for its turn."),
            "secondary",
            wrap=True,
        )
        self._column = QVBoxLayout()
        self._column.setSpacing(theme.SPACING)
        self._column.addWidget(self.earlier)
        self._column.addWidget(self._empty)
        self._column.addStretch(1)
        self._compose()
        self.clear.clicked.connect(
            lambda: exporter.remove([o.identifier for o in exporter.exports if o.state.over])
        )
        exporter.changed.connect(self._show)
        exporter.progressed.connect(self._progress)
        self._show()

    def _compose(self) -> None:
        top = QHBoxLayout()
        top.addWidget(label(tr("QUEUE"), "heading"))
        top.addStretch(1)
        top.addWidget(self.clear)
        inside = QWidget()
        self._column.setContentsMargins(0, 0, theme.SPACING, 0)
        inside.setLayout(self._column)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        column.addLayout(top)
        column.addWidget(area, 1)

    def _show(self) -> None:
        exports = self._exporter.exports
        there = {export.identifier for export in exports}
        for gone in set(self.rows) - there:
            old = self.rows.pop(gone)
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        for export in exports:
            row = self.rows.get(export.identifier)
            if row is None:
                row = self.rows[export.identifier] = self._row(export)
            row.show_export(export, held_up=self._exporter.held_up)
        self._arrange(exports)
        self.earlier.show_count(len(self._exporter.waiting_from_before))
        self._empty.setVisible(not exports)
        self.clear.setEnabled(any(export.state.over for export in exports))

    def _arrange(self, exports: Sequence[QueuedExport]) -> None:
        """What runs comes first, then what waits, then what is over, the latest first."""
        going = [one for one in exports if one.state is ExportState.RUNNING]
        waiting = [one for one in exports if one.state is ExportState.WAITING]
        over = [one for one in reversed(exports) if one.state.over]
        for place, export in enumerate((*going, *waiting, *over), start=_ABOVE_ROWS):
            row = self.rows[export.identifier]
            if self._column.indexOf(row) != place:
                self._column.insertWidget(place, row)

    def _row(self, export: QueuedExport) -> QueueRow:
        row = QueueRow(export)
        exporter, names = self._exporter, [export.identifier]
        for button, act in (
            (row.cancel, lambda: exporter.cancel_those(names)),
            (row.again, lambda: exporter.again(names)),
            (row.remove, lambda: exporter.remove(names)),
            (row.folder, lambda: self.folder_wanted.emit(export.output)),
        ):
            _connect(button, act)
        return row

    def _progress(self, fraction: float, message: str) -> None:
        row = self.rows.get(self._exporter.current)
        if row is not None:
            row.show_progress(fraction, message, time.monotonic())


class EarlierExports(QFrame):
    """Asks what becomes of exports that an earlier session left."""

    def __init__(self, exporter: Exporter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._text = WrappedText("")
        self._text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.go_on = push_button(tr("Go on"), tr("Writes what was left"))
        self.discard = push_button(tr("Discard"), tr("Does not write it; it stays in the list"))
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACING)
        buttons.addStretch(1)
        buttons.addWidget(self.discard)
        buttons.addWidget(self.go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACING + 4, theme.SPACING, theme.SPACING, theme.SPACING)
        column.setSpacing(theme.SPACING)
        column.addWidget(self._text)
        column.addLayout(buttons)
        self.go_on.clicked.connect(exporter.go_on)
        self.discard.clicked.connect(exporter.discard)
        self.hide()

    def show_count(self, count: int) -> None:
        """Asks about so many exports; hides if there are none."""
        if count:
            self._text.set_text(earlier_text(count))
        self.setVisible(bool(count))


def earlier_text(count: int) -> str:
    """Says that exports of an earlier session wait."""
    if count == 1:
        return tr("One export of last time was not finished.")
    return tr("{count} exports of last time were not finished.", count=count)


class QueueRow(QFrame):
    """One export: its name, how far it is, and what can be done about it."""

    def __init__(self, export: QueuedExport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        preset = export.preset
        self._left: TimeLeft | None = None
        self._said = "", False
        self._export: QueuedExport | None = None
        name = export.output.name
        self.setAccessibleName(name)
        self._name = ElidedLabel(least=60, most=600)
        self._name.set_text(name, str(export.output))
        self._preset = label(preset_title(preset), "secondary")
        self.state = WrappedText("")
        self.state.setFont(theme.tabular(self.font()))
        self.state.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.bar = QProgressBar(textVisible=False, maximum=_STEPS)
        self.bar.setAccessibleName(tr("Progress of {name}", name=name))
        self.cancel = icon_button("close", tr("Cancel {name}", name=name), role="flat")
        self.again = icon_button("again", tr("Try {name} again", name=name), role="flat")
        self.folder = icon_button("open", tr("Show {name} in its folder", name=name), role="flat")
        self.remove = icon_button("close", tr("Take {name} off the list", name=name), role="flat")
        self._lay_out()

    def show_export(self, export: QueuedExport, *, held_up: bool = False) -> None:
        """Shows how far it has come, as the queue knows it.

        Args:
            export: The export.
            held_up: Whether exports wait for something else that is going on.
        """
        before, self._export = self._export, export
        state = export.state
        running = state is ExportState.RUNNING
        self.bar.setVisible(running)
        self.cancel.setVisible(not state.over)
        self.again.setVisible(state in (ExportState.FAILED, ExportState.CANCELLED))
        self.folder.setVisible(state is ExportState.DONE)
        self.remove.setVisible(state.over)
        if not running:
            self._left = None
        if not running or before is None or before.state is not state:
            self.bar.setValue(0)
            self._say(_state_text(export, held_up), problem=state is ExportState.FAILED)

    def show_progress(self, fraction: float, message: str, now: float) -> None:
        """Shows how far the writing is.

        Args:
            fraction: What is done, 0…1.
            message: What is being done.
            now: Seconds of a clock that only goes on.
        """
        if self._export is None or self._export.state is not ExportState.RUNNING:
            return
        if self._left is None:
            self._left = TimeLeft(now)
        left = self._left.seconds(fraction, now)
        parts = [tr("{percent} %", percent=f"{100 * fraction:.0f}")]
        if left is not None:
            parts.append(left_text(left))
        if message:
            parts.append(tr_message(message))
        self.bar.setValue(round(_STEPS * fraction))
        self._say(" · ".join(parts), problem=False)

    def _say(self, text: str, *, problem: bool) -> None:
        if (text, problem) == self._said:
            return
        self._said = text, problem
        colours = theme.palette()
        colour = colours.danger if problem else colours.secondary
        self.state.setStyleSheet(
            f"QTextEdit {{ background: transparent; border: none; padding: 0; color: {colour}; }}"
        )
        self.state.set_text(text)
        self.setAccessibleDescription(text)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._name, 1)
        top.addStretch(0)
        top.addWidget(self._preset)
        for button in (self.folder, self.again, self.cancel, self.remove):
            top.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.bar)
        column.addWidget(self.state)


def _state_text(export: QueuedExport, held_up: bool) -> str:
    match export.state:
        case ExportState.WAITING:
            return tr("Waiting for the analysis") if held_up else tr("Waiting")
        case ExportState.RUNNING:
            return tr("Beginning")
        case ExportState.DONE:
            return export.message or tr("Done")
        case ExportState.CANCELLED:
            return tr("Cancelled")
        case ExportState.FAILED:
            told = tr_message(export.message)
            return told[:1].upper() + told[1:]


def _connect(button: QToolButton, act: Callable[[], object]) -> None:
    button.clicked.connect(lambda checked=False: act())
