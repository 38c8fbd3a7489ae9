"""What jobs do with captions: read them, write them, and write down what is said."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import ConsentNeeded, ExportError, ModelError, UsageError
from core.export.captions.caption import Captions
from core.media.probe import MediaInfo
from core.time import Span
from desktop.jobs.job import JobControls, Work
from desktop.jobs.warm_up import load_libraries


@dataclass(frozen=True)
class SpeechModel:
    """The network that writes down what is said.

    Attributes:
        place: A folder, or a name on the hub.
        language: Code of the language that is spoken; empty to hear it.
        allow_download: The user agreed that a missing one is fetched.
    """

    place: str
    language: str = ""
    allow_download: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why a speech model could not be used.

    Attributes:
        message: What happened, and what to do.
        consent: Whether it only has to be fetched, which the user did not agree to.
    """

    message: str
    consent: bool


def speech_to_text_is_installed() -> bool:
    """Whether the package that the network needs is there."""
    return importlib.util.find_spec("faster_whisper") is not None


def read_caption_file(path: Path) -> Work:
    """Reads the captions of a file."""

    def work(controls: JobControls) -> Captions:
        from core.export.captions.files import read_captions

        return read_captions(path)

    return work


def write_caption_file(captions: Captions, path: Path, *, overwrite: bool) -> Work:
    """Writes captions into a file, whole or not at all; the result is its path."""

    def work(controls: JobControls) -> Path:
        from core.export.captions.files import write_captions

        if path.exists() and not overwrite:
            raise ExportError(
                "the file exists already", path=path, remedy="Choose another name."
            )  # fmt: skip
        write_captions(captions, path)
        return path

    return work


def write_down_speech(info: MediaInfo, model: SpeechModel, spans: Sequence[Span] | None) -> Work:
    """Writes down what is said in a video; the result is captions, or a :class:`Refusal`.

    Args:
        info: The video.
        model: The network.
        spans: Stretches of it; None for all.
    """

    def work(controls: JobControls) -> Captions | Refusal:
        load_libraries(controls)
        from core.export.captions.transcribe import transcribe

        folder = Path(model.place).expanduser()
        try:
            return transcribe(
                info,
                folder if folder.is_absolute() else model.place,
                language=model.language or None,
                allow_download=model.allow_download,
                progress=controls.progress,
                cancelled=controls.cancelled,
                spans=spans,
            )
        except (ModelError, UsageError) as error:
            return Refusal(str(error), isinstance(error, ConsentNeeded))

    return work
