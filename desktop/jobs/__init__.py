"""Core functions in background threads; the only place where threads are made."""
