"""The window of the application, which is made anew in another theme or language."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTranslator
from PySide6.QtWidgets import QApplication

from desktop import theme
from desktop.editor import Editor
from desktop.i18n import qt_translator, set_language, tr
from desktop.main_window import MainWindow
from desktop.settings import SettingsStore, resolved_language


class Windows(QObject):
    """Keeps one window, and what outlives it: the settings and the open project."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._settings = SettingsStore(self)
        self._translator: QTranslator | None = None
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

    def report(self, message: str, report: str) -> None:
        """Says that something went wrong that should not have, with a report to copy."""
        self.window.messenger.fail(message, report)

    def _make(self, editor: Editor | None) -> MainWindow:
        window = MainWindow(self._settings, editor)
        window.outdated.connect(self._renew)
        return window

    def _renew(self) -> None:
        old = self.window
        place, position = old.saveGeometry(), old.player.position
        page = old.preferences_page
        editor = old.release()
        self._dress()
        self.window = self._make(editor)
        self.window.restoreGeometry(place)
        self.window.adopt()
        self.window.player.seek(position)
        if page:
            self.window.show_preferences(page)
        self.window.show()
        old.deleteLater()

    def _dress(self) -> None:
        current = self._settings.current
        language = resolved_language(current.language)
        set_language(language)
        if self._translator is not None:
            self._application.removeTranslator(self._translator)
        self._translator = qt_translator(language)
        if self._translator is not None:
            self._application.installTranslator(self._translator)
        theme.apply(self._application, theme.palette_for(current.theme, self._application))
