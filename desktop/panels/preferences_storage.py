"""Preferences: where analyses are kept, how much they take, and clearing them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from core.analysis.cache import cache_size, clear
from core.places import cache_folder
from desktop import theme
from desktop.i18n import tr, tr_message
from desktop.jobs.job import JobControls, JobSlot, Work
from desktop.panels.preferences_general import number_field
from desktop.settings import SettingsStore
from desktop.settings_values import LARGEST_CACHE, SMALLEST_CACHE
from desktop.widgets import label, push_button

_GIVEN = "EMOTION_SHORTFORM_CACHE"


class StoragePage(QWidget):
    """Folder, size and limit of the analyses; clearing them asks once more in its place.

    Args:
        store: The settings.
        in_use: Gives the fingerprints whose analyses stay.

    Signals:
        measured: The size that is shown is the present one.
    """

    measured = Signal()

    def __init__(
        self,
        store: SettingsStore,
        in_use: Callable[[], Collection[str]] = tuple,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._in_use = in_use
        self._measuring = JobSlot(self)
        self._clearing = JobSlot(self)
        self.folder = QLineEdit(placeholderText=tr("The usual folder"))
        self.folder.setAccessibleName(tr("Folder of the analyses"))
        self.browse = push_button(tr("Browse…"), tr("Choose a folder for the analyses"))
        self.usual = push_button(tr("Usual"), tr("Use the usual folder"))
        self.present = label(role="secondary", wrap=True)
        self.taken = QLabel()
        self.taken.setFont(theme.tabular(self.font()))
        self.limit = number_field(
            tr("Limit of the analyses"), SMALLEST_CACHE, LARGEST_CACHE, step=1
        )
        self.limit.setSuffix(tr(" GB"))
        self.clear = push_button(
            tr("Clear analyses…"), tr("Remove the analyses of all videos that are not open")
        )
        self.confirm = push_button(tr("Clear them"), tr("Remove the analyses now"), "danger")
        self.keep = push_button(tr("Keep them"), tr("Remove nothing"))
        self.cancel = push_button(tr("Cancel"), tr("Stop clearing"))
        self.question = label(
            tr(
                "Remove the analyses of all videos that are not open? Cuts and projects stay; "
                "a video is analysed again when it is opened."
            ),
            wrap=True,
        )
        self.problem = label(role="problem", wrap=True)
        self._compose()
        self._show()
        self._ask(False)
        self.cancel.hide()
        self._connect()

    def measure(self) -> None:
        """Finds out, in the background, how much the analyses take."""
        self.taken.setText(tr("is being measured"))
        job = self._measuring.start(_measured(cache_folder() / "analysis"))
        job.succeeded.connect(self._show_size)
        job.failed.connect(self._fail)
        job.start()

    def close_jobs(self) -> None:
        """Ends what goes on in the background."""
        self._measuring.close()
        self._clearing.close()

    def _compose(self) -> None:
        place = QHBoxLayout()
        place.setSpacing(theme.SPACING)
        place.addWidget(self.folder, 1)
        place.addWidget(self.browse)
        place.addWidget(self.usual)
        form = QFormLayout()
        form.setHorizontalSpacing(2 * theme.SPACING)
        form.setVerticalSpacing(theme.SPACING + 4)
        form.addRow(tr("Folder"), place)
        form.addRow("", self.present)
        form.addRow(tr("They take"), self.taken)
        form.addRow(tr("Limit"), self.limit)
        form.addRow(
            "",
            label(
                tr("Above it, those that were not used for the longest time are removed."),
                "secondary",
                wrap=True,
            ),
        )
        answers = QHBoxLayout()
        answers.setSpacing(theme.SPACING)
        for button in (self.clear, self.confirm, self.keep, self.cancel):
            answers.addWidget(button)
        answers.addStretch()
        column = QVBoxLayout(self)
        column.setSpacing(theme.SPACING + 4)
        column.addWidget(label(tr("ANALYSES"), "heading"))
        column.addWidget(
            label(
                tr("What was measured of each video is kept, so that it opens at once next time."),
                "secondary",
                wrap=True,
            )
        )
        column.addLayout(form)
        column.addWidget(self.question)
        column.addLayout(answers)
        column.addWidget(self.problem)
        column.addStretch()

    def _connect(self) -> None:
        self.folder.editingFinished.connect(lambda: self._choose(self.folder.text()))
        self.browse.clicked.connect(self._browse)
        self.usual.clicked.connect(lambda: self._choose(""))
        self.limit.valueChanged.connect(lambda value: self._store.change(cache_limit=value))
        self.clear.clicked.connect(lambda: self._ask(True))
        self.keep.clicked.connect(lambda: self._ask(False))
        self.confirm.clicked.connect(self._clear)
        self.cancel.clicked.connect(self._clearing.cancel)
        self._store.changed.connect(self._follow)

    def _follow(self, fields: frozenset[str]) -> None:
        self._show()
        if "cache_folder" in fields and self.isVisible():
            self.measure()

    def _show(self) -> None:
        settings = self._store.current
        given = os.environ.get(_GIVEN)
        self.folder.setText(settings.cache_folder)
        for widget in (self.folder, self.browse):
            widget.setEnabled(not given)
        self.usual.setEnabled(bool(settings.cache_folder) and not given)
        self.present.setText(
            tr("{variable} names {folder}.", variable=_GIVEN, folder=given)
            if given
            else tr("Analyses are in {folder}.", folder=cache_folder() / "analysis")
        )
        self.problem.clear()
        with QSignalBlocker(self.limit):
            self.limit.setValue(settings.cache_limit)

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, tr("Folder of the analyses"), str(cache_folder())
        )
        if folder:
            self._choose(folder)

    def _choose(self, text: str) -> None:
        folder = Path(text.strip()).expanduser()
        if text.strip() and not folder.is_absolute():
            self._say(tr("Give the folder from its root on, or choose it with Browse."))
            return
        if folder.is_file():
            self._say(tr("This is a file, not a folder: {file}", file=folder))
            return
        self._store.change(cache_folder=str(folder) if text.strip() else "")
        self._show()

    def _ask(self, asking: bool) -> None:
        self.question.setVisible(asking)
        self.confirm.setVisible(asking)
        self.keep.setVisible(asking)
        self.clear.setVisible(not asking)
        if asking:
            self.keep.setFocus()

    def _clear(self) -> None:
        self._ask(False)
        self.problem.clear()
        self.clear.setEnabled(False)
        self.cancel.show()
        job = self._clearing.start(_cleared(cache_folder() / "analysis", list(self._in_use())))
        job.failed.connect(self._fail)
        job.succeeded.connect(self._cleared)
        job.failed.connect(self._cleared)
        job.stopped.connect(self._cleared)
        job.start()

    def _cleared(self) -> None:
        self.cancel.hide()
        self.clear.setEnabled(True)
        self.clear.setFocus()
        self.measure()

    def _show_size(self, size: int) -> None:
        self.taken.setText(
            tr("{size} GB", size=f"{size / 1e9:.2f}")
            if size >= 1e8
            else tr("{size} MB", size=f"{size / 1e6:.1f}")
        )
        self.measured.emit()

    def _fail(self, message: str, report: str) -> None:
        self.taken.setText(tr("not known"))
        told = tr_message(message)
        self._say(told[:1].upper() + told[1:])

    def _say(self, message: str) -> None:
        self.problem.setText(message)


def _measured(folder: Path) -> Work:
    def work(controls: JobControls) -> int:
        return cache_size(folder, cancelled=controls.cancelled)

    return work


def _cleared(folder: Path, keep: Collection[str]) -> Work:
    def work(controls: JobControls) -> list[str]:
        return clear(folder, keep=keep, cancelled=controls.cancelled)

    return work
