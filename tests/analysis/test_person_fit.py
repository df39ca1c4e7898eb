"""Person fit by group, and DIF by item response theory of a sitting: what is planted is found, what is not there is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qbank.analysis import SittingData, dif_analysis, person_fit_analysis, sitting_data
from qbank.analysis.calibrated import CalibratedItems, calibrated_items
from qbank.analysis.dif import with_item_response
from qbank.irt import item_parameters

N, ITEMS = 1200, 40
B = np.linspace(-1.5, 1.5, ITEMS)


def sat(*, aberrant_room: str = "", harder: float = 0.0, n: int = N) -> tuple[SittingData, CalibratedItems]:
    """Return a calibrated sitting of 12 rooms at two sites; persons of one room answer at random, item 5 is harder at site b."""
    rng = np.random.default_rng(4)
    room = np.array([f"R{person % 12:02d}" for person in range(n)])
    site = np.array(["a", "b"])[np.arange(n) % 2]
    logit = rng.normal(size=(n, 1)) - B
    logit[:, 5] -= harder * (site == "b")
    chance = np.where((room == aberrant_room)[:, None], 0.5, 1 / (1 + np.exp(-logit)))
    right = (rng.random((n, ITEMS)) < chance).astype(float)
    data = sitting_data([f"I{item:02d}" for item in range(ITEMS)], right, 1.0, groups={"room": room.tolist(), "site": site.tolist()}, cut=20)
    known = item_parameters("rasch", a=np.ones(ITEMS), b=B, items=data.items)
    return data, calibrated_items(data, known, range(ITEMS), right.astype(np.int8), [(0.0, 1.0)] * ITEMS)


def test_a_room_that_answers_at_random_stands_out_and_no_other_does() -> None:
    data, calibrated = sat(aberrant_room="R07")
    found = person_fit_analysis(data, calibrated)
    assert found is not None
    rooms = found.groups.filter(column="room")
    assert rooms.filter("stands_out")["group"].to_list() == ["R07"]
    assert rooms["n"].sum() == found.n == N
    assert rooms["n_beyond"].sum() == found.n_beyond == found.persons.height
    assert found.persons["lz_star"].is_sorted() and found.persons["lz_star"].max() < found.beyond


def test_who_answers_as_the_model_says_is_beyond_about_as_often_as_chance_has_it() -> None:
    found = person_fit_analysis(*sat())
    assert found is not None
    assert found.n_beyond / found.n == pytest.approx(found.expected, abs=0.01)
    assert not found.groups["stands_out"].any()


def test_nothing_is_told_of_persons_without_parameters_or_of_a_handful() -> None:
    assert person_fit_analysis(sat()[0], None) is None
    assert person_fit_analysis(*sat(n=60)) is None


def test_an_item_made_harder_for_a_site_is_found_by_lord_raju_and_likelihood() -> None:
    data, calibrated = sat(harder=1.0)
    table = with_item_response(dif_analysis(data, "site"), data, calibrated).item_response
    assert table is not None
    (row,) = table.filter(item="I05").to_dicts()
    sign = 1 if row["group"] == "b" else -1
    assert sign * row["area"] == pytest.approx(1.0, abs=0.35)
    assert max(row["lord_p_bh"], row["area_p"], row["likelihood_p"]) < 0.001
    assert table.filter(table["lord_p_bh"] < 0.05)["item"].to_list() == ["I05"]
    assert table.filter(table["likelihood"].is_finite())["item"].to_list() == ["I05"]


def test_groups_below_what_2pl_needs_and_items_answered_alike_have_none() -> None:
    data, calibrated = sat(n=900)
    assert with_item_response(dif_analysis(data, "site"), data, calibrated).item_response is None
    data, calibrated = sat()
    constant = np.array(calibrated.scores)
    constant[:, 3] = 1
    table = with_item_response(dif_analysis(data, "site"), data, replace(calibrated, scores=constant)).item_response
    assert table is not None and "I03" not in table["item"].to_list()


def test_papers_without_a_common_item_are_calibrated_one_by_one() -> None:
    data, calibrated = sat(harder=1.0, n=2400)
    first = np.arange(2400) % 4 < 2
    answers = np.where(first[:, None] == (np.arange(ITEMS) < ITEMS // 2), calibrated.scores, -1).astype(np.int8)
    codes = np.where(answers < 0, -2, 0)
    apart = sitting_data(
        data.items, np.where(answers < 0, 0.0, answers), 1.0, answer=codes, labels=[["A"]] * ITEMS, key=[{0}] * ITEMS,
        form=(~first).astype(int), forms=["one", "two"], groups=dict(data.groups), cut=10,
    )  # fmt: skip
    known = calibrated_items(apart, calibrated.parameters, range(ITEMS), answers, calibrated.marks)
    table = with_item_response(dif_analysis(apart, "site"), apart, known).item_response
    assert table is not None and table.height == ITEMS
    assert table["lord"].is_finite().all()
    assert table.filter(table["lord_p_bh"] < 0.001)["item"].to_list() == ["I05"]
