"""simulate, sitting add|list|show|remove, score."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from qbank.cli.output import HelpCommand, HelpGroup, common, finish, here, iso_date, shown, table, working
from qbank.core.form import Form, answer_places
from qbank.core.responses import NOT_REACHED, OMITTED
from qbank.kinds import KINDS
from qbank.ledger import Design, list_sittings, read_sitting, remove_sitting
from qbank.messages import Language, text
from qbank.problem import Problem, Span, error, has_errors
from qbank.workflow import sitting as work
from qbank.workflow.papers import bank_of, read_forms
from qbank.workflow.simulate import simulate_sitting

FILE = click.Path(path_type=Path)


@click.command(cls=HelpCommand)
@click.argument("forms", nargs=-1, required=True, type=FILE)
@click.option("--persons", type=click.IntRange(1, 1_000_000), default=1200)
@click.option("--seed", type=int, default=1)
@click.option("--id", "id", default="simulated")
@click.option("--date", default=None, callback=iso_date, metavar="YYYY-MM-DD")
@click.option("--miskey", default=None, metavar="ITEM=OPTION")
@click.option("--out", type=FILE, default=None)
@common
def simulate(
    forms: tuple[Path, ...], persons: int, seed: int, id: str, date: str | None, miskey: str | None, out: Path | None,
    lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    papers, problems = read_forms(forms)
    finish([p for p in problems if has_errors((p,))], language, as_json=as_json and has_errors(problems))
    bank, wrong = bank_of(papers[0], workspace)
    if bank is None:
        finish(wrong, language, as_json=as_json)
        return
    planted = _planted(miskey, papers, language)
    into = out or workspace.root / "sittings" / id
    day = date or datetime.date.today().isoformat()
    with working(language, "cli.simulate.working"):
        made = simulate_sitting(
            papers, bank, n_persons=persons, seed=seed, into=into, sitting=id, date=day, miskeyed=planted
        )
    if not as_json:
        click.echo(text(language, "cli.simulate.wrote", persons=persons, path=shown(made.responses)))
        click.echo(text(language, "cli.simulate.planted", item=made.item, path=shown(made.planted)))
    finish([], language, as_json=as_json, result={"responses": str(made.responses), "planted": made.item})


def _planted(miskey: str | None, papers: tuple[Form, ...], language: Language) -> tuple[str, str] | None:
    if miskey is None:
        return None
    item, _, option = miskey.partition("=")
    orders = {
        entry.id: entry.order for form in papers for entry in answer_places(form) if KINDS[entry.kind].one_letter
    }
    if len(option) != 1 or option not in orders.get(item, ""):
        raise click.BadParameter(text(language, "cli.simulate.bad_miskey", miskey=miskey), param_hint="--miskey")
    return item, option


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


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--bank", type=FILE, default=None)
@click.option("--out", type=FILE, default=None)
@common
def score(id: str, bank: Path | None, out: Path | None, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    scored, problems = work.score_sitting(id, workspace, bank)
    if scored is None:
        finish(problems, language, as_json=as_json)
        return
    files = work.write_results(scored, out or workspace.root / "results" / id, language)
    corrected = [item for item, entry in scored.marking.items() if entry.corrected]
    result = {"files": [str(path) for path in files], "corrected": corrected, "credited": sorted(scored.credited)}
    if not as_json:
        for path in files:
            click.echo(text(language, "cli.score.wrote", path=shown(path)))
        if corrected:
            click.echo(text(language, "cli.score.corrected", items=", ".join(corrected)))
        if scored.credited:
            click.echo(text(language, "cli.score.credited", items=", ".join(sorted(scored.credited))))
    finish(problems, language, as_json=as_json, result=result)
