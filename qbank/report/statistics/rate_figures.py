"""Pass rates of sites with their intervals, and the distribution of scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qbank.report.figures import ACCENT, BAR, HOLD, WIDE_MARGIN, Margin, Row, Spec
from qbank.report.pixels import across, finished, layer, pixel, two_scales, upward, words_at

SITE_WIDTH = 560
SITE_ROW = 22
SITE_MARGIN: Margin = (190, 34, 40, 46)
SITE_LETTERS = 170
BANDS_SIZE, BANDS_MARGIN = (780, 230), WIDE_MARGIN


@dataclass(frozen=True, slots=True)
class Rate:
    """A pass rate with the ends of its interval, 0 to 1."""

    name: str
    rate: float
    low: float
    high: float


def site_figure(sites: Sequence[Rate], *, everybody: float, x_title: str, label: str) -> Spec:
    """Return a row a site: its pass rate and interval, and a line at that of everybody."""
    size = (SITE_WIDTH, SITE_ROW * len(sites))
    x: dict[str, Any] = {
        "type": "quantitative", "axis": across(x_title, size, format=".0%", values=[0, 0.2, 0.4, 0.6, 0.8, 1]),
        "scale": {"domain": [0, 1], "nice": False},
    }  # fmt: skip
    rows = [
        {"rate": round(one.rate, 4), "low": round(one.low, 4), "high": round(one.high, 4), "y": SITE_ROW * (n + 0.5)}
        for n, one in enumerate(sites)
    ]
    y = pixel("y")
    plotted = [
        layer({"type": "rule", "color": HOLD, "strokeWidth": 1.4, "strokeDash": [5, 3]},
              {"x": {**x, "field": "x"}, "y": pixel("top"), "y2": {"field": "bottom"}}, [{"x": round(everybody, 4), "top": 0, "bottom": size[1]}]),
        layer({"type": "rule", "color": BAR, "strokeWidth": 3}, {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y}, rows),
        {"name": "hover", **layer({"type": "point", "filled": True, "size": 52, "color": ACCENT, "opacity": 1},
                                  {"x": {**x, "field": "rate"}, "y": y}, rows)},
    ]  # fmt: skip
    names: list[Row] = [{"x": -8, "y": SITE_ROW * (n + 0.5), "label": cut_word(one.name)} for n, one in enumerate(sites)]
    top: list[Row] = [{"x": SITE_WIDTH * everybody, "y": -10, "label": label}]
    return two_scales(plotted, [words_at(names, align="right"), words_at(top, align="center", colour=HOLD)], size)


def cut_word(word: str) -> str:
    """Return a name that fits beside the axis.

    >>> cut_word("上海宝山钢铁职业技能鉴定站第三考点")
    '上海宝山钢铁职业技能鉴定站…'
    """
    from qbank.report.pixels import text_width

    if text_width(word, 11.5) <= SITE_LETTERS:
        return word
    while text_width(word, 11.5) > SITE_LETTERS - 12:
        word = word[:-1]
    return word + "…"


def bands_figure(counts: Sequence[int], *, cut: float | None, x_title: str, y_title: str, cut_label: str) -> Spec:
    """Return a bar a band over 0 to 100, and a line at the cut where all sittings have the same."""
    width = 100 / len(counts)
    x: dict[str, Any] = {
        "type": "quantitative", "axis": across(x_title, BANDS_SIZE, grid=False, values=list(range(0, 101, 10))),
        "scale": {"domain": [0, 100], "nice": False},
    }  # fmt: skip
    y: dict[str, Any] = {
        "type": "quantitative", "axis": upward(y_title, BANDS_MARGIN, tickCount=5, tickMinStep=1), "scale": {"zero": True}
    }
    bars = [{"low": n * width, "high": (n + 1) * width, "n": count, "zero": 0} for n, count in enumerate(counts)]
    line: list[Row] = [] if cut is None else [{"cut": cut, "label": cut_label}]
    layers = [
        {"name": "hover", **layer({"type": "bar", "color": BAR, "stroke": "#ffffff", "strokeWidth": 1},
         {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": {**y, "field": "n"}, "y2": {"field": "zero"}}, bars)},
        layer({"type": "rule", "color": HOLD, "strokeWidth": 1.6, "strokeDash": [5, 3]}, {"x": {**x, "field": "cut"}}, line),
        layer({"type": "text", "color": HOLD, "fontSize": 12, "dy": -8, "baseline": "bottom"},
              {"x": {**x, "field": "cut"}, "y": {"value": 0}, "text": {"field": "label", "type": "nominal"}}, line),
    ]  # fmt: skip
    return finished([one for one in layers if one["data"]["values"]], BANDS_SIZE)


