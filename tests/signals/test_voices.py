from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.errors import ModelError, UsageError
from core.networks.weights import save_weights
from core.signals.voices import (
    DIMENSION,
    PITCH,
    STATISTICS,
    VOICING,
    Voices,
    critical_sureness,
    feature_contract,
    stretch_statistics,
    stretches,
)

PITCH_STATISTIC = 40
LOW, HIGH = 0.0, 10.0
"""Semitones; the weights below are sure beyond 1 on either side of 5."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    weight = torch.zeros(STATISTICS)
    weight[PITCH_STATISTIC] = 0.5
    weight[0] = 0.5
    tensors = {"weight": weight, "bias": torch.tensor([-5.0])}
    save_weights(tmp_path, tensors, {"contract": feature_contract(), "sureness": 1.0})
    return tmp_path


def voice(cells: int, pitch: float, tract: float, seed: int = 0) -> NDArray[np.float32]:
    """Cells of a voice; the first coefficient stands for the length of the vocal tract."""
    random = np.random.default_rng(seed)
    frames = random.normal(0.0, 1.0, (cells, 50, DIMENSION)).astype(np.float32)
    frames[..., 1] += tract
    frames[..., PITCH] += pitch
    frames[..., VOICING] = 0.9
    return frames


def speech_of(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ones(frames.shape[:2], np.float32)


def test_a_low_and_a_high_voice_are_told_apart_in_the_order_they_are_heard(folder: Path) -> None:
    frames = np.concatenate([voice(12, HIGH, HIGH), voice(15, LOW, LOW), voice(6, HIGH, HIGH)])
    labels = Voices(folder).labels(frames, speech_of(frames))
    assert labels.dtype == np.int16
    assert labels.tolist() == [0] * 12 + [1] * 15 + [0] * 6


def test_one_voice_stays_one_when_its_pitch_rises_by_40_percent(folder: Path) -> None:
    excited = LOW + 12 * np.log2(1.4)
    frames = np.concatenate([voice(20, LOW, LOW), voice(20, float(excited), LOW)])
    assert set(Voices(folder).labels(frames, speech_of(frames)).tolist()) == {0}


def test_a_voice_heard_for_less_than_8_seconds_is_no_second_one(folder: Path) -> None:
    frames = np.concatenate([voice(30, LOW, LOW), voice(7, HIGH, HIGH)])
    assert set(Voices(folder).labels(frames, speech_of(frames)).tolist()) == {0}


def test_a_short_video_has_one_voice(folder: Path) -> None:
    frames = np.concatenate([voice(2, LOW, LOW), voice(2, HIGH, HIGH)])
    assert Voices(folder).labels(frames, speech_of(frames)).tolist() == [0] * 4


def test_silence_has_no_voice(folder: Path) -> None:
    signal = Voices(folder)
    frames = voice(3, LOW, LOW)
    assert signal.labels(frames, np.zeros(3, np.float32)).tolist() == [-1] * 3
    assert signal.labels(frames[:0], np.zeros((0, 50), np.float32)).tolist() == []


def test_frames_and_probabilities_that_are_not_finite_are_no_speech(folder: Path) -> None:
    frames = np.concatenate([voice(12, HIGH, HIGH), voice(12, LOW, LOW)])
    frames[3] = np.nan
    speech = speech_of(frames)
    speech[20] = np.nan
    labels = Voices(folder).labels(frames, speech)
    expected = [0] * 12 + [1] * 12
    expected[3] = expected[20] = -1
    assert labels.tolist() == expected


def test_a_cell_with_few_speech_frames_goes_with_the_voice_before_it(folder: Path) -> None:
    frames = np.concatenate([voice(12, HIGH, HIGH), voice(12, LOW, LOW), voice(2, HIGH, HIGH)])
    speech = speech_of(frames)
    speech[24] = 0.0
    speech[25, 20:] = 0.0
    assert Voices(folder).labels(frames, speech).tolist() == [0] * 12 + [1] * 12 + [-1, 1]


def test_the_same_frames_get_the_same_labels(folder: Path) -> None:
    frames = np.concatenate([voice(15, HIGH, HIGH), voice(15, LOW, LOW)])
    first = Voices(folder).labels(frames, speech_of(frames))
    assert np.array_equal(first, Voices(folder).labels(frames, speech_of(frames)))


def test_arrays_that_do_not_fit_are_refused(folder: Path) -> None:
    signal = Voices(folder)
    with pytest.raises(UsageError, match="shape"):
        signal.labels(np.zeros((2, 50, 32), np.float32), np.zeros(2, np.float32))
    with pytest.raises(UsageError, match="does not fit"):
        signal.labels(np.zeros((2, 50, DIMENSION), np.float32), np.zeros(3, np.float32))


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    tensors = {"weight": torch.zeros(3), "bias": torch.zeros(1)}
    save_weights(tmp_path, tensors, {"contract": feature_contract(), "sureness": 1.0})
    with pytest.raises(ModelError, match="not those of voices"):
        Voices(tmp_path)


def test_stretches_end_at_pauses_and_are_at_most_3_seconds() -> None:
    spoken = np.ones(600, bool)
    spoken[100:120] = False
    spoken[300:305] = False
    spoken[580:600] = False
    parts = stretches(spoken)
    assert all(25 <= len(part) <= 150 for part in parts)
    assert parts[0].tolist() == list(range(100))
    assert sum(len(part) for part in parts) == int(spoken.sum())


def test_statistics_take_the_pitch_of_voiced_frames_alone() -> None:
    frames = voice(1, 4.0, 0.0)[0]
    frames[:20, VOICING] = 0.1
    frames[:20, PITCH] = 100.0
    statistics = stretch_statistics(frames)
    assert statistics.shape == (STATISTICS,)
    assert statistics[PITCH_STATISTIC] == pytest.approx(frames[20:, PITCH].mean(), abs=1e-5)


def test_the_critical_sureness_is_that_of_the_weaker_voice() -> None:
    lean = np.array([3.0, 2.0, 1.0, -0.5, -4.0])
    seconds = np.array([3.0, 3.0, 3.0, 5.0, 4.0])
    assert critical_sureness(lean, seconds) == 0.5
    assert critical_sureness(lean[:4], seconds[:4]) == -1.0
    assert critical_sureness(lean[:1], seconds[:1]) == -np.inf
