"""Papers of a family as item parameters see them: what marks each lets expect at each ability, and how far they stray."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray
from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.sitting import SittingData
from qbank.irt.parameters import first_rows, log_probability_table


@dataclass(frozen=True, slots=True, eq=False)
class PooledCurves:
    """At each ability. mean : (n_theta,) expected marks on a paper drawn from all ; within : (n_theta,) variance of marks on one paper, papers
    on average ; between : (n_theta,) variance of the expected marks over papers ; of_papers, spread : (n_forms, n_theta) expected marks and
    variance of each paper"""

    mean: FloatArray
    within: FloatArray
    between: FloatArray
    of_papers: FloatArray
    spread: FloatArray


def pooled_curves(data: SittingData, calibrated: CalibratedItems | None, theta: ArrayLike) -> PooledCurves | None:
    """Return the curves of all papers, weighted by their persons; None unless every item that counts has parameters.

    theta : (n_theta,). Items are independent at an ability, so that expected marks and variances add up (Lord 1980, ch. 4).
    Cost: papers × items × abilities.
    """
    counted = data.in_form & data.scored
    used = np.flatnonzero(counted.any(axis=0))
    persons = np.bincount(data.form, minlength=data.n_forms).astype(float)
    if calibrated is None or not len(used) or not persons.sum() or not np.isin(used, calibrated.column).all():
        return None
    if not np.asarray(calibrated.parameters.estimated)[np.isin(calibrated.column, used)].all():
        return None
    table = np.exp(log_probability_table(calibrated.parameters, np.asarray(theta, float)))
    first = first_rows(calibrated.parameters.n_categories)
    mean, variance = np.zeros((2, data.n_items, table.shape[1]))
    for n, (column, row) in enumerate(zip(calibrated.column.tolist(), calibrated.marks, strict=True)):
        worth, here = np.array(row)[:, None], table[first[n] : first[n + 1]]
        mean[column] = (worth * here).sum(axis=0)
        variance[column] = ((worth - mean[column]) ** 2 * here).sum(axis=0)
    of_papers, spread = counted @ mean, counted @ variance
    weight = persons / persons.sum()
    middle = weight @ of_papers
    return PooledCurves(middle, weight @ spread, weight @ (of_papers - middle) ** 2, of_papers, spread)
