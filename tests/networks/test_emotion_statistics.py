"""The network over statistics of a window of speech."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import ModelError
from core.networks.emotion_classes import EMOTIONS
from core.networks.emotion_statistics import (
    FRAMES_PER_SECOND,
    LEAST_VOICED,
    PITCH_SHARES,
    SHARES,
    StatisticsNetwork,
    StatisticsSettings,
    window_statistics,
)
from tests.networks.test_emotion import everything, full, heard

COLUMNS, PITCH, VOICING = 5, 1, 2
OTHERS = [0, 2, 3, 4]
FRAMES = 60


@pytest.fixture
def network() -> StatisticsNetwork:
    torch.manual_seed(0)
    settings = StatisticsSettings(COLUMNS, PITCH, VOICING, hidden=16, members=3)
    return StatisticsNetwork(settings).eval()


@pytest.fixture
def frames() -> torch.Tensor:
    """A window with three voiced stretches of 10 frames, 20 frames apart."""
    made = torch.randn(1, FRAMES, COLUMNS, generator=torch.Generator().manual_seed(0))
    made[..., VOICING] = 0.2
    for begin in (5, 25, 45):
        made[:, begin : begin + 10, VOICING] = 0.9
    return made


def parts(frames: torch.Tensor) -> dict[str, np.ndarray]:
    """The statistics of one whole window by name."""
    lengths = torch.tensor([frames.shape[1]])
    found = window_statistics(frames, lengths, pitch=PITCH, voicing=VOICING)[0].numpy()
    many = ("mean", "deviation", *SHARES, "step", "step square", "voiced mean")
    tones = ("pitch mean", "pitch deviation", *(f"pitch {share}" for share in PITCH_SHARES))
    tones = (*tones, "pitch step", "pitch rise")
    ends = np.cumsum([len(OTHERS)] * len(many))
    named = dict(zip(many, np.split(found, ends)[:-1], strict=True))
    rest = found[ends[-1] :]
    named |= dict(zip((*tones, "voiced rate", "voiced share"), rest, strict=True))
    return named


def test_the_number_of_statistics_is_what_the_settings_say(
    network: StatisticsNetwork, frames: torch.Tensor
) -> None:
    described = network.describe(frames, full(1, FRAMES))
    assert described.shape == (1, network.settings.statistics)
    assert described.isfinite().all()


def test_the_statistics_are_those_of_numpy(frames: torch.Tensor) -> None:
    found, values = parts(frames), frames[0].numpy()[:, OTHERS]
    np.testing.assert_allclose(found["mean"], values.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(found["deviation"], values.std(axis=0), atol=1e-5)
    for share in SHARES:
        nearest = np.quantile(values, share, axis=0, method="nearest")
        np.testing.assert_allclose(found[share], nearest, atol=1e-5)
    steps = np.diff(values, axis=0)
    np.testing.assert_allclose(found["step"], np.abs(steps).mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(
        found["step square"], np.sqrt(np.square(steps).mean(axis=0)), atol=1e-5
    )


def test_pitch_is_measured_on_voiced_frames_alone(frames: torch.Tensor) -> None:
    voiced = frames[0, :, VOICING] > 0.6
    pitch = frames[0, voiced, PITCH].numpy()
    found = parts(frames)
    assert found["pitch mean"] == pytest.approx(pitch.mean(), abs=1e-5)
    assert found["pitch deviation"] == pytest.approx(pitch.std(), abs=1e-5)
    assert found["pitch 0.5"] in np.sort(pitch)[14:16]
    assert found["voiced share"] == pytest.approx(0.5)
    assert found["voiced rate"] == pytest.approx(3 / FRAMES * FRAMES_PER_SECOND)
    expected = frames[0, voiced][:, OTHERS].mean(dim=0)
    np.testing.assert_allclose(found["voiced mean"], expected, atol=1e-5)
    other = frames.clone()
    other[0, ~voiced, PITCH] = 1e3
    lengths = torch.tensor([FRAMES])
    plain, moved = (
        window_statistics(f, lengths, pitch=PITCH, voicing=VOICING) for f in (frames, other)
    )
    torch.testing.assert_close(moved, plain)


def test_a_pitch_step_is_never_one_across_a_pause_in_the_voice(frames: torch.Tensor) -> None:
    frames[..., PITCH] = 0.0
    frames[0, 20:40, PITCH] = 12.0
    assert parts(frames)["pitch step"] == 0
    assert parts(frames)["pitch rise"] == 0
    frames[..., PITCH] = 0.5 * torch.arange(FRAMES)
    assert parts(frames)["pitch step"] == pytest.approx(0.5)
    assert parts(frames)["pitch rise"] == pytest.approx(1)


@pytest.mark.parametrize("voiced", [0, LEAST_VOICED - 1, LEAST_VOICED])
def test_a_window_with_few_voiced_frames_says_nothing_of_the_pitch_and_is_still_claimed(
    network: StatisticsNetwork, frames: torch.Tensor, voiced: int
) -> None:
    frames[..., VOICING] = 0.2
    frames[:, 10 : 10 + voiced, VOICING] = 0.9
    found = parts(frames)
    known = voiced >= LEAST_VOICED
    assert np.isfinite(found["pitch mean"]) == np.isfinite(found["pitch rise"]) == known
    assert np.isfinite(found["voiced mean"]).all() == known
    for name in ("mean", "deviation", "step", "voiced rate", "voiced share"):
        assert np.isfinite(found[name]).all(), name
    output = everything(heard(network, frames, full(1, FRAMES)))
    assert output.isfinite().all()


def test_a_single_frame_is_described(network: StatisticsNetwork) -> None:
    described = network.describe(torch.randn(1, 1, COLUMNS), full(1, 1))
    missing = 4 + 9  # means over voiced frames, pitch
    assert int(described.isnan().sum()) == missing
    assert everything(heard(network, torch.randn(1, 1, COLUMNS), full(1, 1))).isfinite().all()


def test_order_matters_only_through_steps_and_voiced_stretches(frames: torch.Tensor) -> None:
    shuffled = frames[:, torch.randperm(FRAMES, generator=torch.Generator().manual_seed(1))]
    plain, other = parts(frames), parts(shuffled)
    ordered = {"step", "step square", "pitch step", "pitch rise", "voiced rate"}
    for name, value in plain.items():
        same = np.allclose(other[name], value, atol=1e-5)
        assert same or name in ordered, name
    assert not np.allclose(other["step"], plain["step"], atol=1e-3)


def test_speech_backwards_differs_in_nothing_but_the_share_of_rising_pitch(
    frames: torch.Tensor,
) -> None:
    frames[..., PITCH] += 0.3 * torch.arange(FRAMES)
    plain, other = parts(frames), parts(frames.flip(1))
    differing = [name for name in plain if not np.allclose(other[name], plain[name], atol=1e-4)]
    assert differing == ["pitch rise"]


def test_the_claim_is_the_mean_of_the_members(
    network: StatisticsNetwork, frames: torch.Tensor
) -> None:
    described = network.describe(frames, full(1, FRAMES))
    output = network(described, full(1, FRAMES))
    members = [network.member(index, described) for index in range(3)]
    shares = torch.stack([torch.softmax(member.logits, dim=1) for member in members])
    torch.testing.assert_close(torch.softmax(output.logits, dim=1), shares.mean(dim=0))
    arousal = torch.stack([member.arousal for member in members])
    torch.testing.assert_close(output.arousal, arousal.mean(dim=0))
    valence = torch.stack([member.valence for member in members])
    torch.testing.assert_close(output.valence, valence.mean(dim=0))
    assert arousal.std() > 0


def test_no_member_claims_what_was_never_learned(
    network: StatisticsNetwork, frames: torch.Tensor
) -> None:
    network.learned_labels[EMOTIONS.index("fear")] = False
    described = network.describe(frames, full(1, FRAMES))
    for index in range(3):
        assert network.member(index, described).logits[0, EMOTIONS.index("fear")] == -torch.inf


def test_claims_are_the_same_every_time(network: StatisticsNetwork, frames: torch.Tensor) -> None:
    described = network.describe(frames, full(1, FRAMES))
    one, other = (everything(network(described, full(1, FRAMES))) for _ in range(2))
    assert torch.equal(one, other)


def test_statistics_of_another_network_are_refused(network: StatisticsNetwork) -> None:
    with pytest.raises(ModelError, match="statistics"):
        network(torch.zeros(1, network.settings.statistics + 1), full(1, 4))
    with pytest.raises(ModelError, match="statistics"):
        network(torch.zeros(1, 4, network.settings.statistics), full(1, 4))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "lstm"},
        {"inputs": 1},
        {"pitch": COLUMNS},
        {"voicing": -1},
        {"hidden": 0},
        {"hidden": 10**9},
        {"hidden": 8.0},
        {"members": 0},
        {"members": 33},
        {"members": True},
        {"dropout": 1.0},
        {"input_dropout": -0.1},
        {"input_dropout": float("nan")},
    ],
)
def test_impossible_shapes_are_refused(wrong: dict[str, object]) -> None:
    usual = {"inputs": COLUMNS, "pitch": PITCH, "voicing": VOICING}
    with pytest.raises(ModelError, match="no network over statistics has the shape"):
        StatisticsSettings(**{**usual, **wrong})  # type: ignore[arg-type]
