"""Where the application's own files and the user's caches are."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APPLICATION = "emotion-shortform"

_ROOT = Path(__file__).resolve().parents[1]
MODELS = _ROOT / "models"
"""Weights that come with the application."""
RESOURCES = _ROOT / "resources"
"""Fonts, icons and the sample video."""
SAMPLE_VIDEO = RESOURCES / "sample" / "sample.mp4"


def cache_folder() -> Path:
    """Where analyses are kept; they can always be computed again.

    ``EMOTION_SHORTFORM_CACHE`` names another folder.
    """
    chosen = os.environ.get("EMOTION_SHORTFORM_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir(APPLICATION))


def data_folder() -> Path:
    """Where what the user made is kept: unsaved cuts, corrections, own weights.

    ``EMOTION_SHORTFORM_DATA`` names another folder.
    """
    chosen = os.environ.get("EMOTION_SHORTFORM_DATA")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir(APPLICATION))
