"""EmotionShortForm without a window: everything here runs in a terminal or a notebook."""

__version__ = "0.1.0"
