from __future__ import annotations

import copy
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ProjectError
from core.media.fingerprint import fingerprint
from core.project.document import Decision, Medium, Project, Wishes
from core.project.emotion_corrections import EmotionCorrection
from core.project.project_file import (
    parse_project,
    project_bytes,
    project_from_json,
    project_to_json,
    read_project,
    write_project,
)
from core.time import Span
from tests.project.projects import FRAME, cut, edited, projects


@settings(deadline=None)
@given(projects())
def test_a_project_comes_back_exactly(project: Project) -> None:
    path = Path("/nowhere/beside/mine.emotionshort")
    assert parse_project(project_bytes(project, path), path) == project


def test_people_can_read_the_file_and_write_one(tmp_path: Path) -> None:
    path = tmp_path / "휴가.emotionshort"
    project = edited((FRAME * 100, FRAME * 400), video=tmp_path / "clips" / "휴가.mp4")
    write_project(path, replace(project, wishes=Wishes(title="여름, 2026")))
    text = path.read_text(encoding="utf-8")
    for shown in (
        '"title": "여름, 2026"',
        '"start": 3.336667',
        '"relative_path": "clips/휴가.mp4"',
    ):
        assert shown in text
    written = {
        "format": "emotion-shortform project",
        "version": 1,
        "media": [{"identifier": "a", "path": "clips/휴가.mp4"}],
        "cuts": [{"start": 1.5, "end": 3, "medium": "a", "identifier": "1"}],
    }
    path.write_text(json.dumps(written), encoding="utf-8-sig")
    assert read_project(path) == Project(
        (Medium("a", tmp_path / "clips" / "휴가.mp4"),),
        (cut(1.5, 3, suggested=True, identifier="1"),),
    )


def damaged(**changes: Any) -> dict[str, Any]:
    """A valid file but for one thing, named by where it is: ``cuts__0__start``."""
    project = edited((1, 2), (3, 4))
    correction = EmotionCorrection(Span(Fraction(1), Fraction(2)), "sad")
    project = project.with_medium(replace(project.media[0], emotion_corrections=(correction,)))
    data: Any = project_to_json(project, Path("/nowhere"))
    for place, value in changes.items():
        *way, last = (int(key) if key.isdigit() else key for key in place.split("__"))
        thing = data
        for key in way:
            thing = thing[key]
        thing[last] = value
    assert isinstance(data, dict)
    return data


NAN = float("nan")


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ([], "not a project"),
        ({"format": "another"}, "not a project"),
        (damaged(version=2), "later version of the application (format 2)"),
        (damaged(version=True), "version"),
        (damaged(version="1"), "version"),
        (damaged(media=5), "the list of videos"),
        (damaged(media__0=None), "video 1"),
        (damaged(media__0__path="a\0b"), "video 1"),
        (damaged(media__0__path=""), "video 1"),
        (damaged(media__0__relative_path=7), "video 1"),
        (damaged(media__0__identifier=["a"]), "video 1"),
        (damaged(media__0__emotion_corrections__0__arousal=NAN), "video 1"),
        (damaged(media__0__emotion_corrections=2 * damaged()["media"][0]["emotion_corrections"]),
         "video 1"),
        (damaged(media=2 * damaged()["media"]), "video 2 has the identifier of another"),
        (damaged(cuts={}), "the list of cuts"),
        (damaged(cuts__1="cut"), "cut 2"),
        (damaged(cuts__1__score=NAN), "cut 2"),
        (damaged(cuts__1__end=10**400), "cut 2"),
        (damaged(cuts__1__end=1e300), "cut 2"),
        (damaged(cuts__1__start=-1), "cut 2"),
        (damaged(cuts__1__end_exact="1/0"), "cut 2"),
        (damaged(cuts__1__end=0.5), "cut 2: a span must end after it starts"),
        (damaged(cuts__1__decision="perhaps"), "cut 2"),
        (damaged(cuts__1__decision=[]), "cut 2"),
        (damaged(cuts__1__touched="yes"), "cut 2"),
        (damaged(cuts__1__medium="b"), "cut 2: it is of a video that is not in the project"),
        (damaged(cuts=2 * damaged()["cuts"]), "has the identifier of another"),
        (damaged(wishes=3), "what the short should be like"),
        (damaged(wishes__length=float("inf")), "what the short should be like"),
        (damaged(wishes__length=0.9), "a short of 0.9 s is not possible"),
        (damaged(wishes__length=3601), "Choose 1 to 3600 seconds"),
        (damaged(wishes__length="long"), "what the short should be like"),
        (damaged(cuts__1__suggested=1), "cut 2"),
        (damaged(wishes__aspect="5:7"), "what the short should be like"),
        (damaged(wishes__title=None), "what the short should be like"),
        (damaged(wishes__threshold=NAN), "what the short should be like"),
    ],
)  # fmt: skip
def test_each_damage_is_named_with_the_file_and_a_remedy(data: Any, named: str) -> None:
    with pytest.raises(ProjectError) as caught:
        project_from_json(data, Path("mine.emotionshort"))
    assert named in str(caught.value)
    assert caught.value.path == Path("mine.emotionshort")
    assert caught.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        b"", b"nonsense", b"\xff\xfe\x00", b"[" * 200_000, b'{"format":' * 50_000,
        b'{"format": "emotion-shortform project", "version": 1, "cuts": ' + b"[" * 900 + b"]" * 900
        + b"}",
        b'{"format": "emotion-shortform project", "version": ' + b"9" * 10_000 + b"}",
        b" " * ((32 << 20) + 1),
    ],
)  # fmt: skip
def test_files_that_are_no_projects_are_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "mine.emotionshort"
    path.write_bytes(text)
    with pytest.raises(ProjectError) as caught:
        read_project(path)
    assert str(path) in str(caught.value)


def read_or_refused(content: bytes, path: Path) -> Project | None:
    """The project, or None if it was refused with words that name the file."""
    try:
        return parse_project(content, path)
    except ProjectError as error:
        if str(path) not in str(error):
            raise
        return None


_junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([10**400, -1, "1/0", "9" * 30, "a\0", "open", "a", 1e308]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(projects(), st.data())
def test_whatever_is_changed_in_a_file_it_is_read_or_refused(
    project: Project, data: st.DataObject
) -> None:
    path = Path("/nowhere/mine.emotionshort")
    plain: Any = project_to_json(project, path.parent)
    for _ in range(data.draw(st.integers(1, 3))):
        thing = plain
        while True:
            keys = list(thing) if isinstance(thing, dict) else list(range(len(thing)))
            key = data.draw(st.sampled_from(keys))
            inner = thing[key]
            if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
                break
            thing = inner
        change = data.draw(st.sampled_from(["junk", "gone", "twice"]))
        if change == "junk":
            thing[key] = data.draw(_junk)
        elif change == "gone":
            del thing[key]
        elif isinstance(thing, list):
            thing.append(copy.deepcopy(inner))
        if not isinstance(plain, dict) or not plain:
            break
    text = json.dumps(plain).encode()
    read = read_or_refused(text, path)
    if read is not None:
        assert parse_project(project_bytes(read, path), path) == read


@settings(deadline=None, max_examples=200)
@given(projects(), st.data())
def test_a_file_with_other_bytes_is_read_or_refused(project: Project, data: st.DataObject) -> None:
    path = Path("/nowhere/mine.emotionshort")
    content = bytearray(project_bytes(project, path))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_or_refused(bytes(content), path)


def test_moved_together_with_its_video_a_project_knows_the_new_place(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    (before / "clips").mkdir(parents=True)
    video = before / "clips" / "a.mp4"
    video.write_bytes(b"a video")
    project = Project((Medium(fingerprint(video), video),))
    write_project(before / "mine.emotionshort", project)
    assert read_project(before / "mine.emotionshort") == project
    before.rename(after)
    read = read_project(after / "mine.emotionshort")
    assert read.media[0].path == after / "clips" / "a.mp4"
    read.media[0].path.write_bytes(b"another video")
    assert read_project(after / "mine.emotionshort").media[0].path == video


def test_a_copied_project_takes_the_video_beside_it(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.mp4").write_bytes(b"a video")
    video = tmp_path / "first" / "a.mp4"
    write_project(
        tmp_path / "first" / "p.emotionshort", Project((Medium(fingerprint(video), video),))
    )
    copied = tmp_path / "second" / "p.emotionshort"
    copied.write_bytes((tmp_path / "first" / "p.emotionshort").read_bytes())
    assert read_project(copied).media[0].path == tmp_path / "second" / "a.mp4"


def test_a_file_that_cannot_be_written_keeps_what_was_there(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="cannot be saved"):
        write_project(tmp_path / "gone" / "mine.emotionshort", edited((1, 2)))
    path = tmp_path / "mine.emotionshort"
    write_project(path, edited((1, 2)))
    before = path.read_bytes()
    endless = replace(edited((1, 2)), wishes=Wishes(length=float("inf")))
    with pytest.raises(ProjectError, match="what the short should be like"):
        write_project(path, endless)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_to_a_project_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "mine.emotionshort"
    link.symlink_to(tmp_path / "real" / "mine.emotionshort")
    write_project(link, edited((1, 2)))
    assert link.is_symlink()
    assert len(read_project(tmp_path / "real" / "mine.emotionshort").cuts) == 1


def test_decisions_and_locks_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "mine.emotionshort"
    cuts = tuple(
        cut(n, n + 1, decision=decision, locked=n % 2 == 0) for n, decision in enumerate(Decision)
    )
    write_project(path, replace(edited(), cuts=cuts))
    assert read_project(path).cuts == cuts
