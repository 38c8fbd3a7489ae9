from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import LaterVersion, ProjectError, UsageError
from core.export.captions.caption import Caption
from core.export.encoding import SPEEDS, WAYS, Encoding
from core.export.look import Look
from core.export.target import work_folder
from core.media.fingerprint import fingerprint
from core.project import export_queue as queues
from core.project.document import Decision, Medium, Project
from core.project.export_queue import ExportQueue
from core.project.queued_export import (
    ExportState,
    QueuedExport,
    only_the_short,
    read_queued,
    write_queued,
)
from core.time import Span
from tests.export.test_target import killed_export
from tests.project.projects import cut, edited, looks, projects
from tests.synthetic import make_video

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def queued(name: str, number: int = 0, project: Project | None = None) -> QueuedExport:
    return QueuedExport(
        name,
        project or edited((1, 2), (3, 4)),
        Path(f"/nowhere/{name}.mp4"),
        Look(aspect="9:16"),
        Encoding(crf=23),
        "shorts",
        when=BEGIN + timedelta(seconds=number),
    )


def states(queue: ExportQueue) -> list[tuple[str, str]]:
    return [(one.name, one.state.value) for one in queue.exports()]


encodings = st.builds(
    Encoding,
    st.sampled_from(["h264", "hevc"]),
    st.booleans(),
    st.none() | st.integers(64, 4320),
    st.fractions(1, 120, max_denominator=1001),
    st.integers(0, 51),
    st.sampled_from(SPEEDS),
    st.none() | st.integers(8000, 10**8),
    st.integers(8000, 512_000),
    st.none() | st.floats(-40, -5),
    st.floats(-20, 0),
    st.sampled_from(WAYS),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(projects(), looks, encodings, st.text(max_size=20), st.sampled_from(ExportState))
def test_an_export_comes_back_exactly(
    tmp_path: Path, project: Project, look: Look, encoding: Encoding, name: str, state: ExportState
) -> None:
    export = QueuedExport(
        name, project, Path("/nowhere/a.mp4"), look, encoding, name, True, "srt", state, name
    )
    write_queued(tmp_path / "a.export", export)
    assert read_queued(tmp_path / "a.export") == export


def test_exports_come_in_the_order_in_which_they_were_put_in() -> None:
    queue = ExportQueue()
    queue.add(queued("b", 2), queued("a", 1))
    ExportQueue().add(queued("c", 3))
    assert [name for name, _ in states(queue)] == ["a", "b", "c"]
    taken = [queue.take(), queue.take()]
    assert [one.export.name for one in taken if one] == ["a", "b"]
    assert states(queue) == [("a", "running"), ("b", "running"), ("c", "waiting")]
    for one, state in zip(taken, (ExportState.DONE, ExportState.FAILED), strict=True):
        assert one is not None
        one.end(state, "said")
    assert states(ExportQueue()) == [("a", "done"), ("b", "failed"), ("c", "waiting")]
    assert queue.exports()[0].message == "said"


def test_a_clock_that_was_put_back_does_not_let_later_ones_go_first() -> None:
    queue = ExportQueue()
    queue.add(queued("first", 100))
    queue.add(queued("second", 5), queued("third", 6))
    ExportQueue().add(queued("fourth", 5))
    assert [name for name, _ in states(queue)] == ["first", "second", "third", "fourth"]


def test_only_the_short_is_kept_of_a_project() -> None:
    project = edited((1, 2), (3, 4))
    captions = tuple(Caption(Span(Fraction(n), Fraction(n + 1)), f"{n}") for n in range(9))
    project = project.with_medium(replace(project.media[0], captions=captions))
    project = project.with_medium(Medium("b", Path("/nowhere/b.mp4")))
    rejected = cut(6, 7, decision=Decision.REJECTED)
    queue = ExportQueue()
    queue.add(queued("a", project=project.with_cuts((*project.cuts, rejected))))
    (kept,) = queue.exports()
    assert kept.project.cuts == project.cuts
    assert [medium.identifier for medium in kept.project.media] == ["a"]
    assert [one.text for one in kept.project.media[0].captions] == ["1", "3"]
    assert only_the_short(kept.project) == kept.project


def test_nothing_to_write_and_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = ExportQueue()
    with pytest.raises(UsageError, match="no cuts"):
        queue.add(queued("a"), queued("b", project=edited()))
    assert queue.exports() == []
    monkeypatch.setattr(queues, "MOST_WAITING", 2)
    queue.add(queued("a"))
    with pytest.raises(UsageError, match="at most 2"):
        queue.add(queued("b"), queued("c"))
    assert states(queue) == [("a", "waiting")]


def test_what_waits_is_cancelled_at_once_and_what_runs_hears_of_it() -> None:
    queue = ExportQueue()
    queue.add(queued("a", 1), queued("b", 2))
    running = queue.take()
    assert running is not None
    assert not running.cancel_wished()
    ExportQueue().cancel([one.identifier for one in queue.exports()])
    assert running.cancel_wished()
    assert states(queue) == [("a", "running"), ("b", "cancelled")]
    running.end(ExportState.CANCELLED)
    assert states(queue) == [("a", "cancelled"), ("b", "cancelled")]
    queue.again([running.export.identifier])
    again = queue.take()
    assert again is not None
    assert (again.export.name, again.cancel_wished()) == ("a", False)
    again.end(ExportState.WAITING)
    assert states(queue) == [("a", "waiting"), ("b", "cancelled")]


def test_a_running_export_cannot_be_forgotten_others_leave_no_file() -> None:
    queue = ExportQueue()
    queue.add(queued("a", 1), queued("b", 2))
    running = queue.take()
    assert running is not None
    queue.remove([one.identifier for one in queue.exports()])
    assert states(queue) == [("a", "running")]
    running.end(ExportState.DONE)
    queue.remove([running.export.identifier])
    assert [file.name for file in queue.folder.iterdir() if file.name != "lock"] == []


def test_the_list_of_what_is_over_stays_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "MOST_OVER", 3)
    queue = ExportQueue()
    queue.add(*(queued(f"{n}", n) for n in range(7)))
    for _ in range(6):
        running = queue.take()
        assert running is not None
        running.end(ExportState.DONE)
    assert [name for name, _ in states(queue)] == ["3", "4", "5", "6"]


def test_what_was_written_once_more_is_seen_to_be_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "MOST_OVER", 2)
    queue = ExportQueue()
    queue.add(*(queued(f"{n}", n) for n in range(3)))
    for _ in range(2):
        running = queue.take()
        assert running is not None
        running.end(ExportState.DONE)
    queue.again([queue.exports()[0].identifier])
    for _ in range(2):
        running = queue.take()
        assert running is not None
        running.end(ExportState.DONE)
        assert (running.export.name, "done") in states(queue)


@contextmanager
def other_process(task: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.project.queue_runner", task],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_killed_while_it_runs_an_export_waits_again() -> None:
    queue = ExportQueue()
    queue.add(queued("a", 1), queued("b", 2))
    with other_process("hold") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "a\n"
        assert states(queue) == [("a", "running"), ("b", "waiting")]
        process.kill()
        process.wait()
        assert states(queue) == [("a", "waiting"), ("b", "waiting")]
        running = queue.take()
        assert running is not None
        assert running.export.name == "a"
        running.end(ExportState.DONE)


def test_two_processes_share_the_work() -> None:
    queue = ExportQueue()
    queue.add(*(queued(f"{n}", n) for n in range(12)))
    with other_process("work") as one, other_process("work") as other:
        written = [*one.communicate()[0].split(), *other.communicate()[0].split()]
    assert sorted(written, key=int) == [f"{n}" for n in range(12)]
    assert {state for _, state in states(queue)} == {"done"}


def test_killed_at_any_moment_no_export_is_lost_or_damaged() -> None:
    queue = ExportQueue()
    names = [f"{n:02d}" for n in range(60)]
    queue.add(*(queued(name, number) for number, name in enumerate(names)))
    chance = random.Random(3)
    for _ in range(3):
        with other_process("work") as process:
            assert process.stdout is not None
            for _ in range(chance.randrange(2, 9)):
                process.stdout.readline()
            for _ in range(chance.randrange(20_000)):
                pass  # so that it is killed anywhere, not only where it prints
            process.kill()
        after = queue.exports()
        assert {one.state for one in after} <= {ExportState.DONE, ExportState.WAITING}
        waiting = [one.name for one in after if one.state is ExportState.WAITING]
        assert waiting == names[len(names) - len(waiting) :]


@pytest.mark.parametrize(
    "change",
    [
        {"format": "x"}, {"version": 2}, {"state": "lost"}, {"when": "yesterday"},
        {"when": "2026-01-01"}, {"look": 3}, {"encoding": {"crf": "x"}},
        {"encoding": {"crf": None}}, {"encoding": {"height": -1}},
        {"encoding": {"frame_rate": "1/0"}}, {"output": ""},
        {"project": {}}, {"identifier": "../../x"}, {"identifier": "other"}, {"name": None},
        {"message": "x" * 20_000},
    ],
)  # fmt: skip
def test_a_damaged_export_is_left_out_and_the_others_go_on(change: dict[str, object]) -> None:
    queue = ExportQueue()
    queue.add(queued("a", 1), queued("b", 2))
    file = queue.folder / f"{queue.exports()[0].identifier}.export"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    assert states(ExportQueue()) == [("b", "waiting")]
    if change != {"identifier": "other"}:
        with pytest.raises(LaterVersion if "version" in change else ProjectError):
            read_queued(file)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b" " * (33 << 20)])
def test_files_that_are_no_exports_are_left_out(content: bytes) -> None:
    queue = ExportQueue()
    queue.add(queued("a"))
    (queue.folder / "b.export").write_bytes(content)
    assert states(queue) == [("a", "waiting")]


def test_a_queue_that_cannot_be_kept_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ProjectError, match="cannot be kept"):
        ExportQueue(tmp_path / "file").add(queued("a"))


def test_a_video_that_is_gone_is_named_when_its_turn_comes(tmp_path: Path) -> None:
    video = make_video(tmp_path / "a.mp4", seconds=1)
    name = fingerprint(video)
    project = Project(
        (Medium(name, video),), (replace(cut(0, Fraction(1, 2), touched=True), medium=name),)
    )
    queue = ExportQueue()
    queue.add(replace(queued("a", project=project), output=tmp_path / "out" / "short.mp4"))
    (export,) = queue.exports()
    (clip,) = export.clips()
    assert (clip.info.path, clip.span) == (video, Span(Fraction(0), Fraction(1, 2)))
    shutil.move(video, tmp_path / "elsewhere.mov")
    with pytest.raises(ProjectError, match="a video of the short is missing") as caught:
        export.clips()
    assert caught.value.path == video


def test_a_killed_export_that_is_given_up_leaves_nothing_beside_its_file(tmp_path: Path) -> None:
    output = tmp_path / "short.mp4"
    killed_export(output, "key")
    assert list(tmp_path.iterdir())
    queue = ExportQueue(tmp_path / "queue")
    export = replace(queued("one"), output=output)
    queue.add(export)
    queue.cancel([export.identifier])
    assert states(queue) == [("one", "cancelled")]
    assert [path.name for path in tmp_path.iterdir()] == ["queue"]


def test_what_another_export_of_the_same_file_writes_stays(tmp_path: Path) -> None:
    output = tmp_path / "short.mp4"
    queue = ExportQueue(tmp_path / "queue")
    export = replace(queued("one"), output=output)
    queue.add(export)
    with work_folder(output, "key") as folder:
        queue.cancel([export.identifier])
        assert folder.is_dir()
