"""Exporting, as ratios to one ffmpeg command that does the same work with the same encoder.

``python -m tests.benchmarks.export`` measures this alone.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from PIL import Image

from core.export.clip import Clip
from core.export.encoders import encoder_words
from core.export.encoding import Encoding
from core.export.ffmpeg import ffmpeg_program
from core.export.look import Look
from core.export.render import ExportSettings, export_short
from core.media.probe import MediaInfo, probe
from core.places import SAMPLE_VIDEO
from core.time import Span

_MINUTES = 7
_CUTS = 5
_SECONDS = 4
_RUNS = 2
_LONG = Fraction(300)
_BETWEEN_KEYS = Fraction(17, 10)
_TALL = (1080, 1920)

Row = tuple[str, float, str]


@dataclass(frozen=True)
class _Case:
    """An export, and the commands that it is compared with.

    Attributes:
        name: What is exported.
        cuts: Its cuts.
        settings: How it is exported.
        plain: For each comparison its name, the command, and what is wanted of the ratio.
    """

    name: str
    cuts: Sequence[Span]
    settings: ExportSettings
    plain: Sequence[tuple[str, Sequence[str], str]]


def export_rows(folder: Path) -> list[Row]:
    """How long each way takes, and how many times as long as plain ffmpeg.

    Args:
        folder: Where the video, the sample again and again, and the shorts are written.
    """
    info = probe(_long_sample(folder / "long_sample.mp4"))
    rows: list[Row] = []
    for case in _cases(info, folder):
        rows.extend(_measured(info, case, folder / "short.mp4"))
    return rows


def _cases(info: MediaInfo, folder: Path) -> list[_Case]:
    banner = folder / "banner.png"
    Image.new("RGBA", (600, 100), (0, 0, 0, 150)).save(banner)
    short = _short_cuts(info)
    # The sample begins with a key frame each time that it is repeated.
    key = probe(SAMPLE_VIDEO).duration
    at_key, between = Span(key, key + _LONG), Span(key + _BETWEEN_KEYS, key + _LONG)
    one = "times one ffmpeg command"
    cases = [
        _Case(
            "composed",
            short,
            ExportSettings(Look(aspect="9:16", title="A title"), Encoding(way="composed")),
            [(one, _composed(info, banner, folder), "at most 1.5")],
        ),
        _Case(
            "fast",
            short,
            ExportSettings(encoding=Encoding(way="fast")),
            [(one, _transcoded(info, folder), "at most 1.15")],
        ),
    ]
    for name, cuts, wanted in (
        ("lossless, 5 min from a key frame", [at_key], "at most 2"),
        ("lossless, 5 min from between two", [between], "at most 2"),
        ("lossless, 5 short cuts", short, ""),
    ):
        plain = [
            ("times -c copy", _copied(info, cuts, ["-c", "copy"], folder), wanted),
            (
                "times -c:v copy -c:a aac",
                _copied(info, cuts, ["-c:v", "copy", "-c:a", "aac", "-b:a", "192k"], folder),
                "",
            ),
        ]
        cases.append(_Case(name, cuts, ExportSettings(encoding=Encoding(way="lossless")), plain))
    return cases


def _long_sample(path: Path) -> Path:
    words = ["-stream_loop", "-1", "-i", str(SAMPLE_VIDEO), "-t", str(60 * _MINUTES)]
    # Copied sound would have seams that no recording has.
    codecs = ["-c:v", "copy", "-af", "aresample=async=1", "-c:a", "aac", "-b:a", "128k"]
    subprocess.run([*_program(), *words, *codecs, str(path)], check=True)
    return path


def _measured(info: MediaInfo, case: _Case, target: Path) -> list[Row]:
    clips = [Clip(info, cut) for cut in case.cuts]

    def ours() -> None:
        target.unlink(missing_ok=True)
        export_short(clips, target, case.settings)

    commands = [command for _, command, _ in case.plain]
    taken, *others = _side_by_side([ours, *(partial(_run, command) for command in commands)])
    rows: list[Row] = [(f"{case.name} (s)", taken, "")]
    for (name, _, wanted), other in zip(case.plain, others, strict=True):
        rows.append((f"{case.name}, {name}", taken / other, wanted))
    return rows


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True)


def _side_by_side(runs: Sequence[Callable[[], None]]) -> list[float]:
    """Seconds of the quickest of several turns of each."""
    least = [float("inf")] * len(runs)
    for _ in range(_RUNS):
        for number, run in enumerate(runs):
            begin = time.perf_counter()
            run()
            least[number] = min(least[number], time.perf_counter() - begin)
    return least


def _short_cuts(info: MediaInfo) -> list[Span]:
    """Cuts at frames, evenly over the video, none at a key frame but by chance."""
    frame = 1 / info.video.frame_rate
    step = info.duration / _CUTS
    begins = [round((number + Fraction(1, 3)) * step / frame) * frame for number in range(_CUTS)]
    return [Span(begin, begin + round(_SECONDS / frame) * frame) for begin in begins]


def _program() -> list[str]:
    return [ffmpeg_program(), "-nostdin", "-v", "error", "-y"]


def _inputs(info: MediaInfo) -> list[str]:
    words = _program()
    for cut in _short_cuts(info):
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
    return [*_inputs(info), "-filter_complex", graph, *_outputs(info, size, folder / "fast.mp4")]


def _composed(info: MediaInfo, banner: Path, folder: Path) -> list[str]:
    """Cut out, scaled, and with a picture over the first three seconds."""
    pads = "".join(f"[{number}:v][{number}:a]" for number in range(_CUTS))
    graph = (
        f"{pads}concat=n={_CUTS}:v=1:a=1[film][a];"
        f"[film]crop=ih*9/16:ih,scale={_TALL[0]}:{_TALL[1]}:flags=bicubic+accurate_rnd[tall];"
        f"[tall][{_CUTS}:v]overlay=240:170:enable='lt(t,3)'[v]"
    )
    outputs = _outputs(info, _TALL, folder / "composed.mp4")
    return [*_inputs(info), "-i", str(banner), "-filter_complex", graph, *outputs]


def _copied(info: MediaInfo, cuts: Sequence[Span], codecs: list[str], folder: Path) -> list[str]:
    """The cuts as ffmpeg copies them, from whatever key frame lies before."""
    target = str(folder / "copied.mp4")
    if len(cuts) == 1:
        words = ["-ss", f"{float(cuts[0].start):.6f}", "-t", f"{float(cuts[0].duration):.6f}"]
        return [*_program(), *words, "-i", str(info.path), *codecs, target]
    lines = ["ffconcat version 1.0"]
    for cut in cuts:
        lines += [f"file 'file:{info.path.absolute()}'"]
        lines += [f"inpoint {float(cut.start):.6f}", f"outpoint {float(cut.end):.6f}"]
    script = folder / "cuts.ffconcat"
    script.write_text("\n".join(lines), encoding="utf-8")
    return [*_program(), "-f", "concat", "-safe", "0", "-i", str(script), *codecs, target]


def main() -> None:
    """Measures and prints one line per figure, and how busy the machine was."""
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        rows = export_rows(Path(folder))
    for name, value, wanted in rows:
        print(f"{name:65} {value:8.2f}   {wanted}")
    print(f"load before {before:.1f}, after {os.getloadavg()[0]:.1f}; {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
