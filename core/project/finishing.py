"""Edits of how the short looks: its look, how cuts follow one another, where the window lies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

from core.errors import EditRefused, UsageError
from core.export.camera import Camera, Keyframe, window_at
from core.export.clip import Join
from core.export.look import Look
from core.project.chosen import free_cut, free_cuts
from core.project.document import EditedCut, Project
from core.project.join_and_camera import (
    LONGEST_JOIN,
    camera_flaw,
    join_flaw,
    limited_keyframe,
)
from core.project.look_parts import look_flaw
from core.time import Span


def set_look(project: Project, **changes: object) -> Project:
    """With another look of the short.

    Args:
        project: The project.
        **changes: Fields of :class:`core.export.look.Look`.

    Raises:
        EditRefused: A value is not possible.
    """
    try:
        look: Look = replace(project.wishes.look, **changes)  # type: ignore[arg-type]
    except UsageError as error:
        raise EditRefused(error.happened, remedy=error.remedy) from error
    _refuse(look_flaw(look))
    return replace(project, wishes=replace(project.wishes, look=look))


def set_join(project: Project, identifier: str, join: Join) -> Project:
    """With another way in which a cut follows the one that is played before it.

    Raises:
        EditRefused: The cut is locked, or the join is longer than is possible.
    """
    old = free_cut(project, identifier)
    flaw = join_flaw(join)
    longest = min(LONGEST_JOIN, old.span.duration)
    if not flaw and max(join.crossfade, join.sound) > longest:
        flaw = (
            f"the cut lasts {float(old.span.duration):g} s: what goes on from the one before must "
            "end within it"
        )
    _refuse(flaw)
    return _with(project, old, replace(old, join=join))


def put_keyframe(project: Project, identifier: str, keyframe: Keyframe) -> Project:
    """With the window of a cut at a place at a time, in place of a keyframe of the same time.

    The first keyframe of a cut holds for all of it. Of a jump, which is two keyframes with one
    time, the second is replaced. What lies outside of the picture is brought into it.

    Args:
        project: The project.
        identifier: The cut.
        keyframe: Its time lies in the cut.

    Raises:
        EditRefused: The cut is locked, the time is outside of it, or the place is no number.
    """
    old = free_cut(project, identifier)
    if not old.span.start <= keyframe.time <= old.span.end:
        raise EditRefused(
            "the window can only be moved inside of its cut", remedy="Put the playhead into it."
        )
    try:
        new = limited_keyframe(keyframe)
    except ValueError:
        raise EditRefused("the place of the window is no number") from None
    earlier = tuple(one for one in old.camera if one.time < new.time)
    now = [one for one in old.camera if one.time == new.time]
    later = tuple(one for one in old.camera if one.time > new.time)
    return set_camera(project, identifier, (*earlier, *now[:-1], new, *later))


def remove_keyframe(project: Project, identifier: str, time: Fraction) -> Project:
    """Without the keyframes of a cut at a time.

    Raises:
        EditRefused: The cut is locked, or there is no keyframe at this time.
    """
    old = free_cut(project, identifier)
    left = tuple(one for one in old.camera if one.time != time)
    if left == old.camera:
        raise EditRefused("there is no keyframe here", remedy="Go to one first.")
    return set_camera(project, identifier, left)


def set_camera(project: Project, identifier: str, camera: Camera) -> Project:
    """With the window of a cut where keyframes put it; without any, the look decides.

    Args:
        project: The project.
        identifier: The cut.
        camera: In order of time; they may lie outside of the cut.

    Raises:
        EditRefused: The cut is locked, or the keyframes are not possible.
    """
    old = free_cut(project, identifier)
    _refuse(camera_flaw(camera))
    return _with(project, old, replace(old, camera=camera))


def clear_camera(project: Project, identifiers: Collection[str]) -> Project:
    """With the windows of cuts left to the look of the short.

    Raises:
        EditRefused: One of them is locked.
    """
    for edited in free_cuts(project, identifiers):
        project = _with(project, edited, replace(edited, camera=()))
    return project


def merged_camera(cuts: Sequence[EditedCut]) -> Camera:
    """The camera of cuts that become one: each part of it looks as it did before.

    What lies between two of them in the source is shown as the earlier one ends.

    Args:
        cuts: Of one video, in its order.
    """
    first, *others = cuts
    if all(one.camera == first.camera for one in others):
        return first.camera
    camera: list[Keyframe] = []
    for number, one in enumerate(cuts):
        begin = one.span.start
        end = one.span.end if one is cuts[-1] else cuts[number + 1].span.start
        if begin < end:
            at_end = next((each for each in one.camera if each.time == end), None)
            camera += [
                limited_keyframe(window_at(one.camera, begin)),
                *(each for each in one.camera if begin < each.time < end),
                at_end or limited_keyframe(window_at(one.camera, end)),
            ]
    return tuple(one for one, _ in groupby(camera))


def playable_join(join: Join, span: Span, before: Span | None) -> Join:
    """What of a join can be played, as cuts may have been trimmed or put elsewhere since.

    Args:
        join: As the editor wants it.
        span: The cut.
        before: The one that is played before it; None if it is the first.
    """
    if before is None:
        return Join()
    earliest = -before.duration
    return Join(min(join.crossfade, span.duration), min(max(join.sound, earliest), span.duration))


def _with(project: Project, old: EditedCut, new: EditedCut) -> Project:
    if new == old:
        return project
    changed = replace(new, touched=True)
    return project.with_cuts(changed if c is old else c for c in project.cuts)


def _refuse(flaw: str) -> None:
    if flaw:
        raise EditRefused(flaw)
