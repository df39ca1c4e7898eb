"""How often each letter of a slot shall stand so that all items are shown as evenly as the rules let them.

With all letters of a slot equally often the papers may break a rule on average: an upper bound on difficult questions,
say, below what the bank holds of them. The shares nearest to even with which every rule holds on average are then the
goal: no choice of papers does better.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.sieve import Sieve

Array = NDArray[np.float64]

ROOM = 0.1
"""Standard deviations of a random paper by which the mean stays away from a bound."""
CYCLES = 200
NEAR = 1e-9


def even_shares(sieve: Sieve) -> tuple[Array, Array]:
    """Return the share of papers that shall show each letter, and how hard each rule presses away from even.

    shares : (n_slots, order), each slot adding up to 1, 0 where a letter has no item ; pressure : (n_rows,) 0 where a
    rule leaves exposure as it is, above 0 where it asks for more of what adds to it and below 0 for less. With q letters
    in a slot and ratios r = share · q, the sum of (r − 1)² over all letters is least under ``low ≤ Σ v r / q ≤ high``
    for every row, low and high drawn in by `ROOM`: a projection, found by one row after the other (Hildreth 1957).
    """
    size = sieve.filled.sum(axis=1)
    there = sieve.filled[:, :, None]
    usual = np.where(there, sieve.values, 0.0).sum(axis=1) / size[:, None]
    away = np.where(there, sieve.values - usual[:, None, :], 0.0)
    spread = np.sqrt(((away**2).sum(axis=1) / size[:, None]).sum(axis=0))
    room = np.minimum(ROOM * spread, (sieve.high - sieve.low) / 4)
    low, high = sieve.low + room, sieve.high - room
    pull = away / size[:, None, None]
    square = (pull**2).sum(axis=(0, 1))
    ratio, pressure = np.where(sieve.filled, 1.0, 0.0), np.zeros(sieve.low.size)
    mean = usual.sum(axis=0)
    for _ in range(CYCLES):
        moved = 0.0
        sums = mean + np.tensordot(ratio, pull, 2)
        for row in np.flatnonzero((square > NEAR) & ((pressure != 0) | (sums < low) | (sums > high))):
            found = mean[row] + float((pull[:, :, row] * ratio).sum())
            free = found - pressure[row] * square[row]
            wanted = float(np.clip(free, low[row], high[row]) - free) / square[row]
            ratio += (wanted - pressure[row]) * pull[:, :, row]
            moved = max(moved, abs(wanted - pressure[row]) * float(np.sqrt(square[row])))
            pressure[row] = wanted
        if moved < NEAR:
            break
    shares = np.maximum(ratio, 0.0) / size[:, None]
    return np.asarray(shares / shares.sum(axis=1, keepdims=True)), pressure
