"""One video that plays: QMediaPlayer on the media time axis, one seek at a time."""

from __future__ import annotations

import math

from PySide6.QtCore import (
    Q_ARG,
    QElapsedTimer,
    QGenericArgumentHolder,
    QMetaObject,
    QObject,
    Qt,
    QTimer,
    QUrl,
    Signal,
)
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer, QVideoFrame, QVideoSink

from core.media.probe import MediaInfo

_SEEK_PATIENCE = 400
_OPENING_PATIENCE = 3000
_MOST_CLOCK_OFFSET = 1.0
_MICROSECOND = 1e-6
_NOT_THERE_YET = (QMediaPlayer.MediaStatus.NoMedia, QMediaPlayer.MediaStatus.LoadingMedia)


class Deck(QObject):
    """Plays one video into pictures; knows which time each picture is of.

    QtMultimedia counts from the begin of the container, which includes sound that is never heard
    (matroska: up to 21 ms before the first picture), so its clock is set by the first picture that
    it hands over after opening. A seek to the very begin of a frame shows the one before it: ask
    for a time inside of it.

    Signals:
        pictured: A QVideoFrame, and when it begins in seconds of the media time axis; NaN if
            QtMultimedia does not say it.
        settled: The seek that was asked for last was answered, or no answer came.
        ended: Playing came to the end of the video.
        failed: The system cannot play this file, and its words for that.
    """

    pictured = Signal(object, float)
    settled = Signal()
    ended = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._info: MediaInfo | None = None
        self._offset: float | None = None
        self._clocked = False
        self._wanted: float | None = None
        self._under_way = False
        self._broken = False
        self._opening = False
        self._plays_then = False
        self._since_frame = QElapsedTimer()
        self._begin = math.nan
        self._frame: QVideoFrame | None = None
        self._sink = QVideoSink(self)
        self._audio = QAudioOutput(self)
        self._media = QMediaPlayer(self)
        self._media.setAudioOutput(self._audio)
        self._media.setVideoSink(self._sink)
        self._sink.videoFrameChanged.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._media.mediaStatusChanged.connect(self._status_changed)
        self._media.errorOccurred.connect(self._failed)
        # Speech at 2x stays speech where Qt can do that (6.10 and later).
        if hasattr(self._media, "setPitchCompensation"):
            self._command("setPitchCompensation", Q_ARG(bool, True))
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._answered)

    @property
    def info(self) -> MediaInfo | None:
        """The video that is open."""
        return self._info

    @property
    def broken(self) -> bool:
        """Whether the system cannot play what is open."""
        return self._broken

    @property
    def frame(self) -> QVideoFrame | None:
        """The picture that came last."""
        return self._frame

    @property
    def begin(self) -> float:
        """When the picture that came last begins, in seconds; NaN if that is not known."""
        return self._begin

    @property
    def seeking(self) -> bool:
        """Whether a seek waits for its picture."""
        return self._under_way

    @property
    def playing(self) -> bool:
        return self._media.playbackState() == QMediaPlayer.PlaybackState.PlayingState

    def position(self) -> float:
        """Where playing is, in seconds: inside of the picture that came last, if its time is known.

        QtMultimedia's own clock names times that its pictures have not come to.
        """
        if math.isnan(self._begin):
            return self._media.position() / 1000 - (self._offset or 0.0)
        gone = self._since_frame.elapsed() / 1000 * self._media.playbackRate()
        return self._begin + (gone if self.playing else 0.0)

    def open(self, info: MediaInfo, seconds: float | None = None) -> None:
        """Shows the first picture of a video, paused, then the one at a time if one is given."""
        self._forget()
        self._info = info
        self._under_way = True
        # Playing at once would pass over the first picture, which the clock is set by.
        self._opening = True
        self._wanted = seconds
        self._patience.start(_OPENING_PATIENCE)
        self._sink.setVideoFrame(QVideoFrame())
        self._command("setSource", Q_ARG(QUrl, QUrl.fromLocalFile(str(info.path.resolve()))))
        self._command("pause")

    def close(self) -> None:
        """Stops and lets go of the file."""
        self._forget()
        self._command("stop")
        self._command("setSource", Q_ARG(QUrl, QUrl()))

    def play(self) -> None:
        """Goes on from where it is; a video that is being opened, as soon as it is there."""
        if self._opening:
            self._plays_then = True
            return
        self._since_frame.start()
        self._command("play")

    def pause(self) -> None:
        """Stands still."""
        self._plays_then = False
        # Paused at its end, QMediaPlayer would show the begin.
        if self.playing:
            self._command("pause")

    def seek(self, seconds: float) -> None:
        """Goes to a time; while a seek is under way only the latest wish is remembered."""
        self._wanted = seconds
        if not self._under_way:
            self._seek_now()

    def set_rate(self, rate: float) -> None:
        """Speed of playing, 1 is that of the video."""
        self._command("setPlaybackRate", Q_ARG(float, rate))

    def set_volume(self, volume: float) -> None:
        """Loudness, 0 to 1."""
        self._audio.setVolume(volume)

    def set_muted(self, muted: bool) -> None:
        """Whether nothing is heard."""
        self._audio.setMuted(muted)

    def _forget(self) -> None:
        self._patience.stop()
        self._info = None
        self._offset = None
        self._wanted = None
        self._under_way = False
        self._broken = False
        self._opening = False
        self._plays_then = False
        self._begin = math.nan
        self._frame = None

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
        self._patience.start(_SEEK_PATIENCE)
        milliseconds = math.ceil((self._wanted + (self._offset or 0.0)) * 1000)
        self._command("setPosition", Q_ARG("qint64", max(0, milliseconds)))
        self._wanted = None
        if self._media.playbackState() == QMediaPlayer.PlaybackState.StoppedState:
            # It came to its end, and shows nothing of a seek until it is paused.
            self._command("pause")

    def _answered(self) -> None:
        self._patience.stop()
        self._under_way = False
        self._opening = False
        if self._wanted is not None:
            self._seek_now()
        if self._plays_then:
            self._plays_then = False
            self.play()
        if not self._under_way:
            self.settled.emit()

    def _take(self) -> None:
        frame = self._sink.videoFrame()
        info = self._info
        # While it loads, pictures of the video before may still be on their way.
        if info is None or not frame.isValid() or self._media.mediaStatus() in _NOT_THERE_YET:
            return
        begin = frame.startTime() * _MICROSECOND if frame.startTime() >= 0 else math.nan
        if self._offset is None:
            offset = begin - float(info.video.start - info.origin)
            self._clocked = abs(offset) <= _MOST_CLOCK_OFFSET
            self._offset = offset if self._clocked else 0.0
        self._begin = begin - self._offset if self._clocked else math.nan
        self._frame = frame
        self._since_frame.start()
        answers = self._under_way
        self.pictured.emit(frame, self._begin)
        # Whoever heard of it may have opened another video here.
        if answers and self._frame is frame:
            self._answered()

    def _status_changed(self, status: QMediaPlayer.MediaStatus) -> None:
        if status == QMediaPlayer.MediaStatus.EndOfMedia and self._info is not None:
            self.ended.emit()

    def _failed(self, error: QMediaPlayer.Error, message: str) -> None:
        if self._info is None:
            return
        self._broken = True
        self._answered()
        self.failed.emit(message)
