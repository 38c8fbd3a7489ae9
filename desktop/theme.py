"""Colours, sizes and the style sheet: one set of tokens for widgets and lanes."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from core.networks.emotion_classes import EMOTIONS
from core.places import RESOURCES

BACKGROUND = "#16181d"
PANEL = "#1e2128"
RAISED = "#282c35"
HAIRLINE = "#31363f"
TEXT = "#e6e8ec"
SECONDARY = "#9aa3af"
ACCENT = "#5ea1ff"
DANGER = "#ff6b6b"

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

STYLE = f"""
* {{ font-size: 13px; color: {TEXT}; }}
QMainWindow, QWidget {{ background: {BACKGROUND}; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {HAIRLINE}; padding: 4px; }}
#panel, #bar {{ background: {PANEL}; }}
#panel QLabel, #bar QLabel {{ background: transparent; }}
#secondary {{ color: {SECONDARY}; background: transparent; }}
#heading {{ color: {SECONDARY}; font-weight: 600; letter-spacing: 1px; background: transparent; }}
#timecode {{ background: transparent; }}
QPushButton, QToolButton, QComboBox, QLineEdit {{
    background: {RAISED}; border: 1px solid {HAIRLINE}; border-radius: 4px; padding: 4px 10px;
}}
QToolButton {{ padding: 4px 6px; }}
QPushButton:hover, QToolButton:hover, QComboBox:hover {{ border-color: {ACCENT}; }}
QPushButton:focus, QToolButton:focus, QComboBox:focus, QListWidget:focus {{
    border-color: {ACCENT};
}}
QPushButton:disabled, QToolButton:disabled {{ color: #5b626d; }}
QToolButton:checked {{ background: {ACCENT}; color: #0b0d11; }}
#primary {{ background: {ACCENT}; color: #0b0d11; border: none; font-weight: 600; }}
#primary:hover {{ background: #7cb3ff; }}
#primary:disabled {{ background: {RAISED}; color: #5b626d; }}
#flat {{ background: transparent; border: none; }}
#flat:hover {{ background: {RAISED}; }}
QComboBox QAbstractItemView {{ background: {RAISED}; selection-background-color: {ACCENT}; }}
QProgressBar {{
    background: {RAISED}; border: none; border-radius: 4px; min-height: 8px; max-height: 8px;
}}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 4px; }}
QListWidget {{ background: {PANEL}; border: 1px solid {PANEL}; outline: none; }}
QListWidget::item {{ border-radius: 4px; }}
QListWidget::item:selected {{ background: {RAISED}; }}
QListWidget QWidget {{ background: transparent; }}
QSplitter::handle {{ background: {BACKGROUND}; }}
QScrollBar:vertical {{ background: {PANEL}; width: 8px; }}
QScrollBar::handle:vertical {{ background: {HAIRLINE}; border-radius: 4px; min-height: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
QSlider::groove:horizontal {{ background: {HAIRLINE}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {ACCENT}; border-radius: 2px; }}
QSlider::handle:horizontal {{
    background: {TEXT}; width: 12px; height: 12px; margin: -4px 0; border-radius: 6px;
}}
#notice {{ background: {RAISED}; border-left: 3px solid {ACCENT}; }}
#notice[severity="error"] {{ border-left: 3px solid {DANGER}; }}
#notice QLabel {{ background: transparent; }}
#drop {{ border: 1px dashed {HAIRLINE}; border-radius: 8px; }}
QMenu {{ background: {RAISED}; border: 1px solid {HAIRLINE}; }}
QMenu::item:selected {{ background: {ACCENT}; color: #0b0d11; }}
"""


def apply(application: QApplication) -> None:
    """Gives the application its colours, and a font that knows Hangul."""
    application.setStyle("Fusion")
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, BACKGROUND),
        (QPalette.ColorRole.Base, PANEL),
        (QPalette.ColorRole.Text, TEXT),
        (QPalette.ColorRole.WindowText, TEXT),
        (QPalette.ColorRole.Button, RAISED),
        (QPalette.ColorRole.ButtonText, TEXT),
        (QPalette.ColorRole.Highlight, ACCENT),
        (QPalette.ColorRole.HighlightedText, BACKGROUND),
        (QPalette.ColorRole.PlaceholderText, SECONDARY),
    ):
        palette.setColor(role, QColor(colour))
    application.setPalette(palette)
    families = [application.font().family()]
    for path in sorted((RESOURCES / "fonts").glob("*.ttf")):
        loaded = QFontDatabase.addApplicationFont(str(path))
        families += QFontDatabase.applicationFontFamilies(loaded)
    font = QFont()
    font.setFamilies(families)
    font.setPixelSize(13)
    application.setFont(font)
    application.setStyleSheet(STYLE)


def tabular(font: QFont) -> QFont:
    """The same font with digits of one width, for times that run."""
    fixed = QFont(font)
    fixed.setFeature(QFont.Tag("tnum"), 1)
    return fixed
