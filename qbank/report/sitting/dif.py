"""Which items favour a group: in words for who decides, in figures for who signs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from qbank.analysis.dif import DifAnalysis
from qbank.messages import Language, text
from qbank.report.blocks import (
    Badge,
    Block,
    Cell,
    Column,
    Fact,
    Figure,
    Heading,
    Kind,
    Table,
    Text,
    Tone,
    shown,
)
from qbank.report.sitting.dif_calibrated import calibrated_blocks
from qbank.report.sitting.dif_figure import FOREST_MARGIN, ForestRow, forest_figure

DRAWN = 40
MOST_ITEMS = 250
"""Of more items than these paper shows the largest differences, as many as a figure draws, and those of which a sentence is said."""
TONES: dict[str, Tone] = {"A": "info", "B": "warn", "C": "hold"}
SHOWN: tuple[tuple[str, Kind, int], ...] = (
    ("item", "text", 0), ("group", "text", 0), ("class", "badges", 0), ("n_reference", "integer", 0), ("n_focal", "integer", 0),
    ("facility_reference", "number", 2), ("facility_focal", "number", 2), ("delta", "signed", 2), ("delta_low", "signed", 2),
    ("delta_high", "signed", 2), ("p", "p", 4), ("p_bh", "p", 4), ("p_dif", "signed", 3), ("r2_both", "number", 3),
    ("sibtest", "signed", 3), ("detectable", "number", 2), ("kind", "text", 0), ("anchor", "text", 0),
)  # fmt: skip
OMNIBUS: tuple[tuple[str, Kind, int], ...] = (
    ("item", "text", 0), ("n", "integer", 0), ("gmh", "number", 2), ("gmh_df", "integer", 0), ("gmh_p", "p", 4),
    ("gmh_p_bh", "p", 4), ("r2_both", "number", 3), ("p_both", "p", 4),
)  # fmt: skip


def corrected(columns: tuple[tuple[str, Kind, int], ...], found: DifAnalysis) -> tuple[tuple[str, Kind, int], ...]:
    """Return the columns with p corrected as the settings say; the other correction is in the data files."""
    ending = f"p_{found.settings.correction}"
    return tuple((f"{name.removesuffix('p_bh')}{ending}" if name.endswith("p_bh") else name, kind, digits) for name, kind, digits in columns)


def dif_words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_dif.{name}", **fields)


def dif_blocks(analyses: Sequence[DifAnalysis], titles: Mapping[str, str], language: Language) -> tuple[Block, ...]:
    """Return, column by column, who was compared, what was found in sentences, the forest plots and the table.

    titles : column → the word for it
    """
    if not analyses:
        return (Text(dif_words(language, "none"), "note"),)
    blocks: list[Block] = []
    if any(found.status == "ok" for found in analyses):
        blocks.append(Text(dif_words(language, _own("lead", analyses))))
    for found in sorted(analyses, key=lambda one: one.status != "ok"):
        column = _title(found, titles, language)
        blocks += _of_column(found, column, language) if found.status == "ok" else [Text(_withheld(found, column, language), "note")]
    return tuple(blocks)


def dif_facts(
    analyses: Sequence[DifAnalysis], item: str, titles: Mapping[str, str], language: Language
) -> tuple[Fact, ...]:
    """Return a line for each group with which the item was compared: Δ, interval, class and persons."""
    facts = []
    for found in analyses:
        for row in found.items.filter((pl.col("item") == item) & (pl.col("status") == "ok")).iter_rows(named=True):
            note = dif_words(
                language, "fact_note", low=_signed(row["delta_low"]), high=_signed(row["delta_high"]),
                class_=_grade(row["ets"], language), n=row["n_reference"] + row["n_focal"],
            )  # fmt: skip
            label = dif_words(language, "fact", column=_title(found, titles, language), group=row["group"])
            facts.append(Fact(f"dif:{found.column}:{row['group']}", label, row["delta"], "signed", 2, note))
    return tuple(facts)


def dif_methods(analyses: Sequence[DifAnalysis], language: Language) -> tuple[str, ...]:
    """Return how DIF was computed, with the limits that were set."""
    if not analyses:
        return ()
    limits = analyses[0].settings
    return (
        dif_words(language, _own("method_mh", analyses)), dif_words(language, "method_class"), dif_words(language, "method_purify", steps=limits.max_steps),
        dif_words(language, _own("method_others", analyses), correction=dif_words(language, f"correction_{limits.correction}")),
        *((dif_words(language, "method_irt"),) if any(each.item_response is not None for each in analyses) else ()),
        dif_words(language, "method_needs", total=limits.total_from, focal=limits.focal_from),
    )  # fmt: skip


def _own(name: str, analyses: Sequence[DifAnalysis]) -> str:
    """Return the name of a text, of its own where persons sat papers too many to match within any."""
    return f"{name}_many" if any(found.pooled for found in analyses) else name


def _title(found: DifAnalysis, titles: Mapping[str, str], language: Language) -> str:
    if found.column in titles:
        return titles[found.column]
    return dif_words(language, "column_form") if found.column == "form" else found.column


def _withheld(found: DifAnalysis, column: str, language: Language) -> str:
    if found.status == "one_group":
        return dif_words(language, "one_group", column=column)
    what = "needs_total" if found.needs == found.settings.total_from else "needs_focal"
    return dif_words(language, "withheld", column=column, n=found.n, needs=found.needs, what=dif_words(language, what))


def _of_column(found: DifAnalysis, column: str, language: Language) -> list[Block]:
    comma = dif_words(language, "list_comma")
    n_of = dict(found.groups.select("group", "n").iter_rows())
    groups = comma.join(dif_words(language, "group_n", group=group, n=n_of[group]) for group in found.focal)
    blocks: list[Block] = [
        Heading(dif_words(language, "column", column=column)),
        Text(dif_words(language, "compared", reference=found.reference, n=n_of[found.reference], groups=groups)),
    ]
    for role, words in (("pooled", "pooled"), ("too_few", "few")):
        others = found.groups.filter(pl.col("role") == role)
        if others.height:
            named = comma.join(dif_words(language, "group_n", group=group, n=n) for group, n in others.select("group", "n").head(12).iter_rows())
            named += "…" if others.height > 12 else ""
            blocks.append(Text(dif_words(language, words, groups=named, **({"needs": others["needs"][0]} if role == "too_few" else {})), "note"))
    for group in found.focal:
        blocks += _of_group(found, group, language)
    blocks.append(_table(found, column, language))
    blocks += () if found.pooled else calibrated_blocks(found, column, language)
    if found.omnibus.height:
        blocks.append(_omnibus(found, column, language))
    return blocks


def _of_group(found: DifAnalysis, group: str, language: Language) -> list[Block]:
    table = found.items.filter((pl.col("group") == group) & (pl.col("status") == "ok"))
    if table.is_empty():
        return []
    rows = sorted(table.to_dicts(), key=lambda row: -_size(row["delta"]))
    marked = [row for row in rows if row["ets"] in ("B", "C")]
    comma = dif_words(language, "list_comma")
    facts = {"group": group, "of": len(rows)}
    lead = dif_words(language, "result_some", n=len(marked), items=comma.join(row["item"] for row in marked), **facts) if marked else dif_words(
        language, "result_none", **facts
    )  # fmt: skip
    blocks: list[Block] = [Text(lead)]
    blocks += [Text(_sentence(row, found, language)) for row in rows if row["ets"] in ("B", "C") or row["kind"] == "nonuniform"]
    figure = _forest(rows, found, group, language)
    blocks += [figure] if figure else []
    return [*blocks, *(Text(words, "note") for words in _conditions(found, group, rows, language))]


def _sentence(row: Mapping[str, Any], found: DifAnalysis, language: Language) -> str:
    names = {"focal": row["group"], "reference": found.reference}
    look = {name: dif_words(language, name, **_needed(language, name, names)) for name in ("look_reference", "look_focal", "look_nonuniform")}
    if row["kind"] == "nonuniform":
        return dif_words(language, "item_nonuniform", item=row["item"], look_nonuniform=look["look_nonuniform"], **names)
    favoured = "reference" if row["delta"] < 0 or (row["favours"] == "reference" and not math.isfinite(row["delta"])) else "focal"
    ends = {"delta": _signed(row["delta"]), "low": _signed(row["delta_low"]), "high": _signed(row["delta_high"])}
    points = abs(100 * row["p_dif"])
    key = "size" if row["dichotomous"] else "size_marks"
    ends["chance"] = _chance(row, found, language)
    size = dif_words(language, "size_delta", **ends) if points < 0.5 else dif_words(language, key, points=f"{points:.0f}", **ends)
    word = f"look_{favoured}"
    return dif_words(
        language, f"item_{favoured}", item=row["item"], class_=_grade(row["ets"], language), size=size, **{word: look[word]}, **names
    )


def _chance(row: Mapping[str, Any], found: DifAnalysis, language: Language) -> str:
    """Return the probability after the correction for the number of items, and whether chance alone could have done it."""
    p = row[f"p_{found.settings.correction}"]
    if p is None or not math.isfinite(p):
        return ""
    number = shown(p, "p", 3)
    correction = dif_words(language, f"correction_{found.settings.correction}")
    said = dif_words(language, "chance", p=number if number.startswith("<") else f"= {number}", correction=correction)
    return said if p < found.settings.alpha else said + dif_words(language, "chance_alone")


def _needed(language: Language, name: str, fields: Mapping[str, str]) -> dict[str, str]:
    return {} if name == "look_nonuniform" else dict(fields)


def _conditions(found: DifAnalysis, group: str, rows: list[dict[str, Any]], language: Language) -> list[str]:
    """Return on which matching score and with which power the group was compared."""
    pure = found.purification.filter(pl.col("group") == group).row(0, named=True)
    how = "clean" if pure["status"] == "stable" and not pure["steps"] else pure["status"]
    facts: dict[str, object] = {"anchors": pure["n_anchors"]}
    facts |= {"group": group} if how != "off" else {}
    facts |= {"steps": pure["steps"]} if how in ("stable", "loop", "stopped") else {}
    said = [dif_words(language, f"purified_{how}", **facts)]
    if pure["merged"]:
        said.append(dif_words(language, "merged", group=group, alone=shown(pure["alone"], "percent", 0)))
    known = sorted(row["detectable"] for row in rows if math.isfinite(row["detectable"]))
    if known:
        said.append(dif_words(language, "power", group=group, delta=shown(known[len(known) // 2], "number", 2)))
    return said


def _forest(rows: list[dict[str, Any]], found: DifAnalysis, group: str, language: Language) -> Figure | None:
    known = [row for row in rows if all(math.isfinite(row[name]) for name in ("delta", "delta_low", "delta_high")) and row["ets"]]
    drawn = sorted(known[:DRAWN], key=lambda row: row["delta"])
    if not drawn:
        return None
    spec = forest_figure(
        [ForestRow(row["item"], row["delta"], row["delta_low"], row["delta_high"], row["ets"]) for row in drawn],
        axis_title=dif_words(language, "axis", group=group), band_names={word: dif_words(language, f"key_{word}") for word in "ABC"},
    )  # fmt: skip
    names = {"group": group, "reference": found.reference, "confidence": f"{100 * found.settings.confidence:g}"}
    caption = dif_words(language, "figure", **names) if len(drawn) == len(known) else dif_words(
        language, "figure_part", n=len(drawn), of=len(known), **names
    )  # fmt: skip
    beyond = [row["item"] for row in drawn if abs(row["delta"]) >= 1]
    alt = dif_words(language, "alt", n=len(drawn), items=dif_words(language, "list_comma").join(beyond) or dif_words(language, "alt_nobody"))
    pointers = tuple(
        dif_words(
            language, "pointer", item=row["item"], delta=_signed(row["delta"]), low=_signed(row["delta_low"]), high=_signed(row["delta_high"]),
            class_=_grade(row["ets"], language),
        )
        for row in drawn
    )  # fmt: skip
    return Figure(f"dif:{found.column}:{group}", caption, alt, spec, FOREST_MARGIN, pointers)


def _table(found: DifAnalysis, column: str, language: Language) -> Table:
    """Return every item and group, the largest Δ first; what the page has no room for is in the data files."""
    shown_here = corrected(SHOWN, found)
    empty = {"sibtest"} if found.pooled else set()
    columns = [Column(name, dif_words(language, f"col_{name}"), kind, digits, data_only=name in empty) for name, kind, digits in shown_here]
    here = {name for name, _, _ in shown_here}
    rest = [name for name in found.items.columns if name not in here]
    columns += [Column(name, name, _kind_of(found.items.schema[name]), 4, data_only=True) for name in rest]
    rows = sorted(found.items.to_dicts(), key=lambda row: (row["status"] != "ok", -_size(row["delta"])))
    cells = tuple(tuple(_cell(column.name, row, language) for column in columns) for row in rows)
    notes = [dif_words(
            language, "note_table", confidence=f"{100 * found.settings.confidence:g}",
            correction=dif_words(language, f"correction_{found.settings.correction}"),
        )]  # fmt: skip
    missing = found.items.filter(pl.col("status") != "ok").group_by("status", maintain_order=True).agg(n=pl.col("item").n_unique())
    if missing.height:
        said = dif_words(language, "list_comma").join(dif_words(language, f"status_{status}", n=n) for status, n in missing.iter_rows())
        notes.append(dif_words(language, "note_status", items=said))
    caption = dif_words(language, "table", column=column)
    many = found.items["item"].n_unique() > MOST_ITEMS
    kept = tuple(n for n, row in enumerate(rows) if many and (n < DRAWN or row["ets"] in ("B", "C") or row["kind"] == "nonuniform"))
    told = text(language, "report.rows_on_paper", n=len(kept), of=len(rows)) if kept else ""
    return Table(f"dif_{found.column}", caption, tuple(columns), cells, tuple(notes), sortable=True, links="item", on_paper=kept, paper_note=told)


def _omnibus(found: DifAnalysis, column: str, language: Language) -> Table:
    shown_here = corrected(OMNIBUS, found)
    columns = [Column(name, dif_words(language, f"col_{name}"), kind, digits) for name, kind, digits in shown_here]
    here = {name for name, _, _ in shown_here}
    columns += [
        Column(name, name, _kind_of(kind), 4, data_only=True) for name, kind in found.omnibus.schema.items() if name not in here
    ]
    rows = tuple(found.omnibus.select([column.name for column in columns]).iter_rows())
    caption = dif_words(language, "table_omnibus", column=column)
    return Table(f"dif_{found.column}_groups", caption, tuple(columns), rows, sortable=True, links="item")


def _cell(name: str, row: Mapping[str, Any], language: Language) -> Cell:
    if name == "class":
        grade = row["ets"]
        return (Badge(grade, grade, _grade(grade, language), TONES[grade]),) if grade else ()
    if name == "anchor":
        return dif_words(language, "yes" if row["anchor"] else "no")
    if name == "kind":
        return dif_words(language, f"kind_{row['kind']}") if row["kind"] else ""
    value: Cell = row[name]
    return value


def _kind_of(dtype: pl.DataType) -> Kind:
    return "number" if dtype.is_float() else "integer" if dtype.is_integer() else "text"


def _grade(grade: str, language: Language) -> str:
    return dif_words(language, f"class_{grade}") if grade else ""


def _size(delta: float) -> float:
    return abs(delta) if math.isfinite(delta) else -1.0


def _signed(value: float) -> str:
    return shown(value, "signed", 2)
