"""Sound as a file: raw on the way, AAC at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np

from core.export.sound.samples import BLOCK, SAMPLE_RATE, Samples, stereo_frame

_BYTES = 8


def write_raw(blocks: Iterable[Samples], path: Path) -> None:
    """Keeps samples as they are, 8 bytes for each of both channels together.

    Raises:
        OSError: The disk is full or gone.
    """
    with path.open("wb") as file:
        for block in blocks:
            file.write(np.ascontiguousarray(block.T).data)


def read_raw(path: Path) -> Iterator[Samples]:
    """Gives back what :func:`write_raw` wrote, ``(2, n) float32``."""
    with path.open("rb") as file:
        while piece := file.read(BLOCK * _BYTES):
            yield np.frombuffer(piece, np.float32).reshape(-1, 2).T


def write_aac(blocks: Iterable[Samples], path: Path, bits: int) -> None:
    """Encodes sound as AAC in an MPEG-4 file whose first sample is heard at 0 s.

    The encoder begins with 1024 samples of its own; an edit list hides them from players, and
    says where the sound ends in the last packet.

    Args:
        blocks: The sound, ``(2, n) float32``.
        path: The file.
        bits: Bits per second.

    Raises:
        OSError: The disk is full or gone.
    """
    # An edit list in milliseconds would not be exact.
    options = {"movie_timescale": str(SAMPLE_RATE)}
    with av.open(str(path), "w", format="ipod", options=options) as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = bits
        first = 0
        for block in blocks:
            container.mux(stream.encode(stereo_frame(block, first)))
            first += block.shape[1]
        container.mux(stream.encode(None))
