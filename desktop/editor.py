"""The state that all parts of the window share: video, analysis, cuts, selection."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from core.analysis.analysis import Analysis
from core.cutting.cut import Cut
from core.cutting.suggest import describe
from core.errors import ProjectError
from core.media.frames import nearest_frame, shown_frame
from core.media.probe import MediaInfo
from core.project.document import Edit, EditedCut, limited
from core.project.emotion_corrections import corrected_analysis
from core.project.session import save_session
from core.time import Span
from desktop.commands import EditCommand

NEW_CUT_SECONDS = Fraction(5)

_TAKEN = "There is already a cut here: trim or move it instead."


class Editor(QObject):
    """Holds the document; every change of the cuts goes through an undoable command."""

    media_changed = Signal()
    analysis_changed = Signal()
    edit_changed = Signal()
    selection_changed = Signal(str)
    problem = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.info: MediaInfo | None = None
        self.analysis: Analysis | None = None
        self.edit = Edit()
        self.selected = ""
        self._fingerprint = ""

    def open(self, info: MediaInfo, fingerprint: str, edit: Edit | None) -> None:
        """Starts on a video, with the edit that was left of it."""
        self.undo_stack.clear()
        self.info = info
        self.analysis = None
        self._fingerprint = fingerprint
        self.edit = edit or Edit()
        self.selected = ""
        self.media_changed.emit()
        self.edit_changed.emit()
        self.selection_changed.emit("")

    def set_analysis(self, analysis: Analysis) -> None:
        """Takes a new view of the analysis; emotions that the editor corrected win over it."""
        self.analysis = corrected_analysis(analysis, self.edit.emotion_corrections)
        self.analysis_changed.emit()

    def take_suggestions(self, cuts: Sequence[Cut]) -> None:
        """Puts suggestions around what the editor touched; this is not an edit to undo."""
        self._show(self.edit.suggested(cuts))

    def select(self, identifier: str) -> None:
        """Selects a cut, or none."""
        if identifier != self.selected:
            self.selected = identifier
            self.selection_changed.emit(identifier)

    def add_cut(self, seconds: Fraction) -> None:
        """Adds a cut of five seconds around a time, in the room that neighbours leave."""
        if self.info is None:
            return
        seconds = max(Fraction(0), min(seconds, self.info.duration - NEW_CUT_SECONDS / 2))
        wanted = Span(seconds - NEW_CUT_SECONDS / 2, seconds + NEW_CUT_SECONDS / 2)
        span = self.edit.cleared(self._on_frames(wanted))
        if span is None:
            self.problem.emit(_TAKEN)
            return
        after = self.edit.added(self._described(span))
        new = next(c for c in after.cuts if self.edit.find(c.identifier) is None)
        self._push("Add cut", after)
        self.select(new.identifier)

    def delete_cut(self, identifier: str) -> None:
        """Removes a cut from the short."""
        if self.edit.find(identifier) is not None:
            self._push("Delete cut", self.edit.removed(identifier))
            if identifier == self.selected:
                self.select("")

    def change_cut(self, identifier: str, span: Span) -> None:
        """Moves or trims a cut; boundaries go to frames."""
        old = self.edit.find(identifier)
        if old is None or self.info is None:
            return
        new = self.edit.cleared(self._on_frames(span), identifier)
        if new is None:
            self.problem.emit(_TAKEN)
        if new is None or new == old.span:
            self.edit_changed.emit()
            return
        moved = new.start != old.span.start and new.end != old.span.end
        self._push(
            "Move cut" if moved else "Trim cut",
            self.edit.changed(identifier, self._described(new)),
        )

    def trim_cut(self, identifier: str, seconds: Fraction, *, begin: bool) -> None:
        """Lets a cut begin with the frame that is shown at a time, or end with it."""
        old = self.edit.find(identifier)
        if old is None or self.info is None:
            return
        frame = shown_frame(self.info, seconds)
        after = frame + 1 / self.info.video.frame_rate
        start, end = (frame, old.span.end) if begin else (old.span.start, after)
        if end <= start:
            self.problem.emit("A cut must begin before it ends.")
            return
        self.change_cut(identifier, Span(start, end))

    def selected_cut(self) -> EditedCut | None:
        """The selected cut, if there is one."""
        return self.edit.find(self.selected)

    def _on_frames(self, span: Span) -> Span:
        assert self.info is not None
        inside = limited(span, self.info.duration)
        begin = max(Fraction(0), nearest_frame(self.info, inside.start))
        end = min(self.info.duration, nearest_frame(self.info, inside.end))
        return Span(begin, max(end, begin + 1 / self.info.video.frame_rate))

    def _described(self, span: Span) -> Cut:
        if self.analysis is None or not self.analysis.complete:
            return Cut(span)
        return describe(self.analysis, Cut(span))

    def _push(self, text: str, after: Edit) -> None:
        self.undo_stack.push(EditCommand(text, self.edit, after, self._show_and_keep))

    def _show(self, edit: Edit) -> None:
        self.edit = edit
        if self.edit.find(self.selected) is None:
            self.select("")
        self.edit_changed.emit()

    def _show_and_keep(self, edit: Edit) -> None:
        self._show(edit)
        if self.info is not None and self._fingerprint:
            try:
                save_session(self._fingerprint, edit, self.info.path)
            except ProjectError as error:
                self.problem.emit(str(error))
