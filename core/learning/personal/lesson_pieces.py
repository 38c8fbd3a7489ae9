"""A corrected video as a fusion network reads it: in pieces, with what the network says already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.personal.lessons import Lesson

if TYPE_CHECKING:
    import torch

    from core.networks.fusion import FusionNetwork
    from core.networks.fusion_design import FusionDesign

PIECE, CONTEXT = 120, 20
"""Cells of a video that are learned from at a time, and those read on either side of them."""
PIECES = 8
"""The most pieces of a video in one step."""


def asked(lesson: Lesson, groups: Sequence[str]) -> NDArray[np.bool_]:
    """``(T,)``: the cells in which the curve goes by the network; see :mod:`core.analysis.fusion`.

    Args:
        lesson: One video.
        groups: That the network looks at.
    """
    there = {name: lesson.present[name] for name in groups if name in lesson.present}
    if "emotion" in groups:
        return there.get("emotion", np.zeros(lesson.cells, bool))
    told = any(rows.any() for name, rows in there.items() if name != "position")
    return np.full(lesson.cells, told)


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of a video with its context, ``n`` cells.

    Attributes:
        video: Number of its lesson.
        features: ``(n, F) float32``, the network's input.
        present: ``(n, G) bool``, whether a group is known.
        shipped: ``(n,) float32``, logits of the network before it is tuned.
        base: ``(n,) float32`` in 0…1, the whole curve.
        wanted: ``(n,) float32`` in 0…1, 0 where no wish is known.
        weight: ``(n,) float32``, how much a wish counts, 0 where none is known.
        asked: ``(n,) bool``: the curve goes by the network there.
        inner: ``(n,) bool``: not context, and so learned from.
    """

    video: int
    features: torch.Tensor
    present: torch.Tensor
    shipped: torch.Tensor
    base: torch.Tensor
    wanted: torch.Tensor
    weight: torch.Tensor
    asked: torch.Tensor
    inner: torch.Tensor


class PiecedLesson:
    """One lesson in pieces.

    Args:
        number: Of the lesson.
        lesson: One video; groups that the network does not look at are ignored, those that the
            video does not have are not present.
        network: Before it is tuned, in evaluation mode.

    Raises:
        UsageError: A group has other columns than the network.
    """

    def __init__(self, number: int, lesson: Lesson, network: FusionNetwork) -> None:
        import torch

        features, present = _inputs(lesson, network.design)
        rows = {
            "base": lesson.base,
            "wanted": np.nan_to_num(lesson.wanted),
            "weight": np.where(lesson.known, lesson.weight, 0.0).astype(np.float32),
            "asked": asked(lesson, tuple(network.design.columns)),
        }
        self._told: list[Piece] = []
        self._untold: list[Piece] = []
        for begin in range(0, lesson.cells, PIECE):
            first, last = max(0, begin - CONTEXT), min(lesson.cells, begin + PIECE + CONTEXT)
            cells = slice(first, last)
            place = np.arange(first, last)
            with torch.inference_mode():
                shipped = network(
                    features[None, cells], torch.tensor([last - first]), present[None, cells]
                ).logits[0]
            part = Piece(
                video=number,
                features=features[cells],
                present=present[cells],
                shipped=shipped.clone(),
                inner=torch.from_numpy((place >= begin) & (place < begin + PIECE)),
                **{name: torch.from_numpy(values[cells]) for name, values in rows.items()},
            )
            told = bool((part.weight[part.inner] > 0).any())
            (self._told if told else self._untold).append(part)

    def drawn(self, random: np.random.Generator) -> list[Piece]:
        """Some pieces: those with wishes first, and one without."""
        told = [self._told[index] for index in random.permutation(len(self._told))[: PIECES - 1]]
        other = [self._untold[index] for index in random.permutation(len(self._untold))[:1]]
        return told + other


def _inputs(lesson: Lesson, design: FusionDesign) -> tuple[torch.Tensor, torch.Tensor]:
    """The network's columns; groups that the video does not have are not present."""
    import torch

    features, present = [], []
    for name, width in design.columns.items():
        rows = lesson.groups.get(name, np.zeros((lesson.cells, width), np.float32))
        if rows.shape[1] != width:
            raise UsageError(
                f"the {name} features of the video {lesson.video} have {rows.shape[1]} columns, "
                f"the network {width}",
                remedy="Analyse the video again.",
            )
        features.append(rows)
        present.append(lesson.present.get(name, np.zeros(lesson.cells, bool)))
    return (
        torch.from_numpy(np.concatenate(features, axis=1)),
        torch.from_numpy(np.stack(present, axis=1)),
    )
