"""The tracks of an analysis that training needs, as they are kept with the corrections.

Those that a fusion sees and its curve is made of, and the speech frames of videos of which the
editor corrected what is heard. One hour of a video takes 10 MB without these and 25 MB with them,
before the library packs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import EMOTION_TRACK, Analysis
from core.analysis.emotion_track import DEFAULT_WEIGHTS
from core.analysis.store import FoundTrack, Store
from core.errors import UsageError
from core.learning.library.records import VideoFeatures
from core.networks.weights import load_card
from core.signals.loudness import Loudness
from core.signals.motion import Motion
from core.signals.spectrum import Spectrum
from core.signals.speech_activity import SpeechActivity
from core.signals.speech_coefficients import SpeechCoefficients
from core.signals.speech_emotion import weights_version
from core.signals.visual_features import VisualFeatures
from core.time import Grid

PICTURE_TRACKS = (Motion.name, VisualFeatures.name)
SOUND_TRACKS = (EMOTION_TRACK, Loudness.name, Spectrum.name, SpeechActivity.name)
NETWORK_TRACKS = (EMOTION_TRACK, VisualFeatures.name)
"""What networks say: others may have been in use whenever a video was analysed."""
HEARD_TRACK = SpeechCoefficients.name
"""What the speech emotion network learns from, beside the speech activity."""

_SMALL = VisualFeatures.name
"""Kept with half the precision, which is what the analysis has as well."""


def training_tracks(*, sound: bool, heard: bool) -> tuple[str, ...]:
    """Names of the tracks that training needs.

    Args:
        sound: The video has sound.
        heard: What is heard in it was corrected.
    """
    return (*PICTURE_TRACKS, *(SOUND_TRACKS if sound else ()), *([HEARD_TRACK] * (sound and heard)))


def features_of(analysis: Analysis, *, heard: bool = True) -> VideoFeatures:
    """What training needs of an analysis.

    Args:
        analysis: A whole one that knows the versions of its tracks, as it was computed: what the
            editor says is heard is not to be in it.
        heard: Take the speech frames as well, for corrections of what is heard.

    Raises:
        UsageError: The analysis is not whole, or a track or its version is missing.
    """
    names = training_tracks(sound=Loudness.name in analysis.tracks, heard=heard)
    missing = [name for name in names if name not in analysis.tracks.keys() & analysis.versions]
    if missing or not analysis.complete:
        raise UsageError(
            "the analysis of this video is not whole",
            path=analysis.info.path,
            remedy="Wait until it is analysed.",
        )
    return _features(
        {name: analysis.tracks[name] for name in names}, analysis.versions, analysis.grid
    )


def stored_features(
    store: Store, video: str, grid: Grid, *, heard: bool, kept: Mapping[str, str]
) -> VideoFeatures | None:
    """What training needs of an analysis in the store, read without the video.

    Of a signal that is there in several versions, the one that was written last counts; of what is
    heard, that of the shipped network, as a learned one holds what was learned before.

    Args:
        store: The analyses.
        video: Fingerprint.
        grid: Of the analysis.
        heard: Take the speech frames as well.
        kept: Versions of what is kept already, by track.

    Returns:
        None where the analysis is not whole, or nothing in it is newer than what is kept.
    """
    sound = bool(store.found(video, grid, Loudness.name))
    found: dict[str, FoundTrack] = {}
    for name in training_tracks(sound=sound, heard=heard):
        whole = [track for track in store.found(video, grid, name) if track.whole]
        if not whole:
            return None
        found[name] = next(filter(_is_shipped, whole), whole[0])
    versions = {name: track.version for name, track in found.items()}
    if not newer_features(kept, versions):
        return None
    tracks = {name: track.rows() for name, track in found.items()}
    known = {name: rows for name, rows in tracks.items() if rows is not None}
    if len(known) < len(tracks) or len({len(rows) for rows in known.values()}) != 1:
        return None
    return _features(known, versions, grid)


def with_kept_networks(features: VideoFeatures, kept: VideoFeatures) -> VideoFeatures:
    """New features, but what networks say as it was kept, where it is of the same cells.

    What was learned would find its way into what is learned next, and could not be forgotten any
    more; and a look through another network would part a video from all others.
    """
    tracks, versions = dict(features.tracks), dict(features.versions)
    for name in NETWORK_TRACKS:
        if name in kept.tracks and name in tracks and len(kept.tracks[name]) == len(tracks[name]):
            tracks[name], versions[name] = kept.tracks[name], kept.versions[name]
    return VideoFeatures(features.step, tracks, versions)


def heard_as_shipped(
    features: VideoFeatures, store: Store, video: str, grid: Grid
) -> VideoFeatures:
    """The features, with what the shipped network hears if the store has it.

    Args:
        features: Of an analysis.
        store: The analyses.
        video: Fingerprint.
        grid: Of the analysis.
    """
    heard = features.tracks.get(EMOTION_TRACK)
    if heard is None:
        return features
    for track in filter(_is_shipped, store.found(video, grid, EMOTION_TRACK)):
        rows = track.rows() if track.whole else None
        if rows is not None and rows.shape == heard.shape:
            return VideoFeatures(
                features.step,
                {**features.tracks, EMOTION_TRACK: rows},
                {**features.versions, EMOTION_TRACK: track.version},
            )
    return features


def _is_shipped(track: FoundTrack) -> bool:
    return track.version.startswith(f"{weights_version(load_card(DEFAULT_WEIGHTS))}-")


def newer_features(kept: Mapping[str, str], versions: Mapping[str, str]) -> bool:
    """Whether a track is not kept yet, or in another version."""
    return any(kept.get(name) != version for name, version in versions.items())


def _features(
    tracks: Mapping[str, NDArray[Any]], versions: Mapping[str, str], grid: Grid
) -> VideoFeatures:
    rows = {
        name: values.astype(np.float16, copy=False) if name == _SMALL else values
        for name, values in tracks.items()
    }
    return VideoFeatures(grid.step, rows, {name: versions[name] for name in tracks})
