from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from core.project.document import Project
from core.project.project_file import project_from_json, write_project
from core.project.recovery import recoverable
from core.project.session import ProjectSession

KILLS = 50


def edit_and_be_killed(path: Path, seed: int) -> tuple[list[Project], int]:
    """Lets a process edit a project and kills it at a random moment.

    Returns:
        The states that it set out to make, and how many of them it had finished by its own word.
    """
    chance = random.Random(seed)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.project.killed", str(path), str(seed)],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(chance.randrange(1, 120))]
    for _ in range(chance.randrange(20_000)):
        pass  # so that it is killed anywhere, not only where it prints
    process.kill()
    lines += process.stdout.read().splitlines(keepends=True)
    process.stdout.close()
    process.wait()
    whole = [line.decode() for line in lines if line.endswith(b"\n")]
    states = [
        project_from_json(json.loads(line.removeprefix("doing ")), path)
        for line in whole
        if line.startswith("doing ")
    ]
    return states, whole.count("done \n")


@pytest.mark.parametrize("run", range(5))
def test_killed_at_any_moment_the_last_finished_edit_is_recovered(tmp_path: Path, run: int) -> None:
    path = tmp_path / "mine.emotionshort"
    write_project(path, Project())
    last = Project()
    for kill in range(KILLS // 5):
        states, done = edit_and_be_killed(path, 100 * run + kill)
        finished = states[done - 1] if done else last
        possible = [finished, *states[done:]]
        assert len(possible) <= 2, "one edit at most is in progress"
        offered = [one.path for one in recoverable()]
        opened = ProjectSession.open(path)
        assert not opened.session.read_only
        last = opened.recovered or opened.project
        assert last in possible
        assert offered == ([path] if opened.recovered else [])
        assert opened.edits == opened.session.unsaved()
        opened.session.close()
