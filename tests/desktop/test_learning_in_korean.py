"""What core says of the learning, and all that the window shows of it, in Korean."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.analysis.fusion import DEFAULT_WEIGHTS, Fusion
from core.analysis.fusion_features import feature_contract, group_columns
from core.analysis.highlight import Highlight
from core.analysis.personal_curve import with_taste
from core.analysis.taste import Taste
from core.analysis.taste_file import save_taste
from core.errors import EmotionShortFormError
from core.learning.library.library import Library, library_file
from core.learning.personal.gate import judged
from core.learning.personal.learnt import PHRASES, sentence
from core.learning.personal.profiles import Profile
from core.learning.personal.retraining import _together, retrain
from core.learning.personal.trial import Trial, Verdict
from core.learning.personal.trying import AVERAGE_PRECISION, PAIRS
from core.learning.personal.versions import TASTE, Learnt
from core.learning.personal.weights_in_use import weights_in_use
from core.learning.personal.within_video import propagated
from core.networks.weights import CARD_FILE, WEIGHTS_FILE, load_card
from core.project.document import Decision
from desktop.i18n import set_language, tr_message
from desktop.main_window import MainWindow
from desktop.settings import SettingsStore
from desktop.widgets import WrappedText
from tests.desktop.conftest import PATIENCE
from tests.desktop.learnings import add_version, fill_library
from tests.learning.library.corrected import analysis_of, cut, project_of, span

HEARD = "corrections of what is heard"
OWN_NAMES = re.compile(
    r"video \d\.mp4|/(videos|projects|tmp)/.*|baseline|Scroll \w+|\(Esc\)", re.DOTALL
)
"""Of files, of what made a suggestion, of buttons of Qt, and of keys."""


@pytest.fixture(autouse=True)
def korean() -> Iterator[None]:
    set_language("ko")
    yield
    set_language("en")


def english(text: str) -> list[str]:
    """Words of other letters than Korean ones, but for names and units."""
    return re.findall(r"[A-Za-z]{2,}", re.sub(r"EMO-DB|CREMA-D|MB|safetensors", "", text))


def numbers(text: str) -> list[str]:
    """The changes that a text tells."""
    return re.findall(r"[-+]\d+\.\d", text)


def outcomes(names: tuple[str, ...], what: str) -> list[Trial]:
    """A trial of each outcome, of these measures."""
    worse, better, same, unsure = (
        {name: {str(number): row for number, row in enumerate(rows)} for name in names}
        for rows in ((-0.02, 0, 0), (0.1, 0.1, 0.1), (0.0, 0.0, 0.0), (0.3, 0.0, 0.0))
    )
    clearly = {name: {"0": -0.1, "1": -0.1, "2": 0.3} for name in names}
    compared = [judged((), rows, what=what) for rows in (worse, better, same, unsure, clearly)]
    return [*compared, *(judged((), {}, videos=count, what=what) for count in range(5))]


PICTURES = outcomes((AVERAGE_PRECISION, PAIRS), "both kept and rejected moments")
SOUNDS = [one for name in ("classes", "arousal", "valence") for one in outcomes((name,), HEARD)]


def test_what_came_of_a_trial_is_korean() -> None:
    for trial in (*PICTURES, *SOUNDS):
        told = tr_message(trial.reason)

        assert not english(told)
        assert numbers(told) == numbers(trial.reason)


@pytest.mark.parametrize("hears", [True, False])
def test_what_came_of_two_trials_is_korean(hears: bool) -> None:
    for trial, heard in itertools.product(PICTURES, SOUNDS):
        told = tr_message(_together([trial, heard], hears).reason)

        assert not english(told)
        assert tr_message(trial.reason) in told
        assert tr_message(heard.reason) in told


def test_what_was_learned_is_korean() -> None:
    every = [(subject,) for subject in PHRASES]
    few = [tuple(list(PHRASES)[:count]) for count in range(4)]

    for kept, dropped in [*((one, ()) for one in every), *itertools.product(few, [*few, *every])]:
        learnt = [Learnt(subject, 0.5) for subject in kept]
        learnt += [Learnt(subject, -0.5) for subject in dropped]
        told = tr_message(sentence(learnt))

        assert not english(told)
        assert ("주로 채택" in told, "주로 제외" in told) == (bool(kept), bool(dropped))


def sources() -> list[str]:
    """What makes curves, each as shipped and tuned, with and without a taste and decisions."""
    name = load_card(DEFAULT_WEIGHTS)["name"]
    learned = "fusion of emotion and sound learned from"
    plain = [
        "transparent baseline (arousal, loudness)",
        *(
            f"{learned} {name}{tuned}{rest}"
            for tuned in ("", ", tuned on your corrections")
            for rest in ("", "; picture and position by the transparent baseline")
        ),
    ]
    analysis = analysis_of(cells=40)
    found = []
    for source in plain:
        shipped = Highlight(
            np.linspace(0, 1, 40, dtype=np.float32),
            np.tile(np.linspace(0, 0.25, 40, dtype=np.float32)[:, None], (1, 4)),
            source,
            "made",
        )
        shifted = with_taste(
            shipped,
            Taste({"sound": np.ones(1, np.float32)}),
            {"sound": np.arange(40, dtype=np.float32)[:, None]},
            {"sound": np.ones(40, bool)},
            "made",
        )
        for curve in (shipped, shifted):
            found.append(curve.source)
            for count in (1, 2):
                made = replace(analysis, highlight=curve)
                cuts = [cut(span(5 * n + 5, 5 * n + 8), Decision.KEPT) for n in range(count)]
                project = project_of(*cuts)
                found.append(
                    propagated(made, project, project.media[0].identifier).highlight.source
                )
    return found


def test_what_made_the_curve_is_korean() -> None:
    found = sources()

    assert len(set(found)) == len(found)
    assert not [told for source in found if english(told := tr_message(source))]
    notices = [f"Highlights found by the {source}." for source in found]
    assert not [told for notice in notices if english(told := tr_message(notice))]


def test_why_a_taste_is_not_used_is_korean(tmp_path: Path) -> None:
    taste = Taste({name: np.zeros(width, np.float32) for name, width in group_columns(3).items()})
    save_taste(tmp_path, taste, {"contract": feature_contract("another", 3)})

    problem = Fusion(None, "this", 3, tmp_path).problem

    assert problem
    assert not english(tr_message(problem))


@pytest.mark.usefixtures("own_folders")
@pytest.mark.parametrize("damage", ["weights", "card", "version", "profile", "missing"])
def test_why_a_version_is_not_used_is_korean(damage: str) -> None:
    version = add_version(loud=1.0)
    folder = version.folder
    path = {
        "weights": folder / TASTE / WEIGHTS_FILE,
        "card": folder / TASTE / CARD_FILE,
        "version": folder / "version.json",
        "profile": folder.parent.parent / "profile.json",
        "missing": folder / TASTE / WEIGHTS_FILE,
    }[damage]
    assert path.exists()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"{")

    problem = weights_in_use("").problem

    assert problem
    told = tr_message(problem)
    assert str(path) in told or str(folder) in told
    assert not english(re.sub(r"/\S+", "", told))


@pytest.mark.usefixtures("own_folders")
def test_what_the_library_cannot_do_is_korean(tmp_path: Path) -> None:
    def refused() -> Iterator[EmotionShortFormError]:
        with Library.open() as library:
            for work in (
                lambda: retrain(library, Profile.named("")),
                lambda: Profile.named("cooking"),
                lambda: Profile.named("").use(7),
                lambda: Profile.named("").rename("x"),
            ):
                with pytest.raises(EmotionShortFormError) as found:
                    work()
                yield found.value
        for content in (b"no", b"SQLite format 3\0" + bytes(1000)):
            library_file().write_bytes(content)
            with pytest.raises(EmotionShortFormError) as found:
                Library.open().close()
            yield found.value

    for error in refused():
        told = tr_message(str(error))
        assert not english(re.sub(r"/\S+|cooking", "", told)), told


@pytest.mark.usefixtures("own_folders")
def test_why_a_video_teaches_nothing_is_korean() -> None:
    fill_library(2, features=True)
    said: list[str] = []
    with Library.open() as library, pytest.raises(EmotionShortFormError):
        retrain(library, Profile.named(""), tell=said.append)

    assert len(said) == 4
    for text in said:
        told = tr_message(text)
        assert re.search(r"video \d\.mp4: ", told)
        assert not english(OWN_NAMES.sub("", told))


def words(widget: QWidget) -> Iterator[str]:
    """All that a part of the window shows and says."""
    for part in (widget, *widget.findChildren(QWidget)):
        yield from (part.toolTip(), part.accessibleName(), part.accessibleDescription())
        if isinstance(part, QLabel | QAbstractButton):
            yield part.text()
        elif isinstance(part, WrappedText):
            yield part.toPlainText()
        elif isinstance(part, QLineEdit):
            yield part.placeholderText()
        elif isinstance(part, QComboBox):
            yield from (part.itemText(row) for row in range(part.count()))
        elif isinstance(part, QTabWidget):
            yield from (part.tabText(row) for row in range(part.count()))
        elif isinstance(part, QTreeWidget):
            yield from cells(part.headerItem())
            for row in range(part.topLevelItemCount()):
                yield from cells(part.topLevelItem(row))


def cells(item: QTreeWidgetItem | None) -> Iterator[str]:
    assert item is not None
    for column in range(item.columnCount()):
        yield from (item.text(column), item.toolTip(column))
    for row in range(item.childCount()):
        yield from cells(item.child(row))


@pytest.fixture
def learned(own_folders: None) -> None:
    """Versions of each verdict, the last of which suggests, and videos that were corrected."""
    names = fill_library(3, features=True)
    for verdict in Verdict:
        version = add_version(verdict=verdict, videos=dict.fromkeys(names, 3))
        file = version.folder / "version.json"
        data = json.loads(file.read_text())
        data["trial"]["reason"] = _together([PICTURES[1], SOUNDS[-2]], False).reason
        file.write_text(json.dumps(data))


def test_the_page_of_the_learning_is_korean_and_whole(
    qtbot: QtBot, learned: None, settings: SettingsStore, window: MainWindow
) -> None:
    window.resize(1000, 700)
    QTest.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    page, line = window.learning.page, window.learning.line
    qtbot.waitUntil(lambda: window.learning.librarian.idle, timeout=PATIENCE)

    for tab in range(page.tabs.count()):
        page.tabs.setCurrentIndex(tab)
        cut_off = [
            button.text()
            for button in page.findChildren(QPushButton)
            if button.isVisible() and button.width() < button.sizeHint().width()
        ]
        assert not cut_off
        assert page.tabs.width() <= page.width()
    shown = [OWN_NAMES.sub("", text) for part in (page, line) for text in words(part)]
    assert any("주로 채택" in text for text in shown)
    assert any("학습에 쓰지 않은 동영상" in text for text in shown)
    assert not [text for text in shown if english(text)]
