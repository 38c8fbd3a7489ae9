"""From the cuts of a project to corrections in the library, with what training needs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.analysis.analysis import Analysis
from core.analysis.emotion_track import DEFAULT_WEIGHTS
from core.analysis.store import Store
from core.cutting.cut import Cut
from core.errors import Cancelled, UsageError
from core.learning.library.collecting import collect_project, corrections_of
from core.learning.library.library import Library
from core.learning.library.records import CutCorrection, Kind
from core.learning.library.training_tracks import features_of
from core.networks.weights import load_card
from core.project.document import Decision, EditedCut, Project
from core.project.editing import (
    add_cut,
    change_cut,
    decide,
    delete_cuts,
    lock_cuts,
    merge_cuts,
    split_cut,
    take_suggestions,
)
from core.project.emotion_corrections import EmotionCorrection
from core.signals.base import RowFormat
from core.signals.speech_emotion import weights_version
from core.time import Grid, Span
from tests.learning.library.corrected import (
    NOON,
    VERSIONS,
    A,
    B,
    analysis_of,
    cut,
    project_of,
    span,
)

OPEN, KEPT, MAYBE, REJECTED = Decision.OPEN, Decision.KEPT, Decision.MAYBE, Decision.REJECTED
SOUND = {"speech-emotion", "loudness", "spectrum", "speech-activity"}
PICTURE = {"motion", "visual-features"}
HAPPY = EmotionCorrection(span(2, 4), "happy")


def said(*cuts: EditedCut) -> list[CutCorrection]:
    """What the cuts of one video say."""
    found = corrections_of(project_of(*cuts), {A: Fraction(60)}, "p", NOON, {})
    return [one for video in found.videos for one in video.cuts]


def kinds(*cuts: EditedCut) -> list[str]:
    return [one.kind.value for one in said(*cuts)]


def test_each_decision_has_its_kind() -> None:
    ten = span(10, 20)
    assert kinds(cut(ten, KEPT, suggested=ten)) == ["kept"]
    assert kinds(cut(ten, OPEN, suggested=ten, locked=True)) == ["kept"]
    assert kinds(cut(ten, KEPT)) == ["added"]
    assert kinds(cut(span(13, 23), OPEN, suggested=ten, touched=True)) == ["moved"]
    assert kinds(cut(span(12, 20), OPEN, suggested=ten, touched=True)) == ["trimmed"]
    assert kinds(cut(span(9, 22), KEPT, suggested=ten, touched=True)) == ["trimmed"]
    assert kinds(cut(ten, REJECTED, suggested=ten)) == ["rejected"]
    assert kinds(cut(ten, REJECTED)) == ["rejected"]
    assert kinds(cut(ten, MAYBE, suggested=ten)) == ["maybe"]
    assert kinds(cut(span(12, 20), MAYBE, suggested=ten, touched=True)) == ["maybe"]


def test_what_nobody_decided_says_nothing() -> None:
    assert kinds(cut(span(1, 3), OPEN, suggested=span(1, 3))) == []


def test_a_rounding_is_no_change_and_a_frame_at_one_end_is_a_trim() -> None:
    ten = span(10, 20)
    nearly = cut(span("10.0004", "19.9996"), KEPT, suggested=ten)
    (kept,) = said(nearly)
    assert (kept.kind, kept.span) == (Kind.KEPT, ten)
    assert kinds(cut(Span(ten.start, ten.end - Fraction(1, 60)), suggested=ten)) == ["trimmed"]
    uneven = Span(ten.start + 3, ten.end + 3 + Fraction(1, 30))
    assert kinds(cut(uneven, suggested=ten)) == ["moved"], "it landed on frames"


def test_a_correction_tells_what_was_suggested_and_by_which_weights() -> None:
    (one,) = said(cut(span(12, 20), KEPT, suggested=span(10, 20), touched=True))
    assert one.suggestion is not None
    assert (one.span, one.suggestion.span, one.suggestion.model) == (
        span(12, 20), span(10, 20), "fusion-1",
    )  # fmt: skip


def described(medium: str, where: Span) -> Cut:
    return Cut(where)


def suggested(*spans: Span) -> Project:
    """A project in which so much is suggested."""
    return take_suggestions(project_of(), A, [Cut(one) for one in spans], model="fusion-1")


def by_kind(project: Project) -> list[tuple[str, float, float]]:
    (video,) = corrections_of(project, {A: Fraction(60)}, "p", NOON, {}).videos
    return [(c.kind.value, float(c.span.start), float(c.span.end)) for c in video.cuts]


def test_the_verbs_of_editing_arrive_as_what_they_are() -> None:
    project = suggested(span(0, 5), span(10, 15), span(20, 25), span(30, 35), span(40, 45))
    first, second, third, fourth, _ = (c.identifier for c in project.cuts)
    project = decide(project, [first], KEPT)
    project = delete_cuts(project, [second])
    project = change_cut(project, third, span(21, 26), described)
    project, _ = split_cut(project, fourth, Fraction(32), described)
    project = add_cut(project, A, span(50, 55), described)
    assert by_kind(project) == [
        ("kept", 0, 5),
        ("rejected", 10, 15),
        ("moved", 21, 26),
        ("trimmed", 30, 32),
        ("trimmed", 32, 35),
        ("added", 50, 55),
    ]


def test_both_parts_of_a_split_suggestion_tell_of_it() -> None:
    project = suggested(span(0, 6))
    project, second = split_cut(project, project.cuts[0].identifier, Fraction(2), described)
    project = decide(project, [second], REJECTED)
    (video,) = corrections_of(project, {A: Fraction(60)}, "p", NOON, {}).videos
    assert [c.kind for c in video.cuts] == [Kind.TRIMMED, Kind.REJECTED]
    assert all(c.suggestion and c.suggestion.span == span(0, 6) for c in video.cuts)


def test_merged_suggestions_are_one_trimmed_cut() -> None:
    project = suggested(span(0, 5), span(10, 15))
    project = merge_cuts(project, [c.identifier for c in project.cuts], described)
    assert by_kind(project) == [("trimmed", 0, 15)]


def test_a_locked_suggestion_is_kept() -> None:
    project = suggested(span(0, 5))
    assert by_kind(lock_cuts(project, [project.cuts[0].identifier], True)) == [("kept", 0, 5)]


def test_videos_of_which_nothing_is_said_are_left_out() -> None:
    project = project_of(cut(span(0, 5), OPEN, suggested=span(0, 5)), videos=(A, B))
    seen = {A: (span(0, 30),), B: (span(0, 30),)}
    assert corrections_of(project, {}, "p", NOON, seen).videos == ()
    heard = project_of(videos=(B, A), emotions=(HAPPY,))
    (video,) = corrections_of(heard, {B: Fraction(60)}, "p", NOON, seen).videos
    assert (video.video, video.emotions, video.cuts) == (B, (HAPPY,), ())


def test_open_suggestions_do_not_count_as_seen() -> None:
    project = project_of(cut(span(0, 5)), cut(span(10, 20), OPEN, suggested=span(10, 20)))
    seen = {A: (span(8, 12), span(15, 30), span(55, "60.04"), span(70, 71))}
    (video,) = corrections_of(project, {A: Fraction(60)}, "p", NOON, seen).videos
    assert video.seen == (span(8, 10), span(20, 30), span(55, 60)), "and no longer than the video"


def test_a_video_that_is_away_is_taken_to_end_with_its_last_correction() -> None:
    heard = EmotionCorrection(span(30, 40), None, 0.5)
    project = project_of(cut(span(0, 5)), emotions=(heard,))
    (video,) = corrections_of(project, {}, "p", NOON, {}).videos
    assert video.duration == 40


def collect(
    library: Library, project: Project, *, store: Store | None = None, path: str = "p",
    analysis: Analysis | None = None, seen: dict[str, tuple[Span, ...]] | None = None,
) -> int:  # fmt: skip
    given = {analysis.fingerprint: analysis} if analysis is not None else None
    return collect_project(
        library, project, path, durations={A: Fraction(20)}, seen=seen or {}, store=store,
        analyses=given, collected=NOON,
    )  # fmt: skip


def keep(analysis: Analysis, folder: Path, *, leave_out: tuple[str, ...] = ()) -> Store:
    """A store in which an analysis lies."""
    store = Store(folder)
    for name, rows in analysis.tracks.items():
        if name not in leave_out:
            layout = RowFormat(rows.shape[1:], rows.dtype.name)
            version = analysis.versions[name]
            store.track(
                analysis.fingerprint, analysis.grid, name, version, analysis.cells, layout
            ).complete(rows)
    return store


def same(library: Library, analysis: Analysis, names: set[str]) -> None:
    """The library has these tracks of the analysis, to the bit."""
    kept = library.features(analysis.fingerprint)
    assert kept is not None
    assert kept.step == analysis.grid.step
    assert set(kept.tracks) == names
    assert dict(kept.versions) == {name: analysis.versions[name] for name in names}
    for name in names:
        np.testing.assert_array_equal(kept.tracks[name], analysis.tracks[name])


def renewed(analysis: Analysis, **versions: str) -> Analysis:
    """The same with other versions of some tracks."""
    return replace(analysis, versions={**analysis.versions, **versions})


def test_what_training_needs_comes_out_of_the_store(tmp_path: Path) -> None:
    analysis = analysis_of()
    store = keep(analysis, tmp_path / "store")
    with Library.open() as library:
        assert collect(library, project_of(cut(span(0, 5))), store=store) == 1
        same(library, analysis, PICTURE | SOUND)
        collect(library, project_of(cut(span(0, 5)), emotions=(HAPPY,)), store=store)
        same(library, analysis, PICTURE | SOUND | {"speech-coefficients"})


def test_an_analysis_at_hand_will_do() -> None:
    analysis = analysis_of()
    with Library.open() as library:
        collect(library, project_of(cut(span(0, 5))), analysis=analysis)
        same(library, analysis, PICTURE | SOUND)
        assert library.features(A) is not None


def test_of_a_video_without_sound_there_are_the_pictures(tmp_path: Path) -> None:
    silent = analysis_of(sound=False)
    with Library.open() as library:
        project = project_of(cut(span(0, 5)), emotions=(HAPPY,))
        collect(library, project, store=keep(silent, tmp_path / "store"))
        same(library, silent, PICTURE)
    with Library.open(tmp_path / "other") as library:
        collect(library, project, analysis=silent)
        same(library, silent, PICTURE)


@pytest.mark.parametrize("missing", ["motion", "visual-features", "speech-emotion", "spectrum"])
def test_half_an_analysis_waits(tmp_path: Path, missing: str) -> None:
    store = keep(analysis_of(), tmp_path / "store", leave_out=(missing,))
    with Library.open() as library:
        assert collect(library, project_of(cut(span(0, 5))), store=store) == 1
        assert library.features(A) is None
        collect(library, project_of(cut(span(0, 5))), store=keep(analysis_of(), store.root))
        assert library.features(A) is not None


def test_a_growing_analysis_is_not_taken() -> None:
    with Library.open() as library:
        collect(library, project_of(cut(span(0, 5))), analysis=analysis_of(complete=False))
        assert library.features(A) is None
    with pytest.raises(UsageError, match="not whole"):
        features_of(analysis_of(complete=False))


def test_damaged_tracks_in_the_store_are_not_taken(tmp_path: Path) -> None:
    store = keep(analysis_of(), tmp_path / "store")
    (track,) = store.found(A, Grid(), "motion")
    (track.folder / "track.npy").write_bytes(b"\x93NUMPY and no more")
    with Library.open() as library:
        assert collect(library, project_of(cut(span(0, 5))), store=store) == 1
        assert library.features(A) is None


def test_features_are_written_again_only_when_they_are_others(tmp_path: Path) -> None:
    project = project_of(cut(span(0, 5)))
    first = analysis_of(seed=1)
    with Library.open() as library:
        collect(library, project, analysis=first)
        collect(library, project, analysis=analysis_of(seed=2))
        same(library, first, PICTURE | SOUND)
        newer = renewed(analysis_of(seed=3), motion="better", loudness="better")
        collect(library, project, analysis=newer)
        networks = {name: first.tracks[name] for name in ("speech-emotion", "visual-features")}
        mixed = replace(newer, tracks={**newer.tracks, **networks})
        same(library, mixed, PICTURE | SOUND)
        collect(library, project, store=Store(tmp_path / "empty"))
        same(library, mixed, PICTURE | SOUND)


@pytest.mark.parametrize("name", ["speech-emotion", "visual-features"])
def test_another_network_in_use_does_not_change_what_is_learned_from(name: str) -> None:
    """A learned one would hand on what was learned from corrections that were deleted since."""
    project = project_of(cut(span(0, 5)))
    first = analysis_of(seed=1)
    with Library.open() as library:
        collect(library, project, analysis=first)
        before = library.state("")
        collect(library, project, analysis=renewed(analysis_of(seed=2), **{name: "learned"}))
        same(library, first, PICTURE | SOUND)
        assert library.state("") == before


def test_what_the_shipped_network_heard_counts_before_what_a_learned_one_hears(
    tmp_path: Path,
) -> None:
    shipped = f"{weights_version(load_card(DEFAULT_WEIGHTS))}-made"
    heard = renewed(analysis_of(seed=1), **{"speech-emotion": shipped})
    learned = renewed(
        replace(
            heard,
            tracks={**heard.tracks, "speech-emotion": np.ones_like(heard.tracks["speech-emotion"])},
        ),
        **{"speech-emotion": "learned"},
    )
    keep(heard, tmp_path / "store")
    store = keep(learned, tmp_path / "store")
    for number, analysis in enumerate((None, learned)):
        with Library.open(tmp_path / f"{number}.sqlite") as library:
            collect(library, project_of(cut(span(0, 5))), store=store, analysis=analysis)
            same(library, heard, PICTURE | SOUND)


def test_of_two_versions_in_the_store_the_one_written_last_counts(tmp_path: Path) -> None:
    newer = analysis_of(picture=("another", 4))
    keep(analysis_of(), tmp_path / "store")
    store = keep(newer, tmp_path / "store")
    with Library.open() as library:
        collect(library, project_of(cut(span(0, 5))), store=store)
        same(library, newer, PICTURE | SOUND)


def test_speech_frames_stay_while_another_project_corrects_what_is_heard() -> None:
    with Library.open() as library:
        heard, plain = project_of(emotions=(HAPPY,)), project_of(cut(span(0, 5)))
        collect(library, heard, analysis=analysis_of(), path="heard")
        newer = renewed(analysis_of(), motion="better")
        collect(library, plain, analysis=newer, path="plain")
        same(library, newer, PICTURE | SOUND | {"speech-coefficients"})


def test_what_was_watched_adds_up_over_the_sittings() -> None:
    project = project_of(cut(span(0, 5)))
    with Library.open() as library:
        collect(library, project, seen={A: (span(6, 9),)})
        assert collect(library, project, seen={A: (span(8, 12),)}) == 0
        assert library.seen("", A) == (span(6, 12),)
        assert collect(library, project) == 0
        assert library.seen("", A) == (span(6, 12),)


def test_of_left_out_videos_nothing_is_kept() -> None:
    with Library.open() as library:
        library.leave_out(A, True)
        assert collect(library, project_of(cut(span(0, 5))), analysis=analysis_of()) == 0
        assert library.features(A) is None


def test_a_moved_away_video_keeps_its_duration() -> None:
    project = project_of(cut(span(0, 5)))
    with Library.open() as library:
        collect(library, project)
        collect_project(library, project, "p", durations={}, seen={})
        (video,) = library.videos()
        assert video.duration == 20


def test_the_profile_is_that_of_the_project() -> None:
    with Library.open() as library:
        collect(library, project_of(cut(span(0, 5)), profile="cooking"))
        assert library.profiles() == ["cooking"]


def test_a_cancelled_collection_takes_all_corrections_or_none() -> None:
    project = project_of(cut(span(0, 5)))
    asked = iter([False, True])
    with Library.open() as library:
        with pytest.raises(Cancelled):
            collect_project(library, project, "p", durations={}, seen={}, cancelled=lambda: True)
        assert library.corrections() == []
        with pytest.raises(Cancelled):
            collect_project(
                library, project, "p", durations={}, seen={}, cancelled=lambda: next(asked)
            )
        assert len(library.corrections()) == 1


def test_an_hour_takes_25_megabytes_at_the_most() -> None:
    """As many columns as the analysis of a real video has."""
    analysis = analysis_of(cells=10, picture=("real", 1280))
    for heard, most in ((False, 10), (True, 25)):
        kept = features_of(analysis, heard=heard)
        size = sum(rows.nbytes for rows in kept.tracks.values())
        assert size / 10 * 3600 / 1e6 < most


def test_full_precision_features_of_pictures_are_kept_in_half() -> None:
    analysis = analysis_of()
    wide = analysis.tracks["visual-features"].astype(np.float32)
    kept = features_of(replace(analysis, tracks={**analysis.tracks, "visual-features": wide}))
    assert kept.tracks["visual-features"].dtype == np.float16
    assert VERSIONS["visual-features"] == kept.versions["visual-features"]
