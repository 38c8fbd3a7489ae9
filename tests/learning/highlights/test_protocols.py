from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from core.errors import UsageError
from core.learning.highlights import protocols
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.protocols import (
    check_apart,
    cross_validation,
    leave_one_domain_out,
    members,
    published_split,
    split_off,
)
from core.learning.highlights.systems import Fold
from tests.learning.highlights.own import labelled

CATS, DOGS = 8, 12


def videos(**changes: str) -> list[LabelledVideo]:
    """Cats and dogs; two of three videos of each are of the training part."""
    made = []
    for number in range(CATS + DOGS):
        video = labelled(
            f"v{number:02}",
            [0, 1],
            domain="cat" if number < CATS else "dog",
            split="test" if number % 3 == 0 else "train",
        )
        made.append(replace(video, **changes))
    return made


def grouped(groups: dict[int, str]) -> list[LabelledVideo]:
    made = videos()
    return [replace(video, group=groups.get(n, video.group)) for n, video in enumerate(made)]


def check(folds: list[Fold], made: list[LabelledVideo]) -> None:
    by_key = {video.key: video for video in made}
    for fold in folds:
        assert fold.train
        assert fold.validation
        assert fold.test
        assert not fold.train & fold.validation
        learned = members([by_key[key] for key in fold.train | fold.validation])
        assert not learned & members([by_key[key] for key in fold.test])


SPLITS = {
    "published": lambda made, seed: published_split(made, seed=seed),
    "folds": lambda made, seed: cross_validation(made, 4, seed=seed),
    "domains": lambda made, seed: leave_one_domain_out(made, seed=seed),
}


@pytest.mark.parametrize("protocol", SPLITS)
def test_a_split_depends_on_names_and_seed_alone(protocol: str) -> None:
    made = videos()
    shuffled = [made[index] for index in np.random.default_rng(1).permutation(len(made))]
    relabelled = [replace(video, ratings=1 - video.ratings) for video in made]
    split = SPLITS[protocol]
    folds = split(made, 0)
    check(folds, made)
    assert split(shuffled, 0) == split(relabelled, 0) == folds
    assert split(made, 1) != folds


def test_cross_validation_tests_every_video_once_and_spreads_the_domains() -> None:
    made = videos()
    folds = cross_validation(made, 4)
    assert Counter(key for fold in folds for key in fold.test) == Counter(v.key for v in made)
    domain = {video.key: video.domain for video in made}
    for fold in folds:
        assert Counter(domain[key] for key in fold.test) == {"cat": 2, "dog": 3}
    tested = protocols.tested_by(folds)
    assert all(video.key in tested[video.key].test for video in made)


def test_the_validation_part_is_one_in_five_of_every_domain() -> None:
    made = [video for video in videos() if video.domain == "dog"][:10] + [
        replace(labelled(f"w{number}", [0, 1]), domain="cat") for number in range(10)
    ]
    learned, held = split_off(made, 0.2)
    assert len(learned) == 16
    assert Counter(video.domain for video in held) == {"cat": 2, "dog": 2}


def test_a_group_stays_on_one_side() -> None:
    made = grouped({0: "kim", 5: "kim", 9: "kim", 17: "kim"})
    for fold in cross_validation(made, 4):
        inside = {video.key for video in made if video.group == "kim"}
        assert inside <= fold.test or inside <= fold.train or inside <= fold.validation
    check(leave_one_domain_out(made), made)


def test_those_who_appear_together_are_tested_together() -> None:
    """Ann is in two casts, and bo in two: whoever learned of one of them tests neither."""
    casts = {0: "ann+bo", 4: "bo+cho", 9: "cho", 13: "dee+ann"}
    made = grouped(casts)
    folds = cross_validation(made, 4)
    check(folds, made)
    linked = {made[number].key for number in casts}
    assert sum(linked <= fold.test for fold in folds) == 1
    check(leave_one_domain_out(made), made)


def test_a_plus_in_the_name_of_a_video_links_nothing() -> None:
    made = [labelled(f"a+{number}", [0, 1]) for number in range(6)]
    assert len(cross_validation(made, 3)) == 3


def test_a_group_on_both_sides_of_the_published_split_is_refused() -> None:
    made = grouped({0: "kim", 1: "kim"})
    assert {made[0].split, made[1].split} == {"test", "train"}
    with pytest.raises(UsageError, match="both sides of the split published: kim"):
        published_split(made)


def test_the_published_split_leaves_out_what_is_in_no_part() -> None:
    made = [replace(v, split="") if n in (3, 4) else v for n, v in enumerate(videos())]
    (fold,) = published_split(made)
    everything = fold.train | fold.validation | fold.test
    assert everything == {video.key for video in made if video.split}
    assert fold.test == {video.key for video in made if video.split == "test"}


def test_a_domain_is_tested_by_the_others() -> None:
    made = videos()
    for fold, domain in zip(leave_one_domain_out(made), ("cat", "dog"), strict=True):
        inside = {video.key for video in made if video.domain == domain}
        assert fold.test == inside
        assert not (fold.train | fold.validation) & inside


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (lambda: published_split(videos(split="")), "no published split"),
        (lambda: published_split(videos(split="test")), "no published split"),
        (lambda: cross_validation(videos(), 21), "20 groups .* cannot be split into 21 folds"),
        (lambda: cross_validation(videos(), 1), "cannot be split into 1 folds"),
        (lambda: cross_validation(videos(group="all"), 2), "of 1 group that"),
        (lambda: cross_validation(videos()[:2], 2), "cannot be both learned from and chosen by"),
        (lambda: leave_one_domain_out(videos(domain="cat")), "one domain"),
        (lambda: split_off(videos()[:1], 0.2), "cannot be both learned from and chosen by"),
    ],
)
def test_too_few_videos_are_refused(split: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        split()  # type: ignore[operator]


def test_a_video_on_both_sides_is_refused_by_name() -> None:
    made = videos()
    with pytest.raises(UsageError, match="both sides of here: v03"):
        check_apart(made[:4], made[3:], "here")
    check_apart(made[:3], made[3:], "here")
