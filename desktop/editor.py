"""The state that all parts of the window share: project, video on show, selection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from core.analysis.analysis import Analysis
from core.cutting.cut import Cut
from core.cutting.suggest import describe
from core.errors import EditRefused, ProjectError
from core.media.frame_index import FrameIndex, average_index
from core.media.probe import MediaInfo
from core.project import editing
from core.project.document import Decision, EditedCut, Medium, Project
from core.project.emotion_corrections import EmotionCorrection, corrected_analysis
from core.time import Span
from desktop.commands import EditCommand
from desktop.i18n import tr

if TYPE_CHECKING:
    from core.project.session import ProjectSession

NEW_CUT_SECONDS = Fraction(5)


class Editor(QObject):
    """Holds the project; every change goes through an undoable, journalled command.

    Signals:
        media_changed: Another video is on show, or none.
        analysis_changed: More is known about the video on show, or its emotions were corrected.
        frames_changed: The exact frame times of the video on show are known.
        project_changed: Cuts, wishes or videos changed.
        selection_changed: Other cuts are selected.
        marked: A stretch of the video on show was marked, or none.
        problem: A message for the user.
    """

    media_changed = Signal()
    analysis_changed = Signal()
    frames_changed = Signal()
    project_changed = Signal()
    selection_changed = Signal()
    marked = Signal(object)
    problem = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.project = Project()
        self.session: ProjectSession | None = None
        self.medium = ""
        self.mark: Span | None = None
        self.selection: tuple[str, ...] = ()
        self._infos: dict[str, MediaInfo] = {}
        self._indexes: dict[str, FrameIndex] = {}
        self._measured: dict[str, Analysis] = {}
        self._shown_analysis: Analysis | None = None
        self._gestures = count()

    # What is on show

    @property
    def info(self) -> MediaInfo | None:
        """The video on show."""
        return self._infos.get(self.medium)

    @property
    def infos(self) -> Mapping[str, MediaInfo]:
        """All videos of the project that are at hand, by identifier."""
        return self._infos

    @property
    def analysis(self) -> Analysis | None:
        """What is known about the video on show, with the emotions that the editor corrected."""
        return self._shown_analysis

    @property
    def analyses(self) -> Mapping[str, Analysis]:
        """What was measured of each video, by identifier."""
        return self._measured

    @property
    def frames(self) -> FrameIndex | None:
        """The frame times of the video on show; by its average rate until they are read."""
        return self._indexes.get(self.medium)

    @property
    def read_only(self) -> bool:
        """Whether edits are refused, because another window has the project."""
        return self.session is not None and self.session.read_only

    def open(
        self, session: ProjectSession, project: Project, infos: Mapping[str, MediaInfo]
    ) -> None:
        """Starts on a project.

        Args:
            session: Keeps its edits; the caller closes the one before.
            project: Its state.
            infos: Those of its videos that are at hand, by identifier.
        """
        self.undo_stack.clear()
        self.session = session
        self.project = project
        self._infos = dict(infos)
        self._indexes = {name: average_index(info) for name, info in infos.items()}
        self._measured = {}
        self.selection = ()
        self._show_medium(next(iter(self._infos), ""))
        self.project_changed.emit()
        self.selection_changed.emit()

    def add_medium(self, medium: Medium, info: MediaInfo) -> None:
        """Takes a video into the project, or one that was missing, and shows it."""
        self._infos[medium.identifier] = info
        self._indexes[medium.identifier] = average_index(info)
        known = self.project.medium(medium.identifier)
        if known is None or known.path != medium.path:
            if known is not None:
                medium = replace(known, path=medium.path)
            self._push(tr("Add video"), self.project.with_medium(medium))
        self.show_medium(medium.identifier)

    def show_medium(self, identifier: str) -> None:
        """Shows another video of the project."""
        if identifier != self.medium and identifier in self._infos:
            self._show_medium(identifier)

    def set_frames(self, identifier: str, index: FrameIndex) -> None:
        """Takes the exact frame times of a video."""
        self._indexes[identifier] = index
        if identifier == self.medium:
            self.frames_changed.emit()

    def set_analysis(self, identifier: str, analysis: Analysis) -> None:
        """Takes a new view of a video's analysis."""
        self._measured[identifier] = analysis
        if identifier == self.medium:
            self._show_analysis()

    def _show_medium(self, identifier: str) -> None:
        self.medium = identifier
        self._shown_analysis = None
        self.set_mark(None)
        self.media_changed.emit()
        if identifier in self._measured:
            self._show_analysis()

    def _show_analysis(self) -> None:
        medium = self.project.medium(self.medium)
        corrections = () if medium is None else medium.emotion_corrections
        measured = self._measured.get(self.medium)
        self._shown_analysis = (
            None if measured is None else corrected_analysis(measured, corrections)
        )
        self.analysis_changed.emit()

    # Selection

    @property
    def selected(self) -> str:
        """The cut that was selected last, empty if none is."""
        return self.selection[-1] if self.selection else ""

    def selected_cut(self) -> EditedCut | None:
        """The cut that was selected last."""
        return self.project.find(self.selected)

    def select(self, identifier: str, *, extend: bool = False, range_: bool = False) -> None:
        """Selects a cut, or none.

        Args:
            identifier: The cut; empty for none.
            extend: Add it to the selection, or take it out of it.
            range_: Select all cuts of the list from the one selected last to this one.
        """
        if range_ and self.selected:
            order = [c.identifier for c in self.project.cuts]
            first, last = order.index(self.selected), order.index(identifier)
            between = order[min(first, last) : max(first, last) + 1]
            self.set_selection([*self.selection, *(between if last >= first else between[::-1])])
        elif extend and identifier in self.selection:
            self.set_selection([i for i in self.selection if i != identifier])
        elif extend:
            self.set_selection([*self.selection, identifier])
        else:
            self.set_selection([identifier] if identifier else [])

    def set_selection(self, identifiers: Sequence[str]) -> None:
        """Selects cuts; the last one is the one that single edits go to."""
        chosen = tuple(dict.fromkeys(reversed(identifiers)))[::-1]
        if chosen != self.selection:
            self.selection = chosen
            self.selection_changed.emit()

    def set_mark(self, span: Span | None) -> None:
        """Marks a stretch of the video on show, for correcting its emotion or adding a cut."""
        if span != self.mark:
            self.mark = span
            self.marked.emit(span)

    # Edits

    def take_suggestions(
        self, suggested: Mapping[str, Sequence[Cut]], held: Collection[str] = ()
    ) -> None:
        """Puts suggestions around what the editor settled; this is not an edit to undo.

        Args:
            suggested: Cuts for each video, by its identifier.
            held: Open cuts that stay, beside those that are selected.
        """
        project = self.project
        for medium, cuts in suggested.items():
            stay = {*held, *self.selection}
            project = editing.take_suggestions(project, medium, cuts, stay)
        if project != self.project:
            self._show("", project)

    def add_cut(self, seconds: Fraction) -> None:
        """Adds a cut of five seconds around a time, in the room that neighbours leave."""
        if self.info is not None:
            latest = self.info.duration - NEW_CUT_SECONDS / 2
            middle = max(Fraction(0), min(seconds, latest))
            self.add_span(Span(middle - NEW_CUT_SECONDS / 2, middle + NEW_CUT_SECONDS / 2))

    def add_span(self, span: Span) -> None:
        """Adds a cut over a stretch of the video on show."""
        if self.info is None:
            return
        known = {c.identifier for c in self.project.cuts}
        wanted = self._on_frames(self.medium, span)
        if self._attempt(
            tr("Add cut"), lambda p: editing.add_cut(p, self.medium, wanted, self._described)
        ):
            new = [c.identifier for c in self.project.cuts if c.identifier not in known]
            self.set_selection(new)

    def change_cut(self, identifier: str, span: Span) -> None:
        """Moves or trims a cut; boundaries go to frames."""
        old = self.project.find(identifier)
        if old is None or old.medium not in self._infos:
            return
        new = self._on_frames(old.medium, span)
        moved = new.start != old.span.start and new.end != old.span.end
        self._attempt(
            tr("Move cut") if moved else tr("Trim cut"),
            lambda p: editing.change_cut(p, identifier, new, self._described),
        )

    def change_cuts(self, spans: Mapping[str, Span]) -> None:
        """Moves several cuts as one edit; boundaries go to frames.

        Args:
            spans: Where each cut goes, all in the same direction, by its identifier.
        """
        old = {i: c for i in spans if (c := self.project.find(i)) and c.medium in self._infos}
        later = any(spans[i].start > c.span.start for i, c in old.items())

        def changed(project: Project) -> Project:
            # The foremost goes first, so that none meets one that has yet to go.
            for identifier in sorted(old, key=lambda i: old[i].span, reverse=later):
                span = self._on_frames(old[identifier].medium, spans[identifier])
                project = editing.change_cut(project, identifier, span, self._described)
            return project

        if old:
            self._attempt(tr("Move cuts"), changed)

    def trim_cut(self, identifier: str, seconds: Fraction, *, begin: bool) -> None:
        """Lets a cut begin with the frame that is shown at a time, or end with it."""
        old = self.project.find(identifier)
        index = None if old is None else self._indexes.get(old.medium)
        if old is None or index is None:
            return
        start = index.shown(seconds) if begin else old.span.start
        end = old.span.end if begin else index.after(seconds)
        if end <= start:
            self.problem.emit(tr("A cut must begin before it ends."))
            return
        self.change_cut(identifier, Span(start, end))

    def nudge(self, frames: int, *, begin: bool, end: bool) -> None:
        """Moves the begin, the end, or both, of the selected cuts by frames."""
        chosen = [c for c in map(self.project.find, self.selection) if c is not None]
        # The foremost goes first, so that none meets one that has yet to go.
        chosen.sort(key=lambda c: c.span, reverse=frames > 0)
        gesture = f"nudge {begin} {end} {self.selection}"
        text = tr("Nudge cut") if begin and end else tr("Trim cut")

        def nudged(project: Project) -> Project:
            for cut in chosen:
                index = self._indexes[cut.medium]
                span = editing.nudged(cut.span, index, frames, begin=begin, end=end)
                project = editing.change_cut(project, cut.identifier, span, self._described)
            return project

        if chosen:
            self._attempt(text, nudged, gesture)

    def split(self, seconds: Fraction) -> None:
        """Splits the cut at a time of the video on show: the selected ones, or all there are."""
        if self.frames is None:
            return
        at = self.frames.shown(seconds)
        here = [c for c in self.project.cuts_of(self.medium) if c.in_short and at in c.span]
        chosen = [c for c in here if c.identifier in self.selection] or here
        if not chosen:
            self.problem.emit(tr("There is no cut at the playhead to split."))
            return

        def split(project: Project) -> Project:
            for cut in chosen:
                project, _ = editing.split_cut(project, cut.identifier, at, self._described)
            return project

        self._attempt(tr("Split cut"), split)

    def delete(self, identifiers: Collection[str]) -> None:
        """Removes cuts from the short."""
        if identifiers:
            self._attempt(tr("Delete cut"), lambda p: editing.delete_cuts(p, identifiers))

    def duplicate(self, identifiers: Collection[str]) -> None:
        """Puts cuts into the short once more, and selects the new ones."""
        if not identifiers:
            return
        after, new = editing.duplicate_cuts(self.project, identifiers)
        self._push(tr("Duplicate cut"), after)
        self.set_selection(new)

    def merge(self, identifiers: Collection[str]) -> None:
        """Makes one cut of neighbours."""
        if identifiers:
            self._attempt(
                tr("Merge cuts"), lambda p: editing.merge_cuts(p, identifiers, self._described)
            )

    def reorder(self, identifiers: Collection[str], before: str) -> None:
        """Plays cuts before another one; before none for the end."""
        self._attempt(tr("Reorder cuts"), lambda p: editing.reorder_cuts(p, identifiers, before))

    def shift(self, identifiers: Collection[str], places: int) -> None:
        """Plays cuts one place earlier (−1) or later (1) in the short."""
        order = [c.identifier for c in self.project.short]
        chosen = [place for place, i in enumerate(order) if i in identifiers]
        if not chosen:
            return
        target = chosen[0] - 1 if places < 0 else chosen[-1] + 2
        if target < 0 or target > len(order):
            return
        self.reorder(identifiers, order[target] if target < len(order) else "")

    def decide(self, identifiers: Collection[str], decision: Decision) -> None:
        """Keeps, sets aside or rejects cuts."""
        names = {
            Decision.OPEN: tr("Undecide"),
            Decision.KEPT: tr("Keep cut"),
            Decision.MAYBE: tr("Set cut aside"),
            Decision.REJECTED: tr("Reject cut"),
        }
        if identifiers:
            self._attempt(names[decision], lambda p: editing.decide(p, identifiers, decision))

    def lock(self, identifiers: Collection[str], locked: bool) -> None:
        """Locks or unlocks cuts."""
        text = tr("Lock cut") if locked else tr("Unlock cut")
        if identifiers:
            self._attempt(text, lambda p: editing.lock_cuts(p, identifiers, locked))

    def correct_emotion(self, correction: EmotionCorrection) -> None:
        """Says what is heard in a stretch of the video on show."""
        self._attempt(
            tr("Correct emotion"), lambda p: editing.correct_emotion(p, self.medium, correction)
        )

    def forget_corrections(self, span: Span) -> None:
        """Lets the analysis count again in a stretch of the video on show."""
        self._attempt(
            tr("Undo corrections"), lambda p: editing.forget_corrections(p, self.medium, span)
        )

    def start_anew(self) -> None:
        """Forgets all cuts and decisions, as an edit that can be undone."""
        self._push(tr("Start anew"), self.project.with_cuts(()))

    def recover(self, project: Project) -> None:
        """Puts a state in force that was not saved, as an edit that can be undone."""
        self._push(tr("Recover edits"), project)

    def go_back(self, project: Project) -> None:
        """Puts an earlier version in force, as an edit that can be undone."""
        self._push(tr("Earlier version"), project)

    def set_wish(self, text: str, *, gesture: str = "", **fields: object) -> None:
        """Changes what the short should be like.

        Args:
            text: Name of the edit.
            gesture: As :meth:`new_gesture` gave it where this is one step of a drag.
            **fields: Fields of :class:`core.project.document.Wishes`.
        """
        wishes = replace(self.project.wishes, **fields)  # type: ignore[arg-type]
        self._push(text, replace(self.project, wishes=wishes), gesture)

    def new_gesture(self) -> str:
        """A name for the steps of one drag, which are undone together."""
        return f"gesture {next(self._gestures)}"

    def _on_frames(self, medium: str, span: Span) -> Span:
        inside = editing.limited(span, self._infos[medium].duration)
        index = self._indexes[medium]
        begin, end = index.nearest(inside.start), index.nearest(inside.end)
        return Span(begin, end if end > begin else index.after(begin))

    def _described(self, medium: str, span: Span) -> Cut:
        analysis = self._measured.get(medium)
        known = self.project.medium(medium)
        if analysis is None or known is None or not analysis.complete:
            return Cut(span)
        return describe(corrected_analysis(analysis, known.emotion_corrections), Cut(span))

    def _attempt(self, text: str, edit: Callable[[Project], Project], gesture: str = "") -> bool:
        try:
            after = edit(self.project)
        except EditRefused as refused:
            self.problem.emit(str(refused))
            self.project_changed.emit()
            return False
        return self._push(text, after, gesture)

    def _push(self, text: str, after: Project, gesture: str = "") -> bool:
        if self.read_only:
            self.problem.emit(
                tr("This project is open in another window. Save it under another name to edit it.")
            )
            self.project_changed.emit()
            return False
        if after == self.project:
            self.project_changed.emit()
            return False
        self.undo_stack.push(EditCommand(text, self.project, after, self._show_and_keep, gesture))
        return True

    def _show(self, text: str, project: Project) -> None:
        before, self.project = self.project.medium(self.medium), project
        self.set_selection([i for i in self.selection if project.find(i) is not None])
        after = project.medium(self.medium)
        if (
            before is not None
            and after is not None
            and (before.emotion_corrections != after.emotion_corrections)
        ):
            self._show_analysis()
        self.project_changed.emit()

    def _show_and_keep(self, text: str, project: Project) -> None:
        self._show(text, project)
        if self.session is not None:
            try:
                self.session.record(text, project)
            except ProjectError as error:
                self.problem.emit(str(error))
