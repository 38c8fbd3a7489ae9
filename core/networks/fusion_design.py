"""The shape of a fusion network; known without loading torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from core.errors import ModelError, UsageError

TEMPORAL = ("none", "gru", "lstm", "attention")
FUSIONS = ("early", "gated")
HEADS = 4
"""Heads of the attention."""


@dataclass(frozen=True)
class FusionDesign:
    """The shape of a :class:`FusionNetwork`, stored in the card of its weights.

    Args:
        columns: Groups of columns in their order, and how many each has.
        temporal: What joins the cells: ``none``, ``gru`` or ``lstm`` (both directions), or
            ``attention``.
        fusion: ``early`` puts all columns into one temporal network; ``gated`` gives each group
            an expert of its own and weighs their answers in every cell.
        hidden: Units, by direction where there are two; 0 of an early network without time makes
            a plain linear ranker.
        layers: Of the temporal network, if there is one.
        dropout: Share of units that are silent in training.

    Raises:
        UsageError: There is no such network.
    """

    columns: Mapping[str, int]
    temporal: str = "gru"
    fusion: str = "gated"
    hidden: int = 32
    layers: int = 1
    dropout: float = 0.3

    def __post_init__(self) -> None:
        wrong = self._wrong()
        if wrong:
            raise UsageError(f"no fusion network has {wrong}")

    @property
    def linear(self) -> bool:
        """Whether it is a plain linear ranker of single cells."""
        return self.hidden == 0

    def as_json(self) -> dict[str, Any]:
        """Plain data, in which the order of the columns does not depend on that of keys."""
        data = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**data, "columns": [list(item) for item in self.columns.items()]}

    @classmethod
    def from_json(cls, data: object) -> FusionDesign:
        """The design of :meth:`as_json`.

        Raises:
            ModelError: It is not one.
        """
        remedy = "Use weights that were trained with this version, or train them again."
        if not isinstance(data, dict) or data.keys() != {field.name for field in fields(cls)}:
            raise ModelError("this is not the design of a fusion network", remedy=remedy)
        try:
            columns = dict(data["columns"])
            if len(columns) != len(data["columns"]):
                raise ModelError("a group of the fusion network stands twice", remedy=remedy)
            return cls(**{**data, "columns": columns})
        except (TypeError, ValueError, UsageError) as error:
            raise ModelError(
                f"the design of the fusion network makes no sense ({error})", remedy=remedy
            ) from error

    def _wrong(self) -> str:
        """What makes no sense, empty if all does."""
        if not isinstance(self.columns, Mapping) or not self.columns:
            return "no columns"
        for name, count in self.columns.items():
            if not isinstance(name, str) or type(count) is not int or not 1 <= count <= 65536:
                return f"{count!r} columns of {name!r}"
        if self.temporal not in TEMPORAL:
            return f"the temporal part {self.temporal!r}: choose out of {', '.join(TEMPORAL)}"
        if self.fusion not in FUSIONS:
            return f"{self.fusion!r} fusion: choose out of {', '.join(FUSIONS)}"
        if type(self.hidden) is not int or not 0 <= self.hidden <= 1024:
            return f"{self.hidden!r} hidden units"
        if self.hidden == 0 and (self.temporal, self.fusion) != ("none", "early"):
            return f"no hidden units with {self.temporal} and {self.fusion} fusion"
        if self.temporal == "attention" and self.hidden % (2 * HEADS):
            return f"attention of {self.hidden} units: they must be a multiple of {2 * HEADS}"
        if type(self.layers) is not int or not 1 <= self.layers <= 8:
            return f"{self.layers!r} layers"
        if type(self.dropout) not in (int, float) or not 0 <= self.dropout < 1:
            return f"a dropout of {self.dropout!r}"
        return ""
