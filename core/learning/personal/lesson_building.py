"""Makes lessons out of the library: what each corrected video shows, and what was wanted there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.analysis.fusion import DEFAULT_WEIGHTS, Fusion
from core.analysis.fusion_features import fusion_features
from core.analysis.highlight import CONTRIBUTIONS
from core.learning.coverage import covered
from core.learning.library.decided_cells import Said, decided_cells
from core.learning.library.library import Library
from core.learning.library.records import LibraryVideo, StoredCorrection, VideoFeatures
from core.learning.personal.lessons import Lesson
from core.signals.loudness import Loudness
from core.signals.motion import Motion
from core.signals.spectrum import Spectrum
from core.signals.speech_emotion import SpeechEmotion
from core.signals.visual_features import VisualFeatures
from core.time import Span

_PICTURE = VisualFeatures.name
_MEASURED = (Loudness, Spectrum, Motion)
"""What a fusion reads as it was measured; a recogniser's claims and pictures may be of any."""
_COLUMNS = {signal.name: len(signal.columns) for signal in (*_MEASURED, SpeechEmotion)}


@dataclass(frozen=True)
class LessonSettings:
    """How much each kind of decision counts.

    What is perhaps wanted counts nothing: it is neither above nor below another moment by the
    editor's own word, and half a wish would pull it towards a number that nobody named.

    Attributes:
        made: Cells that the editor put into the short by hand: added, moved or trimmed cuts.
        kept: Cells of suggestions that were left as they were. A little less: to leave what is
            offered costs nothing, and it teaches a model little that it thought so before.
        rejected: Cells of rejected cuts.
        cut_off: What was suggested and then trimmed or moved away. Edges are also moved for the
            rhythm of a short, so that they tell less of the moment than a rejection does.
        seen: Cells that were watched and that no cut reaches into. Together they never count for
            more than all that was decided in the video.
    """

    made: float = 1.0
    kept: float = 0.8
    rejected: float = 1.0
    cut_off: float = 0.4
    seen: float = 0.1


def build_lessons(
    library: Library,
    profile: str,
    *,
    fusion: Path | None = DEFAULT_WEIGHTS,
    settings: LessonSettings = LessonSettings(),
    videos: Collection[str] | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> list[Lesson]:
    """What the videos of a profile teach, from the library alone.

    Args:
        library: Is open.
        profile: Its name; empty for the usual one.
        fusion: Folder of the weights that make the base curve; None for the transparent baseline.
        settings: How much each kind of decision counts.
        videos: Fingerprints of those that are asked for; all by default.
        tell: Receives a sentence for each video that cannot be learned from.

    Returns:
        A lesson for each video in which something is known, by fingerprint. Videos that the user
        left out are not among them, nor are those of which no features are kept, or whose pictures
        were described by another network than those of most.

    Raises:
        ModelError: The weights are damaged.
        LibraryError: The library cannot be read.
    """
    asked = [
        video
        for video in sorted(library.videos(profile), key=lambda video: video.video)
        if not video.left_out and video.counts and (videos is None or video.video in videos)
    ]
    corrections: defaultdict[str, list[StoredCorrection]] = defaultdict(list)
    for one in library.corrections(profile):
        corrections[one.video].append(one)
    alike = _usual_pictures(library, library.videos(profile))
    curve: Fusion | None = None
    dimension = 0
    lessons = []
    for video in asked:
        features = library.features(video.video)
        problem = _problem(features, alike, dimension)
        if features is None or problem:
            tell(f"{video.path.name} teaches nothing: {problem}. Open it, so that it is analysed.")
            continue
        if curve is None:
            dimension = features.tracks[_PICTURE].shape[1]
            curve = Fusion(fusion, alike, dimension)
        lesson = _lesson(
            video,
            features,
            curve,
            *wishes(
                corrections[video.video],
                library.seen(profile, video.video),
                len(features.tracks[_PICTURE]),
                features.step,
                video.duration,
                settings,
            ),
        )
        if lesson.known.any():
            lessons.append(lesson)
    return lessons


def wishes(
    corrections: Collection[StoredCorrection],
    seen: Iterable[Span],
    cells: int,
    step: Fraction,
    duration: Fraction,
    settings: LessonSettings = LessonSettings(),
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the corrections of one video want, cell by cell.

    Args:
        corrections: Of this video, from one project or several.
        seen: Stretches that were watched.
        cells: Number of cells.
        step: Seconds per cell.
        duration: Seconds that the video lasts.
        settings: How much each kind of decision counts.

    Returns:
        ``(T,) float32`` what is wanted, 0 or 1 and NaN where nothing is known; and ``(T,)
        float32`` how much that counts.
    """
    said = decided_cells(corrections, cells, step, duration)
    wanted = np.full(cells, np.nan, np.float32)
    weight = np.zeros(cells, np.float32)
    for what, wish, counts in (
        (Said.CUT_OFF, 0.0, settings.cut_off),
        (Said.REJECTED, 0.0, settings.rejected),
        (Said.KEPT, 1.0, settings.kept),
        (Said.MADE, 1.0, settings.made),
    ):
        if counts > 0:
            wanted[said == what] = wish
            weight[said == what] = counts
    watched = covered(((span.start, span.end) for span in seen), cells, step, duration)
    weak = watched & (said == Said.NOTHING)
    decided = float(weight.sum(dtype=np.float64))
    if weak.any() and decided > 0 and settings.seen > 0:
        wanted[weak] = 0.0
        weight[weak] = min(settings.seen, decided / int(weak.sum()))
    return wanted, weight


def _lesson(
    video: LibraryVideo,
    features: VideoFeatures,
    curve: Fusion,
    wanted: NDArray[np.float32],
    weight: NDArray[np.float32],
) -> Lesson:
    tracks, cells = features.tracks, len(wanted)
    dimension = tracks[_PICTURE].shape[1]
    columns, places, present = fusion_features(tracks, cells, cells, dimension)
    base = curve.highlight(tracks, cells, cells, features.step).score
    return Lesson(
        video.video,
        {name: columns[:, places[name]] for name in CONTRIBUTIONS},
        {name: present[:, index] for index, name in enumerate(CONTRIBUTIONS)},
        np.clip(base, 0.0, 1.0),
        wanted,
        weight,
    )


def _usual_pictures(library: Library, videos: Iterable[LibraryVideo]) -> str:
    """The version of the visual features that most of the videos have."""
    versions = [library.has_features(video.video).get(_PICTURE, "") for video in videos]
    counts = Counter(version for version in versions if version)
    return max(counts, key=lambda version: (counts[version], version), default="")


def _problem(features: VideoFeatures | None, alike: str, dimension: int) -> str:
    """Why features cannot be learned from; empty if they can.

    Args:
        features: What is kept of a video.
        alike: Version that the visual features must have.
        dimension: That they must have; 0 for any.
    """
    if features is None or not {_PICTURE, Motion.name} <= features.tracks.keys():
        return "what it shows is not kept yet"
    tracks, versions = features.tracks, features.versions
    shape = tracks[_PICTURE].shape
    if versions[_PICTURE] != alike or len(shape) != 2 or dimension not in (0, shape[1]):
        return "its pictures were described by another network than those of most videos"
    if any(versions.get(signal.name, signal.version) != signal.version for signal in _MEASURED):
        return "it was analysed by another version of the application"
    if len({len(rows) for rows in tracks.values()}) != 1 or any(
        tracks[name].shape[1:] != (columns,) for name, columns in _COLUMNS.items() if name in tracks
    ):
        return "what is kept of it does not fit together"
    return ""
