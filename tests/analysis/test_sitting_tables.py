"""Decisions, comparison of papers, flags, and the one pass that joins them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest

from qbank.analysis import Thresholds, analyse, compare_papers, pass_rates, score_distribution, sitting_data
from qbank.analysis.compare import Design
from tests.analysis.simulated import simulated_sitting


def test_sixty_from_decimal_marks_is_a_pass() -> None:
    data = sitting_data(["a", "b", "c"], [[0.1, 0.2, 0.3], [0.1, 0.2, 0.0]], [0.1, 0.2, 0.3], cut=0.6)
    assert pass_rates(data).row(0, named=True)["n_passed"] == 1


def test_pass_rates_stand_by_form_and_by_site() -> None:
    data = simulated_sitting(n_persons=120)
    rates = pass_rates(data)
    assert rates["by"].to_list() == ["all", "form", "form", "site", "site"]
    assert rates["value"].to_list() == ["", "A", "B", "north", "south"]
    assert rates["n"][0] == rates["n"][1] + rates["n"][2] == rates["n"][3] + rates["n"][4] == 119
    assert (rates["rate_low"] <= rates["rate"]).all() and (rates["rate"] <= rates["rate_high"]).all()


def test_no_small_group_follows_from_the_pass_rates_of_the_others() -> None:
    marks = np.tile([[1.0, 0.0], [1.0, 1.0]], (20, 1))[:35]
    sites = ("north",) * 20 + ("south",) * 12 + ("east",) * 3
    rates = analyse(sitting_data(["a", "b"], marks, 1.0, cut=1.0, groups={"site": sites}), design="none").rates
    shown = rates.filter(pl.col("mean").is_not_null())
    assert shown.select("by", "value").rows() == [("all", ""), ("form", rates["value"][1]), ("site", "north")]
    assert rates["n"].to_list()[2:] == [3, 20, 12]


def test_without_a_cut_nobody_is_said_to_pass() -> None:
    rates = pass_rates(sitting_data(["a"], np.ones((20, 1)), 1.0))
    assert np.isnan(rates["rate"][0]) and rates["n_passed"][0] == 0


def test_the_distribution_ends_at_one_in_every_form() -> None:
    ends = score_distribution(simulated_sitting()).group_by("form").agg(pl.col("cumulative").last())
    assert ends["cumulative"].to_list() == pytest.approx([1, 1])


def papers(shift: float, n: int = 200) -> Any:
    rng = np.random.default_rng(5)
    total = rng.normal(65, 12, 2 * n) + np.repeat([shift, 0], n)
    marks = np.ones((2 * n, 1))
    return sitting_data(["a"], marks, 1.0, form=np.repeat([0, 1], n), forms=("A", "B"), total=total)


@pytest.mark.parametrize(
    ("shift", "design", "verdict"),
    [
        (0.0, "spiralled", "alike"),
        (9.0, "spiralled", "different"),
        (9.0, "none", "confounded"),
        (9.0, "anchor", "anchor"),
    ],
)
def test_the_verdict_depends_on_the_design(shift: float, design: Design, verdict: str) -> None:
    assert compare_papers(papers(shift), design)["verdict"].to_list() == [verdict]


def test_a_certain_but_small_difference_is_called_small() -> None:
    assert compare_papers(papers(1.4, n=20_000), "spiralled")["verdict"].to_list() == ["small"]


def test_exchanging_two_papers_changes_the_sign_only() -> None:
    data = papers(4.0)
    exchanged = sitting_data(["a"], data.marks, 1.0, form=1 - data.form, forms=("B", "A"), total=data.total)
    one, other = (compare_papers(each, "none").row(0, named=True) for each in (data, exchanged))
    assert one["d"] == pytest.approx(-other["d"]) and one["d_low"] == pytest.approx(-other["d_high"])


@pytest.mark.parametrize("seed", range(6))
def test_a_miskeyed_item_is_caught_with_the_right_key_and_good_items_are_left_alone(seed: int) -> None:
    data = simulated_sitting(n_persons=600, n_forms=1, n_items=40, miskeyed=(5, 17), seed=seed)
    flags = analyse(data, design="none").flags
    found = flags.filter(pl.col("code") == "miskey")
    assert found["item"].to_list() == ["T-006", "T-018"]
    truth = ["ABCD"[(min(data.key[item]) - 1) % 4] for item in (5, 17)]
    assert found["option"].to_list() == truth
    assert found["holds"].all()
    assert set(flags.filter("holds")["item"]) == {"T-006", "T-018"}


def test_pure_guessing_by_few_persons_raises_a_miskey_in_at_most_one_item_of_twenty() -> None:
    rng = np.random.default_rng(11)
    answer = rng.integers(0, 4, (25, 200)).astype(np.int16)
    data = sitting_data(
        [f"i{j}" for j in range(200)],
        (answer == 0).astype(float),
        1.0,
        answer=answer,
        labels=[list("ABCD")] * 200,
        key=[{0}] * 200,
    )
    assert analyse(data, design="none").flags.filter(pl.col("code") == "miskey").height <= 10


def test_an_item_whose_key_nobody_chose_is_a_possible_miskey() -> None:
    rng = np.random.default_rng(12)
    answer = (rng.random((60, 8)) < 0.4).astype(np.int16)
    answer[:, 0] = 2
    data = sitting_data(
        [f"i{j}" for j in range(8)],
        (answer == 0).astype(float),
        1.0,
        answer=answer,
        labels=[list("ABC")] * 8,
        key=[{0}] * 8,
    )
    first = analyse(data, design="none").flags.filter(pl.col("item") == "i0")
    assert first["code"].to_list()[0] == "miskey" and first["option"].to_list()[0] == "C"
    assert {"too_hard", "constant"} <= set(first["code"])


def test_idle_options_are_news_only_where_the_options_were_printed() -> None:
    rng = np.random.default_rng(13)
    answer = (rng.random((100, 4)) < 0.4).astype(np.int16)
    data = sitting_data(
        list("abcd"),
        (answer == 0).astype(float),
        1.0,
        answer=answer,
        labels=[list("ABC")] * 4,
        key=[{0}] * 4,
        choice=[True, True, True, False],
    )
    idle = analyse(data, design="none").flags.filter(pl.col("code") == "non_functioning")
    assert idle["item"].to_list() == ["a", "b", "c"] and set(idle["option"]) == {"C"}
    assert not idle["holds"].any()


def test_thresholds_can_be_moved() -> None:
    data = simulated_sitting(n_persons=400)
    strict = analyse(data, design="none", thresholds=Thresholds(low_discrimination_below=0.9)).flags
    low = strict.filter(pl.col("code").is_in(["low_discrimination", "negative"]))
    assert low["item"].n_unique() == data.n_items


def test_below_ten_persons_numbers_are_null_and_counts_stay() -> None:
    found = analyse(simulated_sitting(n_persons=9, n_forms=1), design="none")
    assert found.items["facility"].null_count() == found.items.height
    assert found.items["n"].to_list() == [8] * found.items.height
    assert (
        found.reliability["alpha"].null_count() == 1
        and found.rates["rate"].null_count() == found.rates.height
    )
    assert found.options["share"].null_count() == found.options.height
    assert found.quantiles["share"].null_count() == found.quantiles.height
    assert found.distribution.is_empty()
    assert set(found.flags["code"]) == {"suppressed"}


def test_below_thirty_persons_every_item_is_marked() -> None:
    found = analyse(simulated_sitting(n_persons=26, n_forms=1), design="none")
    assert found.flags.filter(pl.col("code") == "small_n")["item"].to_list() == found.items["item"].to_list()


DEGENERATE: dict[str, dict[str, Any]] = {
    "nothing": {"items": [], "marks": np.zeros((0, 0)), "marks_max": []},
    "no items": {"items": [], "marks": np.zeros((12, 0)), "marks_max": []},
    "nobody": {"items": ["a", "b"], "marks": np.zeros((0, 2)), "marks_max": 1.0},
    "one person": {"items": ["a", "b"], "marks": [[1, 0]], "marks_max": 1.0},
    "one item": {"items": ["a"], "marks": np.arange(12)[:, None] % 2, "marks_max": 1.0},
    "all right": {"items": ["a", "b"], "marks": np.ones((40, 2)), "marks_max": 1.0},
    "all wrong": {"items": ["a", "b"], "marks": np.zeros((40, 2)), "marks_max": 1.0},
    "all absent": {"items": ["a", "b"], "marks": np.full((12, 2), np.nan), "marks_max": 1.0},
    "a form nobody sat": {"items": ["a"], "marks": np.ones((12, 1)), "marks_max": 1.0, "forms": ("A", "B")},
    "worth nothing": {"items": ["a"], "marks": np.zeros((12, 1)), "marks_max": 0.0},
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_sittings_are_analysed_without_exception_or_warning(case: str) -> None:
    given = dict(DEGENERATE[case])
    arguments = [given.pop(name) for name in ("items", "marks", "marks_max")]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = analyse(sitting_data(*arguments, cut=1.0, **given), design="spiralled")
    assert found.items.height == len(arguments[0])
    assert found.reliability.height == len(given.get("forms", ("",)))


def test_the_same_data_give_the_same_tables() -> None:
    one, other = (analyse(simulated_sitting(), design="spiralled") for _ in range(2))
    for name in ("items", "options", "quantiles", "reliability", "rates", "borderline", "papers", "flags"):
        assert getattr(one, name).equals(getattr(other, name)), name


def test_an_easy_item_with_a_wrong_key_is_caught_although_its_correlations_are_weak() -> None:
    rng = np.random.default_rng(21)
    ability = rng.normal(size=300)
    right = rng.random((300, 20)) < 1 / (1 + np.exp(-(ability[:, None] - rng.normal(0, 0.7, 20))))
    answer = np.where(right, 0, rng.integers(1, 4, right.shape)).astype(np.int16)
    easy = rng.random(300) < 0.78 + 0.06 * ability
    answer[:, 0] = np.where(easy, 2, np.where(rng.random(300) < 0.7, 0, 1))
    data = sitting_data(
        [f"i{j}" for j in range(20)],
        (answer == 0).astype(float),
        1.0,
        answer=answer,
        labels=[list("ABCD")] * 20,
        key=[{0}] * 20,
    )
    found = analyse(data, design="none").flags.filter(pl.col("code") == "miskey")
    assert found.select("item", "option").rows() == [("i0", "C")]
