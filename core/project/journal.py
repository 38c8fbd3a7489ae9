"""Keeps every finished edit of a project on disk before the next one starts."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from pathlib import Path
from typing import Any

from core.errors import ProjectError
from core.project import journal_file as lines
from core.project.backups import move_journal, store_backup
from core.project.document import Project
from core.project.journal_file import Journalled, journal_line, read_journal_file
from core.project.journal_place import journal_file
from core.project.project_file import check_project, project_bytes
from core.project.state_text import StateText

LARGEST = 8 << 20
"""Bytes; a journal that would grow beyond them starts anew with the last state."""


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
        self._marker: dict[str, Any] = {}
        self._going_on = found is not None
        self._edits = 0 if found is None else found.edits
        self._saved = 0 if found is None else found.edits - found.since(digest)
        self._state_text = StateText(path)
        self._lock = threading.Lock()

    @property
    def edits(self) -> int:
        """How many edits there were so far."""
        return self._edits

    @property
    def edits_in_file(self) -> int:
        """How many of them the project's file has."""
        return self._saved

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
            ProjectError: It cannot be written, or could not be read back. The edit counts as
                unsaved, and the next one that can be kept brings all of it.
        """
        with self._lock:
            self._edits += 1
            check_project(project, self._project_path)
            head = json.dumps({"kind": "edit", "edit": self._edits, "text": text})
            line = journal_line(f'{head[:-1]}, "project": {self._state_text.of(project)}}}')
            try:
                self._write(line)
            except OSError as error:
                raise ProjectError(
                    f"the edit cannot be kept for the case of a crash ({error.strerror or error})",
                    path=self._file,
                    remedy="Make room on the disk and save the project.",
                ) from error

    def saving(self, digest: str, edits: int) -> None:
        """Notes that the project's file is about to get a content.

        A crash between the two steps then neither loses nor repeats an edit.

        Args:
            digest: SHA-256 of the content.
            edits: How many edits are in it.
        """
        with self._lock:
            self._marker = {"kind": "saving", "edit": edits, "digest": digest}
            if self._going_on:
                with contextlib.suppress(OSError):
                    self._add(journal_line(json.dumps(self._marker)))

    def saved(self, digest: str, edits: int) -> None:
        """Notes that the project's file has a content, and starts anew unless edits came since.

        Args:
            digest: SHA-256 of the content.
            edits: How many edits are in it.
        """
        with self._lock:
            self._digest, self._saved, self._marker = digest, edits, {}
            if edits == self._edits:
                self._going_on = False
                with contextlib.suppress(OSError):
                    self._file.unlink(missing_ok=True)

    def give_up(self, digest: str) -> None:
        """Goes on from what the file holds; the edits that it does not have become a backup.

        Args:
            digest: SHA-256 of the content of the file.

        Raises:
            ProjectError: They cannot be kept as a backup; nothing has changed.
        """
        _keep_last_state(self._project_path)
        with self._lock:
            if self._file.exists():
                move_journal(self._project_path, self._file)
            self._edits += 1  # so that a save of the state before counts as an older one
            self._digest, self._saved, self._marker = digest, self._edits, {}
            self._going_on = False

    def _write(self, line: bytes) -> None:
        if self._going_on and self._size() + len(line) <= LARGEST:
            with contextlib.suppress(FileNotFoundError):
                self._add(line)
                return
        header = {
            "kind": "header",
            "format": lines.FORMAT,
            "version": lines.VERSION,
            "project": str(self._project_path),
            "digest": self._digest,
            "edit": self._saved,
            "process": os.getpid(),
        }
        begin = journal_line(json.dumps(header))
        if self._marker:  # of a save that is going on
            begin += journal_line(json.dumps(self._marker))
        new = self._file.with_suffix(".new")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        try:
            new.write_bytes(begin + line)
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


def read_journal(path: Path) -> Journalled | None:
    """What the journal of a project's file holds, or None if there is no journal.

    Raises:
        LaterVersion: It was made by a later version of the application.
        ProjectError: It cannot be read.
    """
    return read_journal_file(journal_file(path))


def set_aside(path: Path) -> None:
    """Puts the journal of a project's file among its backups, its last state as one to open.

    Raises:
        ProjectError: It cannot be moved.
    """
    _keep_last_state(path)
    if journal_file(path).exists():
        move_journal(path, journal_file(path))


def _keep_last_state(path: Path) -> None:
    file = journal_file(path)
    with contextlib.suppress(ProjectError, FileNotFoundError):
        found = read_journal_file(file)
        if found is not None and found.state is not None:
            state = project_bytes(found.state, path)
            store_backup(path, state, file.stat().st_mtime_ns)
