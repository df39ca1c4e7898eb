"""assemble --explain: why there are no papers, as a block to read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from qbank.assemble.explain.moves import DROP, Move
from qbank.assemble.explain.problems import where_of
from qbank.cli.output import finish, say_problems, shown, table
from qbank.messages import Language, text
from qbank.problem import has_errors
from qbank.workflow import explain as work
from qbank.workflow.workspace import Workspace


def say_explanation(
    blueprint: Path, workspace: Workspace, *, n_forms: int | None, as_of: str, stubs: Path | None,
    csv_file: Path | None, patch: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Print the explanation and write the files that were asked for; ends with 1 where there are no papers."""
    language = workspace.language
    explained, problems = work.explain_papers(blueprint, workspace, n_forms=n_forms, as_of=as_of)
    if explained is None:
        finish(problems, language, as_json=as_json)
        return
    wrote: list[str] = []
    if csv_file is not None:
        work.write_table(explained, csv_file, language)
        wrote.append(text(language, "cli.explain.wrote", path=shown(csv_file)))
    if stubs is not None:
        n, more = work.write_stubs(explained, stubs)
        problems += more
        wrote += [] if more else [text(language, "cli.coverage.wrote_stubs", path=shown(stubs), n=n)]
    if patch is not None:
        more = work.write_patch(explained, patch)
        problems += more
        wrote += [] if more else [text(language, "cli.explain.wrote", path=shown(patch))]
    if as_json:
        finish(problems, language, as_json=True, result=record(explained))
        return
    for line in [*lines_of(explained, language), *wrote]:
        click.echo(line)
    told = [problem for problem in problems if problem.code not in SHOWN]
    say_problems(told, language, "text")
    if has_errors(problems):
        raise click.exceptions.Exit(1)


SHOWN = ("A201", "A202", "A220", "A221", "A222", "A223", "A226", "A228", "A229", "A231", "A232", "A233", "A235")
"""Codes whose content the block shows in full."""


def lines_of(explained: work.Explained, language: Language) -> list[str]:
    """Return the block: what is missing or contradictory, then what could move."""
    found = explained.found
    blueprint = found.setting.blueprint
    places = sum(section.items for section in blueprint.sections)
    facts = {"blueprint": blueprint.name, "forms": blueprint.n_forms, "places": places, "pool": len(found.setting.pool.ids)}
    if found.reason == "none":
        return [text(language, "cli.explain.exists", **facts)]
    lines = [text(language, "cli.explain.head", **facts)]
    if found.reason == "shortage":
        lines += _shortage(explained, language)
    elif found.reason == "contradiction":
        lines += _contradiction(explained, language)
    if found.relaxations:
        lines += ["", text(language, "cli.explain.instead")]
        for number, (relaxation, patch) in enumerate(zip(found.relaxations, explained.patches, strict=True), start=1):
            proof = text(language, "cli.explain.move_proved" if relaxation.proved else "cli.explain.move_unproved")
            lines.append(f"{number}. {proof}")
            lines += [f"   {move.span}  {move_words(move, language)}" for move in relaxation.moves]
            lines += [f"   {row}" for row in patch.splitlines()[2:]]
    return lines


def _shortage(explained: work.Explained, language: Language) -> list[str]:
    found = explained.found
    header, rows = work.commission_rows(explained, language)
    lines = [text(language, "cli.explain.shortage", n=found.n_missing, bound=found.bound)]
    wanted = [1, 3, 5, 6, 7, 8]
    cells = [[_shown(row[column]) for column in wanted] for row in rows]
    lines.append(table([header[column] for column in wanted], cells, left=5))
    lines.append(text(language, "cli.explain.proved" if found.proved else "cli.explain.unproved", forms=found.setting.blueprint.n_forms))
    return lines


def _shown(cell: object) -> str:
    return "" if cell is None else str(cell)


def _contradiction(explained: work.Explained, language: Language) -> list[str]:
    n = len(explained.found.clashes)
    lines = [text(language, "cli.explain.contradiction" if n > 1 else "cli.explain.impossible", n=n)]
    for clash in explained.found.clashes:
        row = "" if clash.row in ("", clash.group.label) else f" ({clash.row})"
        key = {"min": "needs", "max": "allows", "crossed": "crossed", "step": "step"}.get(clash.side, "stands")
        facts = {"rule": clash.group.label + row, "asked": f"{clash.asked:g}", "reached": f"{clash.reached:g}"}
        lines.append(f"  {clash.group.span}  " + text(language, f"cli.explain.{key}", **facts))
    return lines


def move_words(move: Move, language: Language) -> str:
    """Return a move in words."""
    if move.key == DROP:
        return text(language, "cli.explain.drop", rule=move.label)
    return text(language, "cli.explain.move", rule=move.label, key=move.key, old=move.old, new=move.new)


def record(explained: work.Explained) -> dict[str, Any]:
    """Return the explanation as plain data."""
    found = explained.found
    return {
        "reason": found.reason, "forms": found.setting.blueprint.n_forms,
        "commission": {
            "n": found.n_missing, "bound": found.bound, "proved": found.proved,
            "lines": [
                {**{name: getattr(line, name) for name in line.__slots__}, "where": where_of(line)}
                for line in found.lines
            ],
        },
        "contradiction": [
            {
                "rule": clash.group.label, "line": clash.group.span.line, "column": clash.group.span.column,
                "row": clash.row, "side": clash.side, "asked": clash.asked, "reached": clash.reached,
            }
            for clash in found.clashes
        ],
        "relaxations": [
            {
                "proved": relaxation.proved, "patch": patch,
                "moves": [
                    {"rule": move.label, "key": move.key, "old": move.old, "new": move.new, "line": move.span.line,
                     "column": move.span.column}
                    for move in relaxation.moves
                ],
            }
            for relaxation, patch in zip(found.relaxations, explained.patches, strict=True)
        ],
        "broken": found.broken,
    }  # fmt: skip
