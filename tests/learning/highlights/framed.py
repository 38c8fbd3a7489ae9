"""Made videos whose frames show what was said of them, as a store of features and as AI Hub 616."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.learning.highlights.feature_index import StoredTrack, StoredVideo, write_index
from tests.learning.highlights.made import make_annotation, timeline

BACKBONE = "made-eyes-1"
PLACES, ACTIONS = 3, 4
DIMENSION = 16
CELLS, MOMENTS, MOMENT_SECONDS = 60, 6, 2
_HIGHLIGHT = 12


@dataclass(frozen=True)
class Framed:
    """Folders of a made corpus.

    Args:
        corpus: AI Hub 616.
        store: Features of its videos.
        codes: Place and action of every second by video, ``(T, 2) int64``, from 1.
    """

    corpus: Path
    store: Path
    codes: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)


def look(
    place: int, action: int, random: np.random.Generator, *, highlight: bool = False
) -> NDArray[np.float32]:
    """The features of a frame that shows a place and an action, ``(DIMENSION,)``."""
    row = random.normal(0, 0.5, DIMENSION).astype(np.float32)
    row[place - 1] += 4
    row[PLACES + action - 1] += 4
    row[_HIGHLIGHT] += 2 * highlight
    return row


def make_framed(root: Path, *, videos: int = 30, seed: int = 0, shows: bool = True) -> Framed:
    """Videos of one minute: highlights, places and actions can be seen, emotions cannot.

    Args:
        root: Empty folder.
        videos: How many.
        seed: Of everything.
        shows: Whether highlights can be seen.
    """
    random = np.random.default_rng(seed)
    made: dict[str, NDArray[np.float32]] = {}
    codes: dict[str, NDArray[np.int64]] = {}
    for number in range(videos):
        name = f"영상 {number:02}"
        begins = np.sort(random.permutation(CELLS // MOMENT_SECONDS)[:MOMENTS]) * MOMENT_SECONDS
        own = np.stack(
            (random.integers(1, PLACES + 1, CELLS), random.integers(1, ACTIONS + 1, CELLS)), axis=1
        )
        bright = np.zeros(CELLS, bool)
        for begin in begins:
            own[begin : begin + MOMENT_SECONDS] = own[begin]
            bright[begin : begin + MOMENT_SECONDS] = shows
        made[name] = np.stack(
            [look(*pair, random, highlight=on) for pair, on in zip(own, bright, strict=True)]
        )
        codes[name] = own
        describe(root / "corpus", name, begins.tolist(), own, random)
    put_features(root / "store", made)
    return Framed(root / "corpus", root / "store", codes)


def describe(
    corpus: Path,
    name: str,
    begins: Sequence[int],
    codes: NDArray[np.int64],
    random: np.random.Generator,
) -> None:
    """Writes what an annotator says of moments: emotions by chance, the relationship mostly 1."""
    timelines = [
        timeline(
            number,
            begin,
            begin + MOMENT_SECONDS - 1,
            place=int(codes[begin, 0]),
            action=int(codes[begin, 1]),
            emotion=int(random.integers(1, 8)),
            relationship=1 + int(random.random() < 0.1),
        )
        for number, begin in enumerate(begins)
    ]
    make_annotation(corpus, name, "kim", length=float(len(codes)), timelines=timelines)


def put_features(
    root: Path, videos: Mapping[str, NDArray[np.floating]], *, version: str = BACKBONE
) -> Path:
    """Writes a store with the visual features of videos, ``(T, F)`` of seconds by name."""
    listed = {}
    for name, rows in videos.items():
        folder = Path("tracks", name, "visual-features")
        (root / folder).mkdir(parents=True)
        np.save(root / folder / "track.npy", rows.astype(np.float16))
        track = StoredTrack(version, (), rows.shape[1:], "float16", folder.as_posix())
        seconds = Fraction(len(rows))
        listed[name] = StoredVideo(
            name, f"{name}.mp4", "f" * 32, seconds, len(rows), Fraction(1),
            {"visual-features": track},
        )  # fmt: skip
    write_index(root, listed, [])
    return root
