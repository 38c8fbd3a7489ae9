from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.cli import main
from core.errors import Cancelled, UsageError
from core.learning.highlights.readers import read_benchmark
from core.learning.highlights.sequences import VideoSequence, read_sequences
from core.learning.personal.editors_report import as_json, mean_gain, run_editors, write_editors
from core.learning.personal.simulated_editors import (
    BOLD,
    CAREFUL,
    GATED,
    GENTLE,
    METHODS,
    SimulationPlan,
    simulate_editors,
)
from tests.learning.highlights.made import COLUMNS, make_benchmark

DOMAINS = ("dog", "skiing", "surfing")
TRAINING, TESTED = 8, 3
PLAN = SimulationPlan(videos=(1, 4), draws=2, seeds=2, penalties=(0.05, 1.0, 50.0), inner_draws=1)


def a_benchmark(folder: Path) -> Path:
    """In each domain another column of the sound tells the highlights."""
    random = np.random.default_rng(0)
    labels, domains, features = {}, {}, {}
    split = {}
    for domain in DOMAINS:
        names = [f"{domain}-{number:02}" for number in range(TRAINING + TESTED)]
        split[domain] = {"train": names[:TRAINING], "val": names[TRAINING:]}
        for name in names:
            kept = np.zeros(24, bool)
            kept[random.permutation(24)[:8]] = True
            rows = {
                kind: random.uniform(0.5, 1.5, (24, width)).astype(np.float32)
                for kind, width in COLUMNS.items()
            }
            rows["audio"][:, DOMAINS.index(domain)] += 3.0 * kept
            labels[name] = np.where(kept, 1, -1).tolist()
            domains[name], features[name] = domain, rows
    return make_benchmark(folder, labels, domains=domains, split=split, features=features)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[VideoSequence]:
    return read_sequences(read_benchmark(a_benchmark(tmp_path_factory.mktemp("made"))))


def test_editors_teach_what_the_other_domains_could_not(made: list[VideoSequence]) -> None:
    found = simulate_editors(made, PLAN)
    one, four = (mean_gain(found.of(count), BOLD).value for count in PLAN.videos)
    assert 2 < one < four
    assert min(found.everything.values()) > 5
    assert {draw.domain for draw in found.draws} == {*DOMAINS}
    assert len(found.of(1)) == len(found.of(4)) == len(DOMAINS) * PLAN.draws * PLAN.seeds
    for draw in found.draws:
        assert draw.gains.keys() == {*METHODS}
        assert draw.gains[GATED] in (0.0, draw.gains[BOLD])
        assert np.isfinite(draw.gains[GENTLE])
    for chosen in found.penalties.values():
        for count in PLAN.videos:
            assert {chosen[BOLD][count], chosen[CAREFUL][count]} <= {*PLAN.penalties}


def test_the_unseen_domain_has_no_say_in_the_choice(made: list[VideoSequence]) -> None:
    """Other labels there change its gains, but neither the shipped weights nor the penalties."""
    swapped = [one if one.video.domain != "surfing" else _turned(one) for one in made]
    before, after = (simulate_editors(rows, PLAN) for rows in (made, swapped))
    assert before.penalties["surfing"] == after.penalties["surfing"]
    assert before.shipped["surfing"] != after.shipped["surfing"]


def _turned(sequence: VideoSequence) -> VideoSequence:
    return VideoSequence(
        sequence.video, sequence.groups, sequence.present, 1 - sequence.relevance, sequence.signals
    )


def test_the_order_of_the_videos_changes_nothing(made: list[VideoSequence]) -> None:
    plan = SimulationPlan(videos=(2,), draws=1, seeds=1, penalties=(0.5, 5.0), inner_draws=1)
    one, other = (simulate_editors(rows, plan) for rows in (made, made[::-1]))
    assert as_json(one) == as_json(other)


def test_it_stops_when_it_is_asked_to(made: list[VideoSequence]) -> None:
    asked = iter([False] * 8 + [True])
    with pytest.raises(Cancelled):
        simulate_editors(made, PLAN, cancelled=lambda: next(asked))


@pytest.mark.parametrize(
    "make",
    [
        lambda: SimulationPlan(videos=()),
        lambda: SimulationPlan(draws=0),
        lambda: SimulationPlan(penalties=(0.0,)),
    ],
)
def test_plans_that_make_no_sense_are_refused(make: Callable[[], SimulationPlan]) -> None:
    with pytest.raises(UsageError):
        make()


def test_too_few_videos_or_domains_are_refused(made: list[VideoSequence]) -> None:
    with pytest.raises(UsageError, match="not enough"):
        simulate_editors(made, SimulationPlan(videos=(TRAINING,)))
    with pytest.raises(UsageError, match="not enough"):
        simulate_editors([one for one in made if one.video.domain != "dog"], PLAN)


def test_the_report_shows_every_way_of_learning(tmp_path: Path) -> None:
    folder = a_benchmark(tmp_path / "made")
    plan = SimulationPlan(videos=(2,), draws=2, seeds=1, penalties=(0.5, 5.0), inner_draws=1)
    seen: list[float] = []
    found = run_editors(folder, plan, progress=lambda share, message: seen.append(share))
    assert seen == sorted(seen)
    files = write_editors(found, tmp_path / "report", command="a command")
    assert [file.name for file in files] == ["editors.html", "editors.md", "editors.json"]
    text = files[1].read_text()
    assert all(name in text for name in (*METHODS, *DOMAINS, "a command"))
    data = json.loads(files[2].read_text())
    assert data["gains"]["2"][BOLD]["gain"]["value"] == pytest.approx(
        mean_gain(found.of(2), BOLD).value, abs=1e-3
    )


def test_the_terminal_simulates_editors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = a_benchmark(tmp_path / "made")
    words = ["evaluate", "editors", "--corpus", f"youtube={folder}", "--draws", "1", "--seeds", "1"]
    words += ["--videos", "2", "--out", str(tmp_path / "report")]
    assert main([*words, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["gains"].keys() == {"2"}
    report = json.loads((tmp_path / "report" / "editors.json").read_text())
    assert str(tmp_path) not in report["command"]
    assert main([*words[:3], "nothing", "--out", str(tmp_path)]) != 0
