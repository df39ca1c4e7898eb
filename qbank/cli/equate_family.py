"""equate --family: what is shown of marks on the scale of a family."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from qbank.cli.equate import MOST_FLIPS, accepted_lines, accepted_record, papers_by_cut
from qbank.cli.output import finish, shown, table, working
from qbank.messages import Language, text
from qbank.workflow.accepted_cuts import accept_these
from qbank.workflow.family_marks import (
    FamilyScored,
    family_cuts,
    family_table,
    score_by_family,
    write_family_marks,
)
from qbank.workflow.workspace import Workspace


def equate_family(
    id: str, file: Path, workspace: Workspace, *, accepting: bool, why: str, who: str, csv_file: Path | None, bank: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Show how many papers have which cut and whose verdict changes, and make these the cuts where that is asked."""
    language = workspace.language
    with working(language, "cli.equate.working"):
        found, problems = score_by_family(id, file, workspace, bank_path=bank)
    if found is None:
        finish(problems, language, as_json=as_json)
        return
    made = None
    if accepting:
        made, problems = accept_these(found.scored, family_cuts(found, why), problems, workspace, why=why, who=who, bank_path=bank)
    written = None if csv_file is None else write_family_marks(found, csv_file, language)
    if not as_json:
        click.echo("\n".join(_lines(found, language)))
        if written is not None:
            click.echo(text(language, "cli.equate.wrote", path=shown(written)))
        if made is not None:
            click.echo("\n" + "\n".join(accepted_lines(made, language)))
    result = {**_record(found, language, written), "accepted": made and accepted_record(made)} if as_json else None
    finish(problems, language, as_json=as_json, result=result)


def _lines(found: FamilyScored, language: Language) -> list[str]:
    record, marks = found.scored.stored.record, found.marks
    cuts = papers_by_cut(marks.paper_cut.tolist(), language)
    moved = np.abs(marks.exact - found.scored.scores.total)
    most = float(np.nanmax(moved)) if np.isfinite(moved).any() else 0.0
    lines = [
        text(language, "cli.equate.family", family=found.family.id, cut=f"{record.cut:g}", theta=f"{marks.cut_ability:.2f}", most=f"{most:.2f}"),
        text(language, "cli.equate.family_cuts", cuts=cuts),
        text(language, "cli.equate.flips", n=len(found.flips)),
    ]  # fmt: skip
    if found.flips:
        header, rows = family_table(found, language)
        changed = [[str(cell) for cell in row] for row in rows if row[-1] != row[-2]]
        lines.append(table(header, changed[:MOST_FLIPS], left=2))
        if len(changed) > MOST_FLIPS:
            lines.append(text(language, "cli.equate.more", n=len(changed) - MOST_FLIPS))
    return lines


def _record(found: FamilyScored, language: Language, written: Path | None) -> dict[str, Any]:
    marks = found.marks
    _, rows = family_table(found, language)
    names = ("person", "paper", "total", "paper_cut", "family_marks", "ability", "raw_verdict", "family_verdict")
    papers = zip(found.scored.stored.responses.forms, marks.paper_cut.tolist(), marks.paper_exact.tolist(), strict=True)
    return {
        "family": found.family.id, "cut": found.scored.stored.record.cut,
        "cut_ability": marks.cut_ability if np.isfinite(marks.cut_ability) else None,
        "papers": [
            {"paper": paper, "cut": cut if np.isfinite(cut) else None, "exact": exact if np.isfinite(exact) else None}
            for paper, cut, exact in papers
        ],
        "persons": [dict(zip(names, row, strict=True)) for row in rows], "flips": len(found.flips),
        "csv": None if written is None else str(written),
    }  # fmt: skip
