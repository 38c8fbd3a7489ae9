from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as configured
from hypothesis import strategies as st
from PySide6.QtCore import QLocale
from pytestqt.qtbot import QtBot

from core.errors import UsageError
from core.places import cache_folder, data_folder, use_cache_folder
from desktop.settings import SettingsStore, resolved_language
from desktop.settings_values import MOST_RECENT, Settings


@pytest.fixture
def file() -> Path:
    return data_folder() / "settings.json"


@pytest.fixture
def store(qtbot: QtBot) -> Iterator[SettingsStore]:
    made = SettingsStore()
    yield made
    made.flush()
    use_cache_folder(None)


def written(file: Path) -> dict[str, object]:
    data = json.loads(file.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def left_by_an_earlier_run(file: Path, text: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_the_first_start_has_the_defaults_and_writes_nothing(
    store: SettingsStore, file: Path
) -> None:
    assert store.current == Settings()
    store.flush()
    assert not file.exists()


def test_what_was_changed_is_there_after_a_restart(store: SettingsStore, qtbot: QtBot) -> None:
    store.change(
        theme="light",
        length=45,
        shortcuts={"cut.split": ("T",)},
        hidden_lanes=["waveform"],
        lane_heights={"emotion": 80},
        visual_model="영상 모델",
    )
    store.flush()
    again = SettingsStore()
    assert again.current == store.current
    assert again.current.length == 45.0
    assert again.current.shortcuts == {"cut.split": ("T",)}


def test_a_change_is_heard_with_the_names_of_what_differs(
    store: SettingsStore, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(store.changed) as heard:
        store.change(theme="light", length=30, snapping=False)
    assert heard.args == [frozenset({"theme", "snapping"})]


def test_what_is_no_change_is_not_heard(store: SettingsStore, qtbot: QtBot, file: Path) -> None:
    with qtbot.assertNotEmitted(store.changed):
        store.change(theme="dark", recent=(), shortcuts={})
    store.flush()
    assert not file.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"theme": "blue"},
        {"language": "tlh"},
        {"length": 0},
        {"length": float("nan")},
        {"length": 10**400},
        {"length": True},
        {"cache_limit": -1},
        {"volume": 1.5},
        {"aspect": "wide"},
        {"aspect": "21:9"},
        {"snapping": "yes"},
        {"recent": "one.mp4"},
        {"lane_heights": {"emotion": "tall"}},
        {"shortcuts": {"cut.split": "S"}},
        {"fullscreen": True},
        {"theme": "light", "volume": "loud"},
    ],
)
def test_a_value_that_cannot_be_is_refused_and_nothing_changes(
    store: SettingsStore, values: dict[str, object]
) -> None:
    with pytest.raises(UsageError):
        store.change(**values)
    assert store.current == Settings()


def test_the_settings_cannot_be_changed_behind_the_stores_back(store: SettingsStore) -> None:
    heights = {"emotion": 80}
    store.change(lane_heights=heights)
    heights["emotion"] = 90
    assert store.current.lane_heights == {"emotion": 80}
    with pytest.raises(TypeError):
        store.current.lane_heights["emotion"] = 90  # type: ignore[index]


def test_a_bad_value_in_the_file_falls_back_alone(qtbot: QtBot, file: Path) -> None:
    left_by_an_earlier_run(
        file,
        '{"theme": "light", "length": "long", "volume": NaN, "recent": [3], "lane_heights": '
        '{"emotion": 70}, "cache_limit": 1e999, "shortcuts": []}',
    )
    assert SettingsStore().current == Settings(theme="light", lane_heights={"emotion": 70})


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[1, 2]", b"\xff\xfe\x00", b"[" * 100_000, b" " * (2 << 20)]
)
def test_a_damaged_file_is_set_aside_and_said_once(qtbot: QtBot, file: Path, damage: bytes) -> None:
    left_by_an_earlier_run(file, damage)
    store = SettingsStore()
    with qtbot.waitSignal(store.problem) as heard:
        assert store.current == Settings()
    (aside,) = file.parent.glob("settings.*.unread.json")
    assert str(aside) in heard.args[0]
    assert aside.read_bytes() == damage
    again = SettingsStore()
    with qtbot.assertNotEmitted(again.problem, wait=50):
        pass
    store.change(theme="light")
    store.flush()
    assert written(file)["theme"] == "light"


def test_fields_of_another_version_stay_in_the_file(qtbot: QtBot, file: Path) -> None:
    left_by_an_earlier_run(file, '{"theme": "light", "holograms": {"on": true}}')
    store = SettingsStore()
    store.change(volume=0.5)
    store.flush()
    assert written(file)["holograms"] == {"on": True}
    assert written(file)["theme"] == "light"
    assert written(file)["volume"] == 0.5


def test_two_instances_keep_each_others_changes(qtbot: QtBot, file: Path) -> None:
    one, two = SettingsStore(), SettingsStore()
    one.change(theme="light")
    one.flush()
    two.change(volume=0.25)
    two.flush()
    both = SettingsStore().current
    assert (both.theme, both.volume) == ("light", 0.25)


def test_many_changes_are_written_once(store: SettingsStore, qtbot: QtBot, file: Path) -> None:
    store.change(lane_heights={"emotion": 50})
    for height in range(51, 251):
        store.change(lane_heights={"emotion": height})
        assert not file.exists()
    qtbot.waitUntil(file.exists)
    assert written(file)["lane_heights"] == {"emotion": 250}


def test_a_change_right_after_the_one_before_was_written_is_not_lost(
    store: SettingsStore, qtbot: QtBot, file: Path
) -> None:
    store.change(volume=0.1)
    qtbot.waitUntil(file.exists)
    store.change(volume=0.8)
    store.flush()
    assert written(file)["volume"] == 0.8


def test_a_folder_that_cannot_be_written_is_a_sentence(
    qtbot: QtBot, file: Path, store: SettingsStore
) -> None:
    file.parent.parent.mkdir(parents=True, exist_ok=True)
    file.parent.write_text("in the way")
    with qtbot.waitSignal(store.problem) as heard:
        store.change(theme="light")
    assert "cannot be kept" in heard.args[0]
    assert str(file) in heard.args[0]
    assert store.current.theme == "light"
    with qtbot.assertNotEmitted(store.problem):
        store.flush()
    file.parent.unlink()
    store.change(volume=0.5)
    store.flush()
    assert written(file)["theme"] == "light"


def test_a_file_that_cannot_be_read_is_a_sentence_and_stays(qtbot: QtBot, file: Path) -> None:
    file.mkdir(parents=True)
    store = SettingsStore()
    with qtbot.waitSignal(store.problem) as heard:
        pass
    assert "cannot be read" in heard.args[0]
    assert store.current == Settings()
    assert file.is_dir()


def test_the_newest_of_twelve_recent_files_comes_first(store: SettingsStore) -> None:
    for number in range(20):
        store.add_recent(Path(f"/videos/{number}.mp4"))
    store.add_recent(Path("/videos/15.mp4"))
    assert len(store.current.recent) == MOST_RECENT
    assert store.current.recent[:3] == ("/videos/15.mp4", "/videos/19.mp4", "/videos/18.mp4")


def test_a_path_that_is_no_unicode_is_kept(store: SettingsStore) -> None:
    store.add_recent(Path("/videos/\udcff.mp4"))
    store.flush()
    assert SettingsStore().current.recent == ("/videos/\udcff.mp4",)


def test_analyses_go_where_the_settings_say_unless_the_environment_says_otherwise(
    store: SettingsStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store.change(cache_folder=str(tmp_path / "chosen"))
    assert cache_folder() != tmp_path / "chosen"
    monkeypatch.delenv("EMOTION_SHORTFORM_CACHE")
    assert cache_folder() == tmp_path / "chosen"
    usual = cache_folder()
    store.change(cache_folder="")
    assert cache_folder() != usual
    store.change(cache_folder=str(tmp_path / "chosen"))
    store.flush()
    use_cache_folder(None)
    SettingsStore()
    assert cache_folder() == tmp_path / "chosen"


def test_the_language_of_the_desktop_is_taken_where_there_is_a_translation() -> None:
    before = QLocale()
    assert resolved_language("ko") == "ko"
    assert resolved_language("en") == "en"
    assert resolved_language("system") in ("en", "ko")
    assert QLocale() == before


_TEXT = st.text(st.characters(exclude_characters="\0"), min_size=1).map(str.strip)
_SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "theme": st.sampled_from(["dark", "light", "system"]),
        "length": st.floats(1, 3600),
        "volume": st.floats(0, 1),
        "emotion_model": _TEXT,
        "recent": st.lists(_TEXT, max_size=20),
        "shortcuts": st.dictionaries(_TEXT, st.lists(_TEXT)),
        "lane_heights": st.dictionaries(_TEXT, st.integers(1, 999)),
        "welcomed": st.booleans(),
    },
)


@given(changes=st.lists(_SETTINGS, max_size=4))
def test_any_settings_are_the_same_after_a_restart(
    qapp: object, tmp_path_factory: pytest.TempPathFactory, changes: list[dict[str, object]]
) -> None:
    file = tmp_path_factory.mktemp("settings") / "settings.json"
    store = SettingsStore(path=file)
    for values in changes:
        store.change(**values)
    store.flush()
    assert SettingsStore(path=file).current == store.current


# A fresh checkout first computes the tables of Unicode.
@configured(suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.dictionaries(
        st.sampled_from(list(Settings.__dataclass_fields__)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=6,
        ),
    )
)
def test_any_file_gives_settings_that_hold(
    qapp: object, tmp_path_factory: pytest.TempPathFactory, data: dict[str, object]
) -> None:
    file = tmp_path_factory.mktemp("settings") / "settings.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    read = SettingsStore(path=file).current
    other = SettingsStore(path=file.with_name("other.json"))
    other.change(**{name: getattr(read, name) for name in Settings.__dataclass_fields__})
    assert other.current == read
    other.flush()
