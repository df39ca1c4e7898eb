"""equate: from the marks of a sitting to the cut of each paper that equals the cut of the base paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from qbank.analysis import EquatingAnalysis, EquatingSettings, SittingData, analyse, equate_papers
from qbank.analysis.equating import METHOD_NAMES
from qbank.core.history import Estimate
from qbank.files.disk import write_text
from qbank.irt import ItemParameters, item_parameters
from qbank.ledger import decisions_of
from qbank.ledger.estimates import estimates_of
from qbank.problem import Problem, Span, error, warning
from qbank.workflow.analysed_data import analysed_data
from qbank.workflow.naming import some
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Equated:
    """analysis : everything found ; person : by row of the flips, the candidate's number, or the pseudonym where it is forgotten"""

    analysis: EquatingAnalysis
    person: Mapping[int, str]


def equate_sitting(
    id: str, workspace: Workspace, settings: EquatingSettings, *, bank_path: Path | None = None
) -> tuple[Equated | None, list[Problem]]:
    """Return the papers of a sitting equated by its declared design; a design that gives no ground is an error.

    Items with a flag that waits for a decision are out of the anchors. A calibration of the sitting adds IRT equating.
    """
    scored, problems = score_sitting(id, workspace, bank_path)
    if scored is None:
        return None, problems
    design = scored.stored.record.design
    data = analysed_data(scored)
    wrong = _wrong_settings(id, data, settings)
    if wrong:
        return None, [*problems, *wrong]
    ledger = workspace.open()
    try:
        decided = {decision.item for decision in decisions_of(ledger, id)}
        estimates = estimates_of(ledger, id)
    finally:
        ledger.close()
    held = set(analyse(data, design=design, decided=decided).held) if design == "anchor" else set()
    data = replace(data, held=np.array([item in held for item in data.items], bool))
    parameters = known_parameters(estimates)
    try:
        found = equate_papers(data, design, settings=settings, parameters=parameters)
    except ValueError:
        # the names are known, so a method that a pair of papers has not
        return None, [*problems, error("N104", Span(id), method=str(settings.method), design=design)]
    rows = {int(row): _name(scored, int(row)) for row in found.flips["row"]}
    return Equated(found, rows), [*problems, *outcome_problems(id, found)]


def known_parameters(estimates: Mapping[str, Estimate]) -> ItemParameters | None:
    """Return the parameters of a sitting's right-or-wrong items, None where it has none."""
    binary = {item: one for item, one in estimates.items() if one.n_categories == 2 and {"a", "b"} <= {*one.values}}
    if not binary or len({one.scale for one in binary.values()}) > 1:
        return None
    values = [one.values for one in binary.values()]
    a, b, c = ([own.get(name, 0.0) for own in values] for name in ("a", "b", "c"))
    if any(c):
        return item_parameters("3pl", a=a, b=b, c=c, items=list(binary))
    return item_parameters("2pl", a=a, b=b, items=list(binary))


def outcome_problems(id: str, found: EquatingAnalysis) -> list[Problem]:
    """Return why papers were not equated."""
    if found.status == "no_design":
        return [error("N110", Span(id), id=id)]
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
        problems.append(error("N101", Span(id), paper=settings.base, papers=", ".join(data.forms)))
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
