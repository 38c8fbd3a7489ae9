from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from core.errors import CorpusError, UsageError
from core.learning.highlights.moments import plan_videos, speaker_parts
from core.learning.highlights.moments_plan import Moment, Take, VideoPlan
from core.learning.highlights.moments_recipe import CALM, EFFORT, EMOTIONAL, Recipe
from tests.learning.made import made_utterance

FOOTAGE = {"street.mp4": 90.0, "room.mp4": 12.5}


def takes(speakers: int = 5, each: int = 30, corpus: str = "made", loud: float = 0.0) -> list[Take]:
    """Takes of 2 to 3 s; emotional ones are louder by so many dB, and each speaker by 3 more."""
    random = np.random.default_rng(3)
    result = []
    for speaker in range(speakers):
        for number in range(each):
            emotion = ("happy", "neutral", "angry", "sad", "neutral", "neutral")[number % 6]
            row = made_utterance(f"{speaker}-{number:02d}", f"{corpus}-{speaker}", emotion, corpus)
            level = -30.0 + 3 * speaker + loud * (emotion in EMOTIONAL)
            seconds = round(float(random.uniform(2.0, 3.0)), 3)
            result.append(Take(row, 0.1, seconds, level))
    return result


def planned(seed: int = 0, videos: int = 4, **options: object) -> list[VideoPlan]:
    return plan_videos(takes(), videos=videos, seconds=240.0, seed=seed, footage=FOOTAGE, **options)  # type: ignore[arg-type]


def test_a_plan_follows_from_the_seed_and_not_from_the_order_of_the_takes() -> None:
    again = plan_videos(takes()[::-1], videos=4, seconds=240.0, footage=FOOTAGE)
    assert again == planned()
    assert planned(seed=1)[0].settings != planned(seed=0)[0].settings


def test_more_videos_change_nothing_about_the_first_ones() -> None:
    assert planned(videos=5)[:2] == planned(videos=2)


@pytest.mark.parametrize("seed", range(6))
def test_moments_are_runs_of_emotional_lines_of_one_speaker(seed: int) -> None:
    for plan in planned(seed):
        assert 2 <= len(plan.speakers) <= 4
        assert 0.1 <= sum(m.end - m.start for m in plan.moments) / plan.seconds <= 0.2
        inside = []
        for moment in plan.moments:
            lines = [line for line in plan.lines if moment.start <= line.start < moment.end]
            assert 2 <= len(lines) <= 5
            assert 5.0 <= moment.end - moment.start <= 15.0
            assert {line.speaker for line in lines} == {moment.speaker}
            assert tuple(line.emotion for line in lines) == moment.emotions
            assert (lines[0].start, lines[-1].end) == (moment.start, moment.end)
            inside += lines
        for line in plan.lines:
            assert line.emotion in (EMOTIONAL if line in inside else CALM)


def test_nobody_is_interrupted_and_settings_and_shots_have_no_gaps() -> None:
    for plan in planned():
        busy = sorted(
            (part.start, part.end)
            for setting in plan.settings
            for part in (*setting.lines, *setting.events)
        )
        assert all(end <= start for (_, end), (start, _) in pairwise(busy))
        for stretches in (plan.settings, plan.shots):
            ends = [0.0, *(stretch.end for stretch in stretches)]
            assert [stretch.start for stretch in stretches] == ends[:-1]
            assert ends[-1] == plan.seconds
        for setting in plan.settings:
            assert all(setting.start <= x.start and x.end <= setting.end for x in setting.lines)


def test_shots_lie_within_their_footage_and_know_nothing_of_the_speech() -> None:
    others = plan_videos(takes(speakers=2, each=18), videos=4, seconds=240.0, footage=FOOTAGE)
    for plan, other in zip(planned(), others, strict=True):
        assert plan.shots == other.shots
        assert plan.lines != other.lines
        for shot in plan.shots:
            if shot.source in FOOTAGE:
                assert shot.offset + shot.end - shot.start <= FOOTAGE[shot.source] + 1 / 15


def test_moments_come_anywhere_in_a_video() -> None:
    starts = [
        moment.start / plan.seconds
        for seed in range(20)
        for plan in planned(seed)
        for moment in plan.moments
    ]
    counts = np.histogram(starts, bins=4, range=(0, 1))[0] / len(starts)
    assert counts.min() > 0.17
    assert counts.max() < 0.33


def test_nothing_is_said_again_before_all_else_was_said() -> None:
    [plan] = plan_videos(takes(speakers=2, each=60), videos=1, seconds=180.0)
    counted = Counter(line.name for line in plan.lines)
    assert set(counted.values()) == {1}
    few = plan_videos(takes(speakers=2, each=12), videos=1, seconds=180.0)[0]
    calm = Counter(line.name for line in few.lines if line.emotion in CALM)
    for speaker in few.speakers:
        own = [count for name, count in calm.items() if name[0] == speaker[-1]]
        assert max(own) - min(own) <= 1


def test_an_utterance_longer_than_a_turn_stands_in_no_video_and_in_nobodys_way() -> None:
    stock = [
        replace(take, seconds=20.0) if take.utterance.name.endswith("1") else take
        for take in takes()
    ]
    for plan in plan_videos(stock, videos=3, seconds=240.0):
        assert not any(line.name.endswith("1") for line in plan.lines)
        assert sum(line.end - line.start for line in plan.lines) > 0.3 * plan.seconds


def test_speakers_are_made_equally_loud_and_stay_louder_when_they_are_emotional() -> None:
    stock = takes(loud=9.0)
    levels = {take.utterance.name: take.level for take in stock}
    [plan] = plan_videos(stock, videos=1, seconds=480.0)
    heard: dict[tuple[str, bool], list[float]] = {}
    for setting in plan.settings:
        for line in setting.lines:
            level = levels[line.name] + line.gain - setting.level
            heard.setdefault((line.speaker, line.emotion in EMOTIONAL), []).append(level)
    calm = [np.mean(values) for (_, emotional), values in heard.items() if not emotional]
    loud = [np.mean(values) for (_, emotional), values in heard.items() if emotional]
    assert calm == pytest.approx([-3.0] * len(calm), abs=0.01)
    assert loud == pytest.approx([6.0] * len(loud), abs=0.01)


def test_an_effort_changes_levels_only() -> None:
    stock = takes(loud=-6.0)
    options = {"videos": 2, "seconds": 240.0}
    recorded = plan_videos(stock, **options)  # type: ignore[arg-type]
    usual = plan_videos(stock, recipe=Recipe(effort=EFFORT), **options)  # type: ignore[arg-type]
    gains: dict[bool, list[float]] = {True: [], False: []}
    for before, after in zip(recorded, usual, strict=True):
        assert before.moments == after.moments
        for one, other in zip(before.lines, after.lines, strict=True):
            assert (one.name, one.start) == (other.name, other.start)
            gains[one.emotion in EMOTIONAL].append(other.gain - one.gain)
    assert np.mean(gains[True]) - np.mean(gains[False]) > 10.0


def test_a_cell_is_positive_from_half_a_second_on() -> None:
    plan = planned()[0]
    short = VideoPlan(
        "v", "made", plan.speakers, 6.3, False, (), (),
        (Moment(0.6, 2.5, "a", ("happy",)), Moment(5.7, 6.3, "a", ("happy",))),
    )  # fmt: skip
    assert short.cells().tolist() == [False, True, True, False, False, False, False]
    assert short.positive_spans() == [(1, 3)]


def test_parts_of_the_speakers_share_no_voice_and_no_session() -> None:
    rows = [made_utterance(f"{n}", f"s{n}", "happy", session=f"d{n // 2}") for n in range(20)]
    rows += [made_utterance(f"o{n}", f"o{n}", "sad", "other") for n in range(6)]
    shares = {"train": 0.6, "validation": 0.2, "test": 0.2}
    parts = speaker_parts(rows, shares, seed=1)
    assert parts == speaker_parts(rows[::-1], shares, seed=1)
    assert parts != speaker_parts(rows, shares, seed=2)
    everyone = [speaker for part in parts.values() for speaker in part]
    assert sorted(everyone) == sorted({row.speaker for row in rows})
    for part in parts.values():
        numbers = {int(speaker[1:]) for speaker in part if speaker[0] == "s"}
        assert all(number ^ 1 in numbers for number in numbers)
        assert sum(speaker[0] == "o" for speaker in part) == 2
    assert len(parts["train"]) > len(parts["test"])
    with pytest.raises(UsageError, match="too few for 7 parts"):
        speaker_parts(rows, dict.fromkeys("abcdefg", 1.0))


def test_what_cannot_be_planned_is_refused_with_a_reason() -> None:
    with pytest.raises(UsageError, match="do not mix"):
        plan_videos(takes() + takes(corpus="other"), videos=1, seconds=240.0)
    with pytest.raises(UsageError, match="too short for a moment"):
        plan_videos(takes(), videos=1, seconds=20.0)
    with pytest.raises(CorpusError, match="1 of 1 speakers"):
        plan_videos(takes(speakers=1), videos=1, seconds=240.0)
    calm = [take for take in takes() if take.utterance.emotion not in EMOTIONAL]
    with pytest.raises(CorpusError, match="0 of 5 speakers"):
        plan_videos(calm, videos=1, seconds=240.0)
    with pytest.raises(UsageError, match="both calm and emotional: sad"):
        Recipe(emotional=("sad", "angry"))
