"""The items of a sitting that somebody should look at, worst first: what was found, what is suspected, what was decided."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from qbank.analysis import findings_table, review_table
from qbank.ledger import Decision, ItemFlag, decisions_of, flags_of, item_series
from qbank.problem import Problem
from qbank.workflow.analyse import sitting_tables
from qbank.workflow.raised import raised_of
from qbank.workflow.rekeying import unknown_item
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.workspace import Workspace

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Earlier:
    """How an item did in an earlier sitting: n persons and facility; same : whether it was the same revision."""

    sitting: str
    date: str
    n: int
    facility: float
    same: bool


@dataclass(frozen=True, slots=True)
class Review:
    """One item of the queue.

    place : in the whole queue, from 1 ; codes : gravest first ; findings : rows of `findings_table` ; cause, action, named : of
    all findings together, `CAUSES` ; confidence : of their intervals ; command : that decides it so ; decisions : of this sitting, oldest first ; earlier :
    oldest first
    """

    place: int
    item: str
    n: int
    facility: float
    item_rest: float
    weight: float
    holds: bool
    codes: tuple[str, ...]
    findings: tuple[Mapping[str, Any], ...]
    cause: str
    action: str
    named: str
    command: str
    decisions: tuple[Decision, ...]
    earlier: tuple[Earlier, ...]
    confidence: float = 0.95

    @property
    def decided(self) -> bool:
        """Return whether somebody decided about the item after this sitting."""
        return bool(self.decisions)


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """reviews : those asked for, worst first ; n_items : of the sitting ; n_found, n_undecided : in the whole queue ;
    n_few : items with too few persons for flags, who are below ``needs``"""

    sitting: str
    n_persons: int
    n_items: int
    n_found: int
    n_undecided: int
    n_few: int
    needs: int
    reviews: tuple[Review, ...]


def review_queue(
    id: str, workspace: Workspace, *, item: str | None = None, undecided: bool = False, limit: int | None = None,
    bank_path: Path | None = None,
) -> tuple[ReviewQueue | None, list[Problem]]:  # fmt: skip
    """Return the queue of a sitting: items with findings worst first, then those that were only decided about.

    item : this one only, whether anything was found or not ; undecided : only those about which nobody decided ; limit : the
    first so many. Computed as `qbank analyse` does; nothing is stored. Cost: that of the analysis.
    """
    scored, problems = score_sitting(id, workspace, bank_path)
    if scored is None:
        return None, problems
    if item is not None and (unknown := unknown_item(item, id, scored.forms, scored.marking)):
        return None, [*problems, *unknown]
    analysis = sitting_tables(scored, workspace).analysis
    known = _Known.read(scored, workspace)
    findings = findings_table(analysis, [raised_of(flag) for flag in known.flags])
    numbers = {row["item"]: row for row in analysis.items.iter_rows(named=True)}
    whole = _reviews(id, findings, numbers, known)
    found = [review for review in whole if not undecided or not review.decided]
    if item is not None:
        found = [review for review in found if review.item == item]
        if not found and not any(review.item == item for review in whole):
            found = [_review(id, 0, {"item": item}, findings, numbers[item], known)]
    few = findings.filter(pl.col("code").is_in(["small_n", "suppressed"]))["item"].n_unique()
    return ReviewQueue(
        id, analysis.n_persons, analysis.n_items, sum(bool(review.codes) for review in whole),
        sum(bool(review.codes) and not review.decided for review in whole), few, analysis.thresholds.small_below,
        tuple(found if limit is None else found[:limit]),
    ), problems  # fmt: skip


def decide_command(id: str, item: str, action: str, named: str = "") -> str:
    """Return the command that decides about an item; without an action the one that compares what could be decided.

    >>> decide_command("2026-11", "Q-1", "rekey", "C")
    'qbank decide 2026-11 Q-1 rekey C --why "…"'
    >>> decide_command("2026-11", "Q-1", "")
    'qbank decide 2026-11 Q-1'
    """
    words = [shlex.quote(word) for word in (id, item, action, named) if word]
    return " ".join(["qbank decide", *words, *(['--why "…"'] if action else [])])


@dataclass(frozen=True, slots=True)
class _Known:
    """What the ledger knows of the items of a sitting."""

    flags: tuple[ItemFlag, ...]
    decisions: Mapping[str, tuple[Decision, ...]]
    earlier: Mapping[str, tuple[Earlier, ...]]
    confidence: float

    @classmethod
    def read(cls, scored: ScoredSitting, workspace: Workspace) -> _Known:
        record = scored.stored.record
        ledger = workspace.open()
        try:
            flags, decided, series = flags_of(ledger, record.id), decisions_of(ledger, record.id), item_series(ledger)
        finally:
            ledger.close()
        decisions: dict[str, tuple[Decision, ...]] = {}
        for each in decided:
            same = [former for former in decisions.get(each.item, ()) if (former.at, former.who, former.why) == (each.at, each.who, each.why)]
            if not same:  # a decision may stand twice, on the revision printed and on the one marked by
                decisions[each.item] = (*decisions.get(each.item, ()), each)
        earlier: dict[str, tuple[Earlier, ...]] = {}
        rows = zip(
            series.items, series.fingerprints, series.sittings, series.dates, series.n.tolist(), series.facility.tolist(), strict=True
        )
        for item, print_, sitting, date, n, facility in sorted(rows, key=lambda row: (row[3], row[2])):
            if item in scored.marking and (date, sitting) < (record.date, record.id):
                one = Earlier(sitting, date, n, facility, print_ == scored.marking[item].fingerprint)
                earlier[item] = (*earlier.get(item, ()), one)
        return cls(flags, decisions, earlier, float(workspace.analysis.confidence))


def _reviews(id: str, findings: pl.DataFrame, numbers: Mapping[str, Mapping[str, Any]], known: _Known) -> list[Review]:
    rows = review_table(findings).to_dicts()
    listed = {row["item"] for row in rows}
    rows += [{"item": item} for item in known.decisions if item not in listed and item in numbers]
    return [_review(id, place, row, findings, numbers[row["item"]], known) for place, row in enumerate(rows, 1)]


def _review(
    id: str, place: int, row: Mapping[str, Any], findings: pl.DataFrame, numbers: Mapping[str, Any], known: _Known
) -> Review:
    item = str(row["item"])
    action, named = row.get("action", ""), row.get("named", "")
    return Review(
        place, item, int(numbers["n"]), _number(numbers["facility"]), _number(numbers["item_rest"]), row.get("weight", 0.0),
        row.get("holds", False), tuple(row.get("codes", ())), tuple(findings.filter(pl.col("item") == item).to_dicts()),
        row.get("cause", ""), action, named, decide_command(id, item, action, named), known.decisions.get(item, ()),
        known.earlier.get(item, ()), known.confidence,
    )  # fmt: skip


def _number(value: float | None) -> float:
    return NAN if value is None else float(value)
