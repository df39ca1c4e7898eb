"""DIF under an item response model: each group calibrated by itself and linked, or one item set free at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray
from qbank.analysis.dif.item_response import (
    GroupParameters,
    LordTest,
    RajuAreas,
    generalised_lord,
    linked_to,
    lord,
    raju_signed,
    raju_unsigned,
)  # fmt: skip
from qbank.analysis.dif.mantel import chi2_p
from qbank.irt import Calibration, calibrate
from qbank.irt.priors import Priors

WORDS = {"1pl": "rasch", "2pl": "2pl", "3pl": "3pl"}


@dataclass(frozen=True, slots=True, eq=False)
class ItemResponseDif:
    """Lord's χ², Raju's signed and unsigned areas of every item, and each group's parameters on the reference's scale.

    lord is the generalised test where there are more than two groups; the areas compare group 1 with the reference.
    """

    lord: LordTest
    signed: RajuAreas
    unsigned: RajuAreas
    groups: tuple[GroupParameters, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LikelihoodRatioDif:
    """chi2, df, p : (n_items,), NaN for items that were not asked for or not calibrated; converged : (n_items,)."""

    chi2: FloatArray
    df: FloatArray
    p: FloatArray
    converged: BoolArray


def item_response_dif(
    scores: IntArray, group: IntArray, *, model: str = "2pl", anchors: BoolArray | None = None, priors: Priors | None = None
) -> ItemResponseDif:
    """Return Lord's and Raju's statistics from calibrations of each group, linked by the anchors' difficulties.

    scores : (n_persons, n_items), 1 right, 0 wrong, −1 not seen ; group : (n_persons,) 0 the reference, 1 … focal
    model : 1pl, 2pl or 3pl (Lord's test then takes the lower asymptotes as known; give priors) ; anchors : (n_items,), None: all

    Raises ValueError for another model. Cost: one calibration a group.
    """
    if model not in WORDS:
        raise ValueError(f"model must be one of {', '.join(WORDS)}, found {model!r}")
    found = []
    for word in range(int(group.max(initial=0)) + 1):
        fit = calibrate(scores[group == word], model=WORDS[model], priors=priors)
        found.append(_parameters(fit, model))
    groups = (found[0], *(linked_to(found[0], one, anchors=anchors) for one in found[1:]))
    focal = groups[1] if len(groups) > 1 else groups[0]
    test = lord(groups[0], focal) if len(groups) == 2 else generalised_lord(groups)
    return ItemResponseDif(test, raju_signed(groups[0], focal), raju_unsigned(groups[0], focal), groups)


def _parameters(fit: Calibration, model: str) -> GroupParameters:
    """Return a, b, c and the covariance of (a, b); the program's own metric is (a, d) with d = −a b."""
    values = fit.parameters.values
    n_items = len(fit.parameters.items)
    a = np.array(values["a"], float) if "a" in values and model != "1pl" else np.ones(n_items)
    b = np.array(values["b"], float)
    c = np.nan_to_num(np.array(values["c"], float)) if "c" in values else np.zeros(n_items)
    covariance = np.zeros((n_items, 2, 2))
    if model == "1pl":
        covariance[:, 1, 1] = np.array(fit.parameters.errors["b"], float) ** 2
        return GroupParameters(a, b, c, covariance)
    jacobian = np.zeros((n_items, 2, 2))
    jacobian[:, 0, 0] = 1.0
    jacobian[:, 1, 0], jacobian[:, 1, 1] = -b / a, -1 / a
    covariance = jacobian @ fit.parameters.covariance[:, :2, :2] @ jacobian.swapaxes(1, 2)
    return GroupParameters(a, b, c, covariance)


def likelihood_ratio_dif(
    scores: IntArray, group: IntArray, *, model: str = "2pl", items: IntArray | None = None, anchors: BoolArray | None = None,
    priors: Priors | None = None,
) -> LikelihoodRatioDif:  # fmt: skip
    """Return the likelihood-ratio test of each item: its parameters equal in all groups against free in each.

    scores, group, model, priors : as `item_response_dif` ; items : the items to test (None: all) ; anchors : (n_items,) items
    that hold the scales together (None: all others)

    χ² = 2 (log L of the free model − log L of the equal one), df the item's parameters times (n_groups − 1) (Thissen, Steinberg &
    Wainer 1988); each group has its own ability mean and standard deviation in both. An item set free is as many items, each seen by one
    group. With ``anchors``, items that are neither anchors nor tested are left out. Cost: one calibration, and one for each item.
    """
    if model not in WORDS:
        raise ValueError(f"model must be one of {', '.join(WORDS)}, found {model!r}")
    n_items = scores.shape[1]
    n_groups = int(group.max(initial=0)) + 1
    words = [f"{word:03d}" for word in group]
    inside = np.ones(n_items, bool) if anchors is None else anchors
    wanted = np.arange(n_items) if items is None else items
    chi2, df = np.full((2, n_items), np.nan)
    converged = np.zeros(n_items, bool)
    together: Calibration | None = None
    for item in wanted:
        kept = inside.copy()
        kept[item] = True
        if together is None or not inside[item]:
            equal = calibrate(scores[:, kept], model=WORDS[model], groups=words, priors=priors, errors="none")
            together = equal if inside[item] else together
        else:
            equal = together
        others = kept.copy()
        others[item] = False
        split = np.full((len(scores), n_groups), -1, scores.dtype)
        split[np.arange(len(scores)), group] = scores[:, item]
        free = calibrate(np.hstack([scores[:, others], split]), model=WORDS[model], groups=words, priors=priors, errors="none")
        if not all(word == "ok" for word in free.status[-n_groups:]):
            continue
        chi2[item] = max(2 * (free.log_posterior - equal.log_posterior), 0.0)
        df[item] = free.n_free - equal.n_free
        converged[item] = free.converged and equal.converged
    return LikelihoodRatioDif(chi2, df, chi2_p(chi2, df), converged)
