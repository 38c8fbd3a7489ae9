"""Sums that come out the same, byte by byte, on any number of processors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Inside:
    """How many are computing with one thread, and how many threads there were before."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.count = 0
        self.before = 1


_INSIDE = _Inside()


@contextmanager
def one_thread() -> Iterator[None]:
    """Lets torch add up in one order, whatever machine it is; may be used in several threads.

    What was set before comes back, also where two are inside at once and leave in any order: the
    second of them would else keep the one thread of the first for the rest of the process.
    """
    import torch

    with _INSIDE.lock:
        if not _INSIDE.count:
            _INSIDE.before = torch.get_num_threads()
        _INSIDE.count += 1
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with _INSIDE.lock:
            _INSIDE.count -= 1
            torch.set_num_threads(_INSIDE.before)
