"""An interrupted training that goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import ModelError
from core.learning.checkpoints import STATE_FILE, Checkpoint, training_key

EPOCHS, STEPS = 4, 3
Schedule = Callable[[torch.optim.Optimizer], torch.optim.lr_scheduler.LRScheduler]


def one_cycle(optimiser: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
    return torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=EPOCHS * STEPS)


def falling(optimiser: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
    return torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / (EPOCHS * STEPS))


class Network(nn.Module):
    """Recurrent, with dropout and with a buffer that changes."""

    def __init__(self) -> None:
        super().__init__()
        self.recurrent = nn.LSTM(3, 5, batch_first=True)
        self.norm = nn.BatchNorm1d(5)
        self.dropout = nn.Dropout(0.5)
        self.exit = nn.Linear(5, 1)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        states, _ = self.recurrent(rows)
        return self.exit(self.dropout(self.norm(states[:, -1])))[:, 0]


def train(
    schedule: Schedule, checkpoint: Checkpoint | None = None, *, stop: int = EPOCHS, seed: int = 0
) -> tuple[dict[str, torch.Tensor], int]:
    """The weights after so many epochs, and with how many it began."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    network = Network()
    optimiser = torch.optim.AdamW(network.parameters(), 1e-2)
    scheduler = schedule(optimiser)
    state = (network, optimiser, scheduler, random)
    begun = checkpoint.load(*state) if checkpoint else 0
    for epoch in range(begun, stop):
        for _ in range(STEPS):
            rows = torch.from_numpy(random.normal(size=(4, 6, 3)).astype(np.float32))
            loss = (network(rows) - rows.mean(dim=(1, 2))).square().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            scheduler.step()
        if checkpoint:
            checkpoint.save(epoch + 1, *state)
    return network.state_dict(), begun


@pytest.mark.parametrize("schedule", [one_cycle, falling])
def test_a_resumed_training_ends_with_the_same_weights_bit_by_bit(
    schedule: Schedule, tmp_path: Path
) -> None:
    whole, _ = train(schedule)
    checkpoint = Checkpoint(tmp_path / "state", training_key("test", 0))
    for stop, expected in ((1, 0), (3, 1), (EPOCHS, 3)):
        torch.manual_seed(99)
        weights, begun = train(schedule, checkpoint, stop=stop)
        assert begun == expected
    assert all(torch.equal(whole[name], weights[name]) for name in whole)


def test_the_state_of_another_training_is_not_used(tmp_path: Path) -> None:
    train(falling, Checkpoint(tmp_path, training_key({"seed": 0})), stop=2)
    weights, begun = train(falling, Checkpoint(tmp_path, training_key({"seed": 1})), seed=1)
    expected, _ = train(falling, seed=1)
    assert begun == 0
    assert all(torch.equal(expected[name], weights[name]) for name in expected)


def test_a_key_follows_from_what_decides_the_weights() -> None:
    settings = {"epochs": 3, "rate": 1e-3}
    assert training_key(settings, 0) == training_key(dict(reversed(settings.items())), 0)
    assert training_key(settings, 0) != training_key(settings, 1)


def test_a_damaged_state_is_named(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, "key")
    train(falling, checkpoint, stop=1)
    file = tmp_path / STATE_FILE
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ModelError, match="Delete the file"):
        train(falling, checkpoint)


def test_the_state_of_a_differently_built_network_is_refused(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, "key")
    train(falling, checkpoint, stop=1)
    network = nn.Linear(2, 2)
    optimiser = torch.optim.AdamW(network.parameters())
    with pytest.raises(ModelError, match="damaged"):
        checkpoint.load(network, optimiser, falling(optimiser), np.random.default_rng(0))


def test_a_state_that_cannot_be_saved_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ModelError, match="cannot be saved"):
        train(falling, Checkpoint(tmp_path / "file" / "state", "key"), stop=1)


def test_nothing_is_left_of_a_removed_state(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "state", "key")
    train(falling, checkpoint, stop=1)
    assert [file.name for file in (tmp_path / "state").iterdir()] == [STATE_FILE]
    checkpoint.remove()
    checkpoint.remove()
    assert not (tmp_path / "state").exists()
    assert train(falling, checkpoint, stop=1)[1] == 0
