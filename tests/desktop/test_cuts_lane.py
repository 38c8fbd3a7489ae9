"""Cuts are selected, moved and trimmed with the pointer."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.analysis.analysis import Analysis
from core.project.document import Decision, EditedCut
from core.time import Span
from desktop import theme
from desktop.editor import Editor
from desktop.timeline.cuts import CutsLane
from desktop.timeline.timeline import Timeline
from tests.desktop.lanes import Shown, choose, cut, editor_on, entry, shown, with_places
from tests.project.analyses import SILENCE, analysis_of, track

SECONDS = 50
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Stage = Callable[..., "On"]


class On:
    """A lane of cuts with its editor and a pointer; 20 pixels are a second."""

    def __init__(self, editor: Editor, lane: CutsLane, pointer: Shown) -> None:
        self.editor, self.lane, self.pointer = editor, lane, pointer

    def at(self, seconds: float) -> QPoint:
        return self.pointer.pixel(seconds)

    def drag(self, start: float, end: float) -> None:
        self.pointer.drag(self.at(start), self.at(end))

    def span(self, name: str) -> tuple[Fraction, Fraction]:
        found = self.editor.project.find(name)
        assert found is not None
        return found.span.start, found.span.end

    def menu(self, seconds: float) -> None:
        self.pointer.click(self.at(seconds), button=Qt.MouseButton.RightButton)


@pytest.fixture
def analysis() -> Analysis:
    """A shot change at 17.5 s, a pause from 33 to 34 s."""
    plain = analysis_of(track(*[SILENCE] * SECONDS))
    return with_places(plain, shots=[17.52], pauses=[(33.0, 34.0)])


@pytest.fixture
def stage(qtbot: QtBot, qapp: QApplication, analysis: Analysis) -> Stage:
    theme.apply(qapp)

    def made(*cuts: EditedCut, snapping: bool = False) -> On:
        editor = editor_on(analysis, *cuts)
        lane = CutsLane(editor)
        lane.set_snapping(snapping)
        return On(editor, lane, shown(qtbot, lane, SECONDS))

    return made


def test_a_click_selects_a_cut_and_one_on_empty_space_none(stage: Stage) -> None:
    on = stage(cut("a", 10, 15), cut("b", 20, 25))
    on.pointer.click(on.at(12))
    assert on.editor.selection == ("a",)
    on.pointer.click(on.at(22))
    assert on.editor.selection == ("b",)
    on.pointer.click(on.at(40))
    assert on.editor.selection == ()
    assert not on.editor.undo_stack.canUndo()


def test_control_extends_the_selection_and_shift_selects_a_range(stage: Stage) -> None:
    on = stage(cut("a", 2, 5), cut("b", 10, 15), cut("c", 20, 25), cut("d", 30, 35))
    on.pointer.click(on.at(3))
    on.pointer.click(on.at(22), CONTROL)
    assert set(on.editor.selection) == {"a", "c"}
    on.pointer.click(on.at(3), CONTROL)
    assert on.editor.selection == ("c",)
    on.pointer.click(on.at(3), SHIFT)
    assert set(on.editor.selection) == {"a", "b", "c"}


def test_a_click_on_one_of_several_selected_cuts_selects_it_alone(stage: Stage) -> None:
    on = stage(cut("a", 2, 5), cut("b", 10, 15))
    on.editor.set_selection(["a", "b"])
    on.pointer.click(on.at(12))
    assert on.editor.selection == ("b",)


def test_a_double_click_activates_a_cut(stage: Stage, qtbot: QtBot) -> None:
    on = stage(cut("a", 10, 15))
    on.pointer.click(on.at(12))
    with qtbot.waitSignal(on.lane.activated) as told:
        QTest.mouseDClick(on.pointer.view.viewport(), Qt.MouseButton.LeftButton, pos=on.at(12))
    assert told.args == ["a"]


def test_the_ends_trim_and_one_undo_takes_a_drag_back(stage: Stage) -> None:
    on = stage(cut("a", 10, 15))
    on.drag(10.1, 8.1)
    assert on.span("a") == (8, 15)
    on.drag(14.9, 18.9)
    assert on.span("a") == (8, 19)
    on.editor.undo_stack.undo()
    assert on.span("a") == (8, 15)
    on.editor.undo_stack.undo()
    assert on.span("a") == (10, 15)
    assert not on.editor.undo_stack.canUndo()


def test_a_trimmed_end_stops_at_the_neighbour_and_before_the_other_end(stage: Stage) -> None:
    on = stage(cut("a", 10, 15), cut("b", 20, 25))
    on.drag(14.9, 23)
    assert on.span("a") == (10, 20)
    on.drag(10.1, 30)
    assert on.span("a") == (Fraction("19.8"), 20)
    assert on.span("b") == (20, 25)


def test_the_body_moves_and_keeps_its_length(stage: Stage) -> None:
    on = stage(cut("a", 10, 15), cut("b", 20, 25))
    on.drag(12, 5)
    assert on.span("a") == (3, 8)
    on.drag(5, 16)
    assert on.span("a") == (14, 19)
    on.drag(16, 19)
    assert on.span("a") == (15, 20), "it does not lie on its neighbour"
    on.drag(17, 30)
    assert on.span("a") == (28, 33), "but it can jump over it"


def test_a_cut_cannot_be_moved_out_of_the_video(stage: Stage) -> None:
    on = stage(cut("a", 10, 15))
    on.drag(12, 1)
    assert on.span("a") == (0, 5)
    on.drag(2.5, 49.9)
    assert on.span("a") == (45, 50)


def test_several_selected_cuts_move_together_in_one_step(stage: Stage) -> None:
    on = stage(cut("a", 10, 12), cut("b", 12, 14), cut("c", 30, 33), cut("d", 40, 42))
    on.editor.set_selection(["a", "b", "c"])
    on.drag(11, 16)
    assert [on.span(name) for name in "abcd"] == [(15, 17), (17, 19), (35, 38), (40, 42)]
    assert set(on.editor.selection) == {"a", "b", "c"}
    on.editor.undo_stack.undo()
    assert [on.span(name) for name in "abc"] == [(10, 12), (12, 14), (30, 33)]
    assert not on.editor.undo_stack.canUndo()
    on.drag(31, 40)
    assert on.span("c") == (37, 40), "none of them lies on another cut"
    assert on.span("a") == (17, 19)


@pytest.mark.parametrize(
    ("grab", "near", "edge"),
    [(10.1, 17.7, 10), (24.9, 33.2, 25), (24.9, 27.8, 25), (24.9, 40.2, 25)],
    ids=["shot", "pause", "playhead", "cut"],
)
def test_a_dragged_end_snaps(stage: Stage, grab: float, near: float, edge: int) -> None:
    on = stage(cut("a", 10, 25), cut("b", 40, 44), snapping=True)
    on.lane.set_playhead(28.0)
    targets = [Fraction("17.52"), Fraction(33), Fraction(28), Fraction(40)]
    on.drag(grab, near)
    moved = on.span("a")[0 if edge == 10 else 1]
    assert moved in targets
    assert abs(moved - Fraction(near)) < Fraction("0.4")


def test_snapping_can_be_switched_off_and_alt_turns_it_round(stage: Stage) -> None:
    on = stage(cut("a", 20, 25), snapping=True)
    view = on.pointer.view
    on.pointer.press(on.at(20.1))
    on.pointer.move(on.at(20.1), on.at(17.7))
    QTest.keyPress(view, Qt.Key.Key_Alt)
    on.pointer.release(on.at(17.7))
    QTest.keyRelease(view, Qt.Key.Key_Alt)
    assert on.span("a") == (Fraction("17.6"), 25)
    on.editor.undo_stack.undo()
    on.lane.set_snapping(False)
    on.drag(20.1, 17.7)
    assert on.span("a") == (Fraction("17.6"), 25)


def test_a_moved_cut_snaps_with_either_end(stage: Stage) -> None:
    on = stage(cut("a", 20, 25), snapping=True)
    on.drag(22, 14.7)
    assert on.span("a") == (Fraction("12.52"), Fraction("17.52"))


def test_escape_cancels_a_drag(stage: Stage) -> None:
    on = stage(cut("a", 10, 15))
    before = on.pointer.image()
    on.pointer.press(on.at(12))
    on.pointer.move(on.at(12), on.at(30))
    assert on.lane.dragging
    assert on.lane.place_of("a").left() == pytest.approx(on.at(28).x(), abs=2)
    QTest.keyClick(on.pointer.view, Qt.Key.Key_Escape)
    assert not on.lane.dragging
    on.pointer.move(on.at(30), on.at(35))
    on.pointer.release(on.at(35))
    assert on.span("a") == (10, 15)
    assert not on.editor.undo_stack.canUndo()
    assert before.size() == on.pointer.image().size()


def test_the_player_is_told_the_frame_of_the_dragged_end(stage: Stage) -> None:
    on = stage(cut("a", 10, 15))
    frames = on.editor.frames
    assert frames is not None
    told: list[float] = []
    on.lane.scrubbed.connect(told.append)
    on.drag(10.1, 8.1)
    assert frames.shown(told[-1]) == 8
    on.drag(14.9, 17.9)
    assert frames.after(told[-1]) == 18, "the last frame that the cut keeps"
    assert len(told) <= 6, "once per frame"


def test_a_locked_cut_can_be_selected_but_not_moved(stage: Stage) -> None:
    on = stage(cut("a", 10, 15, locked=True), cut("b", 20, 22))
    on.drag(12, 5)
    on.drag(10.1, 5)
    assert on.span("a") == (10, 15)
    assert on.editor.selection == ("a",)
    on.editor.set_selection(["a", "b"])
    on.drag(21, 31)
    assert (on.span("a"), on.span("b")) == ((10, 15), (30, 32))


def test_the_pointer_says_what_a_drag_would_do(stage: Stage) -> None:
    on = stage(cut("a", 10, 15), cut("b", 20, 25, locked=True))
    seen = []
    for seconds in (10.1, 12, 14.9, 20.1, 40):
        QTest.mouseMove(on.pointer.view.viewport(), on.at(seconds))
        seen.append(on.lane.cursor().shape())
    trim, plain = Qt.CursorShape.SizeHorCursor, Qt.CursorShape.ArrowCursor
    assert seen == [trim, Qt.CursorShape.OpenHandCursor, trim, plain, plain]


def test_a_drag_that_loses_the_pointer_changes_nothing(stage: Stage) -> None:
    on = stage(cut("a", 10, 15))
    on.pointer.press(on.at(12))
    on.pointer.move(on.at(12), on.at(30))
    on.lane.ungrabMouse()
    assert not on.lane.dragging
    on.pointer.release(on.at(30))
    assert on.span("a") == (10, 15)


def test_suggestions_that_come_while_dragging_do_not_disturb(stage: Stage) -> None:
    on = stage(cut("a", 10, 15, Decision.OPEN))
    on.pointer.press(on.at(12))
    on.pointer.move(on.at(12), on.at(30))
    on.editor.take_suggestions({"made": []})
    assert on.lane.dragging
    on.pointer.release(on.at(30))
    assert on.span("a") == (28, 33)


def test_a_cut_that_goes_while_it_is_dragged_ends_the_drag(stage: Stage) -> None:
    on = stage(cut("a", 10, 15))
    on.pointer.press(on.at(12))
    on.pointer.move(on.at(12), on.at(30))
    on.editor.start_anew()
    assert not on.lane.dragging
    on.pointer.release(on.at(30))
    assert on.editor.project.cuts == ()


def test_duplicates_lie_in_rows_and_each_can_be_clicked(stage: Stage) -> None:
    on = stage(cut("a", 10, 15), cut("b", 10, 15), cut("c", 30, 35))
    places = {name: on.lane.place_of(name) for name in "abc"}
    assert not places["a"].intersects(places["b"])
    assert places["c"].height() > 1.5 * places["a"].height()
    for name in "ab":
        centre = on.pointer.view.mapFromScene(places[name].center())
        on.pointer.click(centre)
        assert on.editor.selection == (name,)


def test_the_menu_decides_locks_and_deletes(stage: Stage) -> None:
    on = stage(cut("a", 10, 15, Decision.OPEN), cut("b", 20, 25))
    for text, decision in (
        ("Keep", Decision.KEPT),
        ("Set aside", Decision.MAYBE),
        ("Reject", Decision.REJECTED),
    ):
        on.menu(12)
        choose(on.lane.menu, text)
        found = on.editor.project.find("a")
        assert found is not None
        assert found.decision is decision
    on.menu(22)
    choose(on.lane.menu, "Lock")
    on.menu(22)
    assert on.lane.menu is not None
    assert not entry(on.lane.menu, "Delete").isEnabled()
    choose(on.lane.menu, "Unlock")
    on.menu(22)
    choose(on.lane.menu, "Duplicate")
    assert len(on.editor.project.short) == 2
    on.menu(22)
    choose(on.lane.menu, "Delete")
    assert len(on.editor.project.short) == 1


def test_the_menu_splits_merges_and_zooms(stage: Stage, qtbot: QtBot) -> None:
    on = stage(cut("a", 10, 20), cut("b", 30, 35))
    on.lane.set_playhead(14.0)
    on.menu(12)
    choose(on.lane.menu, "Split at playhead")
    spans = [c.span for c in on.editor.project.cuts]
    assert spans[:2] == [Span(Fraction(10), Fraction(14)), Span(Fraction(14), Fraction(20))]
    on.editor.select("")
    on.menu(12)
    choose(on.lane.menu, "Merge with next")
    assert on.span("a") == (10, 20)
    on.menu(32)
    with qtbot.waitSignal(on.lane.zoom_wanted) as told:
        choose(on.lane.menu, "Zoom to cut")
    assert told.args[0] < 30 < 35 < told.args[1]


def test_a_rejected_cut_leaves_a_mark_that_can_be_selected(stage: Stage) -> None:
    on = stage(cut("a", 10, 15, Decision.REJECTED))
    shown = on.pointer.image()
    place = on.pointer.view.mapFromScene(on.lane.place_of("a").center())
    on.pointer.click(place)
    assert on.editor.selection == ("a",)
    on.editor.delete(["a"])
    assert on.pointer.image() != shown


@pytest.mark.parametrize("colours", [theme.DARK, theme.LIGHT])
def test_states_of_cuts_look_different_in_both_themes(
    qtbot: QtBot, qapp: QApplication, analysis: Analysis, colours: theme.Palette
) -> None:
    theme.apply(qapp, colours)
    cuts = [
        cut("a", 2, 8),
        cut("b", 10, 16, Decision.OPEN),
        cut("c", 18, 24, Decision.MAYBE),
        cut("d", 26, 32, Decision.REJECTED),
        cut("e", 34, 40, locked=True),
        cut("f", 42, 48),
    ]
    editor = editor_on(analysis, *cuts)
    lane = CutsLane(editor)
    pointer = shown(qtbot, lane, SECONDS)
    editor.select("f")
    image = pointer.image()
    seen = []
    for edited in cuts:
        rect = pointer.view.mapFromScene(lane.place_of(edited.identifier)).boundingRect()
        middle = pointer.pixel(float(edited.span.middle))
        patch = image.copy(rect.left(), middle.y() - 14, rect.width(), 28)
        pixels = [patch.pixelColor(x, y).lightness() for x in range(118) for y in range(26)]
        seen.append(np.array(pixels))
    for first in range(len(seen)):
        for second in range(first):
            changed = np.mean(np.abs(seen[first] - seen[second]) > 12)
            assert changed > 0.01, (cuts[first].identifier, cuts[second].identifier)
    text = QColor(theme.palette().text)
    corner = lane.place_of("f")
    edge = pointer.view.mapFromScene(corner.center())
    outline = image.pixelColor(edge.x(), round(corner.top()) + 1)
    assert outline == text


def test_in_the_timeline_cuts_are_dragged_and_empty_space_belongs_to_the_others(
    qtbot: QtBot, qapp: QApplication, analysis: Analysis
) -> None:
    theme.apply(qapp)
    editor = editor_on(analysis, cut("a", 10, 15), cut("b", 20, 25), cut("c", 30, 35))
    timeline = Timeline(editor)
    qtbot.addWidget(timeline)
    timeline.resize(1100, 500)
    with qtbot.waitExposed(timeline):
        timeline.show()
    pointer = Shown(timeline.cuts.getViewWidget(), timeline.cuts)
    sought: list[float] = []
    timeline.sought.connect(sought.append)
    timeline.cuts.set_snapping(False)
    pointer.click(pointer.pixel(12))
    pointer.click(pointer.pixel(32), SHIFT)
    assert set(editor.selection) == {"a", "b", "c"}
    pointer.drag(pointer.pixel(12), pointer.pixel(16))
    moved = [float(c.span.start) for c in editor.project.cuts]
    assert moved == pytest.approx([14, 24, 34], abs=0.1)
    assert sought == []
    assert timeline.range() == (0, SECONDS)
    pointer.click(pointer.pixel(45))
    assert editor.selection == ()
    assert sought == [pytest.approx(45, abs=0.1)]


def test_the_lane_says_what_it_knows_of_a_cut(stage: Stage, analysis: Analysis) -> None:
    on = stage(cut("a", 10, 15), cut("b", 20, 25, Decision.MAYBE))
    assert on.lane.value_at(analysis, 12.0) == "cut 1, kept"
    assert on.lane.value_at(analysis, 22.0) == "cut set aside"
    assert on.lane.value_at(analysis, 30.0) == ""
