"""Moving pictures without sound, GIF and animated WebP, made from a finished short."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import av.error

from core.errors import Cancelled, ExportError, MediaError, UsageError
from core.export.ffmpeg import Command, as_input, export_error, run_ffmpeg
from core.export.target import PREVIEW_SUFFIXES, work_folder
from core.media.probe import open_media

_WEBP = ("-c:v", "libwebp_anim", "-quality", "70", "-loop", "0", "-f", "webp")
_GIF = ("-loop", "0", "-f", "gif")
_DITHER = "paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle"
_PALETTE_SHARE = 0.4


def write_preview(
    video: Path,
    output: Path,
    *,
    width: int | None = None,
    frame_rate: Fraction | None = None,
    target: Path | None = None,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Writes a GIF or an animated WebP that plays again and again.

    A GIF gets 256 colours that are chosen from the whole film in a first pass, so that they do not
    flicker; its frames last whole hundredths of a second. A frame of either may be left out where
    nothing moves; the one before then lasts longer.

    Args:
        video: A film that is finished.
        output: The file to write, ``.gif`` or ``.webp``, whole or not at all; an existing one is
            replaced.
        width: Pixels of the width at most; None keeps the film's own.
        frame_rate: Frames per second at most; None keeps the film's own.
        target: The file that the user would name when it fails; ``output`` if None.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked about every 50 ms.

    Returns:
        Number of frames that were shown to the encoder.

    Raises:
        UsageError: The name ends in something else, or the width or rate is not possible.
        ExportError: The film cannot be read or the preview not be written.
        Cancelled: ``cancelled()`` returned true.
    """
    target = target or output
    kind = output.suffix.lower()
    if kind not in PREVIEW_SUFFIXES:
        raise UsageError(
            f"previews are not written as '{output.suffix}'",
            path=target,
            remedy=f"Choose a name that ends in {', '.join(PREVIEW_SUFFIXES)}.",
        )
    if width is not None and not 16 <= width <= 4096:
        raise UsageError(f"a width of {width} pixels is not possible", remedy="Use 16 to 4096.")
    if frame_rate is not None and not 1 <= frame_rate <= 60:
        raise UsageError(
            f"{float(frame_rate):g} frames per second are not possible", remedy="Use 1 to 60."
        )
    filters, frames = _thinned(video, width, frame_rate, target)
    with work_folder(output) as folder:
        name = f"preview{kind}"

        def run(
            share: tuple[float, float], inputs: list[str], graph: str, words: list[str]
        ) -> None:
            begin, end = share
            command = Command(
                arguments=["-i", as_input(video), *inputs, "-filter_complex", graph, *words],
                folder=folder,
                frames=frames,
                target=target,
                source=video,
                message="Writing the preview",
            )
            run_ffmpeg(
                [command],
                progress=lambda done, message: progress(begin + (end - begin) * done, message),
                cancelled=cancelled,
            )

        if kind == ".webp":
            run(
                (0.0, 1.0),
                [],
                f"{filters},format=bgra[v]",
                ["-map", "[v]", *_WEBP, name],
            )
        else:
            run(
                (0.0, _PALETTE_SHARE),
                [],
                f"{filters},palettegen=stats_mode=diff[v]",
                ["-map", "[v]", "-frames:v", "1", "-update", "1", "palette.png"],
            )
            run(
                (_PALETTE_SHARE, 1.0),
                ["-i", "palette.png"],
                f"{filters}[film];[film][1:v]{_DITHER}[v]",
                ["-map", "[v]", *_GIF, name],
            )
        if cancelled():
            raise Cancelled
        os.replace(folder / name, output)
    return frames


def _thinned(
    video: Path, width: int | None, frame_rate: Fraction | None, target: Path
) -> tuple[str, int]:
    """The filters from a film to fewer and smaller pictures, and how many there will be."""
    try:
        with open_media(video) as container:
            stream = container.streams.video[0]
            own_rate = Fraction(stream.average_rate or 25)
            own_width = stream.codec_context.width
            frames = sum(1 for packet in container.demux(stream) if packet.pts is not None)
    except (MediaError, av.error.FFmpegError, IndexError) as error:
        raise export_error(str(error), target, source=video) from error
    if not frames:
        raise ExportError("the film has no pictures", path=video, remedy="Export it again.")
    filters = "[0:v]"
    if frame_rate is not None and frame_rate < own_rate:
        filters += f"fps={frame_rate.numerator}/{frame_rate.denominator}:round=near,"
        frames = max(1, round(frames * frame_rate / own_rate))
    if width is not None and width < own_width:
        filters += f"scale={width}:-1:flags=lanczos+accurate_rnd,"
    return f"{filters}setsar=1", frames
