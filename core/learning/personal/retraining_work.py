"""What a retraining has done so far, kept so that a cancelled or killed one goes on from there."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.files import replace_file
from core.learning.personal.plain_files import read_object, write_object, writing
from core.learning.personal.version_files import checked_weights

KEY_FILE = "key.json"
_THING = "the work on the new version"

Curves = dict[str, NDArray[np.float32]]


def digest(*parts: Any) -> str:
    """Names something by all that decides it.

    Args:
        parts: Plain JSON data.

    Returns:
        32 hexadecimal digits.
    """
    data = json.dumps(parts, sort_keys=True, ensure_ascii=False).encode(errors="backslashreplace")
    return hashlib.blake2b(data, digest_size=16).hexdigest()


class Work:
    """A folder with the results of steps; each is there whole or not at all.

    Args:
        folder: Of this profile alone. What is in it of another key is removed.
        key: Of all that decides the results.

    Raises:
        ModelError: The folder cannot be written to.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        try:
            found = read_object(folder / KEY_FILE, _THING, "").get("key")
        except ModelError:
            found = None
        if found != key:
            self.remove()
            write_object(folder / KEY_FILE, {"key": key}, _THING)

    def curves(self, name: str, make: Callable[[], Mapping[str, NDArray[np.float32]]]) -> Curves:
        """The curves of a step, ``(T,) float32`` by video, made if they are not there yet.

        Args:
            name: Of the step, a file's name.
            make: Makes them.

        Raises:
            ModelError: They cannot be written.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load, save

        path = self.folder / f"{name}.safetensors"
        try:
            return dict(load(path.read_bytes()))
        except (OSError, SafetensorError, ValueError, KeyError):
            pass
        made = {video: np.ascontiguousarray(curve, np.float32) for video, curve in make().items()}
        with writing(_THING, path):
            replace_file(path, save(made))
        return made

    def weights(self, name: str, make: Callable[[Path], object]) -> Path:
        """The folder of weights of a step, made if it is not there yet.

        Args:
            name: Of the step, a folder's name.
            make: Makes them in the folder that it is given.

        Raises:
            ModelError: They cannot be written, or are damaged.
        """
        place = self.folder / name
        try:
            checked_weights(place)
        except ModelError:
            making = self.folder / f".making-{name}"
            with writing(_THING, place):
                for old in (place, making):
                    shutil.rmtree(old, ignore_errors=True)
            make(making)
            checked_weights(making)
            with writing(_THING, place):
                making.rename(place)
        return place

    def fresh(self, name: str) -> Path:
        """An empty folder.

        Raises:
            ModelError: It cannot be made.
        """
        place = self.folder / name
        with writing(_THING, place):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
        return place

    def remove(self) -> None:
        """Removes all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)
