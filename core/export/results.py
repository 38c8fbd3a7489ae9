"""Files that a run of ffmpeg leaves whole or not at all, so that a killed export can go on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


def partial_name(name: str) -> str:
    """What a result is called while it is written; the suffix stays, as ffmpeg goes by it."""
    path = Path(name)
    return str(path.with_name(f"partial-{path.name}"))


def keep_results(folder: Path, results: Sequence[str], frames: int) -> None:
    """Gives finished results their names, and notes how many frames and bytes they have.

    Args:
        folder: Where they are.
        results: Their names.
        frames: Number of frames of the run that wrote them.

    Raises:
        OSError: One is not there, or the folder cannot be written to.
    """
    partial = [folder / partial_name(name) for name in results]
    sizes = [path.stat().st_size for path in partial]
    _note(folder, results).write_text(" ".join(map(str, [frames, *sizes])), encoding="ascii")
    for path, name in zip(partial, results, strict=True):
        os.replace(path, folder / name)


def kept_frames(folder: Path, results: Sequence[str]) -> int | None:
    """Number of frames of results that are already there and whole; None if they are not."""
    if not results:
        return None
    try:
        frames, *noted = map(int, _note(folder, results).read_text(encoding="ascii").split())
        sizes = [(folder / name).stat().st_size for name in results]
    except (OSError, ValueError):
        return None
    return frames if sizes == noted else None


def _note(folder: Path, results: Sequence[str]) -> Path:
    return folder / f"{results[0]}.whole"
