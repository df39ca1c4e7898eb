"""Anchors' difficulties before and now, with the line that links them and the band in which they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qbank.report.figures import ACCENT, BAR, HOLD, INK, WARN, Margin, Spec
from qbank.report.pixels import LABEL, across, layer, literal, pixel, two_scales, upward, words_at

DRIFT_SIZE = (520, 380)
DRIFT_MARGIN: Margin = (52, 34, 230, 46)
MARKS: dict[str, tuple[str, str]] = {
    "kept": (ACCENT, "circle"), "flagged": (WARN, "diamond"), "removed": (HOLD, "triangle-up"),
}  # fmt: skip
"""verdict on an anchor → colour and shape"""


@dataclass(frozen=True, slots=True)
class Anchor:
    """One anchor: its difficulty in this sitting alone, on the bank's scale, and kept, flagged or removed."""

    item: str
    now: float
    known: float
    verdict: str


def drift_figure(
    anchors: Sequence[Anchor], *, slope: float, intercept: float, band: tuple[float, float], x_title: str, y_title: str,
    names: dict[str, str],
) -> Spec:  # fmt: skip
    """Return known difficulty against that of the sitting; names: of line, band and verdicts, for the key."""
    ends = [min(a.now for a in anchors), max(a.now for a in anchors)]
    pad = 0.06 * max(ends[1] - ends[0], 1.0)
    domain = [round(ends[0] - pad, 3), round(ends[1] + pad, 3)]
    line = [{"x": x, "y": slope * x + intercept, "low": slope * x + intercept + band[0], "high": slope * x + intercept + band[1]} for x in domain]
    seen = [value for a in anchors for value in (a.known,)] + [row[key] for row in line for key in ("low", "high", "y")]
    x: dict[str, Any] = {"field": "x", "type": "quantitative", "axis": across(x_title, DRIFT_SIZE), "scale": {"domain": domain, "nice": False}}
    y: dict[str, Any] = {
        "type": "quantitative", "axis": upward(y_title, DRIFT_MARGIN),
        "scale": {"domain": [round(min(seen) - 0.1, 3), round(max(seen) + 0.1, 3)], "nice": False},
    }  # fmt: skip
    rows = [
        {"x": round(a.now, 4), "y": round(a.known, 4), "item": a.item, "colour": MARKS[a.verdict][0], "shape": MARKS[a.verdict][1],
         "label": "" if a.verdict == "kept" else a.item, "right": a.now > sum(domain) / 2}
        for a in anchors
    ]  # fmt: skip
    plotted = [
        layer({"type": "area", "color": BAR, "opacity": 0.28}, {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}, line),
        layer({"type": "line", "color": INK, "strokeWidth": 1.4}, {"x": x, "y": {**y, "field": "y"}}, line),
        {"name": "hover", **layer({"type": "point", "filled": True, "size": 52, "opacity": 0.85},
         {"x": x, "y": {**y, "field": "y"}, "color": literal("colour"), "shape": literal("shape")}, rows)},
        *(layer({"type": "text", "align": align, "baseline": "middle", "dx": dx, "fontSize": 11.5, "color": HOLD},
                {"x": x, "y": {**y, "field": "y"}, "text": LABEL}, [row for row in rows if row["label"] and row["right"] is right])
          for align, dx, right in (("left", 9, False), ("right", -9, True))),
    ]  # fmt: skip
    return two_scales(plotted, _key(names, [a.verdict for a in anchors]), DRIFT_SIZE)


def _key(names: dict[str, str], verdicts: Sequence[str]) -> list[Spec]:
    left = DRIFT_SIZE[0] + 16
    shapes = [
        {"x": left + 14, "y": 52 + 20 * n, "label": names[verdict], "colour": MARKS[verdict][0], "shape": MARKS[verdict][1]}
        for n, verdict in enumerate(word for word in MARKS if word in verdicts)
    ]
    words = [{"x": left + 36, "y": 12, "label": names["line"]}, {"x": left + 36, "y": 32, "label": names["band"]}]
    words += [{"x": left + 36, "y": row["y"], "label": row["label"]} for row in shapes]
    return [
        layer({"type": "rule", "color": INK, "strokeWidth": 1.4},
              {"x": pixel("left"), "x2": {"field": "right"}, "y": pixel("y")}, [{"left": left, "right": left + 28, "y": 12}]),
        layer({"type": "rule", "color": BAR, "strokeWidth": 12, "opacity": 0.28},
              {"x": pixel("left"), "x2": {"field": "right"}, "y": pixel("y")}, [{"left": left, "right": left + 28, "y": 32}]),
        layer({"type": "point", "filled": True, "size": 52},
              {"x": pixel("x"), "y": pixel("y"), "color": literal("colour"), "shape": literal("shape")}, shapes),
        words_at(words, align="left"),
    ]  # fmt: skip
