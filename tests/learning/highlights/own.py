"""Made corpora with features of our own signals, in which it is known what tells a highlight."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.learning.highlights.feature_index import StoredTrack, StoredVideo, write_index
from core.learning.highlights.feature_store import FeatureStore
from core.learning.highlights.fusion_plan import LabelledStore
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers import read_highlight_table
from core.learning.highlights.sequences import VideoSequence, position
from core.signals.loudness import Loudness
from core.signals.motion import Motion
from core.signals.spectrum import Spectrum

EYES, PICTURE = "made-eyes-1", 4
CELLS = 40
FLUX = 5
"""Column of the spectrum that tells the highlights, and that the transparent baseline ignores."""

_SHAPES = {
    "speech-emotion": ("made-ears-1", 10),
    "loudness": (Loudness.version, 4),
    "spectrum": (Spectrum.version, 6),
    "motion": (Motion.version, 4),
    "visual-features": (EYES, PICTURE),
}


def kept_cells(random: np.random.Generator, cells: int = CELLS) -> NDArray[np.bool_]:
    """Four highlights of two cells, anywhere."""
    kept = np.zeros(cells, bool)
    for begin in random.permutation(cells // 2)[:4]:
        kept[2 * begin : 2 * begin + 2] = True
    return kept


def own_tracks(
    kept: NDArray[np.bool_], random: np.random.Generator, *, strength: float = 4.0
) -> dict[str, NDArray[np.float32]]:
    """Noise, but for the flux of the spectrum, which is higher in highlights."""
    tracks = {
        name: random.normal(0, 1, (len(kept), width)).astype(np.float32)
        for name, (_, width) in _SHAPES.items()
    }
    tracks["spectrum"][:, FLUX] += strength * kept
    return tracks


def put_own(
    root: Path,
    videos: Mapping[str, Mapping[str, NDArray[np.float32]]],
    *,
    step: Fraction = Fraction(1),
    versions: Mapping[str, str] | None = None,
) -> FeatureStore:
    """Writes a store with the tracks of videos, each of other content.

    Args:
        root: Empty folder.
        videos: Tracks by name of the signal, by video.
        step: Seconds per cell.
        versions: Of signals, in place of those in use.
    """
    listed = {}
    for name, tracks in videos.items():
        stored = {}
        for signal, rows in tracks.items():
            folder = Path("tracks", name, signal)
            (root / folder).mkdir(parents=True)
            np.save(root / folder / "track.npy", rows)
            version = (versions or {}).get(signal, _SHAPES[signal][0])
            stored[signal] = StoredTrack(
                version, (), rows.shape[1:], rows.dtype.name, folder.as_posix()
            )
        cells = len(next(iter(tracks.values())))
        content = f"{root.name} {name}".encode().hex()
        listed[name] = StoredVideo(
            name, f"{name}.mp4", content, cells * step, cells, step, stored
        )  # fmt: skip
    write_index(root, listed, [])
    return FeatureStore(root)


def write_labels(
    table: Path,
    kept: Mapping[str, NDArray[np.bool_]],
    *,
    groups: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
) -> Path:
    """A table of own labels that lasts as long as the videos."""
    table.parent.mkdir(parents=True, exist_ok=True)
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("video", "start", "end", "label", "group"))
        for name in order or kept:
            group = (groups or {}).get(name, "")
            writer.writerow((f"{name}.mp4", 0, len(kept[name]), 0, group))
            for cell in np.flatnonzero(kept[name]).tolist():
                writer.writerow((f"{name}.mp4", cell, cell + 1, 1, group))
    return table


def make_own(
    root: Path,
    name: str,
    *,
    videos: int = 12,
    seed: int = 0,
    strength: float = 4.0,
    groups: Mapping[str, str] | None = None,
    **options: object,
) -> LabelledStore:
    """Labels at ``root/name.csv`` and features at ``root/name``, of videos ``name-00`` and on."""
    random = np.random.default_rng(seed)
    kept = {f"{name}-{number:02}": kept_cells(random) for number in range(videos)}
    tracks = {key: own_tracks(cells, random, strength=strength) for key, cells in kept.items()}
    store = put_own(root / name, tracks, **options)  # type: ignore[arg-type]
    table = write_labels(root / f"{name}.csv", kept, groups=groups)
    return LabelledStore(name, read_highlight_table(table), store)


def labelled(
    name: str,
    relevance: Sequence[float] | NDArray[np.floating],
    *,
    domain: str = "dog",
    group: str = "",
    split: str = "",
    corpus: str = "made",
) -> LabelledVideo:
    """A video that one annotator labelled."""
    ratings = np.asarray(relevance, np.float32)[:, None]
    return LabelledVideo(
        corpus, name, domain, group or name, Fraction(1), ratings, ("ann",), split=split
    )  # fmt: skip


def sequence(
    video: LabelledVideo, present: Mapping[str, bool] | None = None, **groups: NDArray[np.floating]
) -> VideoSequence:
    """A video as a model sees it, by the rows of its groups."""
    rows = {name: np.asarray(values, np.float32) for name, values in groups.items()}
    rows.setdefault("position", position(video.cells))
    there = {name: np.full(video.cells, (present or {}).get(name, True)) for name in rows}
    return VideoSequence(video, rows, there, video.relevance(), {})
