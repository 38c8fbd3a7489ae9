"""The seven emotions, in the order of every probability; apart, because torch loads slowly."""

from __future__ import annotations

EMOTIONS = ("neutral", "happy", "surprise", "angry", "fear", "sad", "disgust")
"""The classes, in the order of the network's logits."""
