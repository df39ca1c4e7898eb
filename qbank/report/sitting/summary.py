"""The first page: who came, who passed, which items wait for a decision."""

from __future__ import annotations

from collections.abc import Mapping

from qbank.analysis import SittingAnalysis
from qbank.analysis.sitting import Excluded
from qbank.report.blocks import (
    Badge,
    Block,
    Column,
    Fact,
    Facts,
    Table,
    Text,
)
from qbank.report.sitting.found import Found, Suspicion
from qbank.report.sitting.many_papers import cuts_of_many
from qbank.report.sitting.meta import SittingMeta
from qbank.report.sitting.words import (
    Texts,
    columns_of,
    interval_note,
    marks_text,
    number,
    rows_of,
    size_notes,
)


def summary_blocks(
    analysis: SittingAnalysis, meta: SittingMeta, flags: Mapping[str, tuple[Badge, ...]], found: Found, t: Texts
) -> tuple[Block, ...]:
    """Return who came and passed, what is left out, the rates by paper and group, the items that wait for a decision."""
    everyone = analysis.rates.row(0, named=True)
    left_out = analysis.excluded
    held = [item for item, badges in flags.items() if any(badge.tone == "hold" for badge in badges)]
    interval = interval_note(t, everyone["rate_low"], everyone["rate_high"], "percent", 1)
    score = t("under_mean", sd=number(everyone["sd"]))
    facts = (
        Fact("n_present", t("present"), analysis.n_persons, "integer"),
        Fact("pass_rate", t("pass_rate"), everyone["rate"], "percent", 1, interval),
        Fact("mean", t("mean_score"), everyone["mean"], "number", 2, score),
        Fact("cut", t("cut"), marks_text(analysis.cut), note=cut_note(analysis, t)),
        Fact(
            "n_papers", t("n_papers"), len(analysis.forms), "integer", 0, t("under_items", n=analysis.n_items)
        ),
        Fact("n_held", t("n_held"), len(held), "integer", 0, t("under_held")),
    )
    blocks: list[Block] = [Facts("summary", facts)]
    if meta.standings:
        columns = (Column("standing", t("col_standing")), Column("n", t("col_n"), "integer"), Column("meaning", t("col_raises"), "prose"))
        told = tuple((t(f"standing_{word}"), n, t(f"standing_{word}_means")) for word, n in meta.standings)
        blocks.append(Table("standings", t("table_standings"), columns, told))
    if not meta.standings or left_out.answers_void or left_out.answers_withheld:
        blocks.append(_left_out(left_out, t))
    if analysis.n_persons < analysis.thresholds.suppress_below:
        blocks.append(Text(t("warn_suppressed", n=analysis.thresholds.suppress_below), "warning"))
    elif analysis.n_persons < analysis.thresholds.small_below:
        blocks.append(Text(t("warn_small", n=analysis.thresholds.small_below), "warning"))
    blocks.append(_rates_table(analysis, meta, t))
    if held:
        blocks.append(_held_table(analysis, flags, found, t))
    return tuple(blocks)


def _left_out(left_out: Excluded, t: Texts) -> Text:
    return Text(
        t(
            "left_out", void=left_out.persons_void, withheld=left_out.persons_withheld, absent=left_out.persons_absent,
            void_answers=left_out.answers_void, withheld_answers=left_out.answers_withheld,
        ),
        "note",
    )  # fmt: skip


def cut_note(analysis: SittingAnalysis, t: Texts) -> str:
    """Return the cuts of the papers whose equated cut was accepted, "" where there are none."""
    other = [(form, cut) for form, cut in zip(analysis.forms, analysis.cuts, strict=False) if cut != analysis.cut and cut == cut]
    if other and analysis.spread is not None:
        return cuts_of_many(dict(other), t)
    return t("cuts_of_papers", papers=t("list_comma").join(f"{form} {marks_text(cut)}" for form, cut in other)) if other else ""


def _rates_table(analysis: SittingAnalysis, meta: SittingMeta, t: Texts) -> Table:
    columns = columns_of(
        t,
        ("by", "text", 0),
        ("value", "text", 0),
        ("n", "integer", 0),
        ("n_passed", "integer", 0),
        ("rate", "percent", 1),
        ("rate_low", "percent", 1),
        ("rate_high", "percent", 1),
        ("mean", "number", 2),
        ("sd", "number", 2),
    )
    words = {"all": t("by_all"), "form": t("by_form"), **dict(meta.group_titles)}
    titles = {paper.form: f"{paper.form} {paper.title}".strip() for paper in meta.papers}
    rows = tuple(
        (words.get(str(by), by), titles.get(str(value), value) if by == "form" else value, *rest)
        for by, value, *rest in rows_of(analysis.rates, columns)
    )
    notes = (
        t("note_rates", cut=f"{marks_text(analysis.cut)}{cut_note(analysis, t)}"),
        *size_notes(analysis.rates["n"], analysis.thresholds, t),
        *_withheld_note(analysis, t),
    )
    return Table("rates", t("table_rates"), columns, rows, notes)


def _withheld_note(analysis: SittingAnalysis, t: Texts) -> tuple[str, ...]:
    """Return why a group shows nothing though it is large enough: a small one would follow from it."""
    least, rates = analysis.thresholds.suppress_below, analysis.rates
    withheld = (rates["n"] >= least) & rates["n_passed"].is_null()
    return (t("note_withheld_groups", n=least),) if withheld.any() else ()


def _held_table(analysis: SittingAnalysis, flags: Mapping[str, tuple[Badge, ...]], found: Found, t: Texts) -> Table:
    columns = (
        Column("item", t("col_item")),
        Column("flags", t("col_flags"), "badges"),
        Column("why", t("col_why"), "prose"),
        Column("cause", t("col_cause"), "prose"),
        Column("suggestion", t("col_suggestion"), "prose"),
    )
    nothing = Suspicion("", "")
    rows = tuple(
        (
            item, holding, t("between_sentences").join(badge.why for badge in holding), found.suspected.get(item, nothing).cause,
            found.suspected.get(item, nothing).action,
        )
        for item in analysis.items["item"]
        if (holding := tuple(badge for badge in flags[item] if badge.tone == "hold"))
    )  # fmt: skip
    return Table("held", t("table_held"), columns, rows, (t("note_held"),), links="item")
