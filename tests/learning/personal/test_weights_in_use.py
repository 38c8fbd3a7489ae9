"""The user's own choice comes first, then what a profile learned, then the shipped weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch

from core.analysis.emotion_track import DEFAULT_WEIGHTS as EMOTION_WEIGHTS
from core.analysis.fusion import DEFAULT_WEIGHTS as FUSION_WEIGHTS
from core.learning.personal.profiles import Profile
from core.learning.personal.trial import Trial, Verdict
from core.learning.personal.version_files import write_version
from core.learning.personal.versions import EMOTION, FUSION, TASTE, Version
from core.learning.personal.weights_in_use import weights_in_use
from core.networks.weights import load_card, save_weights

SHIPPED = {FUSION: FUSION_WEIGHTS, TASTE: FUSION_WEIGHTS, EMOTION: EMOTION_WEIGHTS}
pytestmark = pytest.mark.usefixtures("own_folders")


def adopt(tmp_path: Path, origins: Mapping[str, str]) -> Version:
    """A version in use of these parts, each learned over the weights of this checksum."""
    profile = Profile.named("")
    number, place = profile.next_place()
    folder = tmp_path / "made"
    for name, shipped in origins.items():
        card = {"contract": {}, "shipped": shipped}
        save_weights(folder / name, {"a": torch.zeros(1)}, card)
    trial = Trial((), Verdict.ADOPTED, "made")
    made = Version(number, folder, datetime.now(UTC), 0, {}, trial, (), "")
    version = write_version(made, place, origin={})
    profile.use(number)
    return version


def ours(*names: str) -> dict[str, str]:
    return {name: load_card(SHIPPED[name])["sha256"] for name in names}


def test_without_a_version_the_shipped_weights_are_used() -> None:
    used = weights_in_use("")
    assert (used.emotion, used.fusion) == (EMOTION_WEIGHTS, FUSION_WEIGHTS)
    assert (used.taste, used.problem) == (None, "")


def test_what_was_learned_takes_the_place_of_the_shipped_weights(tmp_path: Path) -> None:
    version = adopt(tmp_path, ours(FUSION, TASTE, EMOTION))
    used = weights_in_use("")
    assert (used.emotion, used.fusion, used.taste) == (
        version.emotion,
        version.fusion,
        version.taste,
    )
    assert used.problem == ""


def test_own_weights_for_highlights_leave_the_taste_out(tmp_path: Path) -> None:
    version = adopt(tmp_path, ours(TASTE, EMOTION))
    used = weights_in_use("", fusion=tmp_path)
    assert (used.fusion, used.taste, used.emotion) == (tmp_path, None, version.emotion)


@pytest.mark.parametrize("name", [FUSION, TASTE, EMOTION])
def test_what_was_learned_over_other_shipped_weights_is_not_used(tmp_path: Path, name: str) -> None:
    adopt(tmp_path, {**ours(FUSION, TASTE, EMOTION), name: "0" * 64})
    used = weights_in_use("")
    assert (used.emotion, used.fusion, used.taste) == (EMOTION_WEIGHTS, FUSION_WEIGHTS, None)
    assert "Learn again" in used.problem


def test_a_damaged_version_keeps_nobody_from_working(tmp_path: Path) -> None:
    version = adopt(tmp_path, ours(FUSION))
    assert version.fusion is not None
    card = json.loads((version.fusion / "card.json").read_text())
    (version.fusion / "card.json").write_text(json.dumps({**card, "sha256": "0" * 64}))
    used = weights_in_use("")
    assert used.fusion == FUSION_WEIGHTS
    assert "shipped weights are used" in used.problem
