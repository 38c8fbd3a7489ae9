"""Keeps every finished edit of a project on disk before the next one starts."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.errors import ProjectError
from core.places import data_folder
from core.project.backups import move_journal, path_key, store_backup
from core.project.document import Project
from core.project.project_file import (
    FORMAT,
    VERSION,
    edited_cut_to_json,
    medium_to_json,
    project_bytes,
    project_from_json,
    wishes_to_json,
)

LARGEST = 8 << 20
"""Bytes; a journal that would grow beyond them starts anew with the last state."""

_FORMAT = "emotion-shortform journal"
_VERSION = 1
_BEGIN = b'{"checksum":"'
"""Begins each line, and occurs nowhere else: inside a text of JSON its quotes are escaped."""
_DIGITS = 16
_LARGEST_READ = 8 * LARGEST


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


def journals_folder() -> Path:
    """Where the journals of this user are, each in a folder of its own."""
    return data_folder() / "journals"


def journal_folder(path: Path) -> Path:
    """Where the journal of a project's file is, and the lock of whoever writes it."""
    return journals_folder() / path_key(path)


def journal_file(path: Path) -> Path:
    """The journal of a project's file."""
    return journal_folder(path) / "edits.journal"


class Journal:
    """Writes the journal of a project; whoever has one must have the project's lock.

    Each line holds a whole state, so that any intact line is enough. Threads may use it at the
    same time.

    Args:
        path: The project's file.
        digest: SHA-256 of its content, empty if it is not there yet.
        found: What the journal holds already, to go on after it; None to start anew.
    """

    def __init__(self, path: Path, digest: str, found: Journalled | None = None) -> None:
        self._project_path = path
        self._file = journal_file(path)
        self._digest = digest
        self._going_on = found is not None
        self._edits = 0 if found is None else found.edits
        self._saved = 0 if found is None else found.edits - found.since(digest)
        self._texts: dict[int, tuple[object, str]] = {}
        self._lock = threading.Lock()

    @property
    def unsaved(self) -> int:
        """How many edits the project's file does not have."""
        return self._edits - self._saved

    def append(self, text: str, project: Project) -> None:
        """Keeps the state after an edit.

        Returns when the operating system has it, which survives the end of this process in any
        way. The disk may have it some seconds later: a power failure can cost the last moments.

        Args:
            text: Name of the edit.
            project: The whole state after it.

        Raises:
            ProjectError: It cannot be written. The edit counts as unsaved, and the next one that
                can be written brings all of it.
        """
        with self._lock:
            self._edits += 1
            head = json.dumps({"kind": "edit", "edit": self._edits, "text": text})
            line = _line(f'{head[:-1]}, "project": {self._encoded(project)}}}')
            try:
                self._write(line)
            except OSError as error:
                raise ProjectError(
                    f"the edit cannot be kept for the case of a crash ({error.strerror or error})",
                    path=self._file,
                    remedy="Make room on the disk and save the project.",
                ) from error

    def saving(self, digest: str) -> int:
        """Notes that the project's file is about to get a content, with the edits so far.

        A crash between the two steps then neither loses nor repeats an edit.

        Returns:
            How many edits there are, for :meth:`saved`.
        """
        with self._lock:
            if self._going_on:
                marker = {"kind": "saving", "edit": self._edits, "digest": digest}
                with contextlib.suppress(OSError):
                    self._add(_line(json.dumps(marker)))
            return self._edits

    def saved(self, digest: str, edits: int) -> None:
        """Notes that the project's file has a content, and starts anew unless edits came since.

        Args:
            digest: SHA-256 of the content.
            edits: How many edits are in it.
        """
        with self._lock:
            self._digest, self._saved = digest, edits
            if edits == self._edits:
                self._going_on = False
                with contextlib.suppress(OSError):
                    self._file.unlink(missing_ok=True)

    def _write(self, line: bytes) -> None:
        if self._going_on and self._size() + len(line) <= LARGEST:
            with contextlib.suppress(FileNotFoundError):
                self._add(line)
                return
        header = {
            "kind": "header",
            "format": _FORMAT,
            "version": _VERSION,
            "project": str(self._project_path),
            "digest": self._digest,
            "edit": self._saved,
            "process": os.getpid(),
        }
        new = self._file.with_suffix(".new")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        try:
            new.write_bytes(_line(json.dumps(header)) + line)
            os.replace(new, self._file)
        except OSError:
            with contextlib.suppress(OSError):
                new.unlink()
            raise
        self._going_on = True

    def _size(self) -> int:
        try:
            return self._file.stat().st_size
        except OSError:
            return 0

    def _add(self, line: bytes) -> None:
        """Writes behind what is there.

        Raises:
            FileNotFoundError: The journal was removed.
            OSError: It cannot be written.
        """
        with self._file.open("r+b", buffering=0) as file:
            file.seek(0, os.SEEK_END)
            left = memoryview(line)
            while left:
                left = left[file.write(left) :]

    def _encoded(self, project: Project) -> str:
        """The state as JSON; what has not changed since the last edit is encoded only once."""
        texts: dict[int, tuple[object, str]] = {}

        def joined(values: tuple[Any, ...], plain: Callable[[Any], dict[str, Any]]) -> str:
            for value in values:
                known = self._texts.get(id(value))  # held, and so no other object has this id
                texts[id(value)] = known or (value, json.dumps(plain(value)))
            return ", ".join(texts[id(value)][1] for value in values)

        media = joined(project.media, medium_to_json)
        cuts = joined(project.cuts, edited_cut_to_json)
        self._texts = texts
        return (
            f'{{"format": "{FORMAT}", "version": {VERSION}, "media": [{media}], '
            f'"cuts": [{cuts}], "wishes": {json.dumps(wishes_to_json(project.wishes))}}}'
        )


def lock_journal(path: Path) -> FileLock | None:
    """Takes the right to write a project and its journal.

    The operating system gives it back if this process ends in any way.

    Returns:
        The lock, to be released; None if another process has it, or another part of this one.

    Raises:
        ProjectError: The folder of the journals cannot be written to.
    """
    folder = journal_folder(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "lock", thread_local=False)
        lock.acquire(blocking=False)
    except Timeout:
        return None
    except OSError as error:
        raise ProjectError(
            f"edits cannot be kept for the case of a crash ({error.strerror or error})",
            path=folder,
            remedy="Make sure that you may write to this folder, and that its disk has room.",
        ) from error
    return lock


def read_journal(path: Path) -> Journalled | None:
    """What the journal of a project's file holds, or None if there is no journal.

    Lines that are torn or damaged are passed over.

    Raises:
        ProjectError: The journal cannot be read, or was made by a later version.
    """
    return read_journal_file(journal_file(path))


def read_journal_file(file: Path) -> Journalled | None:
    """As :func:`read_journal`, of a journal whose project is not known.

    Raises:
        ProjectError: The journal cannot be read, or was made by a later version.
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
            if said.get("version") != _VERSION:
                raise ProjectError(
                    "the journal was made by another version of the application", path=file
                )
            project_path, first = Path(str(said["project"])), int(said["edit"])
        saved[str(said["digest"])] = int(said["edit"])
    for body in reversed(edits):
        said = _said(body)
        with contextlib.suppress(ProjectError):
            state = project_from_json(said.get("project"), file)
            return Journalled(project_path, state, int(said["edit"]), first, saved)
    return Journalled(project_path, None, first, first, saved)


def set_aside(path: Path) -> None:
    """Puts the journal of a project's file among its backups, its last state as one to open.

    Raises:
        ProjectError: It cannot be moved.
    """
    file = journal_file(path)
    if not file.exists():
        return
    with contextlib.suppress(ProjectError):
        found = read_journal(path)
        if found is not None and found.state is not None:
            state = project_bytes(found.state, path)
            store_backup(path, state, file.stat().st_mtime_ns)
    move_journal(path, file)


def _line(body: str) -> bytes:
    """A line of the journal: an object that begins with the checksum of what follows in it."""
    data = body[1:].encode()
    return b'%b%b",%b\n' % (_BEGIN, _checksum(data), data)


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
