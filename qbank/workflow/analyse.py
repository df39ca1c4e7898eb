"""From marks to knowledge about items: the analysis of a sitting, its report and the use of its items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from qbank.analysis import SittingAnalysis, SittingData, analyse
from qbank.analysis.analyse import unknown_groups
from qbank.analysis.arrays import read_only
from qbank.analysis.calibrated import CalibratedItems
from qbank.core.history import History, Use
from qbank.ledger import (
    StoredCalibration,
    bank_of,
    calibrations_of,
    decisions_of,
    read_history,
    unmatched_of,
    write_analysis,
)
from qbank.messages.lists import some
from qbank.problem import Problem, Span, warning
from qbank.workflow.analysed_calibration import calibrated_of
from qbank.workflow.analysed_cards import card_extras
from qbank.workflow.analysed_data import analysed_data, as_answered
from qbank.workflow.analysed_log import numbers_of, sitting_log
from qbank.workflow.analysed_report import write_report
from qbank.workflow.analysis_settings import analysis_settings
from qbank.workflow.control import judge_sitting
from qbank.workflow.parts import case_uses
from qbank.workflow.repeaters import sat_before
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.sitting import sitting_bank
from qbank.workflow.sitting_facts import standing_counts
from qbank.workflow.usage import write_usage_data
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Analysed:
    """analysis : all tables ; files : what was written ; held : item → (flag, suggested key), those that nobody decided about"""

    analysis: SittingAnalysis
    files: tuple[Path, ...]
    held: Mapping[str, tuple[str, str]]


def analyse_sitting(
    id: str, workspace: Workspace, *, into: Path, bank_path: Path | None = None
) -> tuple[Analysed | None, list[Problem]]:
    """Keep the use of the items in the ledger, and write the report of a sitting as page, PDF, JSON, workbook, CSV and usage data."""
    scored, problems = score_sitting(id, workspace, bank_path)
    if scored is None:
        return None, problems
    tables = sitting_tables(scored, workspace)
    data, calibrated, known, analysis = tables.data, tables.calibrated, tables.history, tables.analysis
    held: dict[str, tuple[str, str]] = {}
    for row in analysis.flags.filter(pl.col("holds")).iter_rows(named=True):
        held.setdefault(str(row["item"]), (str(row["code"]), str(row["option"] or "")))
    bank, _ = sitting_bank(scored.stored.record.bank, workspace, bank_path)
    _store_use(scored, analysis, held, workspace)
    news = _out_of_control(id, workspace)  # first: what it finds stands in the report
    ledger = workspace.open()
    try:
        extras, log = card_extras(data.items, ledger, workspace.language), sitting_log(ledger, id)
    finally:
        ledger.close()
    standings, repeaters = _standings(scored, workspace)
    log = replace(log, standings=standings, numbers=numbers_of(scored, data.row.tolist()) if log.released else None)
    files = write_report(scored, analysis, bank, extras, into, workspace.language, log)
    usage, left_out = write_usage_data(scored, data, analysis, calibrated, known, into, workspace.language)
    files += (usage,)
    unknown = [warning("C135", Span(id), column=column, group=word) for column, word in unknown_groups(data, analysis.settings)]
    problems += [*left_out, *unknown, *repeaters, *news]
    settled = {line.item for line in log.decisions}
    return Analysed(analysis, files, {item: found for item, found in held.items() if item not in settled}), problems


@dataclass(frozen=True, slots=True, eq=False)
class SittingTables:
    """data : the arrays ; calibrated : its items with parameters ; history : what past sittings say ; analysis : all tables"""

    data: SittingData
    calibrated: CalibratedItems | None
    history: History
    analysis: SittingAnalysis


def sitting_tables(scored: ScoredSitting, workspace: Workspace) -> SittingTables:
    """Return every table of a scored sitting, with what the ledger knows of its items; nothing is stored."""
    known, decided, calibrations = _known(scored.stored.record.id, workspace)
    data = analysed_data(scored)
    waiting = [scored.marking[item].fingerprint in known.held and item not in decided for item in data.items]
    data = replace(data, held=read_only(np.array(waiting, bool)))
    calibrated = calibrated_of(scored, data, known, calibrations)
    answered = analysed_data(as_answered(scored)) if scored.credited else None
    # hundreds of small matrices: threads would cost more to wake than they do
    with threadpool_limits(1, user_api="blas"):
        analysis = analyse(
            data, design=scored.stored.record.design, settings=analysis_settings(workspace.analysis), calibrated=calibrated,
            decided=decided, answered=answered, credited=scored.credited,
        )  # fmt: skip
    return SittingTables(data, calibrated, known, analysis)


def _known(id: str, workspace: Workspace) -> tuple[History, frozenset[str], tuple[StoredCalibration, ...]]:
    """Return what past sittings say, the items of this one about which people decided, and its calibrations."""
    ledger = workspace.open()
    try:
        decided = frozenset(decision.item for decision in decisions_of(ledger, id))
        return read_history(ledger, bank=bank_of(ledger, id)), decided, calibrations_of(ledger, id)
    finally:
        ledger.close()


def _standings(scored: ScoredSitting, workspace: Workspace) -> tuple[tuple[tuple[str, int], ...], list[Problem]]:
    """Return how many were registered, present, absent, void, withheld, not matched with earlier sittings, sat one, had items
    of this one there; and a warning where anybody sat before."""
    id, responses = scored.stored.record.id, scored.stored.responses
    ledger = workspace.open()
    try:
        before, unmatched = sat_before(ledger, responses, scored.forms), sum(one.n for one in unmatched_of(ledger, id))
    finally:
        ledger.close()
    present = scored.scores.present
    n, seen = int((present & before.sat).sum()), int((present & (before.seen > 0)).sum())
    counts = {"registered": len(responses.persons), **standing_counts(responses)}
    counts |= {word: many for word, many in (("unmatched", unmatched), ("sat_before", n), ("seen_before", seen)) if many}
    told = [warning("C128", Span(id), n=n, of=int(present.sum()), sittings=some(before.sittings), seen=seen)] if n else []
    return tuple(counts.items()), told


def _out_of_control(id: str, workspace: Workspace) -> list[Problem]:
    """Return a warning for each item that this sitting showed not to be what it was, once, and keep it as a flag."""
    from qbank.report.history.words import flag_sentence, texts

    ledger = workspace.open()
    try:
        news = judge_sitting(ledger, id).news
    finally:
        ledger.close()
    words = texts(workspace.language)
    return [warning("C129", Span(id), item=flag.item, found=flag_sentence(flag, words)) for flag in news]


def _store_use(
    scored: ScoredSitting, analysis: SittingAnalysis, held: Mapping[str, tuple[str, str]], workspace: Workspace
) -> None:
    flags: dict[str, tuple[str, ...]] = {}
    for row in analysis.flags.iter_rows(named=True):
        flags[row["item"]] = (*flags.get(row["item"], ()), row["code"])
    record = scored.stored.record
    uses = []
    for row in analysis.items.iter_rows(named=True):
        item = row["item"]
        use = Use(
            item, scored.marking[item].fingerprint, record.id, record.date, int(row["n"]), _number(row["facility"]),
            _number(row["item_rest"]), tuple(dict.fromkeys(flags.get(item, ()))),
        )  # fmt: skip
        uses.append((use, item in held))
    for item, found, n in case_uses(scored.forms, scored.stored.responses):
        nothing = float("nan")
        uses.append((Use(item, found, record.id, record.date, n, nothing, nothing, ()), False))
    ledger = workspace.open()
    try:
        write_analysis(ledger, record.id, uses)
    finally:
        ledger.close()


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
