"""What earlier sittings say of the items, as parameters on the bank's scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from qbank.core.history import Estimate
from qbank.irt import ItemParameters, from_reported
from qbank.irt.models import MODELS
from qbank.workflow.calibration.answers import Answers


def anchors_of(answers: Answers) -> dict[str, Estimate]:
    """Return by item the estimates on the bank's scale whose model and categories the item has here too."""
    found: dict[str, Estimate] = {}
    rows = zip(answers.items, answers.fingerprints, answers.words, answers.categories, strict=True)
    for item, fingerprint, word, own in rows:
        known = answers.history.estimates.get(fingerprint)
        if known is None or known.model != word or known.n_categories != len(own.shares):
            continue
        if np.allclose(known.tops, own.tops):
            found[item] = known
    return found


def parameters_of(known: Mapping[str, Estimate], scale: str) -> ItemParameters:
    """Return stored estimates as parameters with their covariance.

    Where only standard errors were stored, as by earlier versions, those of a and b are taken as independent.
    """
    estimates = tuple(known.values())
    return from_reported(
        [one.model for one in estimates], [one.n_categories for one in estimates], [one.values for one in estimates],
        covariance=[covariance_of(one) for one in estimates], items=tuple(known), scale=scale,
    )  # fmt: skip


def covariance_of(known: Estimate) -> NDArray[np.float64]:
    """Return the covariance of an estimate's own values, NaN where nothing is known of it; (n_values, n_values)."""
    n = len(MODELS[known.model].parameters(known.n_categories))
    stored = np.array(known.covariance, dtype=np.float64)
    if stored.shape == (n, n):
        return stored
    if n != 2 or known.n_categories != 2:
        return np.full((n, n), np.nan)
    a, b = known.values["a"], known.values["b"]
    se_a, se_b = known.errors.get("a", np.nan), known.errors.get("b", np.nan)
    # Of d = -a b by the delta method.
    return np.array([[se_a**2, -b * se_a**2], [-b * se_a**2, b**2 * se_a**2 + a**2 * se_b**2]])


def has_covariance(known: Estimate) -> bool:
    """Return whether the errors of an estimate's values are known, jointly."""
    return bool(np.isfinite(covariance_of(known)).all())
