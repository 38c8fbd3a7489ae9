"""Nothing is overwritten, nothing stays behind, and every refusal says what to do."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from core.errors import Cancelled, ExportError, MediaError, UsageError
from core.export import ffmpeg
from core.export.render import export_short
from core.media.probe import MediaInfo, probe
from core.time import Span
from tests.export.clips import clips_of, settings_of
from tests.synthetic import make_video, read_frame_numbers

CUTS = [Span(Fraction(1), Fraction(2)), Span(Fraction(0), Fraction(1, 2))]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def media(tmp_path: Path) -> MediaInfo:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    return probe(make_video(tmp_path / "in" / "a.mp4", seconds=3))


@pytest.fixture
def out(media: MediaInfo, tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.mark.parametrize(
    "name",
    [
        "한글 이름 🎉.mp4",
        'it\'s "quoted".mp4' if os.name != "nt" else "it's.mp4",
        "100% %03d [a];b,c=d.mp4",
        "-y.mov",
        "ä" * 100 + ".m4v",
    ],
)
def test_any_name_works_for_source_and_short(name: str, media: MediaInfo, out: Path) -> None:
    folder = out / name.removesuffix(".mp4")
    folder.mkdir()
    source = probe(shutil.copy(media.path, folder / f"source {name}"))
    short = export_short(clips_of(source, CUTS), folder / name, settings_of(title=name))
    assert len(read_frame_numbers(short.path)) == 38
    assert names(folder) == sorted([name, f"source {name}"])


def test_an_existing_file_is_kept(media: MediaInfo, out: Path) -> None:
    target = out / "short.mp4"
    target.write_text("precious")
    with pytest.raises(ExportError, match="already"):
        export_short(clips_of(media, CUTS), target)
    assert target.read_text() == "precious"
    export_short(clips_of(media, CUTS), target, settings_of(overwrite=True))
    assert len(read_frame_numbers(target)) == 38


def test_a_file_that_appears_meanwhile_is_kept(media: MediaInfo, out: Path) -> None:
    target = out / "short.mp4"

    def progress(fraction: float, message: str) -> None:
        if fraction > 0:
            target.write_text("precious")

    with pytest.raises(ExportError, match="already"):
        export_short(clips_of(media, CUTS), target, progress=progress)
    assert target.read_text() == "precious"
    assert names(out) == ["short.mp4"]


def test_the_source_is_never_replaced(media: MediaInfo, out: Path) -> None:
    link = out / "link.mp4"
    link.symlink_to(media.path)
    before = media.path.read_bytes()
    for target in (media.path, link, out / ".." / "in" / "a.mp4"):
        with pytest.raises(ExportError, match="one of the videos"):
            export_short(clips_of(media, CUTS), target, settings_of(overwrite=True))
    assert media.path.read_bytes() == before


@pytest.mark.parametrize(
    ("target", "error", "words"),
    [
        ("missing/short.mp4", ExportError, "folder does not exist"),
        ("short.avi", UsageError, "ends in"),
        ("folder.mp4", ExportError, "this is a folder"),
    ],
)
def test_impossible_targets(
    target: str, error: type[Exception], words: str, media: MediaInfo, out: Path
) -> None:
    (out / "folder.mp4").mkdir()
    with pytest.raises(error, match=words):
        export_short(clips_of(media, CUTS), out / target)
    assert names(out) == ["folder.mp4"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do anything")
def test_a_folder_without_write_permission(media: MediaInfo, out: Path) -> None:
    out.chmod(0o500)
    with pytest.raises(ExportError, match="permission"):
        export_short(clips_of(media, CUTS), out / "short.mp4")


def test_no_cuts(out: Path) -> None:
    with pytest.raises(UsageError, match="no cuts"):
        export_short([], out / "short.mp4")


@pytest.mark.parametrize("options", [{"crf": 99}, {"speed": "sudden"}, {"title_seconds": 0}])
def test_impossible_settings(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        settings_of(**options)


@pytest.mark.parametrize(
    ("stop_at", "way"),
    [
        (0.0, "composed"),
        (0.3, "composed"),
        (0.3, "fast"),
        (0.3, "lossless"),
        (0.95, "composed"),
        (0.95, "lossless"),
        (1.0, "fast"),
    ],
)
def test_cancel_leaves_nothing(stop_at: float, way: str, media: MediaInfo, out: Path) -> None:
    reached: list[float] = []
    with pytest.raises(Cancelled):
        export_short(
            clips_of(media, CUTS * 3),
            out / "short.mp4",
            settings_of(way=way),
            progress=lambda fraction, message: reached.append(fraction),
            cancelled=lambda: bool(reached) and reached[-1] >= stop_at,
        )
    assert names(out) == []


def test_cancel_takes_effect_at_once(out: Path, tmp_path: Path) -> None:
    source = probe(make_video(tmp_path / "in" / "b.mp4", seconds=12, size=(640, 360)))
    asked: list[float] = []

    def cancelled() -> bool:
        asked.append(time.monotonic())
        return bool(started) and asked[-1] - started[0] > 0.3

    started: list[float] = []
    settings = settings_of(aspect="9:16", speed="slower")
    with pytest.raises(Cancelled):
        export_short(
            clips_of(source, [Span(Fraction(0), Fraction(12))]),
            out / "short.mp4",
            settings,
            progress=lambda fraction, message: started.append(time.monotonic()),
            cancelled=cancelled,
        )
    assert time.monotonic() - asked[-1] < 0.3
    gaps = [b - a for a, b in itertools.pairwise(asked) if a >= started[0]]
    assert sorted(gaps)[len(gaps) // 2] < 0.2
    assert names(out) == []


def test_keyboard_interrupt_leaves_nothing(media: MediaInfo, out: Path) -> None:
    def progress(fraction: float, message: str) -> None:
        if fraction > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_short(clips_of(media, CUTS), out / "short.mp4", progress=progress)
    assert names(out) == []


@pytest.mark.parametrize(
    ("way", "name"),
    [("composed", "s.mp4"), ("fast", "s.mp4"), ("lossless", "s.mp4"), ("fast", "s.gif")],
)
def test_progress_rises_from_0_to_1(way: str, name: str, media: MediaInfo, out: Path) -> None:
    seen: list[tuple[float, str]] = []
    export_short(
        clips_of(media, CUTS),
        out / name,
        settings_of(way=way),
        progress=lambda *step: seen.append(step),
    )
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0, 1)
    assert way == "lossless" or any("cut 1 of 2" in message for _, message in seen)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals of Unix")
@pytest.mark.parametrize(
    ("killed_at", "way"), [(0.2, "composed"), (0.6, "lossless"), (0.9, "fast")]
)
def test_a_killed_export_leaves_no_short_and_the_next_one_tidies_up(
    killed_at: float, way: str, media: MediaInfo, out: Path
) -> None:
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from fractions import Fraction\n"
        "from core.export.render import export_short\n"
        "from core.media.probe import probe\n"
        "from core.time import Span\n"
        "from tests.export.clips import clips_of, settings_of\n"
        "def progress(fraction, message):\n"
        "    if fraction >= float(sys.argv[3]):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "cuts = [Span(Fraction(1), Fraction(2)), Span(Fraction(0), Fraction(1, 2))]\n"
        "clips = clips_of(probe(sys.argv[1]), cuts)\n"
        "settings = settings_of(way=sys.argv[4])\n"
        "export_short(clips, Path(sys.argv[2]), settings, progress=progress)\n"
    )
    output = out / "short.mp4"
    words = [sys.executable, "-c", script, str(media.path), str(output), str(killed_at), way]
    ran = subprocess.run(words, check=False)
    assert ran.returncode == -signal.SIGKILL
    assert not output.exists()
    short = export_short(clips_of(media, CUTS), output, settings_of(way=way))
    assert names(out) == ["short.mp4"]
    assert read_frame_numbers(short.path) == [*range(25, 50), *range(13)][: short.frames]
    assert short.frames in (37, 38)


def test_a_disk_that_is_clearly_too_small_is_refused(
    media: MediaInfo, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nearly_full = shutil.disk_usage(out)._replace(free=100_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: nearly_full)
    with pytest.raises(ExportError, match="Free some space"):
        export_short(clips_of(media, CUTS), out / "short.mp4")
    assert names(out) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no file size limits on Windows")
@pytest.mark.parametrize("way", ["fast", "lossless"])
def test_a_disk_that_fills_up_gives_a_clear_error(way: str, media: MediaInfo, out: Path) -> None:
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from fractions import Fraction\n"
        "from core.errors import ExportError\n"
        "from core.export.render import export_short\n"
        "from core.media.probe import probe\n"
        "from core.time import Span\n"
        "from tests.export.clips import clips_of, settings_of\n"
        "clips = clips_of(probe(sys.argv[1]), [Span(Fraction(0), Fraction(3))])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try:\n"
        "    export_short(clips, Path(sys.argv[2]), settings_of(way=sys.argv[3]))\n"
        "except ExportError as error:\n"
        "    print(error)\n"
    )
    words = [sys.executable, "-c", script, str(media.path), str(out / "short.mp4"), way]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "larger than this disk" in ran.stdout, ran.stderr
    assert names(out) == []


SMALL_DISK = (
    "import shutil, sys\n"
    "from fractions import Fraction\n"
    "from pathlib import Path\n"
    "from core.errors import ExportError\n"
    "from core.export.clip import Clip\n"
    "from core.export.ffmpeg import Command, run_ffmpeg\n"
    "from core.export.render import export_short\n"
    "from core.export.target import work_folder\n"
    "from core.media.probe import probe\n"
    "from core.time import Span\n"
    "from tests.export.clips import settings_of\n"
    "disk = Path(sys.argv[1])\n"
    "def fill(*step):\n"
    "    rest = shutil.disk_usage(disk).free - 40_000\n"
    "    if rest > 0 and any(disk.glob('.emotion*/*')):\n"
    "        (disk / 'filler').write_bytes(bytes(rest))\n"
    "def large(folder, name, *words):\n"
    "    source = ['-f', 'lavfi', *words, '-i', 'testsrc2=s=640x360:r=25', '-f', 'rawvideo']\n"
    "    command = Command([*source, name], folder, 100_000, disk / 'short.mp4')\n"
    "    run_ffmpeg([command], progress=lambda *step: None, cancelled=lambda: False)\n"
    "try:\n"
    "    {}\n"
    "except ExportError as error:\n"
    "    print(error)\n"
    "print(sorted(path.name for path in disk.iterdir()))\n"
)


def on_a_small_disk(work: str, folder: Path, *arguments: str, megabytes: int = 8) -> str:
    """What a script prints that works on a small disk, which nobody else sees."""
    disk = folder / "disk"
    disk.mkdir()
    mount = f"mount -t tmpfs -o size={megabytes}m none '{disk}' && exec \"$@\""
    private = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*private, "true"], check=False).returncode
    ):
        pytest.skip("this system lets nobody make a small disk")
    words = [*private, sys.executable, "-c", SMALL_DISK.format(work), str(disk), *arguments]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_a_disk_that_somebody_else_fills_up_stops_the_export(
    media: MediaInfo, tmp_path: Path
) -> None:
    work = (
        "clips = [Clip(probe(sys.argv[2]), Span(Fraction(0), Fraction(3)))] * 3; "
        "export_short(clips, disk / 'short.mp4', settings_of(way='fast'), progress=fill)"
    )
    said = on_a_small_disk(work, tmp_path, str(media.path), megabytes=96)
    assert "the disk is" in said
    assert "full" in said
    assert "Free some space" in said
    assert said.endswith("['filler']\n")


def test_the_disk_is_watched_while_something_is_written(tmp_path: Path) -> None:
    work = (
        "words = ['-readrate', '1', '-f', 'lavfi', '-i', 'color=s=64x64:r=25', '-f', 'mpegts']\n"
        "    with work_folder(disk / 'short.mp4') as folder:\n"
        "        command = Command([*words, 'a.ts'], folder, 100_000, disk / 'short.mp4')\n"
        "        run_ffmpeg([command], progress=fill, cancelled=lambda: False)"
    )
    said = on_a_small_disk(work, tmp_path)
    assert "nearly full (0 MB free)" in said
    assert said.endswith("['filler']\n")


@pytest.mark.parametrize("words", ["", ", '-readrate', '2'"], ids=["at once", "slowly"])
def test_a_disk_that_the_export_itself_fills_up_is_told(words: str, tmp_path: Path) -> None:
    work = f"with work_folder(disk / 'short.mp4') as folder: large(folder, 'a.raw'{words})"
    said = on_a_small_disk(work, tmp_path)
    assert "full" in said
    assert "Free some space" in said
    assert said.endswith("[]\n")


@pytest.mark.parametrize(
    ("complaint", "words"),
    [
        ("[out#0/mp4] Error writing trailer: No space left on device", "disk is full"),
        ("Unknown encoder 'libx264'", "Install imageio-ffmpeg"),
        ("[h264_nvenc @ 0x5] OpenEncodeSessionEx failed: out of memory", "hardware encoding off"),
        ("[h264_nvenc @ 0x5] Error: No space left on device", "disk is full"),
        ("x.mp4: Permission denied", "permission"),
        ("something new\n", "something new"),
        ("", "status 9"),
    ],
)
def test_reasons_are_told(complaint: str, words: str) -> None:
    assert words in str(ffmpeg.export_error(complaint, Path("short.mp4"), 9))


def test_damage_is_blamed_on_the_video_and_a_full_disk_on_the_short() -> None:
    short, video = Path("short.mp4"), Path("video.mp4")
    damaged = ffmpeg.export_error("Invalid data found when processing input", short, 1, video)
    assert damaged.path == video
    assert ffmpeg.export_error("No space left on device", short, 1, video).path == short


def test_a_missing_program_is_told(
    media: MediaInfo, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ffmpeg, "ffmpeg_program", lambda: str(out / "no-ffmpeg"))
    with pytest.raises(ExportError, match="does not start"):
        export_short(clips_of(media, CUTS), out / "short.mp4")
    assert names(out) == []


def test_a_source_that_disappears_is_told(media: MediaInfo, out: Path) -> None:
    def progress(fraction: float, message: str) -> None:
        if fraction > 0:
            media.path.unlink(missing_ok=True)

    with pytest.raises(ExportError, match="disappeared"):
        export_short(clips_of(media, CUTS * 5), out / "short.mp4", progress=progress)
    assert names(out) == []


def test_a_source_that_is_gone_before_is_told(media: MediaInfo, out: Path) -> None:
    media.path.unlink()
    with pytest.raises(MediaError, match="no such file"):
        export_short(clips_of(media, CUTS), out / "short.mp4")


def test_a_broken_tail_is_told_and_the_rest_can_be_exported(out: Path, tmp_path: Path) -> None:
    path = make_video(tmp_path / "in" / "b.ts", seconds=6, cut_off_bytes=60_000)
    source = probe(path)
    whole = len(read_frame_numbers(path))
    short = export_short(clips_of(source, [Span(Fraction(1), Fraction(2))]), out / "short.mp4")
    assert read_frame_numbers(short.path) == list(range(24, 50))
    short = export_short(clips_of(source, [Span(Fraction(1), Fraction(60))]), out / "long.mp4")
    assert abs(short.frames - (whole - 25)) <= 12
