"""Where the playhead goes: from cut to cut, through the short, round and round."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import QObject

from core.export.clip import Clip
from core.project.document import Decision, EditedCut
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.player.player import Player
from desktop.player.transport import Transport

_NUDGE = Fraction(1, 1000)
"""Seconds behind the begin of a frame, so that no rounding shows the one before."""


class Navigator(QObject):
    """Moves the playhead by cuts."""

    def __init__(
        self, editor: Editor, player: Player, transport: Transport, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._player = player
        self._transport = transport
        self._played: list[str] = []
        player.clip_changed.connect(self._clip_changed)
        transport.previous_cut.connect(lambda: self.jump(-1))
        transport.next_cut.connect(lambda: self.jump(1))
        transport.short_only.toggled.connect(self._short_only)
        transport.loop_toggled.connect(self._loop)
        editor.project_changed.connect(self._project_changed)
        editor.selection_changed.connect(self._selection_changed)

    def jump(self, direction: int) -> None:
        """Goes to the begin of the next cut of the video on show (1), or the one before (−1)."""
        cuts = sorted(
            (c for c in self._editor.project.cuts_of(self._editor.medium)
             if c.decision is not Decision.REJECTED),
            key=lambda c: c.span,
        )  # fmt: skip
        here = self._player.position
        if direction > 0:
            target = next((c for c in cuts if float(c.span.start) > here + 0.02), None)
        else:
            target = next((c for c in cuts[::-1] if float(c.span.start) < here - 0.02), None)
        if target is not None:
            self._editor.select(target.identifier)
            self._go_to(target)

    def show_cut(self, identifier: str) -> None:
        """Goes to the begin of a cut, in whichever video it is."""
        edited = self._editor.project.find(identifier)
        if edited is not None and edited.medium in self._editor.infos:
            self._editor.show_medium(edited.medium)
            self._go_to(edited)

    def go_by(self, seconds: float) -> None:
        """Moves the playhead by seconds."""
        self._player.seek(self._player.position + seconds)

    def go_to_end(self) -> None:
        """Shows the last frame."""
        frames = self._editor.frames
        if frames is not None:
            self._player.seek(float(frames.middle(len(frames) - 1)))

    def _go_to(self, edited: EditedCut) -> None:
        self._player.seek(float(edited.span.start + _NUDGE))

    def _clips(self) -> list[Clip]:
        infos = self._editor.infos
        cuts = [c for c in self._editor.project.short if c.medium in infos]
        self._played = [c.identifier for c in cuts]
        return [Clip(infos[c.medium], c.span) for c in cuts]

    def _short_only(self, wanted: bool) -> None:
        if not wanted:
            self._player.leave_short()
            return
        clips = self._clips()
        if not clips:
            self._transport.short_only.setChecked(False)
            self._editor.problem.emit(tr("There are no cuts to play yet."))
            return
        chosen = self._editor.selected
        self._player.play_short(clips, self._played.index(chosen) if chosen in self._played else 0)

    def _clip_changed(self, number: int) -> None:
        if number < 0:
            self._transport.short_only.setChecked(False)
            return
        identifier = self._played[number]
        edited = self._editor.project.find(identifier)
        if edited is not None:
            self._editor.select(identifier)
            self._editor.show_medium(edited.medium)

    def _project_changed(self) -> None:
        if self._transport.short_only.isChecked():
            self._player.set_clips(self._clips())
        self._selection_changed()

    def _selection_changed(self) -> None:
        if self._transport.loop.isChecked():
            self._loop(True)

    def _loop(self, wanted: bool) -> None:
        edited = self._editor.selected_cut()
        if wanted and edited is not None and edited.medium == self._editor.medium:
            self._player.set_loop(edited.span)
        else:
            self._player.set_loop(None)
