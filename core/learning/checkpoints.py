"""Training that goes on where it was interrupted, to the same weights bit by bit."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from core.errors import ModelError

STATE_FILE = "state.safetensors"
_REMEDY = "Delete the file; the training then begins anew."


def training_key(*parts: Any) -> str:
    """Names a training by all that decides its weights: settings, rows, seed.

    Args:
        parts: Plain JSON data.

    Returns:
        A hash of 64 hexadecimal digits.
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Checkpoint:
    """The state of a training after an epoch, in one file that is replaced whole or not at all.

    The tensors of the network and of the optimiser, the schedule, the random numbers of torch and
    of the training's own generator: all in a safetensors file whose header holds the plain data
    as JSON. Nothing is pickled.

    Args:
        folder: Of this training alone; made when the first state is saved.
        key: Of the training, :func:`training_key`. A state with another key is not used.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self._path = folder / STATE_FILE
        self._key = key

    def load(
        self,
        module: nn.Module,
        optimiser: torch.optim.Optimizer,
        scheduler: torch.optim.lr_scheduler.LRScheduler,
        generator: np.random.Generator,
    ) -> int:
        """Puts everything back where it was; does nothing if there is no state of this training.

        Args:
            module: On the device that it is trained on.
            optimiser: Over the parameters of ``module``.
            scheduler: Its state is plain data (OneCycleLR, LambdaLR with functions).
            generator: What the training draws from.

        Returns:
            How many epochs are done, 0 if there is no state.

        Raises:
            ModelError: The file is damaged, or is not a state of such a training.
        """
        from safetensors import SafetensorError, safe_open

        if not self._path.is_file():
            return 0
        try:
            with safe_open(self._path, framework="pt") as file:
                header = file.metadata() or {}
                if header.get("key") != self._key:
                    return 0
                plain = json.loads(header["state"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            module.load_state_dict(_part(tensors, "module."))
            state: dict[int, dict[str, Any]] = {}
            for name, tensor in _part(tensors, "optimiser.").items():
                index, entry = name.split(".", 1)
                state.setdefault(int(index), {})[entry] = tensor
            groups = [
                {name: tuple(value) if name == "betas" else value for name, value in group.items()}
                for group in plain["groups"]
            ]
            optimiser.load_state_dict({"state": state, "param_groups": groups})
            scheduler.load_state_dict(plain["scheduler"])
            generator.bit_generator.state = plain["generator"]
            torch.set_rng_state(tensors["random"])
            if torch.cuda.is_available() and "random_cuda" in tensors:
                torch.cuda.set_rng_state(tensors["random_cuda"])
            return int(plain["epoch"])
        except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ModelError(
                "the state of the training is damaged", path=self._path, remedy=_REMEDY
            ) from error

    def save(
        self,
        epoch: int,
        module: nn.Module,
        optimiser: torch.optim.Optimizer,
        scheduler: torch.optim.lr_scheduler.LRScheduler,
        generator: np.random.Generator,
    ) -> None:
        """Keeps the state after so many epochs, in place of the one before.

        Raises:
            ModelError: The file cannot be written, or a state is not plain data.
        """
        from safetensors.torch import save_file

        found = optimiser.state_dict()
        tensors = {f"module.{name}": tensor for name, tensor in module.state_dict().items()}
        for index, entries in found["state"].items():
            tensors |= {f"optimiser.{index}.{name}": value for name, value in entries.items()}
        tensors["random"] = torch.get_rng_state()
        if torch.cuda.is_available():
            tensors["random_cuda"] = torch.cuda.get_rng_state()
        try:
            plain = json.dumps(
                {
                    "epoch": epoch,
                    "groups": found["param_groups"],
                    "scheduler": scheduler.state_dict(),
                    "generator": generator.bit_generator.state,
                }
            )
        except (TypeError, ValueError) as error:
            raise ModelError(f"the state of the training is not plain data ({error})") from error
        # Written straight to disk: beside a large network there is no room for its bytes as well.
        beside = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            save_file(
                {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()},
                beside,
                {"key": self._key, "state": plain},
            )
            with beside.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(beside, self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise ModelError(
                f"the state of the training cannot be saved ({error.strerror or error})",
                path=self._path,
                remedy="Choose a folder that you may write to, on a disk with free space.",
            ) from error

    def remove(self) -> None:
        """Forgets the state, and its folder if nothing else is in it."""
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._path.parent.rmdir()


def _part(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
