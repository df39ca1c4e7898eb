"""combine: the sittings that are parts of one examination joined person by person, as one decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qbank.analysis import reliability_table
from qbank.analysis.classification import PartScores, combined_analysis
from qbank.analysis.tiers import Tiers
from qbank.core.responses import STANDINGS, plain_number
from qbank.files.disk import write_bytes, write_text
from qbank.files.tables import write_csv, write_workbook
from qbank.ledger import Identity
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.report import Report, to_html, to_json, to_pdf
from qbank.report.combined import Combined, CombinedPart, combined_report, list_table
from qbank.workflow.analysed_data import analysed_data
from qbank.workflow.gate import release_problems
from qbank.workflow.report_sheets import report_sheets, table_sheet
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.workspace import Workspace

FloatArray = NDArray[np.float64]
NAN = float("nan")
RULES = ("conjunctive", "compensatory")


@dataclass(frozen=True, slots=True)
class Asked:
    """How sittings are to be combined.

    weights : of a compensatory sum, in the order of the sittings, () alike ; cuts, reliabilities : by sitting, "" every one
    (of a compensatory rule: the sum) ; names : of the parts, () their sittings ; replications : 0 no intervals
    """

    rule: str = "conjunctive"
    weights: tuple[float, ...] = ()
    cuts: Mapping[str, float] | None = None
    reliabilities: Mapping[str, float] | None = None
    names: tuple[str, ...] = ()
    replications: int = 200
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Joined:
    """found : everything that is said ; report : the same as blocks"""

    found: Combined
    report: Report


def combine_sittings(ids: Sequence[str], workspace: Workspace, asked: Asked | None = None) -> tuple[Joined | None, list[Problem]]:
    """Return several sittings as one decision, a person in all of them by the pseudonym that the ledger knows the person by.

    Persons are named once every sitting is released; before that there are counts only.
    """
    given = asked or Asked()
    problems = _wrong_call(ids, given)
    if problems:
        return None, problems
    scored = []
    for id in ids:
        one, wrong = score_sitting(id, workspace)
        problems += wrong
        if one is not None:
            scored.append(one)
    if has_errors(problems) or len(scored) < len(ids):
        return None, problems
    persons = tuple(dict.fromkeys(person for one in scored for person in one.stored.responses.persons))
    names = given.names or tuple(ids)
    parts = [_part(one, name, persons, given) for one, name in zip(scored, names, strict=True)]
    least = Tiers().needs("decision_accuracy")
    analysis = combined_analysis(
        parts, rule=given.rule, weights=given.weights, cut=(given.cuts or {}).get("", NAN) if given.rule == "compensatory" else NAN,
        needed=least, replications=given.replications, seed=given.seed,
    )  # fmt: skip
    closed = [problem for id in ids for problem in release_problems(id, workspace)]
    problems += _unlike(scored) + _unmatched(scored) + _lacking(scored, parts, analysis.status, analysis.n_complete, least)
    for problem in closed:
        facts = dict(problem.facts)
        problems.append(warning("N140", problem.span, id=facts["id"], stage=facts["stage"], command=facts["command"]))
    found = Combined(
        tuple(
            CombinedPart(one.stored.record.id, name, one.stored.record.date, _reliability_source(one, given))
            for one, name in zip(scored, names, strict=True)
        ),
        analysis,
        np.stack([part.total for part in parts], axis=1),
        persons,
        None if closed else _identities(scored, persons),
    )
    return Joined(found, combined_report(found, workspace.language)), problems


def write_combined(
    joined: Joined, *, csv: Path | None = None, xlsx: Path | None = None, html: Path | None = None, pdf: Path | None = None,
    json: Path | None = None,
) -> tuple[Path, ...]:  # fmt: skip
    """Write what is asked for: the list as CSV, every table as workbook, the report as page, PDF and JSON; all are made before one is written."""
    report = joined.report
    page, data = to_html(report) if html else "", to_json(report) if json else ""
    printed = to_pdf(report) if pdf else b""
    if csv:
        sheet = table_sheet(list_table(joined.found, report.language), "list")
        # 45 marks are written 45, not 45.0
        write_csv(csv, sheet.header, [[int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in row] for row in sheet.rows])
    if xlsx:
        write_workbook(xlsx, report_sheets(report))
    if html:
        write_text(html, page)
    if pdf:
        write_bytes(pdf, printed)
    if json:
        write_text(json, data)
    return tuple(path for path in (csv, xlsx, html, pdf, json) if path)


def _part(one: ScoredSitting, name: str, persons: Sequence[str], asked: Asked) -> PartScores:
    """Return a sitting's totals, cuts and standings in the rows of all persons."""
    responses, scores, id = one.stored.responses, one.scores, one.stored.record.id
    place = {person: n for n, person in enumerate(persons)}
    rows = np.array([place[person] for person in responses.persons], dtype=np.int64)
    total, cut = np.full(len(persons), NAN), np.full(len(persons), NAN)
    total[rows] = np.where(scores.present, scores.total, NAN)
    own = _of(asked.cuts, id, every=asked.rule == "conjunctive")
    # a person who is in two files of a sitting counts once, with the later one
    cut[rows] = own if own is not None else one.cut
    standing = ["missing"] * len(persons)
    for row, code in zip(rows.tolist(), responses.standing.tolist(), strict=True):
        standing[row] = STANDINGS[code] if STANDINGS[code] != "present" or np.isfinite(total[row]) else "waiting"
    full = max(float(form.marks) for form in one.forms)
    sem, n_items = _error(one, total[np.isfinite(total)], asked)
    return PartScores(name, total, cut, tuple(standing), full, sem, n_items)


def _of(given: Mapping[str, float] | None, id: str, *, every: bool) -> float | None:
    values = given or {}
    return values[id] if id in values else values.get("") if every else None


def _error(one: ScoredSitting, totals: FloatArray, asked: Asked) -> tuple[float, int]:
    """Return the standard error of a total, and of how many questions the alpha is that it comes from.

    Of several papers the mean of the error variances, weighted by persons. 0 questions: the reliability was given.
    """
    given = _of(asked.reliabilities, one.stored.record.id, every=True)
    if given is not None:
        return (float(totals.std(ddof=1) * np.sqrt(1 - given)) if totals.size > 1 else NAN), 0
    table = reliability_table(analysed_data(one)) if totals.size else None
    # an alpha that is not above 0 says that there is none: one question alone varies, or a key is wrong
    known = [] if table is None else [row for row in table.iter_rows(named=True) if (row["alpha"] or NAN) > 0]
    if not known:
        return NAN, 0
    n = np.array([row["n"] for row in known], float)
    variance = np.array([row["sem"] ** 2 for row in known])
    return float(np.sqrt((n * variance).sum() / n.sum())), max(row["n_items"] for row in known)


def _reliability_source(one: ScoredSitting, asked: Asked) -> str:
    return "given" if _of(asked.reliabilities, one.stored.record.id, every=True) is not None else "alpha"


def _identities(scored: Sequence[ScoredSitting], persons: Sequence[str]) -> tuple[tuple[Identity | None, ...], ...]:
    """Return who each person is in each sitting, None where not in it or forgotten."""
    return tuple(tuple(one.identities.get(person) for one in scored) for person in persons)


def _wrong_call(ids: Sequence[str], asked: Asked) -> list[Problem]:
    """Return what is wrong with how sittings are to be combined."""
    problems = [error("N130", Span(id), id=id) for id, n in Counter(ids).items() if n > 1]
    if asked.rule not in RULES:
        problems.append(error("N131", Span("--rule"), rule=asked.rule, rules=", ".join(RULES)))
    if asked.weights and asked.rule == "conjunctive":
        problems.append(error("N132", Span("--weights")))
    if asked.weights and (len(asked.weights) != len(ids) or not all(np.isfinite(w) and w > 0 for w in asked.weights)):
        problems.append(error("N133", Span("--weights"), found=", ".join(f"{w:g}" for w in asked.weights), n=len(ids)))
    if asked.names and (len(asked.names) != len(ids) or len(set(asked.names)) < len(ids) or not all(asked.names)):
        problems.append(error("N134", Span("--names"), found=", ".join(asked.names), n=len(ids)))
    for option, values, low, high in (("--cut", asked.cuts, 0.0, np.inf), ("--reliability", asked.reliabilities, 0.0, 1.0)):
        for id, value in (values or {}).items():
            if id and id not in ids:
                problems.append(error("N135", Span(option), id=id, ids=", ".join(ids)))
            if not low <= value <= high or not np.isfinite(value):
                problems.append(error("N136", Span(option), found=f"{value:g}", range="≥ 0" if option == "--cut" else "0–1"))
    return problems


def _unlike(scored: Sequence[ScoredSitting]) -> list[Problem]:
    """Return a warning where the sittings are of another occupation or level."""
    first = scored[0].stored.record
    others = [
        one.stored.record.id for one in scored[1:]
        if (first.occupation and one.stored.record.occupation and one.stored.record.occupation != first.occupation)
        or (first.level and one.stored.record.level and one.stored.record.level != first.level)
    ]  # fmt: skip
    return [warning("N137", Span(first.id), id=first.id, others=", ".join(others))] if others else []


def _unmatched(scored: Sequence[ScoredSitting]) -> list[Problem]:
    """Return a warning where persons stand in one sitting only, but with a number that another sitting has for somebody else."""
    known = [set(one.stored.responses.persons) for one in scored]
    alone = [
        {plain_number(who.number) for person, who in one.identities.items() if who.number and sum(person in each for each in known) == 1}
        for one in scored
    ]
    n = sum(count > 1 for count in Counter(number for numbers in alone for number in numbers).values())
    return [warning("N138", Span(scored[0].stored.record.id), n=n)] if n else []


def _lacking(
    scored: Sequence[ScoredSitting], parts: Sequence[PartScores], status: str, n: int, needed: int
) -> list[Problem]:
    """Return why there is no accuracy of the decision."""
    span = Span(scored[0].stored.record.id)
    if status == "few_persons":
        return [warning("N141", span, n=n, needs=needed)]
    if status == "no_reliability":
        return [
            warning("N142", Span(one.stored.record.id), id=one.stored.record.id)
            for one, part in zip(scored, parts, strict=True) if not np.isfinite(part.sem)
        ]  # fmt: skip
    if status == "no_cut":
        return [
            warning("N143", Span(one.stored.record.id), id=one.stored.record.id)
            for one, part in zip(scored, parts, strict=True) if not np.isfinite(part.cut).any()
        ]  # fmt: skip
    return [warning("N144", span)] if status == "constant" else []
