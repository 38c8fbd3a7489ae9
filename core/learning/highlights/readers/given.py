"""Features that a corpus brings along, from ``.npy`` files or out of an ``.h5`` file.

The place of a data set within an h5 file is written like a path through it: the features of
``video_1`` in ``tvsum.h5`` are ``tvsum.h5/video_1/features``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import CorpusError, UsageError
from core.learning.highlights.labelled_video import LabelledVideo

H5_ENDINGS = (".h5", ".hdf5")


def given_features(
    video: LabelledVideo, names: Collection[str] | None = None
) -> dict[str, NDArray[np.float32]]:
    """Reads the given features of a video.

    Args:
        video: Has a row of features for each of its cells.
        names: Of the features; None for all that it has.

    Returns:
        By name, ``(T, F) float32``.

    Raises:
        UsageError: The video has no features of such a name.
        CorpusError: A file cannot be read, has other rows than the video has cells, or values
            that are not finite.
    """
    chosen = video.features if names is None else names
    if missing := sorted(set(chosen) - set(video.features)):
        raise UsageError(
            f"{video.name} has no given features named {', '.join(missing)}",
            remedy=f"Choose out of {', '.join(video.features) or 'none'}.",
        )
    return {name: _rows(video, video.features[name]) for name in chosen}


def given_shape(path: Path) -> tuple[int, ...]:
    """The shape of given features, read from their header only.

    Raises:
        CorpusError: They cannot be read.
    """
    with _opened(path) as data:
        return tuple(data.shape)


def _rows(video: LabelledVideo, path: Path) -> NDArray[np.float32]:
    with _opened(path) as data:
        if len(data.shape) != 2 or len(data) != video.cells:
            raise CorpusError(
                f"features of shape {tuple(data.shape)} do not fit the {video.cells} cells "
                f"of {video.name}",
                path=path,
            )
        try:
            rows = np.asarray(data[:], np.float32)
        except (OSError, ValueError, TypeError) as error:
            raise CorpusError(f"the features cannot be read ({error})", path=path) from error
    if not np.isfinite(rows).all():
        raise CorpusError(f"some features of {video.name} are not finite", path=path)
    return rows


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """An array or data set, of which nothing but the header is read yet."""
    file = next((part for part in path.parents if part.suffix.lower() in H5_ENDINGS), None)
    if file is None:
        try:
            yield np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise CorpusError(f"the features cannot be read ({error})", path=path) from error
        return
    import h5py

    try:
        with h5py.File(file, "r") as data:
            yield data[path.relative_to(file).as_posix()]
    except (OSError, KeyError) as error:
        raise CorpusError(f"the features cannot be read ({error})", path=path) from error
