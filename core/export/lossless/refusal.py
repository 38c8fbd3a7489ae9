"""Why the pictures of a short cannot be copied."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction

from core.errors import ExportError, UsageError
from core.export.clip import Clip
from core.export.encoding import Encoding
from core.export.look import Look
from core.export.lossless.plan import plan_cuts
from core.export.lossless.source import NotCopyable, Source, opened
from core.export.lossless.write import difference_between

_RATE_TOLERANCE = Fraction(1001, 1000)
_NAMES = {"h264": "H.264", "hevc": "HEVC"}


def lossless_refusal(clips: Sequence[Clip], look: Look, encoding: Encoding) -> str:
    """Why clips cannot be written with their pictures copied, as one sentence; empty if they can.

    Nothing is decoded; of each video, the packets around the edges of its clips are read.

    Args:
        clips: Stretches in playing order.
        look: How the short is to look.
        encoding: What is asked of the file.

    Raises:
        MediaError: A source is not there or not readable any more.
    """
    reason = _reason(clips, look, encoding)
    return f"{reason[0].upper()}{reason[1:]}." if reason else ""


def _reason(clips: Sequence[Clip], look: Look, encoding: Encoding) -> str:
    reason = _asked_for_change(clips, look, encoding)
    if reason or not clips:
        return reason or "there are no cuts"
    if any(clip.span.start >= min(clip.span.end, clip.info.duration) for clip in clips):
        return "a cut lies outside its video"
    try:
        with ExitStack() as files:
            infos = dict.fromkeys(clip.info for clip in clips)
            readers = {info: files.enter_context(opened(info)) for info in infos}
            reason = _not_alike([reader.source for reader in readers.values()], encoding)
            if reason:
                return reason
            cuts = plan_cuts(clips, readers, lambda: False)
    except NotCopyable as found:
        return str(found)
    except (ExportError, UsageError) as error:
        return error.happened
    if all(cut.entry is None for cut in cuts):
        return "no cut has a key frame in it, so that every frame would be encoded anew"
    return ""


def _asked_for_change(clips: Sequence[Clip], look: Look, encoding: Encoding) -> str:
    """What of the settings changes the pictures."""
    shown = (look.title, look.opening_card, look.end_card)
    rates = [clip.info.video.frame_rate for clip in clips]
    changes = {
        "the short has another shape than the video": look.aspect != "source",
        "titles and cards are drawn into the picture": any(text.strip() for text in shown),
        "captions are drawn into the picture": look.captions,
        "a cut fades over from the one before": any(clip.join.crossfade for clip in clips[1:]),
        "the window was moved by hand": any(clip.camera for clip in clips),
        "the bits per second of the picture are limited": encoding.most_bits is not None,
        "the short has another height than the video": any(
            encoding.height not in (None, clip.info.video.height) for clip in clips
        ),
        "the video has more frames per second than the short may have": any(
            rate > encoding.frame_rate * _RATE_TOLERANCE for rate in rates
        ),
    }
    return next((reason for reason, is_so in changes.items() if is_so), "")


def _not_alike(sources: Sequence[Source], encoding: Encoding) -> str:
    """What of the videos cannot be strung together, or is another thing than what is asked for."""
    form = sources[0].form
    if form.codec != encoding.codec:
        return f"the video is {_NAMES[form.codec]} and the short is to be {_NAMES[encoding.codec]}"
    return difference_between(sources)
