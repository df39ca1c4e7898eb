"""A paper as item parameters see it: what its marks are expected to be at each ability, and how they spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, IntArray
from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.sitting import SittingData
from qbank.irt import ItemParameters, select_items, sum_score_distribution
from qbank.irt.parameters import first_rows, log_probability_table

Source = ItemParameters | CalibratedItems | None
"""Parameters by item id, or with the marks of every category and the abilities that they were estimated with."""

LACKING_SCHEMA = pl.Schema({"form": pl.String(), "n_items": pl.Int64(), "n_lacking": pl.Int64()})
LADDER = np.linspace(-40.0, 40.0, 801)
EDGE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class PaperModel:
    """The counted items of one paper, each with parameters.

    marks : of each item, what each category earns ; ability : mean and sd of the population
    """

    parameters: ItemParameters
    marks: tuple[tuple[float, ...], ...]
    ability: tuple[float, float] = (0.0, 1.0)

    @property
    def full(self) -> float:
        """Marks of the whole paper."""
        return float(sum(row[-1] for row in self.marks))


def lacking_table(data: SittingData, source: Source) -> pl.DataFrame:
    """Return by paper, or for all where forms are pooled, how many items count (n_items), and how many of them have no parameters (n_lacking).

    >>> from qbank.analysis.sitting import sitting_data
    >>> lacking_table(sitting_data(["a", "b"], [[1, 0]], [1, 1]), None).rows()
    [('', 2, 2)]
    """
    known = _known(data, source)
    if data.pooled:
        every = np.flatnonzero((data.in_form & data.scored).any(axis=0)).tolist()
        return pl.DataFrame([("", len(every), sum(data.items[item] not in known for item in every))], schema=LACKING_SCHEMA, orient="row")
    rows = []
    for form, name in enumerate(data.forms):
        counted = _counted(data, form)
        rows.append((name, len(counted), sum(data.items[item] not in known for item in counted)))
    return pl.DataFrame(rows, schema=LACKING_SCHEMA, orient="row")


def paper_model(data: SittingData, form: int, source: Source) -> PaperModel | None:
    """Return the model of a paper, None where an item that counts on it has no parameters.

    Bare parameters have N(0, 1), and categories worth equal steps of the item's marks.
    """
    if source is None:
        return None
    known = _known(data, source)
    names = [data.items[item] for item in _counted(data, form)]
    if not names or any(name not in known for name in names):
        return None
    if isinstance(source, CalibratedItems):
        marks = tuple(source.marks[known[name]] for name in names)
        return PaperModel(select_items(source.parameters, names), marks, source.ability)
    own = select_items(source, names)
    full = data.marks_max[_counted(data, form)]
    return PaperModel(own, equal_steps(own, full))


def equal_steps(parameters: ItemParameters, full: ArrayLike) -> tuple[tuple[float, ...], ...]:
    """Return by item the marks of each category, equally far apart up to the item's full marks."""
    most = np.broadcast_to(np.asarray(full, float), (len(parameters.items),))
    return tuple(
        tuple(np.linspace(0.0, marks, int(k)).tolist()) for marks, k in zip(most, parameters.n_categories, strict=True)
    )


def expected_marks(model: PaperModel, theta: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the expected sum of marks at each ability, and its variance, (n_theta,) each; Lord (1980), ch. 4.

    >>> from qbank.irt import item_parameters
    >>> paper = item_parameters("rasch", a=[1.0, 1.0], b=[0.0, 0.0])
    >>> mean, variance = expected_marks(PaperModel(paper, ((0.0, 1.0), (0.0, 0.5))), [0.0])
    >>> mean.tolist(), variance.tolist()
    ([0.75], [0.3125])
    """
    at = np.asarray(theta, float)
    table = np.exp(log_probability_table(model.parameters, at))
    first = first_rows(model.parameters.n_categories)
    mean, variance = np.zeros(at.shape), np.zeros(at.shape)
    for n, row in enumerate(model.marks):
        worth = np.array(row)[:, None]
        here = table[first[n] : first[n + 1]]
        own = (worth * here).sum(axis=0)
        mean += own
        variance += ((worth - own) ** 2 * here).sum(axis=0)
    return mean, variance


def ability_at_marks(model: PaperModel, marks: ArrayLike) -> FloatArray:
    """Return the ability at which each sum of marks is expected, (n_marks,).

    −inf where even the least able are expected to have more (guessing), inf where even the ablest have no more. The
    expected marks are taken as rising with ability.

    >>> from qbank.irt import item_parameters
    >>> paper = item_parameters("rasch", a=[1.0] * 2, b=[0.5] * 2)
    >>> ability_at_marks(PaperModel(paper, ((0.0, 1.0),) * 2), [0.0, 1.0, 2.0]).round(9)
    array([-inf,  0.5,  inf])
    """
    wanted = np.asarray(marks, float)
    curve = np.maximum.accumulate(expected_marks(model, LADDER)[0])
    place = np.clip(np.searchsorted(curve, wanted), 1, len(LADDER) - 1)
    low_end, high_end = wanted <= curve[0] + EDGE, wanted >= curve[-1] - EDGE
    inside = ~(low_end | high_end) & np.isfinite(wanted)
    found = np.where(low_end, -np.inf, np.where(high_end, np.inf, np.nan))
    low, high = LADDER[place[inside] - 1], LADDER[place[inside]]
    for _ in range(50):
        middle = (low + high) / 2
        below = expected_marks(model, middle)[0] < wanted[inside]
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found[inside] = (low + high) / 2
    return np.asarray(found)


def marks_distribution(model: PaperModel, theta: ArrayLike, step: float) -> FloatArray:
    """Return the probability of each sum of marks 0, step, 2·step, … at each ability, (n_points, n_theta).

    Lord & Wingersky (1984), Hanson (1994). A category whose marks are no multiple of the step, because several numbers of
    marks were joined in it, is divided over the two multiples around, so that expected marks stay what they are.

    >>> from qbank.irt import item_parameters
    >>> paper = item_parameters("rasch", a=[1.0, 1.0], b=[0.0, 0.0])
    >>> marks_distribution(PaperModel(paper, ((0.0, 1.0), (0.0, 2.0))), [0.0], 1.0).ravel()
    array([0.25, 0.25, 0.25, 0.25])
    """
    table = np.exp(log_probability_table(model.parameters, np.asarray(theta, float)))
    first = first_rows(model.parameters.n_categories)
    spread = [_on_points(table[first[n] : first[n + 1]], row, step) for n, row in enumerate(model.marks)]
    return sum_score_distribution(spread)


def step_of(marks: Sequence[Sequence[float]], *, finest: float = 0.1) -> float:
    """Return the largest step of which all marks are multiples, or ``finest`` where they have none so large.

    >>> step_of([(0.0, 1.0), (0.0, 1.5, 3.0)]), step_of([(0.0, 1.0), (0.0, 0.37, 1.0)])
    (0.5, 0.1)
    """
    units = np.round(np.concatenate([np.asarray(row, float) for row in marks]) / finest).astype(np.int64)
    exact = np.abs(units * finest - np.concatenate([np.asarray(row, float) for row in marks])) < 1e-9
    common = int(np.gcd.reduce(units)) if exact.all() else 1
    return float(round(max(common, 1) * finest, 9))


def _on_points(probability: FloatArray, marks: Sequence[float], step: float) -> FloatArray:
    """Return the probability of each multiple of the step up to the item's marks, (n_points, n_theta)."""
    place = np.asarray(marks, float) / step
    low = np.floor(place + 1e-9).astype(np.intp)
    over = np.where(place - low > 1e-9, place - low, 0.0)
    found = np.zeros((int(np.ceil(place.max() - 1e-9)) + 1, probability.shape[1]))
    np.add.at(found, low, (1 - over)[:, None] * probability)
    np.add.at(found, np.minimum(low + 1, len(found) - 1), over[:, None] * probability)
    return found


def _counted(data: SittingData, form: int) -> IntArray:
    return np.flatnonzero(data.in_form[form] & data.scored[form])


def _known(data: SittingData, source: Source) -> dict[str, int]:
    """Return the place of every item that has parameters."""
    if source is None:
        return {}
    parameters = source.parameters if isinstance(source, CalibratedItems) else source
    usable = np.asarray(parameters.estimated).tolist()
    return {item: n for n, (item, here) in enumerate(zip(parameters.items, usable, strict=True)) if here}
