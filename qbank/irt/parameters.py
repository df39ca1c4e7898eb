"""The records that irt gives back: item parameters and calibrations. Arrays in them are read-only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.models import MODELS, FloatArray, IndexArray, Model

UNLINKED = "unlinked"


@dataclass(frozen=True, slots=True)
class ItemParameters:
    """Parameters of items on one scale, with their standard errors.

    model         a word of MODELS for each item
    scale         name of the ability scale; parameters of different scales must be linked before they meet
    items         labels (n_items,);  fingerprints: the revision of each item that was calibrated, "" if
                  unknown
    names         ("a", "b", "d"): discrimination, difficulty, intercept d = -a b
    values        name -> (n_items,), NaN where there is no estimate
    errors        name -> (n_items,), standard error, 0 where fixed, NaN where unknown
    covariance    (n_items, 2, 2) sampling covariance of each item's (a, d), NaN where unknown
    """

    model: tuple[str, ...]
    scale: str
    items: tuple[str, ...]
    fingerprints: tuple[str, ...]
    names: tuple[str, ...]
    values: Mapping[str, FloatArray]
    errors: Mapping[str, FloatArray]
    covariance: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", {name: frozen(self.values[name]) for name in self.names})
        object.__setattr__(self, "errors", {name: frozen(self.errors[name]) for name in self.names})
        object.__setattr__(self, "covariance", frozen(self.covariance))


@dataclass(frozen=True, slots=True)
class Calibration:
    """The outcome of one calibration.

    parameters        the items, in the order of the columns of the scores
    log_likelihood    marginal, without any prior;  trace: the objective (with the prior) at each accepted
                      step
    gradient_norm     largest absolute derivative of the objective by a, d, ability mean or log ability sd,
                      over those free to move;  converged: it is at most `tolerance` times sqrt(n_persons)
    nodes, weights    quadrature (n_nodes,), and the ability distribution on it, (n_nodes,) or (n_groups,
                      n_nodes)
    ability_mean, ability_sd    shape () without groups, (n_groups,) with
    ability_errors    "mean", "sd", "variance" -> standard error, same shape, 0 where fixed
    groups            labels of the groups in that order, () without
    n_persons         persons with at least one answer to an item that was calibrated
    n_answers         (n_items,)
    status            per item: ok, fixed, not seen, too few answers, all right, all wrong, diverged, no error
    settings          every choice that was made, by name
    """

    parameters: ItemParameters
    log_likelihood: float
    gradient_norm: float
    nodes: FloatArray
    weights: FloatArray
    ability_mean: FloatArray
    ability_sd: FloatArray
    ability_errors: Mapping[str, FloatArray]
    groups: tuple[str, ...]
    trace: tuple[float, ...]
    converged: bool
    n_persons: int
    n_answers: IndexArray
    status: tuple[str, ...]
    settings: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("nodes", "weights", "ability_mean", "ability_sd"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        n_answers = np.array(self.n_answers, dtype=np.intp)
        n_answers.setflags(write=False)
        object.__setattr__(self, "n_answers", n_answers)
        object.__setattr__(self, "ability_errors", {k: frozen(v) for k, v in self.ability_errors.items()})


def frozen(values: ArrayLike) -> FloatArray:
    """Return a read-only float copy."""
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array


def item_parameters(
    model: str | Sequence[str],
    *,
    a: ArrayLike,
    b: ArrayLike,
    covariance: FloatArray | None = None,
    items: Sequence[str] | None = None,
    fingerprints: Sequence[str] | None = None,
    scale: str = UNLINKED,
) -> ItemParameters:
    """Return parameters given as discrimination and difficulty.

    >>> item_parameters("2pl", a=[1.0, 2.0], b=[0.5, -1.0]).values["d"]
    array([-0.5,  2. ])
    """
    slope, difficulty = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    if slope.ndim != 1:
        raise ValueError(f"a and b must be vectors with one value an item, found shape {slope.shape}")
    return from_intercepts(
        model, np.column_stack((slope, -slope * difficulty)), covariance=covariance, b=difficulty,
        items=items, fingerprints=fingerprints, scale=scale,
    )  # fmt: skip


def from_intercepts(
    model: str | Sequence[str],
    values: FloatArray,
    *,
    covariance: FloatArray | None = None,
    b: FloatArray | None = None,
    items: Sequence[str] | None = None,
    fingerprints: Sequence[str] | None = None,
    scale: str = UNLINKED,
) -> ItemParameters:
    """Return parameters given as values (n_items, 2) = (a, d) and their covariance (n_items, 2, 2).

    The error of b = -d / a is the delta method's: var b = (var d + b^2 var a + 2 b cov(a, d)) / a^2.
    """
    n_items = values.shape[0]
    words = model_words(model, n_items)
    a, d = values.T
    if b is None:
        b = -np.divide(d, a, out=np.full(n_items, np.nan), where=a != 0)
    if covariance is None:
        covariance = np.full((n_items, 2, 2), np.nan)
    variance_a, variance_d, cross = covariance[:, 0, 0], covariance[:, 1, 1], covariance[:, 0, 1]
    scaled = variance_d + b**2 * variance_a + 2.0 * b * cross
    # Rounding can leave a tiny negative where a fixed slope and intercept make b exact.
    error_b = np.sqrt(np.maximum(scaled, 0.0)) / np.where(a == 0, np.nan, np.abs(a))
    return ItemParameters(
        model=words,
        scale=scale,
        items=labels(items, n_items),
        fingerprints=("",) * n_items if fingerprints is None else tuple(fingerprints),
        names=("a", "b", "d"),
        values={"a": a, "b": b, "d": d},
        errors={"a": np.sqrt(variance_a), "b": error_b, "d": np.sqrt(variance_d)},
        covariance=covariance,
    )


def slopes_and_intercepts(parameters: ItemParameters) -> FloatArray:
    """Return values (n_items, 2) = (a, d), the metric of the models' functions."""
    return np.column_stack((parameters.values["a"], parameters.values["d"]))


def functions(words: Sequence[str]) -> Model:
    """Return the functions that the models of some items share; all models of the table so far share them."""
    return MODELS[words[0]] if words else MODELS["2pl"]


def model_words(model: str | Sequence[str], n_items: int) -> tuple[str, ...]:
    """Return one word of MODELS for each item."""
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
    return tuple(items)
