"""Two decks: one plays, the other waits at the begin of what comes next."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.media.probe import MediaInfo
from desktop.player.deck import Deck


class Decks(QObject):
    """The deck on show, and a spare one that is made when something has to be prepared.

    Signals:
        pictured: As of the deck on show; so are ``settled``, ``ended`` and ``failed``.
        prepared: The spare deck shows what it was prepared for, or cannot.
    """

    pictured = Signal(object, float)
    settled = Signal()
    ended = Signal()
    failed = Signal(str)
    prepared = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rate = 1.0
        self._volume = 1.0
        self._muted = False
        self._ready = False
        self._spare: Deck | None = None
        self.active = self._make()

    @property
    def ready(self) -> bool:
        """Whether the spare deck shows what it was prepared for."""
        return self._ready

    def prepare(self, info: MediaInfo, seconds: float) -> None:
        """Lets the spare deck stand still at a time of a video."""
        if self._spare is None:
            self._spare = self._make()
        self._ready = False
        if self._spare.info == info and not self._spare.broken:
            self._spare.seek(seconds)
        else:
            self._spare.open(info, seconds)

    def swap(self) -> None:
        """Puts the spare deck on show and stops the other one."""
        assert self._spare is not None
        before, self.active = self.active, self._spare
        self._spare = before
        self._ready = False
        before.pause()

    def close(self) -> None:
        """Lets go of all files."""
        self.active.close()
        self.close_spare()

    def close_spare(self) -> None:
        """Nothing comes next."""
        self._ready = False
        if self._spare is not None:
            self._spare.close()

    def set_rate(self, rate: float) -> None:
        """Speed of playing, 1 is that of the video."""
        self._rate = rate
        for deck in self._all():
            deck.set_rate(rate)

    def set_volume(self, volume: float) -> None:
        """Loudness, 0 to 1."""
        self._volume = volume
        for deck in self._all():
            deck.set_volume(volume)

    def set_muted(self, muted: bool) -> None:
        """Whether nothing is heard."""
        self._muted = muted
        for deck in self._all():
            deck.set_muted(muted)

    def _all(self) -> list[Deck]:
        return [self.active] if self._spare is None else [self.active, self._spare]

    def _make(self) -> Deck:
        deck = Deck(self)
        deck.set_rate(self._rate)
        deck.set_volume(self._volume)
        deck.set_muted(self._muted)
        deck.pictured.connect(lambda frame, begin: self._pictured(deck, frame, begin))
        deck.settled.connect(lambda: self._settled(deck))
        deck.ended.connect(lambda: self._ended(deck))
        deck.failed.connect(lambda message: self._failed(deck, message))
        return deck

    def _pictured(self, deck: Deck, frame: object, begin: float) -> None:
        if deck is self.active:
            self.pictured.emit(frame, begin)

    def _settled(self, deck: Deck) -> None:
        if deck is self.active:
            self.settled.emit()
        else:
            self._ready = True
            self.prepared.emit()

    def _ended(self, deck: Deck) -> None:
        if deck is self.active:
            self.ended.emit()

    def _failed(self, deck: Deck, message: str) -> None:
        if deck is self.active:
            self.failed.emit(message)
