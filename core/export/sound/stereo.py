"""Any decoded sound as two channels of float samples."""

from __future__ import annotations

from functools import cache

import av
import numpy as np
from numpy.typing import NDArray

from core.export.sound.samples import Samples

_LESS = 0.5**0.5
_LEFT = {
    "FL": 1.0,
    "DL": 1.0,
    "FLC": 1.0,
    "WL": 1.0,
    "FC": _LESS,
    "SL": _LESS,
    "BL": _LESS,
    "TFL": _LESS,
    "TBL": _LESS,
    "TSL": _LESS,
    "BC": 0.5,
    "TC": 0.5,
    "TFC": 0.5,
    "TBC": 0.5,
}
_MIRRORED = {"FL": "FR", "DL": "DR", "FLC": "FRC", "WL": "WR", "SL": "SR", "BL": "BR"} | {
    "TFL": "TFR",
    "TBL": "TBR",
    "TSL": "TSR",
}
_RIGHT = {_MIRRORED.get(name, name): gain for name, gain in _LEFT.items()}


def as_stereo(frame: av.AudioFrame) -> Samples:
    """The samples of a decoded frame for two loudspeakers, ``(2, n) float32``.

    One channel goes to both sides as it is. More than two are mixed as ITU-R BS.775 says (centre
    and surround 3 dB quieter, no LFE) and lowered so far that they cannot clip.
    """
    channels = _channels(frame)
    if len(channels) == 1:
        return np.repeat(channels, 2, axis=0)
    mix = _mix_of(frame.layout.name)
    if mix is None:
        return channels[:2]
    return mix @ channels


@cache
def _mix_of(layout: str) -> NDArray[np.float32] | None:
    """How much of each channel each side gets, ``(2, channels) float32``; None: the first two as
    they are."""
    names = [channel.name for channel in av.AudioLayout(layout).channels]
    if names[:2] in (["FL", "FR"], ["DL", "DR"]) and set(names[2:]) <= {"LFE"}:
        return None
    mix = np.array([[side.get(name, 0.0) for name in names] for side in (_LEFT, _RIGHT)])
    if not mix.any(axis=1).all():
        return None
    return (mix / mix.sum(axis=1).max()).astype(np.float32)


def _channels(frame: av.AudioFrame) -> NDArray[np.float32]:
    """The samples of each channel, ``(channels, n) float32`` in −1…1."""
    raw = frame.to_ndarray()
    if not frame.format.is_planar:
        raw = raw.reshape(-1, frame.layout.nb_channels).T
    if raw.dtype.kind == "f":
        return raw.astype(np.float32, copy=False)
    full = 2.0 ** (8 * raw.dtype.itemsize - 1)
    middle = full if raw.dtype.kind == "u" else 0.0
    return ((raw - middle) / full).astype(np.float32)
