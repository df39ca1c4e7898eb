"""Equating the papers of a sitting: by its declared design, with the method that its size allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from qbank.analysis.arrays import BoolArray, FloatArray
from qbank.analysis.compare import Design
from qbank.analysis.equating.anchors import ANCHOR_SCHEMA, Anchor, find_anchor
from qbank.analysis.equating.item_response import equate_observed_scores, equate_true_scores
from qbank.analysis.equating.loglinear import FIT_SCHEMA, LogLinear, fit_pairs, fit_scores, fit_table
from qbank.analysis.equating.methods import Curve, Curves, Smoothed, anchor_curves, group_curves
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

Status = Literal["ok", "one_paper", "no_design", "no_data", "few_persons", "few_anchors", "no_variation"]

PAIR_SCHEMA: dict[str, type[pl.DataType]] = {
    "paper": pl.String, "base": pl.String, "status": pl.String, "n": pl.Int64, "n_base": pl.Int64,
    "n_left_out": pl.Int64, "needs": pl.Int64, "method": pl.String, "mean": pl.Float64, "mean_base": pl.Float64,
    "sd": pl.Float64, "sd_base": pl.Float64, "n_common": pl.Int64, "n_anchors": pl.Int64, "needs_anchors": pl.Int64,
    "internal": pl.Boolean, "anchor_difference": pl.Float64, "cut": pl.Float64, "equated_cut": pl.Float64,
    "cut_see": pl.Float64, "cut_mark": pl.Float64, "n_passed": pl.Int64, "n_passed_equated": pl.Int64, "n_up": pl.Int64,
    "n_down": pl.Int64,
}  # fmt: skip
METHOD_SCHEMA: dict[str, type[pl.DataType]] = {
    "paper": pl.String, "method": pl.String, "reported": pl.Boolean, "cut": pl.Float64, "equated_cut": pl.Float64,
    "cut_see": pl.Float64, "cut_mark": pl.Float64, "mean_difference": pl.Float64, "see_source": pl.String,
}  # fmt: skip
CONCORDANCE_SCHEMA: dict[str, type[pl.DataType]] = {
    "paper": pl.String, "method": pl.String, "reported": pl.Boolean, "score": pl.Float64, "n": pl.Int64,
    "equated": pl.Float64, "see": pl.Float64, "difference": pl.Float64,
}  # fmt: skip
FLIP_SCHEMA: dict[str, type[pl.DataType]] = {
    "paper": pl.String, "row": pl.Int64, "total": pl.Float64, "equated": pl.Float64, "passed": pl.Boolean,
    "passes_equated": pl.Boolean,
}  # fmt: skip
MODEL_SCHEMA: dict[str, type[pl.DataType]] = {"paper": pl.String, "side": pl.String, "chosen": pl.Boolean, **FIT_SCHEMA}


@dataclass(frozen=True, slots=True, eq=False)
class EquatingAnalysis:
    """Everything about the equating of one sitting's papers to its base paper.

    status : ``ok`` (each pair has its own), ``one_paper``, ``no_design`` (papers neither given at random nor sharing
    items: refused), ``no_data``
    pairs : one row a paper: status, n, needs (persons or, few_anchors, needs_anchors common items), the method reported,
    the cut of the base paper, equated_cut (the mark of this paper that equals it), cut_see, cut_mark (the lowest mark of
    this paper that passes), passes before and after, n_up and n_down who flip
    methods : the equated cut by every method ; concordance : every score by every method, with its standard error
    anchors : see `find_anchor` ; fits : log-linear models with the one chosen ; flips : persons whose decision changes,
    row as in the arrays given
    """

    status: Status
    design: Design
    base: str
    settings: EquatingSettings
    pairs: pl.DataFrame
    methods: pl.DataFrame
    concordance: pl.DataFrame
    anchors: pl.DataFrame
    fits: pl.DataFrame
    flips: pl.DataFrame


def equate_papers(
    data: SittingData,
    design: Design,
    *,
    settings: EquatingSettings | None = None,
    parameters: Source = None,
) -> EquatingAnalysis:
    """Return the papers of a sitting equated to the base paper.

    design : ``spiralled``: groups equivalent; ``anchor``: through common items; ``none``: refused, since a difference of
    groups cannot be told from one of papers (groups .3 SD apart would pass for 3 marks of difficulty)
    parameters : of the items on one scale, bare or with marks and population (`CalibratedItems`; bare ones have N(0, 1));
        adds IRT true- and observed-score equating where every counted item of both papers has some
    Cost: a second for a few papers of 100 marks; `settings.n_reps` bootstrap replications add tenths of a second.

    >>> from qbank.analysis.sitting import sitting_data
    >>> marks = np.array([[1, 1, np.nan, np.nan], [0, 1, np.nan, np.nan], [np.nan, np.nan, 1, 0]] * 60)
    >>> data = sitting_data("abcd", marks, 1.0, form=[0, 0, 1] * 60, forms=("A", "B"), cut=1.5)
    >>> equate_papers(data, "none").status
    'no_design'
    >>> equate_papers(data, "spiralled").pairs.select("paper", "n", "status", "needs").rows()
    [('B', 60, 'few_persons', 100)]
    """
    chosen = settings or EquatingSettings()
    sizes = np.bincount(data.form, minlength=data.n_forms)
    base = _base(data, sizes, chosen)
    name = data.forms[base] if data.n_forms else ""
    if data.n_forms < 2:
        return _collected("one_paper", design, name, chosen, [])
    if not (sizes > 0).any():
        return _collected("no_data", design, name, chosen, [])
    if design == "none":
        return _collected("no_design", design, name, chosen, [])
    others = [form for form in range(data.n_forms) if form != base]
    return _collected("ok", design, name, chosen, [_pair(data, form, base, design, chosen, parameters) for form in others])


def reported_method(design: Design, n: int, *, alike: bool, settings: EquatingSettings) -> str:
    """Return the method to report for two papers, the smaller taken by n persons.

    Equivalent groups: mean from 100, linear from 200, presmoothed equipercentile from 1,000 (the tiers' defaults). Anchor:
    mean with nominal weights; then Tucker where the groups are alike, Levine observed where not; then frequency
    estimation or chained equipercentile, presmoothed. Under the first tier identity.

    >>> reported_method("spiralled", 150, alike=True, settings=EquatingSettings())
    'mean'
    >>> reported_method("anchor", 1200, alike=False, settings=EquatingSettings())
    'chained_equipercentile_loglinear'
    """
    tiers = settings.tiers
    if not tiers.allows("mean_equating", n):
        return "identity"
    if design == "spiralled":
        if tiers.allows("equipercentile", n):
            return "equipercentile_loglinear"
        return "linear" if tiers.allows("linear_equating", n) else "mean"
    if tiers.allows("equipercentile", n):
        return "frequency_estimation_loglinear" if alike else "chained_equipercentile_loglinear"
    if tiers.allows("linear_equating", n):
        return "linear_tucker" if alike else "linear_levine"
    return "mean_nominal"


def mark_at(points: FloatArray, equated: FloatArray, cut: float) -> tuple[float, float]:
    """Return the score of the new paper that equals ``cut`` on the base, and the lowest score point that passes.

    Between points the curve is taken as straight, beyond them as going on; NaN where it never gets there.

    >>> mark_at(np.array([0.0, 1.0, 2.0]), np.array([0.4, 1.4, 2.4]), 1.9)
    (1.5, 2.0)
    """
    known = np.isfinite(equated)
    if not np.isfinite(cut) or known.sum() < 2:
        return float("nan"), float("nan")
    x, y = points[known], np.maximum.accumulate(equated[known])
    passing = x[y >= cut - 1e-9]
    if cut < y[0] or cut > y[-1]:
        place = 0 if cut < y[0] else len(y) - 2
        slope = (y[place + 1] - y[place]) / (x[place + 1] - x[place])
        exact = float(x[place] + (cut - y[place]) / slope) if slope > 0 else float("nan")
    else:
        exact = float(np.interp(cut, y, x))
    return exact, float(passing[0]) if len(passing) else float("nan")


def _base(data: SittingData, sizes: Any, settings: EquatingSettings) -> int:
    if settings.base is not None:
        if settings.base not in data.forms:
            raise ValueError(f"no paper {settings.base!r} (papers: {', '.join(data.forms)})")
        return data.forms.index(settings.base)
    return int(np.argmax(sizes > 0)) if len(sizes) else 0


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    pair: dict[str, Any]
    methods: list[dict[str, Any]]
    concordance: list[dict[str, Any]]
    anchors: pl.DataFrame
    fits: pl.DataFrame
    flips: list[dict[str, Any]]


def _collected(status: Status, design: Design, base: str, settings: EquatingSettings, found: list[_Pair]) -> EquatingAnalysis:
    def rows(name: str, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
        every = [row for one in found for row in getattr(one, name)]
        return pl.DataFrame(every, schema=schema, orient="row")

    def tables(name: str, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
        every: list[pl.DataFrame] = [pl.DataFrame(schema=schema), *(getattr(one, name) for one in found)]
        return pl.concat(every)

    pairs = pl.DataFrame([one.pair for one in found], schema=PAIR_SCHEMA, orient="row")
    return EquatingAnalysis(
        status, design, base, settings, pairs, rows("methods", METHOD_SCHEMA), rows("concordance", CONCORDANCE_SCHEMA),
        tables("anchors", ANCHOR_SCHEMA), tables("fits", MODEL_SCHEMA), rows("flips", FLIP_SCHEMA),
    )  # fmt: skip


def _pair(
    data: SittingData,
    new: int,
    base: int,
    design: Design,
    settings: EquatingSettings,
    parameters: Source,
) -> _Pair:
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
        return _Pair({**row, "status": status, "needs": needs}, [], [], table, pl.DataFrame(schema=MODEL_SCHEMA), [])

    tables = _tables(data, (new, base), sides, anchor)
    curves, fits, alike, difference = _curves(tables, anchor, min(n, n_base), settings)
    points = tables[0].totals if isinstance(tables[0], Pairs) else tables[0].points
    curves |= _model_curves(data, new, base, points, parameters, settings)
    method = _reported(curves, points, data.cut, design, min(n, n_base), alike, settings)
    methods = [_method_row(row["paper"], name, curve, points, data.cut, name == method) for name, curve in curves.items()]
    of_new, of_base = (moments(side.total if isinstance(side, Pairs) else side) for side in tables)
    at_cut = next(one for one in methods if one["reported"])
    flips, passed, after = _flips(data, new, points, curves[method], at_cut["cut_mark"])
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
    return _Pair(row, methods, concordance, table, fits.select(pl.lit(row["paper"]).alias("paper"), pl.all()), flips)


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
    smoothed, fits = _smoothed(tables, settings)
    if anchor is None:
        assert isinstance(new, Scores) and isinstance(base, Scores)
        return group_curves(new, base, smoothed, settings), fits, True, float("nan")
    assert isinstance(new, Pairs) and isinstance(base, Pairs)
    one, two = joint_moments(new), joint_moments(base)
    pooled = (one.variance_v * (one.n - 1) + two.variance_v * (two.n - 1)) / (one.n + two.n - 2)
    difference = float((one.mean_v - two.mean_v) / np.sqrt(pooled)) if pooled > 0 else float("nan")
    alike = bool(abs(difference) <= settings.alike_within)
    return anchor_curves(new, base, smoothed, settings, internal=anchor.internal), fits, alike, difference


def _smoothed(tables: list[Scores] | list[Pairs], settings: EquatingSettings) -> tuple[Smoothed | None, pl.DataFrame]:
    """Return both tables presmoothed by the models that the criterion chooses, and the table of the models."""
    made, fits, chosen, seen = [], [], [], []
    both: list[Scores | Pairs] = list(tables)
    for side, table in zip(("new", "base"), both, strict=True):
        models: list[tuple[str, Any, LogLinear]]
        if isinstance(table, Pairs):
            powers = range(2, min(settings.most_degree, len(table.totals) - 1, len(table.anchors) - 1) + 1)
            asked = [((t, t), (j, j)) for t in powers for j in (1, 2)]
            models = [(f"{d[0]},{d[1]},{j[0]}", (d, j), fit_pairs(table, d, j)) for d, j in asked]
        else:
            powers = range(1, min(settings.most_degree, len(table.points) - 1) + 1)
            models = [(str(t), t, fit_scores(table, t)) for t in powers]
        rows = fit_table(table.counts, [(name, fit) for name, _, fit in models])
        usable = rows.with_row_index().filter(pl.col("converged") & pl.col(settings.choose_by).is_finite())
        best = int(usable.sort(settings.choose_by)["index"][0]) if len(usable) else -1
        rows = rows.select(pl.lit(side).alias("side"), pl.int_range(pl.len()).eq(best).alias("chosen"), pl.all())
        seen.append(rows)
        if best < 0:
            continue
        _, model, fit = models[best]
        fits.append(fit)
        chosen.append(model)
        shaped = fit.expected.reshape(table.counts.shape)
        made.append(
            Pairs(table.totals, table.anchors, shaped) if isinstance(table, Pairs) else Scores(table.points, shaped)
        )
    tried = pl.concat(seen)
    if len(made) < 2:
        return None, tried
    return Smoothed(made[0], made[1], (fits[0], fits[1]), (chosen[0], chosen[1])), tried


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


def _reported(
    curves: Curves, points: FloatArray, cut: float, design: Design, n: int, alike: bool, settings: EquatingSettings
) -> str:
    """Return the method to report, one step simpler where the better one does not exist."""
    if settings.method is not None:
        if settings.method not in curves:
            raise ValueError(f"no method {settings.method!r} (methods: {', '.join(curves)})")
        return settings.method
    wanted = reported_method(design, n, alike=alike, settings=settings)
    simpler = ("linear", "mean") if design == "spiralled" else ("linear_tucker", "mean_nominal")
    for name in (wanted, *simpler):
        if name in curves and np.isfinite(curves[name].equated).all():
            if name.startswith("mean") and not _see_at(curves[name], points, cut) < settings.see_below:
                return "identity"
            return name
    return "identity"


def _see_at(curve: Curve, points: FloatArray, cut: float) -> float:
    """Return the standard error where the curve takes the cut; without a cut the largest between the quartiles of the scale."""
    known = np.isfinite(curve.errors)
    if not known.any():
        return float("nan")
    exact, _ = mark_at(points, curve.equated, cut)
    if not np.isfinite(exact):
        return float(np.nanmedian(curve.errors))
    return float(np.interp(exact, points[known], curve.errors[known]))


def _slope_at(curve: Curve, points: FloatArray, exact: float) -> float:
    """Return how many marks of the base a mark of this paper is worth about a score: over two points to either side.

    By it the error of the equated score becomes that of the mark that equals the cut. NaN where the curve is flat.
    """
    known = np.isfinite(curve.equated)
    ends = np.clip([exact - 2 * (points[1] - points[0]), exact + 2 * (points[1] - points[0])], points[known][0], points[known][-1])
    low, high = np.interp(ends, points[known], curve.equated[known])
    return float((high - low) / (ends[1] - ends[0])) if high > low and ends[1] > ends[0] else float("nan")


def _method_row(
    paper: str, name: str, curve: Curve, points: FloatArray, cut: float, reported: bool
) -> dict[str, Any]:
    exact, mark = mark_at(points, curve.equated, cut)
    see = _see_at(curve, points, cut) / _slope_at(curve, points, exact) if np.isfinite(exact) else float("nan")
    off = curve.equated - points
    return {
        "paper": paper, "method": name, "reported": reported, "cut": cut, "equated_cut": exact, "cut_see": see,
        "cut_mark": mark, "mean_difference": float(np.nanmean(off)) if np.isfinite(off).any() else float("nan"),
        "see_source": curve.source,
    }  # fmt: skip


def _flips(
    data: SittingData, new: int, points: FloatArray, curve: Curve, mark: float
) -> tuple[list[dict[str, Any]], int | None, int | None]:
    """Return who passes by one cut and not by the other, and how many pass by each; nobody is counted without a cut."""
    if not np.isfinite(data.cut):
        return [], None, None
    here = np.flatnonzero((data.form == new) & np.isfinite(data.total))
    total = data.total[here]
    before = total >= data.cut - 1e-9
    after = total >= mark - 1e-9 if np.isfinite(mark) else np.zeros(len(total), bool)
    known = np.isfinite(curve.equated)
    equated = np.interp(total, points[known], curve.equated[known])
    flips = [
        {
            "paper": data.forms[new], "row": int(data.row[here[i]]), "total": float(total[i]), "equated": float(equated[i]),
            "passed": bool(before[i]), "passes_equated": bool(after[i]),
        }
        for i in np.flatnonzero(before != after)
    ]  # fmt: skip
    return flips, int(before.sum()), int(after.sum())
