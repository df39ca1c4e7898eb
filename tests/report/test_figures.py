"""Figures: pure specifications, drawn without changing them."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.report import figures
from qbank.report.blocks import Figure
from qbank.report.drawing import BATCH, draw, drawn_by_vega

POINTS = [
    {
        "option": option,
        "label": option,
        "role": "key" if option == "B" else "distractor",
        "group": group,
        "share": 0.25,
    }
    for option in "ABCD"
    for group in range(1, 6)
]


def quantiles() -> dict[str, object]:
    return figures.quantile_plot(POINTS, group_title="g", share_title="s")


def test_the_key_is_thick_and_the_others_differ_in_dash() -> None:
    points = quantiles()["layer"][0]["data"]["values"]  # type: ignore[index]
    styles = {row["option"]: (row["weight"], tuple(row["dash"])) for row in points}
    assert styles["B"][0] > 2 * max(weight for option, (weight, _) in styles.items() if option != "B")
    assert len({dash for _, dash in styles.values()}) == 4


def test_a_specification_is_plain_data_and_not_shared_between_figures() -> None:
    one, other = quantiles(), figures.quantile_plot(POINTS[:5], group_title="g", share_title="s")
    assert json.loads(json.dumps(one)) == one
    assert one["layer"][0]["data"]["values"] != other["layer"][0]["data"]["values"]  # type: ignore[index]
    assert quantiles() == one


def test_a_figure_drawn_in_a_batch_is_the_figure_drawn_alone() -> None:
    spec = quantiles()
    wide = figures.histogram(
        [{"low": 0, "high": 5, "n": 3}, {"low": 5, "high": 10, "n": 4}],
        [{"cut": 6, "label": "cut 6"}],
        domain=(0, 10),
        score_title="x",
        count_title="y",
    )
    small = Figure("q", "c", "alt", spec, figures.CARD_MARGIN)
    large = Figure("h", "c", "alt", wide, figures.WIDE_MARGIN)
    many = drawn_by_vega([small, large] * BATCH)
    assert many[0] == many[2 * BATCH - 2] == drawn_by_vega([small])[0]
    assert many[1] == drawn_by_vega([large])[0]


def test_no_figures_draw_nothing() -> None:
    assert draw([]) == []


def test_the_alternative_text_cannot_leave_its_attribute() -> None:
    (svg,) = draw([Figure("q", "c", '"><script>', quantiles(), figures.CARD_MARGIN)])
    assert "<script" not in svg


@given(st.lists(st.floats(0, 1), max_size=8))
def test_labels_are_moved_apart_in_their_order(places: list[float]) -> None:
    moved = figures.spread(places, gap=0.085)
    order = sorted(range(len(places)), key=lambda index: (places[index], index))
    steps = [moved[b] - moved[a] for a, b in pairwise(order)]
    assert all(step >= 0.085 - 1e-9 for step in steps)


@pytest.mark.parametrize("n_forms", [1, 2, 7])
def test_every_form_has_its_name_beside_its_line(n_forms: int) -> None:
    forms = [f"F{index}" for index in range(n_forms)]
    points = [{"form": form, "score": score, "share": score / 10} for form in forms for score in (0, 10)]
    spec = figures.curves(
        points, [], forms=forms, domain=(0, 10), score_title="x", share_title="y", step=True
    )
    names = next(
        layer["data"]["values"]
        for layer in spec["layer"]
        if layer["mark"]["type"] == "text" and layer["data"]["values"]
    )
    assert [row["form"] for row in names] == forms
