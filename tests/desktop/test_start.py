"""The application as it starts, in a process that has nothing loaded yet."""

from __future__ import annotations

import subprocess
import sys

from core.places import SAMPLE_VIDEO

_START = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from desktop.windows import Windows

application = QApplication([])
windows = Windows(application)
window = windows.window
said = []

def look():
    said[:] = [message for message in window.notices.messages() if message != "Opening"]
    analysis = window.editor.analysis
    known = analysis is not None and analysis.complete and window.editor.project.cuts
    if said or known:
        application.quit()

for signal in (window.analyst.ended, window.analyst.failed, window.editor.project_changed):
    signal.connect(look)
windows.show(Path(sys.argv[1]), None)
application.exec()
print(len(window.editor.project.cuts), said)
window.close()
"""


def test_a_video_named_at_the_start_is_analysed_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _START, str(SAMPLE_VIDEO)],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "3 []"
