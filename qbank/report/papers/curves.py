"""What the papers measure: expected score with the cut, how far papers are apart, information, error of measurement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.lines import short_names
from qbank.report.blocks import Block, Cell, Column, Figure, Table, Text, shown
from qbank.report.graph import cut as cut_text
from qbank.report.papers.curve_figure import CURVE_MARGIN, Band, Cut, Line, curve_figure
from qbank.report.papers.words import Side, basis, gives_parts, marks

Array = NDArray[np.float64]

NAME_WIDTH = 10.9
"""Room for the name of a line, in Chinese characters."""
TOLERATED = 0.5
"""Marks by which the expected scores of parallel papers may differ at the cut."""
Z = 1.96


def curve_blocks(side: Side) -> tuple[Block, ...]:
    """Return the figures; one paper has nothing to be different from."""
    blocks: list[Block] = [_expected_score(side)]
    if len(side.forms) > 1:
        blocks = [Text(side.t("curves_lead")), *blocks, _difference(side)]
    blocks += [_information(side), _sem(side)]
    if gives_parts(side):
        blocks.append(Text(side.t("note_sem_parts"), "warning"))
    blocks.append(Text(side.t("note_curves"), "definition"))
    return tuple(blocks)


def _expected_score(side: Side) -> Figure:
    grid = side.audit.measured.grid
    whole = max(form.marks for form in side.forms)
    return _figure(
        side, "expected_score", grid.expected_score, grid.score_error, domain=(0.0, whole), value=side.forms[0].cut
    )


def _difference(side: Side) -> Figure:
    grid = side.audit.measured.grid
    apart = grid.expected_score - grid.expected_score.mean(axis=0)
    reach = np.abs(apart) + Z * np.nan_to_num(grid.difference_error)
    top = max(2 * TOLERATED, float(np.ceil(reach.max() * 1.1 * 2) / 2))
    return _figure(side, "difference", apart, grid.difference_error, domain=(-top, top), allowed=TOLERATED)


def _information(side: Side) -> Figure:
    grid = side.audit.measured.grid
    return _figure(side, "information", grid.information, grid.information_error)


def _sem(side: Side) -> Figure:
    grid = side.audit.measured.grid
    return _figure(side, "sem", grid.sem, np.full_like(grid.sem, np.nan))


def _figure(
    side: Side, name: str, values: Array, error: Array, *, domain: tuple[float, float] | None = None,
    value: float | None = None, allowed: float = 0.0,
) -> Figure:  # fmt: skip
    """Return one figure; values, error : (n_forms, n_theta); bands are drawn where errors are known."""
    theta = side.audit.measured.grid.theta
    at = float(side.audit.measured.at_cut.theta[0])
    cut = None
    if theta[0] <= at <= theta[-1]:
        label = side.t("cut_label", cut=marks(side.forms[0].cut), theta=shown(at, "signed", 2))
        cut = Cut(at, label, value, allowed, side.t("allowed_name", marks=marks(allowed)) if allowed else "")
    lines, bands = _shown_lines(side, values, error)
    spec = curve_figure(
        _plain(theta), lines, bands=bands, cut=cut, x_title=side.t(f"axis_theta_{side.audit.basis}"), y_title=side.t(f"axis_{name}"),
        y_domain=domain, zero_line=name == "difference",
    )  # fmt: skip
    caption = side.t("figure_with_basis", figure=side.t(f"figure_{name}"), basis=basis(side))
    return Figure(name, caption, side.t(f"alt_{name}", **_facts(side, values)), spec, CURVE_MARGIN)


def _shown_lines(side: Side, values: Array, error: Array) -> tuple[list[Line], list[Band]]:
    width = Z * error
    if not side.many:
        names = legend_names(tuple(form.id for form in side.forms))
        return [
            Line(name, _plain(row), half_width=_plain(half) if np.isfinite(half).all() else ())
            for name, row, half in zip(names, values, width, strict=True)
        ], []
    worst = furthest_paper(values, side)
    half = width[worst]
    line = Line(
        _legend_name(side.forms[worst].id, short_names(tuple(form.id for form in side.forms))[worst]),
        _plain(values[worst]), note=side.t("furthest"), half_width=_plain(half) if np.isfinite(half).all() else (),
    )  # fmt: skip
    band = Band(side.t("band_name", n=len(side.forms)), _plain(values.min(axis=0)), _plain(values.max(axis=0)))
    return [line], [band]


def furthest_paper(values: Array, side: Side) -> int:
    """Return the paper whose curve is furthest from the mean of all at the cut; values : (n_forms, n_theta)."""
    grid, at = side.audit.measured.grid.theta, float(side.audit.measured.at_cut.theta[0])
    nearest = int(np.argmin(np.abs(grid - at))) if np.isfinite(at) else grid.size // 2
    column = values[:, nearest]
    return int(np.argmax(np.abs(column - column.mean())))


def legend_names(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids, or where one is too long for the legend what tells them apart.

    >>> legend_names(("bof-4-theory-1-A", "bof-4-theory-1-B"))
    ('bof-4-theory-1-A', 'bof-4-theory-1-B')
    >>> legend_names(("blast-furnace-4-theory-A", "blast-furnace-4-theory-B"))
    ('A', 'B')
    """
    fits = all(cut_text(id, NAME_WIDTH) == id for id in ids)
    return ids if fits else tuple(cut_text(name, NAME_WIDTH) for name in short_names(ids))


def _legend_name(id: str, short: str) -> str:
    return id if cut_text(id, NAME_WIDTH) == id else cut_text(short, NAME_WIDTH)


def _plain(values: Array) -> list[float]:
    """Return numbers that a drawing needs no more digits of."""
    return [round(float(value), 5) for value in values]


def _facts(side: Side, values: Array) -> dict[str, object]:
    grid, at = side.audit.measured.grid.theta, float(side.audit.measured.at_cut.theta[0])
    column = [float(np.interp(at, grid, row)) for row in values] if np.isfinite(at) else [float("nan")]
    worst = side.forms[furthest_paper(values, side)].id
    ids = [form.id for form in side.forms]
    named = side.t("n_papers_named", n=len(ids)) if side.many else side.t("list_comma").join(ids)
    return {"papers": named, "low": shown(min(column), "signed", 2), "high": shown(max(column), "signed", 2), "worst": worst}


def curve_table(side: Side) -> Table:
    """Return the curves as rows of numbers, one a paper and ability: for data files, too long for a page."""
    grid = side.audit.measured.grid
    columns = tuple(
        Column(name, side.t(f"col_{name}"), "text" if name == "form" else "number", 3)
        for name in ("form", "theta", "expected_score", "expected_score_error", "information", "information_error", "sem")
    )
    series: Sequence[Array] = (grid.expected_score, grid.score_error, grid.information, grid.information_error, grid.sem)
    rows: list[tuple[Cell, ...]] = [
        (form.id, float(theta), *(float(values[n, k]) for values in series))
        for n, form in enumerate(side.forms)
        for k, theta in enumerate(grid.theta)
    ]
    return Table("curves", side.t("table_curves"), columns, tuple(rows))
