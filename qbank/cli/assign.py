"""assign."""

from __future__ import annotations

from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, finish, here, shown, working
from qbank.messages import text
from qbank.workflow.assign import assign_papers

FILE = click.Path(path_type=Path)


@click.command(cls=HelpCommand)
@click.argument("roster", type=FILE)
@click.option("--forms", "forms", multiple=True, required=True, type=FILE)
@click.option("--seed", type=click.IntRange(min=0), default=1)
@click.option("--max-seen", type=click.IntRange(min=0), default=None)
@click.option("--out", type=FILE, default=None)
@common
def assign(
    roster: Path, forms: tuple[Path, ...], seed: int, max_seen: int | None, out: Path | None, lang: str | None, as_json: bool
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    with working(language, "cli.assign.working"):
        done, problems = assign_papers(roster, forms, workspace, seed=seed, most_seen=max_seen, into=out)
    left = 0 if done is None else int((done.form < 0).sum())
    result = done and {
        "files": [str(path) for path in done.files], "persons": len(done.roster.persons), "counts": done.counts,
        "seed": seed, "sat_before": done.repeaters, "without_paper": left, "neighbours_alike": done.alike,
        "most_seen": dict(zip(done.counts, done.most, strict=True)),
    }  # fmt: skip
    if done is not None and not as_json:
        papers = ", ".join(f"{form} {n}" for form, n in done.counts.items())
        click.echo(text(language, "cli.assign.done", persons=len(done.roster.persons), papers=papers, seed=seed))
        if done.repeaters:
            click.echo(text(language, "cli.assign.repeaters", n=done.repeaters, most=max(done.most)))
        if left:
            click.echo(text(language, "cli.assign.left", n=left))
        for path in done.files:
            click.echo(text(language, "cli.assign.wrote", path=shown(path)))
    finish(problems, language, as_json=as_json, result=result)
