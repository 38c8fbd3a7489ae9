"""The ffmpeg filters that put windows of a source into the picture of a short, also moving ones.

A window that moves is cut out coarsely at whole source pixels, brought to its exact place, a
fraction of a pixel, by the perspective filter, and then scaled: ffmpeg's crop filter by itself only
knows whole pixels, in which a slow movement is seen as steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.export.camera import Camera, Keyframe, place_window, windows_at
from core.export.curve import curve_expression
from core.export.framing import Framing

_SCALER = "flags=bicubic+accurate_rnd"
_PATIENCE = Fraction(1, 16)
_STILL = 1e-6
_MARGIN, _STEP = 2, 4
_TOLERANCE = 0.1
_SHRINKING = 8
_SIGMA = 4
_DARKENED = 0.55


def layout_filters(
    framing: Framing,
    layout: str,
    cameras: Sequence[Camera],
    *,
    origin: Fraction,
    frame_rate: Fraction,
    frames: int,
    in_matrix: str,
    source: str,
    result: str,
) -> str:
    """The filters from frames of a source to frames of the short.

    Frame n of both is shown at n / ``frame_rate`` and shows the window of the media time
    ``origin`` + n / ``frame_rate``; a jump of the camera that falls on a frame's time is seen in
    that frame.

    Args:
        framing: The windows and sizes, made for the same layout.
        layout: ``fill``, ``whole``, ``blur`` or ``split``.
        cameras: Where the window is, two for ``split`` (the upper first), else one; those that are
            left out or empty rest where ``complete_cameras`` puts them.
        origin: Media time of the first frame, in seconds.
        frame_rate: Frames per second of the short.
        frames: Number of frames.
        in_matrix: Colour matrix of the source as the scale filter names it.
        source: Label of the upright frames of the source, at the frame rate of the short.
        result: Label of the finished frames: of the short's size, square pixels, yuv420p, BT.709 of
            limited range.

    Returns:
        Text for ``-filter_complex``. A camera that moves much makes it some ten thousand characters
        long: hand it over in a file.
    """
    cameras = complete_cameras(framing, layout, cameras)
    times = [origin + number / frame_rate for number in range(frames)]
    patience = _PATIENCE / frame_rate
    colours = f":in_color_matrix={in_matrix}:out_color_matrix=bt709:out_range=limited"
    windows = [
        _window_filters(framing, windows_at(camera, times, patience), colours) for camera in cameras
    ]
    if layout == "split":
        upper, lower = f"{result}_upper", f"{result}_lower"
        return (
            f"[{source}]split=2[{upper}_in][{lower}_in];"
            f"[{upper}_in]{windows[0]}[{upper}];[{lower}_in]{windows[1]}[{lower}];"
            f"[{upper}][{lower}]vstack=shortest=1,"
            f"crop={framing.width}:{framing.height}:0:0,setsar=1[{result}]"
        )
    left = (framing.width - framing.picture_width) // 4 * 2
    top = (framing.height - framing.picture_height) // 4 * 2
    if not left and not top:
        return f"[{source}]{windows[0]},setsar=1[{result}]"
    if layout != "blur":
        bars = f"pad={framing.width}:{framing.height}:{left}:{top}:black"
        return f"[{source}]{windows[0]},{bars},setsar=1[{result}]"
    front, back = f"{result}_front", f"{result}_back"
    return (
        f"[{source}]split=2[{front}_in][{back}_in];"
        f"[{front}_in]{windows[0]}[{front}];[{back}_in]{_blurred(framing, colours)}[{back}];"
        f"[{back}][{front}]overlay={left}:{top}:shortest=1,format=yuv420p,setsar=1[{result}]"
    )


def complete_cameras(
    framing: Framing, layout: str, cameras: Sequence[Camera]
) -> tuple[Camera, ...]:
    """One camera for each window of a layout.

    Args:
        framing: The windows.
        layout: ``fill``, ``whole``, ``blur`` or ``split``.
        cameras: Those that are known. An empty or missing one rests: in the middle, or for
            ``split`` on the left half (upper window) and the right half (lower window). ``whole``
            and ``blur`` show everything whatever the camera says.
    """
    if layout in ("whole", "blur"):
        return ((),)
    if layout != "split":
        return (tuple(cameras[0]) if cameras else (),)
    zoom = max(1.0, 2 * framing.crop_width / framing.source_width)
    resting = [(Keyframe(Fraction(0), x, 0.5, zoom),) for x in (0.25, 0.75)]
    given = [tuple(camera) for camera in cameras[:2]]
    given += [()] * (2 - len(given))
    return tuple(camera or rest for camera, rest in zip(given, resting, strict=True))


def _window_filters(framing: Framing, places: NDArray[np.float64], colours: str) -> str:
    """From the source to the window in the size in which it is shown, yuv420p."""
    path = _Path(*place_window(framing, places))
    if path.stands:
        cut = _whole_pixels(framing, path)
        return f"{cut},{_scaled(framing)}{colours},format=yuv420p"
    return f"{_fine_pixels(framing, path, colours)},{_scaled(framing)},format=yuv420p"


def _scaled(framing: Framing) -> str:
    return f"scale={framing.picture_width}:{framing.picture_height}:{_SCALER}"


@dataclass(frozen=True, eq=False)
class _Path:
    """Edges of a window in source pixels, ``(frames,)`` each."""

    left: NDArray[np.float64]
    top: NDArray[np.float64]
    width: NDArray[np.float64]
    height: NDArray[np.float64]

    @property
    def stands(self) -> bool:
        """It has one size, and between any two frames it stands still or jumps."""
        if np.ptp(self.width) > _STILL:
            return False
        moves = (np.abs(np.diff(self.left)) > _STILL) | (np.abs(np.diff(self.top)) > _STILL)
        # A movement takes several frames one after the other, a jump takes one.
        return not np.any(moves[:-1] & moves[1:])


def _whole_pixels(framing: Framing, path: _Path) -> str:
    """Cuts out a window that stands still or jumps, at whole pixels of the colour planes."""
    width = _even_below(path.width[0], framing.source_width)
    height = _even_below(path.height[0], framing.source_height)
    left = np.minimum(np.round(path.left / 2) * 2, (framing.source_width - width) // 2 * 2)
    top = np.minimum(np.round(path.top / 2) * 2, (framing.source_height - height) // 2 * 2)
    x, y = (curve_expression(edge, 0.0, "n") for edge in (left, top))
    return f"crop=w={width}:h={height}:x='{x}':y='{y}':exact=1"


def _even_below(length: float | Fraction, most: int) -> int:
    return min(max(2, round(length / 2) * 2), most)


def _fine_pixels(framing: Framing, path: _Path, colours: str) -> str:
    """Cuts out a window that moves or zooms, at fractions of pixels.

    The edges are the same curves in every expression, so that the coarse and the fine step agree.
    """
    shrinking = min(
        float(path.width.min()) / framing.picture_width,
        float(path.height.min()) / framing.picture_height,
    )
    tolerance = _TOLERANCE * shrinking
    across = _coarse(float(path.width.max()), framing.source_width)
    down = _coarse(float(path.height.max()), framing.source_height)
    cuts, corners = [], []
    for edges, lengths, coarse, whole in (
        (path.left, path.width, across, framing.source_width),
        (path.top, path.height, down, framing.source_height),
    ):
        cut, near, far = _axis(edges, lengths, coarse, whole, tolerance)
        cuts.append(cut)
        corners.append((near, far))
    (left, right), (upper, lower) = corners
    method = "linear" if shrinking > 1 else "cubic"
    return (
        f"crop=w={across}:h={down}:x='{cuts[0]}':y='{cuts[1]}':exact=1,"
        f"scale={across}:{down}:{_SCALER}{colours},format=yuv420p,"
        f"perspective=x0='{left}':y0='{upper}':x1='{right}':y1='{upper}'"
        f":x2='{left}':y2='{lower}':x3='{right}':y3='{lower}'"
        f":interpolation={method}:eval=frame"
    )


def _coarse(most: float, whole: int) -> int:
    """Length of the coarse window: room for the finest place of the window in it."""
    return min(whole, int(np.ceil(most / 2)) * 2 + 2 * _MARGIN + _STEP)


def _axis(
    edges: NDArray[np.float64],
    lengths: NDArray[np.float64],
    coarse: int,
    whole: int,
    tolerance: float,
) -> tuple[str, str, str]:
    """Edge of the coarse window, and both edges of the fine one in it, as expressions."""
    cut = f"clip({_STEP}*floor((ld(0)-{_MARGIN})/{_STEP}),0,{(whole - coarse) // 2 * 2})"
    edge = curve_expression(edges, tolerance, "n")
    counted = f"st(1,in-1);st(0,{curve_expression(edges, tolerance, 'ld(1)')})"
    if np.ptp(lengths) <= _STILL:
        length = f"{lengths[0]:.9g}"
    else:
        counted += f";st(2,{curve_expression(lengths, tolerance, 'ld(1)')})"
        length = "ld(2)"
    # The filter counts from the middles of pixels, not from their edges.
    near = f"{counted};ld(0)-{cut}+({length}/{coarse}-1)/2"
    return f"st(0,{edge});{cut}", near, f"{near}+{length}"


def _blurred(framing: Framing, colours: str) -> str:
    """The picture filling the short, blurred and darkened; blurred small, for speed."""
    wide = Fraction(framing.width, framing.picture_width)
    high = Fraction(framing.height, framing.picture_height)
    across = _even_below(framing.source_width * wide / max(wide, high), framing.source_width)
    down = _even_below(framing.source_height * high / max(wide, high), framing.source_height)
    left = (framing.source_width - across) // 4 * 2
    top = (framing.source_height - down) // 4 * 2
    small = [max(16, side // (2 * _SHRINKING) * 2) for side in (framing.width, framing.height)]
    return (
        f"crop={across}:{down}:{left}:{top}:exact=1,"
        f"scale={small[0]}:{small[1]}:flags=area+accurate_rnd{colours},format=yuv420p,"
        f"gblur=sigma={_SIGMA},lutyuv=y=16+(val-16)*{_DARKENED}"
        f":u=128+(val-128)*{_DARKENED}:v=128+(val-128)*{_DARKENED},"
        f"scale={framing.width}:{framing.height}:{_SCALER}"
    )
