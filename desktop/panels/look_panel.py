"""How the short looks and sounds: layout, captions, cards, music, and how a cut joins the last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.panels.elided_label import ElidedLabel
from desktop.panels.join_fields import JoinFields
from desktop.panels.preferences_general import number_field
from desktop.panels.wheel_keeper import WheelKeeper
from desktop.widgets import icon_button, label, push_button, with_keys

_SOUNDS = "*.mp3 *.m4a *.aac *.wav *.flac *.ogg *.opus *.mp4 *.mov"
_LONGEST_CARD = 120


class LookPanel(QScrollArea):
    """What of the look is not in the bar; every change is an edit that can be undone.

    Args:
        editor: The document.
        keys: The keys of a command, as texts.
        parent: Owner.

    Signals:
        follow_wanted: Find the way of the subject in the cut.
        reset_wanted: Forget the keyframes of the selected cuts.
    """

    follow_wanted = Signal()
    reset_wanted = Signal()

    def __init__(
        self, editor: Editor, keys: Callable[[str], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._gesture = ""
        self.layout_choice = _choice(
            tr("Layout"),
            {
                "fill": tr("Fill the picture"),
                "whole": tr("All of it, with bars"),
                "blur": tr("All of it, blurred behind"),
                "split": tr("Two windows"),
            },
        )
        self.follow = _check(tr("Follow the subject"), tr("In all cuts that have no keyframes"))
        self.follow_cut = push_button(
            tr("Find it in this cut"),
            with_keys(tr("Makes keyframes that you can move"), keys("window.follow")),
        )
        self.reset = push_button(
            tr("Forget keyframes"),
            with_keys(tr("Of the selected cuts"), keys("window.reset")),
        )
        self.captions = _check(tr("Draw captions"), tr("Into the picture of the short"))
        self.caption_style = _choice(
            tr("Style of captions"),
            {
                "clean": tr("Clean"),
                "boxed": tr("On a box"),
                "bold": tr("Bold"),
                "word": tr("Word by word"),
            },
        )
        self.opening_card = _line(tr("Card at the begin"))
        self.end_card = _line(tr("Card at the end"))
        self.music = ElidedLabel(least=40, most=160)
        self.choose_music = push_button(tr("Choose"), tr("A sound file that plays under the short"))
        self.no_music = icon_button("close", tr("No music"), role="flat")
        self.music_level = number_field(tr("Level of the music in dB"), -60, 12, step=1)
        self.music_level.setSuffix(" dB")
        self.duck = _check(tr("Give way to speech"), tr("Music is quieter while the video is loud"))
        self.gate = _check(tr("Noise gate"), tr("Silences what is quieter than the rest"))
        self.join = JoinFields(editor)
        self._compose()
        self._connect()
        self._show()

    def _compose(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(2 * theme.SPACING)
        form.setVerticalSpacing(theme.SPACING)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow(_heading(tr("PICTURE"), first=True))
        form.addRow(tr("Layout"), self.layout_choice)
        form.addRow(self.follow)
        form.addRow(_row(self.follow_cut, self.reset))
        form.addRow(_heading(tr("TEXT")))
        form.addRow(self.captions)
        form.addRow(tr("Captions"), self.caption_style)
        form.addRow(tr("First card"), self.opening_card)
        form.addRow(tr("Last card"), self.end_card)
        form.addRow(_heading(tr("SOUND")))
        form.addRow(tr("Music"), _row(self.music, self.no_music, self.choose_music, stretched=0))
        form.addRow(tr("Level"), self.music_level)
        form.addRow(self.duck)
        form.addRow(self.gate)
        form.addRow(_heading(tr("FROM THE CUT BEFORE")))
        form.addRow(self.join)
        panel = QWidget()
        panel.setObjectName("panel")
        panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inset = QVBoxLayout(panel)
        inset.setContentsMargins(theme.SPACING + 4, theme.SPACING + 4, theme.SPACING + 4, 4)
        inset.addLayout(form)
        inset.addStretch(1)
        self.setWidget(panel)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        WheelKeeper(panel)

    def _connect(self) -> None:
        editor = self._editor
        self.layout_choice.currentIndexChanged.connect(
            lambda: editor.set_look(tr("Layout"), layout=self.layout_choice.currentData())
        )
        self.caption_style.currentIndexChanged.connect(
            lambda: editor.set_look(
                tr("Style of captions"), caption_style=self.caption_style.currentData()
            )
        )
        for check, field in self._checks():
            check.toggled.connect(
                lambda on, field=field, check=check: editor.set_look(check.text(), **{field: on})
            )
        for line, field in self._lines():
            line.textEdited.connect(
                lambda text, line=line, field=field: self._typed(line, field, text)
            )
            line.editingFinished.connect(self._end_typing)
        self.music_level.valueChanged.connect(
            lambda level: editor.set_look(tr("Level of the music"), music_level=level)
        )
        self.choose_music.clicked.connect(self._ask_for_music)
        self.no_music.clicked.connect(lambda: editor.set_look(tr("No music"), music=None))
        self.follow_cut.clicked.connect(self.follow_wanted)
        self.reset.clicked.connect(self.reset_wanted)
        editor.project_changed.connect(self._show)
        editor.selection_changed.connect(self._show)

    def _checks(self) -> tuple[tuple[QCheckBox, str], ...]:
        return (
            (self.follow, "follow"),
            (self.captions, "captions"),
            (self.duck, "duck"),
            (self.gate, "gate"),
        )

    def _lines(self) -> tuple[tuple[QLineEdit, str], ...]:
        return (self.opening_card, "opening_card"), (self.end_card, "end_card")

    def _show(self) -> None:
        look = self._editor.project.wishes.look
        for choice, value in (
            (self.layout_choice, look.layout),
            (self.caption_style, look.caption_style),
        ):
            with QSignalBlocker(choice):
                choice.setCurrentIndex(choice.findData(value))
        for check, field in self._checks():
            with QSignalBlocker(check):
                check.setChecked(getattr(look, field))
        for line, field in self._lines():
            if line.text() != getattr(look, field):
                line.setText(getattr(look, field))
        with QSignalBlocker(self.music_level):
            self.music_level.setValue(look.music_level)
        self.music.set_text(look.music.name if look.music else tr("None"), str(look.music or ""))
        for part in (self.no_music, self.music_level, self.duck):
            part.setEnabled(look.music is not None)
        self.follow.setEnabled(look.layout in ("fill", "split"))
        self.caption_style.setEnabled(look.captions)
        chosen = self._editor.selected_cut()
        self.follow_cut.setEnabled(look.layout == "fill" and bool(self._editor.project.short))
        self.reset.setEnabled(chosen is not None and bool(chosen.camera))

    def _typed(self, line: QLineEdit, field: str, text: str) -> None:
        self._gesture = self._gesture or self._editor.new_gesture()
        self._editor.set_look(line.accessibleName(), gesture=self._gesture, **{field: text})

    def _end_typing(self) -> None:
        self._gesture = ""

    def _ask_for_music(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Music"), "", f"{tr('Sound files')} ({_SOUNDS});;{tr('All files')} (*)"
        )
        if name:
            self._editor.set_look(tr("Music"), music=Path(name))


def _choice(name: str, choices: dict[str, str]) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    for value, text in choices.items():
        made.addItem(text, value)
    return made


def _check(text: str, tip: str) -> QCheckBox:
    made = QCheckBox(text)
    made.setToolTip(tip)
    made.setAccessibleDescription(tip)
    return made


def _line(name: str) -> QLineEdit:
    made = QLineEdit()
    made.setPlaceholderText(tr("No card"))
    made.setMaxLength(_LONGEST_CARD)
    made.setAccessibleName(name)
    return made


def _heading(text: str, *, first: bool = False) -> QWidget:
    made = label(text, "heading")
    if not first:
        made.setContentsMargins(0, theme.SPACING, 0, 0)
    return made


def _row(*widgets: QWidget, stretched: int = -1) -> QHBoxLayout:
    made = QHBoxLayout()
    made.setSpacing(theme.SPACING)
    for number, widget in enumerate(widgets):
        made.addWidget(widget, int(number == stretched))
    return made
