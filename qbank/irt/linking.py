"""Two calibrations on one scale: theta_to = slope theta_from + intercept, from the items they have in
common.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qbank.irt.ability import log_normal_weights
from qbank.irt.information import expected_score
from qbank.irt.likelihood import quadrature
from qbank.irt.models import MODELS, FloatArray, IndexArray, carried
from qbank.irt.parameters import ItemParameters, batches, from_estimates


@dataclass(frozen=True, slots=True)
class Link:
    """The line theta_to = slope theta_from + intercept, and the labels of the items that it rests on."""

    method: str
    slope: float
    intercept: float
    anchors: tuple[str, ...]
    from_scale: str
    to_scale: str


def link(
    source: ItemParameters,
    target: ItemParameters,
    *,
    method: str,
    anchors: Sequence[str] | None = None,
) -> Link:
    """Return the line that carries the scale of source to the scale of target.

    method : "mean-sigma" Marco (1977), "mean-mean" Loyd & Hoover (1980), "haebara" Haebara (1980),
        "stocking-lord" Stocking & Lord (1983); see Kolen & Brennan (2014), ch. 6
    anchors : labels of the common items; None takes all items that both have estimated, whose fingerprints
        agree where both are known (an edited item is another item)

    The two curve methods compare expected scores on 61 nodes weighted N(0, 1) of the target's scale, in that
    one direction. Where every anchor is a rasch item the slope is 1.

    >>> from qbank.irt import item_parameters
    >>> old = item_parameters("2pl", a=[1.0, 1.0], b=[0.0, 1.0], scale="old")
    >>> new = item_parameters("2pl", a=[0.5, 0.5], b=[-1.0, 1.0], scale="new")
    >>> found = link(new, old, method="mean-sigma")
    >>> found.slope, found.intercept
    (0.5, 0.5)
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r} (methods: {', '.join(METHODS)})")
    common, at_source, at_target = _common(source, target, anchors)
    if not common:
        raise ValueError("the two calibrations have no estimated item in common")
    one, other = _part(source, at_source), _part(target, at_target)
    rasch = all(MODELS[word].slope == "one" for word in (*one.model, *other.model))
    if rasch and method in ("mean-sigma", "mean-mean"):
        slope, intercept = 1.0, float((other.values["b"] - one.values["b"]).mean())
    else:
        slope, intercept = METHODS[method](one, other, rasch)
    return Link(method, slope, intercept, common, source.scale, target.scale)


def rescale(parameters: ItemParameters, line: Link) -> ItemParameters:
    """Return the parameters on the scale that the link leads to: a / A, A b + B, d - a B / A, with their
    errors.

    The errors are those of the calibration; that of the link itself is not in them. A rasch item whose unit
    changes is a 2pl item from then on.
    """
    if parameters.scale != line.from_scale:
        raise ValueError(
            f"the link leads from scale {line.from_scale!r}, the items are on {parameters.scale!r}"
        )
    words = list(parameters.model)
    estimates, covariance = parameters.estimates.copy(), parameters.covariance.copy()
    every = np.arange(len(words))
    for batch in batches(words, parameters.n_categories, parameters.estimates, every):
        matrix, n_own = batch.model.rescaling(batch.n_categories, line.slope, line.intercept), batch.values.shape[1]
        if line.slope != 1.0:
            word, freed = batch.model.freed(batch.n_categories)
            matrix = MODELS[word].rescaling(batch.n_categories, line.slope, line.intercept) @ freed
            for item in batch.items:
                words[item] = word
        n_new = matrix.shape[0]
        if n_new > estimates.shape[1]:
            raise NotImplementedError
        estimates[batch.items], covariance[batch.items] = np.nan, np.nan
        estimates[batch.items, :n_new] = carried(batch.values, matrix)
        covariance[batch.items, :n_new, :n_new] = (
            matrix @ parameters.covariance[batch.items, :n_own, :n_own] @ matrix.T
        )
    return from_estimates(
        words,
        parameters.n_categories,
        estimates,
        covariance=covariance,
        items=parameters.items,
        fingerprints=parameters.fingerprints,
        scale=line.to_scale,
    )


def inverse(line: Link) -> Link:
    """Return the link that leads back.

    >>> inverse(Link("mean-mean", 2.0, 1.0, (), "new", "old")).intercept
    -0.5
    """
    return replace(
        line,
        slope=1.0 / line.slope,
        intercept=-line.intercept / line.slope,
        from_scale=line.to_scale,
        to_scale=line.from_scale,
    )


def _common(
    source: ItemParameters, target: ItemParameters, anchors: Sequence[str] | None
) -> tuple[tuple[str, ...], IndexArray, IndexArray]:
    """Return the labels of the common items and where they stand in both."""
    place = {label: item for item, label in enumerate(target.items)}
    wanted = set(source.items if anchors is None else anchors)
    missing = sorted(wanted - set(source.items) | (set() if anchors is None else wanted - set(place)))
    if missing:
        raise ValueError(f"anchor {missing[0]!r} is not in both calibrations")
    pairs = [
        (label, item, place[label])
        for item, label in enumerate(source.items)
        if label in wanted and label in place and _same_item(source, item, target, place[label])
    ]
    return (
        tuple(label for label, _, _ in pairs),
        np.array([item for _, item, _ in pairs], dtype=np.intp),
        np.array([item for _, _, item in pairs], dtype=np.intp),
    )


def _same_item(source: ItemParameters, item: int, target: ItemParameters, other: int) -> bool:
    one, two = source.fingerprints[item], target.fingerprints[other]
    estimated = np.isfinite([source.values["b"][item], target.values["b"][other]]).all()
    return bool(estimated) and (one == two or not one or not two)


def _part(parameters: ItemParameters, items: IndexArray) -> ItemParameters:
    return from_estimates(
        [parameters.model[item] for item in items],
        parameters.n_categories[items],
        parameters.estimates[items],
        items=[parameters.items[item] for item in items],
        scale=parameters.scale,
    )


def _mean_sigma(one: ItemParameters, other: ItemParameters, rasch: bool) -> tuple[float, float]:
    """Return A = sd(b_to) / sd(b_from), B = mean(b_to) - A mean(b_from)."""
    spread = float(one.values["b"].std())
    if not spread > 0:
        raise ValueError("mean-sigma needs at least two common items of different difficulty")
    slope = float(other.values["b"].std()) / spread
    return slope, float(other.values["b"].mean() - slope * one.values["b"].mean())


def _mean_mean(one: ItemParameters, other: ItemParameters, rasch: bool) -> tuple[float, float]:
    """Return A = mean(a_from) / mean(a_to), B = mean(b_to) - A mean(b_from)."""
    slope = float(one.values["a"].mean() / other.values["a"].mean())
    return slope, float(other.values["b"].mean() - slope * one.values["b"].mean())


def _haebara(one: ItemParameters, other: ItemParameters, rasch: bool) -> tuple[float, float]:
    """Return the line that minimises the squared differences of the items' expected scores."""
    return _closest_curves(one, other, rasch, lambda scores: scores)


def _stocking_lord(one: ItemParameters, other: ItemParameters, rasch: bool) -> tuple[float, float]:
    """Return the line that minimises the squared difference of the test's expected scores."""
    return _closest_curves(one, other, rasch, lambda scores: scores.sum(axis=0))


METHODS: dict[str, Callable[[ItemParameters, ItemParameters, bool], tuple[float, float]]] = {
    "mean-sigma": _mean_sigma,
    "mean-mean": _mean_mean,
    "haebara": _haebara,
    "stocking-lord": _stocking_lord,
}


def _closest_curves(
    one: ItemParameters, other: ItemParameters, rasch: bool, curve: Callable[[FloatArray], FloatArray]
) -> tuple[float, float]:
    from scipy.optimize import least_squares

    nodes = quadrature(61)
    weights = np.exp(0.5 * log_normal_weights(nodes, 0.0, 1.0))
    goal = curve(expected_score(other, nodes))

    def line(free: FloatArray) -> Link:
        return Link("", 1.0 if rasch else float(np.exp(free[1])), float(free[0]), (), one.scale, other.scale)

    def residuals(free: FloatArray) -> FloatArray:
        difference: FloatArray = (curve(expected_score(rescale(one, line(free)), nodes)) - goal) * weights
        return difference.ravel()

    shift = float(other.values["b"].mean() - one.values["b"].mean())
    first = np.array([shift] if rasch else [shift, 0.0])
    found = line(least_squares(residuals, first, xtol=1e-12, ftol=1e-12, gtol=1e-12).x)
    return found.slope, found.intercept
