"""Analyses a folder of videos by several processes, and lists the tracks that models learn from."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import wait
from pathlib import Path

from core.analysis.emotion_track import DEFAULT_WEIGHTS, is_encoder
from core.errors import (
    Cancelled,
    CorpusError,
    StoreError,
    UsageError,
)
from core.learning.highlights.feature_index import (
    VIDEO_ENDINGS,
    StoredVideo,
    read_index,
    video_name,
    write_index,
)
from core.learning.highlights.feature_store import FeatureStore
from core.learning.highlights.feature_workers import (
    LOOK_SECONDS,
    Failure,
    Problem,
    Settings,
    Share,
    Task,
    Worker,
)
from core.networks.vision import Backbone, EmbeddedBackbone
from core.time import Grid

MOST_WORKERS = 8
"""Processes at most by default: each needs about half a gigabyte."""

_NAMED = 5

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
        Settings(out, backbone, emotion_weights, grid or Grid()),
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


class _Run:
    """The parent's side of one extraction."""

    def __init__(
        self,
        folder: Path,
        files: Mapping[str, Path],
        settings: Settings,
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
        busy: dict[Worker, str] = {}
        idle: list[Worker] = []
        self._progress(0.0, f"0 of {len(self._files)} videos")
        try:
            while waiting or busy:
                if cancelled():
                    raise Cancelled
                while waiting and len(busy) < workers:
                    worker = idle.pop() if idle else Worker(self._settings)
                    name = busy[worker] = waiting.popleft()
                    worker.give(Task(name, self._folder, self._files[name]))
                ready = wait([worker.pipe for worker in busy], timeout=2 * LOOK_SECONDS)
                for worker in [worker for worker in busy if worker.pipe in ready]:
                    answer = worker.answer()
                    if isinstance(answer, Failure):
                        raise answer.error
                    if isinstance(answer, Share):
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

    def _keep(self, name: str, answer: StoredVideo | Problem) -> None:
        self._show(name, Share(1.0, ""))
        before = self._known.pop(name, None)
        if isinstance(answer, Problem):
            self._problems[name] = answer.text
        else:
            self._known[name] = answer
        if self._known.get(name) != before:
            self._write()

    def _write(self) -> None:
        problems = [text for _, text in sorted(self._problems.items())]
        write_index(self._settings.out, self._known, problems)

    def _show(self, name: str, share: Share) -> None:
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
