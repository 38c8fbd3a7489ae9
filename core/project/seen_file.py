"""Notices that something else changes a file."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

_STAMP_COUNTS_AFTER = 2_000_000_000
"""Nanoseconds; a file written within them may change again without another time stamp."""


class SeenFile:
    """A file as it was read or written last.

    Args:
        path: The file.
        data: Its content; None if it was not there.
    """

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self.digest = digest_of(data)

    def changed(self) -> bool:
        """Whether its content is another one now, or it is gone, or has come to be.

        The content is looked at only if the time stamp, the size or the place on disk differ.
        """
        stamp = self._stamp_now()
        if stamp is not None and stamp == self._stamp:
            return False
        try:
            digest = digest_of(self._path.read_bytes())
        except OSError:
            digest = ""
        if digest != self.digest:
            return True
        self._stamp = stamp
        return False

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        if time.time_ns() - status.st_mtime_ns < _STAMP_COUNTS_AFTER:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def digest_of(data: bytes | None) -> str:
    """The SHA-256 of a content in hexadecimal; empty for a file that is not there."""
    return "" if data is None else hashlib.sha256(data).hexdigest()
