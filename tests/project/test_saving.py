from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from core.errors import ProjectError
from core.project.backups import backups
from core.project.journal_place import journal_file
from core.project.project_file import read_project, write_project
from core.project.session import ProjectSession
from tests.project.projects import edited

ONE, TWO, THREE = (
    edited((1, 2)),
    edited((1, 2), (3, 4)),
    edited((1, 2), (3, 4), (5, 6)),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A project's file with one cut."""
    path = tmp_path / "mine.emotionshort"
    write_project(path, ONE)
    return path


class Interrupted:
    """Lets the first write to the disk of one thread wait until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, thread: str) -> None:
        self.begun, self.may_go_on = threading.Event(), threading.Event()
        self._thread = thread
        self._really = os.fsync
        monkeypatch.setattr(os, "fsync", self._fsync)

    def _fsync(self, file: int) -> None:
        if threading.current_thread().name == self._thread:
            self.begun.set()
            assert self.may_go_on.wait(60)
        self._really(file)


def test_an_edit_while_a_save_goes_on_stays_unsaved_and_in_the_journal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Interrupted(monkeypatch, "save")
    session = ProjectSession.open(path).session
    session.record("Add cut", TWO)
    saving = threading.Thread(
        target=session.save, args=(TWO,), kwargs={"edits": session.edits}, name="save"
    )
    saving.start()
    assert disk.begun.wait(60)
    session.record("Add cut", THREE)
    assert not session.changed_on_disk()
    disk.may_go_on.set()
    saving.join()
    assert (session.unsaved(), read_project(path)) == (1, TWO)
    assert not session.changed_on_disk()
    session.close()
    opened = ProjectSession.open(path)
    assert (opened.project, opened.recovered, opened.edits) == (TWO, THREE, 1)
    assert opened.problem == ""
    opened.session.close()


def test_an_edit_between_the_command_and_the_job_stays_unsaved(path: Path) -> None:
    session = ProjectSession.open(path).session
    session.record("Add cut", TWO)
    edits = session.edits
    session.record("Add cut", THREE)
    session.save(TWO, edits=edits)
    assert (session.unsaved(), journal_file(path).exists()) == (1, True)
    session.close(THREE)
    assert read_project(path) == THREE


def test_of_two_saves_at_once_the_newer_state_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Interrupted(monkeypatch, "first")
    session = ProjectSession.open(path).session
    session.record("Add cut", TWO)
    first = threading.Thread(
        target=session.save, args=(TWO,), kwargs={"edits": session.edits}, name="first"
    )
    first.start()
    assert disk.begun.wait(60)
    session.record("Add cut", THREE)
    second = threading.Thread(target=session.save, args=(THREE,), kwargs={"edits": session.edits})
    second.start()
    disk.may_go_on.set()
    first.join()
    second.join()
    session.save(TWO, edits=1)
    assert (read_project(path), session.unsaved()) == (THREE, 0)
    assert not session.changed_on_disk()
    session.close()
    opened = ProjectSession.open(path)
    assert (opened.project, opened.recovered) == (THREE, None)
    opened.session.close()


def test_closing_waits_for_a_save(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Interrupted(monkeypatch, "save")
    session = ProjectSession.open(path).session
    session.record("Add cut", TWO)
    saving = threading.Thread(target=session.save, args=(TWO,), name="save")
    saving.start()
    assert disk.begun.wait(60)
    closing = threading.Thread(target=session.close, args=(TWO,))
    closing.start()
    assert not session.read_only
    disk.may_go_on.set()
    saving.join()
    closing.join()
    assert (session.read_only, read_project(path)) == (True, TWO)


def test_many_edits_and_saves_in_two_threads_lose_nothing(path: Path) -> None:
    states = [edited(*((n, n + 1) for n in range(count))) for count in range(2, 60)]
    session = ProjectSession.open(path).session
    now = [(ONE, 0)]
    done = threading.Event()

    def save() -> None:
        while not done.is_set():
            state, edits = now[-1]
            session.save(state, edits=edits)

    threads = [threading.Thread(target=save) for _ in range(2)]
    for thread in threads:
        thread.start()
    for state in states:
        session.record("Add cut", state)
        now.append((state, session.edits))
    done.set()
    for thread in threads:
        thread.join()
    saved = read_project(path)
    behind = states[-1] != saved
    assert (session.unsaved() > 0) == behind
    session.close()
    opened = ProjectSession.open(path)
    assert opened.recovered == (states[-1] if behind else None)
    assert opened.problem == ""
    opened.session.close()


def test_the_version_of_another_program_can_be_gone_on_with(path: Path) -> None:
    session = ProjectSession.open(path).session
    session.record("Add cut", THREE)
    write_project(path, TWO)
    before = session.edits
    assert session.changed_on_disk()
    assert session.reload() == TWO
    assert (session.changed_on_disk(), session.unsaved()) == (False, 0)
    session.save(THREE, edits=before)
    assert read_project(path) == TWO, "a save of the state before is an older one"
    session.record("Add cut", THREE)
    session.save(THREE)
    session.close()
    assert read_project(path) == THREE
    assert THREE in [read_project(backup.path) for backup in backups(path)]


def test_a_version_that_cannot_be_read_changes_nothing(path: Path) -> None:
    session = ProjectSession.open(path).session
    session.record("Add cut", TWO)
    path.write_text("{")
    with pytest.raises(ProjectError):
        session.reload()
    assert (session.changed_on_disk(), session.unsaved()) == (True, 1)
    session.close()
