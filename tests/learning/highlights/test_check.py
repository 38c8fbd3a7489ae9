"""The check of a corpus of highlights, through the command line too."""

from __future__ import annotations

import io
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score, f1_score

from core import cli
from core.errors import Cancelled, CorpusError
from core.learning.highlights.agreement import agreement
from core.learning.highlights.check import check_highlights, highlight_lengths, position_shares
from core.learning.highlights.check_pictures import positions
from core.learning.highlights.labelled_video import LabelledVideo
from tests.learning.highlights.made import make_annotation, make_benchmark
from tests.synthetic import make_video


def labelled(ratings: object, *, graded: bool = False, step: Fraction | int = 1) -> LabelledVideo:
    values = np.array(ratings, np.float32)
    names = tuple(f"annotator {number}" for number in range(values.shape[1]))
    return LabelledVideo("made", "a", "made", "a", Fraction(step), values, names, graded)


@pytest.fixture
def aihub(tmp_path: Path) -> Path:
    """Two videos of 100 s, one of them with two annotators who share half of their highlights."""
    folder = tmp_path / "하이라이트"
    make_annotation(folder, "a", "kim", [(0, 9)])
    make_annotation(folder, "a", "lee", [(5, 14)])
    make_annotation(folder, "b", "kim", [(90, 99), (50, 52)], class_code=7)
    return folder


def test_a_good_corpus_is_counted(aihub: Path) -> None:
    report = check_highlights("aihub616", aihub)
    assert report.problems == []
    assert (report.videos, report.cells, report.seconds, report.groups) == (2, 200, 200.0, 2)
    assert report.domains == {"class 3": 1, "class 7": 1}
    assert report.annotators is not None
    assert (report.annotators.least, report.annotators.most) == (1, 2)
    assert report.prevalence == pytest.approx(33 / 300)
    assert report.prevalence_by_annotator is not None
    assert report.prevalence_by_annotator.most == pytest.approx(0.13)
    assert report.prevalence_by_annotator.median == pytest.approx(0.10)
    assert (report.unlabelled, report.graded, report.at_hand) == (0, 0, 0)
    assert report.highlights == 4
    assert {length: count for length, count in report.lengths.items() if count} == {
        "2–5 s": 1,
        "5–10 s": 3,
    }
    assert report.positions == pytest.approx(
        [15 / 30, 5 / 30, 0, 0, 0, 3 / 30, 0, 0, 0, 10 / 30]
    )  # fmt: skip
    assert report.agreement is not None
    assert report.agreement.f1 == pytest.approx(0.5)


def test_agreement_is_that_of_scikit_learn_and_scipy() -> None:
    random = np.random.default_rng(0)
    ratings = random.integers(1, 6, (40, 4)) / 5
    video = labelled(ratings, graded=True)
    kept, found = video.positives(), agreement(video)
    pairs = [(i, j) for i in range(4) for j in range(i)]
    assert found is not None
    assert found.kappa == pytest.approx(
        np.mean([cohen_kappa_score(kept[:, i], kept[:, j]) for i, j in pairs])
    )
    assert found.f1 == pytest.approx(np.mean([f1_score(kept[:, i], kept[:, j]) for i, j in pairs]))
    assert found.spearman == pytest.approx(
        np.mean([spearmanr(ratings[:, i], ratings[:, j]).statistic for i, j in pairs]), abs=1e-6
    )


def test_agreement_counts_only_where_both_have_spoken() -> None:
    nan = np.nan
    found = agreement(labelled([[1, 1], [0, 0], [1, 0], [nan, 1], [1, nan], [nan, nan]]))
    assert found is not None
    assert found.f1 == pytest.approx(f1_score([1, 0, 1], [1, 0, 0]))
    assert found.kappa == pytest.approx(cohen_kappa_score([1, 0, 1], [1, 0, 0]))
    assert found.spearman is None, "only grades have an order"


def test_agreement_that_is_not_defined_is_none() -> None:
    assert agreement(labelled([[1], [0]])) is None
    silent = agreement(labelled([[0, 0], [0, 0]], graded=True))
    assert silent is not None
    assert (silent.kappa, silent.f1, silent.spearman) == (None, None, None)


def test_highlights_are_runs_of_positive_cells_of_each_annotator() -> None:
    video = labelled([[1, 0], [1, 0], [0, 1], [np.nan, 1], [1, 1]], step=Fraction(1, 2))
    assert highlight_lengths([video]) == [1.0, 0.5, 1.5]


def test_cells_count_for_the_part_that_their_middle_lies_in() -> None:
    video = labelled([[1], [0], [np.nan], [1]])
    shares = position_shares([video])
    assert shares == [None, 1, None, 0, None, None, None, None, 1, None]


def test_problems_are_listed_and_their_videos_not_counted(tmp_path: Path) -> None:
    make_benchmark(tmp_path, {name: [1, -1, 0] for name in ("good", "long", "infinite")})
    np.save(tmp_path / "video_features" / "long_opt.npy", np.zeros((4, 5), np.float32))
    np.save(tmp_path / "audio_features" / "infinite.npy", np.full((3, 4), np.inf, np.float32))
    report = check_highlights("benchmark", tmp_path)
    assert (report.videos, report.cells) == (1, 3)
    assert len(report.problems) == 2
    assert any("long_opt.npy" in problem for problem in report.problems)
    assert any("not finite" in problem for problem in report.problems)
    assert report.features == {"audio (4)": 1, "flow (5)": 1, "rgb (6)": 1}


def test_labels_of_another_version_of_the_video_are_a_problem(tmp_path: Path) -> None:
    make_annotation(tmp_path, "a", "kim", [(0, 1)], length=10.0)
    make_annotation(tmp_path, "b", "kim", [(0, 1)], length=10.0)
    make_video(tmp_path / "a.mp4", seconds=10, fps=5)
    make_video(tmp_path / "b.mp4", seconds=4, fps=5)
    report = check_highlights("aihub616", tmp_path)
    assert (report.videos, report.at_hand) == (1, 1)
    (problem,) = report.problems
    assert "labels for 10 s, but the video lasts 4" in problem
    assert "b.mp4" in problem


def test_progress_runs_and_cancelling_stops(aihub: Path) -> None:
    shares: list[float] = []
    check_highlights("aihub616", aihub, progress=lambda share, _: shares.append(share))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    with pytest.raises(Cancelled):
        check_highlights("aihub616", aihub, cancelled=lambda: True)


def test_the_verb_prints_the_report_and_writes_pictures(
    aihub: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "report"
    assert cli.main(["corpus", "check", str(aihub), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    for text in ("(aihub616)", "2 videos", "11.0%", "4 highlights", "F1 0.500", "0 problems"):
        assert text in shown
    names = ("position-histogram.png", "length-histogram.png", "agreement.png")
    for name in names:
        data = (out / name).read_bytes()
        assert data.startswith(b"\x89PNG")
        assert 5_000 < len(data) < 500_000
    data = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert (data["videos"], data["agreement"]["f1"]) == (2, 0.5)
    assert {file.name for file in out.iterdir()} == {"report.json", *names}


def test_one_annotator_has_nobody_to_agree_with(tmp_path: Path) -> None:
    make_annotation(tmp_path / "labels", "a", "kim", [(0, 9)])
    out = tmp_path / "out"
    assert check_highlights("aihub616", tmp_path / "labels", out).agreement is None
    assert not (out / "agreement.png").exists()
    assert (out / "position-histogram.png").exists()


def test_problems_are_exit_code_one(aihub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_annotation(aihub, "c", "kim", [(0, 99)])
    assert cli.main(["corpus", "check", str(aihub), "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["reader"], data["videos"], len(data["problems"])) == ("aihub616", 2, 1)
    assert cli.main(["corpus", "check", str(aihub), "--reader", "aihub616"]) == 1
    assert "c_kim.json" in capsys.readouterr().out


def test_the_header_tells_a_table_of_highlights_from_one_of_speech(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "mine.csv"
    for named in ([], ["--reader", "table"]):
        table.write_text("video,start,end\na.mp4,0,2\n")
        assert cli.main(["corpus", "check", str(table), *named]) == 0
        assert "1 video, " in capsys.readouterr().out
        table.write_text("file,speaker\nabsent.wav,Kim\n")
        assert cli.main(["corpus", "check", str(table), *named]) == 1
        assert "there is no absent.wav" in capsys.readouterr().out


def test_what_nobody_knows_is_refused_with_the_names_of_all_readers(
    aihub: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    assert cli.main(["corpus", "check", str(tmp_path / "mine.csv")]) == 1
    told = capsys.readouterr().err
    for text in ("kemdy20", "aihub616", "--reader", "file,speaker", "video,start,end"):
        assert text in told
    (aihub / "data.tsv").write_text("")
    assert cli.main(["corpus", "check", str(aihub)]) == 1
    assert "this could be nemo or aihub616" in capsys.readouterr().err
    assert cli.main(["corpus", "check", str(tmp_path / "absent")]) == 1
    assert "no such file" in capsys.readouterr().err
    with pytest.raises(CorpusError, match="no reader"):
        check_highlights("nemo", aihub)


def test_a_corpus_of_nothing_usable_is_still_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_annotation(tmp_path / "labels", "a", "kim", [(0, 99)])
    out = tmp_path / "out"
    assert cli.main(["corpus", "check", str(tmp_path / "labels"), "--out", str(out)]) == 1
    assert "0 videos" in capsys.readouterr().out
    assert [file.name for file in out.iterdir()] == ["report.json"]


def test_the_bars_are_as_high_as_the_shares() -> None:
    def blue(png: bytes) -> int:
        from matplotlib.image import imread

        image = np.asarray(imread(io.BytesIO(png), format="png")[..., :3] * 255)
        near: NDArray[np.float64] = np.abs(image - (0x2F, 0x6F, 0x9F)).max(axis=2)
        return int((near < 3).sum())

    shares: list[float | None] = [0.5, None, 0.0, 0.25]
    both, first = (blue(positions(drawn, 0.9, "제목")) for drawn in (shares, [0.5, 0.0, None, 0.0]))
    assert both / first == pytest.approx(1.5, rel=0.05)
