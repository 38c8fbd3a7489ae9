"""The window: thin on logic, everything it shows comes from core."""
