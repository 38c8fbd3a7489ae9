"""Sees to it that a player that stands still shows the frame that its playhead names."""

from __future__ import annotations

import math
from fractions import Fraction

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal
from PySide6.QtGui import QImage

from core.media.frame_index import FrameIndex
from core.media.probe import MediaInfo
from core.media.still import Still
from desktop.i18n import tr
from desktop.jobs.stills import Stills, StillWish
from desktop.player.video_view import VideoView

_SETTLE = 80
_SCRUB = 150
_CLOCK_ROUNDING = 0.002
_LEAST_HEIGHT = 1080


class ExactPicture(QObject):
    """Compares what QtMultimedia shows with what is named; decodes the frame where they differ.

    QtMultimedia is exact in mp4, mov, mkv and webm once its clock is set, and quick: its picture
    stays wherever the time that it states is the begin of the named frame. In transport streams it
    lands up to seconds away, or hands over nothing.

    Signals:
        corrected: The exact frame took the place of another picture.
    """

    corrected = Signal()

    def __init__(self, view: VideoView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._info: MediaInfo | None = None
        self._index: FrameIndex | None = None
        self._known = False
        self._named = Fraction(0)
        self._shown = math.nan
        self._right = False
        self._decoded = False
        self._doubted = False
        self._since_wish = QElapsedTimer()
        self._scrubbing = False
        self._stills = Stills(self)
        self._stills.ready.connect(self._take)
        self._stills.failed.connect(self._failed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._settle)

    def open(self, info: MediaInfo, index: FrameIndex, *, exact: bool) -> None:
        """Pictures are of this video from now on.

        Args:
            info: The video.
            index: Begins of its frames.
            exact: Whether these are the real ones; if not, no picture is taken for right by them.
        """
        if info != self._info:
            self._shown = math.nan
        self._info = info
        self._index = index
        self._known = exact
        self._doubted = False

    def close(self) -> None:
        """Lets go of the video and ends the thread."""
        self._timer.stop()
        self._stills.close()
        self._info = None

    def name(self, seconds: float) -> None:
        """The frame at this time is to be shown."""
        if self._index is None:
            return
        self._timer.stop()
        self._stills.forget()
        self._scrubbing = self._since_wish.isValid() and self._since_wish.elapsed() < _SCRUB
        self._since_wish.start()
        # A float may fall short of the frame that it is meant to name.
        self._named = max(Fraction(seconds), self._index.shown(seconds))
        self._right = self._matches(self._shown)
        self._decoded = False

    def accepts(self, begin: float) -> bool:
        """Whether a picture that begins at a time may be shown while the player stands still."""
        if self._matches(begin):
            self._right = True
        elif self._decoded or (self._doubted and not self._scrubbing):
            return False
        return True

    def showed(self, begin: float) -> None:
        """A picture of QtMultimedia that begins at a time is on show."""
        self._shown = begin

    def settle_soon(self) -> None:
        """No other frame is being asked for: what is on show should become exact."""
        self._timer.start(0 if self._doubted else _SETTLE)

    def _matches(self, begin: float) -> bool:
        if self._index is None or not self._known or math.isnan(begin):
            return False
        number = self._index.number(self._named)
        frame = self._index.time(number)
        length = self._index.time(number + 1) - frame
        return abs(begin - float(frame)) <= min(_CLOCK_ROUNDING, float(length) / 2)

    def _settle(self) -> None:
        if self._info is None or self._right or self._decoded:
            return
        self._doubted = self._known
        height = max(_LEAST_HEIGHT, self._view.picture_height())
        self._stills.wish(StillWish(self._info, self._named, min(height, self._info.video.height)))

    def _take(self, wish: StillWish, still: Still) -> None:
        height, width, _ = still.pixels.shape
        picture = QImage(
            still.pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888
        ).copy()
        self._view.show_image(picture)
        self._shown = float(still.time)
        self._decoded = True
        self.corrected.emit()

    def _failed(self, wish: StillWish, problem: str) -> None:
        self._view.set_message(tr("This video has no picture that can be shown here."))
