"""From cuts to a file that others can play."""
