"""Asks for files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from core.project.project_file import ENDING
from desktop.i18n import tr

if TYPE_CHECKING:
    from desktop.main_window import MainWindow

VIDEO_ENDINGS = "*.mp4 *.mov *.mkv *.webm *.m4v *.avi *.ts *.mts *.m2ts *.mpg *.wmv *.flv"
CAPTION_ENDINGS = (".srt", ".vtt", ".ass", ".ssa")


def show_in_folder(path: Path) -> None:
    """Shows the folder of a file in the desktop's own file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


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

    def ask_for_export_folder(self) -> None:
        """Asks where the files of an export are written."""
        page = self._window.export_page
        folder = QFileDialog.getExistingDirectory(
            self._window, tr("Where the files are written"), str(page.place.folder)
        )
        if folder:
            page.set_folder(Path(folder))

    def ask_for_captions(self) -> None:
        """Asks for a file with captions of the video on show."""
        window = self._window
        if window.editor.info is None:
            return
        kinds = " ".join(f"*{ending}" for ending in CAPTION_ENDINGS)
        name, _ = QFileDialog.getOpenFileName(
            window, tr("Import captions"), str(window.editor.info.path.parent),
            f"{tr('Captions')} ({kinds});;{tr('All files')} (*)",
        )  # fmt: skip
        if name:
            window.captioner.read(Path(name))

    def ask_for_caption_output(self) -> None:
        """Asks where to write the captions of the video on show."""
        window = self._window
        proposal = window.captioner.proposal()
        if proposal is None:
            return
        kinds = {"SubRip (*.srt)": ".srt", "WebVTT (*.vtt)": ".vtt", "SubStation (*.ass)": ".ass"}
        name, chosen = QFileDialog.getSaveFileName(
            window, tr("Export captions"), str(proposal), ";;".join(kinds)
        )
        if name:
            output = Path(name)
            if output.suffix.lower() not in kinds.values():
                output = output.with_name(output.name + kinds.get(chosen, ".srt"))
            # The dialog asked about an existing file, but only under the name that was typed.
            window.captioner.write(output, overwrite=str(output) == name)

    def _video_name(self, title: str) -> str:
        name, _ = QFileDialog.getOpenFileName(
            self._window, title, "", f"{tr('Videos')} ({VIDEO_ENDINGS});;{tr('All files')} (*)"
        )
        return name
