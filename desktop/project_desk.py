"""Opening, saving and recovering projects: what happens between the editor and the disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.errors import ProjectError
from core.project.backups import Backup, backups
from core.project.document import Medium, Project, Wishes
from core.project.project_file import read_project
from core.project.recovery import discard
from core.project.relink import relinked
from core.project.session import ProjectSession
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.jobs.job import Job, JobSlot, Work
from desktop.jobs.work import (
    AddedVideo,
    OpenedProject,
    add_video,
    find_left_over,
    open_path,
    read_frames,
    save_project,
)
from desktop.settings import SettingsStore


class ProjectDesk(QObject):
    """Brings projects and videos to the editor, and its edits to the disk.

    Signals:
        opened: Another project is open.
        added: A video came into the open project: its identifier.
        state_changed: The name, or whether something is unsaved, may have changed.
        failed: A message and its report.
        told: A message, the words of a button, and what the button does.
        missing: A video of the project is not where it was.
        waits: A job began that may take a while, and what it does.
        left_over: What can be gone on with, as :class:`desktop.jobs.work.LeftOver`.
    """

    opened = Signal()
    added = Signal(str)
    state_changed = Signal()
    failed = Signal(str, str)
    told = Signal(str, str, object)
    missing = Signal(object)
    left_over = Signal(object)
    waits = Signal(object, str)

    def __init__(self, editor: Editor, settings: SettingsStore, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self._settings = settings
        self._opening = JobSlot(self)
        self._indexing = JobSlot(self)
        self._listing = JobSlot(self)
        self._saving = JobSlot(self)
        editor.project_changed.connect(self.state_changed)
        editor.media_changed.connect(self._read_frames)
        editor.undo_stack.cleanChanged.connect(self._clean_changed)

    @property
    def busy(self) -> bool:
        """Whether something is being opened."""
        return self._opening.busy

    @property
    def name(self) -> str:
        """What the project is called: its file, or its first video."""
        session = self._editor.session
        if session is not None and session.named:
            return session.path.stem
        media = self._editor.project.media
        return media[0].path.name if media else ""

    @property
    def unsaved(self) -> bool:
        """Whether a project that the user gave a name has edits that are not in its file."""
        session = self._editor.session
        return session is not None and session.named and session.unsaved() > 0

    def open(self, path: Path) -> None:
        """Opens a project file, or a video with what was edited of it before."""
        session = self._editor.session
        job = self._begin(open_path(path, session.path if session is not None else None))
        job.succeeded.connect(self._opened)
        job.start()

    def add_video(self, path: Path) -> None:
        """Takes a video into the open project; the first one opens its own."""
        if not self._editor.project.media:
            self.open(path)
            return
        job = self._begin(add_video(path))
        job.succeeded.connect(self._added)
        job.start()

    def new(self) -> None:
        """Starts an empty project; the one before is saved."""
        self.leave()
        try:
            opened = ProjectSession.new()
        except ProjectError as error:
            self.failed.emit(str(error), "")
            return
        self._editor.open(opened.session, self._with_usual_wishes(opened.project), {})
        self.opened.emit()

    def save(self, *, anyway: bool = False) -> None:
        """Writes the project to its file.

        Args:
            anyway: Also if another program changed the file since.
        """
        session, project = self._editor.session, self._editor.project
        if session is None:
            return
        job = self._saving.start(save_project(session, project, anyway=anyway))
        job.succeeded.connect(lambda refused: self._saved(project, refused))
        job.failed.connect(self.failed)
        job.start()

    def save_as(self, path: Path) -> None:
        """Writes the project to a file of another name, and goes on with that one."""
        session = self._editor.session
        if session is None:
            return
        try:
            self._editor.session = session.save_as(path, self._editor.project)
        except ProjectError as error:
            self.failed.emit(str(error), "")
            return
        self._editor.undo_stack.setClean()
        self._settings.add_recent(self._editor.session.path)
        self.state_changed.emit()

    def relink(self, medium: Medium, path: Path) -> None:
        """Takes a file for a video that was missing, if it is the same one."""
        try:
            relinked(self._editor.project, medium, path)
        except ProjectError as error:
            self.failed.emit(str(error), "")
            return
        self.add_video(path)

    def look_at_disk(self) -> None:
        """Says so if another program changed the file of the project."""
        session = self._editor.session
        if session is None or not session.named or not session.changed_on_disk():
            return
        self.told.emit(
            tr("Another program changed the file of this project."),
            tr("Load its version"),
            self._load_from_disk,
        )

    def list_left_over(self) -> None:
        """Looks for what can be gone on with."""
        job = self._listing.start(find_left_over(self._settings.current.recent))
        job.succeeded.connect(self.left_over)
        job.failed.connect(self.failed)
        job.start()

    def forget(self, path: str) -> None:
        """Takes a file off the list of what was open lately."""
        recent = tuple(name for name in self._settings.current.recent if name != path)
        self._settings.change(recent=recent)
        self.list_left_over()

    def discard(self, path: str) -> None:
        """Gives up edits that were never saved; they stay among the backups."""
        try:
            discard(Path(path))
        except ProjectError as error:
            self.failed.emit(str(error), "")
        self.list_left_over()

    def earlier(self) -> list[Backup]:
        """Earlier versions of the open project, the latest first."""
        session = self._editor.session
        return [] if session is None else backups(session.path)

    def go_back_to(self, path: Path) -> None:
        """Puts a version that was saved in force, as an edit that can be undone."""
        try:
            project = read_project(path)
        except ProjectError as error:
            self.failed.emit(str(error), "")
            return
        self._editor.go_back(project)

    def leave(self) -> None:
        """Saves the open project and lets go of it."""
        session, self._editor.session = self._editor.session, None
        if session is None:
            return
        self._saving.close()
        try:
            session.close(self._editor.project)
        except ProjectError as error:
            self.failed.emit(str(error), "")

    def close(self) -> None:
        """Ends what is going on in the background."""
        self._opening.close()
        self._indexing.close()
        self._listing.close()
        self._saving.close()

    def cancel(self) -> None:
        """Stops opening."""
        self._opening.cancel()

    def _clean_changed(self, clean: bool) -> None:
        self.state_changed.emit()

    def _begin(self, work: Work) -> Job:
        job = self._opening.start(work)
        job.failed.connect(self.failed)
        self.waits.emit(job, tr("Opening"))
        return job

    def _saved(self, project: Project, refused: str) -> None:
        if refused:
            self.told.emit(refused, tr("Save anyway"), lambda: self.save(anyway=True))
        elif self._editor.project is project:
            self._editor.undo_stack.setClean()
        self.state_changed.emit()

    def _opened(self, opened: OpenedProject) -> None:
        if opened.session is None:
            self._editor.show_medium(opened.shown)
            return
        self.leave()
        project = self._with_usual_wishes(opened.project)
        self._editor.open(opened.session, project, opened.infos)
        if opened.recovered is not None:
            self._editor.recover(opened.recovered)
        if opened.shown:
            self._editor.show_medium(opened.shown)
        shown = self._editor.info
        if opened.session.named:
            self._settings.add_recent(opened.session.path)
        elif shown is not None:
            self._settings.add_recent(shown.path)
        self.opened.emit()
        self._tell(opened)

    def _with_usual_wishes(self, project: Project) -> Project:
        """A project that nobody has worked on yet gets the length and shape of the settings."""
        if project.cuts or project.wishes != Wishes():
            return project
        current = self._settings.current
        return replace(project, wishes=Wishes(current.length, current.aspect))

    def _tell(self, opened: OpenedProject) -> None:
        assert opened.session is not None
        if opened.problem:
            self.failed.emit(opened.problem, "")
        if opened.session.read_only:
            self.told.emit(
                tr("This project is open in another window: here it can only be looked at."),
                "", None,
            )  # fmt: skip
        if opened.recovered is not None:
            self._tell_with_undo(
                tr("{count} edits that were not saved are back.", count=opened.edits)
            )
        elif not opened.session.named and any(c.settled for c in opened.project.cuts):
            self.told.emit(
                tr("Your cuts of last time are here."), tr("Start anew"), self._editor.start_anew
            )
        for medium in opened.missing:
            self.missing.emit(medium)

    def _tell_with_undo(self, message: str) -> None:
        undo: Callable[[], None] = self._editor.undo_stack.undo
        self.told.emit(message, tr("Undo"), undo)

    def _added(self, added: AddedVideo) -> None:
        self._editor.add_medium(added.medium, added.info)
        self.added.emit(added.medium.identifier)

    def _read_frames(self) -> None:
        info, identifier = self._editor.info, self._editor.medium
        if info is None:
            self._indexing.abandon()
            return
        job = self._indexing.start(read_frames(info, identifier))
        # Where they cannot be read, the average rate serves; the analysis says what is wrong.
        job.succeeded.connect(lambda index: self._editor.set_frames(identifier, index))
        job.start()

    def _load_from_disk(self) -> None:
        if self._editor.session is not None:
            self.go_back_to(self._editor.session.path)
