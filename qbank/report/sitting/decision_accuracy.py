"""How far to trust the decisions: in words for who announces them, in figures for who signs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from qbank.analysis.classification import DecisionAccuracy
from qbank.messages import Language, text
from qbank.messages.lists import some
from qbank.report.blocks import Block, Column, Figure, Kind, Table, Text, shown
from qbank.report.sitting.decision_accuracy_figure import curve_figure

COLUMNS: tuple[tuple[str, Kind, int], ...] = (
    ("form", "text", 0), ("method", "text", 0), ("n", "integer", 0), ("accuracy", "percent", 1),
    ("accuracy_low", "percent", 1), ("accuracy_high", "percent", 1), ("consistency", "percent", 1),
    ("consistency_low", "percent", 1), ("consistency_high", "percent", 1), ("kappa", "number", 3),
    ("kappa_low", "number", 3), ("kappa_high", "number", 3), ("false_pass", "percent", 1), ("false_fail", "percent", 1),
    ("wrong_of_passed", "percent", 1), ("wrong_of_failed", "percent", 1), ("pass_rate", "percent", 1),
    ("observed_rate", "percent", 1), ("reliability", "number", 3), ("effective_length", "number", 1), ("status", "text", 0),
)  # fmt: skip
DATA_ONLY = (
    "accuracy_low", "accuracy_high", "consistency_low", "consistency_high", "kappa_low", "kappa_high", "reliability", "effective_length",
)  # fmt: skip
NEAR: tuple[tuple[str, Kind, int], ...] = (
    ("form", "text", 0), ("n", "integer", 0), ("cut", "short", 0), ("csem", "number", 2), ("n_below", "integer", 0),
    ("n_above", "integer", 0), ("share", "percent", 1), ("share_low", "percent", 1), ("share_high", "percent", 1),
)  # fmt: skip


def words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_decision_accuracy.{name}", **fields)


def decision_accuracy_blocks(found: DecisionAccuracy | None, language: Language) -> tuple[Block, ...]:
    """Return what the decisions at the cut are worth: a sentence a paper, the methods' figures, the curve, who is near."""
    if found is None or found.summary.is_empty():
        return (Text(words(language, "nothing"), "note"),)
    reported = found.summary.filter("reported").to_dicts()
    blocks: list[Block] = [Text(_sentence(row, found, language)) for row in reported]
    known = [row for row in reported if row["status"] == "ok"]
    if known:
        blocks += _tables(found, known, language)
    return tuple(blocks)


def _tables(found: DecisionAccuracy, known: list[dict[str, Any]], language: Language) -> list[Block]:
    table = found.summary.filter(pl.col("form").is_in([row["form"] for row in known]))
    columns = _columns(COLUMNS, language, (*DATA_ONLY, *(("status",) if (table["status"] == "ok").all() else ())))
    rows = tuple(tuple(_cell(name, row, language) for name, _, _ in COLUMNS) for row in table.iter_rows(named=True))
    notes = [words(language, "note_figures")]
    if found.replications and any(_finite(row["accuracy_low"]) for row in known):
        notes.append(words(language, "note_bootstrap", n=found.replications, seed=found.seed, confidence=f"{100 * found.confidence:g}"))
    else:
        notes.append(words(language, "note_no_interval"))
    if any(row["fit"] == "fallback" for row in known):
        notes.append(words(language, "note_fallback", forms=some([row["form"] for row in known if row["fit"] == "fallback"])))
    near_columns = _columns(NEAR, language)
    near = found.near.filter(pl.col("form").is_in([row["form"] for row in known]))
    return [
        Table("decision_accuracy", words(language, "table"), columns, rows, tuple(notes)),
        *_figures(found, known, language),
        Table(
            "near_the_cut", words(language, "table_near"), near_columns,
            tuple(near.select([name for name, _, _ in NEAR]).iter_rows()), (words(language, "note_near"),),
        ),
    ]  # fmt: skip


def _columns(specs: tuple[tuple[str, Kind, int], ...], language: Language, data_only: tuple[str, ...] = ()) -> tuple[Column, ...]:
    return tuple(
        Column(name, words(language, f"col_{name}"), kind, digits, data_only=name in data_only)
        for name, kind, digits in specs
    )


def _cell(name: str, row: Mapping[str, Any], language: Language) -> Any:
    if name in ("method", "status"):
        return words(language, f"{name}_{row[name]}")
    return row[name]


def _figures(found: DecisionAccuracy, known: list[dict[str, Any]], language: Language) -> list[Figure]:
    forms = [row["form"] for row in known]
    return [curve_figure(found.curves, forms, [float(row["cut"]) for row in known], language)]


def _sentence(row: Mapping[str, Any], found: DecisionAccuracy, language: Language) -> str:
    """Return what the figures of a paper mean, of a hundred persons each."""
    form = words(language, "of_paper", form=row["form"]) if row["form"] else ""
    if row["status"] != "ok":
        return words(language, f"withheld_{row['status']}", form=form, n=row["n"], needed=found.needed)
    return words(
        language, "sentence", form=form, accuracy=shown(row["accuracy"], "percent", 1),
        consistency=shown(row["consistency"], "percent", 1), passed=_of_100(row, "wrong_of_passed", language),
        failed=_of_100(row, "wrong_of_failed", language), kappa=shown(row["kappa"], "number", 2),
    )  # fmt: skip


def _of_100(row: Mapping[str, Any], name: str, language: Language) -> str:
    """Return about how many of a hundred, and between which numbers: less than one where it rounds to none."""
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if not _finite(value):
        return words(language, "nobody")
    number = words(language, "less_than_one") if 0 < 100 * value < 0.5 else f"{100 * value:.0f}"
    if not (_finite(low) and _finite(high)):
        return number
    ends = f"{math.floor(100 * low + 1e-9)}–{math.ceil(100 * high - 1e-9)}"
    return words(language, "with_interval", number=number, ends=ends)


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


METHODS = ("method_reported", "method_numbers_right", "method_parameters", "method_figures", "method_intervals", "method_near")


def decision_accuracy_methods(found: DecisionAccuracy | None, language: Language) -> tuple[str, ...]:
    """Return how these figures are defined, with authors, years and settings, one paragraph each."""
    if found is None:
        return ()
    numbers = {"n": found.replications, "seed": found.seed, "needed": found.needed}
    return tuple(words(language, name, **(numbers if name == "method_intervals" else {})) for name in METHODS)
