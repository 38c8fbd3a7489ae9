"""The sound of one stretch of a video, copied packet by packet, exact to the sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.error

from core.errors import Cancelled
from core.export.ffmpeg import export_error
from core.export.sound.pieces import SoundPiece
from core.media.decoding import discard_others
from core.media.probe import open_media

_CONTAINER = "mov,mp4,m4a,3gp,3g2,mj2"
_PROFILE = "LC"
_MOST_CHANNELS = 2
_SAMPLES = 1024
_LEAD = 8
_PACKETS_BETWEEN_LOOKS = 64


class _NotCopyable(Exception):
    """The packets do not hold exactly what is to be heard."""


def copy_sound(
    piece: SoundPiece,
    length: Fraction,
    output: Path,
    *,
    target: Path,
    cancelled: Callable[[], bool] = lambda: False,
) -> bool:
    """Copies the sound of a piece, if its packets can give it exactly to the sample.

    A packet is decoded right only after the one before. So one more than needed is written at the
    begin; an edit list hides it, and what the first packet holds too much, from players. How far
    the last packet is heard is said in its length.

    Args:
        piece: What is heard, from the begin of the short.
        length: Length of the short in seconds.
        output: The file to write, m4a.
        target: The file that the user would name when it fails.
        cancelled: Asked often.

    Returns:
        Whether it was copied. Only AAC-LC in MP4 and MOV is, in mono or stereo, without gaps, and
        where the video has sound from the begin of the piece to its end.

    Raises:
        MediaError: The video is missing or cannot be read.
        ExportError: The sound cannot be written.
        Cancelled: ``cancelled()`` returned true.
    """
    try:
        with open_media(piece.media.path) as container:
            audio = piece.media.audio
            streams = {stream.index: stream for stream in container.streams.audio}
            if audio is None or container.format.name != _CONTAINER or audio.index not in streams:
                return False
            stream = streams[audio.index]
            if not _fits(stream):
                return False
            discard_others(container, stream)
            first, last = (
                round(time * stream.sample_rate) for time in (piece.zero, piece.zero + length)
            )
            container.seek(first - _LEAD * _SAMPLES, stream=stream, backward=True)
            packets = _taken(container.demux(stream), audio.start, first, last, cancelled)
            _write(stream, packets, output)
    except _NotCopyable:
        output.unlink(missing_ok=True)
        return False
    except (OSError, av.error.FFmpegError) as error:
        output.unlink(missing_ok=True)
        raise export_error(str(error), target) from error
    except BaseException:
        output.unlink(missing_ok=True)
        raise
    return True


def _fits(stream: av.AudioStream) -> bool:
    context = stream.codec_context
    return (
        context.name == "aac"
        and context.profile == _PROFILE
        and context.channels <= _MOST_CHANNELS
        and stream.time_base == Fraction(1, context.sample_rate)
    )


def _taken(
    packets: Iterator[av.Packet],
    start: Fraction,
    first: int,
    last: int,
    cancelled: Callable[[], bool],
) -> Iterator[av.Packet]:
    """The packets from the one before sample ``first`` to sample ``last``, counted from there.

    ``start`` is when the sound of the video begins, in seconds.
    """
    before: av.Packet | None = None
    begun = False
    expected: int | None = None
    for number, packet in enumerate(packets):
        if number % _PACKETS_BETWEEN_LOOKS == 0 and cancelled():
            raise Cancelled
        begin = packet.pts
        if begin is None or not packet.size or packet.is_corrupt or expected not in (None, begin):
            raise _NotCopyable
        expected = begin + _SAMPLES
        if expected <= first:
            before = packet
            continue
        if not begun:
            is_start = begin * Fraction(packet.time_base or 1) <= start
            if begin > first or (before is None and not is_start):
                raise _NotCopyable
            if before is not None:
                yield _moved(before, first, _SAMPLES)
            begun = True
        if expected < last:
            yield _moved(packet, first, _SAMPLES)
            continue
        # The last packet of a video may be heard in part only.
        if begin + (packet.duration or 0) < last:
            raise _NotCopyable
        yield _moved(packet, first, last - begin)
        return
    raise _NotCopyable


def _moved(packet: av.Packet, first: int, duration: int) -> av.Packet:
    # What the file says of samples to be skipped does not hold in the short.
    moved = av.Packet(bytes(packet))
    moved.pts = moved.dts = (packet.pts or 0) - first
    moved.duration = duration
    moved.is_keyframe = True
    return moved


def _write(stream: av.AudioStream, packets: Iterator[av.Packet], output: Path) -> None:
    tick = Fraction(1, stream.sample_rate)
    # An edit list in milliseconds would not be exact.
    options = {"movie_timescale": str(stream.sample_rate)}
    with av.open(str(output), "w", format="ipod", options=options) as container:
        written = container.add_stream_from_template(stream, opaque=True)
        written.time_base = tick
        for packet in packets:
            packet.stream = written
            packet.time_base = tick
            container.mux_one(packet)
