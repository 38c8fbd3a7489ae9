"""Readers of corpora of emotional speech: one table of utterances, whatever the source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from core.errors import CorpusError
from core.learning.corpora import (
    crema_d,
    emodb,
    kemdy20,
    nemo,
    rated,
    ravdess,
    table,
)
from core.learning.corpora.crema_d import read_crema_d
from core.learning.corpora.emodb import read_emodb
from core.learning.corpora.kemdy20 import read_kemdy20
from core.learning.corpora.nemo import read_nemo
from core.learning.corpora.rated import read_rated
from core.learning.corpora.ravdess import read_ravdess
from core.learning.corpora.table import read_table
from core.learning.corpora.tables import Report, refuse
from core.learning.corpora.utterance import (
    AROUSAL_VALENCE,
    Distribution,
    Utterance,
    expected_dimensions,
    one_hot,
)

__all__ = [
    "AROUSAL_VALENCE",
    "READERS",
    "Distribution",
    "Utterance",
    "expected_dimensions",
    "fitting_readers",
    "guess_reader",
    "one_hot",
    "read_corpora",
    "read_corpus",
    "read_crema_d",
    "read_emodb",
    "read_kemdy20",
    "read_nemo",
    "read_rated",
    "read_ravdess",
    "read_table",
]


class Reader(Protocol):
    """Reads one corpus."""

    def __call__(self, path: Path, /, report: Report = refuse) -> list[Utterance]:
        """Utterances of the folder or table; see :func:`read_corpus`."""


READERS: Mapping[str, Reader] = {
    "emodb": read_emodb,
    "crema-d": read_crema_d,
    "nemo": read_nemo,
    "rated": read_rated,
    "ravdess": read_ravdess,
    "kemdy20": read_kemdy20,
    "table": read_table,
}
"""By the name that ``--corpus NAME=PATH`` uses."""

_LAYOUTS: Mapping[str, Callable[[Path], bool]] = {
    "emodb": emodb.recognises,
    "crema-d": crema_d.recognises,
    "nemo": nemo.recognises,
    "rated": rated.recognises,
    "ravdess": ravdess.recognises,
    "kemdy20": kemdy20.recognises,
    "table": table.recognises,
}


def read_corpus(name: str, path: Path, report: Report = refuse) -> list[Utterance]:
    """The utterances of one corpus, in an order that the file system does not change.

    Args:
        name: One of READERS.
        path: Folder or table.
        report: Takes the problems of single utterances, which are then left out; by default the
            first of them is raised.

    Raises:
        CorpusError: The name is not known, or the corpus cannot be read.
    """
    if name not in READERS:
        raise CorpusError(
            f"there is no reader for the corpus {name!r}",
            remedy=f"Choose out of {', '.join(READERS)}.",
        )
    return sorted(READERS[name](path, report), key=lambda row: (row.corpus, row.name))


def read_corpora(corpora: Mapping[str, Path]) -> list[Utterance]:
    """All utterances of the named corpora, in an order that the file system does not change.

    Raises:
        CorpusError: A name is not known, or a corpus cannot be read.
    """
    found = [row for name in sorted(corpora) for row in read_corpus(name, Path(corpora[name]))]
    return sorted(found, key=lambda row: (row.corpus, row.name))


def fitting_readers(path: Path) -> list[str]:
    """The readers whose layout a folder or table has."""
    return [name for name, recognises in _LAYOUTS.items() if recognises(path)]


def guess_reader(path: Path) -> str:
    """The reader whose layout a folder or table has.

    Raises:
        CorpusError: There is nothing at the path, or not exactly one layout fits.
    """
    if not path.exists():
        raise CorpusError("there is no such file or folder", path=path)
    fitting = fitting_readers(path)
    if len(fitting) == 1:
        return fitting[0]
    raise CorpusError(
        f"this could be {' or '.join(fitting)}" if fitting else "this looks like no known corpus",
        path=path,
        remedy=f"Name a reader: --reader {', '.join(READERS)}.",
    )
