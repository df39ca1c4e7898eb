"""A table of items for people, and some of the items of a scale."""

from __future__ import annotations

import numpy as np
import pytest

from qbank.irt import (
    calibrate,
    calibrate_bifactor,
    calibrate_conditional,
    item_fit,
    item_parameters,
    item_table,
    link,
    score_persons,
    select_items,
)
from tests.irt.samples import items_of, sample_of


def test_a_row_holds_what_a_calibration_and_its_fit_say_of_an_item() -> None:
    scores = sample_of(["2pl"] * 6, 300, 1)
    fit = calibrate(scores, items=[f"Q{n}" for n in range(6)])
    found = item_fit(scores, fit, statistics=("infit", "s_x2"))
    rows = item_table(fit, found)
    assert [row["item"] for row in rows] == [f"Q{n}" for n in range(6)]
    for name, column in (
        ("a", fit.parameters.values["a"]),
        ("se_b", fit.parameters.errors["b"]),
        ("infit", found.infit),
        ("s_x2_p", found.s_x2_p),
    ):
        np.testing.assert_array_equal([row[name] for row in rows], column)
    assert {row["status"] for row in rows} == {"ok"}
    assert {row["n_answers"] for row in rows} == {300}
    assert "rmsd" not in rows[0]


def test_a_fit_of_other_items_is_refused() -> None:
    scores = sample_of(["2pl"] * 6, 300, 1)
    with pytest.raises(ValueError, match="other items"):
        item_table(items_of(["2pl"] * 6, 1), item_fit(scores, calibrate(scores, items=list("abcdef"))))


def test_selected_items_keep_their_values_errors_and_what_their_errors_share() -> None:
    scores = sample_of(["2pl"] * 8, 500, 2)
    fit = calibrate(scores, items=list("abcdefgh"), fingerprints=list("stuvwxyz"), scale="here")
    some = select_items(fit, "geca")
    assert some.items == ("g", "e", "c", "a")
    assert some.fingerprints == ("y", "w", "u", "s")
    assert some.scale == "here"
    for name in ("a", "b", "d"):
        np.testing.assert_array_equal(some.values[name], fit.parameters.values[name][[6, 4, 2, 0]])
        np.testing.assert_array_equal(some.errors[name], fit.parameters.errors[name][[6, 4, 2, 0]])
    target = item_parameters("2pl", a=np.ones(8), b=np.linspace(-1, 1, 8), items=list("abcdefgh"), scale="there")
    whole, part = (link(one, target, anchors=list("aceg")) for one in (fit, some))
    np.testing.assert_allclose(part.covariance, whole.covariance, rtol=1e-9)


def test_an_unknown_label_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'Q9'"):
        select_items(item_parameters("rasch", a=[1.0], b=[0.0], items=["Q1"]), ["Q1", "Q9"])


def test_every_kind_of_calibration_has_a_table_and_items_to_select() -> None:
    scores = sample_of(["rasch"] * 6, 300, 3)
    for fit in (calibrate_conditional(scores), calibrate_bifactor(scores, ["x", "x", "x", None, None, None])):
        rows = item_table(fit)
        assert [row["status"] for row in rows] == list(fit.status)
        assert select_items(fit, ["6", "1"]).values["b"][0] == rows[5]["b"]


def test_what_has_no_item_parameters_is_refused_by_what_it_is() -> None:
    scores = sample_of(["rasch"] * 6, 300, 3)
    with pytest.raises(ValueError, match="found dict"):
        score_persons(scores, calibrate(scores).parameters.values)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="parameters of a ConditionalCalibration"):
        item_fit(scores, calibrate_conditional(scores))  # type: ignore[arg-type]
