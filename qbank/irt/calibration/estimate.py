"""Calibration: from scores to item parameters with errors. Checks the call and records the result."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from qbank.irt.ability import ABILITIES, Ability, moments, regression
from qbank.irt.answers import categories, checked_groups, checked_scores, counted, islands, usable
from qbank.irt.calibration.anchors import Fixed, GivenTies, anchored, checked_ties
from qbank.irt.calibration.ascent import Ascent, ascend
from qbank.irt.calibration.design import (
    FIXED,
    Design,
    ItemPriors,
    Ties,
    ability_values,
    at_edge,
    item_values,
    log_weights,
)
from qbank.irt.calibration.design import design as build_design
from qbank.irt.calibration.errors import JOINT_VALUES, WHOLE_INFORMATION, is_exact, sampling_covariance
from qbank.irt.likelihood import Block, group_by_form, quadrature, stretches
from qbank.irt.models import (
    MODELS,
    NOT_SEEN,
    FloatArray,
    IndexArray,
    Mask,
    ScoreArray,
    carried,
    carried_covariance,
)
from qbank.irt.parameters import (
    UNLINKED,
    Calibration,
    ItemParameters,
    batches,
    carried_joint,
    from_estimates,
    labels,
    model_words,
)
from qbank.irt.priors import Priors, centre, checked_priors, function
from qbank.irt.regression import Covariates, Regression, checked_covariates
from qbank.problem import Problem, Span, error

ERRORS = ("observed", "sandwich", "cross-product", "none")
DESIGNS = ("anchor", "spiralled")
HISTOGRAM_TOLERANCE = 100.0
Words = NDArray[np.object_]


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
    tolerance : convergence, largest derivative of the objective / sqrt(n_persons)
    n_starts : starts of the search; of the maxima the highest inside the bounds counts (without any, the highest),
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
    # scipy brings a BLAS of its own, which can be held to one thread only once it is loaded.
    import scipy.linalg  # noqa: F401

    _checked_words(ability, design, errors)
    if n_nodes < 3 or n_threads < 1 or n_starts < 1 or max_iterations < 1 or not tolerance > 0:
        raise ValueError(
            "n_nodes must be 3 or more, n_threads, n_starts and max_iterations 1 or more, tolerance above 0"
        )
    answers = checked_scores(scores)
    n_items = answers.shape[1]
    covariate_names, table = checked_covariates(covariates, answers.shape[0])
    if table is not None and ability != "normal":
        raise ValueError("covariates need a normal distribution of ability")
    standard, middle, spread = _standard(table)
    words, names = model_words(model, n_items), labels(items, n_items)
    group_names, group_of = checked_groups(groups, answers.shape[0])
    n_own = categories(answers, words, _known_categories(fixed, names, answers, words, n_categories), names)
    anchors = anchored(fixed, words, n_own, names)
    known = {name for word, k in zip(words, n_own, strict=True) for name in MODELS[word].parameters(int(k))}
    item_priors = checked_priors(priors, n_items, known)
    ties = checked_ties(equal, words, n_own, names)
    if fingerprints is not None and len(fingerprints) != n_items:
        raise ValueError(f"{len(fingerprints)} fingerprints for {n_items} items")
    wanted = _free(anchors, words, n_own)
    status, shares = usable(answers, words, n_own, np.any(wanted, axis=1))
    used = np.flatnonzero(status == "ok")
    # The chunks are made for one core's cache; threads would share them and bring run-to-run differences.
    with threadpool_limits(1, user_api="blas"):
        part = answers if used.size == n_items else answers[:, used]
        blocks = group_by_form(part, group_of, collapse=True, covariates=standard)
        answered = np.isin(np.arange(len(group_names)), [block.group for block in blocks])
        task = _task(
            [words[item] for item in used],
            n_own[used],
            anchors[used],
            [shares[item] for item in used],
            equal=[(name, _places(used, members)) for name, members in ties],
            priors={name: (word, p[used], q[used]) for name, (word, p, q) in item_priors.items()},
            ability=ABILITIES[ability] if standard is None else regression(standard.shape[1]),
            answered=answered,
            n_nodes=n_nodes,
            n_threads=n_threads,
        )
        apart = _apart(task, blocks, anchors[used]) if design == "anchor" else ()
        if apart:
            status[used] = "not connected"
            ascents = [ascend(task, (), tolerance=np.inf, max_iterations=1)]
        else:
            goal = tolerance * (HISTOGRAM_TOLERANCE if ability == "histogram" else 1.0)
            ascents = [
                ascend(begun, blocks, tolerance=goal, max_iterations=max_iterations)
                for begun in _starts(task, n_starts)
            ]
        ascent = max(ascents, key=lambda found: (_inside(task, found), found.state.objective))
        by_item, by_group, together = _covariances(task, blocks if not apart else (), ascent, errors)
    estimates = anchors.copy()
    covariance = np.full((n_items, anchors.shape[1], anchors.shape[1]), np.nan)
    free = ascent.state.free
    n_most = by_item.shape[1]
    covariance[used, :n_most, :n_most] = by_item
    joint = None
    if together is not None and anchors.size <= JOINT_VALUES:
        joint = np.zeros((*anchors.shape, *anchors.shape))
        columns = np.arange(n_most)
        joint[np.ix_(used, columns, used, columns)] = together
    for own in task.parts:
        estimates[used[own.items], : own.index.shape[1]] = item_values(own, free)
    if not apart:
        status[used] = _outcome(task, free, by_item, errors)
    unknown = ~np.isin(status, ("ok", "fixed", "no error", "at an edge"))
    estimates[unknown], covariance[unknown], covariance[status == "fixed"] = np.nan, np.nan, 0.0
    parameters = from_estimates(
        words,
        n_own,
        estimates,
        covariance=covariance,
        joint=joint,
        items=items,
        fingerprints=fingerprints,
        scale=fixed.scale if scale == UNLINKED and isinstance(fixed, ItemParameters) else scale,
    )
    nodes = task.nodes
    at_will = ability == "histogram" and task.ability_index.size and not item_priors
    if at_will and not np.isfinite(_user_fixed(anchors, words)).any():
        parameters, nodes = _standardised(parameters, task, free, words)
    weights = _weights(task, free, blocks)
    mean, sd, ability_errors = _ability(task, free, by_group, nodes, weights)
    if groups is not None:
        # Nothing is known of a group without an answer.
        for values in (mean, sd, *ability_errors.values()):
            values[~answered] = np.nan
    else:
        weights, mean, sd = weights[0], mean[0], sd[0]
        ability_errors = {name: error[0] for name, error in ability_errors.items()}
    converged = ascent.converged and not apart
    moved = np.zeros(anchors.shape, dtype=bool)
    for own in task.parts:
        moved[used[own.items], : own.index.shape[1]] = own.index != FIXED
    return Calibration(
        parameters=parameters,
        log_likelihood=float("nan") if apart else ascent.state.expectation.log_likelihood,
        log_posterior=float("nan") if apart else ascent.state.objective,
        gradient_norm=float("nan") if apart else ascent.state.gradient_norm,
        nodes=nodes,
        weights=weights,
        ability=ability,
        ability_mean=mean,
        ability_sd=sd,
        ability_errors=ability_errors,
        regression=_regression(task, free, by_group, covariate_names, middle, spread),
        groups=group_names if groups is not None else (),
        trace=ascent.trace,
        converged=converged,
        n_free=task.n_free,
        free=moved & (status != "not connected")[:, None],
        n_persons=int(sum(block.weights.sum() for block in blocks)),
        n_answers=counted(answers, int(n_own.max(initial=0))).sum(axis=0),
        status=tuple(status.tolist()),
        problems=_problems(apart, used, names, ascent, converged) if used.size else (error("C115", Span("scores")),),
        settings={
            "priors": {name: (word, p, q) for name, (word, p, q) in (priors or {}).items()},
            "ability": ability,
            "design": design,
            "equal": ties,
            "n_nodes": n_nodes,
            "tolerance": tolerance,
            "max_iterations": max_iterations,
            "starts": tuple(found.state.objective for found in ascents),
            "errors": errors,
            "information": _information_words(task, blocks, errors),
        },
    )


def _checked_words(ability: str, design: str, errors: str) -> None:
    for value, known, what in (
        (ability, tuple(ABILITIES), "ability"),
        (design, DESIGNS, "design"),
        (errors, ERRORS, "errors"),
    ):
        if value not in known:
            raise ValueError(f"unknown {what} {value!r} ({', '.join(known)})")


def _known_categories(
    fixed: Fixed | None,
    names: Sequence[str],
    answers: ScoreArray,
    words: Sequence[str],
    given: ArrayLike | None,
) -> ArrayLike | None:
    """Return the categories that the call states, those of fixed ItemParameters included."""
    if given is not None or not isinstance(fixed, ItemParameters):
        return given
    place = {label: int(k) for label, k in zip(fixed.items, fixed.n_categories, strict=True)}
    seen = answers.max(axis=0, initial=NOT_SEEN).astype(int) + 1
    least = [MODELS[word].categories[0] for word in words]
    return [place.get(name, max(int(k), low)) for name, k, low in zip(names, seen, least, strict=True)]


def _free(anchors: FloatArray, words: Sequence[str], n_categories: IndexArray) -> Mask:
    """Return which values are to be estimated, (n_items, n_most)."""
    own = np.array(
        [len(MODELS[word].parameters(int(k))) for word, k in zip(words, n_categories, strict=True)], dtype=np.intp
    )
    free: Mask = np.isnan(anchors) & (np.arange(anchors.shape[1]) < own[:, None])
    return free


def _user_fixed(anchors: FloatArray, words: Sequence[str]) -> FloatArray:
    """Return the fixed values without the slopes that a model sets to one."""
    found = anchors.copy()
    one = np.array([MODELS[word].slope == "one" for word in words], dtype=bool)
    found[one & np.isnan(anchors[:, 1:]).all(axis=1), :1] = np.nan
    return found


def _places(used: IndexArray, members: Sequence[int]) -> list[int]:
    """Return where items stand among the used ones."""
    return [int(place) for place in np.flatnonzero(np.isin(used, np.asarray(members, dtype=np.intp)))]


def _task(
    words: Sequence[str],
    n_categories: IndexArray,
    anchors: FloatArray,
    shares: Sequence[FloatArray],
    *,
    equal: Ties,
    priors: ItemPriors,
    ability: Ability,
    answered: Mask,
    n_nodes: int,
    n_threads: int,
) -> Design:
    """Return the design: what anchors and models leave free, and what that makes of the ability scale.

    answered : (n_groups,) whether anybody in the group has an answer
    A fixed slope sets the unit of the scale, a fixed intercept its origin; what nothing sets, the first group
    with an answer sets.
    """
    parts, free = [], []
    sets_unit = sets_origin = False
    for batch in batches(words, n_categories, anchors):
        at_start = batch.model.start(np.stack([shares[item] for item in batch.items]))
        names = batch.model.parameters(batch.n_categories)
        for name, (word, p, q) in priors.items():
            if name != "b" and function(name).of in names and word == "beta":
                column = names.index(function(name).of)
                begin = function(name).inverse(centre(word, p[batch.items], q[batch.items]))
                at_start[:, column] = np.where(np.isnan(begin), at_start[:, column], begin)
        unknown = np.isnan(batch.values)
        sets_unit |= bool((~unknown[:, batch.model.slopes(batch.n_categories)]).any())
        intercepts = np.array([name[0] == "d" for name in names])
        sets_origin |= bool((~unknown[:, intercepts]).any())
        parts.append(replace(batch, values=np.where(unknown, at_start, batch.values)))
        free.append(unknown)
    nodes = quadrature(n_nodes)
    first = ability.start(nodes)
    ability_free = np.repeat(answered[:, None], first.size, axis=1)
    if ability.name != "histogram" and answered.any():
        ability_free[int(answered.argmax()), :2] = sets_origin, sets_unit
    return build_design(
        parts,
        free,
        nodes=nodes,
        n_categories=n_categories,
        ties=equal,
        ability=ability,
        ability_values=np.tile(first, (answered.size, 1)),
        ability_free=ability_free,
        priors=priors,
        n_threads=n_threads,
    )


def _apart(task: Design, blocks: Sequence[Block], anchors: FloatArray) -> tuple[IndexArray, ...]:
    """Return the items that can be estimated in islands, if there are several, else nothing."""
    fixed = np.zeros(task.n_items, dtype=bool)
    for part in task.parts:
        names = part.model.parameters(part.n_categories)
        intercepts = np.flatnonzero([name[0] == "d" for name in names])
        fixed[part.items] = (part.index[:, intercepts] == FIXED).any(axis=1)
    found = islands(blocks, task.n_items, np.flatnonzero(fixed))
    return found if len(found) > 1 else ()


def _starts(task: Design, n_starts: int) -> list[Design]:
    """Return the design with other start values: slopes and lower asymptotes by turns higher and lower."""
    found = [task]
    for turn in range(1, n_starts):
        sign, size = (1.0 if turn % 2 else -1.0), 0.5 * ((turn + 1) // 2)
        parts = []
        for part in task.parts:
            values = part.values.copy()
            for column, name in enumerate(part.model.parameters(part.n_categories)):
                moving = part.index[:, column] != FIXED
                if name[0] == "a":
                    values[moving, column] *= np.exp(sign * size / 2.0)
                elif name == "logit_c":
                    values[moving, column] += sign * size
            parts.append(replace(part, values=values))
        found.append(replace(task, parts=tuple(parts)))
    return found


def _inside(task: Design, ascent: Ascent) -> bool:
    """Return whether no value stands at a bound: a maximum and not a way to infinity."""
    return bool(((ascent.state.free > task.low) & (ascent.state.free < task.high)).all())


def _covariances(
    task: Design, blocks: Sequence[Block], ascent: Ascent, kind: str
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Return the sampling covariances by item, by group and of all items jointly, NaN where not asked for.

    A histogram of ability is held at its estimate.
    """
    state = ascent.state
    if kind == "none" or not blocks:
        n_most = max((part.index.shape[1] for part in task.parts), default=0)
        n_values = task.ability_index.shape[1]
        unknown = np.full((task.n_items, n_most, n_most), np.nan)
        return unknown, np.full((task.ability_index.shape[0], n_values, n_values), np.nan), None
    if task.ability.name != "histogram":
        return sampling_covariance(task, blocks, state.free, state.expectation, kind)
    n_item_values = task.n_free - int((task.ability_index != FIXED).sum())
    held = replace(
        task,
        ability_values=ability_values(task, state.free),
        ability_index=np.full_like(task.ability_index, FIXED),
        low=task.low[:n_item_values],
        high=task.high[:n_item_values],
    )
    return sampling_covariance(held, blocks, state.free[:n_item_values], state.expectation, kind)


def _outcome(task: Design, free: FloatArray, covariance: FloatArray, errors: str) -> Words:
    """Return a word for each item that took part."""
    status = np.full(task.n_items, "ok", dtype=object)
    edge = np.append(at_edge(task, free), False)
    reached = np.append((free <= task.low) | (free >= task.high), False) & ~edge
    for part in task.parts:
        moving = part.index != FIXED
        status[part.items[~moving.any(axis=1)]] = "fixed"
        n_own = moving.shape[1]
        if errors != "none":
            unknown = np.isnan(covariance[part.items, :n_own, :n_own]).any(axis=(1, 2))
            status[part.items[unknown]] = "no error"
        status[part.items[edge[part.index].any(axis=1)]] = "at an edge"
        status[part.items[reached[part.index].any(axis=1)]] = "diverged"
    return status


def _standardised(
    parameters: ItemParameters, task: Design, free: FloatArray, words: Sequence[str]
) -> tuple[ItemParameters, FloatArray]:
    """Return parameters and nodes on the scale on which the first group has mean 0 and, unless a slope is one, sd 1.

    The likelihood does not change: a histogram moves with its nodes.
    """
    mean, sd = moments(task.nodes, _weights(task, free, ())[:1])
    unit = 1.0 if any(MODELS[word].slope == "one" for word in words) else float(sd[0])
    estimates, covariance = parameters.estimates.copy(), parameters.covariance.copy()
    n_most = estimates.shape[1]
    matrices = np.zeros((len(words), n_most, n_most))
    for batch in batches(words, parameters.n_categories, parameters.estimates):
        matrix = batch.model.rescaling(batch.n_categories, 1.0 / unit, -float(mean[0]) / unit)
        n_own = matrix.shape[0]
        matrices[batch.items, :n_own, :n_own] = matrix
        estimates[batch.items, :n_own] = carried(batch.values, matrix)
        own = parameters.covariance[batch.items, :n_own, :n_own]
        covariance[batch.items, :n_own, :n_own] = carried_covariance(own, matrix)
    moved = from_estimates(
        words,
        parameters.n_categories,
        estimates,
        covariance=covariance,
        joint=carried_joint(parameters, matrices),
        items=parameters.items,
        fingerprints=parameters.fingerprints,
        scale=parameters.scale,
    )
    return moved, (task.nodes - mean[0]) / unit


def _standard(table: FloatArray | None) -> tuple[FloatArray | None, FloatArray, FloatArray]:
    """Return covariates with mean 0 and sd 1, their means and their sds."""
    if table is None or not table.size:
        return None, np.empty(0), np.empty(0)
    middle, spread = table.mean(axis=0), table.std(axis=0)
    return (table - middle) / spread, middle, spread


def _weights(task: Design, free: FloatArray, blocks: Sequence[Block]) -> FloatArray:
    """Return the ability distribution of each group, (n_groups, n_nodes); with covariates the mean of its persons'."""
    found = log_weights(task, free)
    if not isinstance(found, tuple):
        return np.exp(found)
    total = np.zeros((len(found), task.nodes.size))
    persons = np.zeros((len(found), 1))
    for block in blocks:
        for part in stretches(block):
            if part.covariates is not None:
                total[part.group] += np.exp(found[part.group].log_weights(part.covariates)).sum(axis=1)
                persons[part.group] += part.persons.size
    return total / np.maximum(persons, 1.0)


def _regression(
    task: Design,
    free: FloatArray,
    by_group: FloatArray,
    names: tuple[str, ...],
    middle: FloatArray,
    spread: FloatArray,
) -> Regression | None:
    """Return what was found about the covariates, in their own units."""
    if not names:
        return None
    covariance = by_group[0, 2:, 2:] / np.outer(spread, spread)
    slopes = ability_values(task, free)[0, 2:] / spread
    return Regression(names, middle, slopes, np.sqrt(np.diagonal(covariance)), covariance)


def _ability(
    task: Design, free: FloatArray, by_group: FloatArray, nodes: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, dict[str, FloatArray]]:
    """Return mean and sd of each group's ability, and the errors of mean, sd and variance."""
    if task.ability.name == "histogram":
        unknown = np.full(weights.shape[0], np.nan)
        return *moments(nodes, weights), {"mean": unknown, "sd": unknown, "variance": unknown}
    values = ability_values(task, free)
    mean, sd = values[:, 0], np.exp(values[:, 1])
    error_mean, error_log_sd = np.sqrt(by_group[:, 0, 0]), np.sqrt(by_group[:, 1, 1])
    return mean, sd, {"mean": error_mean, "sd": sd * error_log_sd, "variance": 2.0 * sd**2 * error_log_sd}


def _problems(
    apart: Sequence[IndexArray], used: IndexArray, names: Sequence[str], ascent: Ascent, converged: bool
) -> tuple[Problem, ...]:
    """Return what a user has to know before any number of the result is used."""
    if apart:
        sets = "; ".join(_some([names[used[item]] for item in island]) for island in apart)
        return (error("C110", Span("scores"), n=len(apart), sets=sets),)
    if not converged:
        return (error("C111", Span("scores"), norm=f"{ascent.state.gradient_norm:.3g}"),)
    return ()


def _some(names: Sequence[str]) -> str:
    """Return the first names of a set, and how many there are."""
    return ", ".join(names) if len(names) <= 5 else f"{', '.join(names[:4])}, … ({len(names)})"


def _information_words(task: Design, blocks: Sequence[Block], errors: str) -> str:
    """Return in words where the errors come from."""
    if errors == "none":
        return "none"
    words = {"observed": "observed (Louis 1982)", "sandwich": "sandwich (White 1982)"}.get(errors, "cross-product")
    if errors != "cross-product" and not all(is_exact(task, block) for block in blocks):
        words += ", outer products of persons' scores where that would cost too much"
    if task.n_free > WHOLE_INFORMATION:
        words += ", items in batches"
    if task.ability.name == "histogram":
        words += ", ability distribution held"
    return words
