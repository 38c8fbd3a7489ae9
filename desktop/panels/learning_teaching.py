"""Whether the application learns, what it has learned, and a training that goes on."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop import theme
from desktop.i18n import tr, tr_message
from desktop.jobs.learning_state import ProfileState
from desktop.panels.learning_words import next_training_text
from desktop.widgets import WrappedText, icon_button, label, push_button

_STEPS = 1000


class TeachingPart(QWidget):
    """The switch, the button that trains, and what is to be known about both.

    Signals:
        collecting_wanted: Whether corrections shall be collected.
        training_wanted: A new version.
        cancel_wanted: An end to the training that goes on.
        offer_declined: The training that was offered is not wanted.
    """

    collecting_wanted = Signal(bool)
    training_wanted = Signal()
    cancel_wanted = Signal()
    offer_declined = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = False
        self._possible = False
        self.collect = QCheckBox(tr("Learn from my corrections"))
        self.collect.setToolTip(
            tr(
                "What you keep, change and reject is kept in a library on this machine, with what "
                "was measured of the videos; nothing is sent"
            )
        )
        self.collect.setAccessibleDescription(self.collect.toolTip())
        self.train = push_button(
            tr("Learn now"), tr("Makes a new version of the suggestions from your corrections")
        )
        self.bar = QProgressBar(textVisible=False, maximum=_STEPS)
        self.bar.setAccessibleName(tr("Progress of the training"))
        self.cancel = push_button(tr("Cancel"), tr("Stop the training; nothing changes"))
        self.message = label(role="secondary", wrap=True)
        self.message.setFont(theme.tabular(self.font()))
        self.learnt = label(wrap=True)
        self.offer = Offer()
        self._compose()
        self._connect()
        self.show_busy(False)

    def show_collecting(self, on: bool) -> None:
        """Shows whether corrections are collected."""
        with QSignalBlocker(self.collect):
            self.collect.setChecked(on)

    def show_state(self, state: ProfileState, *, offered: bool) -> None:
        """Shows what a profile has learned, and what its next training waits for.

        Args:
            state: The profile.
            offered: Whether a training is offered.
        """
        self._possible = state.can_train
        told = tr_message(state.learnt)
        self.learnt.setText(told)
        self.learnt.setVisible(bool(told))
        self.offer.setVisible(offered and not self._busy)
        if not self._busy:
            self._say(next_training_text(state))
        self.train.setEnabled(self._possible and not self._busy)

    def show_busy(self, busy: bool) -> None:
        """Shows whether a training goes on."""
        before, self._busy = self._busy, busy
        self.bar.setValue(0)
        self.bar.setVisible(busy)
        self.cancel.setEnabled(True)
        if busy and not before and self.train.hasFocus():
            self.cancel.show()
            self.cancel.setFocus()
        elif before and not busy and self.cancel.hasFocus():
            self.collect.setFocus()
        self.cancel.setVisible(busy)
        self.train.setEnabled(self._possible and not busy)
        self.offer.setVisible(self.offer.isVisible() and not busy)
        self._say(tr("Beginning") if busy else "")

    def show_progress(self, fraction: float, message: str) -> None:
        """Shows how far the training is."""
        if not self._busy:
            return
        self.bar.setValue(round(_STEPS * fraction))
        parts = [tr("{percent} %", percent=f"{100 * fraction:.0f}")]
        if message:
            parts.append(tr_message(message))
        self._say(" · ".join(parts))

    def _compose(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACING)
        row.addWidget(self.collect)
        row.addStretch(1)
        row.addWidget(self.bar, 2)
        row.addWidget(self.cancel)
        row.addWidget(self.train)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        column.addLayout(row)
        column.addWidget(self.message)
        column.addWidget(self.learnt)
        column.addWidget(self.offer)

    def _connect(self) -> None:
        self.collect.toggled.connect(self.collecting_wanted)
        self.train.clicked.connect(self.training_wanted)
        self.cancel.clicked.connect(self._stop)
        self.offer.decline.clicked.connect(self.offer_declined)

    def _stop(self) -> None:
        self.cancel.setEnabled(False)
        self._say(tr("Stopping…"))
        self.cancel_wanted.emit()

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))


class Offer(QFrame):
    """Says that a training would pay; once, and in its place only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.text = WrappedText(tr("Your corrections can improve the suggestions."))
        self.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.decline = icon_button("close", tr("Not now"), role="flat")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACING + 4, 6, 6, 6)
        row.setSpacing(theme.SPACING)
        row.addWidget(self.text, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.decline)
        self.hide()
