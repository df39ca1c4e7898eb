"""Ranks with tie-breaks, and how far the order can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DECIMALS = 6
"""Decimals to which marks and times are compared: sums of thirds that should be equal are."""
LEAST_PERSONS = 10
"""Ranked persons below which nothing is said of how far the order can be trusted."""
DRAWS = 4000
NEAR_TOP = 2000
"""Persons next to the top of whom true scores are drawn: whoever is farther off is never among the first."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Who stands where.

    rank : (n_persons,) 1 the best, equal ones share a rank and the next is as many lower, 0 not ranked ; order :
    (n_ranked,) rows, the best first, equal ones in the order of the rows ; decided : (n_ranked,) by what a person of that order
    stands behind the one before: 0 the total, k the k-th tie-break, −1 nothing (the same rank), and of the first ;
    pairs, persons : (n_ties + 1,) equal in the total, and in the first k tie-breaks too
    """

    rank: NDArray[np.int64]
    order: NDArray[np.int64]
    decided: NDArray[np.int64]
    pairs: NDArray[np.int64]
    persons: NDArray[np.int64]

    @property
    def broken(self) -> NDArray[np.int64]:
        """Pairs of equals that each tie-break told apart, (n_ties,)."""
        return self.pairs[:-1] - self.pairs[1:]


def rank_persons(total: Array, ties: Array) -> Ranks:
    """Return the ranks of persons by total, and where totals are equal by one tie-break after the other.

    total : (n_persons,), NaN of who is not ranked ; ties : (n_ties, n_persons), the higher stands before; NaN, not known,
    stands behind all that is known

    Standard competition ranking (1, 2, 2, 4): a rank is one more than the number of persons who stand before.

    >>> found = rank_persons(np.array([80.0, 90, 80, 80, np.nan]), np.array([[3.0, 1, 5, 3, 0]]))
    >>> found.rank.tolist(), found.order.tolist(), found.decided.tolist(), found.broken.tolist(), found.persons.tolist()
    ([3, 1, 2, 3, 0], [1, 2, 0, 3], [-1, 0, 1, -1], [2], [3, 2])
    """
    if ties.ndim != 2 or ties.shape[1:] != total.shape:
        raise ValueError(f"tie-breaks {ties.shape} of totals {total.shape}")
    ranked = np.flatnonzero(np.isfinite(total))
    with np.errstate(invalid="ignore"):
        keys = np.round(np.vstack((total, ties))[:, ranked], DECIMALS)
    keys = np.where(np.isnan(keys), -np.inf, keys)
    order = np.lexsort((np.arange(ranked.size), *-keys[::-1]))
    behind = keys[:, order[1:]] != keys[:, order[:-1]]
    first = np.where(behind.any(axis=0), behind.argmax(axis=0), -1) if ranked.size > 1 else np.zeros(0, dtype=np.int64)
    decided = np.concatenate((np.full(min(ranked.size, 1), -1), first)).astype(np.int64)
    starts = np.flatnonzero(decided != -1)
    starts = np.concatenate((np.zeros(min(ranked.size, 1), dtype=np.int64), starts))
    sizes = np.diff(np.append(starts, ranked.size))
    rank = np.zeros(total.size, dtype=np.int64)
    rank[ranked[order]] = np.repeat(starts + 1, sizes)
    groups = [_group_sizes(behind[: depth + 1]) if ranked.size else np.zeros(0, dtype=np.int64) for depth in range(len(keys))]
    return Ranks(
        rank, ranked[order], decided,
        np.array([int((size * (size - 1) // 2).sum()) for size in groups], dtype=np.int64),
        np.array([int(size[size > 1].sum()) for size in groups], dtype=np.int64),
    )  # fmt: skip


def _group_sizes(behind: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many persons are equal in the first keys, a group each; behind : (n_keys, n_persons − 1) in their order."""
    ends = np.flatnonzero(behind.any(axis=0)) + 1
    return np.diff(np.concatenate(([0], ends, [behind.shape[1] + 1]))).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the order of a list can be trusted.

    reliability : 1 − mean error variance / variance of the totals, at least 0 ; reversed : (n_ranked,) in the order of
    the list, the probability that the true scores of a person and of the one before stand the other way round, NaN of the
    first ; first : probability that the first is truly the first ; depths, kept : of the
    first so many, how many are expected to be among the first so many by true score
    """

    reliability: float
    reversed: Array
    first: float
    depths: tuple[int, ...]
    kept: tuple[float, ...]


def order_trust(total: Array, error: Array, order: NDArray[np.int64], *, depths: tuple[int, ...] = (3, 10), seed: int = 1) -> Trust | None:
    """Return how far the order of persons can be trusted, None of too few.

    total, error : (n_persons,) marks and their standard errors, 0 where all or nothing was right, NaN not known ; order : (n_ranked,)
    rows, the best first ; depths : numbers of first persons that are asked about

    A true score is taken as normal about Kelley's (1947, Fundamentals of Statistics, p. 409) regressed estimate
    t = m + ρ (x − m), with variance ρ e²(t) and ρ = 1 − mean(e²) / var(x) of all who are ranked. e²(t) is the error
    variance at that estimate, by a parabola through those of all persons (Mollenkopf 1949; Feldt, Steffen & Gupta 1985,
    Applied Psychological Measurement 9, 351-361): next to full marks the error at the marks themselves is far too small,
    for who has them is likely to have had luck. So of two neighbours with estimates t ≥ u the true scores stand the other
    way round with probability Φ(−(t − u) / √(ρ e²(t) + ρ e²(u))): one half where the totals are equal, whatever a tie-break
    says. What holds of the first ones is counted over true scores that are drawn so.

    >>> total, error = np.arange(100.0, 60.0, -1.0), np.full(40, 2.0)
    >>> found = order_trust(total, error, np.arange(40))
    >>> round(found.reliability, 3), found.reversed[1].round(2), found.depths
    (0.971, np.float64(0.36), (3, 10))
    """
    own, totals = error[order], total[order]
    known = np.isfinite(own) & (own > 0)
    if order.size < LEAST_PERSONS or not known.any():
        return None
    spread = float(totals.var(ddof=1))
    reliability = max(0.0, 1.0 - float((own[known] ** 2).mean()) / spread) if spread > 0 else 0.0
    likely = totals.mean() + reliability * (totals - totals.mean())
    variance = reliability * _error_variance(totals[known], own[known] ** 2, likely)
    from scipy.special import ndtr

    apart = np.sqrt(variance[1:] + variance[:-1])
    with np.errstate(invalid="ignore"):
        turned = np.where(apart > 0, ndtr(-(likely[:-1] - likely[1:]) / apart), 0.5)
    sd = np.sqrt(variance)
    asked = tuple(depth for depth in depths if depth < order.size)
    first, kept = _kept(likely[:NEAR_TOP], sd[:NEAR_TOP], asked, seed)
    return Trust(reliability, np.concatenate(([np.nan], turned)), first, asked, kept)


def _error_variance(total: Array, variance: Array, at: Array) -> Array:
    """Return the error variance at some scores by a parabola through those of persons, within what these are."""
    degree = min(2, np.unique(total).size - 1)
    middle, scale = float(total.mean()), float(np.ptp(total)) or 1.0
    fit = np.polynomial.polynomial.polyfit((total - middle) / scale, variance, degree)
    found = np.polynomial.polynomial.polyval((at - middle) / scale, fit)
    return np.asarray(np.clip(found, variance.min(), variance.max()))


def _kept(likely: Array, sd: Array, depths: tuple[int, ...], seed: int) -> tuple[float, tuple[float, ...]]:
    """Return how probably the first is the first, and how many of the first are among the first, over drawn true scores."""
    rng = np.random.default_rng(seed)
    best, found = 0, np.zeros(len(depths))
    for n in (DRAWS // 8,) * 8:
        # where true scores are all alike chance decides, not the order of the list
        true = likely + sd * rng.standard_normal((n, likely.size)) + 1e-9 * rng.standard_normal((n, likely.size))
        place = np.argsort(np.argsort(-true, axis=1), axis=1)
        best += int((place[:, 0] == 0).sum())
        found += [(place[:, :depth] < depth).sum() / DRAWS for depth in depths]
    return best / DRAWS, tuple(found.tolist())


def rank_correlation(first: Array, second: Array) -> tuple[float, float, int]:
    """Return Spearman's rho, Kendall's tau-b and the number of persons, of two values that persons are ordered by.

    first, second : (n_persons,), NaN where not known; NaN is returned of fewer than three persons, and where all are equal

    >>> rank_correlation(np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, np.nan]))
    (0.5, 0.333..., 3)
    """
    from scipy.stats import kendalltau, rankdata

    known = np.isfinite(first) & np.isfinite(second)
    one, other = np.round(first[known], DECIMALS), np.round(second[known], DECIMALS)
    if one.size < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return np.nan, np.nan, int(known.sum())
    rho = float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])
    return round(rho, 12), float(kendalltau(one, other).statistic), int(known.sum())


def award_classes(rank: NDArray[np.int64], awards: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the class of each person's prize, 1 the best, 0 without; (n_persons,).

    rank : 0 not ranked ; awards : how many prizes of each class. Who shares a rank shares the class: it goes to everybody
    whose rank is within the numbers added up, so that equals at its end make it larger, and the next one smaller.

    >>> award_classes(np.array([1, 2, 2, 4, 5, 0]), (1, 1, 2)).tolist()
    [1, 2, 2, 3, 0, 0]
    """
    ends = np.cumsum((0, *awards))
    found = np.searchsorted(ends, rank, side="left")
    return np.where((rank > 0) & (found <= len(awards)), found, 0)
