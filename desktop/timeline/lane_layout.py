"""Which lanes are shown, in which order and how high: a value that the settings keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

LEAST_HEIGHT, MOST_HEIGHT = 16, 320
"""Pixels that a lane can be low and high."""


@dataclass(frozen=True)
class LaneLayout:
    """The arrangement of the lanes.

    Attributes:
        defaults: Pixels that each lane has by default, by its key, in the usual order.
        order: All keys, the upmost first.
        hidden: Keys of the lanes that are not shown.
        heights: Pixels by key, only where they differ from the defaults.
    """

    defaults: Mapping[str, int]
    order: tuple[str, ...]
    hidden: frozenset[str]
    heights: Mapping[str, int]

    @staticmethod
    def of(
        defaults: Mapping[str, int],
        order: Sequence[str] = (),
        hidden: Sequence[str] = (),
        heights: Mapping[str, int] | None = None,
    ) -> LaneLayout:
        """The arrangement that settings name; what they do not know stays as usual.

        A lane that the settings do not name, as a newer version has it, comes after the one that
        it usually follows.
        """
        known = [key for key in dict.fromkeys(order) if key in defaults]
        usual = list(defaults)
        for place, key in enumerate(usual):
            if key not in known:
                before = next((k for k in reversed(usual[:place]) if k in known), None)
                known.insert(0 if before is None else known.index(before) + 1, key)
        return LaneLayout(
            defaults,
            tuple(known),
            frozenset()
            if set(defaults) <= set(hidden)
            else frozenset(hidden) & frozenset(defaults),
            {k: _limited(h) for k, h in (heights or {}).items() if k in defaults},
        )

    @property
    def shown(self) -> tuple[str, ...]:
        """Keys of the lanes that are shown, the upmost first."""
        return tuple(key for key in self.order if key not in self.hidden)

    def height(self, key: str) -> int:
        """Pixels of a lane."""
        return self.heights.get(key, self.defaults[key])

    def moved(self, key: str, places: int) -> LaneLayout:
        """With a lane that many shown lanes further down (or up, below 0)."""
        shown = list(self.shown)
        old = shown.index(key)
        new = max(0, min(old + places, len(shown) - 1))
        shown.insert(new, shown.pop(old))
        following = iter(shown)
        order = tuple(k if k in self.hidden else next(following) for k in self.order)
        return replace(self, order=order)

    def with_hidden(self, key: str, hidden: bool) -> LaneLayout:
        """With a lane hidden or shown; the last one that is shown stays."""
        if hidden and self.shown == (key,):
            return self
        return replace(self, hidden=self.hidden | {key} if hidden else self.hidden - {key})

    def with_height(self, key: str, height: int) -> LaneLayout:
        """With a lane of another height, within the limits."""
        heights = {**self.heights, key: _limited(height)}
        return replace(self, heights={k: h for k, h in heights.items() if h != self.defaults[k]})

    def with_default_heights(self) -> LaneLayout:
        """With all lanes as high as by default."""
        return replace(self, heights={})

    def settings(self) -> dict[str, Any]:
        """The fields of the settings that keep it."""
        usual = tuple(self.defaults)
        return {
            "lane_order": () if self.order == usual else self.order,
            "hidden_lanes": tuple(key for key in self.order if key in self.hidden),
            "lane_heights": dict(self.heights),
        }


def _limited(height: int) -> int:
    return max(LEAST_HEIGHT, min(height, MOST_HEIGHT))
