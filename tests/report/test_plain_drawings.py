"""Plain figures: the same picture as Vega makes of the same specification, and what is not plain is left to Vega."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import altair
import numpy as np
import polars as pl
import pytest

from qbank.analysis import analyse
from qbank.report import SittingMeta, drawing, figures, sitting_report
from qbank.report.blocks import Figure, walk
from qbank.report.drawing import draw, drawn_by_vega
from qbank.report.drawing_plain import plain_drawing
from qbank.report.drawing_scales import ticks
from qbank.report.sitting.curve_figure import curve_figure
from tests.analysis.simulated import simulated_sitting
from tests.report import calibration_sample, history_sample, papers_sample, statistics_sample
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


def histogram(*counts: int) -> Figure:
    bins = [{"low": 5 * n, "high": 5 * n + 5, "n": count} for n, count in enumerate(counts)]
    spec = figures.histogram(bins, [{"cut": 12, "label": "cut 12"}], domain=(0, 20), score_title="score", count_title="n")
    return Figure("histogram", "", "h", spec, figures.WIDE_MARGIN, tuple(f"{count}" for count in counts))


def lines(*, step: bool) -> Figure:
    points = [{"form": form, "score": x, "share": y} for form, top in (("A", 0.02), ("B", 0.031)) for x, y in ((0, 0.0), (7, top / 2), (20, top))]
    titles = {"score_title": "分数", "share_title": "share"}
    spec = figures.curves(points, [{"cut": 12, "label": "cut"}], forms=["A", "B"], domain=(0, 20), step=step, **titles)
    return Figure("lines", "", "l", spec, figures.WIDE_MARGIN)


def test_labels_of_small_shares_do_not_repeat() -> None:
    words = re.findall(r">([0-9.]+%)<", plain_drawing(lines(step=False)) or "")
    assert len(words) == len(set(words)) > 5


def scatter() -> Figure:
    dots = [{"item": f"Q{n}", "facility": n / 9, "item_rest": 0.9 - n / 6, "tone": tone} for n, tone in enumerate(["none", "warn", "hold"] * 3)]
    regions = [{"x1": 0, "x2": 0.3, "y1": -0.4, "y2": 0.8, "colour": "#fdf3e1"}]
    spec = figures.scatter(dots, regions, [{"x": 0.3, "y": 0.8, "label": "easy"}], facility_title="p", rest_title="r")
    return Figure("scatter", "", "s", spec, figures.WIDE_MARGIN, tuple(str(row["item"]) for row in dots))


def every_plain_figure() -> list[Figure]:
    reports = (history_sample.sample("zh"), calibration_sample.sample("en"), statistics_sample.sample("en"), papers_sample.sample_report(2))
    found = [block for report in reports for block in walk(report.blocks) if isinstance(block, Figure)]
    own = [quantiles(), curve(), histogram(3, 17, 8, 1), histogram(0, 0, 1234, 9), histogram(87, 1, 1, 1), lines(step=True), lines(step=False), scatter()]
    kinds = {figure.name.split("-")[0].split(":")[0]: figure for figure in found if plain_drawing(figure)}
    return [*own, *kinds.values()]


def other() -> Figure:
    """Return a figure that Vega must draw."""
    return replace(lines(step=False), spec=changed(lines(step=False).spec, 0, mark={"interpolate": "monotone"}))


def test_a_plain_drawing_is_the_picture_that_vega_makes() -> None:
    known = every_plain_figure()
    assert {"facility", "b", "shares", "domains", "grades", "sites"} <= {figure.name.split("-")[0].split(":")[0] for figure in known}
    for figure, theirs in zip(known, drawn_by_vega(known), strict=True):
        ours = plain_drawing(figure)
        assert ours is not None, figure.name
        apart = np.abs(pixels_of(ours) - pixels_of(theirs)).max(axis=2)
        # edges are rounded to a hundredth of a pixel here, to a thousandth there: a pixel on an edge may be a shade lighter
        assert (apart > 64).sum() <= 2 and apart.mean() < 0.06, (figure.name, apart.max(), apart.mean())


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
    assert plain_drawing(other()) is None
    (by_vega,) = drawn_by_vega([other()])
    assert draw([other(), quantiles(), other(), curve()]) == [by_vega, plain_drawing(quantiles()), by_vega, plain_drawing(curve())]


def test_a_report_of_a_sitting_needs_no_vega(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "drawn_by_vega", lambda figures: [figure.name for figure in figures])
    report = sitting_report(analyse(simulated_sitting(n_persons=600, n_items=20), design="none"), SittingMeta("Report", "s1"), {}, "zh")
    found = [block for block in walk(report.blocks) if isinstance(block, Figure)]
    assert len(found) > 10
    assert all(svg.startswith("<svg ") for svg in draw(found))


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
