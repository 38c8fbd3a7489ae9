from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.analysis.fusion import DEFAULT_WEIGHTS, Fusion
from core.analysis.fusion_features import feature_contract, fusion_features, group_columns
from core.analysis.highlight import CONTRIBUTIONS, baseline, transparent_parts
from core.analysis.shapley import shapley
from core.errors import ModelError, UsageError
from core.networks.fusion import FusionNetwork
from core.networks.fusion_design import FusionDesign
from core.networks.vision import EmbeddedBackbone
from core.networks.weights import load_card, save_weights

COUNT, PICTURE = 30, 4
STEP = Fraction(1)
HEARD = ("emotion", "sound")
MIXTURE = {"learned": 0.6, "picture": 0.3, "position": 0.1}
EMOTION, SOUND, SEEN, PLACE = range(4)


def tracks() -> dict[str, np.ndarray]:
    generator = np.random.default_rng(0)
    shapes = {
        "speech-emotion": 10, "loudness": 4, "spectrum": 6, "motion": 4, "visual-features": PICTURE,
    }  # fmt: skip
    return {
        name: generator.normal(0, 1, (COUNT, width)).astype(np.float32)
        for name, width in shapes.items()
    }


def silent() -> dict[str, np.ndarray]:
    return {name: rows for name, rows in tracks().items() if name in ("motion", "visual-features")}


def save(
    folder: Path,
    *,
    beats: bool = True,
    version: str = "flat",
    groups: Sequence[str] = CONTRIBUTIONS,
    mixture: Mapping[str, float] | None = None,
    **design: Any,
) -> Path:
    torch.manual_seed(0)
    shape = FusionDesign(group_columns(PICTURE, groups), **{"hidden": 8, **design})
    card = {
        "contract": feature_contract(version, PICTURE, groups), "design": shape.as_json(),
        "beats_baseline": beats, "name": "made moments", "mixture": mixture or {"learned": 1.0},
    }  # fmt: skip
    save_weights(folder, FusionNetwork(shape).state_dict(), card)
    return folder


def change(folder: Path, **entries: object) -> Path:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    (folder / "card.json").write_text(json.dumps({**card, **entries}), encoding="utf-8")
    return folder


def curve_of(folder: Path, data: Mapping[str, np.ndarray], version: str = "flat") -> Any:
    return Fusion(folder, version, PICTURE).highlight(data, COUNT, COUNT, STEP)


def test_weights_that_do_not_beat_the_baseline_are_not_used(tmp_path: Path) -> None:
    assert "baseline" in curve_of(save(tmp_path, beats=False), tracks()).source


def test_without_weights_the_baseline_is_used(tmp_path: Path) -> None:
    assert "baseline" in curve_of(tmp_path / "none", tracks()).source


@pytest.mark.parametrize("design", [{}, {"fusion": "early"}], ids=["gated", "early"])
@pytest.mark.parametrize("mixture", [{"learned": 1.0}, MIXTURE], ids=["alone", "mixed"])
@pytest.mark.parametrize("groups", [HEARD, CONTRIBUTIONS], ids=["heard", "all"])
@pytest.mark.parametrize("data", [tracks(), silent()], ids=["sound", "silent"])
def test_contributions_add_up_to_a_score_between_0_and_1(
    tmp_path: Path,
    design: dict[str, str],
    mixture: dict[str, float],
    groups: tuple[str, ...],
    data: dict[str, np.ndarray],
) -> None:
    curve = curve_of(save(tmp_path, groups=groups, mixture=mixture, **design), data)
    assert curve.score.shape == (COUNT,)
    assert curve.contributions.shape == (COUNT, len(CONTRIBUTIONS))
    assert curve.score.dtype == curve.contributions.dtype == np.float32
    assert curve.contributions.sum(axis=1) == pytest.approx(curve.score, abs=1e-5)
    assert 0 <= curve.score.min() <= curve.score.max() <= 1
    if not design:
        assert curve.contributions.min() >= 0
    if "loudness" not in data:
        assert not curve.contributions[:, [EMOTION, SOUND]].any()


def test_a_network_alone_gives_its_own_parts(tmp_path: Path) -> None:
    curve = curve_of(save(tmp_path, groups=HEARD), tracks())
    assert curve.source == "fusion of emotion and sound learned from made moments"
    assert (curve.contributions[:, [EMOTION, SOUND]] > 0).all()
    assert not curve.contributions[:, [SEEN, PLACE]].any()


def test_what_is_not_learned_comes_from_the_transparent_parts(tmp_path: Path) -> None:
    data = tracks()
    alone = curve_of(save(tmp_path / "alone", groups=HEARD), data)
    mixed = curve_of(save(tmp_path / "mixed", groups=HEARD, mixture=MIXTURE), data)
    plain = transparent_parts(data, COUNT, COUNT, STEP)
    assert mixed.contributions[:, :2] == pytest.approx(0.6 * alone.contributions[:, :2], abs=1e-6)
    assert mixed.contributions[:, SEEN] == pytest.approx(0.3 * plain["picture"], abs=1e-6)
    assert mixed.contributions[:, PLACE] == pytest.approx(0.1 * plain["position"], abs=1e-6)
    assert mixed.source == (
        "fusion of emotion and sound learned from made moments; "
        "picture and position by the transparent baseline"
    )


def test_a_network_without_anything_to_hear_leaves_its_share_to_the_others(tmp_path: Path) -> None:
    folder = save(tmp_path, groups=(*HEARD, "position"), mixture=MIXTURE)
    curve = curve_of(folder, silent())
    plain = transparent_parts(silent(), COUNT, COUNT, STEP)
    expected = (0.3 * plain["picture"] + 0.1 * plain["position"]) / 0.4
    assert curve.score == pytest.approx(expected, abs=1e-6)
    assert curve.source == "transparent baseline (visual energy, centre prior)"


def test_a_transparent_part_that_the_video_lacks_leaves_its_share_too(tmp_path: Path) -> None:
    data = {name: rows for name, rows in tracks().items() if name != "motion"}
    alone = curve_of(save(tmp_path / "alone", groups=HEARD), data)
    mixed = curve_of(save(tmp_path / "mixed", groups=HEARD, mixture=MIXTURE), data)
    learned = mixed.contributions[:, :2]
    assert learned == pytest.approx(0.6 / 0.7 * alone.contributions[:, :2], abs=1e-6)
    assert "picture" not in mixed.source


def test_where_the_network_alone_hears_nothing_the_baseline_is_used(tmp_path: Path) -> None:
    curve = curve_of(save(tmp_path, groups=HEARD), silent())
    plain = baseline(silent(), COUNT, COUNT, STEP)
    assert np.array_equal(curve.contributions, plain.contributions)
    assert curve.source == plain.source


def test_a_video_without_speech_is_scored_by_what_else_it_has(tmp_path: Path) -> None:
    data = tracks()
    data["speech-emotion"][:] = np.nan
    curve = curve_of(save(tmp_path, groups=HEARD), data)
    assert not curve.contributions[:, EMOTION].any()
    assert (curve.contributions[:, SOUND] > 0).all()
    assert "learned" not in curve.source


def test_the_order_of_the_groups_in_a_network_does_not_move_their_contributions(
    tmp_path: Path,
) -> None:
    curve = curve_of(save(tmp_path, groups=("position", "sound")), tracks())
    assert (curve.contributions[:, [SOUND, PLACE]] > 0).all()
    assert not curve.contributions[:, [EMOTION, SEEN]].any()
    assert curve.source == "fusion of sound and position learned from made moments"


def test_a_growing_video_has_a_curve_from_its_first_cell(tmp_path: Path) -> None:
    fusion = Fusion(save(tmp_path, groups=HEARD, mixture=MIXTURE), "flat", PICTURE)
    for count in (0, 1, 2, 17):
        known = {name: rows[: max(0, count - 1)] for name, rows in tracks().items()}
        curve = fusion.highlight(known, count, COUNT, STEP)
        assert curve.score.shape == (count,)
        assert np.isfinite(curve.score).all()


def test_the_parts_of_early_fusion_are_shapley_values_of_the_network(tmp_path: Path) -> None:
    """Fairness by its definition: the mean of what a group adds over all orders of groups."""
    folder = save(tmp_path, fusion="early", groups=(*HEARD, "position"))
    design = FusionDesign.from_json(json.loads((folder / "card.json").read_text())["design"])
    torch.manual_seed(0)
    network = FusionNetwork(design).eval()
    features, _, present = fusion_features(tracks(), COUNT, COUNT, PICTURE, tuple(design.columns))

    def score(groups: tuple[int, ...]) -> np.ndarray:
        kept = present & np.isin(np.arange(3), groups)
        with torch.inference_mode():
            output = network(
                torch.from_numpy(features)[None],
                torch.tensor([COUNT]),
                torch.from_numpy(kept)[None],
            )
        return torch.sigmoid(output.logits[0]).numpy()

    expected = np.tile(score(())[:, None] / 3, 3)
    for order in itertools.permutations(range(3)):
        for place, group in enumerate(order):
            expected[:, group] += (score(order[: place + 1]) - score(order[:place])) / 6
    found = curve_of(folder, tracks()).contributions[:, [EMOTION, SOUND, PLACE]]
    assert found == pytest.approx(expected, abs=1e-5)


def test_shapley_values_of_a_game_known_by_heart() -> None:
    """Gloves: two have a left one, the third has the right one, a pair is worth 1."""
    worth = np.array([[float(bool(who & 4) and bool(who & 3))] for who in range(8)])
    assert shapley(worth)[0] == pytest.approx([1 / 6, 1 / 6, 4 / 6])


def test_weights_that_use_pictures_need_the_backbone_they_learned_with(tmp_path: Path) -> None:
    assert "baseline" in curve_of(save(tmp_path / "all", version="other"), tracks()).source
    heard = save(tmp_path / "heard", version="other", groups=HEARD)
    curve = Fusion(heard, "flat", 1280).highlight(tracks(), COUNT, COUNT, STEP)
    assert "learned from made moments" in curve.source


def test_a_picture_changes_nothing_for_weights_that_use_none(tmp_path: Path) -> None:
    other = tracks()
    other["motion"] += 3
    other["visual-features"][:] = np.nan
    folder = save(tmp_path, groups=HEARD)
    assert np.array_equal(curve_of(folder, tracks()).score, curve_of(folder, other).score)


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    folder = save(tmp_path)
    (folder / "weights.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(ModelError, match="checksum"):
        Fusion(folder, "flat", PICTURE).highlight(tracks(), COUNT, COUNT, Fraction(1))


@pytest.mark.parametrize(
    "entries",
    [
        {"design": FusionDesign(group_columns(PICTURE), hidden=16).as_json()},
        {"design": FusionDesign({**group_columns(PICTURE), "sound": 3}, hidden=8).as_json()},
        {"design": FusionDesign({"smell": 2}).as_json()},
        {"design": "gru"},
        {"design": None},
        {"mixture": None},
        {"mixture": {}},
        {"mixture": {"picture": 1.0}},
        {"mixture": {"learned": 0.0}},
        {"mixture": {"learned": float("nan")}},
        {"mixture": {"learned": "1"}},
        {"mixture": {"learned": 0.5, "smell": 0.5}},
    ],
)
def test_a_card_that_does_not_fit_its_weights_is_named(
    tmp_path: Path, entries: dict[str, object]
) -> None:
    with pytest.raises(ModelError, match=r"do not fit.*remove the folder") as caught:  # noqa: PT012
        fusion = Fusion(change(save(tmp_path), **entries), "flat", PICTURE)
        fusion.highlight(tracks(), COUNT, COUNT, Fraction(1))
    assert caught.value.path == tmp_path


def test_weights_made_for_other_features_are_refused(tmp_path: Path) -> None:
    contract = {**feature_contract("flat", PICTURE), "normalisation": "none"}
    with pytest.raises(ModelError, match="normalisation"):
        Fusion(change(save(tmp_path), contract=contract), "flat", PICTURE)


def test_features_are_those_of_the_video_not_of_the_recording() -> None:
    plain, louder = tracks(), tracks()
    plain["loudness"] *= 4
    louder["loudness"] = plain["loudness"] * 3 + 12
    one, other = (fusion_features(data, COUNT, COUNT, PICTURE)[0] for data in (plain, louder))
    assert one == pytest.approx(other, abs=0.02)


def test_what_hardly_changes_is_not_stretched() -> None:
    hum = tracks()
    hum["loudness"] *= 0.02
    _, columns, _ = fusion_features(hum, COUNT, COUNT, PICTURE)
    features = fusion_features(hum, COUNT, COUNT, PICTURE)[0][:, columns["sound"]]
    assert np.abs(features[:, :2]).max() < 0.1


def test_a_video_without_sound_has_features_of_the_same_width() -> None:
    features, _, present = fusion_features(silent(), COUNT, COUNT, PICTURE)
    assert features.shape == fusion_features(tracks(), COUNT, COUNT, PICTURE)[0].shape
    assert np.isfinite(features).all()
    assert present.all(axis=0).tolist() == [False, False, True, True]
    assert not present[:, [EMOTION, SOUND]].any()


def test_groups_are_present_where_all_of_them_is_known() -> None:
    data = tracks()
    data["speech-emotion"][3:6, :9] = np.nan
    data["speech-emotion"][9, 9] = np.nan
    data["spectrum"] = data["spectrum"][:20]
    data["visual-features"][29] = np.nan
    features, columns, present = fusion_features(data, COUNT, COUNT, PICTURE)
    assert np.flatnonzero(~present[:, EMOTION]).tolist() == [3, 4, 5]
    assert np.flatnonzero(~present[:, SOUND]).tolist() == list(range(20, COUNT))
    assert np.flatnonzero(~present[:, SEEN]).tolist() == [29]
    assert present[:, PLACE].all()
    assert np.isfinite(features).all()
    assert not features[3:6, columns["emotion"]].any()


def test_some_groups_are_the_columns_that_they_have_among_all() -> None:
    everything, columns, present = fusion_features(tracks(), COUNT, COUNT, PICTURE)
    some, places, known = fusion_features(tracks(), COUNT, COUNT, PICTURE, ("position", "sound"))
    assert list(places) == ["position", "sound"]
    widths = {name: part.stop - part.start for name, part in places.items()}
    assert widths == group_columns(PICTURE, ("position", "sound"))
    for name, part in places.items():
        assert np.array_equal(some[:, part], everything[:, columns[name]])
    assert np.array_equal(known, present[:, [PLACE, SOUND]])


def test_groups_that_do_not_exist_are_named() -> None:
    for groups in ((), ("smell",), ("sound", "sound")):
        with pytest.raises(UsageError, match="emotion, sound, picture, position"):
            fusion_features(tracks(), COUNT, COUNT, PICTURE, groups)


def test_the_shipped_weights_fit_this_version_and_have_earned_their_use() -> None:
    backbone = EmbeddedBackbone()
    assert Fusion(DEFAULT_WEIGHTS, backbone.version, backbone.dimension).version


def test_a_network_of_emotion_is_not_asked_where_nobody_speaks(tmp_path: Path) -> None:
    data = tracks()
    data["speech-emotion"][10:] = np.nan
    data["loudness"][:] = -30.0
    data["loudness"][22:, :2] = -10.0
    folder = save(tmp_path, groups=("emotion", "sound"), mixture={"learned": 0.6, "position": 0.1})
    curve = Fusion(folder, "flat", PICTURE).highlight(data, COUNT, COUNT, Fraction(1))
    parts = curve.contributions
    assert parts[15:, EMOTION] == pytest.approx(0)
    assert parts[11:17, SOUND] == pytest.approx(0, abs=0.01)
    assert parts[26:, SOUND].min() > 0.1


def test_weights_that_give_no_numbers_are_named(tmp_path: Path) -> None:
    network = FusionNetwork(FusionDesign(group_columns(PICTURE, HEARD), hidden=8))
    state = {name: torch.full_like(values, 1e38) for name, values in network.state_dict().items()}
    card = load_card(save(tmp_path, groups=HEARD))
    save_weights(tmp_path, state, card)
    with pytest.raises(ModelError, match="not numbers"):
        curve_of(tmp_path, tracks())
