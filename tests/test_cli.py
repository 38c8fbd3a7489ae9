from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from core.cli import VERBS
from core.cutting.cut import Cut
from core.export.look import Look
from core.media.fingerprint import fingerprint
from core.places import SAMPLE_VIDEO
from core.project.document import Decision, EditedCut, Medium, Project, Wishes
from core.project.project_file import write_project
from core.time import Span
from tests.synthetic import make_video


def run(*words: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "desktop.app", *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        timeout=300,
    )


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / '내 영상 "1".mp4'
    make_video(path, seconds=20, fps=10, shots=[6, 13], beeps=[8, 15.5], tone=0.02)
    return path


def test_from_video_to_short(video: Path, tmp_path: Path) -> None:
    env = {"EMOTION_SHORTFORM_CACHE": str(tmp_path / "cache")}
    curves = tmp_path / "curves.json"
    analysed = run("analyze", video, "--json", "--out", curves, env=env)
    assert analysed.returncode == 0, analysed.stderr
    data = json.loads(analysed.stdout)
    assert data == json.loads(curves.read_text(encoding="utf-8"))
    assert len(data["highlight"]) == 20
    suggested = run("suggest", video, "--length", 8, "--json", env=env)
    data = json.loads(suggested.stdout)
    assert 0 < data["length"] <= 8
    assert {"start", "end", "score", "reasons"} <= data["cuts"][0].keys()
    cuts = tmp_path / "cuts.json"
    cuts.write_text(suggested.stdout, encoding="utf-8")
    short = tmp_path / "short.mp4"
    exported = run("export", video, "-o", short, "--cuts", cuts, "--aspect", "9:16", "--json",
                   env=env)  # fmt: skip
    made = json.loads(exported.stdout)
    assert (made["width"], made["height"]) == (1080, 1920)
    assert made["duration"] == pytest.approx(data["length"], abs=0.11)
    again = run("export", video, "-o", short, "--length", 8, env=env)
    assert again.returncode == 1
    assert "already" in one_line(again)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("suggest", "nothing.mp4"), 1, "no such file"),
        (("suggest", "."), 1, "folder"),
        (("suggest", SAMPLE_VIDEO, "--length", "-3"), 2, "not possible"),
        (("analyze", SAMPLE_VIDEO, "--grid", "abc"), 2, "not a grid"),
        (("analyze", SAMPLE_VIDEO, "--grid", "5"), 2, "not possible"),
        (("analyze", SAMPLE_VIDEO, "--visual-model", "x"), 2, "full tier"),
        (("analyze", SAMPLE_VIDEO, "--tier", "full"), 1, "--allow-download"),
        (("export", SAMPLE_VIDEO, "-o", "out.avi"), 2, "not written as"),
        (("export", SAMPLE_VIDEO, "-o", "no/such/folder/out.mp4"), 1, "folder does not exist"),
        (("export", SAMPLE_VIDEO, "-o", "x.mp4", "--cuts", "none.json"), 1, "cannot be read"),
        (("export", SAMPLE_VIDEO, "-o", "x.mp4", "--aspect", "7:3"), 2, "7:3"),
        (("train", "emotion", "--corpus", "emodb", "--out", "x"), 2, "does not name a corpus"),
        (("evaluate", "emotion", "--corpus", "=x"), 2, "does not name a corpus"),
        (("corpus", "check", "no/such/folder"), 1, "no such file or folder"),
        (("corpus", "check", SAMPLE_VIDEO), 1, "no known corpus"),
        (("a.mp4", "b.mp4"), 2, "not a verb"),
        (("analyze", SAMPLE_VIDEO, "--out", SAMPLE_VIDEO), 2, "replace the video"),
        (("analyze", SAMPLE_VIDEO, "--out", __file__), 1, "already a file"),
        (("suggest", SAMPLE_VIDEO, "--longest", "nan"), 2, "not possible"),
        (("suggest", SAMPLE_VIDEO, "--shortest", "nan"), 2, "not possible"),
    ],
)
def test_problems_are_one_line_and_an_exit_code(
    words: tuple[object, ...], code: int, message: str
) -> None:
    result = run(*words)
    assert result.returncode == code, result.stderr
    assert message in one_line(result)


def test_unknown_options_are_usage_errors() -> None:
    result = run("suggest", SAMPLE_VIDEO, "--wat")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_the_doctor_knows_what_is_there() -> None:
    result = run("doctor", "--json")
    found = {item["name"]: item for item in json.loads(result.stdout)}
    assert found["H.264 encoder"]["good"]
    assert found["visual features (embedded)"]["good"]
    assert found["speech emotion"]["good"]
    assert result.returncode == 0


def test_an_interrupted_analysis_stops_at_once_and_is_kept(video: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "desktop.app", "analyze", str(video)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "EMOTION_SHORTFORM_CACHE": str(tmp_path)},
    )
    while process.poll() is None and not list(tmp_path.rglob("*.npy")):
        pass
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    assert process.returncode in (0, 130)


def test_help_names_every_verb() -> None:
    result = run("--help")
    assert result.returncode == 0
    for verb in VERBS:
        assert f"\n    {verb} " in result.stdout


def test_the_version_is_told_without_loading_what_is_slow() -> None:
    script = (
        "import sys; from desktop.app import main\n"
        "try: main(['--version'])\n"
        "finally: print({'torch', 'matplotlib', 'transformers', 'PySide6'} & {*sys.modules})"
    )
    words = [sys.executable, "-c", script]
    result = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "set()"


def test_a_saved_project_is_exported_as_it_is(tmp_path: Path) -> None:
    make_video(tmp_path / "a.mp4", seconds=8, fps=10)
    make_video(tmp_path / "b.mp4", seconds=6, fps=10, size=(240, 320))
    media = [Medium(fingerprint(tmp_path / f"{n}.mp4"), tmp_path / f"{n}.mp4") for n in "ab"]
    cuts = [
        EditedCut(Cut(Span(Fraction(s), Fraction(s + 2))), media[m].identifier, decision)
        for s, m, decision in (
            (4, 0, Decision.KEPT), (1, 1, Decision.OPEN), (0, 0, Decision.MAYBE),
        )
    ]  # fmt: skip
    project = tmp_path / "p.emotionshort"
    write_project(project, Project(tuple(media), tuple(cuts), Wishes(look=Look(aspect="9:16"))))
    result = run("export", project, "-o", tmp_path / "short.mp4", "--json")
    assert result.returncode == 0, result.stderr
    made = json.loads(result.stdout)
    assert (made["width"], made["height"], made["frames"]) == (1080, 1920, 40)
    (tmp_path / "b.mp4").unlink()
    result = run("export", project, "-o", tmp_path / "again.mp4")
    assert result.returncode == 1
    assert "b.mp4" in one_line(result)
