"""The verbs of how the short looks: its look, its joins, its window."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction

from core.export.camera import Camera, Keyframe
from core.export.clip import Join
from core.project import finishing
from desktop.edits import Edits
from desktop.i18n import tr


class FinishingVerbs(Edits):
    """Edits of how the short looks."""

    def set_look(self, text: str, *, gesture: str = "", **changes: object) -> bool:
        """Changes how the short looks and sounds.

        Args:
            text: Name of the edit.
            gesture: As :meth:`new_gesture` gave it where this is one step of a drag.
            **changes: Fields of :class:`core.export.look.Look`.

        Returns:
            Whether something has changed.
        """
        return self.attempt(text, lambda p: finishing.set_look(p, **changes), gesture)

    def set_join(self, identifier: str, join: Join, *, gesture: str = "") -> bool:
        """Changes how a cut follows the one that is played before it.

        Returns:
            Whether something has changed.
        """
        old = self.project.find(identifier)
        faded = old is None or old.join.crossfade != join.crossfade
        text = tr("Crossfade") if faded else tr("Sound of the join")
        return self.attempt(text, lambda p: finishing.set_join(p, identifier, join), gesture)

    def put_keyframe(self, identifier: str, keyframe: Keyframe, *, gesture: str = "") -> bool:
        """Puts the window of a cut at a place, from the frame on that is shown at its time.

        Args:
            identifier: The cut.
            keyframe: Its time is in the cut; at its end it goes to its last frame.
            gesture: As :meth:`new_gesture` gave it where this is one step of a drag.

        Returns:
            Whether something has changed.
        """
        old = self.project.find(identifier)
        index = None if old is None else self._indexes.get(old.medium)
        if (
            old is not None
            and index is not None
            and old.span.start <= keyframe.time <= old.span.end
        ):
            span = old.span
            end = len(index) if span.end >= index.duration else index.number(span.end)
            last = index.time(max(0, end - 1))
            time = max(span.start, min(index.shown(keyframe.time), last))
            keyframe = replace(keyframe, time=time)
        return self.attempt(
            tr("Move window"), lambda p: finishing.put_keyframe(p, identifier, keyframe), gesture
        )

    def remove_keyframe(self, identifier: str, time: Fraction) -> bool:
        """Removes the keyframe of a cut at a time; says whether something has changed."""
        return self.attempt(
            tr("Remove keyframe"), lambda p: finishing.remove_keyframe(p, identifier, time)
        )

    def set_camera(self, identifier: str, camera: Camera, *, gesture: str = "") -> bool:
        """Gives a cut the keyframes of a whole camera.

        Args:
            identifier: The cut.
            camera: The keyframes.
            gesture: As :meth:`new_gesture` gave it where this ends a drag.

        Returns:
            Whether something has changed.
        """
        return self.attempt(
            tr("Set camera"), lambda p: finishing.set_camera(p, identifier, camera), gesture
        )

    def clear_camera(self, identifiers: Collection[str]) -> bool:
        """Leaves the windows of cuts to the look of the short; says whether it was otherwise."""
        return self.attempt(tr("Clear camera"), lambda p: finishing.clear_camera(p, identifiers))
