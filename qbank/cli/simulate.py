"""simulate."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, finish, here, iso_date, shown, working
from qbank.core.form import Form, answer_places
from qbank.kinds import KINDS
from qbank.messages import Language, text
from qbank.problem import has_errors
from qbank.workflow.paper_files import read_forms
from qbank.workflow.papers import bank_of
from qbank.workflow.simulate import Plants, first_persons, simulate_sitting

FILE = click.Path(path_type=Path)


@click.command(cls=HelpCommand)
@click.argument("forms", nargs=-1, required=True, type=FILE)
@click.option("--persons", type=click.IntRange(1, 1_000_000), default=1200)
@click.option("--seed", type=int, default=1)
@click.option("--id", "id", default="simulated")
@click.option("--date", default=None, callback=iso_date, metavar="YYYY-MM-DD")
@click.option("--miskey", default=None, metavar="ITEM=OPTION|none")
@click.option("--drift", "drifts", multiple=True, metavar="ITEM=LOGITS")
@click.option("--leak", "leaks", multiple=True, metavar="ITEM=SHARE[@SITE]")
@click.option("--again", default=None, type=FILE, metavar="RESPONSES")
@click.option("--n-again", type=click.IntRange(0), default=20)
@click.option("--out", type=FILE, default=None)
@common
def simulate(
    forms: tuple[Path, ...], persons: int, seed: int, id: str, date: str | None, miskey: str | None,
    drifts: tuple[str, ...], leaks: tuple[str, ...], again: Path | None, n_again: int, out: Path | None, lang: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    papers, problems = read_forms(forms)
    finish([p for p in problems if has_errors((p,))], language, as_json=as_json and has_errors(problems))
    bank, wrong = bank_of(papers[0], workspace)
    if bank is None:
        finish(wrong, language, as_json=as_json)
        return
    plants = Plants(
        _miskeyed(miskey, papers, language), {item: shift for item, shift, _ in _amounts(drifts, papers, "--drift", language)},
        {item: (share, site) for item, share, site in _amounts(leaks, papers, "--leak", language)},
        first_persons(again, n_again) if again else (),
    )  # fmt: skip
    into = out or workspace.root / "sittings" / id
    day = date or datetime.date.today().isoformat()
    with working(language, "cli.simulate.working"):
        made = simulate_sitting(
            papers, bank, n_persons=persons, seed=seed, into=into, sitting=id, date=day, plants=plants
        )
    if not as_json:
        click.echo(text(language, "cli.simulate.wrote", persons=persons, path=shown(made.responses)))
        if made.item:
            click.echo(text(language, "cli.simulate.planted", item=made.item, path=shown(made.planted)))
    finish([], language, as_json=as_json, result={"responses": str(made.responses), "planted": made.item})


def _miskeyed(miskey: str | None, papers: tuple[Form, ...], language: Language) -> tuple[str, str] | None:
    if miskey is None:
        return None
    if miskey == "none":
        return "", ""
    item, _, option = miskey.partition("=")
    orders = {
        entry.id: entry.order for form in papers for entry in answer_places(form) if KINDS[entry.kind].one_letter
    }
    if len(option) != 1 or option not in orders.get(item, ""):
        raise click.BadParameter(text(language, "cli.simulate.bad_miskey", miskey=miskey), param_hint="--miskey")
    return item, option


def _amounts(
    words: tuple[str, ...], papers: tuple[Form, ...], option: str, language: Language
) -> list[tuple[str, float, str]]:
    """Return (item, number, site) of each ``ITEM=NUMBER@SITE``, or refuse the first that is none."""
    items = {entry.id for form in papers for entry in answer_places(form)}
    found = []
    for word in words:
        item, _, rest = word.partition("=")
        amount, _, site = rest.partition("@")
        try:
            number = float(amount)
        except ValueError:
            number = math.nan
        most = 1.0 if option == "--leak" else 6.0
        if item not in items or not abs(number) <= most or (option == "--leak" and number < 0):
            raise click.BadParameter(text(language, "cli.simulate.bad_amount", word=word), param_hint=option)
        found.append((item, number, site))
    return found
