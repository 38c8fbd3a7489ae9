"""The short as a timeline for other editors."""
