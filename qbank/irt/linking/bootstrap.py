"""Errors of a link by drawing again: from the items' covariances, or from the persons."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qbank.irt.display import shown
from qbank.irt.linking.common_items import items_of
from qbank.irt.linking.record import Link
from qbank.irt.linking.two_scales import link
from qbank.irt.models import FloatArray, IndexArray, Mask
from qbank.irt.parameters import ItemParameters, batches_of, from_estimates, frozen
from qbank.irt.scoring.population import Source

Resample = Callable[[np.random.Generator], tuple[ItemParameters, ItemParameters]]
# A drawn item whose values its model does not allow (thresholds out of order) is drawn again so often.
ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class LinkDraws:
    """What a bootstrap found.

    line        the link with the covariance of the draws;  slopes, intercepts: (n_draws,), NaN where a draw
                could not be linked
    n_failed    how many could not
    """

    __repr__ = shown

    line: Link
    slopes: FloatArray
    intercepts: FloatArray
    n_failed: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "slopes", frozen(self.slopes))
        object.__setattr__(self, "intercepts", frozen(self.intercepts))

    def interval(self, level: float = 0.95) -> FloatArray:
        """Percentile intervals of slope and intercept, (2, 2): rows slope, intercept; columns low, high."""
        shares = [0.5 - level / 2.0, 0.5 + level / 2.0]
        return np.stack([np.nanquantile(draws, shares) for draws in (self.slopes, self.intercepts)])


def bootstrap_link(line: Link, resample: Resample, *, n_draws: int, seed: int) -> LinkDraws:
    """Return the link with errors from drawing both calibrations again and linking them as before.

    line : made by `link`; its method, anchors and settings are taken again
    resample : given a random generator, returns (source, target) drawn anew: `parametric(source, target)`, or
        for a bootstrap of persons a function that draws rows of both score matrices with replacement and
        calibrates them, which counts everything that the sample moves at once

    A draw that cannot be linked or calibrated (ValueError) is counted in n_failed and left out. The same seed
    gives the same draws.

    >>> from qbank.irt.parameters import from_estimates
    >>> spread = np.full((3, 2, 2), 0.01) * np.eye(2)
    >>> new = from_estimates("2pl", [2] * 3, np.array([[1.0, -1], [1, 0], [1, 1]]), covariance=spread, scale="new")
    >>> old = from_estimates("2pl", [2] * 3, np.array([[1.0, -2], [1, 1], [1, 2]]), covariance=spread, scale="old")
    >>> found = bootstrap_link(link(new, old, method="mean-mean"), parametric(new, old), n_draws=400, seed=1)
    >>> round(found.line.slope_error / link(new, old, method="mean-mean").slope_error)
    1
    """
    if n_draws < 2:
        raise ValueError(f"a bootstrap needs at least 2 draws, found {n_draws}")
    options: Any = {name: value for name, value in line.settings.items() if name != "errors"}
    found = np.full((n_draws, 2), np.nan)
    for draw, rng in enumerate(np.random.default_rng(seed).spawn(n_draws)):
        try:
            source, target = resample(rng)
            again = link(source, target, method=line.method, anchors=line.anchors, **options)
        except ValueError:
            continue
        if again.status == "ok":
            found[draw] = again.slope, again.intercept
    known = found[np.isfinite(found[:, 0])]
    covariance = np.cov(known.T) if known.shape[0] > 1 else np.full((2, 2), np.nan)
    settings = {**line.settings, "errors": f"bootstrap, {known.shape[0]} draws"}
    return LinkDraws(
        line=replace(line, covariance=covariance, settings=settings),
        slopes=found[:, 0],
        intercepts=found[:, 1],
        n_failed=n_draws - known.shape[0],
    )


def parametric(source: Source, target: Source) -> Resample:
    """Return a function that draws both calibrations from the normal distribution of their estimates: of all items
    jointly where that is known, else every item independent of the others.
    """
    draws = _drawer(items_of(source)), _drawer(items_of(target))

    def resample(rng: np.random.Generator) -> tuple[ItemParameters, ItemParameters]:
        return draws[0](rng), draws[1](rng)

    return resample


def _drawer(parameters: ItemParameters) -> Callable[[np.random.Generator], ItemParameters]:
    """Return what draws parameters from N(estimates, covariance); ValueError where a covariance is unknown.

    Items that come out where their model does not hold (thresholds out of order) are drawn again, and after
    many times stay at their estimates.
    """
    estimates, valid = parameters.estimates, _valid_of(parameters)
    own = ~np.isnan(estimates) & parameters.estimated[:, None]
    pieces = [np.flatnonzero(own)]
    if parameters.joint is None:
        pieces = [
            np.flatnonzero(own & (np.arange(own.shape[0]) == item)[:, None]) for item in range(own.shape[0])
        ]
    roots = [_root(_covariance(parameters, piece)) for piece in pieces]

    def draw(rng: np.random.Generator) -> ItemParameters:
        drawn = np.array(estimates)
        wrong = np.ones(own.shape[0], dtype=bool)
        for _ in range(ATTEMPTS):
            fresh = np.array(estimates)
            for piece, root in zip(pieces, roots, strict=True):
                fresh.ravel()[piece] += root @ rng.standard_normal(piece.size)
            # Jointly drawn items come and go together; independent ones one by one.
            ok = valid(fresh)
            taken = wrong & (ok if parameters.joint is None else ok.all())
            drawn[taken], wrong = fresh[taken], wrong & ~taken
            if not wrong.any():
                break
        return replace_estimates(parameters, drawn)

    return draw


def _valid_of(parameters: ItemParameters) -> Callable[[FloatArray], Mask]:
    found = batches_of(parameters)

    def valid(estimates: FloatArray) -> Mask:
        ok = np.ones(estimates.shape[0], dtype=bool)
        for batch in found:
            ok[batch.items] = batch.model.valid(estimates[batch.items, : batch.values.shape[1]])
        return ok

    return valid


def _covariance(parameters: ItemParameters, piece: IndexArray) -> FloatArray:
    """Return the covariance of some estimates, given by their places in the flat table of estimates."""
    if parameters.joint is not None:
        found = parameters.joint.reshape(parameters.estimates.size, -1)[np.ix_(piece, piece)]
    else:
        item, value = np.divmod(piece, parameters.estimates.shape[1])
        found = parameters.covariance[item[:, None], value[:, None], value]
    if not np.isfinite(found).all():
        raise ValueError("the covariances of the estimates are not all known, nothing can be drawn from them")
    return np.asarray(found)


def _root(covariance: FloatArray) -> FloatArray:
    """Return a root of a covariance, which may be singular (a fixed value has none)."""
    size, axes = np.linalg.eigh(covariance)
    root: FloatArray = axes * np.sqrt(np.maximum(size, 0.0))
    return root


def replace_estimates(parameters: ItemParameters, estimates: FloatArray) -> ItemParameters:
    """Return the parameters with other estimates, everything reported made anew."""
    return from_estimates(
        parameters.model,
        parameters.n_categories,
        estimates,
        covariance=parameters.covariance,
        items=parameters.items,
        fingerprints=parameters.fingerprints,
        scale=parameters.scale,
    )
