"""Calibration with testlets: from scores to parameters with errors. Checks the call and records the result."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.bifactor.ascent import Ascent, ascend
from qbank.irt.bifactor.design import FIXED, Design, design, expand
from qbank.irt.bifactor.information import information
from qbank.irt.bifactor.patterns import Part, make_parts
from qbank.irt.bifactor.record import BifactorCalibration
from qbank.irt.models import MODELS, NOT_SEEN, FloatArray, IndexArray, ScoreArray
from qbank.irt.parameters import UNLINKED, from_estimates, labels, model_words

STRUCTURES = ("bifactor", "testlet")
ERRORS = ("observed", "sandwich", "cross-product")
SPECIFIC_RANGE = 5.0
FIRST_SPECIFIC = 0.5
# A specific slope or sd below this is at its maximum 0, where its sign does not matter.
NO_EFFECT = 1e-3


def calibrate_bifactor(
    scores: ArrayLike,
    testlets: Sequence[str | None],
    *,
    model: str | Sequence[str] = "2pl",
    structure: str = "bifactor",
    guessing: ArrayLike | None = None,
    prior_logit_c: tuple[float, float] | None = None,
    items: Sequence[str] | None = None,
    fingerprints: Sequence[str] | None = None,
    scale: str = UNLINKED,
    n_nodes: int = 61,
    n_specific_nodes: int = 31,
    tolerance: float = 1e-6,
    max_iterations: int = 500,
    errors: str | None = "observed",
) -> BifactorCalibration:
    """Return parameters of items in testlets by marginal maximum likelihood.

    scores : (n_persons, n_items), category 0, 1, ..., −1 not seen
    testlets : (n_items,) label of each item's testlet (stimulus, case), None or "" without
    model : a word of MODELS, or one for each item
    structure : "bifactor", a theta + s eta + d with a specific slope s for each item (Gibbons & Hedeker 1992;
        Gibbons et al. 2007); "testlet", a (theta + sd eta) + d with one sd for each testlet (Bradlow, Wainer &
        Wang 1999; Wang, Bradlow & Wainer 2002)
    guessing : lower asymptotes of 3pl and 4pl items, (n_items,) or one for all, NaN where estimated
    prior_logit_c : mean and sd of a normal density of the logit of every lower asymptote that is estimated;
        without it few data determine a guessing level
    n_nodes, n_specific_nodes : equally spaced on [−6, 6] for ability and on [−5, 5] for the testlets' effects
    tolerance : convergence, largest derivative of the objective / sqrt(n_persons)
    errors : from the "observed" information (Louis 1982), the "cross-product" of the persons' scores, the
        "sandwich" of both, or None

    The integral has two dimensions however many testlets there are (Gibbons & Hedeker 1992, eq. 11; Cai, Yang &
    Hansen 2011). The sign of a testlet's effect is arbitrary: its specific slopes have a positive sum. No D = 1.7.
    ValueError for a wrong call; an item or a testlet without an estimate has NaN and a word in `status`.

    >>> from qbank.irt.bifactor import simulate_bifactor
    >>> from qbank.irt import item_parameters
    >>> true = item_parameters("2pl", a=[1.0] * 6, b=[-1.0, 0.0, 1.0] * 2)
    >>> scores = simulate_bifactor(
    ...     true, np.random.default_rng(1).normal(size=2000), ["x"] * 3 + ["y"] * 3, specific=[1.0] * 6, seed=2
    ... )
    >>> fit = calibrate_bifactor(scores, ["x"] * 3 + ["y"] * 3, structure="testlet")
    >>> fit.converged, bool((fit.testlet_sd > 0.7).all())
    (True, True)
    """
    # scipy brings a BLAS of its own, which can be held to one thread only once it is loaded.
    import scipy.linalg
    import scipy.sparse.csgraph  # noqa: F401

    answers = checked_scores(scores)
    n_items = answers.shape[1]
    words = model_words(model, n_items)
    known_c = _known_guessing(guessing, words)
    _check_options(structure, words, testlets, errors, prior_logit_c, n_nodes, n_specific_nodes)
    labels(items, n_items)
    n_categories = _n_categories(answers, words)
    status = _usable(answers, words, n_categories)
    used = np.flatnonzero(status == "ok")
    names, testlet, testlet_status = _testlets(testlets, answers, used, structure)
    part = answers[:, used]
    nodes = np.linspace(-6.0, 6.0, n_nodes)
    specific_nodes = np.linspace(-SPECIFIC_RANGE, SPECIFIC_RANGE, n_specific_nodes)
    known = _known(words, n_categories, known_c)

    def task_of(where: IndexArray) -> Design:
        return design(
            [words[item] for item in used],
            n_categories[used],
            where[used],
            structure=structure,
            known=known[used],
            nodes=nodes,
            specific_nodes=specific_nodes,
            prior_logit_c=prior_logit_c,
        )

    n_persons = int((part != NOT_SEEN).any(axis=1).sum()) if used.size else 0
    goal = tolerance * np.sqrt(max(1, n_persons))
    with threadpool_limits(1, user_api="blas"):
        plain = task_of(np.full(n_items, FIXED))
        parts = make_parts(plain, part)
        start = _start(plain, words, used, part)
        alone = ascend(plain, parts, start, goal=goal, max_iterations=max_iterations)
        task, fit = plain, alone
        if (testlet[used] >= 0).any():
            task = task_of(testlet)
            parts = make_parts(task, part)
            start = _with_effects(plain, alone.state.free, task)
            fit = ascend(task, parts, start, goal=goal, max_iterations=max_iterations)
        covariance = _covariance(task, parts, fit, errors)
    found = _reported(task, fit.state.free, covariance)
    effects = found.specific
    status[used] = _outcome(task, fit.state.free, found.covariance, errors)
    unknown = ~np.isin(status, ("ok", "no error"))
    most = known.shape[1]
    values, item_covariance = np.full((n_items, most), np.nan), np.full((n_items, most, most), np.nan)
    values[used], item_covariance[used] = found.values, found.covariance
    values[unknown], item_covariance[unknown] = np.nan, np.nan
    specific, specific_errors = np.full((2, n_items), np.nan)
    specific[used], specific_errors[used] = effects, found.specific_errors
    specific[unknown], specific_errors[unknown] = np.nan, np.nan
    sd, sd_errors = _testlet_sds(task, found, testlet[used], len(names))
    if task is not plain:
        for t in np.unique(testlet[testlet >= 0]).tolist():
            if (np.abs(effects[testlet[used] == t]) < NO_EFFECT).all():
                testlet_status[t] = "no effect"
    return BifactorCalibration(
        parameters=from_estimates(
            words,
            n_categories,
            values,
            covariance=item_covariance,
            items=items,
            fingerprints=fingerprints,
            scale=scale,
        ),
        structure=structure,
        testlets=names,
        testlet=testlet,
        specific=specific,
        specific_errors=specific_errors,
        testlet_sd=sd,
        testlet_sd_errors=sd_errors,
        ability_sd=found.ability_sd,
        ability_sd_error=found.ability_sd_error,
        log_likelihood=fit.state.expectation.log_likelihood,
        unidimensional_log_likelihood=alone.state.expectation.log_likelihood,
        n_free=task.n_free,
        unidimensional_n_free=plain.n_free,
        gradient_norm=fit.state.gradient_norm,
        trace=fit.trace,
        converged=fit.converged and alone.converged and n_persons > 0,
        nodes=found.ability_sd * nodes,
        weights=np.exp(task.log_weights),
        specific_nodes=specific_nodes,
        specific_weights=np.exp(task.specific[1][1]),
        n_persons=n_persons,
        n_answers=(answers != NOT_SEEN).sum(axis=0),
        status=tuple(status.tolist()),
        testlet_status=tuple(testlet_status),
        settings={
            "structure": structure,
            "prior_logit_c": prior_logit_c,
            "n_nodes": n_nodes,
            "n_specific_nodes": n_specific_nodes,
            "tolerance": tolerance,
            "max_iterations": max_iterations,
            "errors": errors,
        },
    )


def checked_scores(scores: ArrayLike) -> ScoreArray:
    """Return scores as int8 (n_persons, n_items), or say what is wrong with them."""
    answers = np.asarray(scores)
    if answers.ndim != 2:
        raise ValueError(f"scores must be a matrix of persons by items, found {answers.ndim} dimensions")
    if answers.size and answers.dtype.kind not in "biu":
        raise ValueError(f"scores must be whole numbers with -1 for not seen, found {answers.dtype}")
    low, high = (int(answers.min()), int(answers.max())) if answers.size else (0, 0)
    if low < NOT_SEEN or high > 126:
        raise ValueError(f"scores must be 0 to 126, or -1 (not seen), found {low if low < NOT_SEEN else high}")
    return answers.astype(np.int8, copy=False)


def _check_options(
    structure: str,
    words: Sequence[str],
    testlets: Sequence[str | None],
    errors: str | None,
    prior_logit_c: tuple[float, float] | None,
    n_nodes: int,
    n_specific_nodes: int,
) -> None:
    """Raise ValueError for a call that cannot be meant."""
    if structure not in STRUCTURES:
        raise ValueError(f"unknown structure {structure!r} (structures: {', '.join(STRUCTURES)})")
    if len(testlets) != len(words):
        raise ValueError(f"{len(testlets)} testlets for {len(words)} items")
    if errors is not None and errors not in ERRORS:
        raise ValueError(f"unknown errors {errors!r} (errors: {', '.join(ERRORS)})")
    if prior_logit_c is not None and not prior_logit_c[1] > 0:
        raise ValueError(f"the sd of prior_logit_c must be above 0, found {prior_logit_c[1]}")
    if min(n_nodes, n_specific_nodes) < 3:
        raise ValueError("an integral needs at least 3 nodes")
    if structure == "bifactor":
        nominal = [j for j, word in enumerate(words) if word == "nominal" and testlets[j] not in (None, "")]
        if nominal:
            raise ValueError(
                f"item {nominal[0] + 1} is nominal: it has no single predictor for a specific slope to be added to "
                'to (structure "testlet" works for it)'
            )


def _known_guessing(guessing: ArrayLike | None, words: Sequence[str]) -> FloatArray:
    """Return the logits of lower asymptotes that are given, NaN where they are not."""
    if guessing is None:
        return np.full(len(words), np.nan)
    share = np.asarray(guessing, dtype=np.float64)
    if share.shape not in ((), (len(words),)):
        raise ValueError(f"guessing must be one number or one for each of {len(words)} items, found {share.shape}")
    if ((share < 0) | (share >= 1)).any():
        raise ValueError("guessing must lie between 0 and 1")
    with np.errstate(divide="ignore"):
        logit: FloatArray = np.broadcast_to(np.log(share) - np.log1p(-share), (len(words),)).copy()
    return logit


def _n_categories(answers: ScoreArray, words: Sequence[str]) -> IndexArray:
    """Return how many categories each item has: its model's, or the highest that occurs."""
    highest = answers.max(axis=0, initial=0) if answers.size else np.zeros(len(words), dtype=np.int8)
    found = np.empty(len(words), dtype=np.intp)
    for item, word in enumerate(words):
        least, most = MODELS[word].categories
        found[item] = max(int(highest[item]) + 1, least)
        if found[item] > most:
            raise ValueError(
                f"item {item + 1} has a score {highest[item]}, but a {word} item has at most {most} categories"
            )
    return found


def _known(words: Sequence[str], n_categories: IndexArray, known_c: FloatArray) -> FloatArray:
    """Return the values that are fixed, NaN where free."""
    names = [MODELS[word].parameters(int(n)) for word, n in zip(words, n_categories, strict=True)]
    known = np.full((len(words), max((len(own) for own in names), default=0)), np.nan)
    for item, own in enumerate(names):
        if "logit_c" in own:
            known[item, own.index("logit_c")] = known_c[item]
    return known


def _usable(answers: ScoreArray, words: Sequence[str], n_categories: IndexArray) -> np.ndarray:
    """Return a word for each item: ok, or why it cannot be estimated."""
    status = np.full(len(words), "ok", dtype=object)
    for item, (word, n) in enumerate(zip(words, n_categories.tolist(), strict=True)):
        own = answers[:, item]
        times = np.bincount(own[own != NOT_SEEN], minlength=n)
        if times.sum() == 0:
            status[item] = "not seen"
        elif times.sum() < 2:
            status[item] = "too few answers"
        elif (times > 0).sum() == 1:
            binary = MODELS[word].categories == (2, 2)
            status[item] = ("all wrong" if times[0] else "all right") if binary else "one category"
        elif (times == 0).any() and word != "rsm":
            status[item] = "unused category"
    return status


def _testlets(
    given: Sequence[str | None], answers: ScoreArray, used: IndexArray, structure: str
) -> tuple[tuple[str, ...], IndexArray, list[str]]:
    """Return the testlets' labels in the order of their first item, each item's index, and a word for each."""
    names = tuple(dict.fromkeys(str(label) for label in given if label is not None and label != ""))
    place = {name: t for t, name in enumerate(names)}
    testlet = np.array(
        [FIXED if label is None or label == "" else place[str(label)] for label in given], dtype=np.intp
    )
    some = np.zeros(testlet.size, dtype=bool)
    some[used] = True
    testlet[~some] = FIXED
    words = []
    for t in range(len(names)):
        own = np.flatnonzero(testlet == t)
        word = "ok"
        if own.size < 2:
            word = "one item" if own.size else "no items"
        elif ((answers[:, own] != NOT_SEEN).sum(axis=1) < 2).all():
            word = "never together"
        elif own.size == 2 and structure == "bifactor":
            word = "equal slopes"
        if word not in ("ok", "equal slopes"):
            testlet[own] = FIXED
        words.append(word)
    return names, testlet, words


def _start(task: Design, words: Sequence[str], used: IndexArray, part: ScoreArray) -> FloatArray:
    """Return first values from the share of each category."""
    free = np.clip(np.zeros(task.n_free), task.low, task.high)
    for place, item in enumerate(used.tolist()):
        n = int(task.n_categories[place])
        own = part[:, place]
        times = np.bincount(own[own != NOT_SEEN], minlength=n)[None, :].astype(np.float64)
        first = MODELS[words[item]].start(times / times.sum())[0]
        for column, value in enumerate(first):
            if task.index[place, column] != FIXED:
                free[task.index[place, column]] = value
    return np.clip(free, task.low, task.high)


def _with_effects(plain: Design, free: FloatArray, task: Design) -> FloatArray:
    """Return first values with testlets from the estimates without."""
    values = expand(plain, free)
    values[:, -1] = FIRST_SPECIFIC
    start = np.zeros(task.n_free)
    moving = task.index != FIXED
    start[task.index[moving]] = values[moving]
    return start


def _covariance(task: Design, parts: Sequence[Part], fit: Ascent, errors: str | None) -> FloatArray:
    """Return the covariance of the free values, (n_free, n_free), NaN where unknown."""
    unknown = np.full((task.n_free, task.n_free), np.nan)
    if errors is None or not task.n_free:
        return unknown
    from scipy import linalg

    free = fit.state.free
    observed, crossed = information(task, parts, free, fit.state.expectation)
    moving = np.flatnonzero((free > task.low) & (free < task.high))
    inside = np.ix_(moving, moving)
    bread = crossed if errors == "cross-product" else observed
    try:
        inverse = linalg.cho_solve(linalg.cho_factor(bread[inside]), np.eye(moving.size))
    except linalg.LinAlgError:
        return unknown
    unknown[inside] = inverse @ crossed[inside] @ inverse if errors == "sandwich" else inverse
    return unknown


@dataclass(frozen=True, slots=True)
class _Found:
    """What is reported of the items that took part; see BifactorCalibration."""

    values: FloatArray
    covariance: FloatArray
    specific: FloatArray
    specific_errors: FloatArray
    effects: FloatArray
    effect_errors: FloatArray
    ability_sd: float
    ability_sd_error: float


def _reported(task: Design, free: FloatArray, covariance: FloatArray) -> _Found:
    """Return values on the reported scale: where some model has a = 1, ability has a free sd instead.

    The slope g that such items share is estimated with ability N(0, 1); on the scale g theta it is 1.
    """
    values = expand(task, free)
    n_items, n_all = values.shape
    unit = _unit_slope(task)
    g = 1.0 if unit == FIXED else float(free[unit])
    # FIXED = −1 is the last row and column here: a constant.
    padded = np.pad(covariance, ((0, 1), (0, 1)))
    local = np.column_stack((task.index, np.full(n_items, unit)))
    own = padded[local[:, :, None], local[:, None]]
    jacobian = np.zeros((n_items, n_all + 1, n_all + 1))
    jacobian[:] = np.eye(n_all + 1)
    slopes = np.zeros((n_items, n_all), dtype=bool)
    for kind in task.kinds:
        slopes[np.ix_(kind.items, kind.columns[:-1])] = kind.model.slopes(kind.n_categories)
    out = values.copy()
    item, column = np.nonzero(slopes)
    out[item, column] /= g
    jacobian[item, column, column] = 1.0 / g
    jacobian[item, column, -1] += -values[item, column] / g**2
    # The last row is the specific slope in logits; where testlets have an sd, that is a sd.
    effect = values[:, -1].copy()
    row = np.zeros((n_items, n_all + 1))
    row[:, n_all - 1] = 1.0
    if task.proportional:
        effect, row[:, n_all - 1], row[:, -1] = g * effect, g, values[:, -1]
    sign = _signs(task, effect)
    effect_variance = np.einsum("jp,jpr,jr->j", row, own, row)
    specific, specific_variance = effect, effect_variance
    if task.proportional:
        # s = a sd, in the metric of the estimates.
        product = np.zeros((n_items, n_all + 1))
        product[:, 0], product[:, n_all - 1] = values[:, -1], values[:, 0]
        specific = np.where(task.testlet >= 0, values[:, 0] * values[:, -1], 0.0)
        specific_variance = np.einsum("jp,jpr,jr->j", product, own, product)
        specific_variance = np.where(task.testlet >= 0, specific_variance, 0.0)
    reported = jacobian @ own @ np.swapaxes(jacobian, 1, 2)
    n_parameters = n_all - 1
    with np.errstate(invalid="ignore"):
        return _Found(
            values=_masked(task, out[:, :n_parameters]),
            covariance=reported[:, :n_parameters, :n_parameters],
            specific=sign * specific,
            specific_errors=np.sqrt(np.maximum(specific_variance, 0.0)),
            effects=sign * effect,
            effect_errors=np.sqrt(np.maximum(effect_variance, 0.0)),
            ability_sd=g,
            ability_sd_error=float(np.sqrt(padded[unit, unit])),
        )


def _unit_slope(task: Design) -> int:
    """Return the place of the slope that all items of models with a = 1 share, FIXED if there is none."""
    for kind in task.kinds:
        if kind.model.slope == "one":
            return int(task.index[kind.items[0], 0])
    return FIXED


def _masked(task: Design, values: FloatArray) -> FloatArray:
    """Return values, NaN beyond an item's own parameters."""
    out = np.full(values.shape, np.nan)
    for kind in task.kinds:
        place = np.ix_(kind.items, kind.columns[:-1])
        out[place] = values[place]
    return out


def _signs(task: Design, effect: FloatArray) -> FloatArray:
    """Return ±1 for each item so that its testlet's specific slopes have a positive sum."""
    sign = np.ones(effect.size)
    for t in np.unique(task.testlet[task.testlet >= 0]):
        own = task.testlet == t
        if effect[own].sum() < 0:
            sign[own] = -1.0
    return sign


def _testlet_sds(
    task: Design, found: _Found, testlet: IndexArray, n_testlets: int
) -> tuple[FloatArray, FloatArray]:
    """Return each testlet's sd and its error, NaN where there is none; at 0 an sd has no error."""
    sd, errors = np.full((2, n_testlets), np.nan)
    if task.proportional:
        for t in np.unique(testlet[testlet >= 0]).tolist():
            first = int(np.flatnonzero(testlet == t)[0])
            sd[t], errors[t] = found.effects[first], found.effect_errors[first]
            if sd[t] < NO_EFFECT:
                errors[t] = np.nan
    return sd, errors


def _outcome(task: Design, free: FloatArray, covariance: FloatArray, errors: str | None) -> np.ndarray:
    """Return a word for each item that took part."""
    moving = task.index != FIXED
    stopped = np.append((free <= task.low) | (free >= task.high), False)[task.index] & moving
    status = np.full(task.index.shape[0], "ok", dtype=object)
    for kind in task.kinds:
        own = covariance[np.ix_(kind.items, kind.columns[:-1], kind.columns[:-1])]
        if errors is not None:
            status[kind.items[np.isnan(own).any(axis=(1, 2))]] = "no error"
    status[stopped.any(axis=1)] = "diverged"
    return status
