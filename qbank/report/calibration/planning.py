"""Difficulties of a small sitting, drawn towards the judged grades: for planning only."""

from __future__ import annotations

import numpy as np

from qbank.report.blocks import Block, Cell, Column, Figure, Table, Text, shown
from qbank.report.calibration.data import Page
from qbank.report.calibration.planning_figure import PLANNING_MARGIN, Planned, planning_figure


def planning_blocks(page: Page) -> tuple[Block, ...]:
    """Return the warning, the plot and the table; nothing where the sitting was large or nothing is graded."""
    found, t = page.data.planned, page.t
    if found is None:
        return ()
    graded = np.flatnonzero(np.isfinite(found.grades) & np.isfinite(found.difficulties))
    order = graded[np.lexsort((found.difficulties[graded], found.grades[graded]))]
    items = [
        Planned(float(found.grades[n]), float(found.difficulties[n]), float(found.low[n]), float(found.high[n])) for n in order
    ]
    spec = planning_figure(items, level=found.level, step=found.step, x_title=t("axis_grade"), y_title=t("axis_planned"))
    facts = {"n": len(items), "level": shown(found.level, "signed", 2), "step": shown(found.step, "signed", 2),
             "error": shown(found.step_error, "number", 2), "spread": shown(found.spread, "number", 2),
             "confidence": shown(found.confidence, "percent", 0)}  # fmt: skip
    titles = tuple(
        t("title_item", item=found.items[n], b=shown(item.difficulty, "signed", 2), low=shown(item.low, "signed", 2),
          high=shown(item.high, "signed", 2))
        for n, item in zip(order, items, strict=True)
    )  # fmt: skip
    return (
        Text(t("planning_only"), "warning"),
        Text(t("planning_lead", **facts)),
        Figure("planning", t("figure_planning", **facts), t("alt_planning", **facts), spec, PLANNING_MARGIN, titles),
        _table(page),
    )


def _table(page: Page) -> Table:
    found, t = page.data.planned, page.t
    assert found is not None
    columns = (
        Column("item", t("col_item")), Column("grade", t("col_grade"), "short"), Column("n_answers", t("col_n_answers"), "integer"),
        Column("b", t("col_planned"), "signed", 2), Column("low", t("col_low"), "signed", 2), Column("high", t("col_high"), "signed", 2),
        Column("facility", t("col_facility"), "number", 2), Column("facility_low", t("col_low"), "number", 2),
        Column("facility_high", t("col_high"), "number", 2),
    )  # fmt: skip
    numbers = (found.difficulties, found.low, found.high, found.facility, found.facility_low, found.facility_high)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (item, float(found.grades[n]), int(found.n_answers[n]), *(float(values[n]) for values in numbers))
        for n, item in enumerate(found.items)
    )
    return Table("planning", t("table_planning"), columns, rows, (t("planning_only"),), sortable=True)
