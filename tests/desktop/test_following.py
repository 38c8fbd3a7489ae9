"""The curve follows what is decided in the video, and moments are asked about."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.learning.personal.profiles import Profile
from core.learning.personal.questions import Question, Why
from core.project.document import Decision
from core.time import Span
from desktop import theme
from desktop.editor import Editor
from desktop.main_window import MainWindow
from desktop.timeline.questions import QuestionsLane
from tests.desktop.conftest import PATIENCE
from tests.desktop.lanes import Shown, choose, editor_on, entry, shown
from tests.desktop.learnings import add_version
from tests.project.analyses import SILENCE, analysis_of, track

ASKED = Span(Fraction(10), Fraction(14))


@pytest.fixture
def asking(qtbot: QtBot, qapp: QApplication) -> tuple[Editor, QuestionsLane, Shown]:
    """A lane of twenty seconds that asks about those from 10 to 14."""
    theme.apply(qapp)
    editor = editor_on(analysis_of(track(*[SILENCE] * 20)))
    lane = QuestionsLane(editor)
    pointer = shown(qtbot, lane, 20)
    editor.set_questions(editor.medium, [Question(ASKED, Why.UNSURE, 0.2)])
    return editor, lane, pointer


def curve(window: MainWindow) -> np.ndarray:
    analysis = window.editor.analysis
    assert analysis is not None
    return analysis.highlight.score


def test_a_rejected_moment_sinks_at_once_and_rises_again_when_that_is_undone(
    analysed: MainWindow, qtbot: QtBot
) -> None:
    editor = analysed.editor
    cut = editor.project.short[0]
    cells = slice(int(cut.span.start) + 1, int(cut.span.end))
    before = curve(analysed).copy()
    editor.decide([cut.identifier], Decision.REJECTED)
    qtbot.waitUntil(lambda: bool((curve(analysed)[cells] < before[cells]).all()), timeout=PATIENCE)
    assert editor.analysis is not None
    assert "by your 1 decision" in editor.analysis.highlight.source
    parts = editor.analysis.highlight.contributions.sum(axis=1)
    assert np.allclose(parts, curve(analysed), atol=1e-5)
    editor.undo_stack.undo()
    qtbot.waitUntil(lambda: np.array_equal(curve(analysed), before), timeout=PATIENCE)


def test_questions_come_when_their_lane_is_shown_and_go_when_it_is_hidden(
    analysed: MainWindow, qtbot: QtBot
) -> None:
    assert not analysed.editor.questions
    analysed.settings.change(hidden_lanes=())
    qtbot.waitUntil(lambda: bool(analysed.editor.questions), timeout=PATIENCE)
    taken = [c.span for c in analysed.editor.project.cuts]
    assert not any(q.span.overlaps(span) for q in analysed.editor.questions for span in taken)
    analysed.settings.change(hidden_lanes=("questions",))
    qtbot.waitUntil(lambda: not analysed.editor.questions, timeout=PATIENCE)


def test_another_version_makes_another_curve_and_going_back_the_very_same_one(
    analysed: MainWindow, qtbot: QtBot
) -> None:
    def suggests(model: str) -> bool:
        analysis = analysed.editor.analysis
        return analysis is not None and analysis.complete and model in analysis.highlight.model

    before, librarian = curve(analysed).copy(), analysed.learning.librarian
    qtbot.waitUntil(lambda: "" in librarian.state.known, timeout=PATIENCE)
    add_version(loud=1.0)
    librarian.look()
    qtbot.waitUntil(lambda: suggests("+taste-"), timeout=PATIENCE)
    assert not np.array_equal(curve(analysed), before)
    Profile.named("").back()
    librarian.look()
    qtbot.waitUntil(lambda: not suggests("+taste-"), timeout=PATIENCE)
    assert np.array_equal(curve(analysed), before)


@pytest.mark.parametrize(
    ("answer", "decision"),
    [("Keep this moment", Decision.KEPT), ("Not this one", Decision.REJECTED)],
)
def test_a_click_asks_and_the_answer_is_a_decision_that_can_be_undone(
    asking: tuple[Editor, QuestionsLane, Shown], answer: str, decision: Decision
) -> None:
    editor, lane, pointer = asking
    pointer.click(pointer.pixel(12.0))
    choose(lane.asking, answer)
    [made] = editor.project.cuts
    assert (made.span, made.decision, made.settled) == (ASKED, decision, True)
    editor.undo_stack.undo()
    assert not editor.project.cuts


def test_a_click_beside_a_question_asks_nothing(
    asking: tuple[Editor, QuestionsLane, Shown],
) -> None:
    _, lane, pointer = asking
    pointer.click(pointer.pixel(5.0))
    assert lane.asking is None


def test_why_a_moment_is_asked_about_is_said(
    asking: tuple[Editor, QuestionsLane, Shown],
) -> None:
    editor, lane, pointer = asking
    assert editor.analysis is not None
    assert lane.value_at(editor.analysis, 12.0) == "could go either way"
    assert lane.value_at(editor.analysis, 2.0) == ""
    pointer.click(pointer.pixel(12.0))
    assert lane.asking is not None
    assert "could go either way" in lane.asking.actions()[0].text()
    assert entry(lane.asking, "Keep this moment").isEnabled()
    lane.asking.close()
