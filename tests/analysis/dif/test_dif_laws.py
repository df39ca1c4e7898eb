"""What must hold of DIF statistics whatever the data are."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.analysis import SittingData, sitting_data
from qbank.analysis.dif import (
    DifSettings,
    dif_analysis,
    dif_columns,
    generalised_mantel_haenszel,
    liu_agresti,
    logistic_dif,
    mantel_haenszel,
    mantel_haenszel_exact,
    matched_counts,
    ordinal_dif,
    purify,
    rest_counts,
    standardisation,
)  # fmt: skip

ALL = DifSettings(total_from=0, focal_from=0, anchors_at_least=1)


def answers(seed: int, n_persons: int = 120, n_items: int = 6, n_groups: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=(n_persons, 1))
    marks = (rng.random((n_persons, n_items)) < 1 / (1 + np.exp(rng.normal(size=n_items) - ability))).astype(float)
    return marks, np.arange(n_persons) % n_groups


def sitting(marks: np.ndarray, words: list[str], **options: object) -> SittingData:
    return sitting_data([f"I{n}" for n in range(marks.shape[1])], marks, 1.0, groups={"site": words}, **options)  # type: ignore[arg-type]


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_counts_are_what_counting_one_by_one_gives(seed: int) -> None:
    marks, group = answers(seed, 40, 4)
    marks[np.random.default_rng(seed).random(marks.shape) < 0.1] = np.nan
    anchors = np.array([True, True, False, True])
    counts = matched_counts(marks, group, anchors=anchors)
    score = np.nan_to_num(marks) @ anchors
    for item in range(4):
        matching = score + (0 if anchors[item] else np.nan_to_num(marks[:, item]))
        for place, level in enumerate(counts.score[item]):
            for word in (0, 1):
                there = (matching == level) & (group == word) & ~np.isnan(marks[:, item])
                if counts.n[item, :, place].any():
                    assert counts.n[item, word, place] == there.sum()
                    assert counts.total[item, word, place] == marks[there, item].sum()
        assert counts.n[item].sum() == (~np.isnan(marks[:, item])).sum()


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_identical_groups_show_no_dif_at_all(seed: int) -> None:
    half, _ = answers(seed, 60)
    marks, group = np.vstack([half, half]), np.repeat([0, 1], 60)
    counts = matched_counts(marks, group)
    found = mantel_haenszel(counts.total, counts.n)
    known = np.isfinite(found.delta)
    assert np.allclose(found.delta[known], 0, atol=1e-12) and np.allclose(found.chi2_uncorrected[known], 0, atol=1e-12)
    assert np.allclose(standardisation(counts.total, counts.n).difference, 0, atol=1e-12)
    assert np.allclose(logistic_dif(counts.total, counts.n, counts.score).lr_both, 0, atol=1e-6)


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_the_order_of_persons_changes_nothing_and_the_groups_exchanged_turn_the_sign(seed: int) -> None:
    marks, group = answers(seed)
    order = np.random.default_rng(seed).permutation(len(group))
    one, other = matched_counts(marks, group), matched_counts(marks[order], group[order])
    assert np.array_equal(one.n, other.n) and np.array_equal(one.total, other.total)
    turned = matched_counts(marks, 1 - group)
    found, back = mantel_haenszel(one.total, one.n), mantel_haenszel(turned.total, turned.n)
    assert np.allclose(found.delta, -back.delta, equal_nan=True)
    assert np.allclose(found.chi2, back.chi2, equal_nan=True) and np.allclose(found.log_odds_se, back.log_odds_se, equal_nan=True)
    lr = logistic_dif(one.total, one.n, one.score), logistic_dif(turned.total, turned.n, turned.score)
    assert np.allclose(lr[0].lr_both, lr[1].lr_both, atol=1e-6)


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_of_two_groups_the_generalised_statistic_is_mantel_haenszels(seed: int) -> None:
    counts = matched_counts(*answers(seed))
    general = generalised_mantel_haenszel(counts.total, counts.n)
    assert np.allclose(general.chi2, mantel_haenszel(counts.total, counts.n).chi2_uncorrected, equal_nan=True)


@given(st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_of_two_categories_the_methods_of_partial_marks_are_those_of_right_and_wrong(seed: int) -> None:
    counts = matched_counts(*answers(seed))
    logistic = logistic_dif(counts.total, counts.n, counts.score)
    plain = mantel_haenszel(counts.total, counts.n)
    for item in range(3):
        table = np.stack([counts.n[item] - counts.total[item], counts.total[item]], axis=-1)
        if np.isfinite(plain.log_odds[item]):
            log_odds, se = liu_agresti(table)
            assert np.isclose(log_odds, plain.log_odds[item])
            assert 0.7 < se / plain.log_odds_se[item] < 1.4
        if logistic.converged[item]:
            found = ordinal_dif(table, counts.score[item])
            assert np.isclose(found.lr_both, logistic.lr_both[item], atol=1e-5)
            assert np.isclose(found.r2_both, logistic.r2_both[item], atol=1e-6)


@given(st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_the_exact_test_agrees_with_counting_all_tables(seed: int) -> None:
    from itertools import product
    from math import comb

    rng = np.random.default_rng(seed)
    n = rng.integers(1, 5, (2, 3))
    right = rng.integers(0, n + 1)
    margin, total = right.sum(axis=0), {}
    for parts in product(*(range(int(size) + 1) for size in n[0])):
        ways = [comb(int(n[0, k]), a) * (comb(int(n[1, k]), int(margin[k]) - a) if margin[k] >= a else 0) for k, a in enumerate(parts)]
        total[sum(parts)] = total.get(sum(parts), 0) + int(np.prod(ways))
    observed, p = mantel_haenszel_exact(right.astype(float), n.astype(float))
    possible = {count: ways for count, ways in total.items() if ways}
    if len(possible) < 2:
        assert np.isnan(p)
        return
    rare = sum(ways for ways in possible.values() if ways <= possible[int(observed)])
    assert np.isclose(p, rare / sum(possible.values()))


@given(st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=4))
def test_purification_ends_whatever_is_flagged(answers_of_flag: list[list[bool]]) -> None:
    called = iter(answers_of_flag * 20)
    found = purify(lambda anchors: np.array(next(called)), np.ones(5, bool), max_steps=8)
    assert found.status in ("stable", "loop", "too_few", "stopped") and found.steps <= 8 and found.anchors.sum() >= 2


def test_a_rubric_item_that_is_harder_for_the_focal_group_is_found_and_another_is_not() -> None:
    rng = np.random.default_rng(3)
    n = 3000
    group, ability = np.arange(n) % 2, rng.normal(size=n)
    right = (rng.random((n, 20)) < 1 / (1 + np.exp(rng.normal(size=20) - ability[:, None]))).astype(float)
    rubric = [np.clip(np.round(2 + ability - shift * group + rng.normal(0, 0.8, n)), 0, 4) for shift in (0.0, 0.5)]
    data = sitting_data(
        [f"I{k}" for k in range(22)], np.column_stack([right, *rubric]), [1.0] * 20 + [4.0] * 2, groups={"site": [str(g) for g in group]}
    )
    table = dif_analysis(data, "site", reference="0").items
    assert table["dichotomous"].to_list() == [True] * 20 + [False] * 2
    assert table["ets"].to_list()[20:] == ["A", "C"]
    worse = table.row(21, named=True)
    assert worse["delta"] < -1 and worse["p_dif"] < -0.05 and worse["p_bh"] < 1e-6 and worse["favours"] == "reference"
    assert worse["p_uniform"] < 1e-6 and worse["p_nonuniform"] > 0.001
    assert worse["delta_low"] < worse["delta"] < worse["delta_high"]


def test_held_items_and_pretest_items_are_looked_at_but_not_in_the_matching_score() -> None:
    marks, group = answers(5, 400)
    data = sitting(marks, [str(g) for g in group], held=[True, *[False] * 5], scored=[True] * 5 + [False])
    table = dif_analysis(data, "site").items
    assert table["anchor"].to_list() == [False, True, True, True, True, False]
    assert table["held"].to_list() == [True] + [False] * 5
    assert table["delta"].is_finite().all()


def test_papers_are_compared_on_their_common_items_and_other_columns_within_papers() -> None:
    rng = np.random.default_rng(8)
    n = 900
    ability, form = rng.normal(size=(n, 1)), np.arange(n) % 2
    marks = (rng.random((n, 30)) < 1 / (1 + np.exp(rng.normal(size=30) - ability))).astype(float)
    marks[np.ix_(form == 0, range(20, 30))] = np.nan
    marks[np.ix_(form == 1, range(10, 20))] = np.nan
    site = ["north" if person % 3 else "south" for person in range(n)]
    data = sitting_data([f"I{k}" for k in range(30)], marks, 1.0, form=form, forms=("A", "B"), groups={"site": site})
    assert dif_columns(data) == ("site", "form")
    by_form = dif_analysis(data, "form").items
    assert by_form["status"].to_list() == ["ok"] * 10 + ["not_seen"] * 20
    assert by_form["anchor"].sum() >= 8
    by_site = dif_analysis(data, "site").items
    assert set(by_site["status"]) == {"ok"} and by_site["n_focal"].to_list()[0] == 300
    assert by_site.filter(status="ok")["sibtest"].is_finite().all()


def test_many_groups_are_compared_one_by_one_and_all_at_once() -> None:
    marks, group = answers(9, 1200, 8, 4)
    marks[:, 0] = np.where(group == 3, np.random.default_rng(1).random(1200) < 0.1, marks[:, 0])
    found = dif_analysis(sitting(marks, ["wxyz"[g] for g in group]), "site")
    assert found.focal == ("x", "y", "z") and found.reference == "w"
    assert found.items.height == 24 and found.omnibus.height == 8
    first = found.omnibus.row(0, named=True)
    assert first["n_groups"] == 4 and first["gmh_df"] == 3 and first["gmh_p"] < 1e-6 and first["p_uniform"] < 1e-6
    assert found.items.filter(item="I0")["ets"].to_list()[2] == "C"


@pytest.mark.parametrize("case", ["one person", "one item", "all right", "one group", "nobody saw", "no persons", "few", "no items"])
def test_odd_sittings_give_a_result_without_a_warning(case: str) -> None:
    marks, group = answers(1, 300)
    words = [str(g) for g in group]
    if case == "one person":
        marks, words = marks[:1], words[:1]
    elif case == "one item":
        marks = marks[:, :1]
    elif case == "all right":
        marks[:] = 1.0
    elif case == "one group":
        words = ["x"] * 300
    elif case == "nobody saw":
        marks[:, 2] = np.nan
    elif case == "no persons":
        marks, words = marks[:0], []
    elif case == "few":
        marks, words = marks[:20], words[:20]
    elif case == "no items":
        marks = marks[:, :0]
    data = sitting(marks, words)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for chosen in (None, ALL):
            found = dif_analysis(data, "site", settings=chosen)
            assert found.status in ("ok", "withheld", "one_group")
            assert (found.status == "ok") == bool(found.focal)
            if found.status == "withheld":
                assert found.needs in (100, 200) and found.n < found.needs


def test_a_section_that_is_withheld_names_the_number_it_needs() -> None:
    marks, _ = answers(2, 260)
    few = dif_analysis(sitting(marks[:150], ["a" if n % 2 else "b" for n in range(150)]), "site")
    assert (few.status, few.n, few.needs) == ("withheld", 150, 200)
    lopsided = dif_analysis(sitting(marks, ["a" if n % 5 else "b" for n in range(260)]), "site")
    assert (lopsided.status, lopsided.n, lopsided.needs) == ("withheld", 52, 100)
    with pytest.raises(ValueError, match="no group column 'sex'"):
        dif_analysis(few_data := sitting(marks, ["a"] * 260), "sex")
    with pytest.raises(ValueError, match="no person has 'q'"):
        dif_analysis(few_data, "site", reference="q")


def test_counts_without_the_item_keep_every_person() -> None:
    marks, group = answers(4, 200)
    counts = matched_counts(marks, group)
    rest = rest_counts(counts, np.ones(6))
    assert np.array_equal(rest.n.sum(axis=2), counts.n.sum(axis=2)) and np.array_equal(rest.total.sum(axis=2), counts.total.sum(axis=2))
