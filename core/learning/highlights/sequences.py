"""What a model of highlights learns from: rows of features beside labels, joined by the cell."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.fusion_features import fusion_features
from core.analysis.highlight import CONTRIBUTIONS
from core.errors import Cancelled, CorpusError
from core.learning.highlights.feature_store import FeatureStore
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers import given_features

FEATURE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Video": ("picture",),
    "Audio": ("sound",),
    "Audio+Emotion": ("emotion", "sound"),
    "Video+Audio": ("sound", "picture"),
    "Video+Audio+Emotion": ("emotion", "sound", "picture"),
}
"""Groups of columns by feature set; networks know the position in the video besides."""
POSITION = "position"

_GIVEN = {"rgb": "picture", "flow": "picture", "features": "picture", "audio": "sound"}


@dataclass(frozen=True, eq=False)
class VideoSequence:
    """One video as a model sees it.

    Attributes:
        video: Whose labels they are.
        groups: ``(T, F) float32`` by group, normalised within the video.
        present: ``(T,) bool`` by group: it is known in that cell.
        relevance: ``(T,) float32`` in 0…1, the label of a cell; NaN where nobody said anything.
        signals: ``(T,) float32`` that the trivial rows use, by name: loudness, visual energy.
    """

    video: LabelledVideo
    groups: Mapping[str, NDArray[np.float32]]
    present: Mapping[str, NDArray[np.bool_]]
    relevance: NDArray[np.float32]
    signals: Mapping[str, NDArray[np.float32]]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cells with a label, ``(T,) bool``."""
        return np.isfinite(self.relevance)

    @property
    def teaches(self) -> bool:
        """Whether two of its cells have different labels."""
        return len(np.unique(self.relevance[self.known])) > 1


def read_sequences(
    videos: Sequence[LabelledVideo],
    store: FeatureStore | None = None,
    *,
    groups: Sequence[str] = CONTRIBUTIONS,
    combination: str = "mean",
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[VideoSequence]:
    """The sequences of labelled videos, by given features or by those of our own signals.

    Args:
        videos: With labels.
        store: What ``emotion-shortform features`` made; None for the features that the corpus
            brings.
        groups: Groups of columns that are wanted of our own signals.
        combination: How one label is made of several annotators'.
        progress: Receives the fraction that is done, 0…1, and the video.
        cancelled: Asked before each video.

    Returns:
        One for each video, in their order; rows are joined to labels by the name of the video and
        the time of the cell.

    Raises:
        UsageError: A video has no such combination of labels.
        CorpusError: A video has no features, or others than the other videos; or its features are
            shorter or longer than its labels.
        StoreError: The features cannot be read.
        Cancelled: ``cancelled()`` returned true.
    """
    labels = [video.relevance(combination) for video in videos]
    if store is not None:
        _check_each_once(store, store.match(videos))
        if missing := store.missing(videos):
            raise CorpusError(
                f"{len(missing)} of {len(videos)} labelled videos have no features, such as "
                f"{missing[0].name}",
                path=store.root,
                remedy="Put them beside the others and run emotion-shortform features again.",
            )
    sequences = []
    for index, (video, relevance) in enumerate(zip(videos, labels, strict=True)):
        if cancelled():
            raise Cancelled
        progress(index / len(videos), video.name)
        read = _given(video) if store is None else _own(video, store, groups)
        sequences.append(VideoSequence(video, *read[:2], relevance, read[2]))
        _check_alike(sequences[0], sequences[-1])
    return sequences


def feature_sets(sequences: Sequence[VideoSequence]) -> list[str]:
    """The feature sets whose groups every video has, in the order of :data:`FEATURE_GROUPS`."""
    if not sequences:
        return []
    shared = set.intersection(*({*sequence.groups} for sequence in sequences))
    return [name for name, groups in FEATURE_GROUPS.items() if shared.issuperset(groups)]


def _check_alike(first: VideoSequence, other: VideoSequence) -> None:
    """Nothing can be learned from columns that mean another thing in each video."""
    for name in first.groups.keys() & other.groups.keys():
        widths = [sequence.groups[name].shape[1] for sequence in (first, other)]
        if widths[0] != widths[1]:
            raise CorpusError(
                f"the {name} features of {first.video.name} have {widths[0]} columns, those of "
                f"{other.video.name} {widths[1]}",
                remedy="Make the features of all videos in the same way.",
            )


_Read = tuple[
    dict[str, NDArray[np.float32]], dict[str, NDArray[np.bool_]], dict[str, NDArray[np.float32]]
]


def _given(video: LabelledVideo) -> _Read:
    """Given features as directions: the root of each, at one length, centred within the video.

    The root makes distances those of Hellinger between histograms; what length a row had, its
    energy, is a column of its own.
    """
    features = given_features(video)
    if not features:
        raise CorpusError(
            f"{video.corpus} brings no features of {video.name}",
            remedy="Make them: emotion-shortform features DIR --out STORE, and name the store.",
        )
    parts: dict[str, list[NDArray[np.float32]]] = {}
    signals = {}
    for name, rows in features.items():
        group = _GIVEN.get(name)
        if group is None:
            raise CorpusError(
                f"nobody knows whether the given features {name!r} are of pictures or of sound",
                path=video.features[name],
                remedy=f"Name them one of {', '.join(_GIVEN)}.",
            )
        rooted = np.sign(rows) * np.sqrt(np.abs(rows))
        rooted *= math.sqrt(rows.shape[1]) / (np.linalg.norm(rooted, axis=1, keepdims=True) + 1e-6)
        energy = np.linalg.norm(rows, axis=1)
        weight = ENERGY_SHARE * math.sqrt(rows.shape[1])
        parts.setdefault(group, []).extend(
            (rooted - rooted.mean(axis=0), weight * _standard(np.log(energy + 1e-3))[:, None])
        )
        signals[f"energy of {name}"] = energy
    groups = {name: np.concatenate(blocks, axis=1) for name, blocks in parts.items()}
    groups[POSITION] = position(video.cells)
    everywhere = {name: np.ones(video.cells, bool) for name in groups}
    return groups, everywhere, signals


ENERGY_SHARE = 0.1
"""Deviation of the energy's column, where that of all other columns together is below 1."""


def _own(video: LabelledVideo, store: FeatureStore, wanted: Sequence[str]) -> _Read:
    _check_length(video, store)
    picture = len(store.columns("visual-features"))
    tracks: dict[str, NDArray[np.float32]] = {
        name: store.cells(video, name)
        for name in ("speech-emotion", "loudness", "spectrum", "motion", "visual-features")
        if name in store.signals and (name != "visual-features" or "picture" in wanted)
    }
    features, columns, known = fusion_features(tracks, video.cells, video.cells, picture, wanted)
    groups = {name: features[:, part] for name, part in columns.items()}
    present = {name: known[:, index] for index, name in enumerate(columns)}
    signals = {
        "loudness": _filled(tracks.get("loudness"), 0, video.cells),
        "visual energy": _filled(tracks.get("motion"), 0, video.cells),
    }
    return groups, present, signals


def _check_each_once(store: FeatureStore, names: Mapping[tuple[str, str], str]) -> None:
    """One video under two names could be learned from and tested."""
    seen: dict[str, str] = {}
    for (_, labelled), name in names.items():
        other = seen.setdefault(store.video(name).fingerprint, labelled)
        if other != labelled:
            raise CorpusError(
                f"{labelled} and {other} are the same video",
                path=store.root,
                remedy="Keep the labels of one of them; several annotators are told apart by the "
                "column annotator.",
            )


def _check_length(video: LabelledVideo, store: FeatureStore) -> None:
    """Labels that end with the last highlight would teach that videos end with highlights."""
    stored = store.video(store.match([video])[video.key])
    labelled = video.step * video.cells
    if abs(labelled - stored.duration) > _ROUNDED_CELLS * max(video.step, stored.step):
        raise CorpusError(
            f"the labels of {video.name} last {float(labelled):g} s, its features "
            f"{float(stored.duration):g} s",
            path=store.root,
            remedy="Put a table of labels beside its videos, or end it with a line of label 0 that "
            "ends with the video.",
        )


_ROUNDED_CELLS = 2
"""Cells that the lengths of labels and features may differ by: containers and people round."""


def position(cells: int) -> NDArray[np.float32]:
    """Where in the video each cell is, ``(T, 2) float32``: how central, and from −1 to 1."""
    return fusion_features({}, cells, cells, 0, (POSITION,))[0]


def _standard(values: NDArray[np.floating]) -> NDArray[np.float32]:
    return ((values - values.mean()) / (values.std() + 1e-3)).astype(np.float32)


def _filled(rows: NDArray[np.float32] | None, column: int, cells: int) -> NDArray[np.float32]:
    """A column with its least value where it is unknown: what is silent is quiet."""
    values = np.zeros(cells, np.float32) if rows is None else rows[:, column].copy()
    known = np.isfinite(values)
    values[~known] = values[known].min() if known.any() else 0.0
    return values
