"""From a stretch of a video to the cameras that follow its subject."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.export.camera import Camera, Keyframe, windows_at
from core.export.framing import Framing
from core.export.layout import complete_cameras
from core.export.reframe.faces import track_faces
from core.export.reframe.path import calm_path
from core.export.reframe.targets import interest_maps, window_targets
from core.export.reframe.views import View, look_at
from core.media.probe import MediaInfo
from core.time import Span

_NO_FREEDOM = 0.01
_TOLERANCE = 0.012
_HARDLY_A_JUMP = 0.02


def follow_subject(
    info: MediaInfo,
    span: Span,
    framing: Framing,
    layout: str,
    *,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Camera, ...]:
    """Cameras that keep the subject of a stretch of a video in the windows of a short.

    The subject is the faces (those that are large, found steadily, and move as speakers' do), else
    what moves otherwise than the camera, else what stands out. Within a shot the window rests while
    the subject is about its middle, and moves smoothly; at a hard cut it jumps, in the first frame
    of the new shot. The same video always gives the same cameras.

    Args:
        info: The video.
        span: The stretch, on the media time axis.
        framing: The windows, made for the same layout.
        layout: ``fill``, ``whole``, ``blur`` or ``split``; the upper window of ``split`` follows
            what is in the left half of the picture, the lower one what is in the right half.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked before each picture.

    Returns:
        A camera for each window; an empty one where the window cannot move.

    Raises:
        Cancelled: ``cancelled()`` returned true.
        MediaError: The video cannot be read any more.
    """
    resting = complete_cameras(framing, layout, ())
    zooms = [camera[0].zoom if camera else 1.0 for camera in resting]
    lengths = [_lengths(framing, zoom) for zoom in zooms]
    if layout in ("whole", "blur") or all(min(length) > 1 - _NO_FREEDOM for length in lengths):
        return resting
    views, cuts = look_at(info, span, progress=progress, cancelled=cancelled)
    if not views:
        return resting
    shots = _shots(views, cuts, span)
    halves = [(0.0, 0.5), (0.5, 1.0)] if layout == "split" else [(0.0, 1.0)]
    cameras = []
    for zoom, (width, height), part in zip(zooms, lengths, halves, strict=True):
        keyframes: list[Keyframe] = []
        for shot, seen in shots:
            places = _places(seen, width, height, part)
            _append(keyframes, _keyframes(seen, shot, places, zoom, (width, height)), shot)
        cameras.append(tuple(keyframes))
    progress(1.0, "Looking for the subject")
    return tuple(cameras)


def _lengths(framing: Framing, zoom: float) -> tuple[float, float]:
    """Width and height of a window in parts of the picture."""
    across = framing.crop_width / framing.source_width / zoom
    down = framing.crop_height / framing.source_height / zoom
    return across, down


def _shots(
    views: Sequence[View], cuts: Sequence[Fraction], span: Span
) -> list[tuple[Span, Sequence[View]]]:
    """The shots that were seen, without gaps between them, and the views of each."""
    times = [view.time for view in views]
    borders = [span.start, *cuts, span.end]
    shots: list[tuple[Span, Sequence[View]]] = []
    for start, end in pairwise(borders):
        first = bisect_left(times, start) if start > span.start else 0
        seen = views[first : bisect_left(times, end)]
        if seen:
            shots.append((Span(start, end), seen))
        elif shots:
            # Too short to be looked at: the window stays where it was.
            shots[-1] = (Span(shots[-1][0].start, end), shots[-1][1])
    return shots


def _places(
    views: Sequence[View], width: float, height: float, part: tuple[float, float]
) -> NDArray[np.float64]:
    """Middle of the window for each view of a shot, ``(views, 2)``."""
    seconds = np.array([float(view.time - views[0].time) for view in views])
    looks = [(float(view.time), view.faces) for view in views if view.faces is not None]
    inside = [
        (time, [face for face in faces if part[0] <= face.x < part[1]]) for time, faces in looks
    ]
    maps = interest_maps(views, track_faces(inside))
    columns = (np.arange(maps.shape[2]) + 0.5) / maps.shape[2]
    maps = maps * ((columns >= part[0]) & (columns < part[1]))
    places = np.full((len(views), 2), 0.5)
    if width <= 1 - _NO_FREEDOM:
        targets = window_targets(maps.sum(axis=1), width, seconds)
        places[:, 0] = calm_path(targets, seconds, width)
    if height <= 1 - _NO_FREEDOM:
        near = np.abs(columns[None, :] - places[:, :1]) <= width / 2
        targets = window_targets((maps * near[:, None, :]).sum(axis=2), height, seconds)
        places[:, 1] = calm_path(targets, seconds, height)
    return places


def _keyframes(
    views: Sequence[View],
    shot: Span,
    places: NDArray[np.float64],
    zoom: float,
    lengths: tuple[float, float],
) -> list[Keyframe]:
    """As few keyframes as the way needs (after D. Douglas and T. Peucker, 1973)."""
    rounded = np.round(places, 4)
    times = [view.time for view in views]
    times[0] = min(times[0], shot.start)
    every = [
        Keyframe(time, x, y, zoom) for time, (x, y) in zip(times, rounded.tolist(), strict=True)
    ]
    if np.all(rounded == rounded[0]):
        return [replace(every[0], time=shot.start)]
    kept = {0, len(every) - 1}
    tolerance = _TOLERANCE * np.array(lengths)
    while len(kept) < len(every):
        camera = tuple(every[place] for place in sorted(kept))
        errors = np.abs(windows_at(camera, times)[:, :2] - rounded) / tolerance
        worst = int(errors.max(axis=1).argmax())
        if errors[worst].max() <= 1:
            break
        kept.add(worst)
    return [every[place] for place in sorted(kept)]


def _append(keyframes: list[Keyframe], of_shot: list[Keyframe], shot: Span) -> None:
    """Adds the keyframes of the next shot, with a jump where it begins."""
    if keyframes:
        last, first = keyframes[-1], of_shot[0]
        apart = max(abs(last.x - first.x), abs(last.y - first.y))
        if apart <= _HARDLY_A_JUMP and len(of_shot) == 1:
            return
        keyframes.append(Keyframe(shot.start, last.x, last.y, last.zoom))
    keyframes += of_shot
