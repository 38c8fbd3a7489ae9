"""Who has a low and who has a high voice in the corpora that say so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.errors import CorpusError
from core.learning.corpora.tables import refuse, rows

EMODB_HIGH = ("08", "09", "13", "14", "16")
"""The women among the ten speakers of EMO-DB (Burkhardt et al. 2005)."""
EMODB_LOW = ("03", "10", "11", "12", "15")
"""The men."""


def voice_registers(corpora: Mapping[str, Path]) -> dict[str, bool]:
    """Whether each speaker has a high voice: women's, as the corpora name the sex of speakers.

    Args:
        corpora: ``emodb`` and ``crema-d`` (with its ``speakers.csv``), by name.

    Raises:
        CorpusError: A corpus says nothing of its speakers, or its table cannot be read.
    """
    result: dict[str, bool] = {}
    for name, folder in corpora.items():
        if name == "emodb":
            result |= {f"emodb-{code}": True for code in EMODB_HIGH}
            result |= {f"emodb-{code}": False for code in EMODB_LOW}
        elif name == "crema-d":
            for _, row in rows(folder / "speakers.csv", ("ActorID", "Sex"), refuse):
                result[f"crema-d-{row['ActorID']}"] = row["Sex"].strip().lower() == "female"
        else:
            raise CorpusError(
                f"the corpus {name!r} does not say who has a high voice",
                remedy="Use emodb and crema-d.",
            )
    return result
