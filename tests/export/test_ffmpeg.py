"""Runs of ffmpeg while this thread does something else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import Cancelled, ExportError
from core.export.ffmpeg import Command, run_ffmpeg


def command(folder: Path, name: str, *words: str, frames: int = 25) -> Command:
    source = ("-f", "lavfi", "-i", "color=s=64x64:r=25")
    return Command([*words, *source, "-t", "1", name], folder, frames, folder, results=(name,))


def run(
    commands: list[Command],
    meanwhile: Callable[[Callable[[], None]], None],
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[list[int], list[float]]:
    told: list[float] = []
    written = run_ffmpeg(
        commands,
        progress=lambda fraction, message: told.append(fraction),
        cancelled=cancelled,
        meanwhile=meanwhile,
    )
    return written, told


def test_runs_go_on_and_follow_one_another_while_other_work_is_done(tmp_path: Path) -> None:
    names = ["a.mp4", "b.mp4", "c.mp4"]

    def meanwhile(look: Callable[[], None]) -> None:
        while not (tmp_path / names[-1]).exists():
            look()

    written, told = run([command(tmp_path, name) for name in names], meanwhile)
    assert written == [25, 25, 25]
    assert told == sorted(told)
    assert told[-1] == 1


def test_runs_end_after_the_other_work(tmp_path: Path) -> None:
    written, _ = run([command(tmp_path, "a.mp4")], lambda look: look())
    assert written == [25]
    assert (tmp_path / "a.mp4").exists()


def test_a_failed_run_ends_the_other_work(tmp_path: Path) -> None:
    def for_ever(look: Callable[[], None]) -> None:
        while True:
            look()

    with pytest.raises(ExportError, match="too old"):
        run([command(tmp_path, "a.mp4", "-no_such_option", "1")], for_ever)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_failing_work_ends_the_runs(error: type[BaseException], tmp_path: Path) -> None:
    def failing(look: Callable[[], None]) -> None:
        raise error

    with pytest.raises(error):
        run([command(tmp_path, "a.mp4", "-readrate", "0.01")], failing)
    assert not list(tmp_path.glob(".run-*"))


def test_cancelling_ends_the_other_work(tmp_path: Path) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    def for_ever(look: Callable[[], None]) -> None:
        while True:
            look()

    with pytest.raises(Cancelled):
        run([command(tmp_path, "a.mp4", "-readrate", "0.01")], for_ever, cancelled)
    assert not list(tmp_path.glob(".run-*"))
