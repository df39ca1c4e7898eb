"""Why an item is no longer what it was: it became easier or harder for everybody, or some knew it beforehand.

An anchor whose answers do not fit its known curve is looked at under three explanations, each fitted by maximum
likelihood over the abilities that the *other* items leave possible:

* shift: ``P(θ; a, b + δ, c)`` — the item is easier or harder for all alike (taught better, a standard changed);
* leak: ``s + (1 − s) P(θ; a, b, c)`` — a share s had the answer, whatever they know (a one-item form of the
  preknowledge mixture of Shu, Henson & Luecht 2013);
* leak by site: a share of its own for each site.

Shift and leak have one parameter each and are compared by their log-likelihoods (their AIC, Akaike 1974, differs by
twice that); a site of its own is told by a likelihood ratio against one share for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.arrays import BoolArray, FloatArray

EVIDENCE = 2.0
"""Log-likelihood by which a leak must explain the answers better than a shift (Royall 1997: 8 to 1 is log 2.08)."""
SITE_LEVEL = 0.001
LEAST_SHARE = 0.05
"""A smaller share of persons who knew the answer is not called a leak."""
STEPS = 40
HALF_CHI_SQUARE = 1.9207
"""Half of the 95 % point of χ² with one degree of freedom: what an interval by likelihood may lose."""


@dataclass(frozen=True, slots=True)
class SiteShare:
    """Of one site: persons who had the item, facility found and expected, share that had the answer beforehand, and the
    95 % interval of that share."""

    site: str
    n: int
    found: float
    expected: float
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DriftCause:
    """What explains the answers to one item best.

    verdict : ``leak``, ``drift``, ``easier`` (either of them: the answers do not tell) or ``none`` (the known curve does
        as well) ; shift : of the difficulty, negative where
        the item became easier ; share : of persons who had the answer ; log_likelihoods : by explanation, relative to the
        known curve ; sites : where there are several, largest share first ; where : the sites that stand out, () where
        none does ; n : persons who answered ; shift_interval, share_interval : 95 %, by profile likelihood
    """

    item: str
    verdict: str
    shift: float
    share: float
    log_likelihoods: dict[str, float]
    sites: tuple[SiteShare, ...]
    where: tuple[str, ...]
    found: float
    expected: float
    n: int
    shift_interval: tuple[float, float] = (np.nan, np.nan)
    share_interval: tuple[float, float] = (np.nan, np.nan)


def posterior_without(
    right: NDArray[np.int8], log_right: FloatArray, log_wrong: FloatArray, log_weights: FloatArray, left_out: BoolArray
) -> FloatArray:
    """Return the posterior of the abilities given all items but some, (n_persons, n_nodes).

    right : (n_persons, n_items) 1, 0, or −1 not seen ; log_right, log_wrong : (n_items, n_nodes) log-probabilities ;
    log_weights : (n_nodes,) of the ability distribution ; left_out : (n_items,)
    """
    kept = ~left_out
    one, zero = (right[:, kept] == 1).astype(np.float64), (right[:, kept] == 0).astype(np.float64)
    log_posterior = one @ log_right[kept] + zero @ log_wrong[kept] + log_weights
    log_posterior -= log_posterior.max(axis=1, keepdims=True)
    posterior = np.exp(log_posterior)
    return np.asarray(posterior / posterior.sum(axis=1, keepdims=True))


def drift_cause(
    item: str, right: NDArray[np.int8], posterior: FloatArray, nodes: FloatArray, *, a: float, b: float, c: float = 0.0,
    sites: Sequence[str] = (),
) -> DriftCause:  # fmt: skip
    """Return what explains the answers to an item whose curve is known.

    right : (n_persons,) 1, 0, or −1 not seen ; posterior : (n_persons, n_nodes) from the other items ; nodes : (n_nodes,) ;
    a, b, c : the known curve ``c + (1 − c) / (1 + exp(−a (θ − b)))`` ; sites : (n_persons,) or ()

    >>> rng = np.random.default_rng(1)
    >>> theta = rng.normal(size=4000)
    >>> nodes = np.linspace(-4, 4, 41)
    >>> close = np.exp(-8 * (theta[:, None] - nodes) ** 2)
    >>> knows = rng.random(4000) < 1 / (1 + np.exp(-1.2 * (theta - 0.5)))
    >>> told = rng.random(4000) < 0.3
    >>> right = (knows | told).astype(np.int8)
    >>> cause = drift_cause("Q", right, close / close.sum(axis=1, keepdims=True), nodes, a=1.2, b=0.5)
    >>> cause.verdict, round(cause.share, 1)
    ('leak', 0.3)
    """
    seen = right >= 0
    x, weights = right[seen] == 1, posterior[seen]
    if not x.size:
        return DriftCause(item, "none", 0.0, 0.0, {"shift": 0.0, "leak": 0.0, "leak_by_site": 0.0}, (), (), np.nan, np.nan, 0)
    expected = weights @ _curve(nodes, a, b, c)
    base = _log_likelihood(x, expected)

    def of_shift(d: float) -> float:
        return _log_likelihood(x, weights @ _curve(nodes, a, b + d, c))

    def of_share(s: float) -> float:
        return _log_likelihood(x, s + (1 - s) * expected)

    shift, by_shift = _best(of_shift, -4.0, 4.0)
    share, by_leak = _best(of_share, 0.0, 0.999)
    words = np.array([str(site) for site in sites] or [""] * right.size, dtype=object)[seen]
    of_sites = [_site(site, x[words == site], expected[words == site]) for site in sorted({*words})]
    found = sorted(of_sites, key=lambda entry: -entry[0].share)
    by_site = sum(log for _, log in found)
    gains = {"shift": by_shift - base, "leak": by_leak - base, "leak_by_site": by_site - base}
    several = len(found) > 1
    where = _where(found, by_site - by_leak) if several else ()
    return DriftCause(
        item, _verdict(gains, shift, share, where), shift, share, gains,
        tuple(site for site, _ in found) if several else (), where, float(x.mean()), float(expected.mean()), int(x.size),
        _interval(of_shift, shift, by_shift, -4.0, 4.0), _interval(of_share, share, by_leak, 0.0, 0.999),
    )  # fmt: skip


def _verdict(gains: dict[str, float], shift: float, share: float, where: tuple[str, ...]) -> str:
    """Return the word for what was found; 2 times a gain is χ² with one degree of freedom under the known curve."""
    if max(gains["shift"], gains["leak"]) < EVIDENCE and not where:
        return "none"
    lead = gains["leak"] - gains["shift"]
    if shift >= 0:
        return "drift"
    if where or (lead > EVIDENCE and share >= LEAST_SHARE):
        return "leak"
    return "drift" if lead < -EVIDENCE else "easier"


def _where(found: Sequence[tuple[SiteShare, float]], gain: float) -> tuple[str, ...]:
    """Return the sites whose share stands out, where shares of their own explain the answers better at all."""
    from scipy.stats import chi2

    if chi2.sf(2 * max(gain, 0.0), len(found) - 1) > SITE_LEVEL:
        return ()
    persons = sum(site.n for site, _ in found)
    mean = sum(site.share * site.n for site, _ in found) / persons
    return tuple(site.site for site, _ in found if site.share >= LEAST_SHARE and site.share > mean)


def _site(site: str, x: BoolArray, expected: FloatArray) -> tuple[SiteShare, float]:
    def of_share(s: float) -> float:
        return _log_likelihood(x, s + (1 - s) * expected)

    share, log = _best(of_share, 0.0, 0.999)
    low, high = _interval(of_share, share, log, 0.0, 0.999)
    return SiteShare(site, int(x.size), float(x.mean()), float(expected.mean()), share, low, high), log


def _curve(nodes: FloatArray, a: float, b: float, c: float) -> FloatArray:
    return np.asarray(c + (1 - c) / (1 + np.exp(-a * (nodes - b))))


def _log_likelihood(x: BoolArray, p: FloatArray) -> float:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return float(np.log(np.where(x, p, 1 - p)).sum())


def _interval(
    objective: Callable[[float], float], best: float, value: float, low: float, high: float
) -> tuple[float, float]:
    """Return the 95 % interval of a parameter: where twice the log-likelihood lies within 3.84 of its highest (Wilks 1938)."""
    ends = []
    for limit in (low, high):
        inside, outside = best, limit
        if objective(limit) >= value - HALF_CHI_SQUARE:
            inside = limit
        else:
            for _ in range(STEPS // 2):
                middle = (inside + outside) / 2
                if objective(middle) >= value - HALF_CHI_SQUARE:
                    inside = middle
                else:
                    outside = middle
        ends.append(float(inside))
    return ends[0], ends[1]


def _best(objective: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Return where a function with one peak is highest, and its value, by golden sections (Kiefer 1953)."""
    ratio = (np.sqrt(5.0) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = objective(left), objective(right)
    for _ in range(STEPS):
        if at_left < at_right:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = objective(right)
        else:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = objective(left)
    return float((low + high) / 2), objective((low + high) / 2)
