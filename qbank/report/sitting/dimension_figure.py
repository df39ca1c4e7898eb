"""The scree with what chance alone gives, and a map of the pairs that depend on each other."""

from __future__ import annotations

import math

import polars as pl

from qbank.messages import Language, text
from qbank.report.blocks import Figure
from qbank.report.figures import INK, MUTED, SCHEMA, WIDE_MARGIN, Margin
from qbank.report.pixels import BOX, layer, literal, text_width, words_at
from qbank.report.sitting.lines import Point, line_figure

MOST_POSITIONS = 20
MOST_ITEMS = 20
CELL = 30


def words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_dimension.{name}", **fields)


def scree_figure(eigenvalues: pl.DataFrame, form: str, language: Language) -> Figure:
    """Return the first twenty eigenvalues of the latent correlations beside mean and 95th percentile of shuffled answers."""
    kind = str(eigenvalues.filter(form=form)["correlation"][0])
    own = eigenvalues.filter(form=form, correlation=kind).head(MOST_POSITIONS)
    series = [(words(language, f"line_{name}"), name) for name in ("observed", "random_95", "random_mean")]
    points: list[Point] = [
        (title, float(position), value)
        for title, name in series
        for position, value in own.select("position", name).iter_rows()
        if math.isfinite(value)
    ]
    top = 1.1 * max((value for _, _, value in points), default=1.0)
    spec = line_figure(
        points, names=[title for title, _ in series], x_title=words(language, "axis_position"),
        y_title=words(language, "axis_eigenvalue"), domain=(1.0, float(max(own.height, 2))), top=top, legend_right=True,
    )  # fmt: skip
    return Figure(
        f"scree-{form}" if form else "scree", words(language, "figure_scree", form=form),
        words(language, "alt_scree", n=own.height, first=f"{own['observed'][0]:.2f}"), spec, WIDE_MARGIN,
    )  # fmt: skip


def dependence_figure(pairs: pl.DataFrame, form: str, language: Language) -> Figure | None:
    """Return the items of the highest pairs against each other, each known cell with its adjusted Q3; None without pairs."""
    own = pairs.filter(form=form).sort("aq3", descending=True, maintain_order=True)
    items: list[str] = []
    for item, other in own.select("item", "other").iter_rows():
        new = [word for word in (item, other) if word not in items]
        if len(items) + len(new) > MOST_ITEMS:
            break
        items += new
    if len(items) < 2:
        return None
    place = {item: index for index, item in enumerate(items)}
    known = {
        frozenset((item, other)): value for item, other, value in own.select("item", "other", "aq3").iter_rows()
        if item in place and other in place
    }  # fmt: skip
    boxes, numbers = [], []
    for pair, value in known.items():
        for one, other in (sorted(pair), sorted(pair, reverse=True)):
            left, top = CELL * place[one], CELL * place[other]
            boxes.append({"left": left, "right": left + CELL - 1, "top": top, "bottom": top + CELL - 1, "colour": _colour(value)})
            numbers.append({"x": left + CELL / 2, "y": top + CELL / 2, "label": f"{value:.2f}".replace("0.", ".").replace("-", "−")})
    side = CELL * len(items)
    wide = int(max(text_width(item, 11.5) for item in items)) + 14
    margin: Margin = (wide, 10, 20, 24)
    rows = [{"x": -8, "y": CELL * index + CELL / 2, "label": item} for index, item in enumerate(items)]
    across = [{"x": CELL * index + CELL / 2, "y": side + 12, "label": str(index + 1)} for index in range(len(items))]
    rows = [{**row, "label": f"{index + 1}  {row['label']}"} for index, row in enumerate(rows)]
    margin = (wide + 24, 10, 20, 24)
    layers = [
        layer({"type": "rect"}, {**BOX, "color": literal("colour")}, boxes),
        words_at(numbers, align="center", colour=INK),
        words_at(rows, align="right", colour=INK),
        words_at(across, align="center", colour=MUTED),
    ]
    spec = {"$schema": SCHEMA, "width": side, "height": side, "layer": layers}
    comma = text(language, "report.list_comma")
    top_pairs = comma.join(f"{row[0]}–{row[1]} {row[2]:.2f}" for row in own.head(3).select("item", "other", "aq3").iter_rows())
    return Figure(
        f"q3-{form}" if form else "q3", words(language, "figure_q3", form=form), words(language, "alt_q3", pairs=top_pairs), spec, margin
    )


def _colour(value: float) -> str:
    """Return paler to stronger red above 0, blue below."""
    strength = min(abs(value) / 0.4, 1.0)
    low, high = (255, 255, 255), ((214, 96, 77) if value > 0 else (67, 147, 195))
    return "#" + "".join(f"{round(a + (b - a) * strength):02x}" for a, b in zip(low, high, strict=True))
