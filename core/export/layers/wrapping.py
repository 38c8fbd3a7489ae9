"""Where a line may break, and which breaks make lines of even length."""

from __future__ import annotations

import re
import unicodedata

from core.export.layers.lettering import width_of

Piece = tuple[int, int]
"""Begin and end of a stretch of a text."""

CLOSING = frozenset(
    "!%),.:;?]}¢°’”‥…‰′″℃、。々〉》」』】〕〗〙〟ぁぃぅぇぉっゃゅょゎゝゞ゠ァィゥェォッャュョヮヵヶ"
    "・ーヽヾ！％），．：；？］｝｡｣､･～"
)
"""No line begins with one of these (JIS X 4051, GB/T 15834 and Korean practice)."""

OPENING = frozenset("$([{£¥‘“〈《「『【〔〖〘〝＄（［｛｢￡￥₩€#")
"""No line ends with one of these."""

_PAUSES = frozenset(",;:.!?…、。！？，；：")
_TOKEN = re.compile(r"\S+")
_REWARD = 0.06


def unspaced(sign: str) -> bool:
    """Whether a sign belongs to a script that is written without spaces."""
    code = ord(sign)
    return 0x2E80 <= code <= 0x312F or 0x31A0 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or (
        0xFF01 <= code <= 0xFF9F or 0x20000 <= code <= 0x3FFFF
    )  # fmt: skip


def break_lines(text: str, font_size: int, width: float, most_lines: int) -> list[Piece] | None:
    """Breaks a text into as few lines as it needs, of lengths as even as possible.

    Lines break at spaces; in Chinese and Japanese between signs, but not before closing or after
    opening punctuation. A Korean word (eojeol) or a Latin one is broken only where it alone is
    wider than a line. Punctuation that stands alone stays with its neighbour.

    Args:
        text: Words with one space between them.
        font_size: Size of the font in pixels.
        width: Width of a line in pixels at most.
        most_lines: Number of lines at most.

    Returns:
        Begin and end of each line in the text; None if it needs more lines.
    """
    return even_lines(
        text, unbreakable_pieces(text, font_size, width), font_size, width, most_lines
    )


def even_lines(
    text: str, pieces: list[Piece], font_size: int, width: float, most_lines: int
) -> list[Piece] | None:
    """The same for a text whose unbreakable pieces are known."""
    fewest = _fewest_lines(text, pieces, font_size, width, most_lines)
    if fewest is None:
        return None
    count = len(pieces)
    best: list[tuple[float, list[Piece]] | None] = [(0.0, []), *[None] * count]
    for _ in range(fewest):
        reached: list[tuple[float, list[Piece]] | None] = [None] * (count + 1)
        for first, way in enumerate(best[:count]):
            if way is None:
                continue
            for last in range(first, count):
                line = (pieces[first][0], pieces[last][1])
                used = width_of(text[slice(*line)], font_size) / width
                if used > 1 and last > first:
                    break
                cost = way[0] + (1 - used) ** 2 - _REWARD * (text[line[1] - 1] in _PAUSES)
                known = reached[last + 1]
                if known is None or cost < known[0]:
                    reached[last + 1] = (cost, [*way[1], line])
        best = reached
    found = best[count]
    return found[1] if found is not None else None


def unbreakable_pieces(text: str, font_size: int, width: float) -> list[Piece]:
    """The pieces that stay together on a line, none wider than it; between them it may break."""
    pieces: list[Piece] = []
    for token in _together(text):
        if any("가" <= sign <= "힣" for sign in text[slice(*token)]):
            pieces.append(token)
        else:
            pieces += _between_signs(text, token)
    return [part for piece in pieces for part in _narrow(text, piece, font_size, width)]


def _fewest_lines(
    text: str, pieces: list[Piece], font_size: int, width: float, most_lines: int
) -> int | None:
    lines, begin = 1, pieces[0][0] if pieces else 0
    for first, last in pieces:
        if first > begin and width_of(text[begin:last], font_size) > width:
            lines, begin = lines + 1, first
            if lines > most_lines:
                return None
    return lines


def _together(text: str) -> list[Piece]:
    """What stands between spaces, with the punctuation that must not stand alone."""
    tokens: list[Piece] = []
    waiting: int | None = None
    for match in _TOKEN.finditer(text):
        begin, end = match.span()
        alone = not any(unicodedata.category(sign)[0] in "LN" for sign in match[0])
        opens = alone and (not tokens or all(sign in OPENING for sign in match[0]))
        if opens:
            waiting = begin if waiting is None else waiting
        elif alone and waiting is None:
            tokens[-1] = (tokens[-1][0], end)
        else:
            tokens.append((begin if waiting is None else waiting, end))
            waiting = None
    if waiting is not None:
        last = len(text.rstrip())
        tokens = [*tokens[:-1], (tokens[-1][0], last)] if tokens else [(waiting, last)]
    return tokens


def _between_signs(text: str, token: Piece) -> list[Piece]:
    begin, end = token
    pieces: list[Piece] = []
    for place in range(begin + 1, end):
        free = unspaced(text[place - 1]) or unspaced(text[place])
        if free and _parts_at(text, place):
            pieces.append((begin, place))
            begin = place
    return [*pieces, (begin, end)]


def _parts_at(text: str, place: int) -> bool:
    """Whether a piece that must be broken may be broken here."""
    before, after = text[place - 1], text[place]
    return " " not in (before, after) and before not in OPENING and after not in CLOSING


def _narrow(text: str, piece: Piece, font_size: int, width: float) -> list[Piece]:
    """A piece as it is, or in parts that fit into a line."""
    begin, end = piece
    parts: list[Piece] = []
    while end - begin > 1 and width_of(text[begin:end], font_size) > width:
        place, used = begin, 0.0
        while place < end and (used := used + width_of(text[place], font_size)) <= width:
            place += 1
        place = max(begin + 1, min(place, end - 1))
        back = place
        while back > begin + 1 and not _parts_at(text, back):
            back -= 1
        if back > begin + 1:
            place = back
        parts.append((begin, place))
        begin = place
    return [*parts, (begin, end)]
