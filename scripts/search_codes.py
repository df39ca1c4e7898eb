"""Search for the codes of qbank/assemble/family/codes/orbit_table.py: orbits of points that no hyperplane meets often.

    python scripts/search_codes.py ORDER DIMENSION --points O --orbits N [--seconds S] [--seed N]

prints one line of the table: N orbits of O points of PG(DIMENSION − 1, ORDER). O divides the number of points; orbits
that lie in a subspace (O divides the number of points of a subfield's geometry) are poor. With f(i) the number of
points of the first orbit on the i-th class of hyperplanes, the orbit at shift s meets class i in f(i + s) points: the
cost Σ exp(λ·Σ_s f(i + s)) of every place for one orbit, the others fixed, is one correlation by Fourier transform. One
orbit after the other moves to its best place; when none moves, some are thrown elsewhere, until the time is over.

The time makes the result depend on the machine; what it finds is proven afterwards by counting all words, and stands
in the table. Memory: one byte a point of the geometry.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from qbank.assemble.family.codes.counting import certify
from qbank.assemble.family.codes.orbits import Orbits, orbit_code
from qbank.assemble.family.codes.polynomials import first_primitive, power_of_x
from qbank.assemble.family.fields import field

Counts = NDArray[np.int16]
STEEPNESS = (1.0, 1.4, 1.8)
"""λ of the cost: how much more a class of hyperplanes that meets one point more costs."""


def on_hyperplane(order: int, dimension: int) -> NDArray[np.uint8]:
    """Return for each point of the geometry, in Singer's order, whether it lies on one certain hyperplane.

    A linear function of the powers of x is a linear recurring sequence; it is doubled until it is long enough.
    """
    modulus, over = first_primitive(order, dimension), field(order)
    n_points = (order**dimension - 1) // (order - 1)
    sequence = np.zeros(n_points + dimension, dtype=np.uint8)
    sequence[dimension - 1] = 1
    known = dimension
    while known < n_points:
        more = min(known - dimension + 1, len(sequence) - known)
        total = np.zeros(more, dtype=np.uint8)
        for place, factor in enumerate(power_of_x(order, known, modulus)):
            total = over.add[total, over.multiply[factor, sequence[place : place + more]]]
        sequence[known : known + more] = total
        known += more
    return (sequence[:n_points] == 0).astype(np.uint8)


class Search:
    """Orbits by their shifts, and how many of their points each class of hyperplanes meets."""

    def __init__(self, orbit: Counts, n_orbits: int, steepness: float, rng: np.random.Generator) -> None:
        self.orbit, self.steepness, self.rng = orbit, steepness, rng
        self.spectrum = fft.rfft(np.exp(steepness * (orbit - orbit.mean())))
        self.shifts = [0]
        self.meets = orbit.copy()
        while len(self.shifts) < n_orbits:
            self.put(len(self.shifts), int(np.argmin(self.costs(self.meets))))

    def put(self, place: int, shift: int) -> None:
        """Move an orbit, or add one."""
        if place == len(self.shifts):
            self.shifts.append(shift)
        else:
            self.meets = self.meets - np.roll(self.orbit, -self.shifts[place])
            self.shifts[place] = shift
        self.meets = self.meets + np.roll(self.orbit, -shift)

    def costs(self, others: Counts) -> NDArray[np.float64]:
        """Return the cost of an orbit at each shift beside others."""
        known = fft.rfft(np.exp(self.steepness * (others - float(others.max()))))
        found: NDArray[np.float64] = fft.irfft(np.conj(known) * self.spectrum, len(others))
        return found

    def settle(self, until: float) -> None:
        """Move one orbit after the other to its best place until none moves."""
        moved = True
        while moved and time.process_time() < until:
            moved = False
            for place in self.rng.permutation(len(self.shifts)):
                costs = self.costs(self.meets - np.roll(self.orbit, -self.shifts[place]))
                best = int(np.argmin(costs))
                if costs[best] < costs[self.shifts[place]] * (1 - 1e-6):
                    self.put(int(place), best)
                    moved = True

    def throw(self) -> None:
        """Throw up to three orbits elsewhere."""
        n_thrown = min(len(self.shifts), int(self.rng.integers(1, 4)))
        for place in self.rng.choice(len(self.shifts), n_thrown, replace=False):
            self.put(int(place), int(self.rng.integers(len(self.orbit))))


def search(order: int, dimension: int, points: int, n_orbits: int, seconds: float, seed: int) -> Orbits:
    """Return the best orbits found, their overlap counted over all classes of hyperplanes."""
    n_points = (order**dimension - 1) // (order - 1)
    if n_points % points:
        raise SystemExit(f"{points} does not divide {n_points}, the number of points")
    orbit = on_hyperplane(order, dimension).reshape(points, -1).sum(axis=0, dtype=np.int16)
    rng = np.random.default_rng(seed)
    best: tuple[int, int] | None = None
    shifts: list[int] = []
    until = time.process_time() + seconds
    state = Search(orbit, n_orbits, STEEPNESS[seed % len(STEEPNESS)], rng)
    while True:
        state.settle(until)
        worst = int(state.meets.max())
        found = (worst, int((state.meets == worst).sum()))
        if best is None or found < best:
            best, shifts = found, list(state.shifts)
        if time.process_time() >= until or n_orbits == 1:
            break
        state.throw()
    placed = tuple(sorted((shift - min(shifts)) % len(orbit) for shift in shifts))
    return Orbits(order, first_primitive(order, dimension), points, best[0], placed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("order", type=int)
    parser.add_argument("dimension", type=int)
    parser.add_argument("--points", type=int, required=True, help="points of an orbit")
    parser.add_argument("--orbits", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=10.0, help="CPU time")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found = search(asked.order, asked.dimension, asked.points, asked.orbits, asked.seconds, asked.seed)
    if certify(orbit_code(found)) != found.overlap:
        raise SystemExit("the words do not agree with the hyperplanes")
    steps = np.diff([0, *found.shifts])
    modulus = " ".join(map(str, found.modulus))
    print(f"{found.order}|{modulus}|{found.points}:{found.overlap}:{','.join(map(str, steps))}")


if __name__ == "__main__":
    main()
