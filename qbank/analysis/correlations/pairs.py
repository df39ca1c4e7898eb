"""All pairs of items at once: Pearson, tetrachoric and polychoric correlations with their standard errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, IntArray, column_deviations, ratio
from qbank.analysis.correlations.normal import FAR, bivariate_normal, bivariate_normal_density

HIGHEST = 0.9999
"""A correlation is looked for between −HIGHEST and HIGHEST."""
STEPS = 60
TOLERANCE = 1e-11
EMPTY_CELL = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class PairCorrelations:
    """Arrays (k, k), symmetric, the diagonal 1 (errors 0): r, errors (standard errors), n (persons who saw both).

    NaN where a correlation does not exist: an item that does not vary among those who saw both.
    ``kind`` : pearson, tetrachoric or polychoric ; ``n_empty`` : pairs with an empty cell (of 2 × 2 tables)
    """

    kind: str
    r: FloatArray
    errors: FloatArray
    n: IntArray
    n_empty: int = 0


def pearson_pairs(marks: ArrayLike) -> PairCorrelations:
    """Return Pearson's r of every pair of columns, (n_persons, k), over the persons who have both (NaN: not seen).

    Standard error (1 − r²)/√(n − 1) (Pearson 1898).

    >>> pearson_pairs([[1, 0], [0, 1], [1, 1], [0, 0]]).r.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    values = np.asarray(marks, float)
    seen = np.isfinite(values)
    x = column_deviations(np.where(seen, values, 0.0), seen)
    products = x.T @ x
    if seen.all():
        n = np.full(products.shape, float(len(values)))
        sums, squares = (np.broadcast_to(part[:, None], products.shape) for part in (x.sum(axis=0), np.diag(products)))
    else:
        here = seen.astype(float)
        n, sums, squares = here.T @ here, x.T @ here, (x * x).T @ here
    scale = np.maximum(n, 1.0)
    covariance = products - sums * sums.T / scale
    spread = squares - sums**2 / scale
    spread = np.where(spread > 1e-12 * np.maximum(squares, 1e-300), spread, 0.0)
    r = np.clip(ratio(covariance, np.sqrt(spread * spread.T)), -1.0, 1.0)
    errors = ratio(1 - r * r, np.sqrt(np.maximum(n - 1, 0)))
    return _closed("pearson", r, errors, n)


def tetrachoric_pairs(right: ArrayLike) -> PairCorrelations:
    """Return the tetrachoric correlation of every pair of columns of right (1) and wrong (0), NaN not seen.

    right : (n_persons, k). Each pair's 2 × 2 table is fitted exactly (`tetrachoric`).
    Cost: one product of the matrix with itself and a few bivariate normal probabilities a pair.

    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=20_000).T
    >>> found = tetrachoric_pairs(np.column_stack([x > 0.5, y > -0.2]))
    >>> abs(found.r[0, 1] - 0.6) < 0.03
    np.True_
    """
    values = np.asarray(right, float)
    seen = np.isfinite(values)
    # counts up to 2²⁴ are exact in half the width
    one = np.where(seen, values, 0.0).astype(np.float32)
    k = values.shape[1]
    row, column = np.triu_indices(k, 1)
    both = (one.T @ one).astype(float)[row, column]
    if seen.all():
        first, second = (np.asarray(one.sum(axis=0, dtype=float)[index]) for index in (row, column))
        n = np.full(len(row), float(len(values)))
    else:
        here = seen.astype(np.float32)
        own, n = (one.T @ here).astype(float), (here.T @ here).astype(float)[row, column]
        first, second = own[row, column], own[column, row]
    counts = np.stack([n - first - second + both, second - both, first - both, both], axis=-1).reshape(-1, 2, 2)
    r, errors = tetrachoric(counts)
    matrix = [_square(values, k, row, column) for values in (r, errors, n)]
    inside = (first > 0) & (first < n) & (second > 0) & (second < n)
    n_empty = int((inside & (counts == 0).any(axis=(1, 2))).sum())
    return _closed("tetrachoric", matrix[0], matrix[1], matrix[2], n_empty)


def tetrachoric(counts: ArrayLike, *, empty_cell: float = EMPTY_CELL) -> tuple[FloatArray, FloatArray]:
    """Return the tetrachoric correlation of 2 × 2 tables and its standard error, each (n_tables,).

    counts : (n_tables, 2, 2), row = first item wrong, right; column = second item wrong, right.
    The thresholds fit the margins and ρ the joint share: P(X ≤ −τ₁, Y ≤ −τ₂; ρ) = p₁₁ (Pearson 1900), so that the table
    is reproduced and the estimate is the ML one. In a table with an empty cell that cell becomes ``empty_cell``, the
    margins being kept. Standard error by the delta method over the three free shares (Hamdan 1970 in the case of
    thresholds 0). NaN where an item does not vary; ±0.9999 is as far as it goes.

    >>> r, error = tetrachoric([[[40, 10], [10, 40]]])
    >>> float(r[0].round(6)), float(error[0].round(4))  # sin(2π(p₁₁ − ¼)) at medians
    (0.809017, 0.0739)
    """
    from scipy.special import ndtr, ndtri

    table = np.asarray(counts, float).reshape(-1, 2, 2)
    n = table.sum(axis=(1, 2))
    first, second, both = table[:, 1].sum(axis=1), table[:, :, 1].sum(axis=1), table[:, 1, 1]
    lowest, highest = np.maximum(0.0, first + second - n), np.minimum(first, second)
    room = np.minimum(empty_cell, (highest - lowest) / 2)
    both = np.clip(both, lowest + room, highest - room)
    varies = (first > 0) & (first < n) & (second > 0) & (second < n)
    share = [np.where(varies, ratio(part, n), 0.5) for part in (first, second, both)]
    h, k = ndtri(share[0]), ndtri(share[1])
    wanted = np.where(varies, share[2], 0.25)

    def gap(rho: FloatArray) -> tuple[FloatArray, FloatArray]:
        return wanted - bivariate_normal(h, k, rho), -bivariate_normal_density(h, k, rho)

    rho = _root(gap, np.sin(np.pi / 2 * np.clip((wanted - share[0] * share[1]) / np.sqrt(
        share[0] * (1 - share[0]) * share[1] * (1 - share[1])), -0.95, 0.95)))  # fmt: skip
    root = np.sqrt(1 - rho * rho)
    along, across = ndtr((k - rho * h) / root), ndtr((h - rho * k) / root)
    shares = [share[2], share[0] - share[2], share[1] - share[2]]
    gains = [1 - along - across, -along, -across]
    mean = sum(p * g for p, g in zip(shares, gains, strict=True))
    variance = sum(p * g * g for p, g in zip(shares, gains, strict=True)) - mean**2
    density = bivariate_normal_density(h, k, rho)
    errors = ratio(np.sqrt(np.maximum(ratio(variance, n), 0.0)), density)
    return np.where(varies, rho, np.nan), np.where(varies, errors, np.nan)


def polychoric_pairs(category: ArrayLike) -> PairCorrelations:
    """Return the polychoric correlation of every pair of columns of ordered categories, by two-step ML (Olsson 1979).

    category : (n_persons, k), 0, 1, …, negative: not seen. Thresholds are the normal quantiles of each table's own
    margins, then Σ n_ab·π′_ab/π_ab = 0 is solved for ρ; the standard error is that of ρ given the thresholds,
    1/√(N Σ π′²/π). Of two right/wrong items it is the tetrachoric correlation. An empty category is passed over.
    Cost: one product of all categories with themselves, then about ten bivariate normal tables a pair.

    >>> rng = np.random.default_rng(2)
    >>> x, y = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=20_000).T
    >>> found = polychoric_pairs(np.column_stack([np.digitize(x, [-1, 0.3]), np.digitize(y, [0.0, 0.5, 1])]))
    >>> abs(found.r[0, 1] - 0.5) < 0.03
    np.True_
    """
    values = np.asarray(category)
    k = values.shape[1]
    width = int(values.max(initial=0)) + 1
    row, column = np.triu_indices(k, 1)
    if width == 2:
        return tetrachoric_pairs(np.where(values < 0, np.nan, values))
    chosen = (values[:, :, None] == np.arange(width)).astype(np.float32).reshape(len(values), k * width)
    joint = (chosen.T @ chosen).astype(float).reshape(k, width, k, width)[row, :, column, :]
    n = joint.sum(axis=(1, 2))
    r, errors = np.full(len(row), np.nan), np.full(len(row), np.nan)
    top = values.max(axis=0, initial=0)
    narrow = (top[row] <= 1) & (top[column] <= 1)
    r[narrow], errors[narrow] = tetrachoric(joint[narrow][:, :2, :2])
    r[~narrow], errors[~narrow] = _polychoric(joint[~narrow])
    matrix = [_square(values, k, row, column) for values in (r, errors, n)]
    return _closed("polychoric", matrix[0], matrix[1], matrix[2])


def _polychoric(joint: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return ρ and its standard error of tables (n_tables, width, width)."""
    n = joint.sum(axis=(1, 2))
    rows, columns = _thresholds(joint.sum(axis=2)), _thresholds(joint.sum(axis=1))
    varies = ((joint.sum(axis=2) > 0).sum(axis=1) > 1) & ((joint.sum(axis=1) > 0).sum(axis=1) > 1)
    h, k = rows[:, :, None], columns[:, None, :]

    def tables(rho: FloatArray) -> tuple[FloatArray, FloatArray]:
        wide = rho[:, None, None]
        share = np.diff(np.diff(bivariate_normal(h, k, wide), axis=1), axis=2)
        slope = np.diff(np.diff(bivariate_normal_density(h, k, wide), axis=1), axis=2)
        return np.maximum(share, 1e-14), slope

    def score(rho: FloatArray) -> tuple[FloatArray, FloatArray]:
        share, slope = tables(rho)
        information = (slope**2 / share).sum(axis=(1, 2))
        return ratio((joint * slope / share).sum(axis=(1, 2)), n), -np.maximum(information, 1e-12)

    place = np.arange(joint.shape[1], dtype=float)
    rho = _root(score, np.where(varies, np.nan_to_num(_table_correlation(joint, place)), 0.0), inside=0.95)
    share, slope = tables(rho)
    errors = ratio(1.0, np.sqrt(n * (slope**2 / share).sum(axis=(1, 2))))
    return np.where(varies, rho, np.nan), np.where(varies, errors, np.nan)


def _table_correlation(joint: FloatArray, place: FloatArray) -> FloatArray:
    n = np.maximum(joint.sum(axis=(1, 2)), 1.0)
    rows, columns = joint.sum(axis=2), joint.sum(axis=1)
    means = [(side @ place) / n for side in (rows, columns)]
    spreads = [(side @ place**2) / n - mean**2 for side, mean in zip((rows, columns), means, strict=True)]
    product = np.einsum("tab,a,b->t", joint, place, place) / n - means[0] * means[1]
    return ratio(product, np.sqrt(np.maximum(spreads[0] * spreads[1], 0.0)))


def _thresholds(margin: FloatArray) -> FloatArray:
    """Return the bounds of each category, (n_tables, width + 1), the outer ones standing for infinity."""
    from scipy.special import ndtri

    total = np.maximum(margin.sum(axis=1, keepdims=True), 1.0)
    upto = np.concatenate([np.zeros_like(total), np.cumsum(margin, axis=1) / total], axis=1)
    return np.asarray(np.clip(ndtri(np.clip(upto, 0.0, 1.0)), -FAR, FAR))


def _root(
    function: Callable[[FloatArray], tuple[FloatArray, FloatArray]], start: FloatArray, *, inside: float = HIGHEST
) -> FloatArray:
    """Return the zeros of falling functions of ρ: Newton's steps, halving the bracket where they leave it."""
    rho: FloatArray = np.asarray(np.clip(start, -inside, inside), float)
    low, high = np.full(rho.shape, -HIGHEST), np.full(rho.shape, HIGHEST)
    for _ in range(STEPS):
        value, slope = function(rho)
        low, high = np.where(value > 0, rho, low), np.where(value > 0, high, rho)
        step = -ratio(value, slope)
        moved = rho + np.where(np.isfinite(step), step, np.inf)
        # a root that is found is an end of its bracket: a step of nothing stays there
        moved = np.where((moved >= low) & (moved <= high), moved, (low + high) / 2)
        change = np.abs(moved - rho)
        rho = np.asarray(moved, float)
        if not change.size or float(change.max()) < TOLERANCE:
            break
    return rho


def _square(values: FloatArray, k: int, row: IntArray, column: IntArray) -> FloatArray:
    matrix = np.full((k, k), np.nan)
    matrix[row, column] = matrix[column, row] = values
    return matrix


def _closed(kind: str, r: FloatArray, errors: FloatArray, n: FloatArray, n_empty: int = 0) -> PairCorrelations:
    for matrix, own in ((r, 1.0), (errors, 0.0)):
        np.fill_diagonal(matrix, own)
    return PairCorrelations(kind, r, errors, np.nan_to_num(n).astype(np.int64), n_empty)
