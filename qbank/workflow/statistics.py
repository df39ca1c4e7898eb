"""stats: 信息统计 over all sittings, as blocks of a report and as files."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qbank.files.disk import write_text
from qbank.files.tables import Sheet, write_workbook
from qbank.ledger import Dimension, Results, Selection, grouped, read_results, results_of, statistics_labels
from qbank.messages import text
from qbank.problem import Problem, Span, error
from qbank.report import Report, Section, Table, Text, csv_text, to_csv, to_html
from qbank.report.blocks import walk
from qbank.report.statistics import StatisticsData, fine_bands, statistics_report
from qbank.workflow.analysis_settings import analysis_settings
from qbank.workflow.report_sheets import table_sheet
from qbank.workflow.workspace import Workspace

FORMATS = ("csv", "xlsx", "html")
NEAR = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """data : the tables of counts ; report : them with rates and scores, in the language of the workspace"""

    data: StatisticsData
    report: Report


def count_sittings(
    workspace: Workspace, by: Sequence[Dimension] = ("occupation", "level"), selection: Selection | None = None
) -> tuple[Counted | None, list[Problem]]:
    """Return the statistics of a selection; an occupation, site or sitting that the ledger does not know is an error."""
    chosen = selection or Selection()
    results, problems = _read(workspace, chosen)
    if results is None:
        return None, problems
    dates = {sitting: date for sitting, (date, _, _) in results.sittings.items()}
    tables = [grouped(results, names) for names in (tuple(by), ("site",), ("sitting",))]
    data = StatisticsData(tables[0], tables[1], tables[2], dates, analysis_settings(workspace.analysis).thresholds)
    return Counted(data, statistics_report(data, workspace.language)), []


def _read(workspace: Workspace, chosen: Selection) -> tuple[Results | None, list[Problem]]:
    """Return what the ledger holds of a selection; nothing where there is no ledger yet."""
    if not workspace.has_ledger():
        chosen, problems = _known(chosen, dict.fromkeys(("occupation", "site", "sitting"), ()))
        return (None if problems else results_of((), (), chosen)), problems
    ledger = workspace.open()
    try:
        chosen, problems = _known(chosen, statistics_labels(ledger))
        return (None if problems else read_results(ledger, chosen)), problems
    finally:
        ledger.close()


def _known(chosen: Selection, labels: dict[str, tuple[str, ...]]) -> tuple[Selection, list[Problem]]:
    """Return the selection in the ledger's words, and what it does not know; an occupation may be given by its code or its
    title alone."""
    problems: list[Problem] = []
    occupations: list[str] = []
    for word in chosen.occupations:
        own = [full for full in labels["occupation"] if word == full or (word and word in full.split(" ", 1))]
        occupations += own
        if not own:
            parts = [part for full in labels["occupation"] for part in (full, *full.split(" ", 1))]
            problems.append(_unknown("occupation", word, parts))
    for name, asked in (("site", chosen.sites), ("sitting", chosen.sittings)):
        problems += [_unknown(name, word, labels[name]) for word in asked if word not in labels[name]]
    return replace(chosen, occupations=tuple(dict.fromkeys(occupations))), problems


def _unknown(name: str, word: str, known: Sequence[str]) -> Problem:
    near = ", ".join(dict.fromkeys(difflib.get_close_matches(word, [one for one in known if one], n=NEAR)))
    return error("U102", Span(f"--{name}"), what=f"statistics {name}", found=word, suggestion=near)


def write_statistics(counted: Counted, formats: Sequence[str], folder: Path) -> tuple[Path, ...]:
    """Write ``statistics.html``, ``statistics.xlsx`` (one sheet a table), or a CSV a table with a byte order mark."""
    written: list[Path] = []
    language = counted.report.language
    for name in dict.fromkeys(formats):
        if name == "html":
            written.append(folder / "statistics.html")
            write_text(written[-1], to_html(counted.report))
        elif name == "xlsx":
            written.append(folder / "statistics.xlsx")
            write_workbook(written[-1], sheets(counted.report, fine_bands(counted.data, language)))
        else:
            tables = to_csv(counted.report) | {"bands": csv_text(fine_bands(counted.data, language))}
            for table, words in tables.items():
                if table == "scores":  # has the same columns as the first
                    continue
                written.append(folder / ("statistics.csv" if table == "statistics" else f"statistics-{table}.csv"))
                write_text(written[-1], words, bom=True)
    return tuple(written)


def sheets(report: Report, fine: Table) -> list[Sheet]:
    """Return every table of the report as a sheet, the fine bands, and the definitions as the last."""
    language = report.language
    tables = [block for block in walk(report.blocks) if isinstance(block, Table) and block.name != "scores"]
    found = [
        table_sheet(block, text(language, f"statistics.sheet_{block.name}")) for block in (*tables, fine) if block.rows
    ]
    sections = [block for block in report.blocks if isinstance(block, Section) and block.name == "methods"]
    notes = [note for block in walk(report.blocks) if isinstance(block, Table) for note in block.notes]
    words = [report.subtitle, *dict.fromkeys(notes), *(t.text for s in sections for t in s.blocks if isinstance(t, Text))]
    title = text(language, "statistics.section_methods")
    return [*found, Sheet(title, [title], [[sentence] for sentence in words])]
