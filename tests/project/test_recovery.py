from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ProjectError
from core.project.backups import backups, backups_folder
from core.project.document import Medium
from core.project.journal_place import journal_file
from core.project.project_file import read_project, write_project
from core.project.recovery import discard, recoverable
from core.project.session import ProjectSession
from tests.project.projects import edited

ONE, TWO, THREE = edited((1, 2)), edited((1, 2), (3, 4)), edited((1, 2), (3, 4), (5, 6))


def crashed(path: Path) -> ProjectSession:
    """A session with two edits that were not saved, and no window."""
    write_project(path, ONE)
    session = ProjectSession.open(path).session
    session.record("Add cut", TWO)
    session.record("Add cut", THREE)
    session.close()
    return session


def test_projects_with_unsaved_edits_are_offered(tmp_path: Path) -> None:
    assert recoverable() == []
    crashed(tmp_path / "mine.emotionshort")
    untitled = ProjectSession.new().session
    untitled.record("Title", replace(TWO, media=(Medium("a", tmp_path / "휴가.mp4"),)))
    assert [one.path.name for one in recoverable()] == ["mine.emotionshort"], "the other is open"
    untitled.close()
    newest, oldest = recoverable()
    assert (newest.path, newest.name, newest.edits) == (untitled.path, "휴가.mp4", 1)
    assert (oldest.path, oldest.name, oldest.edits) == (tmp_path / "mine.emotionshort", "a.mp4", 2)
    assert newest.when >= oldest.when
    opened = ProjectSession.open(untitled.path)
    assert opened.recovered is not None
    assert (len(opened.recovered.cuts), opened.problem) == (2, "")
    opened.session.close(opened.recovered)
    assert [one.path for one in recoverable()] == [tmp_path / "mine.emotionshort"]


def test_a_saved_project_is_not_offered(tmp_path: Path) -> None:
    path = tmp_path / "mine.emotionshort"
    crashed(path)
    write_project(path, THREE)
    assert recoverable() == []


def test_a_project_that_was_damaged_after_its_edits_is_offered(tmp_path: Path) -> None:
    path = tmp_path / "mine.emotionshort"
    crashed(path)
    path.write_text("{")
    assert [one.edits for one in recoverable()] == [2]


def test_discarded_edits_are_put_aside_not_deleted(tmp_path: Path) -> None:
    path = tmp_path / "mine.emotionshort"
    crashed(path)
    content = journal_file(path).read_bytes()
    discard(path)
    assert recoverable() == []
    (backup,) = backups(path)
    assert (read_project(backup.path), backup.cuts) == (THREE, 3)
    (journal,) = backups_folder(path).glob("*.journal")
    assert journal.read_bytes() == content
    opened = ProjectSession.open(path)
    assert (opened.project, opened.recovered) == (ONE, None)
    opened.session.close()
    discard(path)
    assert len(backups(path)) == 1


def test_edits_of_an_open_project_cannot_be_discarded(tmp_path: Path) -> None:
    path = tmp_path / "mine.emotionshort"
    write_project(path, ONE)
    session = ProjectSession.open(path).session
    with pytest.raises(ProjectError, match="open in another window"):
        discard(path)
    session.close()


def test_damaged_journals_are_not_in_the_way(tmp_path: Path) -> None:
    for name in ("mine", "other"):
        crashed(tmp_path / f"{name}.emotionshort")
    journal_file(tmp_path / "other.emotionshort").write_bytes(b"\0" * 1000)
    assert [one.path.name for one in recoverable()] == ["mine.emotionshort"]


def test_looking_for_broken_off_projects_makes_no_opening_read_only(tmp_path: Path) -> None:
    path = tmp_path / "mine.emotionshort"
    crashed(path)
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            recoverable()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for _ in range(100):
            session = ProjectSession.open(path).session
            read_only = session.read_only
            session.close()
            assert not read_only
    finally:
        done.set()
        thread.join()
