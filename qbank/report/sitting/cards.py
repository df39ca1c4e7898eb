"""One card an item: what was printed, what it did, which option drew whom."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from qbank.analysis import SittingAnalysis
from qbank.report import figures
from qbank.report.blocks import (
    Badge,
    Block,
    Column,
    Fact,
    Facts,
    Figure,
    ItemCard,
    Rich,
    Table,
    Text,
    cards_on_paper,
)
from qbank.report.sitting.curve_figure import curve_figure
from qbank.report.sitting.decisions import verdict_of
from qbank.report.sitting.meta import NO_EXTRA, CardExtra, DecisionLine, ItemText
from qbank.report.sitting.neighbours import neighbour_tables
from qbank.report.sitting.words import (
    Texts,
    columns_of,
    interval_note,
    marks_text,
    number,
    rows_of,
)

MAX_LINES = 6


def card_blocks(
    analysis: SittingAnalysis,
    item_texts: Mapping[str, ItemText],
    flags: Mapping[str, tuple[Badge, ...]],
    t: Texts,
    extras: Mapping[str, CardExtra] | None = None,
    *,
    more: Callable[[str], tuple[Fact, ...]] = lambda _item: (),
    decisions: Sequence[DecisionLine] = (),
    suspected: Callable[[str], str] = lambda _item: "",
) -> tuple[Block, ...]:
    """Return one card an item; extras : what it shows besides this sitting ; more : further figures, such as its DIF.

    decisions : what was decided of the items, in that order ; the box of a card without one is left to be filled in ;
    suspected : what is probably the matter with an item, "" where nothing is
    """
    near = neighbour_tables(analysis, t)
    curves, models = _by_item(analysis.curves), _by_item(analysis.model_curves)
    options, quantiles = _by_item(analysis.options), _by_item(analysis.quantiles)
    lines = _lines_kept(analysis.quantiles)
    suggested = dict(analysis.flags.filter(pl.col("code") == "miskey").select("item", "option").iter_rows())
    cards: list[Block] = [Text(t("note_cards"), "note")]
    for row in analysis.items.iter_rows(named=True):
        item = str(row["item"])
        of_item = item_texts.get(item, ItemText())
        table = _option_table(options[item], of_item, t) if item in options else None
        shares = quantiles.get(item)
        enough = row["n"] >= analysis.thresholds.suppress_below
        figure = (
            _quantile_figure(item, shares, lines[item], suggested.get(item), of_item, t)
            if shares is not None and enough
            else None
        )
        extra = (extras or {}).get(item, NO_EXTRA)
        curve = curve_figure(item, curves[item], models[item], t) if item in curves and enough else None
        where = [of_item.domain, of_item.competency, t("key_is", key=of_item.key) if of_item.key else ""]
        cards.append(
            ItemCard(
                item,
                " · ".join(part for part in where if part),
                t("lead", n=row["n"], facility=number(row["facility"]), rest=number(row["item_rest"])),
                of_item.stem,
                _card_facts(item, row, t, more(item)),
                flags[item],
                table,
                (*(one for one in (figure, curve) if one is not None), *extra.figures),
                (*((near[item],) if item in near else ()), *extra.more),
                extra.verdict or verdict_of(item, decisions, t),
                suspected(item),
            )
        )
    of_items = [card for card in cards if isinstance(card, ItemCard)]
    if len(printed := cards_on_paper(of_items)) < len(of_items):
        cards.insert(1, Text(t("note_cards_on_paper", n=len(printed), of=len(of_items)), "note"))
    return tuple(cards)


def _by_item(table: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
    if table is None or table.is_empty():
        return {}
    return {str(key[0]): part for key, part in table.partition_by("item", as_dict=True).items()}


def _card_facts(item: str, row: Mapping[str, Any], t: Texts, more: tuple[Fact, ...]) -> Facts:
    if row["facility"] is None or not math.isfinite(row["facility"]):
        return Facts(f"item:{item}", (Fact("n", t("col_n"), row["n"], "integer"), *more))
    facility = interval_note(t, row["facility_low"], row["facility_high"], "number", 2)
    rest = interval_note(t, row["item_rest_low"], row["item_rest_high"], "number", 2)
    return Facts(
        f"item:{item}",
        (
            Fact("n", t("col_n"), row["n"], "integer"),
            Fact("facility", t("col_facility"), row["facility"], "number", 3, facility),
            Fact("item_rest", t("col_item_rest"), row["item_rest"], "number", 3, rest),
            Fact("biserial", t("col_biserial"), row["biserial"], "number", 3),
            Fact("item_total", t("col_item_total"), row["item_total"], "number", 3),
            Fact("d27", t("col_d27"), row["d27"], "number", 3),
            Fact("omitted", t("col_omitted"), row["omitted"], "percent", 1),
            Fact("not_reached", t("col_not_reached"), row["not_reached"], "percent", 1),
            Fact("alpha_if_dropped", t("col_alpha_if_dropped"), row["alpha_if_dropped"], "number", 3),
            Fact("variance", t("col_variance"), row["variance"], "number", 3),
            Fact(
                "mean",
                t("col_mean_marks"),
                row["mean"],
                "number",
                2,
                t("of_marks", marks=marks_text(row["marks_max"])),
            ),
            *more,
        ),
    )


def _option_table(options: pl.DataFrame, of_item: ItemText, t: Texts) -> Table:
    columns = columns_of(
        t,
        ("option", "text", 0),
        ("role", "text", 0),
        ("n", "integer", 0),
        ("share", "percent", 1),
        ("share_low", "percent", 1),
        ("share_mid", "percent", 1),
        ("share_high", "percent", 1),
        ("rest_correlation", "number", 2),
        ("mean_score", "number", 1),
    )
    listed = options.filter((pl.col("role") == "key") | (pl.col("role") == "distractor") | (pl.col("n") > 0))
    # what people wrote themselves, or letters they combined, are no distractors that somebody invented
    letters = all(len(option) <= 1 for option in options["option"])
    rows = []
    for position, (option, role, *rest) in zip(listed["position"], rows_of(listed, columns), strict=True):
        word = of_item.shown(str(option)) if role in ("key", "distractor") else t(f"role_{role}")
        body = of_item.options[position] if position < len(of_item.options) else Rich()
        said = "role_other" if role == "distractor" and not letters else f"role_{role}"
        rows.append((word, body, t(said), *rest))
    if not options["n"].drop_nulls().len():  # too few persons: what could be chosen, nothing of who did
        columns = tuple(replace(column, data_only=column.name not in ("option", "role")) for column in columns)
    with_text = (columns[0], Column("text", t("col_text"), "rich"), *columns[1:])
    if not of_item.options:
        return Table("options", t("table_options"), columns, tuple((row[0], *row[2:]) for row in rows))
    return Table("options", t("table_options"), with_text, tuple(rows))


def _lines_kept(shares: pl.DataFrame | None) -> dict[str, set[int]]:
    """Return the options that the quantile plot of each item shows: the key, then what attracted most, six lines at most."""
    kept: dict[str, set[int]] = defaultdict(set)
    if shares is None or shares.is_empty():
        return kept
    attracted = shares.group_by("item", "position", "option", "role", maintain_order=True).agg(pl.col("share").mean())
    listed = attracted.filter(
        (pl.col("role") == "key") | (pl.col("role") == "distractor") | (pl.col("share") > 0.02)
    )
    first = (
        listed.with_columns(first=(pl.col("role") == "key").cast(pl.Int64))
        .sort("first", "share", descending=True, maintain_order=True)
        .group_by("item", maintain_order=True)
        .head(MAX_LINES)
    )
    for item, position in first.select("item", "position").iter_rows():
        kept[str(item)].add(position)
    return kept


def _quantile_figure(
    item: str, shares: pl.DataFrame, kept: set[int], suggested: str | None, of_item: ItemText, t: Texts
) -> Figure | None:
    """Return the quantile plot; kept : positions of the options that it shows"""
    points = []
    for row in shares.iter_rows(named=True):
        if row["position"] not in kept:
            continue
        share = row["share"]
        if share is None or not math.isfinite(share):
            continue
        label = of_item.shown(row["option"]) if row["role"] in ("key", "distractor") else t(f"role_{row['role']}")
        rival = row["role"] == "distractor" and row["option"] == suggested
        points.append(
            {
                "option": str(row["position"]),
                "label": _short(label) + (t("key_mark") if row["role"] == "key" else ""),
                "role": "rival" if rival else row["role"],
                "group": row["group"],
                "share": round(share, 6),
            }
        )
    if not points:
        return None
    n_groups = shares["group"].max()
    spec = figures.quantile_plot(points, group_title=t("axis_fifth", groups=n_groups), share_title=t("axis_option"))
    return Figure(
        f"quantiles:{item}", t("figure_quantiles"), t("alt_quantiles", item=item, groups=n_groups), spec, figures.CARD_MARGIN
    )


def _short(label: str) -> str:
    return label if len(label) <= 7 else label[:6] + "…"
