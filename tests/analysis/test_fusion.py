from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from core.analysis.fusion import Fusion, feature_contract, fusion_features
from core.analysis.highlight import CONTRIBUTIONS
from core.errors import ModelError
from core.networks.fusion import FusionNetwork
from core.networks.weights import save_weights

COUNT, PICTURE = 30, 4


def tracks() -> dict[str, np.ndarray]:
    generator = np.random.default_rng(0)
    shapes = {
        "speech-emotion": 9, "loudness": 4, "spectrum": 6, "motion": 4, "visual-features": PICTURE,
    }  # fmt: skip
    return {
        name: generator.normal(0, 1, (COUNT, width)).astype(np.float32)
        for name, width in shapes.items()
    }


def save(folder: Path, *, beats: bool, version: str = "flat") -> Path:
    torch.manual_seed(0)
    width = fusion_features(tracks(), COUNT, COUNT, PICTURE)[0].shape[1]
    network = FusionNetwork(width, 8)
    card = {
        "contract": feature_contract(version, PICTURE), "features": width, "hidden": 8,
        "beats_baseline": beats, "name": "made in a test",
    }  # fmt: skip
    save_weights(folder, network.state_dict(), card)
    return folder


def test_weights_that_do_not_beat_the_baseline_are_not_used(tmp_path: Path) -> None:
    fusion = Fusion(save(tmp_path, beats=False), "flat", PICTURE)
    curve = fusion.highlight(tracks(), COUNT, COUNT, Fraction(1))
    assert "baseline" in curve.source


def test_without_weights_the_baseline_is_used(tmp_path: Path) -> None:
    fusion = Fusion(tmp_path / "none", "flat", PICTURE)
    assert "baseline" in fusion.highlight(tracks(), COUNT, COUNT, Fraction(1)).source


def test_weights_that_beat_the_baseline_make_the_curve(tmp_path: Path) -> None:
    fusion = Fusion(save(tmp_path, beats=True), "flat", PICTURE)
    curve = fusion.highlight(tracks(), COUNT, COUNT, Fraction(1))
    assert "recurrent" in curve.source
    assert curve.score.shape == (COUNT,)
    assert curve.contributions.shape == (COUNT, len(CONTRIBUTIONS))
    assert curve.contributions.sum(axis=1) == pytest.approx(curve.score, abs=1e-5)


def test_weights_for_another_backbone_are_not_used(tmp_path: Path) -> None:
    fusion = Fusion(save(tmp_path, beats=True, version="other"), "flat", PICTURE)
    assert "baseline" in fusion.highlight(tracks(), COUNT, COUNT, Fraction(1)).source


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    folder = save(tmp_path, beats=True)
    (folder / "weights.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(ModelError):
        Fusion(folder, "flat", PICTURE)


def test_a_card_that_does_not_fit_its_weights_is_named(tmp_path: Path) -> None:
    folder = save(tmp_path, beats=True)
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["hidden"] = 16
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(ModelError, match="do not fit"):
        Fusion(folder, "flat", PICTURE)


def test_features_are_those_of_the_video_not_of_the_recording() -> None:
    plain, louder = tracks(), tracks()
    louder["loudness"] = louder["loudness"] * 3 + 12
    one, other = (fusion_features(data, COUNT, COUNT, PICTURE)[0] for data in (plain, louder))
    assert one == pytest.approx(other, abs=0.02)


def test_a_video_without_sound_has_features_of_the_same_width() -> None:
    mute = {name: rows for name, rows in tracks().items() if name in ("motion", "visual-features")}
    features, _ = fusion_features(mute, COUNT, COUNT, PICTURE)
    assert features.shape == fusion_features(tracks(), COUNT, COUNT, PICTURE)[0].shape
    assert np.isfinite(features).all()
