from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import ConsentNeeded, ModelError
from core.media.frames import read_pictures
from core.media.probe import probe
from core.networks.vision import EmbeddedBackbone, TransformerBackbone
from core.signals.base import run
from core.signals.visual_features import VisualFeatures
from core.time import Grid
from tests.synthetic import make_video


@pytest.fixture(scope="module")
def two_shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "shots.mp4"
    make_video(path, seconds=6, shots=[3], audio=None)
    return path


def test_embedded_features_tell_two_shots_apart(two_shots: Path) -> None:
    info, grid = probe(two_shots), Grid()
    signal = VisualFeatures(EmbeddedBackbone())
    rows = run(signal, read_pictures(info), info, grid, lambda f, m: None, lambda: False)
    assert rows.shape == (6, 1280)
    unit = rows.astype(float) / np.linalg.norm(rows.astype(float), axis=1, keepdims=True)
    similar = unit @ unit.T
    assert similar[0, 2] > similar[0, 4]
    assert similar[3, 5] > similar[2, 5]


def test_embedded_weights_are_read_in_the_right_order() -> None:
    """Values of the network as torch's own loader gives it, seen once: a ramp of colours."""
    y, x = np.mgrid[0:224, 0:224]
    ramp = np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)
    (found,) = EmbeddedBackbone().features(ramp[None])
    assert set(np.argsort(-found)[:3]) == {113, 897, 930}
    assert found.mean() == pytest.approx(0.0965, abs=0.004)


def test_a_transformer_from_a_folder_follows_the_same_contract(
    two_shots: Path, tiny_transformer: Path
) -> None:
    backbone = TransformerBackbone(str(tiny_transformer))
    info, grid = probe(two_shots), Grid()
    rows = run(
        VisualFeatures(backbone), read_pictures(info), info, grid, lambda f, m: None, lambda: False
    )
    assert rows.shape == (6, 32)
    assert np.isfinite(rows).all()


def test_a_transformer_sees_what_its_own_processor_shows(tiny_transformer: Path) -> None:
    import torch
    from transformers import ViTImageProcessor, ViTModel

    picture = np.random.default_rng(0).integers(0, 255, (1, 224, 224, 3)).astype(np.uint8)
    processor = ViTImageProcessor.from_pretrained(tiny_transformer)
    model = ViTModel.from_pretrained(tiny_transformer).eval()
    with torch.inference_mode():
        expected = model(**processor(list(picture), return_tensors="pt")).pooler_output.numpy()
    found = TransformerBackbone(str(tiny_transformer)).features(picture)
    assert found == pytest.approx(expected, abs=1e-4)


def test_another_checkpoint_has_another_version(tiny_transformer: Path, tmp_path: Path) -> None:
    from transformers import ViTImageProcessor, ViTModel

    model = ViTModel.from_pretrained(tiny_transformer)
    model.layernorm.bias.data += 1
    model.save_pretrained(tmp_path)
    ViTImageProcessor.from_pretrained(tiny_transformer).save_pretrained(tmp_path)
    one = TransformerBackbone(str(tiny_transformer))
    assert one.version != TransformerBackbone(str(tmp_path)).version


def test_nothing_is_fetched_without_consent() -> None:
    with pytest.raises(ConsentNeeded, match="not on this machine"):
        TransformerBackbone("nobody/has-this-model")


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "vit"}))
    with pytest.raises(ModelError, match="cannot be loaded"):
        TransformerBackbone(str(tmp_path))


def test_a_checkpoint_without_a_pooler_gives_the_same_features_each_time(tmp_path: Path) -> None:
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

    config = ViTConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        image_size=224, patch_size=32,
    )  # fmt: skip
    ViTForImageClassification(config).save_pretrained(tmp_path)
    ViTImageProcessor(size={"height": 224, "width": 224}).save_pretrained(tmp_path)
    picture = np.random.default_rng(0).integers(0, 255, (1, 224, 224, 3)).astype(np.uint8)
    one, other = TransformerBackbone(str(tmp_path)), TransformerBackbone(str(tmp_path))
    assert one.version == other.version
    assert np.array_equal(one.features(picture), other.features(picture))
