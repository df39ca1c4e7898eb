"""What a report of very many papers says of them: how far apart they are, and the few that are most so."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from qbank.analysis import SittingAnalysis
from qbank.analysis.classification import DecisionAccuracy
from qbank.analysis.spread import PaperSpread
from qbank.messages import Language, has_text, text
from qbank.report.blocks import Block, Column, Kind, Section, Table, Text, shown
from qbank.report.sitting.meta import SittingMeta
from qbank.report.sitting.words import Texts, marks_text

GROUP = "report_many_papers"
MOST_EXTREME = 5
QUARTILES = (0.25, 0.5, 0.75)
COLUMNS: tuple[tuple[str, Kind, int], ...] = (
    ("form", "text", 0), ("n", "integer", 0), ("n_items", "integer", 0), ("marks_max", "short", 0), ("expected", "number", 2),
    ("facility", "number", 3), ("cut", "short", 0),
)  # fmt: skip


def own_texts(t: Texts, language: Language, *, confidence: float) -> Texts:
    """Return the texts of the report, those of very many papers in place of the ones that they share a name with."""

    def own(name: str, /, **fields: object) -> str:
        if not has_text(language, f"{GROUP}.{name}"):
            return t(name, **fields)
        return text(language, f"{GROUP}.{name}", confidence=f"{100 * confidence:g}", **fields)

    return own


def spread_blocks(analysis: SittingAnalysis, spread: PaperSpread, meta: SittingMeta, t: Texts, language: Language) -> tuple[Block, ...]:
    """Return how many papers there are, what they let expect, and a table of the hardest and easiest."""
    papers = spread.papers
    if papers.is_empty():
        return (Text(t("one_paper"), "note"),)
    expected = papers["expected"].to_numpy()
    largest = int(papers["n"].to_numpy().max())
    persons = t("many_one_each") if largest == 1 else t("many_several", n=largest)
    low, middle, high = (shown(float(value), "number", 1) for value in (expected.min(), np.median(expected), expected.max()))
    told = t(
        "many_spread", least=low, most=high, middle=middle, sd=shown(math.sqrt(max(spread.variance, 0.0)), "number", 2),
        share=shown(spread.share, "percent", 1),
    )  # fmt: skip
    lead = t("many_lead", papers=f"{papers.height:,}", persons=persons, least=spread.least_had, most=spread.most_had)
    return (Text(t(f"design_{analysis.design}")), Text(lead), Text(told), _distribution(papers, t), _extremes(papers, meta, t))


def _distribution(papers: pl.DataFrame, t: Texts) -> Table:
    columns = (Column("what", t("many_col_what")), *(Column(name, t(f"many_col_{name}"), "short") for name in ("least", "lower", "middle", "upper", "most", "sd")))
    rows = []
    for name, column in (("expected", "expected"), ("facility", "facility"), ("items", "n_items"), ("persons", "n")):
        values = papers[column].to_numpy().astype(float)
        values = values[np.isfinite(values)]
        if len(values):
            spread = float(values.std(ddof=1)) if len(values) > 1 else math.nan
            rows.append((t(f"many_of_{name}"), *np.quantile(values, (0.0, 0.25, 0.5, 0.75, 1.0)).tolist(), spread))
    return Table("paper_spread", t("many_table_spread"), columns, tuple(rows))


def _extremes(papers: pl.DataFrame, meta: SittingMeta, t: Texts) -> Table:
    digests = {paper.form: paper.digest for paper in meta.papers}
    columns = (*(Column(name, t(f"many_col_{name}"), kind, digits) for name, kind, digits in COLUMNS), Column("digest", t("many_col_digest"), data_only=True))
    rows = tuple((*row, digests.get(str(row[0]), "")) for row in papers.select([name for name, _, _ in COLUMNS]).iter_rows())
    n = len(rows)
    places = {*range(min(MOST_EXTREME, n)), *(round(share * (n - 1)) for share in QUARTILES), *range(max(n - MOST_EXTREME, 0), n)}
    kept = tuple(sorted(places))
    note = t("many_note_rows", n=len(kept), of=f"{n:,}")
    return Table("papers", t("table_papers"), columns, rows, (note,), on_paper=kept, page_too=True)


def decision_methods(found: DecisionAccuracy | None, t: Texts, language: Language) -> tuple[str, ...]:
    """Return how decisions about persons of all papers were judged, one paragraph each."""
    if found is None:
        return ()
    reported, near = (text(language, f"report_decision_accuracy.{name}") for name in ("method_reported", "method_near"))
    drawn = t("many_method_intervals", n=found.replications, seed=found.seed, needed=found.needed)
    return (reported, t("many_method_decided"), t("many_method_lee"), t("many_method_figures"), drawn, near)


def paper_lines(meta: SittingMeta, t: Texts) -> tuple[tuple[str, str, str], ...]:
    """Return the papers as the table of versions has them: a line a family, with its digest, and how many stand alone."""
    families: dict[tuple[str, str], int] = {}
    for paper in meta.papers:
        families[paper.family] = families.get(paper.family, 0) + 1
    return tuple((t("by_form"), f"{name} {t('many_family', papers=f'{n:,}')}".strip(), digest) for (name, digest), n in families.items())


def cuts_of_many(other: Mapping[str, float], t: Texts) -> str:
    """Return between which marks the equated cuts of many papers lie."""
    return t("many_cuts", n=f"{len(other):,}", low=marks_text(min(other.values())), high=marks_text(max(other.values())))


def without_names(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks, the column of papers kept to the data files where one row stands for all of them."""
    return tuple(_without_names(block) for block in blocks)


def _without_names(block: Block) -> Block:
    if isinstance(block, Section):
        return replace(block, blocks=without_names(block.blocks))
    if not isinstance(block, Table) or not block.rows:
        return block
    columns = tuple(
        replace(column, data_only=True) if column.name in ("form", "paper") and all(row[n] == "" for row in block.rows) else column
        for n, column in enumerate(block.columns)
    )
    return replace(block, columns=columns)
