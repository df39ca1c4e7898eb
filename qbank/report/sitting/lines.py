"""Lines over positions or scores, with their names beside them and the cut where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qbank.report.figures import HOLD, WIDE_MARGIN, WIDE_SIZE, Spec
from qbank.report.pixels import across, layer, literal, pixel, style, two_scales, upward, words_at

Point = tuple[str, float, float]


def line_figure(
    points: Sequence[Point],
    *,
    names: Sequence[str],
    x_title: str,
    y_title: str,
    domain: tuple[float, float],
    top: float,
    cut: float | None = None,
    cut_label: str = "",
    y_format: str = "",
    legend_right: bool = False,
    legend_low: bool = False,
) -> Spec:
    """Return one line a name from points (name, x, y); y from 0 to ``top``; cut: a dashed line at that x.

    legend_right, legend_low : where the lines leave room for their names, else above on the left
    """
    look = {name: style(index) for index, name in enumerate(names)}
    x: dict[str, Any] = {
        "field": "x", "type": "quantitative", "axis": across(x_title, WIDE_SIZE, grid=False),
        "scale": {"domain": list(domain), "nice": False},
    }  # fmt: skip
    options: dict[str, Any] = {"format": y_format} if y_format else {}
    y: dict[str, Any] = {
        "field": "y", "type": "quantitative", "axis": upward(y_title, WIDE_MARGIN, tickCount=5, **options),
        "scale": {"domain": [0, top], "nice": False},
    }  # fmt: skip
    rows = [
        {"name": name, "x": round(at, 6), "y": round(value, 6), "colour": look[name][0], "dash": look[name][1]}
        for name, at, value in points
    ]
    line = {"type": "line", "strokeWidth": 2}
    channels = {"detail": {"field": "name", "type": "nominal"}, "color": literal("colour"), "strokeDash": literal("dash")}
    plotted = [layer(line, {"x": x, "y": y, **channels}, rows)]
    if cut is not None:
        rule = {"type": "rule", "color": HOLD, "strokeWidth": 1.6, "strokeDash": [5, 3]}
        plotted.append(layer(rule, {"x": x}, [{"x": cut}]))
    left = WIDE_SIZE[0] - 210 if legend_right else 14
    first = WIDE_SIZE[1] - 17 * len(names) if legend_low else 12
    keys = [
        {"x": left, "x2": left + 28, "y": first + 17 * place, "label": name, "colour": look[name][0], "dash": look[name][1]}
        for place, name in enumerate(names)
    ]
    drawn = layer(
        {"type": "rule", "strokeWidth": 2},
        {"x": pixel("x"), "x2": {"field": "x2"}, "y": pixel("y"), "color": literal("colour"), "strokeDash": literal("dash")},
        keys,
    )
    around = [drawn, words_at([{**key, "x": left + 34} for key in keys], align="left")]
    if cut is not None:
        place = WIDE_SIZE[0] * (cut - domain[0]) / max(domain[1] - domain[0], 1e-9)
        around.append(words_at([{"x": place, "y": -8, "label": cut_label}], align="center", colour=HOLD))
    return two_scales(plotted, around, WIDE_SIZE)
