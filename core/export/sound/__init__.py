"""The sound of a short: where each piece of it lies, its reading, its mix and its loudness."""
