"""Who speaks in a composed video and what they say: casts, takes, turns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from core.errors import CorpusError
from core.learning.highlights.moments_plan import Event, Line, Moment, Setting, Take
from core.learning.highlights.moments_recipe import Recipe

EVENTS = ("cheer", "swell", "boom")
EXPECTED_IN_TURNS = 0.65
"""Share of a video that turns take; only the evenness of moments over the video depends on it."""


class Stock:
    """The takes of a corpus, and how often each was said in the videos before.

    Takes that are longer than a turn may be stand in no video, but count for their speaker's level.
    """

    def __init__(self, takes: Sequence[Take], recipe: Recipe) -> None:
        self.recipe = recipe
        self.uses: Counter[str] = Counter()
        self.pools: dict[tuple[str, bool], list[Take]] = defaultdict(list)
        levels: dict[str, list[float]] = defaultdict(list)
        for take in sorted(takes, key=lambda take: take.utterance.name):
            emotion = take.utterance.emotion
            levels[take.utterance.speaker].append(take.level)
            if take.seconds > recipe.turn[1]:
                continue
            if emotion in recipe.emotional or emotion in recipe.calm:
                self.pools[take.utterance.speaker, emotion in recipe.emotional].append(take)
        self.levels = {speaker: float(np.mean(values)) for speaker, values in levels.items()}
        self.speakers = [
            speaker
            for speaker in sorted(levels)
            if self.pools[speaker, False] and len(self.pools[speaker, True]) >= recipe.lines[0]
        ]
        if len(self.speakers) < recipe.speakers[0]:
            have = f"{len(self.speakers)} of {len(levels)} speakers"
            raise CorpusError(
                f"{have} have enough calm and emotional utterances; a video needs "
                f"{recipe.speakers[0]}",
                remedy="Name more speakers, or another corpus.",
            )

    def cast(self, seconds: float, random: np.random.Generator) -> tuple[str, ...]:
        """Those who said least so far, and more of them where few would repeat themselves."""
        fewest, most = self.recipe.speakers
        fill = {
            speaker: sum(self.uses[take.utterance.name] for take in self._all(speaker))
            / len(self._all(speaker))
            for speaker in self.speakers
        }
        order = sorted(random.permutation(self.speakers).tolist(), key=lambda who: fill[who])
        count = int(random.integers(fewest, most + 1))
        while count < min(most, len(order)) and not self._suffice(order[:count], seconds):
            count += 1
        return tuple(sorted(order[:count]))

    def _all(self, speaker: str) -> list[Take]:
        return self.pools[speaker, False] + self.pools[speaker, True]

    def _suffice(self, speakers: Sequence[str], seconds: float) -> bool:
        calm = sum(take.seconds for who in speakers for take in self.pools[who, False])
        return calm >= EXPECTED_IN_TURNS * seconds

    def turn(
        self,
        speaker: str,
        emotional: bool,
        room: float,
        said: Counter[str],
        random: np.random.Generator,
    ) -> list[tuple[Take, float]]:
        """Takes with the pause before each.

        Args:
            speaker: Who speaks.
            emotional: It is to be a moment.
            room: Seconds that are left.
            said: Takes that this video used before.
            random: Decides the takes and the pauses.

        Returns:
            Nothing if no take, or no whole moment, fits.
        """
        fewest, most = self.recipe.lines
        shortest, longest = self.recipe.turn
        count = int(random.integers(fewest, most + 1))
        single = random.random() < 0.25
        longest = min(longest, room)
        chosen: list[tuple[Take, float]] = []
        length = 0.0
        queue = self._queue(speaker, emotional, said, random)
        for take in queue:
            pause = round(random.uniform(*self.recipe.pause), 3) if chosen else 0.0
            if length + pause + take.seconds > longest:
                break
            chosen.append((take, pause))
            length += pause + take.seconds
            if len(chosen) == most or (len(chosen) >= count and length >= shortest):
                break
            if single and not emotional:
                break
        if emotional and (len(chosen) < fewest or length < shortest):
            return []
        return chosen

    def _queue(
        self, speaker: str, emotional: bool, said: Counter[str], random: np.random.Generator
    ) -> list[Take]:
        """The least said first; a moment begins with one emotion and stays with it if it can."""
        pool = self.pools[speaker, emotional]
        order = [pool[index] for index in random.permutation(len(pool))]
        order.sort(key=lambda take: self.uses[take.utterance.name] + said[take.utterance.name])
        if emotional:
            least, fewest = order[0], self.recipe.lines[0]
            same = sum(take.utterance.emotion == least.utterance.emotion for take in pool)
            if same >= fewest:
                order.sort(key=lambda take: take.utterance.emotion != least.utterance.emotion)
        return order

    def gain(self, take: Take, random: np.random.Generator) -> float:
        """dB to the usual level: for the speaker's mean or, with an effort, for the take itself."""
        # Drawn in any case: with and without an effort, the same is said at the same time.
        deviation = self.recipe.effort_spread * random.standard_normal()
        if not self.recipe.effort:
            return self.recipe.level - self.levels[take.utterance.speaker]
        effort = self.recipe.effort.get(take.utterance.emotion or "", 0.0)
        return self.recipe.level - take.level + effort + deviation


class Talk:
    """Fills one setting with turns."""

    def __init__(
        self, stock: Stock, setting: Setting, said: Counter[str], wanted: float, expected: float
    ) -> None:
        self.lines: list[Line] = []
        self.events: list[Event] = []
        self.moments: list[Moment] = []
        self._stock, self._setting, self._said = stock, setting, said
        self._wanted, self._expected = wanted, expected

    def fill(self, speakers: Sequence[str], random: np.random.Generator) -> None:
        recipe = self._stock.recipe
        last = ""
        time = round(self._setting.start + random.uniform(*recipe.gap), 3)
        while True:
            others = [who for who in speakers if who != last] or list(speakers)
            last = others[int(random.integers(len(others)))]
            # Wanted seconds out of those that are still to come: every turn has the same chance.
            chance = self._wanted / max(self._expected, recipe.turn[0])
            emotional = bool(random.random() < chance)
            end = self._speak(last, emotional, time, random)
            if end is None:
                return
            time = self._after(end, random)

    def _speak(
        self, speaker: str, emotional: bool, time: float, random: np.random.Generator
    ) -> float | None:
        """Says a turn; the time of its end, None if nothing more fits."""
        room = self._setting.end - 0.3 - time
        turn = self._stock.turn(speaker, emotional, room, self._said, random)
        if emotional and not turn:
            emotional = False
            turn = self._stock.turn(speaker, False, room, self._said, random)
        if not turn:
            return None
        first = len(self.lines)
        nearer = self._setting.level - self._stock.recipe.level
        for take, pause in turn:
            start = round(time + pause, 3)
            time = round(start + take.seconds, 3)
            row = take.utterance
            gain = round(self._stock.gain(take, random) + nearer, 2)
            self._said[row.name] += 1
            self.lines.append(
                Line(row.name, speaker, row.emotion or "", start, time, take.begin, gain)
            )
        lines = self.lines[first:]
        length = time - lines[0].start
        self._expected -= length
        if emotional:
            self._wanted -= length
            emotions = tuple(line.emotion for line in lines)
            self.moments.append(Moment(lines[0].start, time, speaker, emotions))
        return time

    def _after(self, end: float, random: np.random.Generator) -> float:
        """The time of the next turn, sometimes after something loud."""
        recipe = self._stock.recipe
        gap = random.uniform(*recipe.gap)
        if random.random() < recipe.eventful:
            start = round(end + 0.3, 3)
            event = drawn_event(start, recipe, random)
            if event.end < self._setting.end - 0.3:
                self.events.append(event)
                return round(event.end + min(gap, 1.0), 3)
        return round(end + gap, 3)


def drawn_event(start: float, recipe: Recipe, random: np.random.Generator) -> Event:
    """Something loud that begins at so many seconds."""
    kind = EVENTS[int(random.integers(len(EVENTS)))]
    seconds = recipe.event[0] if kind == "boom" else random.uniform(*recipe.event)
    ratio = round(random.uniform(*recipe.event_ratio), 2)
    return Event(kind, round(start, 3), round(start + seconds, 3), ratio)
