"""The menu of the emotion ribbon: what is heard in a stretch."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu

from core.networks.emotion_classes import EMOTIONS
from core.project.emotion_corrections import Corrections, EmotionCorrection
from core.time import Span
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr

_SHARPNESS = 2
"""Pixels per point of icons."""


def emotion_names() -> dict[str, str]:
    """What the emotions are called in the language of the window."""
    return {
        "neutral": tr("neutral"),
        "happy": tr("happy"),
        "surprise": tr("surprise"),
        "angry": tr("angry"),
        "fear": tr("fear"),
        "sad": tr("sad"),
        "disgust": tr("disgust"),
    }


def corrections_of(editor: Editor) -> Corrections:
    """What the editor corrected in the video on show."""
    medium = editor.project.medium(editor.medium)
    return () if medium is None else medium.emotion_corrections


def emotion_icon(emotion: str, pixels: int = 16) -> QIcon:
    """A square in the colour of an emotion, with its letter."""
    colour = QColor(theme.EMOTION_COLOURS[emotion])
    picture = QPixmap(_SHARPNESS * pixels, _SHARPNESS * pixels)
    picture.setDevicePixelRatio(_SHARPNESS)
    picture.fill(colour)
    painter = QPainter(picture)
    font = painter.font()
    font.setPixelSize(round(pixels * 0.66))
    font.setBold(True)
    painter.setFont(font)
    dark = colour.lightnessF() < 0.4
    painter.setPen(QColor(theme.DARK.text if dark else theme.DARK.background))
    painter.drawText(
        QRect(0, 0, pixels, pixels),
        int(Qt.AlignmentFlag.AlignCenter),
        theme.EMOTION_LETTERS[emotion],
    )
    painter.end()
    return QIcon(picture)


def fill_emotion_menu(
    menu: QMenu, editor: Editor, span: Span, ask_for_numbers: Callable[[], None]
) -> None:
    """Fills a menu with what may be heard in a stretch of the video on show.

    Args:
        menu: It is empty.
        editor: Takes the correction.
        span: The stretch.
        ask_for_numbers: Opens the panel for arousal and valence.
    """
    heading = menu.addAction(f"{span}")
    heading.setEnabled(False)
    for emotion in EMOTIONS:
        action = menu.addAction(emotion_icon(emotion), emotion_names()[emotion])
        action.setEnabled(not editor.read_only)
        action.triggered.connect(
            lambda checked=False, emotion=emotion: editor.correct_emotion(
                EmotionCorrection(span, emotion=emotion)
            )
        )
    menu.addSeparator()
    numbers = menu.addAction(tr("Arousal and valence…"))
    numbers.triggered.connect(lambda: ask_for_numbers())
    as_heard = menu.addAction(tr("As it was heard"))
    corrected = any(one.span.overlaps(span) for one in corrections_of(editor))
    as_heard.setEnabled(corrected and not editor.read_only)
    as_heard.triggered.connect(lambda: editor.forget_corrections(span))
