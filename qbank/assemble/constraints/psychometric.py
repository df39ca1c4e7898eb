"""What a paper measures: expected score and its spread, information, error of measurement, all by the items' parameters.

Items are those of the pool's two-parameter logistic model: an item of m marks is expected to bring m P(θ). Unscored
items carry nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from qbank.assemble.constraints.between import told_pairs
from qbank.assemble.expected import expected_of, mark_variance, probability
from qbank.assemble.objectives import candidate_information, candidate_scores
from qbank.assemble.points import At, Plain, n_points, points_of
from qbank.assemble.pool import Pool
from qbank.assemble.program import BUILT_IN, Draft
from qbank.assemble.rules import Amount, Bounds, Compiled, Finding, limit, limits
from qbank.assemble.scene import Scene, Selection
from qbank.core.authored import Authored, Many
from qbank.core.blueprint import Blueprint

Array = NDArray[np.float64]

AT_CUT = np.zeros(1)
USUALLY_WITHIN = "0.5"
"""Marks of expected score at the cut by which several papers may differ where nothing is said."""
_RULE = np.polynomial.hermite_e.hermegauss(41)
_NODES, _WEIGHTS = np.asarray(_RULE[0]), np.asarray(_RULE[1] / _RULE[1].sum())


class ExpectedScoreRule(Bounds):
    """``expected_score:``"""

    at: Literal["population"] | At = "cut"


class SdRule(Bounds):
    """``sd:``"""


class InformationRule(Bounds):
    """``information:``"""

    at: At = "cut"
    min: Plain | None = None
    max: Plain | None = None


class CsemRule(Bounds):
    """``csem:``"""

    at: At = "cut"


class CharacteristicRule(Authored):
    """``characteristic:``"""

    within: Amount
    at: At = "cut"
    target: Amount | Annotated[Many[Amount], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        if isinstance(self.target, tuple) and len(self.target) != n_points(self.at)[0]:
            raise ValueError(f"target: {len(self.target)} ≠ at: {n_points(self.at)[0]}")
        return self


def compile_expected_score(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """expected_score: how many marks a paper is expected to bring.

    ``- expected_score: {at: [-1, 0, 1], min: 20%, max: 90%}``: at these abilities (in logits), in marks or as a
    percentage of the paper's marks. ``- expected_score: {at: population, min: 2.4, max: 3}``: on average over the
    population that the items were calibrated in. ``at: cut``, where nothing is said, is the ability at which the
    papers' expected score is the cut, so that it holds each paper near the cut.
    """
    low, high = limits(rule.value, scene.blueprint.marks)
    every = np.arange(draft.item.size)
    for values in _expected(rule, scene).T:
        draft.add(every, values, low, high, rule.source)


def _expected(rule: Compiled, scene: Scene) -> Array:
    """Return what each candidate brings at the abilities of a rule; shape (n_candidates, n_points)."""
    if rule.value.at == "population":
        return (scene.candidates.marks * scene.pool.facility[scene.candidates.item])[:, None]
    return candidate_scores(scene, points_of(rule.value.at, scene.cut, AT_CUT))


def count_expected_score(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    low, high = limits(rule.value, scene.blueprint.marks)
    if rule.value.at == "population":
        found = math.fsum(m * float(scene.pool.facility[i]) for i, m in _places(chosen))
        return (Finding(found, low, high),)
    return tuple(
        Finding(math.fsum(m * expected_of(scene.pool, i, theta).share for i, m in _places(chosen)), low, high, f"θ={theta:.2f}")
        for theta in points_of(rule.value.at, scene.cut, AT_CUT)
    )


def compile_sd(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """sd: how far the true scores of the population spread on a paper, in marks or as a percentage of them.

    ``- sd: {min: 0.4, max: 0.9}``

    The spread of a sum is not a sum, so a linear form stands for it: ``Σ mᵢ cov(Pᵢ, T) / σ_T``, each item by its
    covariance with a reference composite T, which is a paper of the average eligible items, section by section. This
    is how Gulliksen (1950, Theory of Mental Tests, ch. 21) adds up the spread of a test from its items and van der
    Linden (2005, Linear Models for Optimal Test Design, Springer) bounds it in a program. It is never above the exact
    value and equal to it where a paper's true scores move with those of T, which they nearly do; the audit prints
    the exact one beside it.
    """
    low, high = limits(rule.value, scene.blueprint.marks)
    shares = scene.candidates.marks * reference_covariance(scene)[scene.candidates.item]
    draft.add(np.arange(draft.item.size), shares, low, high, rule.source)


def reference_covariance(scene: Scene) -> Array:
    """Return ``cov(Pᵢ, T) / σ_T`` of each item over the population, T a paper of the average items; (n_items,)."""
    pool, candidates = scene.pool, scene.candidates
    p = probability(pool, pool.ability_mean + pool.ability_sd * _NODES)
    reference = np.zeros(_NODES.size)
    for index, section in enumerate(scene.blueprint.sections):
        members = candidates.item[candidates.role == index]
        if members.size:
            reference += section.items * section.marks_each * p[members].mean(axis=0)
    centred = reference - reference @ _WEIGHTS
    sigma = float(np.sqrt(centred**2 @ _WEIGHTS))
    return np.asarray(p @ (_WEIGHTS * centred) / sigma) if sigma else np.zeros(len(pool.ids))


def count_sd(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    covariance = reference_covariance(scene)
    low, high = limits(rule.value, scene.blueprint.marks)
    exact = f"√Var(T) = {true_score_sd(scene.pool, chosen):.2f}"
    return (Finding(math.fsum(m * float(covariance[i]) for i, m in _places(chosen)), low, high, exact),)


def true_score_sd(pool: Pool, chosen: Selection) -> float:
    """Return the standard deviation of a paper's true score ``Σ m P(θ)`` over the population, by quadrature."""
    p = probability(pool, pool.ability_mean + pool.ability_sd * _NODES)[chosen.positions]
    scores = chosen.marks @ p
    return float(np.sqrt(max(scores**2 @ _WEIGHTS - (scores @ _WEIGHTS) ** 2, 0.0)))


def compile_information(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """information: how much the scored items of a paper tell about ability, of 2PL items ``Σ a² P (1 − P)``.

    ``- information: {at: [0], min: 0.5}``: the standard error of an ability of 0 is then at most √2 logits.
    ``- information: {at: {from: -1, to: 1}, max: 0.7}``: over a range, looked at in steps of a quarter logit.
    ``at: cut``, where nothing is said, is the ability at which the papers' expected score is the cut.
    """
    low, high = limits(rule.value, 1.0)
    every = np.arange(draft.item.size)
    for values in candidate_information(scene, points_of(rule.value.at, scene.cut, AT_CUT)).T:
        draft.add(every, values, low, high, rule.source)


def count_information(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    low, high = limits(rule.value, 1.0)
    return tuple(
        Finding(
            math.fsum(
                expected_of(scene.pool, int(i), theta).information
                for i, scored in zip(chosen.positions, chosen.scored, strict=True)
                if scored
            ),
            low, high, f"θ={theta:.2f}",
        )
        for theta in points_of(rule.value.at, scene.cut, AT_CUT)
    )  # fmt: skip


def compile_csem(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """csem: the standard error of measurement in marks of those at an ability, ``√ Σ m² P (1 − P)``.

    ``- csem: {max: 1}``: who stands at the cut scores within one mark of the true score two times out of three.

    ``at:`` as for information; the cut where nothing is said. Items that earn marks in part have the variance of their
    own model once they are calibrated; until then they are taken as if they earned all or none, which overstates their
    error. Lord (1980), Applications of Item Response Theory, ch. 4.
    """
    low, high = limits(rule.value, scene.blueprint.marks)
    candidates, every = scene.candidates, np.arange(draft.item.size)
    for variance in mark_variance(scene.pool, points_of(rule.value.at, scene.cut, AT_CUT))[candidates.item].T:
        values = candidates.marks**2 * variance
        draft.add(every, values, low**2 if np.isfinite(low) else low, high**2, rule.source)


def count_csem(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    low, high = limits(rule.value, scene.blueprint.marks)
    findings = []
    for theta in points_of(rule.value.at, scene.cut, AT_CUT):
        variance = math.fsum(m * m * expected_of(scene.pool, i, theta).variance for i, m in _places(chosen))
        findings.append(Finding(math.sqrt(variance), low, high, f"θ={theta:.2f}"))
    return tuple(findings)


def compile_characteristic(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """characteristic: the curve of expected scores over ability, against a target or between papers.

    ``- characteristic: {at: [-1, 0, 1], target: [1.2, 2.2, 3.1], within: 0.5}``: near the curve of an earlier paper;
    in marks or per cent of the paper's. ``- characteristic: {at: [-1, 0, 1], within: 2%}``: without a target, no two
    papers differ by more. ``at: cut``, where nothing is said, is the ability at which the papers' expected score is
    the cut.

    Several papers with a cut keep ``characteristic: {at: cut, within: 0.5}`` without being asked: who stands at the
    cut may not lose half a mark by the paper drawn. Another rule of this kind at the cut, such as
    ``within: 2``, takes its place.
    """
    marks = scene.blueprint.marks
    within = limit(rule.value.within, marks, np.inf)
    theta = points_of(rule.value.at, scene.cut, AT_CUT)
    every = np.arange(draft.item.size)
    for values, target in zip(candidate_scores(scene, theta).T, _targets(rule, theta.size, marks), strict=True):
        if math.isnan(target):
            draft.compare(every, values, within, rule.source)
        else:
            draft.add(every, values, target - within, target + within, rule.source)


def _targets(rule: Compiled, n: int, marks: float) -> list[float]:
    written = rule.value.target
    if written is None:
        return [math.nan] * n
    return [limit(amount, marks, math.nan) for amount in (written if isinstance(written, tuple) else (written,) * n)]


def count_characteristic(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    marks = scene.blueprint.marks
    within = limit(rule.value.within, marks, math.inf)
    theta = points_of(rule.value.at, scene.cut, AT_CUT)
    return tuple(
        Finding(_score_at(scene, chosen, point), target - within, target + within, f"θ={point:.2f}")
        for point, target in zip(theta, _targets(rule, theta.size, marks), strict=True)
        if not math.isnan(target)
    )


def compare_characteristic(
    rule: Compiled, scene: Scene, papers: Sequence[Selection]
) -> tuple[tuple[tuple[int, int], Finding], ...]:
    if rule.value.target is not None:
        return ()
    within = limit(rule.value.within, scene.blueprint.marks, math.inf)
    found = []
    for theta in points_of(rule.value.at, scene.cut, AT_CUT):
        share = {i: expected_of(scene.pool, i, theta).share for i in {int(i) for paper in papers for i in paper.positions}}
        scores = np.array([math.fsum(m * share[i] for i, m in _places(paper)) for paper in papers])
        apart = np.abs(scores[:, None] - scores)
        pairs, part = told_pairs(apart)
        name = f"θ={theta:.2f}" + (f", {part}" if part else "")
        found += [(pair, Finding(float(apart[pair]), -math.inf, within, name)) for pair in pairs]
    return tuple(found)


def _score_at(scene: Scene, chosen: Selection, theta: float) -> float:
    return math.fsum(m * expected_of(scene.pool, i, theta).share for i, m in _places(chosen))


def _places(chosen: Selection) -> list[tuple[int, float]]:
    return [(int(i), float(m)) for i, m in zip(chosen.positions, chosen.marks, strict=True)]


def usual_rules(rules: Sequence[Compiled], blueprint: Blueprint) -> tuple[Compiled, ...]:
    """Return what several papers with a cut hold without being asked, unless a rule of the kind stands there."""
    own = any(rule.word == "characteristic" and rule.value.target is None and rule.value.at == "cut" for rule in rules)
    if blueprint.n_forms == 1 or own or not 0 < blueprint.cut < blueprint.marks:
        return ()
    value = CharacteristicRule(within=USUALLY_WITHIN)
    label = f"characteristic: {{at: cut, within: {USUALLY_WITHIN}}}"
    return (Compiled("characteristic", value, {}, label, blueprint.span, BUILT_IN),)
