"""The list of cuts: what is shown, chosen, decided and dragged, and that it stays where it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAction, QColor, QDragMoveEvent, QDropEvent, QHelpEvent, QPixmap
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from core.cutting.cut import Cut, Reason
from core.project.document import Decision, EditedCut, Medium, Project, Suggestion
from core.time import Span
from desktop import theme
from desktop.editor import Editor
from desktop.panels.cut_delegate import CutDelegate, RowButton
from desktop.panels.cuts_list import CutsList
from desktop.panels.cuts_model import IDENTIFIERS, CutsModel
from tests.desktop.exposed import expose

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Made = Callable[[int], tuple[CutsList, Editor]]


def made_cut(number: int, decision: Decision = Decision.OPEN) -> EditedCut:
    span = Span(Fraction(10 * number), Fraction(10 * number + 5))
    cut = Cut(span, 0.6, {"emotion": 0.4}, (Reason("arousal", 2.0, f"reason {number}"),))
    return EditedCut(cut, "a", decision, suggestion=Suggestion(span), identifier=f"c{number}")


def show(editor: Editor, *cuts: EditedCut) -> None:
    editor.project = replace(editor.project, cuts=cuts)
    editor.project_changed.emit()


def order(editor: Editor) -> list[str]:
    return [c.identifier for c in editor.project.cuts]


def shown(panel: CutsList) -> list[str]:
    model = panel.model
    cuts = (model.cut(model.index(row)) for row in range(model.rowCount()))
    return ["" if c is None else c.identifier for c in cuts]


def row_of(panel: CutsList, identifier: str) -> QRect:
    return panel.view.visualRect(panel.model.index(panel.model.row(identifier)))


def click(panel: CutsList, identifier: str, modifier: Qt.KeyboardModifier | None = None) -> None:
    place = row_of(panel, identifier).topLeft() + QPoint(150, 15)
    none = Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(panel.view.viewport(), LEFT, modifier or none, place)


def press_button(panel: CutsList, identifier: str, button: RowButton) -> None:
    place = CutDelegate.button_rect(row_of(panel, identifier), button).center()
    QTest.mouseMove(panel.view.viewport(), place)
    QTest.mouseClick(panel.view.viewport(), LEFT, pos=place)


def click_fold(panel: CutsList) -> None:
    fold = panel.model.index(len(panel.model.order()))
    QTest.mouseClick(panel.view.viewport(), LEFT, pos=panel.view.visualRect(fold).center())


def decision(editor: Editor, identifier: str) -> Decision:
    found = editor.project.find(identifier)
    assert found is not None
    return found.decision


def drop(panel: CutsList, identifiers: list[str], place: QPoint) -> None:
    data = QMimeData()
    data.setData(IDENTIFIERS, "\n".join(identifiers).encode())
    none = Qt.KeyboardModifier.NoModifier
    move = QDragMoveEvent(place, Qt.DropAction.MoveAction, data, LEFT, none)
    panel.view.dragMoveEvent(move)
    assert move.isAccepted()
    fall = QDropEvent(QPointF(place), Qt.DropAction.MoveAction, data, LEFT, none)
    panel.view.dropEvent(fall)


@pytest.fixture
def made(qtbot: QtBot, qapp: QApplication) -> Made:
    """Makes a list of that many open cuts, of which six can be seen at once."""
    theme.apply(qapp)

    def make(count: int) -> tuple[CutsList, Editor]:
        editor = Editor()
        editor.project = Project(
            (Medium("a", Path("/nowhere/a.mp4")),), tuple(made_cut(n) for n in range(count))
        )
        panel = CutsList(editor, lambda medium, seconds: QPixmap(), lambda name: f"<{name}>")
        editor.setParent(panel)
        return expose(qtbot, panel, 400, 560), editor

    return make


@settings(deadline=None)
@given(st.permutations(range(7)), st.permutations(range(7)), st.data())
def test_rows_follow_any_change_of_the_project_in_place(
    first: list[int], second: list[int], data: st.DataObject
) -> None:
    model = CutsModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    decisions = st.sampled_from(list(Decision))
    for numbers in (first, second):
        count = data.draw(st.integers(0, 7))
        cuts = [made_cut(n, data.draw(decisions)) for n in numbers[:count]]
        model.sync(cuts, rejected_shown=data.draw(st.booleans()))
        rows = [model.cut(model.index(row)) for row in range(model.rowCount())]
        kept = [c for c in cuts if c.decision is not Decision.REJECTED]
        rejected = [c for c in cuts if c.decision is Decision.REJECTED]
        behind: list[EditedCut | None] = [None] if rejected else []
        assert rows == kept + behind + (rejected if model.rejected_shown else [])
    del tester


def test_cuts_are_listed_in_playing_order_with_their_reasons(made: Made) -> None:
    panel, editor = made(3)
    show(editor, made_cut(2), made_cut(0), made_cut(1))
    assert shown(panel) == ["c2", "c0", "c1"]
    spoken = panel.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "00:20.00 – 00:25.00 · 5.0 s · undecided. Reason 2."


def test_an_empty_list_says_what_to_do(made: Made) -> None:
    panel, _ = made(0)
    assert not panel.view.isVisible()
    assert panel._empty.isVisible()
    assert panel._empty.text() == "Cuts appear here."


def test_the_pictures_are_asked_for_by_video_and_time(made: Made, qapp: QApplication) -> None:
    panel, editor = made(2)
    asked: set[tuple[str, float]] = set()

    def picture(medium: str, seconds: float) -> QPixmap:
        asked.add((medium, seconds))
        filled = QPixmap(160, 90)
        filled.fill(QColor("#ff0000"))
        return filled

    other = CutsList(editor, picture, parent=panel)
    other.resize(400, 560)
    other.show()
    image = other.grab().toImage()
    assert asked == {("a", 2.5), ("a", 12.5)}
    place = other.view.viewport().mapTo(other, row_of(other, "c1").topLeft() + QPoint(40, 30))
    assert image.pixelColor(place * image.devicePixelRatio()) == QColor("#ff0000")


def test_rejected_cuts_wait_behind_a_line_and_can_be_brought_back(made: Made) -> None:
    panel, editor = made(0)
    show(editor, made_cut(0), made_cut(1, Decision.REJECTED), made_cut(2))
    assert shown(panel) == ["c0", "c2", ""]
    assert panel.model.index(2).data() == "1 rejected · Show"
    click_fold(panel)
    assert shown(panel) == ["c0", "c2", "", "c1"]
    press_button(panel, "c1", RowButton.REJECT)
    assert decision(editor, "c1") is Decision.KEPT
    assert shown(panel) == ["c0", "c1", "c2"]


def test_the_line_of_the_rejected_opens_by_keyboard_too(made: Made) -> None:
    panel, editor = made(0)
    show(editor, made_cut(0), made_cut(1, Decision.REJECTED))
    panel.view.setFocus()
    click(panel, "c0")
    QTest.keyClick(panel.view, Qt.Key.Key_Down)
    QTest.keyClick(panel.view, Qt.Key.Key_Return)
    assert shown(panel) == ["c0", "", "c1"]


@pytest.mark.parametrize(
    ("button", "wanted"),
    [
        (RowButton.KEEP, Decision.KEPT),
        (RowButton.ASIDE, Decision.MAYBE),
        (RowButton.REJECT, Decision.REJECTED),
    ],
)
def test_the_buttons_of_a_row_decide_and_undo_takes_it_back(
    made: Made, button: RowButton, wanted: Decision
) -> None:
    panel, editor = made(3)
    press_button(panel, "c1", button)
    assert [decision(editor, i) for i in ("c0", "c1", "c2")] == [
        Decision.OPEN, wanted, Decision.OPEN,
    ]  # fmt: skip
    editor.undo_stack.undo()
    assert decision(editor, "c1") is Decision.OPEN


def test_a_button_pressed_again_leaves_the_cut_undecided(made: Made) -> None:
    panel, editor = made(2)
    press_button(panel, "c0", RowButton.KEEP)
    press_button(panel, "c0", RowButton.KEEP)
    assert decision(editor, "c0") is Decision.OPEN


def test_a_button_of_a_selected_row_acts_on_all_selected_ones(made: Made) -> None:
    panel, editor = made(4)
    click(panel, "c0")
    click(panel, "c2", CONTROL)
    press_button(panel, "c2", RowButton.LOCK)
    assert [c.locked for c in editor.project.cuts] == [True, False, True, False]
    assert editor.selection == ("c0", "c2")
    press_button(panel, "c1", RowButton.KEEP)
    assert decision(editor, "c0") is Decision.OPEN


def test_a_button_released_elsewhere_does_nothing(made: Made) -> None:
    panel, editor = made(2)
    place = CutDelegate.button_rect(row_of(panel, "c0"), RowButton.REJECT).center()
    QTest.mousePress(panel.view.viewport(), LEFT, pos=place)
    QTest.mouseRelease(panel.view.viewport(), LEFT, pos=place - QPoint(150, 30))
    assert decision(editor, "c0") is Decision.OPEN


def test_the_tooltip_of_a_button_names_it_and_its_keys(made: Made) -> None:
    panel, _ = made(1)
    viewport = panel.view.viewport()
    place = CutDelegate.button_rect(row_of(panel, "c0"), RowButton.REJECT).center()
    event = QHelpEvent(QEvent.Type.ToolTip, place, viewport.mapToGlobal(place))
    QApplication.sendEvent(viewport, event)
    assert QToolTip.text() == "Reject cut (<cut.reject>)"
    QToolTip.hideText()


def test_clicks_select_in_the_editor_with_control_and_shift(made: Made) -> None:
    panel, editor = made(6)
    click(panel, "c1")
    assert editor.selection == ("c1",)
    click(panel, "c3", SHIFT)
    assert set(editor.selection) == {"c1", "c2", "c3"}
    assert editor.selected == "c3"
    click(panel, "c2", CONTROL)
    assert set(editor.selection) == {"c1", "c3"}
    click(panel, "c0", CONTROL)
    assert editor.selected == "c0"


def test_the_list_shows_what_the_editor_selected_without_answering(
    made: Made, qtbot: QtBot
) -> None:
    panel, editor = made(40)
    heard: list[tuple[str, ...]] = []
    editor.selection_changed.connect(lambda: heard.append(editor.selection))
    editor.set_selection(["c3", "c30"])
    assert heard == [("c3", "c30")]
    chosen = {i.row() for i in panel.view.selectionModel().selectedRows()}
    assert chosen == {3, 30}
    assert panel.view.viewport().rect().intersects(row_of(panel, "c30"))


def test_arrows_walk_and_shift_extends(made: Made) -> None:
    panel, editor = made(4)
    click(panel, "c0")
    QTest.keyClick(panel.view, Qt.Key.Key_Down)
    assert editor.selection == ("c1",)
    QTest.keyClick(panel.view, Qt.Key.Key_Down, SHIFT)
    assert editor.selection == ("c1", "c2")


def test_arrows_are_no_shortcuts_while_the_list_has_the_focus(made: Made) -> None:
    panel, editor = made(3)
    action = QAction(panel)
    action.setShortcut("Down")
    triggered: list[bool] = []
    action.triggered.connect(triggered.append)
    panel.addAction(action)
    panel.activateWindow()
    panel.view.setFocus()
    click(panel, "c0")
    QTest.keyClick(panel.view, Qt.Key.Key_Down)
    assert triggered == []
    assert editor.selection == ("c1",)


def test_enter_and_double_click_activate(made: Made, qtbot: QtBot) -> None:
    panel, _ = made(3)
    click(panel, "c1")
    with qtbot.waitSignal(panel.activated) as entered:
        QTest.keyClick(panel.view, Qt.Key.Key_Return)
    assert entered.args == ["c1"]
    place = row_of(panel, "c2").topLeft() + QPoint(150, 15)
    with qtbot.waitSignal(panel.activated) as clicked:
        QTest.mouseDClick(panel.view.viewport(), LEFT, pos=place)
    assert clicked.args == ["c2"]


@pytest.mark.parametrize(
    ("carried", "onto", "below", "wanted"),
    [
        (["c3"], "c1", False, ["c0", "c3", "c1", "c2", "c4"]),
        (["c0", "c3"], "c1", True, ["c1", "c0", "c3", "c2", "c4"]),
        (["c0"], "c4", True, ["c1", "c2", "c3", "c4", "c0"]),
        (["c4", "c2"], "c0", False, ["c2", "c4", "c0", "c1", "c3"]),
    ],
)
def test_dropped_rows_are_played_there(
    made: Made, carried: list[str], onto: str, below: bool, wanted: list[str]
) -> None:
    panel, editor = made(5)
    row = row_of(panel, onto)
    drop(panel, carried, row.center() + QPoint(0, 20 if below else -20))
    assert order(editor) == shown(panel) == wanted
    assert editor.undo_stack.count() == 1
    editor.undo_stack.undo()
    assert shown(panel) == ["c0", "c1", "c2", "c3", "c4"]


def test_a_drop_where_the_rows_are_is_no_edit(made: Made) -> None:
    panel, editor = made(3)
    drop(panel, ["c1"], row_of(panel, "c1").center())
    assert editor.undo_stack.count() == 0


def test_a_drop_shows_where_it_would_go(made: Made) -> None:
    panel, _ = made(3)
    row = row_of(panel, "c1")
    data = QMimeData()
    data.setData(IDENTIFIERS, b"c2")
    move = QDragMoveEvent(
        row.topLeft() + QPoint(80, 8), Qt.DropAction.MoveAction, data, LEFT,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    panel.view.dragMoveEvent(move)
    image = panel.view.viewport().grab().toImage()
    at = QPoint(row.center().x(), row.top()) * image.devicePixelRatio()
    assert image.pixelColor(at) == QColor(theme.palette().accent)


def test_what_is_no_cut_of_this_list_cannot_be_dropped(made: Made) -> None:
    panel, editor = made(3)
    data = QMimeData()
    data.setData(IDENTIFIERS, b"\xff\xfe another")
    move = QDragMoveEvent(
        QPoint(50, 50), Qt.DropAction.MoveAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    panel.view.dragMoveEvent(move)
    assert not move.isAccepted()
    fall = QDropEvent(
        QPointF(50, 50), Qt.DropAction.MoveAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    panel.view.dropEvent(fall)
    assert editor.undo_stack.count() == 0


def test_suggestions_that_grow_neither_move_the_view_nor_take_the_focus(made: Made) -> None:
    panel, editor = made(40)
    panel.view.setFocus()
    click(panel, "c2")
    bar = panel.view.verticalScrollBar()
    bar.setValue(1500)
    seen = panel.view.places()
    first, top = seen[0]
    cuts = list(editor.project.cuts)
    more = [made_cut(100 + n) for n in range(4)]
    show(editor, more[0], *cuts[:3], more[1], *cuts[4:20], more[2], *cuts[20:], more[3])
    assert row_of(panel, first).top() == top
    assert editor.selection == ("c2",)
    assert panel.view.hasFocus()
    current = panel.model.cut(panel.view.currentIndex())
    assert current is not None
    assert current.identifier == "c2"


def test_a_change_of_one_cut_touches_only_its_row(made: Made, qtbot: QtBot) -> None:
    panel, _ = made(200)
    changed: list[int] = []
    panel.model.dataChanged.connect(lambda first, last: changed.append(first.row()))
    rebuilt: list[bool] = []
    panel.model.modelReset.connect(lambda: rebuilt.append(True))
    panel.model.rowsInserted.connect(lambda: rebuilt.append(True))
    press_button(panel, "c1", RowButton.KEEP)
    assert changed == [1]
    assert rebuilt == []


def test_a_cut_played_later_stays_selected_and_in_sight(made: Made) -> None:
    panel, editor = made(40)
    click(panel, "c3")
    for _ in range(10):
        editor.shift(editor.selection, 1)
    assert panel.model.row("c3") == 13
    assert editor.selection == ("c3",)
    assert panel.view.currentIndex().row() == 13
    assert panel.view.viewport().rect().contains(row_of(panel, "c3").center())


def test_the_menu_offers_what_can_be_done(made: Made, qtbot: QtBot) -> None:
    panel, editor = made(2)
    actions = {a.text().split("\t")[0]: a for a in panel.menu_for("c0").actions()}
    assert {"Keep cut", "Lock cut", "Duplicate", "Merge with next", "Delete"} <= set(actions)
    with qtbot.waitSignal(panel.split_wanted):
        actions["Split at playhead"].trigger()
    assert editor.selection == ("c0",)
    actions["Duplicate"].trigger()
    assert len(editor.project.cuts) == 3
    actions["Delete"].trigger()
    assert decision(editor, "c0") is Decision.REJECTED


def test_a_locked_cut_is_not_rejected_but_said_to_be_locked(made: Made, qtbot: QtBot) -> None:
    panel, editor = made(2)
    editor.lock(["c0"], True)
    with qtbot.waitSignal(editor.problem) as told:
        press_button(panel, "c0", RowButton.REJECT)
    assert told.args is not None
    assert "locked" in told.args[0]
    assert decision(editor, "c0") is Decision.OPEN
