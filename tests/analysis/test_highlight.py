from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.highlight import (
    CONTRIBUTIONS,
    WEIGHTS,
    baseline,
    robust_deviation,
    transparent_parts,
)

COUNT = 60


def tracks(seed: int = 0) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    emotion = np.full((COUNT, 9), 1 / 7, np.float32)
    emotion[:, 7:] = generator.normal(0, 0.1, (COUNT, 2))
    loudness = generator.normal(-24, 2, (COUNT, 4)).astype(np.float32)
    motion = np.abs(generator.normal(3, 1, (COUNT, 4))).astype(np.float32)
    return {"speech-emotion": emotion, "loudness": loudness, "motion": motion}


def excited(data: dict[str, np.ndarray], name: str, column: int, value: float) -> None:
    data[name][40:48, column] = value


@pytest.mark.parametrize(
    ("name", "column", "value", "part"),
    [
        ("speech-emotion", 7, 0.9, "emotion"),
        ("loudness", 0, -10.0, "sound"),
        ("motion", 0, 25.0, "picture"),
    ],
)
def test_what_stands_out_raises_the_curve_and_its_own_part(
    name: str, column: int, value: float, part: str
) -> None:
    data = tracks()
    excited(data, name, column, value)
    curve = baseline(data, COUNT, COUNT, Fraction(1))
    assert curve.score[42:46].mean() > np.quantile(curve.score, 0.85)
    rise = curve.contributions[42:46].mean(axis=0) - np.median(curve.contributions, axis=0)
    assert CONTRIBUTIONS[int(rise.argmax())] == part


@given(st.integers(0, 50), st.sets(st.sampled_from(["speech-emotion", "loudness"])))
def test_the_parts_add_up_to_a_score_between_0_and_1(seed: int, missing: set[str]) -> None:
    data = {name: rows for name, rows in tracks(seed).items() if name not in missing}
    curve = baseline(data, COUNT, COUNT, Fraction(1))
    assert curve.contributions.sum(axis=1) == pytest.approx(curve.score, abs=1e-5)
    assert 0 <= curve.score.min() <= curve.score.max() <= 1


def test_the_baseline_is_made_of_its_weighted_parts() -> None:
    parts = transparent_parts(tracks(), COUNT, COUNT, Fraction(1))
    assert tuple(parts) == CONTRIBUTIONS
    for name, part in parts.items():
        assert 0 <= part.min() <= part.max() <= 1
        contribution = baseline(tracks(), COUNT, COUNT, Fraction(1)).contributions
        expected = contribution[:, CONTRIBUTIONS.index(name)]
        assert WEIGHTS[name] * part == pytest.approx(expected, abs=1e-6)


def test_what_a_video_lacks_is_no_part_and_leaves_its_weight_to_the_others() -> None:
    data = tracks()
    data["speech-emotion"][:] = np.nan
    del data["loudness"]
    parts = transparent_parts(data, COUNT, COUNT, Fraction(1))
    assert set(parts) == {"picture", "position"}
    curve = baseline(data, COUNT, COUNT, Fraction(1))
    expected = (0.3 * parts["picture"] + 0.1 * parts["position"]) / 0.4
    assert curve.score == pytest.approx(expected, abs=1e-6)


def test_a_video_of_which_nothing_is_known_yet_has_an_empty_curve() -> None:
    curve = baseline({}, 0, COUNT, Fraction(1))
    assert curve.score.shape == (0,)
    assert curve.contributions.shape == (0, len(CONTRIBUTIONS))


def test_a_louder_recording_has_the_same_curve() -> None:
    quiet, loud = tracks(), tracks()
    loud["loudness"] = loud["loudness"] + 9
    one, other = (baseline(data, COUNT, COUNT, Fraction(1)) for data in (quiet, loud))
    assert one.score == pytest.approx(other.score, abs=1e-5)


def test_seconds_without_speech_make_no_claim() -> None:
    data = tracks()
    data["speech-emotion"][10:20] = np.nan
    assert np.isfinite(baseline(data, COUNT, COUNT, Fraction(1)).score).all()


def test_one_outlier_does_not_flatten_the_rest() -> None:
    values = np.concatenate((np.linspace(-1, 1, 99), [1e6]))
    assert robust_deviation(values, 0.01)[:99].std() > 0.5
