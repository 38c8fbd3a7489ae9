"""What the colours of the lanes mean."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from desktop import theme
from desktop.timeline.affect import AROUSAL_COLOUR, VALENCE_COLOUR
from desktop.timeline.emotion import SILENCE_COLOUR


class Legend(QWidget):
    """A row of colours with their names; emotions have a letter too, and a height."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(88, 0, theme.SPACING, 4)
        row.setSpacing(10)
        for name, colour in theme.EMOTION_COLOURS.items():
            row.addWidget(_entry(colour, f"{theme.EMOTION_LETTERS[name]} {name}"))
        row.addWidget(_entry(theme.palette().secondary, "how sure", "◢"))
        row.addWidget(_entry(SILENCE_COLOUR, "no speech", "─"))
        row.addStretch()
        row.addWidget(_entry(AROUSAL_COLOUR, "arousal", "━"))
        row.addWidget(_entry(VALENCE_COLOUR, "valence", "╍"))
        row.addSpacing(10)
        for name, colour in theme.CONTRIBUTION_COLOURS.items():
            row.addWidget(_entry(colour, name))


def _entry(colour: str, text: str, mark: str = "■") -> QLabel:
    label = QLabel(
        f'<span style="color:{colour}">{mark}</span> '
        f'<span style="color:{theme.palette().secondary}; font-size:11px">{text}</span>'
    )
    label.setAccessibleName(text)
    return label
