"""Items that papers share."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qbank.assemble.lines import short_names
from qbank.core.form import Form, form_items
from qbank.report.blocks import Block, Column, Figure, Table, Text, shown
from qbank.report.graph import cut as cut_text
from qbank.report.papers.grid_figure import GRID_MARGIN, Cell, grid_figure
from qbank.report.papers.words import Side

MOST_PAIRS = 20
"""Pairs that a page lists; the data files hold them all."""


def shared_items(forms: Sequence[Form]) -> list[list[int]]:
    """Return how many items each two papers share; on the diagonal how many each has."""
    sets = [{entry.id for entry in form_items(form)} for form in forms]
    return [[len(one & other) for other in sets] for one in sets]


def overlap_blocks(side: Side) -> tuple[Block, ...]:
    """Return how many items papers share: a sentence, the pairs that share most, a matrix of three papers or more."""
    if len(side.forms) < 2:
        return (Text(side.t("overlap_one")),)
    matrix = shared_items(side.forms)
    pairs = _pairs(side, matrix)
    sharing = [pair for pair in pairs if pair[2]]
    if not sharing:
        return (Text(side.t("overlap_none", pairs=len(pairs))),)
    most = sharing[0]
    lead = Text(side.t("overlap_some", sharing=len(sharing), pairs=len(pairs), first=most[0], second=most[1], n=most[2]))
    notes = (side.t("note_pairs", n=MOST_PAIRS, of=len(sharing)),) if len(sharing) > MOST_PAIRS else ()
    table = Table("most_shared", side.t("table_pairs"), _columns(side), tuple(sharing[:MOST_PAIRS]), notes)
    return (lead, _matrix(side, matrix, most[2]), table) if len(side.forms) > 2 else (lead, table)


def pair_table(side: Side) -> Table:
    """Return every pair of papers with the items that they share: for data files."""
    return Table("overlap", side.t("table_pairs"), _columns(side), tuple(_pairs(side, shared_items(side.forms))))


def _columns(side: Side) -> tuple[Column, ...]:
    return (
        Column("first", side.t("col_first")), Column("second", side.t("col_second")),
        Column("shared", side.t("col_shared"), "integer"),
    )  # fmt: skip


def _pairs(side: Side, matrix: list[list[int]]) -> list[tuple[str, str, int]]:
    ids = side.audit.forms
    pairs = [(ids[a], ids[b], matrix[a][b]) for a in range(len(ids)) for b in range(a + 1, len(ids))]
    return sorted(pairs, key=lambda pair: -pair[2])


def _limit(side: Side) -> float:
    return min((check.high for check in side.audit.checks if check.rule.startswith("overlap")), default=math.inf)


def _matrix(side: Side, matrix: list[list[int]], most: int) -> Figure:
    limit = _limit(side)
    names = short_names(side.audit.forms)
    cells = [
        [Cell("", 0.0) if a == b else Cell(str(n), n / most, n > limit) for b, n in enumerate(row)]
        for a, row in enumerate(matrix)
    ]
    steps = sorted({0, most // 2, most})
    legend = [(shown(step, "integer", 0), step / most) for step in steps]
    legend[-1] = (side.t("items_shared", n=most), 1.0)
    beyond = side.t("beyond_limit", limit=f"{limit:g}") if math.isfinite(limit) else ""
    rows = [cut_text(id, 17.0) for id in side.audit.forms]
    spec = grid_figure(rows, names, cells, legend=legend, broken_name=beyond)
    alt = side.t("alt_overlap", n=len(names), most=most)
    return Figure("overlap", side.t("figure_overlap"), alt, spec, GRID_MARGIN)
