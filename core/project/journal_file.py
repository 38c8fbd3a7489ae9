"""What a journal looks like on disk: lines that each can be told to be whole, and reading them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import LaterVersion, ProjectError
from core.project.document import Project
from core.project.project_file import project_from_json

FORMAT = "emotion-shortform journal"
VERSION = 1

_BEGIN = b'{"checksum":"'
"""Begins each line, and occurs nowhere else: inside a text of JSON its quotes are escaped."""
_DIGITS = 16
_LARGEST_READ = 64 << 20


@dataclass(frozen=True)
class Journalled:
    """What a journal holds.

    Attributes:
        project_path: The project's file; None if the line that says so is damaged.
        state: The project after the last edit that can be read; None if there is none.
        edits: Number of this edit.
        first: Number of edits that are in the file that the journal builds on.
        saved: Number of edits that are in the file, by the SHA-256 of its content.
    """

    project_path: Path | None
    state: Project | None
    edits: int
    first: int
    saved: Mapping[str, int]

    def since(self, digest: str) -> int:
        """How many edits a project's file does not have.

        Args:
            digest: SHA-256 of its content, empty if it is not there. All edits count if this
                content is not known.
        """
        if self.state is None:
            return 0
        return max(0, self.edits - self.saved.get(digest, self.first))


def journal_line(body: str) -> bytes:
    """A line of the journal: an object that begins with the checksum of what follows in it.

    Args:
        body: An object of JSON; its first member is ``"kind"``: ``header``, ``edit`` or ``saving``.
    """
    data = body[1:].encode()
    return b'%b%b",%b\n' % (_BEGIN, _checksum(data), data)


def read_journal_file(file: Path) -> Journalled | None:
    """What a journal holds, or None if there is none.

    Lines that are torn or damaged are passed over.

    Raises:
        LaterVersion: It was made by a later version of the application.
        ProjectError: It cannot be read.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST_READ)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ProjectError(
            f"the journal cannot be read ({error.strerror or error})", path=file
        ) from error
    saved: dict[str, int] = {}
    project_path, first, edits = None, 0, []
    for line in data.split(_BEGIN)[1:]:
        body = _intact(line)
        if body is None:
            continue
        if b'"kind": "edit"' in body[:20]:
            edits.append(body)
            continue
        said = _said(body)
        if said.get("kind") == "header":
            if said.get("version") != VERSION:
                raise LaterVersion(
                    "edits of this project were kept by a later version of the application",
                    path=file,
                    remedy="Update the application to open it.",
                )
            project_path, first = Path(str(said["project"])), int(said["edit"])
        saved[str(said["digest"])] = int(said["edit"])
    for body in reversed(edits):
        said = _said(body)
        try:
            state = project_from_json(said.get("project"), file)
        except LaterVersion:
            raise
        except ProjectError:
            continue
        return Journalled(project_path, state, int(said["edit"]), first, saved)
    return Journalled(project_path, None, first, first, saved)


def _intact(line: bytes) -> bytes | None:
    """The object of a line, of which :data:`_BEGIN` was cut off, or None if it is damaged.

    A torn line has no end, and the next one begins within it; one behind it that has lost its
    begin is cut off.
    """
    data = line[_DIGITS + 2 :].partition(b"\n")[0]
    whole = line[_DIGITS : _DIGITS + 2] == b'",' and line[:_DIGITS] == _checksum(data)
    return b"{" + data if whole else None


def _said(body: bytes) -> dict[str, Any]:
    """The object of an intact line: only this application can have written it."""
    said: dict[str, Any] = json.loads(body)
    return said


def _checksum(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGITS // 2).hexdigest().encode()
