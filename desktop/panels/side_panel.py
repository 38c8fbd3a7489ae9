"""What stands beside the picture: the short, the emotion, the history, a tab each."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.panels.key_keeper import KeyKeeper
from desktop.panels.length_bar import LengthBar
from desktop.panels.threshold_field import ThresholdField

TABS = ("short", "look", "captions", "emotion", "history")
"""Names of the tabs, from the left."""


class ShortPanel(QWidget):
    """The length of the short, the threshold of the suggestions, and the cuts.

    Args:
        editor: The document.
        cuts: The list of cuts.
        parent: Owner.
    """

    def __init__(self, editor: Editor, cuts: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.length = LengthBar(editor)
        self.threshold = ThresholdField(editor)
        self._inset = QVBoxLayout()
        self._inset.setContentsMargins(theme.SPACING + 4, theme.SPACING + 4, theme.SPACING + 4, 4)
        self._inset.setSpacing(theme.SPACING)
        self._inset.addWidget(self.length)
        self._inset.addWidget(self.threshold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._inset)
        column.addWidget(cuts, 1)
        self.setFocusProxy(cuts)

    def set_learning(self, line: QWidget) -> None:
        """Puts a line about who suggests under the length."""
        self._inset.insertWidget(1, line)


class SidePanel(QTabWidget):
    """Five tabs; the arrow keys go through them, Ctrl+Tab from anywhere inside.

    Args:
        editor: The document.
        cuts: The list of cuts.
        look: What the look tab shows.
        captions: What the captions tab shows.
        emotion: What the emotion tab shows.
        history: What the history tab shows.
        parent: Owner.
    """

    def __init__(
        self,
        editor: Editor,
        cuts: QWidget,
        look: QWidget,
        captions: QWidget,
        emotion: QWidget,
        history: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.short = ShortPanel(editor, cuts)
        self.addTab(self.short, tr("Short"))
        self.addTab(look, tr("Look"))
        self.addTab(captions, tr("Captions"))
        self.addTab(emotion, tr("Emotion"))
        self.addTab(history, tr("History"))
        self.tabBar().setAccessibleName(tr("Side panel"))
        self.tabBar().setDrawBase(False)
        self.tabBar().setExpanding(False)
        self.setMinimumWidth(300)
        KeyKeeper(
            self.tabBar(), (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)
        )

    def show_tab(self, name: str) -> None:
        """Brings a tab to the front.

        Args:
            name: One of :data:`TABS`.
        """
        self.setCurrentIndex(TABS.index(name))
