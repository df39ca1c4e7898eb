"""Calibration: from scores to item parameters with errors."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.calibration.anchors import Fixed, GivenTies
from qbank.irt.calibration.ascent import Ascent, ascend
from qbank.irt.calibration.design import FIXED, Design, ability_values
from qbank.irt.calibration.errors import sampling_covariance
from qbank.irt.calibration.outcome import Covariances, outcome
from qbank.irt.calibration.request import checked
from qbank.irt.calibration.settling import settled
from qbank.irt.calibration.task import apart, starts, task_of
from qbank.irt.models import FloatArray
from qbank.irt.parameters import UNLINKED, Calibration, ItemParameters
from qbank.irt.priors import Priors
from qbank.irt.regression import Covariates
from qbank.irt.respondents import Answers, Respondents, answers_here, held_here

HISTOGRAM_TOLERANCE = 100.0
# Starts of models with several maxima, where the first ends at a bound.
RESCUE_STARTS = 3


def calibrate(
    scores: ArrayLike,
    *,
    model: str | Sequence[str] = "2pl",
    groups: Sequence[str] | None = None,
    fixed: Fixed | None = None,
    equal: GivenTies = (),
    priors: Priors | None = None,
    ability: str = "normal",
    covariates: Covariates | None = None,
    design: str = "anchor",
    n_categories: ArrayLike | None = None,
    items: Sequence[str] | None = None,
    fingerprints: Sequence[str] | None = None,
    scale: str = UNLINKED,
    errors: str = "observed",
    n_nodes: int = 61,
    tolerance: float = 1e-6,
    max_iterations: int = 500,
    n_starts: int = 1,
    n_threads: int = 1,
) -> Calibration:
    """Return item parameters by marginal maximum likelihood, with errors from the observed information.

    scores : (n_persons, n_items), the category 0, 1, ... of each answer, −1 not seen
    model : a word of MODELS, or one for each item
    groups : (n_persons,) label of each person's group; the first in sorted order has mean 0 (and, unless a
        slope is fixed, sd 1), the others' are estimated. None: one group.
    fixed : anchored values, {item: {"a": 1.2, "b": 0.3}} by index or label, {"a": array, "b": array} with NaN where free,
        or ItemParameters whose labels are among `items`; d may stand for b, steps b1, b2, ... for d1, d2, ....
        Then the ability mean (if some intercept is fixed) and sd (if some slope is) of every group are estimated:
        fixed-parameter calibration with the ability distribution updated, Kim (2006).
    equal : (name, items): the named values of these items are one value; items by index or label
    priors : {"a": ("lognormal", 0, 0.5), "c": ("beta", 5, 17)}: name, density and its two numbers, one or one an
        item (NaN: none); see qbank.irt.priors. The objective is then the log posterior density.
    ability : "normal" N(mean, sd^2), or "histogram": a free weight at every node, Mislevy (1984)
    covariates : (n_persons, n_covariates), or by name: ability is N(mean + slopes (covariates - their means), sd^2),
        Mislevy (1984); the slopes stand in `regression`
    scale : name of the ability scale; where none is given, that of fixed ItemParameters
    design : "anchor": forms must be connected by common items; "spiralled": they were assigned at random, so that
        one ability distribution connects them
    n_categories : (n_items,) if the scores do not show all
    errors : "observed" Louis (1982), "sandwich" White (1982), "cross-product", or "none"
    tolerance : convergence, largest derivative of the objective / sqrt(n_persons); 100 times as much with a histogram,
        whose weights can trade places at hardly any cost
    n_starts : starts of the search; three where an asymptote is estimated and the first ends at a bound; of the maxima the highest inside the bounds counts (without any, the highest),
        and `settings` lists all
    n_threads : cores to use; the result does not depend on it

    Ability lies on equally spaced nodes on [-6, 6], Bock & Aitkin (1981); no D = 1.7. An item without a finite
    estimate has NaN and a word in `status`. Items all right or all wrong take no part: at their limit their
    likelihood is 1. Forms that nothing connects are refused: `problems` says which.

    >>> scores = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]] * 20)
    >>> fit = calibrate(scores, model="rasch")
    >>> fit.converged, fit.status
    (True, ('ok', 'ok', 'ok'))
    """
    if n_threads < 1:
        raise ValueError("n_threads must be 1 or more")
    return calibrate_answers(
        answers_here(scores, groups, n_threads=n_threads),
        model=model,
        fixed=fixed,
        equal=equal,
        priors=priors,
        ability=ability,
        covariates=covariates,
        design=design,
        n_categories=n_categories,
        items=items,
        fingerprints=fingerprints,
        scale=scale,
        errors=errors,
        n_nodes=n_nodes,
        tolerance=tolerance,
        max_iterations=max_iterations,
        n_starts=n_starts,
    )


def calibrate_answers(
    answers: Answers,
    *,
    model: str | Sequence[str] = "2pl",
    fixed: Fixed | None = None,
    equal: GivenTies = (),
    priors: Priors | None = None,
    ability: str = "normal",
    covariates: Covariates | None = None,
    design: str = "anchor",
    n_categories: ArrayLike | None = None,
    items: Sequence[str] | None = None,
    fingerprints: Sequence[str] | None = None,
    scale: str = UNLINKED,
    errors: str = "observed",
    n_nodes: int = 61,
    tolerance: float = 1e-6,
    max_iterations: int = 500,
    n_starts: int = 1,
) -> Calibration:
    """Return what `calibrate` does, from answers wherever they are held; its options mean the same."""
    # scipy brings a BLAS of its own, which can be held to one thread only once it is loaded.
    import scipy.linalg  # noqa: F401

    if n_nodes < 3 or n_starts < 1 or max_iterations < 1 or not tolerance > 0:
        raise ValueError(
            "n_nodes must be 3 or more, n_starts and max_iterations 1 or more, tolerance above 0"
        )
    request = checked(
        answers,
        model=model,
        fixed=fixed,
        equal=equal,
        priors=priors,
        ability=ability,
        covariates=covariates,
        design=design,
        n_categories=n_categories,
        items=items,
        fingerprints=fingerprints,
        errors=errors,
    )
    # The chunks are made for one core's cache; threads would share them and bring run-to-run differences.
    with threadpool_limits(1, user_api="blas"):
        task, persons = task_of(request, answers, n_nodes=n_nodes)
        islands = apart(task, persons) if design == "anchor" else ()
        if islands:
            ascents = [ascend(task, held_here(()), tolerance=np.inf, max_iterations=1)]
        else:
            goal = tolerance * (HISTOGRAM_TOLERANCE if ability == "histogram" else 1.0)
            ascents = []
            for begun in starts(task, max(n_starts, RESCUE_STARTS)):
                ascents.append(ascend(begun, persons, tolerance=goal, max_iterations=max_iterations))
                # A way to infinity may hide a maximum that another start reaches.
                rescue = _estimates_asymptotes(task) and not _inside(task, ascents[0])
                if len(ascents) >= max(n_starts, RESCUE_STARTS if rescue else 1):
                    break
        ascent = max(ascents, key=lambda found: _merit(task, found))
        kind = "none" if islands else errors
        last = settled(task, persons, ascent, kind)
        ascent = last.ascent
        covariances = _covariances(task, persons, ascent, kind, last.inverse)
    return outcome(
        request,
        task,
        persons,
        ascent,
        covariances,
        islands,
        fingerprints=fingerprints,
        scale=fixed.scale if scale == UNLINKED and isinstance(fixed, ItemParameters) else scale,
        settings={
            "priors": {name: tuple(given) for name, given in (priors or {}).items()},
            "ability": ability,
            "design": design,
            "equal": request.ties,
            "n_nodes": n_nodes,
            "tolerance": tolerance,
            "max_iterations": max_iterations,
            "starts": tuple(found.state.objective for found in ascents),
            "errors": errors,
        },
    )


def _merit(task: Design, ascent: Ascent) -> tuple[bool, bool, float]:
    """Return what the best of several ascents is highest in: a maximum, then an end at all, then the objective."""
    return ascent.converged and _inside(task, ascent), ascent.converged, ascent.state.objective


def _inside(task: Design, ascent: Ascent) -> bool:
    """Return whether no value stands at a bound: a maximum and not a way to infinity."""
    return bool(((ascent.state.free > task.low) & (ascent.state.free < task.high)).all())


def _estimates_asymptotes(task: Design) -> bool:
    """Return whether an asymptote is free: then there can be several maxima."""
    return any(
        name.startswith("logit_") and bool((part.index[:, column] != FIXED).any())
        for part in task.parts
        for column, name in enumerate(part.model.parameters(part.n_categories))
    )


def _covariances(
    task: Design, persons: Respondents, ascent: Ascent, kind: str, inverse: FloatArray | None
) -> Covariances:
    """Return the sampling covariances by item, by group and of all items jointly, NaN where not asked for.

    inverse : of the information, if it is there already
    A histogram of ability is held at its estimate.
    """
    state = ascent.state
    if kind == "none" or not persons.heads:
        n_most = max((part.index.shape[1] for part in task.parts), default=0)
        n_values = task.ability_index.shape[1]
        unknown = np.full((task.n_items, n_most, n_most), np.nan)
        return unknown, np.full((task.ability_index.shape[0], n_values, n_values), np.nan), None
    if task.ability.name != "histogram":
        return sampling_covariance(task, persons, state.free, state.expectation, kind, inverse=inverse)
    n_item_values = task.n_free - int((task.ability_index != FIXED).sum())
    held = replace(
        task,
        ability_values=ability_values(task, state.free),
        ability_index=np.full_like(task.ability_index, FIXED),
        low=task.low[:n_item_values],
        high=task.high[:n_item_values],
    )
    return sampling_covariance(held, persons, state.free[:n_item_values], state.expectation, kind)
