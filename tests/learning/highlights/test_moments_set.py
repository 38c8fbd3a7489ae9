from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import correlate, resample_poly

from core.cli import main
from core.errors import Cancelled, CorpusError, MediaError, UsageError
from core.learning.corpora import read_corpus
from core.learning.emotion_features import read_samples
from core.learning.highlights.moments_set import make_moments
from core.media.probe import probe
from tests.learning.made import make_emodb
from tests.synthetic import make_video, read_frames, read_sound

MINUTES = 1.2


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    takes = {"happy": 5, "angry": 4, "neutral": 14, "boredom": 6}
    folder = tmp_path_factory.mktemp("corpus") / "emodb"
    return make_emodb(folder, speakers=("03", "08", "09", "10"), takes=takes)


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("footage")
    make_video(folder / "numbers.mp4", seconds=30, fps=30, audio=None, keyint=30)
    (folder / "notes.csv").write_text("no film\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made(corpus: Path, footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("moments")
    make_moments({"emodb": corpus}, out, footage=footage, videos=2, minutes=MINUTES, seed=4)
    return out


@pytest.fixture(scope="module")
def truth(made: Path) -> dict:
    return json.loads((made / "truth.json").read_text(encoding="utf-8"))


def lines_of(video: dict) -> Iterator[dict]:
    return (line for setting in video["settings"] for line in setting["lines"])


def test_videos_are_small_and_as_long_as_asked_for(made: Path, truth: dict) -> None:
    assert [video["name"] for video in truth["videos"]] == ["emodb-4-000", "emodb-4-001"]
    for video in truth["videos"]:
        info = probe(made / f"{video['name']}.mp4")
        assert (info.video.width, info.video.height, info.video.frame_rate) == (320, 180, 15)
        assert (info.video.codec, float(info.duration)) == ("h264", 60 * MINUTES)
        assert info.audio is not None
        assert (info.audio.codec, info.audio.sample_rate) == ("aac", 48_000)


def test_each_line_is_heard_at_the_time_that_the_truth_says(
    made: Path, truth: dict, corpus: Path
) -> None:
    rows = {row.name: row for row in read_corpus("emodb", corpus)}
    video = truth["videos"][0]
    rate, first, sound = read_sound(made / f"{video['name']}.mp4")
    delays = []
    for line in lines_of(video):
        recorded = read_samples(rows[line["name"]])[round(line["begin"] * 16_000) :]
        wanted = resample_poly(recorded, rate // 16_000, 1)
        place = round((line["start"] - float(first)) * rate)
        around = rate // 5
        heard = sound[max(0, place - around) : place + len(wanted) + around]
        best = int(np.argmax(correlate(heard, wanted, "valid", "fft")))
        delays.append((best - min(place, around)) / rate)
    assert len(delays) > 8
    assert np.median(np.abs(delays)) < 0.002
    assert np.mean(np.abs(delays) < 0.01) > 0.9


def test_each_picture_is_shown_at_the_time_that_the_truth_says(made: Path, truth: dict) -> None:
    compared = 0
    for video in truth["videos"]:
        frames = read_frames(made / f"{video['name']}.mp4")
        for shot in video["shots"]:
            # Numbers are read from left to right: not in a mirror.
            if shot["source"] != "numbers.mp4" or shot["mirrored"]:
                continue
            for frame in frames:
                if shot["start"] <= frame.time < shot["end"] - 0.1 and frame.number is not None:
                    compared += 1
                    wanted = 30 * (shot["offset"] + float(frame.time) - shot["start"])
                    assert abs(frame.number - wanted) <= 1.01
    assert compared > 150


def test_the_table_holds_the_positive_cells_of_the_truth(made: Path, truth: dict) -> None:
    lines = (made / "labels.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "video,start,end,label,annotator,domain,group"
    cells = {video["name"]: np.zeros(72, bool) for video in truth["videos"]}
    for line in lines[1:]:
        name, start, end, label, annotator, domain, group = line.split(",")
        assert (label, annotator, domain) == ("1", "truth", "emodb")
        stem = name.removesuffix(".mp4")
        assert (made / name).is_file()
        video = next(video for video in truth["videos"] if video["name"] == stem)
        assert group == "+".join(video["speakers"])
        cells[stem][int(start) : int(end)] = True
    for video in truth["videos"]:
        assert 0.08 <= cells[video["name"]].mean() <= 0.25
        for cell, positive in enumerate(cells[video["name"]]):
            within = sum(
                max(0.0, min(cell + 1, moment["end"]) - max(cell, moment["start"]))
                for moment in video["moments"]
            )
            assert positive == (within >= 0.5)


def test_the_truth_names_licences_seed_and_command(truth: dict) -> None:
    assert truth["corpora"]["emodb"]["licences"] == ["CC0-1.0"]
    assert truth["seed"] == 4
    assert truth["footage"] == {"numbers.mp4": 30.0}
    assert truth["command"].startswith("emotion-shortform moments --corpus emodb=")
    assert {line["emotion"] for line in lines_of(truth["videos"][0])} <= {
        "happy", "angry", "neutral", "boredom",
    }  # fmt: skip


def test_finished_videos_are_kept_and_a_lost_one_comes_back_alike(
    made: Path, truth: dict, corpus: Path, footage: Path, tmp_path: Path
) -> None:
    first, second = (made / f"{video['name']}.mp4" for video in truth["videos"])
    before = first.stat().st_mtime_ns, second.read_bytes()
    second.unlink()
    make_moments({"emodb": corpus}, made, footage=footage, videos=2, minutes=MINUTES, seed=4)
    assert first.stat().st_mtime_ns == before[0]
    assert second.read_bytes() == before[1]
    assert json.loads((made / "truth.json").read_text(encoding="utf-8")) == truth
    assert sorted(file.name for file in made.iterdir()) == [
        first.name, second.name, "labels.csv", "truth.json",
    ]  # fmt: skip


def test_a_video_of_another_plan_is_made_anew(corpus: Path, tmp_path: Path) -> None:
    def make(minutes: float) -> float:
        make_moments({"emodb": corpus}, tmp_path, videos=1, minutes=minutes)
        return float(probe(tmp_path / "emodb-0-000.mp4").duration)

    assert make(1.0) == 60.0
    assert make(1.1) == 66.0


def test_stopping_leaves_no_unfinished_file(corpus: Path, tmp_path: Path) -> None:
    done: list[float] = []
    with pytest.raises(Cancelled):
        make_moments(
            {"emodb": corpus}, tmp_path, videos=1, minutes=1.0,
            progress=lambda share, message: done.append(share),
            cancelled=lambda: bool(done) and done[-1] > 0.5,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []
    assert done == sorted(done)


def test_only_the_speakers_named_are_heard(corpus: Path, tmp_path: Path) -> None:
    named = ["emodb-03", "emodb-10"]
    make_moments({"emodb": corpus}, tmp_path, videos=1, minutes=1.0, speakers=named)
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert {line["speaker"] for line in lines_of(truth["videos"][0])} == set(named)


def test_what_is_missing_is_named(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="nowhere"):
        make_moments({"emodb": tmp_path / "nowhere"}, tmp_path / "out")
    with pytest.raises(CorpusError, match="no reader for the corpus 'mine'"):
        make_moments({"mine": corpus}, tmp_path / "out")
    with pytest.raises(UsageError, match="no corpus has the speakers emodb-99"):
        make_moments({"emodb": corpus}, tmp_path / "out", speakers=["emodb-99"])
    with pytest.raises(MediaError, match="no folder with footage"):
        make_moments({"emodb": corpus}, tmp_path / "out", footage=tmp_path / "films")
    with pytest.raises(MediaError, match="no films"):
        make_moments({"emodb": corpus}, tmp_path / "out", footage=corpus)
    assert not (tmp_path / "out").exists()


def test_the_verb_makes_a_set(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["moments", "--corpus", f"emodb={corpus}", "--out", str(tmp_path), "--videos", "1"]
    assert main([*words, "--minutes", "1", "--effort", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["videos"] == 1
    assert 6 <= result["seconds in moments"] <= 13
    assert main([*words, "--minutes", "0.2"]) == 2
    assert "too short for a moment" in capsys.readouterr().err
