"""Runs signals and fusion over a video as a stream, and remembers the results."""
