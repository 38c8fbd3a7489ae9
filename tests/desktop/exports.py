"""Exports as the tests of the window need them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.export.encoding import Encoding
from core.project.queued_export import QueuedExport
from desktop.main_window import MainWindow


def export_of(
    window: MainWindow, output: Path, encoding: Encoding | None = None, **look: object
) -> QueuedExport:
    """The short of a window as it is now, with some of its look changed."""
    project = window.editor.project
    changed = replace(project.wishes.look, **look)  # type: ignore[arg-type]
    return QueuedExport(output.stem, project, output, changed, encoding or Encoding())
