"""The captions of the video on show: from files, into files, and from what is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from core.export.captions.caption import Captions
from core.export.captions.transcribe_child import INSTALL
from core.time import Span
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.jobs.caption_work import (
    Refusal,
    SpeechModel,
    read_caption_file,
    speech_to_text_is_installed,
    write_caption_file,
    write_down_speech,
)
from desktop.jobs.job import JobSlot
from desktop.settings import SettingsStore


class Captioner(QObject):
    """Puts captions into the project, one undoable edit each time.

    Args:
        editor: The project.
        settings: Say which network writes down what is said.
        occupied: Whether an analysis or an export is going on: the network then waits.
        parent: Owner.

    Signals:
        began: What is said is being written down.
        progressed: The fraction that is done, and what is being done.
        ended: Nothing is being written down any more.
        told: What is good to know, the text of a button, and what it does; no button is "".
        lacking: What is missing, the text of a button, and what it does.
        failed: A message and its report.
        preferences_wanted: The user wants to choose a speech model.
    """

    began = Signal()
    progressed = Signal(float, str)
    ended = Signal()
    told = Signal(str, str, object)
    lacking = Signal(str, str, object)
    failed = Signal(str, str)
    preferences_wanted = Signal()

    def __init__(
        self,
        editor: Editor,
        settings: SettingsStore,
        occupied: Callable[[], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._settings = settings
        self._occupied = occupied
        self._reading = JobSlot(self)
        self._writing = JobSlot(self)
        self._hearing = JobSlot(self)
        self._waiting: tuple[str, bool] | None = None

    @property
    def busy(self) -> bool:
        """Whether what is said is being written down."""
        return self._hearing.busy

    def read(self, path: Path) -> None:
        """Puts the captions of a file in place of those of the video on show."""
        medium = self._editor.medium
        if not medium or self._refused():
            return
        job = self._reading.start(read_caption_file(path))
        job.succeeded.connect(lambda captions: self._was_read(path, medium, captions))
        job.failed.connect(self.failed)
        job.start()

    def proposal(self) -> Path | None:
        """Where the captions of the video on show would go; None if there are none."""
        info = self._editor.info
        if info is None or not self._editor.captions:
            return None
        return info.path.with_suffix(".srt")

    def write(self, path: Path, *, overwrite: bool) -> None:
        """Writes the captions of the video on show to a file of the kind that its ending says."""
        job = self._writing.start(
            write_caption_file(self._editor.captions, path, overwrite=overwrite)
        )
        job.succeeded.connect(
            lambda written: self.told.emit(tr("The captions are {path}.", path=written), "", None)
        )
        job.failed.connect(self.failed)
        job.start()

    def write_down(self, *, whole: bool) -> None:
        """Writes down what is said in the video on show, as soon as there is room for it.

        Args:
            whole: In all of it, not only in the cuts of the short.
        """
        if not self._editor.medium or self.busy or self._refused() or not self._can_hear():
            return
        self._waiting = self._editor.medium, whole
        if self._occupied():
            self.told.emit(tr("This begins when what is going on has ended."), "", None)
        self.go_on()

    def go_on(self) -> None:
        """Begins what had to wait for an analysis or an export."""
        if self._waiting is None or self._occupied() or self.busy:
            return
        (medium, whole), self._waiting = self._waiting, None
        info = self._editor.infos.get(medium)
        if info is None:
            return
        cuts = [edited.span for edited in self._editor.project.short if edited.medium == medium]
        spans = None if whole else cuts
        before = self._captions(medium)
        current = self._settings.current
        model = SpeechModel(
            current.speech_model, current.speech_language, current.allow_downloads
        )  # fmt: skip
        job = self._hearing.start(write_down_speech(info, model, spans))
        job.progressed.connect(self.progressed)
        job.succeeded.connect(lambda found: self._was_heard(medium, spans, before, found))
        job.failed.connect(self.failed)
        job.finished.connect(self.ended)
        job.start()
        self.began.emit()

    def cancel(self) -> None:
        """Stops writing down what is said; the captions stay as they are."""
        self._waiting = None
        self._hearing.cancel()

    def forget(self) -> None:
        """Lets go of the project before."""
        self._waiting = None
        for slot in (self._reading, self._hearing):
            slot.abandon()
        self.ended.emit()

    def close(self) -> None:
        """Ends everything and waits for it."""
        self._waiting = None
        for slot in (self._reading, self._writing, self._hearing):
            slot.close()

    def _captions(self, medium: str) -> Captions:
        known = self._editor.project.medium(medium)
        return () if known is None else known.captions

    def _refused(self) -> bool:
        if self._editor.read_only:
            self._editor.problem.emit(
                tr("This project is open in another window. Save it under another name to edit it.")
            )
        return self._editor.read_only

    def _can_hear(self) -> bool:
        if not speech_to_text_is_installed():
            self.lacking.emit(
                tr(
                    "Writing down what is said needs a package that is not installed: "
                    "run {command}, then start the application again.",
                    command=INSTALL,
                ),
                tr("Copy the command"),
                lambda: QGuiApplication.clipboard().setText(INSTALL),
            )
            return False
        if not self._settings.current.speech_model:
            self._lack(tr("Choose a speech model in the preferences first."))
            return False
        return True

    def _lack(self, message: str) -> None:
        self.lacking.emit(message, tr("Preferences"), self.preferences_wanted.emit)

    def _was_read(self, path: Path, medium: str, captions: Captions) -> None:
        if not captions:
            self.told.emit(tr("There are no captions in {name}.", name=path.name), "", None)
            return
        info = self._editor.infos.get(medium)
        said = tr("{count} captions come from {name}.", count=len(captions), name=path.name)
        if info is not None and captions[-1].span.start >= info.duration:
            said += " " + tr("Some are later than the end of the video.")
        self._put(tr("Import captions"), medium, captions, len(self._captions(medium)), said)

    def _was_heard(
        self,
        medium: str,
        spans: Sequence[Span] | None,
        before: Captions,
        found: Captions | Refusal,
    ) -> None:
        if isinstance(found, Refusal):
            self._lack(
                tr("The speech model is not here: allow to fetch it, or choose a folder.")
                if found.consent
                else found.message
            )
            return
        if not found:
            self.told.emit(tr("Nobody is heard: the captions stay as they are."), "", None)
            return
        present = self._captions(medium)
        kept = [] if spans is None else [
            one for one in present if not any(one.span.middle in span for span in spans)
        ]  # fmt: skip
        said = tr("{count} captions were written down.", count=len(found))
        if any(one not in before and one not in kept for one in present):
            said += " " + tr("They are in place of what you changed meanwhile.")
        replaced = len(present) - len(kept)
        self._put(tr("Write down what is said"), medium, (*kept, *found), replaced, said)

    def _put(
        self, text: str, medium: str, captions: Captions, replaced: int, said: str
    ) -> None:  # fmt: skip
        """Makes the edit, says so, and offers to take it back where something was replaced."""
        before = self._captions(medium)
        if not self._editor.replace_captions(text, medium, captions):
            return
        if not replaced:
            self.told.emit(said, "", None)
            return
        index = self._editor.undo_stack.index()
        said += " " + tr("{count} that were there are gone; undo brings them back.", count=replaced)
        self.told.emit(said, tr("Undo"), lambda: self._take_back(index, medium, before))

    def _take_back(self, index: int, medium: str, before: Captions) -> None:
        stack = self._editor.undo_stack
        if stack.index() == index:
            stack.undo()
        else:  # what was edited since stays
            self._editor.replace_captions(tr("Captions as before"), medium, before)
