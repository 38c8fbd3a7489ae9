"""Who suggests: a training that adopts a version, another version, another profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.learning.personal.profiles import Profile
from core.project.document import Project, Wishes
from core.project.session import ProjectSession
from desktop.editor import Editor
from desktop.librarian import Librarian
from desktop.panels.learning_words import next_training_text
from desktop.teacher import Teacher
from tests.desktop.conftest import PATIENCE
from tests.desktop.learnings import add_version, fill_odd, fill_teachable


@dataclass
class School:
    """A teacher with what it works on, and what it said."""

    editor: Editor
    librarian: Librarian
    teacher: Teacher
    said: list[str] = field(default_factory=list)

    def look(self, qtbot: QtBot) -> None:
        self.librarian.look()
        qtbot.waitUntil(lambda: self.librarian.idle, timeout=PATIENCE)

    def changes(self) -> int:
        return self.said.count("changed")


@pytest.fixture
def school(editor: Editor, own_folders: None, qtbot: QtBot) -> Iterator[School]:
    owner = QObject()
    librarian = Librarian(owner)
    made = School(editor, librarian, Teacher(editor, librarian, owner))
    made.teacher.changed.connect(lambda: made.said.append("changed"))
    made.teacher.told.connect(made.said.append)
    made.teacher.failed.connect(lambda message, report: made.said.append(message))
    librarian.watch("short", "")
    made.look(qtbot)
    yield made
    made.teacher.close()
    librarian.close()


def teach(school: School, qtbot: QtBot) -> None:
    with qtbot.waitSignal(school.teacher.ended, timeout=PATIENCE):
        school.teacher.teach("")
    qtbot.waitUntil(lambda: school.librarian.idle, timeout=PATIENCE)


def test_the_suggestions_are_outdated_when_another_version_suggests(
    school: School, qtbot: QtBot
) -> None:
    add_version()
    school.look(qtbot)
    assert school.changes() == 1
    school.look(qtbot)
    add_version(use=False)
    school.look(qtbot)
    assert school.changes() == 1
    Profile.named("").back()
    school.look(qtbot)
    assert school.changes() == 2


def test_the_suggestions_are_outdated_when_another_profile_suggests_and_by_undo(
    school: School, qtbot: QtBot
) -> None:
    add_version("Games")
    school.editor.set_profile("Games")
    school.librarian.watch("short", "Games")
    qtbot.waitUntil(lambda: school.changes() == 1, timeout=PATIENCE)
    school.librarian.watch("page", "")
    school.look(qtbot)
    school.editor.undo_stack.undo()
    assert school.changes() == 2


def test_opening_another_project_outdates_nothing(school: School, qtbot: QtBot) -> None:
    add_version("Games")
    school.librarian.watch("page", "Games")
    school.look(qtbot)
    opened = ProjectSession.new()
    school.editor.open(opened.session, Project(wishes=Wishes(profile="Games")), {})
    school.look(qtbot)
    assert school.changes() == 0
    opened.session.close()


def test_what_is_better_on_videos_that_it_had_not_seen_suggests_from_then_on(
    school: School, qtbot: QtBot
) -> None:
    fill_teachable(3)
    teach(school, qtbot)
    known = school.librarian.state.of("")
    assert known.current == 1
    assert known.learnt == "You keep loud moments."
    assert not known.can_train
    assert school.changes() == 1
    assert school.said[0].startswith("Version 1 suggests now. Better on 3 videos")


def test_what_cannot_be_learned_is_said_and_makes_no_version(school: School, qtbot: QtBot) -> None:
    teach(school, qtbot)
    assert "nothing can be learned" in school.said[0]
    assert school.librarian.state.of("").versions == ()


def test_a_window_that_closes_ends_the_training(school: School) -> None:
    fill_teachable(2)
    school.teacher.teach("")
    school.teacher.close()
    assert not school.teacher.busy
    assert Profile.named("").versions() == []


def test_a_video_that_teaches_nothing_is_named_after_the_training(
    school: School, qtbot: QtBot
) -> None:
    fill_teachable(3)
    fill_odd()
    teach(school, qtbot)
    assert "b.mp4 teaches nothing: its pictures were described by another" in school.said[1]
    known = school.librarian.state.of("")
    assert next_training_text(known).endswith("Not learned from: one video.")
