"""similar: near copies in a bank."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from qbank.cli.output import HelpCommand, common, finish, here, say_problems, shown, working
from qbank.messages import Language, text
from qbank.problem import has_errors
from qbank.workflow import similar as work


@click.command(cls=HelpCommand)
@click.argument("bank", type=click.Path(path_type=Path))
@click.option("--item", "id", default="")
@click.option("--threshold", type=click.FloatRange(0, 1, min_open=True), default=0.5, show_default=True)
@click.option("--with-options", "only_whole", is_flag=True)
@click.option("--write-enemies", is_flag=True)
@common
def similar(
    bank: Path, id: str, threshold: float, only_whole: bool, write_enemies: bool, lang: str | None, as_json: bool
) -> None:
    language = here(lang).language
    with working(language, "cli.similar.working"):
        found, problems = work.similar_items(bank, threshold=threshold, only_whole=only_whole, id=id)
    n_written = 0
    if found is not None and write_enemies:
        n_written, more = work.write_enemies(found)
        problems += more
    if found is None or as_json:
        finish(problems, language, as_json=as_json, result=found and {**_record(found, threshold), "written": n_written})
        return
    for number, group in enumerate(found.groups, start=1):
        _say_group(found, number, group, language)
    say_problems(problems, language, "text")
    counts = {"items": found.n_items, "pairs": len(found.pairs), "groups": len(found.groups)}
    click.echo(text(language, "cli.similar.done", threshold=f"{threshold:g}", **counts))
    if write_enemies and found.pairs:
        click.echo(text(language, "cli.similar.written", n=n_written))
    if found.nearest:
        pair = found.nearest
        click.echo(text(language, "cli.similar.nearest", first=pair.first, second=pair.second, **_measures(pair.stem, pair.whole)))
    if has_errors(problems):
        raise click.exceptions.Exit(1)


def _measures(stem: float, whole: float) -> dict[str, str]:
    return {"stem": f"{stem:.2f}", "whole": f"{whole:.2f}"}


def _say_group(found: work.Similar, number: int, group: tuple[str, ...], language: Language) -> None:
    items = [found.bank.items[id] for id in group]
    items.sort(key=lambda item: (item.span, item.id))
    click.echo(text(language, "cli.similar.group", number=number, n=len(items)))
    for n, item in enumerate(items):
        click.echo(f"  {item.id}  {item.status}  {shown(Path(item.span.path))}:{item.span.line}")
        pair = work.compared_with(item.id, [other.id for other in items[:n]], found.pairs)
        if pair is None:
            click.echo(_inset(item.stem))
            continue
        other = found.bank.items[pair.first if pair.second == item.id else pair.second]
        finding = "" if pair.finding == "copy" else "  " + text(language, f"cli.similar.{pair.finding}")
        click.echo("    " + text(language, "cli.similar.pair", other=other.id, **_measures(pair.stem, pair.whole)) + finding)
        click.echo(_inset(work.shown_difference(other, item)))
    click.echo("")


def _inset(words: str) -> str:
    return "\n".join(f"    {line}" for line in words.strip().splitlines())


def _record(found: work.Similar, threshold: float) -> dict[str, Any]:
    items = found.bank.items
    return {
        "items": found.n_items, "threshold": threshold, "clusters": [list(group) for group in found.groups],
        "pairs": [
            {
                "first": pair.first, "second": pair.second, "stem": round(pair.stem, 4), "whole": round(pair.whole, 4),
                "finding": pair.finding, "difference": work.shown_difference(items[pair.first], items[pair.second]),
            }
            for pair in found.pairs
        ],
    }  # fmt: skip
