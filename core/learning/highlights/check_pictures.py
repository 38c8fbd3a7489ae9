"""Pictures of a corpus of highlights, as PNG: where they lie, how long they are, who agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.learning.pictures import BAR, BASELINE, INK, canvas, png

MEASURES: Mapping[str, str] = {
    "kappa": "Cohen's kappa",
    "f1": "F1 of positives",
    "spearman": "Spearman's rho",
}
"""Measures of agreement as they are named in the picture."""


def positions(shares: Sequence[float | None], prevalence: float, title: str) -> bytes:
    """How much of each part of the videos is highlighted, beside the overall share.

    Args:
        shares: 0 to 1 by part, in order of time; None where there are no labels.
        prevalence: The overall share.
        title: Korean or English.

    Returns:
        PNG.
    """
    figure, axes = canvas(7.0, 3.8, title)
    known = [share or 0.0 for share in shares]
    edges = np.arange(len(shares)) / len(shares)
    axes.bar(edges, known, width=0.94 / len(shares), align="edge", color=BAR)
    top = max([*known, prevalence, 0.01]) * 1.25
    for edge, share in zip(edges, shares, strict=True):
        text = "no labels" if share is None else f"{share:.0%}"
        axes.text(
            edge + 0.47 / len(shares), (share or 0.0) + top / 60, text, ha="center", zorder=3,
            bbox={"facecolor": "white", "linewidth": 0, "pad": 1},
        )  # fmt: skip
    axes.axhline(prevalence, color=INK, linewidth=1, linestyle="--", zorder=2)
    axes.annotate(
        f"overall {prevalence:.1%}", (1.0, prevalence), (4, 0), textcoords="offset points",
        va="center", color=INK, annotation_clip=False,
    )  # fmt: skip
    axes.set(xlim=(0, 1), ylim=(0, top), xlabel="place in the video (0 begin, 1 end)")
    axes.set_ylabel("highlighted")
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    return png(figure)


def lengths(counts: Mapping[str, int], title: str) -> bytes:
    """Bars of how many highlights are how long, with their counts and shares.

    Args:
        counts: Highlights by length, drawn from the left in this order.
        title: Korean or English.

    Returns:
        PNG.
    """
    figure, axes = canvas(7.0, 3.8, title)
    values = list(counts.values())
    total, most = max(1, sum(values)), max([1, *values])
    axes.bar(range(len(values)), values, width=0.9, color=BAR)
    for place, value in enumerate(values):
        axes.text(place, value + most / 80, f"{value}\n({value / total:.1%})", ha="center")
    axes.set_xticks(range(len(values)), list(counts))
    axes.set(ylim=(0, most * 1.25), xlabel="length of a highlight", ylabel="highlights")
    return png(figure)


def agreements(measured: Mapping[str, Sequence[float]], title: str) -> bytes:
    """How far the annotators of each video agree: a point per video, and the mean.

    Args:
        measured: Values by video of some of :data:`MEASURES`, -1 to 1; those without any are left
            out.
        title: Korean or English.

    Returns:
        PNG.
    """
    shown = {name: np.sort(values) for name, values in measured.items() if values}
    figure, axes = canvas(7.0, 1.5 + 0.8 * max(1, len(shown)), title)
    lowest = min([0.0, *(float(values[0]) for values in shown.values())])
    for row, values in enumerate(shown.values()):
        # Points of equal values would hide each other on one line.
        spread = (np.arange(len(values)) * 0.618) % 1 - 0.5
        axes.scatter(values, row + 0.4 * spread, s=18, color=BAR, alpha=0.5, linewidths=0)
        mean = float(values.mean())
        axes.plot([mean, mean], [row - 0.34, row + 0.34], color=INK, linewidth=2)
        axes.annotate(
            f"mean {mean:.2f} (videos: {len(values)})", (1.0, row), (6, 0),
            textcoords="offset points", va="center", annotation_clip=False,
        )  # fmt: skip
    axes.axvline(0, color=BASELINE, linewidth=0.8)
    axes.set_yticks(range(len(shown)), [MEASURES[name] for name in shown])
    axes.set(xlim=(lowest - 0.03, 1.0), ylim=(len(shown) - 0.5, -0.5))
    axes.set_xlabel("agreement (0 none beyond chance, except F1; 1 all)")
    return png(figure)
