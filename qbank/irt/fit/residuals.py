"""Observed shares beside the model's curve, for a plot: standardised residuals and intervals by groups of ability."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.display import shown
from qbank.irt.fit.ability_groups import AbilityGroups, ability_groups
from qbank.irt.fit.evidence import Evidence, gather
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.parameters import Calibration, ItemParameters, frozen
from qbank.irt.scoring.population import MeanAndSd


@dataclass(frozen=True, slots=True)
class ItemResiduals:
    """Each item's answers in groups of rising ability, NaN where there are none.

    items            labels;  at: how abilities were taken;  level: of the intervals
    n_categories     (n_items,)
    theta, persons   (n_items, n_groups) mean ability, and how many persons (posterior shares of them add up too)
    observed         (n_items, n_most_categories, n_groups) share of each category;  low, high: its interval
    expected         the same of the model;  residual: (observed - expected) / sqrt(expected (1 - expected) / persons)
    nodes, curve     (n_nodes,) and the model's curve on them, (n_items, n_most_categories, n_nodes)
    """

    __repr__ = shown

    items: tuple[str, ...]
    at: str
    level: float
    n_categories: IndexArray
    theta: FloatArray
    persons: FloatArray
    observed: FloatArray
    low: FloatArray
    high: FloatArray
    expected: FloatArray
    residual: FloatArray
    nodes: FloatArray
    curve: FloatArray

    def __post_init__(self) -> None:
        for name in ("theta", "persons", "observed", "low", "high", "expected", "residual", "nodes", "curve"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def item_residuals(
    scores: ArrayLike,
    source: Calibration | ItemParameters,
    *,
    at: str = "posterior",
    groups: Sequence[str] | None = None,
    ability: MeanAndSd | None = None,
    n_groups: int = 10,
    level: float = 0.95,
    extremes: str = "near",
) -> ItemResiduals:
    """Return observed and expected shares by group of ability; Hambleton, Swaminathan & Rogers (1991), ch. 4.

    scores, source, groups, ability, extremes : as for item_fit
    at : "posterior" spreads each person over the nodes as the posterior does: the shares follow the curve where the
        model holds, in short tests too, and the intervals are on the wide side. "eap", "wle" or "ml" sorts persons
        by their estimates, as Q1 does; in short tests these differ from the curve although the model holds.
    n_groups : groups of equal size among those who saw the item
    level : of the intervals of the observed shares, Wilson (1927)

    >>> from qbank.irt import item_parameters
    >>> items = item_parameters("rasch", a=[1.0, 1.0], b=[0.0, 0.0])
    >>> found = item_residuals([[1, 1], [0, 0]] * 50, items, n_groups=2)
    >>> found.observed[0].round(2) + 0.0
    array([[0.8, 0.2],
           [0.2, 0.8]])
    """
    if n_groups < 1:
        raise ValueError(f"n_groups must be 1 or more, found {n_groups}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, found {level}")
    evidence = gather(scores, source, at=at, groups=groups, ability=ability, extremes=extremes)
    parameters = evidence.parameters
    n_items, n_most = len(parameters.items), int(parameters.n_categories.max(initial=0))
    theta, persons = np.full((2, n_items, n_groups), np.nan)
    observed, expected = np.full((2, n_items, n_most, n_groups), np.nan)
    curve = np.full((n_items, n_most, evidence.nodes.size), np.nan)
    with threadpool_limits(1, user_api="blas"):
        order = np.empty(0, np.intp) if at == "posterior" else np.argsort(evidence.theta, kind="stable")
        for item in np.flatnonzero(parameters.estimated).tolist():
            own = slice(0, int(parameters.n_categories[item]))
            curve[item, own] = np.exp(evidence.log_probability[_rows(evidence, item)])
            if at == "posterior":
                found = _posterior_groups(evidence, item, n_groups)
            else:
                found = ability_groups(evidence, item, order, n_groups)
            theta[item], persons[item] = found.theta, found.persons
            some = np.where(found.persons > 0, found.persons, np.nan)
            observed[item, own], expected[item, own] = found.observed.T / some, found.expected.T / some
    n = np.where(persons > 0, persons, np.nan)[:, None]
    spread = np.sqrt(np.maximum(expected * (1.0 - expected), 0.0) / n)
    residual = np.divide(observed - expected, spread, out=np.full_like(observed, np.nan), where=spread > 0)
    low, high = wilson(observed, n, level)
    return ItemResiduals(
        items=parameters.items,
        at=at,
        level=level,
        n_categories=parameters.n_categories,
        theta=theta,
        persons=persons,
        observed=observed,
        low=low,
        high=high,
        expected=expected,
        residual=residual,
        nodes=evidence.nodes,
        curve=curve,
    )


def _rows(evidence: Evidence, item: int) -> slice:
    return slice(int(evidence.first[item]), int(evidence.first[item + 1]))


def _posterior_groups(evidence: Evidence, item: int, n_groups: int) -> AbilityGroups:
    """Return groups of equal size of the persons expected at the nodes; a node on a border is divided."""
    counts = evidence.counts[_rows(evidence, item)]
    at_node = counts.sum(axis=0)
    upto = np.concatenate(([0.0], at_node.cumsum()))
    cuts = np.linspace(0.0, upto[-1], n_groups + 1)

    def divided(values: FloatArray) -> FloatArray:
        return np.diff(np.interp(cuts, upto, np.concatenate(([0.0], values.cumsum()))))

    persons = np.diff(cuts)
    model = np.exp(evidence.log_probability[_rows(evidence, item)])
    total = divided(at_node * evidence.nodes)
    return AbilityGroups(
        theta=np.divide(total, persons, out=np.full(n_groups, np.nan), where=persons > 0),
        persons=persons,
        observed=np.stack([divided(one) for one in counts], axis=1),
        expected=np.stack([divided(at_node * one) for one in model], axis=1),
    )


def wilson(share: FloatArray, n: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the interval of a share of n persons; Wilson (1927), J. Am. Stat. Assoc. 22.

    >>> low, high = wilson(np.array([0.5]), np.array([100.0]), 0.95)
    >>> low.round(3), high.round(3)
    (array([0.404]), array([0.596]))
    """
    from scipy.special import ndtri

    z = float(ndtri(0.5 + level / 2.0))
    middle = (share + z**2 / (2.0 * n)) / (1.0 + z**2 / n)
    half = z / (1.0 + z**2 / n) * np.sqrt(np.maximum(share * (1.0 - share), 0.0) / n + z**2 / (4.0 * n**2))
    return middle - half, middle + half
