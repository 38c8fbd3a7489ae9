"""The trial of a network that hears as the user says, on corrected videos that it has not heard."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from core.errors import Cancelled, UsageError
from core.learning.personal.emotion_lessons import EmotionLesson
from core.learning.personal.gate import judged
from core.learning.personal.retraining_work import Work, digest
from core.learning.personal.trial import Trial
from core.learning.personal.trying import compared, differences, folds_of
from core.learning.personal.versions import EMOTION

_WHAT = "corrections of what is heard"

_Scores = dict[str, dict[str, float]]


class EmotionRecipe:
    """The network that hears, moved towards corrections.

    Args:
        lessons: Of all videos in which what is heard was corrected.
        shipped: Folder of the weights to begin with.
        seed: Of the training.
        work: Keeps what has been made.
        cancelled: Asked often.

    Attributes:
        lessons: Those with speech that was corrected, by fingerprint.
    """

    def __init__(
        self,
        lessons: Sequence[EmotionLesson],
        shipped: Path,
        seed: int,
        work: Work,
        cancelled: Callable[[], bool],
    ) -> None:
        heard = [one for one in lessons if len(one.windows)]
        self.lessons = sorted(heard, key=lambda one: one.video)
        self._shipped, self._seed, self._work = shipped, seed, work
        self._cancelled = cancelled

    def weights(self) -> Path | None:
        """Folder of weights that learned from all lessons; None where they teach nothing."""
        return self._tuned(self.lessons, EMOTION)

    def trial(
        self, learned_from: Collection[str] | None, progress: Callable[[float], None]
    ) -> Trial:
        """Compares it with the present version on videos that neither has learned from.

        Args:
            learned_from: Videos that the present version's network learned from; None where that
                is the shipped one.
            progress: Told how much is done, 0…1.

        Raises:
            ModelError: Weights are damaged, or cannot be written.
            Cancelled: ``cancelled()`` was true.
        """
        videos = [one.video for one in self.lessons]
        shipped: _Scores = {}
        before: _Scores = {}
        after: _Scores = {}
        folds = folds_of(videos, self._seed)
        for number, fold in enumerate(folds):
            if self._cancelled():
                raise Cancelled
            progress(number / len(folds))
            self._score(shipped, fold, ())
            self._score(before, fold, () if learned_from is None else learned_from)
            self._score(after, fold, videos)
        progress(1.0)
        return judged(
            compared(before, after, seed=self._seed),
            differences(before, after),
            shipped=None if learned_from is None else differences(shipped, after),
            videos=len(videos),
            what=_WHAT,
        )

    def _score(self, scores: _Scores, fold: Sequence[str], learned_from: Collection[str]) -> None:
        """Adds the measures of held-out videos, by measure and video."""
        from core.learning.personal.emotion_scoring import score_emotion

        others = [
            one for one in self.lessons if one.video in learned_from and one.video not in fold
        ]
        name = f"{EMOTION}-{digest([one.video for one in others])}"
        weights = self._tuned(others, name) if others else None
        held = [one for one in self.lessons if one.video in fold]
        for video, found in score_emotion(weights or self._shipped, held).items():
            for measure, value in found.items():
                scores.setdefault(measure, {})[video] = value

    def _tuned(self, lessons: Sequence[EmotionLesson], name: str) -> Path | None:
        from core.learning.personal.emotion_tuning import tune_emotion

        try:
            return self._work.weights(
                name,
                lambda out: tune_emotion(
                    lessons, self._shipped, out, seed=self._seed, cancelled=self._cancelled
                ),
            )
        except UsageError:
            return None
