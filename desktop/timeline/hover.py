"""What is under the pointer: the frame there, its time, all values, and why a cut is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.analysis.highlight import CONTRIBUTIONS
from core.cutting.cut import Cut
from core.time import format_timecode
from desktop import theme
from desktop.i18n import tr, tr_message
from desktop.timeline.highlight import contribution_names

_PICTURE_HEIGHT = 90
_TEXT_WIDTH = 260
_ROW = 16
_NAME = 64
_NUMBER = 40
_LEAST_SHOWN = 0.005
_AWAY = 12


@dataclass(frozen=True)
class Moment:
    """What there is to say about a moment.

    Attributes:
        seconds: The time.
        frame: Number of the frame that is shown then; None if not known.
        picture: A small picture of it, null if not known.
        values: What the lanes say.
        cut: The cut that the pointer is on.
    """

    seconds: float
    frame: int | None
    picture: QPixmap
    values: Sequence[str]
    cut: Cut | None = None


class HoverCard(QFrame):
    """A card beside the pointer that takes neither mouse nor keys."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setStyleSheet(f"#panel {{ border: 1px solid {theme.palette().hairline}; }}")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._picture = QLabel()
        self._time = _text()
        bold = QFont(theme.tabular(self.font()))
        bold.setBold(True)
        self._time.setFont(bold)
        self._values = _text("secondary")
        self._reasons = _text()
        self._bars = _Bars()
        column = QVBoxLayout()
        column.setSpacing(2)
        for part in (self._time, self._values, self._reasons, self._bars):
            column.addWidget(part)
        column.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(*4 * [theme.SPACING])
        row.setSpacing(theme.SPACING)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column)
        self.hide()

    def show_moment(self, moment: Moment, beside: QRect, room: QRect) -> None:
        """Shows what there is to say.

        Args:
            moment: It.
            beside: Stays free, in the coordinates of the parent; above is better than below.
            room: Where the card may be.
        """
        time = format_timecode(moment.seconds)
        if moment.frame is not None:
            time = tr("{time}, frame {number}", time=time, number=moment.frame + 1)
        self._time.setText(time)
        _fill(self._values, "\n".join(moment.values))
        cut = moment.cut
        _fill(self._reasons, "" if cut is None else _why(cut))
        self._bars.show_parts({} if cut is None else dict(cut.contributions))
        self._picture.setVisible(not moment.picture.isNull())
        if not moment.picture.isNull():
            self._picture.setPixmap(_enlarged(moment.picture, self.devicePixelRatioF()))
        layout = self.layout()
        if layout is not None:
            layout.activate()
        size = layout.totalSizeHint() if layout is not None else self.sizeHint()
        self.setGeometry(QRect(_place(size, beside, room), size))
        self.raise_()
        self.show()

    def text(self) -> str:
        """All that is said, for tests and screen readers."""
        parts = (self._time, self._values, self._reasons)
        return "\n".join(part.text() for part in parts if part.text())


class _Bars(QWidget):
    """A bar per contribution."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: dict[str, float] = {}
        font = QFont(theme.tabular(self.font()))
        font.setPixelSize(11)
        self._font = font

    def show_parts(self, parts: dict[str, float]) -> None:
        self._parts = {
            name: parts[name] for name in CONTRIBUTIONS if abs(parts.get(name, 0.0)) >= _LEAST_SHOWN
        }
        self.setFixedHeight(_ROW * len(self._parts))
        self.setVisible(bool(self._parts))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._font)
        names = contribution_names()
        most = max((abs(part) for part in self._parts.values()), default=1.0)
        room = self.width() - _NAME - _NUMBER
        for row, (name, part) in enumerate(self._parts.items()):
            top = row * _ROW
            painter.setPen(QColor(theme.palette().secondary))
            place = QRectF(0, top, _NAME, _ROW)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, names[name])
            colour = QColor(theme.CONTRIBUTION_COLOURS[name])
            bar = QRectF(_NAME, top + 4, max(1.0, room * abs(part) / most), _ROW - 8)
            if part < 0:
                painter.setPen(colour)
                painter.drawRect(bar)
            else:
                painter.fillRect(bar, colour)
            painter.setPen(QColor(theme.palette().text))
            number = QRectF(self.width() - _NUMBER, top, _NUMBER, _ROW)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(number, right, f"{part:+.2f}")


def _text(role: str = "") -> QLabel:
    label = QLabel()
    label.setObjectName(role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setFixedWidth(_TEXT_WIDTH)
    return label


def _fill(label: QLabel, text: str) -> None:
    label.setVisible(bool(text))
    if label.text() != text:
        label.setText(text)
        label.setFixedHeight(label.heightForWidth(_TEXT_WIDTH))


def _why(cut: Cut) -> str:
    length = f"{float(cut.span.duration):.1f}"
    head = tr("Cut of {length} s", length=length)
    if not cut.reasons and not cut.contributions:
        return tr("{cut}, made by you", cut=head)
    return "\n".join((head, *(f"• {tr_message(reason.text)}" for reason in cut.reasons)))


def _enlarged(picture: QPixmap, ratio: float) -> QPixmap:
    made = picture.scaledToHeight(
        round(_PICTURE_HEIGHT * ratio), Qt.TransformationMode.SmoothTransformation
    )
    made.setDevicePixelRatio(ratio)
    return made


def _place(size: QSize, beside: QRect, room: QRect) -> QPoint:
    """Above what stays free, else below it; always in the room."""
    x = min(beside.center().x() + _AWAY, room.right() - size.width())
    above = beside.top() - size.height() - _AWAY // 2
    below = beside.bottom() + _AWAY // 2
    fits_below = below + size.height() <= room.bottom()
    y = above if above >= room.top() or not fits_below else below
    y = max(room.top(), min(y, room.bottom() - size.height()))
    return QPoint(max(room.left(), x), y)
