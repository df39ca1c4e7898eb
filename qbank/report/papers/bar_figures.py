"""What papers hold, as bars: against what is wanted, and divided into parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qbank.report.figures import INK, MUTED, Margin, Row, Spec
from qbank.report.pixels import (
    BOX,
    LABEL,
    TALL,
    across,
    layer,
    literal,
    pixel,
    style,
    text_width,
    two_scales,
    words_at,
)

GOAL_WIDTH = 606
GOAL_ROW = 20
GOAL_MARGIN: Margin = (230, 40, 20, 46)
BAR_SIZE = 684
BAR_MARGIN: Margin = (152, 30, 20, 46)
ALLOWED = "#dfe7ee"
SHAPES = ("circle", "square", "triangle-up", "diamond")
TINTS = ("#e4ecf3", "#b9cde0", "#86a8c9", "#4d7aa6", "#1d4e79")
POINT: dict[str, object] = {"type": "point", "filled": True, "size": 46, "opacity": 0.9}


@dataclass(frozen=True, slots=True)
class Goal:
    """A row of the figure of goals: its name, what is wanted, how far from it is allowed, one value a paper."""

    name: str
    wanted: float
    allowed: float
    values: Sequence[float]


def goal_figure(goals: Sequence[Goal], papers: Sequence[str], *, x_title: str, wanted_name: str) -> Spec:
    """Return a row a goal: a bar of what is allowed with a line at what is wanted, and a mark a paper."""
    row = max(GOAL_ROW, 8 * len(papers))
    size = (GOAL_WIDTH, row * len(goals))
    top = max([goal.wanted + goal.allowed for goal in goals] + [v for goal in goals for v in goal.values] + [1.0])
    x = {"type": "quantitative", "axis": across(x_title, size, tickCount=8, tickMinStep=1),
         "scale": {"domain": [0, top * 1.03], "nice": False}}  # fmt: skip
    bars: list[Row] = []
    points: list[Row] = []
    for n, goal in enumerate(goals):
        bars.append({"low": max(goal.wanted - goal.allowed, 0), "wanted": goal.wanted, "high": goal.wanted + goal.allowed,
                     "top": n * row + 2, "bottom": (n + 1) * row - 2})  # fmt: skip
        for p, value in enumerate(goal.values):
            place = (n + 0.5) * row + 8 * (p - (len(papers) - 1) / 2)
            points.append({"value": value, "y": place, "colour": style(p)[0], "shape": SHAPES[p % len(SHAPES)]})
    layers = [
        layer({"type": "rect", "color": ALLOWED}, {"x": {**x, "field": "low"}, "x2": {"field": "high"}, **TALL}, bars),
        layer({"type": "rule", "color": MUTED, "strokeWidth": 1.4}, {"x": {**x, "field": "wanted"}, **TALL}, bars),
        layer(POINT, {"x": {**x, "field": "value"}, "y": pixel("y"), "color": literal("colour"), "shape": literal("shape")}, points),
    ]
    names: list[Row] = []
    marks: list[Row] = []
    left, at = 26.0, -20
    for p, name in enumerate(papers):
        marks.append({"x": left - 12, "y": at, "colour": style(p)[0], "shape": SHAPES[p % len(SHAPES)]})
        names.append({"x": left, "y": at, "label": name})
        left += 36 + text_width(name, 11.5)
    names.append({"x": left, "y": at, "label": wanted_name})
    around = [
        words_at([{"x": -8, "y": (n + 0.5) * row, "label": goal.name} for n, goal in enumerate(goals)], align="right"),
        layer({"type": "rect", "color": ALLOWED}, BOX,
              [{"left": left - 20, "right": left - 4, "top": at - 6, "bottom": at + 6}] if any(goal.allowed for goal in goals) else []),
        layer({"type": "rect", "color": MUTED}, BOX, [{"left": left - 12.7, "right": left - 11.3, "top": at - 6, "bottom": at + 6}]),
        layer(POINT, {"x": pixel("x"), "y": pixel("y"), "color": literal("colour"), "shape": literal("shape")}, marks),
        words_at(names, align="left"),
    ]  # fmt: skip
    return two_scales(layers, around, size)


def bar_height(n_papers: int) -> int:
    """Return the height of one paper's bar: legible for two, a page for fifty."""
    return max(9, min(24, 480 // max(n_papers, 1)))


def stacked_figure(
    papers: Sequence[str], parts: Sequence[str], counts: Sequence[Sequence[float]], *, x_title: str
) -> Spec:
    """Return one bar a paper, divided into parts from the left; counts : one row a paper, one number a part."""
    bar = bar_height(len(papers))
    size = (BAR_SIZE, bar * len(papers))
    whole = max((sum(row) for row in counts), default=1.0) or 1.0
    palette = [TINTS[4], TINTS[2], TINTS[0]] if len(parts) == 3 else TINTS
    boxes, words = [], []
    for n, row in enumerate(counts):
        start = 0.0
        for part, count in enumerate(row):
            colour = palette[part % len(palette)]
            boxes.append({"low": start, "high": start + count, "top": n * bar + 1, "bottom": (n + 1) * bar - 1, "colour": colour})
            if bar >= 12 and count / whole * BAR_SIZE >= 8 + 7 * len(f"{count:g}"):
                ink = "#ffffff" if colour in TINTS[3:] else INK
                words.append({"value": start + count / 2, "y": (n + 0.5) * bar, "label": f"{count:g}", "colour": ink})
            start += count
    x = {"type": "quantitative", "axis": across(x_title, size, tickCount=6, grid=False), "scale": {"domain": [0, whole], "nice": False}}
    step = max(1, -(-12 // bar))
    sides = [{"x": -8, "y": (n + 0.5) * bar, "label": name} for n, name in enumerate(papers) if n % step == 0]
    shown = [
        layer({"type": "rect"}, {"x": {**x, "field": "low"}, "x2": {"field": "high"}, **TALL, "color": literal("colour")}, boxes),
        layer({"type": "text", "fontSize": 10.5, "baseline": "middle", "align": "center"},
               {"x": {**x, "field": "value"}, "y": pixel("y"), "color": literal("colour"), "text": LABEL}, words),
    ]  # fmt: skip
    swatches: list[Row] = []
    names: list[Row] = []
    left, at = 0.0, -14
    for n, name in enumerate(parts):
        swatches.append({"left": left, "right": left + 16, "top": at - 6, "bottom": at + 6, "colour": palette[n % len(palette)]})
        names.append({"x": left + 21, "y": at, "label": name})
        left += 40 + text_width(name, 11)
    around = [
        words_at(sides, align="right"),
        layer({"type": "rect"}, {**BOX, "color": literal("colour")}, swatches),
        words_at(names, align="left"),
    ]
    return two_scales(shown, around, size)
