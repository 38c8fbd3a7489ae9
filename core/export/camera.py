"""Where the short's window lies in the picture of a video, over time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.export.framing import Framing, frame_pictures
from core.media.probe import VideoStream

_LEAST_WINDOW = 16
_STANDSTILL = 1e-9


@dataclass(frozen=True)
class Keyframe:
    """A place of the window at a time; between two the window moves from one to the other.

    Attributes:
        time: On the media time axis, in seconds.
        x: Middle of the window, 0 (left edge of the upright picture) to 1 (right edge).
        y: Middle of the window, 0 (upper edge) to 1 (lower edge).
        zoom: How much smaller than the largest possible window it is; 1 or more.
    """

    time: Fraction
    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0


Camera = tuple[Keyframe, ...]
"""Keyframes in order of time; before the first and after the last the window stands still.

Two keyframes with the same time are a jump: what is shown from that time on is the place of the
second, and nothing lies between them.
"""


def window_at(camera: Camera, time: Fraction) -> Keyframe:
    """The place of the window at a time.

    Between keyframes it moves along monotone cubic curves (F. N. Fritsch and R. E. Carlson,
    Monotone Piecewise Cubic Interpolation, 1980) that are flat at the first and the last keyframe
    and beside every jump: two keyframes give an eased movement, many of them along a way one steady
    movement instead of a stop at each, and the window never goes past a keyframe, nor moves between
    two that are the same.

    Args:
        camera: The keyframes; none is the largest window in the middle.
        time: On the media time axis, in seconds.
    """
    x, y, size = windows_at(camera, [time])[0].tolist()
    return Keyframe(time, x, y, 1 / size)


def windows_at(
    camera: Camera, times: Sequence[Fraction], patience: Fraction = Fraction(0)
) -> NDArray[np.float64]:
    """The places of the window at several times.

    Args:
        camera: The keyframes.
        times: On the media time axis, in seconds.
        patience: A jump that comes later than a time by no more than these seconds has happened:
            time stamps in files are rounded.

    Returns:
        ``(N, 3)``: ``x`` and ``y`` of its middle as in a keyframe, and its size as a part of the
        largest window's, 1 / zoom. It is the size that changes along the curve, for then the edges
        of the window move as its middle does.
    """
    if not camera:
        return np.tile((0.5, 0.5, 1.0), (len(times), 1))
    runs = _runs(camera)
    begins = [run.begin for run in runs]
    places = np.empty((len(times), 3))
    of_run = np.array(
        [max(0, bisect_right(begins, time + patience) - 1) for time in times], np.intp
    )
    for number in np.unique(of_run).tolist():
        mine = np.flatnonzero(of_run == number)
        run = runs[number]
        seconds = np.array([float(times[place] - run.begin) for place in mine.tolist()])
        places[mine] = run.at(seconds)
    return places


def place_window(
    framing: Framing, places: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Left and upper edge, width and height of windows in source pixels, ``(N,)`` each.

    A window that would leave the picture is pushed back into it.

    Args:
        framing: The largest window, and the picture that it lies in.
        places: As ``windows_at`` gives them, ``(N, 3)``.
    """
    least = min(1.0, _LEAST_WINDOW / min(framing.crop_width, framing.crop_height))
    size = np.clip(places[:, 2], least, 1.0)
    width, height = size * framing.crop_width, size * framing.crop_height
    left = np.clip(places[:, 0] * framing.source_width - width / 2, 0, framing.source_width - width)
    top = np.clip(
        places[:, 1] * framing.source_height - height / 2, 0, framing.source_height - height
    )
    return left, top, width, height


def window_rectangle(
    video: VideoStream, aspect: str, keyframe: Keyframe, layout: str = "fill"
) -> tuple[float, float, float, float]:
    """What the short shows of a picture while the window is at a place.

    Args:
        video: The picture stream.
        aspect: Shape of the short; ``source`` is that of this video.
        keyframe: Place of the window, as ``window_at`` gives it.
        layout: How the picture is brought into the short; of ``split`` it is one of the windows,
            in ``whole`` and ``blur`` everything is shown.

    Returns:
        Left and upper edge, width and height, as fractions of the upright picture.

    Raises:
        UsageError: There is no such shape or layout.
    """
    [framing] = frame_pictures([video], aspect, layout=layout)
    if layout in ("whole", "blur"):
        keyframe = Keyframe(keyframe.time)
    place = np.array([[keyframe.x, keyframe.y, 1 / max(1.0, keyframe.zoom)]])
    left, top, width, height = (float(edge[0]) for edge in place_window(framing, place))
    across, down = framing.source_width, framing.source_height
    return left / across, top / down, width / across, height / down


@dataclass(frozen=True, eq=False)
class _Run:
    """Keyframes without a jump between them, as curves."""

    begin: Fraction
    seconds: NDArray[np.float64]
    places: NDArray[np.float64]
    slopes: NDArray[np.float64]

    def at(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        if len(self.seconds) == 1:
            return np.repeat(self.places, len(seconds), axis=0)
        after = np.searchsorted(self.seconds, seconds, "right").clip(1, len(self.seconds) - 1)
        length = (self.seconds[after] - self.seconds[after - 1])[:, None]
        way = ((seconds - self.seconds[after - 1])[:, None] / length).clip(0, 1)
        one, other = self.places[after - 1], self.places[after]
        leaving, arriving = self.slopes[after - 1] * length, self.slopes[after] * length
        eased = way * way * (3 - 2 * way)
        bend = way * (1 - way)
        return one + (other - one) * eased + bend * ((1 - way) * leaving - way * arriving)


@lru_cache(maxsize=64)
def _runs(camera: Camera) -> tuple[_Run, ...]:
    pieces: list[list[Keyframe]] = [[camera[0]]]
    for keyframe in camera[1:]:
        if keyframe.time <= pieces[-1][-1].time:
            pieces.append([keyframe])
        else:
            pieces[-1].append(keyframe)
    return tuple(_run(piece) for piece in pieces)


def _run(keyframes: Sequence[Keyframe]) -> _Run:
    begin = keyframes[0].time
    seconds = np.array([float(keyframe.time - begin) for keyframe in keyframes])
    places = np.array([(each.x, each.y, 1 / max(1.0, each.zoom)) for each in keyframes])
    slopes = np.zeros_like(places)
    if len(keyframes) > 2:
        lengths = np.diff(seconds)[:, None]
        steps = np.diff(places, axis=0) / lengths
        before, after = steps[:-1], steps[1:]
        same_way = before * after > _STANDSTILL**2
        more, less = 2 * lengths[1:] + lengths[:-1], lengths[1:] + 2 * lengths[:-1]
        mean = (more + less) * before * after
        np.divide(mean, more * after + less * before, out=slopes[1:-1], where=same_way)
    return _Run(begin, seconds, places, slopes)
