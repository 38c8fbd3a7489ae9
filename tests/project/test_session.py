from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Cancelled, LaterVersion, ProjectChanged, ProjectError
from core.media.fingerprint import fingerprint
from core.places import data_folder
from core.project.backups import backups, backups_folder, keep_backup
from core.project.document import Medium, Project
from core.project.journal_place import journal_file
from core.project.project_file import ENDING, project_bytes, read_project, write_project
from core.project.recovery import recoverable
from core.project.relink import find_media
from core.project.session import ProjectSession, projects_folder
from tests.project.projects import edited, projects

ONE, TWO, THREE = (
    edited((1, 2)),
    edited((1, 2), (3, 4)),
    edited((1, 2), (3, 4), (5, 6)),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A project's file with one cut."""
    path = tmp_path / "mine.emotionshort"
    write_project(path, ONE)
    return path


@contextmanager
def another_window(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A second process that has the project open."""
    script = (
        "import sys; from pathlib import Path; from core.project.session import ProjectSession\n"
        "opened = ProjectSession.open(Path(sys.argv[1]))\n"
        "print(opened.session.read_only, flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "False\n"
        yield process
        process.kill()


def crashed(path: Path, *states: Project) -> None:
    """Leaves the journal of a session that ended after these states without being saved."""
    session = ProjectSession.open(path).session
    for state in states:
        session.record("Add cut", state)
    session.close()


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(projects(), min_size=1, max_size=3))
def test_saved_and_reopened_a_project_is_the_same(tmp_path: Path, states: list[Project]) -> None:
    path = tmp_path / "random.emotionshort"
    write_project(path, Project())
    session = ProjectSession.open(path).session
    for state in states:
        session.record("Edit", state)
    assert session.unsaved() == len(states)
    session.save(states[-1])
    assert session.unsaved() == 0
    session.close()
    opened = ProjectSession.open(path)
    assert (opened.project, opened.recovered, opened.edits) == (states[-1], None, 0)
    assert (opened.problem, opened.session.read_only) == ("", False)
    opened.session.close()


def test_after_a_crash_the_last_edit_is_offered(path: Path) -> None:
    crashed(path, TWO, THREE)
    opened = ProjectSession.open(path)
    assert (opened.project, opened.recovered, opened.edits) == (ONE, THREE, 2)
    assert (opened.session.unsaved(), opened.problem) == (2, "")
    opened.session.close(opened.recovered)
    again = ProjectSession.open(path)
    assert (again.project, again.recovered) == (THREE, None)
    again.session.close()


def test_edits_that_were_undone_before_the_crash_are_nothing_to_recover(path: Path) -> None:
    crashed(path, TWO, ONE)
    opened = ProjectSession.open(path)
    assert (opened.recovered, opened.edits, opened.session.unsaved()) == (None, 0, 0)
    opened.session.close()


def test_a_second_window_can_look_and_save_elsewhere(path: Path, tmp_path: Path) -> None:
    with another_window(path):
        opened = ProjectSession.open(path)
        assert opened.session.read_only
        assert opened.project == ONE
        for refused in (opened.session.save, lambda project: opened.session.record("x", project)):
            with pytest.raises(ProjectError, match="Save it under another name"):
                refused(TWO)
        other = opened.session.save_as(tmp_path / "other", TWO)
        with pytest.raises(ProjectError, match="open in another window"):
            other.save_as(path, TWO)
        assert (other.path, other.named) == (tmp_path / "other.emotionshort", True)
        assert not other.read_only
        other.record("Add cut", THREE)
        other.close(THREE)
    assert read_project(tmp_path / "other.emotionshort") == THREE
    assert read_project(path) == ONE


def test_a_killed_window_does_not_hold_its_project(path: Path) -> None:
    with another_window(path) as process:
        process.kill()
        process.wait()
        opened = ProjectSession.open(path)
        assert not opened.session.read_only
        opened.session.close()


def test_a_second_session_of_this_process_is_read_only_too(path: Path) -> None:
    first, second = ProjectSession.open(path).session, ProjectSession.open(path).session
    assert (first.read_only, second.read_only) == (False, True)
    second.close(TWO)
    first.close()
    third = ProjectSession.open(path).session
    assert not third.read_only
    third.close()


def test_a_project_changed_by_something_else_is_not_overwritten_unasked(path: Path) -> None:
    session = ProjectSession.open(path).session
    assert not session.changed_on_disk()
    session.record("Add cut", THREE)
    write_project(path, TWO)
    assert session.changed_on_disk()
    with pytest.raises(ProjectChanged, match="under another name"):
        session.save(THREE)
    assert (read_project(path), session.unsaved()) == (TWO, 1)
    session.save(THREE, anyway=True)
    assert not session.changed_on_disk()
    session.close()
    assert read_project(path) == THREE
    assert read_project(backups(path)[0].path) == TWO


def test_a_file_that_was_only_touched_has_not_changed(path: Path) -> None:
    hour_ago = time.time() - 3600
    session = ProjectSession.open(path).session
    os.utime(path, (hour_ago, hour_ago))
    assert not session.changed_on_disk()
    assert not session.changed_on_disk()
    path.unlink()
    assert session.changed_on_disk()
    session.close()


def test_at_the_end_a_changed_file_stays_and_the_edits_are_offered(path: Path) -> None:
    session = ProjectSession.open(path).session
    session.record("Add cut", THREE)
    write_project(path, TWO)
    with pytest.raises(ProjectChanged):
        session.close(THREE)
    opened = ProjectSession.open(path)
    assert (opened.project, opened.recovered) == (TWO, THREE)
    assert "changed by something else" in opened.problem
    opened.session.close()


def test_edits_of_a_project_that_was_removed_are_recovered(path: Path) -> None:
    crashed(path, TWO)
    path.unlink()
    opened = ProjectSession.open(path)
    assert (opened.project, opened.recovered) == (Project(), TWO)
    assert "not there any more" in opened.problem
    opened.session.save(TWO, anyway=True)
    opened.session.close()
    assert read_project(path) == TWO


def test_a_file_that_is_not_there_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    for path in (tmp_path / "mine.emotionshort", tmp_path / "gone" / "mine.emotionshort"):
        with pytest.raises(ProjectError, match="cannot be read"):
            ProjectSession.open(path)
    assert list((data_folder() / "journals").iterdir()) == []


def test_a_link_in_a_circle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.emotionshort"
    path.symlink_to(path)
    with pytest.raises(ProjectError, match="cannot be read"):
        ProjectSession.open(path)
    session = ProjectSession.new().session
    with pytest.raises(ProjectError, match="cannot"):
        session.save_as(path, ONE)
    assert not session.read_only
    session.close()


def test_through_a_link_it_is_the_same_project(path: Path) -> None:
    link = path.with_name("link.emotionshort")
    link.symlink_to(path)
    first, second = ProjectSession.open(path).session, ProjectSession.open(link).session
    assert (first.read_only, second.read_only) == (False, True)
    first.close()
    crashed(link, TWO)
    opened = ProjectSession.open(path)
    assert opened.recovered == TWO
    opened.session.close()


def test_a_damaged_project_is_left_alone_and_its_backups_are_named(path: Path) -> None:
    session = ProjectSession.open(path).session
    session.save(TWO)
    session.close()
    path.write_text("{")
    with pytest.raises(ProjectError) as caught:
        ProjectSession.open(path)
    assert str(backups_folder(path)) in str(caught.value)
    assert path.read_text() == "{"
    path.write_bytes(backups(path)[0].path.read_bytes())
    opened = ProjectSession.open(path)
    assert (opened.project, opened.session.read_only) == (ONE, False)
    opened.session.close()


def test_a_video_keeps_its_edits_without_being_saved(tmp_path: Path) -> None:
    opened = ProjectSession.working("a", tmp_path / "a.mp4")
    assert opened.project == Project((Medium("a", tmp_path / "a.mp4"),))
    assert not opened.session.named
    opened.session.record("Add cut", edited((1, 2), video=tmp_path / "a.mp4"))
    opened.session.close(edited((1, 2), video=tmp_path / "a.mp4"))
    again = ProjectSession.working("a", tmp_path / "moved.mp4")
    assert len(again.project.cuts) == 1
    assert again.project.media[0].path == tmp_path / "moved.mp4"
    again.session.record("Add cut", TWO)
    again.session.close()
    crashed = ProjectSession.working("a", tmp_path / "moved.mp4")
    assert crashed.recovered is not None
    assert len(crashed.recovered.cuts) == 2
    assert crashed.recovered.media[0].path == tmp_path / "moved.mp4"
    crashed.session.close()


def test_a_working_project_that_cannot_be_read_is_set_aside_not_overwritten() -> None:
    file = projects_folder() / "a.emotionshort"
    file.parent.mkdir(parents=True)
    file.write_text("{")
    opened = ProjectSession.working("a", Path("/nowhere/a.mp4"))
    assert "cannot be read" in opened.problem
    assert not opened.project.cuts
    opened.session.close()
    (aside,) = (other for other in file.parent.iterdir() if other != file)
    assert aside.read_text() == "{"
    assert aside.name in opened.problem
    again = ProjectSession.working("a", Path("/nowhere/a.mp4"))
    assert again.problem == ""
    again.session.close()


def test_a_new_project_leaves_nothing_until_it_is_edited(tmp_path: Path) -> None:
    session = ProjectSession.new().session
    session.close(Project())
    assert not session.path.exists()
    assert list((data_folder() / "journals").iterdir()) == []
    session = ProjectSession.new().session
    assert not session.named
    session.record("Add cut", ONE)
    named = session.save_as(tmp_path / "mine", ONE)
    named.close(ONE)
    assert recoverable() == []
    assert read_project(tmp_path / "mine.emotionshort") == ONE
    session = ProjectSession.new().session
    session.record("Add cut", TWO)
    session.close(TWO)
    assert read_project(session.path) == TWO


def test_saved_as_another_file_the_first_one_stays_as_it_was_saved(path: Path) -> None:
    target = path.with_name("other.emotionshort")
    write_project(target, THREE)
    crashed(target, ONE)
    session = ProjectSession.open(path).session
    session.record("Add cut", TWO)
    other = session.save_as(target, TWO)
    assert session.read_only
    other.close()
    opened = ProjectSession.open(path)
    assert (opened.project, opened.recovered) == (ONE, None)
    opened.session.close()
    opened = ProjectSession.open(target)
    assert (opened.project, opened.recovered) == (TWO, None)
    opened.session.close()
    kept = [read_project(backup.path) for backup in backups(target)]
    assert THREE in kept
    assert ONE in kept


def test_saved_as_itself_it_goes_on(path: Path) -> None:
    session = ProjectSession.open(path).session
    assert session.save_as(path, TWO) is session
    assert not session.read_only
    session.close()
    assert read_project(path) == TWO


def test_the_last_ten_states_and_one_of_each_of_seven_days_are_kept(path: Path) -> None:
    noon = datetime.now().astimezone().replace(hour=12, minute=0)
    times = [noon - timedelta(days=day, minutes=minute) for day in range(10) for minute in (0, 1)]
    times += [noon - timedelta(seconds=second) for second in range(10, 20)]
    for number, moment in enumerate(sorted(times)):
        path.write_bytes(project_bytes(edited(*((n, n + 1) for n in range(number))), path))
        os.utime(path, (moment.timestamp(), moment.timestamp()))
        keep_backup(path)
    found = backups(path)
    assert [backup.time for backup in found] == sorted(
        [*(noon - timedelta(days=day) for day in range(7)),
         *(noon - timedelta(seconds=second) for second in range(10, 19))],
        reverse=True,
    )  # fmt: skip
    assert [backup.cuts for backup in found][:2] == [29, 28]


def test_a_folder_without_permission_is_named_and_nothing_is_lost(path: Path) -> None:
    if os.name == "posix" and os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    session = ProjectSession.open(path).session
    session.record("Add cut", TWO)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(ProjectError, match="Choose a folder"):
            session.close(TWO)
    finally:
        path.parent.chmod(0o700)
    opened = ProjectSession.open(path)
    assert (opened.project, opened.recovered) == (ONE, TWO)
    opened.session.close()


def test_a_folder_that_is_gone_is_named_and_nothing_is_lost(path: Path) -> None:
    session = ProjectSession.open(path).session
    session.record("Add cut", TWO)
    path.parent.rename(path.parent.with_name("elsewhere"))
    with pytest.raises(ProjectChanged, match="moved or removed"):
        session.save(TWO)
    with pytest.raises(ProjectError, match="Choose a folder"):
        session.save(TWO, anyway=True)
    session.close()
    (offered,) = recoverable()
    assert (offered.path, offered.edits) == (path, 1)


_FULL_DISK = """
import resource, sys
from pathlib import Path
from core.errors import ProjectError
from core.project.session import ProjectSession
from tests.project.projects import large

session = ProjectSession.open(Path(sys.argv[1])).session
session.record("Add cut", large(20))
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, resource.RLIM_INFINITY))
try:
    session.save(large(20))
except ProjectError as error:
    print(error.remedy)
print(session.unsaved())
"""


def test_on_a_full_disk_the_file_stays_and_the_edits_are_recovered(path: Path) -> None:
    pytest.importorskip("resource")
    ended = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, str(path)], capture_output=True, text=True, check=False
    )
    remedy = "Choose a folder that you may write to, on a disk with free space."
    assert (ended.stdout, ended.stderr) == (f"{remedy}\n1\n", "")
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    opened = ProjectSession.open(path)
    assert opened.project == ONE
    assert opened.recovered is not None
    assert len(opened.recovered.cuts) == 20
    opened.session.close()


def test_moved_together_with_its_videos_a_project_opens_without_questions(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    (before / "clips").mkdir(parents=True)
    videos = [before / "clips" / "a.mp4", before / "b.mp4"]
    for video in videos:
        video.write_bytes(video.name.encode())
    media = tuple(Medium(fingerprint(video), video) for video in videos)
    write_project(before / "mine.emotionshort", Project(media))
    before.rename(after)
    opened = ProjectSession.open(after / "mine.emotionshort")
    project, missing = find_media(opened.project, opened.session.path)
    assert (missing, opened.problem) == ([], "")
    assert [medium.path for medium in project.media] == [
        after / "clips" / "a.mp4",
        after / "b.mp4",
    ]
    opened.session.close()


def test_a_working_project_of_a_later_version_is_left_alone() -> None:
    session = ProjectSession.working("a", Path("/nowhere/a.mp4")).session
    session.close()
    later = session.path.read_text().replace('"version": 2', '"version": 3')
    session.path.write_text(later)
    with pytest.raises(LaterVersion, match="Update the application"):
        ProjectSession.working("a", Path("/nowhere/a.mp4"))
    assert session.path.read_text() == later
    assert list(session.path.parent.iterdir()) == [session.path]


def test_edits_kept_by_a_later_version_are_left_alone(path: Path) -> None:
    with pytest.MonkeyPatch.context() as later:
        later.setattr("core.project.journal_file.VERSION", 2)
        crashed(path, TWO)
    kept = journal_file(path).read_bytes()
    with pytest.raises(LaterVersion, match="Update the application"):
        ProjectSession.open(path)
    assert journal_file(path).read_bytes() == kept


def test_opening_waits_for_a_moment_before_it_is_read_only(path: Path) -> None:
    held = ProjectSession.open(path).session
    asked = threading.Event()

    def cancelled() -> bool:
        asked.set()
        return False

    def let_go() -> None:
        assert asked.wait(60)
        held.close()

    thread = threading.Thread(target=let_go)
    thread.start()
    opened = ProjectSession.open(path, cancelled=cancelled)
    thread.join()
    assert not opened.session.read_only
    with pytest.raises(Cancelled):
        ProjectSession.open(path, cancelled=lambda: True)
    opened.session.close()


def test_earlier_states_are_listed_by_their_names_alone(path: Path) -> None:
    session = ProjectSession.open(path).session
    session.record("Add cut", TWO)
    session.save(TWO)
    session.close()
    (kept,) = backups(path)
    kept.path.write_text("{")
    assert [backup.cuts for backup in backups(path)] == [1]
    put_there = backups_folder(path) / f"by hand{ENDING}"
    write_project(put_there, THREE)
    (backups_folder(path) / f"damaged{ENDING}").write_text("{")
    assert sorted(backup.cuts for backup in backups(path)) == [1, 3]
