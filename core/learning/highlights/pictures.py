"""Pictures of a comparison of systems, as PNG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.learning.highlights.measures import THRESHOLDS, Sweep
from core.learning.metrics import Interval
from core.learning.pictures import BAR, BASELINE, INK, canvas, png
from core.places import RESOURCES

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

LINES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#20242c")
"""Colours of lines that stay apart with every kind of colour vision (Okabe and Ito 2008)."""
STYLES = ("-", "--", "-.", ":")
LONGEST_NAME = 52

Points = tuple[NDArray[np.float64], NDArray[np.float64]]

_FONT = RESOURCES / "fonts" / "NanumGothic-Bold.ttf"


@dataclass(frozen=True, eq=False)
class Curves:
    """What one system gives over its thresholds.

    Args:
        label: Its name.
        trivial: It learns nothing.
        sweep: Precision, recall and F1.
        roc: ``(N,) float64`` true positive rates at N equally spaced false positive rates.
    """

    label: str
    trivial: bool
    sweep: Sweep
    roc: NDArray[np.float64]


def intervals(
    found: Mapping[str, tuple[Interval, bool]], best_trivial: float, title: str, *, share: bool
) -> bytes:
    """Values with their intervals, one system below the other; trivial ones are grey.

    Args:
        found: The value, and whether the system is trivial, by its label.
        best_trivial: Where the dashed line stands.
        title: Korean or English.
        share: Show percent.

    Returns:
        PNG.
    """
    figure, axes = canvas(8.6, 1.3 + 0.36 * max(1, len(found)), title)
    scale = 100 if share else 1
    for place, (value, trivial) in enumerate(found.values()):
        colour = BASELINE if trivial else BAR
        known = np.isfinite([value.low, value.high]).all()
        if known:
            ends = [scale * value.low, scale * value.high]
            axes.plot(ends, [place] * 2, color=colour, linewidth=3, solid_capstyle="round")
        axes.plot(scale * value.value, place, "s" if trivial else "o", color=colour, markersize=7)
        right = scale * (value.high if known else value.value)
        axes.annotate(
            f"{scale * value.value:.1f}" if share else f"{value.value:.3f}", (right, place),
            xytext=(7, 0), textcoords="offset points", va="center", color=INK, fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    axes.axvline(scale * best_trivial, color=INK, linewidth=1, linestyle="--", zorder=0)
    axes.set_yticks(
        range(len(found)), [shown(label) for label in found], fontproperties=_font(9),
        parse_math=False,
    )  # fmt: skip
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.set_xlabel(f"{'%, ' if share else ''}95 % interval; dashed: the best trivial row")
    axes.grid(axis="x", color="#e3e6ea", linewidth=0.8)
    axes.set_axisbelow(True)
    return png(figure)


def roc(curves: Sequence[Curves], title: str) -> bytes:
    """True against false positive rates, with the diagonal of chance.

    Returns:
        PNG.
    """

    def points(curve: Curves) -> Points:
        return np.linspace(0, 1, len(curve.roc)), curve.roc

    return _lines(
        curves, title, points, ("false positive rate", "true positive rate"),
        ([0, 1], [0, 1], "chance"),
    )  # fmt: skip


def precision_recall(curves: Sequence[Curves], prevalence: float, title: str) -> bytes:
    """Precision against recall over the thresholds, with the line of the prevalence.

    Returns:
        PNG.
    """

    def points(curve: Curves) -> Points:
        claimed = curve.sweep.recall > 0
        return curve.sweep.recall[claimed], curve.sweep.precision[claimed]

    return _lines(
        curves, title, points, ("recall", "precision"),
        ([0, 1], [prevalence, prevalence], "prevalence"),
    )  # fmt: skip


def f1_over_thresholds(curves: Sequence[Curves], all_positive: float, title: str) -> bytes:
    """F1 over the thresholds, with the line of whoever claims everything.

    Returns:
        PNG.
    """

    def points(curve: Curves) -> Points:
        return THRESHOLDS, curve.sweep.f1

    return _lines(
        curves, title, points, ("threshold", "F1"),
        ([0, 1], [all_positive, all_positive], "everything claimed"),
    )  # fmt: skip


def shown(name: str) -> str:
    """A name as a picture can show it: not too long, and ``?`` for what the font lacks."""
    text = "".join(char if ord(char) in _characters() else "?" for char in name)
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


def _lines(
    curves: Sequence[Curves],
    title: str,
    points: Callable[[Curves], Points],
    names: tuple[str, str],
    chance: tuple[list[float], list[float], str],
) -> bytes:
    figure, axes = canvas(9.2, 5.0, title)
    axes.plot(*chance[:2], color=INK, linewidth=1, linestyle="--", label=chance[2])
    models = 0
    for curve in curves:
        colour, style = BASELINE, "-"
        if not curve.trivial:
            colour, style = LINES[models % len(LINES)], STYLES[models // len(LINES) % len(STYLES)]
            models += 1
        label = f" {shown(curve.label)}"  # a label that begins with _ would be left out
        axes.plot(*points(curve), color=colour, linestyle=style, linewidth=2, label=label)
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel=names[0], ylabel=names[1])
    axes.grid(color="#e3e6ea", linewidth=0.8)
    legend = axes.legend(
        loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, prop=_font(9)
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    return png(figure)


def _font(size: int) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=_FONT, size=size)


@cache
def _characters() -> frozenset[int]:
    from matplotlib.font_manager import get_font

    return frozenset(get_font(_FONT).get_charmap())
