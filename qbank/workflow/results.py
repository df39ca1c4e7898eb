"""The result list of a sitting (成绩单)."""

from __future__ import annotations

import math
from pathlib import Path

from qbank.files.tables import Cell, write_csv, write_xlsx
from qbank.messages import Language, text
from qbank.workflow.scoring import ScoredSitting


def results_table(scored: ScoredSitting, language: Language) -> tuple[list[str], list[list[Cell]]]:
    """Return the 成绩单: person, paper, groups, marks by section, total, verdict; no total for who waits for marks."""
    record, responses, scores = scored.stored.record, scored.stored.responses, scored.scores
    titles = scores.sections
    header = [text(language, f"result.{name}") for name in ("person", "form")]
    group_names = [name for name, _ in responses.groups]
    header += [text(language, f"result.{name}") for name in group_names]
    header += [*titles, text(language, "result.total"), text(language, "result.verdict")]
    rows: list[list[Cell]] = []
    for row, person in enumerate(responses.persons):
        form = int(responses.form[row])
        known = scored.identities.get(person)
        cells: list[Cell] = [known.number if known else person, responses.forms[form], *(values[row] for _, values in responses.groups)]
        if scores.present[row]:
            cells += [None if math.isnan(marks) else round(marks, 2) for marks in scores.by_section[row].tolist()]
            total = float(scores.total[row])
            word = "waiting" if math.isnan(total) else "pass" if total >= record.cut - 1e-9 else "fail"
            cells += [None if math.isnan(total) else round(total, 2), text(language, f"result.{word}")]
        else:
            cells += [*([None] * len(titles)), None, text(language, "result.void")]
        rows.append(cells)
    return header, rows


def write_results(scored: ScoredSitting, folder: Path, language: Language) -> tuple[Path, ...]:
    """Write the results as CSV (with BOM) and XLSX."""
    header, rows = results_table(scored, language)
    name = f"{scored.stored.record.id}-results"
    write_csv(folder / f"{name}.csv", header, rows)
    write_xlsx(folder / f"{name}.xlsx", text(language, "result.sheet"), header, rows)
    return folder / f"{name}.csv", folder / f"{name}.xlsx"
