"""Speech encoders of ``transformers`` with a head that hears emotion, arousal and valence.

wav2vec 2.0 (Baevski et al. 2020), HuBERT (Hsu et al. 2021) and WavLM (Chen et al. 2022) share one
build: convolutions over the waveform, then a Transformer over their frames. The head weighs the
hidden states of all layers, as in SUPERB (Yang et al. 2021).
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.errors import ConsentNeeded, ModelError
from core.networks.emotion import EmotionOutput
from core.networks.emotion_classes import LABELS
from core.networks.weights import load_card, load_weights, save_weights

SAMPLE_RATE = 16_000
"""Hz; the only rate that is listened to."""
COLUMNS = (*LABELS, "arousal", "valence")
"""Of a claim."""
BATCH = 16
"""Sounds that are heard together by :meth:`SpeechEncoderNetwork.claims`."""
DROPOUT = 0.1
ADAPTER_RANK = 16
"""Rank of the low-rank adapters (LoRA, Hu et al. 2021); they are scaled by 2."""

_POOLING = "weighted layers, mean and deviation of frames"
_FAMILIES = "Choose a wav2vec 2.0, HuBERT or WavLM."
_RESTORE = "Choose another folder of weights, or train them again."
_NOT_IN_CARD = {
    "_name_or_path", "architectures", "auto_map", "id2label", "label2id", "transformers_version",
}  # fmt: skip


class SpeechEncoderNetwork(nn.Module):
    """Waveform → encoder → weighted layers → mean and deviation of the frames → three outputs.

    Padding changes nothing: the waveform is normalised over its own samples, padded frames are
    masked in the attention and in the pooling, and the group norm over time that the encoders
    with ``feat_extract_norm="group"`` begin with is computed over each row's own frames. (Their
    original recipe lets it see the padding, so that a sound's claim would depend on its company.)

    Args:
        encoder: Model of ``transformers`` over waveforms; changed in place.
        normalise: The encoder was trained on waveforms of mean 0 and variance 1.
        dropout: Share of the pooled values that are silent in training.

    Attributes:
        model_type: Family of the encoder, as ``transformers`` calls it.
        shortest: Samples of the shortest sound that has a frame.

    Raises:
        ModelError: The model is no speech encoder over waveforms.
    """

    learned_labels: torch.Tensor

    def __init__(self, encoder: Any, *, normalise: bool, dropout: float = DROPOUT) -> None:
        super().__init__()
        config = encoder.config
        convolutions = getattr(getattr(encoder, "feature_extractor", None), "conv_layers", None)
        if not convolutions or len(convolutions) != len(getattr(config, "conv_kernel", ())):
            raise ModelError(
                f"a model of the kind {getattr(config, 'model_type', 'unknown')!r} is no speech "
                "encoder over waveforms",
                remedy=_FAMILIES,
            )
        # SpecAugment draws from a generator that no seed of ours reaches, and skipped layers
        # would enter the weighted sum twice.
        config.apply_spec_augment = False
        config.layerdrop = 0.0
        self.model_type = str(config.model_type)
        self.normalise = normalise
        self._layout = list(zip(config.conv_kernel, config.conv_stride, strict=True))
        self.shortest = _shortest(self._layout)
        self.encoder = encoder
        _replace_group_norm(convolutions[0])
        self.layer_weights = nn.Parameter(torch.zeros(config.num_hidden_layers + 1))
        self.dropout = nn.Dropout(dropout)
        self.emotion = nn.Linear(2 * config.hidden_size, len(LABELS))
        self.dimensions = nn.Linear(2 * config.hidden_size, 2)
        self.register_buffer("learned_labels", torch.ones(len(LABELS), dtype=torch.bool))

    def forward(self, samples: torch.Tensor, lengths: torch.Tensor) -> EmotionOutput:
        """Classes and dimensions of a batch of sounds.

        Args:
            samples: (B, n) float32, mono, 16 kHz; what lies beyond a row's length is not looked at.
            lengths: (B,) int64, samples of each row, at least :attr:`shortest`.

        Returns:
            Logits (B, 8) in the order of LABELS, -inf for labels that were never learned.

        Raises:
            ModelError: The shapes do not fit, or a row is too short.
        """
        if samples.ndim != 2 or lengths.shape != samples.shape[:1] or not len(samples):
            raise ModelError(
                f"sounds of shape {tuple(samples.shape)} do not fit {tuple(lengths.shape)} lengths"
            )
        longest = int(lengths.max())
        if int(lengths.min()) < self.shortest or longest > samples.shape[1]:
            raise ModelError(
                f"a sound for the speech encoder has {self.shortest} samples or more, and no "
                "more than its row"
            )
        real = torch.arange(longest, device=samples.device) < lengths[:, None]
        wave = torch.where(real, samples[:, :longest], 0.0)
        if self.normalise:
            mean = wave.sum(dim=1) / lengths
            centred = torch.where(real, wave - mean[:, None], 0.0)
            wave = centred * torch.rsqrt(centred.square().sum(dim=1) / lengths + 1e-7)[:, None]
        padded = int(lengths.min()) < longest
        first = self.encoder.feature_extractor.conv_layers[0]
        if isinstance(norm := getattr(first, "layer_norm", None), _OwnFramesNorm):
            norm.frames = _frames(lengths, self._layout[:1]) if padded else None
        with warnings.catch_warnings():
            # WavLM hands torch a boolean mask beside a float bias, which it accepts and laments.
            warnings.filterwarnings("ignore", "Support for mismatched key_padding_mask")
            heard = self.encoder(
                wave, attention_mask=real.long() if padded else None, output_hidden_states=True
            )
        # The last layer's state is taken after the encoder's final norm, where it has one.
        hidden = (*heard.hidden_states[:-1], heard.last_hidden_state)
        frames = _frames(lengths, self._layout)
        steps = int(frames.max())
        if len(hidden) != len(self.layer_weights) or any(h.shape[1] != steps for h in hidden):
            raise ModelError(
                f"the speech encoder {self.model_type!r} gives other states than its settings say",
                remedy=_FAMILIES,
            )
        with torch.autocast(samples.device.type, enabled=False):
            shares = torch.softmax(self.layer_weights, dim=0)
            states = sum(
                (share * state.float() for share, state in zip(shares, hidden, strict=True)),
                start=torch.zeros((), device=samples.device),
            )
            pooled = self.dropout(_pooled(states, frames))
            dimensions = torch.tanh(self.dimensions(pooled))
            logits = self.emotion(pooled).masked_fill(~self.learned_labels, -torch.inf)
        return EmotionOutput(logits, dimensions[:, 0], dimensions[:, 1])

    def claims(self, sounds: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """What is heard in each sound, as :data:`COLUMNS`; for a network in evaluation mode.

        Args:
            sounds: (n,) float32 each, mono, 16 kHz, of any lengths.

        Returns:
            (N, 10) float32: probabilities that sum to 1, arousal and valence -1 to 1. NaN where a
            sound is shorter than :attr:`shortest` or digital silence.
        """
        result = np.full((len(sounds), len(COLUMNS)), np.nan, np.float32)
        heard = [i for i, row in enumerate(sounds) if len(row) >= self.shortest and row.any()]
        heard.sort(key=lambda index: len(sounds[index]))
        device = self.layer_weights.device
        for start in range(0, len(heard), BATCH):
            batch = heard[start : start + BATCH]
            samples, lengths = padded_sounds([sounds[index] for index in batch])
            with torch.inference_mode():
                output = self(samples.to(device), lengths.to(device))
                result[batch, : len(LABELS)] = torch.softmax(output.logits, dim=1).cpu().numpy()
            result[batch, -2] = output.arousal.cpu().numpy()
            result[batch, -1] = output.valence.cpu().numpy()
        return result

    def freeze_convolutions(self) -> None:
        """Keeps the convolutions over the waveform as they are, as is usual in fine-tuning."""
        self.encoder.feature_extractor._freeze_parameters()

    def add_adapters(self) -> None:
        """Freezes the encoder and puts low-rank adapters (Hu et al. 2021) into its layers.

        They go on the attention's projections. WavLM's attention reads the weights of its
        projections past their modules, so there they go on the feed-forward layers.

        Raises:
            ModelError: The package ``peft`` is not installed.
        """
        try:
            from peft import LoraConfig, LoraModel
        except ImportError as error:
            raise ModelError(
                "low-rank adapters need the package peft, which is not installed",
                remedy="Install emotion-shortform[train], or train without adapters.",
            ) from error
        attention = ["q_proj", "k_proj", "v_proj", "out_proj"]
        targets = (
            ["intermediate_dense", "output_dense"] if self.model_type == "wavlm" else attention
        )
        self.encoder = LoraModel(
            self.encoder,
            LoraConfig(r=ADAPTER_RANK, lora_alpha=2 * ADAPTER_RANK, target_modules=targets),
            "emotion",
        )

    def merge_adapters(self) -> None:
        """Adds the adapters to the weights that they adapt; they are gone afterwards."""
        self.encoder = self.encoder.merge_and_unload()

    def encoder_digest(self) -> str:
        """Names the encoder by its configuration and its weights."""
        digest = hashlib.blake2b(repr(sorted(_config_data(self.encoder.config).items())).encode())
        for name, tensor in self.encoder.state_dict().items():
            digest.update(name.encode())
            digest.update(tensor.float().cpu().numpy().tobytes())
        return digest.hexdigest()[:16]


class _OwnFramesNorm(nn.GroupNorm):
    """A group norm over time that leaves the padded frames of each row out of its statistics.

    Attributes:
        frames: (B,) real frames of the rows of the next call, None where all are real.
    """

    frames: torch.Tensor | None = None

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        if self.frames is None:
            return super().forward(states)
        length = states.shape[2]
        rows = [
            nn.functional.pad(
                super(_OwnFramesNorm, self).forward(row[None, :, :own]), (0, length - own)
            )
            for row, own in zip(states, self.frames.tolist(), strict=True)
        ]
        return torch.cat(rows)


def open_speech_encoder(source: str, *, allow_download: bool = False) -> SpeechEncoderNetwork:
    """A pre-trained encoder with a new head, to be fine-tuned.

    Args:
        source: A folder with a checkpoint, or the name of one on the hub.
        allow_download: The user agreed that missing files are fetched from the hub.

    Raises:
        ConsentNeeded: The checkpoint is not on this machine, and downloads were not allowed.
        ModelError: The checkpoint cannot be loaded, is incomplete, is not a speech encoder, or
            listens to another sample rate than 16 kHz.
    """
    from safetensors import SafetensorError
    from transformers import AutoFeatureExtractor, AutoModel

    folder = Path(source).expanduser()
    is_local = folder.is_dir()
    place = str(folder) if is_local else source
    try:
        options = {"local_files_only": not allow_download, "trust_remote_code": False}
        extractor = AutoFeatureExtractor.from_pretrained(place, **options)
        encoder, loading = AutoModel.from_pretrained(
            place,
            **options,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except OSError as error:
        if not is_local and not allow_download:
            raise ConsentNeeded(
                f"the model {source} is not on this machine",
                remedy="Allow the download (--allow-download), or give a folder with it.",
            ) from error
        raise ModelError(
            f"the model {source} cannot be loaded",
            remedy="It needs config.json, preprocessor_config.json and model.safetensors.",
        ) from error
    except (RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"the weights of the model {source} are damaged", remedy="Fetch them again."
        ) from error
    except (ValueError, KeyError) as error:
        raise ModelError(f"the model {source} is of an unknown kind", remedy=_FAMILIES) from error
    rate = getattr(extractor, "sampling_rate", None)
    if rate != SAMPLE_RATE:
        raise ModelError(
            f"the model {source} listens to {rate} Hz, not to {SAMPLE_RATE} Hz",
            remedy="Choose a speech encoder for 16 kHz.",
        )
    network = SpeechEncoderNetwork(
        encoder, normalise=bool(getattr(extractor, "do_normalize", True))
    )
    missing = sorted(name for name in loading["missing_keys"] if "masked_spec_embed" not in name)
    if missing:
        raise ModelError(
            f"the model {source} lacks {len(missing)} of its weights ({missing[0]})",
            remedy="Choose a complete checkpoint.",
        )
    return network


def waveform_contract(normalise: bool) -> dict[str, Any]:
    """What a network of this module is fed, for the card of its weights."""
    return {
        "front_end": "waveform",
        "sample_rate": SAMPLE_RATE,
        "normalisation": "mean 0, variance 1" if normalise else "none",
    }


def save_encoder(
    network: SpeechEncoderNetwork, out: str | os.PathLike[str], card: Mapping[str, Any]
) -> dict[str, Any]:
    """Writes a folder of weights that loads without the hub and without the base checkpoint.

    Args:
        network: Its adapters, if any, are merged.
        out: Made if it does not exist.
        card: Plain JSON data of the training; ``contract``, ``network`` and ``labels`` are set
            here.

    Returns:
        The card as written.

    Raises:
        ModelError: The folder cannot be written, or the card is not plain JSON data.
    """
    written = {
        **card,
        "contract": waveform_contract(network.normalise),
        "labels": list(LABELS),
        "network": {
            "kind": "speech-encoder",
            "pooling": _POOLING,
            "dropout": network.dropout.p,
            "encoder": _config_data(network.encoder.config),
        },
    }
    return save_weights(out, network.state_dict(), written)


def load_speech_encoder(
    folder: str | os.PathLike[str],
) -> tuple[SpeechEncoderNetwork, dict[str, Any]]:
    """The network of a folder of weights, ready to use, and its card.

    Raises:
        ModelError: The folder is damaged, or holds something else than a speech encoder.
    """
    from transformers import AutoConfig, AutoModel

    contract = load_card(folder)["contract"]
    normalise = contract.get("normalisation") != waveform_contract(False)["normalisation"]
    tensors, card = load_weights(folder, contract=waveform_contract(normalise))
    if card.get("labels") != list(LABELS):
        raise ModelError("the weights know other emotions", path=folder, remedy=_RESTORE)
    try:
        settings = card["network"]
        if settings["kind"] != "speech-encoder" or settings["pooling"] != _POOLING:
            raise ValueError("another kind of network")
        config = AutoConfig.for_model(**settings["encoder"])
        network = SpeechEncoderNetwork(
            AutoModel.from_config(config).float(),
            normalise=normalise,
            dropout=float(settings["dropout"]),
        )
        network.load_state_dict(tensors)
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, ModelError) as error:
        raise ModelError(
            "the weights are not those of a speech encoder", path=folder, remedy=_RESTORE
        ) from error
    return network.eval().requires_grad_(False), card


def padded_sounds(sounds: Sequence[NDArray[np.float32]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Sounds as one batch: (B, n) float32 with zeros after each, and their lengths (B,) int64."""
    lengths = torch.tensor([len(sound) for sound in sounds])
    samples = torch.zeros(len(sounds), int(lengths.max()))
    for row, sound in zip(samples, sounds, strict=True):
        row[: len(sound)] = torch.from_numpy(np.ascontiguousarray(sound))
    return samples, lengths


def _pooled(states: torch.Tensor, frames: torch.Tensor) -> torch.Tensor:
    """(B, 2D): mean and deviation of each row's own frames out of (B, T, D)."""
    real = (torch.arange(states.shape[1], device=states.device) < frames[:, None]).unsqueeze(2)
    mean = torch.where(real, states, 0.0).sum(dim=1) / frames[:, None]
    spread = torch.where(real, states - mean[:, None], 0.0).square().sum(dim=1) / frames[:, None]
    # A single frame has no deviation, and the root no slope at 0.
    return torch.cat([mean, torch.sqrt(spread + 1e-5)], dim=1)


def _frames(lengths: torch.Tensor, layout: Sequence[tuple[int, int]]) -> torch.Tensor:
    """Frames that convolutions make of so many samples."""
    for kernel, stride in layout:
        lengths = torch.div(lengths - kernel, stride, rounding_mode="floor") + 1
    return lengths


def _shortest(layout: Sequence[tuple[int, int]]) -> int:
    samples = 1
    for kernel, stride in reversed(layout):
        samples = (samples - 1) * stride + kernel
    return samples


def _replace_group_norm(layer: Any) -> None:
    """Puts a group norm that knows of padding in the place of a layer's, with its weights."""
    norm = getattr(layer, "layer_norm", None)
    if isinstance(norm, nn.GroupNorm):
        layer.layer_norm = _OwnFramesNorm(norm.num_groups, norm.num_channels, eps=norm.eps)
        layer.layer_norm.load_state_dict(norm.state_dict())


def _config_data(config: Any) -> dict[str, Any]:
    return {name: value for name, value in config.to_dict().items() if name not in _NOT_IN_CARD}
