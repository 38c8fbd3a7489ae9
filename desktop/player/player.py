"""The player of the window: one video, or the short as its clips follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import QObject, Signal
from PySide6.QtMultimedia import QVideoFrame

from core.export.clip import Clip
from core.media.probe import MediaInfo
from desktop.player.playhead import JUST_INSIDE, just_inside
from desktop.player.short_preview import ShortPreview
from desktop.player.source_player import SourcePlayer
from desktop.player.video_view import VideoView


class Player(SourcePlayer):
    """Plays a video, and previews the short without rendering it.

    While a clip plays, a second deck waits at the first frame of the next; at the out point the
    decks change places. A place of the preview that the editor leaves by seeking is left for good.

    Signals:
        clip_changed: Which clip of the short is on show; -1 when its preview ends or is left.
        short_moved: Seconds of the short, during its preview.
    """

    clip_changed = Signal(int)
    short_moved = Signal(float)

    def __init__(self, view: VideoView, parent: QObject | None = None) -> None:
        super().__init__(view, parent)
        self._short: ShortPreview | None = None
        self._awaiting_clip = False
        self._decks.prepared.connect(self._prepared)

    def open(self, info: MediaInfo) -> None:
        self._leave_short()
        super().open(info)

    def close(self) -> None:
        self._leave_short()
        super().close()

    def seek(self, seconds: float) -> None:
        """Goes to a time; the preview of the short goes on there, or is left if that is outside."""
        if self._short is not None and self._info is not None:
            found = self._short.find(self._info, seconds)
            if found is None:
                self._leave_short()
            elif found.index != self._short.index:
                self._short = found
                self._prepare_following()
                self.clip_changed.emit(found.index)
        super().seek(seconds)

    def play_short(self, clips: Sequence[Clip], first: int = 0, offset: float = 0.0) -> None:
        """Plays clips one after the other, as the short will.

        Args:
            clips: In playing order.
            first: The clip to begin with.
            offset: Seconds into that clip to begin at.
        """
        if not clips:
            return
        self._stand_still()
        self._short = ShortPreview(tuple(clips), min(max(first, 0), len(clips) - 1))
        clip = self._short.clip
        begin = float(clip.span.start) + min(max(offset, 0.0), float(clip.span.duration))
        if clip.info == self._info:
            self._go(begin)
        else:
            self._show_source(clip.info)
            self._decks.active.open(clip.info, begin + float(JUST_INSIDE))
            self._move(begin)
            self._exact.name(begin)
        self.clip_changed.emit(self._short.index)
        self._prepare_following()
        self._play(self._speed)

    def set_clips(self, clips: Sequence[Clip]) -> None:
        """The short was changed; its preview goes on, or is left if what is on show is gone."""
        if self._short is None:
            return
        changed = self._short.changed(clips, self._position)
        if changed is None:
            self.pause()
            self._leave_short()
            return
        moved = changed.index != self._short.index
        self._short = changed
        self._armed = False
        self._prepare_following()
        if moved:
            self.clip_changed.emit(changed.index)
        if self._position not in changed.clip.span:
            self._go(float(changed.clip.span.start))

    def leave_short(self) -> None:
        """Ends the preview of the short where it is, paused."""
        self.pause()
        self._leave_short()

    def _move(self, seconds: float) -> None:
        super()._move(seconds)
        if self._short is not None:
            self.short_moved.emit(self._short.short_seconds(seconds))

    def _play_back(self, rate: float) -> None:
        self._leave_short()
        super()._play_back(rate)

    def _stand_still(self) -> None:
        self._awaiting_clip = False
        super()._stand_still()

    def _start_for(self, seconds: float) -> float:
        return seconds if self._short is not None else super()._start_for(seconds)

    def _out(self) -> Fraction | None:
        return self._short.clip.span.end if self._short is not None else super()._out()

    def _reach_out(self) -> None:
        if self._short is None:
            super()._reach_out()
        elif self._short.following is None:
            self._finish_short()
        elif self._short.runs_on:
            self._short = self._short.at(self._short.index + 1)
            self.clip_changed.emit(self._short.index)
            self._prepare_following()
        elif self._decks.ready:
            self._show_following()
        else:
            self._awaiting_clip = True
            self._decks.active.pause()

    def _prepared(self) -> None:
        if self._awaiting_clip:
            self._show_following()

    def _show_following(self) -> None:
        assert self._short is not None
        self._awaiting_clip = False
        self._short = self._short.at(self._short.index + 1)
        self._decks.swap()
        deck = self._decks.active
        self._show_source(self._short.clip.info)
        self._armed = True
        if deck.frame is not None:
            self._view.show_frame(deck.frame)
            self._exact.showed(deck.begin)
        if deck.broken:
            self._failed("")
            return
        deck.play()
        self.clip_changed.emit(self._short.index)
        self._move(float(self._short.clip.span.start))
        self._prepare_following()

    def _prepare_following(self) -> None:
        following = self._short.following if self._short is not None else None
        if following is None or (self._short is not None and self._short.runs_on):
            return
        index = self._index_of(following.info)
        number = index.number(following.span.start)
        self._decks.prepare(following.info, just_inside(index, number))

    def _finish_short(self) -> None:
        assert self._short is not None
        assert self._index is not None
        self._stand_still()
        last = self._index.number(self._short.clip.span.end - JUST_INSIDE)
        self._go(float(self._index.middle(last)))
        self._leave_short()

    def _leave_short(self) -> None:
        if self._short is not None:
            self._short = None
            self._awaiting_clip = False
            self._decks.close_spare()
            self.clip_changed.emit(-1)

    def _clock(self) -> None:
        if not self._awaiting_clip:
            super()._clock()

    def _pictured(self, frame: QVideoFrame, begin: float) -> None:
        if not self._awaiting_clip:
            super()._pictured(frame, begin)

    def _ended(self) -> None:
        if not self._awaiting_clip:
            super()._ended()

    def _failed(self, message: str) -> None:
        self._leave_short()
        super()._failed(message)
