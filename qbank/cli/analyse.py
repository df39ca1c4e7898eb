"""analyse."""

from __future__ import annotations

from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, finish, here, shown, working
from qbank.messages import text
from qbank.workflow.analyse import analyse_sitting

FILE = click.Path(path_type=Path)


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--bank", type=FILE, default=None)
@click.option("--out", type=FILE, default=None)
@common
def analyse(id: str, bank: Path | None, out: Path | None, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    with working(language, "cli.analyse.working"):
        done, problems = analyse_sitting(id, workspace, into=out or workspace.root / "reports" / id, bank_path=bank)
    result = done and {
        "files": [str(path) for path in done.files],
        "held": {item: {"flag": flag, "suggested": option} for item, (flag, option) in done.held.items()},
    }
    if done is not None and not as_json:
        click.echo(text(language, "cli.analyse.wrote", path=shown(done.files[0]), n=len(done.files) - 1))
        for item, (flag, option) in done.held.items():
            key = "cli.analyse.miskey" if flag == "miskey" and option else "cli.analyse.held"
            click.echo(text(language, key, item=item, flag=flag, option=option))
    finish(problems, language, as_json=as_json, result=result)
