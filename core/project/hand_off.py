"""The short of a project as a timeline for another editor, with what is known of each cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from core.analysis.analysis import Analysis
from core.analysis.heard import heard_in
from core.cutting.cut import Cut
from core.export.clip import Clip
from core.export.framing import frame_pictures
from core.export.interchange.timeline import ClipNotes, Timeline
from core.export.look import Look
from core.export.plan import plan_short
from core.media.probe import MediaInfo
from core.project.document import Project
from core.project.emotion_corrections import corrected_analysis
from core.project.short import clips_of


def notes_of(cut: Cut, analysis: Analysis | None) -> ClipNotes:
    """What is known of a cut, for a marker.

    Args:
        cut: The cut with its reasons.
        analysis: That of its video, with the editor's corrections; None if there is none.
    """
    heard = None if analysis is None else heard_in(analysis, cut.span)
    emotion = ""
    if heard is not None and heard.probabilities:
        emotion = max(heard.probabilities, key=lambda name: heard.probabilities[name])
    score = min(max(float(cut.score), 0.0), 1.0)
    return ClipNotes("", emotion, score, tuple(reason.text for reason in cut.reasons))


def timeline_of(
    name: str,
    clips: Sequence[Clip],
    notes: Sequence[ClipNotes],
    look: Look,
    cancelled: Callable[[], bool] = lambda: False,
) -> Timeline:
    """Clips as a timeline with the frame rate and the size that their short would have.

    Raises:
        UsageError: There are no clips, or one lies outside of its video.
        MediaError: A video cannot be read any more.
        Cancelled: ``cancelled()`` returned true.
    """
    plan = plan_short(clips, cancelled)
    [framing, *_] = frame_pictures([clips[0].info.video], look.aspect, layout=look.layout)
    return Timeline(
        name, plan.frame_rate, tuple(clips), tuple(notes), (framing.width, framing.height)
    )


def hand_off_project(
    name: str,
    project: Project,
    infos: Mapping[str, MediaInfo],
    analyses: Mapping[str, Analysis],
    cancelled: Callable[[], bool] = lambda: False,
) -> Timeline:
    """The short of a project as a timeline.

    Args:
        name: What the other editor calls it.
        project: The project.
        infos: Its videos that are at hand, by identifier.
        analyses: What was measured of them, as far as it is known.
        cancelled: Asked while packets are read.

    Raises:
        ProjectError: A video of the short is not at hand.
        UsageError: There are no cuts, or one lies outside of its video.
        MediaError: A video cannot be read any more.
        Cancelled: ``cancelled()`` returned true.
    """
    corrected = {
        medium.identifier: corrected_analysis(
            analyses[medium.identifier], medium.emotion_corrections
        )
        for medium in project.media
        if medium.identifier in analyses
    }
    notes = [notes_of(edited.cut, corrected.get(edited.medium)) for edited in project.short]
    return timeline_of(name, clips_of(project, infos), notes, project.wishes.look, cancelled)
