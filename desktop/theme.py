"""Colours and sizes: one set of tokens for widgets and lanes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QDir, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

from core.networks.emotion_classes import EMOTIONS
from core.places import RESOURCES
from desktop.style_sheet import style_sheet


@dataclass(frozen=True)
class Palette:
    """The colours of a theme, each named by what it is for.

    Texts keep a contrast of 4.5 to every ground, outlines and the accent one of 3 (WCAG 2.2 AA).
    """

    name: str
    background: str
    panel: str
    raised: str
    hairline: str
    outline: str
    text: str
    secondary: str
    disabled: str
    accent: str
    accent_hover: str
    on_accent: str
    danger: str


DARK = Palette(
    name="dark",
    background="#16181d",
    panel="#1e2128",
    raised="#282c35",
    hairline="#31363f",
    outline="#78818f",
    text="#e6e8ec",
    secondary="#9aa3af",
    disabled="#6b7380",
    accent="#5ea1ff",
    accent_hover="#7cb3ff",
    on_accent="#0b0d11",
    danger="#ff6b6b",
)
LIGHT = Palette(
    name="light",
    background="#f4f5f7",
    panel="#ffffff",
    raised="#e9ebef",
    hairline="#cfd4dc",
    outline="#7f8895",
    text="#1b1e24",
    secondary="#59616e",
    disabled="#8f98a4",
    accent="#1a62cc",
    accent_hover="#1450a8",
    on_accent="#ffffff",
    danger="#bf2b2b",
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


def palette_for(name: str, application: QGuiApplication) -> Palette:
    """The colours of a theme.

    Args:
        name: ``dark``, ``light``, or ``system`` for what the desktop asks for; dark where it asks
            for nothing.
        application: Knows what the desktop asks for.
    """
    if name == "system":
        wanted = application.styleHints().colorScheme()
        return LIGHT if wanted == Qt.ColorScheme.Light else DARK
    return LIGHT if name == "light" else DARK


def apply(application: QApplication, colours: Palette = DARK) -> None:
    """Gives the application its colours, and a font that knows Hangul.

    Lanes and panels take their colours when they are made: a window shows another theme when it
    is made anew.
    """
    global _in_force
    _in_force = colours
    application.setStyle("Fusion")
    QDir.setSearchPaths("controls", [str(RESOURCES / "icons" / "controls")])
    application.setPalette(_roles(colours))
    QToolTip.setPalette(_roles(colours))
    families = [application.font().family()]
    for path in sorted((RESOURCES / "fonts").glob("*.ttf")):
        loaded = QFontDatabase.addApplicationFont(str(path))
        families += QFontDatabase.applicationFontFamilies(loaded)
    font = QFont()
    font.setFamilies(families)
    font.setPixelSize(13)
    application.setFont(font)
    application.setStyleSheet(style_sheet(colours))


def _roles(c: Palette) -> QPalette:
    """What the style sheet leaves to the style."""
    role = QPalette.ColorRole
    roles = QPalette()
    for each, colour in (
        (role.Window, c.background),
        (role.WindowText, c.text),
        (role.Base, c.panel),
        (role.AlternateBase, c.panel),
        (role.Text, c.text),
        (role.PlaceholderText, c.secondary),
        (role.Button, c.raised),
        (role.ButtonText, c.text),
        (role.BrightText, c.danger),
        (role.Highlight, c.accent),
        (role.HighlightedText, c.on_accent),
        (role.Accent, c.accent),
        (role.Link, c.accent),
        (role.LinkVisited, c.accent),
        (role.ToolTipBase, c.raised),
        (role.ToolTipText, c.text),
        (role.Light, c.hairline),
        (role.Midlight, c.hairline),
        (role.Mid, c.hairline),
        (role.Dark, c.hairline),
        (role.Shadow, c.hairline),
    ):
        roles.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        roles.setColor(QPalette.ColorGroup.Disabled, each, QColor(c.disabled))
    return roles


def tabular(font: QFont) -> QFont:
    """The same font with digits of one width, for times that run."""
    fixed = QFont(font)
    fixed.setFeature(QFont.Tag("tnum"), 1)
    return fixed
