"""What the editor decided."""
