"""Names and addresses as files of other editors can hold them."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit
from urllib.request import url2pathname

from core.export.interchange.timeline import ClipNotes

_REEL_LENGTH = 8
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_of(name: str) -> str:
    """A text without the characters that XML cannot hold and UTF-8 cannot write."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", name)


def line_of(name: str) -> str:
    """A text on one line."""
    return " ".join(text_of(name).split())


def file_name(path: Path) -> str:
    """The name of a file, readable also where it is not UTF-8."""
    return text_of(os.fsencode(path.name).decode("utf-8", "replace"))


def path_text(path: Path) -> str:
    """The absolute path of a file, readable also where it is not UTF-8."""
    return text_of(os.fsencode(path.absolute()).decode("utf-8", "replace"))


def file_url(path: Path) -> str:
    """The absolute ``file://`` address of a file, percent-encoded."""
    return path.absolute().as_uri()


def path_of_url(url: str) -> Path:
    """The path behind a ``file://`` address; what is no address is a path already."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return Path(url)
    if parts.scheme != "file":
        return Path(url)
    if os.name == "nt":
        return Path(url2pathname(parts.path))
    return Path(os.fsdecode(unquote_to_bytes(parts.path)))


def reel_names(paths: list[Path]) -> dict[Path, str]:
    """Names of at most eight capital letters and digits, a different one for each file."""
    names: dict[Path, str] = {}
    for path in paths:
        plain = unicodedata.normalize("NFKD", path.stem).encode("ascii", "ignore").decode()
        stem = re.sub("[^A-Z0-9]", "", plain.upper())[:_REEL_LENGTH] or "REEL"
        # AX, BL, BLACK and BARS mean no tape at all to those who read edit lists.
        name, number = ("" if stem in ("AX", "BL", "BLACK", "BARS") else stem), 1
        while not name or name in names.values():
            number += 1
            name = f"{stem[: _REEL_LENGTH - len(str(number))]}{number}"
        names[path] = name
    return names


def title_of(notes: ClipNotes, path: Path) -> str:
    """What a clip is called."""
    return text_of(notes.name).strip() or file_name(path)


def marker_title(notes: ClipNotes) -> str:
    """Emotion and score of a clip on one line, as "happy 0.83"; empty if nothing is known."""
    emotion = line_of(notes.emotion)
    if not emotion and not notes.score and not notes.reasons:
        return ""
    return f"{emotion or 'highlight'} {notes.score:.2f}"


def marker_note(notes: ClipNotes) -> str:
    """The reasons of a clip on one line."""
    return "; ".join(line_of(reason) for reason in notes.reasons)
