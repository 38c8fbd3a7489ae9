"""Parts of the emotion panel: bars of what was heard, and a slider with its number."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from core.analysis.heard import Heard
from core.networks.emotion_classes import EMOTIONS
from desktop import theme
from desktop.i18n import tr
from desktop.timeline.emotion_menu import emotion_names
from desktop.widgets import label

_ROW = 18
_PARTS = 100


class HeardBars(QWidget):
    """Mean probabilities as bars with name and number, and below them the other means."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars = _Bars()
        self.words = label(role="secondary", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING // 2)
        column.addWidget(self._bars)
        column.addWidget(self.words)

    def show_heard(self, heard: Heard | None) -> None:
        """Shows what was heard; None where it is not known."""
        self._bars.setVisible(heard is not None and bool(heard.probabilities))
        if heard is None:
            self.words.setText(tr("Not analysed yet."))
            return
        speech = tr("speech {percent} %", percent=f"{heard.speech * 100:.0f}")
        if not heard.probabilities:
            self.words.setText(tr("Nobody speaks here.") if heard.speech == 0 else speech)
            return
        self._bars.set_values(heard.probabilities)
        words = []
        if heard.arousal is not None:
            words.append(tr("arousal {value}", value=f"{heard.arousal:+.2f}"))
        if heard.valence is not None:
            words.append(tr("valence {value}", value=f"{heard.valence:+.2f}"))
        self.words.setText(" · ".join([*words, speech]))


class _Bars(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._values: dict[str, float] = {}
        self.setFixedHeight(_ROW * len(EMOTIONS))

    def set_values(self, values: dict[str, float]) -> None:
        self._values = values
        names = emotion_names()
        self.setAccessibleName(
            ", ".join(f"{names[name]} {value * 100:.0f} %" for name, value in values.items())
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.tabular(self.font()))
        metrics = painter.fontMetrics()
        names = emotion_names()
        left = max(metrics.horizontalAdvance(name) for name in names.values()) + 30
        number = metrics.horizontalAdvance("100 %") + 6
        room = max(1, self.width() - left - number)
        colours = theme.palette()
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        for row, emotion in enumerate(EMOTIONS):
            top = row * _ROW
            value = self._values.get(emotion, 0.0)
            painter.setPen(QColor(colours.secondary))
            painter.drawText(QRectF(0, top, 24, _ROW), middle, theme.EMOTION_LETTERS[emotion])
            painter.setPen(QColor(colours.text))
            painter.drawText(QRectF(24, top, left - 24, _ROW), middle, names[emotion])
            painter.fillRect(QRectF(left, top + 5, room, _ROW - 10), QColor(colours.hairline))
            bar = QRectF(left, top + 5, room * value, _ROW - 10)
            painter.fillRect(bar, QColor(theme.EMOTION_COLOURS[emotion]))
            painter.drawText(
                QRectF(left + room, top, number, _ROW),
                middle | int(Qt.AlignmentFlag.AlignRight),
                f"{value * 100:.0f} %",
            )
        painter.end()


class LevelControl(QWidget):
    """A slider from −1 to 1 with its number, or the choice to leave it as it was heard.

    Signals:
        changed: The answer is another one.
    """

    changed = Signal()

    def __init__(self, name: str, low: str, high: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heard = 0.0
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(-_PARTS, _PARTS)
        self.slider.setPageStep(_PARTS // 10)
        self.slider.setAccessibleName(name)
        self.slider.setToolTip(f"{low} – {high}")
        self.number = QDoubleSpinBox()
        self.number.setRange(-1.0, 1.0)
        self.number.setSingleStep(0.05)
        self.number.setAccessibleName(name)
        self.as_heard = QCheckBox(tr("as heard"))
        self.as_heard.setAccessibleName(tr("{name} as heard", name=name))
        self.as_heard.setChecked(True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.SPACING)
        grid.addWidget(QLabel(name), 0, 0)
        grid.addWidget(self.as_heard, 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.slider, 1, 0)
        grid.addWidget(self.number, 1, 1)
        grid.setColumnStretch(0, 1)
        self.slider.valueChanged.connect(lambda value: self._answered(value / _PARTS))
        self.number.valueChanged.connect(self._answered)
        self.as_heard.toggled.connect(self._left)

    @property
    def value(self) -> float | None:
        """What the editor says; None for what was heard."""
        return None if self.as_heard.isChecked() else round(self.number.value(), 2)

    def set_value(self, value: float | None) -> None:
        """Shows an answer; None for what was heard."""
        self._show(self._heard if value is None else value, value is None)

    def set_heard(self, value: float | None) -> None:
        """What was heard, which is shown where nothing else is said; None without speech."""
        self._heard = 0.0 if value is None else value
        if self.as_heard.isChecked():
            self._show(self._heard, True)

    def _answered(self, value: float) -> None:
        self._show(value, False)
        self.changed.emit()

    def _left(self, as_heard: bool) -> None:
        if as_heard:
            self._show(self._heard, True)
        self.changed.emit()

    def _show(self, value: float, as_heard: bool) -> None:
        for part in (self.slider, self.number, self.as_heard):
            part.blockSignals(True)
        self.slider.setValue(round(value * _PARTS))
        # What is being typed must not be rewritten.
        if abs(self.number.value() - value) >= 0.5 / _PARTS:
            self.number.setValue(value)
        self.as_heard.setChecked(as_heard)
        for part in (self.slider, self.number, self.as_heard):
            part.blockSignals(False)
