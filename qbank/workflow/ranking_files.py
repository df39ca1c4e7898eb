"""results --ranking: the list of a released competition by rank, as CSV, XLSX, page and PDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.ranking import order_trust, rank_correlation, rank_persons
from qbank.core.form import papers_of
from qbank.files.disk import write_bytes, write_text
from qbank.files.tables import Sheet, write_csv, write_workbook
from qbank.messages import Language
from qbank.problem import Problem, Span, error, warning
from qbank.report import Table, to_html
from qbank.report.ranking import (
    RankedPerson,
    RankingFound,
    awards_table,
    list_table,
    ranking_report,
    ties_table,
)
from qbank.workflow.naming import group_word
from qbank.workflow.official import OfficialList, official_list
from qbank.workflow.official_files import can_print, foot_lines, state_word
from qbank.workflow.ranking import RankedSitting, abilities, column_names
from qbank.workflow.workspace import Workspace

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WrittenRanking:
    """listed : the official results ; found : their ranking ; files : what was written"""

    listed: OfficialList
    found: RankingFound
    files: tuple[Path, ...]


def ranking_of_sitting(id: str, workspace: Workspace) -> tuple[OfficialList | None, RankingFound | None, list[Problem]]:
    """Return the official results of a released competition and their ranking, or which stage or rule is missing."""
    listed, problems = official_list(id, workspace)
    if listed is None:
        return None, None, problems
    if listed.ranked is None:
        return None, None, [*problems, error("H130", Span(id), id=id)]
    return listed, _found(listed, listed.ranked, workspace.language), problems


def write_ranking(id: str, workspace: Workspace, *, into: Path | None = None) -> tuple[WrittenRanking | None, list[Problem]]:
    """Write the ranking of a released competition: CSV, XLSX, notes, page and PDF."""
    listed, found, problems = ranking_of_sitting(id, workspace)
    if listed is None or found is None:
        return None, problems
    language, base = workspace.language, (into or workspace.root / "results" / id) / f"{id}-ranking"
    tables = [list_table(found, language), ties_table(found, language)]
    tables += [awards_table(found, language)] if found.awards else []
    header, rows = _cells(tables[0])
    files = [base.with_suffix(".csv"), base.with_suffix(".xlsx"), base.with_suffix(".html")]
    write_csv(files[0], header, rows)
    write_workbook(files[1], [Sheet(table.caption, *_cells(table)) for table in tables])
    report = ranking_report(found, language)
    write_text(files[2], to_html(report))
    if can_print():
        from qbank.report.pdf import to_pdf

        files.append(base.with_suffix(".pdf"))
        write_bytes(files[-1], to_pdf(report))
    else:
        problems.append(warning("H121", Span(id)))
    return WrittenRanking(listed, found, tuple(files)), problems


def _cells(table: Table) -> tuple[list[str], list[list[str | int | float | None]]]:
    """Return header and rows without the columns that are empty in every row; probabilities to three decimals."""
    kept = [n for n in range(len(table.columns)) if n == 0 or any(row[n] not in (None, "") for row in table.rows)]
    header = [table.columns[n].title for n in kept]
    return header, [[_cell(row[n]) for n in kept] for row in table.rows]


def _cell(cell: object) -> str | int | float | None:
    if isinstance(cell, float):
        return round(cell, 3)
    return cell if isinstance(cell, str | int) else None


def _found(listed: OfficialList, ranked: RankedSitting, language: Language) -> RankingFound:
    scored, ranks, rule = listed.scored, ranked.ranks, ranked.rule
    total = np.array([np.nan if line.total is None else line.total for line in listed.results], dtype=np.float64)
    error = np.array([np.nan if line.error is None else line.error for line in listed.results], dtype=np.float64)
    trust = order_trust(total, error, ranks.order)
    theta = abilities(scored, listed.estimates, listed.ability) if listed.calibrated else np.full(total.size, np.nan)
    by_ability = rank_persons(theta, np.zeros((0, theta.size))).rank
    calibrated = bool(np.isfinite(theta).any())
    places = np.where(ranks.rank > 0, -ranks.rank.astype(np.float64), np.nan)
    turned = {} if trust is None else dict(zip(ranks.order.tolist(), trust.reversed.tolist(), strict=True))
    decided = dict(zip(ranks.order.tolist(), ranks.decided.tolist(), strict=True))
    rest = np.flatnonzero(ranks.rank == 0).tolist()
    persons = tuple(
        _person(listed, ranked, row, language, decided.get(row, -1), turned.get(row), theta, by_ability)
        for row in [*ranks.order.tolist(), *rest]
    )
    record, groups = scored.stored.record, shown_groups(listed)
    subtitle = " · ".join(filter(None, [record.occupation, record.date, record.place, ", ".join(dict.fromkeys(form.title for form in scored.forms))]))
    return RankingFound(
        record.id, subtitle, tuple(tie.title for tie in rule.ties), tuple(tie.is_time for tie in rule.ties),
        tuple(tie.first == "lower" for tie in rule.ties), tuple(group_word(name, language) for name in groups),
        rule.awards, persons, ranks, trust, rank_correlation(places, theta) if calibrated else None,
        len(papers_of(scored.forms)[0]), tuple(foot_lines(listed, language)),
    )  # fmt: skip


def shown_groups(listed: OfficialList) -> tuple[str, ...]:
    """Return the further columns of the list: those of the answers that are no tie-break of their own."""
    ties = {name for tie in listed.ranked.rule.ties if tie.is_time for name in column_names(tie.column)} if listed.ranked else set()
    return tuple(name for name in listed.group_names if name.strip().casefold() not in ties)


def _person(
    listed: OfficialList, ranked: RankedSitting, row: int, language: Language, decided: int, turned: float | None,
    theta: Array, by_ability: NDArray[np.int64],
) -> RankedPerson:  # fmt: skip
    line, rank = listed.results[row], int(ranked.ranks.rank[row])
    values = tuple(None if not rank or np.isnan(value) else float(value) for value in ranked.values[:, row])
    known = bool(rank) and bool(np.isfinite(theta[row]))
    return RankedPerson(
        rank, int(ranked.classes[row]), line.shown, line.name, line.form, line.site,
        tuple(line.groups.get(name, "") for name in shown_groups(listed)), line.total, values, decided,
        None if turned is None or np.isnan(turned) else turned, float(theta[row]) if known else None,
        int(by_ability[row]) if known else None, "" if rank else state_word(line, language),
    )  # fmt: skip


def ranking_record(done: WrittenRanking) -> Mapping[str, Any]:
    """Return the ranking as plain data."""
    found, trust = done.found, done.found.trust
    return {
        "ties": [
            {"title": title, "time": time, "first": "lower" if lower else "higher"}
            for title, time, lower in zip(found.ties, found.times, found.lower, strict=True)
        ],
        "printed": done.listed.ranked is not None and done.listed.ranked.printed,
        "awards": list(found.awards), "n_ranked": found.n_ranked,
        "pairs": found.ranks.pairs.tolist(), "persons_equal": found.ranks.persons.tolist(), "broken": found.ranks.broken.tolist(),
        "trust": trust and {
            "reliability": trust.reliability, "first": trust.first, "kept": dict(zip(map(str, trust.depths), trust.kept, strict=True)),
        },
        "correlation": found.correlation and dict(zip(("spearman", "kendall", "n"), found.correlation, strict=True)),
        "list": [
            {name: getattr(one, name) for name in RankedPerson.__slots__ if name != "groups"} | {"groups": list(one.groups), "values": list(one.values)}
            for one in found.persons
        ],
    }  # fmt: skip
