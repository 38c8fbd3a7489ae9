"""What a fusion network may look like, and that its card says it in full."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.errors import ModelError, UsageError
from core.networks.fusion_design import FusionDesign

COLUMNS = {"sound": 7, "emotion": 9, "position": 2}


def test_a_design_survives_its_card_with_the_order_of_its_groups() -> None:
    design = FusionDesign(COLUMNS, "attention", "early", 16, 2, 0.1)
    told = json.loads(json.dumps(design.as_json(), sort_keys=True))
    again = FusionDesign.from_json(told)
    assert again == design
    assert list(again.columns) == list(COLUMNS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": {}},
        {"columns": {"sound": 0}},
        {"columns": {"sound": True}},
        {"temporal": "rnn"},
        {"fusion": "late"},
        {"hidden": -1},
        {"hidden": 8.0},
        {"hidden": 0},
        {"hidden": 100_000},
        {"temporal": "attention", "hidden": 12},
        {"layers": 0},
        {"dropout": 1.0},
        {"dropout": float("nan")},
    ],
)
def test_nonsense_is_refused_before_it_becomes_a_network(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="no fusion network"):
        FusionDesign(**{"columns": COLUMNS, **wrong})


@pytest.mark.parametrize(
    "change",
    [
        {"columns": 3},
        {"columns": [["sound", 7], ["sound", 7]]},
        {"columns": [["sound"]]},
        {"hidden": "32"},
        {"dropout": None},
        {"colour": "red"},
    ],
)
def test_a_damaged_card_is_named(change: dict[str, Any]) -> None:
    data = FusionDesign(COLUMNS).as_json()
    with pytest.raises(ModelError, match="train them again"):
        FusionDesign.from_json({**data, **change})
    with pytest.raises(ModelError):
        FusionDesign.from_json([data])
