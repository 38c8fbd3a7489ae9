"""What is shown while a cut is dragged is what the edit makes of it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cutting.cut import Cut
from core.project.document import LEAST_CUT, Decision, EditedCut
from core.project.magnets import Landmarks, Magnets
from core.time import Span
from desktop.editor import Editor
from desktop.timeline.cut_drag import CutDrag, Part
from tests.desktop.lanes import MEDIUM, editor_on
from tests.project.analyses import SILENCE, analysis_of, track

SECONDS = 40
RATES = (Fraction(25), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60))
DECISIONS = (Decision.KEPT, Decision.OPEN, Decision.MAYBE)


def editor_at(rate: Fraction, spans: list[tuple[int, int]], decisions: list[Decision]) -> Editor:
    """An editor with cuts on frames: each is its first frame and its number of frames."""
    analysis = analysis_of(track(*[SILENCE] * SECONDS))
    video = replace(analysis.info.video, frame_rate=rate)
    editor = editor_on(replace(analysis, info=replace(analysis.info, video=video)))
    frames = editor.frames
    assert frames is not None
    cuts = [
        EditedCut(Cut(Span(frames.time(first), frames.time(first + count))), MEDIUM, decision)
        for (first, count), decision in zip(spans, decisions, strict=True)
    ]
    editor.project = editor.project.with_cuts(sorted(cuts, key=lambda c: c.span))
    return editor


@st.composite
def scenes(draw: st.DrawFn) -> Editor:
    firsts = sorted(draw(st.sets(st.integers(0, 17), min_size=1, max_size=6)))
    spans = [(50 * n + draw(st.integers(0, 10)), draw(st.integers(13, 40))) for n in firsts]
    decisions = [draw(st.sampled_from(DECISIONS)) for _ in spans]
    return editor_at(draw(st.sampled_from(RATES)), spans, decisions)


@settings(deadline=None)
@given(
    scenes(),
    st.sampled_from(Part),
    st.fractions(-45, 45, max_denominator=997),
    st.booleans(),
    st.data(),
)
def test_the_edit_is_what_the_preview_showed(
    qapp: object, editor: Editor, part: Part, distance: Fraction, pulls: bool, data: st.DataObject
) -> None:
    project, frames, info = editor.project, editor.frames, editor.info
    assert frames is not None
    assert info is not None
    chosen = data.draw(
        st.lists(st.sampled_from(project.cuts), min_size=1, unique_by=lambda c: c.identifier)
    )
    drag = CutDrag(project, chosen[0], part, chosen, frames, info.duration)
    moving = [cut.identifier for cut in drag.moving]
    magnets = Magnets(Landmarks(None), project, MEDIUM, Fraction(10), leave_out=moving)
    preview = drag.to(distance, magnets if pulls else None, Fraction(1, 3))
    refusals: list[str] = []
    editor.problem.connect(refusals.append)
    editor.change_cuts(preview.spans)
    after = {c.identifier: c.span for c in editor.project.cuts if c.identifier in preview.spans}
    assert refusals == []
    assert after == dict(preview.spans)
    untouched = [c for c in editor.project.cuts if c.identifier not in preview.spans]
    assert untouched == [c for c in project.cuts if c.identifier not in preview.spans]
    assert all(span.duration >= LEAST_CUT for span in after.values())
    editor.undo_stack.undo()
    assert editor.project == project


@pytest.mark.parametrize("rate", RATES)
def test_a_moved_cut_keeps_its_number_of_frames(qapp: object, rate: Fraction) -> None:
    editor = editor_at(rate, [(100, 30)], [Decision.KEPT])
    frames, info = editor.frames, editor.info
    assert frames is not None
    assert info is not None
    (edited,) = editor.project.cuts
    drag = CutDrag(editor.project, edited, Part.BODY, [edited], frames, info.duration)
    for hundredths in range(-300, 900, 7):
        preview = drag.to(Fraction(hundredths, 100), None, Fraction(0))
        span = preview.spans[edited.identifier]
        begin, end = frames.number(span.start), frames.number(span.end)
        assert (frames.time(begin), frames.time(end)) == (span.start, span.end)
        assert end - begin == 30
        assert preview.frame == begin
