from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from core.cli import VERBS, main
from core.cutting.cut import Cut
from core.learning.library.library import Library
from core.learning.personal.profiles import Profile
from core.project.document import Decision, EditedCut, Medium, Project, Suggestion, Wishes
from core.project.project_file import write_project
from core.time import Span
from tests.learning.personal.made_library import correct, fingerprint, make_library, plain_fusion
from tests.learning.personal.made_versions import make_version

Run = Callable[..., Any]


@pytest.fixture
def learn(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the verb with --json, and gives what it printed."""

    def run(*words: object, code: int = 0) -> Any:
        assert main(["learn", *map(str, words), "--json"]) == code
        output = capsys.readouterr()
        return json.loads(output.out) if output.out else output.err

    return run


@pytest.fixture
def baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The transparent baseline is what ships, so that no fusion is tuned."""
    from core.learning.personal import retraining

    folder = plain_fusion(tmp_path / "fusion")
    monkeypatch.setitem(retraining.retrain.__kwdefaults__, "shipped_fusion", folder)


def test_learn_is_a_verb() -> None:
    assert "learn" in VERBS


@pytest.mark.usefixtures("baseline")
def test_learning_going_back_and_resetting(learn: Run, capsys: pytest.CaptureFixture[str]) -> None:
    make_library()
    version = learn()
    assert version["number"] == 1
    assert version["trial"]["verdict"] == "adopted"
    assert version["in use"] is True
    assert version["sentence"].startswith("You keep colourful pictures")
    assert learn("status")["new since then"] is False
    with Library.open() as library:
        correct(library, 7)
    assert learn("status")["new since then"] is True
    assert [one["number"] for one in learn("versions")] == [1]
    assert learn("reset")["in use"] is None
    assert learn("use", 1)["in use"] == 1
    assert learn("back")["in use"] is None
    assert "no version 9" in learn("use", 9, code=2)
    assert main(["learn"]) == 0
    told = capsys.readouterr().out
    assert "Learned from 98 corrections of 7 videos." in told
    assert "average precision" in told
    assert "In use: version 2" in told


@pytest.mark.usefixtures("baseline")
def test_what_a_version_that_waits_has_learned_from_is_not_new(learn: Run) -> None:
    make_library(videos=1)
    assert learn("status")["new since then"] is True
    assert learn()["trial"]["verdict"] == "candidate"
    status = learn("status")
    assert (status["in use"], status["new since then"]) == (None, False)


def test_with_nothing_to_learn_from_one_line_says_what_to_do(learn: Run) -> None:
    told = learn(code=2)
    assert "nothing can be learned yet" in told
    assert len(told.splitlines()) == 1


def test_profiles_are_made_listed_and_deleted(
    learn: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert learn("new-profile", "요리")["in use"] is None
    make_version(Profile.named("요리"))
    assert learn("use", 1, "--profile", "요리")["in use"] == 1
    assert learn("--profile", "요리", "status")["in use"] == 1
    assert [one["name"] for one in learn("profiles")] == ["", "요리"]
    assert main(["learn", "profiles"]) == 0
    assert "version 1" in capsys.readouterr().out
    assert "no profile" in learn("versions", "--profile", "nobody", code=2)
    learn("delete-profile", "요리")
    assert [one["name"] for one in learn("profiles")] == [""]


def test_projects_are_collected_and_their_corrections_listed_and_deleted(
    learn: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spans = [Span(Fraction(start), Fraction(start + 5)) for start in (0, 20)]
    cuts = tuple(
        EditedCut(Cut(span), "a" * 32, decision, suggestion=Suggestion(span), identifier=name)
        for span, decision, name in zip(
            spans, (Decision.KEPT, Decision.REJECTED), ("one", "two"), strict=True
        )
    )
    Profile.named("cooking", create=True)
    project = Project((Medium("a" * 32, tmp_path / "gone.mp4"),), cuts, Wishes(profile="cooking"))
    write_project(tmp_path / "a.esf", project)
    assert learn("collect", tmp_path / "a.esf") == {"changed": 2}
    assert learn("collect", tmp_path / "a.esf") == {"changed": 0}
    assert learn("corrections") == []
    rows = learn("corrections", "--profile", "cooking")
    assert [(row["what"], row["identifier"]) for row in rows] == [
        ("kept", "one"), ("rejected", "two"),
    ]  # fmt: skip
    assert main(["learn", "corrections", "--profile", "cooking"]) == 0
    assert "gone.mp4" in capsys.readouterr().out
    Profile.named("cooking").rename("baking")
    learn("collect", tmp_path / "a.esf")
    assert len(learn("corrections", "--profile", "cooking")) == 2
    learn("forget", "--cut", "two", "--profile", "cooking")
    assert len(learn("corrections", "--profile", "cooking")) == 1
    assert "no corrected cut" in learn("forget", "--cut", "two", "--profile", "cooking", code=2)
    learn("forget", "--video", "gone.mp4")
    assert learn("corrections", "--profile", "cooking") == []
    assert "no video" in learn("forget", "--video", "gone.mp4", code=2)


def test_what_a_deleted_profile_was_taught_is_still_listed_and_deleted(
    learn: Run, tmp_path: Path
) -> None:
    span = Span(Fraction(0), Fraction(5))
    cut = EditedCut(Cut(span), "a" * 32, Decision.KEPT, suggestion=Suggestion(span))
    medium = Medium("a" * 32, tmp_path / "gone.mp4")
    Profile.named("cooking", create=True)
    write_project(tmp_path / "a.esf", Project((medium,), (cut,), Wishes(profile="cooking")))
    learn("collect", tmp_path / "a.esf")
    learn("delete-profile", "cooking")
    assert len(learn("corrections", "--profile", "cooking")) == 1
    assert learn("forget", "--all", "--profile", "cooking")["videos"] == ["a" * 32]
    assert "no profile" in learn("corrections", "--profile", "cooking", code=2)


def test_forgetting_names_the_versions_that_learned_from_it(learn: Run) -> None:
    make_library(videos=1)
    make_version(Profile.named(""), videos={fingerprint(0): 10})
    make_version(Profile.named(""), videos={fingerprint(1): 10})
    found = learn("forget", "--all")
    assert found["versions that learned from them"] == {"": [1]}
    learn("versions", "--delete", 1)
    assert [one["number"] for one in learn("versions")] == [2]
    assert learn("corrections") == []


def test_the_library_goes_into_a_folder_and_comes_back(learn: Run, tmp_path: Path) -> None:
    file = make_library(videos=2)
    before = learn("corrections")
    learn("export", tmp_path / "out")
    assert "new folder" in learn("export", tmp_path / "out", code=1)
    for path in file.parent.iterdir():
        path.unlink()
    assert learn("corrections") == []
    assert learn("import", tmp_path / "out") == {"changed": 28}
    assert learn("corrections") == before


def test_check_finds_damage(learn: Run) -> None:
    make_library(videos=1)
    version = make_version(Profile.named(""))
    assert learn("check") == []
    (version.folder / "taste" / "weights.safetensors").write_bytes(b"")
    (problem,) = learn("check", code=1)
    assert "Version 1" in problem
