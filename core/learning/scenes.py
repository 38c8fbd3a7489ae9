"""The scenes that training utterances are heard in, each as one video might have it.

What a scene contains is drawn in the order in which a video gets it: the voice, the room, the
microphone, the noise, the music under the edit, the codec.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from core.errors import UsageError
from core.learning.augmentation import (
    CODECS,
    Samples,
    coloured_noise,
    inside,
    mixed,
    music,
    room_response,
    through_codec,
    through_telephone,
    with_room,
    with_speed,
)
from core.signals.framing import SAMPLE_RATE

Range = tuple[float, float]


@dataclass(frozen=True)
class Augmentation:
    """How often each effect is heard in a copy, and how strong it is.

    With these settings a quarter of the copies have no more than another level and another
    beginning.

    Args:
        nearly_clean: Chance that all effects but level and beginning are left out.
        speed: Chance of another speed.
        room: Chance of a reverberant room.
        noise: Chance of noise.
        music: Chance of music.
        codec: Chance of a lossy codec or a telephone's band.
        telephone: Share of the telephone's band among those.
        longest_dropped: Seconds of the beginning that may be missing, never over a quarter.
        speeds: Factors, lowest and highest.
        gain: dB, lowest and highest.
        noise_ratio: dB of the voice over the noise, lowest and highest.
        music_ratio: dB of the voice over the music, lowest and highest.
        reverberation: Seconds until the room's sound has fallen by 60 dB, lowest and highest.
        direct_ratio: dB of the direct sound over the reverberation, lowest and highest.
        bit_rates: kbit/s of the codecs, mono.
    """

    nearly_clean: float = 0.2
    speed: float = 0.3
    room: float = 0.4
    noise: float = 0.5
    music: float = 0.35
    codec: float = 0.5
    telephone: float = 0.2
    longest_dropped: float = 0.5
    speeds: Range = (0.9, 1.1)
    gain: Range = (-8.0, 8.0)
    noise_ratio: Range = (5.0, 35.0)
    music_ratio: Range = (8.0, 25.0)
    reverberation: Range = (0.15, 0.8)
    direct_ratio: Range = (0.0, 15.0)
    bit_rates: tuple[int, ...] = (24, 32, 48, 64)

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and lists for the card."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        }


USUAL = Augmentation()
"""What networks are trained with unless they say otherwise."""


@dataclass(frozen=True)
class Scene:
    """What one video does to a voice: all of its utterances are heard through the same.

    Args:
        gain: Factor.
        dropped: Seconds of the beginning that may be missing.
        speed: Factor, None for none.
        room: Impulse response, None for none.
        noise: Slope in dB per octave and dB of the voice over it, None for none.
        music: dB of the voice over it, None for none.
        beds: Pieces of music to take, synthetic ones if there are none.
        codec: Name and kbit/s, ``("telephone", 0)`` for a telephone's band, None for none.
    """

    gain: float
    dropped: float
    speed: float | None = None
    room: Samples | None = None
    noise: tuple[float, float] | None = None
    music: float | None = None
    beds: Sequence[Samples] = ()
    codec: tuple[str, int] | None = None

    @classmethod
    def drawn(
        cls,
        random: np.random.Generator,
        settings: Augmentation = USUAL,
        beds: Sequence[Samples] = (),
    ) -> Scene:
        """A random scene.

        Args:
            random: Decides everything.
            settings: Chances and strengths.
            beds: Pieces of music (m,) float32 at 16 kHz to lay under the voice; synthetic ones
                if there are none.
        """
        plain = cls(10 ** (random.uniform(*settings.gain) / 20), settings.longest_dropped)
        if random.random() < settings.nearly_clean:
            return plain

        def happens(chance: float) -> bool:
            return bool(random.random() < chance)

        speed = None
        if happens(settings.speed):
            speed = round(40 * random.uniform(*settings.speeds)) / 40
        room = noise = music = codec = None
        if happens(settings.room):
            seconds = random.uniform(*settings.reverberation)
            room = room_response(seconds, random.uniform(*settings.direct_ratio), random)
        if happens(settings.noise):
            noise = random.uniform(0.0, 6.0), random.uniform(*settings.noise_ratio)
        if happens(settings.music):
            music = random.uniform(*settings.music_ratio)
        if happens(settings.codec):
            name = CODECS[int(random.integers(len(CODECS)))]
            codec = name, int(random.choice(settings.bit_rates))
            if happens(settings.telephone):
                codec = "telephone", 0
        return replace(
            plain, speed=speed, room=room, noise=noise, music=music, beds=beds, codec=codec
        )

    def start(self, samples: int, random: np.random.Generator) -> int:
        """The sample of an utterance that it begins with here; never after its first quarter."""
        longest = min(round(self.dropped * SAMPLE_RATE), samples // 4)
        return int(random.integers(0, longest + 1))

    def heard(self, samples: Samples, random: np.random.Generator) -> Samples:
        """An utterance as this video has it.

        Args:
            samples: (n,) float32, mono, 16 kHz, at least one.
            random: Decides the course of noise and music.

        Returns:
            (n',) float32, finite, -1 to 1; silence stays silence.

        Raises:
            UsageError: The samples are not one row, or there are none.
            MediaError: A codec is missing in the FFmpeg that PyAV was built with.
        """
        if samples.ndim != 1 or not len(samples):
            raise UsageError(f"an utterance is one row of samples, not an array of {samples.shape}")
        sound = samples
        if self.speed is not None:
            sound = with_speed(sound, self.speed)
        if self.room is not None:
            sound = with_room(sound, self.room)
        sound = np.float32(self.gain) * sound
        if self.noise is not None:
            slope, ratio = self.noise
            sound = mixed(sound, coloured_noise(len(sound), slope, random), ratio)
        if self.music is not None:
            length = len(sound)
            bed = _stretch(self.beds, length, random) if self.beds else music(length, random)
            sound = mixed(sound, bed, self.music)
        if self.codec is not None:
            name, rate = self.codec
            telephone = name == "telephone"
            sound = through_telephone(sound) if telephone else through_codec(sound, name, rate)
        return inside(sound)


def disturbed(
    samples: Samples,
    random: np.random.Generator,
    settings: Augmentation = USUAL,
    beds: Sequence[Samples] = (),
) -> Samples:
    """An utterance in a scene of its own, beginning elsewhere in its cell; see :class:`Scene`."""
    scene = Scene.drawn(random, settings, beds)
    return scene.heard(samples[scene.start(len(samples), random) :], random)


def _stretch(beds: Sequence[Samples], length: int, random: np.random.Generator) -> Samples:
    """A random stretch of one of the pieces, repeated where the piece is too short."""
    bed = beds[int(random.integers(len(beds)))]
    start = int(random.integers(0, max(1, len(bed) - length + 1)))
    return np.resize(bed[start:], length)
