"""How a version compared with the one before, measure by measure."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.learning.personal.versions import Version
from desktop import theme
from desktop.i18n import tr, tr_message
from desktop.panels.learning_words import (
    difference_text,
    measure_meaning,
    measure_name,
    value_text,
    version_name,
)
from desktop.widgets import label

_NUMBERS = range(1, 5)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ROWS = 5


class TrialPart(QWidget):
    """A sentence, and a table of the measures before and after with their intervals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reason = label(wrap=True)
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setAccessibleName(tr("Before and after on your own videos"))
        self.table.setHeaderLabels(
            [tr("Measure"), tr("Before"), tr("After"), tr("Difference (95 %)"), tr("Videos")]
        )
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in _NUMBERS:
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
            self.table.headerItem().setTextAlignment(column, _RIGHT)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(theme.SPACING)
        column_.addWidget(self.reason)
        column_.addWidget(self.table)

    def show_version(self, version: Version | None) -> None:
        """Shows the trial of a version; None is what came with the application."""
        self.table.clear()
        if version is None:
            self.reason.setText(tr("The suggestions as they came with the application."))
            self.table.hide()
            return
        reason = tr_message(version.trial.reason)
        self.reason.setText(
            tr("{version}: {reason}", version=version_name(version.number), reason=reason)
        )
        numbers = theme.tabular(self.font())
        for measure in version.trial.measures:
            row = QTreeWidgetItem(
                self.table,
                [
                    measure_name(measure.name),
                    value_text(measure.name, measure.before),
                    value_text(measure.name, measure.after),
                    difference_text(measure),
                    str(measure.videos),
                ],
            )
            meaning = measure_meaning(measure.name)
            row.setToolTip(0, meaning)
            row.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, meaning)
            for column in _NUMBERS:
                row.setToolTip(column, meaning)
                row.setTextAlignment(column, _RIGHT)
                row.setFont(column, numbers)
        self.table.setVisible(bool(version.trial.measures))
        self._fit(len(version.trial.measures))

    def _fit(self, rows: int) -> None:
        """As high as its rows need."""
        self.table.ensurePolished()
        height = self.table.header().sizeHint().height() + 2 * self.table.frameWidth() + 2
        shown = min(rows, _ROWS)
        self.table.setFixedHeight(height + shown * max(27, self.table.sizeHintForRow(0)))
