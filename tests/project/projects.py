"""Projects for tests: random ones, and one as a session of editing leaves it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from hypothesis import strategies as st

from core.cutting.cut import Cut, Reason
from core.export.camera import Keyframe
from core.export.captions.caption import Caption, Word
from core.export.clip import Join
from core.export.framing import ASPECTS
from core.export.look import CAPTION_STYLES, LAYOUTS, Look
from core.networks.emotion_classes import EMOTIONS
from core.project.document import (
    LONGEST_PROFILE,
    Decision,
    EditedCut,
    Medium,
    Project,
    Suggestion,
    Wishes,
)
from core.project.emotion_corrections import Corrections, EmotionCorrection, corrected
from core.time import Span

FRAME = Fraction(1001, 30000)

_frames = st.integers(0, 400_000)
spans = st.one_of(
    st.tuples(_frames, st.integers(1, 3000)).map(
        lambda two: Span(two[0] * FRAME, (two[0] + two[1]) * FRAME)
    ),
    st.tuples(
        st.fractions(0, 10_000, max_denominator=90_000),
        st.fractions(Fraction(1, 1000), 100, max_denominator=90_000),
    ).map(lambda two: Span(two[0], two[0] + two[1])),
)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_reasons = st.builds(Reason, st.text(max_size=8), _numbers, st.text(max_size=20))
_cuts = st.builds(
    Cut,
    spans,
    _numbers,
    st.dictionaries(st.text(max_size=8), _numbers, max_size=3),
    st.lists(_reasons, max_size=3).map(tuple),
)
_names = st.text("가abc -_/.'\"", min_size=1, max_size=10)
_values = st.none() | st.floats(-1, 1)


def _in_order(corrections: list[EmotionCorrection]) -> Corrections:
    result: Corrections = ()
    for one in corrections:
        result = corrected(result, one)
    return result


_corrections = st.lists(
    st.builds(EmotionCorrection, spans, st.sampled_from(EMOTIONS), _values, _values), max_size=4
).map(_in_order)

_words = st.builds(Word, spans, st.text("가abc-'", min_size=1, max_size=5))
captions = st.lists(
    st.builds(
        Caption,
        spans,
        st.text(min_size=1, max_size=20).filter(lambda text: text.strip() and "\0" not in text),
        st.lists(_words, max_size=3).map(lambda words: tuple(sorted(words, key=_begin))),
    ),
    max_size=4,
).map(lambda captions: tuple(sorted(captions, key=_begin)))


def _begin(said: Caption | Word) -> Fraction:
    return said.span.start


_moments = st.fractions(0, 10_000, max_denominator=90_000)
joins = st.builds(
    Join,
    st.fractions(0, 10, max_denominator=90_000),
    st.fractions(-10, 10, max_denominator=90_000),
)
_share = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
cameras = st.lists(
    st.builds(Keyframe, _moments, _share, _share, _share.map(lambda share: 1 + 15 * share)),
    max_size=3,
    unique_by=lambda one: one.time,
).map(lambda keyframes: tuple(sorted(keyframes, key=lambda one: one.time)))

looks = st.builds(
    Look,
    st.sampled_from(ASPECTS),
    st.sampled_from(LAYOUTS),
    st.booleans(),
    st.text(max_size=40),
    st.floats(0.5, 60),
    st.text(max_size=10),
    st.text(max_size=10),
    st.floats(0.5, 20),
    st.booleans(),
    st.sampled_from(CAPTION_STYLES),
    st.none() | _names.map(lambda name: Path("/nowhere") / name.replace("/", "∕")),
    st.floats(-60, 12),
    st.booleans(),
    st.booleans(),
)
_wishes = st.builds(
    Wishes, st.floats(1, 3600), looks, st.none() | _numbers, st.text(max_size=LONGEST_PROFILE)
)
_suggestions = st.none() | st.builds(Suggestion, spans, st.text(max_size=20))


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Any project, the videos of which are nowhere."""
    names = draw(st.lists(_names, max_size=3, unique=True))
    media = tuple(
        Medium(
            name,
            Path("/nowhere") / draw(_names).replace("/", "∕"),
            draw(_corrections),
            draw(captions),
        )
        for name in names
    )
    cuts: tuple[EditedCut, ...] = ()
    if names:
        made = st.builds(
            EditedCut, _cuts, st.sampled_from(names), st.sampled_from(Decision),
            st.booleans(), st.booleans(), _suggestions, join=joins, camera=cameras,
        )  # fmt: skip
        cuts = tuple(draw(st.lists(made, max_size=5)))
    return Project(media, cuts, draw(_wishes))


def cut(start: Fraction | float, end: Fraction | float, **more: object) -> EditedCut:
    """A cut of the video "a"."""
    return EditedCut(Cut(Span(Fraction(start), Fraction(end))), "a", **more)  # type: ignore[arg-type]


def edited(*spans: tuple[float, float], video: Path = Path("/nowhere/a.mp4")) -> Project:
    """A project of one video "a" with cuts that the editor made."""
    cuts = tuple(cut(*span, touched=True) for span in spans)
    return Project((Medium("a", video),), cuts)


def large(cuts: int) -> Project:
    """A project with that many suggested cuts and their reasons."""
    reasons = tuple(
        Reason(kind, 2.3456, f"{kind} +2.35 over what is usual in this video")
        for kind in ("curve", "arousal", "emotion", "loudness", "motion", "start", "end")
    )
    shares = {"emotion": 0.3123, "sound": 0.2456, "picture": 0.1789}
    return Project(
        (Medium("a", Path("/nowhere/a.mp4")),),
        tuple(
            EditedCut(
                Cut(Span(n * 300 * FRAME, (n * 300 + 200) * FRAME), 0.75, shares, reasons),
                "a",
                suggestion=Suggestion(Span(n * 300 * FRAME, (n * 300 + 200) * FRAME), "fusion-12"),
            )
            for n in range(cuts)
        ),
    )
