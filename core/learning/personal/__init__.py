"""What an editor's own corrections teach, and how much that is worth."""
