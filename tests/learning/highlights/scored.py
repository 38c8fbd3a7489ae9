"""Made videos with known highlights, and systems that find them more or less well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from core.learning.highlights.comparison import Comparison, System, compare
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.trivial import centre_score, random_score, trivial_systems


def made_videos(count: int = 24, cells: int = 30, domains: int = 2) -> list[LabelledVideo]:
    """Two annotators who agree about a fifth of the cells, anywhere in the video."""
    random = np.random.default_rng(0)
    videos = []
    for number in range(count):
        kept = random.permutation(cells) < cells // 5
        ratings = np.repeat(kept[:, None], 2, axis=1).astype(np.float32)
        ratings[random.integers(0, cells), 1] = np.nan
        videos.append(
            LabelledVideo(
                "made", f"video{number}", f"domain{number % domains}", f"video{number}",
                Fraction(2), ratings, ("ann", "bo"),
            )
        )  # fmt: skip
    return videos


def validation_videos() -> list[LabelledVideo]:
    return [
        LabelledVideo(
            "held out", video.name, video.domain, video.name, video.step, video.ratings,
            video.annotators,
        )
        for video in made_videos(6)
    ]  # fmt: skip


def system(
    videos: Sequence[LabelledVideo],
    score: Callable[[LabelledVideo, int], np.ndarray],
    name: str = "model",
    features: str = "Video",
    seeds: int = 2,
    threshold: float = 0.5,
) -> System:
    return System(
        name, features,
        [{video.key: score(video, seed).astype(np.float32) for video in videos}
         for seed in range(seeds)],
        [{video.key: threshold for video in videos} for _ in range(seeds)],
        trivial=False, choice="Chosen beforehand.",
    )  # fmt: skip


def knowing(video: LabelledVideo, seed: int, noise: float = 0.5) -> np.ndarray:
    """Mostly right."""
    return (1 - noise) * np.nan_to_num(video.relevance()) + noise * random_score(video, seed + 100)


def guessing(video: LabelledVideo, seed: int) -> np.ndarray:
    return random_score(video, seed + 200)


def worse_than_the_centre(video: LabelledVideo, seed: int) -> np.ndarray:
    return 1 - centre_score(video) + 0 * seed


def trivial(videos: Sequence[LabelledVideo], **options: Any) -> list[System]:
    validation = {video.key: validation_videos() for video in videos}
    return trivial_systems(videos, validation, {}, **options)[0]


def compared(
    videos: Sequence[LabelledVideo], *models: System, headline: str = "map", **options: Any
) -> Comparison:
    options.setdefault("rounds", 300)
    return compare(videos, [*trivial(videos), *models], headline=headline, **options)
