"""Start-up: a verb goes to the terminal, everything else opens the window."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from core import cli
from core.places import SAMPLE_VIDEO

if TYPE_CHECKING:
    from desktop.main_window import MainWindow


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs ``emotion-shortform``.

    ``emotion-shortform [VIDEO]`` opens the window, ``--sample`` with the sample video;
    ``emotion-shortform VERB …`` works in the terminal.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and (words[0] in cli.VERBS or (words[0].startswith("-") and words[0] != "--sample")):
        return cli.main(words)
    if len(words) > 1:
        print(  # noqa: T201
            f"emotion-shortform: '{words[0]}' is not a verb, and only one video can be opened. "
            "See emotion-shortform --help.",
            file=sys.stderr,
        )
        return 2
    if words and words[0] == "--sample":
        return _open_window(SAMPLE_VIDEO)
    return _open_window(Path(words[0]) if words else None)


def _open_window(video: Path | None) -> int:
    try:
        from PySide6.QtWidgets import QApplication
    except ImportError as error:
        print(  # noqa: T201
            f"emotion-shortform: the window cannot be opened ({error}). "
            "'emotion-shortform doctor' says what is missing.",
            file=sys.stderr,
        )
        return 1
    if not _has_screen():
        print(  # noqa: T201
            "emotion-shortform: there is no screen to open a window on. "
            "'emotion-shortform --help' lists what works in the terminal.",
            file=sys.stderr,
        )
        return 1
    from desktop import theme
    from desktop.main_window import MainWindow

    application = QApplication(sys.argv[:1])
    application.setApplicationName("EmotionShortForm")
    application.setDesktopFileName("emotion-shortform")
    theme.apply(application)
    window = MainWindow()
    sys.excepthook = _report_to(window)
    window.show()
    if video is not None:
        window.open(video, analyse=True)
    return int(application.exec())


def _has_screen() -> bool:
    """Whether Qt would find a display; it ends the program where it finds none."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _report_to(window: MainWindow):  # type: ignore[no-untyped-def]
    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(text)
        window.notices.error(
            "Something went wrong that should not have. Your cuts are kept; please report this.",
            text,
        )

    return report


if __name__ == "__main__":
    sys.exit(main())
