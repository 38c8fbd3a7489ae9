"""A session of edits and saves that goes on until it is killed; run with a file and a seed.

Before each edit it prints ``doing`` and the state after it, once the edit is kept ``done``.
"""

from __future__ import annotations

import json
import os
import random
import sys
from fractions import Fraction
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from core.cutting.cut import Cut
from core.errors import EditRefused
from core.project import editing, journal
from core.project.document import Decision, Medium, Project
from core.project.emotion_corrections import EmotionCorrection
from core.project.project_file import project_to_json
from core.project.session import ProjectSession
from core.time import Span
from tests.project.projects import FRAME, large

_MOST_CUTS = 25


def main() -> None:
    """Edits for as long as it lives."""
    path, seed = Path(sys.argv[1]), int(sys.argv[2])
    journal.LARGEST = 300_000  # so that it is rewritten several times
    opened = ProjectSession.open(path)
    project = opened.recovered or opened.project
    chance = random.Random(seed)
    to_save: SimpleQueue[tuple[Project, int]] = SimpleQueue()
    for _ in range(2):
        Thread(target=_save, args=(opened.session, to_save), daemon=True).start()
    while True:
        try:
            name, after = _edit(project, chance)
        except EditRefused:
            continue
        _print("doing", json.dumps(project_to_json(after, None)))
        opened.session.record(name, after)
        project = after
        _print("done", "")
        if chance.random() < 0.2:
            to_save.put((project, opened.session.edits))


def _save(session: ProjectSession, to_save: SimpleQueue[tuple[Project, int]]) -> None:
    """Saves states while the edits go on."""
    while True:
        project, edits = to_save.get()
        session.save(project, edits=edits)


def _print(word: str, text: str) -> None:
    line = memoryview(f"{word} {text}\n".encode())
    while line:
        line = line[os.write(1, line) :]


def _edit(project: Project, chance: random.Random) -> tuple[str, Project]:
    if not project.cuts:
        return "Suggest", large(10).with_medium(Medium("b", Path("/nowhere/b.mp4")))
    one = chance.choice(project.cuts).identifier
    if len(project.cuts) > _MOST_CUTS:
        return "Delete", project.with_cuts(project.cuts[:10])
    start = chance.randrange(10_000) * FRAME
    span = Span(start, start + chance.randrange(30, 300) * FRAME)
    match chance.randrange(7):
        case 0:
            return "Add", editing.add_cut(project, chance.choice("ab"), span, _describe)
        case 1:
            return "Trim", editing.change_cut(project, one, span, _describe)
        case 2:
            middle = next(c for c in project.cuts if c.identifier == one).span.middle
            return "Split", editing.split_cut(project, one, middle, _describe)[0]
        case 3:
            decision = chance.choice(list(Decision))
            return "Decide", editing.decide(project, [one], decision)
        case 4:
            return "Duplicate", editing.duplicate_cuts(project, [one])[0]
        case 5:
            last = project.cuts[-1].identifier
            return "Move", editing.reorder_cuts(project, [last], one if one != last else "")
        case _:
            correction = EmotionCorrection(span, "sad", float(Fraction(chance.randrange(9), 9)))
            return "Correct", editing.correct_emotion(project, "a", correction)


def _describe(medium: str, span: Span) -> Cut:
    return Cut(span, float(span.duration) % 1)


if __name__ == "__main__":
    main()
