"""What the colours of the lanes mean."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from desktop import theme
from desktop.i18n import tr
from desktop.timeline.affect import AROUSAL_COLOUR, VALENCE_COLOUR
from desktop.timeline.emotion import SILENCE_COLOUR
from desktop.timeline.emotion_menu import emotion_names
from desktop.timeline.highlight import contribution_names


class Legend(QWidget):
    """A row of colours with their names; emotions have a letter too, and a height."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(88, 0, theme.SPACING, 4)
        row.setSpacing(10)
        emotions, contributions = emotion_names(), contribution_names()
        for name, colour in theme.EMOTION_COLOURS.items():
            row.addWidget(_entry(colour, f"{theme.EMOTION_LETTERS[name]} {emotions[name]}"))
        row.addWidget(_entry(theme.palette().secondary, tr("how sure"), "◢"))
        row.addWidget(_entry(SILENCE_COLOUR, tr("no speech"), "─"))
        row.addStretch()
        row.addWidget(_entry(AROUSAL_COLOUR, tr("arousal"), "━"))
        row.addWidget(_entry(VALENCE_COLOUR, tr("valence"), "╍"))
        row.addSpacing(10)
        for name, colour in theme.CONTRIBUTION_COLOURS.items():
            row.addWidget(_entry(colour, contributions[name]))
        # A narrow window shows less of it instead of growing.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)


def _entry(colour: str, text: str, mark: str = "■") -> QLabel:
    label = QLabel(
        f'<span style="color:{colour}">{mark}</span> '
        f'<span style="color:{theme.palette().secondary}; font-size:11px">{text}</span>'
    )
    label.setAccessibleName(text)
    return label
