"""The row of controls under the picture."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSlider, QToolButton, QWidget

from core.time import format_timecode
from desktop import theme
from desktop.i18n import tr
from desktop.icons import icon
from desktop.player.player import Player
from desktop.widgets import icon_button, label, with_keys

SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)


class Transport(QWidget):
    """Play, steps, jumps, time and frame, speed, loop, short, volume, guides and full screen.

    Attributes:
        buttons: Each button by the role that :meth:`set_shortcuts` knows it by.
        loop: Toggle; its owner says what is looped.
        short_only: Toggle for the preview of the short.
        safe_area: Toggle for the safe areas.

    Signals:
        previous_cut: The editor wants to be at the cut before.
        next_cut: The editor wants to be at the cut after.
        loop_toggled: Whether playing should stay inside of something.
        safe_area_toggled: Whether the safe areas are outlined.
        full_screen_wanted: The button was pressed.
        volume_changed: The slider stands elsewhere, 0 to 1.
    """

    previous_cut = Signal()
    next_cut = Signal()
    loop_toggled = Signal(bool)
    safe_area_toggled = Signal(bool)
    full_screen_wanted = Signal()
    volume_changed = Signal(float)

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._duration = 0.0
        self._names: dict[str, str] = {}
        self.buttons: dict[str, QToolButton] = {}
        previous = self._button("previous-cut", "previous", tr("Previous cut"))
        back = self._button("frame-back", "frame-back", tr("Frame back"))
        self._play = self._button("play", "play", tr("Play or pause"))
        on = self._button("frame-on", "frame-on", tr("Frame on"))
        following = self._button("next-cut", "next", tr("Next cut"))
        self._time = _figures(tr("Playhead"))
        self._frame = _figures(tr("Frame"))
        self._speed = self._make_speed()
        self.loop = self._toggle("loop-cut", "loop", tr("Loop the selected cut"))
        self.short_only = self._toggle("play-short", "", tr("Play only the short"))
        self.short_only.setText(tr("Short only"))
        self._mute = self._toggle("mute", "volume", tr("Mute"))
        self._volume = self._make_volume()
        self.safe_area = self._toggle("safe-area", "safe-area", tr("Safe areas"))
        full = self._button("full-screen", "full-screen", tr("Full screen"))
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACING, theme.SPACING // 2, theme.SPACING, theme.SPACING // 2)
        row.setSpacing(theme.SPACING // 2)
        # A narrow window hides the least of these instead of being kept from becoming narrow.
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        for group in (
            (previous, back, self._play, on, following),
            (self._time,),
            (self._frame,),
            (),
            (self._speed, self.loop, self.short_only),
            (self._mute, self._volume),
            (self.safe_area, full),
        ):
            if not group:
                row.addStretch()
            for widget in group:
                row.addWidget(widget)
            row.addSpacing(theme.SPACING)
        self._expendable = (self._volume, self._frame, self.safe_area, self._mute, self._speed)
        self.setMinimumSize(240, row.sizeHint().height())
        previous.clicked.connect(self.previous_cut)
        back.clicked.connect(lambda: player.step(-1))
        self._play.clicked.connect(player.toggle)
        on.clicked.connect(lambda: player.step(1))
        following.clicked.connect(self.next_cut)
        full.clicked.connect(self.full_screen_wanted)
        self.loop.toggled.connect(self.loop_toggled)
        self.safe_area.toggled.connect(self.safe_area_toggled)
        self._mute.toggled.connect(self._show_muted)
        player.moved.connect(self._show_time)
        player.index_changed.connect(self._fit_figures)
        player.playing_changed.connect(self._show_playing)
        player.rate_changed.connect(self._show_rate)
        player.source_changed.connect(lambda info: self.set_duration(float(info.duration)))
        self._show_rate(player.rate)
        self._fit_figures()
        self.setAutoFillBackground(True)  # over the picture in full screen
        self.setEnabled(False)

    def set_duration(self, seconds: float) -> None:
        """A video of this length is open."""
        self._duration = seconds
        self.setEnabled(True)
        self._fit_figures()

    def set_shortcuts(self, keys: Mapping[str, str]) -> None:
        """Shows the keys of roles in the tooltips of their buttons."""
        for role, button in self.buttons.items():
            name = self._names[role]
            button.setToolTip(with_keys(name, keys.get(role, "")))

    def slower(self) -> None:
        """The next lower speed of the menu."""
        self._player.set_rate(max((s for s in SPEEDS if s < self._player.rate), default=SPEEDS[0]))

    def faster(self) -> None:
        """The next higher speed of the menu."""
        self._player.set_rate(min((s for s in SPEEDS if s > self._player.rate), default=SPEEDS[-1]))

    def set_volume(self, volume: float) -> None:
        """Loudness as the slider shows it, 0 to 1."""
        self._volume.setValue(round(100 * volume))

    def sizeHint(self) -> QSize:
        return QSize(self._row.sizeHint().width(), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._hide_what_does_not_fit()
        super().resizeEvent(event)

    def _hide_what_does_not_fit(self) -> None:
        for widget in self._expendable:
            widget.show()
        for widget in self._expendable:
            self._row.invalidate()
            if self._row.minimumSize().width() <= self.width():
                return
            widget.hide()

    def _button(self, role: str, image: str, name: str) -> QToolButton:
        button = icon_button(image, name) if image else QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._names[role] = name
        self.buttons[role] = button
        return button

    def _toggle(self, role: str, image: str, name: str) -> QToolButton:
        button = self._button(role, image, name)
        button.setCheckable(True)
        return button

    def _make_speed(self) -> QToolButton:
        button = self._button("speed", "", tr("Speed"))
        button.setFont(theme.tabular(self.font()))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        choice = QActionGroup(menu)
        for speed in SPEEDS:
            action = menu.addAction(_times(speed))
            action.setCheckable(True)
            action.setData(speed)
            choice.addAction(action)
        choice.triggered.connect(lambda action: self._player.set_rate(action.data()))
        button.setMenu(menu)
        button.ensurePolished()
        room = button.sizeHint().width()
        button.setFixedWidth(room + button.fontMetrics().horizontalAdvance(_times(-0.25)))
        return button

    def _make_volume(self) -> QSlider:
        volume = QSlider(Qt.Orientation.Horizontal)
        volume.setRange(0, 100)
        volume.setValue(100)
        volume.setFixedWidth(80)
        volume.setToolTip(tr("Volume"))
        volume.setAccessibleName(tr("Volume"))
        volume.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        volume.valueChanged.connect(lambda value: self._player.set_volume((value / 100) ** 2))
        volume.valueChanged.connect(lambda value: self.volume_changed.emit(value / 100))
        volume.valueChanged.connect(lambda value: self._mute.setChecked(value == 0))
        return volume

    def _fit_figures(self) -> None:
        """Gives times and frames the room of the longest, so that nothing jumps."""
        last = format_timecode(self._duration)
        _give_room(self._time, f"{_widest(last)} / {_widest(last)}")
        count = str(self._player.frame_count)
        _give_room(self._frame, f"≈ {_widest(count)} / {_widest(count)}")
        self._show_time(self._player.position)
        self._hide_what_does_not_fit()

    def _show_time(self, seconds: float) -> None:
        player = self._player
        self._time.setText(f"{format_timecode(seconds)} / {format_timecode(self._duration)}")
        if player.frame_count:
            about = "" if player.counts_exactly else "≈ "
            self._frame.setText(f"{about}{player.frame_number + 1} / {player.frame_count}")
            self._frame.setToolTip(
                tr("Frame on show, of all frames")
                if player.counts_exactly
                else tr("Frame on show, counted by the average frame rate so far")
            )

    def _show_playing(self, playing: bool) -> None:
        self._play.setIcon(icon("pause" if playing else "play"))

    def _show_rate(self, rate: float) -> None:
        self._speed.setText(_times(rate))
        for action in self._speed.menu().actions():
            action.setChecked(action.data() == rate)

    def _show_muted(self, muted: bool) -> None:
        self._player.set_muted(muted)
        self._mute.setIcon(icon("muted" if muted else "volume"))


def _times(rate: float) -> str:
    return f"{rate:g}×".replace("-", "−")


def _figures(name: str) -> QLabel:
    made = label(role="timecode")
    made.setFont(theme.tabular(made.font()))
    made.setAccessibleName(name)
    return made


def _widest(text: str) -> str:
    return "".join("0" if character.isdigit() else character for character in text)


def _give_room(figures: QLabel, widest: str) -> None:
    figures.ensurePolished()
    figures.setFixedWidth(figures.fontMetrics().horizontalAdvance(widest) + 2)
