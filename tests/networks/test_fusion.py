"""METHOD.md, section 3, for the networks that fuse: true sequences, padding, absent groups."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.errors import UsageError
from core.networks.fusion import CHUNK, FusionNetwork, FusionOutput, drop_groups
from core.networks.fusion_design import FusionDesign

COLUMNS = {"emotion": 3, "sound": 2, "position": 1}
WIDTH, GROUPS = sum(COLUMNS.values()), len(COLUMNS)
LINEAR = FusionDesign(COLUMNS, "none", "early", 0)
JOINED = [
    FusionDesign(COLUMNS, temporal, fusion, 8, layers)
    for temporal, fusion, layers in itertools.product(
        ("gru", "lstm", "attention"), ("early", "gated"), (1, 2)
    )
]
DESIGNS = [
    LINEAR,
    FusionDesign(COLUMNS, "none", "early", 8),
    FusionDesign(COLUMNS, "none", "gated", 8),
    *JOINED,
]
GATED = [design for design in DESIGNS if design.fusion == "gated"]


def title(design: FusionDesign) -> str:
    return f"{design.temporal}-{design.fusion}-{design.hidden}-{design.layers}"


every_design = pytest.mark.parametrize("design", DESIGNS, ids=title)
every_joined = pytest.mark.parametrize("design", JOINED, ids=title)
every_gated = pytest.mark.parametrize("design", GATED, ids=title)


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def made(design: FusionDesign) -> FusionNetwork:
    return FusionNetwork(design).eval()


def ask(
    network: FusionNetwork, features: Tensor, lengths: list[int], present: Tensor | None = None
) -> FusionOutput:
    known = torch.ones(*features.shape[:2], GROUPS, dtype=torch.bool)
    output: FusionOutput = network(
        features, torch.tensor(lengths), known if present is None else present
    )
    return output


def gradients(network: FusionNetwork, output: FusionOutput) -> list[Tensor]:
    network.zero_grad()
    output.logits.square().sum().backward()
    return [p.grad.clone() for p in network.parameters() if p.grad is not None]


@every_joined
def test_a_second_hears_the_one_before_it(design: FusionDesign) -> None:
    """The original fed sequences of length 1: no second knew another."""
    network, features = made(design), torch.randn(1, 9, WIDTH)
    changed = features.clone()
    changed[0, 3] += 2
    difference = (ask(network, features, [9]).logits - ask(network, changed, [9]).logits).abs()
    assert difference[0, 4] > 1e-5
    assert difference[0, 2] > 1e-5


@every_joined
def test_before_and_after_are_not_the_same(design: FusionDesign) -> None:
    network, features = made(design), torch.randn(1, 9, WIDTH)
    mirrored = ask(network, features.flip(1), [9]).logits.flip(1)
    assert not torch.allclose(mirrored, ask(network, features, [9]).logits, atol=1e-4)


@pytest.mark.parametrize("design", [LINEAR, DESIGNS[1], DESIGNS[2]], ids=title)
def test_without_time_a_second_stands_alone(design: FusionDesign) -> None:
    network, features = made(design), torch.randn(1, 9, WIDTH)
    changed = features.clone()
    changed[0, 3] += 2
    difference = ask(network, features, [9]).logits != ask(network, changed, [9]).logits
    assert difference[0].nonzero().flatten().tolist() == [3]


@every_design
def test_neither_content_nor_length_of_padding_changes_scores_or_gradients(
    design: FusionDesign,
) -> None:
    network, short, long = made(design), torch.randn(7, WIDTH), torch.randn(11, WIDTH)
    found = []
    for fill, total in ((0.0, 11), (100.0, 16), (float("nan"), 13)):
        features = torch.full((2, total, WIDTH), fill)
        features[0, :7], features[1, :11] = short, long
        output = ask(network, features, [7, 11])
        assert (output.logits[0, 7:] == 0).all()
        assert (output.logits[1, 11:] == 0).all()
        if output.parts is not None:
            assert (output.parts[0, 7:] == 0).all()
        found.append((output.logits[:, :11], gradients(network, output)))
    for logits, slopes in found[1:]:
        torch.testing.assert_close(logits, found[0][0], atol=1e-6, rtol=0)
        for one, other in zip(slopes, found[0][1], strict=True):
            torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
    alone = ask(network, short[None], [7]).logits
    torch.testing.assert_close(found[0][0][:1, :7], alone, atol=1e-6, rtol=0)


@every_design
def test_what_stands_in_absent_groups_changes_nothing(design: FusionDesign) -> None:
    network, features = made(design), torch.randn(2, 9, WIDTH)
    present = torch.ones(2, 9, GROUPS, dtype=torch.bool)
    present[0, :, 0] = False
    present[1, 4:6, 1] = False
    found = []
    for fill in (0.0, 50.0, float("nan")):
        filled = features.clone()
        filled[0, :, :3] = fill
        filled[1, 4:6, 3:5] = fill
        output = ask(network, filled, [9, 9], present)
        found.append((output.logits, gradients(network, output)))
    for logits, slopes in found[1:]:
        assert torch.equal(logits, found[0][0])
        assert all(map(torch.equal, slopes, found[0][1]))
    assert torch.isfinite(found[0][0]).all()
    assert not torch.equal(ask(network, features, [9, 9]).logits, found[0][0])


@every_gated
def test_the_parts_are_not_negative_and_add_up_to_the_score(design: FusionDesign) -> None:
    network = made(design)
    present = torch.rand(3, 20, GROUPS) < 0.6
    output = ask(network, 3 * torch.randn(3, 20, WIDTH), [20, 20, 20], present)
    assert output.parts is not None
    assert (output.parts >= 0).all()
    score = torch.sigmoid(output.logits)
    torch.testing.assert_close(output.parts.sum(dim=2), score, atol=1e-6, rtol=0)
    known = present.any(dim=2, keepdim=True)
    assert (output.parts[known & ~present] == 0).all()


def test_early_fusion_cannot_tell_its_groups_apart() -> None:
    assert ask(made(DESIGNS[1]), torch.randn(1, 5, WIDTH), [5]).parts is None


def test_of_one_group_the_score_is_its_experts_own() -> None:
    """The gate has nothing to choose, so no other group's expert is heard."""
    network, features = made(GATED[1]), torch.randn(1, 6, WIDTH)
    present = torch.zeros(1, 6, GROUPS, dtype=torch.bool)
    present[:, :, 1] = True
    before = ask(network, features, [6], present)
    with torch.no_grad():
        network.experts[0].score.bias += 3
    assert torch.equal(ask(network, features, [6], present).logits, before.logits)
    with torch.no_grad():
        network.experts[1].score.bias += 3
    risen = ask(network, features, [6], present).logits - before.logits
    torch.testing.assert_close(risen, torch.full_like(risen, 3.0), atol=1e-5, rtol=0)


@every_gated
def test_where_nothing_is_known_the_score_is_learned_and_shared_equally(
    design: FusionDesign,
) -> None:
    network = made(design)
    with torch.no_grad():
        network.unknown.fill_(-1.0)
    present = torch.ones(1, 6, GROUPS, dtype=torch.bool)
    present[0, 2] = False
    features = torch.randn(1, 6, WIDTH)
    features[0, 2] = torch.nan
    output = ask(network, features, [6], present)
    assert output.parts is not None
    assert output.logits[0, 2] == -1
    share = float(torch.tensor(-1.0).sigmoid()) / GROUPS
    assert output.parts[0, 2].tolist() == pytest.approx([share] * GROUPS)
    assert output.parts[0, 1].tolist() != pytest.approx([share] * GROUPS)
    assert all(torch.isfinite(slope).all() for slope in gradients(network, output))


def test_scores_near_0_and_1_keep_finite_logits_and_gradients() -> None:
    network = made(GATED[0])
    for push in (-300.0, 300.0):
        with torch.no_grad():
            for expert in network.experts:
                expert.score.bias.fill_(push)
        output = ask(network, torch.randn(1, 6, WIDTH), [6])
        torch.testing.assert_close(output.logits, torch.full((1, 6), push), atol=5.0, rtol=0)
        assert all(torch.isfinite(slope).all() for slope in gradients(network, output))


def test_weights_found_in_closed_form_can_be_loaded_into_the_linear_ranker() -> None:
    network = made(LINEAR)
    weights = torch.arange(WIDTH, dtype=torch.float32)
    assert network.linear is not None
    with torch.no_grad():
        network.linear.weight.copy_(weights[None])
        network.linear.bias.fill_(0.5)
    features = torch.randn(2, 5, WIDTH)
    torch.testing.assert_close(ask(network, features, [5, 5]).logits, features @ weights + 0.5)


@pytest.mark.parametrize("design", [d for d in JOINED if d.temporal != "attention"], ids=title)
def test_a_chunk_of_a_long_video_is_scored_as_by_itself(design: FusionDesign) -> None:
    """What is further away than the context of a chunk has been forgotten anyway."""
    network, count = made(design), 2 * CHUNK + 100
    features = torch.randn(1, count, WIDTH)
    with torch.inference_mode():
        whole = ask(network, features, [count]).logits[0]
        end = ask(network, features[:, -CHUNK:], [CHUNK]).logits[0]
        begin = ask(network, features[:, :CHUNK], [CHUNK]).logits[0]
    torch.testing.assert_close(whole[-CHUNK + 70 :], end[70:], atol=1e-3, rtol=0)
    torch.testing.assert_close(whole[: CHUNK - 70], begin[:-70], atol=1e-3, rtol=0)


@every_joined
def test_in_chunks_too_padding_changes_nothing_and_borders_are_crossed(
    design: FusionDesign,
) -> None:
    network, count = made(design), CHUNK + 80
    features = torch.randn(1, count, WIDTH)
    padded = torch.cat((features, torch.full((1, 2 * CHUNK, WIDTH), torch.nan)), dim=1)
    short = torch.full_like(padded, torch.nan)
    short[:, :5] = features[:, :5]
    with torch.inference_mode():
        alone = ask(network, features, [count]).logits[0]
        among = ask(network, torch.cat((padded, short)), [count, 5]).logits
        few = ask(network, features[:, :5], [5]).logits[0]
        changed = features.clone()
        changed[0, CHUNK - 1] += 3
        moved = (ask(network, changed, [count]).logits[0] - alone).abs()
    torch.testing.assert_close(among[0, :count], alone, atol=1e-5, rtol=0)
    torch.testing.assert_close(among[1, :5], few, atol=1e-5, rtol=0)
    assert (among[0, count:] == 0).all()
    assert moved[CHUNK] > 1e-5
    assert moved[CHUNK - 2] > 1e-5


def test_shapes_that_do_not_fit_are_named() -> None:
    network = made(GATED[0])
    with pytest.raises(UsageError, match="emotion"):
        ask(network, torch.randn(1, 5, WIDTH + 1), [5])
    with pytest.raises(UsageError):
        network(torch.randn(1, 5, WIDTH), torch.tensor([5]), torch.ones(1, 5, 2).bool())


def test_a_network_learns_which_group_to_listen_to() -> None:
    """Sound tells the highlight and emotion is noise, the more so where it is absent."""
    design = replace(GATED[0], dropout=0.0)
    network = FusionNetwork(design)
    optimiser = torch.optim.Adam(network.parameters(), 0.02)
    features = torch.randn(8, 30, WIDTH)
    target = (features[:, :, 3] > 0).float()
    for _ in range(150):
        output = ask(network, features, [30] * 8)
        optimiser.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(output.logits, target).backward()
        optimiser.step()
    output = ask(network.eval(), features, [30] * 8)
    assert output.parts is not None
    assert ((output.logits > 0) == (target > 0.5)).float().mean() > 0.95
    high, low = output.parts[target > 0.5].mean(dim=0), output.parts[target < 0.5].mean(dim=0)
    assert int((high - low).argmax()) == 1


def test_dropping_takes_whole_groups_of_whole_sequences_but_never_all() -> None:
    present = torch.rand(400, 6, GROUPS) < 0.9
    present[:, :, 0] &= torch.rand(400, 1) < 0.5
    kept = drop_groups(present, 0.5, torch.Generator().manual_seed(0))
    there, left = present.any(dim=1), kept.any(dim=1)
    assert torch.equal(kept, present & left[:, None, :])
    assert (left.any(dim=1) == there.any(dim=1)).all()
    share = (there & ~left).sum() / there.sum()
    assert 0.3 < float(share) < 0.5
    again = drop_groups(present, 0.5, torch.Generator().manual_seed(0))
    assert torch.equal(kept, again)
    assert torch.equal(drop_groups(present, 0.0, torch.Generator()), present)
    assert (drop_groups(present, 1.0, torch.Generator()).any(dim=1).sum(dim=1) <= 1).all()
    with pytest.raises(UsageError):
        drop_groups(present, 1.5, torch.Generator())
