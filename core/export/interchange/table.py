"""The timeline as a table, one row per cut."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

from core.export.interchange.conform import CutList
from core.export.interchange.naming import path_text, text_of, title_of
from core.export.interchange.timecode import drops_frames, format_frames, timecode_rate

COLUMNS = (
    "number",
    "name",
    "source",
    "source_in",
    "source_out",
    "source_in_timecode",
    "source_out_timecode",
    "record_in",
    "record_out",
    "record_in_timecode",
    "record_out_timecode",
    "emotion",
    "score",
    "reasons",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(cuts: CutList) -> str:
    """The table with a head line.

    Times in seconds are exact: fractions ("1001/30") where no whole number says it. Those of the
    source are on the media time axis; timecodes are those of the source's and the short's frames.
    Texts that a spreadsheet would take for a formula get an apostrophe before them.
    """
    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(COLUMNS)
    for number, piece in enumerate(cuts.pictures, start=1):
        source, notes = piece.source, piece.notes
        begin = source.zero + piece.start
        table.writerow(
            [
                number,
                _inert(title_of(notes, source.info.path)),
                _inert(path_text(source.info.path)),
                begin,
                begin + piece.frames / cuts.rate,
                _timecode(source.begin + piece.start, source.rate, source.drop),
                _timecode(
                    source.begin + piece.start + piece.frames / cuts.rate, source.rate, source.drop
                ),
                piece.record / cuts.rate,
                piece.end / cuts.rate,
                _timecode(piece.record / cuts.rate, cuts.rate),
                _timecode(piece.end / cuts.rate, cuts.rate),
                _inert(text_of(notes.emotion)),
                f"{notes.score:.4f}",
                _inert(text_of("; ".join(notes.reasons))),
            ]
        )
    return "\ufeff" + file.getvalue()


def _timecode(seconds: Fraction, rate: Fraction, drop: bool | None = None) -> str:
    counted = timecode_rate(rate)
    drop = drops_frames(counted) if drop is None else drop
    return format_frames(round(seconds * counted), counted, drop)


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
