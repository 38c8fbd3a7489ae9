"""How the selected cut follows the one that is played before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QFormLayout, QWidget

from core.export.clip import Join
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.panels.preferences_general import number_field
from desktop.widgets import label

_LONGEST = 5.0


class JoinFields(QWidget):
    """Seconds of crossfade, and by how much the sound changes earlier or later.

    Args:
        editor: The document.
        parent: Owner.
    """

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self.crossfade = number_field(tr("Crossfade in seconds"), 0, _LONGEST, step=0.1)
        self.crossfade.setToolTip(tr("The picture before goes on and fades over into this cut"))
        self.sound = number_field(
            tr("Sound changes later, in seconds"), -_LONGEST, _LONGEST, step=0.1
        )
        self.sound.setToolTip(
            tr("Below zero this cut is heard before it is seen (J), above zero after it (L)")
        )
        for field in (self.crossfade, self.sound):
            field.setSuffix(tr(" s"))
        self.hint = label("", "secondary", wrap=True)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(2 * theme.SPACING)
        form.setVerticalSpacing(theme.SPACING)
        form.addRow(tr("Crossfade"), self.crossfade)
        form.addRow(tr("Sound later by"), self.sound)
        form.addRow(self.hint)
        self.crossfade.valueChanged.connect(
            lambda seconds: self._change(lambda join: replace(join, crossfade=_exact(seconds)))
        )
        self.sound.valueChanged.connect(
            lambda seconds: self._change(lambda join: replace(join, sound=_exact(seconds)))
        )
        editor.project_changed.connect(self._show)
        editor.selection_changed.connect(self._show)
        self._show()

    def _change(self, edit: Callable[[Join], Join]) -> None:
        chosen = self._editor.selected_cut()
        if chosen is not None:
            self._editor.set_join(chosen.identifier, edit(chosen.join))

    def _show(self) -> None:
        chosen = self._editor.selected_cut()
        short = self._editor.project.short
        follows = chosen is not None and chosen in short[1:]
        join = chosen.join if chosen is not None else Join()
        for field, value in ((self.crossfade, join.crossfade), (self.sound, join.sound)):
            with QSignalBlocker(field):
                field.setValue(float(value))
            field.setEnabled(chosen is not None and follows and not chosen.locked)
        if chosen is None:
            hint = tr("Select a cut.")
        elif not follows:
            hint = tr("Nothing is played before this cut.")
        else:
            hint = ""
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))


def _exact(seconds: float) -> Fraction:
    return Fraction(round(seconds * 10), 10)
