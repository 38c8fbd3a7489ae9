from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.panels.recent import RecentItem, day
from desktop.panels.recovery import RecoverableItem, RecoveryOffer
from desktop.panels.welcome import Welcome

HERE = RecentItem("/v/interview.esf", "interview", "/v", datetime.now())
GONE = RecentItem("/usb/old.esf", "old", "/usb", datetime.now() - timedelta(days=40), gone=True)


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Iterator[Welcome]:
    theme.apply(qapp)
    made = Welcome(first_start=True)
    qtbot.addWidget(made)
    made.resize(960, 600)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()


def texts(widget: QWidget) -> list[str]:
    return [part.text() for part in widget.findChildren(QLabel) if part.isVisible()]


def named(widget: QWidget, name: str) -> QPushButton | QToolButton:
    found: list[QPushButton | QToolButton] = [
        *widget.findChildren(QPushButton), *widget.findChildren(QToolButton)
    ]  # fmt: skip
    return next(b for b in found if b.accessibleName().startswith(name) and b.isVisible())


def click(widget: QWidget, at: QPoint | None = None) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())


def drag(*paths: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return data


def test_the_first_start_explains_itself_until_it_is_dismissed(page: Welcome, qtbot: QtBot) -> None:
    assert any("9:16" in text for text in texts(page.card))
    assert any("stays on this machine" in text for text in texts(page.card))
    with qtbot.waitSignal(page.dismissed):
        click(named(page, "Got it"))
    assert not page.card.isVisible()
    assert QApplication.focusWidget() is page.drop.open_button


def test_a_later_start_is_quiet(qtbot: QtBot) -> None:
    page = Welcome()
    qtbot.addWidget(page)
    page.show()
    assert not page.card.isVisible()
    assert not page.recent.isVisible()
    assert page.drop.isVisible()


def test_the_card_offers_the_sample(page: Welcome, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.sample_wanted):
        click(named(page, "Try the sample"))


def test_a_click_beside_the_sentence_and_the_button_open(page: Welcome, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.open_wanted):
        click(page.drop, QPoint(20, 20))
    with qtbot.waitSignal(page.open_wanted):
        click(named(page, "Open…"))
    with qtbot.assertNotEmitted(page.open_wanted):
        QTest.mouseClick(page.drop, Qt.MouseButton.RightButton, pos=QPoint(20, 20))


def test_the_keyboard_reaches_the_sample_and_the_file(page: Welcome, qtbot: QtBot) -> None:
    page.drop.open_button.setFocus()
    with qtbot.waitSignal(page.open_wanted):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    QTest.keyClick(page, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(page.sample_wanted):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)


class Host(QMainWindow):
    """A window that takes what is dropped, as the real one does."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.page = Welcome()
        self.setCentralWidget(self.page)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.acceptProposedAction()


def test_a_file_over_the_window_lights_the_drop_area(qtbot: QtBot) -> None:
    host = Host()
    qtbot.addWidget(host)
    with qtbot.waitExposed(host):
        host.show()
    quiet = host.grab().toImage()
    words = QMimeData()
    words.setText("no file")
    for data, lit in ((drag("/v/clip.mp4"), True), (words, False)):
        entering = QDragEnterEvent(
            QPoint(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(host, entering)
        assert (host.grab().toImage() != quiet) == lit
        QApplication.sendEvent(host, QDragLeaveEvent())
        assert host.grab().toImage() == quiet


def test_recent_projects_are_opened_by_a_click_and_by_the_keyboard(
    page: Welcome, qtbot: QtBot
) -> None:
    page.set_recent([HERE, GONE])
    with qtbot.waitSignal(page.recent_wanted) as clicked:
        click(named(page, "interview"))
    assert clicked.args == [HERE.path]
    named(page, "interview").setFocus()
    with qtbot.waitSignal(page.recent_wanted) as typed:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert typed.args == [HERE.path]


def test_what_is_gone_cannot_be_opened_but_forgotten(page: Welcome, qtbot: QtBot) -> None:
    page.set_recent([HERE, GONE])
    assert "not found" in texts(page.recent)
    assert not named(page, "old").isEnabled()
    with qtbot.waitSignal(page.forget_wanted) as forgotten:
        click(named(page, "Remove old"))
    assert forgotten.args == [GONE.path]
    page.set_recent([HERE])
    assert "not found" not in texts(page.recent)
    page.set_recent([])
    assert not page.recent.isVisible()


def test_names_are_shown_as_they_are(page: Welcome) -> None:
    page.set_recent([RecentItem("/v/x", "<b>cut</b> & {name}", "/v/<i>", datetime.now())])
    page.set_recoverable([RecoverableItem("/v/x", "<b>{edits}</b>", 2)])
    assert "<b>cut</b> & {name}" in texts(page.recent)
    QApplication.processEvents()
    offer = page.findChild(RecoveryOffer)
    assert texts(offer) == ["'<b>{edits}</b>' was not closed properly: 2 edits are not saved"]


def test_what_broke_off_is_offered_above_the_drop_area(page: Welcome, qtbot: QtBot) -> None:
    item = RecoverableItem("/v/interview.journal", "interview", 12)
    page.set_recoverable([item, RecoverableItem("/v/b.journal", "b", 1)])
    QApplication.processEvents()
    first, second = page.findChildren(RecoveryOffer)
    assert "12 edits are not saved" in texts(first)[0]
    assert "one edit is not saved" in texts(second)[0]
    assert first.mapTo(page, first.rect().bottomLeft()).y() < page.drop.mapTo(page, QPoint()).y()
    with qtbot.waitSignal(page.recover_wanted) as recovered:
        click(first.recover)
    with qtbot.waitSignal(page.discard_wanted) as discarded:
        click(second.discard)
    assert (recovered.args, discarded.args) == ([item.path], ["/v/b.journal"])
    page.set_recoverable([])
    assert not any(offer.isVisible() for offer in page.findChildren(RecoveryOffer))


@pytest.mark.parametrize(
    ("then", "said"),
    [
        (date(2026, 3, 1), "today"),
        (date(2026, 2, 28), "yesterday"),
        (date(2026, 2, 23), "6 days ago"),
        (date(2026, 2, 22), "2026-02-22"),
        (date(2026, 3, 2), "2026-03-02"),
    ],
)
def test_days_are_said_as_one_would(then: date, said: str) -> None:
    assert day(then, date(2026, 3, 1)) == said
