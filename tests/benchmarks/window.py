"""How long the window keeps its user waiting: while it analyses, when it stops, when it opens."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from core.analysis.pipeline import analyse, signals_for
from core.analysis.store import Store
from core.media.fingerprint import fingerprint
from core.media.frame_index import stored_frame_index
from core.media.probe import probe
from core.networks.vision import EmbeddedBackbone
from core.places import cache_folder
from core.project.document import Decision, Medium, Project
from core.project.project_file import ENDING, write_project
from core.time import Grid
from desktop import theme
from desktop.jobs.job import JobControls
from desktop.jobs.warm_up import load_libraries, share_the_interpreter
from desktop.main_window import MainWindow
from desktop.settings import SettingsStore
from tests.benchmarks.timeline import SECONDS, made_analysis, made_project

LONGEST = 0.05
"""Seconds that the window may not answer."""

_BEAT = 5
_OPENING_SECONDS = 1.0
_MOMENTS = 10
_BETWEEN_MOMENTS = 0.7
_MOST_SECONDS = 300.0


class Pulse:
    """Notes when the event loop comes round, and what kept it.

    Attributes:
        turns: For each turn: when it came, how long after the one before, and how much of that
            the GUI thread waited for a processor; all in seconds.
    """

    def __init__(self) -> None:
        self.turns: list[tuple[float, float, float]] = []
        self._thread = threading.get_native_id()
        self._last, self._queued = time.perf_counter(), self._queue()
        self._timer = QTimer()
        self._timer.setInterval(_BEAT)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def between(self, begin: float, end: float) -> np.ndarray:
        """The turns of a time, ``(n, 3)``."""
        rows = [turn for turn in self.turns if begin <= turn[0] < end]
        return np.array(rows).reshape(-1, 3)

    def _beat(self) -> None:
        now, queued = time.perf_counter(), self._queue()
        self.turns.append((now, now - self._last, queued - self._queued))
        self._last, self._queued = now, queued

    def _queue(self) -> float:
        """Seconds that this thread was ready and had no processor; 0 where nothing tells."""
        try:
            words = Path(f"/proc/self/task/{self._thread}/schedstat").read_text().split()
        except OSError:
            return 0.0
        return int(words[1]) / 1e9


def made_window() -> tuple[QApplication, MainWindow]:
    """An empty window, as the application shows it, with its libraries loaded."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    share_the_interpreter()
    load_libraries(JobControls(lambda name, values: None))
    settings = SettingsStore()
    theme.apply(application, theme.palette_for("dark", application))
    window = MainWindow(settings)
    window.show()
    return application, window


def wait_until(reached: Callable[[], bool]) -> None:
    """Lets the event loop run until something is so.

    Raises:
        TimeoutError: It took minutes.
    """
    loop = QEventLoop()
    looking = QTimer()
    looking.setInterval(1)
    looking.timeout.connect(lambda: loop.quit() if reached() else None)
    limit = QTimer()
    limit.setSingleShot(True)
    limit.timeout.connect(lambda: loop.exit(1))
    looking.start()
    limit.start(round(1000 * _MOST_SECONDS))
    if loop.exec():
        raise TimeoutError


def rest(seconds: float) -> None:
    """Lets the event loop run for a time."""
    end = time.perf_counter() + seconds
    wait_until(lambda: time.perf_counter() >= end)


def answering(video: Path) -> list[float]:
    """While a video is opened and analysed: how long the window did not answer.

    Returns:
        Longest wait while it opens; then, while it analyses: longest, 99th percentile, how many
        over :data:`LONGEST`, how many of these not for want of a processor, and turns in all.
        Waits are in milliseconds.
    """
    _, window = made_window()
    pulse = Pulse()
    begin = time.perf_counter()
    window.open(video, analyse=True)
    wait_until(lambda: _analysed(window) and bool(window.editor.project.cuts))
    rest(1.0)
    end = time.perf_counter()
    window.close()
    opening = pulse.between(begin, begin + _OPENING_SECONDS)[:, 1]
    turns = pulse.between(begin + _OPENING_SECONDS, end)
    waits = turns[:, 1]
    blocked = waits - turns[:, 2]
    return [
        1000 * opening.max(), 1000 * waits.max(), 1000 * float(np.percentile(waits, 99)),
        float((waits > LONGEST).sum()), float((blocked > LONGEST).sum()), float(len(waits)),
    ]  # fmt: skip


def cancelling(video: Path) -> list[float]:
    """Cancels an analysis at several moments, each time further on.

    Returns:
        Milliseconds until the window is ready again, worst and median; how many moments.
    """
    _, window = made_window()
    window.open(video)
    wait_until(lambda: bool(window.editor.medium))
    taken = []
    for moment in range(_MOMENTS):
        window.analyse()
        rest(0.1 + _BETWEEN_MOMENTS * moment)
        if not window.analyst.busy:
            break
        begin = time.perf_counter()
        window.cancel()
        wait_until(lambda: not window.analyst.busy)
        taken.append(1000 * (time.perf_counter() - begin))
    window.close()
    return [max(taken), float(np.median(taken)), float(len(taken))]


def opening(folder: Path) -> list[float]:
    """Opening an analysed project of three hours.

    Returns:
        Seconds until the video is shown, until its analysis and its cuts are; longest wait of the
        event loop meanwhile in milliseconds; memory of the process before and after in MB.
    """
    project = made_three_hours(folder)
    cuts = made_project().cuts
    _, window = made_window()
    before = _resident()
    pulse = Pulse()
    begin = time.perf_counter()
    window.open(project, analyse=True)
    wait_until(lambda: window.player.info is not None)
    shown = time.perf_counter() - begin
    wait_until(lambda: _analysed(window) and len(window.editor.project.cuts) >= len(cuts))
    usable = time.perf_counter() - begin
    rest(2.0)
    longest = pulse.between(begin, begin + usable + 2.0)[:, 1].max()
    after = _resident()
    window.close()
    return [shown, usable, 1000 * longest, before, after]


def made_three_hours(folder: Path) -> Path:
    """A project of a real video of three hours, with an analysis of made numbers in the store."""
    video = folder / "three_hours.mp4"
    minute = folder / "minute.mp4"
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
    picture = ["-f", "lavfi", "-i", "testsrc=size=160x90:rate=5:duration=60"]
    sound = ["-f", "lavfi", "-i", "sine=duration=60:sample_rate=16000"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-c:a", "aac", "-b:a", "16k"]
    subprocess.run([*ffmpeg, *picture, *sound, *coded, str(minute)], check=True)
    again = ["-stream_loop", "-1", "-i", str(minute), "-t", str(SECONDS), "-c", "copy"]
    subprocess.run([*ffmpeg, *again, str(video)], check=True)
    name, info, grid = fingerprint(video), probe(video), Grid()
    store = Store(cache_folder() / "analysis")
    made = made_analysis().tracks
    generator = np.random.default_rng(0)
    cells = grid.count(info.duration)
    for signal in signals_for(True, EmbeddedBackbone()):
        layout = signal.row_format(info, grid)
        rows = made.get(signal.name)
        if rows is None:
            rows = generator.normal(0, 1, (SECONDS, *layout.shape))
        place = store.track(name, grid, signal.name, signal.version, cells, layout)
        place.complete(np.resize(rows, (cells, *layout.shape)).astype(layout.dtype))
    analyse(video, store=store)
    stored_frame_index(info, cache_folder() / "frames" / f"{name}.npy")
    cuts = tuple(replace(c, medium=name, decision=Decision.KEPT) for c in made_project().cuts)
    project = folder / f"three_hours{ENDING}"
    write_project(project, Project((Medium(name, video),), cuts))
    return project


def _analysed(window: MainWindow) -> bool:
    analysis = window.editor.analysis
    return analysis is not None and analysis.complete


def _resident() -> float:
    """Memory of this process in MB; its peak where the system tells nothing else."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    measure = {"answering": answering, "cancelling": cancelling, "opening": opening}[sys.argv[1]]
    print(*measure(Path(sys.argv[2])))
