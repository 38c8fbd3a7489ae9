"""The menu of a cut on the timeline."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial

from PySide6.QtWidgets import QMenu

from core.project.document import Decision, EditedCut
from desktop.editor import Editor
from desktop.i18n import tr


def fill_cut_menu(
    menu: QMenu, editor: Editor, edited: EditedCut, playhead: Fraction, zoom: Callable[[], None]
) -> None:
    """Fills a menu with what can be done with the selected cuts.

    Args:
        menu: It is empty.
        editor: The cut is in its selection.
        edited: The cut under the pointer.
        playhead: Seconds.
        zoom: Shows the cut as wide as the lane.
    """
    chosen = editor.selection
    free = not editor.read_only and not edited.locked

    def add(text: str, run: Callable[[], object], enabled: bool = True) -> None:
        action = menu.addAction(text)
        action.triggered.connect(lambda: run())
        action.setEnabled(enabled)

    for text, decision in (
        (tr("Keep"), Decision.KEPT),
        (tr("Set aside"), Decision.MAYBE),
        (tr("Reject"), Decision.REJECTED),
    ):
        add(
            text,
            partial(editor.decide, chosen, decision),
            free and (edited.decision is not decision or len(chosen) > 1),
        )
    add(
        tr("Unlock") if edited.locked else tr("Lock"),
        lambda: editor.lock(chosen, not edited.locked),
        not editor.read_only,
    )
    menu.addSeparator()
    inside = edited.in_short and edited.span.start < playhead < edited.span.end
    add(tr("Split at playhead"), lambda: editor.split(playhead), free and inside)
    add(tr("Duplicate"), lambda: editor.duplicate(chosen), not editor.read_only)
    several = len(chosen) > 1
    add(
        tr("Merge the selected cuts") if several else tr("Merge with next"),
        lambda: editor.merge(chosen),
        free and edited.in_short and (several or edited is not editor.project.short[-1]),
    )
    add(tr("Delete"), lambda: editor.delete(chosen), free)
    menu.addSeparator()
    add(tr("Zoom to cut"), zoom)
