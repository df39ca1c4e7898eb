"""decide."""

from __future__ import annotations

import datetime
import getpass
import os

import click

from qbank.cli.output import HelpCommand, common, finish, here
from qbank.messages import text
from qbank.workflow import decide as work


@click.command(cls=HelpCommand)
@click.argument("id")
@click.argument("item")
@click.argument("verdict", type=click.Choice(["keep", "credit"]))
@click.option("--why", required=True)
@click.option("--who", default=None)
@common
def decide(id: str, item: str, verdict: str, why: str, who: str | None, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    problems = work.decide(
        id, item, workspace, verdict=verdict, why=why, who=who or os.environ.get("QBANK_USER") or getpass.getuser(), at=now
    )
    finish(problems, workspace.language, as_json=as_json, result={"item": item, "verdict": verdict})
    if not as_json:
        click.echo(text(workspace.language, f"cli.decide.{verdict}", item=item, id=id))
