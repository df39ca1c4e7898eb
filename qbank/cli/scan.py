"""scan."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, finish, here, shown, working
from qbank.messages import text

FILE = click.Path(path_type=Path)


@click.command(cls=HelpCommand)
@click.argument("folder", type=FILE)
@click.option("--forms", "forms", multiple=True, type=FILE)
@click.option("--out", type=FILE, default=Path("answers.csv"))
@click.option("--review", type=FILE, default=Path("review"))
@click.option("--decisions", type=FILE, default=None)
@click.option("--roster", type=FILE, default=None)
@click.option("--paper", default="", metavar="CODE")
@click.option("--digits", type=click.IntRange(1, 12), default=12)
@click.option("--dpi", type=click.IntRange(100, 600), default=200)
@click.option("--bank", type=FILE, default=None)
@common
def scan(
    folder: Path, forms: tuple[Path, ...], out: Path, review: Path, decisions: Path | None, roster: Path | None,
    paper: str, digits: int, dpi: int, bank: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    with working(language, "cli.scan.working"):
        from qbank.workflow.scan import Scanning, scan_sheets

        how = Scanning(out, review, decisions, dpi, paper, digits, roster)
        done, problems = scan_sheets(folder, forms, workspace, how, bank_path=bank)
    result = done and {**dataclasses.asdict(done), "files": [str(path) for path in done.files]}
    if done is not None and not as_json:
        facts = {"pictures": done.n_pictures, "sheets": done.n_sheets, "answers": done.n_answers}
        click.echo(text(language, "cli.scan.done", **facts))
        for why, n in done.doubts.items():
            click.echo(text(language, "cli.scan.doubt", why=why, n=n))
        if done.n_decided:
            click.echo(text(language, "cli.scan.decided", n=done.n_decided))
        if roster is not None:
            click.echo(text(language, "cli.scan.attendance", absent=len(done.absent), unlisted=len(done.unlisted)))
        for path in done.files:
            click.echo(text(language, "cli.scan.wrote", path=shown(path)))
    finish(problems, language, as_json=as_json, result=result)
