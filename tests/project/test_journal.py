from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import LaterVersion, ProjectError
from core.export.camera import Keyframe
from core.export.captions.caption import Caption, Word
from core.export.clip import Join
from core.export.look import Look
from core.project import journal as journals
from core.project import journal_file as lines
from core.project import state_text
from core.project.document import Project, Wishes
from core.project.journal import Journal, read_journal
from core.project.journal_file import journal_line
from core.project.journal_place import journal_file, journal_folder
from core.project.project_file import project_to_json
from core.project.seen_file import digest_of
from core.time import Span
from tests.project.projects import edited, large, projects

PATH = Path("/nowhere/mine.emotionshort")
BROKEN = 9


def states(count: int) -> list[Project]:
    """States of a session: each has a cut more."""
    return [
        edited(*((10 * n, 10 * n + 5) for n in range(number))) for number in range(1, count + 1)
    ]


def written(*states: Project, digest: str = "") -> Journal:
    journal = Journal(PATH, digest)
    for state in states:
        journal.append("Add cut", state)
    return journal


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(projects(), min_size=1, max_size=4))
def test_the_last_state_comes_back_exactly(states: list[Project]) -> None:
    written(*states)
    found = read_journal(PATH)
    assert found is not None
    assert found.state == states[-1]
    assert (found.project_path, found.edits, found.since("")) == (PATH, len(states), len(states))


def test_without_edits_there_is_no_journal() -> None:
    Journal(PATH, "")
    assert read_journal(PATH) is None


@pytest.mark.parametrize("cut_off", [1, 2, 20, 200])
def test_a_torn_last_line_costs_only_its_own_edit(cut_off: int) -> None:
    first, second, third = states(3)
    written(first, second)
    file = journal_file(PATH)
    file.write_bytes(file.read_bytes()[:-cut_off])
    found = read_journal(PATH)
    assert found is not None
    assert found.state == (second if cut_off == 1 else first)
    Journal(PATH, "", found).append("Add cut", third)
    found = read_journal(PATH)
    assert found is not None
    assert found.state == third


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damage_anywhere_leaves_the_last_intact_state(data: st.DataObject) -> None:
    made = states(5)
    written(*made)
    file = journal_file(PATH)
    content = bytearray(file.read_bytes())
    ends = [n + 1 for n, byte in enumerate(content) if byte == ord("\n")]
    place = data.draw(st.integers(0, len(content) - 1))
    length = data.draw(st.integers(1, 400))
    content[place : place + length] = data.draw(
        st.binary(max_size=20) | st.just(b"\0" * length) | st.just(b"\n")
    )
    file.write_bytes(content)
    found = read_journal(PATH)
    assert found is not None
    first, last = (sum(end <= at for end in ends) - 1 for at in (place, place + length - 1))
    untouched = [number for number in range(5) if not first <= number <= last]
    possible = made[untouched[-1] :] if untouched else [*made, None]
    assert found.state in possible


def test_each_line_is_json_for_other_programs() -> None:
    written(*states(2))
    header, *edits = [json.loads(line) for line in journal_file(PATH).read_text().splitlines()]
    assert header["project"] == str(PATH)
    assert [line["text"] for line in edits] == ["Add cut", "Add cut"]


def test_a_journal_that_grows_large_starts_anew_with_the_last_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journals, "LARGEST", 100_000)
    journal = Journal(PATH, "base")
    for number in range(1, 40):
        state = large(number)
        journal.append("Add cut", state)
        assert journal_file(PATH).stat().st_size <= 100_000
        found = read_journal(PATH)
        assert found is not None
        assert (found.state, found.edits, found.since("base")) == (state, number, number)


def test_only_edits_after_the_save_are_unsaved_even_if_it_was_interrupted() -> None:
    first, second, third = states(3)
    before, after = digest_of(b"before"), digest_of(b"after")
    journal = written(first, second, digest=before)
    journal.saving(after, 2)
    found = read_journal(PATH)
    assert found is not None
    assert (found.since(before), found.since(after), found.since("another")) == (2, 0, 2)
    journal.append("Add cut", third)
    found = read_journal(PATH)
    assert found is not None
    assert (found.since(before), found.since(after)) == (3, 1)


def test_edits_that_come_while_a_job_saves_stay_unsaved(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = states(3)
    journal = written(first)
    journal.saving("saved", 1)
    journal.append("Add cut", second)
    journal.saved("saved", 1)
    assert journal.unsaved == 1
    found = read_journal(PATH)
    assert found is not None
    assert (found.state, found.since("saved")) == (second, 1)
    monkeypatch.setattr(journals, "LARGEST", 10)
    journal.append("Add cut", third)
    found = read_journal(PATH)
    assert found is not None
    assert (found.state, found.since("saved")) == (third, 2)


def test_a_journal_whose_folder_was_removed_is_made_again() -> None:
    first, second = states(2)
    journal = written(first)
    shutil.rmtree(journal_folder(PATH))
    journal.append("Add cut", second)
    found = read_journal(PATH)
    assert found is not None
    assert (found.state, found.since("")) == (second, 2)


def test_where_nothing_can_be_written_it_says_so_and_goes_on_later() -> None:
    first, second, third = states(3)
    journal = written(first)
    folder = journal_folder(PATH)
    shutil.rmtree(folder)
    folder.write_text("in the way")
    with pytest.raises(ProjectError, match="cannot be kept"):
        journal.append("Add cut", second)
    assert journal.unsaved == 2
    folder.unlink()
    journal.append("Add cut", third)
    found = read_journal(PATH)
    assert found is not None
    assert (found.state, found.since("")) == (third, 3)


_FULL_DISK = """
import resource
from pathlib import Path
from core.errors import LaterVersion, ProjectError
from core.project.journal import Journal
from core.project.journal_place import journal_file
from tests.project.projects import large

journal = Journal(Path("/nowhere/mine.emotionshort"), "")
for number in range(1, 5):
    journal.append("Add cut", large(number))
size = journal_file(Path("/nowhere/mine.emotionshort")).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 700, resource.RLIM_INFINITY))
try:
    journal.append("Add cut", large(5))
except ProjectError as error:
    print(error.remedy)
assert journal_file(Path("/nowhere/mine.emotionshort")).stat().st_size == size + 700
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append("Add cut", large(6))
"""


def test_a_full_disk_is_told_and_its_half_line_breaks_no_other() -> None:
    pytest.importorskip("resource")
    ended = subprocess.run(
        [sys.executable, "-c", _FULL_DISK], capture_output=True, text=True, check=False
    )
    assert (ended.stdout, ended.stderr) == ("Make room on the disk and save the project.\n", "")
    found = read_journal(PATH)
    assert found is not None
    assert found.state is not None
    assert len(found.state.cuts) == 6
    assert found.since("") == 6


def test_what_another_version_wrote_is_not_misread(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as later:
        later.setattr(lines, "VERSION", 2)
        written(*states(1))
    with pytest.raises(LaterVersion, match="Update the application"):
        read_journal(PATH)


def broken(state: Project) -> list[Project]:
    """States that no project can have."""
    return [
        replace(state, media=()),
        replace(state, cuts=state.cuts * 2),
        replace(state, wishes=replace(state.wishes, length=float("inf"))),
        replace(state, wishes=replace(state.wishes, length=0.5)),
        replace(state, wishes=Wishes(look=Look(title="a" * 501))),
        replace(state, cuts=(replace(state.cuts[0], join=Join(Fraction(-1))),)),
        replace(state, cuts=(replace(state.cuts[0], camera=(Keyframe(Fraction(1), 2.0),)),)),
        said(state, Caption(Span(Fraction(1), Fraction(2)), " ")),
        said(state, Caption(Span(Fraction(1), Fraction(2)), "a" * 1001)),
    ]


def said(state: Project, *captions: Caption) -> Project:
    return state.with_medium(replace(state.media[0], captions=captions))


@pytest.mark.parametrize("number", range(BROKEN))
def test_a_state_that_could_not_be_read_back_is_refused_and_the_next_one_kept(number: int) -> None:
    first, second = states(2)
    journal = written(first)
    with pytest.raises(ProjectError):
        journal.append("Add cut", broken(first)[number])
    assert journal.unsaved == 2
    found = read_journal(PATH)
    assert found is not None
    assert found.state == first
    journal.append("Add cut", second)
    found = read_journal(PATH)
    assert found is not None
    assert (found.state, found.since("")) == (second, 3)


@pytest.mark.parametrize("number", range(BROKEN))
def test_a_last_state_that_no_project_can_have_is_passed_over(number: int) -> None:
    (state,) = states(1)
    written(state)
    plain = project_to_json(broken(state)[number], None)
    line = journal_line(json.dumps({"kind": "edit", "edit": 2, "text": "x", "project": plain}))
    with journal_file(PATH).open("ab") as file:
        file.write(line)
    found = read_journal(PATH)
    assert found is not None
    assert found.state == state


def test_a_journal_begun_while_a_save_goes_on_knows_what_is_saved() -> None:
    first, second = states(2)
    journal = Journal(PATH, "before")
    journal.append("Add cut", first)
    journal.saved("before", 1)
    journal.saving("after", 1)
    journal.append("Add cut", second)
    found = read_journal(PATH)
    assert found is not None
    assert (found.state, found.since("after"), found.since("before")) == (second, 1, 1)
    assert "after" in found.saved


def test_of_two_thousand_captions_only_those_that_changed_are_written_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = 0
    plain = state_text.caption_to_json

    def counted(caption: Caption) -> dict[str, object]:
        nonlocal written
        written += 1
        return plain(caption)

    monkeypatch.setattr(state_text, "caption_to_json", counted)
    captions = []
    for number in range(2000):
        span = Span(Fraction(3 * number), Fraction(3 * number + 2))
        words = tuple(Word(span, f"word{n}") for n in range(8))
        captions.append(Caption(span, " ".join(word.text for word in words), words))
    (state,) = states(1)
    state = said(state, *captions)
    journal = Journal(PATH, "")
    journal.append("Import captions", state)
    assert written == 2000
    for number in range(3):
        state = state.with_cuts((replace(state.cuts[0], locked=number % 2 == 0),))
        journal.append("Lock cut", state)
        state = state.with_medium(replace(state.media[0], path=Path(f"/nowhere/{number}.mp4")))
        journal.append("Add video", state)
    assert written == 2000
    captions[7] = replace(captions[7], text="corrected")
    state = said(state, *captions)
    journal.append("Edit caption", state)
    assert written == 2001
    found = read_journal(PATH)
    assert found is not None
    assert found.state == state
