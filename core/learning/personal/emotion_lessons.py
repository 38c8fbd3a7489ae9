"""What a user says is heard teaches: the windows of speech that he corrected, and how they sound.

The windows are described and normalised as the analysis does it for the same video: beside all of
its speech, and beside that of their own voice where a low and a high one are told apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import EMOTION_COLUMNS
from core.errors import UsageError
from core.learning.library.records import VideoFeatures
from core.networks.emotion_classes import EMOTIONS
from core.networks.weights import load_card
from core.project.emotion_corrections import (
    Corrections,
    EmotionCorrection,
    apply_corrections,
    corrected,
)
from core.signals.speech_activity import SpeechActivity
from core.signals.speech_coefficients import SpeechCoefficients
from core.signals.speech_emotion import LEAST_SPEECH, SPEECH_THRESHOLD, SpeechEmotion
from core.signals.voices import Voices
from core.time import Grid

if TYPE_CHECKING:
    from core.learning.library.library import Library

UNSAID = -1
"""In the place of a class that the user did not name."""

_MOST_OTHERS = 64
"""Windows of a video that were not corrected and are looked at all the same."""
_HEARD = (SpeechCoefficients, SpeechActivity)
_AROUSAL = EMOTION_COLUMNS.index("arousal")
_VALENCE = EMOTION_COLUMNS.index("valence")


@dataclass(frozen=True, eq=False)
class EmotionLesson:
    """The corrected windows of speech of one video.

    Attributes:
        video: Fingerprint of its content, the group that cross-validation holds out together.
        windows: ``(N, S) float32``, normalised descriptions, :meth:`SpeechEmotion.descriptions`.
        spans: ``(N,) int64``, which correction each window lies in.
        emotions: ``(N,) int64``, indices into EMOTIONS; :data:`UNSAID` where none was named.
        arousal: ``(N,) float32`` in −1…1; NaN where it was not corrected.
        valence: ``(N,) float32`` in −1…1; NaN where it was not corrected.
        others: ``(K, S) float32``, windows of the video that were not corrected, spread evenly.
        silent: Corrections in which no speech is heard: they teach the network nothing.

    Raises:
        UsageError: The parts are not of one length, or a number is out of its range.
    """

    video: str
    windows: NDArray[np.float32]
    spans: NDArray[np.int64]
    emotions: NDArray[np.int64]
    arousal: NDArray[np.float32]
    valence: NDArray[np.float32]
    others: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    silent: int = 0

    def __post_init__(self) -> None:
        rows = (self.spans, self.emotions, self.arousal, self.valence)
        if self.windows.ndim != 2 or any(row.shape != self.windows.shape[:1] for row in rows):
            raise self._refusal("are not of one length")
        if len(self.others) and self.others.shape[1:] != self.windows.shape[1:]:
            raise self._refusal("are not of one length")
        if not np.isfinite(self.windows).all() or not np.isfinite(self.others).all():
            raise self._refusal("hold descriptions that are not finite")
        if ((self.emotions < UNSAID) | (self.emotions >= len(EMOTIONS))).any():
            raise self._refusal("name emotions that are not known")
        for values in (self.arousal, self.valence):
            known = values[~np.isnan(values)]
            if not ((known >= -1) & (known <= 1)).all():
                raise self._refusal("hold an arousal or a valence outside -1 to 1")

    def _refusal(self, why: str) -> UsageError:
        return UsageError(
            f"the corrections of what is heard in the video {self.video} {why}",
            remedy="Delete the corrections of this video.",
        )

    @property
    def corrections(self) -> int:
        """How many corrections there are in which speech is heard."""
        return len(np.unique(self.spans))

    def only(self, windows: NDArray[np.bool_]) -> EmotionLesson:
        """The lesson of some of its windows, ``(N,) bool``."""
        return replace(
            self,
            windows=self.windows[windows],
            spans=self.spans[windows],
            emotions=self.emotions[windows],
            arousal=self.arousal[windows],
            valence=self.valence[windows],
        )


def emotion_lessons(
    library: Library,
    profile: str,
    *,
    shipped: Path | None = None,
    videos: Collection[str] | None = None,
    tell: Callable[[str], None] = lambda text: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[EmotionLesson]:
    """What the corrections of a profile teach a network that hears, from the library alone.

    Args:
        library: Is open.
        profile: Its name; empty for the usual one.
        shipped: Folder of the weights that are going to be tuned, which describe the windows;
            those that come with the application if None.
        videos: Fingerprints of those that are asked for; all by default.
        tell: Receives a sentence for each video that cannot be learned from.
        cancelled: Asked before each batch of windows.

    Returns:
        A lesson for each video in which what is heard was corrected, by fingerprint; those without
        a window of speech are among them. Videos that the user left out are not, nor are those of
        which no speech is kept.

    Raises:
        ModelError: The weights are damaged.
        UsageError: They are of a kind that cannot be tuned.
        LibraryError: The library cannot be read.
        Cancelled: ``cancelled()`` returned true.
    """
    asked = [
        video
        for video in sorted(library.videos(profile), key=lambda video: video.video)
        if video.emotions and not video.left_out and (videos is None or video.video in videos)
    ]
    if not asked:
        return []
    said: defaultdict[str, Corrections] = defaultdict(tuple)
    for one in sorted(library.corrections(profile), key=lambda one: (one.collected, one.project)):
        if isinstance(one.correction, EmotionCorrection):
            # Where two projects correct the same stretch, the later word counts.
            said[one.video] = corrected(said[one.video], one.correction)
    hearing, voices = tunable(shipped), Voices()
    lessons = []
    for video in asked:
        features = library.features(video.video)
        problem = _problem(features)
        if features is None or problem:
            tell(
                f"Nothing is learned of what is heard in {video.path.name}: {problem}. "
                "Open it, so that it is analysed."
            )
            continue
        lesson = emotion_lesson(
            video.video, features, said[video.video], video.duration, hearing, voices,
            cancelled=cancelled,
        )  # fmt: skip
        lessons.append(lesson)
        if not len(lesson.windows):
            tell(
                f"Nothing is learned of what is heard in {video.path.name}: "
                "no speech is heard where it was corrected."
            )
    return lessons


def emotion_lesson(
    video: str,
    features: VideoFeatures,
    corrections: Sequence[EmotionCorrection],
    duration: Fraction,
    hearing: SpeechEmotion,
    voices: Voices,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> EmotionLesson:
    """What the corrections of one video teach.

    A cell is corrected if its centre lies in the span, as in
    :func:`core.project.emotion_corrections.apply_corrections`.

    Args:
        video: Its fingerprint.
        features: Hold its speech coefficients and its speech activity.
        corrections: None over another.
        duration: Seconds of the video.
        hearing: Of the weights that are going to be tuned.
        voices: What tells its voices apart.
        cancelled: Asked before each batch of windows.

    Raises:
        UsageError: The tracks do not fit each other.
        Cancelled: ``cancelled()`` returned true.
    """
    frames, speech = (
        features.tracks[signal.name].astype(np.float32)
        for signal in (SpeechCoefficients, SpeechActivity)
    )
    grid = Grid(features.step)
    told = np.full((len(frames), len(EMOTION_COLUMNS)), np.nan, np.float32)
    span = np.full(len(frames), -1, np.int64)
    for number, one in enumerate(corrections):
        blank = np.full_like(told, np.nan)
        said = apply_corrections(blank, (one,), grid, duration=duration)
        here = np.isfinite(said).any(axis=1)
        told[here], span[here] = said[here], number
    spoken = (speech >= SPEECH_THRESHOLD).sum(axis=1) >= LEAST_SPEECH
    left = np.flatnonzero((span < 0) & spoken)
    if len(left) > _MOST_OTHERS:
        left = left[np.linspace(0, len(left) - 1, _MOST_OTHERS).round().astype(int)]
    found, described = hearing.descriptions(
        frames,
        speech,
        np.concatenate([np.flatnonzero(span >= 0), left]),
        voices=voices.labels(frames, speech),
        cancelled=cancelled,
    )
    own = span[found] >= 0
    cells, windows = found[own], described[own]
    classes = told[cells, : len(EMOTIONS)]
    named = np.isfinite(classes).all(axis=1)
    return EmotionLesson(
        video,
        windows,
        span[cells],
        np.where(named, np.nan_to_num(classes).argmax(axis=1), UNSAID).astype(np.int64),
        told[cells, _AROUSAL],
        told[cells, _VALENCE],
        described[~own],
        silent=len(corrections) - len(np.unique(span[cells])),
    )


def tunable(weights: Path | None) -> SpeechEmotion:
    """The signal of weights that can be tuned on corrections.

    Args:
        weights: Their folder; those that come with the application if None.

    Raises:
        ModelError: They are missing or damaged.
        UsageError: They are of another kind.
    """
    from core.analysis.emotion_track import DEFAULT_WEIGHTS, is_encoder

    place = DEFAULT_WEIGHTS if weights is None else weights
    encoder = is_encoder(place)
    kind = None if encoder else dict(load_card(place).get("network") or {}).get("kind")
    if encoder or kind != "statistics":
        what = "a speech encoder" if encoder else f"a network of the kind '{kind}'"
        raise UsageError(
            f"{what} cannot be tuned on corrections, only the kind that comes with the application",
            path=place,
            remedy="Go back to the emotion network of the application, or train yours again.",
        )
    return SpeechEmotion(place)


def _problem(features: VideoFeatures | None) -> str:
    """Why features cannot be learned from; empty if they can."""
    if features is None or any(signal.name not in features.tracks for signal in _HEARD):
        return "its speech is not kept yet"
    if any(features.versions.get(signal.name) != signal.version for signal in _HEARD):
        return "it was analysed by another version of the application"
    return ""
