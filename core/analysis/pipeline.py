"""Runs all signals over a video in one pass per stream, publishing what is known as it grows."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.analysis.channel import Channel
from core.analysis.emotion_track import (
    DEFAULT_WEIGHTS as EMOTION_WEIGHTS,
)
from core.analysis.emotion_track import (
    EmotionTrack,
    EncoderEmotionTrack,
    FrameEmotionTrack,
    is_encoder,
)
from core.analysis.fusion import DEFAULT_WEIGHTS, Fusion
from core.analysis.store import Store, TrackStore
from core.errors import Cancelled
from core.media.fingerprint import fingerprint
from core.media.frames import Picture, read_pictures
from core.media.probe import probe
from core.media.sound import SoundCell, read_sound
from core.networks.vision import Backbone, EmbeddedBackbone
from core.signals.base import Extractor, RowFormat, Signal
from core.signals.encoder_emotion import EncoderEmotion
from core.signals.loudness import Loudness
from core.signals.motion import Motion
from core.signals.shots import Shots
from core.signals.spectrum import Spectrum
from core.signals.speech_activity import SpeechActivity
from core.signals.speech_coefficients import SpeechCoefficients
from core.signals.thumbnails import Thumbnails
from core.signals.visual_features import VisualFeatures
from core.signals.waveform import Waveform
from core.time import Grid, format_timecode

Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]

SOUND_SLICE = 30
"""Cells of sound that are read ahead of the pictures, so that the first curve comes early."""

_KEEP_SECONDS = 5.0
_UPDATE_SECONDS = 0.5
_SHARE_OF_UPDATES = 0.1
"""Of the time, at most; where views are dear, as those of long videos, they come less often."""
_SETTLING_SHARE = 0.02
_HELD_PICTURE = 5.0


def analyse(
    path: Path,
    *,
    store: Store,
    grid: Grid | None = None,
    backbone: Backbone | None = None,
    emotion_weights: Path = EMOTION_WEIGHTS,
    fusion_weights: Path | None = DEFAULT_WEIGHTS,
    taste: Path | None = None,
    on_update: Callable[[Analysis], None] = lambda analysis: None,
    progress: Progress = lambda fraction, message: None,
    cancelled: Cancel = lambda: False,
) -> Analysis:
    """Analyses a video, or finds in the store what is already known about it.

    Pictures and sound are each decoded at most once, in turns, with the sound somewhat ahead. What
    was computed is kept every five seconds, so that a cancelled or killed analysis goes on where
    it was. A track that is whole in the store is not computed again; where all are, nothing is
    decoded.

    Args:
        path: The video.
        store: Where tracks are kept.
        grid: The analysis grid, cells of one second by default.
        backbone: Network of the visual features, the embedded one by default.
        emotion_weights: Folder of a speech emotion network, or of a fine-tuned speech encoder.
        fusion_weights: Folder of the fusion network; None for the transparent baseline.
        taste: Folder of what was learned from the editor's corrections, which shifts the curve.
        on_update: Receives views of the growing analysis, about twice a second.
        progress: Receives the fraction that is done, 0…1, and a message.
        cancelled: Asked at every picture and every cell of sound.

    Returns:
        The whole analysis.

    Raises:
        MediaError: The video cannot be read.
        StoreError: The store cannot be written.
        ModelError: A network's weights are missing or damaged.
        Cancelled: ``cancelled()`` returned true; what was computed is kept.
    """
    progress(0.0, "Opening")
    run = _Run(
        path,
        store,
        grid or Grid(),
        backbone or EmbeddedBackbone(),
        emotion_weights,
        fusion_weights,
        taste,
        on_update,
        progress,
        cancelled,
    )
    try:
        run.streams()
    finally:
        run.keep()
    return run.settle()


def signals_for(
    has_sound: bool, backbone: Backbone, encoder: Path | None = None
) -> list[Signal[Any]]:
    """All signals that a video allows, those that are quick to start first in each stream.

    Args:
        has_sound: There is a sound stream.
        backbone: Network of the visual features.
        encoder: Folder of a fine-tuned speech encoder, if one tells the emotion.
    """
    sound: list[Signal[Any]] = [
        Waveform(),
        Loudness(),
        SpeechActivity(),
        SpeechCoefficients(),
        Spectrum(),
        *([] if encoder is None else [EncoderEmotion(encoder)]),
    ]
    pictures: list[Signal[Any]] = [
        Motion(),
        Shots(),
        VisualFeatures(backbone),
        Thumbnails(),
    ]
    return (sound if has_sound else []) + pictures


class _Run:
    """One run of :func:`analyse`."""

    def __init__(
        self,
        path: Path,
        store: Store,
        grid: Grid,
        backbone: Backbone,
        emotion_weights: Path,
        fusion_weights: Path | None,
        taste: Path | None,
        on_update: Callable[[Analysis], None],
        progress: Progress,
        cancelled: Cancel,
    ) -> None:
        self._info = probe(path)
        self._name = fingerprint(path)
        self._grid = grid
        self._cells = grid.count(self._info.duration)
        self._on_update = on_update
        self._progress = progress
        self._cancelled = cancelled
        encoded = self._info.audio is not None and is_encoder(emotion_weights)
        self._channels = [
            Channel(signal, self._info, self._name, grid, store)
            for signal in signals_for(
                self._info.audio is not None, backbone, emotion_weights if encoded else None
            )
        ]
        by_name = {channel.signal.name: channel for channel in self._channels}
        self._curve_channels = [
            by_name[name] for name in (Motion.name, Loudness.name) if name in by_name
        ]
        self._emotion: EmotionTrack | None = None
        self._notices: tuple[str, ...] = ()
        if self._info.audio is not None:
            made = EncoderEmotionTrack if encoded else FrameEmotionTrack
            self._emotion = made(
                emotion_weights,
                by_name[EncoderEmotion.name if encoded else SpeechCoefficients.name],
                by_name[SpeechActivity.name],
                self._name,
                grid,
                store,
                self._cells,
            )
        else:
            self._notices = ("This video has no sound: emotion and loudness are absent.",)
        self._fusion = Fusion(fusion_weights, backbone.version, backbone.dimension, taste)
        if self._fusion.problem:
            self._notices += (self._fusion.problem,)
        self._learned_place = self._place_of_learned(store)
        found = self._learned_place.load()
        self._learned = found if len(found) == self._cells else None
        self._updated = 0.0
        self._update_took = 0.0
        self._curve_shown = False
        self._kept = time.monotonic()

    def streams(self) -> None:
        """Reads both streams in turns until every track is whole."""
        self._publish(now=True)
        turns = [self._sound(), self._pictures()]
        while turns:
            for turn in list(turns):
                if next(turn, None) is None:
                    turns.remove(turn)

    def keep(self) -> None:
        """Writes all that is new to the store."""
        for channel in self._channels:
            channel.keep()
        self._kept = time.monotonic()

    def settle(self) -> Analysis:
        """Makes the claims about emotion for good and gives the whole analysis."""
        self._progress(1 - _SETTLING_SHARE, "Telling emotions")
        if self._emotion is not None:
            self._emotion.settle(
                lambda share: self._progress(1 - _SETTLING_SHARE * (1 - share), "Telling emotions"),
                self._cancelled,
            )
        if self._learned is None and self._fusion.parts:
            self._learned = self._fusion.learned(self._tracks(), self._cells, self._cells)
            self._learned_place.complete(self._learned)
        analysis = self._snapshot(complete=True)
        self._on_update(analysis)
        self._progress(1.0, "Analysed")
        return analysis

    def _sound(self) -> Iterator[bool]:
        """Feeds the sound signals slice by slice."""
        working = self._start("sound")
        if not working:
            return
        cells: Iterator[SoundCell] = read_sound(self._info, self._grid, self._first_cell(working))
        while piece := list(islice(self._checked(cells), SOUND_SLICE)):
            for index, (channel, extractor) in enumerate(working):
                if index and channel.signal.starts_slowly and not channel.new:
                    # The pictures may begin before large libraries are loaded.
                    yield True
                for cell in piece:
                    self._check()
                    channel.add(extractor.feed(cell))
                self._publish()
            yield True
        self._finish(working)

    def _pictures(self) -> Iterator[bool]:
        """Feeds the picture signals, pausing after as many cells as a slice of sound has."""
        working = self._start("pictures")
        if not working:
            return
        first = self._first_cell(working)
        pictures: Iterator[Picture] = read_pictures(
            self._info, self._grid.start(first), sparse=True
        )
        slice_seconds = float(self._grid.step * SOUND_SLICE)
        pause = float(self._grid.start(first)) + slice_seconds
        last = 0.0
        for picture in self._checked(pictures):
            last = picture.seconds
            for channel, extractor in working:
                channel.add(extractor.feed(picture))
            self._publish()
            if picture.seconds >= pause:
                pause += slice_seconds
                yield True
        missing = float(self._info.duration) - last
        if missing > _HELD_PICTURE:
            begin = format_timecode(last)
            notice = f"The last picture begins at {begin}, {missing:.0f} s before the end"
            self._notices += (f"{notice}: is the file complete?",)
        self._finish(working)

    def _start(self, stream: str) -> list[tuple[Channel, Extractor[Any]]]:
        return [
            (channel, channel.start())
            for channel in self._channels
            if channel.signal.stream == stream and not channel.whole
        ]

    def _first_cell(self, working: list[tuple[Channel, Extractor[Any]]]) -> int:
        """The cell that the stream must begin with, so that every signal can warm up."""
        return min(
            self._grid.index(
                max(Fraction(0), self._grid.start(channel.known) - channel.signal.warm_up)
            )
            for channel, _ in working
        )

    def _finish(self, working: list[tuple[Channel, Extractor[Any]]]) -> None:
        for channel, extractor in working:
            channel.add(extractor.finish())
        self._publish(now=True)

    def _checked(self, pieces: Iterator[Any]) -> Iterator[Any]:
        for piece in pieces:
            self._check()
            yield piece

    def _check(self) -> None:
        if self._cancelled():
            raise Cancelled

    def _publish(self, *, now: bool = False) -> None:
        moment = time.monotonic()
        if moment - self._kept > _KEEP_SECONDS:
            self.keep()
        if not self._curve_shown and self._reached() > 0:
            now = self._curve_shown = True
        rest = max(_UPDATE_SECONDS, self._update_took / _SHARE_OF_UPDATES)
        if not now and moment - self._updated < rest:
            return
        if self._emotion is not None:
            self._emotion.grow()
        self._on_update(self._snapshot(complete=False))
        done = sum(channel.known for channel in self._channels)
        share = done / (len(self._channels) * self._cells)
        seen = min(channel.known for channel in self._channels) * float(self._grid.step)
        self._progress(
            share * (1 - _SETTLING_SHARE), f"{seen:.0f} s of {float(self._info.duration):.0f} s"
        )
        self._updated = time.monotonic()
        self._update_took = self._updated - moment

    def _reached(self) -> int:
        """Cells that the curve can be drawn for."""
        return min(channel.known for channel in self._curve_channels)

    def _place_of_learned(self, store: Store) -> TrackStore:
        """Where the network's parts are kept; another version of any of its inputs is another."""
        made_of = [f"{channel.signal.name}@{channel.signal.version}" for channel in self._channels]
        emotion = "" if self._emotion is None else self._emotion.version
        inputs = hashlib.sha256("\n".join([*sorted(made_of), emotion]).encode()).hexdigest()
        version = f"{self._fusion.version}-{inputs[:12]}"
        layout = RowFormat((self._fusion.parts,), "float32")
        return store.track(
            self._name, self._grid, "learned-highlights", version, self._cells, layout
        )

    def _tracks(self) -> dict[str, NDArray[Any]]:
        tracks: dict[str, NDArray[Any]] = {
            channel.signal.name: channel.rows for channel in self._channels
        }
        if self._emotion is not None:
            tracks[EmotionTrack.name] = self._emotion.rows
        return tracks

    def _versions(self) -> dict[str, str]:
        versions = {channel.signal.name: channel.signal.version for channel in self._channels}
        if self._emotion is not None:
            versions[EmotionTrack.name] = self._emotion.version
        return versions

    def _snapshot(self, *, complete: bool) -> Analysis:
        tracks, reached = self._tracks(), self._reached()
        learned = self._learned if reached == self._cells else None
        highlight = self._fusion.highlight(tracks, reached, self._cells, self._grid.step, learned)
        return Analysis(
            self._info,
            self._name,
            self._grid,
            self._cells,
            tracks,
            highlight,
            complete,
            (*self._notices, highlight.notice),
            self._versions(),
        )
