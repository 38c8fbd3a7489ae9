"""What decisions about cuts say of the cells of a video."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from core.learning.library.decided_cells import decided_cells
from core.learning.library.records import CutCorrection, Kind, StoredCorrection
from core.project.document import Suggestion
from core.project.emotion_corrections import EmotionCorrection
from core.time import Span
from tests.learning.library.corrected import NOON, A, span

LETTERS = ".tmcrkM"
"""Of :class:`Said`, in its order."""


def said(
    kind: Kind, where: Span, suggested: Span | None = None, *, project: str = "p", hours: int = 0
) -> StoredCorrection:
    suggestion = None if suggested is None else Suggestion(suggested)
    correction = CutCorrection(f"{kind}{where}", kind, where, suggestion)
    return StoredCorrection(project, "", A, NOON + timedelta(hours=hours), correction)


def cells(*corrections: StoredCorrection, duration: str = "10") -> str:
    seconds = Fraction(duration)
    found = decided_cells(corrections, -(-seconds // 1), Fraction(1), seconds)
    return "".join(LETTERS[int(one)] for one in found)


def test_every_kind_speaks_of_its_cells() -> None:
    assert cells(said(Kind.KEPT, span(1, 3), span(1, 3))) == ".kk......."
    assert cells(said(Kind.ADDED, span(1, 3))) == ".MM......."
    assert cells(said(Kind.REJECTED, span(1, 3), span(1, 3))) == ".rr......."
    assert cells(said(Kind.MAYBE, span(1, 3), span(1, 3))) == ".mm......."


def test_what_was_trimmed_or_moved_away_is_cut_off() -> None:
    assert cells(said(Kind.TRIMMED, span(3, 5), span(1, 6))) == ".ccMMc...."
    assert cells(said(Kind.MOVED, span(4, 7), span(2, 5))) == "..ccMMM..."
    assert cells(said(Kind.TRIMMED, span(1, 8), span(3, 5))) == ".MMMMMMM.."
    assert cells(said(Kind.REJECTED, span(3, 5), span(2, 6))) == "..crrc...."


def test_a_part_of_a_split_suggestion_is_not_cut_off_by_the_other() -> None:
    both = span(1, 7)
    first, second = said(Kind.TRIMMED, span(1, 3), both), said(Kind.TRIMMED, span(5, 7), both)
    assert cells(first, second) == ".MMccMM..."
    assert cells(first, said(Kind.REJECTED, span(3, 7), both)) == ".MMrrrr..."


def test_a_cell_is_spoken_of_from_half_of_it_on() -> None:
    assert cells(said(Kind.ADDED, span("1.5", "3.4"))) == ".MMt......"
    assert cells(said(Kind.ADDED, span("1.51", "3.5"))) == ".tMM......"


def test_the_last_cell_is_as_long_as_the_video() -> None:
    assert cells(said(Kind.ADDED, span(9, "9.2")), duration="9.4") == ".........M"
    assert cells(said(Kind.ADDED, span(9, "9.2")), duration="9.8") == ".........t"


def test_within_a_project_what_is_wanted_counts_first() -> None:
    rejected = said(Kind.REJECTED, span(0, 8), span(0, 8))
    maybe = said(Kind.MAYBE, span(2, 4))
    kept = said(Kind.KEPT, span(3, 5), span(3, 5))
    assert cells(rejected, maybe, kept) == cells(kept, rejected, maybe) == "rrmkkrrr.."


def test_of_several_projects_the_last_collected_one_counts_cell_by_cell() -> None:
    earlier = said(Kind.REJECTED, span(0, 6), project="z", hours=1)
    later = said(Kind.ADDED, span(2, 4), project="b", hours=2)
    assert cells(earlier, later) == cells(later, earlier) == "rrMMrr...."
    unsure = said(Kind.MAYBE, span(3, "5.2"), project="c", hours=3)
    assert cells(earlier, later, unsure) == "rrMmmr....", "doubt is the last word, too"


def test_what_is_heard_says_nothing_of_the_cells() -> None:
    heard = StoredCorrection("p", "", A, NOON, EmotionCorrection(span(1, 3), "happy"))
    assert cells(heard) == ".........."
