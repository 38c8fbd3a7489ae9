"""Pictures and sound of a short before they are joined: rendered side by side, or copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from core.export.captions.caption import Captions
from core.export.captions.retime import retime
from core.export.clip import Clip
from core.export.encoding import Encoding
from core.export.finish import list_pictures
from core.export.look import Look
from core.export.pictures import write_pictures
from core.export.plan import HIGHEST_RATE, Plan
from core.export.sound.loudness import SILENCE
from core.export.sound.mastering import MasteredSound, Mastering, write_sound
from core.export.sound.pieces import SoundPiece
from core.export.source_frames import known_rate
from core.export.stage import Stage, captions_of

_PICTURES_SHARE = 0.88


@dataclass(frozen=True)
class Film:
    """The pictures and the sound of a short as they were written.

    Attributes:
        pictures: A film, or a list of films that follow one another.
        sound: Its sound; None if it has none.
        frames: Number of frames.
        frame_rate: Frames per second.
        duration: Length in seconds.
        captions: What is said in it, in its own time.
    """

    pictures: Path
    sound: MasteredSound | None
    frames: int
    frame_rate: Fraction
    duration: Fraction
    captions: Captions


def render_film(
    plan: Plan,
    stage: Stage,
    folder: Path,
    target: Path,
    *,
    sounds: bool,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> Film:
    """Renders the pictures in other processes, and meanwhile the sound in this one.

    Args:
        plan: What the short consists of.
        stage: What its pictures are made with.
        folder: Where all is written; finished pictures that are there already are kept.
        target: The file that the user would name when it fails.
        sounds: Whether it has sound.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked every 50 ms.

    Raises:
        MediaError: A source is not there or not readable any more.
        ExportError: The pictures or the sound cannot be written.
        Cancelled: ``cancelled()`` returned true.
    """
    rate = plan.frame_rate
    pieces = [
        SoundPiece(
            part.media, part.zero, part.first_frame / rate, part.frames / rate, part.clip.join
        )
        for part in plan.parts
    ]
    both = _Both(progress, _PICTURES_SHARE if sounds else 1.0)
    sound: MasteredSound | None = None

    def meanwhile(look: Callable[[], None]) -> None:
        nonlocal sound

        def asked() -> bool:
            look()
            return cancelled()

        if sounds:
            sound = _mastered(
                pieces,
                plan.duration,
                stage.look,
                stage.encoding,
                folder,
                target,
                both.second,
                asked,
            )

    written = write_pictures(
        stage, folder, target, progress=both.first, cancelled=cancelled, meanwhile=meanwhile
    )
    listed = list_pictures(written, rate, folder)
    return Film(listed, sound, plan.frames, rate, plan.duration, captions_of(plan))


def copy_film(
    clips: Sequence[Clip],
    look: Look,
    encoding: Encoding,
    folder: Path,
    target: Path,
    *,
    sounds: bool,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> Film:
    """Copies the pictures of clips, and their sound too if it is one clip's and stays as it is.

    Args:
        clips: Stretches in playing order, for which ``lossless_refusal`` has no objection.
        look: What is heard with them.
        encoding: How the sound is written if it is not copied.
        folder: Where all is written.
        target: The file that the user would name when it fails.
        sounds: Whether the short has sound.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked often.

    Raises:
        MediaError: A source is not there or not readable any more.
        ExportError: The pictures or the sound cannot be written.
        Cancelled: ``cancelled()`` returned true.
    """
    from core.export.lossless import write_lossless

    both = _Both(progress, _PICTURES_SHARE if sounds else 1.0)
    pictures = write_lossless(clips, folder, target, progress=both.first, cancelled=cancelled)
    sound = None
    if sounds:
        sound = _copied_sound(
            pictures.pieces, pictures.duration, look, encoding, folder, target, cancelled
        ) or _mastered(
            pictures.pieces,
            pictures.duration,
            look,
            encoding,
            folder,
            target,
            both.second,
            cancelled,
        )
    rate = known_rate(clips[0].info.video.frame_rate, [], HIGHEST_RATE)
    captions = retime(pictures.placements)
    return Film(pictures.path, sound, pictures.frames, rate, pictures.duration, captions)


def _copied_sound(
    pieces: Sequence[SoundPiece],
    length: Fraction,
    look: Look,
    encoding: Encoding,
    folder: Path,
    target: Path,
    cancelled: Callable[[], bool],
) -> MasteredSound | None:
    from core.export.sound.copying import copy_sound

    if len(pieces) != 1 or look.music is not None or look.gate or encoding.loudness is not None:
        return None
    output = folder / "sound.m4a"
    if not copy_sound(pieces[0], length, output, target=target, cancelled=cancelled):
        return None
    return MasteredSound(output, None, None)


def _mastered(
    pieces: Sequence[SoundPiece],
    length: Fraction,
    look: Look,
    encoding: Encoding,
    folder: Path,
    target: Path,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> MasteredSound:
    mastering = Mastering(
        loudness=encoding.loudness,
        peak=encoding.peak,
        bits=encoding.sound_bits,
        music=look.music,
        music_level=look.music_level,
        duck=look.duck,
        gate=look.gate,
    )
    sound = write_sound(
        pieces,
        length,
        folder / "sound.m4a",
        mastering,
        folder=folder,
        target=target,
        progress=progress,
        cancelled=cancelled,
    )
    if sound.loudness is not None and sound.loudness <= SILENCE:
        # What was measured of silence, or of an instant, would be taken for a loudness.
        return replace(sound, loudness=None, peak=None)
    return sound


class _Both:
    """One fraction for two pieces of work; it never falls.

    Args:
        progress: Told the fraction of both.
        share: Fraction of the whole that the first of them is.
    """

    def __init__(self, progress: Callable[[float, str], None], share: float) -> None:
        self._progress = progress
        self._share = share
        self._first = self._second = 0.0

    def first(self, done: float, message: str) -> None:
        """The first is so far."""
        self._first = max(self._first, done)
        self._tell(message)

    def second(self, done: float, message: str) -> None:
        """The second is so far."""
        self._second = max(self._second, done)
        self._tell(message)

    def _tell(self, message: str) -> None:
        self._progress(self._share * self._first + (1 - self._share) * self._second, message)
