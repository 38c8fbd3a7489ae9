"""What the user prefers, as pages of a panel: nothing modal, everything in force at once."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.i18n import tr
from desktop.panels.preferences_general import GeneralPage
from desktop.panels.preferences_models import ModelsPage
from desktop.panels.preferences_storage import StoragePage
from desktop.panels.shortcut_list import ShortcutList
from desktop.panels.wheel_keeper import WheelKeeper
from desktop.settings import SettingsStore
from desktop.shortcuts import Shortcuts
from desktop.widgets import icon_button, label

PAGES = ("general", "models", "storage", "shortcuts")
_NAVIGATION_WIDTH = 160
_WIDEST_PAGE = 720


class Preferences(QWidget):
    """Pages of preferences with a list of them beside; each change goes to the store at once.

    Args:
        store: The settings.
        shortcuts: The commands and their keys.
        in_use: Gives the fingerprints of the videos that are open: their analyses are not
            cleared.

    Signals:
        closed: The user is done.
    """

    closed = Signal()

    def __init__(
        self,
        store: SettingsStore,
        shortcuts: Shortcuts,
        in_use: Callable[[], Collection[str]] = tuple,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Preferences"))
        self.general = GeneralPage(store)
        self.models = ModelsPage(store)
        self.storage = StoragePage(store, in_use)
        self.shortcuts = ShortcutList(shortcuts)
        self.close_button = icon_button(
            "close", tr("Close the preferences"), shortcuts.shown_keys("cancel"), "flat"
        )
        self.close_button.clicked.connect(self.closed)
        self._pages = QStackedWidget()
        self._pages.addWidget(_scrolling(self.general))
        self._pages.addWidget(_scrolling(self.models))
        self._pages.addWidget(_scrolling(self.storage))
        self._pages.addWidget(self.shortcuts)
        self.navigation = QListWidget()
        self.navigation.setAccessibleName(tr("Pages of the preferences"))
        self.navigation.setFixedWidth(_NAVIGATION_WIDTH)
        self.navigation.addItems([tr("General"), tr("Models"), tr("Storage"), tr("Shortcuts")])
        self.navigation.ensurePolished()  # or its rows keep the height they have without style
        self.navigation.currentRowChanged.connect(self._turn_to)
        self.navigation.setCurrentRow(0)
        self.setFocusProxy(self.navigation)
        self._compose()

    @property
    def page(self) -> str:
        """The page that is shown, one of :data:`PAGES`."""
        return PAGES[self._pages.currentIndex()]

    def show_page(self, name: str) -> None:
        """Turns to a page of :data:`PAGES`."""
        self.navigation.setCurrentRow(PAGES.index(name))

    def close_jobs(self) -> None:
        """Ends what goes on in the background; to be called before the panel goes."""
        self.models.close_jobs()
        self.storage.close_jobs()

    def event(self, event: QEvent) -> bool:
        # Escape closes the panel: the window's own use of the key has to wait.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _compose(self) -> None:
        top = QHBoxLayout()
        top.addWidget(label(tr("PREFERENCES"), "heading"))
        top.addStretch()
        top.addWidget(self.close_button)
        below = QHBoxLayout()
        below.setSpacing(2 * theme.SPACING)
        below.addWidget(self.navigation)
        below.addWidget(self._pages, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * [theme.SPACING + 4]))
        column.setSpacing(theme.SPACING)
        column.addLayout(top)
        column.addLayout(below, 1)

    def _turn_to(self, row: int) -> None:
        self._pages.setCurrentIndex(row)
        if PAGES[row] == "storage":
            self.storage.measure()


def _scrolling(page: QWidget) -> QScrollArea:
    page.setMaximumWidth(_WIDEST_PAGE)
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    WheelKeeper(page)
    return area
