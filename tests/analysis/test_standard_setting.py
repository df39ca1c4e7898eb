"""Cuts of panels: hand calculations, laws, odd judgements."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.analysis.standard_setting import (
    angoff,
    beuk,
    booklet,
    bookmark,
    borderline_group,
    contrasting_groups,
    fail_rate,
    hofstee,
    locations,
    variance_components,
)
from qbank.irt import item_parameters


def test_angoff_by_hand() -> None:
    # three judges, cuts .6 + .8 + 2·.4 = 2.2, 2.6, 1.7; mean 13/6, sd √.20333, error sd/√3
    found = angoff([[0.6, 0.8, 0.4], [0.7, 0.9, 0.5], [0.5, 0.6, 0.3]], [1, 1, 2], facility=[0.6, 0.9, 0.3])
    assert found.judges["cut"].to_list() == pytest.approx([2.2, 2.6, 1.7])
    assert found.cut == pytest.approx(13 / 6)
    assert found.error == pytest.approx(math.sqrt(0.61 / 3 / 3), abs=1e-9)
    assert found.judges["leniency"].sum() == pytest.approx(0)
    assert found.judges["correlation"][0] == pytest.approx(np.corrcoef([0.6, 0.8, 0.4], [0.6, 0.9, 0.3])[0, 1])
    assert found.judges["distance"][0] == pytest.approx(0.2 / 3)


def test_items_that_a_judge_left_out_count_with_the_share_of_the_others() -> None:
    found = angoff([[0.5, np.nan, 0.7], [0.6, 0.6, 0.6]], [1, 5, 1])
    assert found.judges["cut"].to_list() == pytest.approx([7 * 0.6, 7 * 0.6])
    assert found.judges["n_rated"].to_list() == [2, 3]


def test_a_judge_who_rates_by_the_model_is_perfectly_consistent() -> None:
    items = item_parameters("2pl", a=[1.0, 1.5, 0.8], b=[-1.0, 0.0, 1.0])
    at = 1 / (1 + np.exp(-np.array([1.0, 1.5, 0.8]) * (0.4 - np.array([-1.0, 0.0, 1.0]))))
    steady, wild = angoff([at, [0.1, 0.9, 0.9]], [1, 1, 1], parameters=items).judges["consistency"].to_list()
    assert steady == pytest.approx(1, abs=1e-9) and wild < 0.8


def test_variance_components_of_pure_judges_and_of_pure_items() -> None:
    assert variance_components([[0.4] * 4, [0.6] * 4]) == pytest.approx((0.02, 0.0, 0.0))
    assert variance_components([[0.2, 0.8], [0.2, 0.8], [0.2, 0.8]]) == pytest.approx((0.0, 0.18, 0.0))


def test_bookmark_of_rasch_items_is_the_difficulty_plus_the_logit_of_two_thirds() -> None:
    items = item_parameters("rasch", a=[1.0] * 4, b=[1.0, -1.0, 0.0, 2.0], items=["c", "a", "b", "d"])
    assert locations(items, rp=2 / 3) == pytest.approx(np.array([1.0, -1.0, 0.0, 2.0]) + math.log(2), abs=1e-9)
    assert booklet(items)["item"].to_list() == ["a", "b", "c", "d"]
    found = bookmark(items, [3, 3, 4], rp=2 / 3)
    assert found.ability == pytest.approx(math.log(2))
    assert found.cut == pytest.approx(sum(1 / (1 + math.exp(b - math.log(2))) for b in (1, -1, 0, 2)))


def test_hofstee_by_hand_where_the_line_falls_to_a_step() -> None:
    # 10 persons at 1…10; line from (2, .9) to (8, .1): at 5 it is .5; below 5 fail 4 of 10, up to 6 five: they meet at 5
    found = hofstee(range(1, 11), [2], [8], [0.1], [0.9])
    assert (found.cut, found.status) == (pytest.approx(5.0), "ok")
    # with counts the same
    assert hofstee([1, 10], [5], [5.1], [0.4], [0.6], counts=[50, 50]).cut == pytest.approx(5.05)


@pytest.mark.parametrize(
    ("bounds", "cut", "status"),
    [((11, 12, 0.1, 0.2), 11, "no_crossing"), ((1, 2, 0.5, 0.6), 2, "no_crossing"), ((8, 2, 0.1, 0.9), None, "bounds_crossed")],
)
def test_hofstee_without_a_crossing_says_so(bounds: tuple[float, float, float, float], cut: float | None, status: str) -> None:
    found = hofstee(range(1, 11), *[[bound] for bound in bounds])
    assert found.status == status
    assert (found.cut == cut) if cut is not None else math.isnan(found.cut)


def test_beuk_by_hand() -> None:
    # cuts 60, 70 and pass rates .5, .7: slope .02 through (65, .6); at 60 three of five pass (.6 ≥ .5), beyond it .4 < .5
    found = beuk([40, 50, 60, 70, 80], [60, 70], [0.5, 0.7])
    assert found.cut == pytest.approx(60)
    assert dict(found.figures)["slope"] == pytest.approx(0.02)
    # where the judges' mean lies on the curve, it stands
    even = np.linspace(0, 100, 10_001)
    assert beuk(even, [40, 60], [0.4, 0.6]).cut == pytest.approx(50, abs=0.02)


@given(
    st.lists(st.integers(0, 100), min_size=1, max_size=40), st.floats(30, 60), st.floats(1, 30), st.floats(0, 0.5), st.floats(0, 0.5)
)
def test_hofstee_stays_in_the_judged_range_and_never_fails_more_than_the_line(
    scores: list[int], low: float, width: float, least: float, more: float
) -> None:
    found = hofstee(scores, [low], [low + width], [least], [least + more])
    assert low - 1e-9 <= found.cut <= low + width + 1e-9
    if found.status == "ok":
        line = least + more - more * (found.cut - low) / width
        assert fail_rate(scores, np.ones(len(scores)), found.cut - 1e-7) <= line + 1e-6


@given(st.lists(st.integers(0, 100), min_size=1, max_size=40), st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1)), min_size=1, max_size=6))
def test_beuk_gives_a_number_for_any_panel(scores: list[int], said: list[tuple[float, float]]) -> None:
    found = beuk(scores, [cut for cut, _ in said], [rate for _, rate in said])
    assert math.isfinite(found.cut) and found.status in ("ok", "alike", "one_judge")


def test_borderline_group_is_the_median() -> None:
    found = borderline_group([55, 58, 60, 61, 66])
    assert found.cut == 60
    assert found.error == pytest.approx(math.sqrt(math.pi / 2) * np.std([55, 58, 60, 61, 66], ddof=1) / math.sqrt(5))
    assert borderline_group([]).status == "no_scores"


def test_contrasting_groups_of_two_equal_normals_meet_in_the_middle() -> None:
    rng = np.random.default_rng(1)
    able, unable = rng.normal(70, 8, 4000), rng.normal(54, 8, 1000)
    found = contrasting_groups(able, unable)
    assert found.status == "ok"
    # the sizes of the groups do not move it, and its error is that of the draws
    assert found.cut == pytest.approx(62, abs=4 * found.error)
    assert 0.1 < found.error < 0.6
    draws = [
        contrasting_groups(rng.normal(70, 8, 400), rng.normal(54, 8, 100)) for _ in range(60)
    ]
    assert np.std([one.cut for one in draws]) == pytest.approx(np.mean([one.error for one in draws]), rel=0.3)


def test_contrasting_groups_that_do_not_touch_or_stand_on_their_heads() -> None:
    assert (contrasting_groups([70, 80], [40, 50]).cut, contrasting_groups([70, 80], [40, 50]).status) == (60, "separated")
    assert contrasting_groups([40, 50], [70, 80]).status == "reversed"
    assert contrasting_groups([], [70]).status == "no_scores"


def test_one_judge_and_one_item_give_a_cut_without_an_error() -> None:
    found = angoff([[0.7]], [10])
    assert found.cut == pytest.approx(7) and math.isnan(found.error) and math.isnan(found.error_items)
    assert angoff([[np.nan]], [10]).status == "no_ratings"
