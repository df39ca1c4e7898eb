"""sitting add, list, show, remove."""

from __future__ import annotations

from pathlib import Path

import click

from qbank.cli.output import HelpCommand, HelpGroup, common, finish, here, table, working
from qbank.cli.standing import mark
from qbank.core.responses import NOT_REACHED, OMITTED
from qbank.ledger import Design, list_sittings, read_sitting, remove_sitting
from qbank.messages import text
from qbank.problem import Problem, Span, error
from qbank.workflow import sitting as work

FILE = click.Path(path_type=Path)


@click.group(cls=HelpGroup)
def sitting() -> None:
    """sitting"""


@sitting.command(cls=HelpCommand)
@click.argument("responses", type=FILE)
@click.option("--forms", "forms", multiple=True, type=FILE)
@click.option("--id", "id", default=None)
@click.option("--date", default=None, metavar="YYYY-MM-DD")
@click.option("--place", default=None)
@click.option("--design", type=click.Choice(["spiralled", "anchor", "none"]), default=None)
@common
def add(
    responses: Path, forms: tuple[Path, ...], id: str | None, date: str | None, place: str | None, design: Design | None,
    lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    with working(workspace.language, "cli.sitting.working"):
        added, problems = work.add_responses(
            responses, forms, workspace, id=id, date=date, place=place, design=design
        )
    result = added and {"outcome": added.outcome, "id": added.id, "persons": added.n_persons, "items": added.n_items}
    finish(problems, workspace.language, as_json=as_json, result=result)
    if added and not as_json:
        key = f"cli.sitting.{added.outcome}"
        click.echo(text(workspace.language, key, id=added.id, persons=added.n_persons, items=added.n_items))


@sitting.command(name="list", cls=HelpCommand)
@common
def list_(lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    found: tuple[tuple[object, int], ...] = ()
    if workspace.has_ledger():
        ledger = workspace.open()
        found = tuple(list_sittings(ledger))
        ledger.close()
    names = ("id", "date", "place", "design", "cut")
    if as_json:
        finish([], language, as_json=True, result=[{n: getattr(r, n) for n in names} | {"persons": p} for r, p in found])
        return
    header = [text(language, f"cli.sitting.{name}") for name in (*names, "persons")]
    click.echo(table(header, [[*(str(getattr(r, n)) for n in names), str(p)] for r, p in found]))


@sitting.command(name="show", cls=HelpCommand)
@click.argument("id")
@common
def show_(id: str, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    stored = None
    if workspace.has_ledger():
        ledger = workspace.open()
        stored = read_sitting(ledger, id)
        ledger.close()
    if stored is None:
        finish([error("L102", Span(id), id=id)], language, as_json=as_json)
        return
    r = stored.responses
    facts = {
        "id": id, "date": stored.record.date, "place": stored.record.place, "design": stored.record.design,
        "cut": stored.record.cut, "forms": ", ".join(r.forms), "persons": len(r.persons), "items": len(r.items),
        "omitted": int((r.answer == OMITTED).sum()), "not_reached": int((r.answer == NOT_REACHED).sum()),
    }  # fmt: skip
    if as_json:
        finish([], language, as_json=True, result=facts)
        return
    for name, value in facts.items():
        click.echo(f"{text(language, f'cli.sitting.{name}')}: {value}")


@sitting.command(cls=HelpCommand)
@click.argument("id")
@click.option("--yes", is_flag=True)
@common
def remove(id: str, yes: bool, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    if not yes:
        click.confirm(text(language, "cli.sitting.confirm", id=id), abort=True)
    problems: list[Problem] = [error("L102", Span(id), id=id)]
    if workspace.has_ledger():
        ledger = workspace.open()
        problems = [] if remove_sitting(ledger, id) else problems
        ledger.close()
    finish(problems, language, as_json=as_json)
    if not as_json:
        click.echo(text(language, "cli.sitting.removed", id=id))


sitting.add_command(mark)
