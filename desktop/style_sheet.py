"""The style sheet: how widgets look, in the colours of a theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.theme import Palette


def style_sheet(c: Palette) -> str:
    """The style sheet of the application in the colours of a theme."""
    return _panels(c) + _buttons(c) + _choices(c) + _fields(c) + _views(c) + _ranges(c)


def _panels(c: Palette) -> str:
    return f"""
QToolTip {{
    background: {c.raised}; color: {c.text}; border: 1px solid {c.outline}; padding: 4px;
}}
#panel, #bar {{ background: {c.panel}; }}
#panel QLabel, #bar QLabel {{ background: transparent; }}
#secondary {{ color: {c.secondary}; background: transparent; }}
#heading {{ color: {c.secondary}; font-weight: 600; letter-spacing: 1px; background: transparent; }}
#problem {{ color: {c.danger}; background: transparent; }}
#timecode {{ background: transparent; }}
#notice {{ background: {c.raised}; border-left: 3px solid {c.accent}; }}
#notice[severity="error"] {{ border-left: 3px solid {c.danger}; }}
#notice QLabel {{ background: transparent; }}
#drop {{ border: 1px dashed {c.outline}; border-radius: 8px; }}
QSplitter::handle {{ background: {c.background}; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QGroupBox {{
    border: none; border-top: 1px solid {c.hairline}; margin-top: 18px; padding-top: 8px;
}}
QGroupBox::title {{ subcontrol-origin: margin; left: 0; color: {c.secondary}; }}
QStatusBar {{ color: {c.secondary}; }}
"""


def _buttons(c: Palette) -> str:
    return f"""
QPushButton, QToolButton {{
    background: {c.raised}; border: 1px solid {c.hairline};
    border-radius: 4px; padding: 4px 10px;
}}
QToolButton {{ padding: 4px 6px; }}
QPushButton:hover, QToolButton:hover {{ border-color: {c.outline}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {c.hairline}; }}
QPushButton:focus {{ border: 2px solid {c.accent}; padding: 3px 9px; }}
QToolButton:focus {{ border: 2px solid {c.accent}; padding: 3px 5px; }}
QPushButton:disabled, QToolButton:disabled {{ color: {c.disabled}; }}
QPushButton:checked, QToolButton:checked {{ background: {c.accent}; color: {c.on_accent}; }}
QPushButton:checked:focus, QToolButton:checked:focus {{ border-color: {c.text}; }}
QToolButton::menu-button {{ border: none; width: 16px; }}
QToolButton::menu-arrow, QToolButton::menu-indicator {{
    image: url(controls:chevron-down.svg); width: 12px; height: 12px;
}}
#primary {{
    background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; font-weight: 600;
}}
#primary:hover {{ background: {c.accent_hover}; }}
#primary:focus {{ border-color: {c.text}; }}
#primary:disabled {{
    background: {c.raised}; color: {c.disabled}; border-color: {c.hairline};
}}
#danger {{ color: {c.danger}; border-color: {c.danger}; }}
#flat {{ background: transparent; border: 1px solid transparent; }}
#flat:hover {{ background: {c.raised}; }}
#flat:focus {{ border: 2px solid {c.accent}; }}
"""


def _choices(c: Palette) -> str:
    return f"""
QCheckBox, QRadioButton {{ spacing: 8px; padding: 2px; background: transparent; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {c.disabled}; }}
QCheckBox::indicator, QRadioButton::indicator, QGroupBox::indicator {{
    width: 14px; height: 14px; border: 1px solid {c.outline}; background: {c.panel};
}}
QCheckBox::indicator, QGroupBox::indicator {{ border-radius: 3px; }}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ border-color: {c.text}; }}
QCheckBox::indicator:checked, QGroupBox::indicator:checked {{
    background: {c.accent}; border-color: {c.accent}; image: url(controls:tick-{c.name}.svg);
}}
QCheckBox::indicator:indeterminate {{
    background: {c.accent}; border-color: {c.accent}; image: url(controls:dash-{c.name}.svg);
}}
QRadioButton::indicator:checked {{
    border-color: {c.accent};
    background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
        stop: 0 {c.accent}, stop: 0.5 {c.accent}, stop: 0.6 {c.panel}, stop: 1 {c.panel});
}}
QCheckBox:focus, QRadioButton:focus {{
    border: 2px solid {c.accent}; border-radius: 4px; padding: 0;
}}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{
    border-color: {c.disabled}; background: {c.raised};
}}
QCheckBox::indicator:checked:disabled {{ background: {c.disabled}; }}
QMenu {{ background: {c.raised}; border: 1px solid {c.outline}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 8px; border-radius: 3px; }}
QMenu::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
QMenu::item:disabled {{ color: {c.disabled}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {c.hairline}; margin: 4px 6px; }}
QMenu::indicator {{
    width: 12px; height: 12px; margin-left: 6px;
    border: 1px solid {c.outline}; border-radius: 3px;
}}
QMenu::indicator:checked {{
    background: {c.accent}; border-color: {c.accent}; image: url(controls:tick-{c.name}.svg);
}}
QMenu::indicator:checked:selected {{ border-color: {c.on_accent}; }}
QMenu::right-arrow {{ image: url(controls:chevron-right.svg); width: 12px; height: 12px; }}
QMenuBar {{ background: {c.panel}; }}
QMenuBar::item {{ padding: 4px 8px; background: transparent; border-radius: 4px; }}
QMenuBar::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {c.hairline}; }}
QTabBar {{ background: transparent; }}
QTabBar::tab {{
    background: transparent; color: {c.secondary}; padding: 6px 12px;
    border: 2px solid transparent;
}}
QTabBar::tab:hover {{ color: {c.text}; }}
QTabBar::tab:selected {{ color: {c.text}; border-bottom-color: {c.accent}; }}
QTabBar::tab:selected:focus {{ border-color: {c.accent}; border-radius: 4px; }}
QTabBar::tab:disabled {{ color: {c.disabled}; }}
"""


def _fields(c: Palette) -> str:
    return f"""
QComboBox, QAbstractSpinBox, QLineEdit, QPlainTextEdit, QTextEdit {{
    background: {c.background}; border: 1px solid {c.outline};
    border-radius: 4px; padding: 3px 8px;
    selection-background-color: {c.accent}; selection-color: {c.on_accent};
}}
QComboBox:hover, QAbstractSpinBox:hover, QLineEdit:hover {{ border-color: {c.text}; }}
QComboBox:focus, QAbstractSpinBox:focus, QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus {{
    border: 2px solid {c.accent}; padding: 2px 7px;
}}
QComboBox {{ background: {c.raised}; }}
QComboBox:disabled, QAbstractSpinBox:disabled, QLineEdit:disabled, QPlainTextEdit:disabled {{
    color: {c.disabled}; border-color: {c.hairline}; background: {c.panel};
}}
QComboBox QLineEdit, QAbstractSpinBox QLineEdit {{
    background: transparent; border: none; padding: 0;
}}
QKeySequenceEdit QLineEdit {{ font-weight: 600; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url(controls:chevron-down.svg); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{
    background: {c.raised}; border: 1px solid {c.outline}; outline: none;
    selection-background-color: {c.accent}; selection-color: {c.on_accent};
}}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
    background: transparent; border: none; width: 18px;
}}
QAbstractSpinBox::up-arrow {{ image: url(controls:chevron-up.svg); width: 10px; height: 10px; }}
QAbstractSpinBox::down-arrow {{
    image: url(controls:chevron-down.svg); width: 10px; height: 10px;
}}
"""


def _views(c: Palette) -> str:
    return f"""
QListView, QTreeView, QTableView {{
    background: {c.panel}; border: 1px solid {c.panel}; border-radius: 4px; outline: none;
    alternate-background-color: {c.panel}; gridline-color: {c.hairline};
    selection-background-color: {c.accent}; selection-color: {c.on_accent};
}}
QListView:focus, QTreeView:focus, QTableView:focus {{ border-color: {c.accent}; }}
QListView:disabled, QTreeView:disabled, QTableView:disabled {{ color: {c.disabled}; }}
QListWidget::item {{ border-left: 3px solid transparent; padding-left: 5px; min-height: 28px; }}
QListWidget::item:selected {{
    background: {c.raised}; color: {c.text}; border-left-color: {c.accent};
}}
QListWidget QWidget {{ background: transparent; }}
QTreeView::item {{ min-height: 26px; }}
QTreeView::branch {{ background: transparent; }}
QTreeView::branch:has-children:closed {{ image: url(controls:chevron-right.svg); }}
QTreeView::branch:has-children:open {{ image: url(controls:chevron-down.svg); }}
QHeaderView {{ background: {c.panel}; border: none; }}
QHeaderView::section {{
    background: {c.panel}; color: {c.secondary}; padding: 4px 6px;
    border: none; border-bottom: 1px solid {c.hairline};
}}
QTableCornerButton::section {{ background: {c.panel}; border: none; }}
"""


def _ranges(c: Palette) -> str:
    return f"""
QProgressBar {{
    background: {c.raised}; border: none; border-radius: 4px; min-height: 8px; max-height: 8px;
}}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 4px; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 10px; }}
QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {c.outline}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 24px; }}
QScrollBar::handle:horizontal {{ min-width: 24px; }}
QScrollBar::handle:hover {{ background: {c.secondary}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSlider {{ background: transparent; }}
QSlider::groove:horizontal {{ background: {c.outline}; height: 4px; border-radius: 2px; }}
QSlider::groove:vertical {{ background: {c.outline}; width: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal, QSlider::add-page:vertical {{
    background: {c.accent}; border-radius: 2px;
}}
QSlider::handle {{
    background: {c.text}; border: 2px solid {c.background}; width: 12px; height: 12px;
    border-radius: 8px;
}}
QSlider::handle:horizontal {{ margin: -6px 0; }}
QSlider::handle:vertical {{ margin: 0 -6px; }}
QSlider::handle:focus {{ border-color: {c.accent}; }}
QSlider::groove:disabled, QSlider::sub-page:disabled, QSlider::add-page:disabled {{
    background: {c.hairline};
}}
QSlider::handle:disabled {{ background: {c.disabled}; }}
"""
