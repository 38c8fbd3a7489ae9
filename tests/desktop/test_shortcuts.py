from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLineEdit, QMainWindow
from pytestqt.qtbot import QtBot

from core.errors import UsageError
from desktop.settings import SettingsStore
from desktop.shortcuts import Shortcuts, commands
from tests.desktop.exposed import expose


@pytest.fixture
def store(qtbot: QtBot) -> Iterator[SettingsStore]:
    made = SettingsStore()
    yield made
    made.flush()


@pytest.fixture
def shortcuts(store: SettingsStore) -> Shortcuts:
    return Shortcuts(store, store)


@pytest.fixture
def window(qtbot: QtBot, shortcuts: Shortcuts) -> QMainWindow:
    made = QMainWindow()
    made.setCentralWidget(QLineEdit())
    made.addActions(shortcuts.actions())
    expose(qtbot, made).setFocus()
    return made


def done(shortcuts: Shortcuts) -> list[str]:
    """The commands that were done, as they are."""
    names: list[str] = []
    for command in shortcuts.commands():
        shortcuts.action(command.name).triggered.connect(
            lambda _, name=command.name: names.append(name)
        )
    return names


def test_every_command_has_a_name_a_text_and_keys_of_its_own() -> None:
    table = commands()
    assert len({command.name for command in table}) == len(table)
    assert len({command.text for command in table}) == len(table)
    keys = [key for command in table for key in command.keys]
    assert len(set(keys)) == len(keys)
    assert all(command.keys for command in table)


def test_every_default_is_one_key_in_its_one_spelling() -> None:
    portable = QKeySequence.SequenceFormat.PortableText
    for command in commands():
        for key in command.keys:
            sequence = QKeySequence(key, portable)
            assert sequence.count() == 1
            assert sequence.toString(portable) == key


def test_groups_follow_each_other_whole() -> None:
    groups = [command.group for command in commands()]
    assert list(dict.fromkeys(groups)) == [
        "File", "Edit", "Play", "Cut", "Window of the short", "Suggestions", "View",
    ]  # fmt: skip
    assert groups == sorted(groups, key=list(dict.fromkeys(groups)).index)


@pytest.mark.parametrize(
    ("key", "modifier", "name"),
    [
        (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, "play"),
        (Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier, "play-short"),
        (Qt.Key.Key_Comma, Qt.KeyboardModifier.NoModifier, "cut.earlier"),
        (Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier, "preferences"),
        (Qt.Key.Key_Backspace, Qt.KeyboardModifier.NoModifier, "cut.delete"),
        (Qt.Key.Key_BracketLeft, Qt.KeyboardModifier.NoModifier, "slower"),
        (Qt.Key.Key_Plus, Qt.KeyboardModifier.NoModifier, "zoom-in"),
        (Qt.Key.Key_Equal, Qt.KeyboardModifier.NoModifier, "zoom-in"),
        (Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier, "redo"),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier, "cut.end-later"),
    ],
)
def test_a_key_does_its_command_and_no_other(
    window: QMainWindow,
    shortcuts: Shortcuts,
    qtbot: QtBot,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier,
    name: str,
) -> None:
    did = done(shortcuts)
    qtbot.keyClick(window, key, modifier)
    assert did == [name]


def test_typing_is_not_taken_for_commands(
    window: QMainWindow, shortcuts: Shortcuts, qtbot: QtBot
) -> None:
    did = done(shortcuts)
    line = window.centralWidget()
    assert isinstance(line, QLineEdit)
    line.setFocus()
    qtbot.keyClicks(line, "space, cut")
    assert line.text() == "space, cut"
    assert did == []


def test_a_command_listens_to_its_new_keys_and_no_longer_to_the_old(
    window: QMainWindow, shortcuts: Shortcuts, qtbot: QtBot
) -> None:
    did = done(shortcuts)
    with qtbot.waitSignal(shortcuts.changed) as heard:
        shortcuts.rebind("cut.split", ["b", "Ctrl+B"])
    assert heard.args == ["cut.split"]
    assert shortcuts.keys("cut.split") == ("B", "Ctrl+B")
    qtbot.keyClick(window, Qt.Key.Key_S)
    qtbot.keyClick(window, Qt.Key.Key_B)
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert did == ["cut.split", "cut.split"]


def test_keys_of_another_command_are_not_taken_silently(
    shortcuts: Shortcuts, store: SettingsStore
) -> None:
    assert shortcuts.conflict("s", "cut.add") == "cut.split"
    assert shortcuts.conflict("S", "cut.split") is None
    assert shortcuts.conflict(("F9", "Ctrl+Y"), "play") == "redo"
    with pytest.raises(UsageError, match=r"cut\.split"):
        shortcuts.rebind("cut.add", ["S"])
    assert shortcuts.keys("cut.add") == ("C",)
    assert store.current.shortcuts == {}


def test_keys_that_are_taken_over_leave_the_other_command(
    window: QMainWindow, shortcuts: Shortcuts, qtbot: QtBot
) -> None:
    did = done(shortcuts)
    shortcuts.rebind("cut.add", ["Del"], steal=True)
    assert shortcuts.keys("cut.delete") == ("Backspace",)
    qtbot.keyClick(window, Qt.Key.Key_Delete)
    assert did == ["cut.add"]
    shortcuts.rebind("cut.split", ["Del"], steal=True)
    assert shortcuts.keys("cut.add") == ()
    qtbot.keyClick(window, Qt.Key.Key_Delete)
    assert did == ["cut.add", "cut.split"]


def test_only_what_differs_is_kept(shortcuts: Shortcuts, store: SettingsStore) -> None:
    shortcuts.rebind("cut.split", ["T"])
    assert store.current.shortcuts == {"cut.split": ("T",)}
    shortcuts.rebind("cut.split", ["S"])
    assert store.current.shortcuts == {}


def test_a_reset_gives_the_keys_back(shortcuts: Shortcuts) -> None:
    shortcuts.rebind("cut.add", ["S"], steal=True)
    assert not shortcuts.is_default("cut.split")
    with pytest.raises(UsageError):
        shortcuts.reset("cut.split")
    shortcuts.reset("cut.split", steal=True)
    assert shortcuts.keys("cut.split") == ("S",)
    assert shortcuts.keys("cut.add") == ()
    shortcuts.reset("cut.add")
    assert shortcuts.is_default("cut.add")


def test_resetting_all_leaves_nothing_changed(shortcuts: Shortcuts, store: SettingsStore) -> None:
    shortcuts.rebind("cut.add", ["S"], steal=True)
    shortcuts.rebind("play", [])
    shortcuts.reset_all()
    assert all(shortcuts.is_default(command.name) for command in commands())
    assert store.current.shortcuts == {}


@pytest.mark.parametrize("keys", [["Nonsense"], [""], ["Ctrl+"], ["Ctrl+K, Ctrl+C"]])
def test_what_is_no_key_is_refused(shortcuts: Shortcuts, keys: list[str]) -> None:
    with pytest.raises(UsageError, match="no such key"):
        shortcuts.rebind("play", keys)
    assert shortcuts.is_default("play")


def test_keys_are_there_after_a_restart(shortcuts: Shortcuts, store: SettingsStore) -> None:
    shortcuts.rebind("cut.add", ["S"], steal=True)
    store.flush()
    again = Shortcuts(SettingsStore(), store)
    assert again.keys("cut.add") == ("S",)
    assert again.keys("cut.split") == ()


def test_a_file_that_gives_two_commands_the_same_keys_leaves_none_ambiguous(
    store: SettingsStore,
) -> None:
    store.change(
        shortcuts={
            "cut.add": ("S", "S", "Nonsense"),
            "cut.keep": ("S", "F8"),
            "unknown.command": ("Space",),
        }
    )
    shortcuts = Shortcuts(store, store)
    assert shortcuts.keys("cut.add") == ("S",)
    assert shortcuts.keys("cut.keep") == ("F8",)
    assert shortcuts.keys("cut.split") == ()
    assert shortcuts.keys("play") == ("Space",)


def test_tooltips_show_the_keys_there_are(shortcuts: Shortcuts) -> None:
    assert shortcuts.tip("cut.split") == "Split the cut (S)"
    assert shortcuts.tip("cut.delete", "Remove it") == "Remove it (Del / Backspace)"
    assert shortcuts.action("cut.split").toolTip() == "Split the cut (S)"
    shortcuts.rebind("cut.split", [])
    assert shortcuts.tip("cut.split") == "Split the cut"
    assert shortcuts.shown_keys("cut.split") == ""
    assert shortcuts.action("cut.split").toolTip() == "Split the cut"


def test_holding_a_key_repeats_steps_but_not_edits(shortcuts: Shortcuts) -> None:
    assert shortcuts.action("frame-on").autoRepeat()
    assert not shortcuts.action("cut.split").autoRepeat()
    assert not shortcuts.action("play").autoRepeat()
