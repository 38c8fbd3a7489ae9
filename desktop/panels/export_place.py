"""Where the files of an export go, how they are called, and what lies beside them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QWidget

from desktop import theme
from desktop.i18n import tr
from desktop.panels.elided_label import ElidedLabel
from desktop.panels.export_more import choice
from desktop.widgets import push_button

_FORBIDDEN = '/\\:*?"<>|'
_LONGEST = 120


class PlaceFields(QWidget):
    """Folder, name and caption file; the proposal is beside the first video of the short.

    Signals:
        changed: Something else was chosen.
        folder_wanted: Another folder shall be asked for.
    """

    changed = Signal()
    folder_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._proposed: Path | None = None
        self.folder = Path()
        self._folder = ElidedLabel(least=60, most=420)
        self.choose = push_button(tr("Choose folder…"), tr("Where the files are written"))
        self.name = QLineEdit()
        self.name.setMaxLength(_LONGEST)
        self.name.setAccessibleName(tr("Name of the files"))
        self.name.setToolTip(tr("The name of each file begins like this and ends with its preset"))
        self.captions = choice(
            tr("Caption file"),
            {
                "": tr("None"),
                "srt": tr("SubRip (.srt)"),
                "vtt": tr("WebVTT (.vtt)"),
                "ass": tr("ASS (.ass)"),
            },
        )
        folder = QHBoxLayout()
        folder.setSpacing(theme.SPACING)
        folder.addWidget(self._folder)
        folder.addStretch(1)
        folder.addWidget(self.choose)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(2 * theme.SPACING)
        form.setVerticalSpacing(theme.SPACING)
        form.addRow(tr("Folder"), folder)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Caption file"), self.captions)
        self.choose.clicked.connect(self.folder_wanted)
        self.name.textChanged.connect(self.changed)
        self.captions.currentIndexChanged.connect(self.changed)
        self.show_captions(there=False)

    @property
    def stem(self) -> str:
        """How the names of the files begin, without what no file name may have."""
        allowed = "".join(sign for sign in self.name.text() if sign not in _FORBIDDEN)
        return allowed.strip().rstrip(".")

    @property
    def caption_kind(self) -> str:
        """Kind of the caption file; empty for none."""
        return str(self.captions.currentData()) if self.captions.isEnabled() else ""

    def propose(self, path: Path | None) -> None:
        """Proposes a place, unless it is the one that was proposed before.

        Args:
            path: Folder and name without an ending; None for nothing.
        """
        if path is None or path == self._proposed:
            return
        self._proposed = path
        with QSignalBlocker(self.name):
            self.name.setText(path.name)
        self.set_folder(path.parent)

    def set_folder(self, folder: Path) -> None:
        """Takes another folder."""
        self.folder = folder
        self._folder.set_text(str(folder))
        self.changed.emit()

    def show_captions(self, *, there: bool) -> None:
        """Lets a caption file be chosen where the short has captions."""
        self.captions.setEnabled(there)
        tip = (
            tr("A file of the same name beside each video; in the picture, the look draws them")
            if there
            else tr("The short has no captions yet")
        )
        self.captions.setToolTip(tip)
        self.captions.setAccessibleDescription(tip)
