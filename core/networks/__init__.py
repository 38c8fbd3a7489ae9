"""Networks and the files that their weights live in."""
