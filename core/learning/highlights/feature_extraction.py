"""Analyses a folder of videos by several processes, and lists the tracks that models learn from.

Each process has a pipe of its own: a killed one is noticed by the end of its pipe and costs only
its own video, and processes whose parent is gone notice it in the same way and end.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from core.analysis.emotion_track import DEFAULT_WEIGHTS, is_encoder
from core.analysis.pipeline import analyse, signals_for
from core.analysis.store import Store, TrackStore
from core.errors import (
    Cancelled,
    CorpusError,
    EmotionShortFormError,
    MediaError,
    StoreError,
    UsageError,
)
from core.learning.highlights.feature_store import (
    VIDEO_ENDINGS,
    FeatureStore,
    StoredTrack,
    StoredVideo,
    read_index,
    video_name,
    write_index,
)
from core.networks.vision import Backbone, EmbeddedBackbone
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

MOST_WORKERS = 8
"""Processes at most by default: each needs about half a gigabyte."""

_TRACKS = "tracks"
_NAMED = 5
_LOOK_SECONDS = 0.05
_PATIENCE_SECONDS = 10.0
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

Progress = Callable[[float, str], None]


def extract_features(
    folder: Path,
    out: Path,
    *,
    workers: int | None = None,
    backbone: Callable[[], Backbone] = EmbeddedBackbone,
    emotion_weights: Path = DEFAULT_WEIGHTS,
    grid: Grid | None = None,
    progress: Progress = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> FeatureStore:
    """Analyses all videos in a folder and its folders, whatever of it is not known yet.

    The index is replaced after every video, and a video that was begun goes on where it was: a run
    that was cancelled or killed loses seconds. Videos that left the folder leave the index,
    which is a problem to be told, once.

    Args:
        folder: With the videos; hidden files and folders are left out.
        out: Where the features are kept.
        workers: Processes, one per core and at most :data:`MOST_WORKERS` by default.
        backbone: Makes the network of the visual features, in every process; the name of a class
            or of a function of a module.
        emotion_weights: Folder of a speech emotion network, or of a fine-tuned speech encoder.
        grid: The analysis grid, cells of one second by default.
        progress: Receives the fraction that is done, 0…1, and a message.
        cancelled: Asked about ten times a second.

    Returns:
        The features. ``problems`` has a line for each video that could not be analysed.

    Raises:
        CorpusError: There is no such folder, no video in it, or two videos have one name.
        UsageError: There are to be less than one worker.
        ModelError: Weights are missing or damaged.
        StoreError: The features cannot be written, or are those of another folder.
        Cancelled: ``cancelled()`` returned true; what was computed is kept.
    """
    if workers is not None and workers < 1:
        raise UsageError(f"{workers} workers cannot work", remedy="Choose 1 or more.")
    is_encoder(emotion_weights)  # says at once if the weights are missing
    files = find_videos(folder)
    known, gone = _known(out, files)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the folder of the features cannot be made ({error.strerror})",
            path=out,
            remedy="Choose another place.",
        ) from error
    run = _Run(
        folder,
        files,
        _Settings(out, backbone, emotion_weights, grid or Grid()),
        known,
        _farewell(folder, gone),
        progress,
    )
    run.all(workers or min(os.cpu_count() or 1, MOST_WORKERS), cancelled)
    return FeatureStore(out)


def find_videos(folder: Path) -> dict[str, Path]:
    """Files with the ending of a video, relative to the folder, by the name they are stored under.

    Raises:
        CorpusError: There is no such folder, no video in it, or two videos have one name.
    """
    if not folder.is_dir():
        raise CorpusError("there is no such folder", path=folder, remedy="Check its name.")
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in relative.parts)
        if hidden or path.suffix.lower() not in VIDEO_ENDINGS or not path.is_file():
            continue
        name = video_name(relative)
        if name in found:
            raise CorpusError(
                f"{found[name].as_posix()} and {relative.as_posix()} would have one name",
                path=folder,
                remedy="Features and labels are joined by names without endings: rename one.",
            )
        found[name] = relative
    if not found:
        raise CorpusError(
            "there is no video in this folder",
            path=folder,
            remedy=f"Videos are known by {', '.join(VIDEO_ENDINGS)}.",
        )
    return found


def _known(out: Path, files: Mapping[str, Path]) -> tuple[dict[str, StoredVideo], list[str]]:
    """What the index says about those videos, and the names of others that it has.

    Nothing where there is no index, or a damaged one.
    """
    try:
        before, _ = read_index(out)
    except StoreError:
        return {}, []
    known = {name: video for name, video in before.items() if name in files}
    if before and not known:
        raise StoreError(
            f"these are the features of another folder, with {min(before)}",
            path=out,
            remedy="Name another folder for the features, or delete this one.",
        )
    return known, sorted(before.keys() - known.keys())


def _farewell(folder: Path, gone: Sequence[str]) -> dict[str, str]:
    """The problem of videos that left the folder, by the first of them."""
    if not gone:
        return {}
    named = ", ".join(gone[:_NAMED]) + (", …" if len(gone) > _NAMED else "")
    problem = CorpusError(
        f"{len(gone)} listed before ({named}) are no longer in this folder, and not listed now",
        path=folder,
        remedy="What is known of them is kept for the day they are back.",
    )
    return {gone[0]: str(problem)}


@dataclass(frozen=True)
class _Settings:
    """What every worker does with its videos."""

    out: Path
    backbone: Callable[[], Backbone]
    emotion_weights: Path
    grid: Grid


@dataclass(frozen=True)
class _Task:
    name: str
    folder: Path
    file: Path

    @property
    def path(self) -> Path:
        return self.folder / self.file


@dataclass(frozen=True)
class _Share:
    """How far a worker is with its video."""

    fraction: float
    message: str


@dataclass(frozen=True)
class _Problem:
    """Why a video has no features."""

    text: str


@dataclass(frozen=True)
class _Failure:
    """Why no video can have features."""

    error: Exception


class _Run:
    """The parent's side of one extraction."""

    def __init__(
        self,
        folder: Path,
        files: Mapping[str, Path],
        settings: _Settings,
        known: dict[str, StoredVideo],
        problems: dict[str, str],
        progress: Progress,
    ) -> None:
        self._folder = folder
        self._files = files
        self._settings = settings
        self._known = known
        self._progress = progress
        self._problems = problems
        self._sizes = {name: self._size(file) for name, file in files.items()}
        self._shares = dict.fromkeys(files, 0.0)

    def all(self, workers: int, cancelled: Callable[[], bool]) -> None:
        """Gives every video to a worker, the largest first, and keeps what they answer."""
        waiting = deque(sorted(self._files, key=lambda name: -self._sizes[name]))
        busy: dict[_Worker, str] = {}
        idle: list[_Worker] = []
        self._progress(0.0, f"0 of {len(self._files)} videos")
        try:
            while waiting or busy:
                if cancelled():
                    raise Cancelled
                while waiting and len(busy) < workers:
                    worker = idle.pop() if idle else _Worker(self._settings)
                    name = busy[worker] = waiting.popleft()
                    worker.give(_Task(name, self._folder, self._files[name]))
                ready = wait([worker.pipe for worker in busy], timeout=2 * _LOOK_SECONDS)
                for worker in [worker for worker in busy if worker.pipe in ready]:
                    answer = worker.answer()
                    if isinstance(answer, _Failure):
                        raise answer.error
                    if isinstance(answer, _Share):
                        self._show(busy[worker], answer)
                        continue
                    self._keep(busy.pop(worker), answer)
                    if not worker.ended:
                        idle.append(worker)
        finally:
            for worker in (*idle, *busy):
                worker.stop()
            for worker in (*idle, *busy):
                worker.join()
        self._write()

    def _keep(self, name: str, answer: StoredVideo | _Problem) -> None:
        self._show(name, _Share(1.0, ""))
        before = self._known.pop(name, None)
        if isinstance(answer, _Problem):
            self._problems[name] = answer.text
        else:
            self._known[name] = answer
        if self._known.get(name) != before:
            self._write()

    def _write(self) -> None:
        problems = [text for _, text in sorted(self._problems.items())]
        write_index(self._settings.out, self._known, problems)

    def _show(self, name: str, share: _Share) -> None:
        self._shares[name] = share.fraction
        done = sum(self._shares[name] * size for name, size in self._sizes.items())
        whole = sum(fraction >= 1 for fraction in self._shares.values())
        message = f"{whole} of {len(self._files)} videos"
        if share.message:
            message += f"; {name}: {share.message}"
        self._progress(min(1.0, done / sum(self._sizes.values())), message)

    def _size(self, file: Path) -> int:
        """Bytes, by which the share of a video in the work is guessed."""
        try:
            return 1 + (self._folder / file).stat().st_size
        except OSError:
            return 1


class _Worker:
    """A process that analyses one video after the other."""

    def __init__(self, settings: _Settings) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, far = context.Pipe()
        self.ended = False
        # A daemon is ended with its parent; _work ends by itself where the parent was killed.
        self._process = context.Process(target=_work, args=(far,), daemon=True)
        with _interrupts_held():
            self._process.start()
        far.close()
        self._send(settings)

    def give(self, task: _Task) -> None:
        self._task = task
        self._send(task)

    def _send(self, what: _Settings | _Task) -> None:
        # If it has died, its next answer says so.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.pipe.send(what)

    def answer(self) -> _Share | StoredVideo | _Problem | _Failure:
        """What the worker says; that it has ended, if it has."""
        try:
            said: _Share | StoredVideo | _Problem | _Failure = self.pipe.recv()
        except (EOFError, OSError):
            self.ended = True
            self.stop()
            return _Problem(str(self._loss()))
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
        settings: _Settings = pipe.recv()
        try:
            backbone = settings.backbone()
            while True:
                pipe.send(_analysed(pipe.recv(), settings, backbone, pipe))
        except EmotionShortFormError as error:
            pipe.send(_Failure(error))


def _analysed(
    task: _Task, settings: _Settings, backbone: Backbone, pipe: Connection
) -> StoredVideo | _Problem:
    looked, nobody_listens = time.monotonic(), False

    def cancelled() -> bool:
        nonlocal looked, nobody_listens
        if time.monotonic() - looked > _LOOK_SECONDS:
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
            progress=lambda fraction, message: pipe.send(_Share(fraction, message)),
            cancelled=cancelled,
        )
    except MediaError as error:
        return _Problem(str(error))
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
        self._asked[name] = (version, layout, place._folder)
        return place

    def listed(self, name: str, columns: tuple[str, ...]) -> StoredTrack:
        version, layout, folder = self._asked[name]
        relative = folder.relative_to(self._out).as_posix()
        return StoredTrack(version, columns, layout.shape, layout.dtype, relative)
