"""Values that a caller fixes or ties: items by index and by label."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qbank.irt import calibrate, item_parameters
from tests.irt.samples import sample_of

SCORES = sample_of(["2pl"] * 5, 400, 3)
LABELS = ["Q1", "Q2", "Q3", "Q4", "Q5"]


@pytest.mark.parametrize(
    ("by_index", "by_label"),
    [
        ({"fixed": {1: {"a": 1.2, "b": 0.3}}}, {"fixed": {"Q2": {"a": 1.2, "b": 0.3}}}),
        ({"equal": [("a", [0, 2, 4])]}, {"equal": [("a", ["Q1", "Q3", "Q5"])]}),
        ({"equal": [("a", [0, 2, 4])]}, {"equal": [("a", np.array([0, 2, 4]))]}),
    ],
)
def test_an_item_is_meant_by_its_label_as_by_its_index(by_index: dict[str, Any], by_label: dict[str, Any]) -> None:
    one, other = (calibrate(SCORES, items=LABELS, errors="none", **options) for options in (by_index, by_label))
    np.testing.assert_array_equal(one.parameters.estimates, other.parameters.estimates)
    assert one.settings["equal"] == other.settings["equal"]
    assert one.n_free == other.n_free == (8 if "equal" in by_index else 10)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"fixed": {"Q9": {"b": 1.0}}}, "fixed names item 'Q9'"),
        ({"fixed": {7: {"b": 1.0}}}, "fixed names item 7, but the items are 0 to 4"),
        ({"equal": [("a", ["Q1", "Q9"])]}, "equal names item 'Q9'"),
        ({"equal": [("a", "Q1")]}, "a list of items"),
    ],
)
def test_an_item_that_is_not_there_is_refused_by_name(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        calibrate(SCORES, items=LABELS, **options)


def test_items_held_at_a_scale_bring_the_others_onto_it() -> None:
    anchors = item_parameters("2pl", a=[1.0], b=[0.0], items=["Q2"], scale="bank:2026")
    assert calibrate(SCORES, items=LABELS, fixed=anchors).parameters.scale == "bank:2026"
    assert calibrate(SCORES, items=LABELS, fixed=anchors, scale="own").parameters.scale == "own"
    assert calibrate(SCORES, items=LABELS).parameters.scale == "unlinked"
