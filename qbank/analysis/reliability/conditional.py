"""The standard error of measurement score by score, by several models side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from qbank.analysis.arrays import FloatArray, IntArray
from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.conditional_errors import binomial_error, conditional_error, keats_error, smoothed_error
from qbank.analysis.paper_model import (
    LADDER,
    PaperModel,
    Source,
    ability_at_marks,
    expected_marks,
    paper_model,
)
from qbank.analysis.pooled import pooled
from qbank.analysis.pooled_model import pooled_curves
from qbank.analysis.reliability.alpha import kr21
from qbank.analysis.reliability.table import complete_marks
from qbank.analysis.sitting import SittingData
from qbank.irt import Calibration, ItemParameters

NAN = float("nan")
MOST_POINTS = 201
METHODS = ("lord", "keats", "feldt_qualls", "compound", "irt")
"""Models, the one to be shown first last: within a paper `best_error` takes the first of feldt_qualls, keats, lord."""

CONDITIONAL_SCHEMA = pl.Schema(
    {"form": pl.String(), "score": pl.Float64(), "n": pl.Int64(), "sem": pl.Float64()}
    | {method: pl.Float64() for method in METHODS}
    | {"at_cut": pl.Boolean()}
)


def conditional_table(
    data: SittingData,
    reliability: pl.DataFrame,
    *,
    parameters: Mapping[str, Calibration | ItemParameters] | CalibratedItems | None = None,
    stratum: str = "section",
) -> pl.DataFrame:
    """Return the conditional standard error of every paper over its marks, in marks.

    form, score (from 0 to the paper's marks, in its smallest step, at most 201 points, and the cut), n (persons complete on
    the paper with this score, rounded to the grid), sem (the same for all), and

    lord : binomial error, √(x(k−x)/(k−1)) on items right; keats : the same brought to KR-20 (both only where all items
    earn the same marks or none);  feldt_qualls : from the spread of each person's own marks, smoothed over persons, fit for
    marks in part (Feldt & Qualls 1996); compound : the same within the strata of the name ``stratum``, added up (Feldt 1984);
    irt : from ``parameters`` (form → calibration whose labels are items, or the calibrated items of the sitting), at the
    ability where the score is expected; only where every counted item of the paper has some.

    at_cut : the row of the form's cut. reliability : `reliability_table`. Where forms are pooled one set of rows, form "", by the marks as
    given; irt then holds what papers differ by at an ability.
    """
    if data.pooled:
        source = parameters if isinstance(parameters, CalibratedItems) else None
        return _pooled(data, reliability.row(0, named=True), source, stratum)
    frames = [
        _form(data, form, reliability.row(form, named=True), _source(parameters, name), stratum)
        for form, name in enumerate(data.forms)
    ]
    return pl.concat([pl.DataFrame(schema=CONDITIONAL_SCHEMA), *frames])


def _source(
    parameters: Mapping[str, Calibration | ItemParameters] | CalibratedItems | None, form: str
) -> Source:
    found = parameters if parameters is None or isinstance(parameters, CalibratedItems) else parameters.get(form)
    return found.parameters if isinstance(found, Calibration) else found


def _form(
    data: SittingData,
    form: int,
    row: Mapping[str, object],
    parameters: Source,
    stratum: str,
) -> pl.DataFrame:
    marks, _ = complete_marks(data, form)
    held = np.flatnonzero(data.in_form[form] & data.scored[form])
    full = data.marks_max[held]
    highest, n_items = float(full.sum()), len(held)
    if not len(marks) or not highest > 0:
        return pl.DataFrame(schema=CONDITIONAL_SCHEMA)
    total = marks.sum(axis=1)
    grid = score_grid(total, highest, float(data.cuts[form]))
    middles = (grid[1:] + grid[:-1]) / 2
    counts = np.bincount(np.searchsorted(middles, total), minlength=len(grid))
    worth = highest / n_items
    alike = bool(np.ptp(full) < 1e-9) and bool((np.isclose(marks, full) | (marks == 0)).all())
    right = grid / worth
    kr20, kr21 = _number(row["kr20"]), _number(row["kr21"])
    nothing = np.full(len(grid), NAN)
    sections = _sections(data, held, stratum)
    return pl.DataFrame(
        {
            "form": [data.forms[form]] * len(grid),
            "score": grid,
            "n": counts.astype(np.int64),
            "sem": np.full(len(grid), _number(row["sem"])),
            "lord": worth * binomial_error(right, n_items) if alike else nothing,
            "keats": worth * keats_error(right, n_items, kr20, kr21) if alike else nothing,
            "feldt_qualls": _within(marks, full, np.zeros(n_items, np.int64), grid),
            "compound": _within(marks, full, sections, grid) if len(np.unique(sections)) > 1 else nothing,
            "irt": irt_error(paper_model(data, form, parameters), grid),
            "at_cut": np.abs(grid - data.cuts[form]) < 1e-9,
        },
        schema=CONDITIONAL_SCHEMA,
    )


def _pooled(data: SittingData, row: Mapping[str, object], calibrated: CalibratedItems | None, stratum: str) -> pl.DataFrame:
    found = pooled(data)
    highest = float(found.full.max(initial=0.0))
    kept = found.n_items > 1
    if not kept.any() or not highest > 0:
        return pl.DataFrame(schema=CONDITIONAL_SCHEMA)
    marks = np.where(found.counted, data.marks, np.nan)[kept]
    total = np.nansum(marks, axis=1)
    grid = score_grid(total, highest, data.cut)
    middles = (grid[1:] + grid[:-1]) / 2
    n_items = int(found.n_items.max())
    full = data.marks_max[found.counted.any(axis=0)]
    worth = highest / n_items
    same = bool(np.ptp(found.n_items[kept]) == 0) and bool(np.ptp(full) < 1e-9)
    alike = same and bool((np.isnan(marks) | np.isclose(marks, data.marks_max) | (marks == 0)).all())
    right, nothing = grid / worth, np.full(len(grid), NAN)
    sections = _sections(data, np.arange(data.n_items), stratum)
    one = np.zeros(data.n_items, np.int64)
    own = np.where(data.marks_max > 0, data.marks_max, 1e-12)

    def within(strata: IntArray) -> FloatArray:
        return smoothed_error(total, conditional_error(marks, strata, own)[0] ** 2, grid, highest)

    return pl.DataFrame(
        {
            "form": [""] * len(grid),
            "score": grid,
            "n": np.bincount(np.searchsorted(middles, total), minlength=len(grid)).astype(np.int64),
            "sem": np.full(len(grid), _number(row["sem"])),
            "lord": worth * binomial_error(right, n_items) if alike else nothing,
            "keats": worth * keats_error(right, n_items, _number(row["kr20"]), kr21(total / worth, n_items)) if alike else nothing,
            "feldt_qualls": within(one),
            "compound": within(sections) if len(np.unique(sections)) > 1 else nothing,
            "irt": _pooled_irt_error(data, calibrated, grid),
            "at_cut": np.abs(grid - data.cut) < 1e-9,
        },
        schema=CONDITIONAL_SCHEMA,
    )


def _pooled_irt_error(data: SittingData, calibrated: CalibratedItems | None, grid: FloatArray) -> FloatArray:
    curves = pooled_curves(data, calibrated, LADDER)
    if curves is None:
        return np.full(len(grid), NAN)
    rising = np.maximum.accumulate(curves.mean)
    error = np.sqrt(curves.within + curves.between)
    inside = (grid > rising[0] + 1e-12) & (grid < rising[-1] - 1e-12)
    return np.where(inside, np.interp(grid, rising, error), NAN)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else NAN


def score_grid(total: FloatArray, highest: float, cut: float) -> FloatArray:
    """Return scores from 0 to the highest, in the smallest step of the totals, at most 201, with the cut among them.

    >>> score_grid(np.array([1.0, 2.5]), 4.0, 2.25).tolist()
    [0.0, 0.5, 1.0, 1.5, 2.0, 2.25, 2.5, 3.0, 3.5, 4.0]
    """
    steps = np.diff(np.unique(np.round(np.append(total, [0.0, highest]), 6)))
    units = np.round(steps * 1000).astype(np.int64)
    unit = float(np.gcd.reduce(units)) / 1000 if len(units) and units.min() > 0 else highest / (MOST_POINTS - 1)
    n_points = round(highest / unit) + 1
    grid = np.linspace(0.0, highest, n_points if n_points <= MOST_POINTS else MOST_POINTS)
    return np.unique(np.round(np.append(grid, cut if 0 <= cut <= highest else []), 9))


def _sections(data: SittingData, held: IntArray, stratum: str) -> IntArray:
    words = dict(data.strata).get(stratum)
    if words is None:
        return np.zeros(len(held), np.int64)
    _, index = np.unique(np.array([words[item] for item in held]), return_inverse=True)
    return np.asarray(index.reshape(-1), np.int64)


def _within(marks: FloatArray, full: FloatArray, strata: IntArray, grid: FloatArray) -> FloatArray:
    if marks.shape[1] < 2:
        return np.full(len(grid), NAN)
    positive = np.where(full > 0, full, 1e-12)
    error, _ = conditional_error(marks, strata, positive)
    return smoothed_error(marks.sum(axis=1), error**2, grid, float(full.sum()))


def irt_error(model: PaperModel | None, grid: FloatArray) -> FloatArray:
    """Return the standard error of the sum of marks at the ability where each score is expected; Lord (1980), ch. 4.

    NaN without a model of the paper, and at scores that no ability expects.
    """
    error = np.full(len(grid), NAN)
    if model is None:
        return error
    theta = ability_at_marks(model, grid)
    inside = np.isfinite(theta)
    error[inside] = np.sqrt(expected_marks(model, theta[inside])[1])
    return error
