"""Filters of FFmpeg that sound flows through, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
import av.error
import av.filter

from core.export.sound.samples import SAMPLE_RATE, Samples, samples_of, stereo_frame

_GATE = "threshold=0.008:ratio=2:range=0.1:attack=10:release=250:knee=4:detection=rms"
_LIMITER = "level=0:attack=5:release=60:latency=1"
_TRUE_PEAK_RATE = 4 * SAMPLE_RATE


class FilterChain:
    """Filters one after the other; what comes out is as long as what went in.

    Args:
        filters: Names and arguments.
        inputs: Number of streams that the first of them takes.
    """

    def __init__(self, *filters: tuple[str, str], inputs: int = 1) -> None:
        self._graph = av.filter.Graph()
        self._sources = [
            self._graph.add_abuffer(
                format="fltp",
                sample_rate=SAMPLE_RATE,
                layout="stereo",
                time_base=Fraction(1, SAMPLE_RATE),
            )
            for _ in range(inputs)
        ]
        whole = (*filters, ("aformat", "sample_fmts=fltp:channel_layouts=stereo"))
        contexts = [self._graph.add(name, arguments) for name, arguments in whole]
        self._sink = self._graph.add("abuffersink")
        for number, source in enumerate(self._sources):
            source.link_to(contexts[0], 0, number)
        for before, after in zip(contexts, [*contexts[1:], self._sink], strict=True):
            before.link_to(after)
        self._graph.configure()
        self._first = 0

    def push(self, *blocks: Samples) -> Iterator[av.AudioFrame]:
        """What comes out after another block for each input, all of the same length."""
        for source, block in zip(self._sources, blocks, strict=True):
            source.push(stereo_frame(block, self._first))
        self._first += blocks[0].shape[1]
        return self._pull()

    def flush(self) -> Iterator[av.AudioFrame]:
        """What still comes out at the end."""
        for source in self._sources:
            source.push(None)
        return self._pull()

    def _pull(self) -> Iterator[av.AudioFrame]:
        while True:
            try:
                frame = self._sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            assert isinstance(frame, av.AudioFrame)
            yield frame


def gated(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Noise in the pauses is lowered by 20 dB, softly; what is louder than −42 dBFS stays."""
    return _filtered(blocks, ("agate", _GATE))


def limited(
    blocks: Iterable[Samples], ceiling: float, between_samples: bool = True
) -> Iterator[Samples]:
    """No true peak passes a ceiling.

    Args:
        blocks: The sound, ``(2, n) float32``.
        ceiling: In dBTP.
        between_samples: The limiter sees four times the samples, as BS.1770-5 measures; without it
            is eight times as quick, and as loud.
    """
    limiter = "alimiter", f"limit={10 ** (ceiling / 20):.6f}:{_LIMITER}"
    if not between_samples:
        return _filtered(blocks, limiter)
    return _filtered(
        blocks, ("aresample", str(_TRUE_PEAK_RATE)), limiter, ("aresample", str(SAMPLE_RATE))
    )


def _filtered(blocks: Iterable[Samples], *filters: tuple[str, str]) -> Iterator[Samples]:
    chain = FilterChain(*filters)
    for block in blocks:
        for frame in chain.push(block):
            yield samples_of(frame)
    for frame in chain.flush():
        yield samples_of(frame)
