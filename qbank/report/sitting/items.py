"""The item table, its picture, and the flags in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from qbank.analysis import SittingAnalysis, Thresholds
from qbank.report import figures
from qbank.report.blocks import (
    MISSING,
    Badge,
    Block,
    Column,
    Figure,
    Kind,
    Table,
    Text,
    Tone,
    shown,
)
from qbank.report.sitting.found import Found
from qbank.report.sitting.meta import NO_TEXT, ItemText
from qbank.report.sitting.words import (
    Texts,
    columns_of,
    number,
    rows_of,
    size_notes,
)

TONES: tuple[Tone, ...] = ("hold", "warn", "info")


def _tone(code: str, holds: bool) -> Tone:
    if holds:
        return "hold"
    return "info" if code in ("non_functioning", "small_n", "suppressed", "no_data") else "warn"


def badges_by_item(
    analysis: SittingAnalysis, item_texts: Mapping[str, ItemText], t: Texts, found: Found | None = None
) -> dict[str, tuple[Badge, ...]]:
    """Return the badges of every item, one a code: options of the same code are named together.

    found : what other topics and earlier sittings found, and what was decided: an item about which people decided is not
    held any more
    """
    found = found or Found()
    rest = dict(zip(analysis.items["item"], analysis.items["item_rest"], strict=True))
    badges: dict[str, tuple[Badge, ...]] = dict.fromkeys(analysis.items["item"], ())
    keyed = analysis.options.filter(pl.col("role") == "key").group_by("item", maintain_order=True)
    keys = dict(keyed.agg(pl.col("option").str.join("/")).iter_rows())
    grouped = analysis.flags.group_by("item", "code", maintain_order=True).agg(
        pl.col("holds").first(), pl.col("option"), pl.col("value").first(), pl.col("limit").first()
    )
    for item, code, holds, options, value, limit in grouped.iter_rows():
        named = item_texts[item].key if item in item_texts else keys.get(item, "")
        kind = _FLAG_KINDS.get(code, "percent")
        why = t(
            f"why_{code}",
            option=t("list_comma").join(item_texts.get(item, NO_TEXT).shown(option) for option in options if option is not None),
            value=shown(value, kind, 0 if code == "non_functioning" else 3 if kind == "number" else 1),
            limit=shown(limit, kind, 2 if kind == "number" else 0),
            key=named or MISSING,
            key_value=number(rest[item], 3),
        )
        badges[item] += (Badge(code, t(f"flag_{code}"), why, _tone(code, holds and item not in found.decided)),)
    for item, more in found.badges.items():
        badges[item] = tuple(sorted((*badges[item], *more), key=lambda badge: TONES.index(badge.tone)))
    for item in analysis.items.filter(~pl.col("scored"))["item"]:
        if item not in found.decided and item not in found.marked:
            badges[item] = (Badge("pretest", t("flag_pretest"), t("why_pretest"), "info"), *badges[item])
    for item, said in {**found.marked, **found.decided}.items():
        if item in badges:
            badges[item] = (said, *badges[item])
    return badges


_FLAG_KINDS: dict[str, Kind] = {
    "miskey": "number",
    "negative": "number",
    "low_discrimination": "number",
    "too_easy": "number",
    "too_hard": "number",
    "constant": "number",
    "small_n": "integer",
    "suppressed": "integer",
    "no_data": "integer",
}


def item_blocks(
    analysis: SittingAnalysis, flags: Mapping[str, tuple[Badge, ...]], t: Texts
) -> tuple[Block, ...]:
    if analysis.items.is_empty():
        return (Text(t("no_items"), "note"),)
    many = len(analysis.forms) > 1
    columns = columns_of(
        t,
        ("item", "text", 0),
        *((("forms", "text", 0),) if many else ()),
        ("n", "integer", 0),
        ("facility", "number", 3),
        ("facility_low", "number", 2),
        ("facility_high", "number", 2),
        ("item_rest", "number", 3),
        ("item_rest_low", "number", 2),
        ("item_rest_high", "number", 2),
        ("item_total", "number", 3),
        ("biserial", "number", 3),
        ("d27", "number", 3),
        ("variance", "number", 3),
        ("omitted", "percent", 1),
        ("not_reached", "percent", 1),
        ("alpha_if_dropped", "number", 3),
        data_only=("item_total", "biserial", "variance", "alpha_if_dropped"),
    )
    columns = tuple(
        replace(column, note=_definition(column.name, t), data_only=column.data_only or not _stands(analysis.items[column.name]))
        for column in columns
    )
    rows = tuple((*row, flags[str(row[0])]) for row in rows_of(analysis.items, columns))
    notes = (
        t("note_facility"),
        t("note_item_rest"),
        t("note_d27"),
        t("note_omitted"),
        *size_notes(analysis.items["n"], analysis.thresholds, t),
    )
    table = Table(
        "items",
        t("table_items"),
        (*columns, Column("flags", t("col_flags"), "badges")),
        rows,
        notes,
        sortable=True,
        links="item",
    )
    drawn = analysis.items.filter(pl.col("item_rest").is_finite() & pl.col("facility").is_finite())
    if drawn.is_empty():
        return (table,)
    return (_scatter(drawn, flags, analysis.thresholds, t), table)


def _stands(column: pl.Series) -> bool:
    """Return whether anything of the column is known: of a handful of persons nothing is."""
    known = column.drop_nulls()
    return not known.is_empty() and (not known.dtype.is_float() or bool(known.is_finite().any()))


_DEFINED = {
    "facility": "note_facility",
    "item_rest": "note_item_rest",
    "item_total": "note_item_total",
    "biserial": "note_biserial",
    "d27": "note_d27",
    "variance": "note_variance",
    "omitted": "note_omitted",
    "not_reached": "note_omitted",
    "alpha_if_dropped": "note_alpha_if_dropped",
}


def _definition(name: str, t: Texts) -> str:
    return str(t(_DEFINED[name])) if name in _DEFINED else ""


def _scatter(
    drawn: pl.DataFrame, flags: Mapping[str, tuple[Badge, ...]], limits: Thresholds, t: Texts
) -> Figure:
    points = [
        {"item": item, "facility": facility, "item_rest": rest, "tone": _worst(flags[item])}
        for item, facility, rest in drawn.select("item", "facility", "item_rest").iter_rows()
    ]
    low, negative = limits.low_discrimination_below, limits.negative_below
    regions = [
        {"x1": 0, "x2": 1, "y1": -0.4, "y2": negative, "colour": "#f3d3d3"},
        {"x1": 0, "x2": 1, "y1": negative, "y2": low, "colour": "#faedd4"},
        {"x1": 0, "x2": limits.too_hard_below, "y1": low, "y2": 0.8, "colour": "#edf0f3"},
        {"x1": limits.too_easy_above, "x2": 1, "y1": low, "y2": 0.8, "colour": "#edf0f3"},
    ]
    notes = [
        {"x": 0, "y": negative, "label": t("flag_negative")},
        {"x": 0, "y": low, "label": t("flag_low_discrimination")},
        {"x": 0, "y": 0.8, "label": t("flag_too_hard")},
        {"x": limits.too_easy_above, "y": 0.8, "label": t("flag_too_easy_short")},
    ]
    spec = figures.scatter(
        points, regions, notes, facility_title=t("col_facility"), rest_title=t("col_item_rest")
    )
    held = [str(point["item"]) for point in points if point["tone"] == "hold"]
    alt = t("alt_scatter", n=len(points), held=t("list_comma").join(held) or MISSING)
    items = tuple(str(point["item"]) for point in points)
    titles = tuple(
        "\n".join((f"{item}  {facility:.2f} / {rest:.2f}", *(badge.word for badge in flags[item])))
        for item, facility, rest in drawn.select("item", "facility", "item_rest").iter_rows()
    )
    return Figure("scatter", t("figure_scatter"), alt, spec, figures.WIDE_MARGIN, titles, items)


def _worst(badges: Sequence[Badge]) -> str:
    tones = {badge.tone for badge in badges}
    return "hold" if "hold" in tones else "warn" if "warn" in tones else "none"
