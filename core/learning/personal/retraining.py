"""Learning from the corrections of a profile: a new version, that is in use only if not worse."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from core import __version__
from core.analysis.emotion_track import DEFAULT_WEIGHTS as SHIPPED_EMOTION
from core.analysis.fusion import DEFAULT_WEIGHTS as SHIPPED_FUSION
from core.errors import Cancelled, ModelError, UsageError
from core.learning.library.library import Library
from core.learning.personal.emotion_lessons import emotion_lessons
from core.learning.personal.emotion_settings import EmotionTuning
from core.learning.personal.emotion_trial import EmotionRecipe
from core.learning.personal.gate import judged
from core.learning.personal.learnt import what_was_learnt
from core.learning.personal.lesson_building import LessonSettings
from core.learning.personal.network_tuning import TuningSettings
from core.learning.personal.profiles import Profile
from core.learning.personal.recipes import Recipes, deleted_meanwhile
from core.learning.personal.retraining_work import Work, digest
from core.learning.personal.taste_fitting import TasteSettings
from core.learning.personal.trial import Trial, Verdict
from core.learning.personal.trying import (
    Plan,
    Rows,
    compared,
    differences,
    held_out_curves,
    measured,
    plan_trial,
)
from core.learning.personal.version_files import read_origin, write_version
from core.learning.personal.versions import EMOTION, Learnt, Version
from core.networks.weights import load_card

FORMAT = 1
"""Changes whenever the same library would give other weights."""

_PARTS = 3
"""That videos are put into where a fusion is tuned for each of them."""

Progress = Callable[[float, str], None]


def retrain(
    library: Library | Path | None,
    profile: Profile,
    *,
    shipped_fusion: Path = SHIPPED_FUSION,
    shipped_emotion: Path = SHIPPED_EMOTION,
    seed: int = 0,
    patience: float = 0.0,
    progress: Progress = lambda done, message: None,
    tell: Callable[[str], None] = lambda text: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Version:
    """Makes a new version of a profile, tries it, and takes it into use if it is not worse.

    It learns anew from all corrections that there are, beginning with the shipped weights: nothing
    of a correction that was deleted is in it. The same corrections and seed give the same weights,
    byte by byte. What is done is kept: after it was cancelled or killed, it goes on where it was.
    Where nothing has changed since a version was made, that is given back.

    Args:
        library: An open one of this thread, or the file of one; None for that of this user.
        profile: What learns; its library entries are those of its name.
        shipped_fusion: Folder of the fusion to begin with.
        shipped_emotion: Folder of the emotion network to begin with.
        seed: 0 or more.
        patience: Seconds to wait while the profile is learning elsewhere.
        progress: Told how much is done, 0…1, and at what it is.
        tell: Receives a sentence for each video that cannot be learned from.
        cancelled: Asked often.

    Raises:
        UsageError: Nothing can be learned from the corrections that there are, or some were deleted
            meanwhile.
        EditRefused: The profile is learning already.
        LibraryError: The library cannot be read.
        ModelError: The shipped weights are damaged, or the new ones cannot be written.
        Cancelled: ``cancelled()`` was true.
    """
    if not 0 <= seed < 2**63:
        raise UsageError(f"{seed} is no seed", remedy="Choose a number from 0 on.")
    opened: AbstractContextManager[Library] = (
        nullcontext(library) if isinstance(library, Library) else Library.open(library)
    )
    with opened as source, profile.learning(patience=patience, cancelled=cancelled):
        run = _Run(
            source, profile, shipped_fusion, shipped_emotion, seed, progress, tell, cancelled
        )
        version = run.found() or run.made()
        if version.trial.verdict is Verdict.ADOPTED:
            profile.use(version.number)
        shutil.rmtree(profile.work, ignore_errors=True)
        progress(1.0, "")
        return version


@dataclass
class _Run:
    """One retraining."""

    library: Library
    profile: Profile
    shipped_fusion: Path
    shipped_emotion: Path
    seed: int
    progress: Progress
    tell: Callable[[str], None]
    cancelled: Callable[[], bool]
    present: Version | None = field(init=False)

    def __post_init__(self) -> None:
        try:
            self.present = self.profile.current
        except ModelError:
            self.present = None
        self.state = self.library.state(self.profile.name)
        settings = [
            repr(kind()) for kind in (LessonSettings, TasteSettings, TuningSettings, EmotionTuning)
        ]
        shipped = [
            load_card(place)["sha256"] for place in (self.shipped_fusion, self.shipped_emotion)
        ]
        self.origin = {
            "recipe": digest(FORMAT, __version__, self.state, self.seed, shipped, settings),
            "before": None if self.present is None else self.present.number,
        }

    def found(self) -> Version | None:
        """A version that would come out the same, if there is one."""
        for version in self.profile.versions():
            origin = read_origin(version.folder)
            if origin == self.origin or (
                version == self.present and origin.get("recipe") == self.origin["recipe"]
            ):
                with suppress(ModelError):
                    return self.profile.version(version.number, check_weights=True)
        return None

    def made(self) -> Version:
        """The new version, in its place."""
        self.progress(0.0, "reading the corrections")
        learned = None if self.present is None else dict(self.present.videos)
        work = Work(self.profile.work, digest(self.origin, learned))
        recipes = Recipes(
            self.library, self.profile.name, self.shipped_fusion, self.seed, work,
            tell=self.tell, cancelled=self.cancelled,
        )  # fmt: skip
        plan = plan_trial(recipes.lessons, self.seed)
        heard = self._heard(work)
        if not plan.lessons and not heard.lessons:
            raise UsageError(
                "nothing can be learned yet: no video has a moment that is wanted beside one that "
                "is not",
                remedy="Keep some cuts of a video and reject others.",
            )
        parts: dict[str, Path] = {}
        trials: list[Trial] = []
        learnt: tuple[Learnt, ...] = ()
        if plan.lessons:
            trial, fusion = self._tried(plan, recipes)
            trials.append(trial)
            self.progress(0.6, "learning what you like")
            parts, after = recipes.weights(plan.lessons, fusion=fusion)
            before = {one.video: one.base for one in plan.lessons}
            learnt = what_was_learnt(plan.lessons, before, after, seed=self.seed)
        if heard.lessons:
            emotion, weights = self._heard_trial(heard)
            if weights is not None and _taken(emotion, trials):
                parts[EMOTION] = weights
            trials.append(emotion)
        if self.cancelled():
            raise Cancelled
        if not parts:
            raise UsageError(
                "nothing can be learned of what is heard",
                remedy="Correct what is heard in some more places where somebody speaks.",
            )
        videos = self._counted(
            {*(one.video for one in plan.lessons), *(one.video for one in heard.lessons)}
        )
        return self._written(work, parts, _together(trials, EMOTION in parts), learnt, videos)

    def _tried(self, plan: Plan, recipes: Recipes) -> tuple[Trial, bool]:
        """The trial of the better recipe, and whether that tunes the fusion.

        Tuning takes long, so that what it gives is tried in few parts.
        """
        lessons, present = plan.lessons, self.present
        shipped: Rows = measured(lessons, {one.video: one.base for one in lessons})
        if not plan.folds:
            return judged((), {}, videos=len(lessons)), False
        few = plan_trial(lessons, self.seed, parts=_PARTS)
        fusion = recipes.tunes_fusion(lessons) and _not_worse(
            differences(
                self._held_out(few, recipes, False, 0.05, 0.1),
                self._held_out(few, recipes, True, 0.1, 0.35),
            )
        )
        of_present = present is not None and present.fusion is not None
        chosen = few if fusion or of_present else plan
        after = self._held_out(chosen, recipes, fusion, 0.35, 0.4)
        if present is None or present.taste is None:
            before = shipped
        else:
            before = self._held_out(chosen, recipes, of_present, 0.4, 0.6, present.videos)
        trial = judged(
            compared(before, after, seed=self.seed),
            differences(before, after),
            shipped=differences(shipped, after),
            videos=len(lessons),
        )
        return trial, fusion

    def _held_out(
        self,
        plan: Plan,
        recipes: Recipes,
        fusion: bool,
        begin: float,
        end: float,
        learned_from: Collection[str] | None = None,
    ) -> Rows:
        """Measures of a recipe on held-out videos; the work remembers its curves."""
        curves = held_out_curves(
            plan,
            recipes.recipe(fusion=fusion),
            learned_from=learned_from,
            progress=lambda done: self.progress(
                begin + (end - begin) * done, "trying it on videos that it has not seen"
            ),
            cancelled=self.cancelled,
        )
        return measured(plan.lessons, curves)

    def _heard(self, work: Work) -> EmotionRecipe:
        try:
            lessons = emotion_lessons(
                self.library,
                self.profile.name,
                shipped=self.shipped_emotion,
                tell=self.tell,
                cancelled=self.cancelled,
            )
        except UsageError as error:  # of a kind that cannot be tuned
            self.tell(str(error))
            lessons = []
        return EmotionRecipe(lessons, self.shipped_emotion, self.seed, work, self.cancelled)

    def _heard_trial(self, heard: EmotionRecipe) -> tuple[Trial, Path | None]:
        present = self.present
        learned = None if present is None or present.emotion is None else present.videos
        trial = heard.trial(
            learned,
            lambda done: self.progress(0.65 + 0.25 * done, "trying what it hears"),
        )
        self.progress(0.9, "learning what is heard")
        return trial, heard.weights()

    def _counted(self, videos: Collection[str]) -> dict[str, int]:
        """Corrections by video.

        Raises:
            UsageError: Those of a video were deleted meanwhile.
        """
        counts = dict.fromkeys(sorted(videos), 0)
        out = {one.video for one in self.library.videos(self.profile.name) if one.left_out}
        for one in self.library.corrections(self.profile.name):
            if one.video in counts and one.video not in out:
                counts[one.video] += 1
        if not all(counts.values()):
            raise deleted_meanwhile()
        return counts

    def _written(
        self,
        work: Work,
        parts: dict[str, Path],
        trial: Trial,
        learnt: tuple[Learnt, ...],
        videos: dict[str, int],
    ) -> Version:
        number, place = self.profile.next_place()
        folder = work.fresh("version")
        for name, weights in parts.items():
            shutil.copytree(weights, folder / name)
        made = datetime.now(UTC).replace(microsecond=0)
        version = Version(number, folder, made, self.seed, videos, trial, learnt, self.state)
        return write_version(version, place, origin=self.origin)


def _not_worse(rows: Rows) -> bool:
    """Whether a mean over at least two videos shows a gain and none shows a loss."""
    means = [float(np.mean(list(values.values()))) for values in rows.values()]
    return min(means) >= 0 and max(means) > 0


def _taken(emotion: Trial, others: Sequence[Trial]) -> bool:
    """Whether a network that hears goes into a version with what else was learned."""
    if emotion.verdict is Verdict.ADOPTED or not others:
        return True
    return emotion.verdict is Verdict.CANDIDATE and others[0].verdict is not Verdict.ADOPTED


def _together(trials: Sequence[Trial], emotion: bool) -> Trial:
    """One trial of all that was learned.

    Args:
        trials: Of highlights and of what is heard, or of one of them.
        emotion: Whether the version hears otherwise than the shipped weights.
    """
    first, *rest = trials
    if not rest:
        return first
    heard = rest[0]
    said = f"What is heard: {heard.reason}"
    if not emotion:
        said += " So it hears as the shipped weights do."
    measures = (*first.measures, *heard.measures)
    return replace(first, measures=measures, reason=f"{first.reason} {said}")
