"""Several parts as one decision: rules by hand, a simulation whose truth is known, laws, and what is degenerate."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.analysis import cronbach_alpha
from qbank.analysis.classification import (
    DECISIONS,
    STATES,
    CombinedAnalysis,
    Part,
    PartScores,
    combined_analysis,
    combined_decision,
    combined_from_scores,
)
from qbank.analysis.classification.combined_parts import score_limit

NAN = math.nan


def part(name: str, totals: Sequence[float], *, cut: float = 60, sem: float = 4, words: Sequence[str] = (), n_items: int = 0) -> PartScores:
    total = np.array(totals, float)
    standing = tuple(words) or tuple("present" if math.isfinite(each) else "missing" for each in totals)
    return PartScores(name, total, np.full(total.size, float(cut)), standing, 100.0, sem, n_items)


def decisions(found: CombinedAnalysis) -> list[str]:
    return [DECISIONS[n] for n in found.decision]


def figures(found: CombinedAnalysis) -> dict[str, float]:
    return dict(zip(found.summary["figure"], found.summary["value"], strict=True))


def test_every_part_must_be_passed_and_a_failed_part_decides_whatever_is_missing() -> None:
    theory = part("theory", [60, 59.5, 80, NAN, NAN, 40, 90], words=["present"] * 3 + ["missing", "absent", "present", "present"])
    practice = part("practice", [60, 70, 55, 70, 59, NAN, NAN], words=["present"] * 5 + ["void", "present"])
    found = combined_analysis([theory, practice])
    assert decisions(found) == ["pass", "fail", "fail", "open", "fail", "fail", "open"]
    assert [[STATES[n] for n in row] for row in found.state[3:]] == [
        ["missing", "passed"], ["absent", "failed"], ["failed", "void"], ["passed", "waiting"],
    ]  # fmt: skip
    assert found.n_complete == 3 and found.patterns.rows() == [("", 1, 1 / 3), ("0", 1, 1 / 3), ("1", 1, 1 / 3)]
    assert found.decisions.select("decision", "n").rows() == [("pass", 1), ("fail", 4), ("open", 2)]
    assert found.parts["n_registered"].to_list() == [6, 7] and found.parts["n_sat"].to_list() == [5, 5]


def test_a_weighted_sum_lets_one_part_make_up_for_another() -> None:
    theory, practice = part("theory", [50, 70, NAN]), part("practice", [66, 52, 90])
    # .4·50 + .6·66 = 59.6; .4·70 + .6·52 = 59.2
    found = combined_analysis([theory, practice], rule="compensatory", weights=(40, 60), cut=59.5)
    assert decisions(found) == ["pass", "fail", "open"]
    assert found.score[:2] == pytest.approx([59.6, 59.2]) and math.isnan(found.score[2])
    error = math.hypot(0.4 * 4, 0.6 * 4)
    assert found.distance[:2] == pytest.approx([0.1 / error, -0.3 / error])
    assert found.near.rows() == [(-1, 1, 1)]
    # without a cut of its own: what the parts' cuts come to
    assert decisions(combined_analysis([theory, practice], rule="compensatory", weights=(4, 6))) == ["fail", "fail", "open"]
    half = PartScores("practice", np.array([33.0, 26.0, 45.0]), np.full(3, 30.0), ("present",) * 3, 50.0, 2.0)
    assert combined_analysis([theory, half], rule="compensatory", weights=(2, 3)).score[:2] == pytest.approx([59.6, 59.2])


def test_the_part_that_decides_is_the_lowest_above_or_the_farthest_below_its_cut_in_standard_errors() -> None:
    theory, practice = part("theory", [61, 70, 52, 58], sem=5), part("practice", [66, 61, 59, 90], sem=2)
    found = combined_analysis([theory, practice])
    assert found.deciding.tolist() == [0, 1, 0, 0]
    assert found.distance == pytest.approx([0.2, 0.5, -1.6, -0.4])
    assert found.near.rows() == [(0, 1, 1), (1, 0, 1)]


def test_correlations_are_disattenuated_by_the_reliability_of_those_who_sat_both() -> None:
    rng = np.random.default_rng(3)
    one = rng.normal(65, 10, 60)
    other = 0.5 * one + rng.normal(30, 6, 60)
    found = combined_analysis([part("a", one.tolist(), sem=4), part("b", other.tolist(), sem=3)])
    row = found.correlations.row(0, named=True)
    r = float(np.corrcoef(one, other)[0, 1])
    reliable = (1 - 16 / one.var(ddof=1)) * (1 - 9 / other.var(ddof=1))
    assert (row["n"], row["r"], row["disattenuated"]) == (60, pytest.approx(r), pytest.approx(r / math.sqrt(reliable)))
    assert found.parts["reliability"][0] == pytest.approx(1 - 16 / one.var(ddof=1))


def examination(seed: int, n: int, items: tuple[int, ...]) -> tuple[list[PartScores], dict[str, float]]:
    """Return the parts of an examination as it was sat, and what is true of its decisions.

    Abilities correlate .6; the first part has right/wrong items, the others items of five marks; the true score of a person is
    the expected one, and everything is sat a second time.
    """
    rng = np.random.default_rng(seed)
    k = len(items)
    ability = rng.standard_normal((n, k)) @ np.linalg.cholesky(np.full((k, k), 0.6) + 0.4 * np.eye(k)).T
    parts, true, first, second = [], [], [], []
    for j, n_items in enumerate(items):
        share = 1 / (1 + np.exp(-(ability[:, [j]] - rng.normal(-0.6, 0.8, n_items))))
        steps = 1 if j == 0 else 5
        marks, again = (rng.binomial(steps, share) * 100 / n_items / steps for _ in range(2))
        total = marks.sum(axis=1)
        error = float(total.std(ddof=1) * np.sqrt(1 - cronbach_alpha(marks)))
        parts.append(part(f"part {j}", np.round(total, 9).tolist(), sem=error, n_items=n_items))
        true.append(share.mean(axis=1) * 100 >= 60)
        first.append(total >= 60 - 1e-9)
        second.append(again.sum(axis=1) >= 60 - 1e-9)
    belongs, passed, repeated = (np.stack(each).all(axis=0) for each in (true, first, second))
    return parts, {
        "accuracy": (belongs == passed).mean(), "consistency": (passed == repeated).mean(), "pass_rate": passed.mean(),
        "false_pass": (passed & ~belongs).mean(), "false_fail": (belongs & ~passed).mean(),
    }  # fmt: skip


@pytest.mark.parametrize("items", [(40, 10), (50, 10, 5)])
def test_accuracy_is_that_of_a_simulation_whose_truth_is_known(items: tuple[int, ...]) -> None:
    found, known = [], []
    for seed in range(3):
        parts, truth = examination(seed, 5000, items)
        found.append([figures(combined_analysis(parts, replications=0))[name] for name in truth])
        known.append(list(truth.values()))
    # what 15,000 persons leave to chance is .2 of a point; the rest is that errors are binomial, not normal
    assert np.mean(found, axis=0) == pytest.approx(np.mean(known, axis=0), abs=0.008)


def test_the_interval_holds_the_truth_of_many_persons() -> None:
    parts, truth = examination(77, 20_000, (40, 10))
    held = 0
    for seed in range(5):
        rows = np.random.default_rng(seed).choice(20_000, 400, replace=False)
        few = [PartScores(one.name, one.total[rows], one.cut[rows], ("present",) * 400, 100.0, one.sem, one.n_items) for one in parts]
        row = combined_analysis(few, replications=40).summary.filter(figure="accuracy").row(0, named=True)
        assert row["low"] < row["value"] < row["high"] and row["high"] - row["low"] < 0.06
        held += row["low"] - 0.004 <= truth["accuracy"] <= row["high"] + 0.004
    assert held >= 4


def test_normal_scores_are_judged_as_the_normal_model_judges_them() -> None:
    rng = np.random.default_rng(5)
    covariance = np.array([[64.0, 40.0], [40.0, 100.0]])
    true = rng.multivariate_normal([62, 66], covariance, 20_000)
    scores = true + rng.normal(0, [4, 6], true.shape)
    shape = combined_from_scores(scores, [4, 6], [60, 60])
    sd = np.sqrt(np.diag(covariance) + np.array([16, 36]))
    model = combined_decision(
        [Part("a", 60, 62, sd[0], 64 / 80), Part("b", 60, 66, sd[1], 100 / 136)], [[1, 40 / sd[0] / sd[1]], [40 / sd[0] / sd[1], 1]]
    )
    assert shape.confusion == pytest.approx(model.confusion, abs=0.006)
    assert shape.consistency == pytest.approx(model.consistency, abs=0.006)


def test_marks_in_steps_count_from_half_a_step_below_the_cut() -> None:
    rng = np.random.default_rng(6)
    true = rng.normal(60, 6, 400_000)
    first = np.round(true + rng.normal(0, 3, true.size)) >= 60
    model = combined_decision([Part("a", 60, 60, math.hypot(6, 3), 36 / 45, step=1.0)], [[1.0]])
    assert model.observed_shares[1] == pytest.approx(first.mean(), abs=0.003)
    assert model.accuracy == pytest.approx((first == (true >= 60)).mean(), abs=0.003)


def test_the_limit_of_scores_lies_between_two_possible_ones() -> None:
    # marks in fours and a cut of 62: 60 fails, 64 passes, the limit is the cut itself; a cut of 61: half a mark above it
    assert score_limit(np.array([40.0, 60, 64, 72]) - 62) == 0
    assert score_limit(np.array([40.0, 60, 64, 72]) - 61) == pytest.approx(1)
    assert score_limit(np.array([40.0, 60.5, 64, 72]) - 60) == pytest.approx(-0.25)
    assert score_limit(np.array([60.0, 60.0])) == 0


DEGENERATE = {
    "one common person": ([70, 50, NAN], [NAN, 65, 80], "few_persons"),
    "a part nobody sat": ([70, 50, 66], [NAN] * 3, "few_persons"),
    "nobody at all": ([], [], "few_persons"),
    "all alike": ([70] * 120, [70] * 120, "constant"),
    "one part alike": ([70] * 120, [float(n % 40 + 40) for n in range(120)], "ok"),
    "the same twice": ([float(n % 40 + 40) for n in range(120)], [float(n % 40 + 40) for n in range(120)], "ok"),
}


@pytest.mark.parametrize("name", DEGENERATE)
@pytest.mark.parametrize("rule", ["conjunctive", "compensatory"])
def test_a_degenerate_examination_has_its_decisions_and_says_why_there_is_no_accuracy(name: str, rule: str) -> None:
    one, other, status = DEGENERATE[name]
    found = combined_analysis([part("a", one), part("b", other)], rule=rule, replications=5)
    assert found.status == status and found.n_persons == len(one)
    assert sum(found.decisions["n"]) == len(one)
    if status == "ok":
        assert all(0 <= value <= 1 for value in figures(found).values())
    else:
        assert list(figures(found)) == ["observed_rate"]


def test_without_a_cut_or_a_reliability_there_is_no_accuracy() -> None:
    rng = np.random.default_rng(7)
    totals = rng.normal(65, 10, (2, 200)).tolist()
    without_cut = combined_analysis([part("a", totals[0]), part("b", totals[1], cut=NAN)])
    assert (without_cut.status, {*decisions(without_cut)}) == ("no_cut", {"fail", "open"})
    assert without_cut.parts["status"].to_list() == ["ok", "no_cut"]
    # a sum with a cut of its own needs none of the parts
    assert combined_analysis([part("a", totals[0]), part("b", totals[1], cut=NAN)], rule="compensatory", cut=60).status == "ok"
    blind = combined_analysis([part("a", totals[0]), part("b", totals[1], sem=NAN)])
    assert (blind.status, blind.n_complete) == ("no_reliability", 200) and "open" not in decisions(blind)
    assert blind.parts["status"].to_list() == ["ok", "no_reliability"]


totals = st.lists(st.tuples(*[st.one_of(st.just(NAN), st.integers(0, 100).map(float))] * 3), min_size=1, max_size=25)


@given(totals)
def test_who_passes_does_not_depend_on_the_order_of_the_parts(rows: list[tuple[float, ...]]) -> None:
    columns = list(zip(*rows, strict=True))
    names = ("a", "b", "c")
    found = combined_analysis([part(name, column) for name, column in zip(names, columns, strict=True)])
    turned = combined_analysis([part(names[j], columns[j]) for j in (2, 0, 1)])
    assert decisions(found) == decisions(turned)
    assert decisions(found) == [
        "fail" if any(mark < 60 for mark in row) else "pass" if all(mark >= 60 for mark in row) else "open" for row in rows
    ]


@pytest.mark.parametrize("weights", [(1,), (1, 0), (1, NAN), (1, -1)])
def test_weights_that_do_not_fit_are_a_wrong_call(weights: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="weights"):
        combined_analysis([part("a", [1]), part("b", [1])], rule="compensatory", weights=weights)
