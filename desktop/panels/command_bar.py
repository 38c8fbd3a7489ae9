"""The slim bar along the top: the file, the analysis, the shape of the short, the export."""

from __future__ import annotations

import time
from fractions import Fraction

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QWidget,
)

from desktop import theme
from desktop.widgets import icon_button, label, push_button

LENGTHS = ("15 s", "30 s", "60 s", "90 s")
ASPECTS: dict[str, Fraction | None] = {
    "9:16": Fraction(9, 16),
    "16:9": Fraction(16, 9),
    "source": None,
}
_LEAST_FOR_ESTIMATE = 0.03


class CommandBar(QWidget):
    """Signals say what the user wants; methods show what is going on."""

    open_wanted = Signal()
    analyse_wanted = Signal()
    export_wanted = Signal()
    cancel_wanted = Signal()
    length_changed = Signal(float)
    aspect_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._started = 0.0
        self.open = push_button("Open video", "Open a video (Ctrl+O)", image="open")
        self._name = QLabel()
        self.analyse = push_button("Analyse", "Find the moments that move people (Ctrl+R)")
        self._bar = QProgressBar(textVisible=False, maximum=1000)
        self._bar.setFixedWidth(160)
        self._bar.setAccessibleName("Progress")
        self._message = label(role="secondary")
        self._message.setFont(theme.tabular(self.font()))
        self.cancel = icon_button("close", "Cancel", "Esc", "flat")
        self.length = QComboBox()
        self.length.setEditable(True)
        self.length.addItems(LENGTHS)
        self.length.setCurrentText("30 s")
        self.length.setFixedWidth(84)
        self.length.setToolTip("Target length of the short, in seconds")
        self.length.setAccessibleName("Target length")
        self.aspect = QComboBox()
        self.aspect.addItems(list(ASPECTS))
        self.aspect.setToolTip("Shape of the short")
        self.aspect.setAccessibleName("Shape")
        self.title = QLineEdit(placeholderText="Title (optional)", maxLength=120)
        self.title.setFixedWidth(150)
        self.title.setToolTip("Shown over the first seconds of the short")
        self.title.setAccessibleName("Title")
        self.export = push_button("Export", "Write the short (Ctrl+E)", "primary")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACING, theme.SPACING, theme.SPACING, theme.SPACING)
        row.setSpacing(theme.SPACING)
        row.addWidget(self.open)
        row.addWidget(self._name)
        row.addStretch()
        working: tuple[QWidget, ...] = (self.analyse, self._bar, self._message, self.cancel)
        for widget in working:
            row.addWidget(widget)
        row.addStretch()
        row.addWidget(QLabel("Length"))
        wishes: tuple[QWidget, ...] = (self.length, self.aspect, self.title, self.export)
        for widget in wishes:
            row.addWidget(widget)
        self.open.clicked.connect(self.open_wanted)
        self.analyse.clicked.connect(self.analyse_wanted)
        self.export.clicked.connect(self.export_wanted)
        self.cancel.clicked.connect(self.cancel_wanted)
        self.length.currentTextChanged.connect(self._length_typed)
        self.aspect.currentTextChanged.connect(self.aspect_changed)
        self.show_ready("", False, False)

    def seconds(self) -> float | None:
        """The target length, None while what is typed is not one."""
        try:
            value = float(self.length.currentText().strip().removesuffix("s").replace(",", "."))
        except ValueError:
            return None
        return value if 1 <= value <= 3600 else None

    def show_ready(self, name: str, can_analyse: bool, can_export: bool) -> None:
        """Nothing is going on; these things can be begun."""
        metrics = self._name.fontMetrics()
        self._name.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, 220))
        self._name.setToolTip(name)
        self.analyse.setVisible(True)
        self.analyse.setEnabled(can_analyse)
        self.export.setEnabled(can_export)
        for widget in (self._bar, self._message, self.cancel):
            widget.hide()

    def show_busy(self, message: str) -> None:
        """Something is going on and can be cancelled."""
        self._started = time.monotonic()
        self.analyse.hide()
        self.export.setEnabled(False)
        self._bar.setValue(0)
        self._message.setText(message)
        for widget in (self._bar, self._message, self.cancel):
            widget.show()

    def show_progress(self, fraction: float, message: str) -> None:
        """How far it is; the time left is estimated from the time gone by."""
        self._bar.setValue(round(1000 * fraction))
        text = f"{fraction * 100:.0f} %"
        if _LEAST_FOR_ESTIMATE < fraction < 1:
            left = (time.monotonic() - self._started) * (1 - fraction) / fraction
            text += f" · {left:.0f} s left"
        self._message.setText(text)
        self._message.setToolTip(message)

    def _length_typed(self) -> None:
        seconds = self.seconds()
        if seconds is not None:
            self.length_changed.emit(seconds)
