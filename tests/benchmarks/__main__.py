"""Speed, as ratios measured side by side in one run: ``make bench``.

``python -m tests.benchmarks [VIDEO]`` measures on a video of your own; without one it makes ten
minutes of 720p out of the sample.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import imageio_ffmpeg

from core.places import SAMPLE_VIDEO
from tests.benchmarks.export import export_rows
from tests.benchmarks.learning import learning_rows
from tests.benchmarks.timeline import pan_and_zoom

_ANALYSE = """
import sys, time, resource
from pathlib import Path
from core.analysis.pipeline import analyse
from core.analysis.store import Store
from core.cutting.suggest import suggest
begin = time.perf_counter()
first = []
def update(analysis):
    if analysis.highlight.score.size and not first:
        first.append(time.perf_counter() - begin)
analysis = analyse(Path(sys.argv[1]), store=Store(Path(sys.argv[2])), on_update=update)
whole = time.perf_counter() - begin
begin = time.perf_counter()
suggest(analysis)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(whole, first[0], time.perf_counter() - begin, peak, float(analysis.info.duration))
"""

_DECODE = """
import sys, av
with av.open(sys.argv[1]) as container:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    for frame in container.decode(stream):
        pass
"""


def make_video(path: Path, minutes: int) -> None:
    """Repeats the sample until it is long enough."""
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-stream_loop", "-1",
            "-i", str(SAMPLE_VIDEO), "-t", str(60 * minutes), "-c:v", "libx264",
            "-preset", "veryfast", "-crf", "23", "-c:a", "aac", str(path),
        ],
        check=True,
    )  # fmt: skip


def run(code: str, *words: object) -> tuple[float, list[float]]:
    """Seconds that a program takes in a process of its own, and the numbers that it prints."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], check=True, capture_output=True, text=True
    )
    return time.perf_counter() - begin, [float(word) for word in done.stdout.split()]


def window_waits(what: str, folder: Path, *words: object) -> list[float]:
    """The numbers of one measure of the window, in a process and with a cache of its own."""
    mine = folder / what
    places = {"EMOTION_SHORTFORM_CACHE": str(mine), "EMOTION_SHORTFORM_DATA": str(mine / "data")}
    command = [sys.executable, "-m", "tests.benchmarks.window", what, *map(str, words)]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=os.environ | places,
    )  # fmt: skip
    return [float(word) for word in done.stdout.split()]


def window_rows(video: Path, folder: Path) -> list[tuple[str, float, str]]:
    """How long the window keeps its user waiting."""
    first, longest, usual, over, blocked, turns = window_waits("answering", folder, video)
    worst, median, moments = window_waits("cancelling", folder, video)
    shown, usable, jolt, before, after = window_waits("opening", folder, folder)
    return [
        ("window, longest wait as a video opens (ms)", first, ""),
        ("window, longest wait while it analyses (ms)", longest, "at most 50"),
        ("window, 99th percentile of waits (ms)", usual, ""),
        (f"window, waits over 50 ms, of {turns:.0f}", over, "0"),
        ("window, of these not for want of a processor", blocked, "0"),
        (f"cancel, worst of {moments:.0f} moments (ms)", worst, "at most 300"),
        ("cancel, in the median (ms)", median, ""),
        ("opening 3 analysed hours, video shown (s)", shown, ""),
        ("opening 3 analysed hours, usable (s)", usable, "at most 0.5"),
        ("opening 3 analysed hours, longest wait (ms)", jolt, "at most 50"),
        ("window, empty, libraries loaded (MB)", before, ""),
        ("window, 3 hours open (MB)", after, "at most 1500"),
    ]


def main() -> None:
    """Measures and prints one line per figure."""
    with tempfile.TemporaryDirectory() as folder:
        video = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "ten.mp4"
        if not video.exists():
            make_video(video, 10)
        decoding, _ = run(_DECODE, video)
        process, (_, first, suggesting, peak, duration) = run(_ANALYSE, video, folder)
        again, (opened, *_) = run(_ANALYSE, video, folder)
        rows = [
            ("analysis, times real time", duration / process, "at least 20"),
            ("analysis, times decoding alone", process / decoding, "at most 2"),
            ("first curve after opening (s)", first, "at most 3"),
            ("suggesting cuts (s)", suggesting, ""),
            ("opening an analysed video (s)", opened, "at most 0.5"),
            ("the same with starting Python (s)", again, ""),
            ("peak memory (MB)", peak, "at most 1500"),
        ]
        longest, usual = pan_and_zoom()
        rows.append(("timeline of 3 hours, frame in the median (ms)", usual, "at most 16.7"))
        rows.append(("timeline of 3 hours, 99th percentile (ms)", longest, "at most 25"))
        rows.extend(window_rows(video, Path(folder)))
        rows.extend(learning_rows(Path(folder)))
        rows.extend(export_rows(Path(folder)))
    print(f"{video.name}, {duration:.0f} s; decoding alone {decoding:.1f} s")
    for name, value, wanted in rows:
        print(f"{name:65} {value:8.2f}   {wanted}")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{'processor time of all of it (s)':65} {children.ru_utime + children.ru_stime:8.0f}")


if __name__ == "__main__":
    main()
