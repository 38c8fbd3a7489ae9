"""The row of controls under the picture."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QWidget

from core.time import format_timecode
from desktop import theme
from desktop.icons import icon
from desktop.player.player import Player
from desktop.widgets import icon_button, label


class Transport(QWidget):
    """Play, frame steps, jumps from cut to cut, time, volume."""

    previous_cut = Signal()
    next_cut = Signal()

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._duration = 0.0
        self._play = self._button("play", "Play or pause", "Space", player.toggle)
        self.short_only = QToolButton()
        self.short_only.setText("Short only")
        self.short_only.setCheckable(True)
        self.short_only.setToolTip("Play only what the short keeps")
        self._time = label(role="timecode")
        self._time.setFont(theme.tabular(self.font()))
        self._time.setAccessibleName("Playhead")
        volume = QSlider(Qt.Orientation.Horizontal)
        volume.setRange(0, 100)
        volume.setValue(100)
        volume.setFixedWidth(96)
        volume.setToolTip("Volume")
        volume.setAccessibleName("Volume")
        volume.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        volume.valueChanged.connect(lambda value: player.set_volume((value / 100) ** 2))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACING, theme.SPACING // 2, theme.SPACING, theme.SPACING // 2)
        row.setSpacing(theme.SPACING // 2)
        for widget in (
            self._button("previous", "Previous cut", "Up", self.previous_cut.emit),
            self._button("frame-back", "Frame back", "Left", lambda: player.step(-1)),
            self._play,
            self._button("frame-on", "Frame on", "Right", lambda: player.step(1)),
            self._button("next", "Next cut", "Down", self.next_cut.emit),
        ):
            row.addWidget(widget)
        row.addSpacing(theme.SPACING)
        row.addWidget(self._time)
        row.addStretch()
        row.addWidget(self.short_only)
        row.addSpacing(theme.SPACING)
        row.addWidget(volume)
        player.moved.connect(self._show_time)
        player.playing_changed.connect(self._show_playing)
        self._show_time(0.0)
        self.setEnabled(False)

    def set_duration(self, seconds: float) -> None:
        """A video of this length is open."""
        self._duration = seconds
        self.setEnabled(True)
        self._show_time(self._player.position)

    def _button(self, image: str, name: str, key: str, act: Callable[[], object]) -> QToolButton:
        button = icon_button(image, name, key)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: act())
        return button

    def _show_time(self, seconds: float) -> None:
        self._time.setText(f"{format_timecode(seconds)} / {format_timecode(self._duration)}")

    def _show_playing(self, playing: bool) -> None:
        self._play.setIcon(icon("pause" if playing else "play"))
