"""The score below which nothing is suggested."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QPushButton, QWidget

from core.cutting.suggest import usual_threshold
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.panels.key_keeper import KeyKeeper
from desktop.widgets import label

_STEP = 0.01
_AUTOMATIC = -_STEP
_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class ThresholdField(QWidget):
    """A number between 0 and 1, or what the curve itself suggests."""

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._gesture = ""
        self._showing = False
        self.value = _Score(self._usual)
        self.value.setAccessibleName(tr("Least highlight score of a suggestion"))
        self.value.setToolTip(tr("Nothing below this highlight score is suggested"))
        self.automatic = QPushButton(tr("Automatic"))
        self.automatic.setObjectName("flat")
        self.automatic.setToolTip(tr("Leave it to the curve"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACING)
        row.addWidget(label(tr("Nothing below"), "secondary"))
        row.addWidget(self.value)
        row.addWidget(self.automatic)
        row.addStretch()
        self.value.valueChanged.connect(self._typed)
        self.value.editingFinished.connect(self._end_gesture)
        self.automatic.clicked.connect(self._reset)
        editor.project_changed.connect(self._show)
        self._show()

    def _typed(self, value: float) -> None:
        if self._showing:
            return
        score = round(value, 2)
        if not self._gesture:
            self._gesture = self._editor.new_gesture()
        self._wish(None if score < 0 else score)

    def _usual(self) -> float:
        """Where the curve itself puts the threshold, as far as it is known."""
        analysis = self._editor.analysis
        if analysis is None or analysis.highlight.score.size == 0:
            return 0.0
        return round(usual_threshold(analysis.highlight.score), 2)

    def _reset(self) -> None:
        self._end_gesture()
        self._wish(None)

    def _end_gesture(self) -> None:
        self._gesture = ""

    def _wish(self, threshold: float | None) -> None:
        if threshold != self._editor.project.wishes.threshold:
            self._editor.set_wish(tr("Threshold"), gesture=self._gesture, threshold=threshold)

    def _show(self) -> None:
        threshold = self._editor.project.wishes.threshold
        wanted = _AUTOMATIC if threshold is None else threshold
        if abs(self.value.value() - wanted) > _STEP / 4:
            self._showing = True
            self.value.setValue(wanted)
            self._showing = False
        self.automatic.setVisible(threshold is not None)


class _Score(QDoubleSpinBox):
    """A step up from automatic goes to where the curve puts the threshold."""

    def __init__(self, usual: Callable[[], float]) -> None:
        super().__init__()
        self._usual = usual
        self.setKeyboardTracking(False)
        self.setRange(_AUTOMATIC, 1.0)
        self.setSingleStep(_STEP)
        self.setDecimals(2)
        self.setSpecialValueText(tr("automatic"))
        self.setFixedWidth(112)
        KeyKeeper(self, _KEYS)

    def stepBy(self, steps: int) -> None:
        if self.value() < 0 < steps:
            self.setValue(self._usual())
        else:
            super().stepBy(steps)
