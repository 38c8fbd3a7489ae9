"""How long an export is still going to take."""

from __future__ import annotations

_FIRST_SECONDS = 3.0
_LEAST_FRACTION = 0.02
_WEIGHT = 0.3


class TimeLeft:
    """Estimates from the fraction that is done, smoothed so that it does not jump.

    Args:
        begun: When it began, in seconds of any clock.
    """

    def __init__(self, begun: float) -> None:
        self._begun = begun
        self._end: float | None = None

    def seconds(self, fraction: float, now: float) -> float | None:
        """Seconds that are left; None while nobody can know.

        Args:
            fraction: What is done, 0…1.
            now: Seconds of the same clock.
        """
        gone = now - self._begun
        if gone < _FIRST_SECONDS or not _LEAST_FRACTION <= fraction < 1:
            return None
        end = self._begun + gone / fraction
        self._end = end if self._end is None else self._end + _WEIGHT * (end - self._end)
        return max(0.0, self._end - now)
