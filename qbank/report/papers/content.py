"""What the papers hold: domains against the standard, judged grades, importance."""

from __future__ import annotations

from collections.abc import Sequence

from qbank.assemble.lines import short_names
from qbank.report.blocks import Block, Figure, Heading, shown
from qbank.report.graph import cut as cut_text
from qbank.report.papers.bar_figures import BAR_MARGIN, GOAL_MARGIN, SHAPES, Goal, goal_figure, stacked_figure
from qbank.report.papers.grid_figure import GRID_MARGIN, Cell, grid_figure
from qbank.report.papers.words import Side, marks

TITLE_WIDTH = 17.0
"""Room for the name of a domain, in Chinese characters."""
GRADES = ("grade 1", "grade 2", "grade 3", "grade 4", "grade 5")
IMPORTANCE = ("importance X", "importance Y", "importance Z")

Lines = tuple[tuple[str, tuple[float, ...], float | None], ...]


def content_blocks(side: Side) -> tuple[Block, ...]:
    """Return the figures of domains, grades and importance, as far as the audit has such lines."""
    domains = tuple(line for line in side.audit.lines if line[0].startswith("domain ") and line[2] is not None)
    blocks: list[Block] = []
    if domains:
        blocks += [Heading(side.t("domains")), _domains(side, domains)]
    for name, wanted in (("grades", GRADES), ("importance", IMPORTANCE)):
        lines = [line for line in side.audit.lines if line[0] in wanted]
        if any(any(values) for _, values, _ in lines):
            blocks += [Heading(side.t(name)), _parts(side, name, lines)]
    return tuple(blocks)


def _domains(side: Side, lines: Lines) -> Figure:
    few = len(side.forms) <= len(SHAPES)
    off = [
        (_domain_name(side, name, target), side.forms[n].id)
        for name, values, target in lines
        for n, value in enumerate(values)
        if _misses(side, value, target)
    ]
    alt = side.t("alt_domains", n=len(lines), off=len(off), first=" · ".join(off[0]) if off else "–")
    caption = side.t("figure_domains") if few else side.t("figure_domains_many")
    spec, margin = (_goals(side, lines), GOAL_MARGIN) if few else (_colours(side, lines), GRID_MARGIN)
    return Figure("domains", caption, alt, spec, margin)


def _misses(side: Side, value: float, target: float | None) -> bool:
    tolerance = side.meta.tolerance
    return tolerance is not None and target is not None and abs(value - target) > tolerance + 1e-9


def _domain_name(side: Side, line: str, target: float | None) -> str:
    code = line.removeprefix("domain ")
    title = side.meta.domains.get(code, "")
    weight = "" if target is None else side.t("in_brackets", marks=marks(target))
    return cut_text(f"{code} {title}".strip(), TITLE_WIDTH - 0.55 * len(weight)) + weight


def _goals(side: Side, lines: Lines) -> dict[str, object]:
    goals = [
        Goal(_domain_name(side, name, target), target or 0.0, side.meta.tolerance or 0.0, values)
        for name, values, target in lines
    ]
    wanted = side.t("wanted", tolerance=marks(side.meta.tolerance)) if side.meta.tolerance is not None else side.t("wanted_weight")
    return goal_figure(goals, short_names(side.audit.forms), x_title=side.t("axis_marks"), wanted_name=wanted)


def _colours(side: Side, lines: Lines) -> dict[str, object]:
    """Return domains × papers: how many marks more or fewer than the standard asks for."""
    apart = [[value - (target or 0.0) for value in values] for _, values, target in lines]
    reach = max([2.0, *(abs(value) for row in apart for value in row)])
    cells = [
        [
            Cell("0" if abs(value) < 1e-9 else _signed(value), value / reach, _misses(side, value + (target or 0.0), target))
            for value in row
        ]
        for row, (_, _, target) in zip(apart, lines, strict=True)
    ]
    steps = (-reach, -reach / 2, 0.0, reach / 2, reach)
    legend = [(_signed(step) if step else side.t("as_standard"), step / reach) for step in steps]
    legend[-1] = (side.t("marks_more", marks=legend[-1][0]), 1.0)
    broken = side.t("beyond", tolerance=marks(side.meta.tolerance)) if side.meta.tolerance is not None else ""
    names = [_domain_name(side, name, target) for name, _, target in lines]
    return grid_figure(names, short_names(side.audit.forms), cells, legend=legend, broken_name=broken)


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + marks(value)


def _parts(side: Side, name: str, lines: Sequence[tuple[str, tuple[float, ...], float | None]]) -> Figure:
    """Return a bar a paper: how many items of each grade, or of each importance."""
    counts = [[values[n] for _, values, _ in lines] for n in range(len(side.forms))]
    parts = [side.t(line.replace(" ", "_")) for line, _, _ in lines]
    names = [cut_text(id, 11.0) for id in side.audit.forms]
    if any(name != id for name, id in zip(names, side.audit.forms, strict=True)):
        names = [cut_text(name, 11.0) for name in short_names(side.audit.forms)]
    spread = [
        f"{part} {shown(min(values), 'integer', 0)}–{shown(max(values), 'integer', 0)}"
        for part, (_, values, _) in zip(parts, lines, strict=True)
    ]
    alt = side.t(f"alt_{name}", counts=side.t("list_comma").join(spread))
    spec = stacked_figure(names, parts, counts, x_title=side.t("axis_items"))
    return Figure(name, side.t(f"figure_{name}"), alt, spec, BAR_MARGIN)
