"""coverage: the bank against its standard, and what is still to be written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from qbank.cli.output import HelpCommand, common, finish, here, say_problems, shown, table
from qbank.messages import Language, text
from qbank.problem import has_errors
from qbank.report.graph import cut
from qbank.workflow import coverage as work

SHOWN_GAPS = 6
TITLE_WIDTH = 12
"""of a title in a table, in Chinese characters"""


@click.command(cls=HelpCommand)
@click.argument("bank", type=click.Path(path_type=Path))
@click.option("--level", type=click.IntRange(1, 5), default=None)
@click.option("--forms", "n_forms", type=click.IntRange(1, 1000), default=None)
@click.option("--blueprint", type=click.Path(path_type=Path), default=None)
@click.option("--premium", is_flag=True)
@click.option("--stubs", type=click.Path(path_type=Path, dir_okay=False), default=None)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), default=None)
@click.option("--graph", type=click.Path(path_type=Path, dir_okay=False), default=None)
@click.option("--strict", is_flag=True)
@common
def coverage(
    bank: Path, level: int | None, n_forms: int | None, blueprint: Path | None, premium: bool, stubs: Path | None,
    csv_file: Path | None, graph: Path | None, strict: bool, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    language = here(lang).language
    found, problems = work.cover(bank, level=level, n_forms=n_forms, blueprint=blueprint, premium=premium)
    if found is None:
        finish(problems, language, as_json=as_json)
        return
    wrote = []
    if csv_file is not None:
        work.write_commission(found, csv_file, language)
        wrote.append(text(language, "cli.coverage.wrote", path=shown(csv_file)))
    if stubs is not None:
        n_stubs, more = work.write_stubs(found, stubs)
        problems += more
        if not more:
            wrote.append(text(language, "cli.coverage.wrote_stubs", path=shown(stubs), n=n_stubs))
    if graph is not None:
        more = work.write_graph(found, graph, language)
        problems += more
        wrote += [] if more else [text(language, "cli.coverage.wrote", path=shown(graph))]
    if as_json:
        finish(problems, language, as_json=True, result=_record(found))
    else:
        for one in found.levels:
            _say_level(found, one.level, language)
        order = found.prerequisites
        click.echo(text(language, "cli.graph.shape", edges=order.n_edges, depth=order.depth, roots=len(order.roots),
                        joined=len(order.layers), points=len(found.bank.standard.competencies)))  # fmt: skip
        for line in wrote:
            click.echo(line)
        say_problems(problems, language, "text")
    gaps = any(check.verdict == "gap" for one in found.levels for check in one.checks)
    if has_errors(problems) or (strict and gaps):
        raise click.exceptions.Exit(1)


def _say_level(found: work.Covered, level: int, language: Language) -> None:
    one = next(entry for entry in found.levels if entry.level == level)
    click.echo(text(language, "cli.coverage.head", level=level, forms=one.n_forms))
    rows = [
        [("✓ " if check.verdict == "ok" else "✗ ") + text(language, f"cli.coverage.check.{check.name}"), check.figure, check.need]
        for check in one.checks
    ]
    click.echo(table([text(language, f"cli.coverage.{word}") for word in ("requirement", "figure", "need")], rows))
    for check in one.checks:
        if check.gaps:
            gaps = [_worded(check.name, gap, language) for gap in check.gaps[:SHOWN_GAPS]]
            listed = text(language, "cli.coverage.separator").join(gaps)
            more = text(language, "cli.coverage.more", n=len(check.gaps)) if len(check.gaps) > SHOWN_GAPS else ""
            click.echo("  " + text(language, f"cli.coverage.gaps.{check.name}", listed=listed) + more)
    click.echo("\n" + text(language, "cli.coverage.uses"))
    kinds = list(dict.fromkeys(kind for use in one.uses for kind in use.need))
    header = [text(language, "cli.coverage.forms"), *(work.kind_word(kind, language) for kind in kinds)]
    click.echo(table(header, [
        [str(use.n_forms), *(text(language, "cli.coverage.use", need=use.need[kind], missing=use.missing[kind]) for kind in kinds)]
        for use in one.uses
    ]))  # fmt: skip
    _say_cells(found, level, language)
    _say_orders(found, level, language)


def _worded(check: str, gap: str, language: Language) -> str:
    """Return a gap with the word for its kind of item."""
    if check != "kind_gaps":
        return gap
    domain, kind, numbers = gap.split(" ")
    return f"{domain} {work.kind_word(kind, language)} {numbers}"


def _say_cells(found: work.Covered, level: int, language: Language) -> None:
    """Print a line a domain and kind: live, in preparation, use, missing; at each grade what is there of what is used."""
    one = next(entry for entry in found.levels if entry.level == level)
    titles = {domain.code: domain.title for domain in found.bank.standard.domains}
    lines: dict[tuple[str, str], list[Any]] = {}
    for cell in one.cells:
        lines.setdefault((cell.domain, cell.kind), []).append(cell)
    header = [text(language, f"cli.coverage.{word}") for word in ("domain", "kind", "live", "prepared", "use_column", "missing")]
    rows = []
    for (domain, kind), cells in lines.items():
        sums = [sum(getattr(cell, word) for cell in cells) for word in ("live", "prepared", "need", "missing")]
        by_grade = {cell.grade: cell for cell in cells}
        grades = [_grade(by_grade.get(grade)) for grade in range(1, 6)]
        rows.append([f"{domain} {cut(titles.get(domain, ''), TITLE_WIDTH)}", work.kind_word(kind, language), *map(str, sums), *grades])
    click.echo("\n" + text(language, "cli.coverage.cells", forms=one.n_forms))
    click.echo(table([*header, *(text(language, "cli.coverage.at_grade", grade=grade) for grade in range(1, 6))], rows))


def _grade(cell: Any) -> str:
    if cell is None:
        return "·"
    return f"{cell.live + cell.prepared}/{cell.need}" + ("!" if cell.missing else "")


def _say_orders(found: work.Covered, level: int, language: Language) -> None:
    one = next(entry for entry in found.levels if entry.level == level)
    total = sum(order.n for order in one.orders)
    click.echo("\n" + text(language, "cli.coverage.orders" if total else "cli.coverage.no_orders", n=total, forms=one.n_forms))
    if total:
        points = found.bank.standard.competencies
        rows = [
            [
                f"{order.competency or order.domain} {cut(points[order.competency].title, TITLE_WIDTH) if order.competency else ''}",
                work.kind_word(order.kind, language), str(order.grade), str(order.n),
            ]
            for order in one.orders
        ]  # fmt: skip
        click.echo(table([text(language, f"cli.coverage.{word}") for word in ("competency", "kind", "grade", "count")], rows))
    click.echo("")


def _record(found: work.Covered) -> dict[str, Any]:
    def plain(record: Any) -> dict[str, Any]:
        return {name: getattr(record, name) for name in record.__slots__}

    order = found.prerequisites
    return {
        "bank": found.bank.name,
        "prerequisites": {
            "edges": order.n_edges, "depth": order.depth, "roots": list(order.roots), "layers": dict(order.layers),
            "redundant": [list(edge) for edge in order.redundant], "cycles": [list(cycle) for cycle in order.cycles],
        },
        "levels": [
            {
                "level": one.level, "forms": one.n_forms, "checks": [plain(check) for check in one.checks],
                "cells": [{**plain(cell), "missing": cell.missing} for cell in one.cells],
                "competencies": [{"code": code, "live": live, "prepared": made} for code, (live, made) in one.points.items()],
                "uses": [plain(use) for use in one.uses], "commission": [plain(order) for order in one.orders],
            }
            for one in found.levels
        ],
    }  # fmt: skip
