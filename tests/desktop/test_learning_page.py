"""The page of the learning, by mouse and keys, on a real library and real versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.learning.library.library import Library, library_file
from core.learning.library.records import CutCorrection
from core.learning.personal.profiles import Profile
from core.learning.personal.trial import Verdict
from core.project.document import Medium
from desktop import theme
from desktop.editor import Editor
from desktop.librarian import Librarian
from desktop.main_window import MainWindow
from desktop.panels.learning_line import LearningLine
from desktop.panels.learning_page import LearningPage
from desktop.settings import SettingsStore
from desktop.teacher import Teacher
from tests.desktop.conftest import PATIENCE
from tests.desktop.exposed import expose
from tests.desktop.learnings import add_version, fill_library, fill_teachable

LEFT = Qt.MouseButton.LeftButton


@dataclass
class Desk:
    """The page and the line as the window has them, without the window around."""

    editor: Editor
    settings: SettingsStore
    librarian: Librarian
    teacher: Teacher
    page: LearningPage
    line: LearningLine
    told: list[str] = field(default_factory=list)

    def settle(self, qtbot: QtBot) -> None:
        """Waits until nothing is being done."""
        qtbot.waitUntil(lambda: self.librarian.idle, timeout=PATIENCE)

    def look(self, qtbot: QtBot) -> None:
        """Something else changed the library or the profiles."""
        self.librarian.look()
        self.settle(qtbot)

    def click(self, qtbot: QtBot, button: QAbstractButton) -> None:
        assert button.isVisible()
        assert button.isEnabled()
        QTest.mouseClick(button, LEFT)
        self.settle(qtbot)


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, settings: SettingsStore) -> Iterator[Desk]:
    """Nothing is known yet."""
    theme.apply(qapp)
    owner = QObject()
    editor = Editor(owner)
    librarian = Librarian(owner)
    teacher = Teacher(editor, librarian, owner)
    page = LearningPage(editor, settings, librarian, teacher, lambda name: "")
    made = Desk(editor, settings, librarian, teacher, page, LearningLine(editor, librarian))
    page.training_wanted.connect(teacher.teach)
    for told in (page.told, teacher.told):
        told.connect(made.told.append)
    for part in (librarian, teacher):
        part.failed.connect(lambda message, report: made.told.append(message))
    expose(qtbot, made.line, 320, 80)
    expose(qtbot, page, 596, 640)
    made.settle(qtbot)
    yield made
    teacher.close()
    librarian.close()


def show(window: MainWindow, qtbot: QtBot) -> LearningPage:
    QTest.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert window.learning.page.isVisible()
    qtbot.waitUntil(lambda: window.learning.librarian.idle, timeout=PATIENCE)
    return window.learning.page


def rows(tree: QTreeWidget) -> list[QTreeWidgetItem]:
    found = (tree.topLevelItem(number) for number in range(tree.topLevelItemCount()))
    return [row for row in found if row is not None]


def texts(tree: QTreeWidget) -> list[str]:
    return [row.text(0) for row in rows(tree)]


def corrections(profile: str = "") -> list[str]:
    """What the library holds: the identifiers of cuts, and emotions."""
    with Library.open() as library:
        found = [one.correction for one in library.corrections(profile)]
    return [one.identifier if isinstance(one, CutCorrection) else str(one.emotion) for one in found]


def current(profile: str = "") -> int:
    version = Profile.named(profile).current
    return 0 if version is None else version.number


def test_the_keys_bring_it_and_escape_leaves_it(opened: MainWindow, qtbot: QtBot) -> None:
    page = show(opened, qtbot)
    assert not opened.timeline.isVisible()
    QTest.keyClick(page.profiles.choice, Qt.Key.Key_Escape)
    assert opened.view.isVisible()
    assert opened.timeline.isVisible()
    assert not library_file().exists()


def test_what_is_typed_in_it_does_not_change_the_short(opened: MainWindow, qtbot: QtBot) -> None:
    page = show(opened, qtbot)
    before = opened.editor.project
    for key in (Qt.Key.Key_C, Qt.Key.Key_Space, Qt.Key.Key_X):
        QTest.keyClick(page.versions.list, key)
    assert opened.editor.project == before
    assert not opened.player.playing


class TestVersions:
    def test_each_says_how_good_it_is_and_which_is_in_use(self, desk: Desk, qtbot: QtBot) -> None:
        add_version(videos={"a": 3, "b": 4})
        add_version(verdict=Verdict.REFUSED, use=False)
        desk.look(qtbot)
        page = desk.page
        versions = page.versions.list
        assert texts(versions) == ["Version 2", "Version 1 · in use", "As shipped"]
        told = [versions.topLevelItem(1).text(column) for column in range(1, 5)]  # type: ignore[union-attr]
        assert told[1:] == ["Right order 71 → 83 %", "2 videos", "Adopted"]
        assert versions.topLevelItem(0).text(4) == "Not better"  # type: ignore[union-attr]
        assert page.teaching.learnt.text() == "You keep excited voices; you drop beginnings."
        assert "Better on 6 videos" in page.versions.trial.reason.text()
        measure = page.versions.trial.table.topLevelItem(1)
        assert measure is not None
        shown = [measure.text(column) for column in range(5)]
        assert shown == ["Right order", "71 %", "83 %", "+12.0 (+2.0 to +21.0)", "6"]

    def test_another_one_is_used_and_back_and_reset(self, desk: Desk, qtbot: QtBot) -> None:
        add_version()
        add_version(verdict=Verdict.CANDIDATE, use=False)
        desk.look(qtbot)
        page = desk.page
        versions = page.versions
        versions.list.setFocus()
        QTest.keyClick(versions.list, Qt.Key.Key_Home)
        desk.click(qtbot, versions.use)
        assert current() == 2
        assert texts(versions.list)[0] == "Version 2 · in use"
        assert not versions.use.isEnabled()
        assert versions.list.hasFocus()
        desk.click(qtbot, versions.back)
        assert current() == 1
        desk.click(qtbot, versions.reset)
        assert current() == 0
        assert texts(versions.list)[-1] == "As shipped · in use"
        assert not versions.reset.isEnabled()

    def test_a_version_that_is_damaged_is_not_taken_and_it_is_said(
        self, desk: Desk, qtbot: QtBot
    ) -> None:
        made = add_version(use=False)
        desk.look(qtbot)
        page = desk.page
        page.versions.choose(1)
        (made.folder / "version.json").write_text("{", encoding="utf-8")
        desk.click(qtbot, page.versions.use)
        assert current() == 0
        assert "damaged" in desk.told[0]
        assert texts(page.versions.list) == ["As shipped · in use"]


class TestCorrections:
    def test_all_of_them_are_shown_with_who_suggested_them(self, desk: Desk, qtbot: QtBot) -> None:
        fill_library(2, features=True)
        desk.look(qtbot)
        page = desk.page
        page.tabs.setCurrentWidget(page.corrections)
        first, second = rows(page.corrections.list)
        assert [first.text(column) for column in range(4)] == [
            "video 1.mp4", "1 kept · 1 added · 1 rejected", "1", "2 min",
        ]  # fmt: skip
        assert first.text(4).endswith("MB")
        first.setExpanded(True)
        single = [first.child(number) for number in range(first.childCount())]
        assert [one.text(0) for one in single if one is not None] == [
            "00:10.00 – 00:20.00 · kept · suggested as shipped",
            "00:40.00 – 00:50.00 · rejected · suggested as shipped",
            "01:10.00 – 01:15.00 · added · your own cut",
            "01:40.00 – 01:50.00 · happy, arousal +0.5",
        ]
        assert second.text(0) == "video 2.mp4"

    def test_selected_ones_are_deleted_after_a_question(self, desk: Desk, qtbot: QtBot) -> None:
        fill_library(1)
        desk.look(qtbot)
        page = desk.page
        part = page.corrections
        page.tabs.setCurrentWidget(part)
        (video,) = rows(part.list)
        video.setExpanded(True)
        rejected, emotion = video.child(1), video.child(3)
        assert rejected is not None
        assert emotion is not None
        part.list.setCurrentItem(rejected)
        emotion.setSelected(True)
        desk.click(qtbot, part.delete)
        assert len(corrections()) == 4
        QTest.keyClick(part.question.keep, Qt.Key.Key_Escape)
        assert not part.question.isVisible()
        assert page.isVisible()
        QTest.keyClick(part.list, Qt.Key.Key_Delete)
        desk.click(qtbot, part.question.confirm)
        assert part.list.hasFocus()
        assert corrections() == ["kept", "mine"]
        (video,) = rows(part.list)
        assert video.isExpanded()
        assert video.childCount() == 2

    def test_a_video_is_forgotten_and_stays_left_out_until_it_is_taken_again(
        self, desk: Desk, qtbot: QtBot
    ) -> None:
        fill_library(2)
        desk.look(qtbot)
        page = desk.page
        part = page.corrections
        page.tabs.setCurrentWidget(part)
        part.list.setCurrentItem(rows(part.list)[0])
        desk.click(qtbot, part.forget)
        assert "video 1.mp4" in part.question.text.toPlainText()
        desk.click(qtbot, part.question.confirm)
        assert len(corrections()) == 4
        assert [one.startswith("Forgotten video 1111") for one in texts(part.list)] == [False, True]
        part.list.setCurrentItem(rows(part.list)[1])
        assert part.leave_out.isChecked()
        desk.click(qtbot, part.leave_out)
        with Library.open() as library:
            assert not library.left_out()
        assert texts(part.list) == ["video 2.mp4"]

    def test_nothing_is_learned_from_a_video_that_is_left_out(
        self, desk: Desk, qtbot: QtBot
    ) -> None:
        (video,) = fill_library(1, features=True)
        desk.look(qtbot)
        page = desk.page
        part = page.corrections
        page.tabs.setCurrentWidget(part)
        part.list.setCurrentItem(rows(part.list)[0])
        assert page.teaching.train.isEnabled()
        desk.click(qtbot, part.leave_out)
        with Library.open() as library:
            assert library.left_out() == {video}
        assert texts(part.list) == ["video 1.mp4 · left out"]
        assert not page.teaching.train.isEnabled()

    def test_everything_is_forgotten(self, desk: Desk, qtbot: QtBot) -> None:
        fill_library(1)
        fill_library(1, profile="Cooking")
        desk.look(qtbot)
        page = desk.page
        part = page.corrections
        page.tabs.setCurrentWidget(part)
        desk.click(qtbot, part.forget_all)
        desk.click(qtbot, part.question.confirm)
        assert corrections() == []
        assert corrections("Cooking") == []
        assert part.empty.isVisible()

    def test_an_export_can_be_read_again(
        self,
        desk: Desk,
        qtbot: QtBot,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        fill_library(2)
        desk.look(qtbot)
        page = desk.page
        part = page.corrections
        page.tabs.setCurrentWidget(part)
        chosen = [str(tmp_path)]
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *given: chosen[0])
        desk.click(qtbot, part.export)
        (chosen[0],) = map(str, tmp_path.iterdir())
        assert chosen[0] in desk.told[0]
        library_file().unlink()
        desk.look(qtbot)
        assert texts(part.list) == []
        desk.click(qtbot, part.import_)
        assert len(corrections()) == 8
        assert texts(part.list) == ["video 1.mp4", "video 2.mp4"]


class TestProfiles:
    def make(self, desk: Desk, qtbot: QtBot, page: LearningPage, name: str) -> None:
        desk.click(qtbot, page.profiles.new)
        page.profiles.name.setText(name)
        QTest.keyClick(page.profiles.name, Qt.Key.Key_Return)
        desk.settle(qtbot)

    def test_a_new_one_learns_apart_and_is_used_in_the_project_as_an_edit(
        self, desk: Desk, qtbot: QtBot
    ) -> None:
        fill_library(1)
        desk.look(qtbot)
        page = desk.page
        self.make(desk, qtbot, page, "요리")
        assert page.profiles.choice.currentText() == "요리"
        assert texts(page.corrections.list) == []
        desk.click(qtbot, page.profiles.use)
        assert desk.editor.project.wishes.profile == "요리"
        assert not page.profiles.use.isVisible()
        assert desk.line.profile.currentText() == "요리"
        desk.editor.undo_stack.undo()
        assert desk.editor.project.wishes.profile == ""

    def test_a_name_that_is_taken_or_none_is_refused(self, desk: Desk, qtbot: QtBot) -> None:
        desk.look(qtbot)
        page = desk.page
        self.make(desk, qtbot, page, "Games")
        self.make(desk, qtbot, page, " Games ")
        assert "Games" in page.profiles.problem.text()
        page.profiles.name.setText("  ")
        QTest.keyClick(page.profiles.name, Qt.Key.Key_Return)
        assert "needs a name" in page.profiles.problem.text()
        QTest.keyClick(page.profiles.name, Qt.Key.Key_Escape)
        assert not page.profiles.form.isVisible()
        assert [one.name for one in Profile.all()] == ["", "Games"]

    def test_a_renamed_one_keeps_what_it_learned_from(self, desk: Desk, qtbot: QtBot) -> None:
        fill_library(1, profile="Cooking")
        add_version("Cooking")
        desk.editor.set_profile("Cooking")
        desk.page.look_at("Cooking")
        desk.look(qtbot)
        page = desk.page
        desk.click(qtbot, page.profiles.rename)
        page.profiles.name.setText("Baking")
        QTest.keyClick(page.profiles.name, Qt.Key.Key_Return)
        desk.settle(qtbot)
        assert desk.editor.project.wishes.profile == "Baking"
        desk.settle(qtbot)
        assert page.profiles.choice.currentText() == "Baking"
        assert texts(page.corrections.list) == ["video 1.mp4"]
        assert texts(page.versions.list)[0] == "Version 1 · in use"

    def test_a_deleted_one_is_gone_with_its_corrections(self, desk: Desk, qtbot: QtBot) -> None:
        fill_library(1)
        fill_library(1, profile="Cooking")
        add_version("Cooking")
        desk.editor.set_profile("Cooking")
        desk.page.look_at("Cooking")
        desk.look(qtbot)
        page = desk.page
        desk.click(qtbot, page.profiles.delete)
        assert "Cooking" in page.profiles.question.text.toPlainText()
        desk.click(qtbot, page.profiles.question.confirm)
        assert [one.name for one in Profile.all()] == [""]
        assert corrections("Cooking") == []
        assert len(corrections()) == 4
        assert desk.editor.project.wishes.profile == ""
        desk.settle(qtbot)
        assert texts(page.corrections.list) == ["video 1.mp4"]


class TestTraining:
    def test_the_switch_is_the_setting(self, desk: Desk, qtbot: QtBot) -> None:
        desk.look(qtbot)
        page = desk.page
        page.teaching.collect.setFocus()
        QTest.keyClick(page.teaching.collect, Qt.Key.Key_Space)
        assert not desk.settings.current.collect_corrections
        desk.settings.change(collect_corrections=True)
        assert page.teaching.collect.isChecked()

    def test_it_says_what_a_training_waits_for(self, desk: Desk, qtbot: QtBot) -> None:
        desk.look(qtbot)
        page = desk.page
        assert not page.teaching.train.isEnabled()
        assert "Keep some cuts" in page.teaching.message.text()
        fill_library(1)
        desk.look(qtbot)
        assert "not analysed" in page.teaching.message.text()
        assert not page.teaching.train.isEnabled()
        fill_library(1, features=True)
        desk.look(qtbot)
        assert "With 2 more corrected videos" in page.teaching.message.text()
        assert page.teaching.train.isEnabled()

    def test_a_training_ends_in_a_version_that_the_page_shows(
        self, desk: Desk, qtbot: QtBot
    ) -> None:
        fill_teachable(1)
        desk.look(qtbot)
        page = desk.page
        with qtbot.waitSignal(desk.teacher.ended, timeout=PATIENCE):
            QTest.mouseClick(page.teaching.train, LEFT)
            assert page.teaching.cancel.hasFocus()
        desk.settle(qtbot)
        assert texts(page.versions.list) == ["Version 1", "As shipped · in use"]
        assert page.versions.chosen == 1
        assert not page.teaching.train.isEnabled()
        assert "Nothing was corrected since" in page.teaching.message.text()
        assert "Version 1 is made." in desk.told[0]

    def test_a_cancelled_training_changes_nothing(self, desk: Desk, qtbot: QtBot) -> None:
        fill_teachable(1)
        desk.look(qtbot)
        page = desk.page
        with qtbot.waitSignal(desk.teacher.ended, timeout=PATIENCE):
            QTest.mouseClick(page.teaching.train, LEFT)
            QTest.mouseClick(page.teaching.cancel, LEFT)
        desk.settle(qtbot)
        assert texts(page.versions.list) == ["As shipped · in use"]
        assert page.teaching.train.isEnabled()
        assert desk.told == []

    def test_much_that_is_new_is_offered_once_and_in_its_place_only(
        self, desk: Desk, qtbot: QtBot
    ) -> None:
        line = desk.line
        assert not line.learn.isVisible()
        fill_teachable(5)
        desk.look(qtbot)
        assert line.learn.isVisible()
        assert desk.told == []
        desk.look(qtbot)
        page = desk.page
        desk.click(qtbot, page.teaching.offer.decline)
        assert not page.teaching.offer.isVisible()
        assert not line.learn.isVisible()
        fill_teachable(2, start=5)
        desk.look(qtbot)
        assert not page.teaching.offer.isVisible()


class TestLine:
    def test_it_says_who_suggests_and_how_good_that_is_and_opens_the_page(
        self, desk: Desk, qtbot: QtBot
    ) -> None:
        line = desk.line
        desk.settle(qtbot)
        assert line.who.text() == "Suggested as shipped"
        add_version()
        desk.look(qtbot)
        assert line.who.text() == "Suggested by version 1"
        assert line.news.text.startswith("Right order 71 → 83 % on 6 videos · You keep excited")
        with qtbot.waitSignal(line.page_wanted):
            QTest.mouseClick(line.who, LEFT)

    def test_another_profile_is_chosen_for_the_project(self, desk: Desk, qtbot: QtBot) -> None:
        add_version("Games")
        desk.look(qtbot)
        choice = desk.line.profile
        choice.setFocus()
        QTest.keyClick(choice, Qt.Key.Key_Down)
        assert desk.editor.project.wishes.profile == "Games"
        desk.settle(qtbot)
        assert desk.line.who.accessibleName() == "Suggested by Games, version 1"


@pytest.mark.parametrize("size", [(1000, 700), (1280, 800)])
def test_everything_has_a_name_and_fits(
    window: MainWindow, qtbot: QtBot, size: tuple[int, int]
) -> None:
    fill_library(2, features=True)
    add_version()
    window.editor.project = replace(window.editor.project, media=(Medium("a", Path("a.mp4")),))
    window.editor.media_changed.emit()
    window.resize(*size)
    page = show(window, qtbot)
    qtbot.waitUntil(lambda: page.height() > 500, timeout=PATIENCE)
    page.profiles.new.click()
    for part in (page.versions, page.corrections):
        page.tabs.setCurrentWidget(part)
        qtbot.wait(0)
        for kind in (QAbstractButton, QComboBox, QTreeWidget):
            for widget in page.findChildren(kind):
                if widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                    assert _named(widget), widget
                    corner = widget.mapTo(page, widget.rect().bottomRight())
                    assert page.rect().contains(corner), widget


def _named(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text
