"""Learning what people keep of a video: labels, features, networks and honest reports."""
