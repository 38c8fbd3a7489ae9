"""Undoable edits: each command knows the project before and after it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from core.project.document import Project

_MERGING = 1


class EditCommand(QUndoCommand):
    """Puts another state of the project in force.

    Args:
        text: What the edit does, for the history: "Trim cut".
        before: The state that undo restores.
        after: The state that redo makes.
        show: Puts a state in force; it is told the name of the edit.
        gesture: Edits of one gesture, as a drag or repeated nudges, have the same and are undone
            together; empty for an edit by itself.
    """

    def __init__(
        self,
        text: str,
        before: Project,
        after: Project,
        show: Callable[[str, Project], None],
        gesture: str = "",
    ) -> None:
        super().__init__(text)
        self._before = before
        self._after = after
        self._show = show
        self._gesture = gesture

    def undo(self) -> None:
        """Puts the state before the edit in force."""
        self._show(self.text(), self._before)

    def redo(self) -> None:
        """Puts the state after the edit in force."""
        self._show(self.text(), self._after)

    def id(self) -> int:
        """Whether it may be merged with another command."""
        return _MERGING if self._gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Takes over the result of a later edit of the same gesture."""
        if not isinstance(other, EditCommand) or other._gesture != self._gesture:
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before)
        return True
