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

_chosen_cache: Path | None = None


def use_cache_folder(folder: Path | None) -> None:
    """Names the folder of the user's settings; None for the usual one of this machine."""
    global _chosen_cache
    _chosen_cache = folder


def cache_folder() -> Path:
    """Where analyses are kept; they can always be computed again.

    ``EMOTION_SHORTFORM_CACHE`` names another folder, whatever the settings say.
    """
    given = os.environ.get("EMOTION_SHORTFORM_CACHE")
    if given:
        return Path(given)
    return _chosen_cache or Path(platformdirs.user_cache_dir(APPLICATION))


def data_folder() -> Path:
    """Where what the user made is kept: unsaved cuts, corrections, own weights.

    ``EMOTION_SHORTFORM_DATA`` names another folder.
    """
    chosen = os.environ.get("EMOTION_SHORTFORM_DATA")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir(APPLICATION))
