from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, CorpusError, UsageError
from core.learning.highlights.readers import read_benchmark, read_highlight_table
from core.learning.highlights.sequences import (
    FEATURE_GROUPS,
    feature_sets,
    position,
    read_sequences,
)
from core.learning.highlights.systems import FEATURE_SETS
from tests.learning.highlights.made import COLUMNS, make_benchmark
from tests.learning.highlights.own import (
    CELLS,
    FLUX,
    kept_cells,
    labelled,
    make_own,
    own_tracks,
    put_own,
    write_labels,
)

FLUX_COLUMN = 2 + FLUX - 1
"""Of the group sound: two of loudness come first, and one of the spectrum is left out."""


def benchmark(folder: Path, clips: Mapping[str, int], **options: object) -> Path:
    labels = {name: [1, *[-1] * (count - 1)] for name, count in clips.items()}
    return make_benchmark(folder, labels, **options)  # type: ignore[arg-type]


def test_every_feature_set_has_its_groups() -> None:
    assert tuple(FEATURE_GROUPS) == FEATURE_SETS


def test_own_features_are_joined_by_video_and_second_whatever_the_order(tmp_path: Path) -> None:
    made = make_own(tmp_path, "set", videos=4, strength=50)
    for videos in (made.videos, made.videos[::-1]):
        rows = read_sequences(videos, made.store)
        assert [row.video for row in rows] == [*videos]
        for row in rows:
            flux = row.groups["sound"][:, FLUX_COLUMN]
            assert set(np.argsort(flux)[-8:]) == set(np.flatnonzero(row.relevance))


def test_given_features_are_joined_by_video_whatever_the_order_of_the_table(tmp_path: Path) -> None:
    clips = {"one": 4, "two": 5, "three": 3}
    order = [*clips][::-1]
    usual = read_sequences(read_benchmark(benchmark(tmp_path / "a", clips)))
    turned = read_sequences(read_benchmark(benchmark(tmp_path / "b", clips, order=order)))
    assert [row.video.name for row in usual] == [row.video.name for row in turned]
    for one, other in zip(usual, turned, strict=True):
        for name, rows in one.groups.items():
            np.testing.assert_array_equal(rows, other.groups[name])


def test_the_last_second_has_the_features_of_the_last_second(tmp_path: Path) -> None:
    """A video of 4.4 s has five labels, of which the last lasts 0.4 s."""
    random = np.random.default_rng(0)
    tracks = own_tracks(np.array([False] * 4 + [True]), random, strength=50)
    store = put_own(tmp_path / "store", {"v": tracks})
    (row,) = read_sequences([labelled("v", [0, 0, 0, 0, 1])], store)
    assert int(row.groups["sound"][:, FLUX_COLUMN].argmax()) == 4
    assert row.relevance[4] == 1


def test_a_video_without_sound_is_known_by_its_pictures(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    kept = kept_cells(random)
    heard = own_tracks(kept, random)
    mute = {name: heard[name] for name in ("motion", "visual-features")}
    store = put_own(tmp_path / "store", {"heard": heard, "mute": mute})
    one, other = read_sequences([labelled("heard", kept), labelled("mute", kept)], store)
    assert all(one.present[name].all() for name in ("emotion", "sound", "picture"))
    for name in ("emotion", "sound"):
        assert not other.present[name].any()
        assert not other.groups[name].any()
    assert other.present["picture"].all()
    assert len(set(other.signals["loudness"].tolist())) == 1
    assert np.isfinite(other.signals["loudness"]).all()
    assert feature_sets([one, other]) == [*FEATURE_GROUPS]


def test_labels_of_two_seconds_get_the_mean_of_both(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    kept = np.repeat([False, True, False, False, False], 2)
    store = put_own(tmp_path / "store", {"v": own_tracks(kept, random, strength=50)})
    video = labelled("v", [0, 1, 0, 0, 0])
    object.__setattr__(video, "step", Fraction(2))
    (row,) = read_sequences([video], store)
    assert int(row.groups["sound"][:, FLUX_COLUMN].argmax()) == 1


def test_given_features_are_directions_beside_their_energy(tmp_path: Path) -> None:
    clips = {"v": 6}
    rows = np.abs(np.random.default_rng(1).normal(0, 1, (6, COLUMNS["rgb"]))).astype(np.float32)
    loud = rows * np.array([1, 1, 1, 9, 1, 1], np.float32)[:, None]
    found = [
        read_sequences(
            read_benchmark(benchmark(tmp_path / name, clips, features={"v": {"rgb": given}}))
        )[0]
        for name, given in (("usual", rows), ("loud", loud))
    ]
    width = COLUMNS["rgb"]
    pictures = [row.groups["picture"] for row in found]
    assert pictures[0].shape == (6, COLUMNS["rgb"] + 1 + COLUMNS["flow"] + 1)
    np.testing.assert_allclose(pictures[0][:, :width], pictures[1][:, :width], atol=1e-4)
    assert int(pictures[1][:, width].argmax()) == 3
    assert int(found[1].signals["energy of rgb"].argmax()) == 3
    assert feature_sets(found) == ["Video", "Audio", "Video+Audio"]


def test_the_position_is_symmetric_and_from_end_to_end() -> None:
    place = position(5)
    np.testing.assert_allclose(place[:, 0], place[::-1, 0], atol=1e-6)
    np.testing.assert_allclose(place[:, 1], [-0.8, -0.4, 0, 0.4, 0.8], atol=1e-6)


def test_labels_that_end_with_the_last_highlight_are_refused(tmp_path: Path) -> None:
    made = make_own(tmp_path, "set", videos=1)
    kept = np.zeros(CELLS // 2, bool)
    kept[-1] = True
    table = write_labels(tmp_path / "short.csv", {"set-00": kept})
    with pytest.raises(CorpusError, match="last 20 s, its features 40 s"):
        read_sequences(read_highlight_table(table), made.store)


def test_a_video_without_features_is_refused_by_name(tmp_path: Path) -> None:
    made = make_own(tmp_path, "set", videos=3)
    strange = labelled("nowhere", [0, 1])
    with pytest.raises(CorpusError, match=r"1 of 4 labelled videos .* nowhere"):
        read_sequences([*made.videos, strange], made.store)
    with pytest.raises(CorpusError, match="made brings no features of nowhere"):
        read_sequences([strange])


def test_a_store_without_pictures_is_refused(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    heard = {"loudness": own_tracks(kept_cells(random), random)["loudness"]}
    store = put_own(tmp_path / "store", {"v": heard})
    with pytest.raises(CorpusError, match="no video has the track visual-features"):
        read_sequences([labelled("v", np.zeros(CELLS))], store)


def test_unknown_labels_are_refused_before_features_are_read(tmp_path: Path) -> None:
    made = make_own(tmp_path, "set", videos=2)
    for rows in (tmp_path / "set").rglob("track.npy"):
        rows.unlink()
    with pytest.raises(UsageError, match="no annotator 'bo'"):
        read_sequences(made.videos, made.store, combination="bo")


def test_features_of_other_widths_are_refused(tmp_path: Path) -> None:
    wide = {"two": {"rgb": np.ones((5, 9), np.float32)}}
    videos = read_benchmark(benchmark(tmp_path, {"one": 4, "two": 5}, features=wide))
    with pytest.raises(CorpusError, match=r"picture features of one have 13 columns, .* two 16"):
        read_sequences(videos)


def test_features_that_nobody_knows_are_refused(tmp_path: Path) -> None:
    (video,) = read_benchmark(benchmark(tmp_path, {"one": 4}))
    object.__setattr__(video, "features", {"smell": video.features["rgb"]})
    with pytest.raises(CorpusError, match="'smell' are of pictures or of sound"):
        read_sequences([video])


def test_no_videos_have_no_feature_set() -> None:
    assert feature_sets(read_sequences([])) == []


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    videos = read_benchmark(benchmark(tmp_path, {"one": 4, "two": 5}))
    told: list[str] = []
    with pytest.raises(Cancelled):
        read_sequences(
            videos,
            progress=lambda share, name: told.append(name),
            cancelled=lambda: len(told) == 1,
        )
    assert told == ["one"]
