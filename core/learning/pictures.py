"""Pictures of the reports, as PNG: how a corpus is balanced, and what a network confuses."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.places import RESOURCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RESOLUTION = 144
"""Dots per inch."""
COLOURS = "cividis"
"""Colour map that looks alike with every kind of colour vision (Nuñez et al. 2018)."""
BAR, BASELINE, INK = "#2f6f9f", "#8a8f98", "#20242c"
MANY_POINTS = 1500
"""From here on points hide each other, and their density is shown instead."""

_FONT = RESOURCES / "fonts" / "NanumGothic-Bold.ttf"


def class_balance(counts: Mapping[str, int], title: str) -> bytes:
    """Bars of how many utterances each category has, with its count and share.

    Args:
        counts: Utterances by category, drawn from the top in this order.
        title: Korean or English.

    Returns:
        PNG.
    """
    figure, axes = canvas(7.0, 1.4 + 0.42 * max(1, len(counts)), title)
    names, values = list(counts), list(counts.values())
    colours = [BASELINE if name == "neutral" else BAR for name in names]
    axes.barh(range(len(names)), values, color=colours)
    total, most = max(1, sum(values)), max([1, *values])
    for place, value in enumerate(values):
        axes.text(value + most / 80, place, f"{value} ({value / total:.1%})", va="center")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, most * 1.22)
    axes.set_xlabel("utterances")
    return png(figure)


def arousal_valence(
    arousal: NDArray[np.float64], valence: NDArray[np.float64], title: str
) -> bytes:
    """Where the utterances lie on the plane of arousal and valence.

    Points, with larger ones where utterances share a place; a density where they are many.

    Args:
        arousal: (N,) float64, -1 to 1.
        valence: (N,) float64, -1 to 1.
        title: Korean or English.

    Returns:
        PNG.
    """
    figure, axes = canvas(6.2, 5.6, title)
    places = np.column_stack([valence, arousal])
    distinct, shared = np.unique(places, axis=0, return_counts=True)
    if len(distinct) > MANY_POINTS:
        cells = axes.hexbin(
            valence, arousal, gridsize=32, cmap=COLOURS, mincnt=1, bins="log",
            extent=(-1, 1, -1, 1),
        )  # fmt: skip
        figure.colorbar(cells, ax=axes, label="utterances")
    else:
        area = 18 + 900 * shared / len(valence)
        axes.scatter(distinct[:, 0], distinct[:, 1], s=area, color=BAR, alpha=0.55, linewidths=0)
    axes.axhline(0, color=BASELINE, linewidth=0.8)
    axes.axvline(0, color=BASELINE, linewidth=0.8)
    axes.set(xlim=(-1.08, 1.08), ylim=(-1.08, 1.08), aspect="equal")
    axes.set_xlabel("valence (unpleasant to pleasant)")
    axes.set_ylabel("arousal (quiet to excited)")
    return png(figure)


def confusion(matrix: NDArray[np.int64], labels: Sequence[str], title: str) -> bytes:
    """What was heard as what: each row is a true class, its colour the share of the row.

    Every cell has its count; those of the diagonal have the recall too.

    Args:
        matrix: (K, K) int64, rows the truth and columns the claim.
        labels: K names.
        title: Korean or English.

    Returns:
        PNG.

    Raises:
        ValueError: The matrix has not a row and a column for each label.
    """
    if matrix.shape != (len(labels), len(labels)):
        raise ValueError(f"{matrix.shape} counts cannot be named by {len(labels)} labels")
    side = 2.4 + 0.78 * len(labels)
    figure, axes = canvas(side + 0.9, side, title)
    shares = matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))
    image = axes.imshow(shares, cmap=COLOURS, vmin=0.0, vmax=1.0)
    for (truth, claim), count in np.ndenumerate(matrix):
        recall = f"\n{shares[truth, claim]:.0%}" if truth == claim and matrix[truth].any() else ""
        axes.text(
            claim, truth, f"{count}{recall}", ha="center", va="center",
            color="white" if shares[truth, claim] < 0.55 else INK,
            fontweight="bold" if truth == claim else "normal",
        )  # fmt: skip
    axes.set_xticks(range(len(labels)), labels, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("claimed")
    axes.set_ylabel("true")
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, label="share of the true class")
    bar.ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    return png(figure)


def canvas(width: float, height: float, title: str) -> tuple[Figure, Axes]:
    """A figure of these inches with one pair of axes, whose title may be Korean."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    figure = Figure(figsize=(width, height), dpi=RESOLUTION, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, fontproperties=FontProperties(fname=_FONT, size=11), color=INK)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def png(figure: Figure) -> bytes:
    """The figure as PNG, the same bytes each time."""
    data = io.BytesIO()
    figure.savefig(data, format="png", metadata={"Software": None})
    return data.getvalue()
