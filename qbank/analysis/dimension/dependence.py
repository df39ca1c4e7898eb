"""Q3: pairs of items that answer more alike than ability explains, and the pairs that had better not meet again."""

from __future__ import annotations

import numpy as np
import polars as pl

from qbank.analysis.arrays import IntArray
from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.dimension.categories import PaperCategories
from qbank.analysis.paper_model import paper_model
from qbank.analysis.sitting import SittingData
from qbank.analysis.tiers import Tiers
from qbank.irt import Calibration, calibrate, local_dependence, select_items, suspicious_pairs

NEIGHBOURS = 3
MOST_PERSONS = 10_000
PAIR_SCHEMA = pl.Schema(
    {"form": pl.String(), "item": pl.String(), "other": pl.String(), "n": pl.Int64(), "q3": pl.Float64(),
     "aq3": pl.Float64(), "ld_z": pl.Float64(), "rank": pl.Int64(), "enemy": pl.Boolean(), "model": pl.String()}
)  # fmt: skip


def neighbour_table(
    data: SittingData,
    form: int,
    paper: PaperCategories,
    *,
    calibration: Calibration | None = None,
    calibrated: CalibratedItems | None = None,
    tiers: Tiers | None = None,
    seed: int = 1,
    dependent_above: float = 0.2,
) -> pl.DataFrame:
    """Return every item's nearest neighbours by Q3: three rows an item, and every pair that is suggested as enemies.

    form, item, other, n (persons), q3 (correlation of the residuals, Yen 1984), aq3 (less the mean of all pairs), ld_z
    (standardised Chen & Thissen 1997), rank (1 the item's nearest), enemy (`qbank.irt.suspicious_pairs`: aq3 above ``dependent_above`` or ld_z
    above 10, beyond chance by Bonferroni), model. Parameters: of ``calibration`` (labels are item ids) or of ``calibrated`` (the
    sitting's, where every counted item of the paper has some), the ability of who sat the paper estimated: then the model is
    ``given``; else of the paper's own Rasch (partial credit) model below the persons that 2PL (generalised partial credit) needs; of more than 10,000 persons
    that many are drawn (seed). A paper that no model fits to has no rows.
    """
    limits = tiers or Tiers()
    category, names = paper.category, [data.items[item] for item in paper.items]
    known = None if calibration is not None else paper_model(data, form, calibrated)
    if known is not None and calibrated is not None:
        category = _given_categories(data, form, paper, calibrated)
    if category.shape[1] < 3 or len(category) < limits.needs("rasch"):
        return pl.DataFrame(schema=PAIR_SCHEMA)
    if len(category) > MOST_PERSONS:
        category = category[np.sort(np.random.default_rng(seed).choice(len(category), MOST_PERSONS, replace=False))]
        if known is None:  # a rare category may be gone from the sample
            category = np.column_stack([np.unique(column, return_inverse=True)[1].reshape(-1) for column in category.T])
    fit, word = calibration, "given"
    if known is not None:
        own = select_items(known.parameters, names)
        fit = calibrate(category, model=own.model, fixed=own, n_categories=own.n_categories, items=names, n_nodes=31, errors="none")
    if fit is None or tuple(fit.parameters.items) != tuple(names):
        two = limits.allows("two_pl", len(category))
        words = [("2pl" if two else "rasch") if top <= 1 else ("gpcm" if two else "pcm") for top in category.max(axis=0)]
        fit = calibrate(category, model=words, items=names, n_nodes=31, errors="none")
        word = "2pl" if two else "rasch"
    found = local_dependence(category, fit)
    enemies = {(pair.one, pair.other) for pair in suspicious_pairs(found, aq3=dependent_above)}
    rows = []
    ranked = np.argsort(-np.nan_to_num(found.aq3, nan=-9.0), axis=1, kind="stable")
    for one, order in enumerate(ranked.tolist()):
        for rank, other in enumerate(order[: len(names) - 1], start=1):
            enemy = (min(one, other), max(one, other)) in enemies
            if (rank <= NEIGHBOURS or enemy) and np.isfinite(found.aq3[one, other]):
                rows.append(
                    (data.forms[form], names[one], names[other], int(found.n_persons[one, other]), float(found.q3[one, other]),
                     float(found.aq3[one, other]), float(found.ld_z[one, other]), rank, enemy, word)
                )  # fmt: skip
    return pl.DataFrame(rows, schema=PAIR_SCHEMA, orient="row")


def _given_categories(data: SittingData, form: int, paper: PaperCategories, calibrated: CalibratedItems) -> IntArray:
    """Return the categories that the parameters have, of the persons complete on the paper's items that vary."""
    place = {int(column): n for n, column in enumerate(calibrated.column)}
    own = calibrated.scores[:, [place[int(item)] for item in paper.items]].astype(np.int64)
    return np.asarray(own[(data.form == form) & (own >= 0).all(axis=1)])
