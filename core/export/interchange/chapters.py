"""The cuts of a short as chapters: a list for a video's description, and FFmpeg's metadata."""

from __future__ import annotations

import re

from core.export.interchange.conform import CutList, Piece
from core.export.interchange.naming import file_name, line_of

_LEAST_SECONDS = 10
_LEAST_CHAPTERS = 3
_SPECIAL = re.compile(r"([=;#\\\n])")


def chapters_text(cuts: CutList) -> str:
    """Chapters as YouTube reads them in a description: ``0:00 Title``, ten seconds each at least.

    Cuts that are shorter belong to the chapter before.
    """
    return "".join(f"{_clock(second)} {title}\n" for second, title in _chapters(cuts))


def chapters_notices(cuts: CutList) -> list[str]:
    """What keeps a platform from showing the chapters."""
    count = len(_chapters(cuts))
    if count >= _LEAST_CHAPTERS:
        return []
    least = f"{_LEAST_CHAPTERS} of {_LEAST_SECONDS} s at least"
    return [f"YouTube shows chapters where there are {least}; this short has {count}."]


def ffmetadata_text(cuts: CutList) -> str:
    """One chapter per cut, exact to the frame, as ``ffmpeg -i short.mp4 -i FILE -map_chapters 1``
    takes it."""
    lines = [";FFMETADATA1", f"title={_escaped(line_of(cuts.timeline.name))}"]
    for piece in cuts.pictures:
        lines += [
            "[CHAPTER]",
            f"TIMEBASE={cuts.rate.denominator}/{cuts.rate.numerator}",
            f"START={piece.record}",
            f"END={piece.end}",
            f"title={_escaped(_title(piece))}",
        ]
    return "\n".join(lines) + "\n"


def _chapters(cuts: CutList) -> list[tuple[int, str]]:
    """Whole seconds and titles; the second lies in its cut, so no chapter begins in another."""
    chapters: list[tuple[int, str]] = []
    end = int(cuts.frames / cuts.rate)
    for piece in cuts.pictures:
        second = -(-piece.record * cuts.rate.denominator // cuts.rate.numerator)
        if not chapters or (
            second - chapters[-1][0] >= _LEAST_SECONDS and end - second >= _LEAST_SECONDS
        ):
            chapters.append((second, _title(piece)))
    return chapters


def _title(piece: Piece) -> str:
    notes = piece.notes
    name = line_of(notes.name) or line_of(notes.emotion)
    return name or line_of(file_name(piece.source.info.path.with_suffix("")))


def _clock(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
