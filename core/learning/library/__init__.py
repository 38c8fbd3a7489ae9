"""What the editor corrected, kept for learning: one SQLite file in the user's data folder."""
