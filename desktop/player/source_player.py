"""Plays one video: a playhead in exact time, and the picture that belongs to it."""

from __future__ import annotations

import math
from fractions import Fraction

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtMultimedia import QVideoFrame

from core.media.frame_index import FrameIndex
from core.media.probe import MediaInfo
from core.time import Span
from desktop.i18n import tr
from desktop.player.decks import Decks
from desktop.player.exact_picture import ExactPicture
from desktop.player.playhead import JUST_INSIDE, Playhead, just_inside
from desktop.player.shuttle import FASTEST, SLOWEST, Reverse, next_speed
from desktop.player.video_view import VideoView

_TICK = 33
_ROUNDING = 0.0005
_FAR_BEHIND = 1.0


class SourcePlayer(Playhead):
    """Plays a video in seconds of its media time; what it shows when it stands still is exact.

    Signals:
        playing_changed: Playing began or ended.
        failed: The system cannot play this file; analysing and exporting still work.
        rate_changed: Speed, 1 is that of the video, negative backwards.
    """

    playing_changed = Signal(bool)
    failed = Signal(str)
    rate_changed = Signal(float)

    def __init__(self, view: VideoView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._playing = False
        self._speed = 1.0
        self._rate = 1.0
        self._loop: Span | None = None
        self._armed = False
        self._follows = False
        self._decks = Decks(self)
        self._decks.pictured.connect(self._pictured)
        self._decks.settled.connect(self._settled)
        self._decks.ended.connect(self._ended)
        self._decks.failed.connect(self._failed)
        self._exact = ExactPicture(view, self)
        self._reverse = Reverse(self)
        self._reverse.at.connect(self._run_back)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK)
        self._tick.timeout.connect(self._clock)

    @property
    def playing(self) -> bool:
        """Whether time runs, in either direction."""
        return self._playing

    @property
    def rate(self) -> float:
        """Speed at which it plays, or will play when it is started; negative backwards."""
        return self._rate

    def open(self, info: MediaInfo) -> None:
        """Shows the first frame of a video, paused."""
        self._stand_still()
        self._loop = None
        self._show_source(info)
        self._view.clear()
        self._decks.close_spare()
        self._decks.active.open(info)
        self._move(0.0)
        self._exact.name(0.0)

    def close(self) -> None:
        """Stops and lets go of all files and of the thread that decodes exact frames."""
        self._stand_still()
        self._exact.close()
        self._decks.close()
        self._put_nothing()

    def set_frame_index(self, index: FrameIndex, info: MediaInfo | None = None) -> None:
        """The real begins of the frames of a video, of the one on show if none is given."""
        info = info or self._info
        if info is None or not self._learn(info, index):
            return
        self._exact.open(info, index, exact=True)
        self._exact.name(self._position)
        if not self._playing and not self._decks.active.seeking:
            self._exact.settle_soon()
        self.index_changed.emit()

    def toggle(self) -> None:
        """Plays or pauses."""
        if self._playing:
            self.pause()
        else:
            self._play(self._speed)

    def pause(self) -> None:
        """Pauses; the playhead names the frame that is shown then."""
        if not self._playing:
            return
        backwards = self._reverse.running
        if not backwards:
            self._clock()
        self._stand_still()
        self._follows = not backwards
        self._exact.name(self._position)
        self._exact.settle_soon()

    def seek(self, seconds: float) -> None:
        """Goes to a time; while it loops, to the begin of the loop if that is outside."""
        if self._info is None:
            return
        seconds = min(max(seconds, 0.0), float(self._info.duration))
        if self._reverse.running:
            self._reverse.start(seconds, -self._rate)
        elif self._playing:
            seconds = self._start_for(seconds)
        self._go(seconds)

    def step(self, frames: int) -> None:
        """Goes whole frames forward or back, paused."""
        if self._index is None:
            return
        self.pause()
        # The middle of a frame is the time that no rounding takes to its neighbour.
        number = min(max(self.frame_number + frames, 0), len(self._index) - 1)
        self.seek(float(self._index.middle(number)))

    def shuttle(self, direction: int) -> None:
        """J (-1) and L (1): starts to play that way, faster with each press, or slows down."""
        if self._info is None:
            return
        rate = next_speed(self._rate if self._playing else 0.0, direction)
        if rate > 0:
            self._play(rate)
        else:
            self._play_back(rate)

    def set_rate(self, rate: float) -> None:
        """Speed of playing, 0.25 to 4, also for the next time that playing is started."""
        self._speed = min(max(rate, SLOWEST), FASTEST)
        if self._reverse.running:
            self._play(self._speed)
        else:
            self._run_at(self._speed)

    def set_loop(self, span: Span | None) -> None:
        """Playing stays inside of this span of the video on show; None ends that."""
        self._loop = span
        if span is not None and self._playing and self._start_for(self._position) != self._position:
            self._go(float(span.start))

    def set_volume(self, volume: float) -> None:
        """Loudness of the player, 0 to 1."""
        self._decks.set_volume(volume)

    def set_muted(self, muted: bool) -> None:
        """Whether nothing is heard."""
        self._decks.set_muted(muted)

    def _show_source(self, info: MediaInfo) -> None:
        known = info == self._info
        self._exact.open(info, self._put(info), exact=self.counts_exactly)
        self._view.set_shape(info.video.width, info.video.height)
        if not known:
            self.source_changed.emit(info)
            self.index_changed.emit()

    def _go(self, seconds: float) -> None:
        """Puts the playhead at a time and lets the picture follow."""
        assert self._index is not None
        self._follows = False
        self._armed = False
        self._move(seconds)
        self._exact.name(seconds)
        number = self._index.number(seconds)
        if self._playing and not self._reverse.running:
            self._decks.active.seek(just_inside(self._index, number))
        else:
            self._decks.active.seek(float(self._index.middle(number)))

    def _play(self, rate: float) -> None:
        if self._index is None or self._decks.active.broken:
            return
        if self._reverse.running:
            self._reverse.stop()
            self._decks.active.seek(float(self._index.middle(self.frame_number)))
        started, self._playing = not self._playing, True
        self._run_at(rate)
        start = self._start_for(self._position)
        if start != self._position:
            self._go(start)
        self._decks.active.play()
        self._tick.start()
        if started:
            self.playing_changed.emit(True)

    def _play_back(self, rate: float) -> None:
        self._tick.stop()
        self._decks.active.pause()
        started, self._playing = not self._playing, True
        self._set_rate_shown(rate)
        self._reverse.start(self._position, -rate)
        if started:
            self.playing_changed.emit(True)

    def _run_at(self, rate: float) -> None:
        self._decks.set_rate(rate)
        self._set_rate_shown(rate)

    def _set_rate_shown(self, rate: float) -> None:
        if rate != self._rate:
            self._rate = rate
            self.rate_changed.emit(rate)

    def _stand_still(self) -> None:
        self._reverse.stop()
        self._tick.stop()
        self._decks.active.pause()
        if self._playing:
            self._playing = False
            self._run_at(self._speed)
            self.playing_changed.emit(False)

    def _start_for(self, seconds: float) -> float:
        """Where playing begins that is to begin at a time."""
        if self._loop is not None:
            return seconds if seconds in self._loop else float(self._loop.start)
        assert self._index is not None
        return 0.0 if self._index.number(seconds) == len(self._index) - 1 else seconds

    def _run_back(self, seconds: float) -> None:
        first = 0.0 if self._loop is None else float(self._loop.start)
        if seconds > first:
            self._go(seconds)
            return
        if self._loop is None:
            self._go(0.0)
            self.pause()
        else:
            self._reverse.start(float(self._loop.end), -self._rate)

    def _out(self) -> Fraction | None:
        """Where playing has to leave the place that it is at; None if it just goes on."""
        return self._loop.end if self._loop is not None else None

    def _reach_out(self) -> None:
        """The out point is there, or the video ended before it."""
        assert self._loop is not None
        self._go(float(self._loop.start))
        self._decks.active.play()

    def _clock(self) -> None:
        """Moves the playhead inside of the picture that is on show."""
        deck, index = self._decks.active, self._index
        if index is None or deck.seeking:
            return
        now, out = deck.position(), self._out()
        if not math.isnan(deck.begin):
            end = index.after(deck.begin + _ROUNDING)
            if out is not None and now >= out:
                # A transport stream may answer a seek from far behind the out point.
                there = end > out - JUST_INSIDE if self._armed else deck.begin > out + _FAR_BEHIND
                if there:
                    self._reach_out()
                return
            now = min(now, float(end) - (float(end) - deck.begin) / 10)
        elif out is not None and now >= out:
            self._reach_out()
            return
        self._move(min(max(now, 0.0), float(index.duration)))

    def _pictured(self, frame: QVideoFrame, begin: float) -> None:
        if self._index is None:
            return
        if self._playing and not self._reverse.running:
            out = self._out()
            if out is not None and begin >= out - JUST_INSIDE / 2:
                if self._armed:
                    self._reach_out()
                return
            self._armed = True
        elif self._follows and not self._decks.active.seeking and not math.isnan(begin):
            number = self._index.number(begin + _ROUNDING)
            if number != self.frame_number:
                self._move(float(self._index.middle(number)))
                self._exact.name(self._position)
        if self._playing or self._exact.accepts(begin):
            self._view.show_frame(frame)
            self._exact.showed(begin)

    def _settled(self) -> None:
        if not self._playing:
            self._exact.settle_soon()

    def _ended(self) -> None:
        if not self._playing or self._reverse.running or self._index is None:
            return
        if self._out() is not None:
            self._reach_out()
        else:
            self._stand_still()
            self._go(float(self._index.middle(len(self._index) - 1)))

    def _failed(self, message: str) -> None:
        self._stand_still()
        self._exact.settle_soon()
        self.failed.emit(
            tr(
                "This system cannot play the video ({message}). "
                "Analysing and exporting it may still work.",
                message=message,
            )
        )
