"""How well the items of a calibration fit, and which of them badly."""

from __future__ import annotations

import numpy as np

from qbank.irt import ItemFit, item_fit
from qbank.irt.parameters import Calibration
from qbank.workflow.calibration.answers import Answers
from qbank.workflow.calibration.limits import FIT_LEVEL, FIT_RANGE, FIT_RMSEA


def fit_of(answers: Answers, fit: Calibration) -> ItemFit:
    """Return mean squares, S-X² and RMSD of each item."""
    return item_fit(answers.scores, fit, groups=answers.groups, statistics=("mean_squares", "s_x2", "rmsd"))


def misfits_of(fit: Calibration, found: ItemFit) -> tuple[str, ...]:
    """Return the items that fit badly."""
    p = np.where(np.isfinite(found.s_x2_p), found.s_x2_p, 1.0)
    order = np.argsort(p, kind="stable")
    # Holm (1979): the k-th smallest p times the number of hypotheses not yet rejected, made monotone.
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * (p.size - np.arange(p.size))))
    low, high = FIT_RANGE
    squares = [np.where(np.isfinite(x), x, 1.0) for x in (found.infit, found.outfit)]
    odd = np.any([(x < low) | (x > high) for x in squares], axis=0) | (
        np.nan_to_num(found.s_x2_rmsea) > FIT_RMSEA
    )
    bad = (adjusted < FIT_LEVEL) & odd
    return tuple(item for item, here in zip(fit.parameters.items, bad, strict=True) if here)
