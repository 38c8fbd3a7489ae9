"""What is to be expected of an export before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.errors import MediaError, UsageError
from core.export.clip import Clip
from core.export.encoding import Encoding
from core.export.estimate import Estimate, estimate, estimate_preview
from core.export.framing import frame_pictures
from core.export.limits import Limits, check_plan
from core.export.look import Look
from core.export.plan import plan_export
from core.export.target import PREVIEW_SUFFIXES
from core.export.ways import pick_way

_COPIED_SECONDS = 2.0


@dataclass(frozen=True)
class Foresight:
    """What is to be expected of an export.

    Attributes:
        duration: Length of the short in seconds.
        width: Width in pixels.
        height: Height in pixels.
        frame_rate: Frames per second.
        way: In which way its pictures would be written; empty if it cannot be written.
        guess: Size and time; None if it cannot be written.
        warnings: Where it goes beyond what is accepted, a sentence each.
        refusal: Why it cannot be written; empty if it can.
    """

    duration: Fraction
    width: int
    height: int
    frame_rate: Fraction
    way: str
    guess: Estimate | None
    warnings: tuple[str, ...]
    refusal: str


def foresee(
    clips: Sequence[Clip],
    look: Look,
    encoding: Encoding,
    suffix: str,
    limits: Limits,
    cancelled: Callable[[], bool] = lambda: False,
) -> Foresight:
    """Finds out what is to be expected of an export.

    Args:
        clips: Stretches of videos in playing order.
        look: How the short looks.
        encoding: How it is written.
        suffix: How the name of the file ends.
        limits: What is accepted where it goes.
        cancelled: Asked while packets are read.

    Raises:
        UsageError: There are no clips, or one lies outside its video.
        MediaError: A video is not there or not readable any more.
        Cancelled: ``cancelled()`` returned true.
    """
    plan = plan_export(clips, look, encoding, cancelled)
    videos = [media.video for media in dict.fromkeys(clip.info for clip in clips)]
    [framing, *_] = frame_pictures(videos, look.aspect, encoding.height, look.layout)
    size = framing.width, framing.height
    warnings = tuple(
        check_plan(
            limits,
            duration=plan.duration,
            size=size,
            frame_rate=plan.frame_rate,
            encoding=encoding,
            suffix=suffix,
        )
    )
    try:
        way = pick_way(clips, look, encoding).name
    except UsageError as error:
        return Foresight(plan.duration, *size, plan.frame_rate, "", None, warnings, str(error))
    guess = estimate(plan.duration, size, plan.frame_rate, encoding)
    if suffix in PREVIEW_SUFFIXES:
        preview = estimate_preview(plan.duration, size, plan.frame_rate, suffix)
        guess = Estimate(
            preview.bytes,
            preview.fewest_bytes,
            preview.most_bytes,
            guess.seconds + preview.seconds,
        )
    elif way == "lossless":
        guess = _copied(clips)
    return Foresight(plan.duration, *size, plan.frame_rate, way, guess, warnings, "")


def _copied(clips: Sequence[Clip]) -> Estimate:
    """What is copied keeps the size that it has in its video."""
    size = 0.0
    for clip in clips:
        try:
            whole = clip.info.path.stat().st_size
        except OSError as error:
            raise MediaError(
                "a video of the short is missing",
                path=clip.info.path,
                remedy="Put it back beside the project, or reject its cuts.",
            ) from error
        size += whole * float(clip.span.duration / clip.info.duration)
    return Estimate(round(size), round(size / 2), round(size * 2), _COPIED_SECONDS)
