"""The verbs of editing: each makes a new project out of one, or says why it cannot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from fractions import Fraction

from core.cutting.cut import Cut
from core.errors import EditRefused
from core.media.frame_index import FrameIndex
from core.project.chosen import free_cut, free_cuts, known_medium
from core.project.document import LEAST_CUT, Decision, EditedCut, Medium, Project, Suggestion
from core.project.emotion_corrections import EmotionCorrection, corrected, without
from core.project.finishing import merged_camera
from core.project.order import inserted, moved
from core.project.room import cleared, fitted
from core.time import Span

Describe = Callable[[str, Span], Cut]
"""Gives the cut of a video over a span, with its reasons where they are known."""


def add_cut(
    project: Project,
    medium: str,
    span: Span,
    describe: Describe,
    decision: Decision = Decision.KEPT,
) -> Project:
    """With a cut of the editor's own, put where its video's order would have it.

    Raises:
        EditRefused: There is a cut already, or the video is not in the project.
    """
    known_medium(project, medium)
    room = cleared(project, medium, span)
    if room is None:
        raise EditRefused("there is already a cut here", remedy="Trim or move it instead.")
    new = EditedCut(describe(medium, room), medium, decision, touched=True)
    return project.with_cuts(inserted(project.cuts, new))


def change_cut(project: Project, identifier: str, span: Span, describe: Describe) -> Project:
    """With another span for a cut, as far as its neighbours leave room.

    An end that is trimmed stops at them, and a cut that is moved with both ends keeps its length.
    It is played where it was, unless it has passed others of its video; see
    :func:`core.project.order.moved`.

    Raises:
        EditRefused: The cut is locked or would be too short, or another one is in the way.
    """
    old = free_cut(project, identifier)
    if span.duration < min(LEAST_CUT, old.span.duration):
        raise EditRefused(
            f"a cut lasts at least {float(LEAST_CUT):g} s",
            remedy="Delete it if you do not want it.",
        )
    room = fitted(project, old, span)
    if room is None:
        raise EditRefused("there is already a cut here", remedy="Trim or move that one first.")
    changed = replace(old, cut=describe(old.medium, room), touched=True)
    return project if room == old.span else project.with_cuts(moved(project.cuts, changed))


def delete_cuts(project: Project, identifiers: Collection[str]) -> Project:
    """Without these cuts; suggested ones, also trimmed ones, become rejected instead.

    Raises:
        EditRefused: One of them is locked.
    """
    chosen = free_cuts(project, identifiers)
    rejected = {c.identifier for c in chosen if c.suggested}
    gone = {c.identifier for c in chosen} - rejected
    return project.with_cuts(
        replace(c, decision=Decision.REJECTED) if c.identifier in rejected else c
        for c in project.cuts
        if c.identifier not in gone
    )


def split_cut(
    project: Project, identifier: str, seconds: Fraction, describe: Describe
) -> tuple[Project, str]:
    """With a cut as two that touch at a time; the first keeps the identifier and the join.

    Both keep the whole camera, so that the window moves on over the seam as it did.

    Returns:
        The project and the identifier of the second part.

    Raises:
        EditRefused: The cut is locked, or a part would be too short.
    """
    old = free_cut(project, identifier)
    if not old.span.start + LEAST_CUT <= seconds <= old.span.end - LEAST_CUT:
        raise EditRefused(
            f"a cut lasts at least {float(LEAST_CUT):g} s: it cannot be split here",
            remedy="Put the playhead farther inside of it.",
        )
    begin, end = (
        describe(old.medium, span)
        for span in (Span(old.span.start, seconds), Span(seconds, old.span.end))
    )
    first = replace(old, cut=begin, touched=True)
    second = EditedCut(
        end, old.medium, old.decision, touched=True, suggestion=old.suggestion, camera=old.camera
    )
    place = project.cuts.index(old)
    cuts = (*project.cuts[:place], first, second, *project.cuts[place + 1 :])
    return project.with_cuts(cuts), second.identifier


def merge_cuts(project: Project, identifiers: Collection[str], describe: Describe) -> Project:
    """With neighbours of the short as one cut from the first begin to the last end.

    A single cut is merged with the one that is played after it. What lies between them in the
    source becomes part of the cut. It follows the cut before as the first of them did.

    Raises:
        EditRefused: They are not neighbours, not of one video, not in its order, or locked, or
            what lies between them in the source is played elsewhere in the short.
    """
    short = project.short
    places = sorted(n for n, c in enumerate(short) if c.identifier in set(identifiers))
    if len(places) == 1 and places[0] + 1 < len(short):
        places.append(places[0] + 1)
    if len(places) < 2:
        raise EditRefused("there is nothing to merge with", remedy="Select two neighbours.")
    chosen = [short[place] for place in places]
    first, *others = chosen
    free_cuts(project, [c.identifier for c in chosen])
    if places != list(range(places[0], places[-1] + 1)) or len({c.medium for c in chosen}) > 1:
        raise EditRefused(
            "only neighbours of one video can be merged",
            remedy="Bring them together in the short first.",
        )
    if any(a.span.start > b.span.start for a, b in zip(chosen, others, strict=False)):
        raise EditRefused(
            "these cuts are not in the order of their video",
            remedy="Put them in order before merging them.",
        )
    whole = Span(first.span.start, max(c.span.end for c in chosen))
    if any(
        other.medium == first.medium
        and other.span.overlaps(whole)
        and not any(other.span.overlaps(c.span) for c in chosen)
        for other in short
    ):
        raise EditRefused(
            "another cut of the short lies between these in their video",
            remedy="Merge it with them, or reject it first.",
        )
    merged = replace(
        first,
        cut=describe(first.medium, whole),
        touched=True,
        suggestion=next((c.suggestion for c in chosen if c.suggestion is not None), None),
        decision=Decision.KEPT,
        camera=merged_camera(chosen),
    )
    gone = {c.identifier for c in others}
    return project.with_cuts(
        merged if c is first else c for c in project.cuts if c.identifier not in gone
    )


def duplicate_cuts(project: Project, identifiers: Collection[str]) -> tuple[Project, list[str]]:
    """With each of these cuts once more, behind itself, which it follows with a hard cut.

    Returns:
        The project and the identifiers of the new cuts.
    """
    cuts: list[EditedCut] = []
    new: list[str] = []
    for edited in project.cuts:
        cuts.append(edited)
        if edited.identifier in identifiers:
            again = EditedCut(
                edited.cut, edited.medium, edited.decision, touched=True, camera=edited.camera
            )
            cuts.append(again)
            new.append(again.identifier)
    return project.with_cuts(cuts), new


def reorder_cuts(project: Project, identifiers: Collection[str], before: str) -> Project:
    """With these cuts played, in their order, before another one.

    Args:
        project: The project.
        identifiers: The cuts to move.
        before: The cut that shall follow them, which is none of them; empty for the end.

    Raises:
        EditRefused: One of them is locked.
    """
    moved = free_cuts(project, identifiers)
    rest = [c for c in project.cuts if c.identifier not in identifiers]
    place = next((n for n, c in enumerate(rest) if c.identifier == before), len(rest))
    return project.with_cuts((*rest[:place], *moved, *rest[place:]))


def decide(project: Project, identifiers: Collection[str], decision: Decision) -> Project:
    """With a decision about these cuts.

    Raises:
        EditRefused: One of them is locked.
    """
    free_cuts(project, identifiers)
    return project.with_cuts(
        replace(c, decision=decision) if c.identifier in identifiers else c for c in project.cuts
    )


def lock_cuts(project: Project, identifiers: Collection[str], locked: bool) -> Project:
    """With these cuts locked, or unlocked."""
    return project.with_cuts(
        replace(c, locked=locked) if c.identifier in identifiers else c for c in project.cuts
    )


def take_suggestions(
    project: Project,
    medium: str,
    cuts: Sequence[Cut],
    held: Collection[str] = (),
    *,
    model: str = "",
) -> Project:
    """With new suggestions for a video, around what the editor has settled.

    Suggestions over a settled cut of this video, also a rejected one, are left out. One that is
    there already keeps its identifier and its place.

    Args:
        project: The project.
        medium: Identifier of the video.
        cuts: In source order; of a video that is not in the project, none is taken.
        held: Open cuts that stay as well, because the editor has a hand on them.
        model: What made the curve that they follow.
    """
    if project.medium(medium) is None:
        return project
    old = {c.span: c for c in project.cuts_of(medium) if not c.settled and c.identifier not in held}
    going = {c.identifier for c in old.values()}
    taken = [c.span for c in project.cuts_of(medium) if c.identifier not in going]
    new = [cut for cut in cuts if not any(cut.span.overlaps(span) for span in taken)]
    again = {cut.span: cut for cut in new if cut.span in old}
    after = tuple(
        replace(c, cut=again[c.span], suggestion=Suggestion(c.span, model))
        if c.identifier in going and c.span in again
        else c
        for c in project.cuts
    )
    for cut in new:
        if cut.span not in again:
            after = inserted(after, EditedCut(cut, medium, suggestion=Suggestion(cut.span, model)))
    # Those that go have shown the new ones their place.
    return project.with_cuts(c for c in after if c.identifier not in going or c.span in again)


def correct_emotion(project: Project, medium: str, correction: EmotionCorrection) -> Project:
    """With a corrected emotion, in place of older corrections where they overlap.

    Raises:
        EditRefused: The video is not in the project.
    """
    return _corrected(project, medium, lambda m: corrected(m.emotion_corrections, correction))


def forget_corrections(project: Project, medium: str, span: Span) -> Project:
    """Without what was corrected in a span: there the analysis counts again.

    Raises:
        EditRefused: The video is not in the project.
    """
    return _corrected(project, medium, lambda m: without(m.emotion_corrections, span))


def nudged(span: Span, index: FrameIndex, frames: int, *, begin: bool, end: bool) -> Span:
    """A span of which one boundary, or both, are so many frames later.

    A boundary stops one frame before the other one; both stop at the ends of the video, and keep
    their distance in frames.

    Args:
        span: On frames.
        index: The frames of its video.
        frames: Negative for earlier.
        begin: Move the begin.
        end: Move the end.
    """
    first, last = index.number(span.start), index.number(span.end)
    if span.end >= index.duration:
        last = len(index)
    if begin and end:
        frames = max(-first, min(frames, len(index) - last))
    first = min(first + frames, last - 1) if begin and not end else first + begin * frames
    last = max(last + frames, first + 1) if end and not begin else last + end * frames
    return Span(index.time(first), index.time(last))


def on_frames(span: Span, index: FrameIndex, old: Span | None = None) -> Span:
    """A span on frames, limited as by :func:`limited`; an end that has not moved stays.

    Args:
        span: What is wanted.
        index: The frames of the video.
        old: The span before; None for a new cut.
    """
    inside = limited(span, index.duration, old)
    begin, end = index.nearest(inside.start), index.nearest(inside.end)
    if inside == old:
        return old
    if old is not None and inside.end == old.end:
        least = old.end - LEAST_CUT
        return Span(begin if begin <= least else index.shown(least), old.end)
    if old is not None and inside.start == old.start:
        least = old.start + LEAST_CUT
        return Span(old.start, end if end >= least else index.after(least))
    return Span(begin, end if end > begin else index.after(begin))


def limited(span: Span, duration: Fraction, old: Span | None = None) -> Span:
    """A span inside the media and not shorter than :data:`LEAST_CUT`.

    Args:
        span: What is wanted.
        duration: Seconds of the media.
        old: The span before. Where one end was trimmed, this end stops and the other one stays;
            where both were moved by the same distance, the span keeps its length.
    """
    if old is not None and span.end == old.end:
        return Span(max(Fraction(0), min(span.start, old.end - LEAST_CUT)), old.end)
    if old is not None and span.start == old.start:
        return Span(old.start, min(duration, max(span.end, old.start + LEAST_CUT)))
    if old is not None and span.duration == old.duration:
        start = max(Fraction(0), min(span.start, duration - old.duration))
        return Span(start, start + old.duration)
    start = max(Fraction(0), min(span.start, duration - LEAST_CUT))
    end = min(duration, max(span.end, start + LEAST_CUT))
    return Span(max(Fraction(0), start), max(end, start + Fraction(1, 1000)))


def _corrected(
    project: Project, medium: str, change: Callable[[Medium], tuple[EmotionCorrection, ...]]
) -> Project:
    known = known_medium(project, medium)
    return project.with_medium(replace(known, emotion_corrections=change(known)))
