from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.learning.library.library import Library
from core.learning.library.records import Kind, ProjectCorrections
from core.project.document import Suggestion
from core.project.emotion_corrections import EmotionCorrection
from tests.learning.library import made
from tests.learning.library.made import DAY, cut, project, span, video

HAPPY = EmotionCorrection(span(1, 2), "happy")
SAID = video("v", [cut("a"), cut("b", 9)], (HAPPY,), (span(0, 9),))
Change = Callable[[Library], object]


@pytest.fixture
def library() -> Iterator[Library]:
    with Library.open(Path(":memory:")) as opened:
        opened.collect(project("p", SAID))
        opened.keep_features("v", made.features())
        opened.collect(project("other", video("w", [cut("a")]), profile="games"))
        yield opened


def _collect(**changed: object) -> Change:
    return lambda library: library.collect(project("p", replace(SAID, **changed)))  # type: ignore[arg-type]


CHANGES: dict[str, Change] = {
    "a cut gone": _collect(cuts=(cut("a"),)),
    "a cut moved": _collect(cuts=(cut("a"), cut("b", 10))),
    "a cut rejected": _collect(cuts=(cut("a"), cut("b", 9, Kind.REJECTED))),
    "another suggestion": _collect(cuts=(cut("a"), cut("b", 9, suggestion=Suggestion(span(1, 2))))),
    "another emotion": _collect(emotions=(replace(HAPPY, emotion="sad"),)),
    "an arousal": _collect(emotions=(replace(HAPPY, arousal=0.5),)),
    "no emotion": _collect(emotions=()),
    "more was seen": _collect(seen=(span(0, 10),)),
    "less was seen": _collect(seen=()),
    "it is longer": _collect(duration=Fraction(500)),
    "another project speaks": lambda library: library.collect(
        project("q", video("v", [cut("c", 50)]))
    ),
    "other features": lambda library: library.keep_features("v", made.features(1)),
    "features of another version": lambda library: library.keep_features(
        "v", made.features(version="2")
    ),
    "left out": lambda library: library.leave_out("v", True),
    "a cut forgotten": lambda library: library.forget("p", ["a"]),
    "an emotion forgotten": lambda library: library.forget_emotion("p", "v", HAPPY.span),
    "all forgotten": lambda library: library.forget_everything(),
    "another profile": lambda library: library.collect(project("p", SAID, profile="games")),
}
NO_CHANGES: dict[str, Change] = {
    "collected again, later": lambda library: library.collect(project("p", SAID, day=3)),
    "moved elsewhere": _collect(path=Path("/elsewhere/x.mp4")),
    "cuts in another order": _collect(cuts=(cut("b", 9), cut("a"))),
    "another project saw the same": lambda library: library.collect(
        project("q", video("u", seen=(span(0, 4),)))
    ),
    "another profile learns": lambda library: library.collect(
        project("other", video("w", [cut("b")], seen=(span(0, 1),)), profile="games")
    ),
    "features of a video of another profile": lambda library: library.keep_features(
        "w", made.features()
    ),
    "another video left out": lambda library: library.leave_out("w", True),
    "the same features": lambda library: library.keep_features("v", made.features()),
    "left out and back": lambda library: (
        library.leave_out("v", True),
        library.leave_out("v", False),
    ),
    "changed and back": lambda library: (
        _collect(cuts=())(library),
        library.collect(project("p", SAID)),
        library.keep_features("v", made.features()),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_state_changes_with_what_teaches(library: Library, name: str) -> None:
    before = library.state("")
    CHANGES[name](library)
    assert library.state("") != before


@pytest.mark.parametrize("name", NO_CHANGES)
def test_the_state_stays_with_what_teaches_nothing(library: Library, name: str) -> None:
    before = library.state("")
    NO_CHANGES[name](library)
    assert library.state("") == before


def test_profiles_with_nothing_have_one_state(library: Library) -> None:
    assert library.state("nobody") == library.state("none") != library.state("games")


@settings(max_examples=25)
@given(st.lists(made.projects, max_size=3, unique_by=lambda one: one.project))
def test_the_state_is_the_same_whatever_the_order(collected: list[ProjectCorrections]) -> None:
    states = []
    for order in (collected, collected[::-1]):
        with Library.open(Path(":memory:")) as library:
            for day, one in enumerate(order):
                videos = one.videos[::-1] if order is collected else one.videos
                library.collect(replace(one, videos=videos, collected=DAY + timedelta(days=day)))
            states.append([library.state(profile) for profile in ("", "게임")])
    assert states[0] == states[1]
