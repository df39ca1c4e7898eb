"""sitting mark."""

from __future__ import annotations

import click

from qbank.cli.gate import stage_name
from qbank.cli.output import HelpCommand, common, finish, here
from qbank.core.responses import STANDINGS, Standing
from qbank.messages import text
from qbank.workflow.standing import mark_standing


@click.command(cls=HelpCommand)
@click.argument("id")
@click.argument("person")
@click.argument("standing", type=click.Choice(STANDINGS))
@click.option("--why", required=True)
@click.option("--who", default="")
@common
def mark(id: str, person: str, standing: Standing, why: str, who: str, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    done, problems = mark_standing(id, person, standing, workspace, why=why, who=who)
    result = done and {name: getattr(done, name) for name in done.__slots__}
    finish(problems, language, as_json=as_json, result=result)
    if done is None or as_json:
        return
    words = {name: text(language, f"cli.standing.{getattr(done, name)}") for name in ("before", "after")}
    key = "unchanged" if done.before == done.after else "changed"
    click.echo(text(language, f"cli.sitting_mark.{key}", id=id, person=person, **words))
    if done.taken_back:
        names = text(language, "cli.gate.and").join(stage_name(stage, language) for stage in done.taken_back)
        click.echo(text(language, "cli.gate.taken_back", id=id, stages=names))
