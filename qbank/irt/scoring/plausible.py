"""Plausible values: abilities drawn from each person's posterior, and how to pool what is computed from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.display import shown
from qbank.irt.likelihood import quadrature
from qbank.irt.models import FloatArray
from qbank.irt.parameters import Calibration, ItemParameters, batches_of, from_estimates, frozen
from qbank.irt.scoring.population import (
    MeanAndSd,
    Population,
    Source,
    ability_of,
    answers_to,
    matched,
    parameters_of,
    population,
    posteriors_of,
)

# Cells between two nodes of the ability distribution: a draw is uniform within a cell, which adds cell^2 / 12.
CELLS = 8
ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Pooled:
    """A statistic pooled over m draws.

    estimate      mean of the draws' estimates;  error: sqrt(within + (1 + 1 / m) between)
    within        mean of the draws' sampling variances;  between: variance of their estimates
    df            degrees of freedom of the t distribution of the estimate, inf where the draws agree
    missing       share of the variance that is due to not knowing the abilities
    """

    __repr__ = shown

    estimate: FloatArray
    error: FloatArray
    within: FloatArray
    between: FloatArray
    df: FloatArray
    missing: FloatArray


def plausible_values(
    scores: ArrayLike,
    source: Source,
    *,
    n_draws: int = 5,
    seed: int | np.random.Generator,
    items: Sequence[str] | None = None,
    ability: MeanAndSd | None = None,
    groups: Sequence[str] | None = None,
    uncertain: bool = False,
    n_nodes: int = 61,
) -> FloatArray:
    """Return abilities drawn from each person's posterior, (n_persons, n_draws); Mislevy (1991).

    scores : (n_persons, n_items), category, −1 not seen; who saw nothing is drawn from the ability distribution
    items, ability, groups : as in `score_persons`
    uncertain : every draw takes item parameters anew, each item's from the normal distribution of its estimate and
        covariance, so that what the draws tell also carries the error of the calibration; Yang, Hansen & Cai (2012).
        An item without a covariance keeps its estimate.
    The posterior is taken at 8 cells between two nodes, and its distribution function is inverted with an even
    spread within each cell. The same seed gives the same draws.

    >>> from qbank.irt import item_parameters
    >>> items = item_parameters("2pl", a=[2.0] * 30, b=[0.0] * 30)
    >>> plausible_values([[1] * 30, [0] * 30], items, n_draws=1, seed=1).ravel() > 0
    array([ True, False])
    """
    if n_draws < 1:
        raise ValueError(f"n_draws must be at least 1, found {n_draws}")
    parameters = matched(parameters_of(source), items)
    answers = answers_to(parameters, scores)
    people = _finely(source, ability, groups, answers.shape[0], n_nodes)
    rng = np.random.default_rng(seed)
    found = np.empty((answers.shape[0], n_draws))
    passes = [slice(draw, draw + 1) for draw in range(n_draws)] if uncertain else [slice(0, n_draws)]
    with threadpool_limits(1, user_api="blas"):
        for columns in passes:
            drawn = drawn_parameters(parameters, rng) if uncertain else parameters
            # The numbers are drawn by person, so that neither forms nor chunks decide who gets which.
            uniform = rng.random((answers.shape[0], columns.stop - columns.start))
            for persons, posterior in posteriors_of(drawn, answers, people):
                found[persons, columns] = _inverted(people.nodes, posterior, uniform[persons])
    return found


def drawn_parameters(parameters: ItemParameters, rng: np.random.Generator) -> ItemParameters:
    """Return item parameters drawn from the normal distribution of each item's estimate and covariance.

    A draw outside the model's domain (thresholds out of order) is drawn again; after 20 the estimate is kept.
    """
    estimates = np.array(parameters.estimates)
    for batch in batches_of(parameters):
        n = batch.values.shape[1]
        covariance = parameters.covariance[batch.items, :n, :n]
        # What has no finite estimate or error (a fixed asymptote of 0) stays where it is.
        covariance = np.where(np.isfinite(covariance), covariance, 0.0)
        size, directions = np.linalg.eigh(covariance)
        root = directions * np.sqrt(np.maximum(size, 0.0))[:, None]
        values, waiting = batch.values.copy(), np.ones(batch.items.size, dtype=bool)
        for _ in range(ATTEMPTS):
            step = np.einsum("jpr,jr->jp", root, rng.standard_normal((batch.items.size, n)))
            ahead = batch.values + step
            taken = waiting & batch.model.valid(ahead)
            values[taken] = ahead[taken]
            waiting &= ~taken
        estimates[batch.items, :n] = values
    return from_estimates(
        parameters.model, parameters.n_categories, estimates, covariance=parameters.covariance, items=parameters.items,
        fingerprints=parameters.fingerprints, scale=parameters.scale,
    )  # fmt: skip


def combine_draws(estimates: ArrayLike, variances: ArrayLike) -> Pooled:
    """Return a statistic pooled over draws; Rubin (1987), section 3.1.

    estimates, variances : (n_draws, ...) the statistic and its sampling variance, computed from each draw alone

    >>> found = combine_draws([1.0, 2.0, 3.0], [0.5, 0.5, 0.5])
    >>> float(found.estimate), float(found.error.round(4)), float(found.df.round(3))
    (2.0, 1.354, 3.781)
    """
    value, variance = np.asarray(estimates, np.float64), np.asarray(variances, np.float64)
    if value.shape != variance.shape or value.ndim < 1 or value.shape[0] < 2:
        raise ValueError(
            f"two draws or more, with a variance each, are needed; found {value.shape} and {variance.shape}"
        )
    m = value.shape[0]
    within, between = variance.mean(axis=0), value.var(axis=0, ddof=1)
    extra = (1.0 + 1.0 / m) * between
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(extra > 0, extra / (within + extra), 0.0)
        df = np.where(share > 0, (m - 1) / share**2, np.inf)
    return Pooled(*(frozen(x) for x in (value.mean(axis=0), np.sqrt(within + extra), within, between, df, share)))


def _finely(
    source: Source,
    ability: MeanAndSd | None,
    groups: Sequence[str] | None,
    n_persons: int,
    n_nodes: int,
) -> Population:
    """Return the ability distributions on 8 times as many nodes, the logs of a histogram joined by smooth curves."""
    if not isinstance(source, Calibration) or source.ability == "normal" or ability is not None:
        own = ability_of(source, ability, groups, n_persons)
        return population(source, own, groups, n_persons, quadrature(CELLS * (n_nodes - 1) + 1))
    from scipy.interpolate import PchipInterpolator

    people = population(source, None, groups, n_persons, quadrature(n_nodes))
    n_coarse = people.nodes.size
    nodes = np.interp(np.arange((n_coarse - 1) * CELLS + 1) / CELLS, np.arange(n_coarse), people.nodes)
    coarse = people.log_weights(np.arange(people.n_distributions))
    table = PchipInterpolator(people.nodes, coarse, axis=1)(nodes)
    table -= np.log(np.exp(table).sum(axis=1, keepdims=True))
    return Population(nodes, people.index, people.n_distributions, lambda places: table[places])


def _inverted(nodes: FloatArray, posterior: FloatArray, uniform: FloatArray) -> FloatArray:
    """Return the ability at which each row's distribution function reaches each uniform number."""
    n_rows, n_nodes = uniform.shape[0], nodes.size
    cumulative = np.broadcast_to(np.cumsum(posterior, axis=1), (n_rows, n_nodes))
    total = cumulative[:, -1:]
    # One search for all rows: row r occupies the stretch [r, r + 1).
    row = np.arange(n_rows)[:, None]
    line = (cumulative / total + row).ravel()
    wanted = uniform + row
    at = np.clip(
        np.searchsorted(line, wanted.ravel(), side="right").reshape(wanted.shape) - row * n_nodes, 0, n_nodes - 1
    )
    mass = np.broadcast_to(posterior, cumulative.shape)[row, at] / total
    inside = (uniform - (cumulative[row, at] / total - mass)) / np.where(mass > 0, mass, 1.0)
    width = np.gradient(nodes) if n_nodes > 1 else np.zeros(1)
    drawn: FloatArray = nodes[at] + width[at] * (np.clip(inside, 0.0, 1.0) - 0.5)
    return np.clip(drawn, nodes[0], nodes[-1])
