from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import Cancelled, CorpusError, EmotionShortFormError, StoreError, UsageError
from core.learning.highlights.feature_store import FeatureStore
from core.learning.highlights.frame_evaluation import Tellings, tagger_results
from core.learning.highlights.frame_fitting import FramePlan
from core.learning.highlights.frame_rows import (
    UNKNOWN,
    DescribedFrames,
    FrameSource,
    described_frames,
    numbered,
    part_videos,
    read_names,
)
from core.learning.highlights.frame_training import train_scorer, train_tagger
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers import Moment
from core.learning.highlights.readers.aihub616 import CODES
from core.learning.metrics import macro_f1
from core.networks.frame_heads import HEADS
from core.networks.frame_weights import load_scorer, load_tagger
from tests.learning.highlights.framed import (
    ACTIONS,
    BACKBONE,
    DIMENSION,
    PLACES,
    Framed,
    look,
    make_framed,
    put_features,
)

QUICK = FramePlan(rounds=200)


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory) -> Framed:
    return make_framed(tmp_path_factory.mktemp("framed"))


def tagger(framed: Framed, out: Path, plan: FramePlan = QUICK, **more: Any) -> dict[str, Any]:
    return train_tagger({"aihub616": framed.corpus}, framed.store, out, plan, **more)


def scorer(framed: Framed, out: Path, plan: FramePlan = QUICK, **more: Any) -> dict[str, Any]:
    return train_scorer({"aihub616": framed.corpus}, framed.store, out, plan, **more)


def test_heads_have_the_classes_of_the_corpus() -> None:
    assert dict(HEADS) == dict(CODES)


@pytest.mark.parametrize("plan", [QUICK, replace(QUICK, hidden=16), replace(QUICK, frames="all")])
def test_what_can_be_seen_is_told_and_what_cannot_is_not_claimed(
    framed: Framed, tmp_path: Path, plan: FramePlan
) -> None:
    card = tagger(framed, tmp_path / "t", plan)
    for head in ("place", "action"):
        found = card["heads"][head]
        assert found["accuracy"]["low"] > found["majority"]["accuracy"]
        assert found["macro_f1"]["value"] > 0.7 > found["majority"]["macro_f1"]
        assert found["beats_trivial"]
    for head in ("emotion", "relationship"):
        assert not card["heads"][head]["beats_trivial"]
    loaded = load_tagger(tmp_path / "t", BACKBONE)
    assert loaded.useful == ("place", "action")
    random = np.random.default_rng(7)
    for place in range(1, PLACES + 1):
        for action in range(1, ACTIONS + 1):
            rows = torch.from_numpy(np.stack([look(place, action, random) for _ in range(20)]))
            told = loaded.network(rows)
            assert (told["place"].argmax(dim=1) == place - 1).float().mean() > 0.8
            assert (told["action"].argmax(dim=1) == action - 1).float().mean() > 0.8


def test_a_class_that_nobody_described_is_never_told(framed: Framed, tmp_path: Path) -> None:
    card = tagger(framed, tmp_path)
    assert card["heads"]["place"]["learned_classes"] == PLACES
    network = load_tagger(tmp_path, BACKBONE).network
    shares = torch.softmax(network(100 * torch.randn(50, DIMENSION))["place"], dim=1)
    assert (shares[:, PLACES:] == 0).all()


def test_a_head_that_sees_nothing_says_what_is_usual(framed: Framed, tmp_path: Path) -> None:
    tagger(framed, tmp_path)
    network = load_tagger(tmp_path, BACKBONE).network
    random = np.random.default_rng(5)
    frames = torch.from_numpy(np.stack([look(1 + n % 3, 1 + n % 4, random) for n in range(60)]))
    assert (network(frames)["relationship"].argmax(dim=1) == 0).float().mean() > 0.9


@pytest.mark.parametrize("train", [tagger, scorer])
def test_one_seed_gives_one_network_and_another_seed_another_split(
    framed: Framed, tmp_path: Path, train: Any
) -> None:
    before = torch.get_rng_state()
    first, again = train(framed, tmp_path / "1"), train(framed, tmp_path / "2")
    assert first == again
    other = train(framed, tmp_path / "3", replace(QUICK, seed=1))
    assert other["split"] != first["split"]
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("train", [tagger, scorer])
def test_the_test_videos_change_nothing_but_the_results(tmp_path: Path, train: Any) -> None:
    framed = make_framed(tmp_path / "made", videos=15)
    first = train(framed, tmp_path / "1")
    for name in first["split"]["test"]:
        path = framed.corpus / f"{name.removeprefix('aihub616/')}_kim.json"
        data = json.loads(path.read_text())
        for number, moment in enumerate(data["timelines"]):
            moment["attributes"] |= {"place": 20, "action": 60}
            moment["start"], moment["end"] = 2 * number, 2 * number + 1
        path.write_text(json.dumps(data))
    second = train(framed, tmp_path / "2")
    assert second["sha256"] == first["sha256"]
    assert second.get("threshold") == first.get("threshold")
    assert second["protocol"] == first["protocol"]
    key = "heads" if train is tagger else "results"
    assert second[key] != first[key]


def test_names_are_kept_with_the_weights_in_any_language(framed: Framed, tmp_path: Path) -> None:
    file = tmp_path / "names.json"
    places = ["주방", "거리", *(f"곳 {number}" for number in range(19))]
    file.write_text(json.dumps({"place": places}, ensure_ascii=False), encoding="utf-8")
    card = tagger(framed, tmp_path / "t", names=file)
    assert card["contract"]["labels"]["place"] == places
    assert load_tagger(tmp_path / "t", BACKBONE).labels["action"][:2] == ("1", "2")
    assert card["heads"]["place"]["majority"]["class"] in places


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"place": ["a"]}', "place needs a list of 21 different names"),
        (json.dumps({"emotion": ["a"] * 7}), "emotion needs a list of 7 different"),
        (json.dumps({"emotion": [*"abcdef", 7]}), "emotion needs a list of 7"),
        ('{"colour": ["a"]}', "no head colour"),
        ("[]", "no object"),
        ("{", "not JSON"),
    ],
)
def test_names_that_do_not_fit_are_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "names.json"
    file.write_text(text)
    with pytest.raises(CorpusError, match=message):
        read_names(file)


def test_the_middle_frame_stands_for_its_moment_and_unknown_codes_for_nothing(
    tmp_path: Path,
) -> None:
    rows = np.arange(10, dtype=np.float32)[:, None] * np.ones(3, np.float32)
    source = FrameSource(FeatureStore(put_features(tmp_path, {"one": rows})))
    moments = [
        Moment("one", "kim", 2, 2, 1, 65, 7, 12),
        Moment("one", "kim", 4, 6, 21, 0, 0, 13),
        Moment("one", "kim", 8, 14, 1, 1, 1, 1),
        Moment("one", "kim", 11, 14, 1, 1, 1, 1),
    ]
    found = described_frames([video("one", cells=16)], {"one": moments}, source)
    seconds = found.features[:, 0].astype(int)
    assert seconds.tolist() == [2, 4, 5, 6, 8, 9]
    assert seconds[found.is_middle].tolist() == [2, 5, 9]
    assert found.moment.tolist() == [0, 1, 1, 1, 2, 2]
    assert found.targets[:2].tolist() == [[0, 64, 6, 11], [20, UNKNOWN, UNKNOWN, UNKNOWN]]


def test_centred_features_forget_what_is_usual_in_their_video(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(0, 1, (8, 3)).astype(np.float32)
    store = FeatureStore(put_features(tmp_path, {"a": rows, "b": rows + 4}))
    plain, centred = FrameSource(store), FrameSource(store, centred=True)
    a, b = video("a", cells=8), video("b", cells=8)
    np.testing.assert_allclose(plain.rows(b) - plain.rows(a), 4, atol=0.01)
    np.testing.assert_allclose(centred.rows(b), centred.rows(a), atol=0.01)


def video(name: str, *, cells: int = 4, group: str = "", corpus: str = "ours") -> LabelledVideo:
    return LabelledVideo(
        corpus, name, corpus, group or name, Fraction(1), np.zeros((cells, 1), np.float32), ("kim",)
    )


def test_no_group_stands_in_two_parts_and_the_order_changes_nothing() -> None:
    videos = [video(f"v{number}", group=f"g{number // 3}") for number in range(60)]
    parts = part_videos(videos, seed=3)
    groups = [{v.group for v in part} for part in (parts.train, parts.validation, parts.test)]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 20
    assert all(groups)
    assert len(groups[2]) >= 6
    shuffled = [videos[place] for place in np.random.default_rng(0).permutation(60)]
    assert part_videos(shuffled, seed=3) == parts
    assert part_videos(videos, seed=4) != parts
    with pytest.raises(CorpusError, match="2 videos, or groups"):
        part_videos(videos[:6], seed=0)


def test_accuracy_and_macro_f1_are_those_of_the_rows_that_were_described() -> None:
    random = np.random.default_rng(0)
    count, videos = 200, [video(f"v{number}") for number in range(8)]
    targets = np.full((count, 4), UNKNOWN, np.int64)
    targets[: count // 2, 0] = random.integers(0, 5, count // 2)
    shares = {head: random.dirichlet(np.ones(size), count) for head, size in HEADS.items()}
    told = Tellings(shares, shares)  # type: ignore[arg-type]
    frames = DescribedFrames(
        np.zeros((count, 1), np.float16), np.arange(count), np.ones(count, bool), targets,
        random.integers(0, 8, count),
    )  # fmt: skip
    heads, notes = tagger_results(told, frames, videos, numbered(), rounds=50, seed=0)
    truth, predicted = targets[: count // 2, 0], shares["place"][: count // 2].argmax(axis=1)
    found = heads["place"]
    assert found["test_moments"] == count // 2
    assert found["accuracy"]["value"] == round(float(np.mean(truth == predicted)), 3)
    assert found["macro_f1"]["value"] == round(macro_f1(truth, predicted), 3)
    assert found["majority"]["accuracy"] == round(np.bincount(truth).max() / len(truth), 3)
    assert heads["action"] == {"test_moments": 0, "beats_trivial": False}
    assert notes == ()
    few, notes = tagger_results(
        told, replace(frames, owner=frames.owner % 3), videos[:3], numbered(), rounds=50, seed=0
    )
    assert not few["place"]["beats_trivial"]
    assert "too few" in notes[0]


def test_the_scorer_finds_highlights_that_can_be_seen(framed: Framed, tmp_path: Path) -> None:
    card = scorer(framed, tmp_path)
    rows = {row["system"]: row["measures"] for row in card["results"]}
    ours = rows["frame scorer (Video)"]
    assert {"all-positive", "random", "centre of the video"} < rows.keys()
    assert card["beats_trivial"]
    assert ours["ap"]["value"] > 0.8 > rows["random"]["ap"]["value"]
    assert ours["f1"]["value"] > rows["all-positive"]["f1"]["value"]
    assert card["prevalence"] == pytest.approx(0.2)
    loaded = load_scorer(tmp_path, BACKBONE)
    assert 0 < loaded.threshold < 1
    random = np.random.default_rng(3)
    seen = torch.from_numpy(
        np.stack([look(1, 1, random, highlight=on) for on in (True, False) * 40])
    )
    chances = torch.sigmoid(loaded.network(seen)).numpy()
    assert np.mean((chances >= loaded.threshold) == [True, False] * 40) > 0.8


def test_a_scorer_that_sees_nothing_is_reported_as_such(tmp_path: Path) -> None:
    blind = make_framed(tmp_path / "made", shows=False)
    assert not scorer(blind, tmp_path / "s")["beats_trivial"]


def test_labels_of_several_annotators_are_combined_as_asked(tmp_path: Path) -> None:
    framed = make_framed(tmp_path / "made", videos=15)
    for path in list(framed.corpus.glob("*_kim.json")):
        data = json.loads(path.read_text())
        data["timelines"] = data["timelines"][:3]
        path.with_name(path.name.replace("kim", "lee")).write_text(json.dumps(data))
    prevalence = {
        label: scorer(framed, tmp_path / label, replace(QUICK, combination=label))["prevalence"]
        for label in ("union", "majority", "kim", "lee")
    }
    assert prevalence == {"union": 0.2, "majority": 0.1, "kim": 0.2, "lee": 0.1}
    with pytest.raises(UsageError, match="no annotator 'park'"):
        scorer(framed, tmp_path / "x", replace(QUICK, combination="park"))


@pytest.mark.parametrize("train", [tagger, scorer])
def test_progress_grows_and_a_stopped_training_leaves_nothing(
    framed: Framed, tmp_path: Path, train: Any
) -> None:
    shares: list[float] = []
    train(framed, tmp_path / "whole", progress=lambda share, message: shares.append(share))
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] <= 1
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 40

    with pytest.raises(Cancelled):
        train(framed, tmp_path / "stopped", cancelled=cancelled)
    assert not (tmp_path / "stopped").exists()


def test_what_was_left_out_is_said_without_the_folders_of_this_machine(tmp_path: Path) -> None:
    framed = make_framed(tmp_path / "made", videos=12)
    broken = framed.corpus / "broken_kim.json"
    broken.write_text("{")
    unseen = json.loads((framed.corpus / "영상 00_kim.json").read_text())
    unseen["metadata"]["file_name"] = "unseen.mp4"
    (framed.corpus / "unseen_kim.json").write_text(json.dumps(unseen))
    card = tagger(framed, tmp_path / "t")
    left = card["left_out"]
    assert left["without_features"] == ["unseen"]
    assert len(left["problems"]) == 1
    assert "broken_kim.json" in left["problems"][0]
    assert str(tmp_path) not in (tmp_path / "t" / "card.json").read_text()


@pytest.mark.parametrize(
    ("corpora", "error", "message"),
    [
        (["table"], UsageError, "only AI Hub 616 describes"),
        ([], UsageError, "only AI Hub 616 describes"),
        (["aihub616", "table"], UsageError, "only AI Hub 616 describes"),
    ],
)
def test_only_a_corpus_with_descriptions_teaches_words(
    framed: Framed,
    tmp_path: Path,
    corpora: Sequence[str],
    error: type[EmotionShortFormError],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        train_tagger(dict.fromkeys(corpora, framed.corpus), framed.store, tmp_path / "t")


def test_features_that_do_not_fit_are_named(framed: Framed, tmp_path: Path) -> None:
    other = put_features(tmp_path / "other", {"x": np.zeros((4, 3), np.float32)})
    with pytest.raises(CorpusError, match="no labelled video has features"):
        scorer(replace(framed, store=other), tmp_path / "t")
    with pytest.raises(StoreError, match="no features here"):
        scorer(replace(framed, store=tmp_path), tmp_path / "t")


def test_one_video_in_two_corpora_is_refused(framed: Framed, tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    rows = [f"{name},0,{10 + place},1" for place, name in enumerate(sorted(framed.codes))]
    table.write_text("\n".join(["video,start,end,label", *rows]), encoding="utf-8")
    corpora = {"aihub616": framed.corpus, "table": table}
    with pytest.raises(CorpusError, match="the same video"):
        train_scorer(corpora, framed.store, tmp_path / "t")


@pytest.mark.parametrize("wrong", [{"frames": "last"}, {"hidden": -1}, {"epochs": 0}, {"seed": -1}])
def test_impossible_plans_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        FramePlan(**wrong)
