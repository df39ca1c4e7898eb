"""Plain figures: the same picture as Vega makes of the same specification, and what is not plain is left to Vega."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import altair
import numpy as np
import polars as pl
import pytest

from qbank.report import figures
from qbank.report.blocks import Figure, walk
from qbank.report.drawing import draw, drawn_by_vega
from qbank.report.drawing_plain import plain_drawing
from qbank.report.drawing_scales import ticks
from qbank.report.sitting.curve_figure import curve_figure
from tests.report import calibration_sample, history_sample, statistics_sample
from tests.report.pixels import pixels_of


def quantiles() -> Figure:
    shares = {"A": (0.34, 0.3, 0.2, 0.15, 0.05), "B": (0.3, 0.4, 0.55, 0.7, 0.92), "C": (0.36, 0.3, 0.25, 0.15, 0.03)}
    roles = {"A": "rival", "B": "key", "C": "distractor"}
    points = [
        {"option": o, "label": f"{o} <&", "role": roles[o], "group": n, "share": share}
        for o, row in shares.items() for n, share in enumerate(row, start=1)
    ]  # fmt: skip
    return Figure("q", "", "a < b", figures.quantile_plot(points, group_title="总分五等分组", share_title="选择比例"), figures.CARD_MARGIN)


def curve() -> Figure:
    theta = np.array([-3.4, -1.0, 0.0, 0.7, 2.0])
    share = np.array([0.1, 0.3, 0.52, 0.6, 0.97])
    found = pl.DataFrame({"n": [40] * 5, "theta": theta, "share": share, "low": share - 0.1, "high": np.minimum(share + 0.1, 1.0),
                          "expected": share, "residual": [0.1, -4.0, 0.3, 5.0, 1.0]})  # fmt: skip
    at = np.linspace(-4, 4, 33)
    model = pl.DataFrame({"theta": at, "share": 1 / (1 + np.exp(-at))})
    figure = curve_figure("Q1", found, model, lambda key, **fields: f"{key} {fields}")
    assert figure is not None
    return figure


def every_plain_figure() -> list[Figure]:
    reports = (history_sample.sample("zh"), calibration_sample.sample("en"), statistics_sample.sample("en"))
    found = [block for report in reports for block in walk(report.blocks) if isinstance(block, Figure)]
    return [quantiles(), curve(), *[figure for figure in found if plain_drawing(figure)][:5]]


def test_a_plain_drawing_is_the_picture_that_vega_makes() -> None:
    known = every_plain_figure()
    assert {figure.name.split("-")[0].split(":")[0] for figure in known} >= {"q", "curve", "facility", "b", "shares"}
    for figure, theirs in zip(known, drawn_by_vega(known), strict=True):
        ours = plain_drawing(figure)
        assert ours is not None, figure.name
        apart = np.abs(pixels_of(ours) - pixels_of(theirs)).max(axis=2)
        # edges of lines are rounded to a hundredth of a pixel here, to a thousandth there
        assert apart.max() <= 64 and apart.mean() < 0.03, (figure.name, apart.max(), apart.mean())


def test_each_mark_has_its_title_and_leads_to_its_card() -> None:
    one = curve()
    figure = replace(one, links=("Q1", "", "Q 2", "", ""))
    root = ElementTree.fromstring(plain_drawing(figure) or "")
    space = "{http://www.w3.org/2000/svg}"
    assert [title.text for title in root.iter(f"{space}title")] == list(figure.titles)
    assert [link.get("href") for link in root.iter(f"{space}a")] == ["#item-Q1", "#item-Q.20.2"]
    assert all(len(list(link.iter(f"{space}title"))) == 1 for link in root.iter(f"{space}a"))


def test_words_are_escaped() -> None:
    drawing = plain_drawing(quantiles()) or ""
    assert 'aria-label="a &lt; b"' in drawing
    assert "A &lt;&amp;" in drawing


def changed(spec: Mapping[str, Any], layer: int, **parts: Any) -> dict[str, Any]:
    layers = list(spec["layer"])
    layers[layer] = {**layers[layer], **{name: {**layers[layer][name], **part} for name, part in parts.items()}}
    return {**spec, "layer": layers}


@pytest.mark.parametrize(
    "parts",
    [
        {"mark": {"type": "area"}},
        {"mark": {"interpolate": "monotone"}},
        {"mark": {"tooltip": True}},
        {"encoding": {"size": {"field": "share", "type": "quantitative"}}},
        {"encoding": {"color": {"field": "colour", "type": "nominal"}}},
        {"encoding": {"x": {"field": "group", "type": "nominal"}}},
        {"encoding": {"x": {"field": "group", "type": "quantitative", "scale": {"domain": [0, 1], "type": "log"}}}},
        {"encoding": {"x": {"field": "group", "type": "quantitative", "scale": {"domain": [1, 1]}}}},
        {"encoding": {"x": {"field": "nowhere", "type": "quantitative", "scale": {"domain": [0.8, 5.1], "nice": False}}}},
    ],
)
def test_what_is_not_plain_is_left_to_vega(parts: dict[str, Any]) -> None:
    figure = quantiles()
    assert plain_drawing(replace(figure, spec=changed(figure.spec, 0, **parts))) is None


def test_a_value_that_is_no_number_is_left_to_vega() -> None:
    figure = quantiles()
    rows = [{**row, "share": None} for row in figure.spec["layer"][0]["data"]["values"]]
    assert plain_drawing(replace(figure, spec=changed(figure.spec, 0, data={"values": rows}))) is None


def test_plain_figures_and_others_keep_their_order() -> None:
    wide = figures.histogram([{"low": 0, "high": 5, "n": 3}], [], domain=(0, 10), score_title="x", count_title="y")
    other = Figure("h", "", "h", wide, figures.WIDE_MARGIN)
    drawn = draw([other, quantiles(), other, curve()])
    assert drawn == [*drawn_by_vega([other]), plain_drawing(quantiles()), *drawn_by_vega([other]), plain_drawing(curve())]


@pytest.mark.parametrize(
    ("low", "high", "count", "expected"),
    [(0.0, 1.0, 10, [n / 10 for n in range(11)]), (-3.0, 3.0, 5, [-3, -2, -1, 0, 1, 2, 3]), (0.31, 0.77, 4, [0.4, 0.5, 0.6, 0.7]),
     (0.0, 123456.0, 3, [0.0, 50000.0, 100000.0])],
)  # fmt: skip
def test_ticks_are_round_numbers_within_the_ends(low: float, high: float, count: int, expected: list[float]) -> None:
    assert ticks(low, high, count)[0] == expected


def test_specifications_are_valid_for_vega_lite() -> None:
    one = figures.histogram([{"low": 0, "high": 5, "n": 3}], [{"cut": 6, "label": "c"}], domain=(0, 10), score_title="x", count_title="y")
    lines = {"forms": ["a"], "domain": (0, 10), "score_title": "x", "share_title": "y"}
    several = [figures.curves([{"form": "a", "score": 1, "share": 0.2}], [], step=step, **lines) for step in (True, False)]
    dots = [{"item": "q", "facility": 0.2, "item_rest": 0.3, "tone": "hold"}]
    spread = figures.scatter(dots, [], [{"x": 0, "y": 0, "label": "l"}], facility_title="f", rest_title="r")
    for spec in (one, *several, spread, quantiles().spec, curve().spec):
        assert spec["$schema"] == altair.SCHEMA_URL
        altair.LayerChart.from_dict(spec, validate=True)
