"""Slots under construction: what they are worth, and by how much a step of theirs changes the rows with bounds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.demands import Demands
from qbank.assemble.family.fitness import Evens, Rows, log_even, log_share

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(slots=True)
class Partition:
    """Slots under construction.

    members : by slot its candidates ; section : (n_slots,) ; x : (n_columns, n_rows + n_measures) what each adds to the
    rows, and to the measures in the metric of the moment ; conflict : (n_columns, n_columns) which never meet ; near :
    (n_columns, n_slots) how many conflicts each slot's share of a paper holds ; away : (n_columns,) all slots'
    """

    demands: Demands
    rows: Rows
    evens: Evens
    section: Indices
    members: list[Indices]
    conflict: NDArray[np.bool_]
    x: Array = field(init=False)
    mean: Array = field(init=False)
    square: Array = field(init=False)
    near: Array = field(init=False)
    away: Array = field(init=False)
    even: float = field(init=False)

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Take the metric in which the measures' variances cost most now, and measure all slots in it."""
        y = self.evens.values.T
        covariance = sum((_covariance(y[found]) for found in self.members), np.zeros((y.shape[1],) * 2))
        mean = sum((y[found].mean(axis=0) for found in self.members), np.zeros(y.shape[1]))
        self.even, metric = log_even(covariance, self.evens.width(mean))
        size, turn = np.linalg.eigh(metric)
        self.x = np.hstack([self.rows.values.T, y @ (turn * np.sqrt(np.maximum(size, 0.0)))])
        self.measure()

    def measure(self) -> None:
        """Work out anew the mean and the mean square of each slot, and how many of whose conflicts each slot holds."""
        self.mean = np.array([self.x[found].mean(axis=0) for found in self.members])
        self.square = np.array([(self.x[found] ** 2).mean(axis=0) for found in self.members])
        self.near = np.array([self.conflict[found].sum(axis=0) / found.size for found in self.members]).T
        self.away = self.near.sum(axis=1)

    @property
    def spare(self) -> list[Indices]:
        """Return by section the candidates that are in no slot."""
        used = np.zeros(self.demands.n_columns, dtype=np.bool_)
        used[np.concatenate(self.members)] = True
        return [np.flatnonzero((self.demands.section == s) & ~used) for s in range(len(self.demands.sizes))]

    def clashes(self) -> float:
        """Return the expected number of pairs on a random paper that must not meet."""
        return float(sum(
            (self.near[found].sum() - self.near[found, slot].sum()) / found.size for slot, found in enumerate(self.members)
        ) / 2)  # fmt: skip

    def differing(self, *groups: Indices) -> Indices:
        """Return the rows that an exchange among some candidates can change: those in which they are not all alike."""
        found = self.x[np.concatenate(groups), : self.rows.low.size]
        return np.flatnonzero((found != found[0]).any(axis=0))

    def rows_change(self, which: Indices, step: Array, variance: Array) -> Array:
        """Return by how much the logarithm of the share that keeps all bounds changes.

        which : (n,) the rows that change ; step, variance : (…, n) by how much the mean of papers changes, and by how
        much their variance
        """
        mean = self.mean[:, which].sum(axis=0)
        now = self.square[:, which].sum(axis=0) - (self.mean[:, which] ** 2).sum(axis=0)
        return np.asarray(log_share(self.rows, mean + step, now + variance, which) - log_share(self.rows, mean, now, which))

    def fitness(self) -> float:
        """Return the logarithm of the share of papers that are expected to meet every rule, in a metric just taken."""
        n = self.rows.low.size
        variance = (self.square - self.mean**2).sum(axis=0)
        return float(log_share(self.rows, self.mean.sum(axis=0)[:n], variance[:n])) + self.even - self.clashes()


def _covariance(y: Array) -> Array:
    """Return the covariance of the columns of (n, d) numbers about their mean, with the divisor n."""
    away = y - y.mean(axis=0)
    return np.asarray(away.T @ away / len(y))
