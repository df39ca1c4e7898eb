"""Each judge's cut, a row a judge: hollow in earlier rounds, full in the last, a line at the panel's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qbank.report.figures import ACCENT, HOLD, MUTED, Margin, Row, Spec
from qbank.report.pixels import across, layer, pixel, two_scales, words_at
from qbank.report.statistics.rate_figures import cut_word

WIDTH, ROW = 620, 22
MARGIN: Margin = (150, 34, 40, 46)


def judges_figure(
    points: Sequence[tuple[int, str, float]], judges: Sequence[str], cuts: Sequence[tuple[int, float]], x_title: str
) -> Spec:
    """Return the plot. points : (round, judge, cut) ; cuts : (round, the panel's cut)"""
    size = (WIDTH, ROW * max(len(judges), 1))
    values = [cut for _, _, cut in points]
    low, high = min(values), max(values)
    pad = max(0.08 * (high - low), 1.0)
    domain = (low - pad, high + pad)
    x: dict[str, Any] = {"type": "quantitative", "axis": across(x_title, size, tickCount=8), "scale": {"domain": list(domain), "nice": False}}
    last = max(n for n, _, _ in points)
    rows = [
        {"cut": round(cut, 4), "y": ROW * (judges.index(judge) + 0.5), "last": n == last} for n, judge, cut in points if judge in judges
    ]
    now = [cut for n, cut in cuts if n == last and domain[0] <= cut <= domain[1]]
    y = pixel("y")
    plotted = [
        layer({"type": "rule", "color": HOLD, "strokeWidth": 1.4, "strokeDash": [5, 3]},
              {"x": {**x, "field": "x"}, "y": pixel("top"), "y2": {"field": "bottom"}},
              [{"x": round(cut, 4), "top": 0, "bottom": size[1]} for cut in now]),
        layer({"type": "point", "filled": False, "size": 42, "color": MUTED, "opacity": 1},
              {"x": {**x, "field": "cut"}, "y": y}, [row for row in rows if not row["last"]]),
        layer({"type": "point", "filled": True, "size": 56, "color": ACCENT, "opacity": 1},
              {"x": {**x, "field": "cut"}, "y": y}, [row for row in rows if row["last"]]),
    ]  # fmt: skip
    names: list[Row] = [{"x": -8, "y": ROW * (n + 0.5), "label": cut_word(judge)} for n, judge in enumerate(judges)]
    top: list[Row] = [{"x": WIDTH * (cut - domain[0]) / (domain[1] - domain[0]), "y": -10, "label": f"{cut:.4g}"} for cut in now]
    return two_scales(plotted, [words_at(names, align="right"), words_at(top, align="center", colour=HOLD)], size)
