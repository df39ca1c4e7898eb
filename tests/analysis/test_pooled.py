"""Sittings of very many papers: what is computed over all of them is what pairs of items that persons had together say."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.analysis import SittingData, analyse, sitting_data
from qbank.analysis.calibrated import calibrated_items
from qbank.analysis.classical import item_table
from qbank.analysis.classification.irt import lee
from qbank.analysis.classification.pooled import decided_scores, pooled_lee
from qbank.analysis.outcome import outcome
from qbank.analysis.paper_model import equal_steps, expected_marks, paper_model
from qbank.analysis.pooled import pooled
from qbank.analysis.pooled_model import pooled_curves
from qbank.analysis.reliability import alpha_error, cronbach_alpha, reliability_table
from qbank.analysis.reliability.pooled import pooled_alpha_if_dropped, pooled_reliability
from qbank.irt import item_parameters
from tests.analysis.simulated import family


def by_pairs(data: SittingData) -> tuple[float, float, float]:
    """Return V, C and alpha of their definition, pair of items by pair of items."""
    marks, n_persons = data.marks, data.n_persons
    seen = ~np.isnan(marks)
    spread = sum(seen[:, i].sum() * np.var(marks[seen[:, i], i], ddof=1) for i in range(data.n_items) if seen[:, i].sum() > 1) / n_persons
    joint = 0.0
    for i, j in combinations(range(data.n_items), 2):
        both, one, other = seen[:, i] & seen[:, j], int(seen[:, i].sum()), int(seen[:, j].sum())
        n = int(both.sum())
        kept = 1 - 1 / one - 1 / other + n / (one * other) if one and other else 0.0
        if n and kept > 1e-9:
            product = ((marks[both, i] - np.nanmean(marks[:, i])) * (marks[both, j] - np.nanmean(marks[:, j]))).sum()
            joint += 2 * n * (product / (n * kept)) / n_persons
    k = seen.sum(axis=1)
    return spread, joint, (k * k).sum() / (k * (k - 1)).sum() * joint / (spread + joint)


@pytest.mark.parametrize("seed", range(3))
def test_alpha_is_that_of_all_pairs_of_items_one_by_one(seed: int) -> None:
    data = family(n_papers=30, n_items=9, length=4 + seed % 2, each=2, seed=seed)
    spread, joint, alpha = by_pairs(data)
    found = pooled_reliability(pooled(data), data.total)
    assert found.alpha == pytest.approx(alpha, abs=1e-12)
    assert found.observed == pytest.approx(spread + joint, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 8), st.integers(5, 40))
def test_with_everybody_on_one_paper_all_is_as_it_is_for_one_paper(seed: int, k: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    marks = (rng.random((n, k)) < 1 / (1 + np.exp(-rng.normal(0, 1, (n, 1))))).astype(float)
    one = sitting_data([str(item) for item in range(k)], marks, 1.0)
    together = replace(one, pooled=True)
    found = pooled_reliability(pooled(together), together.total)
    np.testing.assert_allclose([found.alpha, found.alpha_raw], [cronbach_alpha(marks)] * 2 if found.raw > 0 else [np.nan] * 2, atol=1e-9)
    for column in ("item_rest", "item_total", "d27", "alpha_if_dropped"):
        np.testing.assert_allclose(item_table(together)[column], item_table(one)[column], atol=1e-8, err_msg=column)


def test_the_error_of_alpha_is_that_of_complete_data_where_they_are_complete() -> None:
    rng = np.random.default_rng(5)
    marks = (rng.random((1500, 12)) < 1 / (1 + np.exp(-rng.normal(0, 1.3, (1500, 1))))).astype(float)
    found = pooled_reliability(pooled(sitting_data([str(n) for n in range(12)], marks, 1.0)), marks.sum(axis=1))
    assert found.error == pytest.approx(alpha_error(np.cov(marks.T), 1500), rel=0.1)
    assert found.low < found.alpha < found.high


def test_papers_of_their_own_lose_nothing_of_what_one_bank_is_worth() -> None:
    """The alpha of random papers of 20 from 40 items is that of the same persons' whole answers, stepped down."""
    rng = np.random.default_rng(9)
    n, n_items, k = 2500, 40, 20
    whole = (rng.random((n, n_items)) < 1 / (1 + np.exp(-(rng.normal(0, 1, (n, 1)) - rng.normal(0, 1, n_items))))).astype(float)
    covariance = np.cov(whole.T)
    variance, between = np.diag(covariance).mean(), (covariance.sum() - np.trace(covariance)) / (n_items * (n_items - 1))
    expected = k * between / (variance + (k - 1) * between)
    hidden = np.argsort(rng.random((n, n_items)), axis=1) >= k
    data = sitting_data([str(i) for i in range(n_items)], np.where(hidden, np.nan, whole), 1.0, form=np.arange(n), forms=[str(p) for p in range(n)])
    found = pooled_reliability(pooled(data), data.total)
    assert data.pooled
    assert found.alpha == pytest.approx(expected, abs=0.02)
    assert found.alpha_raw < found.alpha and found.raw == pytest.approx(found.observed + found.paper, rel=0.1)
    item_rest = item_table(data)["item_rest"].to_numpy()
    complete = item_table(sitting_data([str(i) for i in range(n_items)], whole, 1.0))["item_rest"].to_numpy()
    assert np.corrcoef(item_rest, complete)[0, 1] > 0.5 and item_rest.min() > 0.1, "the rest score tells able from less able on all papers"


def test_a_hard_paper_costs_nobody_a_rank() -> None:
    data = family()
    found = pooled(data)
    easier = replace(data, marks=np.where(data.marks >= 0, data.marks + 5.0 * (np.arange(data.n_items) % 3 == 0), np.nan))
    np.testing.assert_allclose(pooled(easier).total, found.total, atol=1e-9)
    np.testing.assert_allclose(found.expected + found.total, data.total, atol=1e-9)
    assert abs(found.total.sum()) < 1e-9


def test_alpha_without_an_item_is_that_of_the_rest_of_the_papers_that_hold_it() -> None:
    data = family(n_papers=20, n_items=8, length=5, each=4)
    found = pooled(data)
    dropped = pooled_alpha_if_dropped(found)
    for item in range(data.n_items):
        own = np.flatnonzero(found.counted[:, item])
        rest = np.delete(found.above[own], item, axis=1)
        k = 5
        alpha = (k - 1) / (k - 2) * (1 - (rest**2).sum() / (rest.sum(axis=1) ** 2).sum())
        assert dropped[item] == pytest.approx(alpha, abs=1e-12)


def test_every_table_by_paper_has_one_row_for_all() -> None:
    data = family(each=4)
    found = analyse(data, design="spiralled")
    assert data.pooled and found.spread is not None
    for table in (found.reliability, found.borderline, found.distribution, found.speed.papers, found.decision_accuracy.summary, found.subscores.table):  # type: ignore[union-attr]
        assert set(table["form"]) == {""}
    assert found.papers.is_empty() and found.equating is not None and found.equating.status == "many_papers"
    assert found.dimension is not None and found.dimension.papers.is_empty()
    assert found.rates["by"].to_list() == ["all", "site", "site"]
    assert [one.column for one in found.dif] == ["site"]
    assert found.distribution["n"].sum() == data.n_persons == found.speed.curve["n"][0]  # type: ignore[union-attr]
    assert (found.items["status"] == "ok").all() and found.items["item_rest"].is_finite().all()
    row = found.decision_accuracy.summary.filter("reported").row(0, named=True)  # type: ignore[union-attr]
    assert row["status"] == "ok" and 0.5 < row["accuracy"] < 1 and row["accuracy_low"] < row["accuracy"] < row["accuracy_high"]
    assert row["reliability"] == found.reliability["alpha"][0]
    spread = found.spread.papers
    assert spread.height == 70 and spread["facility"].is_sorted()
    mean = np.nanmean(data.marks, axis=0)
    first = data.forms.index(spread["form"][0])
    assert spread["expected"][0] == pytest.approx(mean[data.in_form[first]].sum())


def test_papers_are_told_apart_where_enough_sat_each() -> None:
    assert not family(n_papers=8, each=2).pooled
    assert not family(n_papers=12, each=10).pooled
    assert family(n_papers=12, each=3).pooled


def with_parameters(n_papers: int, each: int, n_items: int = 30, length: int = 20):  # type: ignore[no-untyped-def]
    data = family(n_papers, n_items, length, each, cut=12.0)
    rng = np.random.default_rng(3)
    parameters = item_parameters("2pl", a=rng.uniform(0.6, 1.6, n_items), b=rng.normal(-0.4, 1, n_items), items=list(data.items))
    scores = np.where(np.isnan(data.marks), -1, data.marks).astype(np.int8)
    return data, calibrated_items(data, parameters, list(range(n_items)), scores, equal_steps(parameters, data.marks_max))


def test_the_curves_of_all_papers_are_those_of_each() -> None:
    data, calibrated = with_parameters(5, 3)
    theta = np.linspace(-3, 3, 7)
    curves = pooled_curves(data, calibrated, theta)
    assert curves is not None
    for form in range(5):
        model = paper_model(data, form, calibrated)
        assert model is not None
        mean, variance = expected_marks(model, theta)
        np.testing.assert_allclose(curves.of_papers[form], mean, atol=1e-12)
        np.testing.assert_allclose(curves.spread[form], variance, atol=1e-12)
    np.testing.assert_allclose(curves.between, curves.of_papers.var(axis=0), atol=1e-12)


def test_decisions_by_parameters_are_near_the_exact_ones_of_each_paper() -> None:
    data, calibrated = with_parameters(6, 2)
    found = pooled_lee(data, calibrated)
    exact = []
    for form in range(6):
        model = paper_model(data, form, calibrated)
        assert model is not None
        exact.append(lee(model.parameters, [12.0], marks=model.marks))
    assert found is not None
    assert found.observed_shares[1] == pytest.approx(np.mean([one.observed_shares[1] for one in exact]), abs=0.005)
    assert found.accuracy == pytest.approx(np.mean([one.accuracy for one in exact]), abs=0.02)
    assert found.consistency <= max(one.consistency for one in exact)


def test_a_cut_of_its_own_moves_the_marks_of_a_paper() -> None:
    data = family(each=4)
    moved = np.where(np.arange(data.n_forms) == 0, 6.0, 7.0)
    one, other = decided_scores(data), decided_scores(replace(data, cuts=moved))
    np.testing.assert_allclose(other.total - one.total, np.where(data.form == 0, 1.0, 0.0) * (one.total < 12))
    assert one.true.mean() == pytest.approx(pooled_reliability(pooled(data), data.total).true)


def test_what_a_decision_comes_to_is_told_of_all_papers_together() -> None:
    data = family(n_papers=80, n_items=30, length=10, each=2, seed=4)
    found, item, whole = outcome(data, data.items[3]), item_table(data).row(3, named=True), reliability_table(data).row(0, named=True)
    assert (found.alpha, found.sem) == (whole["alpha"], whole["sem"]) and found.alpha == found.alpha
    assert (found.facility, found.item_rest) == (item["facility"], item["item_rest"])
