"""Pools of guessed and partly credited items: what papers are expected to bring is what the item models say."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.assemble import assemble, audit_forms
from qbank.assemble.curves import curves
from qbank.assemble.expected import expected_of, item_information, mark_variance, probability
from qbank.assemble.general import wrong_values
from qbank.assemble.pool import Pool, make_pool
from qbank.assemble.precision import information_error, score_error
from qbank.core.bank import Bank
from qbank.core.form import form_items
from qbank.core.history import NO_HISTORY, Estimate, History, Planned, logistic
from qbank.irt import (
    characteristic_curve,
    expected_score,
    from_reported,
    information,
    score_variance,
    total_information,
)
from tests.assemble.samples import mixed_items, tiny_bank, tiny_blueprint, written_objective, written_rule

Array = NDArray[np.float64]
KINDS = frozenset({"single", "true_false"})
THETA = np.array([-2.0, -0.3, 0.0, 0.8, 2.5])


def general_estimate(fingerprint: str, index: int) -> Estimate:
    """Return in turn a 3PL, a GPCM of three categories, a 2PL, a 4PL and a GRM of four categories."""
    rng = np.random.default_rng(index)
    a, b = float(np.exp(rng.normal(0, 0.25))), float(rng.normal(0, 0.8))
    word, values, k = [
        ("3pl", {"a": a, "b": b, "c": 0.22}, 2),
        ("gpcm", {"a": a, "b": b, "b1": b - 0.6, "b2": b + 0.6}, 3),
        ("2pl", {"a": a, "b": b}, 2),
        ("4pl", {"a": a, "b": b, "c": 0.15, "u": 0.96}, 2),
        ("grm", {"a": a, "b": b, "b1": b - 1.0, "b2": b, "b3": b + 1.0}, 4),
    ][index % 5]  # fmt: skip
    width = k if k > 2 else {"2pl": 2, "3pl": 3, "4pl": 4}[word]
    root = rng.normal(0, 0.05, (width, width))
    return Estimate(
        fingerprint, word, "made up", values, dict.fromkeys(values, 0.1), 800, "S1", k,
        tuple(map(tuple, (root @ root.T + 0.002 * np.eye(width)).tolist())),
        shares=tuple(j / (k - 1) for j in range(k)), tops=tuple(j / (k - 1) for j in range(k)),
    )  # fmt: skip


def general_history(bank: Bank) -> History:
    prints = sorted(bank.fingerprints.items())
    return replace(
        NO_HISTORY, digest="made-up",
        estimates={found: general_estimate(found, index) for index, (_, found) in enumerate(prints)},
    )  # fmt: skip


def pool_of(bank: Bank, history: History) -> Pool:
    return make_pool(bank, history, level=4, kinds=KINDS, uses={})


def estimates_of(pool: Pool, bank: Bank, history: History) -> list[Estimate]:
    return [history.estimates[bank.fingerprints[id]] for id in pool.ids]


def right(word: str, v: dict[str, float], theta: float) -> list[float]:
    """Return the probability of each category, in plain numbers and by the equations of the models' authors."""
    if word in ("2pl", "3pl", "4pl"):
        core = 1 / (1 + math.exp(-v["a"] * (theta - v["b"])))
        p = v.get("c", 0.0) + (v.get("u", 1.0) - v.get("c", 0.0)) * core
        return [1 - p, p]
    steps = [v[name] for name in sorted(v) if name[0] == "b" and name != "b"]
    if word == "grm":
        above = [1.0, *(1 / (1 + math.exp(-v["a"] * (theta - b))) for b in steps), 0.0]
        return [one - other for one, other in itertools.pairwise(above)]
    weights = [math.exp(v["a"] * sum(theta - b for b in steps[:k])) for k in range(len(steps) + 1)]
    return [w / math.fsum(weights) for w in weights]


def test_each_item_of_a_pool_follows_its_own_model() -> None:
    bank = tiny_bank(mixed_items(10))
    history = general_history(bank)
    pool = pool_of(bank, history)
    p, info, spread = (of(pool, THETA) for of in (probability, item_information, mark_variance))
    for item, estimate in enumerate(estimates_of(pool, bank, history)):
        assert (pool.slope[item], pool.difficulty[item]) == pytest.approx((estimate.values["a"], estimate.values["b"]))
    assert {part.model for part in pool.general} == {"3pl", "4pl", "gpcm", "grm"} and pool.calibrated.all()
    for item, estimate in enumerate(estimates_of(pool, bank, history)):
        for node, theta in enumerate(THETA):
            chance = right(estimate.model, dict(estimate.values), float(theta))
            share = math.fsum(s * q for s, q in zip(estimate.shares, chance, strict=True))
            square = math.fsum(s * s * q for s, q in zip(estimate.shares, chance, strict=True))
            step = 1e-5
            ends = [right(estimate.model, dict(estimate.values), float(theta) + sign * step) for sign in (1, -1)]
            fisher = math.fsum(((x - y) / (2 * step)) ** 2 / q for x, y, q in zip(*ends, chance, strict=True))
            assert p[item, node] == pytest.approx(share)
            assert spread[item, node] == pytest.approx(square - share**2)
            assert info[item, node] == pytest.approx(fisher, rel=1e-6)
            alone = expected_of(pool, item, float(theta))
            assert (alone.share, alone.variance, alone.information) == pytest.approx(
                (p[item, node], spread[item, node], info[item, node])
            )


def test_a_paper_of_guessed_and_partly_credited_items_has_the_score_and_information_of_their_models() -> None:
    bank = tiny_bank(mixed_items(30))
    history = general_history(bank)
    made, problems = assemble(tiny_blueprint(true_false=6, single=4), bank, history)
    assert made is not None and not problems, problems
    (form,) = made.forms
    assert form.certificate.basis == "calibrated"
    found = [history.estimates[entry.fingerprint] for entry in form_items(form)]
    assert len({one.model for one in found}) >= 3
    of_paper = from_reported([one.model for one in found], [one.n_categories for one in found], [one.values for one in found])
    weights = np.array([entry.marks / (one.n_categories - 1) for entry, one in zip(form_items(form), found, strict=True)])
    measured = audit_forms((form,), made.setting).measured.grid
    assert measured.expected_score[0] == pytest.approx(characteristic_curve(of_paper, measured.theta, weights=weights))
    assert measured.information[0] == pytest.approx(total_information(of_paper, measured.theta))
    sem = np.sqrt(weights**2 @ score_variance(of_paper, measured.theta))
    assert measured.sem[0] == pytest.approx(sem)
    lines = {name: values for name, values, _ in audit_forms((form,), made.setting).lines}
    cut = form.certificate.cut_ability
    assert cut is not None
    assert lines[f"expected score at θ={cut:.2f}"][0] == pytest.approx(characteristic_curve(of_paper, [cut], weights=weights)[0])
    assert lines[f"information at θ={cut:.2f}"][0] == pytest.approx(total_information(of_paper, [cut])[0])
    assert lines["expected mean"][0] == pytest.approx(
        float(np.polynomial.hermite_e.hermegauss(41)[1] @ characteristic_curve(
            of_paper, np.polynomial.hermite_e.hermegauss(41)[0], weights=weights)) / math.sqrt(2 * math.pi)
    )  # fmt: skip


def test_the_most_informative_paper_is_that_of_every_possible_paper() -> None:
    bank = tiny_bank(mixed_items(10))
    history = general_history(bank)
    plan = replace(tiny_blueprint(true_false=3, single=2), objective=written_objective("{maximise: information, at: [0.5]}"))
    made, problems = assemble(plan, bank, history)
    assert made is not None, problems
    pool = pool_of(bank, history)
    info = item_information(pool, np.array([0.5]))[:, 0]
    kinds = [item.kind for item in pool.items]
    by_kind = {kind: [n for n, own in enumerate(kinds) if own == kind] for kind in ("true_false", "single")}
    best = max(
        math.fsum(info[n] for n in (*three, *two))
        for three in itertools.combinations(by_kind["true_false"], 3)
        for two in itertools.combinations(by_kind["single"], 2)
    )
    chosen = [pool.ids.index(entry.id) for entry in form_items(made.forms[0])]
    assert math.fsum(info[n] for n in chosen) == pytest.approx(best)


@pytest.mark.parametrize(
    ("rule", "at"), [("- csem: {max: 100, at: [0.5]}", 0.5), ("- csem: {max: 100, at: [-1]}", -1.0)]
)
def test_the_error_of_measurement_counts_partial_marks_as_their_model_does(rule: str, at: float) -> None:
    bank = tiny_bank(mixed_items(20))
    history = general_history(bank)
    plan = replace(tiny_blueprint(true_false=6, single=3), rules=(written_rule(rule),))
    made, problems = assemble(plan, bank, history)
    assert made is not None, problems
    found = [history.estimates[entry.fingerprint] for entry in form_items(made.forms[0])]
    of_paper = from_reported([one.model for one in found], [one.n_categories for one in found], [one.values for one in found])
    weights = np.array([e.marks / (one.n_categories - 1) for e, one in zip(form_items(made.forms[0]), found, strict=True)])
    check = next(check for check in audit_forms(made.forms, made.setting).checks if "csem" in check.rule)
    assert check.found == pytest.approx(float(np.sqrt(weights**2 @ score_variance(of_paper, [at]))[0]))


def test_a_bound_on_the_error_of_measurement_admits_what_the_models_allow() -> None:
    """Among all papers of three items within the bound the most informative one is found, and the bound bites."""
    bank = tiny_bank(mixed_items(10))
    history = general_history(bank)
    pool = pool_of(bank, history)
    at = np.array([0.5])
    info, spread = item_information(pool, at)[:, 0], mark_variance(pool, at)[:, 0]
    true_false = [n for n, item in enumerate(pool.items) if item.kind == "true_false"]
    papers = list(itertools.combinations(true_false, 3))
    error = {paper: math.sqrt(math.fsum(spread[n] for n in paper)) for paper in papers}
    most = max(papers, key=lambda paper: math.fsum(info[n] for n in paper))
    limit = error[most] - 0.02
    allowed = [paper for paper in papers if error[paper] <= limit]
    best = max(math.fsum(info[n] for n in paper) for paper in allowed)
    assert allowed and best < math.fsum(info[n] for n in most)
    plan = tiny_blueprint(
        f"- csem: {{max: {limit:.6f}, at: [0.5]}}", true_false=3, single=0,
        objective=written_objective("{maximise: information, at: [0.5]}"),
    )  # fmt: skip
    made, problems = assemble(plan, bank, history)
    assert made is not None, problems
    assert math.fsum(info[pool.ids.index(entry.id)] for entry in form_items(made.forms[0])) == pytest.approx(best)


def test_categories_that_were_joined_earn_the_marks_that_their_persons_had() -> None:
    bank = tiny_bank(mixed_items(1))
    (fingerprint,) = bank.fingerprints.values()
    shares = (0.1, 0.5, 1.0)
    estimate = replace(general_estimate(fingerprint, 1), shares=shares, tops=(0.25, 0.5, 1.0))
    pool = pool_of(bank, replace(NO_HISTORY, estimates={fingerprint: estimate}))
    chance = right("gpcm", dict(estimate.values), 0.4)
    assert probability(pool, np.array([0.4]))[0, 0] == pytest.approx(np.dot(shares, chance))


def test_errors_of_general_parameters_are_those_of_small_changes_of_each_value() -> None:
    bank = tiny_bank(mixed_items(5))
    history = general_history(bank)
    pool = pool_of(bank, history)
    theta = np.array([-1.0, 0.3])
    scores, informations = score_error(pool, theta), information_error(pool, theta)
    for item, estimate in enumerate(estimates_of(pool, bank, history)):
        if estimate.model == "2pl":
            continue
        known = from_reported([estimate.model], [estimate.n_categories], [estimate.values])
        covariance, step = np.array(estimate.covariance), 1e-5
        by_score, by_information = [], []
        for column in range(covariance.shape[0]):
            ends = []
            for sign in (1, -1):
                moved = known.estimates.copy()
                moved[0, column] += sign * step
                there = replace(known, estimates=moved)
                ends.append((expected_score(there, theta)[0] / (estimate.n_categories - 1), information(there, theta)[0]))
            by_score.append((ends[0][0] - ends[1][0]) / (2 * step))
            by_information.append((ends[0][1] - ends[1][1]) / (2 * step))
        for found, by_value in ((scores, by_score), (informations, by_information)):
            gradient = np.array(by_value)
            assert found[item] == pytest.approx(np.sqrt(np.einsum("pq,pr,rq->q", gradient, covariance, gradient)), rel=1e-4)
    whole = curves(pool, np.eye(5), theta)
    general = np.array([one.model != "2pl" for one in estimates_of(pool, bank, history)])
    assert whole.score_error[general] == pytest.approx(scores[general])
    assert whole.information_error[general] == pytest.approx(informations[general])


def test_an_item_without_a_covariance_leaves_the_curves_errors_unknown() -> None:
    bank = tiny_bank(mixed_items(2))
    history = general_history(bank)
    estimates = {found: replace(one, covariance=()) for found, one in history.estimates.items()}
    pool = pool_of(bank, replace(history, estimates=estimates))
    assert np.isnan(curves(pool, np.ones((1, 2)), THETA).score_error).all()
    assert np.isfinite(score_error(pool, THETA)).all(), "then by slope and difficulty, or by judgement"


def test_plain_items_are_not_changed_by_general_ones_beside_them() -> None:
    bank = tiny_bank(mixed_items(10))
    history = general_history(bank)
    only = {found: one for found, one in history.estimates.items() if one.model == "2pl"}
    both, alone = pool_of(bank, history), pool_of(bank, replace(history, estimates=only))
    plain = np.array([one.model == "2pl" for one in estimates_of(both, bank, history)])
    for of in (probability, item_information, mark_variance, score_error, information_error):
        assert np.array_equal(of(both, THETA)[plain], of(alone, THETA)[plain])


GOOD = general_estimate("f", 0)
GRADED = general_estimate("f", 4)


@pytest.mark.parametrize(
    ("estimate", "why"),
    [
        (GOOD, None), (GRADED, None),
        (replace(GOOD, values={**GOOD.values, "c": 0.0}), None),
        (replace(GOOD, model="5pl"), "model"),
        (replace(GOOD, n_categories=3), "categories"),
        (replace(GOOD, values={"a": 1.0, "b": 0.0}), "missing"),
        (replace(GOOD, values={**GOOD.values, "b": math.inf}), "missing"),
        (replace(GOOD, values={**GOOD.values, "c": 1.0}), "asymptotes"),
        (replace(GOOD, values={**GOOD.values, "c": math.nan}), "asymptotes"),
        (replace(GOOD, values={**GOOD.values, "a": -0.5}), "slope"),
        (replace(GRADED, values={**GRADED.values, "b1": 9.0}), "steps"),
        (replace(GRADED, shares=(0.0, 0.8, 0.4, 1.0)), "shares"),
        (replace(GRADED, shares=(0.0, 0.3, 0.6, 1.5)), "shares"),
    ],
)  # fmt: skip
def test_values_that_no_item_can_have_are_named(estimate: Estimate, why: str | None) -> None:
    assert wrong_values(estimate) == why


def test_papers_from_unusable_parameters_are_refused_in_words() -> None:
    bank = tiny_bank(mixed_items(10))
    history = general_history(bank)
    fingerprint = next(found for found, one in history.estimates.items() if one.model == "4pl")
    wrong = replace(history.estimates[fingerprint], values={"a": 1.0, "b": 0.0, "c": 0.9, "u": 0.5})
    made, problems = assemble(
        tiny_blueprint(), bank, replace(history, estimates={**history.estimates, fingerprint: wrong})
    )
    assert made is None
    assert [(p.code, dict(p.facts)["why"]) for p in problems] == [("P151", "estimate_asymptotes")]


def planned(item: str, fingerprint: str, difficulty: float) -> Planned:
    return Planned(item, fingerprint, 3.0, 0.9, difficulty, 0.25, 0.5, 0.4, 0.6, 60, "S0", "made up")


def test_an_estimate_comes_first_then_what_was_planned_then_the_grade() -> None:
    bank = tiny_bank(mixed_items(3))
    (first, one), (second, two), (third, _) = sorted(bank.fingerprints.items())
    history = replace(
        NO_HISTORY,
        estimates={one: logistic(one, "2pl", "made up", 1.3, 0.7, 0.1, 0.1, 500, "S1")},
        planned={one: planned(first, one, -2.0), two: planned(second, two, -1.1)},
    )
    pool, judged = pool_of(bank, history), pool_of(bank, NO_HISTORY)
    at = {id: pool.ids.index(id) for id in (first, second, third)}
    assert (pool.slope[at[first]], pool.difficulty[at[first]]) == (1.3, 0.7)
    assert (pool.slope[at[second]], pool.difficulty[at[second]], pool.difficulty_se[at[second]]) == (0.9, -1.1, 0.25)
    assert pool.difficulty[at[third]] == judged.difficulty[at[third]]
    assert pool.calibrated.tolist() == [id == first for id in pool.ids]
    assert pool.planned.tolist() == [id == second for id in pool.ids]
    assert pool.facility_sd[at[second]] < judged.facility_sd[at[second]], "60 persons know more than a grade"


@pytest.mark.parametrize(("n_answers", "held"), [(99, "planned"), (100, "calibrated")])
def test_an_estimate_of_few_answers_gives_way_to_what_was_planned_with_them(n_answers: int, held: str) -> None:
    bank = tiny_bank(mixed_items(1))
    ((item, found),) = bank.fingerprints.items()
    history = replace(
        NO_HISTORY, planned={found: planned(item, found, -1.1)},
        estimates={found: logistic(found, "rasch", "made up", 1.0, -3.0, 0.0, 0.6, n_answers, "S0")},
    )
    pool = pool_of(bank, history)
    assert (bool(pool.planned[0]), bool(pool.calibrated[0])) == (held == "planned", held == "calibrated")
    assert pool.difficulty[0] == (-1.1 if held == "planned" else -3.0)
    alone = pool_of(bank, replace(history, planned={}))
    assert alone.difficulty[0] == -3.0 and alone.calibrated[0], "without a plan it is all that there is"


def test_papers_that_rest_on_planning_say_so() -> None:
    bank = tiny_bank(mixed_items(12))
    plans = {found: planned(id, found, float(n % 3 - 1)) for n, (id, found) in enumerate(sorted(bank.fingerprints.items()))}
    made, problems = assemble(tiny_blueprint(n_forms=2), bank, replace(NO_HISTORY, planned=plans))
    assert made is not None
    assert {form.certificate.basis for form in made.forms} == {"planned"}
    assert [problem.code for problem in problems] == ["A212"]
    audit = audit_forms(made.forms, made.setting)
    assert audit.basis == "planned" and audit.interval > 0
    made, problems = assemble(tiny_blueprint(), bank, replace(NO_HISTORY, planned=plans))
    assert [problem.code for problem in problems] == ["A213"]
