"""What most exports leave alone: codec, encoder, way and loudness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.export.encoders import EncoderChoice
from core.export.encoding import Encoding
from desktop import theme
from desktop.i18n import tr, tr_message
from desktop.jobs.export_work import find_encoder
from desktop.jobs.job import JobSlot
from desktop.panels.export_words import way_text
from desktop.panels.preferences_general import number_field
from desktop.widgets import label

_USUAL = -14.0
_QUIETEST, _LOUDEST = -40.0, -5.0


class MoreFields(QWidget):
    """Fields that open below their heading.

    Signals:
        changed: Something else was chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looking = JobSlot(self)
        self._found: dict[str, EncoderChoice] = {}
        self._sought = ""
        self.heading = QToolButton()
        self.heading.setObjectName("flat")
        self.heading.setText(tr("More"))
        self.heading.setAccessibleName(tr("More about how the files are written"))
        self.heading.setCheckable(True)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setArrowType(Qt.ArrowType.RightArrow)
        self.heading.setStyleSheet(f"QToolButton:checked {{ color: {theme.palette().text}; }}")
        self.codec = choice(
            tr("Codec"), {"h264": tr("H.264, plays everywhere"), "hevc": tr("HEVC, smaller files")}
        )
        self.hardware = QCheckBox(tr("Use this machine's own encoder"))
        self.encoder = label("", "secondary", wrap=True)
        self.way = choice(
            tr("Way"),
            {
                "auto": tr("Automatic"),
                "composed": tr("Composed"),
                "fast": tr("Fast"),
                "lossless": tr("Lossless"),
            },
        )
        self.way_meaning = label("", "secondary", wrap=True)
        self.loudness = choice(
            tr("Loudness"),
            {"preset": tr("As the preset"), "off": tr("As it is"), "number": tr("A number")},
        )
        self.level = number_field(tr("Loudness in LUFS"), _QUIETEST, _LOUDEST, step=1)
        self.level.setValue(_USUAL)
        self.level.setSuffix(" LUFS")
        self._fields = QWidget()
        self._compose()
        self._connect()
        self._show()

    def encoding(self, base: Encoding) -> Encoding:
        """A preset's encoding with what was chosen here."""
        loudness = base.loudness
        if self.loudness.currentData() != "preset":
            number = self.loudness.currentData() == "number"
            loudness = self.level.value() if number else None
        return replace(
            base,
            codec=self.codec.currentData(),
            hardware=self.hardware.isChecked() and self.hardware.isEnabled(),
            way=self.way.currentData(),
            loudness=loudness,
        )

    def close_jobs(self) -> None:
        """Ends what goes on in the background."""
        self._looking.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look_for_encoder()

    def _compose(self) -> None:
        loudness = QHBoxLayout()
        loudness.setSpacing(theme.SPACING)
        loudness.addWidget(self.loudness)
        loudness.addWidget(self.level)
        loudness.addStretch(1)
        form = QFormLayout(self._fields)
        form.setContentsMargins(theme.SPACING, 0, 0, 0)
        form.setHorizontalSpacing(2 * theme.SPACING)
        form.setVerticalSpacing(theme.SPACING)
        form.addRow(tr("Codec"), self.codec)
        form.addRow("", _below(self.hardware, self.encoder))
        form.addRow(tr("Way"), _below(self.way, self.way_meaning))
        form.addRow(tr("Loudness"), loudness)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        column.addWidget(self.heading, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._fields)

    def _connect(self) -> None:
        self.heading.toggled.connect(lambda on: self._show())
        for box in (self.codec, self.way, self.loudness):
            box.currentIndexChanged.connect(lambda: self._changed())
        self.hardware.toggled.connect(lambda on: self._changed())
        self.level.valueChanged.connect(lambda value: self._changed())

    def _changed(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        opened = self.heading.isChecked()
        self.heading.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        self._fields.setVisible(opened)
        self.level.setVisible(self.loudness.currentData() == "number")
        meaning = way_text(self.way.currentData())
        self.way_meaning.setText(meaning)
        self.way.setAccessibleDescription(meaning)
        self._show_encoder()
        if opened:
            self._look_for_encoder()

    def _look_for_encoder(self) -> None:
        codec = self.codec.currentData()
        if codec in self._found or codec == self._sought or not self._fields.isVisible():
            return
        self._sought = codec
        job = self._looking.start(find_encoder(codec))
        job.succeeded.connect(lambda found: self._find(codec, found))
        job.failed.connect(
            lambda message, report: self._find(codec, EncoderChoice("", False, message))
        )
        job.start()

    def _find(self, codec: str, found: EncoderChoice) -> None:
        self._found[codec] = found
        self._show_encoder()
        if self.hardware.isChecked():
            self.changed.emit()

    def _show_encoder(self) -> None:
        found = self._found.get(self.codec.currentData())
        self.hardware.setEnabled(found is None or found.hardware)
        text = tr("Looking for an encoder of this machine…")
        if found is not None:
            text = tr_message(found.reason)
        self.encoder.setText(text)
        self.hardware.setAccessibleDescription(text)


def _below(field: QWidget, meaning: QWidget) -> QVBoxLayout:
    made = QVBoxLayout()
    made.setSpacing(2)
    made.addWidget(field)
    made.addWidget(meaning)
    return made


def choice(name: str, choices: Mapping[str, str]) -> QComboBox:
    """A box with choices, each with the value that it stands for."""
    made = QComboBox()
    made.setAccessibleName(name)
    for value, text in choices.items():
        made.addItem(text, value)
    return made
