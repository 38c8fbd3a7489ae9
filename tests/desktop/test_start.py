"""The application as it starts, in a process that has nothing loaded yet."""

from __future__ import annotations

import subprocess
import sys

from core.places import SAMPLE_VIDEO

_START = """
import sys, time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from desktop.windows import Windows

application = QApplication([])
windows = Windows(application)
windows.show(Path(sys.argv[1]), None)
end = time.monotonic() + 240
while time.monotonic() < end:
    application.processEvents()
    time.sleep(0.005)
    analysis = windows.window.editor.analysis
    known = analysis is not None and analysis.complete and windows.window.editor.project.cuts
    said = [message for message in windows.window.notices.messages() if message != "Opening"]
    if said or (known and not windows.window.analyst.busy):
        break
print(len(windows.window.editor.project.cuts), said)
windows.window.close()
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
