"""Where a player is: a video, a time in it, and the frame that is shown at that time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.media.frame_index import FrameIndex, average_index
from core.media.probe import MediaInfo

JUST_INSIDE = Fraction(2, 1000)
"""Seconds after the begin of a frame that are surely inside of it, if the frame is that long."""


class Playhead(QObject):
    """Names a time of a video and counts its frames; a player moves it.

    Frames are counted by the average frame rate until their real begins are known.

    Signals:
        moved: The playhead is at this time of the source on show now, in seconds.
        source_changed: The MediaInfo of the video on show.
        index_changed: Frames of the source are counted by other begins now.
    """

    moved = Signal(float)
    source_changed = Signal(object)
    index_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._info: MediaInfo | None = None
        self._indices: dict[Path, FrameIndex] = {}
        self._index: FrameIndex | None = None
        self._position = 0.0

    @property
    def info(self) -> MediaInfo | None:
        """The video on show."""
        return self._info

    @property
    def position(self) -> float:
        """Seconds."""
        return self._position

    @property
    def frame_number(self) -> int:
        """The frame at the playhead, 0…count - 1."""
        return self._index.number(self._position) if self._index is not None else 0

    @property
    def frame_count(self) -> int:
        return len(self._index) if self._index is not None else 0

    @property
    def counts_exactly(self) -> bool:
        """Whether frames are counted by their real begins, not by the average frame rate."""
        return self._info is not None and self._info.path in self._indices

    def _put(self, info: MediaInfo) -> FrameIndex:
        """Goes over to a video; gives the begins of its frames as far as they are known."""
        self._info = info
        self._index = self._index_of(info)
        return self._index

    def _put_nothing(self) -> None:
        self._info = None
        self._index = None

    def _learn(self, info: MediaInfo, index: FrameIndex) -> bool:
        """Keeps the real begins of the frames of a video; whether it is the one on show."""
        self._indices[info.path] = index
        if info != self._info:
            return False
        self._index = index
        return True

    def _index_of(self, info: MediaInfo) -> FrameIndex:
        return self._indices.get(info.path) or average_index(info)

    def _move(self, seconds: float) -> None:
        self._position = seconds
        self.moved.emit(seconds)


def just_inside(index: FrameIndex, number: int) -> float:
    """A time early in a frame: asked for its very begin, QtMultimedia shows the one before."""
    begin = index.time(number)
    return float(begin + min(JUST_INSIDE, (index.time(number + 1) - begin) / 4))
