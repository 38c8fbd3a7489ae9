"""The process in which a Whisper network runs: it can be ended at any moment, as no thread can.

It reads a line of JSON with the model, then for each piece of sound a line with the number of its
samples and the language, and the samples themselves. It answers each with a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ConsentNeeded, ModelError

_FILES = ("config.json", "model.bin", "tokenizer.json")


def main() -> None:
    """Serves whoever started this process, until its input ends."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        # What libraries print must not be taken for an answer.
        os.dup2(2, 1)
        for answer in _answers():
            print(json.dumps(answer), file=answers, flush=True)


def _answers() -> Iterator[dict[str, Any]]:
    requests = sys.stdin.buffer
    asked = json.loads(requests.readline())
    try:
        network = load_model(asked["model"], asked["folder"], asked["allow_download"])
    except ModelError as error:
        path = None if error.path is None else str(error.path)
        yield {
            "error": type(error).__name__,
            "happened": error.happened,
            "path": path,
            "remedy": error.remedy,
        }
        return
    yield {"languages": list(network.supported_languages)}
    while line := requests.readline():
        asked = json.loads(line)
        samples = np.frombuffer(requests.read(4 * asked["samples"]), np.float32)
        yield _recognise(network, samples, asked["language"])


def load_model(model: str, is_folder: bool, allow_download: bool) -> Any:
    """A Whisper model for CTranslate2; nothing is fetched but what was agreed to.

    Args:
        model: A folder, or the name of a model on the hub.
        is_folder: Only a folder is meant.
        allow_download: The user agreed that a missing model is fetched from the hub.

    Raises:
        ConsentNeeded: It is not on this machine, and downloads were not allowed.
        ModelError: It cannot be found or loaded.
    """
    import faster_whisper

    folder = Path(model).expanduser()
    if not folder.is_dir():
        if is_folder or folder.is_absolute():
            raise ModelError(
                "there is no speech model here", path=folder, remedy="Choose a folder with one."
            )
        folder = _fetched(faster_whisper, model, allow_download)
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        # Without a tokenizer the library would fetch one, whatever was agreed.
        raise ModelError(
            f"the speech model lacks {', '.join(missing)}",
            path=folder,
            remedy=f"Choose a folder with {', '.join(_FILES)}.",
        )
    try:
        return faster_whisper.WhisperModel(str(folder), compute_type="auto", local_files_only=True)
    except Exception as error:  # the library raises its own kinds for damaged and foreign files
        raise ModelError(
            "the speech model cannot be loaded",
            path=folder,
            remedy="It may be damaged, or be no Whisper model for CTranslate2.",
        ) from error


def _fetched(faster_whisper: Any, model: str, allow_download: bool) -> Path:
    try:
        return Path(faster_whisper.download_model(model, local_files_only=not allow_download))
    except Exception as error:  # the hub raises its own kinds for names, networks and rights
        from huggingface_hub.errors import LocalEntryNotFoundError

        absent = isinstance(error, LocalEntryNotFoundError)
        if absent and not allow_download:
            raise ConsentNeeded(
                f"the speech model {model} is not on this machine",
                remedy="Allow the download (--allow-download), or give a folder with it.",
            ) from error
        if isinstance(error, ValueError) and not absent:
            raise ModelError(
                f"there is no speech model {model}",
                remedy="Choose tiny, base, small, medium, large-v3, or give a folder with one.",
            ) from error
        raise ModelError(
            f"the speech model {model} cannot be fetched",
            remedy="Check the name and the network, or give a folder with it.",
        ) from error


def _recognise(network: Any, samples: NDArray[np.float32], language: str | None) -> dict[str, Any]:
    """Words with their begin and end in seconds, and the language that they are taken for."""
    segments, about = network.transcribe(
        samples, language=language, word_timestamps=True, condition_on_previous_text=False
    )
    words = [
        (word.start, word.end, word.word) for segment in segments for word in segment.words or ()
    ]
    return {"words": words, "language": about.language}


if __name__ == "__main__":
    main()
