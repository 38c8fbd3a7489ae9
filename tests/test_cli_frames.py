from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.analysis.pipeline import analyse
from core.analysis.store import Store
from core.networks.vision import EmbeddedBackbone
from core.places import SAMPLE_VIDEO
from tests.learning.highlights.framed import BACKBONE, Framed, describe, make_framed, put_features
from tests.synthetic import make_video
from tests.test_cli import one_line, run

PLACES = ("바다", "사막", "숲", "밤", "들")
CELLS, VIDEOS = 40, 24


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory) -> Framed:
    """Seconds of one analysed video in five colours, dealt out as moments of many, a place each.

    Only the seconds that are described were looked at; the others show nothing.
    """
    root = tmp_path_factory.mktemp("framed")
    random = np.random.default_rng(0)
    begins = [2, 12, 22, 32]
    seconds = VIDEOS * len(begins)
    film = make_video(root / "film.mp4", seconds=seconds, fps=4, shots=range(4, seconds, 4))
    rows = analyse(film, store=Store(root / "cache")).tracks["visual-features"]
    dealt = random.permutation(seconds).reshape(VIDEOS, len(begins))
    features = {}
    for number, own in enumerate(dealt):
        shown = np.zeros((CELLS, rows.shape[1]), np.float16)
        codes = np.ones((CELLS, 2), np.int64)
        for begin, second in zip(begins, own, strict=True):
            shown[begin : begin + 2] = rows[second]
            codes[begin, 0] = 1 + second // 4 % len(PLACES)
        features[f"video {number}"] = shown
        describe(root / "corpus", f"video {number}", begins, codes, random)
    put_features(root / "store", features, version=EmbeddedBackbone.version)
    return Framed(root / "corpus", root / "store")


@pytest.fixture(scope="module")
def tagger(framed: Framed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    names = folder / "names.json"
    others = [f"곳 {number}" for number in range(21 - len(PLACES))]
    names.write_text(json.dumps({"place": [*PLACES, *others]}, ensure_ascii=False), "utf-8")
    result = run(
        *("train", "tagger", "--corpus", f"aihub616={framed.corpus}", "--features", framed.store),
        *("--names", names, "--out", folder / "tagger"),
    )
    assert result.returncode == 0, result.stderr
    assert "No words for action, emotion, relationship" in result.stdout
    assert "place: 24 test moments, accuracy 1.000" in result.stdout
    return folder / "tagger"


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "영상.mp4"
    return make_video(path, seconds=40, fps=10, shots=[8, 16, 24, 32], tone=0.02)


def test_the_cuts_of_a_video_say_where_they_are(tagger: Path, video: Path, tmp_path: Path) -> None:
    env = {"EMOTION_SHORTFORM_CACHE": str(tmp_path)}
    words = ("suggest", video, "--length", 16, "--longest", 5, "--tags", tagger)
    shown = run(*words, env=env)
    assert shown.returncode == 0, shown.stderr
    data = json.loads(run(*words, "--json", env=env).stdout)
    within = 0
    for cut in data["cuts"]:
        tags = [reason for reason in cut["reasons"] if reason["kind"] == "tag"]
        first, last = int(cut["start"] // 8), int((cut["end"] - 0.1) // 8)
        assert {tag["text"].split()[1] for tag in tags} <= set(PLACES[first : last + 1])
        assert all(0.5 <= tag["value"] <= 1 and tag["text"] in shown.stdout for tag in tags)
        if first == last:
            within += 1
            assert [tag["text"].split()[:2] for tag in tags] == [["place", PLACES[first]]]
    assert within >= 2
    assert any("No words for action" in notice for notice in data["notices"])
    without = json.loads(run("suggest", video, "--length", 16, "--json", env=env).stdout)
    assert not any(r["kind"] == "tag" for cut in without["cuts"] for r in cut["reasons"])


def test_every_second_is_scored_and_named(
    framed: Framed, tagger: Path, video: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "scorer"
    trained = run("train", "scorer", "--corpus", f"aihub616={framed.corpus}",
                  "--features", framed.store, "--out", folder, "--json")  # fmt: skip
    card = json.loads(trained.stdout)
    assert card["beats_trivial"]  # the made pictures are there in the highlights only
    env = {"EMOTION_SHORTFORM_CACHE": str(tmp_path / "cache")}
    words = ("analyze", video, "--scorer", folder, "--tags", tagger)
    data = json.loads(run(*words, "--json", env=env).stdout)
    assert len(data["frame_score"]) == len(data["tags"]) == 40
    assert min(data["frame_score"]) > 0.5
    labels = [[tag["label"] for tag in tags] for tags in data["tags"]]
    assert labels == [[PLACES[second // 8]] for second in range(40)]
    shown = run(*words, env=env).stdout
    assert "frame score" in shown
    assert "place " in shown
    plain = json.loads(run("analyze", video, "--json", env=env).stdout)
    assert not {"frame_score", "tags"} & plain.keys()


def test_a_tagger_for_other_eyes_is_refused_before_the_video_is_looked_at(tmp_path: Path) -> None:
    made = make_framed(tmp_path / "made", videos=12)
    for verb in ("tagger", "scorer"):
        trained = run("train", verb, "--corpus", f"aihub616={made.corpus}",
                      "--features", made.store, "--out", tmp_path / verb)  # fmt: skip
        assert trained.returncode == 0, trained.stderr
        assert "Weights and card are in" in trained.stdout
    for words in (
        ("suggest", SAMPLE_VIDEO, "--tags", tmp_path / "tagger"),
        ("analyze", SAMPLE_VIDEO, "--tags", tmp_path / "tagger"),
        ("analyze", SAMPLE_VIDEO, "--scorer", tmp_path / "scorer"),
    ):
        cache = tmp_path / "cache"
        result = run(*words, env={"EMOTION_SHORTFORM_CACHE": str(cache)})
        assert result.returncode == 1
        assert f"{BACKBONE} sees them, not as efficientnet-lite0-1" in one_line(result)
        assert not list(cache.rglob("*.npy"))


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("train", "tagger", "--corpus", "table=x"), 2, "only AI Hub 616"),
        (("train", "tagger", "--corpus", "aihub616=x", "--frames", "last"), 2, "no last frames"),
        (("train", "tagger", "--corpus", "aihub616=nowhere"), 1, "no AI Hub 616"),
        (("train", "scorer", "--corpus", "nothing=x"), 1, "no reader"),
        (("train", "scorer", "--corpus", "x"), 2, "does not name a corpus"),
        (("train", "scorer", "--corpus", "table=x", "--hidden", "-1"), 2, "such numbers"),
    ],
)
def test_problems_are_one_line_and_an_exit_code(
    words: tuple[str, ...], code: int, message: str
) -> None:
    result = run(*words, "--features", "store", "--out", "out")
    assert result.returncode == code, result.stderr
    assert message in one_line(result)
