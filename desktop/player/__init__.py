"""The picture and its transport."""
