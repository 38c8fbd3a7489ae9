"""Children that do not outlive the application, even if it is killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType

# Reads lists of processes until the other end is gone, and ends those of the last list.
_SCRIPT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
last = []
for line in sys.stdin:
    last = line.split()
for process in last:
    try:
        os.kill(int(process), getattr(signal, "SIGKILL", signal.SIGTERM))
    except OSError:
        pass
"""


class Guard:
    """A small process that ends others as soon as this one is gone.

    No operating system but Linux ends children with their parent, and there only from code that
    runs between fork and exec, which hangs where threads are; and ffmpeg minds neither a closed
    input nor a closed output. A pipe, though, is closed by every system when its writer dies.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Guard:
        # In a packed application this would start the application once more.
        if getattr(sys, "frozen", False):
            return self
        # Without it, the children are not watched; that is no reason not to run them.
        with suppress(OSError):
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _SCRIPT],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        return self

    def watch(self, processes: Iterable[int]) -> None:
        """Names the processes that are to be ended, in place of those named before."""
        if self._process is None or self._process.stdin is None:
            return
        with suppress(OSError):
            line = " ".join(str(process) for process in processes)
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
