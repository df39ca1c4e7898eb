"""One paper of a sitting equated to the base paper: who counts, the tables, the curves, the rows of the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from qbank.analysis.arrays import BoolArray, FloatArray
from qbank.analysis.compare import Design
from qbank.analysis.equating.anchors import ANCHOR_SCHEMA, Anchor, find_anchor
from qbank.analysis.equating.choice import chosen_method
from qbank.analysis.equating.cut import flips_at, method_row
from qbank.analysis.equating.item_response import equate_observed_scores, equate_true_scores
from qbank.analysis.equating.methods import Curve, Curves, anchor_curves, group_curves
from qbank.analysis.equating.outcome import MODEL_SCHEMA, Status
from qbank.analysis.equating.presmoothing import smoothed_tables
from qbank.analysis.equating.replications import parameter_errors
from qbank.analysis.equating.scores import (
    Pairs,
    Scores,
    common_step,
    joint_moments,
    moments,
    score_points,
    tabulate,
    tabulate_pairs,
)
from qbank.analysis.equating.settings import EquatingSettings
from qbank.analysis.paper_model import Source, paper_model
from qbank.analysis.sitting import SittingData


@dataclass(frozen=True, slots=True, eq=False)
class EquatedPaper:
    """What `equate_pair` found of one paper: rows of the tables of an `EquatingAnalysis`."""

    pair: dict[str, Any]
    methods: list[dict[str, Any]]
    concordance: list[dict[str, Any]]
    anchors: pl.DataFrame
    fits: pl.DataFrame
    flips: list[dict[str, Any]]


def equate_pair(
    data: SittingData,
    new: int,
    base: int,
    design: Design,
    settings: EquatingSettings,
    parameters: Source,
) -> EquatedPaper:
    """Return one paper equated to the base."""
    anchor = find_anchor(data, new, base, settings) if design == "anchor" else None
    complete = _complete(data, anchor)
    sides = [(data.form == form) & complete for form in (new, base)]
    n, n_base = (int(side.sum()) for side in sides)
    row: dict[str, Any] = {
        "paper": data.forms[new], "base": data.forms[base], "n": n, "n_base": n_base,
        "n_left_out": int(((data.form == new) & ~complete).sum()), "cut": data.cut, "method": "identity",
        "n_common": int((data.in_form[new] & data.in_form[base]).sum()),
    }  # fmt: skip
    if anchor is not None:
        row |= {"n_anchors": int(anchor.used.sum()), "needs_anchors": anchor.needs, "internal": anchor.internal}
    table = pl.DataFrame(schema=ANCHOR_SCHEMA) if anchor is None else anchor.table
    status, needs = _refused(data, sides, anchor, settings)
    if status != "ok":
        return EquatedPaper({**row, "status": status, "needs": needs}, [], [], table, pl.DataFrame(schema=MODEL_SCHEMA), [])

    tables = _tables(data, (new, base), sides, anchor)
    curves, fits, alike, difference = _curves(tables, anchor, min(n, n_base), settings)
    points = tables[0].totals if isinstance(tables[0], Pairs) else tables[0].points
    curves |= _model_curves(data, new, base, points, parameters, settings)
    method = chosen_method(curves, points, data.cut, design, min(n, n_base), alike, settings)
    methods = [method_row(row["paper"], name, curve, points, data.cut, name == method) for name, curve in curves.items()]
    of_new, of_base = (moments(side.total if isinstance(side, Pairs) else side) for side in tables)
    at_cut = next(one for one in methods if one["reported"])
    flips, passed, after = flips_at(data, new, points, curves[method], at_cut["cut_mark"])
    row |= {
        "status": status, "method": method, "mean": float(of_new.mean), "mean_base": float(of_base.mean), "sd": float(of_new.sd),
        "sd_base": float(of_base.sd), "anchor_difference": difference, "equated_cut": at_cut["equated_cut"],
        "cut_see": at_cut["cut_see"], "cut_mark": at_cut["cut_mark"], "n_passed": passed, "n_passed_equated": after,
        "n_up": sum(flip["passes_equated"] for flip in flips), "n_down": sum(flip["passed"] for flip in flips),
    }  # fmt: skip
    counts = (tables[0].total if isinstance(tables[0], Pairs) else tables[0]).counts
    concordance = [
        {
            "paper": row["paper"], "method": name, "reported": name == method, "score": score, "n": int(count), "equated": y,
            "see": see, "difference": y - score,
        }
        for name, curve in curves.items()
        for score, count, y, see in zip(points, counts, curve.equated, curve.errors, strict=True)
    ]  # fmt: skip
    return EquatedPaper(row, methods, concordance, table, fits.select(pl.lit(row["paper"]).alias("paper"), pl.all()), flips)


def _complete(data: SittingData, anchor: Anchor | None) -> BoolArray:
    """Return who has marks on every counted item of the paper (and of the anchor) that anybody of the paper has marks on."""
    complete = np.isfinite(data.total)
    for form in range(data.n_forms):
        here = data.form == form
        asked = data.in_form[form] & data.scored[form]
        if anchor is not None:
            asked = asked | (anchor.used & data.in_form[form])
        marks = data.marks[here][:, asked]
        known = ~np.isnan(marks)
        complete[here] &= (known | ~known.any(axis=0)).all(axis=1)
    return np.asarray(complete)


def _refused(
    data: SittingData, sides: list[BoolArray], anchor: Anchor | None, settings: EquatingSettings
) -> tuple[Status, int | None]:
    n = min(int(side.sum()) for side in sides)
    if anchor is not None and int(anchor.used.sum()) < anchor.needs:
        return "few_anchors", anchor.needs
    if n == 0:
        return "no_data", settings.tiers.needs("mean_equating")
    if not settings.tiers.allows("mean_equating", n):
        return "few_persons", settings.tiers.needs("mean_equating")
    if any(np.ptp(data.total[side]) <= 0 for side in sides):
        return "no_variation", None
    return "ok", None


def _tables(
    data: SittingData, forms: tuple[int, int], sides: list[BoolArray], anchor: Anchor | None
) -> list[Scores] | list[Pairs]:
    full = [float(data.marks_max[data.in_form[form] & data.scored[form]].sum()) for form in forms]
    step = common_step(np.concatenate([data.total[sides[0] | sides[1]], full]))
    tops = [max(most, float(data.total[side].max())) for most, side in zip(full, sides, strict=True)]
    # penalties for wrong answers can take a total below nothing
    lows = [min(0.0, float(data.total[side].min())) for side in sides]
    points = [
        score_points(step * np.floor(low / step + 1e-9), step * np.ceil(top / step - 1e-9), step)
        for low, top in zip(lows, tops, strict=True)
    ]
    if anchor is None:
        return [tabulate(data.total[side], at) for side, at in zip(sides, points, strict=True)]
    marks = np.nan_to_num(data.marks[:, anchor.used]).sum(axis=1)
    most = float(data.marks_max[anchor.used].sum())
    anchor_step = common_step(np.append(marks[sides[0] | sides[1]], most))
    beside = score_points(0.0, anchor_step * np.ceil(most / anchor_step - 1e-9), anchor_step)
    return [tabulate_pairs(data.total[side], marks[side], at, beside) for side, at in zip(sides, points, strict=True)]


def _curves(
    tables: list[Scores] | list[Pairs], anchor: Anchor | None, n: int, settings: EquatingSettings
) -> tuple[Curves, pl.DataFrame, bool, float]:
    """Return the curves, the models tried, whether the groups are alike on the anchor, and by how many SD they differ."""
    new, base = tables
    smoothed, fits = smoothed_tables(tables, settings)
    if anchor is None:
        assert isinstance(new, Scores) and isinstance(base, Scores)
        return group_curves(new, base, smoothed, settings), fits, True, float("nan")
    assert isinstance(new, Pairs) and isinstance(base, Pairs)
    one, two = joint_moments(new), joint_moments(base)
    pooled = (one.variance_v * (one.n - 1) + two.variance_v * (two.n - 1)) / (one.n + two.n - 2)
    difference = float((one.mean_v - two.mean_v) / np.sqrt(pooled)) if pooled > 0 else float("nan")
    alike = bool(abs(difference) <= settings.alike_within)
    return anchor_curves(new, base, smoothed, settings, internal=anchor.internal), fits, alike, difference


def _model_curves(
    data: SittingData, new: int, base: int, points: FloatArray, parameters: Source, settings: EquatingSettings
) -> Curves:
    """Return IRT equating where every counted item of both papers has parameters; errors by draws of these where asked."""
    first, second = (paper_model(data, form, parameters) for form in (new, base))
    if first is None or second is None:
        return {}
    step = float(points[1] - points[0])
    found = {
        "irt_true": equate_true_scores(first, second, points),
        "irt_observed": equate_observed_scores(first, second, points, step=step),
    }
    n_reps = settings.n_reps
    errors = parameter_errors(first, second, points, step=step, n_reps=n_reps, seed=settings.seed) if n_reps else {}
    nothing = np.full(len(points), np.nan)
    return {
        name: Curve(y, errors.get(name, nothing), "bootstrap" if name in errors else "none") for name, y in found.items()
    }
