"""Every verb of editing by its keys, in the window, on a real video."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.project.document import Decision, Project
from core.project.project_file import read_project
from core.time import Span
from desktop.main_window import MainWindow
from desktop.settings import SettingsStore
from tests.desktop.conftest import PATIENCE
from tests.desktop.exports import export_of
from tests.synthetic import make_video

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier


def press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window, key, modifier)


def spans(window: MainWindow) -> list[tuple[float, float]]:
    return [(float(c.span.start), float(c.span.end)) for c in window.editor.project.short]


def frames(window: MainWindow) -> list[tuple[int, int]]:
    return [(round(25 * start), round(25 * end)) for start, end in spans(window)]


@pytest.fixture
def three(opened: MainWindow) -> MainWindow:
    """Cuts from 1 to 4 s, 8 to 11 s and 15 to 18 s; the last one is selected."""
    for start in (1, 8, 15):
        opened.editor.add_span(Span(Fraction(start), Fraction(start + 3)))
    return opened


def select(window: MainWindow, *numbers: int) -> None:
    cuts = window.editor.project.cuts
    window.editor.set_selection([cuts[number].identifier for number in numbers])


class TestOneCut:
    def test_s_splits_at_the_playhead(self, three: MainWindow) -> None:
        three.player.seek(9.5)
        press(three, Qt.Key.Key_S)
        assert spans(three) == [(1, 4), (8, 9.48), (9.48, 11), (15, 18)]

    def test_where_there_is_no_cut_nothing_is_split_and_it_is_said(self, three: MainWindow) -> None:
        three.player.seek(6.0)
        press(three, Qt.Key.Key_S)
        assert len(spans(three)) == 3
        assert "no cut" in three.notices.messages()[0]

    @pytest.mark.parametrize(
        ("key", "modifier", "expected"),
        [
            (Qt.Key.Key_Left, CONTROL, (199, 275)),
            (Qt.Key.Key_Right, CONTROL, (201, 275)),
            (Qt.Key.Key_Left, ALT, (200, 274)),
            (Qt.Key.Key_Right, ALT, (200, 276)),
            (Qt.Key.Key_Comma, NONE, (199, 274)),
            (Qt.Key.Key_Period, NONE, (201, 276)),
        ],
    )
    def test_keys_nudge_by_single_frames_and_are_undone_together(
        self,
        three: MainWindow,
        key: Qt.Key,
        modifier: Qt.KeyboardModifier,
        expected: tuple[int, int],
    ) -> None:
        select(three, 1)
        press(three, key, modifier)
        assert frames(three)[1] == expected
        press(three, key, modifier)
        press(three, Qt.Key.Key_Z, CONTROL)
        assert frames(three)[1] == (200, 275)

    def test_ctrl_d_plays_it_twice(self, three: MainWindow) -> None:
        select(three, 0)
        press(three, Qt.Key.Key_D, CONTROL)
        assert spans(three) == [(1, 4), (1, 4), (8, 11), (15, 18)]
        assert three.editor.selected_cut() == three.editor.project.cuts[1]

    def test_a_locked_cut_stays_until_it_is_unlocked(self, three: MainWindow) -> None:
        select(three, 1)
        press(three, Qt.Key.Key_L, CONTROL | SHIFT)
        press(three, Qt.Key.Key_Delete)
        press(three, Qt.Key.Key_Period)
        assert (8, 11) in spans(three)
        assert "locked" in three.notices.messages()[0]
        press(three, Qt.Key.Key_L, CONTROL | SHIFT)
        press(three, Qt.Key.Key_Delete)
        assert (8, 11) not in spans(three)

    def test_u_and_x_decide_and_again_take_it_back_and_p_keeps(self, three: MainWindow) -> None:
        select(three, 1)
        for key, decision in (
            (Qt.Key.Key_U, Decision.MAYBE),
            (Qt.Key.Key_U, Decision.OPEN),
            (Qt.Key.Key_X, Decision.REJECTED),
            (Qt.Key.Key_P, Decision.KEPT),
            (Qt.Key.Key_P, Decision.KEPT),
        ):
            press(three, key)
            assert three.editor.project.cuts[1].decision is decision


class TestSeveralCuts:
    def test_ctrl_a_and_delete_empty_the_short_and_undo_brings_it_back(
        self, three: MainWindow
    ) -> None:
        press(three, Qt.Key.Key_A, CONTROL)
        press(three, Qt.Key.Key_Delete)
        assert spans(three) == []
        press(three, Qt.Key.Key_Z, CONTROL)
        assert len(spans(three)) == 3

    def test_neighbours_merge(self, three: MainWindow) -> None:
        select(three, 0, 1)
        press(three, Qt.Key.Key_M, CONTROL)
        assert spans(three) == [(1, 11), (15, 18)]

    def test_the_short_is_put_in_another_order_than_the_video(self, three: MainWindow) -> None:
        select(three, 2)
        press(three, Qt.Key.Key_Up, CONTROL)
        assert spans(three) == [(1, 4), (15, 18), (8, 11)]
        press(three, Qt.Key.Key_Up, CONTROL)
        press(three, Qt.Key.Key_Up, CONTROL)
        assert spans(three) == [(15, 18), (1, 4), (8, 11)]
        select(three, 0, 1)
        press(three, Qt.Key.Key_Down, CONTROL)
        assert spans(three) == [(8, 11), (15, 18), (1, 4)]

    def test_several_are_nudged_together(self, three: MainWindow) -> None:
        select(three, 0, 1, 2)
        press(three, Qt.Key.Key_Period)
        assert frames(three) == [(26, 101), (201, 276), (376, 451)]
        press(three, Qt.Key.Key_Z, CONTROL)
        assert frames(three) == [(25, 100), (200, 275), (375, 450)]

    def test_up_and_down_go_from_cut_to_cut(self, three: MainWindow) -> None:
        three.player.seek(0.0)
        for start in (1, 8, 15):
            press(three, Qt.Key.Key_Down)
            assert three.player.position == pytest.approx(start, abs=0.04)
        press(three, Qt.Key.Key_Up)
        assert three.player.position == pytest.approx(8, abs=0.04)


class TestSuggestions:
    def test_a_rejected_one_is_replaced_and_does_not_come_back(
        self, analysed: MainWindow, qtbot: QtBot
    ) -> None:
        editor = analysed.editor
        first = editor.project.short[0]
        others = [c for c in editor.project.short if c != first]
        editor.select(first.identifier)
        press(analysed, Qt.Key.Key_X)
        qtbot.waitUntil(
            lambda: len([c for c in editor.project.short if c not in others]) > 0,
            timeout=PATIENCE,
        )
        assert not any(c.span.overlaps(first.span) for c in editor.project.short)
        assert [c for c in editor.project.short if c in others] == others

    def test_a_longer_target_adds_around_what_was_kept(
        self, analysed: MainWindow, qtbot: QtBot
    ) -> None:
        editor = analysed.editor
        kept = editor.project.short[0]
        editor.select(kept.identifier)
        press(analysed, Qt.Key.Key_P)
        editor.set_wish("Target length", length=18.0)
        qtbot.waitUntil(lambda: editor.project.duration > 13, timeout=PATIENCE)
        assert kept.span in [c.span for c in editor.project.short]

    def test_a_high_threshold_leaves_little(self, analysed: MainWindow, qtbot: QtBot) -> None:
        editor = analysed.editor
        assert editor.analysis is not None
        top = float(editor.analysis.highlight.score.max())
        editor.set_wish("Threshold", threshold=top + 0.1)
        qtbot.waitUntil(lambda: not editor.project.short, timeout=PATIENCE)
        press(analysed, Qt.Key.Key_Z, CONTROL)
        qtbot.waitUntil(lambda: bool(editor.project.short), timeout=PATIENCE)


class TestProjects:
    def test_a_saved_project_opens_as_it_was(
        self, three: MainWindow, qtbot: QtBot, tmp_path: Path, settings: SettingsStore
    ) -> None:
        three.saver.save_as(tmp_path / "내 프로젝트")
        path = tmp_path / "내 프로젝트.emotionshort"
        before = three.editor.project
        assert read_project(path) == before
        assert three.windowTitle().startswith("내 프로젝트")
        three.close()
        again = MainWindow(settings)
        qtbot.addWidget(again)
        with qtbot.waitSignal(again.desk.opened, timeout=PATIENCE):
            again.open(path)
        assert again.editor.project == before
        again.close()

    def test_what_is_not_saved_is_shown_and_saved_on_closing(
        self, three: MainWindow, qtbot: QtBot, tmp_path: Path
    ) -> None:
        three.saver.save_as(tmp_path / "a.emotionshort")
        assert not three.saver.unsaved
        select(three, 0)
        press(three, Qt.Key.Key_Delete)
        assert three.saver.unsaved
        after = three.editor.project
        with qtbot.waitSignal(three.saver.state_changed, timeout=PATIENCE):
            press(three, Qt.Key.Key_S, CONTROL)
        qtbot.waitUntil(lambda: not three.saver.unsaved, timeout=PATIENCE)
        press(three, Qt.Key.Key_Z, CONTROL)
        three.close()
        saved = read_project(tmp_path / "a.emotionshort")
        assert len(saved.cuts) == 3 == len(after.cuts) + 1

    def test_a_second_window_can_only_look(
        self, three: MainWindow, qtbot: QtBot, tmp_path: Path, settings: SettingsStore
    ) -> None:
        path = tmp_path / "a.emotionshort"
        three.saver.save_as(path)
        second = MainWindow(settings)
        qtbot.addWidget(second)
        with qtbot.waitSignal(second.desk.opened, timeout=PATIENCE):
            second.open(path)
        before = second.editor.project
        second.player.seek(6.0)
        press(second, Qt.Key.Key_C)
        assert second.editor.project == before
        assert any("another window" in message for message in second.notices.messages())
        second.close()
        assert read_project(path) == before

    def test_a_change_by_another_program_is_noticed_and_not_overwritten(
        self, three: MainWindow, qtbot: QtBot, tmp_path: Path
    ) -> None:
        path = tmp_path / "a.emotionshort"
        three.saver.save_as(path)
        other = path.read_text(encoding="utf-8").replace('"length": 30.0', '"length": 45.0')
        path.write_text(other, encoding="utf-8")
        select(three, 0)
        press(three, Qt.Key.Key_Delete)
        press(three, Qt.Key.Key_S, CONTROL)
        qtbot.waitUntil(lambda: bool(three.notices.messages()), timeout=PATIENCE)
        assert path.read_text(encoding="utf-8") == other
        three.notices.clear()
        three.saver.look_at_file()
        qtbot.waitUntil(lambda: bool(three.notices.messages()), timeout=PATIENCE)
        assert "Another program" in three.notices.messages()[0]

    def test_two_videos_are_one_short_and_each_keeps_its_cuts(
        self, three: MainWindow, qtbot: QtBot, tmp_path: Path
    ) -> None:
        other = tmp_path / "other.mp4"
        make_video(other, seconds=8, fps=10, size=(320, 240))
        with qtbot.waitSignal(three.desk.added, timeout=PATIENCE):
            three.desk.add_video(other)
        assert three.editor.info is not None
        assert three.editor.info.path == other
        three.editor.add_span(Span(Fraction(2), Fraction(5)))
        three.editor.shift(three.editor.selection, -1)
        assert spans(three) == [(1, 4), (8, 11), (2, 5), (15, 18)]
        output = tmp_path / "short.mp4"
        three.cancel()
        qtbot.waitUntil(lambda: not three.analyst.busy, timeout=PATIENCE)
        with qtbot.waitSignal(three.exporter.exported, timeout=PATIENCE):
            three.exporter.add(export_of(three, output))
        assert output.exists()

    def test_a_project_that_broke_off_is_offered_and_comes_back(
        self, three: MainWindow, qtbot: QtBot, settings: SettingsStore
    ) -> None:
        before = three.editor.project
        session, three.editor.session = three.editor.session, None
        assert session is not None
        session.close()  # nothing is saved, as after a crash
        three.close()
        again = MainWindow(settings)
        qtbot.addWidget(again)
        with qtbot.waitSignal(again.left_overs.found, timeout=PATIENCE) as found:
            again.left_overs.look()
        (broken,) = found.args[0].broken
        assert broken.edits == 3
        with qtbot.waitSignal(again.desk.opened, timeout=PATIENCE):
            again.start.recover_wanted.emit(str(broken.path))
        assert again.editor.project.cuts == before.cuts
        assert "not saved are back" in again.notices.messages()[0]
        again.editor.undo_stack.undo()
        assert again.editor.project.cuts == Project().cuts
        again.close()

    def test_a_new_project_takes_a_video_without_its_older_cuts(
        self, three: MainWindow, qtbot: QtBot, clip: Path
    ) -> None:
        with qtbot.waitSignal(three.desk.opened, timeout=PATIENCE):
            press(three, Qt.Key.Key_N, CONTROL)
        assert three.start.isVisible()
        with qtbot.waitSignal(three.desk.added, timeout=PATIENCE):
            three.open(clip)
        assert three.editor.project.cuts == ()
        three.editor.add_span(Span(Fraction(2), Fraction(5)))
        assert spans(three) == [(2, 5)]

    def test_several_dropped_videos_are_one_project(
        self, window: MainWindow, qtbot: QtBot, clip: Path, tmp_path: Path
    ) -> None:
        others = [tmp_path / f"{number}.mp4" for number in (1, 2)]
        for number, path in enumerate(others):
            make_video(path, seconds=2 + number, fps=10)
        window.desk.open(clip, others)
        qtbot.waitUntil(lambda: len(window.editor.infos) == 3, timeout=PATIENCE)
        assert [m.path.name for m in window.editor.project.media] == [clip.name, "1.mp4", "2.mp4"]

    def test_undoing_the_addition_of_a_video_shows_the_other_one(
        self, three: MainWindow, qtbot: QtBot, clip: Path, tmp_path: Path
    ) -> None:
        other = tmp_path / "other.mp4"
        make_video(other, seconds=3, fps=10)
        with qtbot.waitSignal(three.desk.added, timeout=PATIENCE):
            three.desk.add_video(other)
        three.editor.undo_stack.undo()
        assert three.editor.info is not None
        assert three.editor.info.path == clip
        three.editor.undo_stack.redo()
        assert len(three.editor.infos) == 2

    def test_the_only_video_comes_back_with_redo(
        self, three: MainWindow, qtbot: QtBot, clip: Path
    ) -> None:
        with qtbot.waitSignal(three.desk.opened, timeout=PATIENCE):
            press(three, Qt.Key.Key_N, CONTROL)
        with qtbot.waitSignal(three.desk.added, timeout=PATIENCE):
            three.open(clip)
        press(three, Qt.Key.Key_Z, CONTROL)
        assert three.editor.info is None
        press(three, Qt.Key.Key_Z, CONTROL | SHIFT)
        assert three.editor.info is not None
        assert three.view.isVisible()

    def test_opening_a_saved_project_leaves_its_short_as_it_was(
        self, analysed: MainWindow, qtbot: QtBot, tmp_path: Path, settings: SettingsStore
    ) -> None:
        analysed.editor.delete([analysed.editor.project.short[0].identifier])
        analysed.saver.save_as(tmp_path / "a.emotionshort")
        before = analysed.editor.project
        analysed.close()
        again = MainWindow(settings)
        qtbot.addWidget(again)
        with qtbot.waitSignal(again.analyst.ended, timeout=PATIENCE):
            again.open(tmp_path / "a.emotionshort", analyse=True)
        qtbot.waitUntil(
            lambda: again.editor.analysis is not None and again.editor.analysis.complete,
            timeout=PATIENCE,
        )
        qtbot.waitUntil(lambda: not again.analyst.busy, timeout=PATIENCE)
        assert again.editor.project == before
        again.close()

    def test_saving_twice_in_a_row_keeps_the_later_state(
        self, three: MainWindow, qtbot: QtBot, tmp_path: Path
    ) -> None:
        path = tmp_path / "a.emotionshort"
        three.saver.save_as(path)
        for number in range(3):
            select(three, number)
            press(three, Qt.Key.Key_U)
            press(three, Qt.Key.Key_S, CONTROL)
        qtbot.waitUntil(lambda: not three.saver.unsaved, timeout=PATIENCE)
        assert read_project(path) == three.editor.project
        assert all(c.decision is Decision.MAYBE for c in three.editor.project.cuts)

    def test_another_program_s_version_is_loaded_once_and_can_be_saved_over(
        self, three: MainWindow, qtbot: QtBot, tmp_path: Path
    ) -> None:
        path = tmp_path / "a.emotionshort"
        three.saver.save_as(path)
        other = path.read_text(encoding="utf-8").replace('"length": 30.0', '"length": 45.0')
        path.write_text(other, encoding="utf-8")
        with qtbot.waitSignal(three.saver.told, timeout=PATIENCE) as told:
            three.saver.look_at_file()
        told.args[2]()
        qtbot.waitUntil(lambda: three.editor.project.wishes.length == 45, timeout=PATIENCE)
        select(three, 0)
        press(three, Qt.Key.Key_Delete)
        press(three, Qt.Key.Key_S, CONTROL)
        qtbot.waitUntil(lambda: not three.saver.unsaved, timeout=PATIENCE)
        assert read_project(path) == three.editor.project
        three.editor.undo_stack.undo()
        three.editor.undo_stack.undo()
        assert three.editor.project.wishes.length == 30
