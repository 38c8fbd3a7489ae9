"""Start-up: a verb goes to the terminal, everything else opens the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from core import cli
from core.places import SAMPLE_VIDEO, data_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs ``emotion-shortform``.

    ``emotion-shortform [VIDEO or PROJECT]`` opens the window, ``--sample`` with the sample video;
    ``emotion-shortform VERB …`` works in the terminal.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and (words[0] in cli.VERBS or (words[0].startswith("-") and words[0] != "--sample")):
        return cli.main(words)
    if len(words) > 1:
        print(  # noqa: T201
            f"emotion-shortform: '{words[0]}' is not a verb, and only one file can be opened. "
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
    from desktop import crash
    from desktop.windows import Windows

    application = QApplication(sys.argv[:1])
    application.setApplicationName("EmotionShortForm")
    application.setDesktopFileName("emotion-shortform")
    windows = Windows(application)
    crash.install(data_folder(), windows.report)
    windows.show(video, crash.last_crash(data_folder()))
    return int(application.exec())


def _has_screen() -> bool:
    """Whether Qt would find a display; it ends the program where it finds none."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


if __name__ == "__main__":
    sys.exit(main())
