"""Planted truth: how often what was planted is found, and what was not planted is said to be there.

    python benchmarks/analysis_truth.py [--case CASE]… [--seeds N] [--json]

A case that looks for something has planted and sound things: the share found must reach a limit, the share of sound ones accused stay
below one. A case of intervals or estimates has only things to be hit: an interval must hold the truth, an estimate lie within .01.
A case named with a number is that of so many persons; `CASES` says of each what is planted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

Counts = dict[str, int]
Array = np.ndarray


def names(n_items: int) -> list[str]:
    return [f"I{item:03d}" for item in range(n_items)]


def logistic(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def counts(planted: Array, found: Array) -> Counts:
    """Return planted things, planted things found, other things and other things found, of two masks."""
    return {
        "planted": int(planted.sum()), "found": int((planted & found).sum()),
        "sound": int((~planted).sum()), "accused": int((~planted & found).sum()),
    }  # fmt: skip


def hits(hit: Any) -> Counts:
    """Return the counts of things that had to be hit, nothing else being there."""
    whole = np.atleast_1d(np.asarray(hit, bool))
    return counts(np.ones(whole.size, bool), whole)


# --- DIF ---------------------------------------------------------------------------------------------------------


def dif(
    seed: int, *, n_persons: int = 20_000, n_items: int = 60, n_planted: int = 6, apart: float | None = None, kind: str = "uniform",
    guessing: float = 0.0, n_groups: int = 2,
) -> Counts:  # fmt: skip
    """Return the counts of one sitting with equal groups and planted items with a true |Δ_MH| of 1.3 to 2, all against one group.

    apart : by how many SD the focal groups are lower (None: .3 in every second seed) ; kind : uniform: class B or C counts as found;
    nonuniform: the curves cross, with a discrimination .5 or 2 times that of the reference group, and what counts is the word
    ``nonuniform`` ; guessing : the lower asymptote; the shift is then the one whose Δ_MH among all abilities is the true one
    """
    from qbank.analysis import dif_analysis, sitting_data

    rng = np.random.default_rng(seed)
    group = np.arange(n_persons) % n_groups
    focal = group == n_groups - 1
    lower = 0.3 * (seed % 2) if apart is None else apart
    ability = rng.normal(size=(n_persons, 1)) - lower * (group > 0)[:, None]
    a, b = rng.lognormal(0, 0.25, n_items), rng.normal(-0.4, 0.9, n_items)
    planted = np.isin(np.arange(n_items), rng.permutation(n_items)[:n_planted])
    delta = rng.uniform(1.3, 2.0, n_items) * np.where(rng.random(n_items) < 0.7, 1, -1) * planted
    shift = delta / 2.35 if guessing == 0 else np.array([_shift(*item, guessing) for item in zip(a, b, delta, strict=True)])
    logit = a * (ability - b) - (shift * focal[:, None] if kind == "uniform" else 0.0)
    if kind == "nonuniform":
        b = np.where(planted, rng.uniform(-0.7, 0.3, n_items), b)
        steeper = np.where(planted, np.where(rng.random(n_items) < 0.5, 0.5, 2.0), 1.0)
        logit = a * (ability - b) * np.where(focal[:, None], steeper, 1.0)
    p = guessing + (1 - guessing) * logistic(logit)
    marks = (rng.random((n_persons, n_items)) < p).astype(float)
    data = sitting_data(names(n_items), marks, 1.0, groups={"site": ["abcdefgh"[word] for word in group]})
    table = dif_analysis(data, "site", reference="a").items
    own = np.zeros(0, bool)
    for word in sorted(set(table["group"])):
        own = np.append(own, planted & (word == "abcdefgh"[n_groups - 1]))
    by_group = table.sort("group", maintain_order=True)
    found = by_group["ets"].is_in(["B", "C"]) if kind == "uniform" else by_group["kind"] == "nonuniform"
    return counts(own, found.to_numpy())


def _shift(a: float, b: float, delta: float, c: float) -> float:
    """Return the shift of the logit for which −2.35 log α_MH, taken at every ability of N(0, 1), is delta."""
    from scipy.optimize import brentq

    at = np.linspace(-5, 5, 201)
    weight = np.exp(-(at**2) / 2)
    one = c + (1 - c) * logistic(a * (at - b))

    def off(shift: float) -> float:
        other = c + (1 - c) * logistic(a * (at - b) - shift)
        alpha = (weight * one * (1 - other)).sum() / (weight * other * (1 - one)).sum()
        return float(2.35 * np.log(alpha) - delta)

    return float(brentq(off, -8, 8))


# --- keys, options, drift, time -------------------------------------------------------------------------------------


def miskey(seed: int, *, n: int, n_items: int = 60, n_planted: int = 3, by: str = "flag") -> Counts:
    """Return the counts of wrong keys: an item is found where its flag ``miskey`` stands, or where its true key is suggested.

    Four options, the wrong ones of unequal draw; sound items of a discrimination of .4 and more.
    """
    from qbank.analysis import flag_table, item_table, likely_keys, option_table, sitting_data

    rng = np.random.default_rng(seed)
    ability = rng.normal(size=(n, 1))
    a, b = np.maximum(rng.lognormal(0, 0.35, n_items), 0.4), rng.normal(-0.5, 0.9, n_items)
    right = rng.random((n, n_items)) < 0.15 + 0.85 * logistic(a * (ability - b))
    pull = rng.dirichlet((2.0, 2.0, 2.0), n_items).cumsum(axis=1)
    wrong = 1 + (rng.random((n, n_items))[:, :, None] > pull[None, :, :2]).sum(axis=2)
    answer = np.where(right, 0, wrong)
    planted = np.isin(np.arange(n_items), rng.permutation(n_items)[:n_planted])
    stored = np.where(planted, rng.integers(1, 4, n_items), 0)
    data = sitting_data(
        names(n_items), (answer == stored).astype(float), 1.0, answer=answer, labels=[list("ABCD")] * n_items,
        key=[{int(word)} for word in stored],
    )  # fmt: skip
    if by == "flag":
        flags = flag_table(item_table(data), option_table(data), keys=likely_keys(data))
        accused = set(flags.filter(flags["code"] == "miskey")["item"])
    else:
        keys = likely_keys(data)
        accused = set(keys.filter(keys["suggested"] & ((keys["option"] == "A") | (keys["key"] == "A")))["item"])
    return counts(planted, np.array([name in accused for name in names(n_items)]))


def distractors(seed: int, *, n: int, n_items: int = 60) -> Counts:
    """Return the counts of dead options (a share of .005 in truth) among options that at least 5 % of all persons choose."""
    from qbank.analysis import flag_table, item_table, option_table, sitting_data

    rng = np.random.default_rng(seed)
    dead = rng.random((n_items, 3)) < 0.15
    dead[dead.all(axis=1)] = False
    share = np.where(dead, 0.005, 0.0)
    alive = (~dead).sum(axis=1)
    free = rng.uniform(0.2, 0.5, n_items) - 0.06 * alive
    share += np.where(dead, 0.0, 0.06 + np.maximum(free, 0.0)[:, None] / alive[:, None])
    wrong = share.sum(axis=1)
    ability = rng.normal(size=(n, 1))
    at = rng.normal(size=20_000)
    level = np.array([np.quantile(1.2 * at + rng.logistic(size=at.size), part) for part in wrong])
    right = 1.2 * ability + rng.logistic(size=(n, n_items)) > level
    edges = (share / wrong[:, None]).cumsum(axis=1)
    which = 1 + (rng.random((n, n_items))[:, :, None] > edges[None, :, :2]).sum(axis=2)
    answer = np.where(right, 0, which)
    data = sitting_data(
        names(n_items), right.astype(float), 1.0, answer=answer, labels=[list("ABCD")] * n_items, key=[{0}] * n_items
    )
    flags = flag_table(item_table(data), option_table(data))
    rows = set(flags.filter(flags["code"] == "non_functioning").select("item", "option").rows())
    found = np.array([[(name, option) in rows for option in "BCD"] for name in names(n_items)])
    return counts(dead.ravel(), found.ravel())


def drift(seed: int, *, n: int, n_items: int = 60, n_planted: int = 6) -> Counts:
    """Return the counts of items whose difficulty moved by .5 to .9 since their calibration, among items that stand still."""
    from qbank.analysis.drift import drift_cause, posterior_without

    rng = np.random.default_rng(seed)
    ability = rng.normal(0.2, 1.0, (n, 1))
    a, b = rng.lognormal(0, 0.2, n_items), rng.normal(-0.5, 1.0, n_items)
    planted = np.isin(np.arange(n_items), rng.permutation(n_items)[:n_planted])
    shift = rng.uniform(0.5, 0.9, n_items) * rng.choice([-1, 1], n_items) * planted
    right = (rng.random((n, n_items)) < logistic(a * (ability - b - shift))).astype(np.int8)
    nodes = np.linspace(-5, 5, 41)
    curve = logistic(a[:, None] * (nodes - b[:, None]))
    found = []
    for item in range(n_items):
        others = posterior_without(
            right, np.log(curve), np.log(1 - curve), -0.5 * (nodes - 0.2) ** 2, planted | (np.arange(n_items) == item)
        )
        cause = drift_cause("Q", right[:, item], others, nodes, a=float(a[item]), b=float(b[item]))
        found.append(cause.verdict != "none" and abs(cause.shift) >= 0.3)
    return counts(planted, np.array(found))


def speed(seed: int, *, n: int = 500, n_items: int = 60) -> Counts:
    """Return the counts of two papers: on one 30 % of the persons stop somewhere in the last fifth, on the other everybody ends."""
    from qbank.analysis import NOT_REACHED, OMITTED, sitting_data, speed_analysis

    rng = np.random.default_rng(seed)
    found = []
    for slow in (0.30, 0.05):
        right = rng.random((n, n_items)) < logistic(rng.normal(size=(n, 1)) - rng.normal(-0.5, 0.9, n_items))
        stop = np.where(rng.random(n) < slow, rng.integers(int(0.8 * n_items), n_items, n), n_items)
        answer = np.where(rng.random((n, n_items)) < 0.01, OMITTED, 0)
        answer = np.where(np.arange(n_items) >= stop[:, None], NOT_REACHED, answer)
        data = sitting_data(names(n_items), right.astype(float), 1.0, answer=answer)
        found.append(speed_analysis(data).papers["verdict"][0] == "short")
    return counts(np.array([True, False]), np.array(found))


# --- dimension and dependence -----------------------------------------------------------------------------------------


def dependence(seed: int, *, n: int, n_items: int = 40, n_pairs: int = 3) -> Counts:
    """Return the counts of pairs of items that share a testlet effect (SD 1.2) among all the other pairs of one dimension."""
    from qbank.analysis.dimension import neighbour_table, paper_categories

    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0.1, 0.25, n_items), rng.normal(-0.4, 0.9, n_items)
    order = rng.permutation(n_items)[: 2 * n_pairs].reshape(n_pairs, 2)
    shared = np.zeros((n, n_items))
    for pair in order:
        shared[:, pair] = 1.2 * rng.normal(size=(n, 1))
    right = rng.random((n, n_items)) < logistic(a * (rng.normal(size=(n, 1)) - b) + a * shared)
    data = _paper(right)
    table = neighbour_table(data, 0, paper_categories(data, 0))
    said = {frozenset(row) for row in table.filter(table["enemy"]).select("item", "other").rows()}
    one, other = np.triu_indices(n_items, 1)
    pairs = {frozenset((int(pair[0]), int(pair[1]))) for pair in order}
    planted = np.array([frozenset(pair) in pairs for pair in zip(one.tolist(), other.tolist(), strict=True)])
    found = np.array([frozenset((names(n_items)[i], names(n_items)[j])) in said for i, j in zip(one, other, strict=True)])
    return counts(planted, found)


def dimension(seed: int, *, n: int, n_items: int = 40, by: str = "factors", correlation: float = 0.5) -> Counts:
    """Return the counts of two papers, of two dimensions with this correlation and of one, answered by 3PL-like items (c = .15).

    by : factors: parallel analysis must say two of the one, and more than one of the other is an accusation ; verdict: that of the report
    """
    from qbank.analysis import Tiers, dimension_analysis

    rng = np.random.default_rng(seed)
    found = []
    for r in (correlation, 1.0):
        both = rng.normal(size=(n, 2))
        second = r * both[:, 0] + np.sqrt(1 - r * r) * both[:, 1]
        ability = np.column_stack([both[:, 0], second])[:, np.arange(n_items) % 2]
        a, b = rng.lognormal(0.1, 0.25, n_items), rng.normal(-0.4, 0.9, n_items)
        right = rng.random((n, n_items)) < 0.15 + 0.85 * logistic(a * (ability - b))
        row = dimension_analysis(_paper(right), tiers=Tiers(dif_from=min(n, 200)), seed=seed).papers.row(0, named=True)
        if by == "factors":
            found.append(row["n_factors"] == 2 if r < 1 else row["n_factors"] > 1)
        else:
            found.append(row["verdict"] in ("several", "weak") if r < 1 else row["verdict"] != "one")
    return counts(np.array([True, False]), np.array(found))


def subscores(seed: int, *, n: int) -> Counts:
    """Return the counts of subscores that say more than the total (by true subscores, by .03 and more) among those that say less.

    Sections of 10 to 30 items whose abilities correlate .3 to 1; counted as found is the verdict ``report``.
    """
    from qbank.analysis import sitting_data, subscore_analysis

    rng = np.random.default_rng(seed)
    sizes = rng.integers(10, 31, 3)
    section = np.repeat(np.arange(3), sizes)
    r = rng.choice([0.3, 0.6, 0.95])
    a, b = rng.lognormal(0.0, 0.25, len(section)), rng.normal(-0.4, 0.9, len(section))

    def answered(persons: int) -> tuple[Array, Array]:
        ability = np.sqrt(r) * rng.normal(size=(persons, 1)) + np.sqrt(1 - r) * rng.normal(size=(persons, 3))
        p = logistic(a * (ability[:, section] - b))
        return p, (rng.random(p.shape) < p).astype(float)

    p, marks = answered(50_000)
    member = np.eye(3)[section]
    true, total = p @ member, marks.sum(axis=1)
    observed = marks @ member
    gain = np.array([
        np.corrcoef(true[:, part], observed[:, part])[0, 1] ** 2 - np.corrcoef(true[:, part], total)[0, 1] ** 2 for part in range(3)
    ])  # fmt: skip
    data = sitting_data(names(len(section)), answered(n)[1], 1.0, strata={"section": ["xyz"[part] for part in section]})
    table = subscore_analysis(data, seed=seed).table
    said = (table["verdict"] == "report").to_numpy()
    clear = np.abs(gain) >= 0.03
    return counts((gain > 0)[clear], said[clear])


def _paper(right: Array) -> Any:
    from qbank.analysis import sitting_data

    return sitting_data(names(right.shape[1]), right.astype(float), 1.0)


# --- decisions, equating, intervals -----------------------------------------------------------------------------------


def score_distribution(p: Array) -> Array:
    """Return the distribution of the number right at each ability, (n_items + 1, n_nodes), of curves (n_items, n_nodes)."""
    found = np.ones((1, p.shape[1]))
    for one in p:
        wider = np.zeros((len(found) + 1, p.shape[1]))
        wider[:-1] += found * (1 - one)
        wider[1:] += found * one
        found = wider
    return found


def decisions(seed: int, *, n: int, method: str, n_items: int = 60) -> Counts:
    """Return whether accuracy and consistency lie within .01 of the truth, of a cut at 50 to 70 % of a paper of right/wrong items.

    Truth: persons whose expected mark reaches the cut deserve to pass; exact by summing over abilities and marks.
    method : livingston_lewis_4p; lee: with a 2PL calibrated on the same answers
    """
    from qbank.analysis import sitting_data
    from qbank.analysis.classification import decision_accuracy
    from qbank.irt import calibrate

    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0.0, 0.25, n_items), rng.normal(-0.5, 0.9, n_items)
    cut = int(np.round(n_items * rng.uniform(0.5, 0.7)))
    nodes = np.linspace(-6, 6, 1201)
    weight = np.exp(-(nodes**2) / 2)
    weight /= weight.sum()
    curve = logistic(a[:, None] * (nodes - b[:, None]))
    passing = score_distribution(curve)[cut:].sum(axis=0)
    deserves = curve.sum(axis=0) >= cut
    accuracy = float(weight @ np.where(deserves, passing, 1 - passing))
    consistency = float(weight @ (passing**2 + (1 - passing) ** 2))
    right = (rng.random((n, n_items)) < logistic(a * (rng.normal(size=(n, 1)) - b))).astype(np.int8)
    data = sitting_data(names(n_items), right.astype(float), 1.0, cut=float(cut))
    parameters = calibrate(right, model="2pl", items=names(n_items), errors="none").parameters if method == "lee" else None
    table = decision_accuracy(data, parameters=parameters, replications=0).summary
    row = table.filter(table["method"] == method).row(0, named=True)
    return hits([abs(row["accuracy"] - accuracy) < 0.01, abs(row["consistency"] - consistency) < 0.01])


def equating(seed: int, *, n: int, design: str = "spiralled", method: str | None = None, apart: float = 0.0) -> Counts:
    """Return whether the equated cut lies within two standard errors of the truth, of two papers of 50 items .3 apart in difficulty.

    Truth: equipercentile equating (of a line: linear equating, of means: mean equating) of the exact distributions of marks of all persons.
    anchor: 20 items in common, the new group lower by ``apart`` SD; the truth is in both groups together.
    """
    from qbank.analysis import EquatingSettings, equate_papers, sitting_data
    from qbank.analysis.equating import (
        equipercentile,
        linear_equating,
        mark_at,
        mean_equating,
        moments,
        scores,
    )

    rng = np.random.default_rng(seed)
    n_items, n_common = 50, 20 if design == "anchor" else 0
    n_own = n_items - n_common
    a = rng.lognormal(0.0, 0.25, n_common + 2 * n_own)
    b = rng.normal(-0.3, 0.9, n_common + 2 * n_own)
    b[n_common : n_common + n_own] += 0.3
    columns = [np.r_[:n_common, n_common + form * n_own : n_common + (form + 1) * n_own] for form in (0, 1)]
    nodes = np.linspace(-6, 6, 241)
    weight = np.exp(-(nodes**2) / 2) + (np.exp(-((nodes + apart) ** 2) / 2) if apart else 0.0)
    weight /= weight.sum()
    points = np.arange(n_items + 1.0)
    exact = [scores(points, 1e9 * score_distribution(logistic(a[own, None] * (nodes - b[own, None]))) @ weight) for own in columns]
    form = np.arange(2 * n) % 2
    ability = rng.normal(size=(2 * n, 1)) - apart * (form == 0)[:, None]
    marks = (rng.random((2 * n, len(a))) < logistic(a * (ability - b))).astype(float)
    for paper in (0, 1):
        marks[np.ix_(form == paper, np.setdiff1d(np.arange(len(a)), columns[paper]))] = np.nan
    data = sitting_data(names(len(a)), marks, 1.0, form=form, forms=("N", "B"), cut=30.0)
    row = equate_papers(data, design, settings=EquatingSettings(base="B", method=method)).pairs.row(0, named=True)  # type: ignore[arg-type]
    used = str(row["method"])
    if used == "identity":
        return hits([])
    line = mean_equating if used.startswith("mean") else linear_equating if used.startswith(("linear", "levine")) else None
    curve = line(moments(exact[0]), moments(exact[1]))(points) if line else equipercentile(exact[0], exact[1])
    truth = mark_at(points, curve, 30.0)[0]
    return hits(abs(row["equated_cut"] - truth) <= 2 * row["cut_see"])


def intervals(seed: int, *, n: int, what: str, n_items: int = 40) -> Counts:
    """Return which 95 % intervals hold the truth: facility (Wilson), alpha (Feldt) or the correlation of item and rest (Fisher).

    alpha: items of one true-score line with normal errors of equal size, as Feldt's interval supposes; ``alpha-binary``: right/wrong items.
    """
    from qbank.analysis import item_table, reliability_table, sitting_data

    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0.0, 0.25, n_items), rng.normal(-0.4, 0.9, n_items)
    if what == "alpha":
        whole = n_items / (n_items + 9.0)
        marks = rng.normal(size=(n, 1)) + 3.0 * rng.normal(size=(n, n_items))
        row = reliability_table(sitting_data(names(n_items), marks, 100.0)).row(0, named=True)
        return hits(row["alpha_low"] <= whole <= row["alpha_high"])
    marks = (rng.random((n, n_items)) < logistic(a * (rng.normal(size=(n, 1)) - b))).astype(float)
    data = sitting_data(names(n_items), marks, 1.0)
    nodes = np.linspace(-6, 6, 241)
    weight = np.exp(-(nodes**2) / 2)
    weight /= weight.sum()
    curve = logistic(a[:, None] * (nodes - b[:, None]))
    facility = curve @ weight
    joint = (curve * weight) @ curve.T - np.outer(facility, facility)
    own = facility * (1 - facility)
    covariance = joint - np.diag(np.diag(joint)) + np.diag(own)
    if what == "alpha-binary":
        whole = n_items / (n_items - 1) * (1 - own.sum() / covariance.sum())
        row = reliability_table(data).row(0, named=True)
        return hits(row["alpha_low"] <= whole <= row["alpha_high"])
    table = item_table(data)
    if what == "facility":
        return hits((table["facility_low"].to_numpy() <= facility) & (facility <= table["facility_high"].to_numpy()))
    rest = covariance.sum(axis=1) - own
    variance = covariance.sum() - 2 * covariance.sum(axis=1) + own
    r = rest / np.sqrt(own * variance)
    return hits((table["item_rest_low"].to_numpy() <= r) & (r <= table["item_rest_high"].to_numpy()))


@dataclass(frozen=True, slots=True)
class Case:
    """work : what makes one sitting of a seed ; least : the least share found ; most : the largest share accused, None: nobody is."""

    work: Callable[[int], Counts]
    least: float
    most: float | None
    planted: str


def _cases() -> dict[str, Case]:
    found: dict[str, Case] = {
        "dif": Case(dif, 0.95, 0.005, "uniform DIF, |Δ| 1.3 to 2, 10,000 + 10,000"),
        "dif-apart": Case(partial(dif, apart=0.5), 0.95, 0.005, "the same, focal group .5 SD lower"),
        "dif-guessed": Case(partial(dif, apart=0.5, guessing=0.2), 0.95, 0.005, "the same, .2 guessed"),
        "dif-three": Case(partial(dif, n_persons=30_000, n_groups=3), 0.95, 0.005, "three groups of 10,000, items against one of them"),
        "dif-crossing": Case(partial(dif, kind="nonuniform"), 0.95, 0.05, "curves that cross, slopes ×2 or ÷2"),
    }
    for n, least, most in ((400, 0.6, 0.04), (1000, 0.8, 0.02), (2000, 0.9, 0.01), (4000, 0.95, 0.005)):
        found[f"dif-{n}"] = Case(partial(dif, n_persons=n), least, most, f"uniform DIF, |Δ| 1.3 to 2, {n // 2:,} + {n // 2:,}")
    for n, least in ((30, 0.5), (100, 0.85), (200, 0.95), (500, 0.95)):
        found[f"miskey-{n}"] = Case(partial(miskey, n=n), least, 0.002, "wrong keys: the flag")
        found[f"likely-key-{n}"] = Case(partial(miskey, n=n, by="suggestion"), least, 0.002, "wrong keys: the suggestion")
    for n, least, most in ((100, 0.85, 0.15), (300, 0.85, 0.02), (1000, 0.95, 0.005)):
        found[f"options-{n}"] = Case(partial(distractors, n=n), least, most, "dead options (.005) among live ones (.06 and more)")
    for n, least, most in ((300, 0.6, 0.06), (1000, 0.95, 0.03), (3000, 0.99, 0.005)):
        found[f"drift-{n}"] = Case(partial(drift, n=n), least, most, "difficulty moved by .5 to .9")
    for n, least in ((200, 0.1), (500, 0.4), (2000, 0.95)):
        found[f"dependence-{n}"] = Case(partial(dependence, n=n), least, 0.001, "pairs with a shared effect of SD 1.2")
    found["speed"] = Case(speed, 0.95, 0.05, "30 % stop in the last fifth, beside 5 %")
    for n, least in ((300, 0.8), (1000, 0.95), (3000, 0.99)):
        found[f"factors-{n}"] = Case(partial(dimension, n=n), least, 0.05, "two dimensions, r = .5: eigenvalues")
        found[f"dimension-{n}"] = Case(partial(dimension, n=n, by="verdict"), least, 0.05, "two dimensions, r = .5: verdict")
    for n, least in ((200, 0.5), (1000, 0.8), (3000, 0.9)):
        found[f"subscores-{n}"] = Case(partial(subscores, n=n), least, 0.02, "subscores that say more than the total")
    for n, least in ((500, 0.7), (2000, 0.9), (10_000, 0.95)):
        for method in ("livingston_lewis_4p", "lee"):
            found[f"{method}-{n}"] = Case(partial(decisions, n=n, method=method), least, None, "accuracy, consistency within .01")
    for n, method in ((150, "mean"), (400, None), (1500, None)):
        found[f"equating-{n}"] = Case(partial(equating, n=n, method=method), 0.93, None, "equated cut within 2 SEE, random groups")
    for n in (400, 1500):
        found[f"anchor-{n}"] = Case(partial(equating, n=n, design="anchor", apart=0.3), 0.93, None, "the same, 20 anchors, groups .3 SD apart")
    for n in (12, 30, 100, 1000):
        for what, word in (("facility", "facility"), ("alpha", "alpha"), ("alpha-binary", "alpha, right/wrong"), ("item_rest", "item–rest")):
            found[f"{what}-{n}"] = Case(partial(intervals, n=n, what=what), 0.92, None, f"95 % interval of {word}")
    return found


CASES = _cases()
"""case → what is planted, and the limits"""


def measured(case: str, n_seeds: int) -> dict[str, Any]:
    """Return the shares over all seeds."""
    asked = CASES[case]
    begun = time.process_time()
    rows = [asked.work(seed) for seed in range(1, n_seeds + 1)]
    total = {name: sum(row[name] for row in rows) for name in rows[0]}
    found = total["found"] / total["planted"] if total["planted"] else float("nan")
    false = total["accused"] / total["sound"] if total["sound"] else None
    ok = found >= asked.least and (asked.most is None or (false is not None and false <= asked.most))
    return {
        "case": case, "planted_what": asked.planted, "seeds": n_seeds, **total, "sensitivity": round(found, 5), "at_least": asked.least,
        "false": None if false is None else round(false, 5), "at_most": asked.most, "ok": bool(ok),
        "cpu_s": round(time.process_time() - begun, 1),
    }  # fmt: skip


def main() -> None:
    """Print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", help="a case, or the beginning of the names of several", default=[])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="one object a case")
    options = parser.parse_args()
    asked = [case for case in CASES if not options.case or any(case == word or (word not in CASES and case.startswith(word + "-")) for word in options.case)]
    if not asked:
        parser.error(f"no such case; there are: {', '.join(CASES)}")
    for case in asked:
        row = measured(case, options.seeds)
        if options.json:
            print(json.dumps(row), flush=True)
            continue
        accused = "" if row["false"] is None else f"; {row['accused']} of {row['sound']} others accused ({row['false']:.4f}, at most {row['at_most']})"
        print(
            f"{case}: {row['found']} of {row['planted']} found ({row['sensitivity']:.3f}, at least {row['at_least']}){accused}; "
            f"{row['cpu_s']} s CPU{'' if row['ok'] else ' — MISSED'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
