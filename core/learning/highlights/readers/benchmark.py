"""TVSum and YouTube Highlights as they are passed around: features by clip, and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import CorpusError
from core.learning.corpora.tables import Report, refuse
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers.given import given_shape
from core.learning.highlights.readers.sources import collect, load_object

TVSUM, YOUTUBE = "tvsum", "youtube-highlights"
STEPS: Mapping[str, Fraction] = {TVSUM: Fraction(2), YOUTUBE: Fraction(50, 30)}
"""Seconds from clip to clip.

Those of TVSum last 2 s. Those of YouTube Highlights are 100 frames long and begin 50 frames after
one another (``clip.json`` of Sun et al.), so that neighbours share half of their frames. The layout
does not tell the frame rate; 30 per second is usual there.
"""
FEATURES: Mapping[str, str] = {
    "rgb": "video_features/{}_rgb.npy",
    "flow": "video_features/{}_opt.npy",
    "audio": "audio_features/{}.npy",
}
"""Where the features of a video are."""

_PARTS = {"train": "train", "val": "test", "test": "test"}


def recognises(path: Path) -> bool:
    """Whether the folder has labels and features of pictures."""
    return (path / "labels.json").is_file() and (path / "video_features").is_dir()


def read_benchmark(path: Path, report: Report = refuse) -> list[LabelledVideo]:
    """TVSum (Song et al. 2015) or YouTube Highlights (Sun et al. 2014), with features by clip.

    ``labels.json`` gives the domain of each video and a label for each of its clips. In TVSum
    that is a list of grades from 1 to 5, one by each annotator. In YouTube Highlights it is 1 for
    a clip that its maker has used in an edited video, -1 for one that was not used and 0 for
    what lies between: 1, 0 and ½ here, so that only a clip that was used is positive.
    ``splits.json`` gives the published split by domain; its ``val`` is what others test on.

    Args:
        path: Holds ``labels.json``, ``splits.json``, ``video_features`` and ``audio_features``.
        report: Takes the problems of single videos, which are then left out.

    Raises:
        CorpusError: The folder does not hold such a benchmark.
    """
    if not recognises(path):
        raise CorpusError(
            "there is no benchmark of highlights", path=path,
            remedy="Give the folder that holds labels.json and video_features.",
        )  # fmt: skip
    table = path / "labels.json"
    labels = load_object(table)
    if not labels:
        raise CorpusError("there are no labels", path=table)
    graded = any(
        isinstance(clip, list)
        for entry in labels.values()
        if isinstance(entry, dict) and isinstance(entry.get("labels"), list)
        for clip in entry["labels"][:1]
    )
    benchmark = _Benchmark(path, TVSUM if graded else YOUTUBE, _splits(path / "splits.json"))
    return collect(sorted(labels.items()), lambda item: benchmark.video(*item), report)


@dataclass(frozen=True)
class _Benchmark:
    """What the videos of a benchmark have in common."""

    path: Path
    corpus: str
    splits: Mapping[str, set[str]]

    def video(self, name: str, entry: Any) -> LabelledVideo:
        """One entry of the labels."""
        if not isinstance(entry, dict) or not isinstance(entry.get("labels"), list):
            raise CorpusError(f"{name} has no list of labels", path=self.path / "labels.json")
        ratings = self._ratings(name, entry["labels"])
        parts = self.splits.get(name, set())
        if len(parts) > 1:
            raise CorpusError(
                f"{name} stands on both sides of the split", path=self.path / "splits.json"
            )
        features = {kind: self.path / place.format(name) for kind, place in FEATURES.items()}
        for kind, file in features.items():
            shape = given_shape(file)
            if len(shape) != 2 or shape[0] != len(ratings):
                raise CorpusError(
                    f"{name} has {len(ratings)} labels, but its {kind} features are of "
                    f"shape {shape}",
                    path=file,
                )
        return LabelledVideo(
            corpus=self.corpus,
            name=name,
            domain=str(entry.get("domain") or self.corpus),
            group=name,
            step=STEPS[self.corpus],
            ratings=ratings,
            annotators=tuple(str(number + 1) for number in range(ratings.shape[1])),
            graded=self.corpus == TVSUM,
            features=features,
            split=next(iter(parts), ""),
        )

    def _ratings(self, name: str, labels: list[Any]) -> NDArray[np.float32]:
        """0…1 by clip and annotator."""
        try:
            values = np.array(labels, np.float32)
        except (TypeError, ValueError):
            values = np.empty(0, np.float32)
        if self.corpus == TVSUM:
            fitting = values.ndim == 2 and values.size and ((values >= 1) & (values <= 5)).all()
            meant, scaled = "equally many grades from 1 to 5 by clip", (values - 1) / 4
        else:
            fitting = values.ndim == 1 and values.size and np.isin(values, (-1, 0, 1)).all()
            meant, scaled = "-1, 0 or 1", (values[:, None] + 1) / 2
        if not fitting:
            raise CorpusError(
                f"the labels of {name} are not {meant}", path=self.path / "labels.json"
            )
        return scaled.astype(np.float32)


def _splits(file: Path) -> dict[str, set[str]]:
    """The parts of the published split that each video is in."""
    if not file.exists():
        return {}
    result: dict[str, set[str]] = {}
    for domain, parts in load_object(file).items():
        if not isinstance(parts, dict) or not parts.keys() <= _PARTS.keys():
            raise CorpusError(
                f"the split of {domain} does not consist of train and val", path=file
            )  # fmt: skip
        for part, names in parts.items():
            for name in names:
                result.setdefault(str(name), set()).add(_PARTS[part])
    return result
