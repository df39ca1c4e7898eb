"""Anchors that are not what they were, judged by a calibration of the sitting alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qbank.core.history import Estimate
from qbank.irt import Drift, find_drift
from qbank.irt.parameters import Calibration
from qbank.workflow.calibration.anchors import has_covariance, parameters_of
from qbank.workflow.calibration.answers import Answers
from qbank.workflow.calibration.limits import DRIFT_LEVEL, LEAST_ANCHORS


def checkable(anchors: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """Return the anchors whose errors are known: of the others nobody can say whether they moved."""
    return {item: known for item, known in anchors.items() if has_covariance(known)}


def drift_of(answers: Answers, anchors: Mapping[str, Estimate], alone: Calibration) -> Drift | None:
    """Return which anchors have drifted, None where there are too few to tell.

    alone : the sitting by itself, on a scale of its own. Items of every model are judged, by all of their values.
    """
    known = checkable(anchors)
    if len(known) < LEAST_ANCHORS or not alone.converged:
        return None
    common = np.isin(alone.parameters.items, list(known)) & alone.parameters.estimated
    missing = np.isnan(alone.parameters.estimates)
    beyond = missing[:, :, None] | missing[:, None, :]
    common &= (beyond | np.isfinite(alone.parameters.covariance)).all(axis=(1, 2))
    if int(common.sum()) < LEAST_ANCHORS:
        return None
    names = [item for item, usable in zip(answers.items, common, strict=True) if usable]
    from scipy.stats import norm

    # Bonferroni over all anchors: dropping anchors that have not moved costs precision for nothing.
    threshold = float(norm.isf(DRIFT_LEVEL / (2 * len(names))))
    return find_drift(
        alone.parameters,
        parameters_of(known, "known"),
        anchors=names,
        statistics=("wald",),
        thresholds={"wald": threshold},
    )
