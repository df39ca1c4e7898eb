"""Which section or domain scores are worth reporting."""

from __future__ import annotations

import polars as pl

from qbank.analysis.subscores import SubscoreAnalysis
from qbank.messages import Language, text
from qbank.report.blocks import Block, Column, Kind, Table, Text
from qbank.report.sitting.reliability import stratum_word

COLUMNS: tuple[tuple[str, Kind, int], ...] = (
    ("form", "text", 0), ("kind", "text", 0), ("value", "text", 0), ("n", "integer", 0), ("n_items", "integer", 0),
    ("marks_max", "short", 0), ("mean", "number", 2), ("sd", "number", 2), ("prmse_subscore", "number", 3),
    ("prmse_total", "number", 3), ("prmse_augmented", "number", 3), ("gain", "signed", 3), ("gain_error", "number", 3),
    ("gain_low", "signed", 3), ("gain_high", "signed", 3), ("true_correlation", "number", 3), ("verdict", "text", 0),
    ("status", "text", 0),
)  # fmt: skip
DATA_ONLY = ("mean", "sd", "gain_error", "status")


def words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_subscores.{name}", **fields)


def subscore_blocks(found: SubscoreAnalysis | None, language: Language) -> tuple[Block, ...]:
    """Return the verdict in words, the table, and what is withheld with the number it needs."""
    if found is None:
        return (Text(words(language, "nothing"), "note"),)
    withheld = tuple(
        Text(words(language, "withheld", form=row["scope"], n=row["n"], needs=row["needs"]), "note")
        for row in found.withheld.iter_rows(named=True)
    )
    if found.table.is_empty():
        return withheld or (Text(words(language, "nothing"), "note"),)
    comma = text(language, "report.list_comma")
    sentences = []
    for verdict in ("report", "augmented", "unclear", "no"):
        own = found.table.filter(verdict=verdict)
        if not own.is_empty():
            sentences.append(Text(words(language, f"sentence_{verdict}", parts=comma.join(_parts(own, found.table, language)))))
    columns = tuple(
        Column(name, words(language, f"col_{name}"), kind, digits, data_only=name in DATA_ONLY) for name, kind, digits in COLUMNS
    )
    rows = tuple(
        tuple(
            stratum_word(str(value), language) if name == "kind" else words(language, f"verdict_{value}") if name == "verdict" else value
            for (name, _, _), value in zip(COLUMNS, row, strict=True)
        )
        for row in found.table.select([name for name, _, _ in COLUMNS]).iter_rows()
    )
    notes = (words(language, "note"), words(language, "note_gain", n=found.replications, seed=found.seed))
    return (*sentences, Table("subscores", words(language, "table"), columns, rows, notes), *withheld)


def _parts(own: pl.DataFrame, table: pl.DataFrame, language: Language) -> list[str]:
    """Return the parts by name, once each; the papers only of a part that others of its papers judge otherwise."""
    comma = text(language, "report.list_comma")
    named = []
    for (kind, value), rows in own.group_by("kind", "value", maintain_order=True):
        part = words(language, "part", kind=stratum_word(str(kind), language), value=value)
        elsewhere = table.filter(kind=kind, value=value).height > rows.height
        named.append(words(language, "part_of", part=part, papers=comma.join(rows["form"])) if elsewhere else part)
    return named


def subscore_methods(language: Language) -> tuple[str, ...]:
    """Return the definitions for the section on methods."""
    return (words(language, "method"),)
