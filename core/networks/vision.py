"""Backbones that turn pictures into features: one contract, two tiers."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import ConsentNeeded, ModelError

if TYPE_CHECKING:
    from core.networks.efficientnet_lite import EfficientNetLite0

INPUT_SIZE = 224
DEFAULT_TRANSFORMER = "google/vit-base-patch16-224-in21k"


class Backbone(Protocol):
    """A network that describes pictures.

    Attributes:
        name: Which network, for people.
        version: Changes whenever the same picture would give other features.
        dimension: Length of a picture's features.
    """

    name: str
    version: str
    dimension: int

    def features(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features ``(N, dimension) float32`` of pictures ``(N, 224, 224, 3) uint8`` RGB."""
        ...


class EmbeddedBackbone:
    """EfficientNet-Lite0, installed with the application; loaded when it is first asked."""

    name = "efficientnet-lite0"
    version = "efficientnet-lite0-1"
    dimension = 1280

    def __init__(self) -> None:
        self._network: EfficientNetLite0 | None = None

    def features(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        import torch

        from core.networks.efficientnet_lite import EfficientNetLite0, read_packaged_weights

        if self._network is None:
            self._network = EfficientNetLite0(read_packaged_weights())
        with torch.inference_mode():
            return self._network(torch.from_numpy(pictures)).numpy()


class TransformerBackbone:
    """Any Vision Transformer checkpoint that ``transformers`` can load.

    The feature of a picture is the pooler's output where the checkpoint has a trained pooler, else
    the last hidden state of the class token.

    Args:
        source: A folder with a checkpoint, or the name of one on the hub.
        allow_download: The user agreed that missing files are fetched from the hub.

    Raises:
        ConsentNeeded: The checkpoint is not on this machine, and downloads were not allowed.
        ModelError: The checkpoint cannot be loaded or is not a vision model.
    """

    def __init__(self, source: str, *, allow_download: bool = False) -> None:
        import torch
        from transformers import AutoImageProcessor, AutoModel

        folder = Path(source).expanduser()
        is_local = folder.is_dir()
        place = str(folder) if is_local else source
        try:
            processor = AutoImageProcessor.from_pretrained(
                place, local_files_only=not allow_download, use_fast=False
            )
            self._network, loading = AutoModel.from_pretrained(
                place,
                local_files_only=not allow_download,
                use_safetensors=True,
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
        except (ValueError, KeyError) as error:
            raise ModelError(
                f"the model {source} is of an unknown kind", remedy="Choose a Vision Transformer."
            ) from error
        config = self._network.config
        if not hasattr(config, "hidden_size") or getattr(config, "image_size", 0) != INPUT_SIZE:
            raise ModelError(
                f"the model {source} does not look at pictures of {INPUT_SIZE} pixels",
                remedy=f"Choose a Vision Transformer for {INPUT_SIZE} × {INPUT_SIZE}.",
            )
        # A checkpoint that was made for classes has no pooler, and would get a random one.
        self._pooled = not any("pooler" in name for name in loading["missing_keys"])
        self._torch = torch
        self._network.eval().requires_grad_(False)
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._network.to(self._device)
        mean = np.asarray(processor.image_mean, np.float32)
        deviation = np.asarray(processor.image_std, np.float32)
        self._scale = torch.from_numpy(processor.rescale_factor / deviation).to(self._device)
        self._shift = torch.from_numpy(mean / deviation).to(self._device)
        self.name = source if not is_local else folder.name
        self.dimension = int(self._network.config.hidden_size)
        self.version = f"transformer-1-{self._digest()}"

    def _digest(self) -> str:
        """Names the checkpoint by its configuration and a sample of its weights."""
        digest = hashlib.blake2b(self._network.config.to_json_string().encode(), digest_size=6)
        for name, tensor in self._network.state_dict().items():
            if "pooler" in name and not self._pooled:
                continue
            digest.update(name.encode())
            digest.update(tensor.flatten()[:16].float().cpu().numpy().tobytes())
        return digest.hexdigest()

    def features(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        torch = self._torch
        pixels = torch.from_numpy(pictures).to(self._device).float() * self._scale - self._shift
        with torch.inference_mode():
            output = self._network(pixel_values=pixels.permute(0, 3, 1, 2))
            pooled = getattr(output, "pooler_output", None) if self._pooled else None
            if pooled is None:
                pooled = output.last_hidden_state[:, 0]
        return pooled.float().cpu().numpy()
