"""What goes on in the background: which work waits for which, and what the bar says of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from desktop.analyst import Analyst
from desktop.captioner import Captioner
from desktop.exporter import Exporter
from desktop.i18n import tr
from desktop.panels.command_bar import CommandBar
from desktop.reframer import Reframer


class Workflow(QObject):
    """Lets one heavy work go on at a time.

    Args:
        analyst: Analyses videos.
        exporter: Writes shorts, while nothing is analysed or written down.
        reframer: Looks for the subject.
        captioner: Writes down what is said.
        bar: Shows what goes on, and how far it is.
        parent: Owner.

    Signals:
        changed: Work began or ended.
    """

    changed = Signal()

    def __init__(
        self,
        analyst: Analyst,
        exporter: Exporter,
        reframer: Reframer,
        captioner: Captioner,
        bar: CommandBar,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._analyst = analyst
        self._exporter = exporter
        self._captioner = captioner
        self._workers = (analyst, exporter, reframer, captioner)
        self._analyse_later = False
        analyst.began.connect(lambda name: bar.show_busy(tr("Analysing {name}", name=name)))
        reframer.began.connect(lambda: bar.show_busy(tr("Looking for the subject")))
        exporter.began.connect(lambda: bar.show_busy(tr("Exporting")))
        captioner.began.connect(lambda: bar.show_busy(tr("Writing down what is said")))
        captioner.began.connect(self.changed)
        exporter.changed.connect(self.changed)
        analyst.ended.connect(exporter.resume)
        captioner.ended.connect(exporter.resume)
        captioner.ended.connect(self._go_on)
        exporter.ended.connect(self._go_on)
        analyst.ended.connect(captioner.go_on)
        exporter.ended.connect(captioner.go_on)
        for worker in self._workers:
            worker.progressed.connect(bar.show_progress)
            worker.ended.connect(self.changed)

    @property
    def occupied(self) -> bool:
        """Whether something is computed that exports wait for."""
        return self._analyst.busy or self._captioner.busy

    @property
    def busy(self) -> bool:
        """Whether heavy work goes on."""
        return self.occupied or self._exporter.busy

    def analyse(self) -> None:
        """Analyses, as soon as nothing is exported or written down any more."""
        if self._exporter.busy or self._captioner.busy:
            self._analyse_later = True
        else:
            self._analyst.analyse()

    def cancel(self) -> None:
        """Stops all work."""
        for worker in self._workers:
            worker.cancel()

    def close(self) -> None:
        """Ends all work and waits for it."""
        for worker in self._workers:
            worker.close()

    def _go_on(self) -> None:
        if self._analyse_later:
            self._analyse_later = False
            self._analyst.analyse()
