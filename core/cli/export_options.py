"""The options of the terminal that say how a short looks and is written."""

from __future__ import annotations

import argparse
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UsageError
from core.time import exact

if TYPE_CHECKING:
    from core.export.encoding import Encoding
    from core.export.look import Look

CAPTION_WAYS = ("none", "burn", "sidecar", "both")
"""Where captions go: nowhere, into the picture, into a file beside the short, or both."""

_OFF = "off"


def add_look_options(parser: argparse.ArgumentParser) -> None:
    """Adds what changes the picture and the sound of the short."""
    look = parser.add_argument_group("look", "how the short looks and sounds")
    look.add_argument("--aspect", metavar="9:16", help="shape: source, 16:9, 9:16, 1:1 or 4:5")
    look.add_argument("--layout", metavar="fill", help="fill, whole, blur or split")
    look.add_argument(
        "--follow",
        action=argparse.BooleanOptionalAction,
        help="the window follows the subject",
    )
    look.add_argument("--title", help="text shown over the first seconds")
    look.add_argument("--title-seconds", type=float, metavar="S")
    look.add_argument("--opening-card", metavar="TEXT", help="a card before the first cut")
    look.add_argument("--end-card", metavar="TEXT", help="a card after the last cut")
    look.add_argument("--card-seconds", type=float, metavar="S")
    look.add_argument("--captions", choices=CAPTION_WAYS, help="into the picture, a file, or both")
    look.add_argument("--caption-style", metavar="clean", help="clean, boxed, bold or word")
    look.add_argument("--music", type=Path, metavar="FILE", help="plays under the short")
    look.add_argument("--music-level", type=float, metavar="DB", help="of the music by its own")
    look.add_argument(
        "--duck",
        action=argparse.BooleanOptionalAction,
        help="the music gives way to the video's own sound",
    )
    look.add_argument(
        "--gate", action=argparse.BooleanOptionalAction, help="silence what is quieter than speech"
    )
    look.add_argument(
        "--crossfade", type=float, metavar="S", help="between all cuts, pictures and sound"
    )


def add_encoding_options(parser: argparse.ArgumentParser) -> None:
    """Adds what changes the file alone."""
    file = parser.add_argument_group("file", "how the short is written")
    file.add_argument("--codec", metavar="h264", help="h264 or hevc")
    file.add_argument(
        "--hardware",
        action=argparse.BooleanOptionalAction,
        help="use an encoder of this machine's own, if one works",
    )
    file.add_argument("--height", type=int, metavar="PX")
    file.add_argument("--frame-rate", metavar="FPS", help="at most, as 30 or 30000/1001")
    file.add_argument("--crf", type=int, metavar="N", help="0 is lossless, 51 the worst")
    file.add_argument("--speed", metavar="veryfast", help="of the encoder, ultrafast to slower")
    file.add_argument("--most-bits", type=int, metavar="N", help="of the picture per second")
    file.add_argument("--sound-bits", type=int, metavar="N", help="of the sound per second")
    file.add_argument("--loudness", metavar="LUFS", help="as -14, or 'off' to leave it")
    file.add_argument("--peak", type=float, metavar="DBTP", help="true peak at most")
    file.add_argument("--way", metavar="auto", help="auto, composed, fast or lossless")


def look_from(options: argparse.Namespace, base: Look) -> Look:
    """The look that the options ask for, on top of another.

    Raises:
        UsageError: A value is not possible.
    """
    names = (
        "aspect", "layout", "follow", "title", "title_seconds", "opening_card", "end_card",
        "card_seconds", "caption_style", "music", "music_level", "duck", "gate",
    )  # fmt: skip
    changes = _given(options, names)
    if options.captions is not None:
        changes["captions"] = options.captions in ("burn", "both")
    return replace(base, **changes)


def encoding_from(options: argparse.Namespace, base: Encoding) -> Encoding:
    """The encoding that the options ask for, on top of another.

    Raises:
        UsageError: A value is not possible.
    """
    names = (
        "codec", "hardware", "height", "crf", "speed", "most_bits", "sound_bits", "peak", "way",
    )  # fmt: skip
    changes = _given(options, names)
    if options.frame_rate is not None:
        changes["frame_rate"] = _number(options.frame_rate, "a frame rate", "Use 30 or 30000/1001.")
    if options.loudness == _OFF:
        changes["loudness"] = None
    elif options.loudness is not None:
        changes["loudness"] = float(
            _number(options.loudness, "a loudness", f"Use LUFS, as -14, or '{_OFF}'.")
        )
    return replace(base, **changes)


def crossfade_from(options: argparse.Namespace) -> Fraction | None:
    """Seconds that all cuts fade over into each other; None leaves each as it is.

    Raises:
        UsageError: It is not possible.
    """
    if options.crossfade is None:
        return None
    if not 0 <= options.crossfade <= 10:
        raise UsageError(
            f"a crossfade of {options.crossfade:g} s is not possible", remedy="Use 0 to 10 s."
        )
    return Fraction(options.crossfade).limit_denominator(1000)


def _given(options: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    said = {name: getattr(options, name) for name in names}
    return {name: value for name, value in said.items() if value is not None}


def _number(text: str, thing: str, remedy: str) -> Fraction:
    try:
        return exact(text)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"'{text}' is not {thing}", remedy=remedy) from None
