"""What all parts of the window look at: project, video on show, analysis, selection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.analysis.analysis import Analysis
from core.analysis.highlight import Highlight
from core.media.frame_index import FrameIndex, average_index
from core.media.probe import MediaInfo
from core.project.document import Decision, EditedCut, Project
from core.project.emotion_corrections import corrected_analysis
from core.time import Span

if TYPE_CHECKING:
    from core.learning.personal.questions import Question


class OnShow(QObject):
    """The project, the video on show, what is known about it, and the selection.

    Signals:
        media_changed: Another video is on show, or none.
        analysis_changed: More is known about the video on show, or its emotions were corrected.
        frames_changed: The exact frame times of the video on show are known.
        project_changed: Cuts, wishes or videos changed.
        selection_changed: Other cuts are selected.
        marked: A stretch of the video on show was marked, or none.
        questions_changed: Other moments of the video on show are asked about.
    """

    media_changed = Signal()
    analysis_changed = Signal()
    frames_changed = Signal()
    project_changed = Signal()
    selection_changed = Signal()
    marked = Signal(object)
    questions_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = Project()
        self.medium = ""
        self.mark: Span | None = None
        self.selection: tuple[str, ...] = ()
        self._infos: dict[str, MediaInfo] = {}
        self._indexes: dict[str, FrameIndex] = {}
        self._exact: set[str] = set()
        self._measured: dict[str, Analysis] = {}
        self._curves: dict[str, Highlight] = {}
        self._questions: dict[str, Sequence[Question]] = {}
        self._shown_analysis: Analysis | None = None

    @property
    def info(self) -> MediaInfo | None:
        """The video on show."""
        return self._infos.get(self.medium)

    @property
    def infos(self) -> Mapping[str, MediaInfo]:
        """The videos of the project that are at hand, by identifier, in its order."""
        return {
            m.identifier: self._infos[m.identifier]
            for m in self.project.media
            if m.identifier in self._infos
        }

    @property
    def analysis(self) -> Analysis | None:
        """What is known about the video on show, by the editor's word where there is one.

        Emotions are as they were corrected, and the curve follows what was decided in the video.
        """
        return self._shown_analysis

    @property
    def analyses(self) -> Mapping[str, Analysis]:
        """What was measured of each video of the project, by identifier."""
        return {i: a for i, a in self._measured.items() if self.project.medium(i) is not None}

    @property
    def questions(self) -> Sequence[Question]:
        """The moments of the video on show that are asked about."""
        return self._questions.get(self.medium, ())

    @property
    def frames(self) -> FrameIndex | None:
        """The frame times of the video on show; by its average rate until they are read."""
        return self._indexes.get(self.medium)

    @property
    def uncounted(self) -> Sequence[str]:
        """The videos at hand whose exact frame times are not known yet, the one on show first."""
        return sorted(set(self.infos) - self._exact, key=lambda name: name != self.medium)

    def show_medium(self, identifier: str) -> None:
        """Shows another video of the project."""
        if identifier != self.medium and identifier in self._infos:
            self._show_medium(identifier)

    def set_frames(self, identifier: str, index: FrameIndex) -> None:
        """Takes the exact frame times of a video."""
        self._indexes[identifier] = index
        self._exact.add(identifier)
        if identifier == self.medium:
            self.frames_changed.emit()

    def set_analysis(self, identifier: str, analysis: Analysis) -> None:
        """Takes a new view of a video's analysis; its curve is as it was computed."""
        self._measured[identifier] = analysis
        self._curves.pop(identifier, None)
        if identifier == self.medium:
            self._show_analysis()

    def set_curve(self, identifier: str, curve: Highlight) -> None:
        """Takes the curve of a video that follows what was decided in it."""
        measured = self._measured.get(identifier)
        if measured is None or len(measured.highlight.score) != len(curve.score):
            return  # the analysis has grown meanwhile
        self._curves[identifier] = curve
        if identifier == self.medium:
            self._show_analysis()

    def set_questions(self, identifier: str, questions: Sequence[Question]) -> None:
        """Takes the moments of a video to ask about."""
        if list(questions) != list(self._questions.get(identifier, ())):
            self._questions[identifier] = questions
            if identifier == self.medium:
                self.questions_changed.emit()

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
            range_: Select all cuts of the timeline from the one selected last to this one.
        """
        order = [c.identifier for c in sorted(self._on_timeline(), key=lambda c: c.span)]
        if range_ and self.selected in order and identifier in order:
            first, last = order.index(self.selected), order.index(identifier)
            between = order[min(first, last) : max(first, last) + 1]
            self.set_selection([*self.selection, *between, identifier])
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

    def _on_timeline(self) -> Iterator[EditedCut]:
        cuts = self.project.cuts_of(self.medium)
        return (c for c in cuts if c.decision is not Decision.REJECTED)

    def _take_infos(self, infos: Mapping[str, MediaInfo]) -> None:
        for name, info in infos.items():
            if self._infos.get(name) != info:
                self._infos[name] = info
                self._indexes[name] = average_index(info)
                self._exact.discard(name)

    def _show_medium(self, identifier: str) -> None:
        self.medium = identifier
        self._shown_analysis = None
        self.set_mark(None)
        self.media_changed.emit()
        self.questions_changed.emit()
        if identifier in self._measured:
            self._show_analysis()

    def _show_analysis(self) -> None:
        medium = self.project.medium(self.medium)
        corrections = () if medium is None else medium.emotion_corrections
        measured = self._measured.get(self.medium)
        if measured is not None:
            curve = self._curves.get(self.medium, measured.highlight)
            measured = corrected_analysis(replace(measured, highlight=curve), corrections)
        self._shown_analysis = measured
        self.analysis_changed.emit()

    def _show_project(self, project: Project) -> None:
        """Puts a state in force, and shows a video of it if the one on show is not in it."""
        before, self.project = self.project.medium(self.medium), project
        self.set_selection([i for i in self.selection if project.find(i) is not None])
        after = project.medium(self.medium)
        if after is None:
            shown = next(iter(self.infos), "")
            if shown != self.medium:
                self._show_medium(shown)
        elif (
            before is not None
            and after is not None
            and (before.emotion_corrections != after.emotion_corrections)
        ):
            self._show_analysis()
        self.project_changed.emit()
