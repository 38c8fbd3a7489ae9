"""The application as it starts, in a process that has nothing loaded yet."""

from __future__ import annotations

import subprocess
import sys

from core.places import SAMPLE_VIDEO

_CUTS_OF_SAMPLE = 3

_START = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from desktop.windows import Windows

application = QApplication([])
windows = Windows(application)
window = windows.window
said = []

def look():
    said[:] = [message for message in window.notices.messages() if message != "Opening"]
    analysis = window.editor.analysis
    known = analysis is not None and analysis.complete
    # Those for the growing curve may still be there when the analysis has just ended.
    if said or (known and len(window.editor.project.cuts) == int(sys.argv[2])):
        application.quit()

for signal in (window.analyst.ended, window.analyst.failed, window.editor.project_changed):
    signal.connect(look)
QTimer.singleShot(240_000, application.quit)
windows.show(Path(sys.argv[1]), None)
application.exec()
print(len(window.editor.project.cuts), said)
window.close()
"""


def test_a_video_named_at_the_start_is_analysed_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _START, str(SAMPLE_VIDEO), str(_CUTS_OF_SAMPLE)],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{_CUTS_OF_SAMPLE} []"
