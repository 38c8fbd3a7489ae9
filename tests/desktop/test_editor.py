"""Any sequence of edits: undone it gives the start, redone the end, and reopened the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from core.cutting.cut import Cut
from core.export.camera import Keyframe
from core.export.captions.caption import Caption, Word
from core.export.clip import Join
from core.media.probe import AudioStream, MediaInfo, VideoStream
from core.project.document import Decision, Medium, Project
from core.project.emotion_corrections import EmotionCorrection
from core.project.project_file import read_project
from core.project.session import ProjectSession
from core.time import Span
from desktop.editor import Editor
from tests.project.projects import cameras, captions, joins, looks, spans

RATE = Fraction(30000, 1001)
MEDIA = (Medium("a" * 32, Path("a.mp4").absolute()), Medium("b" * 32, Path("b.mp4").absolute()))

ANOTHER = Medium("c" * 32, Path("c.mp4").absolute())


def info(medium: Medium) -> MediaInfo:
    video = VideoStream(0, "h264", 1280, 720, 1280, 720, 0, RATE, Fraction(1, 30000), Fraction(0))
    audio = AudioStream(1, "aac", 48_000, "stereo", Fraction(0))
    return MediaInfo(medium.path, Fraction(0), 1800 / RATE, video, audio)


seconds = st.fractions(-1, 62, max_denominator=90_000)
places = st.integers(0, 9)
Edit = Callable[[Editor], object]


def chosen(editor: Editor, numbers: list[int]) -> list[str]:
    cuts = editor.project.cuts
    return list(dict.fromkeys(cuts[n % len(cuts)].identifier for n in numbers)) if cuts else []


def selecting(numbers: list[int], act: Callable[[Editor], object]) -> Edit:
    def edit(editor: Editor) -> object:
        editor.set_selection(chosen(editor, numbers))
        return act(editor)

    return edit


def trimming(number: int, start: Fraction, length: Fraction) -> Edit:
    return lambda e: [e.change_cut(i, Span(start, start + length)) for i in chosen(e, [number])]


def reordering(numbers: list[int], before: int) -> Edit:
    def edit(editor: Editor) -> None:
        moved = chosen(editor, numbers)
        others = [i for i in chosen(editor, [before]) if i not in moved]
        editor.reorder(moved, others[0] if others else "")

    return edit


def suggesting(medium: int, parts: list[tuple[int, int]]) -> Edit:
    cuts = [Cut(Span(Fraction(s), Fraction(s + n))) for s, n in sorted(parts)]
    return lambda e: e.take_suggestions({MEDIA[medium].identifier: cuts})


def moving_window(number: int, share: Fraction, x: float, zoom: float) -> Edit:
    def edit(editor: Editor) -> None:
        for identifier in chosen(editor, [number]):
            cut = editor.project.find(identifier)
            assert cut is not None
            time = cut.span.start + share * cut.span.duration
            editor.put_keyframe(identifier, Keyframe(time, x, zoom=zoom), gesture="window")

    return edit


several = st.lists(places, max_size=3)
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(lambda s: lambda e: e.add_cut(s), seconds),
    st.builds(lambda m: lambda e: e.show_medium(MEDIA[m].identifier), st.integers(0, 1)),
    st.builds(trimming, places, seconds, st.fractions(Fraction(1, 9), 20, max_denominator=90_000)),
    st.builds(lambda n, s: selecting(n, lambda e: e.split(s)), several, seconds),
    st.builds(lambda n: selecting(n, lambda e: e.delete(e.selection)), several),
    st.builds(lambda n: selecting(n, lambda e: e.duplicate(e.selection)), several),
    st.builds(lambda n: selecting(n, lambda e: e.merge(e.selection)), several),
    st.builds(reordering, several, places),
    st.builds(
        lambda n, d: selecting(n, lambda e: e.shift(e.selection, d)), several,
        st.sampled_from([-1, 1]),
    ),
    st.builds(
        lambda n, d: selecting(n, lambda e: e.decide(e.selection, d)), several,
        st.sampled_from(Decision),
    ),
    st.builds(
        lambda n, on: selecting(n, lambda e: e.lock(e.selection, on)), several, st.booleans()
    ),
    st.builds(
        lambda n, f, b, t: selecting(n, lambda e: e.nudge(f, begin=b, end=t)), several,
        st.integers(-40, 40), st.booleans(), st.booleans(),
    ),
    st.builds(
        lambda s, n, v: lambda e: e.correct_emotion(
            EmotionCorrection(Span(max(s, Fraction(0)), max(s, Fraction(0)) + n), "sad", v)
        ),
        seconds, st.fractions(Fraction(1, 9), 9, max_denominator=90_000), st.floats(-1, 1),
    ),
    st.builds(
        lambda s: lambda e: e.forget_corrections(Span(s, s + 5)), seconds
    ),
    st.builds(lambda v: lambda e: e.set_wish("Length", length=v), st.floats(1, 600)),
    st.builds(
        lambda v: lambda e: e.set_wish("Threshold", gesture="drag", threshold=v),
        st.none() | st.floats(0, 1),
    ),
    st.builds(lambda v: lambda e: e.set_look("Title", gesture="typing", title=v), st.text()),
    st.builds(lambda v: lambda e: e.set_look("Look", **vars(v)), looks),
    st.builds(lambda n, j: lambda e: [e.set_join(i, j) for i in chosen(e, [n])], places, joins),
    st.builds(moving_window, places, st.fractions(0, 1), st.floats(-1, 2), st.floats(0, 20)),
    st.builds(lambda n, c: lambda e: [e.set_camera(i, c) for i in chosen(e, [n])], places, cameras),
    st.builds(lambda n: selecting(n, lambda e: e.clear_camera(e.selection)), several),
    st.builds(lambda c: lambda e: e.replace_captions("Import", e.medium, c), captions),
    st.builds(lambda n, t: lambda e: e.edit_caption(n, t), places, st.text()),
    st.builds(lambda n, s: lambda e: e.retime_caption(n, s, gesture="drag"), places, spans),
    st.builds(lambda n, s: lambda e: e.split_caption(n, seconds=s), places, seconds),
    st.builds(lambda n, p: lambda e: e.split_caption(n, place=p), places, places),
    st.builds(lambda n: lambda e: e.merge_captions(n), several),
    st.builds(lambda n: lambda e: e.delete_captions(n), several),
    st.builds(lambda s, t: lambda e: e.add_caption(Caption(s, t)), spans, st.text()),
    st.just(lambda e: e.start_anew()),
    st.just(lambda e: e.add_medium(ANOTHER, info(ANOTHER))),
)  # fmt: skip
suggestions: st.SearchStrategy[Edit] = st.builds(
    suggesting,
    st.integers(0, 1),
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=4),
)


@pytest.fixture
def editor(qapp: QApplication) -> Iterator[Editor]:
    made = Editor()
    yield made
    if made.session is not None:
        made.session.close()


def begin(editor: Editor) -> None:
    """An empty project of two videos, in a file of its own."""
    if editor.session is not None:
        editor.session.close()
    session = ProjectSession.new().session
    editor.open(session, Project(MEDIA), {m.identifier: info(m) for m in MEDIA})


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(suggestions, st.lists(edits, max_size=14))
def test_any_edits_can_be_undone_redone_saved_and_reopened(
    editor: Editor, suggestion: Edit, sequence: list[Edit]
) -> None:
    begin(editor)
    suggestion(editor)
    start, stack = editor.project, editor.undo_stack
    for edit in sequence:
        edit(editor)
    end = editor.project
    while stack.canUndo():
        stack.undo()
    assert editor.project == start
    while stack.canRedo():
        stack.redo()
    assert editor.project == end
    assert editor.session is not None
    editor.session.save(end)
    assert read_project(editor.session.path) == end


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(edits, max_size=10), st.lists(suggestions, min_size=1, max_size=3))
def test_suggestions_never_touch_what_was_decided(
    editor: Editor, sequence: list[Edit], suggested: list[Edit]
) -> None:
    begin(editor)
    suggested[0](editor)
    for edit in sequence:
        edit(editor)
    settled = [c for c in editor.project.cuts if c.settled]
    rejected = [c for c in settled if c.decision is Decision.REJECTED]
    for suggestion in suggested:
        suggestion(editor)
        assert [c for c in editor.project.cuts if c.settled] == settled
        held = editor.selection
        new = [c for c in editor.project.cuts if not c.settled and c.identifier not in held]
        for cut in rejected:
            assert not any(c.medium == cut.medium and c.span.overlaps(cut.span) for c in new)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(edits | suggestions, max_size=14))
def test_all_cuts_stay_on_frames_inside_their_videos(editor: Editor, sequence: list[Edit]) -> None:
    begin(editor)
    for edit in sequence:
        edit(editor)
        ends = {medium: Fraction(0) for medium in editor.infos}
        for cut in editor.project.cuts:
            assert 0 <= cut.span.start < cut.span.end
            if cut.touched:
                ends[cut.medium] = max(ends[cut.medium], cut.span.end)
        assert len({c.identifier for c in editor.project.cuts}) == len(editor.project.cuts)
        assert all(end <= 1800 / RATE for end in ends.values())
        assert set(editor.selection) <= {c.identifier for c in editor.project.cuts}


def test_a_drag_of_the_window_is_one_edit_with_keyframes_on_frames_of_the_cut(
    editor: Editor,
) -> None:
    begin(editor)
    editor.add_span(Span(Fraction(2), Fraction(6)))
    cut = editor.selected_cut()
    assert cut is not None
    gesture = editor.new_gesture()
    for step in range(5):
        editor.put_keyframe(
            cut.identifier, Keyframe(Fraction(301, 100), 0.5 + step / 10), gesture=gesture
        )
    editor.put_keyframe(cut.identifier, Keyframe(cut.span.end, 0.25))
    after = editor.project.find(cut.identifier)
    assert after is not None
    assert [one.x for one in after.camera] == [0.9, 0.25]
    assert [one.time * RATE for one in after.camera] == [90, cut.span.end * RATE - 1]
    assert editor.undo_stack.undoText() == "Move window"
    editor.undo_stack.undo()
    editor.undo_stack.undo()
    assert editor.project.find(cut.identifier) == cut


def test_what_is_refused_is_told_and_leaves_no_trace(editor: Editor) -> None:
    begin(editor)
    editor.add_span(Span(Fraction(2), Fraction(4)))
    (cut,) = editor.project.cuts
    editor.lock([cut.identifier], True)
    told: list[str] = []
    editor.problem.connect(told.append)
    before, edits = editor.project, editor.undo_stack.count()
    assert not editor.set_join(cut.identifier, Join(Fraction(1)))
    assert not editor.put_keyframe(cut.identifier, Keyframe(Fraction(3)))
    assert not editor.set_look("Shape", aspect="7:5")
    assert not editor.edit_caption(0, "hello")
    assert editor.add_caption(Caption(Span(Fraction(1), Fraction(2)), " ")) == -1
    assert (editor.project, editor.undo_stack.count()) == (before, edits)
    assert told == [
        "a locked cut cannot be changed. Unlock it first.",
        "a locked cut cannot be changed. Unlock it first.",
        "'7:5' is not a shape of the picture. Choose one of 9:16, 16:9, 1:1, 4:5, source.",
        "this caption is not there any more.",
        "the caption at 00:01.00 – 00:02.00 has no text.",
    ]


def test_a_dragged_caption_keeps_its_words_and_is_followed_past_others(editor: Editor) -> None:
    begin(editor)
    word = Word(Span(Fraction(1), Fraction(3, 2)), "first")
    first = Caption(Span(Fraction(1), Fraction(2)), "first", (word,))
    second = Caption(Span(Fraction(3), Fraction(4)), "second")
    editor.replace_captions("Import captions", editor.medium, [second, first])
    assert editor.captions == (first, second)
    gesture, number = editor.new_gesture(), 0
    for step in range(1, 5):
        number = editor.retime_caption(
            number, Span(Fraction(1 + step), Fraction(2 + step)), gesture=gesture
        )
    assert number == 1
    assert editor.captions[1].words == (Word(Span(Fraction(5), Fraction(11, 2)), "first"),)
    editor.undo_stack.undo()
    assert editor.captions == (first, second)
