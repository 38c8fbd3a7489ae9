"""Makes corrections of what an editor did with the cuts of a project, and keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from core.analysis.analysis import Analysis
from core.analysis.store import Store
from core.errors import Cancelled
from core.learning.coverage import merged, without
from core.learning.library.library import Library
from core.learning.library.records import (
    CutCorrection,
    Kind,
    LibraryVideo,
    ProjectCorrections,
    VideoCorrections,
    VideoFeatures,
)
from core.learning.library.training_tracks import (
    features_of,
    heard_as_shipped,
    newer_features,
    stored_features,
    with_kept_networks,
)
from core.project.document import Decision, EditedCut, Medium, Project
from core.time import Grid, Span

_SAME = Fraction(1, 1000)
"""Seconds; ends that are nearer than that are the same one."""
_FRAME = Fraction(1, 24)
"""Seconds that a cut may become longer or shorter while it is moved: both ends land on frames."""


def corrections_of(
    project: Project,
    durations: Mapping[str, Fraction],
    path: Path | str,
    collected: datetime,
    seen: Mapping[str, tuple[Span, ...]],
) -> ProjectCorrections:
    """What the decisions in a project say.

    Only settled cuts speak. A suggestion that is still open neither says something nor counts as
    seen: who watched it may not have decided yet. A video of which no cut is settled and nothing
    heard is corrected is left out, even if it was watched.

    Args:
        project: The project.
        durations: Seconds of its videos by their fingerprints; one that is not there is taken to
            end where its last correction does.
        path: File of the project, which names it.
        collected: When, with a time zone.
        seen: What was watched, by fingerprint; in any order.
    """
    videos = (
        _video(medium, list(project.cuts_of(medium.identifier)), durations, seen)
        for medium in project.media
    )
    return ProjectCorrections(
        str(path),
        project.wishes.profile,
        collected,
        tuple(video for video in videos if video.cuts or video.emotions),
    )


def collect_project(
    library: Library,
    project: Project,
    path: Path | str,
    *,
    durations: Mapping[str, Fraction],
    seen: Mapping[str, tuple[Span, ...]],
    store: Store | None = None,
    analyses: Mapping[str, Analysis] | None = None,
    grid: Grid | None = None,
    collected: datetime | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Keeps what a project says, and what training needs of the videos that it speaks of.

    What was watched of a video adds to what the library knows was watched in this project. Features
    are written only if there are none, or one of their tracks is missing or has another version.

    Args:
        library: Is open.
        project: The project.
        path: Its file.
        durations: Seconds of its videos by their fingerprints; of others, those that the library
            knows count.
        seen: What was watched since, by fingerprint.
        store: Where the analyses are kept; None to look only at those that are given.
        analyses: By fingerprint, those that are at hand; whole ones count before the store.
        grid: Of the analyses in the store, cells of one second by default.
        collected: When; now by default.
        cancelled: Asked before each video.

    Returns:
        How many corrections are new, changed or gone.

    Raises:
        LibraryError: The library cannot be written.
        Cancelled: ``cancelled()`` returned true; corrections are kept all together or not at all,
            features video by video.
    """
    known = {video.video: video.duration for video in library.videos()}
    watched = {
        video: (*library.seen(None, video, project=str(path)), *seen.get(video, ()))
        for video in (medium.identifier for medium in project.media)
    }
    moment = datetime.now(UTC) if collected is None else collected
    corrections = corrections_of(project, {**known, **durations}, path, moment, watched)
    if cancelled():
        raise Cancelled
    changed = library.collect(corrections)
    spoken_of = {video.video for video in corrections.videos}
    for video in library.videos():
        if cancelled():
            raise Cancelled
        if video.video in spoken_of and not video.left_out:
            _keep_features(library, video, (analyses or {}).get(video.video), store, grid or Grid())
    return changed


def _keep_features(
    library: Library,
    video: LibraryVideo,
    analysis: Analysis | None,
    store: Store | None,
    grid: Grid,
) -> None:
    heard = bool(video.emotions)
    kept = library.has_features(video.video)
    features: VideoFeatures | None = None
    if analysis is not None and analysis.complete and analysis.versions:
        features = features_of(analysis, heard=heard)
        if store is not None:
            features = heard_as_shipped(features, store, video.video, analysis.grid)
    elif store is not None:
        features = stored_features(store, video.video, grid, heard=heard, kept=kept)
    if features is None or not newer_features(kept, features.versions):
        return
    before = library.features(video.video)
    if before is not None:
        features = with_kept_networks(features, before)
    if newer_features(kept, features.versions):
        library.keep_features(video.video, features)


def _video(
    medium: Medium,
    cuts: list[EditedCut],
    durations: Mapping[str, Fraction],
    seen: Mapping[str, tuple[Span, ...]],
) -> VideoCorrections:
    decided = tuple(_correction(edited) for edited in cuts if edited.settled)
    emotions = medium.emotion_corrections
    ends = (*(cut.span.end for cut in decided), *(one.span.end for one in emotions))
    duration = durations.get(medium.identifier, max(ends, default=Fraction(0)))
    undecided = [edited.span for edited in cuts if not edited.settled]
    watched = without(seen.get(medium.identifier, ()), undecided)
    return VideoCorrections(
        medium.identifier, medium.path, duration, decided, emotions, _inside(watched, duration)
    )


def _inside(spans: Iterable[Span], duration: Fraction) -> tuple[Span, ...]:
    """What is inside of the video: the last picture may be shown for longer than it lasts."""
    return merged(
        replace(span, end=min(span.end, duration)) for span in spans if span.start < duration
    )


def _correction(edited: EditedCut) -> CutCorrection:
    suggestion = edited.suggestion
    span = edited.span
    if suggestion is not None and _unchanged(span, suggestion.span):
        span = suggestion.span
    return CutCorrection(edited.identifier, _kind(edited), span, suggestion)


def _kind(edited: EditedCut) -> Kind:
    if edited.decision is Decision.REJECTED:
        return Kind.REJECTED
    if edited.decision is Decision.MAYBE:
        return Kind.MAYBE
    if edited.suggestion is None:
        return Kind.ADDED
    was, now = edited.suggestion.span, edited.span
    if _unchanged(now, was):
        return Kind.KEPT
    begin, end = now.start - was.start, now.end - was.end
    moved = min(abs(begin), abs(end)) > _SAME and abs(begin - end) <= _FRAME
    return Kind.MOVED if moved else Kind.TRIMMED


def _unchanged(now: Span, was: Span) -> bool:
    return abs(now.start - was.start) <= _SAME and abs(now.end - was.end) <= _SAME
