"""A process that analyses videos for training, at the other end of a pipe.

A killed process is noticed by the end of its pipe and costs only its own video, and a process whose
parent is gone notices it in the same way and ends.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from core.analysis.pipeline import analyse, signals_for
from core.analysis.store import Store, TrackStore
from core.errors import Cancelled, EmotionShortFormError, MediaError
from core.learning.highlights.feature_index import StoredTrack, StoredVideo
from core.networks.vision import Backbone
from core.signals.base import RowFormat
from core.signals.loudness import Loudness
from core.signals.motion import Motion
from core.signals.shots import Shots
from core.signals.spectrum import Spectrum
from core.signals.speech_activity import SpeechActivity
from core.signals.speech_emotion import SpeechEmotion
from core.signals.visual_features import VisualFeatures
from core.time import Grid

LEARNED_FROM = (
    *(SpeechEmotion.name, SpeechActivity.name, Loudness.name, Spectrum.name),
    *(Motion.name, VisualFeatures.name, Shots.name),
)
"""Signals whose tracks are listed; the store keeps the others too, for they cost nothing more."""

LOOK_SECONDS = 0.05
"""How often a process looks whether anybody still listens."""

_TRACKS = "tracks"
_PATIENCE_SECONDS = 10.0
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Settings:
    """What every worker does with its videos."""

    out: Path
    backbone: Callable[[], Backbone]
    emotion_weights: Path
    grid: Grid


@dataclass(frozen=True)
class Task:
    """One video.

    Attributes:
        name: Its name in the store.
        folder: Of all videos.
        file: Within that folder.
    """

    name: str
    folder: Path
    file: Path

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.folder / self.file


@dataclass(frozen=True)
class Share:
    """How far a worker is with its video."""

    fraction: float
    message: str


@dataclass(frozen=True)
class Problem:
    """Why a video has no features."""

    text: str


@dataclass(frozen=True)
class Failure:
    """Why no video can have features."""

    error: Exception


class Worker:
    """A process that analyses one video after the other."""

    def __init__(self, settings: Settings) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, far = context.Pipe()
        self.ended = False
        # A daemon is ended with its parent; _work ends by itself where the parent was killed.
        self._process = context.Process(target=_work, args=(far,), daemon=True)
        with _interrupts_held():
            self._process.start()
        far.close()
        self._send(settings)

    def give(self, task: Task) -> None:
        """Lets it analyse a video."""
        self._task = task
        self._send(task)

    def _send(self, what: Settings | Task) -> None:
        # If it has died, its next answer says so.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.pipe.send(what)

    def answer(self) -> Share | StoredVideo | Problem | Failure:
        """What the worker says; that it has ended, if it has."""
        try:
            said: Share | StoredVideo | Problem | Failure = self.pipe.recv()
        except (EOFError, OSError):
            self.ended = True
            self.stop()
            return Problem(str(self._loss()))
        return said

    def stop(self) -> None:
        """Lets the worker know that nobody listens any more: it keeps what it has, and ends."""
        self.pipe.close()

    def join(self) -> int:
        """Waits for its end, not for ever, and gives the exit code."""
        self._process.join(_PATIENCE_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        return self._process.exitcode or 0

    def _loss(self) -> MediaError:
        code = self.join()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return MediaError(
            f"the process that analysed this video was ended ({how})",
            path=self._task.path,
            remedy="Run again: what is known is kept. Fewer workers need less memory.",
        )


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Processes that start meanwhile never see Ctrl-C, which is meant for their parent."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection) -> None:
    """The worker's side: one video after the other until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Before torch is loaded, which reads them: the processes share the cores by themselves.
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError, Cancelled):
        settings: Settings = pipe.recv()
        try:
            backbone = settings.backbone()
            while True:
                pipe.send(_analysed(pipe.recv(), settings, backbone, pipe))
        except EmotionShortFormError as error:
            pipe.send(Failure(error))


def _analysed(
    task: Task, settings: Settings, backbone: Backbone, pipe: Connection
) -> StoredVideo | Problem:
    looked, nobody_listens = time.monotonic(), False

    def cancelled() -> bool:
        nonlocal looked, nobody_listens
        if time.monotonic() - looked > LOOK_SECONDS:
            # Nothing is sent to a worker at work, so what can be read is the end of the pipe.
            looked, nobody_listens = time.monotonic(), pipe.poll()
        return nobody_listens

    store = _ListingStore(settings.out)
    try:
        analysis = analyse(
            task.path,
            store=store,
            grid=settings.grid,
            backbone=backbone,
            emotion_weights=settings.emotion_weights,
            fusion_weights=None,
            progress=lambda fraction, message: pipe.send(Share(fraction, message)),
            cancelled=cancelled,
        )
    except MediaError as error:
        return Problem(str(error))
    columns = {signal.name: signal.columns for signal in signals_for(True, backbone)}
    columns[SpeechEmotion.name] = SpeechEmotion.columns
    return StoredVideo(
        task.name,
        task.file.as_posix(),
        analysis.fingerprint,
        analysis.info.duration,
        analysis.cells,
        analysis.grid.step,
        {
            name: store.listed(name, columns[name])
            for name in LEARNED_FROM
            if name in analysis.tracks
        },
    )


class _ListingStore(Store):
    """The store in the folder of the features, which remembers the tracks that it is asked for."""

    def __init__(self, out: Path) -> None:
        super().__init__(out / _TRACKS)
        self._out = out
        self._asked: dict[str, tuple[str, RowFormat, Path]] = {}

    def track(
        self, fingerprint: str, grid: Grid, name: str, version: str, count: int, layout: RowFormat
    ) -> TrackStore:
        place = super().track(fingerprint, grid, name, version, count, layout)
        self._asked[name] = (version, layout, place.folder)
        return place

    def listed(self, name: str, columns: tuple[str, ...]) -> StoredTrack:
        version, layout, folder = self._asked[name]
        relative = folder.relative_to(self._out).as_posix()
        return StoredTrack(version, columns, layout.shape, layout.dtype, relative)
