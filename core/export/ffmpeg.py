"""The ffmpeg program that imageio-ffmpeg ships, run as a child that can be watched and stopped."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic
from types import TracebackType

from core.errors import Cancelled, ExportError
from core.export.orphans import Guard
from core.export.results import keep_results, kept_frames, partial_name

_NICE = 10

POLL = 0.05
"""Seconds between two looks at a running child and at ``cancelled()``."""
LEAST_FREE = 64_000_000
"""Bytes of a disk that an export leaves free, or a hundredth of a disk that is small."""
HARDWARE_FAILED = "the encoder of this machine's own failed"
"""What has happened if an export may still be possible with the software encoder."""

_BETWEEN_DISK_LOOKS = 1.0
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
        ("_nvenc @", "_qsv @", "_amf @", "_mf @", "_videotoolbox @"),
        HARDWARE_FAILED,
        "Switch hardware encoding off and try again.",
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
        results: Those of the arguments that name files that it writes. They get their names only
            when the run has ended well, and if they are all there already, it is left out.
    """

    arguments: Sequence[str]
    folder: Path
    frames: int
    target: Path
    source: Path | None = None
    message: str = ""
    results: tuple[str, ...] = ()


def as_input(path: Path) -> str:
    """A path as ffmpeg takes it literally, whatever characters are in it."""
    return f"file:{path.absolute()}"


def run_ffmpeg(
    commands: Sequence[Command],
    *,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
    at_once: int = 1,
    meanwhile: Callable[[Callable[[], None]], None] | None = None,
) -> list[int]:
    """Runs ffmpeg for each command, some of them side by side.

    No child outlives this call, nor this process if it is killed.

    Args:
        commands: What to run, in the order in which the runs start.
        progress: Called with the finished fraction of all frames, 0 to 1, and a message.
        cancelled: Asked every 50 ms; true kills the children.
        at_once: Number of children that run at the same time.
        meanwhile: Other work for this thread while the children run. It calls what it is given
            often: that looks after the children and raises what has befallen them.

    Returns:
        Number of frames that each run wrote, now or before it was left out.

    Raises:
        Cancelled: ``cancelled()`` returned true.
        ExportError: A run failed or the disk is running full; the message says why.
    """
    with _Runs(commands, progress, cancelled, at_once) as runs:
        if meanwhile is not None:
            runs.look()
            meanwhile(runs.look_sometimes)
        while runs.unfinished:
            runs.look()
            runs.wait()
    if commands:
        progress(1.0, commands[-1].message)
    return runs.written


class _Runs:
    """Runs of ffmpeg that go on by themselves between two looks at them."""

    def __init__(
        self,
        commands: Sequence[Command],
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
        at_once: int,
    ) -> None:
        self._commands = commands
        self._progress = progress
        self._cancelled = cancelled
        self._at_once = at_once
        self._total = max(1, sum(command.frames for command in commands))
        kept = [kept_frames(command.folder, command.results) for command in commands]
        self.written = [frames or 0 for frames in kept]
        self._waiting = [i for i in range(len(commands)) if kept[i] is None][::-1]
        self._running: dict[int, _Child] = {}
        self._reported = -1
        self._looked = self._looked_at_disk = -_BETWEEN_DISK_LOOKS
        self._guard = Guard()

    @property
    def unfinished(self) -> bool:
        """Whether anything is still to be done."""
        return bool(self._waiting or self._running)

    def __enter__(self) -> _Runs:
        self._guard.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            # All are told before the first is waited for: freeing their memory takes its time.
            for child in self._running.values():
                child.process.kill()
            for child in self._running.values():
                child.forget()
        finally:
            self._guard.__exit__(kind, error, trace)

    def look(self) -> None:
        """Takes in those that have ended, starts the next, and tells how far all are."""
        if self._cancelled():
            raise Cancelled
        self._looked = monotonic()
        if self._looked - self._looked_at_disk >= _BETWEEN_DISK_LOOKS:
            for folder, target in {(each.folder, each.target) for each in self._commands}:
                require_rest(folder, target)
            self._looked_at_disk = self._looked
        for index, child in list(self._running.items()):
            self.written[index] = child.frames()
            if child.process.poll() is not None:
                del self._running[index]
                self._watch()
                self.written[index] = child.finish()
        while self._waiting and len(self._running) < self._at_once:
            index = self._waiting.pop()
            self._running[index] = _Child(self._commands[index])
            self._watch()
        if self._running and sum(self.written) != self._reported:
            self._reported = sum(self.written)
            message = self._commands[min(self._running)].message
            self._progress(min(1.0, self._reported / self._total), message)

    def look_sometimes(self) -> None:
        """The same, unless the last look was a moment ago; may be called as often as one likes."""
        if monotonic() - self._looked >= POLL:
            self.look()

    def wait(self) -> None:
        """Gives the children one poll's time, less if the oldest of them ends before."""
        if self._running:
            with suppress(subprocess.TimeoutExpired):
                self._running[min(self._running)].process.wait(timeout=POLL)

    def _watch(self) -> None:
        self._guard.watch(child.process.pid for child in self._running.values())


def _give_way(process: int) -> None:
    """Lets a child run where others leave room: a window must stay quick while it encodes."""
    if hasattr(os, "setpriority"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process, _NICE)


class _Child:
    """A running ffmpeg; its progress and complaints go to files, so that no full pipe blocks it."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self._frames = 0
        try:
            self._folder = Path(tempfile.mkdtemp(prefix=".run-", dir=command.folder))
        except OSError as error:
            raise os_export_error(error, command.target) from error
        words = [
            ffmpeg_program(),
            *("-nostdin", "-hide_banner", "-loglevel", "error", "-y"),
            *("-nostats", "-stats_period", "0.1", "-progress", "pipe:1"),
            *(
                partial_name(word) if word in command.results else word
                for word in command.arguments
            ),
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
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
                    | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
                )
            _give_way(self.process.pid)
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
        command = self.command
        if code != 0:
            raise export_error(complaints, command.target, code, command.source)
        if command.results:
            try:
                keep_results(command.folder, command.results, frames)
            except OSError as error:
                raise os_export_error(error, command.target) from error
        return frames

    def forget(self) -> None:
        """Waits for the end of a killed run and removes what only it needed."""
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
    # A disk that is full takes no complaints either.
    if not text.strip() and code in (256 - errno.ENOSPC, 256 - errno.EDQUOT):
        text = "no space left on device"
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


def require_rest(folder: Path, target: Path) -> None:
    """Stops an export before other programs suffer from a disk without any room.

    Args:
        folder: Where it writes.
        target: The file that the user would name.

    Raises:
        ExportError: Less than 64 MB, of a small disk less than a hundredth, are free.
    """
    try:
        disk = shutil.disk_usage(folder)
    except OSError as error:
        raise os_export_error(error, target) from error
    if disk.free < min(LEAST_FREE, disk.total // 100):
        raise ExportError(
            f"the disk is nearly full ({disk.free / 1e6:.0f} MB free)",
            path=target,
            remedy="Free some space or export to another disk.",
        )
