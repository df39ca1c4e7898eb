"""Guttman's six lower bounds, and what a paper's halves say: odd and even, all or many splits, the best of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from qbank.analysis.arrays import FloatArray

NAN = float("nan")
ALL_SPLITS_UP_TO = 20
BATCH = 4096


@dataclass(frozen=True, slots=True)
class Guttman:
    """λ1 to λ6 of one paper (Guttman 1945); ``all_splits``: λ4 is the highest of all splits into halves, not of a search."""

    lambda1: float
    lambda2: float
    lambda3: float
    lambda4: float
    lambda5: float
    lambda6: float
    all_splits: bool


@dataclass(frozen=True, slots=True)
class SplitHalves:
    """Coefficients over splits into equal halves (of odd numbers, differing by one).

    odd_even, odd_even_rulon : of the items in their order, stepped up by Spearman and Brown, and by Rulon ; mean, lowest,
    highest : Spearman–Brown over the splits taken ; n_splits, all_splits : how many, and whether they were all
    """

    odd_even: float
    odd_even_rulon: float
    mean: float
    lowest: float
    highest: float
    n_splits: int
    all_splits: bool


def guttman(covariance: FloatArray, *, seed: int = 1, n_starts: int = 50) -> Guttman:
    """Return Guttman's lower bounds of a (k, k) covariance (or correlation) matrix; V is the sum of all its entries.

    λ1 = 1 − tr C / V;  λ2 = λ1 + √(k/(k−1) Σ_{i≠j} c²_ij) / V;  λ3 = k/(k−1) λ1 = α;
    λ4 = 4 cov(A, B) / V of the halves for which it is highest: of all splits up to 20 items, else of exchanges of two
    items until none helps, from odd–even and ``n_starts`` random halves (seed); λ4 of a search in one sample is too high
    where persons are few (Ten Berge & Sočan 2004);
    λ5 = λ1 + 2 √(max_j Σ_{i≠j} c²_ij) / V;  λ6 = 1 − Σ e²_j / V, e²_j the variance of item j not predicted by the others.

    >>> found = guttman(np.full((4, 4), 0.5) + 0.5 * np.eye(4))
    >>> round(found.lambda3, 4), round(found.lambda2, 4), round(found.lambda4, 4)
    (0.8, 0.8, 0.8)
    """
    k, total = len(covariance), float(covariance.sum())
    if k < 2 or not total > 1e-12:
        return Guttman(NAN, NAN, NAN, NAN, NAN, NAN, False)
    apart = covariance - np.diag(np.diag(covariance))
    first = 1 - float(np.trace(covariance)) / total
    squares = apart**2
    difference, every = least_difference(covariance, seed=seed, n_starts=n_starts)
    return Guttman(
        first,
        first + float(np.sqrt(k / (k - 1) * squares.sum())) / total,
        k / (k - 1) * first,
        (total - difference) / total,
        first + 2 * float(np.sqrt(squares.sum(axis=0).max())) / total,
        1 - float(unpredicted(covariance).sum()) / total,
        every,
    )


def unpredicted(covariance: FloatArray) -> FloatArray:
    """Return the variance of each item that a linear regression on the others leaves, (k,)."""
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    varies = sd > 0
    left = np.zeros(len(covariance))
    scale = np.where(varies, sd, 1.0)
    correlations = (covariance / np.outer(scale, scale))[np.ix_(varies, varies)]
    if not len(correlations):
        return left
    values, vectors = np.linalg.eigh(correlations)
    # of items that others predict exactly (fewer persons than items, say) nothing is left
    inside = np.maximum(values, 1e-12)
    left[varies] = np.diag(covariance)[varies] / ((vectors**2) @ (1 / inside))
    return left


def least_difference(covariance: FloatArray, *, seed: int = 1, n_starts: int = 50) -> tuple[float, bool]:
    """Return the least variance of the difference of two halves, sᵀCs over balanced signs s, and whether all were tried."""
    k = len(covariance)
    if k <= ALL_SPLITS_UP_TO:
        return min(float(_differences(covariance, signs).min()) for signs in all_halves(k)), True
    rng = np.random.default_rng(seed)
    starts = [np.where(np.arange(k) % 2 == 0, 1.0, -1.0)]
    starts += [rng.permutation(starts[0]) for _ in range(n_starts)]
    return min(_exchanged(covariance, signs) for signs in starts), False


def _exchanged(covariance: FloatArray, signs: FloatArray) -> float:
    """Return the variance of the difference after exchanges of two items between halves until none lowers it."""
    s = signs.copy()
    pull = covariance @ s
    for _ in range(100 * len(s)):
        up, down = np.flatnonzero(s > 0), np.flatnonzero(s < 0)
        # sᵀCs changes by 4(−(Cs)_i + (Cs)_j) + 4(c_ii + c_jj − 2c_ij) when i and j change sides
        gain = 4 * (pull[down][None, :] - pull[up][:, None])
        own = np.diag(covariance)
        gain = gain + 4 * (own[up][:, None] + own[down][None, :] - 2 * covariance[np.ix_(up, down)])
        best = int(np.argmin(gain))
        row, column = divmod(best, len(down))
        if gain[row, column] >= -1e-12 * abs(float(covariance.sum())):
            break
        one, other = up[row], down[column]
        pull += 2 * (covariance[:, other] - covariance[:, one])
        s[one], s[other] = -1.0, 1.0
    return float(s @ covariance @ s)


def all_halves(k: int) -> Iterator[FloatArray]:
    """Yield every split into halves once, as rows of +1 and −1, some thousand at a time."""
    half = k // 2
    # of an even number the first item is always in the first half, so that no split comes twice
    pool = range(1, k) if k % 2 == 0 else range(k)
    size = half - 1 if k % 2 == 0 else half
    rows: list[tuple[int, ...]] = []
    for chosen in combinations(pool, size):
        rows.append(chosen)
        if len(rows) == BATCH:
            yield _signs(rows, k)
            rows = []
    if rows:
        yield _signs(rows, k)


def _signs(rows: list[tuple[int, ...]], k: int) -> FloatArray:
    signs = np.full((len(rows), k), -1.0)
    if k % 2 == 0:
        signs[:, 0] = 1.0
    if rows[0]:
        np.put_along_axis(signs, np.array(rows), 1.0, axis=1)
    return signs


def _differences(covariance: FloatArray, signs: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("si,si->s", signs @ covariance, signs))


def split_halves(covariance: FloatArray, *, seed: int = 1, n_splits: int = 10_000) -> SplitHalves:
    """Return split-half reliability of a (k, k) covariance matrix, items in the order of the paper.

    Spearman–Brown: 2r/(1 + r), r the correlation of the halves (Spearman 1910; Brown 1910); Rulon (1939): 1 − the variance
    of the difference of the halves / that of their sum, which is 4 cov / V. All splits up to 20 items, else ``n_splits``
    random ones (seed).

    >>> found = split_halves(np.full((4, 4), 0.5) + 0.5 * np.eye(4))
    >>> round(found.odd_even, 4), round(found.mean, 4), found.n_splits
    (0.8, 0.8, 3)
    """
    k, total = len(covariance), float(covariance.sum())
    if k < 2 or not total > 1e-12:
        return SplitHalves(NAN, NAN, NAN, NAN, NAN, 0, False)
    odd_even = np.where(np.arange(k) % 2 == 0, 1.0, -1.0)[None, :]
    every = k <= ALL_SPLITS_UP_TO
    batches = all_halves(k) if every else _random_halves(k, seed, n_splits)
    found = np.concatenate([stepped_up(covariance, signs) for signs in batches])
    found = found[np.isfinite(found)]
    some = len(found) > 0
    return SplitHalves(
        float(stepped_up(covariance, odd_even)[0]),
        (total - float(_differences(covariance, odd_even)[0])) / total,
        float(found.mean()) if some else NAN,
        float(found.min()) if some else NAN,
        float(found.max()) if some else NAN,
        len(found),
        every,
    )


def _random_halves(k: int, seed: int, n_splits: int) -> Iterator[FloatArray]:
    rng = np.random.default_rng(seed)
    base = np.where(np.arange(k) % 2 == 0, 1.0, -1.0)
    for start in range(0, n_splits, BATCH):
        yield rng.permuted(np.tile(base, (min(BATCH, n_splits - start), 1)), axis=1)


def stepped_up(covariance: FloatArray, signs: FloatArray) -> FloatArray:
    """Return 2r/(1 + r) of the halves that each row of signs makes, (n_splits,), NaN where a half does not vary."""
    up, down = (signs > 0).astype(float), (signs < 0).astype(float)
    weighted = up @ covariance
    first, between = np.einsum("si,si->s", weighted, up), np.einsum("si,si->s", weighted, down)
    second = np.einsum("si,si->s", down @ covariance, down)
    scale = np.sqrt(np.where((first > 1e-12) & (second > 1e-12), first * second, np.nan))
    r = between / scale
    return np.asarray(np.where(r > -1 + 1e-12, 2 * r / np.where(r > -1 + 1e-12, 1 + r, np.nan), np.nan))
