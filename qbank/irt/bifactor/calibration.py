"""Calibration with testlets: from scores to parameters with errors. Checks the call and records the result."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.ability import log_normal_weights
from qbank.irt.answers import categories, checked_scores, counted_scores, highest_scores, islands, usable
from qbank.irt.bifactor.arrangement import arranged
from qbank.irt.bifactor.ascent import Ascent, ascend
from qbank.irt.bifactor.design import FIXED, Design, expand, values_at
from qbank.irt.bifactor.design import design as build_design
from qbank.irt.bifactor.outcome import covariance_of, item_words, reported, testlet_sds, without_effect
from qbank.irt.bifactor.patterns import Part, make_parts
from qbank.irt.bifactor.record import BifactorCalibration
from qbank.irt.blocks import group_by_form
from qbank.irt.calibration.anchors import Fixed, anchored
from qbank.irt.likelihood import quadrature
from qbank.irt.models import MODELS, NOT_SEEN, FloatArray, IndexArray, ScoreArray
from qbank.irt.parameters import UNLINKED, from_estimates, labels, model_words
from qbank.irt.priors import Priors, centre, checked_priors, function
from qbank.problem import Problem, Span, error

STRUCTURES = ("bifactor", "testlet")
DESIGNS = ("anchor", "spiralled")
ERRORS = ("observed", "sandwich", "cross-product", "none")
FIRST_SPECIFIC = 0.5
# Grids on which the ascent begins, and how much sooner than at the goal it leaves them.
COARSE, COARSE_SPECIFIC, LEAD = 31, 15, 1e3
# The log-likelihood without testlets needs less than the estimates: its error is of the second order.
LOOSER = 100.0


def calibrate_bifactor(
    scores: ArrayLike,
    testlets: Sequence[str | None],
    *,
    model: str | Sequence[str] = "2pl",
    structure: str = "bifactor",
    fixed: Fixed | None = None,
    priors: Priors | None = None,
    design: str = "anchor",
    n_categories: ArrayLike | None = None,
    items: Sequence[str] | None = None,
    fingerprints: Sequence[str] | None = None,
    scale: str = UNLINKED,
    errors: str = "observed",
    n_nodes: int = 61,
    n_specific_nodes: int = 31,
    tolerance: float = 1e-6,
    max_iterations: int = 500,
) -> BifactorCalibration:
    """Return parameters of items in testlets by marginal maximum likelihood, with errors.

    scores : (n_persons, n_items), the category 0, 1, ... of each answer, −1 not seen
    testlets : (n_items,) label of each item's testlet (stimulus, text, case), None or "" without
    model : a word of MODELS, or one for each item
    structure : "bifactor", a theta + s eta + d with a specific slope s for each item (Gibbons & Hedeker 1992;
        Gibbons et al. 2007); "testlet", a (theta + sd eta) + d with one sd for each testlet (Bradlow, Wainer &
        Wang 1999; Wang, Bradlow & Wainer 2002). Ability theta and the testlets' effects eta are independent
        N(0, 1). With two testlets and nothing else bifactor slopes are barely identified, and in short testlets
        of few persons one may grow without end (status diverged): prefer "testlet", or a prior on s.
    fixed : asymptotes that are known, {"c": 0.25} or {"c": array} with NaN where estimated
    priors : as in calibrate; the name s stands for specific slopes and sds, {"s": ("normal", 0, 1)}
    design : "anchor": forms must be connected by common items; "spiralled": they were assigned at random
    n_categories : (n_items,) if the scores do not show all
    errors : "observed" Louis (1982), "sandwich" White (1982), "cross-product", or "none"
    n_nodes, n_specific_nodes : equally spaced on [−6, 6] for ability and for each testlet's effect
    tolerance : convergence, largest derivative of the objective / sqrt(n_persons)

    The integral has two dimensions however many testlets there are (Gibbons & Hedeker 1992, eq. 11; Cai, Yang &
    Hansen 2011). The sign of a testlet's effect is arbitrary: its specific slopes have a positive sum. No D = 1.7.
    An item or a testlet without an estimate has NaN and a word in `status`. ValueError for a wrong call.

    >>> from qbank.irt import item_parameters, simulate_bifactor
    >>> true, texts = item_parameters("2pl", a=[1.0] * 9, b=[-1.0, 0.0, 1.0] * 3), ["x"] * 3 + ["y"] * 3 + [None] * 3
    >>> theta = np.random.default_rng(1).normal(size=2000)
    >>> fit = calibrate_bifactor(simulate_bifactor(true, theta, texts, testlet_sd=1.0, seed=2), texts)
    >>> fit.converged, fit.testlets, bool((fit.specific[:6] > 0.5).all())
    (True, ('x', 'y'), True)
    """
    # scipy brings a BLAS of its own, which can be held to one thread only once it is loaded.
    import scipy.linalg
    import scipy.sparse.csgraph  # noqa: F401

    _checked_options(structure, design, errors)
    if min(n_nodes, n_specific_nodes) < 3 or max_iterations < 1 or not tolerance > 0:
        raise ValueError(
            "n_nodes and n_specific_nodes must be 3 or more, max_iterations 1 or more, tolerance above 0"
        )
    answers = checked_scores(scores)
    n_items = answers.shape[1]
    words, names = model_words(model, n_items), labels(items, n_items)
    if len(testlets) != n_items:
        raise ValueError(f"{len(testlets)} testlets for {n_items} items")
    _checked_nominal(structure, words, testlets, names)
    counts = counted_scores(answers)
    n_own = categories(highest_scores(counts), words, n_categories, names)
    known = anchored(_asymptotes(fixed), words, n_own, names)
    item_priors = checked_priors(priors, n_items)
    status, shares = usable(counts, words, n_own, np.ones(n_items, dtype=bool))
    used = np.flatnonzero(status == "ok")
    part = np.ascontiguousarray(answers[:, used])
    apart = _apart(part) if design == "anchor" else ()
    if apart:
        status[used] = "not connected"
    where = arranged(testlets, words, answers, used if not apart else used[:0], structure)

    def task_of(testlet: IndexArray) -> Design:
        return build_design(
            [words[item] for item in used],
            n_own[used],
            testlet[used],
            structure=structure,
            equal_sd=where.equal_sd,
            known=known[used],
            priors={name: (word, p[used], q[used]) for name, (word, p, q) in item_priors.items()},
            nodes=quadrature(n_nodes),
            specific_nodes=quadrature(n_specific_nodes),
        )

    n_persons = int((part != NOT_SEEN).any(axis=1).sum()) if not apart else 0
    goal = tolerance * np.sqrt(max(1, n_persons))
    with threadpool_limits(1, user_api="blas"):
        plain = task_of(np.full(n_items, FIXED))
        first = _first_values(
            plain, [words[item] for item in used], [shares[item] for item in used], item_priors, used
        )
        parts = make_parts(plain, part) if not apart else ()
        alone = _ascent(plain, parts, first, goal=LOOSER * goal, max_iterations=max_iterations)
        task, fit = plain, alone
        if (where.testlet >= 0).any():
            task = task_of(where.testlet)
            parts = make_parts(task, part)
            first = _with_effects(plain, alone, task)
            fit = _ascent(task, parts, first, goal=goal, max_iterations=max_iterations)
        elif not apart:
            fit = alone = ascend(
                plain,
                parts,
                alone.state.free,
                goal=goal,
                max_iterations=max_iterations,
                observed=alone.observed,
            )
        covariance = covariance_of(task, parts, fit, errors if not apart else "none")
    free = fit.state.free
    found = reported(task, free, covariance)
    if not apart:
        status[used] = item_words(task, free, found.covariance, errors)
    testlet_status = list(where.status)
    for number in without_effect(task, found):
        testlet_status[number] = "no effect"
    estimated = np.isin(status, ("ok", "no error"))
    most = known.shape[1]
    values, item_covariance = np.full((n_items, most), np.nan), np.full((n_items, most, most), np.nan)
    values[used], item_covariance[used] = found.values, found.covariance
    specific, specific_errors = np.full((2, n_items), np.nan)
    specific[used], specific_errors[used] = found.specific, found.specific_errors
    for array in (values, item_covariance, specific, specific_errors):
        array[~estimated] = np.nan
    sd, sd_errors = testlet_sds(task, found, len(where.names))
    converged = bool(fit.converged and alone.converged and n_persons > 0)
    nothing = float("nan")
    return BifactorCalibration(
        parameters=from_estimates(
            words,
            n_own,
            values,
            covariance=item_covariance,
            items=items,
            fingerprints=fingerprints,
            scale=scale,
        ),
        structure=structure,
        testlets=where.names,
        testlet=where.testlet,
        specific=specific,
        specific_errors=specific_errors,
        testlet_sd=sd,
        testlet_sd_errors=sd_errors,
        ability_sd=found.ability_sd,
        ability_sd_error=found.ability_sd_error,
        log_likelihood=nothing if apart else fit.state.expectation.log_likelihood,
        log_posterior=nothing if apart else fit.state.objective,
        unidimensional_log_likelihood=nothing if apart else alone.state.expectation.log_likelihood,
        n_free=task.n_free,
        unidimensional_n_free=plain.n_free,
        gradient_norm=nothing if apart else fit.state.gradient_norm,
        trace=fit.trace,
        converged=converged,
        nodes=found.ability_sd * task.nodes,
        weights=np.exp(task.log_weights),
        specific_nodes=task.specific[1][0],
        specific_weights=np.exp(task.specific[1][1]),
        n_persons=n_persons,
        n_answers=(answers != NOT_SEEN).sum(axis=0),
        status=tuple(status.tolist()),
        testlet_status=tuple(testlet_status),
        problems=_problems([[names[used[item]] for item in island] for island in apart], fit, converged),
        settings={
            "structure": structure,
            "priors": {name: (word, p, q) for name, (word, p, q) in (priors or {}).items()},
            "design": design,
            "n_nodes": n_nodes,
            "n_specific_nodes": n_specific_nodes,
            "tolerance": tolerance,
            "max_iterations": max_iterations,
            "errors": errors,
        },
    )


def _checked_options(structure: str, design: str, errors: str) -> None:
    for value, known, what in (
        (structure, STRUCTURES, "structure"),
        (design, DESIGNS, "design"),
        (errors, ERRORS, "errors"),
    ):
        if value not in known:
            raise ValueError(f"unknown {what} {value!r} ({', '.join(known)})")


def _checked_nominal(
    structure: str, words: Sequence[str], testlets: Sequence[str | None], names: Sequence[str]
) -> None:
    """Raise ValueError if a specific slope is asked for where there is no single predictor to add it to."""
    for word, testlet, name in zip(words, testlets, names, strict=True):
        if structure == "bifactor" and word == "nominal" and testlet:
            raise ValueError(
                f'item {name} is nominal and has no single slope: only the structure "testlet" has room for it'
            )


def _asymptotes(fixed: Fixed | None) -> Fixed | None:
    """Return what is fixed, if that is asymptotes: anything else would set a scale that is set already."""
    if fixed is None:
        return None
    if not isinstance(fixed, dict) or not all(
        set([key] if isinstance(key, str) else value) <= {"c", "u"} for key, value in fixed.items()
    ):
        raise ValueError('only asymptotes can be fixed here: {"c": ...}, {"u": ...}')
    return fixed


def _apart(part: ScoreArray) -> tuple[IndexArray, ...]:
    """Return the items in sets that no person connects, if there are several, else nothing."""
    blocks = group_by_form(part, np.zeros(part.shape[0], dtype=np.intp), collapse=False)
    found = islands([(block.items, block.seen) for block in blocks], part.shape[1], np.empty(0, dtype=np.intp))
    return found if len(found) > 1 else ()


def _first_values(
    task: Design,
    words: Sequence[str],
    shares: Sequence[FloatArray],
    priors: dict[str, tuple[str, FloatArray, FloatArray]],
    used: IndexArray,
) -> FloatArray:
    """Return first values from the share of each category, asymptotes from their priors."""
    rows = np.zeros(task.index.shape)
    for place, (word, share) in enumerate(zip(words, shares, strict=True)):
        first = MODELS[word].start(share[None])[0]
        rows[place, : first.size] = first
        names = MODELS[word].parameters(int(task.n_categories[place]))
        for name, (density, p, q) in priors.items():
            if density == "beta" and function(name).of in names and not np.isnan(p[used[place]]):
                typical = function(name).inverse(centre(density, p[used[place]], q[used[place]]))
                rows[place, names.index(function(name).of)] = float(typical)
    return values_at(task, rows)


def _ascent(
    task: Design, parts: Sequence[Part], first: FloatArray, *, goal: float, max_iterations: int
) -> Ascent:
    """Return the ascent from first values: led on coarse grids, finished on the ones that were asked for."""
    nodes, eta = task.nodes, task.specific[1][0]
    if parts and nodes.size > COARSE and eta.size > COARSE_SPECIFIC:
        coarse, coarse_eta = quadrature(COARSE), quadrature(COARSE_SPECIFIC)
        lead = replace(
            task,
            nodes=coarse,
            log_weights=log_normal_weights(coarse, 0.0, 1.0),
            specific=(task.specific[0], (coarse_eta, log_normal_weights(coarse_eta, 0.0, 1.0))),
        )
        led = ascend(lead, parts, first, goal=LEAD * goal, max_iterations=max_iterations)
        return ascend(
            task, parts, led.state.free, goal=goal, max_iterations=max_iterations, observed=led.observed
        )
    return ascend(task, parts, first, goal=goal, max_iterations=max_iterations)


def _with_effects(plain: Design, alone: Ascent, task: Design) -> FloatArray:
    """Return first values with testlets from the estimates without."""
    rows = expand(plain, alone.state.free)
    rows[:, -1] = FIRST_SPECIFIC
    return values_at(task, rows)


def _problems(apart: Sequence[Sequence[str]], fit: Ascent, converged: bool) -> tuple[Problem, ...]:
    """Return what a user has to know before any number of the result is used."""
    if apart:
        sets = "; ".join(_some(names) for names in apart)
        return (error("C110", Span("scores"), n=len(apart), sets=sets),)
    if not converged:
        return (error("C111", Span("scores"), norm=f"{fit.state.gradient_norm:.3g}"),)
    return ()


def _some(names: Sequence[str]) -> str:
    """Return the first names of a set, and how many there are."""
    return ", ".join(names) if len(names) <= 5 else f"{', '.join(names[:4])}, … ({len(names)})"
