from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from core.analysis.analysis import Analysis
from core.project.document import Edit
from core.project.emotion_corrections import EmotionCorrection
from core.time import Span
from desktop import theme
from desktop.editor import Editor
from desktop.timeline.emotion import EmotionRibbon
from desktop.timeline.legend import Legend
from tests.project.analyses import SILENCE, analysis_of, speech, track

SECONDS = 10
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
def column(qtbot: QtBot, qapp: QApplication) -> Callable[[Analysis, float], list[str]]:
    """The colours of the ribbon at a time, from its lower edge to its upper."""
    theme.apply(qapp)
    view = pg.GraphicsLayoutWidget()
    qtbot.addWidget(view)
    view.setBackground(QColor(theme.palette().background))
    ribbon = EmotionRibbon()
    view.addItem(ribbon)
    view.resize(600, 60)
    with qtbot.waitExposed(view):
        view.show()
    ribbon.open(SECONDS)

    def colours(analysis: Analysis, seconds: float) -> list[str]:
        ribbon.show_analysis(analysis)
        ribbon.set_known(float(len(analysis.tracks["speech-emotion"]) * analysis.grid.step))
        qapp.processEvents()
        image: QImage = view.grab().toImage()
        scale = image.devicePixelRatio()

        def pixel(height: float) -> tuple[int, int]:
            place = view.mapFromScene(ribbon.box.mapViewToScene(QPointF(seconds, height)))
            return round(place.x() * scale), round(place.y() * scale)

        x, low = pixel(0.0)
        _, high = pixel(1.0)
        return [image.pixelColor(x, y).name() for y in range(low - 1, high - 1, -1)]

    return colours


def share(colours: list[str], colour: str) -> float:
    return colours.count(colour.lower()) / len(colours)


Column = Callable[[Analysis, float], list[str]]


def test_the_ribbon_is_as_high_as_the_claim_is_sure(analysis: Analysis, column: Column) -> None:
    # Beside the middle, where no letter stands.
    assert share(column(analysis, 0.1), HAPPY) == pytest.approx(0.9, abs=0.08)
    assert share(column(analysis, 3.1), HAPPY) == pytest.approx(0.25, abs=0.08)


def test_no_speech_is_neither_neutral_nor_unknown(analysis: Analysis, column: Column) -> None:
    unsure, silent, unknown = (column(analysis, s) for s in (2.9, 4.5, 8.0))
    assert len(set(unknown)) == 1
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
    ribbon = EmotionRibbon()
    said = [ribbon.value_at(analysis, seconds) for seconds in (0.5, 1.5, 4.5, 8.0)]
    assert said == ["happy, 90 % sure", "neutral, 50 % sure", "no speech", ""]


def test_a_corrected_emotion_is_shown_instead(
    qapp: QApplication, analysis: Analysis, column: Column
) -> None:
    editor = Editor()
    correction = EmotionCorrection(Span(Fraction(1), Fraction(5)), "happy")
    editor.open(analysis.info, "", Edit().with_emotion(correction))
    editor.set_analysis(analysis)
    told = editor.analysis
    assert told is not None
    ribbon = EmotionRibbon()
    said = [ribbon.value_at(told, seconds) for seconds in (0.5, 1.5, 4.5, 5.5)]
    assert said == ["happy, 90 % sure", "happy, 100 % sure", "happy, 100 % sure", "no speech"]
    assert share(column(told, 1.9), HAPPY) > 0.9


def test_the_legend_says_what_height_and_line_mean(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    names = [label.accessibleName() for label in legend.findChildren(QLabel)]
    assert "how sure" in names
    assert "no speech" in names
