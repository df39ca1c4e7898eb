"""The link between two calibrations, from the items that they have in common."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.ability import log_normal_weights
from qbank.irt.likelihood import quadrature
from qbank.irt.linking.common_items import Anchors, common_items
from qbank.irt.linking.curves import DIRECTIONS, Grid, haebara, stocking_lord
from qbank.irt.linking.moments import Solution, mean_mean, mean_sigma
from qbank.irt.linking.record import Link
from qbank.irt.models import MODELS, FloatArray
from qbank.irt.parameters import ItemParameters
from qbank.irt.scoring.population import Source

N_NODES = 61


def _moments(solve: Callable[[Anchors, bool], Solution]) -> Callable[..., Solution]:
    return lambda anchors, rasch, grid, direction: solve(anchors, rasch)


METHODS: dict[str, Callable[[Anchors, bool, Grid, str], Solution]] = {
    "mean-mean": _moments(mean_mean),
    "mean-sigma": _moments(mean_sigma),
    "haebara": haebara,
    "stocking-lord": stocking_lord,
}
"""mean-mean, Loyd & Hoover (1980); mean-sigma, Marco (1977); haebara, Haebara (1980); stocking-lord, Stocking &
Lord (1983)."""

CURVES = ("haebara", "stocking-lord")


def link(
    source: Source,
    target: Source,
    *,
    method: str = "stocking-lord",
    anchors: Sequence[str] | None = None,
    anchor_weights: Mapping[str, float] | None = None,
    direction: str = "symmetric",
    nodes: ArrayLike | None = None,
    weights: str | ArrayLike = "normal",
) -> Link:
    """Return the line that carries the scale of source to the scale of target, with its errors.

    method : "mean-mean" Loyd & Hoover (1980), "mean-sigma" Marco (1977), "haebara" Haebara (1980),
        "stocking-lord" Stocking & Lord (1983); see Kolen & Brennan (2014), ch. 6
    anchors : labels of the common items; None takes all that stand in both
    anchor_weights : label -> weight of the item in the means or in the criterion, 1 where absent
    direction : of the two curve methods. "symmetric", the default: the sum of the criteria on the two scales,
        so that the link back is the inverse; "to": on the target's scale only, as Stocking & Lord wrote it;
        "from": on the source's only
    nodes : where curves are compared, (n_nodes,), or (2, n_nodes) of source and target; None: 61 on [-6, 6]
    weights : "normal", N(0, 1) on the nodes; "uniform"; or as many as nodes, one row or two

    An item stands out, and `left_out` says why, that lacks an estimate in one calibration, whose fingerprints
    differ where both are known (an edited item is another item), or that has other categories or another kind
    of thresholds. Items with more than two categories: every threshold or step is a difficulty in mean-sigma,
    Haebara's criterion sums over all categories, Stocking & Lord's over scores 0 to K − 1. A nominal item has
    one discrimination and one difficulty, see `points`. Where every anchor is of a model without slopes
    (rasch, pcm, rsm) the slope of the line is 1.

    covariance : the delta method from the covariances of both calibrations' estimates, for the curve methods
        through the implicit function theorem, Ogasawara (2000, 2001). A calibration without the joint
        covariance of its items counts them as independent, and `settings` says so: then the intercept's error
        is too small by about half, for all difficulties of a sample err together.
    Cost: linear in anchors, categories and nodes.

    >>> from qbank.irt import item_parameters
    >>> old = item_parameters("2pl", a=[1.0, 1.0], b=[0.0, 1.0], scale="old")
    >>> new = item_parameters("2pl", a=[0.5, 0.5], b=[-1.0, 1.0], scale="new")
    >>> found = link(new, old, method="mean-sigma")
    >>> found.slope, found.intercept
    (0.5, 0.5)
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r} (methods: {', '.join(METHODS)})")
    if direction not in DIRECTIONS:
        raise ValueError(f"unknown direction {direction!r} (directions: {', '.join(DIRECTIONS)})")
    grid = checked_grid(nodes, weights)
    common = common_items(source, target, anchors=anchors, weights=anchor_weights)
    found = solve(common, method, grid, direction)
    return Link(
        method=method,
        slope=found.slope,
        intercept=found.intercept,
        anchors=common.labels,
        from_scale=common.source.scale,
        to_scale=common.target.scale,
        covariance=spread(found.by_source, common.source) + spread(found.by_target, common.target),
        left_out=common.left_out,
        criterion=found.criterion,
        status="ok" if found.converged else "not converged",
        settings={
            "direction": direction,
            "nodes": None if nodes is None else _plain(nodes),
            "weights": weights if isinstance(weights, str) else _plain(weights),
            "anchor_weights": dict(anchor_weights or {}),
            "errors": "delta method, " + _which_errors(common),
        },
    )


def _which_errors(common: Anchors) -> str:
    kept = [part.joint is not None for part in (common.source, common.target)]
    return ("items independent", "items of one calibration independent", "items jointly")[sum(kept)]


def _plain(numbers: ArrayLike) -> object:
    """Return numbers as tuples, which can be kept and compared."""
    array = np.asarray(numbers, dtype=np.float64)
    return tuple(map(tuple, array.tolist())) if array.ndim == 2 else tuple(array.tolist())


def solve(common: Anchors, method: str, grid: Grid, direction: str) -> Solution:
    """Return the line of the anchors by the method, with its derivatives."""
    if not common.labels:
        reasons = "".join(f"; {label!r}: {why}" for label, why in common.left_out[:3])
        raise ValueError(f"the two calibrations have no estimated item in common{reasons}")
    return METHODS[method](common, is_rasch(common), grid, direction)


def is_rasch(common: Anchors) -> bool:
    """Return whether no anchor has a slope of its own in either calibration: the unit is the same."""
    return all(MODELS[word].slope == "one" for word in (*common.source.model, *common.target.model))


def spread(slopes: FloatArray, parameters: ItemParameters) -> FloatArray:
    """Return the covariance of what has these derivatives by the items' estimates: of all jointly where that is
    known, else the items independent.

    slopes : (n_quantities, n_items, n_most)
    """
    used = np.flatnonzero(slopes.any(axis=(0, 2)))
    part = slopes[:, used]
    own = ~np.isnan(parameters.estimates[used])
    covariance: FloatArray
    if parameters.joint is None:
        known = np.where(own[:, :, None] & own[:, None], parameters.covariance[used], 0.0)
        covariance = np.einsum("ejp,jpr,fjr->ef", part, known, part)
        return covariance
    flat = part.reshape(part.shape[0], -1)[:, own.ravel()]
    joint = parameters.joint[used][:, :, used].reshape(own.size, own.size)[np.ix_(own.ravel(), own.ravel())]
    covariance = flat @ joint @ flat.T
    return covariance


def checked_grid(nodes: ArrayLike | None, weights: str | ArrayLike) -> Grid:
    """Return nodes and weights of both scales; the weights sum to 1 on each."""
    place = np.asarray(quadrature(N_NODES) if nodes is None else nodes, dtype=np.float64)
    if place.ndim not in (1, 2) or (place.ndim == 2 and place.shape[0] != 2) or not place.size:
        raise ValueError(f"nodes must have shape (n_nodes,) or (2, n_nodes), found {place.shape}")
    both = np.broadcast_to(place, (2, place.shape[-1]))
    if isinstance(weights, str):
        if weights not in WEIGHTS:
            raise ValueError(f"unknown weights {weights!r} (weights: {', '.join(WEIGHTS)}, or numbers)")
        share = np.stack([WEIGHTS[weights](row) for row in both])
    else:
        share = np.asarray(weights, dtype=np.float64)
        if share.shape not in ((both.shape[1],), both.shape):
            raise ValueError(f"{share.shape} weights for {both.shape[1]} nodes")
        share = np.broadcast_to(share, both.shape)
    if not (np.isfinite(both).all() and np.isfinite(share).all() and (share >= 0).all()):
        raise ValueError("nodes must be finite and weights 0 or more")
    total = share.sum(axis=1, keepdims=True)
    if not (total > 0).all():
        raise ValueError("the weights must not all be 0")
    share = share / total
    return Grid(both[0], share[0], both[1], share[1])


def _normal(nodes: FloatArray) -> FloatArray:
    weights: FloatArray = np.exp(log_normal_weights(nodes, 0.0, 1.0))
    return weights


WEIGHTS: dict[str, Callable[[FloatArray], FloatArray]] = {"normal": _normal, "uniform": np.ones_like}
