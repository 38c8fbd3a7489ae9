"""In which way a short is written: with layers, by plain transcoding, or by copying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.errors import UsageError
from core.export.clip import Clip
from core.export.encoding import Encoding
from core.export.look import Look
from core.export.lossless import lossless_refusal

_USUAL_BITS = 8

WayName = Literal["composed", "fast", "lossless"]


@dataclass(frozen=True)
class Way:
    """How the pictures of a short come about.

    Attributes:
        name: ``composed``, ``fast`` or ``lossless``.
        reason: Why this way, as a sentence for people.
    """

    name: WayName
    reason: str


def pick_way(clips: Sequence[Clip], look: Look, encoding: Encoding) -> Way:
    """The way that is asked for, or else the one that keeps most and takes least.

    Args:
        clips: Stretches of videos in playing order.
        look: How the short looks.
        encoding: How it is written.

    Raises:
        UsageError: The way that is asked for is not possible; the message says why.
        MediaError: A video is not there or not readable any more.
    """
    if encoding.way == "composed":
        return Way("composed", "This way was asked for.")
    layers = _layers(clips, look)
    if encoding.way == "fast":
        if layers:
            raise UsageError(
                f"a short with {layers} cannot be written in the fast way",
                remedy="Choose the way composed or auto, or leave that out.",
            )
        return Way("fast", "This way was asked for.")
    refusal = _changes(clips, look, encoding) or lossless_refusal(clips, look, encoding)
    if encoding.way == "lossless":
        if refusal:
            raise UsageError(
                f"this short cannot be copied: {refusal.rstrip('.')}",
                remedy="Choose the way auto, or leave out what changes the pictures.",
            )
        return Way("lossless", "This way was asked for.")
    refusal = refusal or _unusual(clips)
    if not refusal:
        return Way("lossless", "Nothing changes the pictures: all but the edges are copied.")
    if layers:
        return Way("composed", f"The short has {layers}.")
    return Way("fast", f"The pictures are encoded anew, with nothing over them: {refusal}")


def _layers(clips: Sequence[Clip], look: Look) -> str:
    """What has to be composed, in words; "" if nothing has."""
    if look.title.strip():
        return "a title"
    if look.opening_card.strip() or look.end_card.strip():
        return "a card"
    if look.captions and any(clip.captions for clip in clips):
        return "captions"
    if any(clip.join.crossfade > 0 for clip in clips[1:]):
        return "a crossfade"
    if look.layout in ("blur", "split") and look.aspect != "source":
        return "a layout of two pictures"
    return ""


def _changes(clips: Sequence[Clip], look: Look, encoding: Encoding) -> str:
    """What asks for other pictures than those of the videos; "" if nothing does."""
    if look.aspect != "source":
        return "The shape of the picture changes."
    if encoding.height is not None:
        return "The height of the picture is given."
    if encoding.most_bits is not None:
        return "The bit rate is limited."
    for clip in clips:
        first = clip.info.video.start - clip.info.origin
        if clip.span.start < first - 1 / (2 * clip.info.video.frame_rate):
            return "A cut begins before the first picture of its video."
    return ""


def _unusual(clips: Sequence[Clip]) -> str:
    """What of the pictures many players and platforms do not take as it is; "" if nothing."""
    videos = [clip.info.video for clip in clips]
    if any(video.is_hdr for video in videos):
        return "The video has a high dynamic range."
    if any(video.interlaced for video in videos):
        return "The video is interlaced."
    if any(video.bits > _USUAL_BITS for video in videos):
        return "The video has more than 8 bits per sample."
    return ""
