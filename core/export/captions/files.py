"""Caption files: SubRip, WebVTT and Advanced SubStation Alpha."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from pathlib import Path

from core.errors import ExportError
from core.export.captions import cues, substation
from core.export.captions.caption import Captions
from core.export.captions.markup import BadLine
from core.export.ffmpeg import os_export_error
from core.files import replace_file

READ_SUFFIXES = (".srt", ".vtt", ".ass", ".ssa")
WRITTEN_SUFFIXES = (".srt", ".vtt", ".ass")

_MOST_BYTES = 16_000_000
_MOST_CAPTIONS = 20_000
_LONGEST_TEXT = 20_000
_ENOUGH_HANGUL = 0.7

_EMPTY = re.compile(r"[\s\ufeff]*(WEBVTT[^\n]*\s*|.*\[Events\].*)?", re.DOTALL)
"""A file of a known kind that holds nothing."""

_READERS: dict[str, Callable[[str], Captions]] = {
    ".srt": cues.parse_srt,
    ".vtt": cues.parse_vtt,
    ".ass": lambda text: substation.parse(text, "ass"),
    ".ssa": lambda text: substation.parse(text, "ssa"),
}
_WRITERS: dict[str, Callable[[Captions], str]] = {
    ".srt": cues.format_srt,
    ".vtt": cues.format_vtt,
    ".ass": substation.format_ass,
}


def read_captions(path: Path) -> Captions:
    """Reads captions, in media time, from a file of the kind that its suffix says.

    Formatting becomes plain text; the times of words in WebVTT and of karaoke syllables in ASS
    become words. The text may be UTF-8, UTF-16, the Korean code page 949, or Latin-1.

    Args:
        path: An srt, vtt, ass or ssa file.

    Raises:
        ExportError: The file cannot be read, is too large, or is no caption file; the message says
            in which line, if one can be named.
    """
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ExportError(
            "this is no kind of caption file that can be read",
            path=path,
            remedy=f"Choose one of {', '.join(READ_SUFFIXES)}.",
        )
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ExportError(
            f"the captions cannot be read ({error.strerror or error})",
            path=path,
            remedy="Check that the file is there and may be read.",
        ) from error
    if len(data) > _MOST_BYTES:
        raise _refusal(path, "the file is far too large for captions")
    text = decode(data)
    if "\0" in text:
        raise _refusal(path, "this is not a text file")
    # Each has one of these signs; to understand a million of them takes long.
    if max(text.count("-->"), text.count("Dialogue:")) > _MOST_CAPTIONS:
        raise _refusal(path, f"the file has more than {_MOST_CAPTIONS} captions")
    try:
        captions = reader(text)
    except BadLine as error:
        where = f" in line {error.line}" if error.line else ""
        raise _refusal(path, f"the captions are damaged{where} ({error})") from error
    if not captions and not _EMPTY.fullmatch(text):
        raise _refusal(path, "there are no captions in the file")
    if any(len(caption.text) > _LONGEST_TEXT for caption in captions):
        raise _refusal(path, f"a caption is longer than {_LONGEST_TEXT} signs")
    return tuple(sorted(captions, key=lambda caption: (caption.span.start, caption.span.end)))


def write_captions(captions: Captions, path: Path) -> None:
    """Writes captions into a file of the kind that its suffix says, whole or not at all.

    Times are rounded to what the format keeps: milliseconds, in ASS hundredths of a second. WebVTT
    and ASS keep the times of words.

    Args:
        captions: The captions.
        path: An srt, vtt or ass file; one that is there is replaced.

    Raises:
        ExportError: The suffix is another, the file cannot be written, or a time is too late for
            the format.
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise ExportError(
            "this is no kind of caption file that can be written",
            path=path,
            remedy=f"Choose one of {', '.join(WRITTEN_SUFFIXES)}.",
        )
    try:
        text = writer(captions)
    except BadLine as error:
        raise ExportError(str(error), path=path, remedy="Write .srt or .vtt instead.") from error
    try:
        replace_file(path, text.encode())
    except OSError as error:
        raise os_export_error(error, path) from error


def decode(data: bytes) -> str:
    """The text of a file whose encoding nobody knows."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    head = data[:2000]
    if head.count(0) > len(head) // 5:
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_old(data)


def _decode_old(data: bytes) -> str:
    """Korean if nearly all that is not ASCII is common Hangul then, Western otherwise."""
    try:
        korean = data.decode("cp949")
    except UnicodeDecodeError:
        return data.decode("latin-1")
    foreign = [sign for sign in korean if sign > "\x7f"]
    hangul = sum("가" <= sign <= "힣" for sign in foreign)
    return korean if hangul >= _ENOUGH_HANGUL * len(foreign) else data.decode("latin-1")


def _refusal(path: Path, happened: str) -> ExportError:
    return ExportError(
        happened, path=path, remedy="Open it in a caption editor and save it as .srt or .vtt."
    )
