"""The window: composes its parts and connects them; decides nothing."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.analysis.analysis import Analysis
from core.cutting.cut import Cut
from core.export.render import Export, ExportSettings
from core.places import SAMPLE_VIDEO
from core.time import format_timecode
from desktop import theme
from desktop.editor import Editor
from desktop.icons import icon
from desktop.jobs.job import Job, JobSlot, Work
from desktop.jobs.work import Opened, analyse_video, export_cuts, open_video, suggest_cuts
from desktop.panels.command_bar import ASPECTS, CommandBar
from desktop.panels.cuts_list import CutsList
from desktop.panels.drop_area import DropArea
from desktop.panels.notices import Notices
from desktop.player.player import Player
from desktop.player.transport import Transport
from desktop.player.video_view import VideoView
from desktop.timeline.timeline import Timeline
from desktop.widgets import single_timer

VIDEO_FILES = "Videos (*.mp4 *.mov *.mkv *.webm *.m4v *.avi *.ts *.mts *.m2ts *.mpg *.wmv *.flv)"
_SUGGEST_DELAY = 120


class MainWindow(QMainWindow):
    """Player above, cuts beside it, timeline below."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("EmotionShortForm")
        self.setWindowIcon(icon("app"))
        self.setAcceptDrops(True)
        self.resize(1360, 860)
        self.editor = Editor(self)
        self._opening = JobSlot(self)
        self._analysing = JobSlot(self)
        self._suggesting = JobSlot(self)
        self._exporting = JobSlot(self)
        self.bar = CommandBar()
        self.view = VideoView()
        self.player = Player(self.view, self)
        self.transport = Transport(self.player)
        self.timeline = Timeline(self.editor)
        self.cuts = CutsList(self.editor, self.timeline.thumbnail)
        self.notices = Notices()
        self._stack = QStackedWidget()
        self._suggest_soon = single_timer(self, _SUGGEST_DELAY)
        self._analyse_at_once = False
        self._compose()
        self._connect()
        self._make_actions()
        self._show_state()

    def open(self, path: Path, *, analyse: bool = False) -> None:
        """Opens a video, and analyses it at once if asked to."""
        self._analyse_at_once = analyse
        job = self._begin(self._opening, open_video(path))
        job.succeeded.connect(self._opened)
        job.start()

    def analyse(self) -> None:
        """Starts the analysis of the open video."""
        info = self.editor.info
        if info is None or self._analysing.busy or self._exporting.busy:
            return
        job = self._begin(self._analysing, analyse_video(info.path))
        job.progressed.connect(self.bar.show_progress)
        job.updated.connect(self._analysis_grew)
        job.succeeded.connect(self._analysis_done)
        self.bar.show_busy("Opening")
        job.start()

    def export_to(self, output: Path, *, overwrite: bool) -> None:
        """Writes the short to a file."""
        info, cuts = self.editor.info, self.editor.edit.cuts
        if info is None or not cuts or self._exporting.busy or self._analysing.busy:
            return
        settings = ExportSettings(
            aspect=self.bar.aspect.currentText(),  # type: ignore[arg-type]
            title=self.bar.title.text(),
            overwrite=overwrite,
        )
        spans = [edited.span for edited in cuts]
        job = self._begin(self._exporting, export_cuts(info, spans, output, settings))
        job.progressed.connect(self.bar.show_progress)
        job.succeeded.connect(self._exported)
        self.bar.show_busy("Exporting")
        job.start()

    def cancel(self) -> None:
        """Stops what is going on."""
        self._opening.cancel()
        self._analysing.cancel()
        self._exporting.cancel()

    def _compose(self) -> None:
        player = QWidget()
        column = QVBoxLayout(player)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addWidget(self.transport)
        self._drop = DropArea()
        holder = QWidget()
        inset = QVBoxLayout(holder)
        inset.setContentsMargins(*(4 * [3 * theme.SPACING]))
        inset.addWidget(self._drop)
        self._stack.addWidget(holder)
        self._stack.addWidget(player)
        upper = QSplitter(Qt.Orientation.Horizontal)
        upper.addWidget(self._stack)
        upper.addWidget(self.cuts)
        upper.setStretchFactor(0, 1)
        upper.setSizes([960, 400])
        upper.setChildrenCollapsible(False)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(upper, 1)
        layout.addWidget(self.timeline)
        layout.addWidget(self.notices)
        self.setCentralWidget(centre)

    def _connect(self) -> None:
        self.bar.open_wanted.connect(self._ask_for_video)
        self.bar.analyse_wanted.connect(self.analyse)
        self.bar.export_wanted.connect(self._ask_for_output)
        self.bar.cancel_wanted.connect(self.cancel)
        self.bar.length_changed.connect(self._length_changed)
        self.bar.aspect_changed.connect(lambda name: self.view.set_aspect(ASPECTS[name]))
        self._drop.open_wanted.connect(self._ask_for_video)
        self._drop.sample_wanted.connect(lambda: self.open(SAMPLE_VIDEO, analyse=True))
        self.timeline.sought.connect(self.player.seek)
        self.player.moved.connect(self.timeline.set_playhead)
        self.player.moved.connect(self._skip_what_is_cut)
        self.player.failed.connect(self.notices.error)
        self.transport.previous_cut.connect(lambda: self._jump(-1))
        self.transport.next_cut.connect(lambda: self._jump(1))
        self.cuts.activated.connect(self._show_cut)
        self.editor.problem.connect(self.notices.error)
        self.editor.edit_changed.connect(self._show_state)
        self.view.set_aspect(ASPECTS[self.bar.aspect.currentText()])
        self._suggest_soon.timeout.connect(self._suggest)
        self._application().installEventFilter(self)

    def _make_actions(self) -> None:
        undo = self.editor.undo_stack.createUndoAction(self, "Undo")
        undo.setShortcut(QKeySequence.StandardKey.Undo)
        redo = self.editor.undo_stack.createRedoAction(self, "Redo")
        redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.addActions([undo, redo])
        for action in (undo, redo):
            # The state that comes back has the suggestions of its time.
            action.triggered.connect(self._suggest_soon.start)
        for name, keys, act in (
            ("Open video", "Ctrl+O", self._ask_for_video),
            ("Analyse", "Ctrl+R", self.analyse),
            ("Export", "Ctrl+E", self._ask_for_output),
            ("Cancel", "Esc", self.cancel),
            ("Play or pause", "Space", self.player.toggle),
            ("Frame back", "Left", lambda: self.player.step(-1)),
            ("Frame on", "Right", lambda: self.player.step(1)),
            ("Previous cut", "Up", lambda: self._jump(-1)),
            ("Next cut", "Down", lambda: self._jump(1)),
            ("Add cut", "C", self._add_cut),
            ("Delete cut", "Del", lambda: self.editor.delete_cut(self.editor.selected)),
            ("Cut begins here", "I", lambda: self._trim(begin=True)),
            ("Cut ends here", "O", lambda: self._trim(begin=False)),
            ("Zoom in", "+", lambda: self.timeline.zoom(0.5)),
            ("Zoom out", "-", lambda: self.timeline.zoom(2.0)),
            ("Show all", "0", self.timeline.fit),
        ):
            action = QAction(name, self)
            action.setShortcut(keys)
            action.triggered.connect(act)
            self.addAction(action)

    def _begin(self, slot: JobSlot, work: Work) -> Job:
        job = slot.start(work)
        job.failed.connect(self._failed)
        job.stopped.connect(self._show_state)
        job.finished.connect(self._show_state)
        return job

    def _opened(self, opened: Opened) -> None:
        self._suggest_soon.stop()
        for slot in (self._analysing, self._suggesting, self._exporting):
            slot.abandon()
        self.notices.clear()
        if opened.problem:
            self.notices.error(opened.problem)
        self.editor.open(opened.info, opened.fingerprint, opened.edit)
        self.setWindowTitle(f"{opened.info.path.name} – EmotionShortForm")
        self.transport.set_duration(float(opened.info.duration))
        self._stack.setCurrentIndex(1)
        self.player.open(opened.info)
        if self._analyse_at_once:
            self.analyse()

    def _analysis_grew(self, analysis: Analysis) -> None:
        self.editor.set_analysis(analysis)
        if not self._suggesting.busy and not self._suggest_soon.isActive():
            self._suggest_soon.start()

    def _analysis_done(self, analysis: Analysis) -> None:
        self.editor.set_analysis(analysis)
        *worth_saying, _ = analysis.notices
        for notice in worth_saying:
            self.notices.inform(notice)
        self._suggest()

    def _length_changed(self, seconds: float) -> None:
        self.cuts.set_target(seconds)
        self._suggest_soon.start()

    def _suggest(self) -> None:
        analysis, seconds = self.editor.analysis, self.bar.seconds()
        if analysis is None or seconds is None or analysis.highlight.score.size == 0:
            return
        job = self._begin(self._suggesting, suggest_cuts(analysis, self.editor.edit, seconds))
        job.succeeded.connect(self._suggested)
        job.start()

    def _suggested(self, cuts: list[Cut]) -> None:
        if self.timeline.cuts.dragging:
            self._suggest_soon.start()
        else:
            self.editor.take_suggestions(cuts)

    def _exported(self, made: Export) -> None:
        self.notices.inform(
            f"The short is {made.path} ({format_timecode(made.duration)}, "
            f"{made.width} × {made.height}, {made.size_bytes / 1e6:.1f} MB)."
        )

    def _failed(self, message: str, report: str) -> None:
        self.notices.error(message, report)

    def _show_state(self) -> None:
        if self._analysing.busy or self._exporting.busy:
            return
        info = self.editor.info
        self.bar.show_ready(
            info.path.name if info else "", info is not None, bool(self.editor.edit.cuts)
        )

    def _ask_for_video(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, "Open video", "", f"{VIDEO_FILES};;All files (*)"
        )
        if name:
            self.open(Path(name), analyse=True)

    def _ask_for_output(self) -> None:
        info = self.editor.info
        if info is None or not self.editor.edit.cuts:
            return
        proposal = info.path.with_name(f"{info.path.stem}-short.mp4")
        name, _ = QFileDialog.getSaveFileName(self, "Export", str(proposal), "Video (*.mp4)")
        if name:
            output = Path(name)
            if output.suffix.lower() != ".mp4":
                output = output.with_name(output.name + ".mp4")
            # The dialog asked about an existing file, but only under the name that was typed.
            self.export_to(output, overwrite=str(output) == name)

    def _add_cut(self) -> None:
        self.editor.add_cut(Fraction(self.player.position))

    def _trim(self, *, begin: bool) -> None:
        edited = self.editor.selected_cut()
        if edited is None:
            self.notices.inform("Select a cut first, then set its begin (I) or end (O).")
            return
        self.editor.trim_cut(edited.identifier, Fraction(self.player.position), begin=begin)

    def _jump(self, direction: int) -> None:
        here = self.player.position
        starts = sorted(float(c.span.start) for c in self.editor.edit.cuts)
        if direction > 0:
            later = [start for start in starts if start > here + 0.02]
            target = later[0] if later else None
        else:
            earlier = [start for start in starts if start < here - 0.02]
            target = earlier[-1] if earlier else None
        if target is not None:
            self.player.seek(target + 0.001)
            self.editor.select(
                next(c for c in self.editor.edit.cuts if float(c.span.start) == target).identifier
            )

    def _show_cut(self, identifier: str) -> None:
        edited = self.editor.edit.find(identifier)
        if edited is not None:
            self.player.seek(float(edited.span.start) + 0.001)

    def _skip_what_is_cut(self, seconds: float) -> None:
        cuts = self.editor.edit.cuts
        if not (self.transport.short_only.isChecked() and self.player.playing and cuts):
            return
        if any(float(c.span.start) - 0.05 <= seconds < float(c.span.end) for c in cuts):
            return
        later = [float(c.span.start) for c in cuts if float(c.span.start) > seconds]
        if later:
            self.player.seek(min(later) + 0.001)
        else:
            self.player.pause()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that are typed into a field are not shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride:
            focus = QApplication.focusWidget()
            if isinstance(focus, QLineEdit | QComboBox):
                event.accept()
                return True
        return super().eventFilter(watched, event)

    @staticmethod
    def _application() -> QApplication:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        return application

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.open(Path(paths[0]), analyse=True)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._application().removeEventFilter(self)
        self.hide()
        self._suggest_soon.stop()
        self.player.close()
        for slot in (self._opening, self._analysing, self._suggesting, self._exporting):
            slot.close()
        super().closeEvent(event)
