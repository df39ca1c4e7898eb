"""decide."""

from __future__ import annotations

import dataclasses
import datetime
import getpass
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from qbank.cli.gate import stage_name
from qbank.cli.output import HelpCommand, common, finish, here, table, working
from qbank.cli.score import comparison_lines, comparison_record
from qbank.ledger import VERDICTS
from qbank.messages import Language, text
from qbank.workflow import decide as work
from qbank.workflow.alternatives import Alternative
from qbank.workflow.cut_words import with_papers
from qbank.workflow.workspace import Workspace


@click.command(cls=HelpCommand)
@click.argument("id")
@click.argument("item")
@click.argument("verdict", required=False, type=click.Choice(VERDICTS))
@click.argument("named", required=False, default="", metavar="[KEY|OTHER]")
@click.option("--why", default="")
@click.option("--who", default=None)
@click.option("--dry-run", is_flag=True)
@click.option("--ledger-only", is_flag=True)
@click.option("--bank", type=click.Path(path_type=Path), default=None)
@common
def decide(
    id: str, item: str, verdict: str | None, named: str, why: str, who: str | None, dry_run: bool, ledger_only: bool,
    bank: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    if verdict is None:
        _compare(id, item, workspace, bank, as_json=as_json)
        return
    if not dry_run and not why.strip():
        raise click.UsageError(text(language, "cli.decide.needs_why"))
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    decided, problems = work.decide(
        id, item, workspace, verdict=verdict, named=named, why=why,
        who=who or os.environ.get("QBANK_USER") or getpass.getuser(), at=now, bank_path=bank, dry_run=dry_run,
        into_bank=not ledger_only,
    )  # fmt: skip
    if decided is not None and not as_json:
        for line in _decided_lines(decided, language, dry_run=dry_run):
            click.echo(line)
    finish(problems, language, as_json=as_json, result=decided and {**_decided_record(decided), "dry_run": dry_run})


def _compare(id: str, item: str, workspace: Workspace, bank: Path | None, *, as_json: bool) -> None:
    """Show every way of marking an item side by side."""
    language = workspace.language
    with working(language, "cli.decide.working"):
        rows, problems = work.compare_alternatives(id, item, workspace, bank_path=bank)
    if rows and not as_json:
        click.echo(text(language, "cli.decide.title", item=item, id=id, cut=with_papers(rows[0].cut, rows[0].cuts, language), n=rows[0].outcome.n))
        click.echo(_table(rows, language))
        click.echo(text(language, "cli.decide.how", id=id, item=item))
    result = {"sitting": id, "item": item, "alternatives": [alternative_record(row) for row in rows]}
    finish(problems, language, as_json=as_json, result=result if rows else None)


def _table(rows: list[Alternative], language: Language) -> str:
    names: tuple[str, ...] = ("verdict", "pass_rate", "up", "down", "mean", "alpha", "sem", "facility", "item_rest")
    names += ("equated",) if any(row.equated for row in rows) else ()
    header = [text(language, f"cli.decide.column.{name}") for name in names]
    cells = []
    for row in rows:
        found = row.outcome
        up = sum(flip.passed for flip in row.comparison.flips)
        cells.append(
            [
                verdict_words(row.verdict, row.named, language) + (" *" if row.stands else ""), _number(100 * found.rate, 1, "%"),
                str(up), str(len(row.comparison.flips) - up), _number(found.mean, 2), _number(found.alpha, 3),
                _number(found.sem, 2), _number(found.facility, 3), _number(found.item_rest, 3),
                *([equated_words(row.equated)] if len(names) > 9 else []),
            ]
        )  # fmt: skip
    return table(header, cells)


def equated_words(equated: Mapping[str, float]) -> str:
    """Return the equated cut of each paper.

    >>> equated_words({"B": 57.0, "C": 58.5})
    'B 57, C 58.5'
    """
    return ", ".join(f"{paper} {cut:g}" for paper, cut in equated.items()) or "–"


def verdict_words(verdict: str, named: str, language: Language) -> str:
    """Return a verdict as people say it, behind the word of the command line.

    >>> verdict_words("rekey", "C", "en")
    'rekey C (another key)'
    """
    return f"{verdict} {named}".strip() + f" ({text(language, f'cli.decide.verdict.{verdict}')})"


def _number(value: float, digits: int, unit: str = "") -> str:
    return f"{value:.{digits}f}{unit}" if math.isfinite(value) else "–"


def _decided_lines(decided: work.Decided, language: Language, *, dry_run: bool) -> list[str]:
    made, row = decided.decision, decided.alternative
    words = verdict_words(made.verdict, made.named, language)
    key = "tried" if dry_run else "recorded"
    lines = [text(language, f"cli.decide.{key}", item=made.item, id=made.sitting, verdict=words, who=made.who)]
    if decided.run is not None:
        found = row.outcome
        lines.append(
            text(
                language, "cli.decide.outcome", n=found.n, passed=found.n_passed, rate=_number(100 * found.rate, 1, "%"),
                mean=_number(found.mean, 2), alpha=_number(found.alpha, 3), sem=_number(found.sem, 2),
                cut=with_papers(row.cut, row.cuts, language),
                facility=_number(found.facility, 3), item_rest=_number(found.item_rest, 3),
            )
        )  # fmt: skip
        if row.equated:
            lines.append(text(language, "cli.decide.equated", cuts=equated_words(row.equated)))
        lines += comparison_lines(row.comparison, language, key="cli.decide.compared")
        if not dry_run:
            outcome = "added" if decided.run.outcome == "added" else "unchanged"
            lines.append(text(language, f"cli.score.{outcome}", id=made.sitting, number=decided.run.number))
    lines += [
        text(language, f"cli.decide.wrote.{each.what}", item=each.item, before=each.before, after=each.after, path=each.path)
        for each in decided.written
    ]
    if decided.taken_back:
        names = text(language, "cli.gate.and").join(stage_name(stage, language) for stage in decided.taken_back)
        lines.append(text(language, "cli.gate.taken_back", id=made.sitting, stages=names))
    return lines


def alternative_record(row: Alternative) -> dict[str, Any]:
    """Return a way of marking as plain data."""
    return {
        "verdict": row.verdict, "named": row.named, "stands": row.stands, **dataclasses.asdict(row.outcome),
        "marks": row.marks, "cut": row.cut, "equated": dict(row.equated),
        "cuts": {each.paper: each.cut for each in row.cuts}, "comparison": comparison_record(row.comparison),
    }  # fmt: skip


def _decided_record(decided: work.Decided) -> dict[str, Any]:
    run = decided.run
    return {
        **dataclasses.asdict(decided.decision), "alternative": alternative_record(decided.alternative),
        "run": None if run is None else {"number": run.number, "outcome": run.outcome},
        "taken_back": list(decided.taken_back), "written": [dataclasses.asdict(each) for each in decided.written],
    }  # fmt: skip
