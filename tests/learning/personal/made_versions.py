"""Made versions and made lessons, in which it is known what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.learning.personal.lessons import Lesson
from core.learning.personal.profiles import Profile
from core.learning.personal.trial import Measure, Trial, Verdict
from core.learning.personal.version_files import write_version
from core.learning.personal.versions import TASTE, Learnt, Version
from core.networks.weights import save_weights

CELLS = 120
COLUMNS = {"emotion": 9, "sound": 7, "picture": 6, "position": 2}
LOUD = 0
"""Column of the sound that a made editor may want."""


def make_version(
    profile: Profile,
    *,
    value: float = 1.0,
    part: str = TASTE,
    videos: Mapping[str, int] | None = None,
) -> Version:
    """Puts a version with weights of one number into a profile."""
    import torch

    number, place = profile.next_place()
    folder = profile.work / "made"
    save_weights(folder / part, {"a": torch.tensor([value])}, {"contract": {}})
    trial = Trial(
        (Measure("pairs", 0.5, 0.625, -0.0625, 0.25, 4),), Verdict.ADOPTED, "Better on 4 videos."
    )
    made = datetime(2026, 3, 1, 12, tzinfo=UTC)
    learnt = (Learnt("loud", 0.5), Learnt("beginning", -0.25))
    return write_version(
        Version(number, folder, made, 3, videos or {"abc": 4}, trial, learnt, "state"),
        place,
        origin={},
    )


def weights_of(version: Version) -> dict[str, bytes]:
    """The bytes of all files with weights, by their names."""
    return {
        str(path.relative_to(version.folder)): path.read_bytes()
        for path in sorted(version.folder.rglob("*.safetensors"))
    }


def made_lesson(
    name: str,
    random: np.random.Generator,
    *,
    likes: float = 0.0,
    knows: float = 0.5,
    moments: int = 8,
    noise: float = 0.3,
) -> tuple[Lesson, Lesson]:
    """A video of which some moments are decided, and the same one wholly decided.

    What is wanted is partly what the shipped curve knows, and partly what is loud.

    Args:
        name: Of the video.
        random: Draws everything.
        likes: How much the editor wants loud moments.
        knows: How much he wants what the shipped curve knows; with 0 for both he decides by lot.
        moments: That are decided, of six cells each.
        noise: Of his decisions.
    """
    groups = {name: _smooth(random.normal(size=(CELLS, width))) for name, width in COLUMNS.items()}
    quality = _smooth(random.normal(size=(CELLS, 1)))[:, 0]
    base = 1 / (1 + np.exp(-quality - 0.7 * random.normal(size=CELLS)))
    true = knows * quality + likes * groups["sound"][:, LOUD]
    begins = 6 * random.choice(CELLS // 6, moments, replace=False)
    felt = np.array([true[begin : begin + 6].mean() for begin in begins])
    felt += noise * random.normal(size=moments)
    wanted = np.full(CELLS, np.nan, np.float32)
    for begin, kept in zip(begins, felt > np.median(felt), strict=True):
        wanted[begin : begin + 6] = kept
    present = {name: np.ones(CELLS, bool) for name in groups}
    whole = (true > np.quantile(true, 0.8)).astype(np.float32)
    curve = base.astype(np.float32)
    ones = np.ones(CELLS, np.float32)
    decided = np.isfinite(wanted).astype(np.float32)
    return (
        Lesson(name, groups, present, curve, wanted, decided),
        Lesson(name, groups, present, curve, whole, ones),
    )


def _smooth(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    around = rows + np.roll(rows, 1, axis=0) + np.roll(rows, -1, axis=0)
    return np.asarray(around / around.std(axis=0), np.float32)


def folder_bytes(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
