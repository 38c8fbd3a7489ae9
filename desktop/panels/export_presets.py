"""The presets of an export: which are written, what each needs, and what becomes of its file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from core.export.look import Look
from core.export.presets import PRESETS, Preset
from desktop import theme
from desktop.i18n import tr, tr_message
from desktop.jobs.export_work import Foreseen
from desktop.panels.elided_label import ElidedLabel
from desktop.panels.export_words import preset_line, preset_title, size_text, time_text
from desktop.widgets import WrappedText, label

_INDENT = 26


class PresetRows(QWidget):
    """One row for every preset.

    Signals:
        changed: Others are chosen.
        settled: Another name was chosen for a file that is there already.
    """

    changed = Signal()
    settled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = {name: PresetRow(preset) for name, preset in PRESETS.items()}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        for row in self.rows.values():
            column.addWidget(row)
            row.check.toggled.connect(self.changed)
            row.existing.currentIndexChanged.connect(self.settled)
        first = next(iter(self.rows.values()))
        first.check.setChecked(True)

    @property
    def chosen(self) -> list[str]:
        """The names of the presets that are written."""
        return [name for name, row in self.rows.items() if row.check.isChecked()]

    def show_look(self, look: Look) -> None:
        """Tells what each preset makes of the look of a project."""
        for row in self.rows.values():
            row.show_look(look)

    def show_foreseen(self, foreseen: Mapping[str, Foreseen]) -> None:
        """Tells what is to be expected of those that are chosen."""
        for name, row in self.rows.items():
            row.show_foreseen(foreseen.get(name))

    def target(self, name: str) -> tuple[Path, bool] | None:
        """Where a preset goes and whether it may replace what is there; None if nobody knows."""
        return self.rows[name].target


class PresetRow(QWidget):
    """One preset with its estimate, its file, and where it goes beyond what is accepted."""

    def __init__(self, preset: Preset, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preset = preset
        self._foreseen: Foreseen | None = None
        title = preset_title(preset.name)
        self.check = QCheckBox(title)
        self._line = label("", "secondary", wrap=True)
        self.figures = label("", "secondary")
        self.figures.setFont(theme.tabular(self.font()))
        self.figures.setToolTip(tr("About the size of the file and the time that writing takes"))
        self.file = ElidedLabel("secondary", least=60, most=400)
        self.existing = QComboBox()
        self.existing.setAccessibleName(tr("If the file of {title} exists", title=title))
        self.warnings = WrappedText("")
        self.warnings.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.warnings.setStyleSheet(
            "QTextEdit { background: transparent; border: none; padding: 0;"
            f" color: {theme.palette().danger}; }}"
        )
        self.existing.currentIndexChanged.connect(self._show_name)
        self._lay_out()
        self.show_foreseen(None)

    @property
    def target(self) -> tuple[Path, bool] | None:
        """Where it goes, and whether it may replace what is there; None if nobody knows yet."""
        if self._foreseen is None or self._foreseen.expected.refusal:
            return None
        if self._foreseen.free != self._foreseen.output and self.existing.currentData():
            return self._foreseen.output, True
        return self._foreseen.free, False

    def show_look(self, look: Look) -> None:
        """Tells what the preset makes of the look of a project."""
        line = preset_line(self._preset, look)
        self._line.setText(line)
        stated = self._preset.limits.stated
        tip = tr("As stated by {name}", name=tr_message(stated)) if stated else ""
        for part in (self._line, self.check):
            part.setToolTip(tip)
        self.check.setAccessibleDescription(f"{line}. {tip}" if tip else line)

    def show_foreseen(self, foreseen: Foreseen | None) -> None:
        """Tells what is to be expected; None while it is not known, or not chosen."""
        if not self.check.isChecked():
            foreseen = None
        self._foreseen = foreseen
        guess = None if foreseen is None else foreseen.expected.guess
        self.figures.setText(
            ""
            if guess is None
            else tr("≈ {size} · {time}", size=size_text(guess.bytes), time=time_text(guess.seconds))
        )
        told = [] if foreseen is None else [foreseen.expected.refusal, *foreseen.expected.warnings]
        told = [tr_message(sentence) for sentence in told if sentence]
        told = [sentence[:1].upper() + sentence[1:] for sentence in told]
        self.warnings.set_text("\n".join(told))
        self.warnings.setVisible(bool(told))
        self._show_file()

    def _show_file(self) -> None:
        foreseen = self._foreseen
        there = foreseen is not None and foreseen.free != foreseen.output
        self.file.setVisible(foreseen is not None and not foreseen.expected.refusal)
        self.existing.setVisible(there)
        if foreseen is None:
            return
        replace = there and bool(self.existing.currentData())
        with QSignalBlocker(self.existing):
            self.existing.clear()
            self.existing.addItem(tr("There already: keep both"), False)
            self.existing.addItem(tr("There already: replace"), True)
            self.existing.setCurrentIndex(int(replace))
        self.existing.setToolTip(tr("{name} is there already.", name=foreseen.output.name))
        self._show_name()

    def _show_name(self) -> None:
        target = self.target
        if target is not None:
            self.file.set_text(target[0].name, str(target[0]))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.SPACING)
        top.addWidget(self.check)
        top.addStretch(1)
        top.addWidget(self.figures)
        below = QHBoxLayout()
        below.setSpacing(theme.SPACING)
        below.addWidget(self.file)
        below.addStretch(1)
        below.addWidget(self.existing)
        details = QVBoxLayout()
        details.setContentsMargins(_INDENT, 0, 0, 0)
        details.setSpacing(4)
        details.addWidget(self._line)
        details.addLayout(below)
        details.addWidget(self.warnings)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addLayout(details)
