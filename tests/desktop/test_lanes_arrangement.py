"""Lanes are hidden, resized and reordered, and stay so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.settings import SettingsStore
from desktop.timeline.lane_header import LaneHeader
from desktop.timeline.lane_layout import LEAST_HEIGHT, MOST_HEIGHT, LaneLayout
from tests.desktop.lanes import choose
from tests.desktop.timelines import Shown, drag, show_timeline

USUAL = ["frames", "sound", "emotion", "affect", "highlight", "shots", "speech", "cuts"]
DEFAULTS = {"a": 40, "b": 50, "c": 60, "d": 70}


@pytest.fixture
def store(qapp: QApplication, tmp_path: Path) -> Iterator[SettingsStore]:
    theme.apply(qapp)
    made = SettingsStore(path=tmp_path / "settings.json")
    yield made
    made.flush()


@pytest.fixture
def shown(qtbot: QtBot, store: SettingsStore) -> Shown:
    return show_timeline(qtbot, store=store)


def header(shown: Shown, key: str) -> LaneHeader:
    return shown.timeline._stack.headers[key]


def seen(shown: Shown) -> list[str]:
    """The lanes from top to bottom as they are on the screen."""
    lanes = [lane for lane in shown.timeline.lanes if lane.isVisible()]
    return [lane.key for lane in sorted(lanes, key=lambda lane: lane.geometry().top())]


def menu_of(shown: Shown, key: str) -> QMenu:
    QTest.keyClick(header(shown, key), Qt.Key.Key_Return)
    return next(menu for menu in shown.timeline.findChildren(QMenu) if menu.isVisible())


def test_dragging_a_header_reorders(shown: Shown, store: SettingsStore) -> None:
    assert seen(shown) == USUAL
    over = header(shown, "frames").geometry().center() - header(shown, "cuts").pos()
    drag(header(shown, "cuts"), [QPoint(40, 15), QPoint(40, over.y() - 5)])
    assert seen(shown) == ["cuts", *USUAL[:-1]]
    assert store.current.lane_order[0] == "cuts"
    assert [key for key in store.current.lane_order[1:] if key != "questions"] == USUAL[:-1]


def test_dragging_the_lower_edge_resizes_and_a_double_click_restores(
    shown: Shown, store: SettingsStore
) -> None:
    one, below = header(shown, "sound"), header(shown, "emotion")
    before, top = one.height(), below.y()
    drag(one, [QPoint(40, before - 2), QPoint(40, before + 38)])
    assert one.height() == pytest.approx(before + 38, abs=5)
    assert below.y() - top == one.height() - before
    assert shown.lane("sound").geometry().height() == store.current.lane_heights["sound"]
    QTest.mouseDClick(one, Qt.MouseButton.LeftButton, pos=QPoint(40, one.height() - 2))
    assert one.height() == before
    assert dict(store.current.lane_heights) == {}


def test_the_keyboard_reorders_and_resizes(shown: Shown) -> None:
    one = header(shown, "shots")
    QTest.keyClick(one, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert seen(shown).index("shots") == USUAL.index("shots") - 1
    before = one.height()
    QTest.keyClick(one, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert one.height() > before


def test_the_menu_hides_and_shows(shown: Shown, store: SettingsStore) -> None:
    choose(menu_of(shown, "affect"), "Hide")
    assert "affect" not in seen(shown)
    assert store.current.hidden_lanes == ("affect", "questions")
    assert not header(shown, "affect").isVisible()
    choose(menu_of(shown, "sound"), "Arousal, Valence")
    assert seen(shown) == USUAL


def test_the_button_brings_hidden_lanes_back(shown: Shown) -> None:
    choose(menu_of(shown, "affect"), "Hide")
    QTest.mouseClick(shown.timeline._lanes_button, Qt.MouseButton.LeftButton)
    menu = next(m for m in shown.timeline.findChildren(QMenu) if m.isVisible())
    choose(menu, "Usual order, all lanes")
    assert seen(shown) == [*USUAL[:-1], "questions", USUAL[-1]]


def test_a_lane_that_comes_back_shows_what_the_others_show(shown: Shown) -> None:
    choose(menu_of(shown, "speech"), "Hide")
    shown.timeline.show_range(10.0, 20.0)
    choose(menu_of(shown, "sound"), "Speech")
    sight = shown.lane("speech").sight()
    assert (sight.low, sight.high) == (10.0, 20.0)


def test_the_arrangement_is_there_at_the_next_start(shown: Shown, qtbot: QtBot) -> None:
    choose(menu_of(shown, "sound"), "Move down")
    choose(menu_of(shown, "sound"), "Taller")
    choose(menu_of(shown, "frames"), "Hide")
    store = shown.timeline._stack._store
    assert store is not None
    store.flush()
    again = SettingsStore(path=store._path)
    other = show_timeline(qtbot, store=again)
    assert seen(other) == ["emotion", "sound", *USUAL[3:]]
    assert header(other, "sound").height() == header(shown, "sound").height()


def test_lanes_without_room_scroll_under_the_ruler(qtbot: QtBot, store: SettingsStore) -> None:
    shown = show_timeline(qtbot, height=260, store=store)
    bar = shown.timeline._stack.verticalScrollBar()
    ruler = shown.timeline.ruler.mapTo(shown.timeline, QPoint(0, 0))
    left = shown.timeline._view.mapTo(shown.timeline, QPoint(0, 0)).x()
    assert left == ruler.x()
    assert shown.timeline._view.width() == shown.timeline.ruler.width()
    shown.wheel(QPoint(100, 100), -3, Qt.KeyboardModifier.ShiftModifier)
    assert bar.value() > 0
    assert shown.timeline.range() == (0.0, 60.0)
    assert shown.timeline.ruler.mapTo(shown.timeline, QPoint(0, 0)) == ruler


def test_headers_say_what_lanes_show(shown: Shown) -> None:
    for key in USUAL:
        assert header(shown, key).accessibleName().startswith("Lane: ")
        assert len(header(shown, key).toolTip().splitlines()) == 2


steps = st.lists(
    st.tuples(st.sampled_from(["move", "hide", "show", "height"]), st.sampled_from("abcd"),
              st.integers(-500, 500)),
    max_size=12,
)  # fmt: skip


@given(steps)
def test_any_arrangement_comes_back_from_its_settings(
    done: list[tuple[str, str, int]],
) -> None:
    layout = LaneLayout.of(DEFAULTS)
    for verb, key, number in done:
        if verb == "move" and key in layout.shown:
            layout = layout.moved(key, number)
        elif verb == "height":
            layout = layout.with_height(key, number)
        elif verb in ("hide", "show"):
            layout = layout.with_hidden(key, verb == "hide")
    assert layout.shown
    assert sorted(layout.order) == sorted(DEFAULTS)
    assert all(LEAST_HEIGHT <= layout.height(key) <= MOST_HEIGHT for key in DEFAULTS)
    kept = layout.settings()
    again = LaneLayout.of(DEFAULTS, kept["lane_order"], kept["hidden_lanes"], kept["lane_heights"])
    assert again == layout


def test_settings_of_another_version_do_no_harm() -> None:
    layout = LaneLayout.of(DEFAULTS, ("d", "gone", "b"), ("gone",), {"gone": 5, "a": 99999})
    assert layout.order == ("d", "a", "b", "c") or set(layout.order) == set(DEFAULTS)
    assert layout.shown == layout.order
    assert layout.height("a") == MOST_HEIGHT


def test_settings_that_hide_everything_show_something() -> None:
    assert LaneLayout.of(DEFAULTS, (), tuple(DEFAULTS)).shown
