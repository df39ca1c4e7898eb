"""Every coefficient of reliability, the parts of a paper, and the error of measurement score by score."""

from __future__ import annotations

import math

import polars as pl

from qbank.analysis.reliability import ReliabilityAnalysis
from qbank.messages import Language, text
from qbank.report.blocks import Block, Column, Figure, Kind, Table, Text, shown
from qbank.report.figures import WIDE_MARGIN
from qbank.report.sitting.lines import Point, line_figure
from qbank.report.sitting.words import paper_rows

COEFFICIENTS: tuple[tuple[str, Kind, int], ...] = (
    ("form", "text", 0), ("coefficient", "text", 0), ("value", "number", 3), ("error", "number", 3), ("low", "number", 3),
    ("high", "number", 3), ("sem", "number", 2), ("n", "integer", 0), ("n_items", "integer", 0), ("status", "text", 0),
)  # fmt: skip
STRATA: tuple[tuple[str, Kind, int], ...] = (
    ("form", "text", 0), ("kind", "text", 0), ("value", "text", 0), ("n", "integer", 0), ("n_items", "integer", 0),
    ("marks_max", "short", 0), ("mean", "number", 2), ("sd", "number", 2), ("alpha", "number", 3), ("alpha_low", "number", 3),
    ("alpha_high", "number", 3), ("sem", "number", 2), ("rest_correlation", "number", 3), ("status", "text", 0),
)  # fmt: skip
METHODS = ("lord", "keats", "feldt_qualls", "compound", "irt")
MOST_LINES = 6


def words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_reliability.{name}", **fields)


def reliability_detail_blocks(found: ReliabilityAnalysis | None, cut: float, language: Language) -> tuple[Block, ...]:
    """Return the table of coefficients, that of sections and domains, the curve of errors with the cut, its table."""
    if found is None or found.coefficients.is_empty():
        return ()
    whole = ("note_coefficients", "note_lambda4", "note_halves")
    notes = ("note_pooled",) if "alpha_raw" in found.coefficients["coefficient"] else whole
    blocks: list[Block] = [
        Table(
            "coefficients", words(language, "table_coefficients"), columns(COEFFICIENTS, language, ("n", "n_items", *_all_well(found.coefficients))),
            _rows(found.coefficients, COEFFICIENTS, language),
            tuple(words(language, note, **({"seed": found.seed} if note == "note_halves" else {})) for note in notes),
        )
    ]  # fmt: skip
    if not found.strata.is_empty():
        blocks.append(
            Table(
                "reliability_parts", words(language, "table_parts"), columns(STRATA, language, _all_well(found.strata)),
                _rows(found.strata, STRATA, language), (words(language, "note_parts"),),
            )
        )  # fmt: skip
    if not found.conditional.is_empty():
        blocks += _conditional(found.conditional, cut, language)
    return tuple(blocks)


def _all_well(table: pl.DataFrame) -> tuple[str, ...]:
    """Return the column of notes where it has nothing to say."""
    return ("status",) if (table["status"] == "ok").all() else ()


def columns(
    specs: tuple[tuple[str, Kind, int], ...], language: Language, data_only: tuple[str, ...] = ()
) -> tuple[Column, ...]:
    return tuple(
        Column(name, words(language, f"col_{name}"), kind, digits, data_only=name in data_only) for name, kind, digits in specs
    )


def _rows(
    table: pl.DataFrame, specs: tuple[tuple[str, Kind, int], ...], language: Language
) -> tuple[tuple[str | int | float | None, ...], ...]:
    """Return the rows with the engine's words in the reader's language."""

    def cell(name: str, value: str | int | float | None) -> str | int | float | None:
        if name == "coefficient":
            base, _, kind = str(value).partition("stratified_")
            return words(language, "by_stratum", kind=stratum_word(kind, language)) if kind else words(language, f"of_{base}")
        if name == "status":
            return "" if value == "ok" else words(language, f"status_{value}")
        return stratum_word(str(value), language) if name == "kind" else value

    names = [name for name, _, _ in specs]
    return tuple(
        tuple(cell(name, value) for name, value in zip(names, row, strict=True)) for row in table.select(names).iter_rows()
    )


def stratum_word(kind: str, language: Language) -> str:
    """Return the word for a kind of stratum, or its name where there is none."""
    return words(language, f"kind_{kind}") if kind in ("section", "domain") else kind


def _conditional(table: pl.DataFrame, cut: float, language: Language) -> list[Block]:
    forms = table["form"].unique(maintain_order=True).to_list()
    known = [name for name in METHODS if table[name].is_finite().any()]
    at_cut = table.filter("at_cut")
    specs: tuple[tuple[str, Kind, int], ...] = (
        ("form", "text", 0), ("score", "short", 0), ("n", "integer", 0), ("sem", "number", 2),
        *((name, "number", 2) for name in known),
    )  # fmt: skip
    blocks: list[Block] = []
    for row in at_cut.iter_rows(named=True):
        best = next((row[name] for name in ("irt", "feldt_qualls", "keats", "lord") if math.isfinite(row[name])), math.nan)
        if math.isfinite(best):
            name = words(language, "of_paper", form=row["form"]) if row["form"] and len(forms) > 1 else ""
            low, high = (shown(row["score"] + sign * best, "short", 0) for sign in (-1, 1))
            blocks.append(Text(words(
                language, "at_cut", form=name, cut=f"{row['score']:g}", error=shown(best, "number", 2), low=low, high=high)))  # fmt: skip
    blocks.append(_figure(table, forms, known, cut, language))
    cuts = dict(at_cut.select("form", "score").iter_rows())
    kept = paper_rows(table["form"].to_list(), table["score"].to_list(), cuts)
    blocks.append(
        Table(
            "conditional_errors", words(language, "table_conditional"), columns(specs, language),
            tuple(table.select([name for name, _, _ in specs]).iter_rows()), (words(language, "note_conditional"),),
            on_paper=kept, paper_note=text(language, "report.rows_on_paper", n=len(kept), of=table.height),
        )
    )  # fmt: skip
    return blocks


def _figure(table: pl.DataFrame, forms: list[str], known: list[str], cut: float, language: Language) -> Figure:
    points: list[Point] = []
    if len(forms) == 1:
        names = [words(language, f"col_{name}") for name in ("sem", *known)]
        for name, title in zip(("sem", *known), names, strict=True):
            points += [(title, score, value) for score, value in table.select("score", name).iter_rows() if math.isfinite(value)]
    else:
        names = [str(form) for form in forms[:MOST_LINES]]
        for form in names:
            own = table.filter(form=form)
            points += [(form, score, value) for score, value in own.select("score", "feldt_qualls").iter_rows()
                       if math.isfinite(value)]  # fmt: skip
    highest = float(table.select(pl.col("score").max()).item())
    top = 1.15 * max((value for _, _, value in points), default=1.0)
    inside = 0 <= cut <= highest
    spec = line_figure(
        points, names=names, x_title=words(language, "axis_score"), y_title=words(language, "axis_error"),
        domain=(0.0, highest), top=max(top, 1e-6), cut=cut if inside else None,
        cut_label=text(language, "report.cut_label", cut=f"{cut:g}") if inside else "",
    )  # fmt: skip
    list_of = text(language, "report.list_comma").join(names)
    return Figure("conditional_error", words(language, "figure"), words(language, "alt", names=list_of), spec, WIDE_MARGIN)


def reliability_methods(language: Language) -> tuple[str, ...]:
    """Return the definitions for the section on methods."""
    return tuple(words(language, name) for name in ("method_omega", "method_lambda", "method_strata", "method_conditional"))
