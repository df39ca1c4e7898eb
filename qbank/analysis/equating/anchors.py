"""Common items: which may carry an equating, and which did not behave alike in both groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from qbank.analysis.arrays import BoolArray, FloatArray, column_mean, ratio
from qbank.analysis.equating.settings import EquatingSettings
from qbank.analysis.sitting import SittingData

ANCHOR_SCHEMA: dict[str, type[pl.DataType]] = {
    "paper": pl.String, "item": pl.String, "n": pl.Int64, "n_base": pl.Int64, "facility": pl.Float64,
    "facility_base": pl.Float64, "logit": pl.Float64, "logit_base": pl.Float64, "shift": pl.Float64,
    "shift_error": pl.Float64, "robust_z": pl.Float64, "used": pl.Boolean, "reason": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """used : (n_items,) the anchor ; internal : its marks count in both totals ; needs : items it needs

    table : one row a common item: facility and logit in both groups, shift (logit − logit_base), its standard error,
    robust_z, used, reason (``""``, ``held``, ``drift``, ``no_data``, ``left_out``, ``not_scored``)
    """

    used: BoolArray
    internal: bool
    needs: int
    table: pl.DataFrame


def find_anchor(data: SittingData, new: int, base: int, settings: EquatingSettings) -> Anchor:
    """Return the anchor of two papers; items with a flag that waits for a decision are out of it.

    Items counted in both totals are an internal anchor; where there are none, common items that count in neither are an
    external one.
    """
    common = data.in_form[new] & data.in_form[base]
    counted = common & data.scored[new] & data.scored[base]
    uncounted = common & ~data.scored[new] & ~data.scored[base]
    internal = bool(counted.any())
    able = counted if internal else uncounted
    of_new, of_base = (data.scored[form] & data.in_form[form] for form in (new, base))
    needs = settings.anchors_needed(int(min(of_new.sum(), of_base.sum())))
    share = data.marks / np.where(data.marks_max > 0, data.marks_max, np.nan)
    sides = [_facility(share[data.form == form]) for form in (new, base)]
    (p, logit, error, n), (p_base, logit_base, error_base, n_base) = sides
    shift, shift_error = logit - logit_base, np.sqrt(error**2 + error_base**2)
    reason = np.full(data.n_items, "", dtype="U10")
    reason[common & ~able] = "not_scored"
    reason[able & ((n == 0) | (n_base == 0))] = "no_data"
    reason[able & data.held] = "held"
    if settings.anchors is not None:
        reason[able & ~np.isin(np.array(data.items), settings.anchors)] = "left_out"
    good = able & (reason == "")
    z = np.full(data.n_items, np.nan)
    if good.any():
        off = shift - np.median(shift[good])
        z[good] = robust_z(shift[good])
        far = np.abs(off) > np.maximum(settings.least_shift, settings.certain_z * shift_error)
        if settings.anchors is None:
            reason[good & far & (np.abs(z) > settings.robust_z)] = "drift"
    used = able & (reason == "")
    rows = [
        {
            "item": data.items[i], "n": int(n[i]), "n_base": int(n_base[i]), "facility": p[i], "facility_base": p_base[i],
            "logit": logit[i], "logit_base": logit_base[i], "shift": shift[i], "shift_error": shift_error[i],
            "robust_z": z[i], "used": bool(used[i]), "reason": str(reason[i]),
        }
        for i in np.flatnonzero(common)
    ]  # fmt: skip
    table = pl.DataFrame([{"paper": data.forms[new], **row} for row in rows], schema=ANCHOR_SCHEMA)
    return Anchor(used, internal, needs, table)


def robust_z(shift: FloatArray) -> FloatArray:
    """Return (d − median)/(0.74·IQR), (n_items,); Huynh & Meyer (2010). 0 where the middle half does not vary.

    >>> robust_z(np.array([-1.0, 0.0, 1.0, 2.0, 9.0])).round(2)
    array([-1.35, -0.68,  0.  ,  0.68,  5.41])
    """
    low, middle, high = np.percentile(shift, [25, 50, 75])
    spread = 0.74 * (high - low)
    off = shift - middle
    return np.asarray(np.where(spread > 0, np.nan_to_num(ratio(off, spread)), np.where(np.abs(off) > 1e-12, np.sign(off) * 99.0, 0.0)))


def _facility(share: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return facility, its logit kept half a person from 0 and 1, the logit's standard error and n, (n_items,) each."""
    seen = ~np.isnan(share)
    n = seen.sum(axis=0).astype(float)
    p = column_mean(share, seen)
    inner = np.clip(p, ratio(0.5, n), 1 - ratio(0.5, n))
    variance = ratio((np.where(seen, share - p, 0.0) ** 2).sum(axis=0), n)
    spread = np.maximum(variance, inner * (1 - inner) / np.where(n > 0, 4 * n, np.nan))
    return p, np.log(ratio(inner, 1 - inner)), ratio(np.sqrt(ratio(spread, n)), inner * (1 - inner)), n
