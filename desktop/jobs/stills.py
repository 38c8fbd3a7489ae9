"""Exact pictures for a player that stands still, decoded in one persistent thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fractions import Fraction

from PySide6.QtCore import QObject, Qt, QThread, Signal

from core.errors import Cancelled, MediaError
from core.media.probe import MediaInfo
from core.media.still import Still, StillReader
from desktop.jobs.job import unexpected


@dataclass(frozen=True)
class StillWish:
    """A frame that somebody wants to see.

    Attributes:
        info: The video.
        seconds: A time on the media time axis at which the frame is shown.
        height: Height of the picture in pixels.
    """

    info: MediaInfo
    seconds: Fraction
    height: int


class Stills(QObject):
    """Decodes the frame that was wished for last; a newer wish interrupts an older one.

    The thread begins with the first wish, and its decoder stays where it was, so that neighbours
    come quickly. ``close()`` ends it.

    Signals:
        ready: A StillWish and its Still; wishes that were overtaken are not heard of.
        failed: A StillWish that could not be fulfilled, and why.
    """

    ready = Signal(object, object)
    failed = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: _StillThread | None = None
        self._wish: StillWish | None = None

    def wish(self, wish: StillWish) -> None:
        """Asks for a frame in place of the one that was asked for before."""
        self._wish = wish
        if self._thread is None:
            self._thread = _StillThread()
            self._thread.done.connect(self._done, Qt.ConnectionType.QueuedConnection)
            self._thread.start()
        self._thread.put(wish)

    def forget(self) -> None:
        """Nobody waits any more for what was asked for."""
        self._wish = None
        if self._thread is not None:
            self._thread.put(None)

    def close(self) -> None:
        """Ends the thread; it looks up before each packet, so this takes a moment at most."""
        self._wish = None
        if self._thread is not None:
            self._thread.end()
            self._thread.wait()
            self._thread = None

    def _done(self, wish: StillWish, still: Still | None, problem: str) -> None:
        if wish is not self._wish:
            return
        self._wish = None
        if still is None:
            self.failed.emit(wish, problem)
        else:
            self.ready.emit(wish, still)


class _StillThread(QThread):
    done = Signal(object, object, str)

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._wish: StillWish | None = None
        self._fresh = False
        self._ending = False

    def put(self, wish: StillWish | None) -> None:
        with self._changed:
            self._wish = wish
            self._fresh = True
            self._changed.notify()

    def end(self) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify()

    def run(self) -> None:
        reader: StillReader | None = None
        open_for: MediaInfo | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._fresh or self._ending)
                wish, self._fresh = self._wish, False
            other = wish is not None and wish.info != open_for
            if reader is not None and (self._ending or other):
                reader.close()
                reader = None
            if self._ending:
                return
            if wish is None:
                continue
            try:
                if reader is None:
                    reader, open_for = StillReader(wish.info), wish.info
                still = reader.picture(wish.seconds, wish.height, cancelled=self._overtaken)
            except Cancelled:
                continue
            except MediaError as error:
                self.done.emit(wish, None, str(error))
            except Exception as error:  # a bug: its decoder may be anywhere, the next gets another
                if reader is not None:
                    reader.close()
                    reader = None
                self.done.emit(wish, None, unexpected(error))
            else:
                self.done.emit(wish, still, "")

    def _overtaken(self) -> bool:
        return self._fresh or self._ending
