from __future__ import annotations

import copy
import json
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ProjectError
from core.export.camera import Keyframe
from core.export.captions.caption import Caption, Word
from core.export.clip import Join
from core.export.encoding import Encoding
from core.export.look import Look
from core.media.fingerprint import fingerprint
from core.project.document import Decision, Medium, Project, Wishes
from core.project.emotion_corrections import EmotionCorrection
from core.project.look_parts import encoding_from_json, encoding_to_json, look_to_json
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
    write_project(path, replace(project, wishes=Wishes(look=Look(title="여름, 2026"))))
    text = path.read_text(encoding="utf-8")
    for shown in (
        '"title": "여름, 2026"',
        '"start": 3.336667',
        '"relative_path": "clips/휴가.mp4"',
    ):
        assert shown in text
    written = {
        "format": "emotion-shortform project",
        "version": 2,
        "media": [{"identifier": "a", "path": "clips/휴가.mp4"}],
        "cuts": [{"start": 1.5, "end": 3, "medium": "a", "identifier": "1"}],
    }
    path.write_text(json.dumps(written), encoding="utf-8-sig")
    assert read_project(path) == Project(
        (Medium("a", tmp_path / "clips" / "휴가.mp4"),),
        (cut(1.5, 3, identifier="1"),),
    )


LATER = Span(Fraction(2), Fraction(3))


def damaged(**changes: Any) -> dict[str, Any]:
    """A valid file but for one thing, named by where it is: ``cuts__0__start``."""
    project = edited((1, 2), (3, 4))
    correction = EmotionCorrection(Span(Fraction(1), Fraction(2)), "sad")
    words = (Word(Span(Fraction(1), Fraction(2)), "hello"), Word(LATER, "there"))
    captions = (Caption(Span(Fraction(1), Fraction(3)), "hello there", words), Caption(LATER, "b"))
    project = project.with_medium(
        replace(project.media[0], emotion_corrections=(correction,), captions=captions)
    )
    camera = (Keyframe(Fraction(3)), Keyframe(Fraction(4), 0.2, 0.3, 2.0))
    joined = replace(project.cuts[1], join=Join(Fraction(1, 3), Fraction(-1, 3)), camera=camera)
    project = project.with_cuts((project.cuts[0], joined))
    look = Look(aspect="9:16", music=Path("/nowhere/music.mp3"))
    project = replace(project, wishes=Wishes(look=look))
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
HOSTILE = [NAN, float("inf"), 10**400, 1e300, -1, "1/0", "9" * 30, "x" * 2000, [], {}, None, True]


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ([], "not a project"),
        ({"format": "another"}, "not a project"),
        (damaged(version=3), "later version of the application (format 3)"),
        (damaged(version=1), "before shorts had a look (format 1)"),
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
        (damaged(cuts__1__suggestion=1), "cut 2"),
        (damaged(cuts__1__suggestion={"start": 1, "end": 2, "model": 3}), "cut 2"),
        (damaged(wishes__profile=3), "what the short should be like"),
        (damaged(wishes__profile="a" * 81), "what the short should be like"),
        (damaged(wishes__look=3), "what the short should be like"),
        (damaged(wishes__look__aspect="5:7"), "'5:7' is not a shape of the picture"),
        (damaged(wishes__look__layout="round"), "'round' is not a layout"),
        (damaged(wishes__look__title=None), "what the short should be like"),
        (damaged(wishes__look__end_card="a" * 501), "what the short should be like"),
        (damaged(wishes__look__duck="yes"), "what the short should be like"),
        (damaged(wishes__look__music_level=NAN), "what the short should be like"),
        (damaged(wishes__look__music_level=13), "a level of 13 dB is not possible"),
        (damaged(wishes__look__music="a\0b"), "what the short should be like"),
        (damaged(wishes__look__music=["a"]), "what the short should be like"),
        (damaged(cuts__1__join=3), "cut 2"),
        (damaged(cuts__1__join__crossfade=NAN), "cut 2"),
        (damaged(cuts__1__join__crossfade=11), "cut 2: a crossfade lasts 0 to 10 s, not 11 s"),
        (damaged(cuts__1__join__crossfade=-1), "cut 2: a crossfade lasts"),
        (damaged(cuts__1__join__sound=-11), "cut 2: the sound can change at most 10 s"),
        (damaged(cuts__1__camera={}), "cut 2"),
        (damaged(cuts__1__camera__0=None), "cut 2"),
        (damaged(cuts__1__camera__0__time=-1), "cut 2: a keyframe cannot be at -1 s"),
        (damaged(cuts__1__camera__0__time=5), "cut 2: the keyframes of the window are not in"),
        (damaged(cuts__1__camera=3 * damaged()["cuts"][1]["camera"][:1]), "more than two"),
        (damaged(cuts__1__camera__0__x=1.1), "cut 2: the window cannot be at 1.1, 0.5"),
        (damaged(cuts__1__camera__0__zoom=0.5), "cut 2: the zoom goes from 1 to 16, not to 0.5"),
        (damaged(media__0__captions=3), "video 1"),
        (damaged(media__0__captions__0=None), "video 1"),
        (damaged(media__0__captions__0__text=5), "video 1"),
        (damaged(media__0__captions__0__text=" "), "has no text"),
        (damaged(media__0__captions__0__text="a" * 1001), "at most 1000 characters"),
        (damaged(media__0__captions__0__end=2e6), "a caption cannot be at"),
        (damaged(media__0__captions__0__words=["hello"]), "video 1"),
        (damaged(media__0__captions__0__words=["1 2"]), "video 1"),
        (damaged(media__0__captions__0__words=["1 2  "]), "is empty, endless or has spaces"),
        (damaged(media__0__captions__0__words=["2 1 a"]), "video 1: a span must end after"),
        (damaged(media__0__captions__0__words=["2 3 a", "1 3 b"]), "are not in order"),
        (damaged(media__0__captions=20_001 * damaged()["media"][0]["captions"][1:]),
         "at most 20000 captions"),
        (damaged(wishes__threshold=NAN), "what the short should be like"),
    ],
)  # fmt: skip
def test_each_damage_is_named_with_the_file_and_a_remedy(data: Any, named: str) -> None:
    with pytest.raises(ProjectError) as caught:
        project_from_json(data, Path("mine.emotionshort"))
    assert named in str(caught.value)
    assert caught.value.path == Path("mine.emotionshort")
    assert caught.value.remedy


PLACES = [
    "wishes__look__title_seconds", "wishes__look__music", "wishes__look__captions",
    "cuts__1__join__crossfade", "cuts__1__join__sound_exact", "cuts__1__join",
    "cuts__1__camera__1__time", "cuts__1__camera__1__time_exact", "cuts__1__camera__1__y",
    "cuts__1__camera__1__zoom", "media__0__captions__0__start", "media__0__captions__0__text",
    "media__0__captions__0__words", "media__0__captions__0__words__0", "media__0__captions",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_hostile_values_are_refused_or_read_and_can_be_saved(place: str) -> None:
    path = Path("/nowhere/mine.emotionshort")
    for value in HOSTILE:
        read = read_or_refused(json.dumps(damaged(**{place: value})).encode(), path)
        if read is not None:
            assert parse_project(project_bytes(read, path), path) == read


@pytest.mark.parametrize(
    "text",
    [
        b"", b"nonsense", b"\xff\xfe\x00", b"[" * 200_000, b'{"format":' * 50_000,
        b'{"format": "emotion-shortform project", "version": 2, "cuts": ' + b"[" * 900 + b"]" * 900
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


@settings(deadline=None, max_examples=150)
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


def test_what_is_not_said_of_join_camera_captions_and_look_is_as_usual(tmp_path: Path) -> None:
    data = damaged()
    del data["cuts"][1]["join"], data["cuts"][1]["camera"], data["media"][0]["captions"]
    data["cuts"][0]["camera"] = [{"time": 1.5}]
    data["wishes"] = {"look": {"layout": "blur"}}
    read = project_from_json(data, tmp_path / "mine.emotionshort")
    assert (read.cuts[1].join, read.cuts[1].camera) == (Join(), ())
    assert read.cuts[0].camera == (Keyframe(Fraction(3, 2)),)
    assert read.media[0].captions == ()
    assert read.wishes == Wishes(look=Look(aspect="9:16", layout="blur"))


def test_times_that_people_change_by_hand_count(tmp_path: Path) -> None:
    data = damaged()
    data["cuts"][1]["join"]["crossfade"] = 0.5
    data["media"][0]["captions"][0]["end"] = 2.75
    read = project_from_json(data, tmp_path / "mine.emotionshort")
    assert read.cuts[1].join == Join(Fraction(1, 2), Fraction(-1, 3))
    assert read.media[0].captions[0].span == Span(Fraction(1), Fraction(11, 4))


def test_moved_together_with_its_music_a_project_knows_the_new_place(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    music = before / "song.mp3"
    music.write_bytes(b"a song")
    project = Project(wishes=Wishes(look=Look(music=music)))
    write_project(before / "mine.emotionshort", project)
    assert read_project(before / "mine.emotionshort") == project
    before.rename(after)
    assert read_project(after / "mine.emotionshort").wishes.look.music == after / "song.mp3"
    (after / "song.mp3").unlink()
    assert read_project(after / "mine.emotionshort").wishes.look.music == music


def test_every_part_of_a_look_and_an_encoding_is_kept() -> None:
    assert {field.name for field in fields(Look)} <= set(look_to_json(Look()))
    plain = encoding_to_json(Encoding())
    assert {field.name for field in fields(Encoding)} == set(plain)
    other = Encoding(
        "hevc", True, 720, Fraction(24), 30, "slow", 8_000_000, 96_000, -14.0, -2.0, "fast"
    )
    assert encoding_from_json(encoding_to_json(other)) == other
    assert all(
        getattr(other, field.name) != getattr(Encoding(), field.name) for field in fields(Encoding)
    )
