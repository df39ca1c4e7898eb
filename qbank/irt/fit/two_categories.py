"""Person fit where every item has two categories and was answered: the sums of `persons`, with one table in place of one a category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qbank.irt.fit.mean_squares import LEAST_VARIANCE
from qbank.irt.models import FloatArray, ScoreArray
from qbank.irt.models.logistic import logistic_log_probability
from qbank.irt.parameters import Batch

# Cells of the table of items by persons that is worked on at a time; a dozen of them fit a core's cache.
CELLS = 1 << 15


@dataclass(frozen=True, slots=True)
class Curve:
    """Arrays (n_items, n_persons) at the persons' abilities.

    right: P(X = 1);  spread: P (1 − P);  logit: ln(P / (1 − P));  residual: x − P
    """

    right: FloatArray
    spread: FloatArray
    logit: FloatArray
    residual: FloatArray


@dataclass(frozen=True, slots=True)
class PlainSums:
    """Sums over items, (n_persons,): of the log-likelihood less its expectation and its variance, of (x − E)^2, V, (x − E)^2 / V,
    fourth moments less V^2, and fourth moments / V^2."""

    log: FloatArray
    log_variance: FloatArray
    square: FloatArray
    variance: FloatArray
    standard: FloatArray
    fourth: FloatArray
    fourth_standard: FloatArray


def plain_sums(batches: Sequence[Batch], answers: ScoreArray, theta: FloatArray) -> PlainSums:
    """Return the sums for lz, infit and outfit.

    With d = ln(P / Q): log P_x − E log P = (x − P) d, its variance P Q d^2; the fourth moment of a residual is P Q (1 − 3 P Q).
    """
    total = np.zeros((7, theta.size))
    for batch in batches:
        at = _curve(batch, answers, theta)
        variance = np.maximum(at.spread, LEAST_VARIANCE)
        square = at.residual * at.residual
        inverse = 1.0 / variance
        fourth = at.spread * (1.0 - 3.0 * at.spread)
        total[0] += _products(at.residual, at.logit)
        total[1] += _products(at.spread * at.logit, at.logit)
        total[2] += square.sum(axis=0)
        total[3] += variance.sum(axis=0)
        total[4] += _products(square, inverse)
        total[5] += fourth.sum(axis=0) - _products(variance, variance)
        total[6] += _products(fourth * inverse, inverse)
    return PlainSums(*total)


def plain_star(
    batches: Sequence[Batch], answers: ScoreArray, theta: FloatArray, extra: FloatArray, *, warm: bool
) -> tuple[FloatArray, FloatArray]:
    """Return the numerator and the variance of lz_star, (n_persons,); extra: r_0 of the estimate, to which WLE adds its own.

    With r = P' / (P Q): gain = sum of P Q r d, information = sum of P Q r^2, c = gain / information; the variance is the
    sum of P Q (d − c r)^2.
    """
    log, gain, information, bias = (np.zeros(theta.size) for _ in range(4))
    parts = []
    for batch in batches:
        at = _curve(batch, answers, theta)
        slope, curvature = _derivatives(batch, at, theta, warm=warm)
        weighted = at.spread * slope
        log += _products(at.residual, at.logit)
        gain += _products(weighted, at.logit)
        information += _products(weighted, np.broadcast_to(slope, weighted.shape))
        if warm:
            bias += _products(weighted, curvature)
        parts.append((at, slope))
    known = information > 1e-12
    safe = np.where(known, information, 1.0)
    if warm:
        extra = extra + np.where(known, bias / (2.0 * safe), np.nan)
    share = np.where(known, gain / safe, np.nan)
    variance = np.zeros(theta.size)
    for at, slope in parts:
        weight = at.logit - share * slope
        variance += _products(at.spread * weight, weight)
    return log + share * extra, variance


def _products(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return the sums over items of the products."""
    return np.asarray(np.einsum("ip,ip->p", one, other))


def _curve(batch: Batch, answers: ScoreArray, theta: FloatArray) -> Curve:
    if _logistic(batch):
        logit = batch.values[:, 0, None] * theta + batch.values[:, 1, None]
        # beyond ±700 the exponential has no finite value; P is 0 or 1 long before
        right = 1.0 / (1.0 + np.exp(-np.clip(logit, -700.0, 700.0)))
    else:
        log_probability = batch.model.log_probability(batch.values, theta)
        logit = log_probability[:, 1] - log_probability[:, 0]
        right = np.exp(log_probability[:, 1])
    # P Q d^2 is 0 where Q has vanished
    return Curve(right, right * (1.0 - right), logit, answers.T[batch.items] - right)


def _derivatives(batch: Batch, at: Curve, theta: FloatArray, *, warm: bool) -> tuple[FloatArray, FloatArray]:
    """Return r = P' / (P Q) and P'' / (P Q), either (n_items, n_persons) or (n_items, 1)."""
    if _logistic(batch):
        a = batch.values[:, 0, None]
        return a, (a * a) * (1.0 - 2.0 * at.right) if warm else a
    gradient = batch.model.ability_gradient(batch.values, theta)
    slope = gradient[:, 1] - gradient[:, 0]
    if not warm:
        return slope, slope
    # P''_k / P_k of both categories; P'' / (P Q) is their difference
    curvature = batch.model.ability_curvature(batch.values, theta) + gradient**2
    return slope, curvature[:, 1] - curvature[:, 0]


def _logistic(batch: Batch) -> bool:
    return batch.model.log_probability is logistic_log_probability
