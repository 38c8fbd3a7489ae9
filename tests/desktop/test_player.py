from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.export.clip import Clip
from core.media.frame_index import FrameIndex, read_frame_index
from core.media.probe import MediaInfo, probe
from core.time import Span
from desktop import theme
from desktop.player.player import Player
from desktop.player.video_view import VideoView
from tests.synthetic import make_video, read_number

PATIENCE = 60_000
FPS = 25
_IRREGULAR = [Fraction(0)]
for _step in random.Random(3).choices([20, 33, 40, 67, 100], k=90):
    _IRREGULAR.append(_IRREGULAR[-1] + Fraction(_step, 1000))

KINDS: dict[str, tuple[str, dict[str, object]]] = {
    "even": ("mp4", {}),
    "ntsc": ("mp4", {"fps": Fraction(30000, 1001)}),
    "irregular": ("mp4", {"times": _IRREGULAR}),
    "b-frames": ("mp4", {"b_frames": 3, "keyint": 100}),
    "matroska": ("mkv", {"b_frames": 2}),
    "transport stream": ("ts", {"b_frames": 2}),
    "webm": ("webm", {}),
    "rotated": ("mp4", {"rotation": 90}),
    "begins late": ("mkv", {"start": Fraction(1, 2)}),
    "edit list": ("mp4", {"hidden": 1.3, "b_frames": 2}),
    "mute": ("mp4", {"audio": None, "keyint": 250}),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("player")


@pytest.fixture(scope="module")
def clip(folder: Path) -> MediaInfo:
    return probe(make_video(folder / "clip.mp4", seconds=8, fps=FPS, b_frames=2, tone=0.02))


@pytest.fixture(scope="module")
def other(folder: Path) -> MediaInfo:
    return probe(make_video(folder / "other.mkv", seconds=6, fps=20, tone=0.02))


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> VideoView:
    theme.apply(qapp)
    made = VideoView()
    qtbot.addWidget(made)
    made.resize(480, 270)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def player(view: VideoView) -> Iterator[Player]:
    made = Player(view)
    yield made
    made.close()


def number_shown(view: VideoView) -> int | None:
    image = view.image().convertToFormat(QImage.Format.Format_RGB888)
    if image.isNull():
        return None
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return read_number(rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3))


def open_exactly(player: Player, info: MediaInfo) -> FrameIndex:
    player.open(info)
    index = read_frame_index(info)
    player.set_frame_index(index)
    return index


def wait_for_number(qtbot: QtBot, view: VideoView, number: int) -> None:
    qtbot.waitUntil(lambda: number_shown(view) == number, timeout=PATIENCE)


@pytest.mark.parametrize("kind", KINDS)
def test_the_frame_shown_is_the_frame_named(
    kind: str, folder: Path, player: Player, view: VideoView, qtbot: QtBot
) -> None:
    suffix, options = KINDS[kind]
    path = folder / f"{kind}.{suffix}"
    info = probe(make_video(path, **{"seconds": 5, "fps": FPS, **options}))  # type: ignore[arg-type]
    index = open_exactly(player, info)
    first = 33 if kind == "edit list" else 0
    chance = random.Random(kind)
    for number in [*chance.choices(range(len(index)), k=6), 0, len(index) - 1]:
        player.seek(float(index.time(number)))
        assert player.frame_number == number
        wait_for_number(qtbot, view, first + number)
    player.seek(float(index.middle(40)))
    for steps in (1, 1, -1, 5, -7, 1):
        before = player.frame_number
        player.step(steps)
        assert player.frame_number == before + steps
        wait_for_number(qtbot, view, first + before + steps)


def test_scrubbing_ends_on_the_frame_asked_for_last(
    player: Player, view: VideoView, qtbot: QtBot, clip: MediaInfo
) -> None:
    index = open_exactly(player, clip)
    for number in range(10, 150, 3):
        player.seek(float(index.middle(number)))
        QApplication.processEvents()
    wait_for_number(qtbot, view, 148)


def test_before_its_frames_are_known_a_video_of_any_rate_shows_what_is_there_then(
    folder: Path, player: Player, view: VideoView, qtbot: QtBot
) -> None:
    info = probe(make_video(folder / "unknown.mp4", fps=FPS, times=_IRREGULAR))
    index = read_frame_index(info)
    player.open(info)
    for seconds in (1.0, 2.503, 0.5):
        player.seek(seconds)
        wait_for_number(qtbot, view, index.number(seconds))
    player.set_frame_index(index)
    assert player.frame_number == index.number(0.5)


@pytest.mark.parametrize("suffix", ["mp4", "ts"])
def test_pausing_names_the_frame_that_is_shown(
    suffix: str, folder: Path, player: Player, view: VideoView, qtbot: QtBot
) -> None:
    info = probe(make_video(folder / f"pause.{suffix}", seconds=6, fps=FPS, b_frames=2))
    open_exactly(player, info)
    qtbot.waitUntil(lambda: not view.image().isNull(), timeout=PATIENCE)
    for _ in range(3):
        at = player.position
        player.toggle()
        qtbot.waitUntil(lambda at=at: player.position > at + 0.2, timeout=PATIENCE)
        player.toggle()
        assert not player.playing
        qtbot.waitUntil(lambda: number_shown(view) == player.frame_number, timeout=PATIENCE)
        assert player.position > at + 0.2


def test_playing_to_the_end_stops_on_the_last_frame_and_starts_over(
    player: Player, view: VideoView, qtbot: QtBot, clip: MediaInfo
) -> None:
    index = open_exactly(player, clip)
    player.seek(7.5)
    player.toggle()
    qtbot.waitUntil(lambda: not player.playing, timeout=PATIENCE)
    wait_for_number(qtbot, view, len(index) - 1)
    assert player.frame_number == len(index) - 1
    player.step(-1)
    wait_for_number(qtbot, view, len(index) - 2)
    player.step(1)
    player.toggle()
    qtbot.waitUntil(lambda: 0.1 < player.position < 5, timeout=PATIENCE)
    assert player.playing


def test_l_is_faster_with_each_press_and_j_slows_down_and_turns_round(
    player: Player, view: VideoView, qtbot: QtBot, clip: MediaInfo
) -> None:
    open_exactly(player, clip)
    player.seek(4.0)
    told: list[float] = []
    player.rate_changed.connect(told.append)
    for direction in (1, 1, 1, 1, -1, -1, -1, -1, 1, 1):
        player.shuttle(direction)
        assert player.playing
    assert told == [2, 4, 2, 1, -1, -2, -1, 1]
    player.pause()
    assert not player.playing


def test_backwards_shows_earlier_and_earlier_frames_and_ends_at_the_first(
    player: Player, view: VideoView, qtbot: QtBot, clip: MediaInfo
) -> None:
    open_exactly(player, clip)
    player.seek(2.0)
    wait_for_number(qtbot, view, 50)
    seen: list[int | None] = []
    player.moved.connect(lambda seconds: seen.append(number_shown(view)))
    for _ in range(3):
        player.shuttle(-1)
    qtbot.waitUntil(lambda: not player.playing, timeout=PATIENCE)
    wait_for_number(qtbot, view, 0)
    assert seen == sorted(seen, key=lambda number: -(number or 0))
    assert len(set(seen)) > 3
    assert player.rate == 1


def test_speed_is_that_of_the_clock(player: Player, qtbot: QtBot, clip: MediaInfo) -> None:
    open_exactly(player, clip)
    player.set_rate(4)
    with qtbot.waitSignals([player.playing_changed, player.playing_changed], timeout=PATIENCE):
        player.toggle()
    assert player.rate == 4
    player.set_rate(9)
    assert player.rate == 4
    player.set_rate(0)
    assert player.rate == 0.25


def test_a_loop_is_not_left(player: Player, view: VideoView, qtbot: QtBot, clip: MediaInfo) -> None:
    open_exactly(player, clip)
    player.seek(6.0)
    player.set_loop(Span(Fraction(2), Fraction(13, 5)))
    numbers: list[int] = []
    begins: list[int] = []

    def note(seconds: float) -> None:
        number = number_shown(view)
        if player.playing and number is not None and number < 150:
            numbers.append(number)
            if len(numbers) > 1 and number < numbers[-2] - 5:
                begins.append(number)

    player.moved.connect(note)
    player.toggle()
    qtbot.waitUntil(lambda: len(begins) >= 3, timeout=PATIENCE)
    assert min(numbers) >= 50
    assert max(numbers) == 64
    player.set_loop(None)
    qtbot.waitUntil(lambda: player.position > 3, timeout=PATIENCE)


def test_a_loop_to_the_very_end_goes_round(player: Player, qtbot: QtBot, clip: MediaInfo) -> None:
    open_exactly(player, clip)
    player.set_loop(Span(Fraction(37, 5), clip.duration))
    back: list[float] = []
    last = [0.0]

    def note(seconds: float) -> None:
        if seconds < last[0] - 0.2:
            back.append(seconds)
        last[0] = seconds

    player.seek(7.5)
    player.moved.connect(note)
    player.toggle()
    qtbot.waitUntil(lambda: len(back) >= 2, timeout=PATIENCE)
    assert player.playing
    assert min(back) >= 7.4


def test_the_short_shows_its_clips_in_order_frame_by_frame(
    player: Player, view: VideoView, qtbot: QtBot, clip: MediaInfo, other: MediaInfo
) -> None:
    open_exactly(player, clip)
    player.set_frame_index(read_frame_index(other), other)
    clips = [
        Clip(clip, Span(Fraction(4), Fraction(23, 5))),
        Clip(other, Span(Fraction(1), Fraction(8, 5))),
        Clip(clip, Span(Fraction(2), Fraction(13, 5))),
        Clip(clip, Span(Fraction(13, 5), Fraction(14, 5))),
        Clip(clip, Span(Fraction(12, 5), Fraction(3))),
    ]
    seen: dict[int, set[int | None]] = {}
    order: list[int] = []
    short: list[float] = []
    player.clip_changed.connect(order.append)
    player.short_moved.connect(short.append)
    player.moved.connect(
        lambda seconds: seen.setdefault(order[-1] if order else -9, set()).add(number_shown(view))
    )
    player.play_short(clips)
    qtbot.waitUntil(lambda: bool(order) and order[-1] == -1, timeout=PATIENCE)
    assert order == [0, 1, 2, 3, 4, -1]
    assert not player.playing
    wait_for_number(qtbot, view, 74)
    assert player.frame_number == 74
    assert all(b > a - 1 / FPS for a, b in itertools.pairwise(short))
    assert short[-1] == pytest.approx(2.6, abs=0.05)
    allowed = {1: range(20, 32), 2: range(50, 65), 3: range(65, 70), 4: range(60, 75)}
    for index, numbers in allowed.items():
        # What is painted may be one clip behind at the moment of the join.
        assert len(seen[index] & set(numbers)) >= len(seen[index]) - 1


def test_a_short_of_many_videos_shows_each_from_its_in_point(
    player: Player, view: VideoView, qtbot: QtBot, folder: Path, clip: MediaInfo, other: MediaInfo
) -> None:
    third = probe(make_video(folder / "third.webm", seconds=5, fps=FPS, audio=None))
    span = Span(Fraction(2), Fraction(5, 2))
    clips = [Clip(info, span) for info in (clip, other, third, other, clip, third)]
    for info in (clip, other, third):
        player.set_frame_index(read_frame_index(info), info)
    sources: list[MediaInfo] = []
    times: list[float] = []
    player.clip_changed.connect(lambda index: sources.append(player.info) if index >= 0 else None)
    player.moved.connect(times.append)
    with qtbot.waitSignal(player.clip_changed, check_params_cb=lambda i: i < 0, timeout=PATIENCE):
        player.play_short(clips)
    assert sources == [clip.info for clip in clips]
    assert all(span.start - Fraction(1, 100) <= seconds <= span.end for seconds in times)
    wait_for_number(qtbot, view, 62)


def test_seeking_in_the_preview_goes_on_inside_a_clip_and_leaves_outside(
    player: Player, view: VideoView, qtbot: QtBot, clip: MediaInfo
) -> None:
    open_exactly(player, clip)
    order: list[int] = []
    player.clip_changed.connect(order.append)
    clips = [Clip(clip, Span(Fraction(1), Fraction(3))), Clip(clip, Span(Fraction(5), Fraction(7)))]
    player.play_short(clips)
    qtbot.waitUntil(lambda: player.position > 1.1, timeout=PATIENCE)
    player.seek(5.5)
    assert order == [0, 1]
    qtbot.waitUntil(lambda: player.position > 5.7, timeout=PATIENCE)
    assert player.playing
    player.pause()
    player.seek(4.0)
    assert order == [0, 1, -1]
    wait_for_number(qtbot, view, 100)


def test_trimming_while_the_short_plays_is_followed(
    player: Player, view: VideoView, qtbot: QtBot, clip: MediaInfo
) -> None:
    open_exactly(player, clip)
    order: list[int] = []
    player.clip_changed.connect(order.append)
    first, last = Span(Fraction(1), Fraction(3)), Span(Fraction(5), Fraction(28, 5))
    player.play_short([Clip(clip, first), Clip(clip, last)])
    qtbot.waitUntil(lambda: player.position > 1.2, timeout=PATIENCE)
    player.set_clips([Clip(clip, Span(first.start, Fraction(7, 5))), Clip(clip, last)])
    player.set_clips([Clip(clip, last), Clip(clip, Span(first.start, Fraction(8, 5)))])
    qtbot.waitUntil(lambda: order[-1] == -1, timeout=PATIENCE)
    wait_for_number(qtbot, view, 39)
    player.play_short([Clip(clip, first), Clip(clip, last)])
    player.set_clips([])
    assert order[-1] == -1
    assert not player.playing


def test_a_video_that_vanished_is_a_sentence(
    player: Player, qtbot: QtBot, folder: Path, clip: MediaInfo
) -> None:
    path = make_video(folder / "gone.mp4", seconds=2, fps=10)
    info = probe(path)
    path.unlink()
    with qtbot.waitSignal(player.failed, timeout=PATIENCE) as told:
        player.open(info)
    assert "cannot play" in told.args[0]
    player.toggle()
    assert not player.playing
    open_exactly(player, clip)
    player.toggle()
    qtbot.waitUntil(lambda: player.position > 0.2, timeout=PATIENCE)
