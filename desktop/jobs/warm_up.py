"""Loads what analysing needs while nothing goes on yet, so that no video waits for it."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import importlib.util
import os
import sys
import threading
from pathlib import Path

from desktop.jobs.job import JobControls

_TURN_SECONDS = 0.001
_LOOK_SECONDS = 0.1
_LOADING = threading.Lock()
_LIBRARIES = (
    "core.project.suggesting",
    "onnxruntime",
    "scipy.signal",
    "torch",
    "core.analysis.pipeline",
    "core.networks.emotion_weights",
    "librosa.core.pitch",
)
"""What the first analysis would load one after the other, in its order."""


def share_the_interpreter() -> None:
    """Lets the GUI thread wait for the interpreter 1 ms at most where Python code runs elsewhere.

    By Python's own interval of 5 ms, a widget that takes the interpreter a hundred times while it
    paints may wait for half a second.
    """
    sys.setswitchinterval(_TURN_SECONDS)


def load_libraries(controls: JobControls) -> None:
    """Imports the libraries of the analysis; one that is missing is reported by who needs it.

    Where another job is at it, this waits for it: some libraries look into others that are half
    imported, and fail.

    Raises:
        Cancelled: The job should stop.
    """
    while not _LOADING.acquire(timeout=_LOOK_SECONDS):
        controls.check()
    try:
        _map_torch()
        for name in _LIBRARIES:
            controls.check()
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    finally:
        _LOADING.release()


def _map_torch() -> None:
    """Maps torch's largest library; a call through ctypes holds no lock, an import does.

    The import then finds it mapped. Where this fails, the import does all of it.
    """
    if not sys.platform.startswith("linux"):
        return
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return
    library = Path(found.origin).parent / "lib" / "libtorch_cpu.so"
    open_library = ctypes.CDLL(None).dlopen
    open_library.restype = ctypes.c_void_p
    open_library.argtypes = (ctypes.c_char_p, ctypes.c_int)
    open_library(os.fsencode(library), os.RTLD_NOW)
