from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import torch

from core.networks.one_thread import one_thread


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def found_by_another() -> int:
    """Threads that one sees which has just been started."""
    found: list[int] = []
    asking = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    asking.start()
    asking.join()
    return found[0]


def test_one_thread_adds_up_and_what_was_set_comes_back() -> None:
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == found_by_another() == 2


def test_what_was_set_comes_back_where_the_second_leaves_last() -> None:
    entered, leave = threading.Event(), threading.Event()

    def second() -> None:
        with one_thread():
            entered.set()
            assert leave.wait(60)

    other = threading.Thread(target=second)
    with one_thread():
        other.start()
        assert entered.wait(60)
    leave.set()
    other.join()
    assert torch.get_num_threads() == found_by_another() == 2
