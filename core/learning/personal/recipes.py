"""How a version is made of lessons: a taste, over the shipped curve or over a tuned fusion's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.fusion_features import feature_contract, group_columns
from core.analysis.taste import Taste
from core.analysis.taste_file import save_taste
from core.errors import ModelError, UsageError
from core.learning.library.library import Library
from core.learning.personal.lesson_building import build_lessons
from core.learning.personal.lessons import Lesson
from core.learning.personal.retraining_work import Work, digest
from core.learning.personal.taste_fitting import fit_taste
from core.learning.personal.trying import Recipe
from core.learning.personal.versions import FUSION, TASTE
from core.networks.weights import load_card
from core.signals.visual_features import VisualFeatures

Curve = NDArray[np.float32]
Curves = dict[str, Curve]


class Recipes:
    """The two recipes of a profile, and what they make of its lessons.

    Args:
        library: Is open.
        profile: Name of the profile.
        shipped: Folder of the fusion that everything begins with.
        seed: Of the training.
        work: Keeps what has been made.
        tell: Receives a sentence for each video that cannot be learned from.
        cancelled: Asked often.

    Attributes:
        lessons: Of all corrected videos, with the shipped curve.
    """

    def __init__(
        self,
        library: Library,
        profile: str,
        shipped: Path,
        seed: int,
        work: Work,
        *,
        tell: Callable[[str], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._library, self._profile = library, profile
        self._shipped, self._seed, self._work = shipped, seed, work
        self._tell, self._cancelled = tell, cancelled
        self.lessons = build_lessons(library, profile, fusion=shipped, tell=tell)

    def recipe(self, *, fusion: bool) -> Recipe:
        """Learns a taste, and gives curves.

        Args:
            fusion: Tune the fusion as well, on the same lessons, before.
        """

        def learned(lessons: Sequence[Lesson], held: Sequence[Lesson]) -> Mapping[str, Curve]:
            videos = [one.video for one in lessons]
            name = digest("curves", fusion, videos, [one.video for one in held])

            def made() -> Mapping[str, Curve]:
                own, asked = list(lessons), list(held)
                tuned = self._tuned(lessons, f"{FUSION}-{digest(videos)}") if fusion else None
                if tuned is not None:
                    own, asked = self._over(own, tuned), self._over(asked, tuned)
                taste = fit_taste(own)
                return {one.video: tasted(taste, one) for one in asked}

            return self._work.curves(f"curves-{name}", made)

        return learned

    def tunes_fusion(self, lessons: Sequence[Lesson]) -> bool:
        """Whether the fusion learns anything from these lessons.

        It does not where the shipped one cannot be tuned, or looks at nothing that was decided.
        """
        try:
            return self._tuned(lessons, FUSION) is not None
        except ModelError as error:
            self._tell(str(error))
            return False

    def weights(self, lessons: Sequence[Lesson], *, fusion: bool) -> tuple[dict[str, Path], Curves]:
        """What is learned from all lessons.

        Returns:
            Folders of weights by part of a version, and the curves that they give, ``(T,) float32``
            in 0…1 by video.

        Raises:
            UsageError: Corrections were deleted meanwhile.
            ModelError: Weights are damaged, or cannot be written.
            Cancelled: ``cancelled()`` was true.
        """
        found = {}
        own = list(lessons)
        tuned = self._tuned(lessons, FUSION) if fusion else None
        if tuned is not None:
            found[FUSION] = tuned
            own = self._over(own, tuned)
        taste = fit_taste(own)
        card = {
            "contract": self._contract(own[0]),
            "name": "your corrections",
            "shipped": load_card(self._shipped)["sha256"],
        }
        found[TASTE] = self._work.weights(TASTE, lambda out: save_taste(out, taste, card))
        return found, {one.video: tasted(taste, one) for one in own}

    def _contract(self, lesson: Lesson) -> dict[str, Any]:
        """The features of all lessons."""
        version = self._library.has_features(lesson.video).get(VisualFeatures.name)
        if version is None:
            raise deleted_meanwhile()
        pictures = lesson.groups["picture"].shape[1] - group_columns(0)["picture"]
        return feature_contract(version, pictures)

    def _tuned(self, lessons: Sequence[Lesson], name: str) -> Path | None:
        """Folder of the tuned fusion; None where it looks at nothing that was decided."""
        from core.learning.personal.fusion_tuning import tune_fusion

        try:
            return self._work.weights(
                name,
                lambda out: tune_fusion(
                    lessons, self._shipped, out, seed=self._seed, cancelled=self._cancelled
                ),
            )
        except UsageError:
            return None

    def _over(self, lessons: Sequence[Lesson], fusion: Path) -> list[Lesson]:
        """The same lessons over another fusion's curve."""
        videos = {one.video for one in lessons}
        again = {
            one.video: one.base
            for one in build_lessons(self._library, self._profile, fusion=fusion, videos=videos)
        }
        if any(one.video not in again or len(again[one.video]) != one.cells for one in lessons):
            raise deleted_meanwhile()
        return [replace(one, base=again[one.video]) for one in lessons]


def deleted_meanwhile() -> UsageError:
    """The error about a library that is not any more what a training began with."""
    return UsageError(
        "corrections were deleted while they were learned from", remedy="Begin to learn again."
    )


def tasted(taste: Taste, lesson: Lesson) -> Curve:
    """The curve of a lesson's video after a taste, ``(T,) float32`` in 0…1."""
    return taste.apply(lesson.groups, lesson.present, lesson.base)
