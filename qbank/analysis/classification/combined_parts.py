"""The parts of an examination joined person by person: who passed it, in what it failed, and how far to trust that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qbank.analysis.arrays import FloatArray, IntArray, ratio, read_only
from qbank.analysis.classification.combined import RULES, combined_from_scores, decided, true_scores
from qbank.analysis.classification.record import Classification
from qbank.analysis.intervals import CONFIDENCE, correlation_interval, wilson_interval

NAN = float("nan")
SLACK = 1e-9
STATES = ("passed", "failed", "no_cut", "waiting", "absent", "void", "withheld", "missing")
"""What became of a person in a part: a total at, below or without a cut; none yet; a standing that has none; not registered."""
DECISIONS = ("pass", "fail", "open")
FIGURES = ("accuracy", "consistency", "kappa", "false_pass", "false_fail", "wrong_of_passed", "wrong_of_failed", "pass_rate")
DRAWS = 20_000
FINEST = 0.05
"""Marks between neighbouring scores, below which scores count as continuous."""
REPLICATIONS = 200


@dataclass(frozen=True, slots=True, eq=False)
class PartScores:
    """A part as its sitting gave it, a row for each person of any part.

    total : (n_persons,) marks, NaN without a result ; cut : (n_persons,) marks that it takes, NaN none set
    standing : (n_persons,) present, waiting, absent, void, withheld or missing ; full : marks of the paper
    sem : standard error of a total in marks, NaN unknown ; n_items : questions that alpha is of, 0 where the reliability was
    given and counts as known
    """

    name: str
    total: FloatArray
    cut: FloatArray
    standing: tuple[str, ...]
    full: float
    sem: float
    n_items: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class CombinedAnalysis:
    """Several parts as one decision.

    parts : part, n_registered, n_sat, cut, cut_high (where papers differ), mean, sd, n_passed, pass_rate, pass_low, pass_high,
        sem, reliability (of all who sat), n_common, sd_common, reliability_common (of those who sat every part), status
    correlations : first, second, n, r, low, high, disattenuated (1 at most), status
    decisions : decision (pass, fail, open), n, share ; patterns : failed (places of the parts, "" none), n, of those who sat all
    summary : figure, value, low, high: of the decision by the model, with the observed pass rate first
    near : part (−1 the sum), n_below, n_above: whom one standard error of the part that decides would turn
    state : (n_persons, n_parts) index into STATES ; decision : (n_persons,) index into DECISIONS
    deciding : (n_persons,) the part that lies lowest above or farthest below its cut in standard errors, −1 none or the sum
    distance : (n_persons,) how many standard errors that is ; score : (n_persons,) weighted sum of percentages, NaN none
    weights : of a compensatory sum, adding up to 1, () else ; cut : of the sum, NaN where it is that of each person's papers
    model : the classification, None where ``status`` says why not (no_cut, few_persons, no_reliability, constant)
    """

    names: tuple[str, ...]
    rule: str
    weights: tuple[float, ...]
    cut: float
    parts: pl.DataFrame
    correlations: pl.DataFrame
    decisions: pl.DataFrame
    patterns: pl.DataFrame
    summary: pl.DataFrame
    near: pl.DataFrame
    state: IntArray
    decision: IntArray
    deciding: IntArray
    distance: FloatArray
    score: FloatArray
    n_complete: int
    needed: int
    replications: int
    seed: int
    model: Classification | None
    status: str

    @property
    def n_persons(self) -> int:
        return int(self.state.shape[0])


def combined_analysis(
    parts: Sequence[PartScores],
    *,
    rule: str = "conjunctive",
    weights: Sequence[float] = (),
    cut: float = NAN,
    needed: int = 100,
    replications: int = REPLICATIONS,
    seed: int = 1,
) -> CombinedAnalysis:
    """Return who passes an examination of several parts, and how often that is right and would be repeated.

    rule : conjunctive (every part at or above its cut) or compensatory (Σ w·100·total/full at or above ``cut``, by default
    what the parts' cuts come to; weights are scaled to a sum of 1, by default alike) ; needed : persons with a total in every
    part from which accuracy is given ; replications : persons drawn anew for the intervals, 0 none

    Conjunctive: whoever failed a part has failed, whatever is missing; whoever failed none and lacks one is ``open``.
    Compensatory: whoever lacks a part is ``open``. The error of a part is that of its whole sitting, so that among those who
    sat all parts ρ = 1 − SEM²/variance, 0 at least. Intervals: persons drawn with replacement; 1 − alpha is drawn from
    Feldt's (1965) distribution; reliabilities that were given stay.

    >>> known = dict(standing=("present",) * 3, full=100.0, sem=5.0)
    >>> theory = PartScores("theory", np.array([70.0, 50.0, 80.0]), np.full(3, 60.0), **known)
    >>> practice = PartScores("practice", np.array([65.0, 90.0, 58.0]), np.full(3, 60.0), **known)
    >>> [DECISIONS[n] for n in combined_analysis([theory, practice]).decision]
    ['pass', 'fail', 'fail']
    """
    if rule not in RULES:
        raise ValueError(f"rule {rule!r}: conjunctive or compensatory")
    k = len(parts)
    share = np.asarray(weights if len(weights) else np.ones(k), float)
    if not k or share.shape != (k,) or not (np.isfinite(share).all() and (share > 0).all()):
        raise ValueError(f"{len(weights)} weights for {k} parts; every one above 0")
    n_persons = len(parts[0].standing)
    if any(part.total.shape != (n_persons,) or part.cut.shape != (n_persons,) or len(part.standing) != n_persons for part in parts):
        raise ValueError("the parts must have a row for each person of any part")
    total, cuts = (np.stack([getattr(part, name) for part in parts], axis=1) for name in ("total", "cut"))
    sem = np.array([part.sem for part in parts], float)
    state = _states(parts, total, cuts)
    complete = np.isfinite(total).all(axis=1)
    # marks of a part in the weighted sum of percentages
    weight = share / share.sum() * 100 / np.array([part.full for part in parts], float)
    score = np.where(complete, total @ weight, NAN) if rule == "compensatory" else np.full(n_persons, NAN)
    needs = np.where(np.isfinite(cut), cut, cuts @ weight) if rule == "compensatory" else np.full(n_persons, NAN)
    decision = _of_parts(state) if rule == "conjunctive" else _of_sum(score, needs)
    deciding, distance = _distances(total, cuts, sem) if rule == "conjunctive" else _from_sum(score, needs, sem, weight)
    margin = total - cuts if rule == "conjunctive" or not np.isfinite(cut) else total
    status, model, intervals = _model(
        parts, margin[complete], sem, rule=rule, weight=weight, cut=cut if np.isfinite(cut) else 0.0,
        needed=needed, replications=replications, seed=seed,
    )  # fmt: skip
    return CombinedAnalysis(
        tuple(part.name for part in parts), rule, tuple((share / share.sum()).tolist()) if rule == "compensatory" else (), cut,
        _parts_table(parts, total, cuts, state, complete), _correlations(parts, total, sem),
        _counts(decision), _patterns(state[complete & (decision < 2)]) if rule == "conjunctive" else _patterns(state[:0]),
        _summary(decision[complete], model, intervals), _near(deciding, distance, decision, k, rule),
        read_only(state), read_only(decision), read_only(deciding), read_only(distance), read_only(score),
        int(complete.sum()), needed, replications if intervals else 0, seed, model, status,
    )  # fmt: skip


def _states(parts: Sequence[PartScores], total: FloatArray, cuts: FloatArray) -> IntArray:
    word = {name: n for n, name in enumerate(STATES)}
    state = np.array([[word.get(each, word["waiting"]) for each in part.standing] for part in parts], np.int64).T
    state = state.reshape(total.shape)
    known = np.isfinite(total)
    with np.errstate(invalid="ignore"):
        reached = np.where(total >= cuts - SLACK, word["passed"], word["failed"])
    return np.where(known, np.where(np.isfinite(cuts), reached, word["no_cut"]), state)


def _of_parts(state: IntArray) -> IntArray:
    failed, passed = (state == STATES.index("failed")).any(axis=1), (state == STATES.index("passed")).all(axis=1)
    return np.where(failed, 1, np.where(passed, 0, 2)).astype(np.int64)


def _of_sum(score: FloatArray, needs: FloatArray) -> IntArray:
    known = np.isfinite(score) & np.isfinite(needs)
    with np.errstate(invalid="ignore"):
        return np.where(known, np.where(score >= needs - SLACK, 0, 1), 2).astype(np.int64)


def _distances(total: FloatArray, cuts: FloatArray, sem: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the part that decides and its distance from the cut in standard errors; nothing of persons who lack a part."""
    with np.errstate(invalid="ignore"):
        apart = (total - cuts) / np.where(sem > 0, sem, NAN)
    known = np.isfinite(apart).all(axis=1)
    deciding = np.where(known, np.argmin(np.where(np.isfinite(apart), apart, np.inf), axis=1), -1).astype(np.int64)
    return deciding, np.where(known, np.take_along_axis(apart, np.maximum(deciding, 0)[:, None], axis=1)[:, 0], NAN)


def _from_sum(score: FloatArray, needs: FloatArray, sem: FloatArray, weight: FloatArray) -> tuple[IntArray, FloatArray]:
    error = float(np.sqrt(((weight * sem) ** 2).sum()))
    distance = (score - needs) / error if error > 0 else np.full(score.shape, NAN)
    return np.full(score.shape, -1, np.int64), distance


def _parts_table(
    parts: Sequence[PartScores], total: FloatArray, cuts: FloatArray, state: IntArray, complete: NDArray[np.bool_]
) -> pl.DataFrame:
    rows = []
    for j, part in enumerate(parts):
        sat = np.isfinite(total[:, j])
        marks, common, needs = total[sat, j], total[complete, j], cuts[np.isfinite(cuts[:, j]), j]
        n_passed = int((state[:, j] == STATES.index("passed")).sum())
        decided_here = sat & np.isfinite(cuts[:, j])
        low, high = wilson_interval(n_passed, int(decided_here.sum()))
        rows.append({
            "part": part.name, "n_registered": int((state[:, j] != STATES.index("missing")).sum()), "n_sat": int(sat.sum()),
            "cut": float(needs.min()) if needs.size else NAN, "cut_high": float(needs.max()) if needs.size else NAN,
            "mean": float(marks.mean()) if marks.size else NAN, "sd": _sd(marks), "n_passed": n_passed,
            "pass_rate": float(ratio(n_passed, int(decided_here.sum()))), "pass_low": float(low), "pass_high": float(high),
            "sem": part.sem, "reliability": _reliability(part.sem, _sd(marks)), "n_common": common.size,
            "sd_common": _sd(common), "reliability_common": _reliability(part.sem, _sd(common)),
            "status": "nobody" if not marks.size else "no_cut" if not needs.size else "constant" if _sd(marks) == 0
            else "no_reliability" if not np.isfinite(part.sem) else "ok",
        })  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"status": pl.String})


def _sd(values: FloatArray) -> float:
    return float(values.std(ddof=1)) if values.size > 1 else NAN


def _reliability(sem: float, sd: float) -> float:
    """Return 1 − SEM²/variance, between 0 and 1."""
    return float(np.clip(1 - sem**2 / sd**2, 0.0, 1.0)) if sd > 0 and np.isfinite(sem) else NAN


def _correlations(parts: Sequence[PartScores], total: FloatArray, sem: FloatArray) -> pl.DataFrame:
    rows = []
    for i in range(len(parts)):
        for j in range(i + 1, len(parts)):
            both = np.isfinite(total[:, i]) & np.isfinite(total[:, j])
            one, other = total[both, i], total[both, j]
            n = int(both.sum())
            varies = n > 2 and np.ptp(one) > 0 and np.ptp(other) > 0
            r = float(np.corrcoef(one, other)[0, 1]) if varies else NAN
            low, high = correlation_interval(r, n)
            reliable = _reliability(sem[i], _sd(one)) * _reliability(sem[j], _sd(other))
            apart = float(np.clip(ratio(r, np.sqrt(reliable)), -1.0, 1.0)) if varies and reliable > 0 else NAN
            status = "few_persons" if n <= 2 else "constant" if not varies else "no_reliability" if not np.isfinite(apart) else "ok"
            rows.append((parts[i].name, parts[j].name, n, r, float(low), float(high), apart, status))
    names = {"first": pl.String, "second": pl.String, "n": pl.Int64, "r": pl.Float64, "low": pl.Float64, "high": pl.Float64,
             "disattenuated": pl.Float64, "status": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row")


def _counts(decision: IntArray) -> pl.DataFrame:
    n = [int((decision == place).sum()) for place in range(len(DECISIONS))]
    return pl.DataFrame({"decision": list(DECISIONS), "n": n, "share": ratio(np.array(n, float), decision.size)})


def _patterns(state: IntArray) -> pl.DataFrame:
    """Return in which parts those who sat all failed, most frequent first; () is in none."""
    rows, n = np.unique(state == STATES.index("failed"), axis=0, return_counts=True) if state.size else (np.zeros((0, 1)), np.zeros(0))
    failed = [" ".join(str(place) for place in np.flatnonzero(row)) for row in rows]
    table = pl.DataFrame({"failed": pl.Series(failed, dtype=pl.String), "n": pl.Series(n.tolist(), dtype=pl.Int64)})
    return table.with_columns(share=pl.col("n") / pl.col("n").sum()).sort(["n", "failed"], descending=[True, False])


def _near(deciding: IntArray, distance: FloatArray, decision: IntArray, k: int, rule: str) -> pl.DataFrame:
    with np.errstate(invalid="ignore"):
        close = (np.abs(distance) <= 1 + SLACK) & (decision < 2)
    places = range(k) if rule == "conjunctive" else (-1,)
    rows = [(place, *(int((close & (deciding == place) & (decision == d)).sum()) for d in (1, 0))) for place in places]
    return pl.DataFrame(rows, schema={"part": pl.Int64, "n_below": pl.Int64, "n_above": pl.Int64}, orient="row")


def score_limit(margin: FloatArray) -> float:
    """Return from what mark above or below the cut scores count: the middle between the lowest that passes and the next lower.

    margin : (n_persons,) marks above the cut; all marks are some multiple of a step apart. 0 where the step is finer than .05.

    >>> score_limit(np.array([3.0, -1.0, 0.0])), score_limit(np.array([-2.0, 2.0, 6.0])), score_limit(np.array([0.123, 1.0, 2.0123]))
    (-0.5, 0.0, 0.0)
    """
    places = np.unique(np.round(margin * 1e4).astype(np.int64))
    step = float(np.gcd.reduce(places - places[0])) / 1e4 if places.size > 1 else 0.0
    return float(np.round(places[0] / 1e4 % step - step / 2, 9)) if step >= FINEST else 0.0


def _model(
    parts: Sequence[PartScores], margin: FloatArray, sem: FloatArray, *, rule: str, weight: FloatArray, cut: float,
    needed: int, replications: int, seed: int,
) -> tuple[str, Classification | None, dict[str, tuple[float, float]]]:  # fmt: skip
    """Return the decision's classification from the margins above the cuts of those who sat every part."""
    n = margin.shape[0]
    if not len(parts[0].standing):
        return "few_persons", None, {}
    if any(not np.isfinite(part.cut).any() for part in parts) and (rule == "conjunctive" or not np.isfinite(margin).all()):
        return "no_cut", None, {}
    if n < max(needed, 3):
        return "few_persons", None, {}
    if not np.isfinite(margin).all():
        return "no_cut", None, {}
    if not np.isfinite(sem).all():
        return "no_reliability", None, {}
    sd = margin.std(axis=0, ddof=1)
    if not (sd > 0).any():
        return "constant", None, {}
    limits = np.array([score_limit(column) for column in margin.T]) if rule == "conjunctive" else np.zeros(len(parts))
    # who sat all parts may differ less among themselves than the error of the whole sitting says
    errors = np.minimum(sem, sd)
    added = weight if rule == "compensatory" else None
    model = combined_from_scores(margin, errors, np.zeros(len(parts)), limits=limits, weights=added, cut=cut, seed=seed)
    if not replications:
        return "ok", model, {}
    return "ok", model, _resampled(parts, margin, errors, limits, added, cut, replications, seed)


def _resampled(
    parts: Sequence[PartScores], margin: FloatArray, sem: FloatArray, limits: FloatArray, weight: FloatArray | None, cut: float,
    replications: int, seed: int,
) -> dict[str, tuple[float, float]]:  # fmt: skip
    """Return the percentile interval of each figure; all replications look at the same simulated persons."""
    rng = np.random.default_rng(seed)
    n, k = margin.shape
    normal, uniform = rng.standard_normal((DRAWS, k)), (np.arange(DRAWS) + 0.5) / DRAWS
    whole = np.array([int(np.isfinite(part.total).sum()) for part in parts])
    found = []
    for _ in range(replications):
        # in the order of the persons, so that replications differ by whom they drew and not by the noise put on them
        drawn = margin[np.sort(rng.integers(0, n, n))]
        error = sem * np.array([_scatter(rng, persons, part.n_items) for persons, part in zip(whole, parts, strict=True)])
        error = np.minimum(error, drawn.std(axis=0, ddof=1))
        true, _ = true_scores(drawn, error, (uniform * n).astype(np.int64), normal)
        found.append(_figures(*decided(true, error, np.zeros(k), limits, weight=weight, cut=cut)))
    tail = 100 * (1 - CONFIDENCE) / 2
    table = np.array(found)
    intervals = {}
    for column, name in enumerate(FIGURES):
        known = table[np.isfinite(table[:, column]), column]
        if 2 * known.size >= replications:
            low, high = np.percentile(known, [tail, 100 - tail])
            intervals[name] = (float(low), float(high))
    return intervals


def _scatter(rng: np.random.Generator, n: int, n_items: int) -> float:
    """Return by what the standard error of a part is multiplied in a replication: √F, Feldt (1965); 1 where it is known."""
    return float(np.sqrt(1 / rng.f(n - 1, (n - 1) * (n_items - 1)))) if n > 1 and n_items > 1 else 1.0


def _figures(belongs: NDArray[np.bool_], passes: FloatArray) -> list[float]:
    """Return the figures of FIGURES from simulated persons, as `Classification` has them."""
    rate = float(passes.mean())
    false_pass, false_fail = float(passes[~belongs].sum()) / passes.size, float((1 - passes[belongs]).sum()) / passes.size
    consistency = float((passes**2 + (1 - passes) ** 2).mean())
    chance = rate**2 + (1 - rate) ** 2
    kappa = float(ratio(consistency - chance, 1 - chance)) if 1 - chance > 1e-12 else NAN
    return [
        1 - false_pass - false_fail, consistency, kappa, false_pass, false_fail, float(ratio(false_pass, rate)),
        float(ratio(false_fail, 1 - rate)), rate,
    ]  # fmt: skip


def _summary(decision: IntArray, model: Classification | None, intervals: dict[str, tuple[float, float]]) -> pl.DataFrame:
    """Return the observed pass rate of those who sat every part, and the figures of the model."""
    known = decision[decision < 2]
    n = int((known == 0).sum())
    low, high = wilson_interval(n, known.size)
    rows: list[tuple[str, float, float, float]] = [("observed_rate", float(ratio(n, known.size)), float(low), float(high))]
    if model is not None:
        values = {name: float(getattr(model, name)) for name in FIGURES[:-1]}
        values["pass_rate"] = float(model.observed_shares[1])
        rows += [(name, values[name], *intervals.get(name, (NAN, NAN))) for name in FIGURES]
    return pl.DataFrame(rows, schema={"figure": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}, orient="row")
