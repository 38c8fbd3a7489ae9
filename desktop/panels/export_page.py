"""The export in place of the player: what is written, where, and the queue beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.export.presets import PRESETS
from core.export.target import PREVIEW_SUFFIXES
from core.project.queued_export import QueuedExport
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr, tr_message
from desktop.jobs.export_work import Foreseen, Wanted, foresee
from desktop.jobs.job import JobSlot
from desktop.panels.export_hand_off import HandOffFields
from desktop.panels.export_more import MoreFields
from desktop.panels.export_place import PlaceFields
from desktop.panels.export_presets import PresetRows
from desktop.panels.export_queue import QueueList
from desktop.panels.export_words import size_text, time_text
from desktop.panels.wheel_keeper import WheelKeeper
from desktop.widgets import icon_button, label, push_button, single_timer, with_keys

if TYPE_CHECKING:
    from desktop.exporter import Exporter

_PAUSE = 150
_TWO_COLUMNS = 720
_WIDEST_SETTINGS = 620
_OURS = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


class ExportPage(QWidget):
    """Chooses presets and files for the short of a project, and puts them into the queue.

    Args:
        editor: The document.
        exporter: Keeps the queue.
        keys: Gives the keys of a command as the user sees them.

    Signals:
        closed: The user is done.
        analyse_wanted: There is no short yet, and the analysis shall find one.
        folder_wanted: Another folder shall be asked for.
        show_wanted: The folder of a file shall be shown.
        handed_over: What was written for another editor.
        failed: A message and its report.
    """

    closed = Signal()
    analyse_wanted = Signal()
    folder_wanted = Signal()
    show_wanted = Signal(object)
    handed_over = Signal(object)
    failed = Signal(str, str)

    def __init__(
        self,
        editor: Editor,
        exporter: Exporter,
        keys: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Export"))
        self._editor = editor
        self._exporter = exporter
        self._foreseen: Mapping[str, Foreseen] = {}
        self._looking = JobSlot(self)
        self._soon = single_timer(self, _PAUSE)
        self.presets = PresetRows()
        self.place = PlaceFields()
        self.more = MoreFields()
        self.hand_off = HandOffFields(editor)
        self.queue = QueueList(exporter)
        self.nothing = NothingToExport(keys)
        self.close_button = icon_button("close", tr("Back to the player"), keys("cancel"), "flat")
        self.start = push_button(tr("Export"), role="primary")
        self.start.setToolTip(with_keys(tr("Writes the chosen presets"), tr("Ctrl+Enter")))
        self._summary = label("", "secondary")
        self._summary.setFont(theme.tabular(self.font()))
        self.problem = label("", "problem", wrap=True)
        self._compose()
        self._connect()
        self.setFocusProxy(next(iter(self.presets.rows.values())).check)
        self._show()

    def close_jobs(self) -> None:
        """Ends what goes on in the background; to be called before the page goes."""
        self._soon.stop()
        self._looking.close()
        self.more.close_jobs()
        self.hand_off.close_jobs()

    def set_folder(self, folder: Path) -> None:
        """Takes another folder for the files."""
        self.place.set_folder(folder)

    def event(self, event: QEvent) -> bool:
        # What is typed here must not play or change the short, which is not to be seen.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.modifiers() in _OURS
            and not Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif entered and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.start.click()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._changed()

    def _compose(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.SPACING + 4)
        top.addWidget(label(tr("EXPORT"), "heading"))
        top.addStretch(1)
        top.addWidget(self._summary)
        top.addWidget(self.start)
        top.addWidget(self.close_button)
        self._settings = QWidget()
        fields = QVBoxLayout(self._settings)
        fields.setContentsMargins(0, 0, theme.SPACING, 0)
        fields.setSpacing(2 * theme.SPACING)
        for part in (self.presets, _line(), self.place, self.more, _line()):
            fields.addWidget(part)
        other = QVBoxLayout()
        other.setSpacing(theme.SPACING)
        other.addWidget(label(tr("FOR ANOTHER EDITOR"), "heading"))
        other.addWidget(self.hand_off)
        fields.addLayout(other)
        fields.addStretch(1)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._settings)
        WheelKeeper(self._settings)
        left = QVBoxLayout()
        left.setSpacing(theme.SPACING)
        left.addWidget(self.nothing, 1)
        left.addWidget(self.problem)
        left.addWidget(self._area, 1)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(2 * theme.SPACING)
        self._columns.addLayout(left, 3)
        self._columns.addWidget(self.queue, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * [theme.SPACING + 4]))
        column.setSpacing(theme.SPACING)
        column.addLayout(top)
        column.addLayout(self._columns, 1)

    def _connect(self) -> None:
        self.close_button.clicked.connect(self.closed)
        self.start.clicked.connect(self._start)
        self.nothing.analyse.clicked.connect(self.analyse_wanted)
        self.place.folder_wanted.connect(self.folder_wanted)
        self.queue.folder_wanted.connect(self.show_wanted)
        self.hand_off.handed_over.connect(self.handed_over)
        self.hand_off.failed.connect(self.failed)
        self.presets.settled.connect(self._show_start)
        self._soon.timeout.connect(self._look)
        for signal in (self.presets.changed, self.place.changed, self.more.changed):
            signal.connect(self._changed)
        self._editor.project_changed.connect(self._changed)
        self._editor.media_changed.connect(self._changed)
        self._exporter.changed.connect(self._changed)
        self._exporter.changed.connect(self._fit)

    def _fit(self) -> None:
        """One column where there is no room for two; an empty queue then takes none."""
        wide = self.width() >= _TWO_COLUMNS
        direction = QBoxLayout.Direction
        self._columns.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self._settings.setMaximumWidth(_WIDEST_SETTINGS if wide else self.width())
        self.queue.setVisible(wide or bool(self._exporter.exports))

    def _changed(self) -> None:
        """Something is chosen anew, or the short is another one."""
        self._foreseen = {}
        self.start.setEnabled(False)
        if self.isVisible():
            self._show()
            self._soon.start()

    def _show(self) -> None:
        project = self._editor.project
        proposal = self._exporter.proposal()
        there = proposal is not None
        self.place.propose(proposal)
        self.nothing.setVisible(not there)
        self.nothing.analyse.setVisible(bool(self._editor.infos))
        for part in (self._area, self._summary, self.start):
            part.setVisible(there)
        self.problem.setVisible(there and bool(self.problem.text()))
        self.presets.show_look(project.wishes.look)
        self.place.show_captions(
            there=any(
                caption.span.overlaps(cut.span)
                for medium in project.media
                for cut in project.short
                if cut.medium == medium.identifier
                for caption in medium.captions
            )
        )
        stem = self.place.stem
        self.hand_off.set_target(self.place.folder / stem if there and stem else None)

    def _look(self) -> None:
        """Finds out what is to be expected of what is chosen."""
        chosen = self.presets.chosen
        if self._exporter.proposal() is None:
            return
        if not chosen or not self.place.stem:
            self._tell(
                tr("Choose at least one preset.") if not chosen else tr("The files need a name.")
            )
            return
        editor = self._editor
        wanted = Wanted(
            editor.project,
            editor.infos,
            {name: self.more.encoding(PRESETS[name].encoding) for name in chosen},
            self.place.folder,
            self.place.stem,
            self.place.caption_kind,
            frozenset(one.output for one in self._exporter.exports if not one.state.over),
        )
        job = self._looking.start(foresee(wanted))
        job.succeeded.connect(self._show_foreseen)
        job.failed.connect(lambda message, report: self._tell(tr_message(message)))
        job.start()

    def _show_foreseen(self, foreseen: Mapping[str, Foreseen]) -> None:
        self._foreseen = foreseen
        self.presets.show_foreseen(foreseen)
        self._tell("")

    def _tell(self, problem: str) -> None:
        if problem:
            self._foreseen = {}
            self.presets.show_foreseen({})
        self.problem.setText(problem[:1].upper() + problem[1:])
        self.problem.setVisible(bool(problem))
        self._show_start()

    def _show_start(self) -> None:
        targets = [name for name in self._foreseen if self.presets.target(name) is not None]
        guesses = [
            one.expected.guess for one in self._foreseen.values() if one.expected.guess is not None
        ]
        self.start.setEnabled(bool(targets))
        text = tr("Export")
        if len(targets) > 1:
            text = tr("Export {count} files", count=len(targets))
        self.start.setText(text)
        self.start.setAccessibleName(text)
        self._summary.setText(
            tr(
                "About {size} and {time}",
                size=size_text(sum(guess.bytes for guess in guesses)),
                time=time_text(sum(guess.seconds for guess in guesses)),
            )
            if guesses
            else ""
        )

    def _start(self) -> None:
        """Puts what is chosen into the queue, as the project is now."""
        project = self._editor.project
        exports: list[QueuedExport] = []
        for name in self._foreseen:
            target = self.presets.target(name)
            if target is None:
                continue
            preset = PRESETS[name]
            output, overwrite = target
            kind = "" if preset.suffix in PREVIEW_SUFFIXES else self.place.caption_kind
            settings = preset.settings(project.wishes.look)
            exports.append(
                QueuedExport(
                    self.place.stem,
                    project,
                    output,
                    settings.look,
                    self.more.encoding(settings.encoding),
                    name,
                    overwrite,
                    kind,
                )
            )
        self._foreseen = {}
        self.start.setEnabled(False)
        self._exporter.add(*exports)


class NothingToExport(QWidget):
    """Says how a short comes about."""

    def __init__(self, keys: Callable[[str], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.analyse = push_button(
            tr("Analyse"), tr("Find the moments that move people"), "primary"
        )
        self.text = label(
            tr(
                "There is no short yet. Analyse the video to get suggestions, or add a cut at "
                "the playhead ({keys}).",
                keys=keys("cut.add"),
            ),
            wrap=True,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2 * theme.SPACING, 0, 0)
        column.setSpacing(2 * theme.SPACING)
        column.addWidget(self.text)
        column.addWidget(self.analyse, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)


def _line() -> QWidget:
    made = QWidget()
    made.setFixedHeight(1)
    made.setStyleSheet(f"background: {theme.palette().hairline};")
    return made
