"""Reads the packets of a stream, over damage but not over a drive that went away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import av.error
from av.container import InputContainer

from core.errors import MediaError

_MOST_STUMBLES = 1_000


def read_packets(
    container: InputContainer, stream: av.VideoStream | av.AudioStream, path: Path
) -> Iterator[av.Packet]:
    """The packets of one stream to the end of the file; what is damaged is passed over.

    Raises:
        MediaError: The file cannot be read any more, although it has not ended.
    """
    for _ in range(_MOST_STUMBLES):
        try:
            yield from container.demux(stream)
            return
        except av.error.EOFError:
            return
        except (av.error.InvalidDataError, IndexError):
            # PyAV does not expect a stream that appears in the middle of a damaged file.
            continue
        except (av.error.FFmpegError, OSError) as error:
            raise MediaError(
                f"the file cannot be read to its end ({error.strerror or error})",
                path=path,
                remedy="Connect its drive again and start over; finished parts are kept.",
            ) from error
