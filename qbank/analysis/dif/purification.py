"""Purification: items with DIF leave the matching score, until the list stands still."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import BoolArray

MAX_STEPS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Purified:
    """anchors : (n_items,) the matching score at the end ; flagged : (n_items,) with that score ; steps : how often items
    left or came back ; status : one of off, stable, loop, stopped, too_few ; history : the items flagged at each step."""

    anchors: BoolArray
    flagged: BoolArray
    steps: int
    status: str
    history: tuple[tuple[int, ...], ...]


def purify(
    flag: Callable[[BoolArray], BoolArray], start: BoolArray, *, max_steps: int = MAX_STEPS, least: int = 2
) -> Purified:
    """Return what is left when items flagged with one matching score are taken out of the next (Candell & Drasgow 1988).

    flag : anchors (n_items,) → items with DIF (n_items,) when matched on those anchors and the item itself
    start : items that may be in the score ; max_steps : at most so many changes ; least : anchors that must remain

    stable: the same items twice. loop: a list came back that stood before; every item of the loop is then left out
    of the score once for all. too_few: fewer than ``least`` anchors would remain; the last score is kept.
    stopped: ``max_steps`` were not enough.

    >>> found = purify(lambda anchors: np.array([True, False, not anchors[0], False]), np.ones(4, bool))
    >>> found.status, found.steps, found.anchors.tolist()
    ('stable', 2, [False, True, False, True])
    """
    anchors = start.copy()
    flagged = flag(anchors)
    history = [flagged]
    if max_steps == 0:
        return Purified(anchors, flagged, 0, "off", (_places(flagged),))
    status, steps = "stopped", 0
    while steps < max_steps:
        following = start & ~flagged
        if (following == anchors).all():
            status = "stable"
            break
        if following.sum() < least:
            status = "too_few"
            break
        anchors, steps = following, steps + 1
        flagged = flag(anchors)
        before = [place for place, old in enumerate(history[:-1]) if (old == flagged).all()]
        history.append(flagged)
        if before:
            union = np.any(history[before[-1] :], axis=0)
            if (start & ~union).sum() >= least:
                anchors = start & ~union
                flagged = flag(anchors)
            status = "loop"
            break
    if status == "stopped" and (start & ~flagged == anchors).all():
        status = "stable"
    return Purified(anchors, flagged, steps, status, tuple(_places(step) for step in history))


def _places(flagged: BoolArray) -> tuple[int, ...]:
    return tuple(int(place) for place in np.flatnonzero(flagged))
