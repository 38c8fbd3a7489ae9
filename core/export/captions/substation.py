"""Advanced SubStation Alpha through pysubs2, including the karaoke times of words."""

from __future__ import annotations

import re
import warnings
from fractions import Fraction

import pysubs2

from core.export.captions.caption import Caption, Captions, Word
from core.export.captions.markup import BadLine, caption_of, fragments
from core.export.layers.wrapping import unspaced
from core.time import Span

_LATEST = 10 * 3600 * 100
_EVENT = re.compile(r"\s*(?:Dialogue|Comment):[^,]*,([^,]*),([^,]*),")
_TIME = re.compile(r"\s*\d{1,2}:\d{1,2}:\d{1,2}([.,]\d{1,3})?\s*")
_OVERRIDE = re.compile(r"(?<!\\)\{([^{}]*)\}")
_KARAOKE = re.compile(r"\\(?:kf|ko|k|K)(\d{1,6})")
_DRAWING = re.compile(r"\\p([0-9]+)")
_JOINER = "\u2060"
"""Keeps a backslash of the text from becoming a mark of the format."""


def parse(text: str, kind: str) -> Captions:
    r"""Captions of a file; formatting, drawings and comments are left out.

    Syllables of karaoke (``\k`` and its like) become words; those without a space between them
    are one word.

    Args:
        text: The file.
        kind: ``ass`` or ``ssa``.

    Raises:
        BadLine: The file is damaged.
    """
    _check_times(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            file = pysubs2.SSAFile.from_string(text.lstrip("\ufeff"), format_=kind)
    except (pysubs2.Pysubs2Error, ValueError, IndexError, TypeError, OverflowError) as error:
        raise BadLine(str(error)[:120]) from error
    captions = (_caption(event) for event in file.events if not event.is_comment)
    return tuple(caption for caption in captions if caption is not None)


def format_ass(captions: Captions) -> str:
    """A file with the times of words as karaoke.

    Raises:
        BadLine: A caption ends later than 10 hours, which the format cannot say.
    """
    file = pysubs2.SSAFile()
    for caption in captions:
        start = max(0, round(caption.span.start * 100))
        end = max(round(caption.span.end * 100), start + 1)
        if end >= _LATEST:
            raise BadLine("ASS has no times of 10 hours and more")
        body = _body(caption, start, end)
        if body and caption.span.end > 0:
            file.append(pysubs2.SSAEvent(start=start * 10, end=end * 10, text=body))
    return file.to_string("ass", header_notice="")


def _check_times(text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        match = _EVENT.match(line)
        if match is not None and not all(_TIME.fullmatch(time) for time in match.groups()):
            raise BadLine("these are not two times", number)


def _caption(event: pysubs2.SSAEvent) -> Caption | None:
    start, end = Fraction(event.start, 1000), Fraction(event.end, 1000)
    shown: list[str] = []
    words: list[Word] = []
    reached = length = start
    drawing = False
    position = 0
    for match in [*_OVERRIDE.finditer(event.text), None]:
        piece = _unescaped(event.text[position : match.start() if match else len(event.text)])
        if not drawing:
            if length > reached and piece.strip():
                _add_syllable(words, Span(reached, length), piece, "".join(shown))
            shown.append(piece)
        if match is None:
            break
        position = match.end()
        for scale in _DRAWING.findall(match[1]):
            drawing = int(scale) > 0
        for hundredths in _KARAOKE.findall(match[1]):
            reached = length
            length = reached + Fraction(int(hundredths), 100)
    return caption_of(start, end, "".join(shown), words)


def _add_syllable(words: list[Word], span: Span, piece: str, before: str) -> None:
    """Adds a word, or a syllable to the word that it belongs to."""
    joined = bool(words) and before.endswith(words[-1].text) and not piece[0].isspace()
    if joined and words[-1].span.end == span.start:
        free = unspaced(piece[0]) or unspaced(before[-1])
        if not free:
            last = words[-1]
            words[-1] = Word(Span(last.span.start, span.end), last.text + piece.rstrip())
            return
    words.append(Word(span, piece.strip()))


def _body(caption: Caption, start: int, end: int) -> str:
    pieces = fragments(caption)
    if all(word is None for _, word in pieces):
        return "".join(_escaped(piece) for piece, _ in pieces)
    body, reached = "", start
    for piece, word in pieces:
        if word is None:
            body += rf"{{\k0}}{_escaped(piece)}" if piece.strip() else _escaped(piece)
            continue
        first, last = (round(time * 100) for time in (word.span.start, word.span.end))
        first = max(first, reached)
        last = max(min(last, end), first)
        if first > reached:
            body += rf"{{\k{first - reached}}}"
        body += rf"{{\k{last - first}}}{_escaped(piece)}"
        reached = last
    return body


def _escaped(text: str) -> str:
    text = text.replace("\\", f"\\{_JOINER}").replace("{", r"\{").replace("}", r"\}")
    return text.replace("\n", r"\N")


def _unescaped(text: str) -> str:
    text = text.replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", " ")
    return text.replace(r"\{", "{").replace(r"\}", "}").replace(f"\\{_JOINER}", "\\")
