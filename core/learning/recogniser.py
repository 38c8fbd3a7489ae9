"""What learns emotion from utterances: one protocol, so that all are measured on the same folds."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.networks.emotion_classes import LABELS

CLAIMS = len(LABELS) + 2
"""Columns of a claim: the probabilities of LABELS, then arousal and valence."""
AROUSAL, VALENCE = len(LABELS), len(LABELS) + 1


def digest(arrays: Iterable[NDArray[np.generic]]) -> str:
    """Names what was heard, for :meth:`Recogniser.identity`."""
    found = hashlib.blake2b(digest_size=12)
    for array in arrays:
        found.update(repr(array.shape).encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


class Claimant(Protocol):
    """A trained recogniser: says what it hears in some rows of the table."""

    def __call__(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(N, CLAIMS) float32 for N rows: probabilities that sum to 1, arousal, valence.

        Rows without speech are NaN.
        """


class Recogniser(ABC):
    """Learns from some rows of a table of utterances, then claims about others.

    It holds the whole table and its sounds, and looks at no label outside of the rows that it is
    told to learn from.

    Attributes:
        name: Of its row in a report.
    """

    name: str

    @abstractmethod
    def identity(self) -> Any:
        """Plain data, of the sounds too, that another result would follow from if it were other."""

    @abstractmethod
    def fit(
        self,
        rows: NDArray[np.int64],
        *,
        seed: int,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> Claimant:
        """Learns from the labels of these rows alone.

        Raises:
            Cancelled: ``cancelled()`` returned true.
        """
