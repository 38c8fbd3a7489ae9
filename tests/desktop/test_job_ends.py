"""Whoever waits for the end of a job hears of it."""

from __future__ import annotations

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.jobs.job import JobSlot
from tests.desktop.conftest import PATIENCE

_JOBS = 300


def test_the_end_of_every_job_is_heard_by_all(qtbot: QtBot) -> None:
    owner = QObject()
    slots = [JobSlot(owner) for _ in range(_JOBS)]
    first: list[int] = []
    second: list[int] = []
    for number, slot in enumerate(slots):
        job = slot.start(lambda controls: None)
        job.finished.connect(lambda number=number: first.append(number))
        job.finished.connect(lambda number=number: second.append(number))
        job.start()
    qtbot.waitUntil(lambda: len(second) == len(first) == _JOBS, timeout=PATIENCE)
    assert not any(slot.busy for slot in slots)
