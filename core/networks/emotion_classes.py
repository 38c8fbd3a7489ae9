"""What emotion networks tell, and of what; apart from them, because torch loads slowly."""

from __future__ import annotations

EMOTIONS = ("neutral", "happy", "surprise", "angry", "fear", "sad", "disgust")
"""The classes that the application shows, in the order of every track and report."""

STATISTICS_VERSION = 1
"""Of :func:`core.networks.emotion_statistics.window_statistics`: changes with what it gives."""

LABELS = (*EMOTIONS, "boredom")
"""The classes that networks learn: some corpora know boredom, which is none of the seven."""
