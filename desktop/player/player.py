"""Plays a video; one seek at a time, so that scrubbing shows as many frames as it can."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import (
    Q_ARG,
    QGenericArgumentHolder,
    QMetaObject,
    QObject,
    Qt,
    QTimer,
    QUrl,
    Signal,
)
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer

from core.media.frames import shown_frame
from core.media.probe import MediaInfo
from desktop.player.video_view import VideoView

_SEEK_PATIENCE = 400
_TICK = 33


class Player(QObject):
    """QMediaPlayer in seconds of the media time axis.

    Signals:
        moved: The playhead is at this time now, in seconds.
        playing_changed: Playing began or ended.
        failed: The system cannot play this file; analysing and exporting still work.
    """

    moved = Signal(float)
    playing_changed = Signal(bool)
    failed = Signal(str)

    def __init__(self, view: VideoView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._info: MediaInfo | None = None
        self._position = 0.0
        self._wanted: float | None = None
        self._under_way = False
        self._audio = QAudioOutput(self)
        self._media = QMediaPlayer(self)
        self._media.setAudioOutput(self._audio)
        self._media.setVideoSink(view.sink)
        self._media.playbackStateChanged.connect(self._state_changed)
        self._media.positionChanged.connect(self._position_changed)
        self._media.errorOccurred.connect(self._failed)
        view.frame_shown.connect(self._seek_done)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_SEEK_PATIENCE)
        self._patience.timeout.connect(self._seek_done)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK)
        self._tick.timeout.connect(lambda: self._position_changed(self._media.position()))

    @property
    def position(self) -> float:
        """Seconds."""
        return self._position

    @property
    def playing(self) -> bool:
        return self._media.playbackState() == QMediaPlayer.PlaybackState.PlayingState

    def open(self, info: MediaInfo) -> None:
        """Shows the first frame of a video, paused."""
        self._info = info
        self._position = 0.0
        self._wanted = None
        self._under_way = False
        self._view.clear()
        self._command("setSource", Q_ARG(QUrl, QUrl.fromLocalFile(str(info.path.resolve()))))
        self._command("pause")
        self.moved.emit(0.0)

    def close(self) -> None:
        """Stops and lets go of the file."""
        self._tick.stop()
        self._patience.stop()
        self._command("stop")
        self._command("setSource", Q_ARG(QUrl, QUrl()))

    def toggle(self) -> None:
        """Plays or pauses."""
        if self._info is None:
            return
        if self.playing:
            self._command("pause")
        else:
            if self._position >= float(self._info.duration) - 0.05:
                self.seek(0.0)
            self._command("play")

    def pause(self) -> None:
        """Pauses."""
        if self.playing:
            self._command("pause")

    def seek(self, seconds: float) -> None:
        """Goes to a time; while a seek is under way only the latest wish is remembered."""
        if self._info is None:
            return
        self._position = min(max(seconds, 0.0), float(self._info.duration))
        self.moved.emit(self._position)
        self._wanted = self._position
        if not self._under_way:
            self._seek_now()

    def step(self, frames: int) -> None:
        """Goes whole frames forward or back, paused."""
        if self._info is None:
            return
        self.pause()
        shown = shown_frame(self._info, Fraction(self._position))
        # The middle of a frame is the time that no rounding takes to its neighbour.
        self.seek(float(shown + (frames + Fraction(1, 2)) / self._info.video.frame_rate))

    def set_volume(self, volume: float) -> None:
        """Loudness of the player, 0 to 1."""
        self._audio.setVolume(volume)

    def _command(self, slot: str, *arguments: QGenericArgumentHolder) -> None:
        """Calls a slot of QMediaPlayer without holding Python's lock.

        These slots wait for the player's threads, and a thread that is ending a stream waits for
        Python: called directly, now and then they would wait for each other for ever.
        """
        direct = Qt.ConnectionType.DirectConnection
        QMetaObject.invokeMethod(self._media, slot, direct, *arguments)

    def _seek_now(self) -> None:
        assert self._wanted is not None
        self._under_way = True
        self._patience.start()
        self._command("setPosition", Q_ARG("qint64", round(self._wanted * 1000)))
        self._wanted = None

    def _seek_done(self) -> None:
        self._patience.stop()
        self._under_way = False
        if self._wanted is not None:
            self._seek_now()

    def _position_changed(self, milliseconds: int) -> None:
        if self._under_way or self._wanted is not None or not self.playing:
            return
        assert self._info is not None
        self._position = min(milliseconds / 1000, float(self._info.duration))
        self.moved.emit(self._position)

    def _state_changed(self, state: QMediaPlayer.PlaybackState) -> None:
        playing = state == QMediaPlayer.PlaybackState.PlayingState
        if playing:
            self._tick.start()
        else:
            self._tick.stop()
        self.playing_changed.emit(playing)

    def _failed(self, error: QMediaPlayer.Error, message: str) -> None:
        self.failed.emit(
            f"This system cannot play the video ({message}). "
            "Analysing and exporting it may still work."
        )
