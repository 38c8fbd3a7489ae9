"""Length, shape and title of the short: fields that show the wishes and change them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QWidget

from core.cutting.suggest import LONGEST_TARGET, SHORTEST_TARGET
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr

LENGTHS = (15, 30, 60, 90)


class LengthField(QComboBox):
    """The target length in seconds, chosen or typed; what is no length is shown as wrong."""

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._gesture = ""
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setCompleter(None)  # type: ignore[arg-type]
        self.addItems([_length_text(seconds) for seconds in LENGTHS])
        self.setFixedWidth(84)
        self.setAccessibleName(tr("Target length"))
        self.currentTextChanged.connect(self._typed)
        self.activated.connect(self._end)
        self._line().editingFinished.connect(self._end)
        editor.project_changed.connect(self._show)
        self._end()

    def seconds(self) -> float | None:
        """The length, None while what is typed is not one."""
        text = self.currentText().strip().removesuffix(tr("s")).removesuffix("s").strip()
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            return None
        return value if SHORTEST_TARGET <= value <= LONGEST_TARGET else None

    def _line(self) -> QLineEdit:
        line = self.lineEdit()
        assert line is not None
        return line

    def _typed(self) -> None:
        seconds = self.seconds()
        self._mark(wrong=seconds is None)
        self._gesture = self._gesture or self._editor.new_gesture()
        if seconds is not None and seconds != self._editor.project.wishes.length:
            self._editor.set_wish(tr("Target length"), gesture=self._gesture, length=seconds)

    def _end(self) -> None:
        """Typing is over: the next change is another edit, and what is no length goes."""
        self._gesture = ""
        self._put(self._editor.project.wishes.length)

    def _show(self) -> None:
        length = self._editor.project.wishes.length
        typing = self._line().hasFocus() and self.seconds() is None and bool(self._gesture)
        if self.seconds() != length and not typing:
            self._put(length)

    def _put(self, length: float) -> None:
        self.blockSignals(True)
        text = _length_text(length)
        # The arrow keys step from the current entry, which typing does not change.
        self.setCurrentIndex(self.findText(text))
        self.setEditText(text)
        self.blockSignals(False)
        self._mark(wrong=False)

    def _mark(self, *, wrong: bool) -> None:
        danger = theme.palette().danger
        self.setStyleSheet(f"QComboBox {{ color: {danger}; border-color: {danger}; }}" * wrong)
        told = tr("Target length of the short, in seconds")
        if wrong:
            least, most = f"{SHORTEST_TARGET:g}", f"{LONGEST_TARGET:g}"
            told = tr("Write seconds from {least} to {most}", least=least, most=most)
        self.setToolTip(told)
        self.setAccessibleDescription(self.toolTip())


class AspectField(QComboBox):
    """The shape of the short.

    Args:
        editor: The document.
        aspects: Names of the shapes as :class:`core.export.look.Look` has them.
        parent: Owner.
    """

    def __init__(
        self, editor: Editor, aspects: Iterable[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        for aspect in aspects:
            self.addItem(tr("source") if aspect == "source" else aspect, aspect)
        self.setToolTip(tr("Shape of the short"))
        self.setAccessibleName(tr("Shape"))
        self.currentIndexChanged.connect(self._chosen)
        editor.project_changed.connect(self._show)
        self._show()

    def _chosen(self) -> None:
        aspect = self.currentData()
        if aspect != self._editor.project.wishes.look.aspect:
            self._editor.set_look(tr("Shape"), aspect=aspect)

    def _show(self) -> None:
        self.blockSignals(True)
        self.setCurrentIndex(self.findData(self._editor.project.wishes.look.aspect))
        self.blockSignals(False)


class TitleField(QLineEdit):
    """The title of the short; what is typed in one go is one edit."""

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._gesture = ""
        self.setPlaceholderText(tr("Title (optional)"))
        self.setMaxLength(120)
        self.setMinimumWidth(72)
        self.setMaximumWidth(180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(tr("Shown over the first seconds of the short"))
        self.setAccessibleName(tr("Title"))
        self.textChanged.connect(self._typed)
        self.editingFinished.connect(self._end)
        editor.project_changed.connect(self._show)
        self._show()

    def _typed(self, text: str) -> None:
        if text != self._editor.project.wishes.look.title:
            self._gesture = self._gesture or self._editor.new_gesture()
            self._editor.set_look(tr("Title"), gesture=self._gesture, title=text)

    def _end(self) -> None:
        self._gesture = ""

    def _show(self) -> None:
        title = self._editor.project.wishes.look.title
        if self.text() != title:
            self.blockSignals(True)
            self.setText(title)
            self.blockSignals(False)


def _length_text(seconds: float) -> str:
    return tr("{seconds} s", seconds=f"{seconds:g}")
