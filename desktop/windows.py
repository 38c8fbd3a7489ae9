"""The window of the application, which is made anew in another theme or language."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from desktop import theme
from desktop.editor import Editor
from desktop.i18n import qt_translator, set_language, tr
from desktop.jobs.warm_up import share_the_interpreter
from desktop.main_window import MainWindow
from desktop.settings import SettingsStore, resolved_language
from desktop.settings_values import SYSTEM


class Windows(QObject):
    """Keeps one window, and what outlives it: the settings and the open project."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        share_the_interpreter()
        self._application = application
        self.settings = SettingsStore(self)
        self._translator: QTranslator | None = None
        self._postponed = False
        application.styleHints().colorSchemeChanged.connect(self._scheme_changed)
        self._dress()
        self.window = self._make(None)

    def show(self, path: Path | None, crash: str | None) -> None:
        """Shows the window.

        Args:
            path: A video or a project to open and analyse.
            crash: What is known about a crash of the session before.
        """
        self.window.show()
        if crash is not None:
            self.report(
                tr("The application ended unexpectedly last time. Your edits were kept."), crash
            )
        if path is not None:
            self.window.open(path, analyse=True)
        self.window.analyst.prepare()

    def report(self, message: str, report: str) -> None:
        """Says that something went wrong that should not have, with a report to copy."""
        self.window.messenger.fail(message, report)

    def _make(self, editor: Editor | None) -> MainWindow:
        window = MainWindow(self.settings, editor)
        # Queued: the window cannot go while it is telling.
        window.outdated.connect(self._renew, Qt.ConnectionType.QueuedConnection)
        return window

    def _scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        if self.settings.current.theme == SYSTEM:
            self._renew()

    def _renew(self) -> None:
        old = self.window
        if old.exporter.busy:
            if not self._postponed:
                self._postponed = True
                old.exporter.ended.connect(self._renew, Qt.ConnectionType.QueuedConnection)
                old.notices.inform(tr("The window changes when the export is done."))
            return
        self._postponed = False
        place, position, page = old.saveGeometry(), old.player.position, old.preferences_page
        learning, taught = old.learning.page.isVisible(), old.learning.teacher.profile
        analysing, shown, exporting = old.analyst.busy, old.isVisible(), old.exporting
        editor = old.release()
        old.deleteLater()
        # At once: what is left of it must not hear what the editor tells the new one.
        QCoreApplication.sendPostedEvents(old, QEvent.Type.DeferredDelete)
        self._dress()
        self.window = self._make(editor)
        self.window.restoreGeometry(place)
        self.window.adopt(analyse=analysing)
        self.window.player.seek(position)
        if page:
            self.window.show_preferences(page)
        elif exporting:
            self.window.show_export()
        elif learning:
            self.window.show_learning()
        if taught is not None:  # it goes on where it was
            self.window.learning.learn(taught)
        self.window.setVisible(shown)

    def _dress(self) -> None:
        current = self.settings.current
        language = resolved_language(current.language)
        set_language(language)
        if self._translator is not None:
            self._application.removeTranslator(self._translator)
        self._translator = qt_translator(language)
        if self._translator is not None:
            self._application.installTranslator(self._translator)
        theme.apply(self._application, theme.palette_for(current.theme, self._application))
