from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from core.analysis.analysis import Analysis
from core.project.emotion_corrections import EmotionCorrection
from core.time import Span
from desktop import theme
from desktop.editor import Editor
from desktop.timeline.emotion import EmotionRibbon
from desktop.timeline.legend import Legend
from tests.desktop.lanes import MEDIUM, Shown, choose, editor_on, shown
from tests.project.analyses import SILENCE, analysis_of, speech, track

SECONDS = 10
Column = Callable[[Analysis, float], list[str]]
Stage = tuple[Editor, EmotionRibbon, Shown]
HAPPY = theme.EMOTION_COLOURS["happy"]


@pytest.fixture
def analysis() -> Analysis:
    """Six of ten seconds are known: four with speech, two without."""
    rows = track(
        speech("happy", 0.9),
        speech("neutral", 0.5),
        speech("neutral", 0.0),
        speech("happy", 0.25),
        SILENCE,
        SILENCE,
    )
    return analysis_of(rows, duration=Fraction(SECONDS))


@pytest.fixture
def stage(qtbot: QtBot, qapp: QApplication, analysis: Analysis) -> Stage:
    theme.apply(qapp)
    editor = editor_on(analysis)
    ribbon = EmotionRibbon(editor)
    pointer = shown(qtbot, ribbon, SECONDS, width=600)

    def show() -> None:
        assert editor.analysis is not None
        ribbon.show_analysis(editor.analysis)
        ribbon.set_known(float(len(editor.analysis.tracks["speech-emotion"])))

    editor.analysis_changed.connect(show)
    show()
    return editor, ribbon, pointer


@pytest.fixture
def column(stage: Stage) -> Column:
    """The colours of the ribbon at a time, from its lower edge to its upper."""
    editor, _, pointer = stage

    def colours(analysis: Analysis, seconds: float) -> list[str]:
        editor.set_analysis(MEDIUM, analysis)
        return colours_of(pointer, seconds)

    return colours


def colours_of(pointer: Shown, seconds: float) -> list[str]:
    image = pointer.image()
    low, high = pointer.pixel(seconds, 0.0), pointer.pixel(seconds, 1.0)
    return [image.pixelColor(low.x(), y).name() for y in range(low.y(), high.y() - 1, -1)]


def share(colours: list[str], colour: str) -> float:
    return colours.count(colour.lower()) / len(colours)


def test_the_ribbon_is_as_high_as_the_claim_is_sure(analysis: Analysis, column: Column) -> None:
    # Beside the middle, where no letter stands.
    assert share(column(analysis, 0.1), HAPPY) == pytest.approx(0.9, abs=0.08)
    assert share(column(analysis, 3.1), HAPPY) == pytest.approx(0.25, abs=0.08)


def test_no_speech_is_neither_neutral_nor_unknown(analysis: Analysis, column: Column) -> None:
    unsure, silent, unknown = (column(analysis, s) for s in (2.9, 4.5, 8.0))
    hatch = {theme.palette().background, theme.palette().hairline}
    assert set(unknown) == hatch
    assert unsure[0] == theme.EMOTION_COLOURS["neutral"]
    assert theme.EMOTION_COLOURS["neutral"] not in silent
    assert silent[0] == theme.palette().background
    line = [index for index, colour in enumerate(silent) if colour != theme.palette().background]
    assert 1 <= len(line) <= 3
    assert line[len(line) // 2] == pytest.approx(len(silent) / 2, abs=2)


def test_another_video_starts_empty(analysis: Analysis, column: Column) -> None:
    column(analysis, 0.1)
    fresh = analysis_of(track(SILENCE), duration=Fraction(SECONDS))
    assert share(column(fresh, 0.1), HAPPY) == 0


def test_the_pointer_reads_how_sure_the_claim_is(qapp: QApplication, analysis: Analysis) -> None:
    ribbon = EmotionRibbon(Editor())
    said = [ribbon.value_at(analysis, seconds) for seconds in (0.5, 1.5, 4.5, 8.0)]
    assert said == ["happy, 90 % sure", "neutral, 50 % sure", "no speech", ""]


def test_a_right_click_corrects_a_run_and_undo_restores_it(stage: Stage) -> None:
    editor, ribbon, pointer = stage
    assert share(colours_of(pointer, 1.9), HAPPY) == 0
    pointer.click(pointer.pixel(1.3), button=Qt.MouseButton.RightButton)
    choose(ribbon.menu, "happy")
    (told,) = editor.project.media[0].emotion_corrections
    assert told == EmotionCorrection(Span(Fraction(1), Fraction(3)), "happy")
    assert share(colours_of(pointer, 1.9), HAPPY) > 0.7
    assert editor.analysis is not None
    said = [ribbon.value_at(editor.analysis, s) for s in (0.5, 1.5, 2.5, 5.5)]
    sure = "happy, 100 % sure (corrected)"
    assert said == ["happy, 90 % sure", sure, sure, "no speech"]
    editor.undo_stack.undo()
    assert share(colours_of(pointer, 1.9), HAPPY) == 0
    assert not editor.undo_stack.canUndo()


def test_silence_can_be_corrected_too(stage: Stage) -> None:
    editor, ribbon, pointer = stage
    pointer.click(pointer.pixel(4.5), button=Qt.MouseButton.RightButton)
    choose(ribbon.menu, "sad")
    (told,) = editor.project.media[0].emotion_corrections
    assert told.span == Span(Fraction(4), Fraction(6))


def test_the_marked_stretch_is_corrected_where_the_pointer_is_in_it(stage: Stage) -> None:
    editor, ribbon, pointer = stage
    mark = Span(Fraction(1), Fraction(5))
    editor.set_mark(mark)
    pointer.click(pointer.pixel(2.5), button=Qt.MouseButton.RightButton)
    choose(ribbon.menu, "fear")
    assert [c.span for c in editor.project.media[0].emotion_corrections] == [mark]
    pointer.click(pointer.pixel(5.5), button=Qt.MouseButton.RightButton)
    choose(ribbon.menu, "happy")
    spans = [c.span for c in editor.project.media[0].emotion_corrections]
    assert spans == [mark, Span(Fraction(5), Fraction(6))]


def test_what_was_corrected_is_marked_and_can_be_forgotten(stage: Stage) -> None:
    editor, ribbon, pointer = stage
    plain = pointer.image()
    span = Span(Fraction(1), Fraction(3))
    # The same emotion as was heard: only the mark says that somebody corrected it.
    editor.correct_emotion(EmotionCorrection(span, arousal=0.5))
    assert pointer.image() != plain
    pointer.click(pointer.pixel(1.3), button=Qt.MouseButton.RightButton)
    choose(ribbon.menu, "As it was heard")
    assert editor.project.media[0].emotion_corrections == ()
    QTest.mouseMove(pointer.view.viewport(), QPoint(1, 1))
    assert pointer.image() == plain


def test_the_menu_offers_numbers_for_the_stretch(stage: Stage, qtbot: QtBot) -> None:
    editor, ribbon, pointer = stage
    pointer.click(pointer.pixel(1.3), button=Qt.MouseButton.RightButton)
    with qtbot.waitSignal(ribbon.numbers_wanted):
        choose(ribbon.menu, "Arousal and valence…")
    assert editor.mark == Span(Fraction(1), Fraction(3))


def test_what_is_not_known_cannot_be_corrected(stage: Stage) -> None:
    _, ribbon, pointer = stage
    pointer.click(pointer.pixel(8.5), button=Qt.MouseButton.RightButton)
    assert ribbon.menu is None


def test_the_legend_says_what_height_and_line_mean(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    names = [label.accessibleName() for label in legend.findChildren(QLabel)]
    assert "how sure" in names
    assert "no speech" in names
