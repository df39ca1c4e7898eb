"""A calibration as the ledger keeps it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qbank import __version__
from qbank.core.history import Estimate, Planned
from qbank.irt.models import MODELS
from qbank.irt.parameters import Calibration
from qbank.ledger import (
    CalibrationRecord,
    ItemFlag,
    LinkRecord,
    StoredCalibration,
    calibrations_of,
    list_sittings,
    write_calibration,
)
from qbank.problem import Problem, Span, error
from qbank.workflow.calibration.answers import Answers
from qbank.workflow.calibration.categories import Categories
from qbank.workflow.calibration.models import one_word
from qbank.workflow.workspace import Workspace

USABLE = ("ok", "fixed", "at an edge")
"""Statuses of items whose values may be used; at an edge an asymptote is held at 0 or 1, the others are estimates."""


def usable(fit: Calibration) -> NDArray[np.bool_]:
    """Return which items have all values of their model, (n_items,)."""
    return np.array([word in USABLE for word in fit.status], dtype=np.bool_) & fit.parameters.estimated


def store(
    answers: Answers, workspace: Workspace, fit: Calibration, *, planned: Sequence[Planned], links: Sequence[LinkRecord],
    flags: Sequence[ItemFlag], judged: Sequence[str], settings: dict[str, object],
) -> None:  # fmt: skip
    """Add the calibration to the ledger, beside former ones of the sitting, and make it the one that holds.

    judged : the anchors that were looked at for drift; what former calibrations said of other items stays
    """
    id = answers.scored.stored.record.id
    estimates = [
        (item, estimate_of(fit, n, answers.categories[n], id))
        for n, item in enumerate(fit.parameters.items)
        if usable(fit)[n]
    ]
    head = CalibrationRecord(
        id, one_word(answers.words), fit.parameters.scale, float(np.mean(fit.ability_mean)),
        float(np.mean(fit.ability_sd)), float(fit.log_likelihood), float(fit.gradient_norm), bool(fit.converged),
        int(fit.n_persons), {name: str(value) for name, value in fit.settings.items()} | settings,
        {"qbank": __version__, "numpy": np.__version__},
    )  # fmt: skip
    ledger = workspace.open()
    try:
        write_calibration(ledger, head, estimates, planned=planned, links=links, flags=flags, judged=judged)
    finally:
        ledger.close()


def estimate_of(fit: Calibration, n: int, own: Categories, sitting: str) -> Estimate:
    """Return the estimate of the n-th item: everything that its model reports, with errors and covariance."""
    found = fit.parameters
    word, k = found.model[n], int(found.n_categories[n])
    names = MODELS[word].reported(k)
    n_own = len(MODELS[word].parameters(k))
    covariance = np.asarray(found.covariance[n, :n_own, :n_own])
    return Estimate(
        found.fingerprints[n], word, found.scale, {name: float(found.values[name][n]) for name in names},
        {name: float(found.errors[name][n]) for name in names}, int(fit.n_answers[n]), sitting, k,
        tuple(tuple(row) for row in covariance.tolist()) if np.isfinite(covariance).all() else (), own.shares, own.tops,
    )  # fmt: skip


def list_calibrations(id: str, workspace: Workspace) -> tuple[tuple[StoredCalibration, ...], list[Problem]]:
    """Return all calibrations of a sitting, the first one first; the current one is that which holds."""
    if not workspace.has_ledger():
        return (), [error("L102", Span(id), id=id)]
    ledger = workspace.open()
    try:
        found = calibrations_of(ledger, id)
        known = bool(found) or any(record.id == id for record, _ in list_sittings(ledger))
    finally:
        ledger.close()
    return found, [] if known else [error("L102", Span(id), id=id)]
