"""A taste shifts the curve, and the parts of the curve say by what."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.analysis.fusion import Fusion
from core.analysis.fusion_features import feature_contract, group_columns
from core.analysis.highlight import CONTRIBUTIONS, baseline
from core.analysis.taste import Taste
from core.analysis.taste_file import save_taste
from core.errors import ModelError

CELLS = 60
PICTURES = 8
VERSION = "made-1"


def tracks() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {
        "loudness": random.normal(-20, 5, (CELLS, 2)).astype(np.float32),
        "spectrum": random.normal(0, 100, (CELLS, 6)).astype(np.float32),
        "motion": random.uniform(0, 10, (CELLS, 4)).astype(np.float32),
        "visual-features": random.normal(0, 1, (CELLS, PICTURES)).astype(np.float32),
    }


def weights(**strong: float) -> dict[str, np.ndarray]:
    """The first column of each named group counts so much, all others nothing."""
    made = {name: np.zeros(width, np.float32) for name, width in group_columns(PICTURES).items()}
    for name, weight in strong.items():
        made[name][0] = weight
    return made


def taste_at(folder: Path, version: str = VERSION, **strong: float) -> Path:
    contract = feature_contract(version, PICTURES)
    save_taste(folder, Taste(weights(**strong), smoothing=0.0), {"contract": contract})
    return folder


def test_moments_that_the_editor_likes_rise_and_the_parts_say_by_what(tmp_path: Path) -> None:
    known = tracks()
    plain = baseline(known, CELLS, CELLS, Fraction(1))
    fusion = Fusion(None, VERSION, PICTURES, taste_at(tmp_path, sound=1.0))
    curve = fusion.highlight(known, CELLS, CELLS, Fraction(1))
    loud = known["loudness"][:, 0] > np.quantile(known["loudness"][:, 0], 0.8)
    quiet = known["loudness"][:, 0] < np.quantile(known["loudness"][:, 0], 0.2)
    assert (curve.score[loud] > plain.score[loud]).all()
    assert (curve.score[quiet] < plain.score[quiet]).all()
    assert np.allclose(curve.contributions.sum(axis=1), curve.score, atol=1e-6)
    moved = curve.contributions - plain.contributions
    others = [CONTRIBUTIONS.index(name) for name in CONTRIBUTIONS if name != "sound"]
    assert np.abs(moved[:, others]).max() == 0
    assert "your corrections" in curve.source
    assert curve.model.startswith("baseline+taste-")


def test_what_several_groups_change_is_shared_among_them(tmp_path: Path) -> None:
    known = tracks()
    plain = baseline(known, CELLS, CELLS, Fraction(1))
    fusion = Fusion(None, VERSION, PICTURES, taste_at(tmp_path, sound=0.8, picture=-0.8))
    curve = fusion.highlight(known, CELLS, CELLS, Fraction(1))
    moved = curve.contributions - plain.contributions
    moving = known["motion"][:, 0] > np.quantile(known["motion"][:, 0], 0.8)
    assert (moved[moving, CONTRIBUTIONS.index("picture")] < 0).all()
    assert np.allclose(moved.sum(axis=1), curve.score - plain.score, atol=1e-6)


def test_a_taste_that_says_nothing_leaves_the_curve_as_it_is(tmp_path: Path) -> None:
    known = tracks()
    plain = baseline(known, CELLS, CELLS, Fraction(1))
    fusion = Fusion(None, VERSION, PICTURES, taste_at(tmp_path))
    curve = fusion.highlight(known, CELLS, CELLS, Fraction(1))
    assert np.array_equal(curve.score, plain.score)
    assert curve.model == "baseline"


def test_a_taste_for_other_pictures_is_not_used_and_that_is_said(tmp_path: Path) -> None:
    known = tracks()
    fusion = Fusion(None, VERSION, PICTURES, taste_at(tmp_path, version="other", sound=1.0))
    curve = fusion.highlight(known, CELLS, CELLS, Fraction(1))
    assert np.array_equal(curve.score, baseline(known, CELLS, CELLS, Fraction(1)).score)
    assert "Learn again" in fusion.problem


def test_a_damaged_taste_is_refused(tmp_path: Path) -> None:
    folder = taste_at(tmp_path, sound=1.0)
    file = folder / "weights.safetensors"
    file.write_bytes(file.read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(ModelError, match="checksum"):
        Fusion(None, VERSION, PICTURES, folder)
