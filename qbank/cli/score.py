"""score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from qbank.cli.output import HelpCommand, common, finish, here, moment, shown, table
from qbank.core.scoring_changes import Changes, changes_record, read_changes
from qbank.core.scoring_rules import as_settings, in_words
from qbank.messages import Language, text
from qbank.problem import Problem
from qbank.workflow.cut_words import cut_words
from qbank.workflow.rekeying import Asked
from qbank.workflow.score_list import write_scores
from qbank.workflow.scoring import cuts_record
from qbank.workflow.scoring_run import Comparison, PastRun, ScoringRun, list_runs, run_scoring
from qbank.workflow.workspace import Workspace

FILE = click.Path(path_type=Path)
MOST_FLIPS = 40
"""Persons that are named on the screen; --json names all."""


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--rekey", multiple=True, metavar="ITEM=KEY")
@click.option("--drop", multiple=True, metavar="ITEM")
@click.option("--credit", multiple=True, metavar="ITEM")
@click.option("--corrected", is_flag=True)
@click.option("--rules", type=FILE, default=None, metavar="FILE")
@click.option("--why", default="", metavar="WORDS")
@click.option("--who", default="", metavar="NAME")
@click.option("--dry-run", is_flag=True)
@click.option("--runs", is_flag=True)
@click.option("--bank", type=FILE, default=None)
@click.option("--out", type=FILE, default=None)
@common
def score(
    id: str, rekey: tuple[str, ...], drop: tuple[str, ...], credit: tuple[str, ...], corrected: bool, rules: Path | None,
    why: str, who: str, dry_run: bool, runs: bool, bank: Path | None, out: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    if runs:
        _list(id, workspace, as_json=as_json)
        return
    asked = Asked(rekey, drop, credit, corrected, rules)
    run, problems = run_scoring(id, workspace, asked, bank_path=bank, why=why, who=who, dry_run=dry_run)
    if run is None:
        finish(problems, workspace.language, as_json=as_json)
        return
    files = () if dry_run else write_scores(run.scored, run.number, out or workspace.root / "results" / id, workspace.language)
    _say(run, files, problems, workspace.language, as_json=as_json)


def _say(
    run: ScoringRun, files: tuple[Path, ...], problems: list[Problem], language: Language, *, as_json: bool
) -> None:
    if not as_json:
        for line in [*_lines(run, language), *(text(language, "cli.score.wrote", path=shown(path)) for path in files)]:
            click.echo(line)
    finish(problems, language, as_json=as_json, result={**_record(run), "files": [str(path) for path in files]})


def _lines(run: ScoringRun, language: Language) -> list[str]:
    lines = [text(language, f"cli.score.{run.outcome}", id=run.scored.stored.record.id, number=run.number)]
    mean = f"{run.mean:.2f}" if run.n_present else "–"
    cut = cut_words(run.scored.stored, language)
    lines.append(text(language, "cli.score.summary", n=run.n_present, mean=mean, passed=run.n_passed, cut=cut))
    lines += _change_lines(run.scored.changes, run.scored.credited, language)
    lines.append(text(language, "scoring.title"))
    lines += [text(language, "cli.score.rule", name=name, words=words) for name, words in in_words(run.scored.scores.rules, language)]
    return lines + (comparison_lines(run.comparison, language) if run.comparison else [])


def _change_lines(changes: Changes, credited: frozenset[str], language: Language) -> list[str]:
    lines = []
    for source, key in (("bank", "corrected"), ("asked", "rekeyed"), ("decided", "decided")):
        words = [
            f"{each.item}{f'@{each.paper}' if each.paper else ''}={each.words}" for each in changes.rekey if each.source == source
        ]
        if words:
            lines.append(text(language, f"cli.score.{key}", items=", ".join(words)))
    for key, items in (("dropped", sorted({*changes.drop, *changes.decided_drop})), ("credited", sorted(credited))):
        if items:
            lines.append(text(language, f"cli.score.{key}", items=", ".join(items)))
    return lines


def comparison_lines(found: Comparison, language: Language, key: str = "cli.score.compared") -> list[str]:
    """Return what changed between two ways of scoring, and who flips at the cut."""
    up = sum(flip.passed for flip in found.flips)
    head = text(
        language, key, before=found.before, n=found.n_changed, of=found.n_compared,
        change=f"{found.mean_change:+.3f}" if found.n_compared else "–", up=up, down=len(found.flips) - up,
    )  # fmt: skip
    if not found.flips:
        return [head]
    header = [text(language, f"cli.score.column.{name}") for name in ("person", "form", "before", "after", "flip")]
    rows = [
        [
            flip.number or flip.person, flip.form, f"{flip.before:g}", f"{flip.after:g}",
            text(language, "cli.score.flip_up" if flip.passed else "cli.score.flip_down"),
        ]
        for flip in found.flips[:MOST_FLIPS]
    ]  # fmt: skip
    more = len(found.flips) - len(rows)
    return [head, table(header, rows, left=2), *([text(language, "cli.score.more_flips", n=more)] if more else [])]


def _record(run: ScoringRun) -> dict[str, Any]:
    scored, found = run.scored, run.comparison
    return {
        "sitting": scored.stored.record.id, "run": run.number, "outcome": run.outcome, "present": run.n_present,
        "mean": run.mean, "passed": run.n_passed, "cut": scored.stored.record.cut, "cuts": cuts_record(scored.stored),
        "rules": as_settings(scored.scores.rules), "changes": changes_record(scored.changes),
        "corrected": sorted({each.item for each in scored.changes.rekey}),
        "credited": sorted(scored.credited), "dropped": sorted(scored.dropped),
        "comparison": None if found is None else comparison_record(found),
    }  # fmt: skip


def comparison_record(found: Comparison) -> dict[str, Any]:
    """Return what changed between two ways of scoring as plain data."""
    return {
        "before": found.before, "compared": found.n_compared, "changed": found.n_changed, "mean_change": found.mean_change,
        "flips": [
            {"number": flip.number or None, "person": flip.person, "form": flip.form, "before": flip.before,
             "after": flip.after, "passed": flip.passed}
            for flip in found.flips
        ],
    }  # fmt: skip


def _list(id: str, workspace: Workspace, *, as_json: bool) -> None:
    language = workspace.language
    past, problems = list_runs(id, workspace)
    if not as_json and past:
        header = [text(language, f"cli.score.column.{name}") for name in ("run", "at", "who", "present", "mean", "passed", "changes")]
        click.echo(table(header, [_row(each, language) for each in past], left=3))
    result = [
        {
            "run": each.run.number, "at": each.run.at, "who": each.run.who, "why": each.run.why, "current": each.run.current,
            "present": each.n_present, "mean": each.mean, "passed": each.n_passed, "rules": dict(each.run.rules),
            "changes": dict(each.run.changes), "intakes": list(each.run.intakes),
        }
        for each in past
    ]  # fmt: skip
    finish(problems, language, as_json=as_json, result=result)


def _row(each: PastRun, language: Language) -> list[str]:
    changes = read_changes(each.run.changes)
    words = _change_lines(changes, frozenset((*changes.credit, *changes.decided)), language)
    mean = f"{each.mean:.2f}" if each.n_present else "–"
    number = f"{each.run.number}{'*' if each.run.current else ''}"
    said = "; ".join([*words, *([each.run.why] if each.run.why else [])])
    return [number, moment(each.run.at), each.run.who, str(each.n_present), mean, str(each.n_passed), said]
