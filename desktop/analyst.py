"""Analyses the videos of a project one after the other, and suggests cuts as they become known."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from core.analysis.analysis import Analysis
from core.project.document import Project
from desktop.editor import Editor
from desktop.jobs.analysis_work import (
    Followed,
    Models,
    analyse_video,
    follow_decisions,
    tidy_cache,
)
from desktop.jobs.job import Job, JobSlot
from desktop.jobs.warm_up import load_libraries
from desktop.settings import SettingsStore

_SUGGEST_DELAY = 120


class Analyst(QObject):
    """Runs the models in the background.

    Args:
        editor: The project.
        settings: Say which models to use, and how much room analyses may take.
        dragging: Whether a cut is under the pointer: suggestions then wait.
        parent: Owner.

    Signals:
        began: A video is being analysed: its name.
        progressed: The fraction that is done, and what is being done.
        ended: Nothing is being analysed any more.
        told: What the analysis has to say.
        failed: A message and its report.
    """

    began = Signal(str)
    progressed = Signal(float, str)
    ended = Signal()
    told = Signal(str)
    failed = Signal(str, str)

    def __init__(
        self,
        editor: Editor,
        settings: SettingsStore,
        dragging: Callable[[], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._settings = settings
        self._dragging = dragging
        self._analysing = JobSlot(self)
        self._suggesting = JobSlot(self)
        self._tidying = JobSlot(self)
        self._preparing = JobSlot(self)
        self._waiting: list[str] = []
        self._present = ""
        self._job: Job | None = None
        self._again = False
        self._filling = False
        self._wanting = False
        self._decided = _decisions(editor.project)
        self._left_alone: set[str] = set()
        self._outdated: set[str] = set()
        self._wishes = editor.project.wishes
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SUGGEST_DELAY)
        self._soon.timeout.connect(self._follow)
        editor.project_changed.connect(self._project_changed)
        settings.changed.connect(self._settings_changed, Qt.ConnectionType.QueuedConnection)
        editor.room_freed.connect(self.fill)
        editor.suggestions_outdated.connect(self.suggest_soon)

    @property
    def busy(self) -> bool:
        """Whether a video is being analysed."""
        return self._analysing.busy

    def prepare(self) -> None:
        """Loads the libraries of the analysis while nothing goes on yet."""
        self._preparing.start(load_libraries).start()

    def analyse(self) -> None:
        """Analyses the video on show, then the others of the project that are not yet."""
        shown = self._editor.medium
        others = [i for i in self._editor.infos if i != shown and not self._known(i)]
        if shown and not self.busy:
            self._waiting = [shown, *others]
            self._next()
        elif shown:
            self._waiting = [
                i for i in (shown, *others) if i != self._present or i in self._outdated
            ]

    def outdate(self) -> None:
        """Other weights are in use: what is analysed next is analysed with them.

        All that is open is suggested anew then; what was measured is kept.
        """
        self._left_alone.clear()
        self._outdated = set(self._editor.analyses)
        if self.busy:
            self._outdated.add(self._present)

    def follow(self) -> None:
        """Lets the curves follow what is decided, in a moment; no cut is suggested for that."""
        self._follow_later()

    def suggest_soon(self) -> None:
        """Suggests cuts anew in a moment; several wishes in a row are one."""
        self._left_alone.clear()
        self._suggest_later()

    def _suggest_later(self) -> None:
        self._wanting = True
        self._follow_later()

    def _follow_later(self) -> None:
        if self._suggesting.busy:
            self._again = True
        elif not self._soon.isActive():
            self._soon.start()

    def fill(self) -> None:
        """Fills room that became free, and leaves all cuts that are there."""
        self._filling = True
        self._suggest_later()

    def cancel(self) -> None:
        """Stops the analysis; what is known is kept."""
        self._waiting.clear()
        self._analysing.cancel()

    def forget(self) -> None:
        """Lets go of the project before, and leaves the cuts of the present one as they are.

        In a project in which the user decided something, what was open stays until there is a
        wish for other suggestions.
        """
        project = self._editor.project
        decided = any(c.settled for c in project.cuts)
        self._left_alone = {m.identifier for m in project.media} if decided else set()
        self._waiting.clear()
        self._job = None
        self._again = self._wanting = self._filling = False
        self._outdated.clear()
        self._decided = _decisions(project)
        self._soon.stop()
        self._analysing.abandon()
        self._suggesting.abandon()
        self.ended.emit()

    def close(self) -> None:
        """Ends everything and waits for it."""
        self._waiting.clear()
        self._job = None
        self._soon.stop()
        self._analysing.close()
        self._suggesting.close()
        self._tidying.close()
        self._preparing.close()

    def _known(self, identifier: str) -> bool:
        analysis = self._editor.analyses.get(identifier)
        fresh = identifier not in self._outdated
        return fresh and analysis is not None and analysis.complete

    def _next(self) -> None:
        if not self._waiting:
            self._tidy()
            self.ended.emit()
            return
        identifier = self._present = self._waiting.pop(0)
        self._outdated.discard(identifier)
        info = self._editor.infos[identifier]
        job = self._analysing.start(analyse_video(info.path, self._models()))
        job.progressed.connect(self.progressed)
        job.updated.connect(lambda analysis: self._grew(identifier, analysis))
        job.succeeded.connect(lambda analysis: self._done(identifier, analysis))
        job.failed.connect(self.failed)
        job.finished.connect(lambda: self._finished(job))
        self._job = job
        self.began.emit(info.path.name)
        job.start()

    def _finished(self, job: Job) -> None:
        if job is self._job:  # one that was abandoned ends unheard
            self._job = None
            self._next()

    def _models(self) -> Models:
        current = self._settings.current
        return Models(
            current.emotion_model,
            current.fusion_model,
            current.visual_model,
            current.allow_downloads,
            self._editor.project.wishes.profile,
        )

    def _tidy(self) -> None:
        limit = self._settings.current.cache_limit
        job = self._tidying.start(tidy_cache(limit, tuple(self._editor.infos)))
        job.failed.connect(self.failed)
        job.start()

    def _grew(self, identifier: str, analysis: Analysis) -> None:
        self._editor.set_analysis(identifier, analysis)
        if identifier not in self._left_alone:
            self._suggest_later()

    def _done(self, identifier: str, analysis: Analysis) -> None:
        self._editor.set_analysis(identifier, analysis)
        *worth_saying, _ = analysis.notices
        for notice in worth_saying:
            self.told.emit(notice)
        if identifier not in self._left_alone:
            self._soon.stop()
            self._wanting = True
            self._follow()
        else:
            self._follow_later()

    def _project_changed(self) -> None:
        project = self._editor.project
        wishes, decided = project.wishes, _decisions(project)
        if (wishes.length, wishes.threshold) != (self._wishes.length, self._wishes.threshold):
            self.suggest_soon()
        if decided != self._decided:
            self._follow_later()
        self._wishes, self._decided = wishes, decided

    def _settings_changed(self, fields: frozenset[str]) -> None:
        if "hidden_lanes" in fields:
            self._follow_later()

    def _follow(self) -> None:
        """Lets the curves follow the decisions, and suggests cuts if that is wanted."""
        suggest = self._wanting and not self._editor.read_only
        analyses = {
            i: a
            for i, a in self._editor.analyses.items()
            if a.highlight.score.size
            and (not suggest or self._filling or i not in self._left_alone)
        }
        if not analyses:
            return
        project = self._editor.project
        held = self._editor.selection
        if self._filling:
            held = tuple(c.identifier for c in project.cuts)
        ask = "questions" not in self._settings.current.hidden_lanes
        self._again = self._filling = self._wanting = False
        job = self._suggesting.start(
            follow_decisions(analyses, project, suggest=suggest, ask=ask, held=held)
        )
        job.succeeded.connect(lambda followed: self._followed(followed, held))
        job.failed.connect(self.failed)
        job.finished.connect(self._follow_ended)
        job.start()

    def _followed(self, followed: Followed, held: tuple[str, ...]) -> None:
        if self._dragging():
            self._wanting = self._wanting or followed.cuts is not None
            self._soon.start()
            return
        for identifier, curve in followed.curves.items():
            self._editor.set_curve(identifier, curve)
            self._editor.set_questions(identifier, followed.questions.get(identifier, ()))
        if followed.cuts is not None:
            self._editor.take_suggestions(followed.cuts, held)

    def _follow_ended(self) -> None:
        if self._again and not self._suggesting.busy:
            self._again = False
            self._soon.start()


def _decisions(project: Project) -> frozenset[tuple[object, ...]]:
    """What the curves follow: which cuts are wanted, and which are not."""
    return frozenset((c.medium, c.span, c.decision) for c in project.cuts if c.settled)
