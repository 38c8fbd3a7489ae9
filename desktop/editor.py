"""The verbs of the window: every change of the project is an undoable, journalled command."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from core.cutting.cut import Cut
from core.cutting.suggest import check_target, describe
from core.errors import UsageError
from core.media.probe import MediaInfo
from core.project import editing
from core.project.document import Decision, Medium, Project
from core.project.emotion_corrections import EmotionCorrection, corrected_analysis
from core.time import Span
from desktop.caption_verbs import CaptionVerbs
from desktop.finishing_verbs import FinishingVerbs
from desktop.i18n import tr

if TYPE_CHECKING:
    from core.project.session import ProjectSession

NEW_CUT_SECONDS = Fraction(5)


class Editor(FinishingVerbs, CaptionVerbs):
    """Holds the project and edits it.

    Signals:
        room_freed: Cuts were rejected: others may be suggested in their place.
    """

    room_freed = Signal()

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
        self._infos, self._indexes, self._measured = {}, {}, {}
        self._curves, self._questions = {}, {}
        self._exact = set()
        self._take_infos(infos)
        self.selection = ()
        self._show_medium(next(iter(self.infos), ""))
        self.project_changed.emit()
        self.selection_changed.emit()

    def add_medium(self, medium: Medium, info: MediaInfo) -> None:
        """Takes a video into the project, or one that was missing, and shows it."""
        known = self.project.medium(medium.identifier)
        self._take_infos({medium.identifier: info})
        if known is None or known.path != medium.path:
            if known is not None:
                medium = replace(known, path=medium.path)
            if not self.push(tr("Add video"), self.project.with_medium(medium)):
                return
        self.show_medium(medium.identifier)

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
            known = self._measured.get(medium)
            model = "" if known is None else known.highlight.model
            project = editing.take_suggestions(project, medium, cuts, stay, model=model)
        if project != self.project:
            self._suggested += 1
            self._show_project(project)

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
        wanted = editing.on_frames(span, self._indexes[self.medium])
        if self.attempt(
            tr("Add cut"), lambda p: editing.add_cut(p, self.medium, wanted, self._described)
        ):
            new = [c.identifier for c in self.project.cuts if c.identifier not in known]
            self.set_selection(new)

    def answer(self, span: Span, *, wanted: bool) -> None:
        """Says whether a stretch of the video on show belongs into the short."""
        if self.info is None:
            return
        on_frames = editing.on_frames(span, self._indexes[self.medium])
        decision = Decision.KEPT if wanted else Decision.REJECTED
        self.attempt(
            tr("Keep moment") if wanted else tr("Reject moment"),
            lambda p: editing.add_cut(p, self.medium, on_frames, self._described, decision),
        )

    def change_cut(self, identifier: str, span: Span) -> None:
        """Moves or trims a cut; boundaries go to frames."""
        old = self.project.find(identifier)
        if old is None or old.medium not in self._infos:
            return
        new = editing.on_frames(span, self._indexes[old.medium], old.span)
        moved = new.start != old.span.start and new.end != old.span.end
        self.attempt(
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
                cut = old[identifier]
                index = self._indexes[cut.medium]
                span = editing.on_frames(spans[identifier], index, cut.span)
                project = editing.change_cut(project, identifier, span, self._described)
            return project

        if old:
            self.attempt(tr("Move cuts"), changed)

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
        found = map(self.project.find, self.selection)
        chosen = [c for c in found if c is not None and c.medium in self._indexes]
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
            self.attempt(text, nudged, gesture)

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

        self.attempt(tr("Split cut"), split)

    def delete(self, identifiers: Collection[str]) -> None:
        """Removes cuts from the short."""
        if identifiers:
            self.attempt(tr("Delete cut"), lambda p: editing.delete_cuts(p, identifiers))

    def duplicate(self, identifiers: Collection[str]) -> None:
        """Puts cuts into the short once more, and selects the new ones."""
        if not identifiers:
            return
        after, new = editing.duplicate_cuts(self.project, identifiers)
        if self.push(tr("Duplicate cut"), after):
            self.set_selection(new)

    def merge(self, identifiers: Collection[str]) -> None:
        """Makes one cut of neighbours."""
        if identifiers:
            self.attempt(
                tr("Merge cuts"), lambda p: editing.merge_cuts(p, identifiers, self._described)
            )

    def reorder(self, identifiers: Collection[str], before: str) -> None:
        """Plays cuts before another one; before none for the end."""
        self.attempt(tr("Reorder cuts"), lambda p: editing.reorder_cuts(p, identifiers, before))

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
        if not identifiers:
            return
        done = self.attempt(names[decision], lambda p: editing.decide(p, identifiers, decision))
        if done and decision is Decision.REJECTED:
            self.room_freed.emit()

    def toggle(self, identifiers: Collection[str], decision: Decision) -> None:
        """Decides so, or takes it back where all of these cuts are decided so."""
        chosen = [c for c in map(self.project.find, identifiers) if c is not None]
        again = bool(chosen) and all(c.decision is decision for c in chosen)
        self.decide(identifiers, Decision.OPEN if again else decision)

    def lock(self, identifiers: Collection[str], locked: bool) -> None:
        """Locks or unlocks cuts."""
        text = tr("Lock cut") if locked else tr("Unlock cut")
        if identifiers:
            self.attempt(text, lambda p: editing.lock_cuts(p, identifiers, locked))

    def correct_emotion(self, correction: EmotionCorrection) -> None:
        """Says what is heard in a stretch of the video on show."""
        self.attempt(
            tr("Correct emotion"), lambda p: editing.correct_emotion(p, self.medium, correction)
        )

    def forget_corrections(self, span: Span) -> None:
        """Lets the analysis count again in a stretch of the video on show."""
        self.attempt(
            tr("Undo corrections"), lambda p: editing.forget_corrections(p, self.medium, span)
        )

    def start_anew(self) -> None:
        """Forgets all cuts and decisions, as an edit that can be undone."""
        if self.push(tr("Start anew"), self.project.with_cuts(())):
            self.suggestions_outdated.emit()

    def recover(self, project: Project, infos: Mapping[str, MediaInfo]) -> None:
        """Puts a state in force that was not saved, as an edit that can be undone."""
        self._take_infos(infos)
        self.push(tr("Recover edits"), project)

    def go_back(self, project: Project, infos: Mapping[str, MediaInfo]) -> None:
        """Puts an earlier version in force, as an edit that can be undone."""
        self._take_infos(infos)
        self.push(tr("Earlier version"), project)

    def set_wish(self, text: str, *, gesture: str = "", **fields: object) -> None:
        """Changes what the short should be like.

        Args:
            text: Name of the edit.
            gesture: As :meth:`new_gesture` gave it where this is one step of a drag.
            **fields: Fields of :class:`core.project.document.Wishes`.
        """
        wishes = replace(self.project.wishes, **fields)  # type: ignore[arg-type]
        try:
            check_target(wishes.length)
        except UsageError as error:
            self.problem.emit(str(error))
            return
        self.push(text, replace(self.project, wishes=wishes), gesture)

    def set_profile(self, profile: str) -> None:
        """Lets a profile suggest here and learn from what is done here; empty for the usual one."""
        self.set_wish(tr("Profile"), profile=profile)

    def _described(self, medium: str, span: Span) -> Cut:
        analysis = self._measured.get(medium)
        known = self.project.medium(medium)
        if analysis is None or known is None or not analysis.complete:
            return Cut(span)
        return describe(corrected_analysis(analysis, known.emotion_corrections), Cut(span))
