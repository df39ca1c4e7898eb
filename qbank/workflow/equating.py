"""equate: from the marks of a sitting to the cut of each paper that equals the cut of the base paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from qbank.analysis import EquatingAnalysis, EquatingSettings, SittingData, Thresholds, equate_papers
from qbank.analysis.analyse import held_back
from qbank.analysis.arrays import read_only
from qbank.analysis.equating import METHOD_NAMES
from qbank.analysis.paper_model import lacking_table
from qbank.core.history import History
from qbank.files.disk import write_text
from qbank.files.family import ENDING
from qbank.ledger import StoredCalibration, bank_of, calibrations_of, decisions_of, read_history
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error, warning
from qbank.workflow.analysed_calibration import calibrated_of
from qbank.workflow.analysed_data import analysed_data
from qbank.workflow.analysis_settings import analysis_settings
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Equated:
    """analysis : everything found ; person : by row of the flips, the candidate's number, or the pseudonym where it is
    forgotten ; lacking : by paper, how many counted items have no parameters"""

    scored: ScoredSitting
    analysis: EquatingAnalysis
    person: Mapping[int, str]
    lacking: pl.DataFrame


def equate_sitting(
    id: str, workspace: Workspace, settings: EquatingSettings, *, bank_path: Path | None = None
) -> tuple[Equated | None, list[Problem]]:
    """Return the papers of a sitting equated by its declared design; a design that gives no ground is an error.

    Items with a flag that waits for a decision are out of the anchors. Where every counted item of both papers has parameters,
    of this sitting's calibration or an earlier one, equating by item response theory stands beside, its population that
    of the calibration.
    """
    scored, problems = score_sitting(id, workspace, bank_path)
    if scored is None:
        return None, problems
    set_by_bank = analysis_settings(workspace.analysis)
    settings = set_by_bank.of_equating(settings)
    wrong = _wrong_settings(id, analysed_data(scored), settings)
    if wrong:
        return None, [*problems, *wrong]
    found, lacking = equated_from(scored, known_of(id, workspace), settings, set_by_bank.thresholds)
    if found is None:
        return None, [*problems, error("N104", Span(id), method=str(settings.method), design=scored.stored.record.design)]
    rows = {int(row): _name(scored, int(row)) for row in found.flips["row"]}
    return Equated(scored, found, rows, lacking), [*problems, *outcome_problems(scored, found)]


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows that equating a sitting wants: history, its calibrations, items about which people decided."""

    history: History
    calibrations: tuple[StoredCalibration, ...]
    decided: frozenset[str]


def known_of(id: str, workspace: Workspace) -> Known:
    """Return what the ledger knows of a sitting that equating wants."""
    ledger = workspace.open()
    try:
        decided = frozenset(decision.item for decision in decisions_of(ledger, id))
        return Known(read_history(ledger, bank=bank_of(ledger, id)), calibrations_of(ledger, id), decided)
    finally:
        ledger.close()


def equated_from(
    scored: ScoredSitting, known: Known, settings: EquatingSettings, thresholds: Thresholds
) -> tuple[EquatingAnalysis | None, pl.DataFrame]:
    """Return the papers of a scored sitting equated, and by paper how many counted items have no parameters.

    None where a pair of papers has not the method that is asked for by name.
    """
    data, design = analysed_data(scored), scored.stored.record.design
    waiting = [scored.marking[item].fingerprint in known.history.held and item not in known.decided for item in data.items]
    data = replace(data, held=read_only(np.array(waiting, bool)))
    if design == "anchor":
        data = held_back(data, thresholds=thresholds, decided=known.decided)
    calibrated = calibrated_of(scored, data, known.history, known.calibrations)
    lacking = lacking_table(data, calibrated)
    try:
        return equate_papers(data, design, settings=settings, parameters=calibrated), lacking
    except ValueError:
        # the names are known, so a method that a pair of papers has not
        return None, lacking


def equated_cuts(id: str, workspace: Workspace) -> Callable[[ScoredSitting], Mapping[str, float]]:
    """Return what gives the lowest mark that passes on each paper after equating, {} where the design permits none.

    It is for the sitting marked in other ways: the method is that of the accepted cuts where there are some.
    """
    known, set_by_bank = known_of(id, workspace), analysis_settings(workspace.analysis)

    def cuts(scored: ScoredSitting) -> Mapping[str, float]:
        accepted = scored.stored.cuts
        methods, bases = {cut.method for cut in accepted}, {cut.base for cut in accepted}
        settings = EquatingSettings(
            base=bases.pop() if len(bases) == 1 else None, method=methods.pop() if len(methods) == 1 else None
        )
        found, _ = equated_from(scored, known, set_by_bank.of_equating(settings), set_by_bank.thresholds)
        rows = () if found is None else found.pairs.filter(pl.col("status") == "ok").select("paper", "cut_mark").iter_rows()
        return {paper: mark for paper, mark in rows if mark is not None and np.isfinite(mark)}

    return cuts


def outcome_problems(scored: ScoredSitting, found: EquatingAnalysis) -> list[Problem]:
    """Return why papers were not equated."""
    id = scored.stored.record.id
    if found.status in ("no_design", "many_papers"):
        families = {form.family.family if form.family is not None else "" for form in scored.forms}
        if len(families) == 1 and (family := families.pop()):
            return [error("N154", Span(id), id=id, family=family, file=f"families/{family}{ENDING}")]
        return [error("N110", Span(id), id=id) if found.status == "no_design" else warning("N115", Span(id), id=id)]
    if found.status != "ok":
        return [warning("N114", Span(id), id=id)]
    problems = []
    for row in found.pairs.iter_rows(named=True):
        facts = {"paper": row["paper"], "base": row["base"]}
        n = min(row["n"], row["n_base"])
        match row["status"]:
            case "few_anchors":
                problems.append(error("N111", Span(id), n=row["n_anchors"], needs=row["needs"], common=row["n_common"], **facts))
            case "few_persons" | "no_data":
                problems.append(warning("N112", Span(id), n=n, needs=row["needs"], **facts))
            case "no_variation":
                problems.append(warning("N113", Span(id), **facts))
    return problems


def write_concordance(found: EquatingAnalysis, path: Path) -> Path:
    """Write every score by every method with its standard error as CSV, a byte order mark before it for Excel."""
    table = found.concordance.with_columns(pl.col(pl.Float64).fill_nan(None))
    write_text(path, table.write_csv(), bom=True)
    return path


def _wrong_settings(id: str, data: SittingData, settings: EquatingSettings) -> list[Problem]:
    problems = []
    if settings.base is not None and settings.base not in data.forms:
        problems.append(error("N101", Span(id), paper=settings.base, papers=some(data.forms, most=8)))
    if settings.method is not None and settings.method not in METHOD_NAMES:
        problems.append(error("N102", Span(id), method=settings.method, methods=", ".join(METHOD_NAMES)))
    unknown = [item for item in settings.anchors or () if item not in data.items]
    if unknown:
        problems.append(error("N103", Span(id), items=some(tuple(unknown))))
    return problems


def _name(scored: ScoredSitting, row: int) -> str:
    person = scored.stored.responses.persons[row]
    known = scored.identities.get(person)
    return known.number if known else person
