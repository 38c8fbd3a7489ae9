"""Edits as undoable, journalled commands."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from core.errors import EditRefused, ProjectError
from core.project.document import Project
from desktop.commands import EditCommand
from desktop.i18n import tr
from desktop.on_show import OnShow

if TYPE_CHECKING:
    from core.project.session import ProjectSession


class Edits(OnShow):
    """Puts states of the project in force, so that each can be undone and survives a crash.

    Signals:
        problem: Why an edit is not possible.
        failed: An edit could not be kept.
        suggestions_outdated: A state came back from before the latest suggestions.
    """

    problem = Signal(str)
    failed = Signal(str)
    suggestions_outdated = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.session: ProjectSession | None = None
        self._gestures = count()
        self._suggested = 0

    @property
    def read_only(self) -> bool:
        """Whether edits are refused, because another window has the project."""
        return self.session is not None and self.session.read_only

    def new_gesture(self) -> str:
        """A name for the steps of one drag, which are undone together."""
        return f"gesture {next(self._gestures)}"

    def attempt(self, text: str, edit: Callable[[Project], Project], gesture: str = "") -> bool:
        """Makes an edit, or says why it is not possible.

        Args:
            text: Name of the edit.
            edit: Makes the state after it; may raise :class:`core.errors.EditRefused`.
            gesture: As :meth:`new_gesture` gave it where this is one step of a drag.

        Returns:
            Whether something has changed.
        """
        try:
            after = edit(self.project)
        except EditRefused as refused:
            self.problem.emit(str(refused))
            self.project_changed.emit()
            return False
        return self.push(text, after, gesture)

    def push(self, text: str, after: Project, gesture: str = "") -> bool:
        """Puts a state in force as an edit that can be undone.

        Args:
            text: Name of the edit.
            after: The state after it.
            gesture: As :meth:`new_gesture` gave it where this is one step of a drag.

        Returns:
            Whether something has changed.
        """
        if self.read_only:
            self.problem.emit(
                tr("This project is open in another window. Save it under another name to edit it.")
            )
        elif after != self.project:
            suggested = self._suggested
            self.undo_stack.push(
                EditCommand(
                    text, self.project, after,
                    lambda text, project: self._show_and_keep(text, project, suggested), gesture,
                )
            )  # fmt: skip
            return True
        self.project_changed.emit()
        return False

    def _show_and_keep(self, text: str, project: Project, suggested: int) -> None:
        self._show_project(project)
        if self.session is not None:
            try:
                self.session.record(text, project)
            except ProjectError as error:
                self.failed.emit(str(error))
        if suggested != self._suggested:
            self.suggestions_outdated.emit()
