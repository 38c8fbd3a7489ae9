"""The timeline as an edit decision list, CMX 3600.

Written by hand: the OpenTimelineIO adapter writes one lane only, and shortens the names of reels
so that different videos may become the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from core.export.interchange.conform import CutList, Piece
from core.export.interchange.naming import (
    line_of,
    marker_note,
    marker_title,
    path_text,
    reel_names,
    title_of,
)
from core.export.interchange.timecode import (
    drops_frames,
    format_frames,
    parse_frames,
    timecode_rate,
)

_MOST_EVENTS = 999
_LONGEST_DISSOLVE = 255


def edl_text(cuts: CutList) -> str:
    """The timeline; its record timecode begins at 01:00:00:00.

    Where picture and sound change together, one event has both; else each lane has its own.
    """
    counting = _Counting(cuts)
    reels = reel_names([source.info.path for source in cuts.sources])
    lanes: list[tuple[Piece, Piece | None, str]] = []
    for pieces, is_sound in ((cuts.pictures, False), (cuts.sounds, True)):
        if is_sound and not cuts.split:
            continue
        for number, piece in enumerate(pieces):
            heard = piece.source.info.audio is not None
            if is_sound and not heard:
                continue
            channels = "AA" if is_sound else "AA/V" if heard and not cuts.split else "V"
            before = pieces[number - 1] if piece.fade else None
            if before is not None and is_sound and before.source.info.audio is None:
                before = None
            lanes.append((piece, before, channels))
    lanes.sort(key=lambda entry: (entry[0].record, entry[2] == "AA"))
    lines = [f"TITLE: {line_of(cuts.timeline.name)}"]
    lines.append(f"FCM: {'' if counting.drop else 'NON-'}DROP FRAME")
    for number, (piece, before, channels) in enumerate(lanes, start=1):
        lines += ["", *_event(number, piece, before, channels, counting, reels)]
    return "\n".join(lines) + "\n"


def edl_notices(cuts: CutList) -> list[str]:
    """What an edit decision list cannot say of this timeline."""
    notices = []
    rate = _Counting(cuts).rate
    if (rate / cuts.rate).denominator != 1:
        notices.append(
            f"edit decision lists do not know {float(cuts.rate):.5g} frames per second: this one "
            f"counts {float(rate):.5g}, and edits may be one frame off."
        )
    elif rate != cuts.rate:
        notices.append(f"the edit decision list counts {float(rate):.5g} frames per second.")
    others = sorted({source.rate for source in cuts.sources} - {cuts.rate})
    if others:
        rates = ", ".join(f"{float(other):.5g}" for other in others)
        notices.append(
            f"an edit decision list has one frame rate: videos at {rates} frames per second are "
            f"counted at {float(rate):.5g} too."
        )
    if len(cuts.pictures) > _MOST_EVENTS:
        notices.append(f"many editors read the first {_MOST_EVENTS} events of such a list only.")
    if any(piece.fade > _LONGEST_DISSOLVE for piece in cuts.pictures):
        notices.append(f"many editors read dissolves of {_LONGEST_DISSOLVE} frames at most.")
    return notices


@dataclass(frozen=True)
class _Counting:
    """How frames of the timeline and times of sources become timecode."""

    cuts: CutList

    @property
    def rate(self) -> Fraction:
        return timecode_rate(self.cuts.rate)

    @property
    def drop(self) -> bool:
        return drops_frames(self.rate)

    def frames(self, seconds: Fraction) -> int:
        return round(seconds * self.rate)

    def record(self, frame: int) -> str:
        hour = parse_frames("01:00:00;00", self.rate)
        assert hour is not None
        frames = hour[0] + self.frames(frame / self.cuts.rate)
        return format_frames(frames, self.rate, self.drop)

    def source(self, piece: Piece, frames: int) -> str:
        """Timecode of a source some frames after the begin of a piece."""
        frames = self.frames(piece.source.begin + piece.start) + frames
        return format_frames(frames, self.rate, piece.source.drop and self.drop)


def _event(
    number: int,
    piece: Piece,
    before: Piece | None,
    channels: str,
    counting: _Counting,
    reels: dict[Path, str],
) -> Sequence[str]:
    begin, end = counting.record(piece.record), counting.record(piece.end)
    length = counting.frames(piece.end / counting.cuts.rate) - counting.frames(
        piece.record / counting.cuts.rate
    )
    words = f"{reels[piece.source.info.path]:<8} {channels:<5}"
    times = f"{counting.source(piece, 0)} {counting.source(piece, length)} {begin} {end}"
    name = line_of(title_of(piece.notes, piece.source.info.path))
    lines = []
    if before is None:
        lines.append(f"{number:03d}  {words} C        {times}")
        lines.append(f"* FROM CLIP NAME: {name}")
    else:
        out = counting.source(before, counting.frames(before.frames / counting.cuts.rate))
        tail = f"{reels[before.source.info.path]:<8} {channels:<5}"
        fade = counting.frames(piece.fade / counting.cuts.rate)
        lines.append(f"{number:03d}  {tail} C        {out} {out} {begin} {begin}")
        lines.append(f"{number:03d}  {words} D    {fade:03d} {times}")
        lines.append(
            f"* FROM CLIP NAME: {line_of(title_of(before.notes, before.source.info.path))}"
        )
        lines.append(f"* TO CLIP NAME: {name}")
    lines.append(f"* SOURCE FILE: {line_of(path_text(piece.source.info.path))}")
    title = marker_title(piece.notes)
    if title and channels != "AA":
        lines.append(f"* LOC: {begin} GREEN   {title} {marker_note(piece.notes)}".rstrip())
    return lines
