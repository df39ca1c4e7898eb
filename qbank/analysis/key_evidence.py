"""How much an option looks like the keys of its paper, and the key like its distractors: evidence for a wrong key."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.arrays import FloatArray, IntArray

WRONG_KEYS = 0.01
"""How many keys are taken to be wrong before anything is known of the answers."""
LEAST_ITEMS = 10
"""Items of one paper that make keys and distractors known well enough."""
LEAST_CHOOSERS = 5
MOST_BY_SHARE = 3.0
_FLOORS = {"r": 0.05, "share": 0.5}
_OUTLYING, _WIDE = 0.1, 3.0


@dataclass(frozen=True, slots=True, eq=False)
class KeyEvidence:
    """log_odds : (n_categories,) how much likelier the numbers of an option are if it is a key than if it is a distractor.

    r is by its correlation with the rest score, share by how many chose it; both NaN where there is no such evidence.
    """

    r: FloatArray
    share: FloatArray


def key_evidence(
    r: FloatArray, counts: IntArray, n: IntArray, keyed: NDArray[np.bool_], distractor: NDArray[np.bool_]
) -> KeyEvidence:
    """Return for every option ln(density among the paper's keys / density among its distractors), by r and by share.

    r, counts, n : (n_options,) correlation of choosing with the rest score, persons who chose it, who saw the item ;
    keyed, distractor : (n_options,) options of items of three options and more with one key; others get NaN

    Of either kind the paper itself shows the middle and the spread: median and 1.48 times the median deviation, less the
    sampling variance (1/n of r, 1/(n p q) of logit p), not below .05 and .5; a wrong key among dozens moves them little. An option's own
    sampling variance is added again; a tenth of options is taken to be three times as far off, so that no single figure
    says more than about 3. By share at most ±3: a hard item's distractor is popular too. Fewer than 10 such items: NaN.

    >>> r = np.array([0.3, -0.1] * 12 + [-0.1, 0.3]); counts = np.array([60, 20] * 12 + [20, 60])
    >>> one = np.arange(26) % 2 == 0
    >>> found = key_evidence(r, counts, np.full(26, 200), one, ~one)
    >>> bool((found.r + found.share)[-1] > 4), bool((found.r + found.share)[-2] < -4)
    (True, True)
    """
    of_keys, of_others = keyed & np.isfinite(r), distractor & np.isfinite(r) & (counts >= LEAST_CHOOSERS)
    nothing = np.full(len(r), np.nan)
    if of_keys.sum() < LEAST_ITEMS or of_others.sum() < LEAST_ITEMS:
        return KeyEvidence(nothing, nothing)
    seen = np.maximum(n, 1).astype(float)
    share = (counts + 0.5) / (seen + 1)
    logit, error = np.log(share / (1 - share)), 1 / (seen * share * (1 - share))
    asked = keyed | distractor
    by_r = _log_odds(r, 1 / seen, of_keys, of_others, _FLOORS["r"])
    by_share = np.clip(_log_odds(logit, error, of_keys, of_others, _FLOORS["share"]), -MOST_BY_SHARE, MOST_BY_SHARE)
    return KeyEvidence(np.where(asked & np.isfinite(r), by_r, np.nan), np.where(asked & (seen > 0), by_share, np.nan))


def certainty_of(evidence: FloatArray) -> FloatArray:
    """Return the probability that an option is the key instead of the keyed one, evidence being the difference of both.

    1 / (1 + e^−(evidence − ln(99))): one key in a hundred is taken to be wrong beforehand.

    >>> certainty_of(np.array([0.0, 4.6, 7.54])).round(2).tolist()
    [0.01, 0.5, 0.95]
    """
    odds = np.asarray(evidence, float) + np.log(WRONG_KEYS / (1 - WRONG_KEYS))
    return np.asarray(0.5 * (1 + np.tanh(odds / 2)))


def _log_odds(
    x: FloatArray, error: FloatArray, keys: NDArray[np.bool_], others: NDArray[np.bool_], floor: float
) -> FloatArray:
    density = []
    for members in (keys, others):
        middle = float(np.median(x[members]))
        whole = 1.4826 * float(np.median(np.abs(x[members] - middle)))
        spread = max(whole**2 - float(np.median(error[members])), floor**2)
        density.append(_log_density(np.nan_to_num(x - middle), spread + error))
    return np.asarray(density[0] - density[1])


def _log_density(off: FloatArray, variance: FloatArray) -> FloatArray:
    """Return the log density, up to a constant, of a normal with a tenth of outliers three times as far off."""
    near = np.log(1 - _OUTLYING) - off**2 / (2 * variance)
    far = np.log(_OUTLYING / _WIDE) - off**2 / (2 * _WIDE**2 * variance)
    return np.asarray(np.logaddexp(near, far) - np.log(variance) / 2)
