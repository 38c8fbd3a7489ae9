"""How a short looks and sounds, whatever file it is written to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import UsageError
from core.export.framing import ASPECTS, Aspect

Layout = Literal["fill", "whole", "blur", "split"]
LAYOUTS: tuple[str, ...] = ("fill", "whole", "blur", "split")
"""``fill`` shows a window of the picture; ``whole`` all of it between black bars; ``blur`` all of
it before its own blurred copy; ``split`` two windows of it, one over the other."""

CaptionStyle = Literal["clean", "boxed", "bold", "word"]
CAPTION_STYLES: tuple[str, ...] = ("clean", "boxed", "bold", "word")
"""``clean`` white with an outline; ``boxed`` on a soft dark box; ``bold`` large and heavy;
``word`` bold with the word that is being said in colour."""


@dataclass(frozen=True)
class Look:
    """How a short looks and sounds.

    Attributes:
        aspect: Shape of the picture; ``source`` is that of the first clip, whole, with bars beside
            others.
        layout: How a picture of another shape is brought into it.
        follow: The window follows the subject where the editor put no keyframes; else it stays in
            the middle.
        title: Text that is shown over the begin, or nothing.
        title_seconds: How long the title is shown, in seconds.
        opening_card: Text of a card before the first clip, or nothing.
        end_card: Text of a card after the last clip, or nothing.
        card_seconds: How long a card is shown, in seconds.
        captions: Captions are drawn into the picture.
        caption_style: How they look.
        music: A sound file that plays under the short, again and again if it is shorter.
        music_level: Level of the music by its own, in dB.
        duck: The music gives way while the video is loud.
        gate: The noise gate is on: what is quieter than the rest is silenced.

    Raises:
        UsageError: A value is not possible.
    """

    aspect: Aspect = "source"
    layout: Layout = "fill"
    follow: bool = False
    title: str = ""
    title_seconds: float = 3.0
    opening_card: str = ""
    end_card: str = ""
    card_seconds: float = 2.0
    captions: bool = False
    caption_style: CaptionStyle = "clean"
    music: Path | None = None
    music_level: float = -12.0
    duck: bool = True
    gate: bool = False

    def __post_init__(self) -> None:
        _one_of(self.aspect, ASPECTS, "shape of the picture")
        _one_of(self.layout, LAYOUTS, "layout")
        _one_of(self.caption_style, CAPTION_STYLES, "style of captions")
        if not 0.5 <= self.title_seconds <= 60:
            raise UsageError(
                f"a title of {self.title_seconds:g} s is not possible", remedy="Use 0.5 to 60 s."
            )
        if not 0.5 <= self.card_seconds <= 20:
            raise UsageError(
                f"a card of {self.card_seconds:g} s is not possible", remedy="Use 0.5 to 20 s."
            )
        if not -60 <= self.music_level <= 12:
            raise UsageError(
                f"a level of {self.music_level:g} dB is not possible", remedy="Use -60 to 12 dB."
            )


def _one_of(value: str, known: tuple[str, ...], thing: str) -> None:
    if value not in known:
        raise UsageError(f"'{value}' is not a {thing}", remedy=f"Choose one of {', '.join(known)}.")
