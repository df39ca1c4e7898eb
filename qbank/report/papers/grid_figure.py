"""A table of colours: domains by papers, or papers by papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qbank.report.figures import HOLD, INK, MUTED, Margin, Spec
from qbank.report.pixels import BOX, LABEL, finished, layer, literal, pixel, text_width, words_at

GRID_WIDTH = 606
GRID_MARGIN: Margin = (230, 44, 20, 14)
ROW = 18
LESS, MORE = (29, 78, 121), (178, 106, 0)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table of colours: what is written in it, how far it is on the scale −1…1, whether it breaks a rule."""

    label: str
    shade: float
    broken: bool = False


def cell_width(n_columns: int) -> float:
    """Return how wide a column is: as wide as there is room, 48 pixels at most.

    >>> cell_width(2), cell_width(50)
    (48.0, 12.12)
    """
    return min(48.0, GRID_WIDTH / max(n_columns, 1))


def grid_figure(
    rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[Cell]], *, legend: Sequence[tuple[str, float]],
    broken_name: str = "",
) -> Spec:  # fmt: skip
    """Return a table of colours; labels stand in the cells where there is room for them.

    legend : (label, shade) from left to right, above the columns
    """
    wide = cell_width(len(columns))
    height = ROW * len(rows)
    roomy = max((len(cell.label) for row in cells for cell in row), default=0) * 6.4 + 2 <= wide
    boxes, words = [], []
    for r, row in enumerate(cells):
        for c, cell in enumerate(row):
            left, top = c * wide, r * ROW
            boxes.append({"left": left, "right": left + wide, "top": top, "bottom": top + ROW, "colour": shade(cell.shade)})
            if cell.label and (roomy or cell.broken):
                mark = cell.label if roomy else "×"
                ink = "#ffffff" if abs(cell.shade) > 0.6 else INK
                words.append({"x": left + wide / 2, "y": top + ROW / 2, "label": mark, "colour": ink,
                              "weight": "bold" if cell.broken else "normal"})  # fmt: skip
    edges = [
        {"left": c * wide + 1, "right": (c + 1) * wide - 1, "top": r * ROW + 1, "bottom": (r + 1) * ROW - 1}
        for r, row in enumerate(cells) for c, cell in enumerate(row) if cell.broken
    ]  # fmt: skip
    step = -(-max((len(name) for name in columns), default=1) * 6.6 // wide) if columns else 1
    heads = [{"x": (c + 0.5) * wide, "y": -6, "label": name} for c, name in enumerate(columns) if c % int(max(step, 1)) == 0]
    sides = [{"x": -8, "y": (r + 0.5) * ROW, "label": name} for r, name in enumerate(rows)]
    layers = [
        layer({"type": "rect", "stroke": "#ffffff", "strokeWidth": 1 if wide > 8 else 0}, {**BOX, "color": literal("colour")}, boxes),
        layer({"type": "rect", "filled": False, "stroke": HOLD, "strokeWidth": 1.6}, BOX, edges),
        layer({"type": "text", "fontSize": 10.5, "baseline": "middle", "align": "center"},
               {"x": pixel("x"), "y": pixel("y"), "text": LABEL, "color": literal("colour"),
                "fontWeight": literal("weight")}, words),
        words_at(heads, align="center", colour=MUTED, baseline="bottom"),
        words_at(sides, align="right"),
        *_scale(legend, broken_name),
    ]  # fmt: skip
    return finished([layer for layer in layers if layer["data"]["values"]], (GRID_WIDTH, height))


def _scale(legend: Sequence[tuple[str, float]], broken_name: str) -> list[Spec]:
    """Return what the colours mean, in one line above the columns."""
    boxes, words, edges = [], [], []
    left, top = 0.0, 16 - GRID_MARGIN[1]
    for label, value in legend:
        boxes.append({"left": left, "right": left + 16, "top": top - 6, "bottom": top + 6, "colour": shade(value)})
        words.append({"x": left + 21, "y": top, "label": label})
        left += 34 + text_width(label, 11)
    if broken_name:
        edges.append({"left": left, "right": left + 16, "top": top - 6, "bottom": top + 6})
        words.append({"x": left + 21, "y": top, "label": broken_name})
    return [
        layer({"type": "rect", "stroke": "#c3ccd4", "strokeWidth": 0.6}, {**BOX, "color": literal("colour")}, boxes),
        layer({"type": "rect", "filled": False, "stroke": HOLD, "strokeWidth": 1.6}, BOX, edges),
        words_at(words, align="left", colour=MUTED),
    ]


def shade(value: float) -> str:
    """Return the colour of −1 (blue: less) … 0 (nearly white) … 1 (orange: more).

    >>> shade(0.0), shade(1.0), shade(-1.0)
    ('#f5f7f9', '#b26a00', '#1d4e79')
    """
    share = min(abs(value), 1.0)
    end = MORE if value > 0 else LESS
    return "#" + "".join(f"{round(pale + (full - pale) * share):02x}" for pale, full in zip((245, 247, 249), end, strict=True))
