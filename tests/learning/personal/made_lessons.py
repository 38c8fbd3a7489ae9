"""Made corrections of editors whose taste is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.learning.personal.lessons import Lesson

WIDTHS: Mapping[str, int] = {"emotion": 9, "sound": 7, "picture": 40, "position": 2}


def made_lesson(
    number: int,
    *,
    liked: tuple[str, int] = ("emotion", 3),
    sign: float = 1.0,
    cells: int = 40,
    known: float = 1.0,
    base: NDArray[np.float32] | None = None,
    **changes: Any,
) -> Lesson:
    """A video whose editor keeps the third of the cells with the most of one column.

    Args:
        number: Of the video.
        liked: Group and column.
        sign: -1 for an editor who keeps those with the least.
        cells: Of the video.
        known: Share of the cells that were decided.
        base: The shipped curve; by default it knows nothing.
        changes: In place of other values of the lesson.
    """
    random = np.random.default_rng(number)
    groups = {
        name: random.normal(0, 1, (cells, width)).astype(np.float32)
        for name, width in WIDTHS.items()
    }
    told = sign * groups[liked[0]][:, liked[1]]
    wanted = (told >= np.quantile(told, 2 / 3)).astype(np.float32)
    wanted[random.random(cells) >= known] = np.nan
    values: dict[str, Any] = {
        "video": f"video-{number:03}",
        "groups": groups,
        "present": {name: np.ones(cells, bool) for name in groups},
        "base": random.uniform(0.2, 0.8, cells).astype(np.float32) if base is None else base,
        "wanted": wanted,
        "weight": np.ones(cells, np.float32),
    }
    return Lesson(**{**values, **changes})
