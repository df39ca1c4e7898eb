"""The jackknife slope index: how much the discrimination of an item owes to one other item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.calibration.estimate import calibrate
from qbank.irt.display import shown
from qbank.irt.models import MODELS, FloatArray, IndexArray, ScoreArray
from qbank.irt.parameters import Calibration, checked_calibration, frozen
from qbank.irt.priors import Priors
from qbank.irt.scoring.population import answers_to

# A fall of less than half a standard error is no finding, however calm the other slopes are.
LEAST_FALL = 0.5


@dataclass(frozen=True, slots=True)
class SlopeIndex:
    """Change of every slope when another item is left out.

    items         labels;  deleted: (n_deleted,) places of the items that were left out in turn
    index         (n_items, n_deleted) fall of the row's slope in standard errors when the column's item is left out;
                  high: the slope rests on that item. NaN on the item itself and where no slope of its own is estimated
    high          index values from here on stand out: median + 4 sd of all of them, sd by their quartiles, and no less
                  than LEAST_FALL
    pairs         (item that loses, item left out, index) of those that stand out, the highest first
    status        per deleted item: ok, not converged
    """

    __repr__ = shown

    items: tuple[str, ...]
    deleted: IndexArray
    index: FloatArray
    high: float
    pairs: tuple[tuple[str, str, float], ...]
    status: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", frozen(self.index))


def slope_index(
    scores: ArrayLike,
    fit: Calibration,
    *,
    groups: Sequence[str] | None = None,
    delete: Sequence[int] | None = None,
    n_threads: int = 1,
) -> SlopeIndex:
    """Return the jackknife slope index of every item and every deleted item.

    scores : (n_persons, n_items), category 0..K−1, −1 not seen, that the calibration was made from
    groups : (n_persons,) labels, when the calibration has groups
    delete : places of the items to leave out in turn; None: all

    JSI_jk = (a_j - a_j(k)) / SE(a_j(k)), a_j(k) being the slope of j calibrated without k; Edwards, Houts & Cai (2018).
    Dependence of two items inflates both slopes, most where there are few items. Rasch, 1PL, partial credit and rating
    scale items have no slope of their own, nominal items have several: NaN.
    Cost: one calibration for each deleted item.

    >>> from qbank.irt import item_parameters, simulate
    >>> items = item_parameters("2pl", a=[1.0] * 6, b=[-1.0, 0.0, 0.5, 1.0, 0.0, 0.5])
    >>> scores = simulate(items, np.random.default_rng(1).normal(size=1000), seed=1)
    >>> scores[:, 4] = np.where(np.arange(1000) % 3, scores[:, 3], scores[:, 4])
    >>> found = slope_index(scores, calibrate(scores), delete=[3])
    >>> int(np.nanargmax(found.index[:, 0]))
    4
    """
    fit = checked_calibration(fit)
    answers = answers_to(fit.parameters, scores)
    n_items = len(fit.parameters.items)
    deleted = np.arange(n_items) if delete is None else np.asarray(delete, dtype=np.intp)
    if deleted.size and (deleted.min() < 0 or deleted.max() >= n_items):
        raise ValueError(f"delete names places of items, 0 to {n_items - 1}")
    own = _own_slope(fit)
    index, status = np.full((n_items, deleted.size), np.nan), []
    for column, item in enumerate(deleted.tolist()):
        kept = np.delete(np.arange(n_items), item)
        again = _calibrated_again(answers, fit, kept, groups, n_threads)
        status.append("ok" if again.converged else "not converged")
        if again.converged and own.any():
            fall = fit.parameters.values["a"][kept] - again.parameters.values["a"]
            error = again.parameters.errors["a"]
            change = np.divide(fall, error, out=np.full(kept.size, np.nan), where=error > 0)
            index[kept, column] = np.where(own[kept], change, np.nan)
    high = _outlying(index[np.isfinite(index)])
    names = fit.parameters.items
    pairs = [
        (names[row], names[int(deleted[column])], float(index[row, column]))
        for row, column in zip(*np.nonzero(index >= high), strict=True)
    ]
    pairs.sort(key=lambda pair: -pair[2])
    return SlopeIndex(names, deleted, index, high, tuple(pairs), tuple(status))


def _outlying(values: FloatArray) -> float:
    """Return from where on values stand out; outliers themselves hardly move it."""
    if values.size < 4:
        return np.nan
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return float(max(middle + 4.0 * (high - low) / 1.349, LEAST_FALL))


def _own_slope(fit: Calibration) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which items have one slope that was estimated for them alone, (n_items,)."""
    words, n_categories = fit.parameters.model, fit.parameters.n_categories
    one = [
        MODELS[word].slope == "own" and MODELS[word].parameters(int(k))[0] == "a"
        for word, k in zip(words, n_categories, strict=True)
    ]
    if not fit.free.size:
        return np.zeros(len(words), dtype=bool)
    return np.array(one, dtype=bool) & fit.free[:, 0] & fit.parameters.estimated


def _calibrated_again(
    answers: ScoreArray, fit: Calibration, kept: IndexArray, groups: Sequence[str] | None, n_threads: int
) -> Calibration:
    """Return the calibration of some of the items, under the settings of the first."""
    parameters, settings = fit.parameters, fit.settings
    place = {int(item): new for new, item in enumerate(kept)}
    return calibrate(
        answers[:, kept],
        model=[parameters.model[item] for item in kept],
        groups=groups,
        fixed=_fixed(fit, kept),
        equal=[
            (name, [place[item] for item in members if item in place])
            for name, members in cast(Sequence[tuple[str, Sequence[int]]], settings["equal"])
        ],
        priors=_priors(cast(Priors, settings["priors"]), kept),
        ability=fit.ability,
        design=cast(str, settings["design"]),
        n_categories=parameters.n_categories[kept],
        n_nodes=cast(int, settings["n_nodes"]),
        tolerance=cast(float, settings["tolerance"]),
        max_iterations=cast(int, settings["max_iterations"]),
        n_threads=n_threads,
    )


def _fixed(fit: Calibration, kept: IndexArray) -> dict[int, Mapping[str, float]]:
    """Return the values that were fixed, by the new places of the items."""
    found: dict[int, Mapping[str, float]] = {}
    for new, item in enumerate(kept.tolist()):
        model, k = MODELS[fit.parameters.model[item]], int(fit.parameters.n_categories[item])
        values = {
            name: float(fit.parameters.estimates[item, column])
            for column, name in enumerate(model.parameters(k))
            if not fit.free[item, column] and not (model.slope == "one" and model.slopes(k)[column])
        }
        if values and fit.parameters.estimated[item]:
            found[new] = values
    return found


def _priors(priors: Priors, kept: IndexArray) -> dict[str, tuple[str, ArrayLike, ArrayLike]]:
    """Return the priors of the kept items."""

    def part(number: ArrayLike) -> ArrayLike:
        return np.asarray(number)[kept] if np.ndim(number) else number

    return {name: (word, part(p), part(q)) for name, (word, p, q) in priors.items()}
