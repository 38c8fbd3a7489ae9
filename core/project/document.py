"""What the editor is working on: the cuts of one video, as values that edits make anew."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from core.cutting.cut import Cut
from core.project.emotion_corrections import EmotionCorrection, corrected, without
from core.time import Span, total_duration

LEAST_CUT = Fraction(1, 5)
"""Seconds; a cut cannot be trimmed shorter."""


@dataclass(frozen=True)
class EditedCut:
    """A cut in the editor's hands.

    Attributes:
        cut: What is kept and why.
        touched: The editor made or changed it: new suggestions leave it alone.
        identifier: Stays the same through all edits.
    """

    cut: Cut
    touched: bool = False
    identifier: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def span(self) -> Span:
        return self.cut.span


Cuts = tuple[EditedCut, ...]


@dataclass(frozen=True)
class Edit:
    """The state of a short: the cuts in playing order, and what the editor knows better.

    Attributes:
        cuts: In playing order.
        rejected: Stretches of deleted suggestions; they are not suggested again.
        emotion_corrections: What is heard in stretches of the video by the editor's word; in
            order, none over another.
    """

    cuts: Cuts = ()
    rejected: tuple[Span, ...] = ()
    emotion_corrections: tuple[EmotionCorrection, ...] = ()

    @property
    def duration(self) -> Fraction:
        return total_duration(edited.span for edited in self.cuts)

    def find(self, identifier: str) -> EditedCut | None:
        """The cut with this identifier, if it is still there."""
        return next((c for c in self.cuts if c.identifier == identifier), None)

    def added(self, cut: Cut) -> Edit:
        """With a cut of the editor's own, put in source order."""
        return replace(self, cuts=_in_source_order((*self.cuts, EditedCut(cut, touched=True))))

    def removed(self, identifier: str) -> Edit:
        """Without a cut; a suggestion that is removed counts as rejected."""
        gone = self.find(identifier)
        if gone is None:
            return self
        rejected = self.rejected if gone.touched else (*self.rejected, gone.span)
        cuts = tuple(c for c in self.cuts if c.identifier != identifier)
        return replace(self, cuts=cuts, rejected=rejected)

    def changed(self, identifier: str, cut: Cut) -> Edit:
        """With another span (or other reasons) for a cut."""
        cuts = (
            replace(c, cut=cut, touched=True) if c.identifier == identifier else c
            for c in self.cuts
        )
        return replace(self, cuts=_in_source_order(tuple(cuts)))

    def with_emotion(self, correction: EmotionCorrection) -> Edit:
        """With a corrected emotion, in place of older corrections where they overlap."""
        return replace(self, emotion_corrections=corrected(self.emotion_corrections, correction))

    def without_emotion(self, span: Span) -> Edit:
        """Without what was corrected in a span: there the analysis counts again."""
        return replace(self, emotion_corrections=without(self.emotion_corrections, span))

    def cleared(self, span: Span, identifier: str = "") -> Span | None:
        """The part of a span, around its middle, that no other cut covers.

        Args:
            span: Where a cut should be.
            identifier: The cut itself, which does not stand in its own way.

        Returns:
            None if another cut covers the middle, or less than :data:`LEAST_CUT` is left.
        """
        start, end = span.start, span.end
        for other in self.cuts:
            if other.identifier == identifier:
                continue
            if span.middle in other.span:
                return None
            if other.span.end <= span.middle:
                start = max(start, other.span.end)
            else:
                end = min(end, other.span.start)
        return Span(start, end) if end - start >= LEAST_CUT else None

    def suggested(self, cuts: Sequence[Cut]) -> Edit:
        """With new suggestions around what the editor has touched.

        Suggestions that overlap a touched cut or a rejected stretch are left out. An untouched
        cut whose span is suggested again keeps its identifier.
        """
        kept = [c for c in self.cuts if c.touched]
        old = {c.span: c for c in self.cuts if not c.touched}
        taken = [*(c.span for c in kept), *self.rejected]
        new = [
            replace(old[cut.span], cut=cut) if cut.span in old else EditedCut(cut)
            for cut in cuts
            if not any(cut.span.overlaps(span) for span in taken)
        ]
        return replace(self, cuts=_in_source_order((*kept, *new)))


def _in_source_order(cuts: Sequence[EditedCut]) -> Cuts:
    return tuple(sorted(cuts, key=lambda edited: edited.span))


def limited(span: Span, duration: Fraction) -> Span:
    """A span inside the media and not shorter than :data:`LEAST_CUT`."""
    start = max(Fraction(0), min(span.start, duration - LEAST_CUT))
    end = min(duration, max(span.end, start + LEAST_CUT))
    return Span(max(Fraction(0), start), max(end, start + Fraction(1, 1000)))
