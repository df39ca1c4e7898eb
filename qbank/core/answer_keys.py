"""How the keys of many questions are spread: over the letters, in runs, between true and false, over the longest option.

Plain statistics over sequences, for the rules over a file and for the audit of a paper alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby


def position_test(positions: Sequence[int], widths: Sequence[int]) -> tuple[float, int, float]:
    """Return chi-square, degrees of freedom and p for keys spread evenly over the places that each question has.

    positions : place of the key, 0 for A ; widths : number of options of the same questions.
    Expected of a place is the sum of 1/width over the questions that have it; X² = Σ (found − expected)² / expected
    over the places (Pearson 1900), referred to the chi-square distribution with places − 1 degrees of freedom.

    >>> statistic, df, p = position_test([0] * 10 + [1] * 10 + [2] * 10 + [3] * 10, [4] * 40)
    >>> statistic, df, p
    (0.0, 3, 1.0)
    """
    places = max(widths, default=0)
    if places < 2:
        return 0.0, 0, 1.0
    expected = [math.fsum(1 / width for width in widths if place < width) for place in range(places)]
    found = [sum(position == place for position in positions) for place in range(places)]
    statistic = math.fsum((n - e) ** 2 / e for n, e in zip(found, expected, strict=True))
    return statistic, places - 1, chi_square_tail(statistic, places - 1)


def chi_square_tail(statistic: float, df: int) -> float:
    """Return the probability of a chi-square value at least as large, for whole degrees of freedom.

    Q(x; n) = Q(x; n − 2) + (x/2)^(n/2 − 1) e^(−x/2) / Γ(n/2), from Q(x; 1) = erfc √(x/2) and Q(x; 2) = e^(−x/2)
    (Abramowitz and Stegun 1964, 26.4.4 and 26.4.5).

    >>> round(chi_square_tail(11.344867, 3), 6)
    0.01
    """
    half = statistic / 2
    if half <= 0:
        return 1.0
    tail, n = (math.erfc(math.sqrt(half)), 1) if df % 2 else (math.exp(-half), 2)
    while n < df:
        n += 2
        tail += math.exp((n / 2 - 1) * math.log(half) - half - math.lgamma(n / 2))
    return min(1.0, tail)


def longest_run(keys: Sequence[str]) -> tuple[int, int]:
    """Return length and start of the longest run of equal keys, the first of several.

    >>> longest_run("ABBBCCC")
    (3, 1)
    """
    best, start, at = 0, 0, 0
    for _, run in groupby(keys):
        length = len(list(run))
        if length > best:
            best, start = length, at
        at += length
    return best, start


def binomial_tail(n: int, k: int, p: float) -> float:
    """Return the probability of k or more successes in n trials.

    >>> round(binomial_tail(20, 11, 0.25), 4)
    0.0039
    """
    if k <= 0:
        return 1.0
    log_p, log_q = math.log(p), math.log1p(-p)
    terms = (
        math.exp(math.lgamma(n + 1) - math.lgamma(m + 1) - math.lgamma(n - m + 1) + m * log_p + (n - m) * log_q)
        for m in range(k, n + 1)
    )
    return min(1.0, math.fsum(terms))
