"""All scenes of the sample by name."""

from collections.abc import Callable
from typing import Protocol

from gatherings import CloseUp, Crowd, Finish, Quay, Race
from PIL import Image
from seascapes import Harbour, MoonNight, StartLine, Storm


class Scene(Protocol):
    """One place and light of the story."""

    def draw(self, time: float, mouth: float) -> Image.Image:
        """Draw the frame at `time` seconds into the shot; `mouth` opens with speech, 0 to 1."""
        ...


SCENES: dict[str, Callable[[], Scene]] = {
    "dawn": lambda: Harbour(evening=False),
    "interview": lambda: CloseUp(angry=False),
    "storm": Storm,
    "moon": MoonNight,
    "outburst": lambda: CloseUp(angry=True),
    "start line": StartLine,
    "race": Race,
    "crowd": Crowd,
    "finish": Finish,
    "quay": Quay,
    "evening": lambda: Harbour(evening=True),
}
