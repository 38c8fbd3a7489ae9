"""Chooses the video on show where a project has several."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyleOptionComboBox, QWidget

from desktop.editor import Editor
from desktop.i18n import tr

_FRAME = 40
"""Pixels for the frame and the arrow."""


class VideoSwitcher(QComboBox):
    """All videos of the project; hidden while there are fewer than two.

    Args:
        editor: The document.
        parent: Owner.

    Signals:
        relink_wanted: A missing video was chosen: its identifier.
    """

    relink_wanted = Signal(str)

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self.setAccessibleName(tr("Video"))
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(200)
        self.activated.connect(self._choose)
        editor.project_changed.connect(self._show)
        editor.media_changed.connect(self._show)
        self._show()

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        room = self.width() - _FRAME
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideMiddle, room
        )

    def _choose(self, number: int) -> None:
        identifier = str(self.itemData(number))
        if identifier in self._editor.infos:
            self._editor.show_medium(identifier)
        else:
            self._show()
            self.relink_wanted.emit(identifier)

    def _show(self) -> None:
        media = self._editor.project.media
        wanted = [
            (
                m.path.name
                if m.identifier in self._editor.infos
                else tr("{name} (missing)", name=m.path.name),
                m.identifier,
            )
            for m in media
        ]
        if wanted != [(self.itemText(n), self.itemData(n)) for n in range(self.count())]:
            self.clear()
            for text, identifier in wanted:
                self.addItem(text, identifier)
        self.setCurrentIndex(self.findData(self._editor.medium))
        self.setToolTip(tr("Video on show: {name}", name=self.currentText()))
        self.setVisible(len(media) > 1)
