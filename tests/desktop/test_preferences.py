from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMainWindow,
    QTreeWidgetItem,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.analysis.cache import cache_size
from core.analysis.store import Store
from core.places import MODELS, cache_folder, use_cache_folder
from core.signals.base import RowFormat
from core.time import Grid
from desktop import theme
from desktop.panels.preferences import PAGES, Preferences
from desktop.settings import SettingsStore
from desktop.shortcuts import Shortcuts
from tests.desktop.exposed import expose

OPEN, OTHER = "a" * 32, "b" * 32
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def store(qtbot: QtBot, qapp: QApplication) -> Iterator[SettingsStore]:
    theme.apply(qapp)
    made = SettingsStore()
    yield made
    made.flush()
    use_cache_folder(None)


@pytest.fixture
def shortcuts(store: SettingsStore) -> Shortcuts:
    return Shortcuts(store, store)


@pytest.fixture
def panel(qtbot: QtBot, store: SettingsStore, shortcuts: Shortcuts) -> Iterator[Preferences]:
    made = Preferences(store, shortcuts, lambda: [OPEN])
    yield expose(qtbot, made, 960, 560)
    made.close_jobs()


@pytest.fixture
def panel_in_window(
    qtbot: QtBot, store: SettingsStore, shortcuts: Shortcuts
) -> Iterator[Preferences]:
    """In a window that has all commands, as the main window has."""
    window = QMainWindow()
    made = Preferences(store, shortcuts)
    window.setCentralWidget(made)
    window.addActions(shortcuts.actions())
    expose(qtbot, window)
    yield made
    made.close_jobs()


def keep_analysis(fingerprint: str) -> int:
    rows = np.ones((500, 100), np.float32)
    layout = RowFormat((100,), "float32")
    root = cache_folder() / "analysis"
    before = cache_size(root)
    Store(root).track(fingerprint, Grid(), "loudness", "1", len(rows), layout).complete(rows)
    return cache_size(root) - before


def click(qtbot: QtBot, widget: QWidget) -> None:
    assert widget.isVisible()
    assert widget.isEnabled()
    qtbot.mouseClick(widget, LEFT)


def pick(qtbot: QtBot, choice: QComboBox, text: str) -> None:
    """Chooses by the keys, as somebody without a mouse would."""
    choice.setFocus()
    for _ in range(choice.count()):
        qtbot.keyClick(choice, Qt.Key.Key_Up)
    while choice.currentText() != text:
        qtbot.keyClick(choice, Qt.Key.Key_Down)


def type_into(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    if text.isascii():
        qtbot.keyClicks(line, text)
    else:  # no key of QTest writes Hangul
        line.insert(text)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def test_pages_are_turned_by_keys(panel: Preferences, qtbot: QtBot) -> None:
    panel.setFocus()
    seen = [panel.page]
    for _ in PAGES[1:]:
        qtbot.keyClick(panel.navigation, Qt.Key.Key_Down)
        seen.append(panel.page)
    assert tuple(seen) == PAGES


def test_the_button_and_escape_close_it(panel: Preferences, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.closed):
        click(qtbot, panel.close_button)
    with qtbot.waitSignal(panel.closed):
        qtbot.keyClick(panel.navigation, Qt.Key.Key_Escape)


def test_escape_closes_it_even_where_the_window_cancels_by_it(
    panel_in_window: Preferences, shortcuts: Shortcuts, qtbot: QtBot
) -> None:
    panel = panel_in_window
    panel.setFocus()
    cancel: QAction = shortcuts.action("cancel")
    with qtbot.waitSignal(panel.closed), qtbot.assertNotEmitted(cancel.triggered):
        qtbot.keyClick(panel.navigation, Qt.Key.Key_Escape)


def test_everything_that_can_be_used_has_a_name(panel: Preferences) -> None:
    for page in PAGES:
        panel.show_page(page)
        for widget in panel.findChildren(QWidget):
            usable = widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            if usable and not isinstance(widget, QLabel):
                text = widget.text() if isinstance(widget, QAbstractButton) else ""
                named = widget if widget.accessibleName() or text else widget.parentWidget()
                assert named is not None
                assert named.accessibleName() or text, widget


def test_choices_go_to_the_store_at_once(
    panel: Preferences, store: SettingsStore, qtbot: QtBot
) -> None:
    pick(qtbot, panel.general.theme, "Light")
    pick(qtbot, panel.general.language, "한국어")
    pick(qtbot, panel.general.aspect, "1:1")
    type_into(qtbot, panel.general.length.lineEdit(), "45.5 s")
    now = store.current
    assert (now.theme, now.language, now.aspect, now.length) == ("light", "ko", "1:1", 45.5)


def test_what_changes_elsewhere_is_shown(panel: Preferences, store: SettingsStore) -> None:
    store.change(theme="system", length=60, aspect="source", allow_downloads=True, cache_limit=5)
    assert panel.general.theme.currentText() == "As the desktop"
    assert panel.general.length.text() == "60.0 s"
    assert panel.general.aspect.currentText() == "As the video"
    assert panel.models.downloads.isChecked()
    assert panel.storage.limit.text() == "5.0 GB"


def test_weights_that_are_there_are_taken(
    panel: Preferences, store: SettingsStore, qtbot: QtBot, tmp_path: Path
) -> None:
    own = tmp_path / "내 모델"
    shutil.copytree(MODELS / "speech-emotion", own)
    panel.show_page("models")
    with qtbot.waitSignal(panel.models.emotion.checked):
        type_into(qtbot, panel.models.emotion.place, str(own))
    assert store.current.emotion_model == str(own)
    assert not panel.models.emotion.problem.isVisible()
    click(qtbot, panel.models.emotion.as_shipped)
    assert store.current.emotion_model == ""
    assert panel.models.emotion.place.text() == ""


def test_a_folder_without_weights_is_refused_in_words(
    panel: Preferences, store: SettingsStore, qtbot: QtBot, tmp_path: Path
) -> None:
    panel.show_page("models")
    row = panel.models.fusion
    with qtbot.waitSignal(row.checked):
        type_into(qtbot, row.place, str(tmp_path))
    assert row.problem.isVisible()
    assert str(tmp_path) in row.problem.text()
    assert store.current.fusion_model == ""
    with qtbot.waitSignal(row.checked):
        type_into(qtbot, row.place, str(MODELS / "fusion"))
    assert not row.problem.isVisible()
    assert store.current.fusion_model == str(MODELS / "fusion")


@pytest.mark.parametrize(
    ("place", "taken"),
    [("owner/vit-tiny", True), ("no such folder/at all", False), ("/", False)],
)
def test_a_picture_network_is_a_folder_or_a_name_of_the_hub(
    panel: Preferences, store: SettingsStore, qtbot: QtBot, place: str, taken: bool
) -> None:
    panel.show_page("models")
    with qtbot.waitSignal(panel.models.visual.checked):
        type_into(qtbot, panel.models.visual.place, place)
    assert store.current.visual_model == (place if taken else "")
    assert panel.models.visual.problem.isVisible() != taken


def test_nothing_is_fetched_before_the_user_agrees(
    panel: Preferences, store: SettingsStore, qtbot: QtBot
) -> None:
    assert not store.current.allow_downloads
    panel.show_page("models")
    panel.models.downloads.setFocus()
    qtbot.keyClick(panel.models.downloads, Qt.Key.Key_Space)
    assert store.current.allow_downloads


def test_the_size_is_measured_when_the_page_is_shown(panel: Preferences, qtbot: QtBot) -> None:
    size = keep_analysis(OTHER)
    with qtbot.waitSignal(panel.storage.measured):
        panel.show_page("storage")
    assert panel.storage.taken.text() == f"{size / 1e6:.1f} MB"


def test_clearing_asks_first_and_spares_what_is_open(panel: Preferences, qtbot: QtBot) -> None:
    kept = keep_analysis(OPEN)
    keep_analysis(OTHER)
    root = cache_folder() / "analysis"
    with qtbot.waitSignal(panel.storage.measured):
        panel.show_page("storage")
    click(qtbot, panel.storage.clear)
    assert not panel.storage.clear.isVisible()
    assert panel.storage.keep.hasFocus()
    click(qtbot, panel.storage.keep)
    assert cache_size(root) > kept
    click(qtbot, panel.storage.clear)
    with qtbot.waitSignal(panel.storage.measured):
        click(qtbot, panel.storage.confirm)
    assert cache_size(root) == kept
    assert panel.storage.taken.text() == f"{kept / 1e6:.1f} MB"
    assert panel.storage.clear.isVisible()


def test_another_folder_is_used_and_measured(
    panel: Preferences,
    store: SettingsStore,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.change(cache_folder=str(tmp_path / "one"))
    monkeypatch.delenv("EMOTION_SHORTFORM_CACHE")
    store.change(cache_folder=str(tmp_path / "two"))
    with qtbot.waitSignal(panel.storage.measured):
        panel.show_page("storage")
    with qtbot.waitSignal(panel.storage.measured):
        type_into(qtbot, panel.storage.folder, str(tmp_path / "세 번째"))
    assert cache_folder() == tmp_path / "세 번째"
    assert str(tmp_path / "세 번째") in panel.storage.present.text()


@pytest.mark.parametrize("typed", ["somewhere", "{file}"])
def test_what_is_no_folder_is_refused_in_words(
    panel: Preferences,
    store: SettingsStore,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    store.change(cache_folder=str(tmp_path / "one"))
    monkeypatch.delenv("EMOTION_SHORTFORM_CACHE")
    store.change(cache_folder=str(tmp_path / "two"))
    with qtbot.waitSignal(panel.storage.measured):
        panel.show_page("storage")
    type_into(qtbot, panel.storage.folder, typed.format(file=file))
    assert panel.storage.problem.text()
    assert store.current.cache_folder == str(tmp_path / "two")


def test_a_folder_given_from_outside_cannot_be_changed_here(panel: Preferences) -> None:
    assert not panel.storage.folder.isEnabled()
    assert "EMOTION_SHORTFORM_CACHE" in panel.storage.present.text()


def shown(panel: Preferences) -> list[str]:
    """The commands that the list shows, groups left out."""
    names: list[str] = []
    tree = panel.shortcuts.list
    groups = [tree.topLevelItem(number) for number in range(tree.topLevelItemCount())]
    for group in groups:
        assert isinstance(group, QTreeWidgetItem)
        items = [group.child(row) for row in range(group.childCount())]
        names += [i.text(0) for i in items if not i.isHidden() and not group.isHidden()]
    return names


def press(panel: Preferences, qtbot: QtBot, key: Qt.Key) -> None:
    """Clicks the command that is chosen and presses its new key."""
    tree = panel.shortcuts.list
    item = tree.currentItem()
    assert item is not None
    tree.scrollToItem(item)
    qtbot.mouseClick(tree.viewport(), LEFT, pos=tree.visualItemRect(item).center())
    qtbot.waitUntil(lambda: panel.shortcuts.keys.hasFocus())
    qtbot.keyClick(panel.shortcuts.keys, key)


@pytest.fixture
def listed(panel: Preferences) -> Preferences:
    panel.show_page("shortcuts")
    return panel


def test_every_command_is_listed_with_its_keys(listed: Preferences, shortcuts: Shortcuts) -> None:
    assert shown(listed) == [command.text for command in shortcuts.commands()]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("split", ["Split the cut"]),
        ("FRAME earlier cut begin", ["Begin one frame earlier"]),
        ("backspace", ["Delete the cut"]),
        ("nothing like this", []),
    ],
)
def test_commands_are_found_by_words_and_keys(
    listed: Preferences, qtbot: QtBot, words: str, found: list[str]
) -> None:
    qtbot.keyClicks(listed.shortcuts.search, words)
    assert shown(listed) == found


def test_pressed_keys_become_those_of_the_command(
    listed: Preferences, shortcuts: Shortcuts, qtbot: QtBot
) -> None:
    listed.shortcuts.choose("cut.split")
    press(listed, qtbot, Qt.Key.Key_F7)
    qtbot.waitUntil(lambda: shortcuts.keys("cut.split") == ("F7",))
    click(qtbot, listed.shortcuts.reset)
    assert shortcuts.keys("cut.split") == ("S",)
    click(qtbot, listed.shortcuts.remove)
    assert shortcuts.keys("cut.split") == ()


def test_keys_of_another_command_are_taken_over_only_on_request(
    listed: Preferences, shortcuts: Shortcuts, qtbot: QtBot
) -> None:
    listed.shortcuts.choose("cut.add")
    press(listed, qtbot, Qt.Key.Key_S)
    qtbot.waitUntil(listed.shortcuts.take_over.isVisible)
    assert listed.shortcuts.conflict.text() == "S belongs to “Split the cut”."
    assert shortcuts.keys("cut.add") == ("C",)
    click(qtbot, listed.shortcuts.take_over)
    assert shortcuts.keys("cut.add") == ("S",)
    assert shortcuts.keys("cut.split") == ()
    assert not listed.shortcuts.take_over.isVisible()


def test_a_conflict_is_forgotten_when_another_command_is_chosen(
    listed: Preferences, shortcuts: Shortcuts, qtbot: QtBot
) -> None:
    listed.shortcuts.choose("cut.add")
    press(listed, qtbot, Qt.Key.Key_S)
    qtbot.waitUntil(listed.shortcuts.take_over.isVisible)
    listed.shortcuts.choose("cut.keep")
    assert not listed.shortcuts.take_over.isVisible()
    assert listed.shortcuts.conflict.text() == ""


def test_a_reset_asks_before_it_takes_keys_back(
    listed: Preferences, shortcuts: Shortcuts, qtbot: QtBot
) -> None:
    shortcuts.rebind("cut.add", ["S"], steal=True)
    listed.shortcuts.choose("cut.split")
    click(qtbot, listed.shortcuts.reset)
    assert "Add a cut here" in listed.shortcuts.conflict.text()
    assert shortcuts.keys("cut.split") == ()
    click(qtbot, listed.shortcuts.take_over)
    assert shortcuts.keys("cut.split") == ("S",)
    click(qtbot, listed.shortcuts.reset_all)
    assert all(shortcuts.is_default(command.name) for command in shortcuts.commands())


def test_recording_a_key_does_not_do_its_command(
    panel_in_window: Preferences, shortcuts: Shortcuts, qtbot: QtBot
) -> None:
    panel = panel_in_window
    panel.show_page("shortcuts")
    panel.shortcuts.choose("cut.add")
    with qtbot.assertNotEmitted(shortcuts.action("play").triggered):
        press(panel, qtbot, Qt.Key.Key_Space)
        qtbot.waitUntil(panel.shortcuts.take_over.isVisible)


def test_a_speech_model_and_its_language_are_chosen(
    panel: Preferences, store: SettingsStore, qtbot: QtBot, tmp_path: Path
) -> None:
    panel.show_page("models")
    row = panel.models.speech
    with qtbot.waitSignal(row.checked):
        type_into(qtbot, row.place, str(tmp_path))
    assert str(tmp_path) in row.problem.text()
    for name in ("config.json", "model.bin", "tokenizer.json"):
        (tmp_path / name).touch()
    for place in (str(tmp_path), "large-v3"):
        with qtbot.waitSignal(row.checked):
            type_into(qtbot, row.place, place)
        assert store.current.speech_model == place
    pick(qtbot, panel.models.language, "Korean")
    assert store.current.speech_language == "ko"
    click(qtbot, row.as_shipped)
    assert store.current.speech_model == ""
