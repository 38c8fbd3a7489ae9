"""The lanes below each other with their headers; who is shown, where and how high."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsLineItem,
    QGraphicsRectItem,
    QMenu,
    QScrollArea,
    QWidget,
)

from desktop import theme
from desktop.i18n import tr
from desktop.settings import SettingsStore
from desktop.timeline.lane import Lane
from desktop.timeline.lane_header import HEADER_WIDTH, LaneHeader
from desktop.timeline.lane_layout import LaneLayout
from desktop.timeline.lanes_view import LanesView

_GAP = 3
_TALLER = 16
_LEAST_ROOM = 120


class LaneStack(QScrollArea):
    """Scrolls up and down where there is less room than lanes.

    Args:
        lanes: All lanes with their keys, in the usual order.
        store: Keeps the arrangement.

    Signals:
        arranged: Other lanes are shown, or elsewhere.
    """

    arranged = Signal()

    def __init__(self, lanes: Sequence[Lane], store: SettingsStore | None = None) -> None:
        super().__init__()
        self._store = store
        self._lanes = {lane.key: lane for lane in lanes}
        defaults = {lane.key: lane.height_wanted for lane in lanes}
        if store is None:
            self.layout_of_lanes = LaneLayout.of(defaults)
        else:
            kept = store.current
            self.layout_of_lanes = LaneLayout.of(
                defaults, kept.lane_order, kept.hidden_lanes, kept.lane_heights
            )
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Lanes"))
        self._body = QWidget()
        self.view = LanesView(self._body)
        self.view.setAccessibleName(tr("Timeline"))
        self.view.scrolled.connect(self._scroll)
        self.headers = {key: self._header(lane) for key, lane in self._lanes.items()}
        for lane in lanes:
            self.view.scene().addItem(lane)
        self._mark_span: tuple[float, float] | None = None
        self._playhead = 0.0
        self._range = (0.0, 1.0)
        self._make_overlays()
        self.setWidget(self._body)
        self._arrange()

    def _make_overlays(self) -> None:
        colours = theme.palette()
        self._line = QGraphicsLineItem()
        self._line.setPen(QPen(QColor(colours.text), 1))
        self._line.setZValue(1000)
        fill = QColor(colours.accent)
        fill.setAlpha(50)
        self._mark = QGraphicsRectItem()
        self._mark.setBrush(fill)
        self._mark.setPen(QPen(QColor(colours.accent), 1))
        self._mark.setZValue(900)
        for item in (self._line, self._mark):
            item.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
            item.hide()
            self.view.scene().addItem(item)

    # What is drawn over all lanes

    def set_range(self, low: float, high: float) -> None:
        """Shows a stretch, in seconds, on the lanes that are shown."""
        self._range = (low, high)
        for key in self.layout_of_lanes.shown:
            self._lanes[key].set_range(low, high)
        self._place_overlays()

    def set_playhead(self, seconds: float, *, shown: bool) -> None:
        """Moves the line across all lanes."""
        self._playhead = seconds
        self._line.setVisible(shown)
        self._place_line()

    def show_mark(self, span: tuple[float, float] | None) -> None:
        """Shows the marked stretch, in seconds."""
        self._mark_span = span
        self._mark.setVisible(span is not None)
        self._place_overlays()

    def seconds_at(self, x: float) -> float:
        """The time at a pixel of the view."""
        low, high = self._range
        return low + x * (high - low) / max(1, self.view.width())

    def _x(self, seconds: float) -> float:
        low, high = self._range
        return (seconds - low) / (high - low) * self.view.width()

    def _place_overlays(self) -> None:
        if self._mark_span is not None:
            left, right = (round(max(-2.0, min(self._x(t), 1e5))) for t in self._mark_span)
            self._mark.setRect(QRectF(left, -1, max(1, right - left), self.view.height() + 2))
        self._place_line()

    def _place_line(self) -> None:
        x = round(max(-2.0, min(self._x(self._playhead), self.view.width() + 2.0)))
        if self._line.line().x1() != x or self._line.line().y2() != self.view.height():
            self._line.setLine(QLineF(x, 0, x, self.view.height()))

    def _scroll(self, pixels: float) -> None:
        self.verticalScrollBar().setValue(round(self.verticalScrollBar().value() - pixels))

    # The arrangement

    @property
    def lanes(self) -> list[Lane]:
        """All lanes, also those that are hidden, the upmost first."""
        return [self._lanes[key] for key in self.layout_of_lanes.order]

    @property
    def shown(self) -> list[Lane]:
        """The lanes that are shown, the upmost first."""
        return [self._lanes[key] for key in self.layout_of_lanes.shown]

    @property
    def whole_height(self) -> int:
        """Pixels of all lanes that are shown."""
        layout = self.layout_of_lanes
        return sum(layout.height(key) + _GAP for key in layout.shown)

    def set_layout(self, layout: LaneLayout, *, keep: bool = True) -> None:
        """Arranges the lanes.

        Args:
            layout: The arrangement.
            keep: Write it to the settings; false in the middle of a drag.
        """
        if layout != self.layout_of_lanes:
            self.layout_of_lanes = layout
            self._arrange()
            self.set_range(*self._range)
            self.arranged.emit()
        if keep and self._store is not None:
            self._store.change(**self.layout_of_lanes.settings())

    def menu(self, key: str = "") -> QMenu:
        """What can be done with a lane, and with all of them."""
        menu = QMenu(self)
        layout = self.layout_of_lanes
        if key:
            for text, changed in (
                (tr("Move up"), layout.moved(key, -1)),
                (tr("Move down"), layout.moved(key, 1)),
                (tr("Taller"), layout.with_height(key, layout.height(key) + _TALLER)),
                (tr("Lower"), layout.with_height(key, layout.height(key) - _TALLER)),
                (tr("Default height"), layout.with_height(key, layout.defaults[key])),
                (tr("Hide"), layout.with_hidden(key, True)),
            ):
                self._entry(menu, text, changed)
            menu.addSeparator()
        self._entry(menu, tr("Default heights"), layout.with_default_heights())
        self._entry(menu, tr("Usual order, all lanes"), LaneLayout.of(layout.defaults))
        menu.addSeparator()
        for each in layout.order:
            hidden = each in layout.hidden
            action = self._entry(menu, self._title(each), layout.with_hidden(each, not hidden))
            action.setCheckable(True)
            action.setChecked(not hidden)
        return menu

    def _entry(self, menu: QMenu, text: str, changed: LaneLayout):  # type: ignore[no-untyped-def]
        action = menu.addAction(text)
        action.setEnabled(changed != self.layout_of_lanes)
        action.triggered.connect(lambda: self.set_layout(changed))
        return action

    def _title(self, key: str) -> str:
        return self._lanes[key].title.replace("\n", ", ")

    def _header(self, lane: Lane) -> LaneHeader:
        header = LaneHeader(lane.title, lane.tip, self._body)
        key = lane.key
        header.moved.connect(lambda by: self.set_layout(self.layout_of_lanes.moved(key, by)))
        header.dragged.connect(lambda y: self._dragged(key, y))
        header.resized.connect(
            lambda h: self.set_layout(self.layout_of_lanes.with_height(key, h - _GAP), keep=False)
        )
        header.default_wanted.connect(
            lambda: self.set_layout(
                self.layout_of_lanes.with_height(key, self.layout_of_lanes.defaults[key])
            )
        )
        header.menu_wanted.connect(lambda place: self._show_menu(key, place))
        header.settled.connect(lambda: self.set_layout(self.layout_of_lanes))
        return header

    def _show_menu(self, key: str, place: QPoint) -> None:
        menu = self.menu(key)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def _dragged(self, key: str, y: int) -> None:
        """Puts a lane where its header is dragged to, once it is past the middle of the next."""
        for by in (-1, 1):
            while (beside := self._beside(key, by)) is not None:
                if (y - beside.geometry().center().y()) * by <= 0:
                    break
                self.set_layout(self.layout_of_lanes.moved(key, by), keep=False)

    def _beside(self, key: str, by: int) -> LaneHeader | None:
        """The header of the lane above (−1) or below (1), if there is one."""
        shown = self.layout_of_lanes.shown
        place = shown.index(key) + by
        return self.headers[shown[place]] if 0 <= place < len(shown) else None

    def _arrange(self) -> None:
        layout = self.layout_of_lanes
        # Room for the scroll bar, whether it is there or not: the ruler must not shift against it.
        width = max(1, self.width() - HEADER_WIDTH - theme.SPACING)
        self._body.resize(HEADER_WIDTH + width, self.whole_height)
        self.view.setGeometry(HEADER_WIDTH, 0, width, self.whole_height)
        top = 0
        for key, lane in self._lanes.items():
            lane.setVisible(key not in layout.hidden)
            self.headers[key].setVisible(key not in layout.hidden)
        for key in layout.shown:
            height = layout.height(key)
            self.headers[key].setGeometry(0, top, HEADER_WIDTH, height + _GAP)
            self._lanes[key].setGeometry(QRectF(0, top, width, height))
            top += height + _GAP
        for before, after in zip(layout.shown, layout.shown[1:], strict=False):
            QWidget.setTabOrder(self.headers[before], self.headers[after])
        self._place_overlays()
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(HEADER_WIDTH + 400, self.whole_height)

    def minimumSizeHint(self) -> QSize:
        return QSize(HEADER_WIDTH + 100, min(_LEAST_ROOM, self.whole_height))
