"""The DIF of a sitting by item response theory: each group calibrated by itself, beside the statistics that need no model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qbank.analysis.arrays import BoolArray, IntArray
from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.dif.analysis import DifAnalysis
from qbank.analysis.dif.calibrations import item_response_dif, likelihood_ratio_dif
from qbank.analysis.dif.multiplicity import benjamini_hochberg
from qbank.analysis.dif.persons import group_words
from qbank.analysis.sitting import SittingData
from qbank.analysis.tiers import Tiers

MOST_PERSONS = 5_000
"""Of a larger group that many are drawn: the errors are small by then, and a calibration costs by persons."""
MOST_LIKELIHOOD = 10
"""How many items at most are tested by their likelihood ratio, which costs a calibration each: those with the largest χ²."""
SCHEMA = pl.Schema(
    {
        "item": pl.String(), "group": pl.String(), "n_reference": pl.Int64(), "n_focal": pl.Int64(), "lord": pl.Float64(),
        "lord_df": pl.Float64(), "lord_p": pl.Float64(), "lord_p_bh": pl.Float64(), "area": pl.Float64(), "area_se": pl.Float64(),
        "area_p": pl.Float64(), "unsigned": pl.Float64(), "unsigned_p": pl.Float64(), "likelihood": pl.Float64(),
        "likelihood_df": pl.Float64(), "likelihood_p": pl.Float64(),
    }
)  # fmt: skip


def with_item_response(
    found: DifAnalysis, data: SittingData, calibrated: CalibratedItems | None, *, tiers: Tiers | None = None, seed: int = 1
) -> DifAnalysis:
    """Return the analysis with ``item_response``: one row an item and focal group, of groups that both have the persons 2PL needs,
    on papers linked by common items: papers without any are calibrated one by one.

    item, group, n_reference, n_focal (who answered it, of those drawn), lord, lord_df, lord_p, lord_p_bh (Lord's χ², `lord`;
    p by Benjamini & Hochberg), area, area_se, area_p (Raju's signed area, above 0 harder for the focal group), unsigned,
    unsigned_p (the area without its sign), likelihood, likelihood_df, likelihood_p (the likelihood-ratio test, of the
    `MOST_LIKELIHOOD` items with the largest χ² among those with lord_p_bh < .05; NaN elsewhere).

    Only items right or wrong that have parameters and that persons enough of both groups answered, in more than one way.
    The groups are linked by the anchors of ``found``. None where the sitting is not calibrated or no two groups are large
    enough. Cost: two calibrations of at most `MOST_PERSONS` persons a focal group, and two an item tested by its likelihood.
    """
    limits = tiers or Tiers()
    if calibrated is None or found.status != "ok":
        return found
    words = group_words(data, found.column)
    frames = [
        rows
        for group in found.focal
        for forms in linked_papers(data.in_form[:, calibrated.column])
        if (rows := _of_group(found, data, calibrated, np.where(np.isin(data.form, forms), words, ""), group, limits, seed)) is not None
    ]
    return replace(found, item_response=pl.concat(frames)) if frames else found


def linked_papers(in_form: BoolArray) -> list[list[int]]:
    """Return the papers, together where items that they share link them: of papers without a common item each is calibrated alone.

    in_form : (n_forms, n_items)

    >>> linked_papers(np.array([[True, True, False], [False, False, True], [False, True, False]]))
    [[0, 2], [1]]
    """
    groups: list[tuple[set[int], BoolArray]] = []
    for form, own in enumerate(in_form):
        together = [each for each in groups if (each[1] & own).any()]
        merged = ({form}.union(*(each[0] for each in together)), np.any([own, *(each[1] for each in together)], axis=0))
        groups = [each for each in groups if not any(each is one for one in together)] + [merged]
    return sorted(sorted(forms) for forms, _ in groups)


def _of_group(
    found: DifAnalysis, data: SittingData, calibrated: CalibratedItems, words: NDArray[np.str_], group: str, limits: Tiers, seed: int
) -> pl.DataFrame | None:
    rng = np.random.default_rng(seed)
    members = [_drawn(np.flatnonzero(words == name), rng) for name in (found.reference, group)]
    if min(len(rows) for rows in members) < limits.needs("two_pl"):
        return None
    scores = calibrated.scores[np.concatenate(members)].astype(np.int64)
    of = np.repeat([0, 1], [len(rows) for rows in members])
    n = np.stack([(scores[of == side] >= 0).sum(axis=0) for side in (0, 1)])
    kept = _usable(scores, of, n, limits.needs("dif"))
    if kept.sum() < 3:
        return None
    names = [data.items[column] for column in calibrated.column[kept]]
    anchored = set(found.items.filter((pl.col("group") == group) & pl.col("anchor"))["item"])
    anchors = np.array([name in anchored for name in names], bool)
    model = "1pl" if set(calibrated.parameters.model) == {"rasch"} else "2pl"
    own = scores[:, kept]
    with np.errstate(all="ignore"):  # of an item that a group's calibration gives no slope the areas are NaN
        tested = item_response_dif(own, of, model=model, anchors=anchors if anchors.any() else None)
    lord_bh = benjamini_hochberg(tested.lord.p)
    by_size = np.argsort(-np.nan_to_num(tested.lord.chi2, nan=-1.0), kind="stable")
    doubtful = np.array([item for item in by_size if lord_bh[item] < 0.05][:MOST_LIKELIHOOD], np.int64)
    if not np.isfinite(tested.lord.p).any():
        return None
    likelihood = likelihood_ratio_dif(own, of, model=model, items=doubtful)
    signed, unsigned = tested.signed, tested.unsigned
    return pl.DataFrame(
        {
            "item": names, "group": [group] * len(names), "n_reference": n[0, kept], "n_focal": n[1, kept], "lord": tested.lord.chi2,
            "lord_df": tested.lord.df, "lord_p": tested.lord.p, "lord_p_bh": lord_bh, "area": signed.area, "area_se": signed.se,
            "area_p": signed.p, "unsigned": unsigned.area, "unsigned_p": unsigned.p, "likelihood": likelihood.chi2,
            "likelihood_df": likelihood.df, "likelihood_p": likelihood.p,
        },
        schema=SCHEMA,
    )  # fmt: skip


def _drawn(rows: IntArray, rng: np.random.Generator) -> IntArray:
    return rows if len(rows) <= MOST_PERSONS else np.sort(rng.choice(rows, MOST_PERSONS, replace=False))


def _usable(scores: IntArray, of: IntArray, n: IntArray, least: int) -> BoolArray:
    """Return the items right or wrong that enough of both groups answered, and not all alike."""
    right = np.stack([(scores[of == side] == 1).sum(axis=0) for side in (0, 1)])
    usable: BoolArray = (scores.max(axis=0) <= 1) & (n >= least).all(axis=0) & ((right > 0) & (right < n)).all(axis=0)
    return usable
