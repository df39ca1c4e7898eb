"""Calibration: from scores to item parameters with errors. Checks the call and records the result."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from qbank.irt.ascent import ascend
from qbank.irt.design import FIXED, Design, design, expand
from qbank.irt.errors import WHOLE_INFORMATION, is_exact, sampling_covariance
from qbank.irt.likelihood import Block, group_by_form, log_normal_weights, quadrature
from qbank.irt.models import MODELS, NOT_SEEN, FloatArray, IndexArray, ScoreArray
from qbank.irt.parameters import UNLINKED, Calibration, from_intercepts, functions, labels, model_words

Anchors = Mapping[int, Mapping[str, float]] | Mapping[str, ArrayLike]


def calibrate(
    scores: ArrayLike,
    *,
    model: str | Sequence[str] = "2pl",
    groups: Sequence[str] | None = None,
    fixed: Anchors | None = None,
    items: Sequence[str] | None = None,
    fingerprints: Sequence[str] | None = None,
    scale: str = UNLINKED,
    prior_log_a: tuple[float, float] | None = None,
    n_nodes: int = 61,
    tolerance: float = 1e-6,
    max_iterations: int = 500,
) -> Calibration:
    """Return item parameters by marginal maximum likelihood, with errors from the observed information.

    scores : (n_persons, n_items), 1 right, 0 wrong, −1 not seen
    model : a word of MODELS, or one for each item
    groups : (n_persons,) label of each person's group; the first in sorted order has mean 0 (and, unless a
        slope is fixed, sd 1), the others' are estimated. None: one group.
    fixed : anchored values, {item: {"a": 1.2, "b": 0.3}} by index or {"a": array, "b": array} with NaN where
        free; "d" may stand for "b". Then the ability mean (if some b or d is fixed) and sd (if some slope is)
        of every group are estimated.
    prior_log_a : mean and sd of a normal density of log a on every free slope, for small or odd data
    tolerance : convergence, largest derivative of the objective / sqrt(n_persons)

    Ability is N(mean, sd^2) on equally spaced nodes on [-6, 6], Bock & Aitkin (1981); no D = 1.7. Errors are
    those of Louis (1982). An item without a finite estimate has NaN and a word in `status`. Items all right
    or all wrong take no part: at their limit their likelihood is 1.

    >>> scores = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]] * 20)
    >>> fit = calibrate(scores, model="rasch")
    >>> fit.converged, fit.status
    (True, ('ok', 'ok', 'ok'))
    """
    # scipy brings a BLAS of its own, which can be held to one thread only once it is loaded.
    import scipy.linalg  # noqa: F401

    answers = checked_scores(scores)
    n_items = answers.shape[1]
    words = model_words(model, n_items)
    names, group_of = _checked_groups(groups, answers.shape[0])
    anchors = _anchored(fixed, words)
    if prior_log_a is not None and not prior_log_a[1] > 0:
        raise ValueError(f"the sd of prior_log_a must be above 0, found {prior_log_a[1]}")
    labels(items, n_items)
    status = _usable(answers, anchors)
    used = np.flatnonzero(status == "ok")
    # The chunks are made for one core's cache; threads would share them and bring run-to-run differences.
    with threadpool_limits(1, user_api="blas"):
        part = answers if used.size == n_items else answers[:, used]
        task = _task(part, [words[item] for item in used], anchors[used], len(names), n_nodes, prior_log_a)
        blocks = group_by_form(part, group_of, collapse=True)
        ascent = ascend(task, blocks, tolerance=tolerance, max_iterations=max_iterations)
        by_item, by_group = sampling_covariance(task, blocks, ascent.state.free, ascent.state.expectation)
    values, covariance = anchors, np.full((n_items, 2, 2), np.nan)
    values[used], ability = expand(task, ascent.state.free)
    covariance[used] = by_item
    status[used] = _outcome(task, ascent.state.free, by_item)
    unknown = ~np.isin(status, ("ok", "fixed", "no error"))
    values[unknown], covariance[unknown], covariance[status == "fixed"] = np.nan, np.nan, 0.0
    ability, by_group = (x if groups is not None else x[0] for x in (ability, by_group))
    mean, sd = ability[..., 0], np.exp(ability[..., 1])
    error_mean, error_log_sd = np.sqrt(by_group[..., 0, 0]), np.sqrt(by_group[..., 1, 1])
    return Calibration(
        parameters=from_intercepts(
            words, values, covariance=covariance, items=items, fingerprints=fingerprints, scale=scale
        ),
        log_likelihood=ascent.state.expectation.log_likelihood,
        gradient_norm=ascent.state.gradient_norm,
        nodes=task.nodes,
        weights=np.exp(log_normal_weights(task.nodes, mean, sd)),
        ability_mean=mean,
        ability_sd=sd,
        ability_errors={"mean": error_mean, "sd": sd * error_log_sd, "variance": 2.0 * sd**2 * error_log_sd},
        groups=names if groups is not None else (),
        trace=ascent.trace,
        converged=ascent.converged,
        n_persons=int(sum(block.weights.sum() for block in blocks)),
        n_answers=(answers != NOT_SEEN).sum(axis=0),
        status=tuple(status.tolist()),
        settings={
            "prior_log_a": prior_log_a,
            "n_nodes": n_nodes,
            "tolerance": tolerance,
            "max_iterations": max_iterations,
            "information": _information_words(task, blocks),
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
    if low < NOT_SEEN or high > 1:
        raise ValueError(f"scores must be 1, 0 or -1 (not seen), found {low if low < NOT_SEEN else high}")
    return answers.astype(np.int8, copy=False)


def _checked_groups(groups: Sequence[str] | None, n_persons: int) -> tuple[tuple[str, ...], IndexArray]:
    """Return the sorted labels of the groups and each person's index among them."""
    if groups is None:
        return ("",), np.zeros(n_persons, dtype=np.intp)
    if len(groups) != n_persons:
        raise ValueError(f"{len(groups)} groups for {n_persons} persons")
    names, group_of = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)
    return tuple(names.tolist()), group_of.astype(np.intp)


def _anchored(fixed: Anchors | None, words: Sequence[str]) -> FloatArray:
    """Return (a, d) of each item, (n_items, 2), NaN where free; a rasch item's slope is 1."""
    given = {name: np.full(len(words), np.nan) for name in ("a", "b", "d")}
    for key, value in (fixed or {}).items():
        if isinstance(key, str):
            _named(given, key)[:] = np.asarray(value, dtype=np.float64)
        elif not 0 <= key < len(words):
            raise ValueError(f"fixed names item {key}, but the items are 0 to {len(words) - 1}")
        else:
            assert isinstance(value, Mapping)
            for name, number in value.items():
                _named(given, name)[key] = number
    one = np.array([MODELS[word].slope == "one" for word in words], dtype=bool)
    if (one & ~np.isnan(given["a"]) & (given["a"] != 1.0)).any():
        raise ValueError("a rasch item has a = 1 and cannot be fixed at another slope")
    a = np.where(one, 1.0, given["a"])
    if (~np.isnan(given["b"]) & np.isnan(a)).any():
        raise ValueError(
            "a difficulty b can be fixed only together with its slope a (or fix the intercept d)"
        )
    return np.column_stack((a, np.where(np.isnan(given["b"]), given["d"], -a * given["b"])))


def _named(given: dict[str, FloatArray], name: str) -> FloatArray:
    if name not in given:
        raise ValueError(f"fixed names the parameter {name!r} (parameters: a, b, d)")
    return given[name]


def _usable(answers: ScoreArray, anchors: FloatArray) -> NDArray[np.object_]:
    """Return a word for each item: ok, or why it cannot be estimated; a fixed item that was seen is ok."""
    seen = (answers != NOT_SEEN).sum(axis=0)
    right = (answers == 1).sum(axis=0)
    free = np.isnan(anchors).any(axis=1)
    status = np.where(free, "ok", np.where(seen > 0, "ok", "fixed")).astype(object)
    for word, met in (
        ("all right", right == seen),
        ("all wrong", right == 0),
        ("too few answers", seen < 2),
        ("not seen", seen == 0),
    ):
        status[free & met] = word
    return status


def _task(
    answers: ScoreArray,
    words: Sequence[str],
    anchors: FloatArray,
    n_groups: int,
    n_nodes: int,
    prior_log_a: tuple[float, float] | None,
) -> Design:
    """Return the design: what anchors and models leave free, and what that makes of the ability scale.

    A fixed slope sets the unit of the scale, a fixed intercept its origin; what nothing sets, the first group
    sets.
    """
    model = functions(words)
    seen, right = (answers != NOT_SEEN).sum(axis=0), (answers == 1).sum(axis=0)
    first = model.start(right / np.maximum(seen, 1))
    ability_free = np.ones((n_groups, 2), dtype=bool)
    ability_free[0] = np.any(~np.isnan(anchors[:, ::-1]), axis=0)
    common = [j for j, word in enumerate(words) if MODELS[word].slope == "common" and np.isnan(anchors[j, 0])]
    return design(
        model,
        quadrature(n_nodes),
        item_values=np.where(np.isnan(anchors), first, anchors),
        item_free=np.isnan(anchors),
        common_slope=np.array(common, dtype=np.intp),
        ability_values=np.zeros((n_groups, 2)),
        ability_free=ability_free,
        prior_log_a=prior_log_a,
    )


def _outcome(task: Design, free: FloatArray, covariance: FloatArray) -> NDArray[np.object_]:
    """Return a word for each item that took part."""
    moving = task.item_index != FIXED
    stopped = np.append((free <= task.low) | (free >= task.high), False)[task.item_index] & moving
    status = np.where(moving.any(axis=1), "ok", "fixed").astype(object)
    status[np.isnan(covariance).any(axis=(1, 2))] = "no error"
    status[stopped.any(axis=1)] = "diverged"
    return status


def _information_words(task: Design, blocks: Sequence[Block]) -> str:
    """Return in words where the errors come from."""
    words = "observed (Louis 1982)"
    if not all(is_exact(block, task.nodes.size) for block in blocks):
        words += ", outer products for persons without a form in common"
    if task.n_free > WHOLE_INFORMATION:
        words += ", items in batches"
    return words
