"""The speeds of J, K and L, and playing backwards."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

SLOWEST, FASTEST = 0.25, 4.0
_SPEEDS = (-4.0, -2.0, -1.0, 1.0, 2.0, 4.0)
_TICK = 33


def next_speed(rate: float, direction: int) -> float:
    """The speed after one more press of L or J.

    Args:
        rate: The speed now; 0 when nothing plays, negative backwards.
        direction: 1 for L, -1 for J.
    """
    if direction > 0:
        return min((speed for speed in _SPEEDS if speed > rate), default=FASTEST)
    return max((speed for speed in _SPEEDS if speed < rate), default=-FASTEST)


class Reverse(QObject):
    """Runs a time backwards. QMediaPlayer cannot: its pictures come by seeks, as many as it can.

    Signals:
        at: The time that should be on show now, in seconds; below zero at the end of the way.
    """

    at = Signal(float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._from = 0.0
        self._speed = 1.0
        self._gone = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK)
        self._timer.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        """Whether time runs backwards."""
        return self._timer.isActive()

    def start(self, seconds: float, speed: float) -> None:
        """Begins at a time; a speed of 2 passes two seconds of the video in one."""
        self._from = seconds
        self._speed = speed
        self._gone.start()
        self._timer.start()

    def stop(self) -> None:
        """Time stands still."""
        self._timer.stop()

    def _tick(self) -> None:
        self.at.emit(self._from - self._gone.elapsed() / 1000 * self._speed)
