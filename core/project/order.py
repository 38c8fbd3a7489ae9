"""Where in the short a cut goes that is new or has moved."""

from __future__ import annotations

from core.project.document import Cuts, EditedCut


def inserted(cuts: Cuts, new: EditedCut) -> Cuts:
    """Cuts with one more.

    It is played before the one of its video that begins next in the source; if there is none,
    behind the last one of its video, and without any at the end.
    """
    own = [(edited.span, place) for place, edited in enumerate(cuts) if edited.medium == new.medium]
    later = [one for one in own if one[0] > new.span]
    place = min(later)[1] if later else own[-1][1] + 1 if own else len(cuts)
    return (*cuts[:place], new, *cuts[place:])


def moved(cuts: Cuts, changed: EditedCut) -> Cuts:
    """Cuts with another span of one of them.

    It keeps its place, unless it was moved past other cuts of its video that were played in source
    order: then it is played on the other side of these. Cuts that overlap, as duplicates do, have
    no order.
    """
    place = next(n for n, edited in enumerate(cuts) if edited.identifier == changed.identifier)
    old, new = cuts[place].span, changed.span
    passed = [
        n
        for n, other in enumerate(cuts)
        if _counts(other, changed)
        and other.identifier != changed.identifier
        and not other.span.overlaps(old)
        and (other.span < old) != (other.span < new)
    ]
    rest = (*cuts[:place], *cuts[place + 1 :])
    if passed and _in_source_order(tuple(c for c in cuts if _counts(c, changed))):
        place = passed[-1] if old < new else passed[0]
    return (*rest[:place], changed, *rest[place:])


def _counts(other: EditedCut, changed: EditedCut) -> bool:
    same = other.identifier == changed.identifier
    return same or (other.in_short and other.medium == changed.medium)


def _in_source_order(cuts: Cuts) -> bool:
    """Whether none of the cuts of one video is played before one that ends before it begins."""
    latest = None
    for edited in cuts:
        if latest is not None and edited.span.end <= latest:
            return False
        latest = edited.span.start if latest is None else max(latest, edited.span.start)
    return True
