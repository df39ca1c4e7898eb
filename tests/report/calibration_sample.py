"""A calibration made by hand: its report changes only where reports do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qbank.irt import Drift, Link, PlannedDifficulties, item_fit, item_parameters, simulate
from qbank.irt.likelihood import quadrature
from qbank.irt.linking.drift import DriftStep
from qbank.irt.parameters import Calibration
from qbank.messages import Language
from qbank.report.blocks import Report
from qbank.report.calibration import CalibrationData, FitLimits, SatPaper, calibration_report

ITEMS = tuple(f"Q{n:02d}" for n in range(1, 13))
WORDS = ("fixed", *("ok",) * 10, "all right")


def fitted() -> Calibration:
    """Return twelve 2PL items of 120 persons: the first held, the last without values."""
    a, b = np.linspace(0.7, 1.5, 12), np.linspace(-2.0, 1.8, 12)
    error = np.broadcast_to(np.array([[0.01, 0.0], [0.0, 0.02]]), (12, 2, 2)).copy()
    a[-1] = b[-1] = np.nan
    nodes = quadrature(31)
    weights = np.exp(-(nodes**2) / 2)
    return Calibration(
        parameters=item_parameters("2pl", a=a, b=b, covariance=error, items=ITEMS, scale="tiny:1"),
        log_likelihood=-700.25, log_posterior=-700.25, gradient_norm=2e-6, nodes=nodes, weights=weights / weights.sum(),
        ability="normal", ability_mean=np.zeros(()), ability_sd=np.ones(()), ability_errors={}, regression=None, groups=(),
        trace=(-700.25,), converged=True, n_free=20, free=np.ones((12, 2), dtype=np.bool_), n_persons=120,
        n_answers=np.full(12, 120), status=WORDS, settings={"errors": "observed", "tolerance": 1e-6},
    )  # fmt: skip


def data(*, bad: tuple[str, ...] = ("Q05",), drift: bool = True, planned: bool = True, n_papers: int = 2, full: float = 12.0) -> CalibrationData:
    """Return what a report is made from."""
    fit = fitted()
    truth = item_parameters("2pl", a=np.linspace(0.7, 1.5, 12), b=np.linspace(-2.0, 1.8, 12))
    scores = simulate(truth, np.linspace(-2.2, 2.2, 120), seed=5)
    scores[:, -1] = 1
    found = item_fit(scores, fit, statistics=("mean_squares", "s_x2", "rmsd"))
    p, infit = found.s_x2_p.copy(), found.infit.copy()
    for item in bad:
        p[ITEMS.index(item)], infit[ITEMS.index(item)] = 1e-5, 1.41
    marks = np.ones(12)
    return CalibrationData(
        title="Calibration of tiny", subtitle="tiny · 2026-11-22", model="2pl", fit=fit, scores=scores, groups=None,
        papers=tuple(SatPaper(f"tiny-{n}", marks, full, 7.0) for n in range(1, n_papers + 1)),
        fit_of_items=replace(found, s_x2_p=p, infit=infit), misfits=bad, limits=FitLimits(0.01, 0.05, 0.7, 1.3),
        left_out={"Q13": "miskey"}, held=1, drift=drifted() if drift else None, planned=planned_ones() if planned else None,
        warnings=("<few persons>",), versions=(("qbank", "test"),),
    )  # fmt: skip


def drifted() -> Drift:
    """Return six anchors of which one has moved and one would have, had enough been left."""
    before = np.array([-1.5, -0.8, -0.1, 0.4, 1.0, 1.6])
    now = (before - 0.2) / 1.1 + np.array([0.02, -0.01, -0.9, 0.01, 0.4, -0.02])
    line = Link("stocking-lord", 1.1, 0.2, ITEMS[:6], "alone", "known")
    return Drift(
        ITEMS[:6], ("wald",), np.array([[0.3, 0.1, 6.2, 0.2, 3.4, 0.4]]), np.array([2.9]), np.array([0, 0, 1, 0, 0, 0]),
        ("kept", "kept", "removed", "kept", "flagged", "kept"), line, steps(line), "drift removed", 5, now, before, (-0.15, 0.12),
    )  # fmt: skip


def steps(line: Link) -> tuple[DriftStep, ...]:
    """Return two rounds: one anchor went in the first."""
    return tuple(DriftStep(line, np.zeros((1, 6)), np.array([2.9]), (), removed) for removed in ("Q03", ""))


def planned_ones() -> PlannedDifficulties:
    """Return planning difficulties of twelve items of grades 1 to 4."""
    grades = np.repeat([1.0, 2.0, 3.0, 4.0], 3)
    b = -1.2 + 0.6 * (grades - 1) + np.tile([-0.2, 0.0, 0.3], 4)
    facility = 1 / (1 + np.exp(b))
    return PlannedDifficulties(
        "planning", 0.95, ITEMS, ("",) * 12, grades, np.full(12, 40), b, np.full(12, 0.3), b - 0.6, b + 0.6, facility,
        facility - 0.1, facility + 0.1, -1.2 + 0.6 * (grades - 1), 0.0, 0.1, 0.6, 0.05, 0.3, 0.2, 0.5, 1.0, 0.1, 40, True,
    )  # fmt: skip


def sample(language: Language = "en", **options: object) -> Report:
    return calibration_report(data(**options), language)  # type: ignore[arg-type]
