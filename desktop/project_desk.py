"""Opens projects and videos, and closes them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.errors import ProjectError
from core.export.look import Look
from core.media.frame_index import FrameIndex
from core.project.document import Medium, Project, Wishes
from core.project.project_file import ENDING
from core.project.session import ProjectSession, working_path
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.jobs.job import Job, JobSlot, Work
from desktop.jobs.work import (
    AddedVideo,
    OpenedProject,
    add_video,
    find_video,
    leave_session,
    open_path,
    read_frames,
)
from desktop.settings import SettingsStore


class ProjectDesk(QObject):
    """Brings projects and videos to the editor.

    Signals:
        opened: Another project is open.
        added: A video came into the open project: its identifier.
        failed: A message and its report.
        told: A message, the words of a button, and what the button does.
        missing: A video of the project is not where it was.
        waits: A job began that may take a while, and what it does.
    """

    opened = Signal()
    added = Signal(str)
    failed = Signal(str, str)
    told = Signal(str, str, object)
    missing = Signal(object)
    waits = Signal(object, str)

    def __init__(self, editor: Editor, settings: SettingsStore, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self._settings = settings
        self._opening = JobSlot(self)
        self._leaving = JobSlot(self)
        self._indexing = JobSlot(self)
        self._waiting: list[Path] = []
        editor.media_changed.connect(self._read_frames)

    @property
    def busy(self) -> bool:
        """Whether something is being opened."""
        return self._opening.busy

    def open(self, path: Path, then: Sequence[Path] = ()) -> None:
        """Opens a project file, or a video with what was edited of it before.

        A video goes into the open project if that is new and empty.

        Args:
            path: The file.
            then: Videos that are taken into the project as well.
        """
        self._waiting = list(then)
        session = self._editor.session
        fresh = session is not None and not session.named and not self._editor.project.media
        if fresh and path.suffix.lower() != ENDING:
            self._add(path)
            return
        job = self._begin(open_path(path, session.path if session is not None else None))
        job.succeeded.connect(self._opened)
        job.start()

    def add_video(self, path: Path) -> None:
        """Takes a video into the open project; without one, opens the video's own."""
        if self._editor.session is None:
            self.open(path)
        elif self.busy:
            self._waiting.append(path)
        else:
            self._add(path)

    def new(self) -> None:
        """Starts an empty project; the one before is saved."""
        self._waiting.clear()
        self._leave(self._show_new)

    def relink(self, medium: Medium, path: Path) -> None:
        """Takes a file for a video that was missing, if it is the same one."""
        job = self._begin(find_video(self._editor.project, medium, path))
        job.succeeded.connect(self._added)
        job.start()

    def close(self, *, keep: bool = False) -> None:
        """Ends what is going on in the background, saves the project and lets go of it.

        Args:
            keep: The project stays open, for another window.
        """
        self._waiting.clear()
        self._opening.close()
        self._indexing.close()
        self._leaving.close()
        session = self._editor.session
        if session is not None and not keep:
            self._editor.session = None
            # What cannot be saved stays in the journal, and is offered at the next start.
            with contextlib.suppress(ProjectError):
                session.close(self._editor.project)
            # Else it clears itself when it goes, and tells panels that are gone by then.
            self._editor.undo_stack.clear()

    def cancel(self) -> None:
        """Stops opening."""
        self._waiting.clear()
        self._opening.cancel()

    def _add(self, path: Path) -> None:
        job = self._begin(add_video(path))
        job.succeeded.connect(self._added)
        job.start()

    def _leave(self, then: Callable[[], None]) -> None:
        """Saves the open project and lets go of it; stays in it if it cannot be saved."""
        session = self._editor.session
        if session is None:
            then()
            return

        def leave() -> None:
            self._editor.session = None
            then()

        def leave_anyway() -> None:
            if self._editor.session is session:
                session.close()
                leave()

        def stay(message: str, report: str) -> None:
            self.failed.emit(message, report)
            self.told.emit(
                tr("This project stays open, as it cannot be saved."),
                tr("Leave it anyway"),
                leave_anyway,
            )

        job = self._leaving.start(leave_session(session, self._editor.project, session.edits))
        job.succeeded.connect(lambda done: leave())
        job.failed.connect(stay)
        job.start()

    def _begin(self, work: Work) -> Job:
        job = self._opening.start(work)
        job.failed.connect(self.failed)
        job.finished.connect(self._next)
        self.waits.emit(job, tr("Opening"))
        return job

    def _next(self) -> None:
        ready = not self.busy and not self._leaving.busy
        if self._waiting and ready and self._editor.session is not None:
            self._add(self._waiting.pop(0))

    def _show_new(self) -> None:
        try:
            opened = ProjectSession.new()
        except ProjectError as error:
            self.failed.emit(str(error), "")
            return
        self._editor.open(opened.session, self._with_usual_wishes(opened.project), {})
        self.opened.emit()

    def _opened(self, opened: OpenedProject) -> None:
        session = opened.session
        if session is None:
            self._editor.show_medium(opened.shown)
        else:
            self._leave(lambda: self._show(opened, session))

    def _show(self, opened: OpenedProject, session: ProjectSession) -> None:
        project = self._with_usual_wishes(opened.project)
        self._editor.open(session, project, opened.infos)
        if opened.recovered is not None:
            self._editor.recover(opened.recovered, opened.infos)
        if opened.shown:
            self._editor.show_medium(opened.shown)
        self._remember(session)
        self.opened.emit()
        self._tell(opened, session)
        self._next()

    def _remember(self, session: ProjectSession) -> None:
        """Puts the project among the recent ones, under its video's name if it is the video's."""
        media = self._editor.project.media
        if media and session.path == working_path(media[0].identifier):
            self._settings.add_recent(media[0].path)
        elif media:
            self._settings.add_recent(session.path)

    def _with_usual_wishes(self, project: Project) -> Project:
        """A project that nobody has worked on yet gets the length and shape of the settings."""
        if project.cuts or project.wishes != Wishes():
            return project
        current = self._settings.current
        look = Look(aspect=current.aspect)  # type: ignore[arg-type]
        return replace(project, wishes=Wishes(current.length, look))

    def _tell(self, opened: OpenedProject, session: ProjectSession) -> None:
        editor = self._editor

        def offer(message: str, words: str, act: Callable[[], None]) -> None:
            """Offers an act that only counts while this project is open."""
            self.told.emit(message, words, lambda: act() if editor.session is session else None)

        if opened.problem:
            self.failed.emit(opened.problem, "")
        if session.read_only:
            self.told.emit(
                tr("This project is open in another window: here it can only be looked at."),
                "", None,
            )  # fmt: skip
        if opened.recovered is not None:
            text = tr("{count} edits that were not saved are back.", count=opened.edits)
            offer(text, tr("Undo"), editor.undo_stack.undo)
        elif not session.named and any(c.settled for c in opened.project.cuts):
            offer(tr("Your cuts of last time are here."), tr("Start anew"), editor.start_anew)
        for medium in opened.missing:
            self.missing.emit(medium)

    def _added(self, added: AddedVideo) -> None:
        self._editor.add_medium(added.medium, added.info)
        if self._editor.session is not None:
            self._remember(self._editor.session)
        self._read_frames()
        self.added.emit(added.medium.identifier)

    def _read_frames(self) -> None:
        uncounted = self._editor.uncounted
        if not uncounted:
            return
        identifier = uncounted[0]
        job = self._indexing.start(read_frames(self._editor.infos[identifier], identifier))
        job.succeeded.connect(lambda index: self._counted(identifier, index))
        # Where they cannot be read, the average rate serves; the analysis says what is wrong.
        job.start()

    def _counted(self, identifier: str, index: FrameIndex) -> None:
        self._editor.set_frames(identifier, index)
        self._read_frames()
