"""From the library to lessons: what was wanted in each cell, and what it looked like there."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.analysis.analysis import Analysis
from core.analysis.fusion_features import fusion_features
from core.analysis.highlight import CONTRIBUTIONS
from core.analysis.pipeline import analyse
from core.analysis.store import Store
from core.learning.library.collecting import collect_project
from core.learning.library.library import Library
from core.learning.library.training_tracks import features_of
from core.learning.personal.lesson_building import LessonSettings, build_lessons
from core.learning.personal.lessons import Lesson, teaching
from core.places import SAMPLE_VIDEO
from core.project.document import Decision, Medium, Project
from core.project.emotion_corrections import EmotionCorrection
from core.time import Span
from tests.learning.library.corrected import NOON, A, B, analysis_of, cut, project_of, span

OPEN, KEPT, MAYBE, REJECTED = Decision.OPEN, Decision.KEPT, Decision.MAYBE, Decision.REJECTED
NAN = float("nan")


def collect(
    library: Library, project: Project, *analyses: Analysis, path: str = "p", hours: int = 0,
    seen: dict[str, tuple[Span, ...]] | None = None,
) -> None:  # fmt: skip
    collect_project(
        library, project, path,
        durations={one.fingerprint: one.info.duration for one in analyses}, seen=seen or {},
        analyses={one.fingerprint: one for one in analyses},
        collected=NOON + timedelta(hours=hours),
    )  # fmt: skip


def lesson_of(
    project: Project, *, seen: tuple[Span, ...] = (), cells: int = 20, profile: str = ""
) -> Lesson:
    """What one project teaches of one video."""
    with Library.open() as library:
        collect(library, project, analysis_of(cells=cells), seen={A: seen})
        (lesson,) = build_lessons(library, profile, fusion=None)
        return lesson


def test_every_cell_is_wanted_as_the_editor_decided() -> None:
    lesson = lesson_of(
        project_of(
            cut(span(0, 2), KEPT, suggested=span(0, 2)),
            cut(span(3, 5), REJECTED, suggested=span(3, 5)),
            cut(span(6, 8), KEPT),
            cut(span(9, 11), MAYBE, suggested=span(9, 11)),
            cut(span(13, 15), KEPT, suggested=span(12, 16), touched=True),
            cut(span(17, 18), OPEN, suggested=span(17, 18)),
        ),
        seen=(span(8, 20),),
    )
    wanted = [1, 1, NAN, 0, 0, NAN, 1, 1, 0, NAN, NAN, 0, 0, 1, 1, 0, 0, NAN, 0, 0]
    weight = [.8, .8, 0, 1, 1, 0, 1, 1, .1, 0, 0, .1, .4, 1, 1, .4, .1, 0, .1, .1]  # fmt: skip
    np.testing.assert_array_equal(lesson.wanted, np.float32(wanted))
    np.testing.assert_array_equal(lesson.weight, np.float32(weight))


def test_a_moved_cut_wants_where_it_is_and_not_where_it_was() -> None:
    lesson = lesson_of(project_of(cut(span(4, 8), suggested=span(2, 6), touched=True)), cells=10)
    np.testing.assert_array_equal(lesson.wanted, np.float32([NAN, NAN, 0, 0, 1, 1, 1, 1, NAN, NAN]))


def test_what_one_cut_gave_away_another_may_want() -> None:
    lesson = lesson_of(
        project_of(
            cut(span(2, 4), suggested=span(2, 8), touched=True),
            cut(span(5, 7), KEPT),
        ),
        cells=10,
    )
    np.testing.assert_array_equal(lesson.wanted, np.float32([NAN, NAN, 1, 1, 0, 1, 1, 0, NAN, NAN]))


def test_hours_of_watching_do_not_outweigh_three_decisions() -> None:
    cuts = [cut(span(100 * n, 100 * n + 5), KEPT) for n in range(3)]
    lesson = lesson_of(project_of(*cuts), seen=(span(0, 7200),), cells=7200)
    weak = lesson.wanted == 0
    assert weak.sum() == 7200 - 15
    assert lesson.weight[weak].sum() == pytest.approx(lesson.weight[~weak].sum(), rel=1e-5)
    assert lesson.weight[~weak].min() == 1


def test_only_watching_teaches_nothing() -> None:
    with Library.open() as library:
        maybe = project_of(cut(span(2, 4), MAYBE))
        collect(library, maybe, analysis_of(), seen={A: (span(0, 20),)})
        assert build_lessons(library, "", fusion=None) == []


def test_the_weights_of_each_kind_can_be_set() -> None:
    project = project_of(
        cut(span(0, 2), KEPT, suggested=span(0, 2)), cut(span(4, 5), suggested=span(3, 5))
    )
    with Library.open() as library:
        collect(library, project, analysis_of(cells=6), seen={A: (span(0, 6),)})
        settings = LessonSettings(made=2.0, kept=0.5, cut_off=0.0, seen=0.0)
        (lesson,) = build_lessons(library, "", fusion=None, settings=settings)
    np.testing.assert_array_equal(lesson.weight, np.float32([0.5, 0.5, 0, 0, 2, 0]))
    np.testing.assert_array_equal(lesson.wanted, np.float32([1, 1, NAN, NAN, 1, NAN]))


def test_of_several_projects_the_last_word_counts() -> None:
    with Library.open() as library:
        before, after = project_of(cut(span(0, 6), KEPT)), project_of(cut(span(2, 4), REJECTED))
        collect(library, after, analysis_of(), path="a", hours=2)
        collect(library, before, analysis_of(), path="z", hours=1)
        (lesson,) = build_lessons(library, "", fusion=None)
    np.testing.assert_array_equal(lesson.wanted[:7], np.float32([1, 1, 0, 0, 1, 1, NAN]))


def test_profiles_learn_apart() -> None:
    with Library.open() as library:
        collect(library, project_of(cut(span(0, 6)), profile="cooking"), analysis_of(), path="c")
        collect(library, project_of(cut(span(0, 6), REJECTED)), analysis_of(), path="u")
        cooking, usual = (build_lessons(library, name, fusion=None) for name in ("cooking", ""))
    assert (cooking[0].wanted[0], usual[0].wanted[0]) == (1, 0)


def test_the_columns_are_those_that_a_fusion_sees() -> None:
    analysis = analysis_of()
    with Library.open() as library:
        collect(library, project_of(cut(span(0, 6))), analysis)
        (lesson,) = build_lessons(library, "", fusion=None)
    features, columns, present = fusion_features(analysis.tracks, 20, 20, 3)
    assert tuple(lesson.groups) == CONTRIBUTIONS
    for index, name in enumerate(CONTRIBUTIONS):
        np.testing.assert_array_equal(lesson.groups[name], features[:, columns[name]])
        np.testing.assert_array_equal(lesson.present[name], present[:, index])
    np.testing.assert_array_equal(lesson.base, analysis.highlight.score)


def test_a_video_without_sound_teaches_too() -> None:
    silent = analysis_of(sound=False)
    with Library.open() as library:
        collect(library, project_of(cut(span(0, 6))), silent)
        (lesson,) = build_lessons(library, "", fusion=None)
    assert not lesson.present["sound"].any()
    assert lesson.present["picture"].all()
    assert not lesson.groups["emotion"].any()


def of_videos(library: Library, **pictures: tuple[str, int]) -> list[str]:
    """Videos by name, each with a kept cut, and the version and dimension of its pictures."""
    names = []
    for name, picture in pictures.items():
        video = name * 32
        names.append(video)
        project = project_of(cut(span(0, 6), video=video), videos=(video,))
        collect(library, project, analysis_of(video, picture=picture), path=name)
    return names


def test_pictures_described_by_another_network_are_left_out_and_told() -> None:
    told: list[str] = []
    with Library.open() as library:
        first, _, third = of_videos(library, a=("flat", 3), b=("odd", 5), c=("flat", 3))
        lessons = build_lessons(library, "", fusion=None, tell=told.append)
    assert [one.video for one in lessons] == [first, third]
    assert len(told) == 1
    assert told[0].startswith("b.mp4 ")
    assert "another network" in told[0]


def test_the_same_network_with_another_dimension_is_left_out() -> None:
    told: list[str] = []
    with Library.open() as library:
        first, _ = of_videos(library, a=("flat", 3), b=("flat", 5))
        lessons = build_lessons(library, "", fusion=None, tell=told.append)
    assert [one.video for one in lessons] == [first]
    assert len(told) == 1


def test_only_what_is_asked_for_is_built() -> None:
    with Library.open() as library:
        names = of_videos(library, a=("flat", 3), b=("flat", 3), c=("flat", 3))
        asked = build_lessons(library, "", fusion=None, videos=names[1:])
    assert [one.video for one in asked] == names[1:]


def test_left_out_videos_and_those_without_features_teach_nothing() -> None:
    told: list[str] = []
    with Library.open() as library:
        first, second = of_videos(library, a=("flat", 3), b=("flat", 3))
        collect(library, project_of(cut(span(0, 6), video="d" * 32), videos=("d" * 32,)), path="d")
        library.leave_out(second, True)
        lessons = build_lessons(library, "", fusion=None, tell=told.append)
    assert [one.video for one in lessons] == [first]
    assert len(told) == 1, "what the user left out needs no word"
    assert "not kept yet" in told[0]


def test_corrections_of_what_is_heard_are_no_wish() -> None:
    heard = EmotionCorrection(span(0, 5), "happy")
    with Library.open() as library:
        collect(library, project_of(emotions=(heard,)), analysis_of())
        assert build_lessons(library, "", fusion=None) == []


class FlatBackbone:
    """Describes a picture by its mean colour: the shipped fusion does not look at pictures."""

    name = version = "flat"
    dimension = 3

    def features(self, pictures: np.ndarray) -> np.ndarray:
        return pictures.mean(axis=(1, 2)).astype(np.float32)


def test_after_the_video_is_gone_it_teaches_what_it_taught(tmp_path: Path) -> None:
    """The sample video: analysed, decided, collected, deleted with its analysis; then learned."""
    video = tmp_path / "video.mp4"
    video.write_bytes(SAMPLE_VIDEO.read_bytes())
    store = Store(tmp_path / "store")
    analysis = analyse(video, store=store, backbone=FlatBackbone())
    name = analysis.fingerprint
    assert analysis.highlight.model.startswith("fusion-"), "the shipped network made the curve"
    best = int(analysis.highlight.score[10:-10].argmax()) + 10
    wanted = span(best - 3, best + 3)
    cuts = (cut(wanted, suggested=wanted, video=name), cut(span(0, 4), REJECTED, video=name))
    project = Project((Medium(name, video),), cuts)
    with Library.open() as library:
        durations = {name: analysis.info.duration}
        assert collect_project(
            library, project, "p", durations=durations, seen={}, store=store
        ) == 2  # fmt: skip
        assert library.has_features(name) == features_of(analysis, heard=False).versions
    video.unlink()
    for file in sorted(store.root.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()

    with Library.open() as library:
        (lesson,) = build_lessons(library, "")
    assert teaching([lesson]) == [lesson]
    np.testing.assert_array_equal(lesson.base, analysis.highlight.score)
    np.testing.assert_array_equal(np.flatnonzero(lesson.wanted == 1), range(best - 3, best + 3))
    np.testing.assert_array_equal(np.flatnonzero(lesson.wanted == 0), range(4))
    assert lesson.present["emotion"].sum() == np.isfinite(
        analysis.tracks["speech-emotion"][:, :9]
    ).all(axis=1).sum()  # fmt: skip


def test_another_grid_has_its_own_cells() -> None:
    with Library.open() as library:
        analysis = analysis_of(cells=20)
        collect(library, project_of(cut(span(0, 6))), analysis)
        features = library.features(A)
        assert features is not None
        finer = type(features)(Fraction(1, 2), features.tracks, features.versions)
        library.keep_features(A, finer)
        (lesson,) = build_lessons(library, "", fusion=None)
    np.testing.assert_array_equal(np.flatnonzero(lesson.wanted == 1), range(12))
    assert lesson.video != B
