from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import LibraryError
from core.learning.library.library import Library
from core.learning.library.records import ProjectCorrections
from tests.learning.library import made
from tests.learning.library.made import cut, project, video

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

CUTS = 12


def said(number: int) -> ProjectCorrections:
    """What a project says in its given version: all its cuts lie there."""
    cuts = [cut(f"c{i}", number * 10) for i in range(CUTS)]
    return project(f"p{number % 3}", video(f"v{number % 3}", cuts))


def in_child(work: Callable[[], None]) -> int:
    """Starts a process that works, and ends however that ends."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def test_kill_at_any_moment_leaves_a_sound_library_with_all_that_was_collected(
    tmp_path: Path,
) -> None:
    path = tmp_path / "library.sqlite"
    chance = random.Random(5)
    number = 0
    for _ in range(24):
        told, tell = os.pipe()
        first = number

        def work(first: int = first, tell: int = tell) -> None:
            with Library.open(path) as library:
                for current in range(first, first + 1000):
                    os.write(tell, b"b")
                    library.collect(said(current))
                    os.write(tell, b"d")
                    library.keep_features(f"v{current % 3}", made.features(current, 400))
                    library.forget(f"p{(current + 1) % 3}", ["c0"])

        child = in_child(work)
        for _ in range(chance.randrange(1, 14)):
            assert os.read(told, 1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(tell)
        rest = os.read(told, 10_000)
        os.close(told)
        with Library.open(path) as library:
            assert library.problems() == []
            held = {
                (one.project, one.correction.span.start / made.FRAME)
                for one in library.corrections()
            }
            # Each project is wholly in one version: none is collected in half.
            assert len(held) == len({name for name, _ in held})
            newest = max((int(start) // 10 for _, start in held), default=-1)
        finished = first - 1 + rest.count(b"d")
        assert newest >= finished
        number = newest + 1


def test_two_processes_collect_at_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "library.sqlite"

    def work(name: str) -> None:
        with Library.open(path) as library:
            for number in range(25):
                library.collect(project(f"{name}{number}", video(f"v{number}", [cut("a", number)])))
                if number % 5 == 0:
                    library.forget(f"{name}{number}", ["a"])

    children = [in_child(lambda name=name: work(name)) for name in "pq"]  # type: ignore[misc]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    with Library.open(path) as library:
        assert library.problems() == []
        assert {one.project for one in library.corrections()} == {
            f"{name}{number}" for name in "pq" for number in range(25) if number % 5
        }


def test_a_call_that_fails_changes_nothing(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.sqlite") as library:
        library.collect(said(0))
        before = library.corrections()
        library.connection.execute(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON seen BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
        more = video("v0", [cut("other")], seen=(made.span(0, 1),))
        with pytest.raises(LibraryError):
            library.collect(project("p0", more))
        assert library.corrections() == before
