"""Matching persons who sat different papers: by what is above the expectation of the items that they had."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.analysis import sitting_data
from qbank.analysis.dif import dif_analysis, item_strata, mantel_haenszel, matched_counts
from qbank.analysis.dif.counts import lost_share, strata_of
from qbank.analysis.dif.expected import expected_shares, score_above_expectation
from qbank.analysis.dif.matching import lost_share_of_items, sparse_least


def answers(seed: int, n: int = 40, n_items: int = 6, n_groups: int = 2, missing: float = 0.4):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    marks = (rng.random((n, n_items)) < rng.uniform(0.2, 0.9, n_items)).astype(float)
    marks[rng.random(marks.shape) < missing] = np.nan
    return marks, rng.integers(0, n_groups, n)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4))
def test_expectations_are_those_of_least_squares_person_by_person(seed: int, n_groups: int) -> None:
    marks, group = answers(seed, n_groups=n_groups, missing=0.3)
    rows, columns = np.nonzero(~np.isnan(marks))
    design = np.zeros((len(rows), marks.shape[1] + n_groups))
    design[np.arange(len(rows)), columns] = 1
    design[np.arange(len(rows)), marks.shape[1] + group[rows]] = 1
    found = np.linalg.lstsq(design, marks[rows, columns], rcond=None)[0]
    items, effect = found[: marks.shape[1]], found[marks.shape[1] :]
    np.testing.assert_allclose(expected_shares(marks, group, n_groups), items + effect[group].mean(), atol=1e-8)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_where_everybody_had_all_items_matching_is_that_of_one_paper(seed: int, own: bool) -> None:
    marks, group = answers(seed, missing=0.0)
    anchors = np.arange(6) != seed % 6
    weight = np.where(np.arange(6) % 2, 1.0, 2.0)
    expected = expected_shares(marks, group, 2)
    one = matched_counts(marks, group, marks_max=weight, anchors=anchors)
    other = matched_counts(marks, group, marks_max=weight, anchors=anchors, expected=expected)
    for item in np.flatnonzero(anchors):
        keep_one, keep_other = one.n[item].sum(axis=0) > 0, other.n[item].sum(axis=0) > 0
        np.testing.assert_array_equal(one.total[item][:, keep_one], other.total[item][:, keep_other])
        np.testing.assert_allclose(np.diff(one.score[item][keep_one]), np.diff(other.score[item][keep_other]), atol=1e-9)


def test_the_score_is_counted_person_by_person() -> None:
    marks, group = answers(3)
    weight, anchors = np.array([1.0, 1, 2, 1, 2, 1]), np.array([1, 1, 1, 0, 1, 0], bool)
    expected = expected_shares(marks, group, 2)
    had = [[i for i in range(6) if anchors[i] and not np.isnan(row[i])] for row in marks]
    whole = np.mean([sum(weight[i] for i in own) for own in had])
    middle = np.mean([sum(weight[i] * expected[i] for i in own) for own in had])

    def by_hand(person: int, items: list[int]) -> float:
        full = sum(weight[i] for i in items)
        share = sum(weight[i] * (marks[person, i] - expected[i]) for i in items) / full if full else 0.0
        return float(round(whole * share + middle))

    found = score_above_expectation(marks, weight, anchors, expected)
    assert found.score.tolist() == [by_hand(person, own) for person, own in enumerate(had)]
    outside = [by_hand(person, own + ([3] if not np.isnan(marks[person, 3]) else [])) for person, own in enumerate(had)]
    strata = item_strata(marks, group, 3, marks_max=weight, anchors=anchors, expected=expected)
    assert strata.score[strata.index] == pytest.approx(outside)


def test_hard_papers_that_fell_to_one_group_are_no_dif() -> None:
    """Of two groups alike one had mostly hard items: at equal marks its persons are abler, at equal marks above expectation not."""
    rng = np.random.default_rng(8)
    n, n_items = 900, 60
    hard = np.arange(n_items) < 30
    group = np.arange(n) % 2
    chance = np.where(hard[None, :], np.where(group[:, None] == 1, 0.8, 0.4), np.where(group[:, None] == 1, 0.4, 0.8))
    ability = rng.normal(0, 1, (n, 1))
    whole = (rng.random((n, n_items)) < 1 / (1 + np.exp(-1.2 * (ability - np.where(hard, 0.9, -0.9))))).astype(float)
    marks = np.where(rng.random((n, n_items)) < chance, whole, np.nan)
    data = sitting_data(
        [str(i) for i in range(n_items)], marks, 1.0, form=np.arange(n), forms=[str(p) for p in range(n)],
        groups={"site": [f"s{one}" for one in group]},
    )  # fmt: skip
    assert data.pooled
    found = dif_analysis(data, "site").items
    assert (found["status"] == "ok").all()
    z = (found["log_odds"] / found["log_odds_se"]).to_numpy()
    assert abs(z.mean()) < 0.3 and (np.abs(z) > 1.96).mean() < 0.12
    raw = matched_counts(marks, group)
    by_marks = mantel_haenszel(raw.total, raw.n)
    assert (np.abs(by_marks.log_odds / by_marks.log_odds_se) > 1.96).mean() > 0.5, "raw marks would have called half of the items different"


def test_who_is_alone_with_an_item_is_counted_item_by_item() -> None:
    marks, group = answers(5)
    strata = strata_of(np.arange(40) // 4 * 1.0, group, 2)
    lost, of = np.zeros((2, 2))
    for item in range(6):
        for person in np.flatnonzero(~np.isnan(marks[:, item])):
            there = (strata.index == strata.index[person]) & ~np.isnan(marks[:, item])
            of[group[person]] += 1
            lost[group[person]] += not (there & (group != group[person])).any()
    assert lost_share_of_items(marks, strata, group, 2) == pytest.approx((lost / of).max())
    whole = np.nan_to_num(marks)
    assert lost_share_of_items(whole, strata, group, 2) == pytest.approx(lost_share(strata, group, 2))


def test_merged_scores_have_persons_of_each_group_who_had_the_item() -> None:
    marks, group = answers(2, n=400, n_items=40, missing=0.75)
    found = matched_counts(marks, group, expected=expected_shares(marks, group, 2), lost_at_most=0.01)
    assert found.merged.all() and sparse_least(marks) == 13
    assert found.n.sum(axis=2).sum() == (~np.isnan(marks)).sum()
    persons = found.n.mean(axis=0)
    assert (persons[persons > 0] > 1.5).all() and persons.mean() > 3
