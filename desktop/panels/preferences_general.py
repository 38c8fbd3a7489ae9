"""Preferences: how the window looks and speaks, and what a new short is like."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QWidget

from core.cutting.suggest import LONGEST_TARGET, SHORTEST_TARGET
from core.export.framing import ASPECTS
from desktop import theme
from desktop.i18n import LANGUAGES, tr
from desktop.settings import SettingsStore
from desktop.settings_values import SYSTEM
from desktop.widgets import label


class GeneralPage(QWidget):
    """Theme, language, and the length and the shape of a new short."""

    def __init__(self, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.theme = _choice(
            tr("Theme"), {"dark": tr("Dark"), "light": tr("Light"), "system": tr("As the desktop")}
        )
        self.language = _choice(tr("Language"), {SYSTEM: tr("As the desktop"), **LANGUAGES})
        self.length = number_field(
            tr("Length of a new short"), SHORTEST_TARGET, LONGEST_TARGET, step=5
        )
        self.length.setSuffix(tr(" s"))
        self.aspect = _choice(
            tr("Shape of a new short"),
            {name: tr("As the video") if name == "source" else name for name in ASPECTS},
        )
        form = QFormLayout(self)
        form.setHorizontalSpacing(2 * theme.SPACING)
        form.setVerticalSpacing(theme.SPACING + 4)
        form.addRow(label(tr("WINDOW"), "heading"))
        form.addRow(tr("Theme"), self.theme)
        form.addRow(tr("Language"), self.language)
        short = label(tr("A NEW SHORT"), "heading")
        short.setContentsMargins(0, 2 * theme.SPACING, 0, 0)
        form.addRow(short)
        form.addRow(tr("Length"), self.length)
        form.addRow(tr("Shape"), self.aspect)
        self._show()
        self.theme.currentIndexChanged.connect(lambda: store.change(theme=self.theme.currentData()))
        self.language.currentIndexChanged.connect(
            lambda: store.change(language=self.language.currentData())
        )
        self.aspect.currentIndexChanged.connect(
            lambda: store.change(aspect=self.aspect.currentData())
        )
        self.length.valueChanged.connect(lambda seconds: store.change(length=seconds))
        store.changed.connect(self._show)

    def _show(self) -> None:
        settings = self._store.current
        for choice, value in (
            (self.theme, settings.theme),
            (self.language, settings.language),
            (self.aspect, settings.aspect),
        ):
            with QSignalBlocker(choice):
                choice.setCurrentIndex(choice.findData(value))
        with QSignalBlocker(self.length):
            self.length.setValue(settings.length)


def number_field(name: str, least: float, most: float, *, step: float) -> QDoubleSpinBox:
    """A field for a number with one decimal, heard of when it is whole."""
    made = QDoubleSpinBox(decimals=1, minimum=least, maximum=most, singleStep=step)
    made.setAccessibleName(name)
    made.setKeyboardTracking(False)
    # The style sheet cannot: its padding moves the buttons only.
    made.lineEdit().setTextMargins(theme.SPACING - 2, 0, 0, 0)
    return made


def _choice(name: str, choices: dict[str, str]) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    for value, text in choices.items():
        made.addItem(text, value)
    return made
