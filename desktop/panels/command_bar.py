"""The slim bar along the top: the project, the analysis, the wishes for the short, the export."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QSizePolicy, QToolButton, QWidget

from core.export.framing import ASPECT_RATIOS
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr, tr_message
from desktop.panels.cuts_list import no_keys
from desktop.panels.elided_label import ElidedLabel
from desktop.panels.glyphs import glyph_icon
from desktop.panels.video_switcher import VideoSwitcher
from desktop.panels.wish_fields import AspectField, LengthField, TitleField
from desktop.widgets import icon_button, label, push_button, with_keys

_LEAST_FOR_ESTIMATE = 0.03
_MINUTES_FROM = 90
_ROOMY = 1200


class CommandBar(QWidget):
    """Signals say what the user wants; methods show what is going on.

    Args:
        editor: The document; length, shape and title are its wishes.
        keys: Gives the keys of a command of :mod:`desktop.shortcuts` as the user sees them.
        parent: Owner.

    Signals:
        open_wanted: Another video or project.
        analyse_wanted: The analysis of the video on show.
        export_wanted: The short as a file.
        cancel_wanted: An end to what is going on.
        relink_wanted: A missing video was chosen: its identifier.
    """

    open_wanted = Signal()
    analyse_wanted = Signal()
    export_wanted = Signal()
    cancel_wanted = Signal()
    relink_wanted = Signal(str)

    def __init__(
        self,
        editor: Editor,
        keys: Callable[[str], str] = no_keys,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._keys = keys
        self._started = 0.0
        self.menu = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu.setObjectName("flat")
        self.menu.setIcon(glyph_icon("menu", theme.palette().text))
        self.menu.setToolTip(tr("Menu"))
        self.menu.setAccessibleName(tr("Menu"))
        self.menu.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.open = icon_button("open", tr("Open video"), role="flat")
        self._lock = label()
        self._lock.setPixmap(glyph_icon("lock", theme.palette().secondary).pixmap(14, 14))
        self._project = ElidedLabel(least=56, most=220)
        self.switcher = VideoSwitcher(editor)
        self.analyse = push_button(tr("Analyse"))
        self._bar = QProgressBar(textVisible=False, maximum=1000)
        self._bar.setAccessibleName(tr("Progress"))
        self._bar.setMinimumWidth(60)
        self._bar.setMaximumWidth(160)
        self._bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._message = ElidedLabel("secondary", least=118, most=200)
        self._message.setFont(theme.tabular(self.font()))
        self.cancel = icon_button("close", tr("Cancel"), role="flat")
        self._length_label = label(tr("Length"), "secondary")
        self.length = LengthField(editor)
        self.aspect = AspectField(editor, ASPECT_RATIOS)
        self.title = TitleField(editor)
        self.export = push_button(tr("Export"), role="primary")
        self.show_keys()
        self._lay_out()
        self.open.clicked.connect(self.open_wanted)
        self.analyse.clicked.connect(self.analyse_wanted)
        self.export.clicked.connect(self.export_wanted)
        self.cancel.clicked.connect(self.cancel_wanted)
        self.switcher.relink_wanted.connect(self.relink_wanted)
        self.show_project("", unsaved=False, read_only=False)
        self.show_ready(can_analyse=False)
        self.show_export(possible=False)

    def set_menu(self, menu: QMenu) -> None:
        """Gives the button at the left its menu."""
        self.menu.setMenu(menu)

    def show_keys(self) -> None:
        """Puts the keys that the commands have now into the tooltips."""
        for button, text, command in (
            (self.open, tr("Open video"), "project.open"),
            (self.cancel, tr("Cancel"), "cancel"),
            (self.analyse, tr("Find the moments that move people"), "analyse"),
            (self.export, tr("Write the short"), "export"),
        ):
            button.setToolTip(with_keys(text, self._keys(command)))
        for described in (self.analyse, self.export):
            described.setAccessibleDescription(described.toolTip())

    def show_project(self, name: str, unsaved: bool, read_only: bool) -> None:
        """Names the project.

        Args:
            name: Empty while there is none.
            unsaved: It has changes that its file has not.
            read_only: Another window has it.
        """
        shown = f"• {name}" if unsaved and name else name
        tip = [name]
        if read_only:
            shown = tr("{name} (read-only)", name=shown)
            tip.append(tr("Open in another window: save it under another name to edit it."))
        elif unsaved:
            tip.append(tr("Not saved yet"))
        self._project.set_text(shown, "\n".join(part for part in tip if part))
        self._lock.setVisible(read_only)

    def show_export(self, possible: bool) -> None:
        """There is something to export, or exports to look at; also while something goes on."""
        self.export.setEnabled(possible)

    def show_ready(self, can_analyse: bool) -> None:
        """Nothing is going on; a video that is there can be analysed."""
        self.analyse.setVisible(True)
        self.analyse.setEnabled(can_analyse)
        for widget in (self._bar, self._message, self.cancel):
            widget.hide()

    def show_busy(self, message: str) -> None:
        """Something is going on and can be cancelled."""
        self._started = time.monotonic()
        self.analyse.hide()
        self._bar.setValue(0)
        self._message.set_text(message)
        for widget in (self._bar, self._message, self.cancel):
            widget.show()

    def show_progress(self, fraction: float, message: str) -> None:
        """How far it is; the time left is estimated from the time gone by."""
        self._bar.setValue(round(1000 * fraction))
        text = tr("{percent} %", percent=f"{fraction * 100:.0f}")
        if _LEAST_FOR_ESTIMATE < fraction < 1:
            left = (time.monotonic() - self._started) * (1 - fraction) / fraction
            text += " · " + (
                tr("{seconds} s left", seconds=f"{left:.0f}")
                if left < _MINUTES_FROM
                else tr("{minutes} min left", minutes=f"{left / 60:.0f}")
            )
        self._message.set_text(text, f"{tr_message(message)}\n{text}" if message else text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = event.size().width() >= _ROOMY
        self._length_label.setVisible(roomy)
        self.switcher.setMinimumContentsLength(14 if roomy else 6)
        self.title.setMaximumWidth(180 if roomy else 120)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACING, theme.SPACING, theme.SPACING, theme.SPACING)
        row.setSpacing(theme.SPACING)
        named: tuple[QWidget, ...] = (
            self.menu,
            self.open,
            self._lock,
            self._project,
            self.switcher,
        )
        for widget in named:
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.analyse)
        row.addWidget(self._bar, 2)
        row.addWidget(self._message)
        row.addWidget(self.cancel)
        row.addStretch(1)
        row.addWidget(self._length_label)
        wishes: tuple[QWidget, ...] = (self.length, self.aspect, self.title, self.export)
        for widget in wishes:
            row.addWidget(widget)
