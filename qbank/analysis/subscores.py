"""Whether the score of a section or a domain says more than the total does: Haberman's reductions of mean squared error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from qbank.analysis.arrays import FloatArray
from qbank.analysis.intervals import CONFIDENCE, normal_quantile
from qbank.analysis.pooled import pooled
from qbank.analysis.reliability import complete_marks
from qbank.analysis.sitting import SittingData
from qbank.analysis.tiers import Tiers

NAN = float("nan")
REPLICATIONS = 200
AUGMENTED_GAIN = 0.01
SCHEMA = pl.Schema(
    {"form": pl.String(), "kind": pl.String(), "value": pl.String(), "n": pl.Int64(), "n_items": pl.Int64(),
     "marks_max": pl.Float64(), "mean": pl.Float64(), "sd": pl.Float64(), "prmse_subscore": pl.Float64(),
     "prmse_total": pl.Float64(), "prmse_augmented": pl.Float64(), "gain": pl.Float64(), "gain_error": pl.Float64(),
     "gain_low": pl.Float64(), "gain_high": pl.Float64(), "true_correlation": pl.Float64(), "verdict": pl.String(),
     "status": pl.String()}
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Prmse:
    """Proportional reductions of mean squared error of true subscores, each (n_subscores,); NaN where there is none.

    subscore : by the observed subscore, its reliability ; total : by the observed total ; augmented : by both ;
    true_correlation : of the true subscore with the true total (of all subscores)
    """

    subscore: FloatArray
    total: FloatArray
    augmented: FloatArray
    true_correlation: FloatArray


def prmse(covariance: FloatArray, alpha: FloatArray) -> Prmse:
    """Return how well true subscores are predicted by what was observed (Haberman 2008, J. Educ. Behav. Stat. 33, 204–229).

    covariance : (s, s) of the observed subscores that add up to the total x ; alpha : (s,) their reliabilities, errors being
    independent. With c = cov(s_t, x) = cov(s, x) − (1 − α)·var s:
    by the subscore α (eq. 9), by the total c² / (α var s · var x) (eq. 12), by both the squared multiple correlation of
    s_t on s and x (eq. 17).

    >>> found = prmse(np.array([[4.0, 3.2], [3.2, 4.0]]), np.array([0.8, 0.8]))
    >>> found.subscore.round(3).tolist(), found.total.round(3).tolist(), found.augmented.round(3).tolist()
    ([0.8, 0.8], [0.889, 0.889], [0.889, 0.889])
    """
    own = np.diag(covariance).astype(float)
    with_total, total = covariance.sum(axis=1), float(covariance.sum())
    exists = (own > 1e-12) & (alpha > 0) & (total > 1e-12)
    spread, rel = np.where(exists, own, 1.0), np.where(exists, alpha, 1.0)
    true = rel * spread
    cross = with_total - (1 - rel) * spread
    scale = total if total > 1e-12 else 1.0
    by_total = cross**2 / (true * scale)
    determinant = spread * scale - with_total**2
    inside = determinant > 1e-10 * spread * scale
    both = (true**2 * scale - 2 * true * cross * with_total + cross**2 * spread) / np.where(inside, determinant, 1.0)
    by_both = np.where(inside, both / true, np.maximum(rel, by_total))
    # the error of the total is the sum of those of all subscores
    known = np.where(np.isfinite(alpha), alpha, 0.0)
    true_total = total - float(((1 - known) * own).sum())
    r_true = cross / np.sqrt(true * true_total) if true_total > 1e-12 else np.full(len(own), NAN)
    found = [np.where(exists, values, NAN) for values in (rel, by_total, by_both, r_true)]
    return Prmse(found[0], np.minimum(found[1], 1.0), np.minimum(found[2], 1.0), found[3])


@dataclass(frozen=True, slots=True, eq=False)
class SubscoreAnalysis:
    """table : one row a paper, kind and stratum, `subscore_analysis` ; withheld : `Tiers.withheld` ; seed, replications."""

    table: pl.DataFrame
    withheld: pl.DataFrame
    seed: int
    replications: int


def subscore_analysis(
    data: SittingData, *, tiers: Tiers | None = None, seed: int = 1, replications: int = REPLICATIONS, confidence: float = CONFIDENCE
) -> SubscoreAnalysis:
    """Return for every section and domain of every paper whether its score is worth reporting.

    prmse_subscore (α), prmse_total, prmse_augmented: `prmse`; gain = prmse_subscore − prmse_total with its standard error
    and 95 % interval by bootstrap over persons (seed); true_correlation with the total.
    verdict: ``report`` where the interval of the gain lies above 0; ``augmented`` where it does not but the weighted sum of
    subscore and total predicts better than either by .01 and more (report the weighted one, if any); ``no`` else;
    ``unclear`` where the gain is above 0 but its interval holds 0; ``none`` where there is no reliability.
    Items outside every stratum of a kind count as one stratum more, without a row. Kinds with one stratum have no rows.
    Where forms are pooled the subscores are marks above expectation, form "", n_items the mean over persons.
    status: ok, one_item, constant, no_reliability, too_few (persons).
    """
    limits = tiers or Tiers()
    needed = limits.needs("subscores")
    frames, asked = [], []
    if data.pooled:
        return _pooled(data, limits, seed, replications, confidence)
    for form, name in enumerate(data.forms):
        marks, _ = complete_marks(data, form)
        held = np.flatnonzero(data.in_form[form] & data.scored[form])
        for kind, words in data.strata:
            own = np.array([words[item] for item in held], dtype=object)
            values = list(dict.fromkeys(own.tolist()))
            if len(values) < 2:
                continue
            asked.append((name, len(marks)))
            if len(marks) >= needed:
                member = np.array([own == value for value in values], float)
                shape = _Shape(member.sum(axis=1), (marks @ member.T).mean(axis=0), member @ data.marks_max[held])
                frames.append(_kind(marks, shape, own, values, (name, kind), seed, replications, confidence))
    scopes = dict(asked)
    return SubscoreAnalysis(
        pl.concat([pl.DataFrame(schema=SCHEMA), *frames]),
        limits.withheld([("subscores", name, n) for name, n in scopes.items()]),
        seed,
        replications,
    )


def _pooled(data: SittingData, limits: Tiers, seed: int, replications: int, confidence: float) -> SubscoreAnalysis:
    found = pooled(data)
    marks = np.where(found.counted, data.marks, 0.0)
    frames, asked = [], False
    for kind, words in data.strata:
        own = np.array(words, dtype=object)
        values = list(dict.fromkeys(own[found.counted.any(axis=0)].tolist()))
        if len(values) < 2:
            continue
        asked = True
        if data.n_persons < limits.needs("subscores"):
            continue
        member = np.array([own == value for value in values], float)
        # what a person had of each part stands for all: families give everybody as many
        shape = _Shape((found.counted @ member.T).mean(axis=0), (marks @ member.T).mean(axis=0), (found.counted * data.marks_max @ member.T).mean(axis=0))
        frames.append(_kind(found.above, shape, own, values, ("", kind), seed, replications, confidence))
    withheld = limits.withheld([("subscores", "", data.n_persons)] if asked else [])
    return SubscoreAnalysis(pl.concat([pl.DataFrame(schema=SCHEMA), *frames]), withheld, seed, replications)


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """Of each part of a paper, (s,): its items, the mean of its marks, the most marks."""

    n_items: FloatArray
    mean: FloatArray
    full: FloatArray


def _kind(
    marks: FloatArray,
    shape: _Shape,
    own: FloatArray,
    values: list[str],
    label: tuple[str, str],
    seed: int,
    replications: int,
    confidence: float,
) -> pl.DataFrame:
    n = len(marks)
    member = np.array([own == value for value in values], float)  # (s, k)
    sizes = shape.n_items
    scores = marks @ member.T
    squares, products = marks**2, (scores[:, :, None] * scores[:, None, :]).reshape(n, -1)
    found = _of(np.ones(n)[None, :], marks, squares, scores, products, member, sizes)
    covariance, alpha = found[0][0], found[1][0]
    point = prmse(covariance, alpha)
    rng, z = np.random.default_rng(seed), normal_quantile(confidence)
    gains = np.empty((replications, len(values)))
    block = max(1, int(2e6 // max(n, 1)))
    for start in range(0, replications, block):
        size = min(block, replications - start)
        weights = rng.multinomial(n, np.full(n, 1 / n), size=size).astype(float)
        for place, (sample, rel) in enumerate(zip(*_of(weights, marks, squares, scores, products, member, sizes), strict=True)):
            again = prmse(sample, rel)
            gains[start + place] = again.subscore - again.total
    rows = []
    for place, value in enumerate(values):
        if not value:
            continue
        sd = float(np.sqrt(max(covariance[place, place], 0.0)))
        status = "one_item" if sizes[place] <= 1 else "constant" if sd < 1e-9 else "ok"
        if status == "ok" and not alpha[place] > 0:
            status = "no_reliability"
        gain = float(point.subscore[place] - point.total[place]) if status == "ok" else NAN
        drawn = gains[:, place][np.isfinite(gains[:, place])]
        error = float(drawn.std(ddof=1)) if status == "ok" and len(drawn) > 1 else NAN
        best = max(float(point.subscore[place]), float(point.total[place])) if status == "ok" else NAN
        half = z * error
        low, high = gain - half, gain + half
        verdict = "none"
        if status == "ok":
            more = float(point.augmented[place]) - best >= AUGMENTED_GAIN
            verdict = "report" if low > 1e-6 else "augmented" if more else "unclear" if gain > 1e-6 else "no"
        reductions = [float(values[place]) if status == "ok" else NAN for values in (
            point.subscore, point.total, point.augmented)]  # fmt: skip
        rows.append(
            (
                *label, value, n, round(float(sizes[place])), float(shape.full[place]), float(shape.mean[place]), sd,
                *reductions, gain, error, low, high,
                float(point.true_correlation[place]) if status == "ok" else NAN, verdict, status,
            )
        )  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _of(
    weights: FloatArray, marks: FloatArray, squares: FloatArray, scores: FloatArray, products: FloatArray, member: FloatArray, k: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return covariances (b, s, s) of the subscores and their alphas (b, s) under weights of persons, (b, n_persons).

    squares : marks² ; products : of any two subscores, (n_persons, s·s) ; k : (s,) items of each
    """
    n = weights.sum(axis=1)[:, None]
    means = weights @ scores / n
    s = scores.shape[1]
    joint = (weights @ products / n).reshape(-1, s, s) - means[:, :, None] * means[:, None, :]
    spread = np.maximum(weights @ squares / n - (weights @ marks / n) ** 2, 0.0) @ member.T
    adjust = (n / np.maximum(n - 1, 1))[:, :, None]
    whole = np.einsum("bss->bs", joint)
    exists = (k > 1) & (whole > 1e-12)
    alpha = np.where(exists, k / np.where(k > 1, k - 1, 1) * (1 - spread / np.where(exists, whole, 1.0)), NAN)
    return joint * adjust, alpha
