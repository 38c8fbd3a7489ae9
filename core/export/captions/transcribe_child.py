"""A Whisper network in a process of its own, asked from here."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from core.errors import Cancelled, ConsentNeeded, ModelError
from core.export.captions.transcribe_chunks import SpeechChunk
from core.export.captions.transcribe_words import SpokenWord

INSTALL = "pip install 'emotion-shortform[captions]'"
"""The command that installs what speech-to-text needs."""

_WORKER = "core.export.captions.transcribe_worker"
_POLL = 0.05
_ERRORS = {kind.__name__: kind for kind in (ModelError, ConsentNeeded)}


class Recogniser:
    """A network that writes down speech; it ends with the ``with`` block, whatever it is doing.

    Args:
        model: A folder, or the name of a model on the hub.
        allow_download: The user agreed that a missing model is fetched from the hub.
        cancelled: Asked about every 50 ms while an answer is awaited.

    Raises:
        ConsentNeeded: The model is not on this machine, and downloads were not allowed.
        ModelError: ``faster-whisper`` is not installed, or the model cannot be loaded.
        Cancelled: ``cancelled()`` returned true.
    """

    def __init__(
        self, model: str | Path, allow_download: bool, cancelled: Callable[[], bool]
    ) -> None:
        if importlib.util.find_spec("faster_whisper") is None:
            raise ModelError("speech-to-text is not installed", remedy=f"Run {INSTALL}.")
        self._model = model
        self._allow_download = allow_download
        self._cancelled = cancelled

    def __enter__(self) -> Recogniser:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            answers = stack.enter_context((folder / "answers").open("wb"))
            self._complaints = folder / "complaints"
            complaints = stack.enter_context(self._complaints.open("wb"))
            # A handle of its own, whose place does not move as the child writes.
            self._answers = stack.enter_context((folder / "answers").open("rb"))
            self._read = b""
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", _WORKER],
                    stdin=subprocess.PIPE,
                    stdout=answers,
                    stderr=complaints,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            except OSError as error:
                raise ModelError(
                    "speech-to-text cannot be started", remedy="Free some memory and try again."
                ) from error
            stack.callback(self._end)
            asked = {
                "model": str(self._model),
                "folder": isinstance(self._model, Path),
                "allow_download": self._allow_download,
            }
            self._send(asked)
            self.languages = [str(code) for code in self._answer()["languages"]]
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def hear(self, chunk: SpeechChunk, language: str | None) -> tuple[list[SpokenWord], str]:
        """The words of a piece of sound, and the language that they are taken for.

        Raises:
            ModelError: The process ended.
            Cancelled: ``cancelled()`` returned true.
        """
        samples = np.ascontiguousarray(chunk.samples, np.float32)
        self._send({"samples": len(samples), "language": language}, samples.tobytes())
        answer = self._answer()
        words = [
            SpokenWord(
                min(chunk.start + _hundredths(start), chunk.end),
                min(chunk.start + _hundredths(end), chunk.end),
                str(text),
            )
            for start, end, text in answer["words"]
        ]
        return words, str(answer["language"])

    def _send(self, asked: dict[str, Any], data: bytes = b"") -> None:
        stdin = self._process.stdin
        assert stdin is not None
        # A process that has ended is noticed when no answer comes.
        with suppress(OSError):
            stdin.write(json.dumps(asked).encode() + b"\n" + data)
            stdin.flush()

    def _answer(self) -> dict[str, Any]:
        while b"\n" not in self._read:
            if self._cancelled():
                raise Cancelled
            ended = self._process.poll() is not None
            self._read += self._answers.read()
            if b"\n" in self._read:
                break
            if ended:
                raise self._died()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_POLL)
        line, _, self._read = self._read.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            kind = _ERRORS[answer["error"]]
            raise kind(answer["happened"], path=answer["path"], remedy=answer["remedy"])
        return answer

    def _died(self) -> ModelError:
        said = self._complaints.read_text("utf-8", "replace").strip().splitlines()
        last = f" ({said[-1][:200]})" if said else ""
        return ModelError(
            f"speech-to-text stopped{last}",
            remedy="Free some memory or choose a smaller model, and try again.",
        )

    def _end(self) -> None:
        stdin = self._process.stdin
        self._process.kill()
        self._process.wait()
        if stdin is not None:
            # What was not sent yet cannot be sent any more.
            with suppress(OSError):
                stdin.close()


def _hundredths(seconds: float) -> Fraction:
    return Fraction(round(seconds * 100), 100)
