"""Papers of a sitting equated by its design, with what is refused, removed and withheld."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from qbank.analysis import SittingData, sitting_data
from qbank.analysis.equating import EquatingSettings, equate_papers, mark_at, reported_method
from qbank.analysis.tiers import Tiers
from qbank.irt import item_parameters

ANCHOR = 20


def sitting(
    n: int = 1200, *, n_items: int = 40, common: int = ANCHOR, ability: float = 0.0, harder: float = 0.5, seed: int = 1,
    drifted: tuple[int, ...] = (), cut: float = 24.0, **more: Any,
) -> SittingData:  # fmt: skip
    """Return two papers of n_items right-or-wrong items; paper B's own items are harder, its group abler, by so much."""
    rng = np.random.default_rng(seed)
    own = n_items - common
    total = common + 2 * own
    difficulty = rng.normal(-0.4, 0.8, total)
    difficulty[common + own :] = difficulty[common : common + own] + harder
    form = np.repeat([0, 1], n)
    seen = np.zeros((2 * n, total), bool)
    seen[:, :common] = True
    seen[form == 0, common : common + own] = True
    seen[form == 1, common + own :] = True
    felt = np.broadcast_to(difficulty, seen.shape).copy()
    felt[np.ix_(form == 1, drifted)] += 1.5
    theta = rng.normal(size=(2 * n, 1)) + ability * (form == 1)[:, None]
    right = rng.random(seen.shape) < 1 / (1 + np.exp(felt - theta))
    marks = np.where(seen, right, np.nan)
    names = [f"I{k:03}" for k in range(total)]
    return sitting_data(names, marks, 1.0, form=form, forms=("A", "B"), cut=cut, **more)


def test_papers_without_random_assignment_or_common_items_are_refused() -> None:
    found = equate_papers(sitting(common=0), "none")
    assert (found.status, found.pairs.height, found.concordance.height) == ("no_design", 0, 0)


def test_an_anchor_of_too_few_common_items_is_refused_with_the_number_needed() -> None:
    found = equate_papers(sitting(common=6), "anchor")
    assert found.pairs.select("status", "needs", "n_anchors", "method").row(0) == ("few_anchors", 8, 6, "identity")
    assert found.pairs["equated_cut"][0] is None and found.flips.is_empty()
    assert equate_papers(sitting(common=0), "anchor").pairs["status"][0] == "few_anchors"


def test_one_paper_has_nothing_to_be_equated_to() -> None:
    data = sitting_data("ab", np.ones((5, 2)), 1.0, cut=1)
    assert equate_papers(data, "spiralled").status == "one_paper"


def test_a_harder_paper_has_a_lower_equated_cut_and_lifts_who_lies_between() -> None:
    found = equate_papers(sitting(), "anchor")
    pair = found.pairs.row(0, named=True)
    assert pair["status"] == "ok" and pair["internal"] and pair["n_anchors"] == ANCHOR
    assert 21 < pair["equated_cut"] < 23 and pair["cut_mark"] == np.ceil(pair["equated_cut"])
    assert pair["n_up"] > 0 and pair["n_down"] == 0
    assert pair["n_passed_equated"] - pair["n_passed"] == pair["n_up"] == found.flips.height
    assert found.flips["total"].min() == pair["cut_mark"] and found.flips["total"].max() == 23
    assert found.flips["row"].min() >= 1200


def test_ability_is_not_taken_for_difficulty_through_an_anchor() -> None:
    """Papers alike, the group of B abler: the equated cut stays near the cut, which random groups would not give."""
    data = sitting(n=3000, ability=0.5, harder=0.0)
    through = equate_papers(data, "anchor").pairs.row(0, named=True)
    assert through["anchor_difference"] > 0.3 and through["method"] == "chained_equipercentile_loglinear"
    assert abs(through["equated_cut"] - 24) < 0.5
    as_if_random = equate_papers(data, "spiralled").pairs.row(0, named=True)
    assert as_if_random["equated_cut"] > 26


def test_held_and_drifted_items_leave_the_anchor() -> None:
    data = sitting(drifted=(3,))
    held = np.zeros(data.n_items, bool)
    held[7] = True
    data = sitting(drifted=(3,), held=held)
    table = equate_papers(data, "anchor").anchors
    assert table.height == ANCHOR
    reasons = dict(table.filter(~pl.col("used")).select("item", "reason").rows())
    assert reasons == {"I003": "drift", "I007": "held"}


def test_an_anchor_of_pretest_items_is_external() -> None:
    scored = np.ones(60, bool)
    scored[:ANCHOR] = False
    found = equate_papers(sitting(scored=scored, cut=12.0), "anchor").pairs.row(0, named=True)
    assert found["status"] == "ok" and found["internal"] is False
    assert 9.5 < found["equated_cut"] < 11.5


@pytest.mark.parametrize(
    ("n", "method"), [(99, "identity"), (150, "mean"), (199, "mean"), (200, "linear"), (999, "linear"), (1000, "equipercentile_loglinear")]
)
def test_the_method_reported_depends_on_the_persons(n: int, method: str) -> None:
    assert reported_method("spiralled", n, alike=True, settings=EquatingSettings()) == method
    pair = equate_papers(sitting(n, common=0), "spiralled").pairs.row(0, named=True)
    if n < 100:
        assert (pair["status"], pair["needs"]) == ("few_persons", 100)
    elif n >= 200:
        assert pair["method"] == method


def test_mean_equating_gives_way_to_identity_where_its_error_reaches_a_mark() -> None:
    noisy = equate_papers(sitting(101, common=0), "spiralled").pairs.row(0, named=True)
    assert noisy["method"] == "identity" and noisy["equated_cut"] == 24
    allowed = equate_papers(sitting(101, common=0), "spiralled", settings=EquatingSettings(see_below=5)).pairs
    assert allowed["method"][0] == "mean"


def test_tiers_are_settings() -> None:
    lenient = EquatingSettings(tiers=Tiers(small_below=20, dif_from=30))
    assert equate_papers(sitting(60, common=0), "spiralled", settings=lenient).pairs["method"][0] == "linear"


def test_all_methods_stand_beside_the_one_reported() -> None:
    found = equate_papers(sitting(), "anchor")
    assert set(found.methods["method"]) == {
        "identity", "mean_nominal", "mean_tucker", "mean_levine", "mean_chained", "linear_tucker", "linear_levine",
        "levine_true", "linear_chained", "braun_holland", "circle_arc_tucker", "circle_arc_chained",
        "frequency_estimation", "frequency_estimation_loglinear", "chained_equipercentile",
        "chained_equipercentile_loglinear", "kernel", "kernel_chained",
    }  # fmt: skip
    assert found.methods["reported"].sum() == 1
    assert found.concordance.height == found.methods.height * 41
    assert found.fits.filter("chosen").height == 2
    random = equate_papers(sitting(common=0), "spiralled")
    assert {"circle_arc_symmetric", "equipercentile_spline", "kernel", "linear"} <= set(random.methods["method"])


def test_bootstrap_errors_stand_where_they_are_asked_for() -> None:
    plain = equate_papers(sitting(400), "anchor").methods
    drawn = equate_papers(sitting(400), "anchor", settings=EquatingSettings(n_reps=200, seed=5)).methods
    both = plain.join(drawn, on="method", suffix="_drawn").filter(pl.col("see_source_drawn") == "bootstrap")
    near = both.filter(pl.col("method").is_in(["linear_tucker", "linear_levine", "linear_chained", "mean_tucker"]))
    assert near.height == 4
    assert ((near["cut_see_drawn"] / near["cut_see"] - 1).abs() < 0.25).all()
    assert both.filter(pl.col("method") == "braun_holland")["cut_see_drawn"][0] > 0


def test_item_parameters_add_true_and_observed_score_equating() -> None:
    data = sitting(n=1500)
    rng = np.random.default_rng(1)
    b = rng.normal(-0.4, 0.8, 60)
    b[40:] = b[20:40] + 0.5
    bank = item_parameters("rasch", a=[1.0] * 60, b=b, items=list(data.items))
    found = equate_papers(data, "anchor", parameters=bank)
    irt = found.methods.filter(pl.col("method").str.starts_with("irt"))
    assert irt["method"].to_list() == ["irt_true", "irt_observed"]
    reported = found.pairs["equated_cut"][0]
    assert (irt["equated_cut"] - reported).abs().max() < 0.5
    part = item_parameters("rasch", a=[1.0] * 59, b=b[:59], items=list(data.items[:59]))
    assert "irt_true" not in set(equate_papers(data, "anchor", parameters=part).methods["method"])


def test_half_marks_keep_their_step() -> None:
    data = sitting(n=300, common=0)
    half = sitting_data(data.items, data.marks / 2, 0.5, form=data.form, forms=("A", "B"), cut=12.0)
    whole, halves = (equate_papers(each, "spiralled").pairs.row(0, named=True) for each in (data, half))
    assert halves["equated_cut"] == pytest.approx(whole["equated_cut"] / 2)
    assert halves["cut_mark"] == whole["cut_mark"] / 2


def test_a_person_with_a_void_answer_is_left_out_and_counted() -> None:
    data = sitting(n=300, common=0)
    marks = data.marks.copy()
    marks[400, np.flatnonzero(~np.isnan(marks[400]))[0]] = np.nan
    found = equate_papers(sitting_data(data.items, marks, 1.0, form=data.form, forms=("A", "B"), cut=24), "spiralled")
    assert found.pairs.select("n", "n_left_out").row(0) == (299, 1)


@pytest.mark.parametrize("design", ["spiralled", "anchor", "none"])
@pytest.mark.parametrize("case", ["nobody on one", "all alike", "no cut", "one item", "unseen item", "nobody"])
def test_degenerate_sittings_get_a_status_never_an_exception(design: Any, case: str) -> None:
    n = 240
    form = np.repeat([0, 1], n // 2)
    marks = np.tile([1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0], (n, 1))
    marks[::3, 1] = 1.0
    marks[::5, 3] = 1.0
    cut = 5.0
    if case == "nobody on one":
        form[:] = 0
    if case == "all alike":
        marks[:] = 1
    if case == "no cut":
        cut = float("nan")
    if case == "one item":
        marks = marks[:, 1:2]
    if case == "unseen item":
        marks[:, 0] = np.nan
    if case == "nobody":
        marks, form = marks[:0], form[:0]
    data = sitting_data([f"I{k}" for k in range(marks.shape[1])], marks, 1.0, form=form, forms=("A", "B"), cut=cut)
    found = equate_papers(data, design)
    assert found.status in ("ok", "no_design", "no_data")
    for table in (found.pairs, found.methods, found.concordance, found.anchors, found.fits, found.flips):
        table.write_json()
    if case == "no cut" and design == "spiralled":
        assert found.pairs["status"][0] == "ok" and found.flips.is_empty()
    if case == "all alike" and design == "spiralled":
        assert found.pairs["status"][0] == "no_variation"
    if case == "nobody on one" and design == "spiralled":
        assert found.pairs["status"][0] == "no_data"


def test_three_papers_are_equated_to_the_one_that_is_asked_for() -> None:
    rng = np.random.default_rng(2)
    marks = (rng.random((900, 30)) < np.repeat([0.5, 0.6, 0.7], 300)[:, None]).astype(float)
    data = sitting_data([f"I{k}" for k in range(30)], marks, 1.0, form=np.repeat([0, 1, 2], 300), forms=("A", "B", "C"), cut=18)
    found = equate_papers(data, "spiralled", settings=EquatingSettings(base="B"))
    assert found.base == "B" and found.pairs["paper"].to_list() == ["A", "C"]
    low, high = found.pairs["equated_cut"]
    assert low < 18 < high
    with pytest.raises(ValueError, match="no paper 'Z'"):
        equate_papers(data, "spiralled", settings=EquatingSettings(base="Z"))
    with pytest.raises(ValueError, match="no method 'magic'"):
        equate_papers(data, "spiralled", settings=EquatingSettings(method="magic"))


def test_a_cut_beyond_the_curve_has_no_mark() -> None:
    x = np.arange(4.0)
    assert mark_at(x, x - 1, 2.5) == (3.5, pytest.approx(float("nan"), nan_ok=True))
    assert mark_at(x, x + 2, 1.0) == (-1.0, 0.0)


def test_totals_below_nothing_keep_their_place() -> None:
    """With penalties for wrong answers totals fall below 0: shifting every total shifts nothing else."""
    data = sitting(n=300, common=0)
    shifted = sitting(n=300, common=0, total=data.total - 20, cut=4.0)
    plain, low = (equate_papers(each, "spiralled").pairs.row(0, named=True) for each in (data, shifted))
    assert low["equated_cut"] == pytest.approx(plain["equated_cut"] - 20)
    assert (low["n_up"], low["mean"]) == (plain["n_up"], pytest.approx(plain["mean"] - 20))
