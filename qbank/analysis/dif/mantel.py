"""Mantel–Haenszel: are the odds of a right answer the same in both groups at equal score?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.arrays import FloatArray, ratio
from qbank.analysis.intervals import CONFIDENCE, normal_quantile

DELTA = -2.35
"""One unit of the ETS delta scale in log odds (Holland & Thayer 1988, p. 135)."""

B_FROM, C_FROM, C_ABOVE = 1.0, 1.5, 1.0
ONE_SIDED = 1.6448536269514722


@dataclass(frozen=True, slots=True, eq=False)
class MantelHaenszel:
    """Arrays of one value an item, NaN where there is none. Described at `mantel_haenszel`."""

    chi2: FloatArray
    p: FloatArray
    chi2_uncorrected: FloatArray
    p_uncorrected: FloatArray
    odds_ratio: FloatArray
    log_odds: FloatArray
    log_odds_se: FloatArray
    z: FloatArray
    delta: FloatArray
    delta_se: FloatArray
    delta_low: FloatArray
    delta_high: FloatArray


def mantel_haenszel(right: FloatArray, n: FloatArray, *, confidence: float = CONFIDENCE) -> MantelHaenszel:
    """Return the Mantel–Haenszel statistics of each item, group 0 the reference, group 1 the focal group.

    right, n : (..., 2, n_strata) right answers and persons

    chi2 = (|ΣA − ΣE(A)| − ½)² / ΣV(A), A the right answers of the reference (Holland & Thayer 1988, eq. 6), 1 df,
    to the letter also where |…| < ½;
    chi2_uncorrected without the ½; odds_ratio α = Σ(AD/T) / Σ(BC/T), above 1 where the item favours the
    reference; log_odds = ln α with the standard error of Robins, Breslow & Greenland (1986); z = ln α / SE;
    delta = −2.35 ln α (Holland & Thayer 1988), negative where the item is harder for the focal group, with
    its normal interval. NaN where no stratum holds both groups, or nobody or everybody is right.

    >>> found = mantel_haenszel(np.array([[30.0, 40.0], [20.0, 30.0]]), np.full((2, 2), 50.0))
    >>> round(float(found.odds_ratio), 4), round(float(found.delta), 4), round(float(found.chi2), 4)
    (2.4286, -2.0852, 7.7693)
    """
    a, c = right[..., 0, :], right[..., 1, :]
    b, d = n[..., 0, :] - a, n[..., 1, :] - c
    size = np.maximum(n.sum(axis=-2), 1.0)
    above, below = a * d / size, b * c / size
    n_right, n_wrong = a + c, b + d
    expected = n[..., 0, :] * n_right / size
    variance = n[..., 0, :] * n[..., 1, :] * n_right * n_wrong / (size**2 * np.maximum(size - 1, 1.0))
    gap, spread = np.abs((a - expected).sum(axis=-1)), variance.sum(axis=-1)
    spread = np.where(spread > 1e-12, spread, 0.0)
    chi2 = ratio((gap - 0.5) ** 2, spread)
    plain = ratio(gap**2, spread)
    r, s = above.sum(axis=-1), below.sum(axis=-1)
    odds = ratio(r, s)
    log_odds = np.log(np.where(odds > 0, odds, np.nan))
    same, cross = (a + d) / size, (b + c) / size
    rbg = (
        ratio((same * above).sum(axis=-1), 2 * r**2)
        + ratio((same * below + cross * above).sum(axis=-1), 2 * r * s)
        + ratio((cross * below).sum(axis=-1), 2 * s**2)
    )
    # marks below nothing (penalties) make no odds
    se = np.sqrt(np.where(np.isnan(log_odds) | (rbg < 0), np.nan, rbg))
    delta, delta_se = DELTA * log_odds, -DELTA * se
    half = normal_quantile(confidence) * delta_se
    return MantelHaenszel(
        chi2, chi2_p(chi2, 1), plain, chi2_p(plain, 1), odds, log_odds, se, ratio(log_odds, se),
        delta, delta_se, delta - half, delta + half,
    )  # fmt: skip


def chi2_p(statistic: FloatArray, df: FloatArray | float) -> FloatArray:
    """Return the upper tail of χ²; NaN where the statistic or its degrees of freedom do not exist."""
    from scipy.special import chdtrc

    freedom = np.asarray(df, float)
    value = np.asarray(statistic, float)
    good = (freedom > 0) & ~np.isnan(value)
    out: FloatArray = np.where(good, chdtrc(np.where(good, freedom, 1.0), np.where(good, np.maximum(value, 0.0), 0.0)), np.nan)
    return out


def normal_p(z: FloatArray) -> FloatArray:
    """Return the two-sided p of a standard normal statistic."""
    from scipy.special import ndtr

    out: FloatArray = 2 * ndtr(-np.abs(np.asarray(z, float)))
    return out


def mantel_haenszel_exact(right: FloatArray, n: FloatArray) -> tuple[float, float]:
    """Return the right answers of the reference and the exact conditional two-sided p of one item.

    right, n : (2, n_strata), whole numbers. Given the margins of every stratum the count is a sum of
    independent hypergeometric numbers; p is the probability of all counts that are no more probable than the
    one observed (Agresti 2013, sec. 7.3.5). NaN where nothing could have come out otherwise.
    Cost: product of the number of possible counts and the persons.

    >>> statistic, p = mantel_haenszel_exact(np.array([[3.0], [1.0]]), np.array([[4.0], [4.0]]))
    >>> statistic, round(p, 6)
    (3.0, 0.485714)
    """
    from scipy.special import gammaln

    reference, focal = np.round(n).astype(int)
    margin = np.round(right.sum(axis=0)).astype(int)
    lowest, highest = np.maximum(0, margin - focal), np.minimum(reference, margin)
    mass, least = np.ones(1), int(lowest.sum())
    log_factorial = gammaln(np.arange(1, max(reference.max(initial=0), focal.max(initial=0)) + 2, dtype=float))
    free = highest > lowest
    for n_reference, n_focal, n_right, low, high in np.stack([reference, focal, margin, lowest, highest], axis=1)[free].tolist():
        # k right answers of the reference, from ``low`` to ``high``; the others' number follows from the margins
        log = -(
            log_factorial[low : high + 1] + log_factorial[n_reference - high : n_reference - low + 1][::-1]
            + log_factorial[n_right - high : n_right - low + 1][::-1]
            + log_factorial[n_focal - n_right + low : n_focal - n_right + high + 1]
        )  # fmt: skip
        mass = np.convolve(mass, np.exp(log - log.max()))
        mass /= mass.max()
    observed = round(float(right[0].sum()))
    if len(mass) < 2:
        return float(observed), float("nan")
    mass /= mass.sum()
    # Probabilities that are equal by symmetry differ in their last digits.
    as_rare = mass <= mass[observed - least] * (1 + 1e-7)
    return float(observed), float(min(mass[as_rare].sum(), 1.0))


def ets_class(found: MantelHaenszel, *, alpha: float = 0.05) -> NDArray[np.str_]:
    """Return A, B or C by the ETS rule, "" where Δ does not exist (Zwick & Ercikan 1989; Dorans & Holland 1993).

    A : |Δ| < 1 or χ² (with continuity correction) not significant; C : |Δ| ≥ 1.5 and significantly above 1
    (one-sided, (|Δ| − 1)/SE > 1.645); B : everything else.
    """
    size = np.abs(found.delta)
    is_a = (size < B_FROM) | ~(found.p < alpha)
    is_c = ~is_a & (size >= C_FROM) & (size - ONE_SIDED * found.delta_se > C_ABOVE)
    return np.select([np.isnan(found.delta), is_a, is_c], ["", "A", "C"], "B")


def simple_class(delta: FloatArray) -> NDArray[np.str_]:
    """Return A, B or C by |Δ| alone, cut at 1 and 1.5, as several other programs do; "" where there is none.

    >>> simple_class(np.array([0.4, -1.2, 1.5, np.nan])).tolist()
    ['A', 'B', 'C', '']
    """
    size = np.abs(delta)
    return np.select([np.isnan(size), size < B_FROM, size < C_FROM], ["", "A", "B"], "C")
