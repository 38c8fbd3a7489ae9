"""The finished sound of a short: mixed, as loud as asked for, and checked as it was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av.error
import numpy as np

from core.errors import Cancelled, UsageError
from core.export.ffmpeg import export_error
from core.export.sound.assembly import assemble
from core.export.sound.effects import gated, limited
from core.export.sound.loudness import SILENCE, Loudness, LoudnessMeter, measure_loudness
from core.export.sound.music import Music, with_music
from core.export.sound.pieces import SoundPiece, Stretch, lay_stretches
from core.export.sound.reading import SoundFiles
from core.export.sound.samples import Samples, sample_at
from core.export.sound.writing import read_raw, write_aac, write_raw

MOST_GAIN = 24.0
"""dB by which a quiet sound is made louder at most: more would bring up its noise only."""

TOLERANCE = 0.3
"""LU by which the written sound may miss the loudness that was asked for."""

_MOST_TRIES = 6
# Encoding moves peaks a little: some room for them spares a second try.
_ROOM = 0.4
# Meters see four times the samples; finer ones find a little more between them.
_METER_ERROR = 0.1
_STEP_DOWN = 0.1
# dB beyond the first gain by which a sound may be driven into the limiter.
_MOST_DRIVE = 12.0
# dB of limiting from which the loss of loudness is worth a look before anything is encoded.
_MUCH_LIMITING = 3.0
# A limiter takes about a third of what is added to it.
_OVERDRIVE = 1.4


@dataclass(frozen=True)
class Mastering:
    """How the sound of a short is finished.

    Attributes:
        loudness: Integrated loudness in LUFS; None leaves it as it is and measures nothing.
        peak: True peak in dBTP that is not passed, where a loudness is asked for.
        bits: Bits per second of the AAC stream.
        music: A file with sound that plays under the short, again and again.
        music_level: Its gain in dB.
        duck: The music gives way while the video's sound is loud.
        gate: Noise in the pauses of the video's sound is lowered.
    """

    loudness: float | None = None
    peak: float = -1.0
    bits: int = 192_000
    music: Path | None = None
    music_level: float = -12.0
    duck: bool = True
    gate: bool = False


@dataclass(frozen=True)
class MasteredSound:
    """A written sound.

    Attributes:
        path: The file.
        loudness: Integrated loudness in LUFS as decoded from it; None if it was not measured.
        peak: True peak in dBTP as decoded from it; None if it was not measured.
    """

    path: Path
    loudness: float | None
    peak: float | None


def write_sound(
    pieces: Sequence[SoundPiece],
    length: Fraction,
    output: Path,
    mastering: Mastering,
    *,
    folder: Path,
    target: Path,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> MasteredSound:
    """Writes the sound of a short as AAC, exactly as long as its pictures.

    The pieces are read sample by sample where they belong, so that nothing drifts; memory and open
    files do not grow with their number or length. With a loudness, the sound is measured, brought
    to it by one gain (24 dB at most), and kept under the peak by a limiter where the gain needs
    one; then the written file is decoded and measured, and written again if encoding has moved it.
    If both cannot be had, the peak is kept. Silence stays silence.

    Args:
        pieces: What is heard, in playing order; silence where there is nothing.
        length: Length of the short in seconds.
        output: The file to write, m4a.
        mastering: How it is finished.
        folder: A folder for what is needed on the way: with a loudness, 0.4 MB per second.
        target: The file that the user would name when it fails.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked at each packet and every fifth of a second of sound.

    Raises:
        UsageError: The length is not positive.
        MediaError: A video or the music is missing or cannot be read, or the music has no sound.
        ExportError: The sound cannot be written.
        Cancelled: ``cancelled()`` returned true.
    """
    samples = sample_at(length)
    if samples <= 0:
        raise UsageError("a sound without length cannot be written", path=target)
    raw = folder / f"{output.stem}.f32"
    watch = _Watch(samples, progress, cancelled)
    try:
        with SoundFiles(cancelled) as files:
            mix = _mix(lay_stretches(pieces, samples), samples, mastering, files)
            if mastering.loudness is None:
                write_aac(watch.over(mix, 1.0, "Writing the sound"), output, mastering.bits)
                return MasteredSound(output, None, None)
            meter = LoudnessMeter()
            write_raw(watch.over(_heard(mix, meter), 0.4, "Listening to the sound"), raw)
        written = _master(raw, meter.result(), output, mastering, mastering.loudness, watch)
    except (OSError, av.error.FFmpegError) as error:
        raise export_error(str(error), target) from error
    finally:
        raw.unlink(missing_ok=True)
    progress(1.0, "Writing the sound")
    return MasteredSound(output, written.integrated, written.true_peak)


def _mix(
    stretches: Sequence[Stretch], samples: int, mastering: Mastering, files: SoundFiles
) -> Iterator[Samples]:
    blocks = assemble(stretches, samples, files)
    if mastering.gate:
        blocks = gated(blocks)
    if mastering.music is not None:
        music = Music(mastering.music, mastering.music_level, mastering.duck)
        blocks = with_music(blocks, samples, music, files)
    return blocks


def _heard(blocks: Iterable[Samples], meter: LoudnessMeter) -> Iterator[Samples]:
    for block in blocks:
        meter.add(block)
        yield block


def _master(
    raw: Path,
    heard: Loudness,
    output: Path,
    mastering: Mastering,
    loudness: float,
    watch: _Watch,
) -> Loudness:
    """Writes the sound until it is as loud as wanted and under the peak, a few times at most."""
    gain = 0.0 if heard.is_silence else min(loudness - heard.integrated, MOST_GAIN)
    wanted = heard.integrated + gain
    most = gain + _MOST_DRIVE
    ceiling = mastering.peak - _ROOM
    if heard.true_peak + gain > ceiling + _MUCH_LIMITING and not heard.is_silence:
        gain = _driven(raw, gain, most, ceiling, wanted, watch)
    written = heard
    before, lowered = SILENCE, 0.0
    for number in range(_MOST_TRIES):
        blocks = _amplified(read_raw(raw), gain)
        limiting = heard.true_peak + gain > ceiling
        if limiting:
            blocks = limited(blocks, ceiling)
        write_aac(watch.over(blocks, 0.7, "Writing the sound"), output, mastering.bits)
        written = measure_loudness(output, cancelled=watch.cancelled)
        over = max(0.0, written.true_peak + _METER_ERROR - mastering.peak)
        off = 0.0 if heard.is_silence else wanted - written.integrated
        stuck = gain >= most or (not lowered and written.integrated < before + TOLERANCE)
        if not over and (abs(off) <= TOLERANCE or (off > 0 and stuck)):
            break
        lowered = over + _STEP_DOWN if over else 0.0
        ceiling -= lowered
        # The last tries only see to the peak.
        if number < _MOST_TRIES - 3 and not heard.is_silence:
            gain = min(gain + (_OVERDRIVE * (off + lowered) if limiting else off), most)
        before = written.integrated
    return written


def _driven(
    raw: Path, gain: float, most: float, ceiling: float, wanted: float, watch: _Watch
) -> float:
    """The gain with which the sound is as loud as wanted although the limiter takes from it."""
    before = SILENCE
    for _ in range(_MOST_TRIES):
        meter = LoudnessMeter(peaks=False)
        blocks = limited(_amplified(read_raw(raw), gain), ceiling, between_samples=False)
        for block in watch.over(blocks, 0.2, "Listening to the sound"):
            meter.add(block)
        now = meter.result().integrated
        if wanted - now < TOLERANCE / 3 or now < before + TOLERANCE / 3 or gain >= most:
            break
        gain, before = min(gain + _OVERDRIVE * (wanted - now), most), now
    return gain


def _amplified(blocks: Iterable[Samples], gain: float) -> Iterator[Samples]:
    factor = np.float32(10 ** (gain / 20))
    for block in blocks:
        yield block * factor


class _Watch:
    """Tells how far the work is, which never goes back, and whether to stop it."""

    def __init__(
        self, samples: int, progress: Callable[[float, str], None], cancelled: Callable[[], bool]
    ) -> None:
        self._samples = samples
        self._progress = progress
        self._done = 0.0
        self.cancelled = cancelled

    def over(self, blocks: Iterable[Samples], share: float, message: str) -> Iterator[Samples]:
        """Passes blocks on; all of them are a share of what is still to do."""
        begin, room = self._done, share * (1 - self._done)
        passed = 0
        for block in blocks:
            if self.cancelled():
                raise Cancelled
            yield block
            passed += block.shape[1]
            self._done = begin + room * min(1.0, passed / self._samples)
            self._progress(self._done, message)
