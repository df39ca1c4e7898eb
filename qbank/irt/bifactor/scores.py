"""Scores of persons under a bifactor or testlet calibration."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.answers import checked_scores
from qbank.irt.bifactor.design import Design, design, values_at
from qbank.irt.bifactor.expectation import (
    log_tables,
    pattern_likelihoods,
    posteriors,
    specific_posteriors,
)
from qbank.irt.bifactor.patterns import make_parts
from qbank.irt.bifactor.record import BifactorCalibration, BifactorScores
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, Mask


def score_bifactor(scores: ArrayLike, fit: BifactorCalibration) -> BifactorScores:
    """Return expected a posteriori abilities and testlet effects.

    scores : (n_persons, n_items) of the same items in the same order, −1 not seen; persons need not be those of
        the calibration
    The posterior of the general ability has the testlets' effects integrated out (Gibbons & Hedeker 1992), so
    that answers to one stimulus do not count as so many independent ones. Who saw nothing has the mean and sd of
    the population.

    Cost: an E-step, and n_persons x n_testlets x n_nodes.
    """
    # scipy brings a BLAS of its own, which can be held to one thread only once it is loaded.
    import scipy.linalg  # noqa: F401

    answers = checked_scores(scores)
    n_persons, n_items = answers.shape
    if n_items != len(fit.parameters.items):
        raise ValueError(f"scores of {n_items} items for parameters of {len(fit.parameters.items)}")
    used = np.flatnonzero(fit.parameters.estimated & np.isfinite(fit.specific))
    part_scores = answers[:, used]
    high = part_scores.max(axis=0, initial=-1)
    wrong = np.flatnonzero(high >= fit.parameters.n_categories[used])
    if wrong.size:
        item = int(used[wrong[0]])
        raise ValueError(
            f"item {item + 1} has a score {high[wrong[0]]}, but only {fit.parameters.n_categories[item]} categories"
        )
    task, free = _as_design(fit, used)
    theta, variance = np.zeros(n_persons), np.full(n_persons, fit.ability_sd**2)
    n_testlets = len(fit.testlets)
    effect, effect_variance = np.zeros((n_persons, n_testlets)), np.ones((n_persons, n_testlets))
    with threadpool_limits(1, user_api="blas"):
        tables = log_tables(task, free)
        eta = task.specific[1][0]
        for part in make_parts(task, part_scores):
            log_p, kept = pattern_likelihoods(task, part, tables)
            first, second = np.zeros_like(log_p), np.ones_like(log_p)
            for _, packet, piece, posterior in specific_posteriors(task, part, tables, kept):
                if packet.side:
                    first[packet.here][piece] = np.einsum("usq,s->uq", posterior, eta)
                    second[packet.here][piece] = np.einsum("usq,s->uq", posterior, eta**2)
            for chunk in posteriors(task, part, log_p):
                persons = part.persons[chunk.rows]
                mean = chunk.posterior @ task.nodes
                theta[persons] = mean
                deviation = task.nodes - mean[:, None]
                variance[persons] = (chunk.posterior * deviation**2).sum(axis=1)
                for number, packet in enumerate(part.packets):
                    if not packet.side:
                        continue
                    code = part.codes[chunk.rows, number]
                    some = np.flatnonzero(code >= 0)
                    where = persons[some], int(task.testlet[packet.items[0]])
                    place = packet.first + code[some]
                    moment = (chunk.posterior[some] * first[place]).sum(axis=1)
                    effect[where] = moment
                    square = (chunk.posterior[some] * second[place]).sum(axis=1)
                    effect_variance[where] = np.maximum(square - moment**2, 0.0)
    n_answers = (part_scores != NOT_SEEN).sum(axis=1)
    marginal, empirical = _reliabilities(theta, variance, n_answers > 0, fit.ability_sd)
    return BifactorScores(
        theta=theta,
        errors=np.sqrt(variance),
        specific_theta=effect,
        specific_errors=np.sqrt(effect_variance),
        n_answers=n_answers,
        marginal_reliability=marginal,
        empirical_reliability=empirical,
    )


def _as_design(fit: BifactorCalibration, used: IndexArray) -> tuple[Design, FloatArray]:
    """Return a design in which only the specific values are free, and these."""
    parameters = fit.parameters
    words = [parameters.model[item] for item in used]
    n_categories = parameters.n_categories[used]
    known = parameters.estimates[used].copy()
    testlet = fit.testlet[used]
    task = design(
        words,
        n_categories,
        testlet,
        structure=fit.structure,
        known=known,
        nodes=fit.nodes,
        specific_nodes=fit.specific_nodes,
    )
    task = replace(task, log_weights=np.log(fit.weights))
    rows = np.zeros(task.index.shape)
    rows[:, :-1] = known
    rows[:, -1] = fit.specific[used]
    if fit.structure == "testlet" and fit.testlets:
        rows[:, -1] = fit.testlet_sd[testlet]
    return task, values_at(task, rows)


def _reliabilities(
    theta: FloatArray, variance: FloatArray, some: Mask, ability_sd: float
) -> tuple[float, float]:
    """Return marginal and empirical reliability, NaN where nobody answered."""
    if not some.any():
        return float("nan"), float("nan")
    left = float(variance[some].mean())
    between = float(theta[some].var())
    return 1.0 - left / ability_sd**2, between / (between + left) if between + left > 0 else float("nan")
