"""What people decided about the items, how often the answers were marked, and the box that a card leaves for it."""

from __future__ import annotations

from collections.abc import Sequence

from qbank.report.blocks import Block, Column, Table, Text, Verdict
from qbank.report.sitting.meta import DecisionLine, ScoringLine, SittingMeta
from qbank.report.sitting.words import Texts

CHOICES = ("keep", "revise", "rekey", "accept", "drop", "credit", "retire", "enemy")
"""The verdicts of `qbank decide`, as a form would list them: from nothing to do to never again."""


def decision_blocks(meta: SittingMeta, t: Texts) -> tuple[Block, ...]:
    """Return the log: each decision with who took it, when and why, and each time that the answers were marked."""
    columns = (
        Column("number", t("col_number"), "integer"), Column("item", t("col_item")), Column("verdict", t("col_decided")), Column("named", t("col_named")),
        Column("why", t("col_reason"), "prose"), Column("who", t("col_who")), Column("at", t("col_at")),
    )  # fmt: skip
    rows = tuple(
        (number, line.item, t(f"choice_{line.verdict}"), line.named, line.why, line.who, line.at)
        for number, line in enumerate(meta.decisions, 1)
    )
    blocks: list[Block] = [Table("decisions", t("table_decisions"), columns, rows, links="item")] if rows else []
    if not rows:
        blocks.append(Text(t("no_decisions"), "note"))
    if meta.scorings:
        blocks.append(_scorings(meta.scorings, t))
    return tuple(blocks)


def _scorings(scorings: Sequence[ScoringLine], t: Texts) -> Table:
    columns = (
        Column("number", t("col_run"), "integer"), Column("at", t("col_at")), Column("who", t("col_who")),
        Column("why", t("col_reason"), "prose"), Column("n", t("col_n"), "integer"),
        Column("n_passed", t("col_n_passed"), "integer"), Column("change", t("col_change"), "integer"),
        Column("current", t("col_current")),
    )  # fmt: skip
    before = (None, *(line.n_passed for line in scorings))
    rows = tuple(
        (
            line.number, line.at, line.who, line.why, line.n, line.n_passed,
            None if former is None else line.n_passed - former, t("yes") if line.current else "",
        )
        for line, former in zip(scorings, before, strict=False)
    )  # fmt: skip
    return Table("scorings", t("table_scorings"), columns, rows, (t("note_scorings"),))


def standing_decision(item: str, decisions: Sequence[DecisionLine]) -> DecisionLine | None:
    """Return the decision about an item that holds, None before one: the last, that of an enemy only where there is no other."""
    own = [line for line in decisions if line.item == item]
    return next((line for line in reversed(own) if line.verdict != "enemy"), own[-1] if own else None)


def verdict_of(item: str, decisions: Sequence[DecisionLine], t: Texts) -> Verdict:
    """Return the box of an item's card: ticked and signed as the last decision says, else blank.

    That an item is another's enemy says nothing against an earlier decision about the item itself.
    """
    standing = standing_decision(item, decisions)
    words = tuple(t(f"choice_{verdict}") for verdict in CHOICES)
    if standing is None:
        labels = ("col_named", "col_reason", "col_who", "col_at")
        return Verdict(t("verdict_box"), words, "", tuple((t(label), "") for label in labels))
    lines = (
        (t("col_named"), standing.named or "–"), (t("col_reason"), standing.why), (t("col_who"), standing.who),
        (t("col_at"), standing.at),
    )  # fmt: skip
    return Verdict(t("verdict_box"), words, t(f"choice_{standing.verdict}"), lines)
