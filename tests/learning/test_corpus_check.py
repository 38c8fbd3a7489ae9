"""The check of a corpus, through the command line too."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core import cli
from core.errors import Cancelled, CorpusError
from core.learning.corpus_check import check_corpus

SPEECH = Path(__file__).resolve().parents[3] / "shared" / "data" / "speech"


def sound(path: Path, seconds: float = 1.0, rate: int = 16_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(0).normal(0, 0.1, round(seconds * rate))
    soundfile.write(path, noise.astype(np.float32), rate)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    folder = tmp_path / "emodb"
    for name in ("03a01Na.wav", "03a02Fa.wav", "08a01La.wav"):
        sound(folder / name)
    sound(folder / "08a02Na.wav", 2.5, 44_100)
    return folder


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "broken"
    sound(folder / "whole.wav", 1.0)
    sound(folder / "brief.wav", 0.1)
    sound(folder / "cut.flac", 3.0)
    (folder / "cut.flac").write_bytes((folder / "cut.flac").read_bytes()[:20_000])
    (folder / "text.wav").write_text("no sound at all")
    table = folder / "mine.csv"
    table.write_text(
        "file,speaker,emotion,arousal,valence,start,end\n"
        "whole.wav,Kim,happy,,,0,0.5\n"
        "whole.wav,Kim,happy,,,0,0.5\n"
        "whole.wav,Kim,sad,,,0.5,1.5\n"
        "brief.wav,Kim,sad,,,,\n"
        "cut.flac,Kim,sad,,,,\n"
        "text.wav,Kim,sad,,,,\n"
        "absent.wav,Kim,sad,,,,\n"
        "whole.wav,Kim,merry,,,0.1,\n"
        "whole.wav\n"
    )
    return table


def test_a_good_corpus_is_counted(good: Path) -> None:
    report = check_corpus("emodb", good)
    assert report.problems == []
    assert report.utterances == 4
    assert report.seconds == pytest.approx(5.5, abs=1e-3)
    assert report.categories == {"neutral": 2, "happy": 1, "boredom": 1}
    assert report.neutral_share == 0.5
    assert (report.speakers, report.sessions, report.groups) == (2, 2, 2)
    assert report.sample_rates == {16_000: 3, 44_100: 1}
    assert (report.rated, report.mapped) == (0, 4)
    assert report.licences == ["CC0-1.0"]


def test_all_problems_are_listed_with_their_files(broken: Path) -> None:
    report = check_corpus("table", broken)
    expected = [
        ("line 8", "absent.wav"),
        ("line 9", "merry"),
        ("line 10", "too short"),
        ("twice", "whole.wav"),
        ("sound ends at 1.000 s", "whole.wav"),
        ("shorter than 0.2 s", "brief.wav"),
        ("cannot be read to its end", "cut.flac"),
        ("cannot be read to its end", "text.wav"),
    ]
    for what, where in expected:
        assert [text for text in report.problems if what in text and where in text], (what, where)
    assert len(report.problems) == len(expected)
    assert all(str(broken.parent) in text for text in report.problems)
    assert report.utterances == 1, "only what can be used is counted"


def test_a_path_without_the_corpus_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there is no folder"):
        check_corpus("emodb", tmp_path / "absent")


def test_cancelling_stops_the_check(good: Path) -> None:
    with pytest.raises(Cancelled):
        check_corpus("emodb", good, cancelled=lambda: True)


def test_progress_runs_from_nothing_to_everything(good: Path) -> None:
    shares: list[float] = []
    check_corpus("emodb", good, progress=lambda share, _: shares.append(share))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_the_verb_prints_the_report_and_writes_pictures(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "report"
    assert cli.main(["corpus", "check", str(good), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    for text in ("(emodb)", "4 utterances", "neutral", "boredom", "50.0%", "0 problems"):
        assert text in shown
    for name in ("class-balance.png", "arousal-valence.png"):
        data = (out / name).read_bytes()
        assert data.startswith(b"\x89PNG")
        assert 5_000 < len(data) < 500_000
        width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
        assert 600 < width < 2_000
        assert 300 < height < 2_000
    assert json.loads((out / "report.json").read_text())["utterances"] == 4


def test_nothing_is_written_unless_asked(good: Path, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    assert cli.main(["corpus", "check", str(good), "--reader", "emodb"]) == 0
    assert set(tmp_path.rglob("*")) == before


def test_problems_are_exit_code_one(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["corpus", "check", str(broken), "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["reader"], data["utterances"], len(data["problems"])) == ("table", 1, 8)
    assert cli.main(["corpus", "check", str(broken)]) == 1
    assert "8 problems" in capsys.readouterr().out


def test_many_problems_are_cut_short_in_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("file,speaker\n" + "absent.wav,Kim\n" * 30)
    assert cli.main(["corpus", "check", str(table), "--out", str(tmp_path / "out")]) == 1
    shown = capsys.readouterr().out
    assert "and 10 more" in shown
    assert shown.count("absent.wav") == 20
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["report.json"]


def test_an_unknown_layout_and_reader_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["corpus", "check", str(tmp_path)]) == 1
    assert "--reader" in capsys.readouterr().err
    assert cli.main(["corpus", "check", str(tmp_path), "--reader", "iemocap"]) == 1
    assert "no reader" in capsys.readouterr().err


def test_the_real_emodb_has_no_problems() -> None:
    if not (SPEECH / "emodb").is_dir():
        pytest.skip("the emodb corpus is not beside this checkout")
    report = check_corpus("emodb", SPEECH / "emodb")
    assert report.problems == []
    assert (report.utterances, report.speakers) == (535, 10)
    assert sum(report.categories.values()) == 535
    assert 1400 < report.seconds < 1600


def test_the_network_of_a_training_is_the_one_that_is_named(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "emotion", "--corpus", f"emodb={good}", "--out", str(tmp_path / "out")]
    assert cli.main([*words, "--network", "perceptron", "--folds", "0"]) in (1, 2)
    assert "perceptron" in capsys.readouterr().err
