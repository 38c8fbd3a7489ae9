"""The timeline shows a stretch of the video, and goes where the pointer and the playhead go."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.media.frame_index import FrameIndex
from core.time import Span
from desktop import theme
from desktop.timeline.hover import HoverCard
from desktop.timeline.timeline import Timeline
from tests.desktop.timelines import MEDIUM, SECONDS, Shown, drag, made_analysis, show_timeline

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
MIDDLE = Qt.MouseButton.MiddleButton


@pytest.fixture
def analysed(shown: Shown) -> Shown:
    shown.editor.set_analysis(MEDIUM, made_analysis())
    return shown


def card(shown: Shown, qtbot: QtBot) -> str:
    """What the card beside the pointer says."""
    qtbot.waitUntil(lambda: any(c.isVisible() for c in shown.timeline.findChildren(HoverCard)))
    (found,) = shown.timeline.findChildren(HoverCard)
    return found.text()


# Pointing


def test_a_click_on_a_lane_names_the_time_there(shown: Shown, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shown.timeline.sought) as sought:
        shown.click(shown.at(20.0))
    assert sought.args is not None
    assert sought.args[0] == pytest.approx(20.0, abs=0.1)


def test_the_ruler_scrubs(shown: Shown, qtbot: QtBot) -> None:
    times: list[float] = []
    shown.timeline.sought.connect(times.append)
    places = [QPoint(shown.at(t).x(), 10) for t in (10.0, 30.0)]
    drag(shown.timeline.ruler, places)
    assert times[0] == pytest.approx(10.0, abs=0.1)
    assert times[-1] == pytest.approx(30.0, abs=0.1)
    assert times == sorted(times)


def test_the_ruler_scrubs_on_beyond_the_edge(shown: Shown) -> None:
    shown.timeline.show_range(20.0, 30.0)
    times: list[float] = []
    shown.timeline.sought.connect(times.append)
    width = shown.timeline.ruler.width()
    drag(shown.timeline.ruler, [QPoint(width - 5, 10), QPoint(width + 100, 10)])
    assert shown.timeline.range()[0] > 20.0
    assert times[-1] == pytest.approx(shown.timeline.range()[1])


def test_dragging_empty_space_pans(shown: Shown) -> None:
    shown.timeline.show_range(20.0, 40.0)
    shown.drag([shown.at(30.0), shown.at(25.0)])
    assert shown.timeline.range() == pytest.approx((25.0, 45.0), abs=0.3)


def test_the_middle_button_pans_even_from_a_cut(shown: Shown) -> None:
    shown.timeline.show_range(5.0, 25.0)
    before = [c.span for c in shown.editor.project.cuts]
    shown.drag([shown.at(15.0, "cuts"), shown.at(10.0, "cuts")], MIDDLE)
    assert shown.timeline.range() == pytest.approx((10.0, 30.0), abs=0.3)
    assert [c.span for c in shown.editor.project.cuts] == before


def test_the_wheel_pans(shown: Shown) -> None:
    shown.timeline.show_range(20.0, 40.0)
    shown.wheel(shown.at(30.0), -1)
    low, high = shown.timeline.range()
    assert low > 20.0
    assert high - low == pytest.approx(20.0)


@pytest.mark.parametrize("steps", [1, -1])
def test_the_wheel_with_control_zooms_at_the_pointer(shown: Shown, steps: int) -> None:
    shown.timeline.show_range(20.0, 40.0)
    place = shown.at(25.0)
    shown.wheel(place, steps, CONTROL)
    low, high = shown.timeline.range()
    assert (high - low < 20.0) == (steps > 0)
    assert shown.at(25.0) == place


def test_the_mini_map_moves_the_window(shown: Shown) -> None:
    shown.timeline.show_range(10.0, 20.0)
    drag(shown.timeline.minimap, [QPoint(shown.board.width() * 15 // 60, 12), QPoint(600, 12)])
    assert sum(shown.timeline.range()) / 2 == pytest.approx(600 / 800 * 60, abs=0.5)
    QTest.mouseClick(shown.timeline.minimap, Qt.MouseButton.LeftButton, pos=QPoint(200, 12))
    assert shown.timeline.range() == pytest.approx((10.0, 20.0), abs=0.2)


def test_the_edges_of_the_window_on_the_mini_map_zoom(shown: Shown) -> None:
    shown.timeline.show_range(15.0, 45.0)
    drag(shown.timeline.minimap, [QPoint(600, 12), QPoint(400, 12)])
    assert shown.timeline.range() == pytest.approx((15.0, 30.0), abs=0.3)


# Marks


@pytest.mark.parametrize("key", ["frames", "emotion", "highlight", "cuts"])
def test_shift_and_a_drag_mark_a_stretch_on_any_lane(shown: Shown, key: str) -> None:
    before = shown.editor.project
    shown.drag([shown.at(15.0, key), shown.at(24.0, key)], modifier=SHIFT)
    mark = shown.editor.mark
    assert mark is not None
    assert float(mark.start) == pytest.approx(15.0, abs=0.1)
    assert float(mark.end) == pytest.approx(24.0, abs=0.1)
    assert shown.editor.project == before


def test_a_mark_ends_with_the_video(shown: Shown) -> None:
    first = shown.at(50.0)
    shown.drag([first, QPoint(shown.board.width() + 300, first.y())], modifier=SHIFT)
    assert shown.editor.mark is not None
    assert shown.editor.mark.end == SECONDS


def test_a_mark_is_drawn_over_all_lanes(shown: Shown) -> None:
    before = shown.image()
    shown.editor.set_mark(Span(Fraction(20), Fraction(30)))
    after = shown.image()
    for lane in shown.timeline.lanes:
        place = shown.at(25.5, lane.key)
        assert before.pixelColor(place) != after.pixelColor(place), lane.key
        place = shown.at(35.5, lane.key)
        assert before.pixelColor(place) == after.pixelColor(place), lane.key


def test_escape_clears_the_mark(shown: Shown) -> None:
    shown.drag([shown.at(15.0), shown.at(24.0)], modifier=SHIFT)
    QTest.keyClick(shown.timeline._view, Qt.Key.Key_Escape)
    assert shown.editor.mark is None


def test_a_click_clears_the_mark(shown: Shown) -> None:
    shown.drag([shown.at(15.0), shown.at(24.0)], modifier=SHIFT)
    shown.click(shown.at(40.0))
    assert shown.editor.mark is None


def test_a_click_with_shift_still_selects_cuts(shown: Shown) -> None:
    shown.click(shown.at(15.0, "cuts"))
    shown.click(shown.at(46.0, "cuts"), SHIFT)
    assert set(shown.editor.selection) == {"first", "second"}
    assert shown.editor.mark is None


# What is shown


def test_nothing_beyond_the_video_is_shown(shown: Shown) -> None:
    shown.timeline.show_range(-30.0, 10.0)
    assert shown.timeline.range() == (0.0, 40.0)
    shown.timeline.show_range(50.0, 70.0)
    assert shown.timeline.range() == (40.0, 60.0)
    shown.timeline.zoom(1000.0)
    assert shown.timeline.range() == (0.0, 60.0)


def test_ten_frames_are_the_least(shown: Shown) -> None:
    shown.timeline.set_playhead(30.0)
    for _ in range(30):
        shown.timeline.zoom(0.5)
    low, high = shown.timeline.range()
    assert high - low == pytest.approx(10 / 25)
    assert low < 30.0 < high


def test_zooming_keeps_the_playhead_where_it_is(shown: Shown) -> None:
    shown.timeline.set_playhead(20.0)
    place = shown.at(20.0)
    shown.timeline.zoom(0.5)
    assert shown.at(20.0) == place


def test_the_selected_cut_fills_the_view_with_a_margin(shown: Shown) -> None:
    shown.editor.select("second")
    shown.timeline.zoom_to_cut()
    low, high = shown.timeline.range()
    assert 40.0 < low < 42.0
    assert 50.0 < high < 52.0
    shown.timeline.fit()
    assert shown.timeline.range() == (0.0, 60.0)


def test_single_frames_have_ticks_at_their_exact_begins(shown: Shown) -> None:
    # Frames of 20 to 80 ms, as phones write them.
    steps = np.random.default_rng(1).integers(20, 81, 1300)
    ticks = np.concatenate(([0], np.cumsum(steps)))
    index = FrameIndex(ticks.astype(np.int64), Fraction(1, 1000), Fraction(0), Fraction(SECONDS))
    shown.editor.set_frames(MEDIUM, index)
    shown.timeline.set_playhead(30.0)
    shown.timeline.zoom_to_frames()
    low, high = shown.timeline.range()
    assert low < 30.0 < high
    begins = [float(t) / 1000 for t in ticks if low <= t / 1000 <= high]
    drawn = [t for t in shown.timeline.ruler.frame_ticks() if t >= low]
    assert drawn == pytest.approx(begins)
    assert shown.board.width() / len(begins) >= 12
    for begin, text in shown.timeline.ruler.labels():
        assert f"#{index.number(begin)}" in text
        assert float(index.shown(begin)) == pytest.approx(begin)


def test_the_ruler_names_times_where_frames_have_no_room(shown: Shown) -> None:
    texts = [text for _, text in shown.timeline.ruler.labels()]
    assert texts[0] == "00:00"
    assert all("#" not in text for text in texts)
    assert shown.timeline.ruler.frame_ticks() == []


# The playhead


def test_the_playhead_crosses_all_lanes(shown: Shown) -> None:
    before = shown.image()
    shown.timeline.set_playhead(33.3)
    after = shown.image()
    for lane in shown.timeline.lanes:
        place = shown.at(33.3, lane.key)
        around = [QPoint(place.x() + by, place.y()) for by in (-1, 0, 1)]
        assert any(before.pixelColor(p) != after.pixelColor(p) for p in around), lane.key


def test_the_view_follows_the_running_playhead_page_by_page(shown: Shown) -> None:
    shown.timeline.show_range(0.0, 10.0)
    shown.timeline.set_playing(True)
    pages = []
    for step in range(250):
        shown.timeline.set_playhead(step / 10)
        low, high = shown.timeline.range()
        assert low <= step / 10 <= high
        pages.append(low)
    assert len(set(pages)) <= 4


def test_who_scrolls_away_during_playback_stays_there(shown: Shown) -> None:
    shown.timeline.show_range(0.0, 10.0)
    shown.timeline.set_playing(True)
    shown.timeline.set_playhead(5.0)
    shown.wheel(shown.at(5.0), -8)
    away = shown.timeline.range()
    assert away[0] > 5.2
    shown.timeline.set_playhead(5.1)
    assert shown.timeline.range() == away
    shown.timeline.set_playhead(away[0] + 1)
    shown.timeline.set_playhead(away[1] + 0.1)
    assert shown.timeline.range()[0] > away[0]


def test_the_view_stands_still_under_a_pressed_button(shown: Shown) -> None:
    shown.timeline.show_range(0.0, 10.0)
    QTest.mousePress(shown.board, Qt.MouseButton.LeftButton, pos=shown.at(5.0))
    shown.timeline.set_playhead(20.0)
    assert shown.timeline.range() == (0.0, 10.0)
    QTest.mouseRelease(shown.board, Qt.MouseButton.LeftButton, pos=shown.at(5.0))
    shown.timeline.set_playhead(20.1)
    assert shown.timeline.range()[0] > 0.0


def test_a_jump_out_of_the_view_is_followed(shown: Shown) -> None:
    shown.timeline.show_range(0.0, 10.0)
    shown.timeline.set_playhead(45.0)
    low, high = shown.timeline.range()
    assert low < 45.0 < high


# The card beside the pointer


def test_the_card_says_time_frame_and_the_values_of_all_lanes(
    analysed: Shown, qtbot: QtBot
) -> None:
    stack = analysed.timeline._stack
    stack.set_layout(stack.layout_of_lanes.with_hidden("shots", True))
    analysed.move(analysed.at(33.0, "sound"))
    said = card(analysed, qtbot)
    assert "00:3" in said.splitlines()[0]
    assert (
        f"frame {analysed.editor.frames.number(stack.seconds_at(analysed.at(33.0).x())) + 1}"
        in said
    )  # type: ignore[union-attr]
    for part in ("happy, 90 % sure", "arousal +0.25", "highlight 0.", "shot 3", "speech"):
        assert part in said


def test_over_a_cut_the_card_says_why(analysed: Shown, qtbot: QtBot) -> None:
    analysed.move(analysed.at(46.0, "cuts"))
    assert "8 LU louder than usual" in card(analysed, qtbot)


def test_the_card_shows_the_picture_there(analysed: Shown, qtbot: QtBot) -> None:
    analysed.move(analysed.at(50.5, "sound"))
    card(analysed, qtbot)
    (found,) = analysed.timeline.findChildren(HoverCard)
    pictures = [p.pixmap() for p in found.findChildren(QLabel) if not p.pixmap().isNull()]
    assert pictures[0].toImage().pixelColor(20, 20).red() == 200


@pytest.mark.parametrize("seconds", [0.2, 59.8])
def test_the_card_stays_in_the_window_and_lets_the_pointer_through(
    analysed: Shown, qtbot: QtBot, seconds: float
) -> None:
    analysed.move(analysed.at(seconds, "cuts"))
    card(analysed, qtbot)
    (found,) = analysed.timeline.findChildren(HoverCard)
    assert analysed.timeline.rect().contains(found.geometry())
    assert found.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    analysed.click(analysed.at(30.0))
    assert not found.isVisible()


# Before anything is known


def test_an_empty_timeline_is_quiet(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp)
    empty = show_timeline(qtbot, opened=False)
    times: list[float] = []
    empty.timeline.sought.connect(times.append)
    empty.click(QPoint(300, 60))
    empty.drag([QPoint(300, 60), QPoint(500, 60)], modifier=SHIFT)
    empty.wheel(QPoint(300, 60), 3, CONTROL)
    empty.move(QPoint(200, 60))
    for act in (empty.timeline.fit, empty.timeline.zoom_to_cut, empty.timeline.zoom_to_frames):
        act()
    assert times == []
    assert empty.editor.mark is None
    lane = empty.lane("highlight").geometry()
    image = empty.image()
    colours = {image.pixelColor(x, int(lane.top()) + 5).name() for x in range(5, 700)}
    assert colours == {theme.palette().background}


def test_another_video_starts_anew(analysed: Shown) -> None:
    analysed.timeline.show_range(10.0, 20.0)
    analysed.editor.set_mark(Span(Fraction(12), Fraction(13)))
    before = analysed.image()
    analysed.editor.open(None, analysed.editor.project, dict(analysed.editor.infos))  # type: ignore[arg-type]
    assert analysed.timeline.range() == (0.0, 60.0)
    assert analysed.editor.mark is None
    place = analysed.at(30.0, "frames")
    assert before.pixelColor(place) != analysed.image().pixelColor(place)


def test_in_a_window_the_card_is_above_the_timeline(
    qtbot: QtBot, qapp: QApplication, analysed: Shown
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(QWidget(), 1)
    column.addWidget(analysed.timeline)
    window.resize(900, 900)
    with qtbot.waitExposed(window):
        window.show()
    analysed.move(analysed.at(30.0, "highlight"))
    qtbot.waitUntil(lambda: any(c.isVisible() for c in window.findChildren(HoverCard)))
    (found,) = window.findChildren(HoverCard)
    assert found.geometry().bottom() <= analysed.timeline.geometry().top()
    # Both were given to the test to close.
    analysed.timeline.setParent(None)


def test_the_time_under_the_pointer_stays_at_the_closest_zoom(shown: Shown) -> None:
    shown.timeline.show_range(30.0, 30.4)
    before = shown.timeline.range()
    shown.wheel(QPoint(100, 60), 2, CONTROL)
    assert shown.timeline.range() == pytest.approx(before)


def test_the_editor_outlives_its_timeline(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp)
    editor = show_timeline(qtbot).editor
    gone = Timeline(editor)
    gone.show()
    editor.set_analysis(MEDIUM, made_analysis())
    editor.set_mark(Span(Fraction(20), Fraction(30)))
    gone.close()
    gone.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    editor.frames_changed.emit()
    editor.project_changed.emit()
    editor.set_mark(Span(Fraction(30), Fraction(40)))
    anew = Timeline(editor)
    qtbot.addWidget(anew)
    anew.resize(888, 560)
    with qtbot.waitExposed(anew):
        anew.show()
    later = Shown(anew, editor)
    assert later.image().pixelColor(later.at(35.5)) != later.image().pixelColor(later.at(45.5))
