"""What is shown while no video is open: how it works, what can be gone on with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop import theme
from desktop.i18n import tr
from desktop.icons import icon
from desktop.panels.drop_area import DropArea
from desktop.panels.recent import RecentItem, RecentList
from desktop.panels.recovery import RecoverableItem, RecoveryOffer
from desktop.widgets import label, push_button

_PICTURE = QSize(32, 32)


class Welcome(QScrollArea):
    """The empty state: the drop area, above it what was left over, below it what was open lately.

    Args:
        parent: The widget around.
        first_start: Says in a card above how it works.
    """

    open_wanted = Signal()
    sample_wanted = Signal()
    dismissed = Signal()
    recent_wanted = Signal(str)
    forget_wanted = Signal(str)
    recover_wanted = Signal(str)
    discard_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, first_start: bool = False) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.card = WelcomeCard()
        self.card.setVisible(first_start)
        self.drop = DropArea()
        self.recent = RecentList()
        self._offers = QVBoxLayout()
        self._offers.setSpacing(4)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(*(4 * [3 * theme.SPACING]))
        column.setSpacing(2 * theme.SPACING)
        column.addWidget(self.card)
        column.addLayout(self._offers)
        column.addWidget(self.drop, 1)
        column.addWidget(self.recent)
        self.setWidget(page)
        self.card.dismissed.connect(self._dismiss)
        self.card.sample_wanted.connect(self.sample_wanted)
        self.drop.sample_wanted.connect(self.sample_wanted)
        self.drop.open_wanted.connect(self.open_wanted)
        self.recent.recent_wanted.connect(self.recent_wanted)
        self.recent.forget_wanted.connect(self.forget_wanted)

    def set_recent(self, items: Sequence[RecentItem]) -> None:
        """Shows what was open lately, the latest first."""
        self.recent.set_items(items)

    def set_recoverable(self, items: Sequence[RecoverableItem]) -> None:
        """Offers what sessions that broke off have left."""
        for old in self.findChildren(RecoveryOffer):
            self._offers.removeWidget(old)
            old.hide()
            old.deleteLater()
        for item in items:
            offer = RecoveryOffer(item)
            offer.recover_wanted.connect(self.recover_wanted)
            offer.discard_wanted.connect(self.discard_wanted)
            self._offers.addWidget(offer)

    def _dismiss(self) -> None:
        self.card.hide()
        self.drop.open_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.dismissed.emit()


class WelcomeCard(QFrame):
    """How it works, in three pictures and lines."""

    sample_wanted = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        colours = theme.palette()
        self.setStyleSheet(
            f"#card {{ background: {colours.panel}; border-radius: 8px; }}"
            "#card QLabel { background: transparent; }"
        )
        steps = QHBoxLayout()
        steps.setSpacing(3 * theme.SPACING)
        for image, text in (
            ("curve", tr("Drop a video and watch its curve of emotion grow.")),
            ("cuts", tr("Keep, trim and reorder the cuts that are suggested.")),
            ("portrait", tr("Export the short in 9:16.")),
        ):
            steps.addLayout(_step(image, text), 1)
        sample = push_button(
            tr("Try the sample"), tr("Open a short video that comes with the application"),
            "primary",
        )  # fmt: skip
        got_it = push_button(tr("Got it"), tr("Do not show this again"))
        sample.clicked.connect(self.sample_wanted)
        got_it.clicked.connect(self.dismissed)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACING)
        row.addWidget(label(tr("Everything stays on this machine."), "secondary"))
        row.addStretch()
        row.addWidget(sample)
        row.addWidget(got_it)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * [2 * theme.SPACING]))
        column.setSpacing(2 * theme.SPACING)
        column.addLayout(steps)
        column.addLayout(row)


def _step(image: str, text: str) -> QHBoxLayout:
    picture = QLabel()
    picture.setPixmap(icon(image, theme.palette().accent).pixmap(_PICTURE))
    row = QHBoxLayout()
    row.setSpacing(theme.SPACING + 4)
    row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(text, wrap=True), 1, Qt.AlignmentFlag.AlignVCenter)
    return row
