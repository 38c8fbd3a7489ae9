"""One export of the queue: what is written, how, and how far it has come; and its file."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.errors import LaterVersion, ProjectError
from core.export.captions.caption import captions_within
from core.export.clip import Clip
from core.export.encoding import Encoding
from core.export.look import Look
from core.export.render import ExportSettings
from core.files import replace_file
from core.project.document import Project
from core.project.look_parts import (
    encoding_from_json,
    encoding_to_json,
    look_from_json,
    look_to_json,
)
from core.project.opening import open_media
from core.project.plain_data import damage_in, flag, name, text
from core.project.project_file import project_from_json, project_to_json
from core.project.short import clips_of

FORMAT = "emotion-shortform export"
VERSION = 1

_LARGEST_FILE = 32 << 20
_LONGEST_MESSAGE = 10_000
_LONGEST_SUFFIX = 10


class ExportState(StrEnum):
    """How far an export has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing happens to it any more unless somebody asks for it again."""
        return self in (ExportState.DONE, ExportState.FAILED, ExportState.CANCELLED)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class QueuedExport:
    """A short that is to be written, or was.

    Attributes:
        name: For people: what the short is called.
        project: The state that is written, whatever becomes of the project afterwards.
        output: The file.
        look: How the short looks and sounds.
        encoding: How the file is written.
        preset: Name of the preset that both come from; empty for none.
        overwrite: Whether an existing file may be replaced.
        sidecar: Kind of the caption file that is written beside it, as ``srt``; empty for none.
        state: How far it has come.
        message: Why it failed, or what was written; empty otherwise.
        when: When it was put into the queue, which is its place in it, in UTC.
        identifier: Stays the same.
    """

    name: str
    project: Project
    output: Path
    look: Look
    encoding: Encoding
    preset: str = ""
    overwrite: bool = False
    sidecar: str = ""
    state: ExportState = ExportState.WAITING
    message: str = ""
    when: datetime = field(default_factory=_now)
    identifier: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def settings(self) -> ExportSettings:
        """As :func:`core.export.render.export_short` takes them."""
        return ExportSettings(self.look, self.encoding, self.overwrite)

    def clips(self, *, cancelled: Callable[[], bool] = lambda: False) -> list[Clip]:
        """What is written, with the videos where they are now.

        Args:
            cancelled: Asked before each video that is looked at.

        Raises:
            ProjectError: A video is missing.
            MediaError: A video cannot be read.
            Cancelled: ``cancelled()`` was true.
        """
        media = open_media(self.project, self.output, cancelled=cancelled)
        return clips_of(media.project, media.infos)


def only_the_short(project: Project) -> Project:
    """A project without what does not show in its short, so that the queue stays small."""
    short = project.short
    media = []
    for medium in project.media:
        spans = [edited.span for edited in short if edited.medium == medium.identifier]
        if spans:
            within = captions_within(medium.captions, spans)
            said = {id(caption) for captions in within for caption in captions}
            captions = tuple(one for one in medium.captions if id(one) in said)
            media.append(replace(medium, captions=captions))
    return replace(project, media=tuple(media), cuts=short)


def write_queued(file: Path, export: QueuedExport) -> None:
    """Keeps an export of the queue, whole or not at all.

    Raises:
        ProjectError: It cannot be written, or could not be read again.
    """
    plain = json.dumps(_to_json(export), ensure_ascii=False)
    data = plain.encode(errors="backslashreplace")  # lone surrogates become escapes of JSON
    _parsed(data, file)
    try:
        replace_file(file, data)
    except OSError as error:
        raise ProjectError(
            f"the queue of exports cannot be kept ({error.strerror or error})",
            path=file,
            remedy="Make room on the disk, and see that you may write to the folder.",
        ) from error


def read_queued(file: Path) -> QueuedExport:
    """An export of the queue.

    Raises:
        ProjectError: It cannot be read, or is damaged.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise ProjectError(
            f"the export cannot be read ({error.strerror or error})", path=file
        ) from error
    return _parsed(data, file)


def _to_json(export: QueuedExport) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "identifier": export.identifier,
        "name": export.name,
        "state": export.state.value,
        "message": export.message,
        "when": export.when.isoformat(),
        "output": str(export.output),
        "overwrite": export.overwrite,
        "preset": export.preset,
        "sidecar": export.sidecar,
        "look": look_to_json(export.look),
        "encoding": encoding_to_json(export.encoding),
        "project": project_to_json(export.project, None),
    }


def _parsed(data: bytes, file: Path) -> QueuedExport:
    try:
        if len(data) > _LARGEST_FILE:
            raise ValueError(len(data))
        plain = json.loads(data)
        if plain["format"] != FORMAT:
            raise ValueError(plain["format"])
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ProjectError("this is not an export of the queue", path=file) from None
    if plain.get("version") != VERSION:
        raise LaterVersion(
            "this export was queued by another version of the application",
            path=file,
            remedy="Update the application, or queue it again.",
        )
    with damage_in("an export of the queue", file):
        when, identifier = datetime.fromisoformat(plain["when"]), name(plain["identifier"])
        if when.tzinfo is None or not identifier.isalnum():
            raise ValueError(when, identifier)
        return QueuedExport(
            text(plain["name"], _LONGEST_MESSAGE),
            project_from_json(plain["project"], file),
            Path(name(plain["output"])),
            look_from_json(plain["look"], Look(), file.parent),
            encoding_from_json(plain["encoding"]),
            text(plain["preset"], _LONGEST_MESSAGE),
            flag(plain, "overwrite"),
            text(plain["sidecar"], _LONGEST_SUFFIX),
            ExportState(plain["state"]),
            text(plain["message"], _LONGEST_MESSAGE),
            when.astimezone(UTC),
            identifier,
        )
