"""The timeline: one lane a file."""
