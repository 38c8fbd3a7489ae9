"""Plans videos with emotional moments: who says what, when, over which bed, before which pictures.

Nothing is read or rendered here: a plan follows from the takes, the lengths of the footage and the
seed. Pictures are drawn from a generator of their own and never look at the sound, turns are drawn
alike whether or not they become a moment, so neither shots nor rhythm tell where a moment is.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.errors import CorpusError, UsageError
from core.learning.corpora import Utterance
from core.learning.highlights.moments_plan import (
    Event,
    Moment,
    Setting,
    Shot,
    Take,
    VideoPlan,
)
from core.learning.highlights.moments_recipe import USUAL, Recipe
from core.learning.highlights.moments_talk import EXPECTED_IN_TURNS, Stock, Talk, drawn_event
from core.learning.splits import groups_of

BEDS = {"silence": 0.15, "room": 0.3, "street": 0.25, "music": 0.3}
MADE_PICTURES = ("gradient", "noise", "title")
PICTURES_PER_SECOND = 15
_ATTEMPTS = 400


def speaker_parts(
    utterances: Sequence[Utterance], parts: Mapping[str, float], seed: int = 0
) -> dict[str, tuple[str, ...]]:
    """Splits speakers so that no part shares a voice, or a session, with another.

    Each corpus is split by itself. Every part gets two groups of each corpus where there are
    enough of them, since a video needs two voices, and the rest goes by the shares.

    Args:
        utterances: Of any number of corpora.
        parts: Share of the speakers by name of the part; the shares are divided by their sum.
        seed: Of the shuffling.

    Returns:
        The speakers of each part, sorted.

    Raises:
        UsageError: A share is not positive, or a corpus has fewer groups than there are parts.
    """
    if not parts or any(not share > 0 for share in parts.values()):
        raise UsageError("each part needs a share of the speakers that is over 0")
    members: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row, group in zip(utterances, groups_of(utterances), strict=True):
        members[row.corpus][group].add(row.speaker)
    shares = np.array(list(parts.values())) / sum(parts.values())
    result: dict[str, set[str]] = {name: set() for name in parts}
    for corpus, groups in sorted(members.items()):
        if len(groups) < len(parts):
            raise UsageError(
                f"{corpus} has {len(groups)} speakers, or groups of speakers who share a session: "
                f"too few for {len(parts)} parts"
            )
        counts = np.full(len(parts), min(2, len(groups) // len(parts)))
        while counts.sum() < len(groups):
            counts[np.argmax(shares * len(groups) - counts)] += 1
        shuffled = _generator(corpus, seed).permutation(sorted(groups)).tolist()
        for name, last, count in zip(parts, np.cumsum(counts), counts, strict=True):
            for group in shuffled[last - count : last]:
                result[name] |= groups[group]
    return {name: tuple(sorted(speakers)) for name, speakers in result.items()}


def plan_videos(
    takes: Sequence[Take],
    *,
    videos: int,
    seconds: float,
    seed: int = 0,
    footage: Mapping[str, float] | None = None,
    recipe: Recipe = USUAL,
) -> list[VideoPlan]:
    """Plans videos of one corpus. More videos change nothing about those before them.

    A take is said again only after all others of its speaker that could stand in its place.

    Args:
        takes: All of one corpus, in any order.
        videos: How many.
        seconds: Length of each.
        seed: Decides everything that the takes and the footage do not.
        footage: Seconds of the files that the pictures are taken from.
        recipe: What the videos are like.

    Raises:
        UsageError: The takes are of several corpora, or the request makes no sense.
        CorpusError: Fewer than two of the speakers have calm and emotional takes, or their takes
            cannot fill the moments asked for.
    """
    corpora = {take.utterance.corpus for take in takes}
    if len(corpora) > 1:
        raise UsageError(
            f"takes of {', '.join(sorted(corpora))} do not mix",
            remedy="Plan each corpus by itself.",
        )
    if videos < 1:
        raise UsageError(f"{videos} videos cannot be made", remedy="Ask for one or more.")
    if not seconds * recipe.share[1] >= recipe.turn[0]:
        raise UsageError(
            f"a video of {seconds:g} s is too short for a moment",
            remedy=f"Make it {recipe.turn[0] / recipe.share[1]:.0f} s or longer.",
        )
    stock = Stock(takes, recipe)
    corpus = min(corpora)
    plans = []
    for number in range(videos):
        random = _generator(corpus, seed, number, 0)
        cast = stock.cast(seconds, random)
        settings, moments = _filled(stock, cast, seconds, random, corpus)
        shots = _shots(footage or {}, seconds, _generator(corpus, seed, number, 1), recipe)
        compressed = (number + seed) % 3 == 2
        plans.append(
            VideoPlan(
                f"{corpus}-{seed}-{number:03d}",
                corpus,
                cast,
                seconds,
                compressed,
                settings,
                shots,
                moments,
            )
        )
    return plans


def _filled(
    stock: Stock,
    cast: Sequence[str],
    seconds: float,
    random: np.random.Generator,
    corpus: str,
) -> tuple[tuple[Setting, ...], tuple[Moment, ...]]:
    """Settings whose moments take the share that the recipe asks for."""
    lowest, highest = stock.recipe.share
    for _ in range(_ATTEMPTS):
        said: Counter[str] = Counter()
        wanted = seconds * random.uniform(0.9 * lowest + 0.1 * highest, highest)
        settings, moments = _attempt(stock, cast, seconds, wanted, said, random)
        share = sum(moment.end - moment.start for moment in moments) / seconds
        if lowest <= share <= highest:
            stock.uses += said
            return settings, moments
    raise CorpusError(
        f"the emotional utterances of {', '.join(cast)} ({corpus}) do not make moments of "
        f"{lowest:.0%} to {highest:.0%} of {seconds:g} s",
        remedy="Make the videos longer, or name more speakers.",
    )


def _attempt(
    stock: Stock,
    cast: Sequence[str],
    seconds: float,
    wanted: float,
    said: Counter[str],
    random: np.random.Generator,
) -> tuple[tuple[Setting, ...], tuple[Moment, ...]]:
    recipe = stock.recipe
    settings: list[Setting] = []
    moments: list[Moment] = []
    while (start := settings[-1].end if settings else 0.0) < seconds:
        end = start + round(random.uniform(*recipe.setting), 3)
        deserted = random.random() < recipe.deserted and not (settings and not settings[-1].lines)
        if deserted:
            end = start + min(end - start, 2 * recipe.setting[0])
        if end > seconds - recipe.setting[0] / 2:
            end = seconds
        empty = _setting(start, round(end, 3), deserted, recipe, random)
        if deserted:
            settings.append(replace(empty, events=_loud(empty, recipe, random)))
            continue
        left = wanted - sum(moment.end - moment.start for moment in moments)
        talk = Talk(stock, empty, said, left, (seconds - start) * EXPECTED_IN_TURNS)
        count = min(len(cast), int(random.integers(1, 3)))
        talk.fill(random.permutation(cast)[:count].tolist(), random)
        settings.append(replace(empty, lines=tuple(talk.lines), events=tuple(talk.events)))
        moments += talk.moments
    return tuple(settings), tuple(moments)


def _setting(
    start: float, end: float, deserted: bool, recipe: Recipe, random: np.random.Generator
) -> Setting:
    kinds = [kind for kind in BEDS if not (deserted and kind == "silence")]
    weights = np.array([BEDS[kind] for kind in kinds])
    bed = kinds[int(random.choice(len(kinds), p=weights / weights.sum()))]
    ratios = recipe.deserted_ratio if deserted else recipe.ratio
    if bed == "silence":
        ratios = recipe.quiet_ratio
    in_room = not deserted and random.random() < recipe.reverberant
    return Setting(
        start=start,
        end=end,
        bed=bed,
        level=round(recipe.level + random.uniform(*recipe.distance), 2),
        ratio=round(random.uniform(*ratios), 2),
        reverberation=round(random.uniform(*recipe.reverberation), 3) if in_room else 0.0,
        direct_ratio=round(random.uniform(*recipe.direct_ratio), 2),
        seed=int(random.integers(2**32)),
        lines=(),
        events=(),
    )


def _loud(setting: Setting, recipe: Recipe, random: np.random.Generator) -> tuple[Event, ...]:
    """Loud events where nobody speaks: none, one or two after each other."""
    events: list[Event] = []
    time = setting.start
    for _ in range(int(random.integers(0, 3))):
        event = drawn_event(time + random.uniform(1.0, 10.0), recipe, random)
        if event.end > setting.end - 0.3:
            break
        events.append(event)
        time = event.end
    return tuple(events)


def _shots(
    footage: Mapping[str, float], seconds: float, random: np.random.Generator, recipe: Recipe
) -> tuple[Shot, ...]:
    """Pictures for the whole video; long files are shown more often than short ones."""
    names = sorted(footage)
    weights = np.sqrt([max(footage[name], 0.0) for name in names])
    shots: list[Shot] = []
    last = round(seconds * PICTURES_PER_SECOND)
    frame = 0
    while frame < last:
        length = random.uniform(*recipe.shot)
        if not names or random.random() < recipe.made:
            source, offset = MADE_PICTURES[int(random.integers(len(MADE_PICTURES)))], 0.0
        else:
            source = names[int(random.choice(len(names), p=weights / weights.sum()))]
            length = min(length, footage[source])
            offset = round(random.uniform(0.0, footage[source] - length), 3)
        until = min(last, frame + max(1, round(length * PICTURES_PER_SECOND)))
        mirrored = bool(random.random() < 0.5)
        shots.append(
            Shot(
                frame / PICTURES_PER_SECOND,
                until / PICTURES_PER_SECOND,
                source,
                offset,
                mirrored,
                int(random.integers(2**32)),
            )
        )
        frame = until
    return tuple(shots)


def _generator(corpus: str, *numbers: int) -> np.random.Generator:
    return np.random.default_rng([zlib.crc32(corpus.encode()), *numbers])
