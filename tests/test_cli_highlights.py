from __future__ import annotations

import json
import shlex
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.analysis.fusion import Fusion
from core.cli import main
from tests.learning.highlights.made import COLUMNS, make_benchmark
from tests.learning.highlights.own import CELLS, EYES, PICTURE, make_own, own_tracks
from tests.test_cli import one_line, run

CLIPS, VIDEOS = 12, 20
BRIEF = ("--epochs", "2", "--seeds", "1")


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sounds tell what is kept, pictures tell nothing."""
    random = np.random.default_rng(0)
    labels, features = {}, {}
    for number in range(VIDEOS):
        kept = np.repeat(random.permutation(CLIPS // 3) < 1, 3)
        sound = random.normal(0, 1, (CLIPS, COLUMNS["audio"])).astype(np.float32)
        sound[:, 0] = np.where(kept, 4, -4)
        labels[f"v{number:02}"] = [1 if on else -1 for on in kept]
        features[f"v{number:02}"] = {"audio": sound}
    folder = tmp_path_factory.mktemp("sets") / "made set"
    return make_benchmark(folder, labels, features=features)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables and stores: ``talks`` and ``others`` have something to find, ``one`` is too few."""
    root = tmp_path_factory.mktemp("made")
    make_own(root, "talks", seed=1, videos=16, strength=9.0)
    make_own(root, "others", seed=2, videos=8, strength=9.0)
    make_own(root, "one", seed=3, videos=1)
    make_own(root, "half", seed=4, videos=6, step=Fraction(1, 2))
    return root


def named(root: Path, name: str) -> str:
    return f"table={root / name}.csv@{root / name}"


def test_models_are_compared_on_one_page(
    benchmark: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("evaluate", "highlights", "--corpus", f"benchmark={benchmark}", "--folds", "4")
    assert main([*words, "--models", "ranker, none", *BRIEF, "--out", str(tmp_path / "page")]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert "do not beat the best trivial row" in shown[0]
    assert "ranker (Video)" in shown[0]
    lines = {line.split(":")[0]: line for line in shown}
    assert lines["ranker (Video)"].endswith("does not beat it")
    assert not lines["ranker (Audio)"].endswith("does not beat it")
    assert {"all-positive", "random", "centre of the video"} <= lines.keys()
    assert "20 test videos" in shown
    report = (tmp_path / "page" / "report.md").read_text()
    assert shown[0] in report
    assert (tmp_path / "page" / "report.html").exists()


def test_the_command_of_a_report_makes_the_same_numbers(
    benchmark: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = shlex.split(
        "--protocol folds --models ranker --folds 3 --seeds 2 --headline ap --labels union "
        "--loss bce --positive-weight 2 --epochs 3 --fusion early"
    )
    corpus = f"benchmark={benchmark}"
    words = ["evaluate", "highlights", "--corpus", corpus, *options, "--json"]
    assert main([*words, "--out", str(tmp_path / "page")]) == 0
    first = json.loads(capsys.readouterr().out)
    command = json.loads((tmp_path / "page" / "report.json").read_text())["command"]
    assert str(tmp_path) not in command
    monkeypatch.chdir(benchmark.parent)
    program, *again = shlex.split(command)
    assert program == "emotion-shortform"
    assert main([*again[:-1], str(tmp_path / "again"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == first


def test_weights_are_trained_tested_and_used(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "weights"
    words = ["train", "highlights", "--corpus", named(root, "talks"), "--out", str(out)]
    words += ["--test", named(root, "others"), "--name", "made talks", "--seeds", "1"]
    assert main([*words, "--epochs", "40"]) == 0
    shown = capsys.readouterr().out
    assert "others: average precision 0." in shown
    assert "against" in shown
    assert "will not use" not in shown
    assert f"Weights, card and reports are in {out}" in shown
    tracks = own_tracks(np.zeros(CELLS, bool), np.random.default_rng(0))
    source = Fusion(out, EYES, PICTURE).highlight(tracks, CELLS, CELLS, Fraction(1)).source
    assert "learned from made talks" in source
    report = (out / "reports" / "others" / "report.md").read_text()
    assert (
        "train highlights --corpus table=talks.csv@talks --test table=others.csv@others "
        "--name 'made talks' --feature-set Audio+Emotion --network gru --labels mean "
        "--fusion gated --loss bce --positive-weight 1.0 --epochs 40 --seeds 1 --out weights"
    ) in report


def test_weights_that_were_not_tested_are_not_used(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "highlights", "--corpus", named(root, "talks"), *BRIEF]
    assert main([*words, "--out", str(tmp_path / "weights")]) == 0
    assert "will not use these weights: it was not tested (--test)" in capsys.readouterr().out
    assert main([*words, "--out", str(tmp_path / "weights"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["beats_baseline"] is False


def test_too_few_test_videos_give_no_interval(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "few.csv"
    lines = (root / "others.csv").read_text().splitlines()
    kept = [lines[0], *(line for line in lines if line.startswith(("others-00", "others-01")))]
    table.write_text("\n".join(kept))
    words = ["train", "highlights", "--corpus", named(root, "talks"), *BRIEF]
    words += ["--test", f"table={table}@{root / 'others'}", "--out", str(tmp_path / "weights")]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "None" not in shown
    assert "[" not in shown
    assert "it did not beat the baseline" in shown


def test_a_folder_with_an_at_sign_can_be_named(
    benchmark: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a@b"
    folder.symlink_to(benchmark)
    words = ["evaluate", "highlights", "--corpus", f"benchmark={folder}", "--models", "ranker"]
    assert main([*words, *BRIEF, "--out", str(tmp_path / "page")]) == 0
    assert "benchmark=a@b" in (tmp_path / "page" / "report.md").read_text()
    assert capsys.readouterr().out


EVALUATE = [
    ("--protocol luck", 2, "no protocol 'luck'"),
    ("--models oracle", 2, "no model 'oracle'"),
    ("--models gru,gru", 2, "named twice"),
    ("--loss mse", 2, "no loss 'mse'"),
    ("--fusion late", 2, "'late' fusion"),
    ("--epochs 0", 2, "0 epochs"),
    ("--positive-weight 2", 2, "pairwise has no weight"),
    ("--headline luck", 2, "no deciding measure 'luck'"),
    ("--seeds 0", 2, "one seed"),
    ("--folds 1", 2, "two folds"),
    ("--folds 50", 2, "cannot be split into 50 folds"),
    ("--protocol published", 2, "no published split"),
    ("--protocol domains", 2, "one domain"),
    ("--labels bo", 2, "no annotator 'bo'"),
]
TRAIN = [
    ("--feature-set Smell", 2, "no feature set 'Smell'"),
    ("--network rnn", 2, "'rnn': choose out of"),
    ("--loss mse", 2, "no loss 'mse'"),
    ("--epochs 0", 2, "0 epochs"),
    ("--seeds 0", 2, "one seed"),
    ("--labels bo", 2, "no annotator 'bo'"),
]


@pytest.mark.parametrize(("words", "code", "message"), EVALUATE)
def test_bad_comparisons_are_refused_before_features_are_read(
    words: str, code: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The features could not be read, and nobody notices."""
    labels = tmp_path / "made set"
    damaged = {"rgb": np.full((3, COLUMNS["rgb"]), np.nan, np.float32)}
    names = [f"v{number}" for number in range(8)]
    make_benchmark(
        labels, {name: [1, -1, -1] for name in names}, features=dict.fromkeys(names, damaged)
    )
    corpus = ["evaluate", "highlights", "--corpus", f"benchmark={labels}"]
    assert main([*corpus, *words.split(), "--out", str(tmp_path / "out")]) == code
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("words", "code", "message"), TRAIN)
def test_bad_trainings_are_refused_before_features_are_read(
    words: str, code: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_own(tmp_path, "talks")
    for file in (tmp_path / "talks").rglob("*.npy"):
        file.unlink()
    corpus = ["train", "highlights", "--corpus", named(tmp_path, "talks")]
    assert main([*corpus, *words.split(), "--out", str(tmp_path / "out")]) == code
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("verb", "corpus", "code", "message"),
    [
        ("evaluate", "{root}/talks.csv", 2, "does not name labels"),
        ("evaluate", "luck={root}/talks.csv", 1, "no reader for the highlights 'luck'"),
        ("evaluate", "table={root}/nothing.csv", 1, "nothing.csv"),
        ("evaluate", "table={root}/talks.csv", 1, "talks brings no features"),
        ("evaluate", "table={root}/talks.csv@{root}/nowhere", 1, "no features here"),
        ("evaluate", "table={root}/talks.csv@{root}/others", 1, "no labelled video has features"),
        ("evaluate", "table={root}/one.csv@{root}/one", 2, "cannot be split into 5 folds"),
        ("train", "table={root}/talks.csv", 2, "names no features"),
        ("train", "table={root}/talks.csv@{root}/nowhere", 1, "no features here"),
        ("train", "table={root}/one.csv@{root}/one", 2, "cannot be both learned from and chosen"),
        ("train", "table={root}/half.csv@{root}/half", 1, "labels of 1 s and features of 0.5 s"),
    ],
)
def test_bad_corpora_are_refused_in_one_line(
    verb: str, corpus: str, code: int, message: str, root: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    words = [verb, "highlights", "--corpus", corpus.format(root=root)]
    assert main([*words, "--out", str(tmp_path / "out")]) == code
    errors = capsys.readouterr().err
    assert message in errors
    assert len(errors.splitlines()) == 1


def test_what_is_learned_from_cannot_be_tested(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    renamed = tmp_path / "renamed.csv"
    renamed.write_text((root / "talks.csv").read_text())
    words = ["train", "highlights", "--corpus", named(root, "talks"), "--out", str(tmp_path / "o")]
    for test in (named(root, "talks"), f"table={renamed}@{root / 'talks'}"):
        assert main([*words, "--test", test]) == 2
        assert "is learned from, and tested in talks as well" in capsys.readouterr().err


def test_the_program_knows_the_verbs(tmp_path: Path) -> None:
    for verb in ("train", "evaluate"):
        result = run(verb, "highlights", "--corpus", "luck=x@y", "--out", tmp_path / "out")
        assert result.returncode == 1, result.stderr
        assert "no reader for the highlights 'luck'" in one_line(result)
