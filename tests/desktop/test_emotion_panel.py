"""The panel says what was heard in a stretch, and takes what the editor says."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from core.analysis.heard import heard_in
from core.project.emotion_corrections import EmotionCorrection
from core.signals.speech_activity import FRAMES_PER_SECOND
from core.time import Span
from desktop import theme
from desktop.editor import Editor
from desktop.panels.emotion_panel import EmotionPanel
from tests.desktop.lanes import cut, editor_on
from tests.project.analyses import SILENCE, analysis_of, speech, track

LEFT = Qt.MouseButton.LeftButton
STRETCH = Span(Fraction(1), Fraction(3))


@pytest.fixture
def editor() -> Editor:
    rows = track(
        SILENCE, speech("happy", 0.9, arousal=0.2), speech("happy", 0.7, arousal=0.6), SILENCE
    )
    activity = np.zeros((4, FRAMES_PER_SECOND), np.float32)
    activity[1:3, : FRAMES_PER_SECOND // 2] = 1.0
    made = analysis_of(rows)
    made = replace(made, tracks={**made.tracks, "speech-activity": activity})
    return editor_on(made, cut("a", 2, 4))


@pytest.fixture
def panel(editor: Editor, qtbot: QtBot, qapp: QApplication) -> EmotionPanel:
    theme.apply(qapp)
    made = EmotionPanel(editor)
    qtbot.addWidget(made)
    made.resize(320, 700)
    with qtbot.waitExposed(made):
        made.show()
    return made


def texts(panel: EmotionPanel) -> str:
    return "\n".join(lab.text() for lab in panel.findChildren(QLabel) if lab.isVisible())


def click(panel: EmotionPanel, text: str) -> None:
    (button,) = [b for b in panel.findChildren(QPushButton) if b.text() == text]
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, LEFT)


def test_without_a_stretch_it_says_what_to_do(panel: EmotionPanel) -> None:
    assert "Mark a stretch on the timeline" in texts(panel)
    assert not panel.apply.isVisible()


def test_it_shows_what_was_heard_in_the_marked_stretch(panel: EmotionPanel, editor: Editor) -> None:
    editor.set_mark(STRETCH)
    assert f"{STRETCH}" in texts(panel)
    assert "arousal +0.40 · valence -0.50 · speech 50 %" in texts(panel)
    assert "marked stretch" in texts(panel)
    assert panel.arousal.number.value() == pytest.approx(0.4)
    assert not panel.apply.isEnabled()


def test_without_a_mark_it_is_about_the_selected_cut(panel: EmotionPanel, editor: Editor) -> None:
    editor.select("a")
    assert panel.span == Span(Fraction(2), Fraction(4))
    assert "selected cut" in texts(panel)
    editor.set_mark(STRETCH)
    assert panel.span == STRETCH
    editor.set_mark(None)
    editor.select("")
    assert panel.span is None


def test_a_class_is_applied_as_one_step(panel: EmotionPanel, editor: Editor) -> None:
    editor.set_mark(STRETCH)
    click(panel, "angry")
    click(panel, "Apply")
    assert editor.project.media[0].emotion_corrections == (EmotionCorrection(STRETCH, "angry"),)
    editor.undo_stack.undo()
    assert editor.project.media[0].emotion_corrections == ()
    assert not editor.undo_stack.canUndo()


def test_arousal_is_applied_and_the_rest_stays_as_heard(
    panel: EmotionPanel, editor: Editor
) -> None:
    editor.set_mark(STRETCH)
    panel.arousal.slider.setFocus()
    for _ in range(3):
        QTest.keyClick(panel.arousal.slider, Qt.Key.Key_PageUp)
    assert panel.arousal.number.value() == pytest.approx(0.7)
    assert not panel.arousal.as_heard.isChecked()
    click(panel, "Apply")
    assert editor.project.media[0].emotion_corrections == (EmotionCorrection(STRETCH, arousal=0.7),)
    assert editor.analysis is not None
    shown = heard_in(editor.analysis, STRETCH)
    assert shown is not None
    assert shown.arousal == pytest.approx(0.7)
    assert shown.valence == pytest.approx(-0.5)
    assert "arousal +0.40" in texts(panel), "what was heard stays to be seen"


def test_the_number_can_be_typed_and_left_as_heard_again(
    panel: EmotionPanel, editor: Editor
) -> None:
    editor.set_mark(STRETCH)
    panel.valence.number.setFocus()
    panel.valence.number.selectAll()
    QTest.keyClicks(panel.valence.number, "0.25")
    QTest.keyClick(panel.valence.number, Qt.Key.Key_Return)
    assert panel.valence.value == 0.25
    assert panel.valence.slider.value() == 25
    panel.valence.as_heard.click()
    assert panel.valence.value is None
    assert panel.valence.number.value() == pytest.approx(-0.5)
    assert not panel.apply.isEnabled()


def test_as_it_was_heard_forgets(panel: EmotionPanel, editor: Editor) -> None:
    editor.set_mark(STRETCH)
    assert not panel.as_heard.isEnabled()
    editor.correct_emotion(EmotionCorrection(STRETCH, "sad", valence=-0.9))
    assert panel.chosen == "sad"
    assert panel.valence.value == -0.9
    click(panel, "As it was heard")
    assert editor.project.media[0].emotion_corrections == ()
    assert panel.chosen is None
    assert panel.valence.value is None


def test_a_click_on_a_correction_marks_it(panel: EmotionPanel, editor: Editor) -> None:
    editor.correct_emotion(EmotionCorrection(Span(Fraction(0), Fraction(1)), "fear"))
    editor.correct_emotion(EmotionCorrection(STRETCH, "sad", arousal=0.5))
    assert panel.corrections.count() == 2
    item = panel.corrections.item(1)
    assert item.text() == f"{STRETCH}   sad, arousal +0.50"
    place = panel.corrections.visualItemRect(item).center()
    QTest.mouseClick(panel.corrections.viewport(), LEFT, pos=place)
    assert editor.mark == STRETCH
    assert panel.chosen == "sad"


def test_what_the_editor_chose_survives_more_analysis(panel: EmotionPanel, editor: Editor) -> None:
    editor.set_mark(STRETCH)
    click(panel, "surprise")
    editor.set_analysis("made", editor.analyses["made"])
    assert panel.chosen == "surprise"
    assert panel.apply.isEnabled()


def test_a_stretch_without_speech_says_so(panel: EmotionPanel, editor: Editor) -> None:
    editor.set_mark(Span(Fraction(0), Fraction(1)))
    assert "Nobody speaks here." in texts(panel)
