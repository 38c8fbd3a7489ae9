"""Asks for files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from core.project.project_file import ENDING
from desktop.i18n import tr

if TYPE_CHECKING:
    from desktop.main_window import MainWindow

VIDEO_ENDINGS = "*.mp4 *.mov *.mkv *.webm *.m4v *.avi *.ts *.mts *.m2ts *.mpg *.wmv *.flv"


class Dialogs:
    """The questions of a window that a file answers."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def ask_for_file(self) -> None:
        """Asks for a project or a video to open."""
        window = self._window
        kinds = f"{VIDEO_ENDINGS} *{ENDING}"
        name, _ = QFileDialog.getOpenFileName(
            window, tr("Open"), "",
            f"{tr('Videos and projects')} ({kinds});;{tr('All files')} (*)",
        )  # fmt: skip
        if name:
            window.open(Path(name), analyse=True)

    def ask_for_video(self) -> None:
        """Asks for a video to take into the project."""
        window = self._window
        if name := self._video_name(tr("Add video")):
            window.desk.add_video(Path(name))

    def ask_for_medium(self, identifier: str) -> None:
        """Asks where a video of the project is now."""
        window = self._window
        medium = window.editor.project.medium(identifier)
        if medium is None:
            return
        if name := self._video_name(tr("Where is {name}?", name=medium.path.name)):
            window.desk.relink(medium, Path(name))

    def ask_for_project_name(self) -> None:
        """Asks where to save the project."""
        window = self._window
        if window.editor.session is None or not window.editor.project.media:
            return
        first = window.editor.project.media[0].path
        proposal = first.with_suffix(ENDING)
        name, _ = QFileDialog.getSaveFileName(
            window, tr("Save project"), str(proposal), f"{tr('Projects')} (*{ENDING})"
        )
        if name:
            window.saver.save_as(Path(name))

    def ask_for_output(self) -> None:
        """Asks where to write the short."""
        window = self._window
        proposal = window.exporter.proposal()
        if proposal is None:
            return
        name, _ = QFileDialog.getSaveFileName(
            window, tr("Export"), str(proposal), f"{tr('Videos')} (*.mp4)"
        )
        if name:
            output = Path(name)
            if output.suffix.lower() != ".mp4":
                output = output.with_name(output.name + ".mp4")
            # The dialog asked about an existing file, but only under the name that was typed.
            window.export_to(output, overwrite=str(output) == name)

    def _video_name(self, title: str) -> str:
        name, _ = QFileDialog.getOpenFileName(
            self._window, title, "", f"{tr('Videos')} ({VIDEO_ENDINGS});;{tr('All files')} (*)"
        )
        return name
