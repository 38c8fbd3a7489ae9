"""The ffmpeg program that imageio-ffmpeg ships, run as a child that can be watched and stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.errors import Cancelled, ExportError

POLL = 0.05
"""Seconds between two looks at a running child and at ``cancelled()``."""

_DAMAGED = "the video is damaged"
_REASONS = (
    (
        ("no space left on device", "disk quota exceeded"),
        "the disk is full",
        "Free some space or export to another disk.",
    ),
    (
        ("file too large", "file size limit exceeded"),
        "the file is larger than this disk or account allows",
        "Export to another disk, or make the short shorter.",
    ),
    (
        ("permission denied", "operation not permitted", "read-only file system"),
        "no permission to read the video or to write the short",
        "Change the access rights or choose another folder.",
    ),
    (
        ("unknown encoder", "encoder not found", "unknown decoder", "decoder not found"),
        "this ffmpeg cannot handle the format",
        "Install imageio-ffmpeg again, or remove IMAGEIO_FFMPEG_EXE from the environment.",
    ),
    (
        ("no such filter", "unrecognized option", "option not found"),
        "this ffmpeg is too old",
        "Install imageio-ffmpeg 0.6 or newer, or remove IMAGEIO_FFMPEG_EXE from the environment.",
    ),
    (
        ("cannot allocate memory", "out of memory"),
        "there is not enough memory",
        "Close other programs or choose a smaller picture.",
    ),
    (
        ("no such file or directory",),
        "a file disappeared during the export",
        "Check that the disks with the video and the short are still connected.",
    ),
    (
        ("input/output error",),
        "a disk or network drive stopped answering",
        "Check the disks with the video and the short.",
    ),
    (
        ("invalid data found", "moov atom not found", "error opening input"),
        _DAMAGED,
        "Copy it again from where it came from, or convert it first.",
    ),
)


@cache
def ffmpeg_program() -> str:
    """Path of the ffmpeg program.

    Raises:
        ExportError: imageio-ffmpeg has no program for this machine.
    """
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise ExportError(
            "there is no ffmpeg for this machine",
            remedy="Install ffmpeg, or set IMAGEIO_FFMPEG_EXE to the program.",
        ) from error


@dataclass(frozen=True)
class Command:
    """One run of ffmpeg.

    Attributes:
        arguments: Everything after the global options, each a word of its own; no shell sees them.
        folder: The folder that it runs in; relative names in the arguments are there.
        frames: Number of frames that the run writes, for the progress.
        target: The file that the user would name when it fails.
        source: The video that it reads, if it reads one; named when that is what is damaged.
        message: What the run does, for the progress.
    """

    arguments: Sequence[str]
    folder: Path
    frames: int
    target: Path
    source: Path | None = None
    message: str = ""


def as_input(path: Path) -> str:
    """A path as ffmpeg takes it literally, whatever characters are in it."""
    return f"file:{path.absolute()}"


def run_ffmpeg(
    commands: Sequence[Command],
    *,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
    at_once: int = 1,
) -> list[int]:
    """Runs ffmpeg for each command, some of them side by side.

    Args:
        commands: What to run, in the order in which the runs start.
        progress: Called with the finished fraction of all frames, 0 to 1, and a message.
        cancelled: Asked every 50 ms; true kills the children.
        at_once: Number of children that run at the same time.

    Returns:
        Number of frames that each run wrote.

    Raises:
        Cancelled: ``cancelled()`` returned true.
        ExportError: A run failed; the message says why.
    """
    total = max(1, sum(command.frames for command in commands))
    written = [0] * len(commands)
    waiting = list(enumerate(commands))[::-1]
    running: dict[int, _Child] = {}
    reported = -1
    try:
        while waiting or running:
            if cancelled():
                raise Cancelled
            while waiting and len(running) < at_once:
                index, command = waiting.pop()
                running[index] = _Child(command)
            if sum(written) != reported:
                reported = sum(written)
                progress(min(1.0, reported / total), commands[min(running)].message)
            _wait_any(running)
            for index, child in list(running.items()):
                written[index] = child.frames()
                if child.process.poll() is not None:
                    del running[index]
                    written[index] = child.finish()
    finally:
        for child in running.values():
            child.kill()
    if commands:
        progress(1.0, commands[-1].message)
    return written


def _wait_any(running: dict[int, _Child]) -> None:
    """Gives the children one poll's time, less if the oldest of them ends before."""
    oldest = min(running)
    try:
        running[oldest].process.wait(timeout=POLL)
    except subprocess.TimeoutExpired:
        return


class _Child:
    """A running ffmpeg; its progress and complaints go to files, so that no full pipe blocks it."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self._frames = 0
        self._folder = Path(tempfile.mkdtemp(prefix="emotionshortform-"))
        words = [
            ffmpeg_program(),
            *("-nostdin", "-hide_banner", "-loglevel", "error", "-y"),
            *("-nostats", "-stats_period", "0.1", "-progress", "pipe:1"),
            *command.arguments,
        ]
        try:
            with (
                (self._folder / "progress").open("wb") as progress,
                (self._folder / "complaints").open("wb") as complaints,
            ):
                self.process = subprocess.Popen(
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=progress,
                    stderr=complaints,
                    cwd=command.folder,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
        except OSError as error:
            self._forget()
            raise ExportError(
                f"ffmpeg does not start ({error.strerror})",
                path=words[0],
                remedy="Install imageio-ffmpeg again, or set IMAGEIO_FFMPEG_EXE.",
            ) from error
        except BaseException:
            self._forget()
            raise

    def frames(self) -> int:
        """Number of frames written so far."""
        with (self._folder / "progress").open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 1024))
            lines = file.read().split(b"\n")[:-1]
        for line in reversed(lines):
            name, _, value = line.partition(b"=")
            if name == b"frame" and value.strip().isdigit():
                self._frames = int(value)
                break
        return self._frames

    def finish(self) -> int:
        """Number of frames that an ended run wrote; a failed one becomes an error."""
        frames = self.frames()
        complaints = (self._folder / "complaints").read_text("utf-8", "replace")
        code = self.process.returncode
        self._forget()
        if code != 0:
            raise export_error(complaints, self.command.target, code, self.command.source)
        return frames

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._forget()

    def _forget(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def export_error(
    complaints: str, target: Path, code: int = 1, source: Path | None = None
) -> ExportError:
    """The error for what ffmpeg wrote to its standard error output.

    Args:
        complaints: The text that it wrote.
        target: The file that the user would name.
        code: Its exit status; the negative number of the signal that ended it.
        source: The video that it read.
    """
    text = complaints.lower()
    if code and code == -getattr(signal, "SIGXFSZ", 0):
        text += "file size limit exceeded"
    for signs, happened, remedy in _REASONS:
        if any(sign in text for sign in signs):
            where = source if source is not None and happened == _DAMAGED else target
            return ExportError(happened, path=where, remedy=remedy)
    lines = [line.strip() for line in complaints.splitlines() if line.strip()]
    reason = lines[-1][:200] if lines else f"status {code}"
    return ExportError(
        f"ffmpeg failed ({reason})",
        path=target,
        remedy="Try again; if it fails again, please report this message.",
    )


def os_export_error(error: OSError, target: Path) -> ExportError:
    """The same for a failed system call."""
    return export_error(error.strerror or str(error), target)


def require_space(folder: Path, needed: int) -> None:
    """Refuses a folder on a disk that is clearly too small.

    Args:
        folder: The folder that will be written to.
        needed: Bytes that will be needed at least.

    Raises:
        ExportError: Fewer bytes are free.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ExportError(
            f"the disk is nearly full ({free / 1e6:.0f} MB free, "
            f"about {needed / 1e6:.0f} MB needed)",
            path=folder,
            remedy="Free some space or export to another disk.",
        )
