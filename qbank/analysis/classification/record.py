"""What decisions at one or several cuts are worth: a table of true against observed category, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, IntArray, ratio, read_only


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """How often persons are put where they belong, and how often twice in the same place.

    confusion : (n_categories, n_categories) probability of each true (row) and observed (column) category, 0 lowest; NaN
        where the method knows no true category (Subkoviak's)
    agreement : (n_categories, n_categories) probability of the categories of two independent takings of such papers
    nodes : (n_nodes,) true score or ability of the curves below, on the scale that the method says
    true : (n_nodes,) category that the node belongs to, −1 unknown
    probability : (n_categories, n_nodes) of each observed category there
    settings : (name, value) of what the method estimated or was told ; status : ok, or why there is nothing
    """

    method: str
    confusion: FloatArray
    agreement: FloatArray
    nodes: FloatArray
    true: IntArray
    probability: FloatArray
    settings: tuple[tuple[str, float | str], ...] = field(default=())
    status: str = "ok"

    @property
    def n_categories(self) -> int:
        return int(self.agreement.shape[0])

    @property
    def accuracy(self) -> float:
        """The share put into the category where it belongs."""
        return float(np.trace(self.confusion))

    @property
    def consistency(self) -> float:
        """The share put into the same category twice."""
        return float(np.trace(self.agreement))

    @property
    def chance(self) -> float:
        """The consistency that the marginals alone would give."""
        return float(self.agreement.sum(axis=1) @ self.agreement.sum(axis=0))

    @property
    def kappa(self) -> float:
        """(consistency − chance) / (1 − chance) (Cohen 1960); NaN where all are in one category."""
        rest = 1 - self.chance
        return float(ratio(self.consistency - self.chance, rest if rest > 1e-12 else 0.0))

    @property
    def false_pass(self) -> float:
        """The share of all that is put above where it belongs."""
        return float(np.triu(self.confusion, 1).sum())

    @property
    def false_fail(self) -> float:
        """The share of all that is put below where it belongs."""
        return float(np.tril(self.confusion, -1).sum())

    @property
    def wrong_of_passed(self) -> float:
        """Of those in the highest category, the share that does not belong there."""
        passed = self.confusion[:, -1]
        return float(ratio(passed[:-1].sum(), passed.sum()))

    @property
    def wrong_of_failed(self) -> float:
        """Of those in the lowest category, the share that does not belong there."""
        failed = self.confusion[:, 0]
        return float(ratio(failed[1:].sum(), failed.sum()))

    @property
    def true_shares(self) -> FloatArray:
        return np.asarray(self.confusion.sum(axis=1))

    @property
    def observed_shares(self) -> FloatArray:
        return np.asarray(self.agreement.sum(axis=1))

    @property
    def conditional_accuracy(self) -> FloatArray:
        """(n_nodes,) the probability that a person there is put where the person belongs; NaN where that is unknown."""
        own = self.probability[np.maximum(self.true, 0), np.arange(self.nodes.size)]
        return np.where(self.true >= 0, own, np.nan)

    @property
    def conditional_consistency(self) -> FloatArray:
        """(n_nodes,) the probability that a person there is put into the same category twice."""
        return np.asarray((self.probability**2).sum(axis=0))

    def at_cut(self, cut: int) -> Classification:
        """Return the decision at one of several cuts alone, 0 the lowest: below it, at or above it."""
        if not 0 <= cut < self.n_categories - 1:
            raise ValueError(f"cut {cut} of {self.n_categories - 1}")
        above = np.arange(self.n_categories) > cut
        fold = np.stack([~above, above]).astype(float)
        return Classification(
            self.method,
            read_only(fold @ self.confusion @ fold.T),
            read_only(fold @ self.agreement @ fold.T),
            self.nodes,
            read_only(np.where(self.true >= 0, (self.true > cut).astype(np.int64), -1)),
            read_only(fold @ self.probability),
            self.settings,
            self.status,
        )


def classification(
    method: str,
    probability: ArrayLike,
    weights: ArrayLike,
    true: ArrayLike,
    *,
    nodes: ArrayLike | None = None,
    curve: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None,
    settings: tuple[tuple[str, float | str], ...] = (),
) -> Classification:
    """Return accuracy and consistency from the probability of each category at nodes that stand for the persons.

    probability : (n_categories, n_nodes) of the observed category, given the true score at the node
    weights : (n_nodes,) share of the persons at each node ; true : (n_nodes,) category it belongs to, −1 unknown
    nodes : (n_nodes,) where they lie ; curve : (nodes, true, probability) of the conditional curves, if others

    With P_c(node) for the probability of category c: confusion[t, c] = Σ w·P_c over the nodes of true category t,
    agreement[c, d] = Σ w·P_c·P_d (Lee 2010, eqs. 7–12; for a continuous true score the integrals by quadrature).

    >>> half = classification("", [[0.9, 0.2], [0.1, 0.8]], [0.5, 0.5], [0, 1])
    >>> round(half.accuracy, 9), round(half.consistency, 9), round(half.false_pass, 9), round(half.false_fail, 9)
    (0.85, 0.75, 0.05, 0.1)
    """
    p, w, category = np.asarray(probability, float), np.asarray(weights, float), np.asarray(true, np.int64)
    if p.ndim != 2 or w.shape != p.shape[1:] or category.shape != w.shape:
        raise ValueError(f"probability {p.shape}, weights {w.shape}, true {category.shape} do not belong together")
    n = p.shape[0]
    membership = (category == np.arange(n)[:, None]) * w
    confusion = membership @ p.T
    if (category < 0).any():
        confusion = np.full((n, n), np.nan)
    at = np.arange(w.size, dtype=float) if nodes is None else np.asarray(nodes, float)
    shown = (at, category, p) if curve is None else curve
    return Classification(
        method,
        read_only(confusion),
        read_only((p * w) @ p.T),
        read_only(np.array(shown[0], float)),
        read_only(np.array(shown[1], np.int64)),
        read_only(np.array(shown[2], float)),
        settings,
    )


def nothing(method: str, n_categories: int, status: str, settings: tuple[tuple[str, float | str], ...] = ()) -> Classification:
    """Return the classification of a method that does not exist for these data, all NaN, with the reason."""
    empty = read_only(np.full((n_categories, n_categories), np.nan))
    return Classification(
        method, empty, empty, read_only(np.zeros(0)), read_only(np.zeros(0, np.int64)),
        read_only(np.zeros((n_categories, 0))), settings, status,
    )  # fmt: skip


def category_probabilities(distribution: FloatArray, first: IntArray) -> FloatArray:
    """Return the probability of each category, (n_categories, n_nodes), of scores 0, 1, … with these first scores.

    distribution : (n_scores, n_nodes) ; first : (n_cuts,) the lowest row of each category above the lowest, ascending
    """
    below = np.vstack([np.zeros(distribution.shape[1]), np.cumsum(distribution, axis=0)])
    at = below[np.clip(first, 0, distribution.shape[0])]
    edges = np.vstack([np.zeros(distribution.shape[1]), at, below[-1]])
    return np.asarray(np.diff(edges, axis=0))
