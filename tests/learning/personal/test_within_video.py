from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.analysis.highlight import baseline
from core.cutting.cut import Cut
from core.learning.personal.within_video import (
    CUT_OFF,
    decided_in,
    propagated,
    questions_about,
    speaks,
)
from core.project.document import Decision, EditedCut, Medium, Project, Suggestion
from core.time import Span
from tests.project.analyses import analysis_of, speech

CELLS = 240
MEDIUM = "made"


@pytest.fixture
def analysis():
    """Four scenes of a minute; the first and the third look alike, as do the others."""
    random = np.random.default_rng(0)
    scene = np.arange(CELLS) // 60 % 2
    looks = random.normal(0, 1, (2, 900))
    made = analysis_of(np.stack([speech("happy", 0.9)] * CELLS))
    tracks = {
        **made.tracks,
        "loudness": random.normal(-20, 3, (CELLS, 2)).astype(np.float32),
        "spectrum": random.normal(0, 30, (CELLS, 6)).astype(np.float32),
        "motion": random.normal(5, 2, (CELLS, 4)).astype(np.float32),
        "visual-features": (looks[scene] + random.normal(0, 0.3, (CELLS, 900))).astype(np.float16),
    }
    return replace(
        made, tracks=tracks, highlight=baseline(tracks, CELLS, CELLS, made.grid.step)
    )  # fmt: skip


def cut(start, end, decision=Decision.OPEN, medium=MEDIUM, **changes):
    return EditedCut(Cut(Span(Fraction(start), Fraction(end))), medium, decision, **changes)


def project(*cuts):
    return Project((Medium(MEDIUM, Path("made.mp4")),), cuts)


SAYING_NOTHING = [
    cut(10, 20),
    cut(10, 20, suggestion=Suggestion(Span(Fraction(10), Fraction(20)))),
    cut(10, 20, Decision.MAYBE, touched=True),
    cut(10, 20, Decision.KEPT, medium="another"),
    cut(1000, 1010, Decision.KEPT),
]


@pytest.mark.parametrize("edited", SAYING_NOTHING)
def test_what_says_nothing_leaves_the_analysis_alone(analysis, edited):
    assert propagated(analysis, project(edited), MEDIUM) is analysis


@pytest.mark.parametrize(
    ("edited", "wish"),
    [
        (cut(10, 20, Decision.KEPT), 1),
        (cut(10, 20, touched=True), 1),
        (cut(10, 20, locked=True), 1),
        (cut(10, 20, Decision.REJECTED), 0),
        (cut(10, 20, Decision.REJECTED, touched=True), 0),
    ],
)
def test_what_an_editor_did_is_a_wish(analysis, edited, wish):
    found = decided_in(analysis, project(edited), MEDIUM)
    assert speaks(edited)
    assert found.decisions == 1
    assert (found.wanted[10:20] == wish).all()
    assert np.isnan(found.wanted[:10]).all()
    assert np.isnan(found.wanted[20:]).all()


def test_where_a_kept_cut_and_a_rejected_one_overlap_it_is_kept(analysis):
    cuts = project(cut(10, 20, Decision.KEPT), cut(15, 25, Decision.REJECTED))
    found = decided_in(analysis, cuts, MEDIUM)
    assert (found.wanted[10:20] == 1).all()
    assert (found.wanted[20:25] == 0).all()


def test_what_was_cut_off_a_suggestion_is_not_wanted_and_counts_less(analysis):
    suggestion = Suggestion(Span(Fraction(10), Fraction(20)))
    found = decided_in(analysis, project(cut(13, 22, touched=True, suggestion=suggestion)), MEDIUM)
    assert found.decisions == 1
    assert (found.wanted[13:22] == 1).all()
    assert (found.wanted[10:13] == 0).all()
    assert (found.weight[10:13] == CUT_OFF).all()
    after = propagated(
        analysis, project(cut(13, 22, touched=True, suggestion=suggestion)), MEDIUM
    ).highlight.score
    assert (after[10:13] < analysis.highlight.score[10:13]).all()


def test_the_best_moments_are_in_the_scenes_that_look_like_the_kept_one(analysis):
    decided = project(cut(65, 72, Decision.KEPT), cut(5, 12, Decision.REJECTED))

    def liked(curve):
        return np.mean(np.argsort(-curve.highlight.score)[:20] // 60 % 2 == 1)

    assert liked(analysis) < 0.7
    assert liked(propagated(analysis, decided, MEDIUM)) == 1


def test_decisions_follow_the_looks_into_scenes_far_away(analysis):
    after = propagated(
        analysis,
        project(cut(65, 72, Decision.KEPT), cut(5, 12, Decision.REJECTED)),
        MEDIUM,
    )
    moved = after.highlight.score - analysis.highlight.score
    assert moved[190:230].mean() > 0 > moved[130:170].mean()


def test_the_parts_still_add_up_and_the_source_says_so(analysis):
    cuts = project(cut(65, 72, Decision.KEPT), cut(5, 12, Decision.REJECTED))
    after = propagated(analysis, cuts, MEDIUM).highlight
    assert after.source.endswith(", and by your 2 decisions in this video")
    assert after.source.startswith(analysis.highlight.source)
    np.testing.assert_allclose(after.contributions.sum(axis=1), after.score, atol=1e-6)
    assert (after.contributions >= 0).all()
    assert after.score.dtype == after.contributions.dtype == np.float32
    assert (after.score >= 0).all()
    assert (after.score <= 1).all()


def test_one_decision_is_not_several(analysis):
    after = propagated(analysis, project(cut(65, 72, Decision.KEPT)), MEDIUM)
    assert after.highlight.source.endswith("by your 1 decision in this video")


def test_all_but_the_curve_stays(analysis):
    after = propagated(analysis, project(cut(65, 72, Decision.KEPT)), MEDIUM)
    assert replace(after, highlight=analysis.highlight) == analysis


def test_an_analysis_that_still_grows_is_followed_as_far_as_it_has_come(analysis):
    known = 100
    grown = replace(
        analysis,
        highlight=baseline(analysis.tracks, known, CELLS, analysis.grid.step),
        complete=False,
    )
    cuts = project(cut(65, 72, Decision.KEPT), cut(150, 160, Decision.REJECTED))
    after = propagated(grown, cuts, MEDIUM)
    assert after.highlight.score.shape == (known,)
    assert "your 1 decision " in after.highlight.source


def test_a_video_without_pictures_and_sound_follows_in_time():
    silent = analysis_of(np.stack([speech("happy", 0.9)] * 60))
    after = propagated(silent, project(cut(10, 15, Decision.REJECTED)), MEDIUM)
    assert (after.highlight.score[10:17] < silent.highlight.score[10:17]).all()


def test_questions_avoid_every_cut_that_is_there(analysis):
    cuts = project(cut(20, 110, Decision.KEPT), cut(130, 170), cut(200, 225, Decision.MAYBE))
    found = questions_about(analysis, cuts, MEDIUM, 5)
    assert found
    assert not any(q.span.overlaps(one.span) for q in found for one in cuts.cuts)
