"""Exporting, as ratios to one ffmpeg command that does the same work with the same encoder."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from PIL import Image

from core.export.clip import Clip
from core.export.encoders import encoder_words
from core.export.encoding import Encoding
from core.export.ffmpeg import ffmpeg_program
from core.export.look import Look
from core.export.render import ExportSettings, export_short
from core.media.probe import MediaInfo, probe
from core.time import Span

_CUTS = 5
_SECONDS = 6
_RUNS = 3
_TALL = (1080, 1920)


def export_rows(video: Path, folder: Path) -> list[tuple[str, float, str]]:
    """How much longer each way takes than plain ffmpeg: five cuts of 6 s.

    Args:
        video: A video of at least two minutes.
        folder: Where the shorts are written.
    """
    info = probe(video)
    clips = [Clip(info, cut) for cut in _cuts(info)]
    banner = folder / "banner.png"
    Image.new("RGBA", (600, 100), (0, 0, 0, 150)).save(banner)
    rows = []
    for way, look, plain, wanted in (
        ("composed", Look(aspect="9:16", title="A title"), _composed, "at most 1.5"),
        ("fast", Look(), _transcoded, "at most 1.15"),
        ("lossless", Look(), _copied, "at most 2"),
    ):
        settings = ExportSettings(look, Encoding(way=way), overwrite=True)
        target = folder / f"{way}.mp4"
        command = plain(info, folder)

        def ours(settings: ExportSettings = settings, target: Path = target) -> None:
            export_short(clips, target, settings)

        def theirs(command: Sequence[str] = command) -> None:
            subprocess.run(command, check=True)

        taken, least = _side_by_side(ours, theirs)
        rows.append((f"export, {way} (s)", taken, ""))
        rows.append((f"export, {way}, times plain ffmpeg", taken / least, wanted))
    return rows


def _side_by_side(ours: Callable[[], None], theirs: Callable[[], None]) -> tuple[float, float]:
    """Seconds of the quickest of several runs of each, taking turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(_RUNS):
        for run, taken in zip((ours, theirs), times, strict=True):
            begin = time.perf_counter()
            run()
            taken.append(time.perf_counter() - begin)
    return min(times[0]), min(times[1])


def _cuts(info: MediaInfo) -> list[Span]:
    """Cuts at frames, evenly over the video, none at a key frame but by chance."""
    frame = 1 / info.video.frame_rate
    step = info.duration / _CUTS
    begins = [round((number + Fraction(1, 3)) * step / frame) * frame for number in range(_CUTS)]
    return [Span(begin, begin + round(_SECONDS / frame) * frame) for begin in begins]


def _inputs(info: MediaInfo) -> list[str]:
    words = [ffmpeg_program(), "-nostdin", "-v", "error", "-y"]
    for cut in _cuts(info):
        words += ["-ss", f"{float(cut.start):.6f}", "-t", f"{float(cut.duration):.6f}"]
        words += ["-i", str(info.path)]
    return words


def _outputs(info: MediaInfo, size: tuple[int, int], target: Path) -> list[str]:
    words = encoder_words(Encoding(), info.video.frame_rate, size)
    return ["-map", "[v]", "-map", "[a]", *words, "-c:a", "aac", "-b:a", "192k", str(target)]


def _transcoded(info: MediaInfo, folder: Path) -> list[str]:
    pads = "".join(f"[{number}:v][{number}:a]" for number in range(_CUTS))
    graph = f"{pads}concat=n={_CUTS}:v=1:a=1[v][a]"
    size = (info.video.width, info.video.height)
    outputs = _outputs(info, size, folder / "plain-fast.mp4")
    return [*_inputs(info), "-filter_complex", graph, *outputs]


def _composed(info: MediaInfo, folder: Path) -> list[str]:
    """Cut out, scaled, and with a picture over the first three seconds."""
    pads = "".join(f"[{number}:v][{number}:a]" for number in range(_CUTS))
    graph = (
        f"{pads}concat=n={_CUTS}:v=1:a=1[film][a];"
        f"[film]crop=ih*9/16:ih,scale={_TALL[0]}:{_TALL[1]}:flags=bicubic+accurate_rnd[tall];"
        f"[tall][{_CUTS}:v]overlay=240:170:enable='lt(t,3)'[v]"
    )
    banner = ["-i", str(folder / "banner.png")]
    outputs = _outputs(info, _TALL, folder / "plain-composed.mp4")
    return [*_inputs(info), *banner, "-filter_complex", graph, *outputs]


def _copied(info: MediaInfo, folder: Path) -> list[str]:
    """The cuts as ffmpeg copies them, from whatever key frame lies before."""
    lines = ["ffconcat version 1.0"]
    for cut in _cuts(info):
        lines += [f"file 'file:{info.path.absolute()}'"]
        lines += [f"inpoint {float(cut.start):.6f}", f"outpoint {float(cut.end):.6f}"]
    script = folder / "cuts.ffconcat"
    script.write_text("\n".join(lines), encoding="utf-8")
    words = [ffmpeg_program(), "-nostdin", "-v", "error", "-y", "-f", "concat", "-safe", "0"]
    return [*words, "-i", str(script), "-c", "copy", str(folder / "plain-lossless.mp4")]
