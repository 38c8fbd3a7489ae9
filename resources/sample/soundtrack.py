"""The sample's sound: the lines and sounds of the story, mixed, and the truth about them."""

from dataclasses import dataclass

import numpy as np
import sound
from numpy.typing import NDArray
from sound import RATE, Stereo, faded, peak_limited, scaled_to_loudness
from story import FPS, LINES, REPLAY_OF, SHOTS, SILENCE
from voice import speak

CEILING = -3.0
_NOISE_FLOOR = 10.0 ** (-90.0 / 20.0)
_REPLAY_EDGE = 0.008

Entry = dict[str, float | str]


@dataclass(frozen=True)
class Soundtrack:
    """The mix `(2, N) float32` at 48 kHz, how far mouths are open in each frame, the truth."""

    mix: Stereo
    mouth: NDArray[np.float32]
    speech: list[Entry]
    sounds: list[Entry]


def starts() -> dict[str, float]:
    """Where each shot begins, in seconds, by its name; `end` is the end of the video."""
    moments, clock = {}, 0.0
    for shot in SHOTS:
        moments[shot.name] = clock
        clock += shot.seconds
    return moments | {"end": clock}


def make_soundtrack() -> Soundtrack:
    """Speak, synthesise and mix everything that is heard.

    Raises:
        ValueError: A line lasts longer than its place in the story.
        FileNotFoundError: espeak-ng is not installed.
    """
    begin = starts()
    mix = np.zeros((2, round(begin["end"] * RATE)), np.float32)
    mix += _NOISE_FLOOR * np.random.default_rng(1).uniform(-1, 1, mix.shape).astype(np.float32)
    sounds = _add_sounds(mix, begin)
    voices = np.zeros(mix.shape[1], np.float32)
    speech: list[Entry] = []
    for number, line in enumerate(LINES):
        samples = speak(line.text, line.voice, line.manner, seed=200 + number)
        start = round((begin[line.shot] + line.start) * RATE)
        if speech and start < float(speech[-1]["end"]) * RATE:
            raise ValueError(f"The line before {line.text!r} is too long by some words.")
        voices[start : start + samples.size] += samples
        speech.append(
            {
                "start": round(start / RATE, 3),
                "end": round((start + samples.size) / RATE, 3),
                "voice": line.voice,
                "text": line.text,
                "manner": line.manner,
            }
        )
    mix = peak_limited(mix + voices, CEILING)
    speech += _replay(mix, voices, speech, begin)
    speech.sort(key=lambda entry: float(entry["start"]))
    return Soundtrack(mix, _mouth(voices), speech, sounds)


def _add_sounds(mix: Stereo, begin: dict[str, float]) -> list[Entry]:
    """Add all that is not speech to `mix`; the answer is sorted by time."""
    entries: list[Entry] = []

    def add(
        kind: str, samples: Stereo, start: float, level: float, fade_in: float, fade_out: float
    ) -> None:
        first = round(start * RATE)
        levelled = scaled_to_loudness(samples, level).astype(np.float32)
        mix[:, first : first + samples.shape[1]] += faded(levelled, fade_in, fade_out)
        end = start + samples.shape[1] / RATE
        entries.append({"start": round(start, 3), "end": round(end, 3), "kind": kind})

    dawn, moon, quay = begin["dawn"], begin["moon"], begin["quay"]
    storm, outburst, line = begin["storm"], begin["outburst"], begin["start line"]
    race, finish, evening = begin["race"], begin["finish"], begin["evening"]
    silence = tuple(moon + moment for moment in SILENCE[1:])
    add("music", sound.music(storm - dawn, 2), dawn, -33.0, 1.5, 1.2)
    add("sea", sound.sea(storm - dawn, 3), dawn, -42.0, 1.0, 0.4)
    add("rain", sound.rain(moon + 1.2 - storm, 4), storm, -33.0, 0.02, 1.2)
    add("wind", sound.wind(moon + 1.0 - storm, 5), storm, -38.0, 0.3, 1.0)
    entries.append({"start": silence[0], "end": silence[1], "kind": "silence"})
    add("sea", sound.sea(outburst - silence[1] - 0.1, 6), silence[1] + 0.1, -43.0, 0.4, 0.02)
    add("rain", sound.rain(line - outburst, 7), outburst, -27.0, 0.01, 0.05)
    for number, strike in enumerate((0.35, 2.7, 5.2)):
        add("thunder", sound.thunder(2.6, 8 + number), outburst + strike, -22.0, 0.0, 0.3)
    add("sea", sound.sea(race - line, 11), line, -38.0, 0.05, 0.05)
    add("wind", sound.wind(race - line, 12), line, -42.0, 0.3, 0.1)
    add("horn", sound.horn(1.3, 13), race, -24.0, 0.02, 0.3)
    energy = np.array([0.3, 0.45, 0.55, 0.75, 0.9, 1.0, 1.0, 1.0, 0.95, 0.85, 0.6, 0.3])
    add("crowd", sound.crowd(quay + 1.0 - race, energy, 14), race, -19.0, 0.1, 1.5)
    bursts = [0.15, 0.7, 1.35, 2.05, 2.55, 3.15, 3.8, 4.45, 5.05]
    add("fireworks", sound.fireworks(quay - finish, bursts, 15), finish, -24.0, 0.0, 0.3)
    add("music", sound.music(begin["replay"] - quay - 0.6, 16), quay + 0.6, -33.0, 1.5, 0.8)
    add("sea", sound.sea(begin["end"] - evening, 17), evening, -38.0, 0.4, 1.5)
    again: Entry = {"start": begin["replay"], "end": evening}
    entries.extend(again | {"kind": kind} for kind in ("crowd", "fireworks"))
    return sorted(entries, key=lambda entry: float(entry["start"]))


def _replay(
    mix: Stereo, voices: NDArray[np.float32], speech: list[Entry], begin: dict[str, float]
) -> list[Entry]:
    """Repeat the sound of the shot that is shown again; answer what is said in it."""
    there, here = round(begin[REPLAY_OF] * RATE), round(begin["replay"] * RATE)
    length = round(begin["evening"] * RATE) - here
    again = faded(mix[:, there : there + length], _REPLAY_EDGE, _REPLAY_EDGE)
    mix[:, here : here + length] = again
    voices[here : here + length] = voices[there : there + length]
    shift = (here - there) / RATE
    heard = [entry for entry in speech if there <= float(entry["start"]) * RATE < there + length]
    return [
        entry
        | {
            "start": round(float(entry["start"]) + shift, 3),
            "end": round(min(float(entry["end"]) + shift, begin["evening"]), 3),
        }
        for entry in heard
    ]


def _mouth(voices: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far a speaker's mouth is open in each frame: the level beside its loudest second."""
    step = RATE // FPS
    level = np.sqrt(np.mean(voices[: voices.size // step * step].reshape(-1, step) ** 2, axis=1))
    around = 3 * FPS
    loudest = np.array([level[max(0, i - around) : i + around].max() for i in range(level.size)])
    opened = np.clip(1.25 * level / np.maximum(loudest, 1e-3) - 0.08, 0, 1)
    return np.convolve(opened, (0.2, 0.6, 0.2), "same").astype(np.float32)
