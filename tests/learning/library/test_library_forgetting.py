from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.learning.library.library import Library
from core.learning.library.records import Kind
from core.project.document import Suggestion
from core.project.emotion_corrections import EmotionCorrection
from tests.learning.library import made
from tests.learning.library.made import cut, project, span, video

HAPPY = EmotionCorrection(span(1, 2), "happy")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.sqlite") as opened:
        yield opened


def on_disk(library: Library) -> bytes:
    """All bytes of the library's files."""
    return b"".join(file.read_bytes() for file in sorted(library.path.parent.iterdir()))


def fill(library: Library, seed: int) -> None:
    """Many projects in random order, changed often, so that rows move among the pages."""
    chance = random.Random(seed)
    for _ in range(150):
        number = chance.randrange(30)
        suggestion = Suggestion(span(1, 2), f"model-{number}")
        cuts = [
            cut(f"cut-{number}-{i}-{chance.random()}", i, suggestion=suggestion)
            for i in range(chance.randrange(1, 12))
        ]
        name = f"v{chance.randrange(40):03}"
        library.collect(project(f"/p/project-{number:03}.emotionshort", video(name, cuts)))
        library.keep_features(name, made.features(number, chance.randrange(1, 60)))


def test_nothing_of_what_was_forgotten_stays_in_the_files(library: Library) -> None:
    fill(library, 1)
    chance = random.Random(1)
    for stored in chance.sample(library.corrections(), 10):
        assert not isinstance(stored.correction, EmotionCorrection)
        name = stored.correction.identifier
        library.forget(stored.project, [name])
        assert name.encode() not in on_disk(library)
    for one in chance.sample([one for one in library.videos() if one.features], 3):
        blobs = [
            data
            for (data,) in library.connection.execute(
                "SELECT data FROM track_rows JOIN track ON id = track WHERE video = ?", (one.video,)
            )
        ]
        patterns = [blob[4096:4136] for blob in blobs] + [blob[-40:] for blob in blobs]
        patterns = [*patterns, one.path.name.encode()]
        there = on_disk(library)
        assert all(pattern in there for pattern in patterns)
        library.forget_video(one.video)
        there = on_disk(library)
        assert not any(pattern in there for pattern in patterns)
    library.forget_everything()
    there = on_disk(library)
    for pattern in (b"/p/", b"project-", b"/videos/", b"cut-", b"model-", b"/30000", b"p.mp4"):
        assert pattern not in there
    assert library.problems() == []


def test_after_forgetting_the_files_name_nothing_but_what_is_there(library: Library) -> None:
    chance = random.Random(3)
    for number in range(500):
        name = f"/p/<{chance.randrange(60)}>{'x' * chance.randrange(200)}.emotionshort"
        cuts = [
            cut(f"<{number}-{i}>{'x' * chance.randrange(400)}", i)
            for i in range(chance.randrange(1, 9))
        ]
        said = video(f"<v{chance.randrange(30)}>{'x' * chance.randrange(90)}", cuts)
        library.collect(project(name, said, profile=chance.choice(["", "games"])))
    library.forget_profile("games")
    left = repr(library.corrections()) + repr(library.videos())
    found = set(re.findall(rb"<v?[0-9-]+>", on_disk(library)))
    assert found
    assert {name for name in found if name.decode() not in left} == set()


def test_forgotten_features_free_the_disk(library: Library) -> None:
    library.collect(project("p", video("v", [cut("a")])))
    library.keep_features("v", made.features(cells=20_000))
    full = len(on_disk(library))
    library.forget_video("v")
    assert len(on_disk(library)) < full / 10


FORGET: dict[str, Callable[[Library], object]] = {
    "cut": lambda library: library.forget("p", ["a", "b"]),
    "profile": lambda library: library.forget_profile(""),
    "everything": lambda library: library.forget_everything(),
}


@pytest.mark.parametrize("how", FORGET)
def test_forgotten_cuts_come_back_only_if_the_editor_changes_them(
    library: Library, how: str
) -> None:
    said = project("p", video("v", [cut("a"), cut("b", 200)], seen=(span(0, 60),)))
    library.collect(said)
    FORGET[how](library)
    assert library.corrections() == []
    assert library.collect(said) == 0
    assert library.corrections() == []
    changed = video("v", [cut("a"), cut("b", 200, Kind.REJECTED)], seen=(span(0, 60),))
    assert library.collect(project("p", changed)) == 1
    assert library.corrections()[0].correction == changed.cuts[1]
    # What was forgotten counts neither as wanted nor as watched and left untouched.
    assert not any(stretch.overlaps(cut("a").span) for stretch in library.seen("", "v"))
    assert any(stretch.overlaps(changed.cuts[1].span) for stretch in library.seen("", "v"))


def test_forgotten_emotions_come_back_only_if_the_editor_changes_them(library: Library) -> None:
    said = project("p", video("v", [cut("a")], (HAPPY,)))
    library.collect(said)
    library.forget_emotion("p", "v", HAPPY.span)
    assert library.collect(said) == 0
    sad = EmotionCorrection(HAPPY.span, "sad")
    assert library.collect(project("p", video("v", [cut("a")], (sad,)))) == 1


def test_what_was_forgotten_in_one_project_stays_in_another(library: Library) -> None:
    library.collect(project("p", video("v", [cut("a")])))
    library.collect(project("q", video("v", [cut("a")])))
    library.keep_features("v", made.features())
    library.forget("p", ["a"])
    assert [one.project for one in library.corrections()] == ["q"]
    assert library.features("v") is not None
    assert b"project" in on_disk(library)


def test_a_forgotten_video_is_left_out_until_it_is_wanted_again(library: Library) -> None:
    said = project("p", video("secret", [cut("a")]), video("w", [cut("b")]))
    library.collect(said)
    library.forget_video("secret")
    library.collect(said)
    assert [one.video for one in library.corrections()] == ["w"]
    (listed,) = (one for one in library.videos() if one.video == "secret")
    assert listed.left_out
    assert listed.path == Path()
    library.leave_out("secret", False)
    assert library.collect(said) == 1


def test_forgetting_what_is_not_there_is_no_mistake(library: Library) -> None:
    library.forget("p", ["a"])
    library.forget_emotion("p", "v", span(0, 1))
    library.forget_profile("nobody")
    library.forget_everything()
    assert library.videos() == []
