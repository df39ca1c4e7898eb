"""Who follows a search while it runs, and who may cut it off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """stage : a word for what is going on (``pooled``, ``partition``, ``search``, ``direct``) ; objective : of the best
    papers so far, ∞ while there are none ; broken : what they still break, summed
    """

    stage: str
    objective: float
    broken: float


@dataclass(frozen=True, slots=True)
class Watch:
    """progress : told of every step ; should_stop : asked now and then; the best papers so far are then returned"""

    progress: Callable[[Progress], None] | None = None
    should_stop: Callable[[], bool] | None = None

    def stopped(self) -> bool:
        """Return whether the search was cut off, so that another run may find other papers."""
        return self.should_stop is not None and self.should_stop()


ALONE = Watch()
"""Nobody watches: the search ends by its own work alone."""
