"""Reliability where each person answered a paper of their own: from the covariances of items that persons had together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import BoolArray, FloatArray, ratio
from qbank.analysis.intervals import CONFIDENCE, normal_quantile
from qbank.analysis.pooled import Pooled
from qbank.analysis.reliability.alpha import variance_of

NAN = float("nan")
BLOCK = 512


@dataclass(frozen=True, slots=True)
class PooledReliability:
    """Variances in square marks, of a person of a paper on average.

    alpha : of marks above expectation, differences between papers taken out ; error, low, high : of alpha ; observed, true : variance
    of these marks and of their true scores ; raw : variance of the marks as given, papers and all ; alpha_raw, raw_low,
    raw_high : the share of it that is true: what the paper drawn adds counts as error ; paper : variance of what the papers let expect
    """

    n: int
    n_items: float
    full: float
    alpha: float
    error: float
    low: float
    high: float
    observed: float
    true: float
    raw: float
    alpha_raw: float
    raw_low: float
    raw_high: float
    paper: float

    @property
    def sem(self) -> float:
        """Standard error of marks above expectation: of a person on the paper sat."""
        return float(np.sqrt(max(self.observed - self.true, 0.0)))

    @property
    def sem_raw(self) -> float:
        """Standard error of the marks as given: of a person on a paper drawn from all."""
        return float(np.sqrt(max(self.raw - self.true, 0.0)))


def pooled_reliability(
    found: Pooled, score: FloatArray, *, items: BoolArray | None = None, confidence: float = CONFIDENCE
) -> PooledReliability:
    """Return coefficient alpha of persons who sat different papers, and what the marks as given are worth.

    score : (n_persons,) the marks as given ; items : (n_items,) of a part, None for all

    alpha = Σk²/Σk(k−1) · C/(C + V), k a person's items, V the mean over persons of the sum of the variances of their items, C
    of the sum of the covariances of any two of them: that of two items is estimated from all who had both, unbiased, Σ dᵢdⱼ / (n·(1 − 1/nᵢ − 1/nⱼ +
    n/(nᵢnⱼ))). Persons who had all items make it Cronbach's (1951) alpha. Items that fell to persons by chance are missing by
    design, so that covariances of pairs stand for those of all (Graham, Taylor, Olchowski & Cumsille 2006, Psychol. Methods 11, 323–343).
    Its error is by the influence of each person, −f/B·(a − b·A/B) of a = Σ d², b = (Σ d)², A and B their means (f the first factor); the
    interval is symmetric in log(1 − alpha). Differences between papers are error of marks as given: alpha_raw = true variance over
    theirs, a coefficient of dependability (Brennan 2001, ch. 2). NaN for fewer than two items or persons. Cost: persons × items².
    """
    kept = np.ones(found.above.shape[1], bool) if items is None else items
    counted = found.counted[:, kept]
    n_items = counted.sum(axis=1)
    had = n_items > 0
    above, counted, k, given = found.above[np.ix_(had, kept)], counted[had], n_items[had].astype(float), score[had]
    n, mean_k = len(k), float(k.mean()) if len(k) else NAN
    full = float(found.full[had].mean()) if items is None and n else NAN
    nothing = PooledReliability(n, mean_k, full, *[NAN] * 11)
    pairs = float((k * (k - 1)).sum())
    if n < 2 or pairs <= 0:
        return nothing
    spread, joint = _variances(above, counted)
    observed = spread + joint
    if not observed > 1e-12:
        return nothing
    factor = float((k * k).sum()) / pairs
    alpha = factor * joint / observed
    a, b = (above**2).sum(axis=1), above.sum(axis=1) ** 2
    influence = -factor / b.mean() * (a - b * a.mean() / b.mean()) if b.mean() > 0 else np.zeros(n)
    error = float(np.sqrt((influence**2).sum())) / n
    apart = np.exp(normal_quantile(confidence) * error / (1 - alpha)) if alpha < 1 else 1.0
    low, high = 1 - (1 - alpha) * apart, 1 - (1 - alpha) / apart
    raw, true = variance_of(given), alpha * observed
    scale = observed / raw if raw > 0 else NAN
    expected = found.expected[had] if items is None else given - above.sum(axis=1)
    return PooledReliability(
        n, mean_k, full, alpha, error, float(low), float(high), observed, true, raw, min(alpha * scale, 1.0), float(low * scale),
        float(min(high * scale, 1.0)), variance_of(expected),
    )  # fmt: skip


def _variances(above: FloatArray, counted: BoolArray) -> tuple[float, float]:
    """Return the mean over persons of the sum of the variances of their items, and of the sum of all covariances."""
    n_persons, n_items = above.shape
    seen = counted.astype(float)
    n = seen.sum(axis=0)
    inverse = ratio(1.0, n)
    squares = (above**2).sum(axis=0)
    spread = float(np.nansum(squares * ratio(n, np.maximum(n - 1, 0)))) / n_persons
    joint = 0.0
    for start in range(0, n_items, BLOCK):
        block = slice(start, start + BLOCK)
        products, together = above.T @ above[:, block], seen.T @ seen[:, block]
        kept = 1 - inverse[:, None] - inverse[None, block] + together * inverse[:, None] * inverse[None, block]
        products[np.arange(n_items)[block], np.arange(products.shape[1])] = 0.0
        joint += float(np.nansum(np.where(kept > 1e-9, products / np.where(kept > 1e-9, kept, 1.0), 0.0)))
    return spread, joint / n_persons


def pooled_alpha_if_dropped(found: Pooled) -> FloatArray:
    """Return alpha of the other items of their papers, over the persons who had each item, (n_items,); NaN for k < 3.

    k−1 over k−2 times one less the variances' share, of the marks above expectation of those persons; k their mean number of items.
    """
    total, own = found.total, found.above
    squares = (own**2).sum(axis=1)
    seen = found.counted.astype(float)
    n = seen.sum(axis=0)
    k = ratio(found.n_items @ seen, n)
    spread = ratio(squares @ seen - (own**2).sum(axis=0), n)
    whole = ratio((total**2) @ seen - 2 * (total @ own) + (own**2).sum(axis=0), n)
    alpha = ratio(k - 1, k - 2) * (1 - ratio(spread, np.where(whole > 1e-12, whole, np.nan)))
    return np.where((k > 2) & (n > 1), alpha, np.nan)
