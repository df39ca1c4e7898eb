"""The item table: hand-checkable numbers, laws, degenerate items."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qbank.analysis import NOT_REACHED, NOT_SEEN, OMITTED, VOID, WITHHELD, item_table, sitting_data
from qbank.analysis.classical import biserial
from qbank.analysis.criterion import rank_weights, rest_scores
from qbank.analysis.intervals import correlation_interval, mean_interval, wilson_interval

NAMES = ["a", "b", "c", "d"]
right = st.integers(4, 40).flatmap(lambda n: arrays(np.int8, (n, 4), elements=st.integers(0, 1)))


def table(marks: np.ndarray, **options: object) -> pl.DataFrame:
    marks = np.asarray(marks, float)
    return item_table(sitting_data([f"i{j}" for j in range(marks.shape[1])], marks, 1.0, **options))  # type: ignore[arg-type]


# --- examples


def test_four_persons_and_three_items_by_hand() -> None:
    # Item 0 deviates by ¼, ¼, ¼, −¾; its rest is 2, 1, 0, 0: r = 0.75/√(0.75·2.75).
    found = table(np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]]))
    assert found["facility"].to_list() == [0.75, 0.5, 0.25]
    assert found["variance"].to_list() == pytest.approx([0.25, 1 / 3, 0.25])
    assert found["item_rest"][0] == pytest.approx(0.75 / np.sqrt(0.75 * 2.75))
    assert found["item_total"][0] == pytest.approx(1.5 / np.sqrt(0.75 * 5.0))


def test_wilson_interval_of_newcombe_1998_table_1() -> None:
    # Newcombe (1998), Statist. Med. 17, 857–872, table I, method 3.
    for count, n, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)]:
        found = wilson_interval(count, n)
        assert (round(float(found[0]), 4), round(float(found[1]), 4)) == (low, high)


def test_omitted_and_not_reached_count_zero_while_void_and_withheld_do_not_count() -> None:
    answer = np.zeros((5, 2), np.int16)
    answer[:, 1] = [0, OMITTED, NOT_REACHED, VOID, WITHHELD]
    data = sitting_data(
        ["a", "b"], np.ones((5, 2)), 1.0, answer=answer, labels=[["A"], ["A"]], key=[{0}, {0}]
    )
    found = item_table(data).row(1, named=True)
    assert (found["n"], found["facility"], found["n_left_out"]) == (3, pytest.approx(1 / 3), 2)
    assert (found["omitted"], found["not_reached"]) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert data.excluded.answers_void == 1 and data.excluded.answers_withheld == 1


def test_a_person_whose_every_answer_is_void_withheld_or_not_seen_is_left_out_and_counted() -> None:
    answer = np.array([[0, 0], [VOID, VOID], [WITHHELD, WITHHELD], [NOT_SEEN, NOT_SEEN]], np.int16)
    data = sitting_data(
        ["a", "b"], np.ones((4, 2)), 1.0, answer=answer, groups={"site": ["n", "s", "e", "w"]}
    )
    assert data.row.tolist() == [0]
    assert data.groups == (("site", ("n",)),)
    left_out = data.excluded
    assert (left_out.persons_void, left_out.persons_withheld, left_out.persons_absent) == (1, 1, 1)


def test_partial_credit_gets_a_normal_interval_and_no_biserial() -> None:
    marks = np.array([[0, 2.0], [1, 0], [2, 2], [2, 0], [1, 2]])
    found = item_table(sitting_data(["essay", "single"], marks, [2, 2]))
    assert found["dichotomous"].to_list() == [False, True]
    half = 1.959963985 * np.std(marks[:, 0], ddof=1) / np.sqrt(5) / 2
    assert found["facility_low"][0] == pytest.approx(0.6 - half)
    assert np.isnan(found["biserial"][0])


def test_a_pretest_item_is_described_but_counts_in_no_score() -> None:
    rng = np.random.default_rng(3)
    marks = (rng.random((50, 4)) < 0.6).astype(float)
    with_pretest = sitting_data(NAMES, marks, 1.0, scored=[True, True, True, False])
    without = sitting_data(NAMES[:3], marks[:, :3], 1.0)
    assert with_pretest.total.tolist() == without.total.tolist()
    described = item_table(with_pretest)
    assert described["item_rest"].to_list()[:3] == pytest.approx(item_table(without)["item_rest"].to_list())
    assert described["item_rest"][3] == pytest.approx(np.corrcoef(marks[:, 3], marks[:, :3].sum(1))[0, 1])


def test_an_item_shared_by_two_papers_is_held_against_scores_standardised_within_paper() -> None:
    rng = np.random.default_rng(4)
    marks = (rng.random((80, 5)) < 0.5).astype(float)
    form = np.arange(80) % 2
    marks[form == 0, 3] = np.nan
    marks[form == 1, 4] = np.nan
    data = sitting_data(["s", "t", "u", "v", "w"], marks, 1.0, form=form, forms=("A", "B"))
    rest = np.nansum(marks, axis=1) - marks[:, 0]
    for one in (0, 1):
        inside = form == one
        rest[inside] = (rest[inside] - rest[inside].mean()) / rest[inside].std()
    assert item_table(data)["item_rest"][0] == pytest.approx(np.corrcoef(marks[:, 0], rest)[0, 1])
    assert item_table(data)["forms"].to_list() == ["A, B", "A, B", "A, B", "B", "A"]
    # An item of one paper only is held against raw marks.
    assert rest_scores(data)[form == 1, 3] == pytest.approx(
        np.nansum(marks[form == 1], axis=1) - marks[form == 1, 3]
    )


@pytest.mark.parametrize(
    ("marks", "status"),
    [
        (np.ones((12, 2)), "constant"),
        (np.zeros((12, 2)), "constant"),
        (np.full((12, 2), 0.1), "constant"),
        (np.ones((1, 2)), "one_person"),
        (np.full((12, 2), np.nan), "no_data"),
        (np.zeros((0, 2)), "no_data"),
    ],
)
def test_degenerate_items_become_flagged_rows(marks: np.ndarray, status: str) -> None:
    found = table(marks)
    assert found["status"].to_list() == [status] * 2
    assert not found["item_rest"].is_finite().any()


def test_no_items_give_an_empty_table() -> None:
    assert item_table(sitting_data([], np.zeros((3, 0)), [])).height == 0


def test_arrays_that_do_not_fit_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="beyond the labels"):
        sitting_data(["a"], [[1]], 1.0, answer=[[4]], labels=[["A", "B"]], key=[{0}])
    with pytest.raises(ValueError, match="one index below 1"):
        sitting_data(["a"], [[1]], 1.0, form=[1])
    with pytest.raises(ValueError, match="key holds an index"):
        sitting_data(["a"], [[1]], 1.0, labels=[["A", "B"]], key=[{2}])


# --- laws


@given(right, st.integers(-3, 3))
def test_item_rest_correlation_ignores_a_constant_added_to_an_item(marks: np.ndarray, constant: int) -> None:
    moved = marks.astype(float)
    moved[:, 1] += constant
    before, after = table(marks), table(moved)
    assert np.allclose(before["item_rest"], after["item_rest"], atol=1e-12, equal_nan=True)


@given(right, st.randoms(use_true_random=False))
def test_the_order_of_persons_changes_nothing(marks: np.ndarray, random: object) -> None:
    order = list(range(len(marks)))
    random.shuffle(order)  # type: ignore[attr-defined]
    numbers = [name for name, kind in table(marks).schema.items() if kind.is_float()]
    before, after = table(marks).select(numbers).to_numpy(), table(marks[order]).select(numbers).to_numpy()
    assert np.allclose(before, after, atol=1e-10, equal_nan=True)


@given(right)
def test_item_rest_and_item_total_are_numpys_correlations(marks: np.ndarray) -> None:
    found, total = table(marks), marks.sum(axis=1).astype(float)
    for item in range(4):
        for criterion, name in ((total - marks[:, item], "item_rest"), (total, "item_total")):
            if np.ptp(marks[:, item]) and np.ptp(criterion):
                assert found[name][item] == pytest.approx(
                    np.corrcoef(marks[:, item], criterion)[0, 1], abs=1e-12
                )
            else:
                assert np.isnan(found[name][item])


@settings(deadline=None)  # scipy.stats takes a second to import
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_is_scipys(counts: tuple[int, int]) -> None:
    from scipy.stats import binomtest

    count, n = counts
    theirs = binomtest(count, n).proportion_ci(method="wilson")
    low, high = wilson_interval(count, n)
    assert float(low) == pytest.approx(theirs.low, abs=1e-12)
    assert float(high) == pytest.approx(theirs.high, abs=1e-12)


@given(arrays(np.float64, st.integers(0, 60), elements=st.integers(0, 8)), st.integers(2, 6))
def test_rank_groups_have_exactly_their_share_and_leave_nobody_out(score: np.ndarray, n_groups: int) -> None:
    weights = rank_weights(score, tuple(np.linspace(0, 1, n_groups + 1)))
    assert weights.shape == (len(score), n_groups)
    assert np.allclose(weights.sum(axis=1), 1)
    assert np.allclose(weights.sum(axis=0), len(score) / n_groups)
    means = weights.T @ score
    assert (np.diff(means) >= -1e-9).all()


@settings(max_examples=25)
@given(st.floats(-0.99, 0.99), st.integers(4, 400))
def test_fishers_interval_is_scipys(r: float, n: int) -> None:
    z = 1.959963984540054
    low, high = correlation_interval(r, n)
    assert float(low) == pytest.approx(np.tanh(np.arctanh(r) - z / np.sqrt(n - 3)))
    assert float(high) == pytest.approx(np.tanh(np.arctanh(r) + z / np.sqrt(n - 3)))
    assert float(low) <= r <= float(high)


def test_intervals_of_nothing_are_nan() -> None:
    assert np.isnan(wilson_interval(0, 0)).all()
    assert np.isnan(mean_interval(0.5, np.nan, 1)).all()
    assert np.isnan(correlation_interval(0.5, 3)).all()
    assert np.isnan(biserial(0.3, [0.0, 1.0])).all()
