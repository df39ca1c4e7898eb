"""How likely a random paper of some slots meets every rule, as a sum that single exchanges change a little.

Of a random word any two symbols are independent (any linear code of dimension 2 whose columns are pairwise independent),
so a row of a paper has the mean and the variance that its slots add up to. Rows are taken as normal and as
independent of each other: an approximation that guides the search; papers are counted by trying words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from qbank.assemble.family.demands import Demands

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

DRAWS = 20_000
"""Numbers drawn to work out how several measures keep within their widths together."""
SEARCHED = 64
"""Rows of one rule that guide the search, the tightest of them: more than the competencies of a plan of weights, fewer
than the past papers that a rule may name."""
BLUR = 0.02
"""Standard deviations below this share of a row's step or width count as this: a sure row has no slope to climb."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Sums of a paper with bounds.

    values : (n_rows, n_columns) ; low, high : (n_rows,) ; step : (n_rows,) the least difference between two sums, 0 of
    real numbers ; blur : (n_rows,) added to standard deviations
    """

    values: Array
    low: Array
    high: Array
    step: Array
    blur: Array


@dataclass(frozen=True, slots=True, eq=False)
class Evens:
    """Sums of a paper that shall stay near their mean.

    values : (n_measures, n_columns) ; share, amount : (n_measures,) how near, as a share of the mean and in their unit
    """

    values: Array
    share: Array
    amount: Array

    def width(self, mean: Array) -> Array:
        """Return by how much papers may differ from their mean."""
        return np.maximum(np.minimum(self.share * np.abs(mean), self.amount), 1e-12)


def features_of(demands: Demands, usual: Array) -> tuple[Rows, Evens]:
    """Return the sums that have bounds, and those whose target is wherever the papers' mean is.

    usual : (n_measures,) about the sum of each measure over a paper
    """
    measures = demands.measures
    own = ~np.isnan(measures.target)
    centre = np.where(own, measures.target, usual)
    width = measures.width(centre)
    chosen = searched_rows(demands)
    values = np.concatenate([demands.values[chosen], measures.values[own]])
    low = np.concatenate([demands.low[chosen], (centre - width)[own]])
    high = np.concatenate([demands.high[chosen], (centre + width)[own]])
    return _rows(values, low, high), Evens(measures.values[~own], measures.share[~own], measures.amount[~own])


def _rows(values: Array, low: Array, high: Array) -> Rows:
    step = np.array([_step(row) for row in values])
    both = np.isfinite(low) & np.isfinite(high)
    wide = np.where(both, np.where(both, high, 1) - np.where(both, low, 0), np.abs(values).mean(axis=1))
    blur = np.maximum(BLUR * np.where(step > 0, step, wide), 1e-9)
    return Rows(values, low, high, step, blur)


def searched_rows(demands: Demands) -> Indices:
    """Return which rows guide the search for slots: of each rule all, or the `SEARCHED` that random papers break most.

    The others are tried on papers like every rule that is not proven. The share that keeps a row is that of papers
    whose places are filled by any candidates of their sections.
    """
    of_rule: dict[object, list[int]] = {}
    for row, origin in enumerate(demands.origins):
        of_rule.setdefault(origin, []).append(row)
    if all(len(rows) <= SEARCHED for rows in of_rule.values()):
        return np.arange(len(demands.origins))
    mean, variance = np.zeros(demands.low.size), np.zeros(demands.low.size)
    for section, places in enumerate(demands.sizes):
        here = demands.values[:, demands.section == section]
        if here.shape[1]:
            mean, variance = mean + places * here.mean(axis=1), variance + places * here.var(axis=1)
    rows = _rows(demands.values, demands.low, demands.high)
    single = Rows(rows.values, rows.low[:, None], rows.high[:, None], rows.step[:, None], rows.blur[:, None])
    share = log_share(single, mean[:, None], variance[:, None])
    return np.sort(np.concatenate([np.array(each)[np.argsort(share[each], kind="stable")[:SEARCHED]] for each in of_rule.values()]))


def _step(row: Array) -> float:
    """Return 1 or 1/2 where all values are multiples of it, else 0.

    >>> _step(np.array([0.0, 1.0, 3.0])), _step(np.array([0.5, 1.0])), _step(np.array([0.3]))
    (1.0, 0.5, 0.0)
    """
    return next((step for step in (1.0, 0.5) if not (row % step).any()), 0.0)


def log_share(rows: Rows, mean: Array, variance: Array, which: Indices | None = None) -> Array:
    """Return the logarithm of the share of papers that keep all bounds, or those of some rows.

    which : (n,) the rows, None for all ; mean, variance : (…, n)
    """
    some = slice(None) if which is None else which
    sd = np.sqrt(np.maximum(variance, 0.0)) + rows.blur[some]
    half = rows.step[some] / 2
    below, above = (rows.low[some] - half - mean) / sd, (rows.high[some] + half - mean) / sd
    return np.asarray(_log_between(below, above).sum(axis=-1))


def sensitivity(rows: Rows, mean: Array, variance: Array) -> Array:
    """Return by how much the logarithm of the share falls with each variance; (n_rows,), at least 0."""
    step = np.maximum(1e-4 * variance, rows.blur**2)
    half = rows.step / 2
    found = []
    for each in (variance, variance + step):
        sd = np.sqrt(np.maximum(each, 0.0)) + rows.blur
        found.append(_log_between((rows.low - half - mean) / sd, (rows.high + half - mean) / sd))
    return np.asarray(np.maximum((found[0] - found[1]) / step, 0.0))


def _log_between(below: Array, above: Array) -> Array:
    """Return log(Φ(above) − Φ(below)), exact far out on either side.

    >>> float(np.exp(_log_between(np.array(-1.0), np.array(1.0)))).__round__(4)
    0.6827
    """
    flip = below > 0
    low, high = np.where(flip, -above, below), np.where(flip, -below, above)
    upper, lower = log_ndtr(high), log_ndtr(low)
    return np.asarray(upper + np.log1p(-np.exp(np.minimum(lower - upper, -1e-15))))


def log_even(covariance: Array, width: Array) -> tuple[float, Array]:
    """Return the logarithm of the chance that normal sums all stay within their widths, and how it falls with their
    covariance: the matrix M, (n, n), of ``d log P = − tr(M dΣ)``.

    From ``P(Σ) = ∫ φ(y; Σ)`` over the box follows ``M = (Σ⁻¹ − Σ⁻¹ E[y yᵀ | inside] Σ⁻¹) / 2``; both are worked out from
    drawn numbers, the same ones each time. covariance : (n, n) ; width : (n,)
    """
    if not width.size:
        return 0.0, np.zeros((0, 0))
    scaled = covariance / np.outer(width, width)
    scaled[np.diag_indices(width.size)] += 1e-9
    y = np.random.default_rng(0).normal(size=(DRAWS, width.size)) @ np.linalg.cholesky(scaled).T
    # where the box is small beside the spread few numbers fall inside: those of a wider box, scaled down, tell its shape
    shrink = max(1.0, float(np.quantile(np.abs(y).max(axis=1), 0.01)))
    inside = (np.abs(y) < shrink).all(axis=1)
    second = y[inside].T @ y[inside] / max(int(inside.sum()), 1) / shrink**2
    inverse = np.linalg.inv(scaled)
    metric = (inverse - inverse @ second @ inverse) / 2
    share = max(float(inside.mean()), 1 / DRAWS) / shrink**width.size
    return float(np.log(share)), (metric + metric.T) / 2 / np.outer(width, width)
