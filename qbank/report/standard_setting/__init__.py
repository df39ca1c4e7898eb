"""The report of a panel: the cut a round, judges, items, what it does to the pass rate, how it was computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.standard_setting import CutScore, fail_rate
from qbank.messages import Language, has_text, text
from qbank.messages.lists import some_papers
from qbank.report import figures
from qbank.report.blocks import (
    MISSING,
    Block,
    Cell,
    Column,
    Figure,
    Kind,
    Report,
    Section,
    Table,
    Text,
    shown,
)
from qbank.report.standard_setting.judges_figure import MARGIN, judges_figure


@dataclass(frozen=True, slots=True, eq=False)
class StandardSetting:
    """A panel, computed. rounds : at least one ; ratings : by round, (judge, item) → rating, of item methods ; totals : of
    the sitting's candidates, empty without ; full : marks of the paper, 0 unknown ; cut_now : of the paper judged, NaN without ;
    other_cuts : (paper, cut) of papers that have another one, whose totals are moved by the difference ; cells : Ebel's, each
    with its share and how many items a judge put there ; from_ledger : whether parameters are the ledger's"""

    title: str
    method: str
    sitting: str
    paper: str
    judges: tuple[str, ...]
    rounds: tuple[CutScore, ...]
    ratings: tuple[Mapping[tuple[str, str], float], ...]
    totals: NDArray[np.float64]
    full: float
    cut_now: float
    other_cuts: tuple[tuple[str, float], ...] = ()
    cells: tuple[tuple[str, float, float], ...] = ()
    from_ledger: bool = False


GROUPS = ("borderline_group", "contrasting_groups")
"""Methods whose standard error is over candidates, not over judges."""
FIGURES: dict[str, tuple[Kind, int]] = {
    "n": ("integer", 0), "n_competent": ("integer", 0), "n_not_competent": ("integer", 0), "rp": ("short", 2), "slope": ("number", 4),
    "fail_rate": ("percent", 1), "fail_min": ("percent", 1), "fail_max": ("percent", 1), "pass_rate": ("percent", 1),
    "mean_pass_rate": ("percent", 1), "false_pass": ("percent", 1), "false_fail": ("percent", 1),
}  # fmt: skip
"""How a method's own figures look; marks, to two decimals, where none is said."""


def words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_standard_setting.{name}", **fields)


def standard_setting_report(found: StandardSetting, language: Language) -> Report:
    """Return result, judges, items, impact and methods, in this order; sections without content are left out."""
    sections = (
        ("result", _result(found, language)),
        ("judges", _judges(found, language)),
        ("items", _items(found, language)),
        ("impact", _impact(found, language)),
        ("methods", tuple(Text(words(language, name), "definition") for name in _methods(found))),
    )
    blocks = tuple(Section(name, words(language, name), inner) for name, inner in sections if inner)
    subtitle = " · ".join(part for part in (words(language, f"method_{found.method}"), found.sitting, found.paper) if part)
    return Report(words(language, "title", panel=found.title), blocks, language, subtitle)


def _methods(found: StandardSetting) -> tuple[str, ...]:
    if found.method in GROUPS:
        return (f"how_{found.method}",)
    more: tuple[str, ...] = ("how_error_items",) if any(np.isfinite(one.error_items) for one in found.rounds) else ()
    more += ("how_ledger",) if found.from_ledger and found.method in ("bookmark", "angoff", "yes_no", "extended_angoff", "ebel") else ()
    return (f"how_{found.method}", "how_error", *more)


def _result(found: StandardSetting, language: Language) -> tuple[Block, ...]:
    last = found.rounds[-1]
    blocks: list[Block] = [Text(sentence(found, language))]
    if last.status != "ok":
        blocks.append(Text(words(language, f"status_{last.status}"), "warning"))
    names: tuple[tuple[str, Kind, int], ...] = (
        ("round", "integer", 0), ("cut", "number", 2), ("error", "number", 2), ("error_items", "number", 2),
        ("ability", "number", 3), ("share", "percent", 1), ("pass_rate", "percent", 1), ("n_judges", "integer", 0),
    )  # fmt: skip
    rows = tuple(
        (n, one.cut, one.error, one.error_items, one.ability, one.cut / found.full if found.full else None,
         _pass_rate(found, one.cut), one.judges.height or None)
        for n, one in enumerate(found.rounds, start=1)
    )  # fmt: skip
    columns = _columns(names, language)
    if found.method in GROUPS:
        columns = tuple(replace(column, title=words(language, "col_error_groups")) if column.name == "error" else column for column in columns)
    blocks.append(Table("rounds", words(language, "table_rounds"), known_columns(columns, rows), rows))
    named = tuple(dict.fromkeys(name for one in found.rounds for name, _ in one.figures))
    if named:
        titles = (Column(name, words(language, f"figure_{name}"), *FIGURES.get(name, ("number", 2))) for name in named)
        columns = (*_columns((("round", "integer", 0),), language), *titles)
        extra = tuple((n, *(dict(one.figures).get(name) for name in named)) for n, one in enumerate(found.rounds, start=1))
        blocks.append(Table("figures", words(language, "table_figures"), columns, extra))
    if found.cells:
        specs: tuple[tuple[str, Kind, int], ...] = (("cell", "text", 0), ("cell_share", "percent", 1), ("cell_items", "number", 1))
        blocks.append(Table("cells", words(language, "table_cells"), _columns(specs, language), found.cells, (words(language, "note_cells"),)))
    return tuple(blocks)


def sentence(found: StandardSetting, language: Language) -> str:
    """Return the cut in words: marks, error, and who would pass."""
    last = found.rounds[-1]
    cut = shown(last.cut, "number", 2)
    error = words(language, "plus_minus", error=shown(last.error, "number", 2)) if np.isfinite(last.error) else ""
    method = words(language, f"method_{found.method}")
    # a name in Latin letters stands apart from the Chinese before it
    method = f" {method}" if language == "zh" and method[0].isascii() else method
    said = words(language, "sentence", method=method, cut=cut, error=error)
    rate = _pass_rate(found, last.cut)
    return said if rate is None else said + words(language, "sentence_rate", n=found.totals.size, rate=shown(rate, "percent", 1))


def _pass_rate(found: StandardSetting, cut: float) -> float | None:
    if not found.totals.size or not np.isfinite(cut):
        return None
    return 1 - fail_rate(found.totals, np.ones(found.totals.size), cut)


def _judges(found: StandardSetting, language: Language) -> tuple[Block, ...]:
    if not found.rounds[-1].judges.height:
        return ()
    rows: list[tuple[Cell, ...]] = []
    columns = found.rounds[-1].judges.columns
    for n, one in enumerate(found.rounds, start=1):
        rows += [(n, *row) for row in one.judges.iter_rows()]
    kinds: dict[str, tuple[Kind, int]] = {
        "judge": ("text", 0), "n_rated": ("integer", 0), "page": ("integer", 0), "leniency": ("signed", 2),
        "fail_min": ("percent", 1), "fail_max": ("percent", 1), "pass_rate": ("percent", 1),
    }  # fmt: skip
    names: list[tuple[str, Kind, int]] = [("round", "integer", 0), *((name, *kinds.get(name, ("number", 2))) for name in columns)]
    points = [
        (n, str(judge), float(cut))
        for n, one in enumerate(found.rounds, start=1)
        for judge, cut in one.judges.select("judge", "cut").iter_rows()
        if np.isfinite(cut)
    ]
    blocks: list[Block] = []
    if points:
        spec = judges_figure(
            points, found.judges, [(n, one.cut) for n, one in enumerate(found.rounds, start=1)], words(language, "axis_cut")
        )
        alt = words(language, "alt_judges", n=len(found.judges))
        blocks.append(Figure("judges_figure", words(language, "caption_judges"), alt, spec, MARGIN))
    shown_columns = known_columns(_columns(tuple(names), language), rows)
    there = {column.name for column in shown_columns if not column.data_only}
    notes = [words(language, "note_judges")]
    notes += [words(language, f"note_{name}") for name in ("correlation", "consistency") if name in there]
    return (*blocks, Table("judges", words(language, "table_judges"), shown_columns, tuple(rows), tuple(notes)))


def _items(found: StandardSetting, language: Language) -> tuple[Block, ...]:
    table = found.rounds[-1].items
    if not table.height:
        return ()
    if not found.ratings:
        names: tuple[tuple[str, Kind, int], ...] = (("page", "integer", 0), ("item", "text", 0), ("location", "number", 3))
        return (Table("booklet", words(language, "table_booklet"), _columns(names, language), tuple(table.iter_rows())),)
    given = found.ratings[-1]
    kinds: dict[str, tuple[Kind, int]] = {"item": ("text", 0), "n_rated": ("integer", 0), "marks": ("short", 0), "flag": ("text", 0)}
    specs = _columns(tuple((name, *kinds.get(name, ("number", 2))) for name in table.columns), language)
    own = tuple(Column(f"judge_{n + 1}", judge, "short", 2) for n, judge in enumerate(found.judges))
    rows = tuple(
        (*(words(language, f"flag_{row[name]}") if name == "flag" and row[name] else row[name] for name in table.columns),
         *(given.get((judge, row["item"])) for judge in found.judges))
        for row in table.iter_rows(named=True)
    )  # fmt: skip
    notes = (words(language, "note_items", round=len(found.rounds)),)
    return (Table("ratings", words(language, "table_items"), (*specs, *own), rows, notes, sortable=True),)


STEPS = (-2, -1, 0, 1, 2)


def _impact(found: StandardSetting, language: Language) -> tuple[Block, ...]:
    if not found.totals.size:
        return ()
    last = found.rounds[-1]
    rows: list[tuple[Cell, ...]] = []
    if np.isfinite(last.cut):
        for step in STEPS if np.isfinite(last.error) else (0,):
            at = last.cut + step * (last.error if step else 0.0)
            rows.append((words(language, "at_cut") if step == 0 else words(language, "at_error", step=shown(step, "integer", 0) if step < 0 else f"+{step}"), at, _passed(found, at), _pass_rate(found, at)))
    if np.isfinite(found.cut_now):
        rows.append((words(language, "at_now"), found.cut_now, _passed(found, found.cut_now), _pass_rate(found, found.cut_now)))
    names: tuple[tuple[str, Kind, int], ...] = (("at", "text", 0), ("cut", "number", 2), ("n_passed", "integer", 0), ("pass_rate", "percent", 1))
    named = some_papers([f"{paper} {cut:g}" for paper, cut in found.other_cuts], language)
    notes = (words(language, "note_other_cuts", papers=named, cut=f"{found.cut_now:g}"),) if found.other_cuts else ()
    blocks: list[Block] = [Table("impact", words(language, "table_impact"), _columns(names, language), tuple(rows), notes)]
    return (*blocks, _curve(found, language))


def _passed(found: StandardSetting, cut: float) -> int:
    return int((found.totals >= cut - 1e-9).sum())


def _curve(found: StandardSetting, language: Language) -> Figure:
    """Return the share that fails at every cut; of Hofstee's and Beuk's methods with the judges' line."""
    last = found.rounds[-1]
    x, n = np.unique(found.totals, return_counts=True)
    high = float(max(found.full, x[-1]))
    name = words(language, "curve_fail")
    points: list[dict[str, Any]] = [{"form": name, "score": 0.0, "share": 0.0}]
    points += [{"form": name, "score": float(score), "share": float(share)} for score, share in zip(x, np.cumsum(n) / n.sum(), strict=True)]
    points.append({"form": name, "score": high, "share": 1.0})
    series = [name]
    own = dict(last.figures)
    judged = _judged_line(found.method, own, high)
    if judged:
        line = words(language, "curve_line")
        series.append(line)
        points += [{"form": line, "score": at, "share": share} for at, share in judged]
    mark = [{"cut": last.cut, "label": text(language, "report.cut_label", cut=f"{last.cut:.4g}")}] if 0 <= last.cut <= high else []
    spec = figures.curves(
        points, mark, forms=series, domain=(0.0, high), score_title=text(language, "report.axis_score"),
        share_title=words(language, "axis_fail"), step=True,
    )  # fmt: skip
    return Figure("impact_figure", words(language, "caption_impact"), words(language, "alt_impact"), spec, figures.WIDE_MARGIN)


def _judged_line(method: str, own: Mapping[str, float], high: float) -> list[tuple[float, float]]:
    """Return (cut, share failing) along the judges' line of Hofstee or Beuk, within the plot; () of other methods.

    >>> _judged_line("beuk", {"mean_cut": 60, "mean_pass_rate": 0.5, "slope": 0.05}, 100)[0]
    (50.0, 1.0)
    """
    parts = np.linspace(0, 1, 41)
    if method == "hofstee":
        at, share = (own[f"{name}_{first}"] + (own[f"{name}_{last}"] - own[f"{name}_{first}"]) * parts for name, first, last in (("cut", "min", "max"), ("fail", "max", "min")))
    elif method == "beuk" and np.isfinite(own["slope"]) and own["slope"] > 0:
        # from where all would fail to where nobody would, as far as there are marks
        ends = np.clip([own["mean_cut"] + (rate - own["mean_pass_rate"]) / own["slope"] for rate in (0.0, 1.0)], 0.0, high)
        at = ends[0] + (ends[1] - ends[0]) * parts
        share = 1 - own["mean_pass_rate"] - own["slope"] * (at - own["mean_cut"])
    else:
        return []
    return [(float(cut), float(rate)) for cut, rate in zip(at, share, strict=True)] if np.isfinite(at).all() and np.isfinite(share).all() else []


def known_columns(columns: tuple[Column, ...], rows: Sequence[tuple[Cell, ...]]) -> tuple[Column, ...]:
    """Return the columns, those that have nothing in any row for data only."""
    return tuple(
        replace(column, data_only=column.data_only or all(shown(row[n], column.kind, column.digits) == MISSING for row in rows))
        for n, column in enumerate(columns)
    )


def _columns(specs: tuple[tuple[str, Kind, int], ...], language: Language) -> tuple[Column, ...]:
    return tuple(
        Column(name, words(language, f"col_{name}") if has_text(language, f"report_standard_setting.col_{name}") else name, kind, digits)
        for name, kind, digits in specs
    )


__all__ = ["StandardSetting", "known_columns", "sentence", "standard_setting_report", "words"]
