"""score."""

from __future__ import annotations

from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, finish, here, shown
from qbank.messages import text
from qbank.workflow.results import write_results
from qbank.workflow.scoring import score_sitting

FILE = click.Path(path_type=Path)


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--bank", type=FILE, default=None)
@click.option("--out", type=FILE, default=None)
@common
def score(id: str, bank: Path | None, out: Path | None, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    scored, problems = score_sitting(id, workspace, bank)
    if scored is None:
        finish(problems, language, as_json=as_json)
        return
    files = write_results(scored, out or workspace.root / "results" / id, language)
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
