"""capacity, why."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import click

from qbank.cli.output import HelpCommand, common, finish, here, iso_date, shown, table, working
from qbank.messages import Language, text
from qbank.report.graph import cut
from qbank.workflow import whatif as work

FILE = click.Path(path_type=Path)
SHOWN_CELLS = 15
TITLE_WIDTH = 14


@click.command(cls=HelpCommand)
@click.argument("blueprint", type=FILE)
@click.option("--as-of", default=None, callback=iso_date, metavar="YYYY-MM-DD")
@click.option("--overlap", type=click.IntRange(0), default=0, metavar="K")
@click.option("--every", type=click.IntRange(1, 120), default=6, metavar="M")
@click.option("--max", "most", type=click.IntRange(1, 1000), default=50, metavar="N")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), default=None)
@common
def capacity(
    blueprint: Path, as_of: str | None, overlap: int, every: int, most: int, csv_file: Path | None, lang: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    date = as_of or datetime.date.today().isoformat()
    with working(language, "cli.capacity.working"):
        found, problems = work.count_papers(
            blueprint, workspace, as_of=date, overlap=overlap, most=most, every=every
        )
    if found is not None and csv_file is not None:
        work.write_cells(found, csv_file, language)
    if found is not None and not as_json:
        for part in (_papers(found, overlap, language), _sittings(found, language), _cells(found, language)):
            click.echo("\n".join(part) + "\n")
        if csv_file is not None:
            click.echo(text(language, "cli.coverage.wrote", path=shown(csv_file)))
    finish(problems, language, as_json=as_json, result=_record(found) if found else None)


def _papers(found: work.Supported, overlap: int, language: Language) -> list[str]:
    """Return how many papers were found, how many there can be, and what stands in the way of one more."""
    result, blueprint = found.capacity, found.setting.blueprint
    size = sum(section.items for section in blueprint.sections)
    what = text(language, "cli.capacity.overlapping" if overlap else "cli.capacity.apart", overlap=overlap)
    lines = [
        text(language, "cli.capacity.head", blueprint=blueprint.name, n=len(found.setting.pool.ids), size=size),
        text(language, "cli.capacity.found", what=what, n=result.found),
        text(language, "cli.capacity.capped", n=result.bound) if result.capped
        else text(language, "cli.capacity.bound", n=result.bound, proof=text(language, f"cli.capacity.{result.proof}")),
    ]  # fmt: skip
    if result.binding:
        lines.append(text(language, "cli.capacity.binding", n=result.bound + 1))
    for rules in result.binding:
        for number, rule in enumerate(rules):
            key = "alone" if len(rules) == 1 else "first" if number == 0 else "also"
            short = text(language, "cli.capacity.never") if math.isnan(rule.short) else (
                text(language, "cli.capacity.by", n=f"{rule.short:.4g}"))
            lines.append(f"  {text(language, f'cli.capacity.{key}')}{rule.label}  {short}  {_place(rule.origin)}")
    return lines


def _place(span: Any) -> str:
    return f"{span.path}:{span.line}" if span.path else ""


def _sittings(found: work.Supported, language: Language) -> list[str]:
    """Return how long the bank lasts at the present policy."""
    policy = found.policy
    facts = {"forms": policy.n_forms, "every": policy.every, "n": policy.n_built, "window": policy.window}
    head = text(language, "cli.capacity.policy" if policy.exposure else "cli.capacity.no_policy", rule=policy.exposure, **facts)
    rows = [
        [sitting.date, str(sitting.rested), text(language, f"cli.capacity.{'built' if sitting.built else 'not_built'}")]
        for sitting in policy.sittings
    ]
    lines = [head, table([text(language, f"cli.capacity.{word}") for word in ("date", "rested", "result")], rows)]
    if policy.for_ever:
        lines.append(text(language, "cli.capacity.for_ever" if policy.exposure else "cli.capacity.no_rest", **facts))
        return lines
    lines.append(text(language, "cli.capacity.worn", date=policy.sittings[-1].date, **facts))
    if policy.bound >= 0:
        lines.append(text(language, "cli.capacity.worn_bound", bound=policy.bound))
    if policy.lasting_every:
        lines.append(text(language, "cli.capacity.lasting", months=policy.lasting_every))
    return lines


def _cells(found: work.Supported, language: Language) -> list[str]:
    """Return the tightest cells as a table."""
    titles = {domain.code: domain.title for domain in found.setting.bank.standard.domains}
    cells = [cell for cell in found.capacity.cells if cell.papers >= 0]
    anything = text(language, "cli.capacity.any")
    rows = [
        [
            cell.section or anything, f"{cell.domain} {cut(titles.get(cell.domain, ''), TITLE_WIDTH)}" if cell.domain else anything,
            str(cell.grade or anything), str(cell.have), f"{cell.least:.4g}", f"{cell.used:.4g}", str(cell.papers),
        ]
        for cell in cells[:SHOWN_CELLS]
    ]  # fmt: skip
    if not rows:
        return [text(language, "cli.capacity.no_cells")]
    header = [text(language, f"cli.capacity.{word}") for word in ("section", "domain", "grade", "have", "least", "used", "papers")]
    lines = [text(language, "cli.capacity.cells"), table(header, rows, left=2)]
    if len(cells) > SHOWN_CELLS:
        lines.append(text(language, "cli.capacity.more", n=len(cells) - SHOWN_CELLS))
    return lines


def _record(found: work.Supported) -> dict[str, Any]:
    def plain(record: Any) -> dict[str, Any]:
        return {name: getattr(record, name) for name in record.__slots__}

    result, policy = found.capacity, found.policy
    return {
        "blueprint": found.setting.blueprint.name, "items": len(found.setting.pool.ids), "found": result.found,
        "bound": result.bound, "proof": result.proof, "capped": result.capped,
        "binding": [[{**plain(rule), "origin": str(rule.origin)} for rule in rules] for rules in result.binding],
        "cells": [plain(cell) for cell in result.cells],
        "policy": {**plain(policy), "sittings": [plain(sitting) for sitting in policy.sittings], "n_built": policy.n_built},
    }  # fmt: skip
