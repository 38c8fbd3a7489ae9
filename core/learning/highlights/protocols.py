"""Who is learned from, chosen by and tested: splits that keep every group on one side.

A group that is named ``ann+bo`` has the members ann and bo; what is tested shares no member with
what is learned from or chosen by.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from core.errors import UsageError
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.systems import Fold, Key

VALIDATION_SHARE = 0.2
"""Of the videos that are not tested, to choose thresholds, epochs and settings by."""


def published_split(videos: Sequence[LabelledVideo], *, seed: int = 0) -> list[Fold]:
    """The split that a corpus was published with; videos in neither part are left out.

    Args:
        videos: All of the corpus.
        seed: Of the choice of the validation part out of the training part.

    Raises:
        UsageError: The corpus has no such split, or it has a member of a group on both sides.
    """
    test = [video for video in videos if video.split == "test"]
    rest = [video for video in videos if video.split == "train"]
    if not test or not rest:
        raise UsageError(
            "these videos have no published split", remedy="Choose folds or domains instead."
        )
    return [_fold("published", rest, test, seed)]


def cross_validation(
    videos: Sequence[LabelledVideo], folds: int = 5, *, seed: int = 0
) -> list[Fold]:
    """Every video is tested once, in a fold in which nothing of its group was learned from.

    Groups that share members stay together. The groups of each domain are spread evenly over the
    folds; the order of the videos changes nothing.

    Raises:
        UsageError: There are fewer groups than folds, or fewer than two folds.
    """
    ordered = sorted(videos, key=lambda video: video.key)
    linked = linked_groups(ordered)
    groups: dict[Key, str] = {}
    for video in ordered:
        groups.setdefault(linked[video.key], video.domain)
    if not 2 <= folds <= len(groups):
        raise UsageError(
            f"the videos are of {len(groups)} group{'s' * (len(groups) != 1)} that share nobody, "
            f"and cannot be split into {folds} folds",
            remedy="Choose 2 folds or more, and no more than there are groups; or add videos of "
            "others.",
        )
    random = np.random.default_rng(seed)
    place: dict[Key, int] = {}
    for domain in sorted(set(groups.values())):
        inside = [group for group, where in groups.items() if where == domain]
        for index in random.permutation(len(inside)):
            place[inside[index]] = len(place) % folds
    parts: list[list[LabelledVideo]] = [[] for _ in range(folds)]
    for video in ordered:
        parts[place[linked[video.key]]].append(video)
    return [
        _fold(
            f"fold {number + 1}",
            [video for other in parts if other is not part for video in other],
            part,
            seed,
        )
        for number, part in enumerate(parts)
    ]


def leave_one_domain_out(videos: Sequence[LabelledVideo], *, seed: int = 0) -> list[Fold]:
    """Every video of each domain is tested by what was learned from all other domains.

    Videos elsewhere that share a member of a group with the domain are not learned from.

    Raises:
        UsageError: There is one domain only.
    """
    domains = sorted({video.domain for video in videos})
    if len(domains) < 2:
        raise UsageError("one domain cannot be both learned from and tested")
    folds = []
    for domain in domains:
        test = [video for video in videos if video.domain == domain]
        tested = members(test)
        rest = [video for video in videos if members([video]).isdisjoint(tested)]
        folds.append(_fold(f"without {domain}", rest, test, seed))
    return folds


def tested_by(folds: Sequence[Fold]) -> dict[Key, Fold]:
    """The fold that tests each video."""
    return {key: fold for fold in folds for key in fold.test}


def members(videos: Collection[LabelledVideo]) -> set[Key]:
    """Corpus and name of everyone who owns one of the videos or appears in it by its group."""
    return {(video.corpus, name) for video in videos for name in _names(video)}


def check_apart(
    learned: Collection[LabelledVideo], tested: Collection[LabelledVideo], where: str
) -> None:
    """Refuses videos, and members of groups, that stand on both sides of a split.

    Args:
        learned: What is learned from or chosen by.
        tested: What is measured on.
        where: The split, for the message.

    Raises:
        UsageError: It names those that leak.
    """
    leaks = _keys(learned) & _keys(tested) or members(learned) & members(tested)
    if leaks:
        raise UsageError(
            f"on both sides of {where}: {', '.join(sorted({name for _, name in leaks})[:5])}",
            remedy="Keep every video, and all of its group, on one side of the split.",
        )


def _names(video: LabelledVideo) -> list[str]:
    # A video that is its own group may have any name.
    return [video.group] if video.group == video.name else video.group.split("+")


def linked_groups(videos: Sequence[LabelledVideo]) -> dict[Key, Key]:
    """One of the members by video, the same for all videos that share members with one another."""
    parents: dict[Key, Key] = {}

    def root(node: Key) -> Key:
        while parents.setdefault(node, node) != node:
            parents[node] = node = parents[parents[node]]
        return node

    first = {video.key: (video.corpus, _names(video)[0]) for video in videos}
    for video in videos:
        for member in members([video]):
            parents[root(member)] = root(first[video.key])
    return {key: root(member) for key, member in first.items()}


def _fold(
    name: str, rest: Sequence[LabelledVideo], test: Sequence[LabelledVideo], seed: int
) -> Fold:
    check_apart(rest, test, f"the split {name}")
    training, validation = split_off(rest, VALIDATION_SHARE, seed=seed)
    return Fold(name, _keys(training), _keys(validation), _keys(test))


def split_off(
    videos: Sequence[LabelledVideo], share: float, *, seed: int = 0
) -> tuple[list[LabelledVideo], list[LabelledVideo]]:
    """Two parts, the second with about this share of the groups of each domain.

    Videos that share anybody are on one side, unless all of them share somebody: then those of one
    cast are, for otherwise there would be nothing to stop by.

    Raises:
        UsageError: There are not two groups.
    """
    ordered = sorted(videos, key=lambda video: video.key)
    owners = linked_groups(ordered)
    if len(set(owners.values())) < 2:
        owners = {video.key: (video.corpus, video.group) for video in ordered}
    groups: dict[Key, str] = {}
    for video in ordered:
        groups.setdefault(owners[video.key], video.domain)
    if len(groups) < 2:
        raise UsageError(
            "one video, or one group of videos, cannot be both learned from and chosen by",
            remedy="Add labelled videos.",
        )
    random = np.random.default_rng(seed)
    shuffled = [list(groups)[index] for index in random.permutation(len(groups))]
    shuffled.sort(key=lambda group: groups[group])  # stable: shuffled within each domain
    # Taken at even distances, every domain gives its share.
    count = max(1, round(share * len(shuffled)))
    apart = {shuffled[int((index + 0.5) * len(shuffled) / count)] for index in range(count)}
    inside = [video for video in ordered if owners[video.key] not in apart]
    outside = [video for video in ordered if owners[video.key] in apart]
    return inside, outside


def _keys(videos: Collection[LabelledVideo]) -> frozenset[Key]:
    return frozenset(video.key for video in videos)
