from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.analysis.pipeline import analyse
from core.analysis.store import Store
from core.learning.highlights.feature_store import FeatureStore
from tests.synthetic import make_video
from tests.test_cli import one_line, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("videos")
    for number in (1, 2):
        make_video(folder / f"영상 {number}.mp4", seconds=20 + number, fps=10, audio=None)
    return folder


def begin(folder: Path, out: Path) -> subprocess.Popen[str]:
    """A run in a group of its own, as a terminal makes it, with its first track written."""
    process = subprocess.Popen(
        [sys.executable, "-m", "desktop.app", "features", folder, "--out", out, "--workers", "1"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        # A shell that runs the tests in the background has it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while process.poll() is None and not list(out.rglob("track.npy")):
        pass
    return process


def test_the_lengths_and_the_problems_are_listed(folder: Path, tmp_path: Path) -> None:
    videos, out = tmp_path / "videos", tmp_path / "features"
    videos.mkdir()
    make_video(videos / "good.mp4", seconds=3, fps=10)
    (videos / "bad.mp4").write_bytes(b"no video")
    result = run("features", videos, "--out", out, "--step", "0.5")
    assert result.returncode == 1, result.stderr
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[1].split() == ["good", "00:03.00", "6", "7"]
    assert lines[3] == "1 problem"
    assert "bad.mp4" in lines[4]
    (videos / "bad.mp4").unlink()
    again = run("features", videos, "--out", out, "--step", "0.5", "--json")
    assert again.returncode == 0, again.stderr
    data = json.loads(again.stdout)
    assert data["problems"] == []
    assert [(video["name"], video["cells"]) for video in data["videos"]] == [("good", 6)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no groups to interrupt")
def test_an_interrupted_run_ends_with_its_processes_in_one_line(tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    make_video(videos / "0.mp4", seconds=20, fps=10, audio=None)
    for number in range(1, 8):  # so many that the run cannot end before it is interrupted
        copy = (videos / "0.mp4").read_bytes() + bytes([number])
        (videos / f"{number}.mp4").write_bytes(copy)
    process = begin(videos, tmp_path)
    workers = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert errors == "Stopped; what was finished is kept.\n"
    assert process.returncode == 130
    assert not psutil.wait_procs(workers, timeout=60)[1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes in another way")
def test_a_killed_run_leaves_no_process_and_goes_on(folder: Path, tmp_path: Path) -> None:
    process = begin(folder, tmp_path / "features")
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate(timeout=60)
    assert workers
    assert not psutil.wait_procs(workers, timeout=60)[1]
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "features").rglob("track.npy")}
    result = run("features", folder, "--out", tmp_path / "features", "--workers", 1)
    assert result.returncode == 0, result.stderr
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())
    store = FeatureStore(tmp_path / "features")
    assert store.videos == ("영상 1", "영상 2")
    for name in store.videos:
        alone = analyse(folder / f"{name}.mp4", store=Store(tmp_path / "alone"))
        for track, rows in store.tracks(name).items():
            np.testing.assert_allclose(rows, alone.tracks[track], atol=2e-2, err_msg=track)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("nowhere", "--out", "x"), 1, "no such folder"),
        ((".", "--out", "x", "--step", "abc"), 2, "not a time"),
        ((".", "--out", "x", "--step", "5"), 2, "not possible"),
        ((".", "--out", "x", "--workers", "0"), 2, "0 workers"),
        ((".", "--out", "x", "--emotion-model", "nowhere"), 1, "nowhere"),
    ],
)
def test_problems_are_one_line_and_an_exit_code(
    words: tuple[str, ...], code: int, message: str
) -> None:
    result = run("features", *words)
    assert result.returncode == code, result.stderr
    assert message in one_line(result)


def test_pictures_can_be_seen_by_a_vision_transformer_of_ones_own(
    folder: Path, tmp_path: Path, tiny_transformer: Path
) -> None:
    out = tmp_path / "features"
    result = run("features", folder, "--out", out, "--visual-model", tiny_transformer)
    assert result.returncode == 0, result.stderr
    store = FeatureStore(out)
    assert store.tracks(store.videos[0])["visual-features"].shape == (21, 32)
    assert "efficientnet" not in store.versions("visual-features")


def test_a_vision_transformer_that_is_not_there_is_named(folder: Path, tmp_path: Path) -> None:
    result = run("features", folder, "--out", tmp_path / "out", "--visual-model", tmp_path / "vit")
    assert result.returncode == 1
    assert "vit" in one_line(result)
    assert not result.stderr.endswith("..\n")
