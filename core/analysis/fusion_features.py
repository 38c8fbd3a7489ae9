"""The input of a fusion network: columns of the tracks, normalised within their video.

Training and use make it here, so that a network sees what it learned from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.highlight import CONTRIBUTIONS
from core.errors import UsageError
from core.signals.loudness import Loudness
from core.signals.motion import Motion
from core.signals.spectrum import Spectrum

_GROUPS: dict[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    "emotion": (("speech-emotion", tuple(range(9))),),
    "sound": (("loudness", (0, 1)), ("spectrum", (0, 1, 2, 4, 5))),
    "picture": (("motion", (0, 1, 2, 3)),),
    "position": (),
}
_LEAST_DEVIATION = {
    "speech-emotion": (*(0.05,) * 7, 0.1, 0.1),
    "loudness": (1.0, 1.0),
    "spectrum": (5.0, 5.0, 50.0, 100.0, 0.005, 0.01),
    "motion": (1.0, 0.05, 2.0, 1.0),
}
"""By column of a track, in its unit; smaller differences are not stretched to look like more."""
# Emotion may be told by any recogniser: within a video its claims are normalised like all else.
_VERSIONS = {signal.name: signal.version for signal in (Loudness, Spectrum, Motion)}
_POSITION_COLUMNS = 2


def group_columns(picture_features: int, groups: Sequence[str] = CONTRIBUTIONS) -> dict[str, int]:
    """How many columns each group of a network's input has, in the order of the input.

    Args:
        picture_features: Dimension of the visual features.
        groups: Some of :data:`CONTRIBUTIONS`, in any order.

    Raises:
        UsageError: There is no such group, one is named twice, or none at all.
    """
    if not groups or not set(groups) <= set(CONTRIBUTIONS) or len(set(groups)) < len(groups):
        raise UsageError(
            f"there is no input of {', '.join(map(repr, groups)) or 'nothing'}",
            remedy=f"Choose out of {', '.join(CONTRIBUTIONS)}, each once.",
        )
    added = {"picture": picture_features, "position": _POSITION_COLUMNS}
    return {
        name: sum(len(columns) for _, columns in _GROUPS[name]) + added.get(name, 0)
        for name in groups
    }


def feature_contract(
    picture_version: str, picture_features: int, groups: Sequence[str] = CONTRIBUTIONS
) -> dict[str, Any]:
    """What a fusion network must have been trained on to be used.

    Args:
        picture_version: Version of the backbone of the visual features; it matters to networks
            that use the picture.
        picture_features: Their dimension.
        groups: Some of :data:`CONTRIBUTIONS`.

    Raises:
        UsageError: There is no such group, one is named twice, or none at all.
    """
    used = {name: _GROUPS[name] for name in group_columns(picture_features, groups)}
    tracks = {track for parts in used.values() for track, _ in parts}
    contract = {
        "groups": [
            [name, [[track, list(columns)] for track, columns in parts]]
            for name, parts in used.items()
        ],
        "signals": {name: version for name, version in _VERSIONS.items() if name in tracks},
        "normalisation": "per video: median and median absolute deviation; visual features by "
        "mean and overall deviation; a group is present where all of its columns are known",
        "least_deviation": {
            name: list(least) for name, least in _LEAST_DEVIATION.items() if name in tracks
        },
        "version": 3,
    }
    if "picture" in used:
        contract["visual_features"] = [picture_version, picture_features]
    if "position" in used:
        contract["position"] = _POSITION_COLUMNS
    return contract


def fusion_features(
    tracks: Mapping[str, NDArray[Any]],
    count: int,
    total: int,
    picture_features: int,
    groups: Sequence[str] = CONTRIBUTIONS,
) -> tuple[NDArray[np.float32], dict[str, slice], NDArray[np.bool_]]:
    """The network's input for the first ``count`` cells of a video, normalised within it.

    Args:
        tracks: Rows by track, as long as known; NaN where a cell has no value. Those of the sound
            are absent, or NaN throughout, where the video has none.
        count: Cells wanted.
        total: Cells of the whole video.
        picture_features: Dimension of the visual features.
        groups: Some of :data:`CONTRIBUTIONS`.

    Returns:
        ``(count, F) float32``, zero where nothing is known; the columns of each group, in the order
        asked for; and ``(count, G) bool``, whether all of a group is known.

    Raises:
        UsageError: There is no such group, one is named twice, or none at all.
    """
    widths = group_columns(picture_features, groups)
    features = np.zeros((count, sum(widths.values())), np.float32)
    present = np.ones((count, len(widths)), bool)
    columns: dict[str, slice] = {}
    begin = 0
    for index, (name, width) in enumerate(widths.items()):
        columns[name] = slice(begin, begin + width)
        if name == "position":
            place = (np.arange(count) + 0.5) / max(total, 1)
            features[:, columns[name]] = np.stack((np.sin(np.pi * place), 2 * place - 1), axis=1)
        for track, chosen in _GROUPS[name]:
            rows = _first(tracks.get(track), count, max(chosen) + 1)[:, chosen]
            least = [_LEAST_DEVIATION[track][column] for column in chosen]
            features[:, begin : begin + len(chosen)] = _normalised(rows, least)
            present[:, index] &= np.isfinite(rows).all(axis=1)
            begin += len(chosen)
        if name == "picture":
            rows = _first(tracks.get("visual-features"), count, picture_features)
            known = np.isfinite(rows).all(axis=1)
            features[known, begin : begin + picture_features] = _centred(rows[known])
            present[:, index] &= known
        begin = columns[name].stop
    return features, columns, present


def _first(rows: NDArray[Any] | None, count: int, columns: int) -> NDArray[np.float32]:
    """The first columns of the first cells, NaN where not known."""
    values = np.full((count, columns), np.nan, np.float32)
    if rows is not None:
        known = rows[:count, :columns]
        values[: len(known)] = known
    return values


def _normalised(rows: NDArray[np.float32], least: Sequence[float]) -> NDArray[np.float64]:
    scaled = np.zeros(rows.shape)
    for column, values in enumerate(rows.astype(np.float64).T):
        finite = np.isfinite(values)
        known = values[finite]
        if known.size:
            centre = np.median(known)
            spread = max(least[column], 1.4826 * float(np.median(np.abs(known - centre))))
            scaled[finite, column] = np.clip((known - centre) / spread, -4, 4)
    return scaled


def _centred(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    if not rows.size:
        return rows
    centred = rows - rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    deviation = math.sqrt(float(np.vdot(centred, centred)) / centred.size)
    centred /= deviation + 1e-6
    return centred
