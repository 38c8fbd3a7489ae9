"""Pre-trained speech encoders with a head for emotion: opened, heard with, saved, loaded."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import ConsentNeeded, ModelError
from core.networks.emotion_classes import LABELS
from core.networks.speech_encoder import (
    COLUMNS,
    SpeechEncoderNetwork,
    load_speech_encoder,
    open_speech_encoder,
    padded_sounds,
    save_encoder,
)

KINDS = ("wav2vec2", "hubert", "wavlm")
NORMS = ("group", "layer")


def save_tiny_encoder(folder: Path, kind: str = "wav2vec2", norm: str = "group") -> Path:
    """A speech encoder with random weights, saved as the hub would."""
    from transformers import AutoConfig, AutoModel, Wav2Vec2FeatureExtractor

    torch.manual_seed(1)
    config = AutoConfig.for_model(
        kind, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        conv_dim=(16, 16, 16), conv_kernel=(10, 8, 4), conv_stride=(5, 8, 8),
        num_feat_extract_layers=3, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=2,
        feat_extract_norm=norm, do_stable_layer_norm=norm == "layer",
    )  # fmt: skip
    AutoModel.from_config(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    return {
        (kind, norm): save_tiny_encoder(tmp_path_factory.mktemp(f"{kind}-{norm}"), kind, norm)
        for kind in KINDS
        for norm in NORMS
    }


@pytest.fixture(scope="module")
def checkpoint(checkpoints: dict[tuple[str, str], Path]) -> Path:
    return checkpoints["wav2vec2", "group"]


@pytest.fixture(scope="module")
def sounds() -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.normal(0, 0.1, n).astype(np.float32) for n in (8000, 12_345, 16_000)]


def opened(folder: Path) -> SpeechEncoderNetwork:
    torch.manual_seed(0)
    return open_speech_encoder(str(folder)).eval()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_is_heard_the_same_alone_and_in_the_company_of_longer_ones(
    kind: str, norm: str, checkpoints: dict[tuple[str, str], Path], sounds: list[np.ndarray]
) -> None:
    network = opened(checkpoints[kind, norm])
    together = network.claims(sounds)
    alone = np.concatenate([network.claims([sound]) for sound in sounds])
    assert together.shape == (3, len(COLUMNS))
    assert together == pytest.approx(alone, abs=1e-5)
    assert together[:, :8].sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.abs(together[:, 8:]).max() <= 1


@pytest.mark.parametrize("norm", NORMS)
def test_what_stands_in_the_padding_changes_nothing(
    norm: str, checkpoints: dict[tuple[str, str], Path], sounds: list[np.ndarray]
) -> None:
    network = opened(checkpoints["wav2vec2", norm])
    samples, lengths = padded_sounds(sounds)
    beyond = torch.arange(samples.shape[1]) >= lengths[:, None]
    with torch.inference_mode():
        silent = network(samples, lengths).logits
        noisy = network(samples.masked_fill(beyond, torch.nan), lengths).logits
        longer = network(torch.nn.functional.pad(samples, (0, 5000), value=7.0), lengths).logits
    assert torch.equal(silent, noisy)
    assert torch.equal(silent, longer)


@pytest.mark.parametrize("norm", NORMS)
def test_the_states_are_those_of_the_checkpoint_fed_by_its_own_extractor(
    norm: str, checkpoints: dict[tuple[str, str], Path], sounds: list[np.ndarray]
) -> None:
    from transformers import AutoFeatureExtractor, AutoModel

    folder = checkpoints["hubert", norm]
    extractor = AutoFeatureExtractor.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    network = opened(folder)
    with torch.inference_mode():
        fed = extractor(sounds[1], sampling_rate=16_000, return_tensors="pt").input_values
        heard = model(fed, output_hidden_states=True)
        states = torch.stack([*heard.hidden_states[:-1], heard.last_hidden_state]).mean(dim=0)[0]
        pooled = torch.cat([states.mean(dim=0), states.std(dim=0, unbiased=False)])
        expected = torch.softmax(network.emotion(pooled), dim=0).numpy()
    assert network.claims([sounds[1]])[0, :8] == pytest.approx(expected, abs=1e-4)


def test_loudness_does_not_matter_where_the_checkpoint_wants_it_normalised(
    checkpoint: Path, sounds: list[np.ndarray]
) -> None:
    network = opened(checkpoint)
    quiet = [sound * np.float32(0.1) + np.float32(0.01) for sound in sounds]
    assert network.claims(quiet) == pytest.approx(network.claims(sounds), abs=1e-3)


def test_the_order_of_what_is_heard_matters(checkpoint: Path) -> None:
    network = opened(checkpoint)
    time = np.arange(16_000) / 16_000
    rising = np.sin(2 * np.pi * (200 * time + 400 * time**2)).astype(np.float32)
    there, back = network.claims([rising, rising[::-1]])
    assert np.abs(there - back).max() > 1e-4


def test_silence_and_snippets_get_no_claim(checkpoint: Path, sounds: list[np.ndarray]) -> None:
    network = opened(checkpoint)
    snippet = sounds[0][: network.shortest - 1]
    claims = network.claims([np.zeros(8000, np.float32), snippet, sounds[0][: network.shortest]])
    assert np.isnan(claims[:2]).all()
    assert np.isfinite(claims[2]).all()
    with pytest.raises(ModelError, match=f"{network.shortest} samples or more"):
        network(*padded_sounds([snippet]))


def test_saved_weights_hear_the_same_without_their_checkpoint(
    checkpoints: dict[tuple[str, str], Path], sounds: list[np.ndarray], tmp_path: Path
) -> None:
    for (kind, norm), folder in checkpoints.items():
        network = opened(folder)
        network.learned_labels[LABELS.index("boredom")] = False
        card = save_encoder(network, tmp_path / kind / norm, {"name": "mine"})
        assert card == json.loads((tmp_path / kind / norm / "card.json").read_text())
        assert str(folder) not in json.dumps(card)
        loaded, found = load_speech_encoder(tmp_path / kind / norm)
        assert found == card
        claims = loaded.claims(sounds)
        assert np.array_equal(claims, network.claims(sounds))
        assert (claims[:, LABELS.index("boredom")] == 0).all()


def changed_card(folder: Path, change: dict[str, Any]) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, **change}))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"contract": {"front_end": "mfcc"}}, "other features"),
        ({"labels": ["calm"]}, "other emotions"),
        ({"network": {"kind": "speech-encoder"}}, "not those of a speech encoder"),
        ({"network": "large"}, "not those of a speech encoder"),
    ],
)
def test_a_card_of_something_else_is_refused(
    damage: dict[str, Any], message: str, checkpoint: Path, tmp_path: Path
) -> None:
    save_encoder(opened(checkpoint), tmp_path, {})
    changed_card(tmp_path, damage)
    with pytest.raises(ModelError, match=message):
        load_speech_encoder(tmp_path)


@pytest.mark.parametrize(
    "change", [{"hidden_size": 24}, {"model_type": "vit"}, {"num_attention_heads": 3}]
)
def test_weights_that_do_not_fit_their_card_are_refused(
    change: dict[str, Any], checkpoint: Path, tmp_path: Path
) -> None:
    card = save_encoder(opened(checkpoint), tmp_path, {})
    encoder = {**card["network"]["encoder"], **change}
    changed_card(tmp_path, {"network": {**card["network"], "encoder": encoder}})
    with pytest.raises(ModelError, match="not those of a speech encoder"):
        load_speech_encoder(tmp_path)


def test_damaged_weights_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    save_encoder(opened(checkpoint), tmp_path, {})
    file = tmp_path / "weights.safetensors"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(ModelError, match="checksum"):
        load_speech_encoder(tmp_path)
    with pytest.raises(ModelError, match="missing"):
        load_speech_encoder(tmp_path / "nowhere")


def test_an_encoder_for_another_sample_rate_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    for name in ("config.json", "model.safetensors", "preprocessor_config.json"):
        (tmp_path / name).write_bytes((checkpoint / name).read_bytes())
    settings = json.loads((tmp_path / "preprocessor_config.json").read_text())
    settings["sampling_rate"] = 8000
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(settings))
    with pytest.raises(ModelError, match="8000 Hz, not to 16000 Hz"):
        open_speech_encoder(str(tmp_path))


def test_nothing_is_fetched_without_consent() -> None:
    with pytest.raises(ConsentNeeded, match="not on this machine"):
        open_speech_encoder("nobody/has-this-model")


def test_a_damaged_checkpoint_is_named(checkpoint: Path, tmp_path: Path) -> None:
    for name in ("config.json", "preprocessor_config.json"):
        (tmp_path / name).write_bytes((checkpoint / name).read_bytes())
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_speech_encoder(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"no tensors here")
    with pytest.raises(ModelError, match="damaged"):
        open_speech_encoder(str(tmp_path))


def test_a_checkpoint_that_lacks_layers_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    for name in ("model.safetensors", "preprocessor_config.json"):
        (tmp_path / name).write_bytes((checkpoint / name).read_bytes())
    settings = json.loads((checkpoint / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**settings, "num_hidden_layers": 3}))
    with pytest.raises(ModelError, match="lacks 16 of its weights"):
        open_speech_encoder(str(tmp_path))


def test_a_network_that_hears_no_waveforms_is_refused(tmp_path: Path) -> None:
    from transformers import Wav2Vec2FeatureExtractor, WhisperConfig, WhisperModel

    config = WhisperConfig(
        d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, vocab_size=50,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    )  # fmt: skip
    WhisperModel(config).save_pretrained(tmp_path)
    Wav2Vec2FeatureExtractor().save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="'whisper' is no speech encoder"):
        open_speech_encoder(str(tmp_path))


@pytest.mark.parametrize("kind", KINDS)
def test_every_adapter_learns_and_merged_weights_load_without_peft(
    kind: str,
    checkpoints: dict[tuple[str, str], Path],
    sounds: list[np.ndarray],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("peft", reason="low-rank adapters need the package peft")
    network = opened(checkpoints[kind, "group"])
    before = network.claims(sounds)
    names = set(network.state_dict())
    network.freeze_convolutions()
    network.add_adapters()
    assert network.claims(sounds) == pytest.approx(before, abs=1e-6)
    weights = [weight for weight in network.encoder.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, 1e-2)
    start = [weight.detach().clone() for weight in weights]
    for _ in range(2):  # half of an adapter starts at zero and hides the other in the first step
        optimiser.zero_grad()
        output = network(*padded_sounds(sounds))
        (output.logits.square().sum() + output.arousal.sum()).backward()
        optimiser.step()
    assert weights
    assert all(not torch.equal(old, new) for old, new in zip(start, weights, strict=True))
    adapted = network.claims(sounds)
    assert np.abs(adapted - before).max() > 1e-4
    network.merge_adapters()
    assert set(network.state_dict()) == names
    save_encoder(network, tmp_path, {})
    monkeypatch.setitem(sys.modules, "peft", None)
    loaded, _ = load_speech_encoder(tmp_path)
    assert loaded.claims(sounds) == pytest.approx(adapted, abs=1e-5)


def test_adapters_without_peft_say_what_to_install(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = opened(checkpoint)
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ModelError, match=r"Install emotion-shortform\[train\]"):
        network.add_adapters()
