"""From clips to whole frames: what lies where on the picture lane and on the sound lane."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.errors import UsageError
from core.export.clip import Clip
from core.export.interchange.naming import file_name
from core.export.interchange.timecode import timecode_start
from core.export.interchange.timeline import ClipNotes, Timeline
from core.export.source_frames import standard_rate
from core.media.probe import MediaInfo

_NOTABLE = Fraction(2, 1000)
_ALMOST = Fraction(1, 1000)


@dataclass(frozen=True)
class Source:
    """A video as other editors count it: in whole frames from its first picture.

    Attributes:
        info: The video.
        rate: Frames per second, constant.
        zero: The first picture on the media time axis, in seconds.
        frames: Number of frames.
        timecode: Number of the first frame by the timecode of the file, at ``rate``.
        drop: Whether that timecode is counted in drop-frame.
    """

    info: MediaInfo
    rate: Fraction
    zero: Fraction
    frames: int
    timecode: int
    drop: bool

    @property
    def begin(self) -> Fraction:
        """Timecode of the first picture in seconds."""
        return self.timecode / self.rate

    @property
    def duration(self) -> Fraction:
        """Length of the pictures in seconds."""
        return self.frames / self.rate


@dataclass(frozen=True)
class Piece:
    """A stretch of one lane, in frames of the timeline.

    Attributes:
        source: The video.
        notes: What is known of the clip.
        record: Where it begins on the timeline.
        frames: Its length.
        start: Seconds after the source's first picture at its begin.
        fade: For how many frames from its begin the piece before goes on and fades over into it.
    """

    source: Source
    notes: ClipNotes
    record: int
    frames: int
    start: Fraction
    fade: int

    @property
    def end(self) -> int:
        """The frame of the timeline after its last."""
        return self.record + self.frames


@dataclass(frozen=True)
class CutList:
    """A timeline in whole frames.

    Attributes:
        timeline: What it was made of.
        pictures: Pieces of the picture lane; one follows the other without gap.
        sounds: Pieces of the sound lane, as many; those of silent videos are silence.
        notices: What another editor will not show exactly like the short, in sentences.
    """

    timeline: Timeline
    pictures: tuple[Piece, ...]
    sounds: tuple[Piece, ...]
    notices: tuple[str, ...]

    @property
    def rate(self) -> Fraction:
        """Frames per second."""
        return self.timeline.frame_rate

    @property
    def frames(self) -> int:
        """Length of the timeline."""
        return self.pictures[-1].end

    @property
    def sources(self) -> list[Source]:
        """Every video once."""
        return list(dict.fromkeys(piece.source for piece in self.pictures))

    @property
    def split(self) -> bool:
        """Whether sound and picture change at different times anywhere."""
        return any(
            picture.record != sound.record
            for picture, sound in zip(self.pictures, self.sounds, strict=True)
        )


def conform(timeline: Timeline) -> CutList:
    """Brings every clip to whole frames of its source and of the timeline.

    A clip begins with the source frame that is nearest to its time and lasts the nearest number of
    frames of the timeline. Crossfades and sound that changes elsewhere are shortened to what the
    sources have.

    Raises:
        UsageError: A clip lies wholly outside its video.
    """
    sources: dict[MediaInfo, Source] = {}
    notices: list[str] = []
    pictures: list[Piece] = []
    for number, clip in enumerate(timeline.clips):
        source = sources.setdefault(clip.info, _source(clip.info))
        notes = timeline.notes[number] if timeline.notes else ClipNotes()
        piece, off = _picture(
            clip, source, notes, pictures[-1] if pictures else None, timeline.frame_rate
        )
        named = f"cut {number + 1} ({file_name(clip.info.path)})"
        if off > _NOTABLE:
            notices.append(
                f"{named} begins {float(off * 1000):.0f} ms beside its time: editors count this "
                f"video at {float(source.rate):.5g} frames per second."
            )
        wanted = round(clip.join.crossfade * timeline.frame_rate) if pictures else 0
        if piece.fade < wanted:
            notices.append(
                f"the crossfade into {named} is {piece.fade} frames long instead of {wanted}: the "
                "video before ends there."
            )
        pictures.append(piece)
    if any(clip.camera for clip in timeline.clips) or any(
        source.info.video.width * timeline.picture_size[1]
        != source.info.video.height * timeline.picture_size[0]
        for source in sources.values()
    ):
        notices.append(
            "where the window of the picture lies is not handed over: the other editor shows its "
            "middle, or all of it between bars."
        )
    sounds = _sounds(timeline.clips, pictures, timeline.frame_rate)
    return CutList(timeline, tuple(pictures), sounds, tuple(notices))


def _source(info: MediaInfo) -> Source:
    rate = standard_rate(info.video.frame_rate)
    zero = max(Fraction(0), info.video.start - info.origin)
    frames = max(1, math.ceil((info.duration - zero) * rate - rate * _ALMOST))
    timecode, drop = timecode_start(info.path, rate)
    return Source(info, rate, zero, frames, timecode, drop)


def _picture(
    clip: Clip, source: Source, notes: ClipNotes, before: Piece | None, rate: Fraction
) -> tuple[Piece, Fraction]:
    """A piece of the picture lane, and by how many seconds it begins beside its time."""
    start = max(clip.span.start, Fraction(0))
    end = min(clip.span.end, clip.info.duration)
    if start >= end:
        raise UsageError(
            f"the cut {clip.span} lies outside the video",
            path=clip.info.path,
            remedy="Move it inside, or remove it.",
        )
    first = min(max(0, round((start - source.zero) * source.rate)), source.frames - 1)
    begin = first / source.rate
    left = math.floor((source.duration - begin) * rate)
    frames = max(1, min(round((end - start) * rate), left))
    fade = 0
    if before is not None:
        fade = min(round(clip.join.crossfade * rate), frames, _reserve(before, rate))
    record = before.end if before is not None else 0
    off = abs(begin + source.zero - start) if start >= source.zero else Fraction(0)
    return Piece(source, notes, record, frames, begin, max(0, fade)), off


def _reserve(piece: Piece, rate: Fraction) -> int:
    """Number of frames of the timeline that the source has after a piece."""
    return max(0, math.floor((piece.source.duration - piece.start) * rate) - piece.frames)


def _sounds(clips: Sequence[Clip], pictures: Sequence[Piece], rate: Fraction) -> tuple[Piece, ...]:
    begins = [0]
    for number in range(1, len(pictures)):
        before, piece = pictures[number - 1], pictures[number]
        earliest = begins[-1] + max(1, pictures[number - 1].fade)
        earliest = max(earliest, piece.record - math.floor(piece.start * rate))
        latest = piece.end - max(1, piece.fade)
        latest = min(latest, piece.record + max(0, _reserve(before, rate) - piece.fade))
        wanted = piece.record + round(clips[number].join.sound * rate)
        begins.append(min(max(wanted, earliest), latest))
    ends = [*begins[1:], pictures[-1].end]
    return tuple(
        Piece(
            piece.source,
            piece.notes,
            begin,
            end - begin,
            piece.start + (begin - piece.record) / rate,
            piece.fade,
        )
        for piece, begin, end in zip(pictures, begins, ends, strict=True)
    )
