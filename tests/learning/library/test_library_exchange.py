from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from core.errors import LibraryError
from core.learning.library.exchange import export_library, import_library
from core.learning.library.library import Library
from core.learning.library.records import Kind, ProjectCorrections
from core.project.document import Suggestion
from core.project.emotion_corrections import EmotionCorrection
from tests.learning.library import made
from tests.learning.library.made import cut, project, span, video

HAPPY = EmotionCorrection(span(1, 2), "happy", 0.5)
SUGGESTED = cut("b", 9, Kind.REJECTED, Suggestion(span(1, 3), "fusion 1"))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "one.sqlite") as opened:
        opened.collect(project("p", video("v", [cut("a"), SUGGESTED], (HAPPY,), (span(0, 9),))))
        opened.collect(project("q", video("w", [cut("a")]), profile="games"))
        opened.keep_features("v", made.features())
        yield opened


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "other.sqlite") as opened:
        yield opened


def test_an_export_makes_the_same_library_elsewhere(
    library: Library, other: Library, tmp_path: Path
) -> None:
    export_library(library, tmp_path / "out")
    assert import_library(other, tmp_path / "out") == 4
    assert other.corrections() == library.corrections()
    assert other.videos() == library.videos()
    assert made.same(other.features("v"), library.features("v"))
    assert [other.state(name) for name in ("", "games")] == [
        library.state(name) for name in ("", "games")
    ]
    assert import_library(other, tmp_path / "out") == 0
    assert other.corrections() == library.corrections()


@settings(max_examples=20)
@given(st.lists(made.projects, max_size=2, unique_by=lambda one: one.project))
def test_whatever_was_collected_survives_an_export(
    tmp_path_factory: pytest.TempPathFactory, collected: list[ProjectCorrections]
) -> None:
    folder = tmp_path_factory.mktemp("exchange") / "out"
    with Library.open(Path(":memory:")) as one, Library.open(Path(":memory:")) as other:
        for said in collected:
            one.collect(said)
        export_library(one, folder)
        assert import_library(other, folder) == len(one.corrections())
        assert other.corrections() == one.corrections()
        assert [other.state(p) for p in ("", "게임")] == [one.state(p) for p in ("", "게임")]


def test_people_can_read_an_export(library: Library, tmp_path: Path) -> None:
    export_library(library, tmp_path / "out", "")
    data = json.loads((tmp_path / "out" / "library.json").read_text())
    (said,) = data["projects"]
    assert said["project"] == "p"
    assert said["videos"][0]["cuts"][1]["kind"] == "rejected"
    assert said["videos"][0]["emotions"][0]["emotion"] == "happy"
    assert [file.name for file in (tmp_path / "out" / "features").iterdir()] == ["v.safetensors"]


def test_left_out_videos_are_neither_exported_nor_imported(
    library: Library, other: Library, tmp_path: Path
) -> None:
    export_library(library, tmp_path / "all")
    library.leave_out("v", True)
    export_library(library, tmp_path / "out")
    assert not any((tmp_path / "out" / "features").iterdir())
    assert '"v"' not in (tmp_path / "out" / "library.json").read_text()
    other.leave_out("v", True)
    assert import_library(other, tmp_path / "all") == 1
    assert [one.video for one in other.corrections()] == ["w"]
    assert other.features("v") is None


def test_of_a_cut_on_both_sides_the_one_that_was_changed_last_counts(
    library: Library, other: Library, tmp_path: Path
) -> None:
    export_library(library, tmp_path / "out")
    newer, older = cut("a", 50), cut("b", 60)
    other.collect(project("p", video("v", [older]), day=-1))
    other.collect(project("p", video("v", [newer, older]), day=1))
    assert import_library(other, tmp_path / "out") == 3
    said = [one.correction for one in other.corrections(video="v")]
    assert said == [SUGGESTED, newer, HAPPY]
    assert other.seen("", "v") == (span(0, 9),)


def test_emotions_never_lie_over_each_other(
    library: Library, other: Library, tmp_path: Path
) -> None:
    export_library(library, tmp_path / "out")
    mine = EmotionCorrection(span(0, 5), "sad")
    other.collect(project("p", video("v", [], (mine,))))
    import_library(other, tmp_path / "out")
    assert [
        one.correction
        for one in other.corrections(video="v")
        if isinstance(one.correction, EmotionCorrection)
    ] == [mine]


def test_an_import_brings_back_what_was_forgotten_and_it_stays(
    library: Library, tmp_path: Path
) -> None:
    export_library(library, tmp_path / "out")
    before = library.corrections()
    library.forget_everything()
    assert import_library(library, tmp_path / "out") == 4
    assert library.corrections() == before
    said = project("p", video("v", [cut("a"), SUGGESTED], (HAPPY,), (span(0, 9),)))
    assert library.collect(said) == 0


def test_an_export_never_overwrites(library: Library, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    export_library(library, tmp_path / "out")
    with pytest.raises(LibraryError, match="new folder"):
        export_library(library, tmp_path / "out")
    with pytest.raises(LibraryError, match="new folder"):
        export_library(library, tmp_path / "one.sqlite")
    with pytest.raises(LibraryError, match="cannot be exported"):
        export_library(library, tmp_path / "one.sqlite" / "out")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_killed_export_is_not_there(library: Library, tmp_path: Path) -> None:
    for number in range(40):
        library.collect(project(f"r{number}", video(f"x{number}", [cut("a")])))
        library.keep_features(f"x{number}", made.features(number))
    library.close()
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        with Library.open(library.path) as again:
            os.write(tell, b"x")
            export_library(again, tmp_path / "out")
            os._exit(0)
    os.read(told, 1)
    while not any(tmp_path.glob(".out.*/features/*")):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not (tmp_path / "out").exists()
    (half,) = tmp_path.glob(".out.*")
    with Library.open(tmp_path / "new.sqlite") as new, pytest.raises(LibraryError):
        import_library(new, half)


Spoil = Callable[[dict[str, Any]], object]


def _said(data: dict[str, Any]) -> dict[str, Any]:
    return data["projects"][0]["videos"][0]


HOSTILE: dict[str, Spoil] = {
    "another format": lambda data: data.update(format="x"),
    "no version": lambda data: data.pop("version"),
    "a yes for a version": lambda data: data.update(version=True),
    "a text of projects": lambda data: data.update(projects="abc"),
    "a project twice": lambda data: data["projects"].append(data["projects"][0]),
    "a video twice": lambda data: data["projects"][0]["videos"].append(_said(data)),
    "a cut twice": lambda data: _said(data)["cuts"].append(_said(data)["cuts"][0]),
    "no cuts": lambda data: _said(data).pop("cuts"),
    "an unknown kind": lambda data: _said(data)["cuts"][0].update(kind="adored"),
    "a list for a suggestion": lambda data: _said(data)["cuts"][0].update(suggestion=[]),
    "an empty suggestion": lambda data: _said(data)["cuts"][0].update(suggestion={}),
    "no words for a suggestion": lambda data: _said(data)["cuts"][0].update(suggestion=""),
    "a cut that ends before it starts": lambda data: _said(data)["cuts"][0].update(
        start=9.0, start_exact="9"
    ),
    "a time that is no number": lambda data: _said(data)["cuts"][0].update(start=float("nan")),
    "an endless time": lambda data: _said(data)["cuts"][0].update(start_exact="1" * 9999),
    "a time before the video": lambda data: _said(data)["seen"][0].update(
        start=-1.0, start_exact="-1"
    ),
    "an arousal that is no number": lambda data: _said(data)["emotions"][0].update(
        arousal=float("nan")
    ),
    "an arousal out of range": lambda data: _said(data)["emotions"][0].update(arousal=1e300),
    "an unknown emotion": lambda data: _said(data)["emotions"][0].update(emotion="bored"),
    "a number for a fingerprint": lambda data: _said(data).update(video=7),
    "no fingerprint": lambda data: _said(data).update(video=""),
    "an endless profile": lambda data: data["projects"][0].update(profile="x" * 1000),
    "a moment without a zone": lambda data: _said(data)["cuts"][0].update(collected="2025-01-01"),
    "a list for features": lambda data: data.update(features=[1]),
    "features that are not there": lambda data: data["features"].update(
        {"../../v": data["features"]["v"]}
    ),
    "another checksum": lambda data: data["features"]["v"].update(sha256="0" * 64),
    "another grid": lambda data: data["features"]["v"].update(step=0.01, step_exact="1/100"),
    "a track more": lambda data: data["features"]["v"]["versions"].update(more="1"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_export_is_refused_and_changes_nothing(
    library: Library, other: Library, tmp_path: Path, name: str
) -> None:
    export_library(library, tmp_path / "out")
    file = tmp_path / "out" / "library.json"
    data = json.loads(file.read_text())
    HOSTILE[name](data)
    file.write_text(json.dumps(data))
    with pytest.raises(LibraryError) as caught:
        import_library(other, tmp_path / "out")
    assert str(tmp_path / "out") in str(caught.value)
    assert other.videos() == []


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"format": 1}'])
def test_what_is_no_export_is_refused(other: Library, tmp_path: Path, text: str) -> None:
    with pytest.raises(LibraryError, match="no exported library"):
        import_library(other, tmp_path)
    (tmp_path / "library.json").write_text(text)
    with pytest.raises(LibraryError):
        import_library(other, tmp_path)


def test_a_later_export_asks_for_an_update(
    library: Library, other: Library, tmp_path: Path
) -> None:
    export_library(library, tmp_path / "out")
    file = tmp_path / "out" / "library.json"
    file.write_text(file.read_text().replace('"version": 1', '"version": 2', 1))
    with pytest.raises(LibraryError, match="Update"):
        import_library(other, tmp_path / "out")


def _safetensors(dtype: str, size: int) -> bytes:
    """A file with one number of a type that not every reader knows."""
    head = {"motion": {"dtype": dtype, "shape": [1], "data_offsets": [0, size]}}
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text + bytes(size)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 100,
        (10**15).to_bytes(8, "little") + b"{}",
        save({"motion": np.zeros((4, 2), np.int64), "visual": np.zeros((4, 2), np.float16)}),
        save({"motion": np.zeros((4, 2), np.float32), "visual": np.zeros((5, 2), np.float16)}),
        save({"motion": np.zeros((0, 2), np.float32), "visual": np.zeros((0, 2), np.float16)}),
        save({"other": np.zeros((4, 2), np.float32)}),
        _safetensors("BF16", 2),
        _safetensors("F8_E4M3", 1),
    ],
)
def test_hostile_features_of_an_export_are_refused(
    library: Library, other: Library, tmp_path: Path, data: bytes
) -> None:
    export_library(library, tmp_path / "out")
    (tmp_path / "out" / "features" / "v.safetensors").write_bytes(data)
    file = tmp_path / "out" / "library.json"
    plain = json.loads(file.read_text())
    plain["features"]["v"]["sha256"] = sha256(data).hexdigest()
    file.write_text(json.dumps(plain))
    with pytest.raises(LibraryError, match="features"):
        import_library(other, tmp_path / "out")
    assert other.videos() == []


def test_features_are_read_from_the_folder_alone(
    library: Library, other: Library, tmp_path: Path
) -> None:
    export_library(library, tmp_path / "out")
    place = tmp_path / "out" / "features" / "v.safetensors"
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LibraryError, match="missing"):
        import_library(other, tmp_path / "out")


def test_a_fingerprint_that_is_a_path_stays_in_the_folder(
    library: Library, other: Library, tmp_path: Path
) -> None:
    library.collect(project("p", video("../../../evil", [cut("a")])))
    library.keep_features("../../../evil", made.features())
    export_library(library, tmp_path / "a" / "b" / "c" / "out")
    assert not list(tmp_path.rglob("evil*"))
    assert import_library(other, tmp_path / "a" / "b" / "c" / "out") == 2
    assert made.same(other.features("../../../evil"), made.features())
