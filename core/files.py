"""Files that are replaced whole or not at all, and that are read only where they have an end."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from io import BufferedReader
from pathlib import Path


def open_file(path: Path) -> BufferedReader:
    """Opens a file to read it, but no pipe and no device, which may have no end.

    Raises:
        OSError: It is not there, is no file, or cannot be read.
    """
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # of a folder, the system says so itself
        raise OSError(errno.EINVAL, "it is a device or a pipe, not a file", str(path))
    return path.open("rb")


def replace_file(path: Path, data: bytes) -> None:
    """Writes a file beside its place, then puts it there in one step.

    Raises:
        OSError: The file cannot be written; what was there before is unchanged.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
