"""Which weights analyse a video: the user's own choice, what a profile learned, or the shipped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.analysis.emotion_track import DEFAULT_WEIGHTS as SHIPPED_EMOTION
from core.analysis.fusion import DEFAULT_WEIGHTS as SHIPPED_FUSION
from core.errors import ModelError, UsageError
from core.learning.personal.profiles import Profile
from core.learning.personal.version_files import read_version
from core.learning.personal.versions import Version
from core.networks.weights import load_card


@dataclass(frozen=True)
class Resolved:
    """The weights that a profile stands for; None in place of a folder means the shipped ones.

    Attributes:
        version: In use; None for the shipped weights.
        fusion: Folder of the fusion network.
        taste: Folder of the taste; None where there is none.
        emotion: Folder of the emotion network.
        problem: Why the shipped weights are used although others were chosen; empty for nothing.
    """

    version: Version | None = None
    fusion: Path | None = None
    taste: Path | None = None
    emotion: Path | None = None
    problem: str = ""


def resolve(profile: Profile | str) -> Resolved:
    """The weights to work with; damage never keeps anybody from working.

    Args:
        profile: Or its name.
    """
    try:
        found = Profile.named(profile) if isinstance(profile, str) else profile
        version = found.current
        if version is not None:
            version = read_version(version.folder, check_weights=True)
    except (ModelError, UsageError) as error:
        return Resolved(problem=f"{error} The shipped weights are used.")
    if version is None:
        return Resolved()
    return Resolved(version, version.fusion, version.taste, version.emotion)


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
    parts = (learned.fusion, SHIPPED_FUSION), (learned.taste, SHIPPED_FUSION)
    if not all(_ours(*part) for part in (*parts, (learned.emotion, SHIPPED_EMOTION))):
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
    """Whether weights were learned over those that are shipped now."""
    return learned is None or load_card(learned).get("shipped") == load_card(shipped)["sha256"]
