"""The records that irt gives back: item parameters and calibrations. Arrays in them are read-only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.display import shown
from qbank.irt.models import MODELS, FloatArray, IndexArray, Mask, Model, carried_covariance
from qbank.irt.regression import Regression
from qbank.problem import Problem

UNLINKED = "unlinked"


@dataclass(frozen=True, slots=True)
class ItemParameters:
    """Parameters of items on one scale, with their standard errors.

    model         a word of MODELS for each item;  n_categories: (n_items,) how many categories each has
    scale         name of the ability scale; parameters of different scales must be linked before they meet
    items         labels (n_items,);  fingerprints: the revision of each item that was calibrated, "" if
                  unknown
    estimates     (n_items, n_most) what the models' functions take, NaN where there is no estimate and
                  beyond an item's own parameters;  covariance: (n_items, n_most, n_most) of them, NaN where
                  unknown
    names         what is reported, each once: a, b, d of right/wrong items (discrimination, difficulty,
                  intercept d = -a b), c and u (lower and upper asymptote), b1, b2, ... and d1, d2, ... of
                  items with more categories (there b is the mean of b1, b2, ...)
    values        name -> (n_items,), NaN where there is no estimate or the model has no such parameter
    errors        name -> (n_items,), standard error by the delta method, 0 where fixed or at an edge, NaN where
                  unknown
    joint         (n_items, n_most, n_items, n_most) covariance of all estimates with one another, which share
                  the chance of one sample; None where it was not kept
    """

    __repr__ = shown

    model: tuple[str, ...]
    n_categories: IndexArray
    scale: str
    items: tuple[str, ...]
    fingerprints: tuple[str, ...]
    estimates: FloatArray
    covariance: FloatArray
    names: tuple[str, ...]
    values: Mapping[str, FloatArray]
    errors: Mapping[str, FloatArray]
    joint: FloatArray | None = None

    def __post_init__(self) -> None:
        if self.joint is not None:
            object.__setattr__(self, "joint", frozen(self.joint))
        object.__setattr__(self, "values", {name: frozen(self.values[name]) for name in self.names})
        object.__setattr__(self, "errors", {name: frozen(self.errors[name]) for name in self.names})
        object.__setattr__(self, "estimates", frozen(self.estimates))
        object.__setattr__(self, "covariance", frozen(self.covariance))
        n_categories = np.array(self.n_categories, dtype=np.intp)
        n_categories.setflags(write=False)
        object.__setattr__(self, "n_categories", n_categories)

    @property
    def estimated(self) -> Mask:
        """Mask (n_items,) of the items that have all values of their model."""
        own = np.array(
            [
                len(MODELS[word].parameters(int(k)))
                for word, k in zip(self.model, self.n_categories, strict=True)
            ],
            dtype=np.intp,
        )
        known = (~np.isnan(self.estimates)).cumprod(axis=1).sum(axis=1) if self.estimates.size else 0 * own
        return np.asarray(known >= own)


@dataclass(frozen=True, slots=True)
class Batch:
    """Items of one model with equally many categories.

    items   (n_batch,) where they stand;  values: (n_batch, n_parameters) their estimates
    """

    model: Model
    n_categories: int
    items: IndexArray
    values: FloatArray


@dataclass(frozen=True, slots=True)
class Calibration:
    """The outcome of one calibration.

    parameters        the items, in the order of the columns of the scores
    log_likelihood    marginal, without any prior;  log_posterior: with the log density of the priors, the
                      objective;  trace: the objective at each accepted step
    gradient_norm     largest absolute derivative of the objective by a, d, ability mean or log ability sd,
                      over those free to move;  converged: it is at most `tolerance` times sqrt(n_persons)
    nodes, weights    quadrature (n_nodes,), and the ability distribution on it, (n_nodes,) or (n_groups,
                      n_nodes);  ability: normal or histogram
    ability_mean, ability_sd    shape () without groups, (n_groups,) with
    regression        what covariates say about ability, or None
    ability_errors    "mean", "sd", "variance" -> standard error, same shape, 0 where fixed
    groups            labels of the groups in that order, () without
    n_free            how many values were estimated, those of the ability distribution included
    free              mask (n_items, n_most): the item values that were estimated
    n_persons         persons with at least one answer to an item that was calibrated
    n_answers         (n_items,)
    status            per item: ok, fixed, not seen, too few answers, all right, all wrong, one category, unused
                      category, not connected, diverged, no error, at an edge (c at 0 or u at 1: that
                      value is held there, the others are ok)
    problems          errors: why the result must not be used; warnings: what to look at; () when all is well
    settings          every choice that was made, by name
    """

    __repr__ = shown

    parameters: ItemParameters
    log_likelihood: float
    log_posterior: float
    gradient_norm: float
    nodes: FloatArray
    weights: FloatArray
    ability: str
    ability_mean: FloatArray
    ability_sd: FloatArray
    ability_errors: Mapping[str, FloatArray]
    regression: Regression | None
    groups: tuple[str, ...]
    trace: tuple[float, ...]
    converged: bool
    n_free: int
    free: Mask
    n_persons: int
    n_answers: IndexArray
    status: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("nodes", "weights", "ability_mean", "ability_sd"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        n_answers = np.array(self.n_answers, dtype=np.intp)
        n_answers.setflags(write=False)
        object.__setattr__(self, "n_answers", n_answers)
        object.__setattr__(self, "ability_errors", {k: frozen(v) for k, v in self.ability_errors.items()})


def checked_calibration(fit: object) -> Calibration:
    """Return a calibration, or say that something else cannot stand for it."""
    if not isinstance(fit, Calibration):
        raise ValueError(f"the result of calibrate is needed, found {type(fit).__name__}")
    return fit


def frozen(values: ArrayLike) -> FloatArray:
    """Return a read-only float copy."""
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array


def from_estimates(
    model: str | Sequence[str],
    n_categories: ArrayLike,
    estimates: FloatArray,
    *,
    covariance: FloatArray | None = None,
    joint: FloatArray | None = None,
    items: Sequence[str] | None = None,
    fingerprints: Sequence[str] | None = None,
    scale: str = UNLINKED,
) -> ItemParameters:
    """Return parameters from what the models' functions take, and its covariance.

    n_categories : (n_items,);  estimates : (n_items, n_most), NaN beyond an item's own parameters
    joint : (n_items, n_most, n_items, n_most), the covariance of all estimates, if known
    The errors of what is reported are the delta method's: J covariance J'.

    >>> from_estimates("2pl", [2], np.array([[2.0, 1.0]])).values["b"]
    array([-0.5])
    """
    n_items, n_most = estimates.shape
    words = model_words(model, n_items)
    categories = np.asarray(n_categories, dtype=np.intp)
    if covariance is None:
        covariance = np.full((n_items, n_most, n_most), np.nan)
    found = batches(words, categories, estimates)
    known = {name for batch in found for name in batch.model.reported(batch.n_categories)}
    names = sorted(known or {"a", "b", "d"}, key=_name_order)
    values = {name: np.full(n_items, np.nan) for name in names}
    errors = {name: np.full(n_items, np.nan) for name in names}
    for batch in found:
        n_own = batch.values.shape[1]
        reported, jacobian = batch.model.report(batch.values)
        own = covariance[batch.items, :n_own, :n_own]
        # Rounding can leave a tiny negative where fixed values make a reported one exact.
        variance = np.maximum(np.diagonal(carried_covariance(own, jacobian), axis1=1, axis2=2), 0.0)
        for column, name in enumerate(batch.model.reported(batch.n_categories)):
            values[name][batch.items] = reported[:, column]
            errors[name][batch.items] = np.sqrt(variance[:, column])
    return ItemParameters(
        model=words,
        n_categories=categories,
        scale=scale,
        items=labels(items, n_items),
        fingerprints=("",) * n_items if fingerprints is None else tuple(fingerprints),
        estimates=estimates,
        covariance=covariance,
        names=tuple(names),
        values=values,
        errors=errors,
        joint=joint,
    )


def _name_order(name: str) -> tuple[int, str, int]:
    """Return a sort key: a b c d u, then b1 b2 ... d1 d2 ... and so on."""
    letter = name.rstrip("0123456789")
    number = int(name[len(letter) :] or 0)
    return (0 if number == 0 else 1, letter, number)


def batches(
    words: Sequence[str], n_categories: IndexArray, estimates: FloatArray, items: IndexArray | None = None
) -> tuple[Batch, ...]:
    """Return the items by model and number of categories, in the order in which these first appear.

    items : (n_some,) only these; None: all
    """
    where: dict[tuple[str, int], list[int]] = {}
    for item in range(len(words)) if items is None else items.tolist():
        where.setdefault((words[item], int(n_categories[item])), []).append(item)
    found = []
    for (word, n), members in where.items():
        place = np.array(members, dtype=np.intp)
        found.append(Batch(MODELS[word], n, place, estimates[place, : len(MODELS[word].parameters(n))]))
    return tuple(found)


def batches_of(parameters: ItemParameters, items: IndexArray | None = None) -> tuple[Batch, ...]:
    """Return the batches of some items of the parameters (all that are estimated, by default)."""
    if items is None:
        items = np.flatnonzero(parameters.estimated)
    return batches(parameters.model, parameters.n_categories, parameters.estimates, items)


def first_rows(n_categories: IndexArray) -> IndexArray:
    """Return the row (n_items + 1,) of each item's category 0 in a table of all items' categories.

    >>> first_rows(np.array([2, 4, 2]))
    array([0, 2, 6, 8])
    """
    return np.concatenate(([0], np.cumsum(n_categories))).astype(np.intp)


def log_probability_table(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """Return log P of every category of every item at each theta, (sum of n_categories, n_theta).

    Item j stands in the rows first_rows(n_categories)[j] to [j + 1]; NaN without an estimate.
    """
    first = first_rows(parameters.n_categories)
    table = np.full((first[-1], theta.size), np.nan)
    for batch in batches_of(parameters):
        rows = first[batch.items, None] + np.arange(batch.n_categories)
        table[rows] = batch.model.log_probability(batch.values, theta)
    return table


def carried_joint(parameters: ItemParameters, matrices: FloatArray) -> FloatArray | None:
    """Return the joint covariance of matrix @ estimates, item by item, None where it was not kept.

    matrices : (n_items, n_new, n_most), 0 beyond an item's own
    """
    if parameters.joint is None:
        return None
    n_items, n_new, n_most = matrices.shape
    missing = np.isnan(parameters.estimates)
    known = np.where(missing[:, :, None, None] | missing, 0.0, parameters.joint)
    half = (matrices @ known.reshape(n_items, n_most, -1)).reshape(-1, n_items, n_most)
    whole: FloatArray = half.transpose(1, 0, 2) @ matrices.transpose(0, 2, 1)
    return whole.transpose(1, 0, 2).reshape(n_items, n_new, n_items, n_new)


def model_words(model: str | Sequence[str], n_items: int) -> tuple[str, ...]:
    """Return one word of MODELS for each item."""
    if not isinstance(model, Iterable):
        raise ValueError(f"model must be a word or one for each item, found {model!r}")
    words = (model,) * n_items if isinstance(model, str) else tuple(model)
    unknown = sorted({*words, *((model,) if isinstance(model, str) else ())} - set(MODELS))
    if unknown:
        raise ValueError(f"unknown model {unknown[0]!r} (models: {', '.join(MODELS)})")
    if len(words) != n_items:
        raise ValueError(f"{len(words)} models for {n_items} items")
    return words


def labels(items: Sequence[str] | None, n_items: int) -> tuple[str, ...]:
    """Return the items' labels, or their numbers from 1."""
    if items is None:
        return tuple(str(number) for number in range(1, n_items + 1))
    if len(items) != n_items:
        raise ValueError(f"{len(items)} labels for {n_items} items")
    if len(set(items)) < n_items:
        twice = next(label for label, times in Counter(items).items() if times > 1)
        raise ValueError(f"two items have the label {twice!r}")
    return tuple(items)
