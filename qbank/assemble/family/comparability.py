"""Are scores on different papers of a family comparable: how curves spread over papers, and what that does to verdicts.

The papers are a sample of the family, drawn at random; least and most are those of the sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.item_curves import ItemCurves, interpolation, item_curves
from qbank.assemble.family.pass_chances import pass_chances, places_of, step_of
from qbank.assemble.item_parameters import Array
from qbank.assemble.pool import Pool

Indices = NDArray[np.int64]

OFFSETS = (-0.5, -0.25, 0.0, 0.25, 0.5)
"""Standard deviations of ability from the cut at which verdicts are told."""
SURE = 8.0
"""Standard errors from the cut beyond which a verdict is certain: less than 1e-9 remains."""
RULES = ("raw", "equated", "ability")
"""How verdicts are given: by the same raw cut on every paper; by each paper's own cut, the lowest marks that reach the cut when
converted by true-score equating and rounded, as `qbank.analysis.equating.family_marks` gives it; by the estimated ability."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How a figure spreads over papers; every array has the figure's shape, () for one number.

    least, low, median, high, most : with 1 % of papers below low and 1 % above high ; mean, sd : over papers
    """

    least: Array
    low: Array
    median: Array
    high: Array
    most: Array
    mean: Array
    sd: Array

    @property
    def width(self) -> Array:
        """Return the distance of least and most."""
        return np.asarray(self.most - self.least)


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What the paper drawn does to who passes, by one way to give verdicts.

    rule : see `RULES` ; theta : (n_points,) abilities around the cut ; chance : over papers, of passing, (n_points,) ;
    same : (n_points,) chance that two independent sittings of the same paper end differently: what error of measurement
    does ; different : the same of two papers drawn at random ; rate : over papers, the share of the population that passes,
    () ; same_overall, different_overall : in the population
    """

    rule: str
    theta: Array
    chance: Spread
    same: Array
    different: Array
    rate: Spread
    same_overall: float
    different_overall: float

    @property
    def extra(self) -> Array:
        """Return by how much the paper drawn adds to the chance of another verdict, (n_points,).

        Twice the variance of the chance of passing over papers: ``2 π̄ (1 − π̄) − mean 2 π (1 − π) = 2 Var π``.
        """
        return np.asarray(self.different - self.same)

    @property
    def extra_overall(self) -> float:
        """Return the share of the population whose verdict differs by the paper drawn, beyond error of measurement."""
        return self.different_overall - self.same_overall


@dataclass(frozen=True, slots=True, eq=False)
class Comparability:
    """How comparable the papers of a family are.

    n_papers : looked at ; marks, cut : of a paper ; theta, weights : (n_theta,) abilities and the share of persons at
    each ; cut_ability : where the papers' mean expected score is the cut, NaN where it never is ; score, information, sem :
    over papers at each ability, (n_theta,): expected marks, Fisher information, conditional standard error of the marks ;
    at_cut : the same three at the cut ; scores_at_cut, own_ability : (n_papers,) expected marks at the cut, and the
    ability that the cut's marks stand for on each paper ; own : over papers, that ability ; verdicts : by rule
    """

    n_papers: int
    marks: float
    cut: float
    theta: Array
    weights: Array
    cut_ability: float
    score: Spread
    information: Spread
    sem: Spread
    score_at_cut: Spread
    information_at_cut: Spread
    sem_at_cut: Spread
    scores_at_cut: Array
    own_ability: Array
    own: Spread
    verdicts: tuple[Verdicts, ...]

    def verdict(self, rule: str) -> Verdicts:
        """Return what one way to give verdicts does; rule : see `RULES`."""
        return next(found for found in self.verdicts if found.rule == rule)

    @property
    def band(self) -> float:
        """Return the widest distance of two papers' expected marks at any ability of the grid."""
        return float(self.score.width.max())


def comparability(
    items: Pool | ItemCurves, papers: NDArray[np.integer], marks: float | Array, cut: float, *,
    slots: NDArray[np.integer] | None = None, cut_ability: float | None = None,
) -> Comparability:  # fmt: skip
    """Return how comparable a sample of papers is.

    papers : (n_papers, n_slots) positions of the items, or with slots : (n_slots, order) words of a code ; marks :
    (n_slots,) or one number for all, 0 where a place is not scored ; cut : marks ; cut_ability : where that is known,
    else the ability at which the papers' mean expected score is the cut

    Expected score ``Σ m P``, conditional standard error ``√Σ m² Var`` and information ``Σ I`` (Lord 1980, eqs. 4-1, 4-3,
    5-6) are those of the scored places. The chance of passing at an ability is that of the compound binomial (Lord &
    Wingersky 1984); of verdicts by estimated ability it is ``Φ((θ − θ_cut) √I(θ))``, the estimate normal about the true
    ability (Lord 1980, ch. 5). A paper's own cut is the lowest of its marks that is converted to the cut by true-score
    equating to the mean of the papers (Kolen & Brennan 2014, eq. 6.18) and rounding: its expected score where the mean is half
    a step below the cut, rounded up. 2,000 papers of 100 items over 161 abilities take a few seconds.

    >>> from qbank.assemble.family.item_curves import curves_from_arrays
    >>> theta = np.linspace(-5, 5, 161)
    >>> p = 1 / (1 + np.exp(-(theta - np.array([[-0.5], [0.0], [0.0], [0.5]]))))
    >>> found = comparability(curves_from_arrays(theta, p, p * (1 - p)), np.array([[0, 2], [1, 3]]), 1.0, 1.0)
    >>> round(abs(found.cut_ability), 3), found.scores_at_cut.round(3).tolist(), round(found.own.sd.item(), 3)
    (0.0, [1.122, 0.878], 0.354)
    """
    curves = item_curves(items) if isinstance(items, Pool) else items
    rows = _positions(papers, slots, curves.share.shape[0])
    worth = np.broadcast_to(np.asarray(marks, np.float64), (rows.shape[1],))
    if not (np.isfinite(worth).all() and (worth >= 0).all() and worth.any()):
        raise ValueError("marks must be numbers from 0, one of them above 0")
    score, information, variance = _sums(curves, rows, worth)
    theta_cut = _ability_at(curves.theta, score.mean(axis=0)[None, :], cut)[0] if cut_ability is None else float(cut_ability)
    points = theta_cut + curves.sd * np.array(OFFSETS)
    there = np.array([theta_cut])
    at_cut = [values @ interpolation(curves.theta, there) for values in (score, information, variance)]
    own = _ability_at(curves.theta, score, cut)
    return Comparability(
        len(rows), float(worth.sum()), float(cut), curves.theta, curves.weights, float(theta_cut),
        spread_of(score), spread_of(information), spread_of(np.sqrt(np.maximum(variance, 0.0))),
        spread_of(at_cut[0][:, 0]), spread_of(at_cut[1][:, 0]), spread_of(np.sqrt(np.maximum(at_cut[2][:, 0], 0.0))),
        at_cut[0][:, 0], own, spread_of(own),
        _verdicts(_Sums(curves, rows, worth, score, variance, information), cut, points),
    )  # fmt: skip


def spread_of(values: Array) -> Spread:
    """Return how values spread over papers; values : (n_papers, …). One paper has no standard deviation: 0."""
    least, low, median, high, most = np.quantile(values, [0.0, 0.01, 0.5, 0.99, 1.0], axis=0)
    sd = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros(values.shape[1:])
    made = [np.asarray(each, np.float64) for each in (least, low, median, high, most, values.mean(axis=0), sd)]
    for each in made:
        each.flags.writeable = False
    return Spread(*made)


def _positions(papers: NDArray[np.integer], slots: NDArray[np.integer] | None, n_items: int) -> Indices:
    rows = np.asarray(papers)
    if rows.ndim != 2 or not rows.size:
        raise ValueError(f"papers must be (n_papers, n_slots) with at least one of each, found shape {rows.shape}")
    if slots is not None:
        rows = np.asarray(slots)[np.arange(rows.shape[1])[None, :], rows]
    found = rows.astype(np.int64)
    if found.min() < 0 or found.max() >= n_items:
        raise ValueError(f"papers must name items 0 to {n_items - 1}, found {found.min()} to {found.max()}")
    return found


def _sums(curves: ItemCurves, rows: Indices, marks: Array) -> tuple[Array, Array, Array]:
    """Return expected score, information and variance of the score of each paper, (n_papers, n_theta) each."""
    from scipy.sparse import csr_array

    n_papers, n_slots = rows.shape
    ends = np.arange(0, n_papers * n_slots + 1, n_slots)

    def summed(per_place: Array, values: Array) -> Array:
        taken = csr_array((np.tile(per_place, n_papers), rows.ravel(), ends), shape=(n_papers, values.shape[0]))
        return np.asarray(taken @ values)

    scored = (marks > 0).astype(np.float64)
    return summed(marks, curves.share), summed(scored, curves.information), summed(marks**2, curves.variance)


def _ability_at(theta: Array, score: Array, cut: float) -> Array:
    """Return where each curve reaches the cut, NaN where it never does; score : (n_curves, n_theta), taken as rising."""
    rising = np.maximum.accumulate(score, axis=1)
    below = (rising < cut).sum(axis=1)
    inside = (below > 0) & (below < theta.size)
    first = np.clip(below - 2, 0, theta.size - 4)
    four = score[np.arange(len(score))[:, None], first[:, None] + np.arange(4)]
    step = theta[1] - theta[0]
    low = (below - 1 - first).astype(np.float64)
    high = low + 1
    for _ in range(45):
        t = (low + high) / 2
        values = (
            -(t - 1) * (t - 2) * (t - 3) / 6 * four[:, 0] + t * (t - 2) * (t - 3) / 2 * four[:, 1]
            - t * (t - 1) * (t - 3) / 2 * four[:, 2] + t * (t - 1) * (t - 2) / 6 * four[:, 3]
        )  # fmt: skip
        low, high = np.where(values < cut, t, low), np.where(values < cut, high, t)
    return np.where(inside, theta[first] + step * (low + high) / 2, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Papers by their rows of items and marks of places, and what they add up to, (n_papers, n_theta) each."""

    curves: ItemCurves
    rows: Indices
    marks: Array
    score: Array
    variance: Array
    information: Array


def _verdicts(sums: _Sums, cut: float, points: Array) -> tuple[Verdicts, ...]:
    """Return the verdicts by each rule; points : abilities around the cut."""
    from scipy.special import ndtr

    theta = sums.curves.theta
    both = np.concatenate([theta, points])
    mix = np.hstack([np.eye(theta.size), interpolation(theta, points)])
    step = step_of(sums.curves, sums.rows, sums.marks)
    raw = np.full(len(sums.rows), int(np.ceil(cut / step - 1e-9)), dtype=np.int64)
    mean, there = sums.score.mean(axis=0), points[[OFFSETS.index(0.0)]]
    # the marks that the mean expects at the cut are the cut, but for an ability that was given
    half_below = float((mean @ interpolation(theta, there))[0]) - cut + step * (int(raw[0]) - 0.5)
    reached = _ability_at(theta, mean[None, :], half_below)
    known = bool(np.isfinite(reached).all() and np.isfinite(points).all())
    own = np.ceil((sums.score @ interpolation(theta, reached))[:, 0] / step - 1e-9).astype(np.int64) if known else raw
    chances = _chances(sums, np.stack([raw, own]), step, mix)
    apart = both - points[OFFSETS.index(0.0)]
    by_ability = ndtr(apart * np.sqrt(np.maximum(sums.information @ mix, 0.0)))
    n = theta.size
    return tuple(
        _verdict(rule, points, found[:, n:], found[:, :n], sums.curves.weights)
        for rule, found in zip(RULES, (chances[0], chances[1] if known else np.full_like(chances[1], np.nan), by_ability), strict=True)
    )


def _chances(sums: _Sums, cuts: Indices, step: float, mix: Array) -> Array:
    """Return the chance of marks at or above each cut, (n_cuts, n_papers, n_columns of mix); cuts : in steps.

    Where all papers are expected to end `SURE` standard errors from every cut nothing is left to work out.
    """
    score = sums.score @ mix
    sem = np.sqrt(np.maximum(sums.variance @ mix, 0.0))
    wanted = step * cuts[:, :, None]
    open_ = (np.abs(score[None] - wanted).min(axis=0) < SURE * sem + step).any(axis=0)
    found = (score[None] >= wanted).astype(np.float64)
    if open_.any():
        places = places_of(sums.curves.mixed(mix[:, open_]), sums.rows, sums.marks, step)
        found[:, :, open_] = pass_chances(places, cuts)
    found[:, :, np.isnan(mix).any(axis=0)] = np.nan
    return found


def _verdict(rule: str, points: Array, near: Array, over: Array, weights: Array) -> Verdicts:
    """Return the record of one rule; near, over : (n_papers, n_points), (n_papers, n_theta) chances of passing."""
    same, different = _disagreement(near)
    same_over, different_over = _disagreement(over)
    return Verdicts(
        rule, points, spread_of(near), same, different, spread_of(over @ weights), float(same_over @ weights),
        float(different_over @ weights),
    )  # fmt: skip


def _disagreement(chance: Array) -> tuple[Array, Array]:
    """Return how likely two sittings end differently: on the same paper, on two different papers of the sample.

    Of two papers i ≠ j ``mean (π_i (1 − π_j) + π_j (1 − π_i))``, unbiased for papers drawn from the whole family.
    """
    n = len(chance)
    same = (2 * chance * (1 - chance)).mean(axis=0)
    variance = chance.var(axis=0, ddof=1) if n > 1 else np.zeros(chance.shape[1])
    return same, same + 2 * variance
