"""What trained frame heads say of an analysed video: words for its stretches, scores of its cells.

Both read the track of the visual features, so that a video that was analysed once is not looked at
again. The heads were trained on the features of one backbone and refuse those of another.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.errors import ModelError, UsageError
from core.networks.vision import EmbeddedBackbone
from core.signals.visual_features import VisualFeatures
from core.time import Span

if TYPE_CHECKING:
    from core.networks.frame_heads import FrameNetwork

CONFIDENCE = 0.5
"""Probability that a word needs, if nothing else is asked for."""

_BLOCK = 4096
"""Cells that are fed at once."""


@dataclass(frozen=True)
class Tag:
    """A word for a stretch of video.

    Attributes:
        head: ``place``, ``action``, ``emotion`` or ``relationship``.
        label: Name of the class, its number where it has no name.
        probability: Mean over the cells of the stretch, 0…1.
    """

    head: str
    label: str
    probability: float

    @property
    def text(self) -> str:
        """For people: ``place kitchen``."""
        return f"{self.head} {self.label}"


class Tagger:
    """Finds words for stretches of video.

    Args:
        folder: Weights of a frame tagger.
        backbone: Version of the network whose features the analyses hold.
        dimension: Of these features, if it is known already.
        confidence: Probability that a word needs.

    Raises:
        ModelError: The weights are damaged, or were trained on the features of another backbone.
        UsageError: The confidence is no probability.

    Attributes:
        useful: Heads whose words are used: those that beat their majority class on videos that
            they never saw, as the card of the weights says.
        useless: The other heads.
    """

    def __init__(
        self,
        folder: Path,
        backbone: str = EmbeddedBackbone.version,
        dimension: int | None = None,
        *,
        confidence: float = CONFIDENCE,
    ) -> None:
        from core.networks.frame_heads import HEADS
        from core.networks.frame_weights import load_tagger

        if not 0.0 < confidence <= 1.0:
            raise UsageError(
                f"a confidence of {confidence:g} is not possible", remedy="Choose 0 to 1."
            )
        loaded = load_tagger(folder, backbone, dimension)
        self._folder = folder
        self._network = loaded.network
        self._labels = loaded.labels
        self._confidence = confidence
        self.useful = loaded.useful
        self.useless = tuple(name for name in HEADS if name not in loaded.useful)

    def tags(self, analysis: Analysis, span: Span) -> tuple[Tag, ...]:
        """The words of a stretch, by head, the surest of each first.

        Args:
            analysis: With visual features, as far as they have come.
            span: The stretch.

        Returns:
            Those whose probability, the mean over the cells of the stretch, reaches the
            confidence; none where nothing is known of it yet.

        Raises:
            ModelError: The features have another dimension than those of the training.
        """
        rows = _features(analysis, self._network, self._folder)
        return self._told(rows[analysis.grid.cells(span, analysis.cells)])

    def cell_tags(self, analysis: Analysis) -> list[tuple[Tag, ...]]:
        """The words of every cell of the video; none for cells that are not known yet.

        Raises:
            ModelError: The features have another dimension than those of the training.
        """
        rows = _features(analysis, self._network, self._folder)
        return [self._told(rows[cell : cell + 1]) for cell in range(analysis.cells)]

    def _told(self, rows: NDArray[np.float32]) -> tuple[Tag, ...]:
        known = rows[np.isfinite(rows).all(axis=1)]
        if not len(known) or not self.useful:
            return ()
        import torch

        with torch.inference_mode():
            logits = self._network(torch.from_numpy(known))
            means = {
                head: torch.softmax(logits[head], dim=1).mean(dim=0).tolist()
                for head in self.useful
            }
        found: list[Tag] = []
        for head, shares in means.items():
            own = [
                Tag(head, label, share)
                for label, share in zip(self._labels[head], shares, strict=True)
                if share >= self._confidence
            ]
            found += sorted(own, key=lambda tag: -tag.probability)
        return tuple(found)


@dataclass(frozen=True)
class TaggedAnalysis(Analysis):
    """An analysis that has words for its stretches; cuts that it describes carry them.

    Attributes:
        tagger: Finds the words.
    """

    tagger: Tagger | None = None

    def tags(self, span: Span) -> tuple[Tag, ...]:
        """The words of a stretch, by head, the surest of each first."""
        return () if self.tagger is None else self.tagger.tags(self, span)

    def cell_tags(self) -> list[tuple[Tag, ...]]:
        """The words of every cell, none for cells that are not known yet."""
        if self.tagger is None:
            return [()] * self.cells
        return self.tagger.cell_tags(self)


def tagged(analysis: Analysis, tagger: Tagger) -> TaggedAnalysis:
    """The same analysis with words for its stretches, and a notice of heads that are not used."""
    held = {field.name: getattr(analysis, field.name) for field in fields(Analysis)}
    result = TaggedAnalysis(**held, tagger=tagger)
    if not tagger.useless:
        return result
    names = ", ".join(tagger.useless)
    notice = f"No words for {names}: these heads did not beat their majority class."
    return replace(result, notices=(*analysis.notices, notice))


class FrameScores:
    """Scores the cells of analysed videos with a trained frame scorer.

    Args:
        folder: Weights of a frame scorer.
        backbone: Version of the network whose features the analyses hold.
        dimension: Of these features, if it is known already.

    Raises:
        ModelError: The weights are damaged, or were trained on the features of another backbone.

    Attributes:
        threshold: Probability that a highlight needs, chosen on validation videos.
        beats_trivial: It ranked the cells of videos that it never saw better than the trivial
            rows beside it.
    """

    def __init__(
        self,
        folder: Path,
        backbone: str = EmbeddedBackbone.version,
        dimension: int | None = None,
    ) -> None:
        from core.networks.frame_weights import load_scorer

        loaded = load_scorer(folder, backbone, dimension)
        self._folder = folder
        self._network = loaded.network
        self.threshold = loaded.threshold
        self.beats_trivial = loaded.card.get("beats_trivial") is True

    def of(self, analysis: Analysis) -> NDArray[np.float32]:
        """The probability of each cell, ``(cells,) float32``, NaN where it is not known yet.

        Raises:
            ModelError: The features have another dimension than those of the training.
        """
        import torch

        rows = _features(analysis, self._network, self._folder)
        scores = np.full(analysis.cells, np.nan, np.float32)
        known = np.flatnonzero(np.isfinite(rows).all(axis=1))
        with torch.inference_mode():
            for begin in range(0, len(known), _BLOCK):
                cells = known[begin : begin + _BLOCK]
                scores[cells] = torch.sigmoid(self._network(torch.from_numpy(rows[cells]))).numpy()
        return scores


def score_frames(
    analysis: Analysis, folder: Path, *, backbone: str = EmbeddedBackbone.version
) -> NDArray[np.float32]:
    """The probability that each cell is a highlight, by the frame alone.

    Args:
        analysis: With visual features, as far as they have come.
        folder: Weights of a frame scorer.
        backbone: Version of the network whose features the analysis holds.

    Returns:
        ``(cells,) float32``, NaN where it is not known yet.

    Raises:
        ModelError: The weights are damaged, or were trained on the features of another backbone.
    """
    return FrameScores(folder, backbone).of(analysis)


def centre_of(rows: NDArray[Any]) -> NDArray[np.float32]:
    """The mean of a video's features, ``(F,) float32``; zero where none are known.

    Args:
        rows: ``(n, F)``, NaN where unknown.
    """
    known = rows[np.isfinite(rows).all(axis=1)]
    if not len(known):
        return np.zeros(rows.shape[1], np.float32)
    return known.mean(axis=0, dtype=np.float64).astype(np.float32)


def _features(analysis: Analysis, network: FrameNetwork, folder: Path) -> NDArray[np.float32]:
    """The features as the network was trained on them, ``(cells, F)``, NaN where unknown."""
    settings = network.settings
    rows = analysis.tracks.get(VisualFeatures.name)
    result = np.full((analysis.cells, settings.features), np.nan, np.float32)
    if rows is None:
        return result
    if rows.shape[1:] != (settings.features,):
        raise ModelError(
            f"these weights read {settings.features} features of each frame, and the analysis has "
            f"{rows.shape[-1]}",
            path=folder,
            remedy="Analyse with the visual model that they were trained on.",
        )
    result[: len(rows)] = rows
    if settings.centred:
        result -= centre_of(result)
    return result
