"""Which mark on one paper is worth which on another: the equated cut, the concordance, the anchor, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from qbank.analysis.equating import EquatingAnalysis
from qbank.analysis.intervals import normal_quantile
from qbank.messages import Language, text
from qbank.report.blocks import Block, Column, Figure, Kind, Table, Text, shown
from qbank.report.sitting.equating_figure import anchor_figure, difference_figure
from qbank.report.sitting.words import paper_rows

Columns = tuple[tuple[str, Kind, int], ...]
PAIRS: Columns = (
    ("paper", "text", 0), ("base", "text", 0), ("status", "text", 0), ("n", "integer", 0), ("n_base", "integer", 0),
    ("n_left_out", "integer", 0), ("method", "text", 0), ("mean", "number", 2), ("mean_base", "number", 2), ("sd", "number", 2),
    ("sd_base", "number", 2), ("n_anchors", "integer", 0), ("anchor_difference", "signed", 2), ("cut", "short", 0),
    ("equated_cut", "number", 2), ("cut_see", "number", 2), ("cut_mark", "short", 0), ("n_passed", "integer", 0),
    ("n_passed_equated", "integer", 0), ("n_up", "integer", 0), ("n_down", "integer", 0),
)  # fmt: skip
PAIRS_DATA_ONLY = ("n_left_out", "mean", "mean_base", "sd", "sd_base")
METHODS: Columns = (
    ("paper", "text", 0), ("method", "text", 0), ("reported", "text", 0), ("equated_cut", "number", 2), ("cut_see", "number", 2),
    ("cut_mark", "short", 0), ("mean_difference", "signed", 2), ("see_source", "text", 0),
)  # fmt: skip
CONCORDANCE: Columns = (
    ("paper", "text", 0), ("score", "short", 0), ("n", "integer", 0), ("equated", "number", 2), ("difference", "signed", 2),
    ("see", "number", 2), ("low", "number", 2), ("high", "number", 2),
)  # fmt: skip
ANCHORS: Columns = (
    ("paper", "text", 0), ("item", "text", 0), ("n", "integer", 0), ("n_base", "integer", 0), ("facility", "number", 2),
    ("facility_base", "number", 2), ("logit", "signed", 2), ("logit_base", "signed", 2), ("shift", "signed", 2),
    ("shift_error", "number", 2), ("robust_z", "signed", 2), ("reason", "text", 0),
)  # fmt: skip
ANCHORS_DATA_ONLY = ("logit", "logit_base")
FITS: Columns = (
    ("paper", "text", 0), ("side", "text", 0), ("model", "text", 0), ("chosen", "text", 0), ("df", "integer", 0),
    ("lr", "number", 1), ("freeman_tukey", "number", 1), ("aic", "number", 1), ("bic", "number", 1), ("p", "p", 3),
)  # fmt: skip
MOST_FIGURES = 6


def words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_equating.{name}", **fields)


def equating_blocks(found: EquatingAnalysis | None, language: Language) -> tuple[Block, ...]:
    """Return what became of the equating: sentences, the equated cuts, the curves, the concordance, anchors and models."""
    if found is None or found.status in ("one_paper", "no_data", "many_papers"):
        return (Text(words(language, "one_paper" if found is None else found.status), "note"),)
    if found.status == "no_design":
        return (Text(words(language, "refused"), "warning"),)
    blocks: list[Block] = [Text(words(language, f"design_{found.design}", base=found.base))]
    rows = found.pairs.to_dicts()
    blocks += [Text(pair_sentence(row, found, language)) for row in rows]
    blocks.append(_table("equating", "table_pairs", found.pairs, PAIRS, language, ("note_pairs",), PAIRS_DATA_ONLY))
    equated = [row for row in rows if row["status"] == "ok"]
    if equated:
        blocks.append(Text(words(language, "proposal"), "note"))
        blocks += [difference_figure(found, row, n, language) for n, row in enumerate(equated[:MOST_FIGURES], 1)]
        if len(equated) > MOST_FIGURES:
            blocks.append(Text(words(language, "more_papers", n=MOST_FIGURES, of=len(equated)), "note"))
        told = concordance(found)
        cuts = {row["paper"]: row["equated_cut"] for row in equated if _finite(row["equated_cut"])}
        kept = paper_rows(told["paper"].to_list(), told["score"].to_list(), cuts)
        whole = _table("concordance", "table_concordance", told, CONCORDANCE, language, ("note_concordance",))
        blocks.append(
            replace(whole, on_paper=kept, paper_note=text(language, "report.rows_on_paper", n=len(kept), of=told.height))
        )
        blocks.append(_table("equating_methods", "table_methods", found.methods, METHODS, language, ("note_methods",)))
    blocks += _anchor_blocks(found, language)
    if not found.fits.is_empty():
        blocks.append(_table("equating_models", "table_fits", found.fits, FITS, language, ("note_fits",)))
    return tuple(blocks)


def concordance(found: EquatingAnalysis) -> pl.DataFrame:
    """Return every score with what it is worth by the method reported, with its interval."""
    half = normal_quantile(found.settings.confidence) * pl.col("see")
    return found.concordance.filter("reported").with_columns(low=pl.col("equated") - half, high=pl.col("equated") + half)


def pair_sentence(row: Mapping[str, Any], found: EquatingAnalysis, language: Language) -> str:
    """Return what the equating of one paper comes to, or why there is none."""
    paper = row["paper"]
    if row["status"] != "ok":
        return words(
            language, f"withheld_{row['status']}", paper=paper, n=min(row["n"], row["n_base"]), needs=row["needs"] or 0,
            n_anchors=row["n_anchors"] or 0, n_common=row["n_common"],
        )  # fmt: skip
    way = words(language, f"way_{row['method']}")
    cut = shown(row["cut"], "short", 0)
    if not _finite(row["cut"]):
        return words(language, "sentence_no_cut", paper=paper, way=way)
    if row["method"] == "identity":
        forced = found.settings.method == "identity"
        limit = f"{found.settings.see_below:g}"
        return words(language, "sentence_identity" if forced else "sentence_same", paper=paper, cut=cut, limit=limit)
    if not _finite(row["cut_mark"]):
        return words(language, "sentence_no_mark", paper=paper, way=way, cut=cut)
    sentence = words(
        language, "sentence", paper=paper, cut=cut, equated=shown(row["equated_cut"], "number", 2),
        see=shown(row["cut_see"], "number", 2), mark=shown(row["cut_mark"], "short", 0), way=way, before=row["n_passed"],
        after=row["n_passed_equated"], up=row["n_up"], down=row["n_down"],
    )  # fmt: skip
    see = row["cut_see"]
    uncertain = _finite(see) and abs(row["equated_cut"] - row["cut"]) < normal_quantile(found.settings.confidence) * see
    gap = "" if language == "zh" else " "
    return f"{sentence}{gap}{words(language, 'within_error')}" if uncertain else sentence


def equating_methods(found: EquatingAnalysis | None, language: Language) -> tuple[str, ...]:
    """Return how equating was done, with authors, years and settings, one paragraph each."""
    if found is None or found.status in ("one_paper", "many_papers"):
        return ()
    settings = found.settings
    needs = settings.tiers.needs
    fields: dict[str, dict[str, object]] = {
        "design": {},
        "choice": {
            "mean": needs("mean_equating"), "linear": needs("linear_equating"), "equi": f"{needs('equipercentile'):,}",
            "see": f"{settings.see_below:g}", "alike": f"{settings.alike_within:g}",
        },
        "anchors": {
            "z": f"{settings.robust_z:g}", "shift": f"{settings.least_shift:g}", "certain": f"{settings.certain_z:g}",
            "enough": settings.anchors_enough, "share": f"{settings.anchor_share:.0%}",
        },
        "errors": {},
        "smoothing": {"criterion": settings.choose_by.upper(), "s": f"{settings.spline_s:g}"},
    }  # fmt: skip
    return tuple(words(language, f"method_{name}", **given) for name, given in fields.items())


def _anchor_blocks(found: EquatingAnalysis, language: Language) -> list[Block]:
    if found.anchors.is_empty():
        return []
    papers = found.anchors["paper"].unique(maintain_order=True).to_list()[:MOST_FIGURES]
    drawn = [
        anchor_figure(found.anchors.filter(pl.col("paper") == paper), paper, n, language) for n, paper in enumerate(papers, 1)
    ]
    figures: list[Figure] = [figure for figure in drawn if figure is not None]
    table = found.anchors.with_columns(pl.when("used").then(pl.lit("used")).otherwise("reason").alias("reason"))
    return [*figures, _table("anchors", "table_anchors", table, ANCHORS, language, ("note_anchors",), ANCHORS_DATA_ONLY)]


WORDED = {"status": "status", "method": "way", "reason": "reason", "side": "side", "see_source": "source"}


def _table(
    name: str,
    caption: str,
    frame: pl.DataFrame,
    columns: Columns,
    language: Language,
    notes: tuple[str, ...],
    data_only: tuple[str, ...] = (),
) -> Table:
    heads = tuple(
        Column(column, words(language, f"col_{column}"), kind, digits, data_only=column in data_only)
        for column, kind, digits in columns
    )
    rows = tuple(
        tuple(_cell(column, row[column], language) for column, _, _ in columns) for row in frame.iter_rows(named=True)
    )
    links = "item" if any(column == "item" for column, _, _ in columns) else ""
    return Table(
        name, words(language, caption), heads, rows, tuple(words(language, note) for note in notes), sortable=True, links=links
    )


def _cell(column: str, value: Any, language: Language) -> Any:
    if column in WORDED:
        return words(language, f"{WORDED[column]}_{value}") if value else ""
    if isinstance(value, bool):
        return words(language, "yes" if value else "no")
    return value


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
