"""Which weights analyse a video: the user's own choice, what a profile learned, or the shipped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.analysis.emotion_track import DEFAULT_WEIGHTS as SHIPPED_EMOTION
from core.analysis.fusion import DEFAULT_WEIGHTS as SHIPPED_FUSION
from core.learning.personal.profiles import Profile, Resolved, resolve
from core.networks.weights import load_card


@dataclass(frozen=True)
class WeightsInUse:
    """What an analysis is made with.

    Attributes:
        emotion: Folder of weights that hear emotion.
        fusion: Folder of weights that find highlights.
        taste: Folder of a taste; None for none.
        problem: Why the shipped weights are used although a version was chosen; empty for nothing.
    """

    emotion: Path
    fusion: Path
    taste: Path | None
    problem: str = ""


def weights_in_use(
    profile: Profile | str, *, emotion: Path | None = None, fusion: Path | None = None
) -> WeightsInUse:
    """The weights of a profile, but for those that the user chose by hand.

    Whoever chose weights that find highlights gets no taste: it was learned beside others.

    Args:
        profile: Or its name.
        emotion: Folder that the user chose.
        fusion: Folder that the user chose.
    """
    learned = resolve(profile)
    problem = learned.problem
    if not (_ours(learned.fusion, SHIPPED_FUSION) and _ours(learned.emotion, SHIPPED_EMOTION)):
        learned = Resolved()
        problem = (
            "What was learned from your corrections belongs to another version of the application, "
            "and is not used. Learn again."
        )
    return WeightsInUse(
        emotion or learned.emotion or SHIPPED_EMOTION,
        fusion or learned.fusion or SHIPPED_FUSION,
        None if fusion else learned.taste,
        problem,
    )


def _ours(learned: Path | None, shipped: Path) -> bool:
    """Whether weights were tuned from those that are shipped now."""
    return learned is None or load_card(learned).get("shipped") == load_card(shipped)["sha256"]
