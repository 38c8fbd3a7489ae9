"""Small pictures of a stretch of a video, a few times a second, and its hard cuts to the frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.export.reframe.faces import Face, FaceFinder
from core.export.reframe.interest import MAP_HEIGHT, MAP_WIDTH, motion_map, saliency_map
from core.media.frames import exact_change, read_pictures
from core.media.probe import MediaInfo
from core.signals.shots import Shots
from core.time import Grid, Span

_SPACING = Fraction(1, 5)
_MOST_VIEWS = 1500
_FACES_EVERY, _PROFILES_EVERY = 3, 6
_LINES = 180


@dataclass(frozen=True, eq=False)
class View:
    """What was seen in one picture.

    Attributes:
        time: When it is shown on the media time axis, in seconds.
        motion: What moved since the view before, as ``motion_map`` gives it.
        saliency: What stands out, as ``saliency_map`` gives it.
        faces: The faces, or None if nobody looked for them.
    """

    time: Fraction
    motion: NDArray[np.float32]
    saliency: NDArray[np.float32]
    faces: tuple[Face, ...] | None


def look_at(
    info: MediaInfo,
    span: Span,
    *,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> tuple[list[View], list[Fraction]]:
    """Looks at a stretch of a video, five times a second, less often if it is very long.

    Frames that no other frame refers to are not decoded; only around a hard cut of which the exact
    frame is not known are all of them.

    Returns:
        What was seen, and the hard cuts: the times of the first frames of shots inside the stretch.

    Raises:
        Cancelled: ``cancelled()`` returned true.
        MediaError: The video cannot be read any more.
    """
    import cv2

    spacing = max(_SPACING, span.duration / _MOST_VIEWS)
    finder = FaceFinder()
    grid = Grid()
    detector = Shots().start(info, grid, grid.index(span.start))
    changes: list[NDArray[np.float64]] = []
    views: list[View] = []
    before: NDArray[np.uint8] | None = None
    times: dict[float, Fraction] = {}
    due = span.start
    for picture in read_pictures(info, span.start, sparse=True):
        if cancelled():
            raise Cancelled
        if picture.time >= span.end:
            break
        times[picture.seconds] = picture.time
        changes += [np.asarray(row) for row in detector.feed(picture)]
        if picture.time < due and views:
            continue
        due = max(due + spacing, picture.time + spacing / 2)
        width = max(_LINES // 4, round(_LINES * info.video.width / info.video.height))
        pixels = picture.rgb(min(width, 4 * _LINES), _LINES)
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        faces = None
        if len(views) % _FACES_EVERY == 0:
            faces = finder.find(grey, before, profiles=len(views) % _PROFILES_EVERY == 0)
        views.append(_view(picture.time, pixels, grey, before, faces))
        before = grey
        progress(
            min(1.0, float((picture.time - span.start) / span.duration)), "Looking for the subject"
        )
    changes += [np.asarray(row) for row in detector.finish()]
    return views, _hard_cuts(info, span, changes, times)


def _view(
    time: Fraction,
    pixels: NDArray[np.uint8],
    grey: NDArray[np.uint8],
    before: NDArray[np.uint8] | None,
    faces: Sequence[Face] | None,
) -> View:
    import cv2

    size = (MAP_WIDTH, MAP_HEIGHT)
    motion = np.zeros((MAP_HEIGHT, MAP_WIDTH), np.float32)
    if before is not None:
        earlier, now = (
            cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
            for picture in (before, grey)
        )
        motion = motion_map(earlier, now)
    saliency = saliency_map(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    return View(time, motion, saliency, None if faces is None else tuple(faces))


def _hard_cuts(
    info: MediaInfo,
    span: Span,
    changes: list[NDArray[np.float64]],
    times: dict[float, Fraction],
) -> list[Fraction]:
    cuts: set[Fraction] = set()
    frame = 1 / info.video.frame_rate
    for ends, begins, _, not_before in np.concatenate([np.empty((0, 4)), *changes]).tolist():
        # What is no number is no change; a gradual one begins later than the shot before ends.
        if ends != begins:
            continue
        time = times[begins]
        if not_before < begins:
            time = exact_change(info, times[not_before], time)
        if span.start + frame / 2 < time < span.end:
            cuts.add(time)
    return sorted(cuts)
