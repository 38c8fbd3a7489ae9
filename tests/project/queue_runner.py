"""Works on the queue of exports in another process; run with what it shall do.

``hold`` takes one export, says which, and goes on until it is killed. ``work`` takes one after the
other until none waits, and says which it had.
"""

from __future__ import annotations

import sys

from core.project.export_queue import ExportQueue
from core.project.queued_export import ExportState


def main() -> None:
    """Takes exports."""
    queue = ExportQueue()
    if sys.argv[1] == "hold":
        running = queue.take()
        _say(running.export.name if running else "")
        sys.stdin.read()
    while (running := queue.take()) is not None:
        _say(running.export.name)
        running.end(ExportState.DONE, "written")


def _say(name: str) -> None:
    sys.stdout.write(f"{name}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
