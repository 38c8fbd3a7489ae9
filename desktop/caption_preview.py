"""Which caption stands over the picture now, and where."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

from PySide6.QtCore import QObject

from core.export.captions.breaking import ShownText, break_caption
from core.export.captions.caption import Caption, Captions
from core.export.captions.retime import Placement, caption_at, retime, without_overlaps
from core.export.captions.styles import LETTERINGS, font_size_of, text_area
from core.export.framing import Framing, frame_pictures
from core.project.document import EditedCut
from core.time import Span
from desktop.editor import Editor
from desktop.player.caption_overlay import Part, ShownCaption
from desktop.player.player import Player
from desktop.player.video_view import VideoView

_SHORT_SILENCE = Fraction(2, 5)
"""A word stays coloured through a silence of so many seconds."""

_AROUND_BOX, _AROUND_LETTERS = 0.8, 0.25
"""What stays free beside the text, as fractions of the font size."""


class CaptionPreview(QObject):
    """Shows over the picture what the export will draw into it, as long as the look wants it.

    Inside a cut the captions are those of the short: of one that reaches over the border of the
    cut, only what is said inside.

    Args:
        editor: The project.
        player: Says what time it is.
        view: Shows the caption.
        cut: Gives the cut that the playhead is in.
        parent: Owner.
    """

    def __init__(
        self,
        editor: Editor,
        player: Player,
        view: VideoView,
        cut: Callable[[], EditedCut | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._player = player
        self._view = view
        self._cut = cut
        self._made_of: tuple[Captions, Span | None] | None = None
        self._made: Captions = ()
        player.moved.connect(self._show)
        for signal in (editor.project_changed, editor.selection_changed, editor.media_changed):
            signal.connect(self._show)

    def _show(self) -> None:
        self._view.set_caption(self._caption())

    def _caption(self) -> ShownCaption | None:
        look, info = self._editor.project.wishes.look, self._editor.info
        if info is None or not look.captions or not self._editor.captions:
            return None
        cut = self._cut()
        now = Fraction(self._player.position)
        if self._editor.frames is not None:
            now = self._editor.frames.shown(now)
        now -= cut.span.start if cut is not None else 0
        present = caption_at(self._captions(None if cut is None else cut.span), now)
        if present is None:
            return None
        [framing] = frame_pictures([info.video], look.aspect, layout=look.layout)
        size = framing.width, framing.height
        lettering, area = LETTERINGS[look.caption_style], text_area(size)
        font_size = font_size_of(lettering, size)
        around = _AROUND_BOX if lettering.box else _AROUND_LETTERS
        width = area.width - 2 * round(around * font_size)
        text = next((t for t in _broken(present, font_size, width) if now in t.span), None)
        if text is None:
            return None
        spoken = () if lettering.spoken is None else _spoken(text, now)
        part = _part(framing, look.layout)
        return ShownCaption(text.lines, spoken, lettering, font_size, area.bottom, size, part)

    def _captions(self, span: Span | None) -> Captions:
        """One after the other: those of a cut in seconds from its begin, or those of the video."""
        captions, known = self._editor.captions, self._made_of
        if known is None or captions is not known[0] or span != known[1]:
            self._made_of = captions, span
            if span is None:
                self._made = without_overlaps(captions)
            else:
                self._made = retime([Placement(captions, span, Fraction(0))])
        return self._made


@lru_cache(maxsize=16)
def _broken(caption: Caption, font_size: int, width: int) -> list[ShownText]:
    return break_caption(caption, font_size, width)


def _spoken(text: ShownText, now: Fraction) -> tuple[tuple[int, int, int], ...]:
    """Places of the word that is being said."""
    later = [word.span.start for word in text.words[1:]] + [text.span.end]
    for word, following in zip(text.words, later, strict=True):
        short = following - word.span.end <= _SHORT_SILENCE
        if word.span.start <= now < (following if short else word.span.end):
            return word.places
    return ()


def _part(framing: Framing, layout: str) -> Part:
    """Where the last window stands in the picture of the short."""
    width = framing.picture_width / framing.width
    height = framing.picture_height / framing.height
    if layout == "split":
        return 0.0, 1 - height, 1.0, height
    return (1 - width) / 2, (1 - height) / 2, width, height
