"""The window: composes its parts and connects them; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPixmap
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from core.places import SAMPLE_VIDEO
from core.project.project_file import ENDING
from desktop.actions import bind
from desktop.analyst import Analyst
from desktop.caption_preview import CaptionPreview
from desktop.captioner import Captioner
from desktop.dialogs import CAPTION_ENDINGS, Dialogs, show_in_folder
from desktop.editor import Editor
from desktop.exporter import Exporter
from desktop.file_menu import FileMenu
from desktop.i18n import tr
from desktop.icons import icon
from desktop.jobs.work import LeftOver
from desktop.layouts import column, splitter
from desktop.learning_desk import LearningDesk
from desktop.left_overs import LeftOvers
from desktop.messenger import Messenger
from desktop.navigator import Navigator
from desktop.panels.captions_panel import CaptionsPanel
from desktop.panels.command_bar import CommandBar
from desktop.panels.cuts_list import CutsList
from desktop.panels.emotion_panel import EmotionPanel
from desktop.panels.error_details import ErrorDetails
from desktop.panels.export_page import ExportPage
from desktop.panels.history import HistoryPanel
from desktop.panels.look_panel import LookPanel
from desktop.panels.notices import Notices
from desktop.panels.preferences import Preferences
from desktop.panels.recent import RecentItem
from desktop.panels.recovery import RecoverableItem
from desktop.panels.side_panel import SidePanel
from desktop.panels.welcome import Welcome
from desktop.player.full_screen import FullScreen
from desktop.player.player import Player
from desktop.player.transport import Transport
from desktop.player.video_view import VideoView
from desktop.project_desk import ProjectDesk
from desktop.reframer import Reframer
from desktop.saver import Saver
from desktop.settings import SettingsStore
from desktop.shortcuts import Shortcuts
from desktop.timeline.filmstrip import thumbnail_at
from desktop.timeline.timeline import Timeline
from desktop.typing_guard import TypingGuard
from desktop.workflow import Workflow


class MainWindow(QMainWindow):
    """Player above, cuts beside it, timeline below.

    Args:
        settings: What the user prefers.
        editor: The project to go on with, when the window is made anew; None for an empty one.

    Signals:
        outdated: The theme or the language changed: the window has to be made anew.
    """

    outdated = Signal()

    def __init__(self, settings: SettingsStore, editor: Editor | None = None) -> None:
        super().__init__()
        self.setWindowTitle("EmotionShortForm")
        self.setWindowIcon(icon("app"))
        self.setAcceptDrops(True)
        self.resize(1360, 860)
        self.settings = settings
        self.editor = editor or Editor()
        self.shortcuts = Shortcuts(settings, self)
        keys = self.shortcuts.shown_keys
        self.bar = CommandBar(self.editor, keys)
        self.view = VideoView()
        self.player = Player(self.view, self)
        self.transport = Transport(self.player)
        self.timeline = Timeline(self.editor, settings)
        self.cuts = CutsList(self.editor, self._thumbnail, keys)
        self.look = LookPanel(self.editor, keys)
        self.captions = CaptionsPanel(self.editor)
        self.side = SidePanel(
            self.editor,
            self.cuts,
            self.look,
            self.captions,
            EmotionPanel(self.editor),
            HistoryPanel(self.editor),
        )
        self.start = Welcome(first_start=not settings.current.welcomed)
        self.preferences = Preferences(
            settings, self.shortcuts, in_use=lambda: tuple(self.editor.infos)
        )
        self.notices = Notices()
        self.desk = ProjectDesk(self.editor, settings, self)
        self.saver = Saver(self.editor, settings, self)
        self.left_overs = LeftOvers(settings, self)
        self.analyst = Analyst(self.editor, settings, lambda: self.timeline.cuts.dragging, self)
        self.exporter = Exporter(self.editor, lambda: self.workflow.occupied, self)
        self.export_page = ExportPage(self.editor, self.exporter, keys)
        self.navigator = Navigator(self.editor, self.player, self.transport, self)
        self.reframer = Reframer(
            self.editor,
            self.player,
            self.view,
            lambda: self.workflow.busy,
            self,
        )
        self.captioner = Captioner(
            self.editor, settings, lambda: self.analyst.busy or self.exporter.busy, self
        )
        self.workflow = Workflow(
            self.analyst, self.exporter, self.reframer, self.captioner, self.bar, self
        )
        CaptionPreview(self.editor, self.player, self.view, self.reframer.cut, self)
        self.full_screen = FullScreen(self.view, self.transport)
        self.full_screen.setParent(self, Qt.WindowType.Window)
        self.dialogs = Dialogs(self)
        self.learning = LearningDesk(self)
        self._panels = self.preferences, self.export_page, self.learning.page
        self._stack = QStackedWidget()
        self._analyse_at_once = False
        self._kept = False
        self._compose()
        self._connect()
        self.messenger = Messenger(self)
        self.learning.connect_work(self)
        self._typing = TypingGuard(self)
        bind(self)
        self._show_keys()
        self.timeline.cuts.set_snapping(settings.current.snapping)
        self.transport.safe_area.setChecked(settings.current.safe_area)
        self.transport.set_volume(settings.current.volume)
        self.bar.set_menu(FileMenu(self))
        self._project_opened()
        self.exporter.look()

    @property
    def preferences_page(self) -> str:
        """The page of the preferences that is in front; empty if they are not."""
        shown = self._stack.currentWidget() is self.preferences
        return self.preferences.page if shown else ""

    def open(self, path: Path, *, analyse: bool = False, then: Sequence[Path] = ()) -> None:
        """Opens a project or a video, and analyses its videos at once if asked to.

        Args:
            path: The file.
            analyse: Whether to analyse.
            then: Videos that are taken into the project as well.
        """
        self._analyse_at_once = analyse
        self.desk.open(path, then)

    def adopt(self, *, analyse: bool) -> None:
        """Shows the project of an editor that another window had.

        Args:
            analyse: Whether to go on with an analysis.
        """
        self._analyse_at_once = analyse
        self._project_opened()
        self.editor.media_changed.emit()
        if self.editor.analysis is not None:
            self.editor.analysis_changed.emit()
        self.editor.project_changed.emit()
        self.editor.selection_changed.emit()
        self.analyst.follow()

    def release(self) -> Editor:
        """Closes the window, but not the project; returns what another window can adopt."""
        self._kept = True
        self.close()
        return self.editor

    def analyse(self) -> None:
        """Analyses the video on show, then the others of the project."""
        self.workflow.analyse()

    def cancel(self) -> None:
        """Stops what is going on, or closes what is in front."""
        if self._stack.currentWidget() in self._panels:
            self._show_page()
        elif self.editor.mark is not None:
            self.editor.set_mark(None)
        else:
            self.desk.cancel()
            self.workflow.cancel()

    def new_project(self) -> None:
        """Starts an empty project."""
        self.analyst.forget()
        self.desk.new()

    def save(self) -> None:
        """Saves the project; the first time the user says where."""
        session = self.editor.session
        if session is not None and session.named and not session.read_only:
            self.saver.save()
        else:
            self.dialogs.ask_for_project_name()

    def show_preferences(self, page: str = "general") -> None:
        """Shows the preferences in place of the player."""
        self.preferences.show_page(page)
        self._stack.setCurrentWidget(self.preferences)

    @property
    def exporting(self) -> bool:
        """Whether the page of the export is in front."""
        return self._stack.currentWidget() is self.export_page

    def show_export(self) -> None:
        """Shows the page of the export in place of the player and the timeline."""
        self._show_instead(self.export_page)

    def show_learning(self) -> None:
        """Shows the page of the learning in place of the player and the timeline."""
        self._show_instead(self.learning.page)

    def float_over_player(self, panel: Notices | ErrorDetails) -> None:
        """Lays a panel over the lower end of the player, above its controls."""
        panel.float_over(self._stack, self.transport)

    def toggle_snapping(self) -> None:
        """Lets dragged cuts snap to what is near, or not."""
        self.settings.change(snapping=not self.settings.current.snapping)
        text = tr("Snapping is on.") if self.settings.current.snapping else tr("Snapping is off.")
        self.notices.inform(text)

    def _compose(self) -> None:
        self._player_page = column(self.view, self.transport)
        for page in (self.start, self._player_page, *self._panels):
            self._stack.addWidget(page)
        upper = splitter(Qt.Orientation.Horizontal, self._stack, self.side)
        upper.setSizes([960, 400])
        parts = splitter(Qt.Orientation.Vertical, upper, self.timeline)
        self.setCentralWidget(column(self.bar, parts, stretched=parts))
        self.float_over_player(self.notices)

    def _connect(self) -> None:
        self.bar.open_wanted.connect(self.dialogs.ask_for_file)
        self.bar.analyse_wanted.connect(self.analyse)
        self.bar.export_wanted.connect(self.show_export)
        self.bar.cancel_wanted.connect(self.cancel)
        self.bar.relink_wanted.connect(self.dialogs.ask_for_medium)
        self.start.open_wanted.connect(self.dialogs.ask_for_file)
        self.start.sample_wanted.connect(lambda: self.open(SAMPLE_VIDEO, analyse=True))
        self.start.dismissed.connect(lambda: self.settings.change(welcomed=True))
        self.start.recent_wanted.connect(lambda path: self.open(Path(path), analyse=True))
        self.start.recover_wanted.connect(lambda path: self.open(Path(path), analyse=True))
        self.start.forget_wanted.connect(self.left_overs.forget)
        self.start.discard_wanted.connect(self.left_overs.discard)
        for panel in self._panels:
            panel.closed.connect(self._show_page)
        self.export_page.analyse_wanted.connect(self.analyse)
        self.export_page.folder_wanted.connect(self.dialogs.ask_for_export_folder)
        self.export_page.show_wanted.connect(show_in_folder)
        self.transport.volume_changed.connect(lambda v: self.settings.change(volume=v))
        self.transport.safe_area_toggled.connect(self._show_safe_area)
        self.shortcuts.changed.connect(lambda name: self._show_keys())
        self.settings.changed.connect(self._settings_changed, Qt.ConnectionType.QueuedConnection)
        self._connect_editing()
        self._connect_work()

    def _connect_editing(self) -> None:
        self.editor.media_changed.connect(self._medium_changed)
        self.editor.frames_changed.connect(self._frames_changed)
        self.editor.project_changed.connect(self._project_changed)
        self.timeline.sought.connect(self.player.seek)
        self.timeline.cuts.scrubbed.connect(self.player.seek)
        self.timeline.cuts.activated.connect(self.navigator.show_cut)
        self.timeline.emotion.numbers_wanted.connect(lambda: self.side.show_tab("emotion"))
        self.player.moved.connect(self.timeline.set_playhead)
        self.player.playing_changed.connect(self.timeline.set_playing)
        self.look.follow_wanted.connect(self.reframer.follow)
        self.look.reset_wanted.connect(self.reframer.reset)
        self.captions.seek_wanted.connect(self.player.seek)
        self.player.moved.connect(self.captions.follow)
        self.captions.import_wanted.connect(self.dialogs.ask_for_captions)
        self.captions.export_wanted.connect(self.dialogs.ask_for_caption_output)
        self.captions.hear_wanted.connect(lambda whole: self.captioner.write_down(whole=whole))
        self.captioner.preferences_wanted.connect(lambda: self.show_preferences("models"))
        self.cuts.activated.connect(self.navigator.show_cut)
        self.cuts.split_wanted.connect(self.shortcuts.action("cut.split").trigger)

    def _connect_work(self) -> None:
        self.desk.opened.connect(self._project_opened)
        self.desk.added.connect(lambda identifier: self.analyse())
        self.saver.state_changed.connect(self._show_state)
        self.left_overs.found.connect(self._show_left_over)
        self.workflow.changed.connect(self._show_state)
        self.captioner.began.connect(lambda: self.captions.show_hearing(True))
        self.captioner.ended.connect(lambda: self.captions.show_hearing(False))

    def _project_opened(self) -> None:
        self.captioner.forget()
        self.analyst.forget()
        self.left_overs.look()
        self._show_page()
        self._project_changed()
        self._show_state()
        if self._analyse_at_once:
            self.analyse()

    def _show_page(self) -> None:
        media = self.editor.project.media
        self._stack.setCurrentWidget(self._player_page if media else self.start)
        for part in (self.timeline, self.side):
            part.setVisible(bool(media))
        if media and not self.editor.medium:
            self.view.set_message(tr("The video of this project is not where it was."))

    def _show_instead(self, page: QWidget) -> None:
        self.player.pause()
        self._stack.setCurrentWidget(page)
        self.timeline.hide()
        page.setFocus()

    def _medium_changed(self) -> None:
        info = self.editor.info
        self._show_page()
        if info is None:
            self.player.close()
        elif self.player.info != info:
            self.player.open(info)
        if info is not None and self.editor.medium not in self.editor.uncounted:
            self._frames_changed()

    def _frames_changed(self) -> None:
        frames = self.editor.frames
        if frames is not None:
            self.player.set_frame_index(frames, self.editor.info)

    def _project_changed(self) -> None:
        self._show_state()

    def _show_state(self) -> None:
        session = self.editor.session
        name = self.saver.name
        self.setWindowTitle(f"{name} – EmotionShortForm" if name else "EmotionShortForm")
        self.bar.show_project(name, self.saver.unsaved, session is not None and session.read_only)
        can_export = bool(self.editor.project.media or self.exporter.exports)
        self.shortcuts.action("export").setEnabled(can_export)
        self.bar.show_export(can_export)
        if not self.workflow.busy:
            self.bar.show_ready(bool(self.editor.medium))

    def _show_left_over(self, found: LeftOver) -> None:
        self.start.set_recent(
            [
                RecentItem(str(path), name, str(path.parent), when, gone=when is None)
                for path, name, when in found.recent
            ]
        )
        self.start.set_recoverable(
            [RecoverableItem(str(one.path), one.name, one.edits) for one in found.broken]
        )

    def _settings_changed(self, fields: frozenset[str]) -> None:
        current = self.settings.current
        self.timeline.cuts.set_snapping(current.snapping)
        if fields & {"theme", "language"}:
            self.outdated.emit()

    def _show_safe_area(self, wanted: bool) -> None:
        self.view.set_safe_area(wanted)
        self.settings.change(safe_area=wanted)

    def _show_keys(self) -> None:
        keys = self.shortcuts.shown_keys
        roles = set(self.transport.buttons) & {c.name for c in self.shortcuts.commands()}
        self.transport.set_shortcuts({role: keys(role) for role in roles})
        self.bar.show_keys()

    def _thumbnail(self, medium: str, seconds: float) -> QPixmap:
        analysis = self.editor.analyses.get(medium)
        if analysis is None:
            return QPixmap()
        return QPixmap.fromImage(thumbnail_at(analysis, seconds))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.saver.look_at_file()
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            if self.editor.medium and paths[0].suffix.lower() in CAPTION_ENDINGS:
                self.captioner.read(paths[0])
                return
            projects = [path for path in paths if path.suffix.lower() == ENDING]
            first = (projects or paths)[0]
            others = [path for path in paths if path.suffix.lower() != ENDING and path != first]
            if self.editor.project.media and not projects:
                for path in paths:
                    self.desk.add_video(path)
            else:
                self.open(first, analyse=True, then=others)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.full_screen.leave()
        self.hide()
        self.player.close()
        self.saver.finish()
        self.workflow.close()
        self.left_overs.close()
        self.learning.close()
        self.desk.close(keep=self._kept)
        self.preferences.close_jobs()
        self.export_page.close_jobs()
        self.settings.flush()
        super().closeEvent(event)
