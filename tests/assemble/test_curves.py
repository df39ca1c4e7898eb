"""Curves of finished papers: equal to sums made one item at a time, and honest about what is not known."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.assemble import Assembly, Audit, assemble, audit_forms
from qbank.assemble.curves import Measured, curves
from qbank.assemble.pool import Pool, make_pool
from qbank.core.form import Form, form_items
from qbank.core.history import NO_HISTORY
from tests.assemble.samples import (
    halved,
    made_up_history,
    mixed_items,
    steelmaking,
    theory,
    tiny_bank,
    tiny_blueprint,
    with_place,
)

KINDS = frozenset({"single", "true_false"})


def pool_of(slopes: list[float], difficulties: list[float]) -> Pool:
    """Return a pool of calibrated items with these parameters and standard errors that differ by item."""
    pool = make_pool(tiny_bank(mixed_items(len(slopes))), NO_HISTORY, level=4, kinds=KINDS, uses={})
    n = np.arange(len(slopes))
    return replace(
        pool, slope=np.array(slopes), difficulty=np.array(difficulties), calibrated=n >= 0,
        slope_se=0.05 + 0.01 * n, difficulty_se=0.1 + 0.02 * n,
    )  # fmt: skip


@cache
def papers() -> Assembly:
    """Return three papers of 40 + 10 items, made as if every item had been calibrated."""
    made, problems = assemble(halved(theory(), 3), steelmaking(), made_up_history(steelmaking()))
    assert made is not None, problems
    return made


def audited(pool: Pool) -> Audit:
    return audit_forms(papers().forms, replace(papers().setting, pool=pool))


def measured(form: Form, made: Assembly) -> Measured:
    return audit_forms((form,), made.setting).measured


numbers = st.lists(st.floats(-2, 2), min_size=6, max_size=6)


@given(a=st.lists(st.floats(0.2, 2.5), min_size=6, max_size=6), b=numbers, seed=st.integers(0, 999))
def test_curves_are_the_sums_over_the_items_of_a_paper(a: list[float], b: list[float], seed: int) -> None:
    pool = pool_of(a, b)
    rng = np.random.default_rng(seed)
    marks = rng.integers(0, 3, (2, 6)) * 0.5
    theta = np.array([-3.0, -0.4, 0.0, 1.7])
    found = curves(pool, marks, theta)
    for form in range(2):
        for k, t in enumerate(theta):
            p = [1 / (1 + math.exp(-x * (t - y))) for x, y in zip(a, b, strict=True)]
            on = [i for i in range(6) if marks[form, i]]
            assert found.expected_score[form, k] == pytest.approx(math.fsum(marks[form, i] * p[i] for i in on))
            assert found.information[form, k] == pytest.approx(math.fsum(a[i] ** 2 * p[i] * (1 - p[i]) for i in on))
            variance = math.fsum(marks[form, i] ** 2 * p[i] * (1 - p[i]) for i in on)
            assert found.sem[form, k] == pytest.approx(math.sqrt(variance))


@given(a=st.lists(st.floats(0.3, 2), min_size=4, max_size=4), b=st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_errors_of_the_curves_are_those_of_small_changes_of_each_parameter(a: list[float], b: list[float]) -> None:
    pool = pool_of(a, b)
    marks = np.array([[1.0, 2.0, 0.5, 0.0], [1.0, 0.0, 0.0, 3.0]])
    theta = np.array([-1.0, 0.3])
    found = curves(pool, marks, theta)
    step = 1e-5
    squares: dict[str, object] = {"score": 0.0, "information": 0.0, "difference": 0.0}
    for name, errors in (("slope", pool.slope_se), ("difficulty", pool.difficulty_se)):
        for item in range(4):
            changed = [getattr(pool, name).copy() for _ in range(2)]
            changed[0][item] += step
            changed[1][item] -= step
            up, down = (curves(replace(pool, **{name: values}), marks, theta) for values in changed)
            score = (up.expected_score - down.expected_score) / (2 * step)
            information = (up.information - down.information) / (2 * step)
            squares["score"] += (score * errors[item]) ** 2  # type: ignore[operator]
            squares["information"] += (information * errors[item]) ** 2  # type: ignore[operator]
            squares["difference"] += ((score - score.mean(axis=0)) * errors[item]) ** 2  # type: ignore[operator]
    assert found.score_error**2 == pytest.approx(squares["score"], rel=1e-4)
    assert found.information_error**2 == pytest.approx(squares["information"], rel=1e-4, abs=1e-12)
    assert found.difference_error**2 == pytest.approx(squares["difference"], rel=1e-4, abs=1e-12)


def test_papers_with_a_judged_item_have_curves_but_no_error() -> None:
    pool = papers().setting.pool
    whole = audited(pool).measured.grid
    assert np.isfinite(whole.score_error).all() and np.isfinite(whole.difference_error).all()
    first = form_items(papers().forms[0])[0].id
    judged = replace(pool, calibrated=np.array([id != first for id in pool.ids]))
    found = audited(judged).measured.grid
    assert np.isnan(found.score_error[0]).all() and np.isfinite(found.score_error[1:]).all()
    assert np.isnan(found.difference_error).all() and np.isfinite(found.information).all()


def test_a_slope_that_its_model_fixed_adds_no_error() -> None:
    pool = pool_of([1.0] * 3, [0.0, 0.5, 1.0])
    marks, theta = np.ones((1, 3)), np.array([0.2])
    fixed = curves(replace(pool, slope_se=np.full(3, np.nan)), marks, theta)
    none = curves(replace(pool, slope_se=np.zeros(3)), marks, theta)
    assert fixed.score_error == pytest.approx(none.score_error)
    assert fixed.score_error < curves(pool, marks, theta).score_error


def test_the_curves_at_the_cut_are_the_lines_of_the_audit_there() -> None:
    audit = audited(papers().setting.pool)
    at = audit.measured.at_cut
    lines = {name: values for name, values, _ in audit.lines}
    assert lines[f"expected score at θ={at.theta[0]:.2f}"] == pytest.approx(at.expected_score[:, 0])
    assert lines[f"information at θ={at.theta[0]:.2f}"] == pytest.approx(at.information[:, 0])
    # the ability that the assembly compared the papers at, found on papers that were nearly these
    assert at.expected_score.mean() == pytest.approx(halved(theory(), 3).cut, abs=0.05)
    assert audit.measured.cut_ability.min() - 0.01 <= at.theta[0] <= audit.measured.cut_ability.max() + 0.01


def test_an_unscored_item_is_in_no_curve() -> None:
    made, _ = assemble(tiny_blueprint(true_false=3, single=1), tiny_bank(mixed_items(12)))
    assert made is not None
    (form,) = made.forms
    entry = form_items(form)[0]
    trial = measured(with_place(form, 0, replace(entry, scored=False)), made).grid
    whole = measured(form, made).grid
    pool = made.setting.pool
    item = pool.ids.index(entry.id)
    p = 1 / (1 + np.exp(-pool.slope[item] * (whole.theta - pool.difficulty[item])))
    assert whole.expected_score[0] - trial.expected_score[0] == pytest.approx(entry.marks * p)
    assert (trial.information < whole.information).all()


def test_papers_without_any_known_item_have_no_cut_and_no_exception() -> None:
    made, _ = assemble(tiny_blueprint(true_false=2, single=0), tiny_bank(mixed_items(6)))
    assert made is not None
    (form,) = made.forms
    unknown = form
    for index, entry in enumerate(form_items(form)):
        unknown = with_place(unknown, index, replace(entry, id=f"GONE-{index}"))
    found = measured(unknown, made)
    assert np.isnan(found.cut_ability).all() and not found.grid.expected_score.any()
