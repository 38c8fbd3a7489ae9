"""From the pieces of a short and their joins to the exact stretches of sound that it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from core.export.clip import Join
from core.export.sound.samples import SAMPLE_RATE, sample_at
from core.media.probe import MediaInfo

CLICK_FADE = SAMPLE_RATE * 8 // 1000
"""Samples in which sound comes and goes at a hard join, so that it does not click."""

_SAME_PLACE = Fraction(1, 1000)


@dataclass(frozen=True)
class SoundPiece:
    """The sound that belongs to one stretch of pictures.

    Attributes:
        media: The video that it comes from.
        zero: Presentation time in the file at which the piece begins, in seconds.
        start: Where it begins in the short, in seconds.
        duration: How long it is, in seconds.
        join: How it follows the piece before.
    """

    media: MediaInfo
    zero: Fraction
    start: Fraction
    duration: Fraction
    join: Join = field(default_factory=Join)

    @property
    def end(self) -> Fraction:
        """Where it ends in the short, in seconds."""
        return self.start + self.duration


@dataclass(frozen=True)
class Stretch:
    """Samples of one video that are heard in the short without a break.

    Attributes:
        media: The video.
        begin: Presentation time in the file of the first sample, in seconds.
        first: Number of the first sample in the short.
        samples: Number of samples.
        rise: Samples in which the sound comes up.
        fall: Samples in which it goes down.
        rises_over: It comes up over the stretch before, both at equal power; else by itself.
        falls_under: It goes down under the stretch that follows.
    """

    media: MediaInfo
    begin: Fraction
    first: int
    samples: int
    rise: int
    fall: int
    rises_over: bool = False
    falls_under: bool = False

    @property
    def end(self) -> int:
        """Number of the sample after its last in the short."""
        return self.first + self.samples


@dataclass(frozen=True)
class _Change:
    """Where the sound changes to a piece, and how long that of the piece before goes on."""

    at: Fraction
    fade: Fraction = Fraction(0)


def lay_stretches(pieces: Sequence[SoundPiece], samples: int) -> list[Stretch]:
    """Says which samples are heard where.

    The sound changes with the picture, or later or earlier as the join says: no further than the
    neighbours and their videos reach. In a crossfade the sound before goes on as long as its video
    has any. Pieces that continue one another in the same video are one, and nothing is heard there.

    Args:
        pieces: The pieces in playing order; between two of them there may be silence.
        samples: Length of the short; what reaches over it is left away.

    Returns:
        The stretches by their begin. At most two of them overlap anywhere.
    """
    pieces = _continued(pieces)
    changes: list[_Change] = []
    for number, piece in enumerate(pieces):
        before = pieces[number - 1] if number else None
        if before is None or not _touch(before, piece):
            changes.append(_Change(piece.start))
        else:
            changes.append(_change(before, piece, changes[-1]))
    stretches = []
    for number, (piece, change) in enumerate(zip(pieces, changes, strict=True)):
        following = None
        if number + 1 < len(pieces) and _touch(piece, pieces[number + 1]):
            following = changes[number + 1]
        stretch = _stretch(piece, change, following, samples)
        if stretch.samples > 0:
            stretches.append(stretch)
    return stretches


def _continued(pieces: Sequence[SoundPiece]) -> list[SoundPiece]:
    joined: list[SoundPiece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.media == piece.media
            and _touch(last, piece)
            and abs((last.zero - last.start) - (piece.zero - piece.start)) <= _SAME_PLACE
        ):
            joined[-1] = replace(last, duration=piece.end - last.start)
        else:
            joined.append(piece)
    return joined


def _touch(before: SoundPiece, after: SoundPiece) -> bool:
    return sample_at(before.end) == sample_at(after.start)


def _change(before: SoundPiece, piece: SoundPiece, last: _Change) -> _Change:
    left = before.media.origin + before.media.duration - (before.zero + before.duration)
    earliest = max(
        before.start,
        last.at + last.fade,
        piece.start - max(Fraction(0), piece.zero - piece.media.origin),
    )
    latest = min(piece.end, piece.start + max(Fraction(0), left))
    at = min(max(piece.start + piece.join.sound, earliest), latest)
    fade = min(piece.join.crossfade, piece.end - at, before.end + left - at)
    return _Change(at, fade if fade * SAMPLE_RATE > CLICK_FADE else Fraction(0))


def _stretch(
    piece: SoundPiece, change: _Change, following: _Change | None, samples: int
) -> Stretch:
    first = sample_at(change.at)
    rise = sample_at(change.at + change.fade) - first
    end, fall = sample_at(piece.end), 0
    if following is not None:
        end = sample_at(following.at + following.fade)
        fall = end - sample_at(following.at)
    end = min(end, samples)
    click = max(0, min(CLICK_FADE, (end - first) // 4))
    return Stretch(
        media=piece.media,
        begin=piece.zero + Fraction(first, SAMPLE_RATE) - piece.start,
        first=first,
        samples=end - first,
        rise=rise or click,
        fall=fall or click,
        rises_over=rise > 0,
        falls_under=fall > 0,
    )
