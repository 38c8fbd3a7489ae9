"""Colours, sizes and the style sheet: one set of tokens for widgets and lanes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from core.networks.emotion_classes import EMOTIONS
from core.places import RESOURCES


@dataclass(frozen=True)
class Palette:
    """The colours of a theme, each named by what it is for."""

    background: str
    panel: str
    raised: str
    hairline: str
    text: str
    secondary: str
    disabled: str
    accent: str
    accent_hover: str
    on_accent: str
    danger: str


DARK = Palette(
    background="#16181d",
    panel="#1e2128",
    raised="#282c35",
    hairline="#31363f",
    text="#e6e8ec",
    secondary="#9aa3af",
    disabled="#5b626d",
    accent="#5ea1ff",
    accent_hover="#7cb3ff",
    on_accent="#0b0d11",
    danger="#ff6b6b",
)
LIGHT = Palette(
    background="#f4f5f7",
    panel="#ffffff",
    raised="#e9ebef",
    hairline="#cfd4dc",
    text="#1b1e24",
    secondary="#59616e",
    disabled="#a3abb6",
    accent="#1f6fe0",
    accent_hover="#155cc0",
    on_accent="#ffffff",
    danger="#c62f2f",
)

STAGE = "#0b0d11"
"""Around the picture, whatever the theme."""

SPACING = 8
"""Pixels of the grid that margins and gaps follow."""

EMOTION_COLOURS = dict(
    zip(
        EMOTIONS,
        ("#8a8f98", "#E69F00", "#F0E442", "#D55E00", "#CC79A7", "#0072B2", "#009E73"),
        strict=True,
    )
)
"""Okabe–Ito, safe for colour-blind eyes; letters carry the same meaning."""

EMOTION_LETTERS = dict(zip(EMOTIONS, ("N", "H", "Su", "A", "F", "Sa", "D"), strict=True))

CONTRIBUTION_COLOURS = {
    "emotion": "#E69F00",
    "sound": "#56B4E9",
    "picture": "#009E73",
    "position": "#6b7280",
}

_in_force = DARK


def palette() -> Palette:
    """The colours of the theme that was applied last."""
    return _in_force


def _style(c: Palette) -> str:
    return f"""
* {{ font-size: 13px; color: {c.text}; }}
QMainWindow, QWidget {{ background: {c.background}; }}
QToolTip {{
    background: {c.raised}; color: {c.text}; border: 1px solid {c.hairline}; padding: 4px;
}}
#panel, #bar {{ background: {c.panel}; }}
#panel QLabel, #bar QLabel {{ background: transparent; }}
#secondary {{ color: {c.secondary}; background: transparent; }}
#heading {{ color: {c.secondary}; font-weight: 600; letter-spacing: 1px; background: transparent; }}
#timecode {{ background: transparent; }}
QPushButton, QToolButton, QComboBox, QLineEdit {{
    background: {c.raised}; border: 1px solid {c.hairline};
    border-radius: 4px; padding: 4px 10px;
}}
QToolButton {{ padding: 4px 6px; }}
QPushButton:hover, QToolButton:hover, QComboBox:hover {{ border-color: {c.accent}; }}
QPushButton:focus, QToolButton:focus, QComboBox:focus, QListWidget:focus {{
    border-color: {c.accent};
}}
QPushButton:disabled, QToolButton:disabled {{ color: {c.disabled}; }}
QToolButton:checked {{ background: {c.accent}; color: {c.on_accent}; }}
#primary {{ background: {c.accent}; color: {c.on_accent}; border: none; font-weight: 600; }}
#primary:hover {{ background: {c.accent_hover}; }}
#primary:disabled {{ background: {c.raised}; color: {c.disabled}; }}
#flat {{ background: transparent; border: none; }}
#flat:hover {{ background: {c.raised}; }}
QComboBox QAbstractItemView {{ background: {c.raised}; selection-background-color: {c.accent}; }}
QProgressBar {{
    background: {c.raised}; border: none; border-radius: 4px; min-height: 8px; max-height: 8px;
}}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 4px; }}
QListWidget {{ background: {c.panel}; border: 1px solid {c.panel}; outline: none; }}
QListWidget::item {{ border-radius: 4px; }}
QListWidget::item:selected {{ background: {c.raised}; }}
QListWidget QWidget {{ background: transparent; }}
QSplitter::handle {{ background: {c.background}; }}
QScrollBar:vertical {{ background: {c.panel}; width: 8px; }}
QScrollBar::handle:vertical {{ background: {c.hairline}; border-radius: 4px; min-height: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
QSlider::groove:horizontal {{ background: {c.hairline}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {c.accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{
    background: {c.text}; width: 12px; height: 12px; margin: -4px 0; border-radius: 6px;
}}
#notice {{ background: {c.raised}; border-left: 3px solid {c.accent}; }}
#notice[severity="error"] {{ border-left: 3px solid {c.danger}; }}
#notice QLabel {{ background: transparent; }}
#drop {{ border: 1px dashed {c.hairline}; border-radius: 8px; }}
QMenu {{ background: {c.raised}; border: 1px solid {c.hairline}; }}
QMenu::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
"""


def apply(application: QApplication, colours: Palette = DARK) -> None:
    """Gives the application its colours, and a font that knows Hangul.

    Lanes and panels take their colours when they are made: a window shows another theme when it
    is made anew.
    """
    global _in_force
    _in_force = colours
    application.setStyle("Fusion")
    roles = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, colours.background),
        (QPalette.ColorRole.Base, colours.panel),
        (QPalette.ColorRole.Text, colours.text),
        (QPalette.ColorRole.WindowText, colours.text),
        (QPalette.ColorRole.Button, colours.raised),
        (QPalette.ColorRole.ButtonText, colours.text),
        (QPalette.ColorRole.Highlight, colours.accent),
        (QPalette.ColorRole.HighlightedText, colours.background),
        (QPalette.ColorRole.PlaceholderText, colours.secondary),
    ):
        roles.setColor(role, QColor(colour))
    application.setPalette(roles)
    families = [application.font().family()]
    for path in sorted((RESOURCES / "fonts").glob("*.ttf")):
        loaded = QFontDatabase.addApplicationFont(str(path))
        families += QFontDatabase.applicationFontFamilies(loaded)
    font = QFont()
    font.setFamilies(families)
    font.setPixelSize(13)
    application.setFont(font)
    application.setStyleSheet(_style(colours))


def tabular(font: QFont) -> QFont:
    """The same font with digits of one width, for times that run."""
    fixed = QFont(font)
    fixed.setFeature(QFont.Tag("tnum"), 1)
    return fixed
