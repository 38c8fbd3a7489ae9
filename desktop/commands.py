"""Undoable edits: each command knows the state before and after it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from core.project.document import Edit


class EditCommand(QUndoCommand):
    """Replaces the state of the short.

    Args:
        text: What the edit does, for the menu: "Trim cut".
        before: The state that undo restores.
        after: The state that redo makes.
        show: Puts a state in force.
    """

    def __init__(self, text: str, before: Edit, after: Edit, show: Callable[[Edit], None]) -> None:
        super().__init__(text)
        self._before = before
        self._after = after
        self._show = show

    def undo(self) -> None:
        """Puts the state before the edit in force."""
        self._show(self._before)

    def redo(self) -> None:
        """Puts the state after the edit in force."""
        self._show(self._after)
