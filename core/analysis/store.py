"""The store of analyses: tracks on disk, written in pieces while they grow.

``<root>/<fingerprint>/<grid>/<signal>-<version>/`` holds ``track.npy`` once the track is whole,
and until then pieces named by the cell that they begin with. Every file appears under its name only
when it is complete, so a killed analysis leaves nothing half-written that would be believed.
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import StoreError
from core.signals.base import RowFormat
from core.time import Grid

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_PIECE = re.compile(r"\d{9}\.npy")
_WHOLE = "track.npy"


class TrackStore:
    """One track of one video: found whole, found in part, or empty.

    Attributes:
        folder: Where it lies.
    """

    def __init__(self, folder: Path, count: int, layout: RowFormat) -> None:
        self.folder = folder
        self._count = count
        self._layout = layout
        self._whole = folder / _WHOLE

    def load(self) -> NDArray[Any]:
        """The rows known so far, ``(n, …)`` with n up to the number of cells.

        Pieces that are damaged, and those behind them, count as not known.
        """
        whole = self._read(self._whole)
        if whole is not None and len(whole) == self._count:
            return whole
        pieces: list[NDArray[Any]] = []
        cells = 0
        for path in self._pieces():
            if int(path.stem) != cells:
                break
            piece = self._read(path)
            if piece is None:
                break
            pieces.append(piece)
            cells += len(piece)
        if not pieces:
            return np.zeros((0, *self._layout.shape), self._layout.dtype)
        return np.concatenate(pieces)[: self._count]

    def append(self, first_cell: int, rows: NDArray[Any]) -> None:
        """Keeps rows that follow those of earlier pieces.

        Raises:
            StoreError: The store cannot be written.
        """
        self._write(self.folder / f"{first_cell:09d}.npy", rows)

    def complete(self, rows: NDArray[Any]) -> None:
        """Keeps the whole track in one file and removes its pieces.

        Raises:
            StoreError: The store cannot be written.
        """
        self._write(self._whole, rows)
        for path in self._pieces():
            path.unlink(missing_ok=True)

    def _pieces(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(path for path in self.folder.iterdir() if _PIECE.fullmatch(path.name))

    def _read(self, path: Path) -> NDArray[Any] | None:
        rows = _array(path)
        if (
            rows is None
            or rows.shape[1:] != self._layout.shape
            or rows.dtype != np.dtype(self._layout.dtype)
        ):
            return None
        return rows

    def _write(self, path: Path, rows: NDArray[Any]) -> None:
        temporary: str | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.folder, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                np.save(file, np.ascontiguousarray(rows), allow_pickle=False)
            os.replace(temporary, path)
        except OSError as error:
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)
            raise StoreError(
                f"the analysis cannot be kept ({error.strerror or error})",
                path=self.folder,
                remedy="Free some space, or set EMOTION_SHORTFORM_CACHE to another folder.",
            ) from error


@dataclass(frozen=True)
class FoundTrack:
    """A track in the store that was found by its name alone.

    Attributes:
        version: Of its signal, as it can stand in the name of a folder.
        folder: Where it lies.
        whole: All of it is there, as far as its file tells.
    """

    version: str
    folder: Path
    whole: bool

    def rows(self) -> NDArray[Any] | None:
        """All of its rows, ``(cells, …)``; None where it is not whole, or damaged."""
        return _array(self.folder / _WHOLE)


class Store:
    """All analyses of this user.

    Args:
        root: Folder of the store; it is made when something is kept.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def track(
        self, fingerprint: str, grid: Grid, name: str, version: str, count: int, layout: RowFormat
    ) -> TrackStore:
        """The place of one track."""
        leaf = _UNSAFE.sub("-", f"{name}@{version}")
        return TrackStore(self._of(fingerprint, grid) / leaf, count, layout)

    def found(self, fingerprint: str, grid: Grid, name: str) -> list[FoundTrack]:
        """The tracks of a signal in all versions that are there, those written last first."""
        beginning = _UNSAFE.sub("-", f"{name}@")
        try:
            folders = [
                (path.stat().st_mtime_ns, path.name, path)
                for path in self._of(fingerprint, grid).iterdir()
                if path.name.startswith(beginning) and path.is_dir()
            ]
        except OSError:
            return []
        return [
            FoundTrack(path.name.removeprefix(beginning), path, (path / _WHOLE).is_file())
            for _, _, path in sorted(folders, reverse=True)
        ]

    def _of(self, fingerprint: str, grid: Grid) -> Path:
        return self.root / fingerprint / f"{float(grid.step):g}s"


def _array(path: Path) -> NDArray[Any] | None:
    try:
        with path.open("rb") as file:
            rows = np.load(file, allow_pickle=False)
    except Exception:  # numpy raises many kinds for damaged files; all mean "not known"
        return None
    return rows if isinstance(rows, np.ndarray) and rows.ndim else None
