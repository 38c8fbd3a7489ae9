"""What is heard in a stretch, and what the editor says about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.analysis.heard import heard_in
from core.networks.emotion_classes import EMOTIONS
from core.project.emotion_corrections import Corrections, EmotionCorrection
from core.time import Span
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.panels.emotion_parts import HeardBars, LevelControl
from desktop.panels.wheel_keeper import WheelKeeper
from desktop.timeline.emotion_menu import corrections_of, emotion_icon, emotion_names
from desktop.widgets import label, push_button

_COLUMNS = 2
_AS_HEARD = len(EMOTIONS)
_LIST_HEIGHT = 120


class EmotionPanel(QWidget):
    """Corrects the emotion of the marked stretch, or of the selected cut without one.

    Args:
        editor: The document.
    """

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._editor = editor
        self._shown: tuple[Span | None, EmotionCorrection | None] = (None, None)
        self._listed: Corrections = ()
        self._empty = label(
            tr("Mark a stretch on the timeline with Shift and drag, or select a cut."),
            "secondary",
            wrap=True,
        )
        self.times = QLabel()
        self.times.setFont(theme.tabular(self.font()))
        self._source = label(role="secondary")
        self.heard = HeardBars()
        self.arousal = LevelControl(tr("Arousal"), tr("calm"), tr("excited"))
        self.valence = LevelControl(tr("Valence"), tr("unpleasant"), tr("pleasant"))
        self.apply = push_button(
            tr("Apply"), tr("Says what is heard in this stretch"), role="primary"
        )
        self.as_heard = push_button(
            tr("As it was heard"), tr("Forgets what was corrected in this stretch")
        )
        self.corrections = QListWidget()
        self.corrections.setAccessibleName(tr("Corrections in this video"))
        self.corrections.setMaximumHeight(_LIST_HEIGHT)
        self._heading = label(tr("CORRECTIONS IN THIS VIDEO"), "heading")
        self._choices = QButtonGroup(self)
        self._body = self._compose_body()
        self._below = self._compose_buttons()
        self._compose()
        self._heading.hide()
        self.corrections.hide()
        self._choices.idClicked.connect(self._settle)
        self.arousal.changed.connect(self._settle)
        self.valence.changed.connect(self._settle)
        self.apply.clicked.connect(self._apply)
        self.as_heard.clicked.connect(self._forget)
        self.corrections.itemClicked.connect(self._mark)
        self.corrections.itemActivated.connect(self._mark)
        for signal in (
            editor.media_changed,
            editor.analysis_changed,
            editor.selection_changed,
            editor.project_changed,
            editor.marked,
        ):
            signal.connect(self._show)
        self._show()

    @property
    def span(self) -> Span | None:
        """The stretch that is shown: the marked one, or that of the selected cut."""
        if self._editor.info is None:
            return None
        if self._editor.mark is not None:
            return self._editor.mark
        cut = self._editor.selected_cut()
        return cut.span if cut is not None and cut.medium == self._editor.medium else None

    def choose(self, emotion: str | None) -> None:
        """Chooses an emotion, or to leave it as it was heard."""
        button = self._choices.button(_AS_HEARD if emotion is None else EMOTIONS.index(emotion))
        button.setChecked(True)
        self._settle()

    @property
    def chosen(self) -> str | None:
        """The emotion that is chosen; None for the one that was heard."""
        number = self._choices.checkedId()
        return EMOTIONS[number] if number != _AS_HEARD else None

    def _compose_body(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        top = QHBoxLayout()
        top.addWidget(self.times)
        top.addStretch()
        top.addWidget(self._source)
        column.addLayout(top)
        column.addWidget(label(tr("WHAT WAS HEARD"), "heading"))
        column.addWidget(self.heard)
        column.addWidget(label(tr("WHAT IT IS"), "heading"))
        grid = QGridLayout()
        grid.setSpacing(theme.SPACING // 2)
        leave = push_button(tr("as heard"), tr("Leaves the emotion that was heard"))
        self._add_choice(leave, _AS_HEARD)
        grid.addWidget(leave, 0, 0)
        names = emotion_names()
        for number, emotion in enumerate(EMOTIONS):
            button = push_button(names[emotion])
            button.setIcon(emotion_icon(emotion))
            self._add_choice(button, number)
            grid.addWidget(button, (number + 1) // _COLUMNS, (number + 1) % _COLUMNS)
        column.addLayout(grid)
        column.addWidget(self.arousal)
        column.addWidget(self.valence)
        return body

    def _compose_buttons(self) -> QWidget:
        """Below what scrolls, so that they are always in sight."""
        below = QWidget()
        below.setObjectName("panel")
        row = QHBoxLayout(below)
        margin = theme.SPACING + 4
        row.setContentsMargins(margin, theme.SPACING // 2, margin, theme.SPACING)
        row.addWidget(self.apply)
        row.addWidget(self.as_heard)
        row.addStretch()
        return below

    def _add_choice(self, button: QPushButton, number: int) -> None:
        button.setCheckable(True)
        button.setStyleSheet(
            "QPushButton { text-align: left; }"
            f"QPushButton:checked {{ border: 2px solid {theme.palette().text}; font-weight: 600; }}"
        )
        self._choices.addButton(button, number)

    def _compose(self) -> None:
        inside = QWidget()
        inside.setObjectName("panel")
        column = QVBoxLayout(inside)
        margin = theme.SPACING + 4
        column.setContentsMargins(margin, margin, margin, theme.SPACING)
        column.setSpacing(theme.SPACING)
        column.addWidget(label(tr("EMOTION"), "heading"))
        column.addWidget(self._empty)
        column.addWidget(self._body)
        column.addWidget(self._heading)
        column.addWidget(self.corrections)
        column.addStretch()
        scroll = QScrollArea()
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        WheelKeeper(inside)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        outside.addWidget(scroll, 1)
        outside.addWidget(self._below)

    def _show(self) -> None:
        span = self.span
        self._empty.setVisible(span is None)
        for part in (self._body, self._below):
            part.setVisible(span is not None)
        known = corrections_of(self._editor)
        self._show_corrections()
        before = next((one for one in known if span is not None and span.middle in one.span), None)
        if span is not None:
            self._show_heard(span)
        if (span, before) != self._shown:
            self._shown = (span, before)
            self._show_answer(before)
        self._settle()

    def _show_heard(self, span: Span) -> None:
        self.times.setText(f"{span}")
        marked = self._editor.mark is not None
        self._source.setText(tr("marked stretch") if marked else tr("selected cut"))
        analysis = self._editor.analyses.get(self._editor.medium)
        heard = None if analysis is None else heard_in(analysis, span)
        self.heard.show_heard(heard)
        self.arousal.set_heard(None if heard is None else heard.arousal)
        self.valence.set_heard(None if heard is None else heard.valence)

    def _show_answer(self, before: EmotionCorrection | None) -> None:
        self.choose(None if before is None else before.emotion)
        self.arousal.set_value(None if before is None else before.arousal)
        self.valence.set_value(None if before is None else before.valence)

    def _show_corrections(self) -> None:
        names = emotion_names()
        known = corrections_of(self._editor)
        if known == self._listed:
            return
        self._listed = known
        self._heading.setVisible(bool(known))
        self.corrections.setVisible(bool(known))
        self.corrections.clear()
        for one in known:
            words = [names[one.emotion]] if one.emotion is not None else []
            if one.arousal is not None:
                words.append(tr("arousal {value}", value=f"{one.arousal:+.2f}"))
            if one.valence is not None:
                words.append(tr("valence {value}", value=f"{one.valence:+.2f}"))
            item = QListWidgetItem(f"{one.span}   {', '.join(words)}", self.corrections)
            if one.emotion is not None:
                item.setIcon(emotion_icon(one.emotion))
            item.setData(Qt.ItemDataRole.UserRole, one.span)

    def _settle(self) -> None:
        """Enables what is possible."""
        span, free = self.span, not self._editor.read_only
        told = (self.chosen, self.arousal.value, self.valence.value)
        self.apply.setEnabled(free and span is not None and told != (None, None, None))
        corrected = span is not None and any(
            one.span.overlaps(span) for one in corrections_of(self._editor)
        )
        self.as_heard.setEnabled(free and corrected)

    def _apply(self) -> None:
        span = self.span
        if span is not None:
            self._editor.correct_emotion(
                EmotionCorrection(span, self.chosen, self.arousal.value, self.valence.value)
            )

    def _forget(self) -> None:
        if self.span is not None:
            self._editor.forget_corrections(self.span)

    def _mark(self, item: QListWidgetItem) -> None:
        self._editor.set_mark(item.data(Qt.ItemDataRole.UserRole))
