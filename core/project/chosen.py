"""What an edit goes to, or why it cannot be edited."""

from __future__ import annotations

from collections.abc import Collection

from core.errors import EditRefused
from core.project.document import EditedCut, Medium, Project


def known_medium(project: Project, medium: str) -> Medium:
    """A video of the project.

    Raises:
        EditRefused: It is not in the project.
    """
    known = project.medium(medium)
    if known is None:
        raise EditRefused("this video is not in the project any more", remedy="Add it again.")
    return known


def free_cut(project: Project, identifier: str) -> EditedCut:
    """A cut that may be edited.

    Raises:
        EditRefused: It is locked, or not in the project.
    """
    (found,) = free_cuts(project, [identifier])
    return found


def free_cuts(project: Project, identifiers: Collection[str]) -> list[EditedCut]:
    """Cuts that may be edited, in playing order.

    Raises:
        EditRefused: One of them is locked, or not in the project.
    """
    chosen = [c for c in project.cuts if c.identifier in identifiers]
    if len(chosen) < len(set(identifiers)):
        raise EditRefused("this cut is not there any more")
    if any(c.locked for c in chosen):
        raise EditRefused("a locked cut cannot be changed", remedy="Unlock it first.")
    return chosen
