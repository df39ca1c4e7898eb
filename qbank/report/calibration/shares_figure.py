"""Observed shares of right answers by ability, with their intervals, against the curve of the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qbank.report.figures import ACCENT, INK, Margin, Spec
from qbank.report.pixels import across, finished, layer, upward

SHARES_SIZE = (230, 150)
SHARES_MARGIN: Margin = (42, 26, 14, 42)


def shares_figure(
    curve: Sequence[tuple[float, float]], points: Sequence[tuple[float, float, float, float]], *,
    domain: tuple[float, float], x_title: str, y_title: str,
) -> Spec:  # fmt: skip
    """Return one small plot. curve: (theta, share); points: (theta, share, low, high) of the groups."""
    x: dict[str, Any] = {
        "field": "theta", "type": "quantitative", "axis": across(x_title, SHARES_SIZE, grid=False, tickCount=5),
        "scale": {"domain": list(domain), "nice": False},
    }  # fmt: skip
    axis = upward(y_title, SHARES_MARGIN, format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
    y: dict[str, Any] = {"type": "quantitative", "axis": axis, "scale": {"domain": [0, 1]}}
    rows = [{"theta": theta, "share": share, "low": low, "high": high} for theta, share, low, high in points]
    line = [{"theta": theta, "share": share} for theta, share in curve]
    layers = [
        layer({"type": "line", "strokeWidth": 2, "color": ACCENT}, {"x": x, "y": {**y, "field": "share"}}, line),
        layer({"type": "rule", "strokeWidth": 1.2, "color": INK}, {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}, rows),
        layer({"type": "point", "filled": True, "size": 30, "color": INK, "opacity": 1}, {"x": x, "y": {**y, "field": "share"}}, rows),
    ]
    return finished(layers, SHARES_SIZE)
