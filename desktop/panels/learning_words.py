"""What learning is called in the window: profiles, versions, measures and corrections."""

from __future__ import annotations

from collections.abc import Mapping

from core.learning.library.records import CutCorrection, Kind
from core.learning.personal.gate import LEAST_VIDEOS
from core.learning.personal.trial import Measure, Trial, Verdict
from core.learning.personal.versions import Version
from core.project.document import Suggestion
from core.project.emotion_corrections import EmotionCorrection
from desktop.i18n import tr, tr_message
from desktop.jobs.learning_state import ProfileState

_SHARES = frozenset({"average precision", "pairs", "classes"})
_FIRST = "pairs"
_MEGABYTE = 1e6
_MINUTE = 60

VERDICT_GLYPHS = {
    Verdict.ADOPTED: "check",
    Verdict.CANDIDATE: "question",
    Verdict.REFUSED: "cross",
}
"""Marks of :func:`desktop.panels.glyphs.paint_glyph` that stand beside the words."""


def profile_name(profile: str) -> str:
    """What people call a profile."""
    return profile or tr("Usual profile")


def version_name(number: int) -> str:
    """What people call a version; 0 is what came with the application."""
    return tr("Version {count}", count=number) if number else tr("As shipped")


def measure_name(name: str) -> str:
    """What people call a measure of :class:`.Measure`; its own name for one that is not known."""
    return {
        "average precision": tr("Average precision"),
        "pairs": tr("Right order"),
        "classes": tr("Emotions right"),
        "arousal": tr("Arousal"),
        "valence": tr("Valence"),
    }.get(name, name)


def measure_meaning(name: str) -> str:
    """What a measure says, in a sentence; nothing for one that is not known."""
    return {
        "average precision": tr("How far up the moments that you keep stand in the order."),
        "pairs": tr("How often a moment that you keep stands above one that you reject."),
        "classes": tr("How often the emotion that you say is the one that is heard."),
        "arousal": tr("How well the arousal that is heard follows the one that you say."),
        "valence": tr("How well the valence that is heard follows the one that you say."),
    }.get(name, "")


def value_text(name: str, value: float) -> str:
    """A value of a measure."""
    if name in _SHARES:
        return tr("{percent} %", percent=f"{100 * value:.0f}")
    return f"{value:.2f}".replace("-", "−")


def difference_text(measure: Measure) -> str:
    """The difference and its interval, in points or as numbers."""
    share = measure.name in _SHARES
    difference = measure.after - measure.before
    shown = [
        f"{100 * value:+.1f}" if share else f"{value:+.2f}"
        for value in (difference, measure.low, measure.high)
    ]
    middle, low, high = (text.replace("-", "−") for text in shown)
    return tr("{difference} ({low} to {high})", difference=middle, low=low, high=high)


def gain_text(trial: Trial) -> str:
    """The first measure before and after; empty where nothing was measured."""
    measure = _first(trial)
    if measure is None:
        return ""
    share = measure.name in _SHARES
    before, after = (
        f"{100 * value:.0f}" if share else value_text(measure.name, value)
        for value in (measure.before, measure.after)
    )
    name = measure_name(measure.name)
    if share:
        return tr("{measure} {before} → {after} %", measure=name, before=before, after=after)
    return tr("{measure} {before} → {after}", measure=name, before=before, after=after)


def gain_on_videos_text(trial: Trial) -> str:
    """As :func:`gain_text`, with the number of videos."""
    measure = _first(trial)
    if measure is None:
        return ""
    videos = videos_text(measure.videos)
    return tr("{change} on {videos}", change=gain_text(trial), videos=videos)


def gain_meaning(trial: Trial) -> str:
    """What the measure of :func:`gain_text` says; empty where nothing was measured."""
    measure = _first(trial)
    return "" if measure is None else measure_meaning(measure.name)


def _first(trial: Trial) -> Measure | None:
    named = (one for one in trial.measures if one.name == _FIRST)
    return next(named, next(iter(trial.measures), None))


def verdict_text(verdict: Verdict) -> str:
    """What came of a trial, in a word or two."""
    return {
        Verdict.ADOPTED: tr("Adopted"),
        Verdict.CANDIDATE: tr("Not told yet"),
        Verdict.REFUSED: tr("Not better"),
    }[verdict]


def videos_text(count: int) -> str:
    """A number of videos."""
    return tr("one video") if count == 1 else tr("{count} videos", count=count)


def source_text(version: Version) -> str:
    """From how much a version learned."""
    corrections, videos = sum(version.videos.values()), videos_text(len(version.videos))
    return tr("{count} corrections in {videos}", count=corrections, videos=videos)


def kind_text(kind: Kind) -> str:
    """What was done with a cut, in a word."""
    return {
        Kind.KEPT: tr("kept"),
        Kind.MOVED: tr("moved"),
        Kind.TRIMMED: tr("trimmed"),
        Kind.ADDED: tr("added"),
        Kind.REJECTED: tr("rejected"),
        Kind.MAYBE: tr("maybe"),
    }[kind]


def counts_text(counts: Mapping[Kind, int]) -> str:
    """How many cuts of each kind: ``3 kept · 1 rejected``."""
    parts = [
        tr("{count} {kind}", count=counts[kind], kind=kind_text(kind))
        for kind in Kind
        if counts.get(kind)
    ]
    return " · ".join(parts)


def correction_text(correction: CutCorrection | EmotionCorrection) -> str:
    """What was corrected, without its time."""
    if isinstance(correction, CutCorrection):
        return kind_text(correction.kind)
    parts = [] if correction.emotion is None else [tr_message(correction.emotion)]
    for name, value in (
        (tr("arousal"), correction.arousal),
        (tr("valence"), correction.valence),
    ):
        if value is not None:
            parts.append(f"{name} {value:+.1f}".replace("-", "−"))
    return ", ".join(parts)


def seen_text(seconds: float) -> str:
    """How much of a video was watched."""
    if seconds < _MINUTE:
        return tr("{seconds} s", seconds=f"{seconds:.0f}")
    return tr("{minutes} min", minutes=f"{seconds / _MINUTE:.0f}")


def room_text(size: int) -> str:
    """Room that something takes, a tenth of a megabyte at least; empty for none."""
    shown = max(0.1, size / _MEGABYTE)
    return tr("{size} MB", size=f"{shown:.1f}") if size else ""


def suggested_text(suggestion: Suggestion | None, versions: Mapping[str, int]) -> str:
    """Whose idea a cut was.

    Args:
        suggestion: What was suggested, if it was.
        versions: Numbers of versions by what they made, 0 for what came with the application.
    """
    if suggestion is None:
        return tr("your own cut")
    number = versions.get(suggestion.model)
    if number is None:
        return tr("suggested")
    if number == 0:
        return tr("suggested as shipped")
    return tr("suggested by version {count}", count=number)


def next_training_text(state: ProfileState) -> str:
    """What a training waits for, or what is to be known of the next one; empty for nothing."""
    if state.problem:
        told = tr_message(state.problem)
        return told[:1].upper() + told[1:]
    if not state.teaching and not state.unmeasured:
        return tr("Nothing can be learned yet. Keep some cuts of a video and reject others.")
    if not state.teaching:
        return tr("The corrected videos are not analysed. Open them, so that they count.")
    if not state.outdated:
        parts = [tr("Nothing was corrected since the latest version.")]
        if state.fresh:
            parts.append(tr("Not learned from: {videos}.", videos=videos_text(state.fresh)))
        return " ".join(parts)
    parts = []
    missing = LEAST_VIDEOS - state.compared
    if missing == 1:
        parts.append(
            tr("With one more corrected video it can be told whether a new version is better.")
        )
    elif missing > 0:
        parts.append(
            tr(
                "With {count} more corrected videos it can be told whether a new version is "
                "better.",
                count=missing,
            )
        )
    if state.unmeasured:
        parts.append(
            tr("Not analysed, so not learned from: {videos}.", videos=videos_text(state.unmeasured))
        )
    return " ".join(parts)
