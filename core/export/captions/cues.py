"""SubRip and WebVTT, including the times of words.

pysubs2 takes a line with the times of two words for the begin of a cue, so cues are parsed here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from fractions import Fraction

from core.export.captions.caption import Caption, Captions, Word
from core.export.captions.markup import BadLine, caption_of, fragments, plain
from core.time import Span

_STAMP = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}(?:\s.*)?")
_LIKE_TIMES = re.compile(r"\s*[\d:.,;]+\s*-+>")
_NUMBER = re.compile(r"\s*\d{1,9}\s*")
_SRT_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}")
_VTT_TAG = re.compile(rf"<{_STAMP}>|<(/?)([^<>]*)>")
_UNTIMED = "c.untimed"


def parse_srt(text: str) -> Captions:
    """Captions of a SubRip file.

    Raises:
        BadLine: A line of times is damaged.
    """
    return _captions(text, _srt_payload, _srt_caption)


def parse_vtt(text: str) -> Captions:
    """Captions of a WebVTT file; the times of words inside the text become words.

    Raises:
        BadLine: The header or a line of times is damaged.
    """
    if not text.lstrip("\ufeff").startswith("WEBVTT"):
        raise BadLine("it does not begin with WEBVTT", 1)
    return _captions(text, _vtt_payload, _vtt_caption)


def format_srt(captions: Captions) -> str:
    """A SubRip file."""
    cues: list[str] = []
    for caption in captions:
        start, end = _rounded(caption.span)
        body = plain(caption.text).replace("-->", "→")
        if body and end > 0:
            times = f"{_stamp(start, ',')} --> {_stamp(end, ',')}"
            cues.append(f"{len(cues) + 1}\n{times}\n{body}\n")
    return "\n".join(cues)


def format_vtt(captions: Captions) -> str:
    """A WebVTT file with the times of words."""
    cues = ["WEBVTT\n"]
    for caption in captions:
        start, end = _rounded(caption.span)
        body = _vtt_body(caption, start, end)
        if body and end > 0:
            cues.append(f"{_stamp(start, '.')} --> {_stamp(end, '.')}\n{body}\n")
    return "\n".join(cues)


def _captions(
    text: str,
    payload_of: Callable[[list[str], bool], list[str]],
    caption_from: Callable[[Fraction, Fraction, str], Caption | None],
) -> Captions:
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    captions = []
    for start, end, payload in _cues(lines, payload_of):
        caption = caption_from(start, end, "\n".join(payload))
        if caption is not None:
            captions.append(caption)
    return tuple(captions)


def _cues(
    lines: list[str], payload_of: Callable[[list[str], bool], list[str]]
) -> Iterator[tuple[Fraction, Fraction, list[str]]]:
    heads: list[tuple[int, Fraction, Fraction]] = []
    for index, line in enumerate(lines):
        match = _TIMES.fullmatch(line)
        if match is not None:
            start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
            if end < start:
                raise BadLine("it ends before it begins", index + 1)
            heads.append((index, start, end))
        elif _LIKE_TIMES.match(line):
            raise BadLine("these are not two times", index + 1)
    for number, (index, start, end) in enumerate(heads):
        is_last = number == len(heads) - 1
        stop = len(lines) if is_last else heads[number + 1][0]
        yield start, end, payload_of(lines[index + 1 : stop], is_last)


def _srt_payload(lines: list[str], is_last: bool) -> list[str]:
    """All up to the number of the next cue: some files have empty lines in their texts."""
    if not is_last and lines and _NUMBER.fullmatch(lines[-1]):
        return lines[:-1]
    return lines


def _vtt_payload(lines: list[str], is_last: bool) -> list[str]:
    """All up to an empty line; notes, styles and names of cues come after it."""
    blank = next((index for index, line in enumerate(lines) if not line.strip()), len(lines))
    return lines[:blank]


def _srt_caption(start: Fraction, end: Fraction, body: str) -> Caption | None:
    text = _SRT_TAG.sub("", body).replace(r"\N", "\n").replace(r"\h", " ")
    return caption_of(start, end, text, ())


def _vtt_caption(start: Fraction, end: Fraction, body: str) -> Caption | None:
    """A cue; a word lasts from its time to the next one."""
    stamps = [match for match in _VTT_TAG.finditer(body) if match[4]]
    text = ""
    words: list[Word] = []
    said, said_from, untimed, reached = "", start, False, 0

    def finish(time: Fraction) -> None:
        # Before its first time a cue may repeat lines that were said earlier.
        known = said if not stamps or said_from > start else said.split("\n")[-1]
        if stamps and known.strip() and time > said_from:
            words.append(Word(Span(said_from, time), known.strip()))

    for match in _VTT_TAG.finditer(body):
        piece = html.unescape(body[reached : match.start()])
        text += piece
        said += "" if untimed else piece
        reached = match.end()
        if match[4]:
            time = _seconds(match.groups()[:4])
            finish(time)
            said, said_from = "", time
        elif match[6] == _UNTIMED:
            untimed = True
        elif match[5]:
            untimed = False
    piece = html.unescape(body[reached:])
    text += piece
    said += "" if untimed else piece
    finish(end)
    return caption_of(start, end, text, words)


def _vtt_body(caption: Caption, start: int, end: int) -> str:
    pieces = fragments(caption)
    if all(word is None for _, word in pieces):
        return html.escape(plain(caption.text), quote=False)
    body, reached = "", start
    for piece, word in pieces:
        shown = html.escape(piece, quote=False)
        if word is None:
            body += shown if not piece.strip() else f"<{_UNTIMED}>{shown}</c>"
            continue
        first, last = (round(time * 1000) for time in (word.span.start, word.span.end))
        first = max(first, reached)
        last = max(min(last, end), first)
        if first == last:
            body += f"<{_UNTIMED}>{shown}</c>"
            continue
        body += f"<{_stamp(first, '.')}>{shown}<{_stamp(last, '.')}>"
        reached = last
    return body


def _seconds(groups: tuple[str | None, ...]) -> Fraction:
    hours, minutes, seconds, rest = (group or "0" for group in groups)
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + Fraction(int(rest.ljust(3, "0")), 1000)


def _rounded(span: Span) -> tuple[int, int]:
    """Milliseconds of begin and end, at least one apart."""
    start, end = max(0, round(span.start * 1000)), round(span.end * 1000)
    return start, max(end, start + 1) if end > 0 else end


def _stamp(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}{point}{rest:03d}"
