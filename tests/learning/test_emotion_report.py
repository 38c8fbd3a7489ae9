"""The measures, each beside what knows nothing, and the files that they are written to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import UsageError
from core.learning.corpora import Utterance
from core.learning.emotion_report import LEAST_OF_CLASS, Run, report_rows, table, write_report
from core.learning.metrics import concordance, mean_absolute_error, unweighted_recall
from core.learning.recogniser import AROUSAL, CLAIMS, VALENCE
from core.networks.emotion_classes import LABELS
from tests.learning.made import made_utterance

EMOTIONS = ("happy", "sad", "neutral", "neutral")
TAKES = 12
"""Of each speaker; four speakers make 12 happy and 12 sad utterances."""


def utterances(emotions: Sequence[str | None] = EMOTIONS, corpus: str = "made") -> list[Utterance]:
    return [
        made_utterance(f"{speaker}-{take}", f"{corpus}-s{speaker}",
                       emotions[take % len(emotions)], corpus)
        for speaker in range(4)
        for take in range(TAKES)
    ]  # fmt: skip


def right_claims(rows: Sequence[Utterance]) -> np.ndarray:
    """Sure of the class, and of its arousal and valence."""
    claims = np.zeros((len(rows), CLAIMS), np.float32)
    for claim, row in zip(claims, rows, strict=True):
        claim[LABELS.index(row.emotion) if row.emotion in LABELS else 0] = 1.0
        claim[AROUSAL], claim[VALENCE] = row.arousal or 0.0, row.valence or 0.0
    return claims


def constant_claims(rows: Sequence[Utterance]) -> np.ndarray:
    """The shares and the means of the table."""
    return np.tile(right_claims(rows).mean(axis=0), (len(rows), 1))


def noisy_claims(rows: Sequence[Utterance], share: float = 0.5, seed: int = 0) -> np.ndarray:
    """Every so many rows of chance are those of another row."""
    random = np.random.default_rng(seed)
    claims = right_claims(rows)
    wrong = random.random(len(rows)) < share
    claims[wrong] = claims[random.permutation(len(rows))][wrong]
    return claims


def run(claims: np.ndarray, loudness: np.ndarray | None = None) -> Run:
    level = np.zeros(len(claims)) if loudness is None else loudness
    return Run(np.arange(len(claims)), claims, level, level > 0.3)


def measured(
    rows: Sequence[Utterance], claims: np.ndarray, loudness: np.ndarray | None = None
) -> dict[str, dict]:
    """The rows of a report by their measure, beside a constant reference."""
    found = report_rows(rows, [run(claims, loudness)], {"constant": constant_claims(rows)})
    by_measure = {row["measure"]: row for row in found["results"]}
    assert len(by_measure) == len(found["results"])
    return by_measure


def test_a_perfect_recogniser_is_perfect_and_beats_what_is_trivial() -> None:
    rows = utterances()
    found = measured(rows, right_claims(rows))
    assert set(found) == {
        "UAR of 3 classes", "macro F1 of 3 classes", "UAR happy/sad", "UAR happy/sad by arousal",
        "UAR high/low arousal", "AUC high/low arousal",
        *(f"{measure} {name} (places of the categories)"
          for measure in ("CCC", "Pearson", "MAE") for name in ("arousal", "valence")),
    }  # fmt: skip
    for name, row in found.items():
        assert row["value"] == pytest.approx(0.0 if "MAE" in name else 1.0, abs=1e-3)
        assert row["low"] <= row["value"] <= row["high"]
        assert row["lower_is_better"] == ("MAE" in name)
        assert row["beats_trivial"], name
        assert row["speakers"] == 4
        assert (row["silent"], row["seeds"], row["mean"]) == (0, [row["value"]], row["value"])
    assert found["UAR of 3 classes"]["utterances"] == len(rows)
    assert found["UAR happy/sad"]["utterances"] == len(rows) / 2


def test_values_are_those_of_their_definitions() -> None:
    rows = utterances()
    claims = noisy_claims(rows)
    found = measured(rows, claims)
    truth = np.array([LABELS.index(row.emotion or "") for row in rows])
    recall = unweighted_recall(truth, claims[:, : len(LABELS)].argmax(axis=1))
    assert found["UAR of 3 classes"]["value"] == pytest.approx(recall, abs=1e-3)
    arousal = np.array([row.arousal for row in rows])
    said = claims[:, AROUSAL].astype(float)
    name = "arousal (places of the categories)"
    assert found[f"CCC {name}"]["value"] == pytest.approx(concordance(arousal, said), abs=1e-3)
    error = mean_absolute_error(arousal, said)
    assert found[f"MAE {name}"]["value"] == pytest.approx(error, abs=1e-3)


@pytest.mark.parametrize("claimed", ["neutral", "happy", "shares"])
def test_a_constant_beats_nothing(claimed: str) -> None:
    rows = utterances()
    claims = constant_claims(rows)
    if claimed != "shares":
        claims[:, : len(LABELS)] = np.eye(len(LABELS))[LABELS.index(claimed)]
    found = measured(rows, claims)
    for name, row in found.items():
        assert row["trivial"], f"{name} stands alone"
        assert not row["beats_trivial"], name
    assert found["UAR of 3 classes"]["value"] == pytest.approx(1 / 3, abs=1e-3)
    assert found["CCC arousal (places of the categories)"]["value"] == 0


def test_every_row_has_a_trivial_value_without_any_reference() -> None:
    rows = utterances()
    for claims, beats in ((right_claims(rows), True), (constant_claims(rows), False)):
        found = report_rows(rows, [run(claims)], {})["results"]
        assert len(found) == 12
        assert all(row["trivial"] for row in found)
        assert all(row["beats_trivial"] == beats for row in found)


def test_the_nearest_constant_does_not_beat_the_trivial_error() -> None:
    """The median of the ratings is nearer to them than the mean that a reference says."""
    rows = utterances()
    claims = constant_claims(rows)
    claims[:, AROUSAL] = np.median([row.arousal for row in rows])
    claims[:, VALENCE] = np.median([row.valence for row in rows])
    for name in ("arousal", "valence"):
        row = measured(rows, claims)[f"MAE {name} (places of the categories)"]
        assert row["value"] == row["trivial"]["constant"]
        assert not row["beats_trivial"]


def test_a_reference_that_is_as_good_is_not_beaten() -> None:
    rows = utterances()
    claims = noisy_claims(rows, 0.3)
    alone = report_rows(rows, [run(claims)], {"constant": constant_claims(rows)})["results"][0]
    rival = report_rows(
        rows,
        [run(claims)],
        {"constant": constant_claims(rows), "rival": noisy_claims(rows, 0.3, seed=2)},
    )["results"][0]
    assert alone["beats_trivial"]
    assert not rival["beats_trivial"]
    assert "rival" in rival["trivial"]


def test_loudness_alone_is_a_rival_for_arousal() -> None:
    rows = utterances()
    loudness = np.array([row.arousal for row in rows], float)
    found = measured(rows, noisy_claims(rows, 0.3), loudness)
    for name, row in found.items():
        if "arousal" in name:
            assert not row["beats_trivial"], name
            assert row["trivial"]["loudness"] == pytest.approx(0.0 if "MAE" in name else 1.0)
        else:
            assert "loudness" not in row["trivial"]


def test_what_was_not_heard_counts_as_neutral_and_is_counted() -> None:
    rows = utterances()
    claims = right_claims(rows)
    sad = [index for index, row in enumerate(rows) if row.emotion == "sad"]
    claims[sad[:6]] = np.nan
    found = report_rows(rows, [run(claims)], {"constant": constant_claims(rows)})
    assert found["confusion"]["made"]["recalls"]["sad"] == 0.5
    assert all(row["silent"] == 6 for row in found["results"])
    assert all(np.isfinite(row["value"]) for row in found["results"])


def test_the_confusion_shows_the_natural_prevalence() -> None:
    rows = utterances()
    claims = noisy_claims(rows)
    (found,) = report_rows(rows, [run(claims)], {"constant": claims})["confusion"].values()
    sizes = dict(zip(found["labels"], np.sum(found["matrix"], axis=1).tolist(), strict=True))
    assert sizes == {"happy": 12, "sad": 12, "neutral": 24}
    diagonal = np.diag(found["matrix"]) / np.sum(found["matrix"], axis=1)
    assert found["recalls"] == {
        name: pytest.approx(share, abs=1e-3)
        for name, share in zip(found["labels"], diagonal, strict=True)
    }


def test_boredom_is_a_class_where_it_occurs_and_only_there() -> None:
    bored = utterances(("happy", "sad", "boredom", "neutral"), "bored")
    plain = utterances(corpus="plain")
    rows = [*bored, *plain]
    claims = right_claims(rows)
    claims[len(bored) :, LABELS.index("boredom")] = 2.0
    found = report_rows(rows, [run(claims)], {"constant": constant_claims(rows)})
    values = {(row["corpus"], row["measure"]): row["value"] for row in found["results"]}
    assert values["bored", "UAR of 4 classes"] == 1
    assert values["plain", "UAR of 3 classes"] == 1, "the application never shows boredom"
    assert "boredom" in found["confusion"]["bored"]["labels"]
    assert "boredom" not in found["confusion"]["plain"]["labels"]


def test_a_class_of_few_is_not_measured() -> None:
    rows = utterances()
    kept = [index for index, row in enumerate(rows) if row.emotion != "happy"]
    happy = [index for index, row in enumerate(rows) if row.emotion == "happy"]
    few = [rows[index] for index in sorted(kept + happy[: LEAST_OF_CLASS - 1])]
    found = measured(few, right_claims(few))
    assert not any(name.startswith(("UAR of", "UAR happy", "macro")) for name in found)
    assert "UAR high/low arousal" in found


def test_ratings_are_told_from_places_of_the_categories() -> None:
    rows = [replace(row, rated=("arousal", "valence")) for row in utterances()]
    assert "CCC arousal (ratings)" in measured(rows, right_claims(rows))
    rows[0] = replace(rows[0], rated=())
    assert "CCC arousal (places of the categories)" in measured(rows, right_claims(rows))


def test_a_corpus_that_says_nothing_is_not_measured() -> None:
    rows = utterances((None,))
    found = report_rows(rows, [run(right_claims(rows))], {})
    assert found == {"results": [], "confusion": {}}


def test_seeds_stand_beside_their_mean() -> None:
    rows = utterances()
    runs = [run(noisy_claims(rows, share)) for share in (0.2, 0.4, 0.6)]
    found = report_rows(rows, runs, {"constant": constant_claims(rows)})["results"]
    for row in found:
        assert len(row["seeds"]) == 3
        assert row["value"] == row["seeds"][0]
        assert row["mean"] == pytest.approx(np.mean(row["seeds"]), abs=1e-3)
    line = table(found)[2]
    uar = found[0]
    seeds = ", ".join(f"{seed:.3f}" for seed in uar["seeds"])
    assert f"{uar['value']:.3f} (seeds {seeds})" in line


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = [*utterances(), *utterances(corpus="other")]
    claims = noisy_claims(rows)
    loudness = np.random.default_rng(1).normal(size=len(rows))
    first = report_rows(rows, [run(claims, loudness)], {"constant": constant_claims(rows)})
    order = np.random.default_rng(2).permutation(len(rows))
    shuffled = report_rows(
        [rows[index] for index in order],
        [run(claims[order], loudness[order])],
        {"constant": constant_claims(rows)},
    )
    assert shuffled == first


def test_folds_are_joined_in_the_order_of_the_table() -> None:
    rows = utterances()
    whole = run(noisy_claims(rows), np.linspace(-1, 1, len(rows)))
    order = np.random.default_rng(0).permutation(len(rows))
    parts = [
        Run(part, whole.claims[part], whole.loudness[part], whole.loud[part])
        for part in np.array_split(order, 3)
    ]
    joined = Run.joined(parts)
    for name in ("rows", "claims", "loudness", "loud"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))
    with pytest.raises(UsageError, match="tested twice"):
        Run.joined([*parts, parts[0]])


def test_the_table_marks_what_beats_nothing() -> None:
    rows = utterances()
    good = report_rows(rows, [run(right_claims(rows))], {"constant": constant_claims(rows)})
    bad = report_rows(rows, [run(constant_claims(rows))], {"constant": constant_claims(rows)})
    assert not any("✗" in line for line in table(good["results"]))
    assert all("✗" in line for line in table(bad["results"])[2:])


def test_a_report_is_written_for_people_and_for_programs(tmp_path: Path) -> None:
    rows = utterances()
    found = report_rows(rows, [run(constant_claims(rows))], {"constant": constant_claims(rows)})
    report = {"version": "1", "warnings": ["made was trained on"], **found}
    out = tmp_path / "deep" / "report"
    write_report(out, report)
    write_report(out, report)
    assert json.loads((out / "report.json").read_text()) == report
    text = (out / "report.md").read_text()
    assert "Warning: made was trained on." in text
    failing = text.index("Does not beat its best trivial value: UAR of 3 classes on made")
    assert failing < text.index("| corpus |"), "what is bad comes first"
    assert "![made](confusion-made.png)" in text
    assert "neutral 1.00" in text
    assert "sad 0.00" in text
    picture = (out / "confusion-made.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert sorted(file.name for file in out.iterdir()) == [
        "confusion-made.png", "report.json", "report.md",
    ]  # fmt: skip
