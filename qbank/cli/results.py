"""results."""

from __future__ import annotations

from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, finish, here, shown, working
from qbank.messages import text
from qbank.workflow.official_files import write_candidates, write_official
from qbank.workflow.workspace import Workspace

FILE = click.Path(path_type=Path)
MOST_NAMED = 8
MOST_RANKS = 10
"""Ranks that the terminal shows; the files have all."""


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--candidates", is_flag=True)
@click.option("--ranking", is_flag=True)
@click.option("--person", default=None, metavar="NUMBER")
@click.option("--appeal", default="", metavar="WORDS")
@click.option("--out", type=FILE, default=None)
@common
def results(
    id: str, candidates: bool, ranking: bool, person: str | None, appeal: str, out: Path | None, lang: str | None, as_json: bool
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    if ranking:
        if candidates or person is not None:
            raise click.UsageError(text(language, "cli.results.either"))
        _ranking(id, workspace, out, as_json=as_json)
        return
    with working(language, "cli.results.working"):
        if candidates or person is not None:
            done, problems = write_candidates(id, workspace, person=person, appeal=appeal, into=out)
        else:
            done, problems = write_official(id, workspace, into=out)
    listed = done and done.listed
    result = done and listed and {
        "files": [str(path) for path in done.files], "persons": len(listed.results), "release": listed.number,
        "run": listed.release.facts.get("run"), "corrected": len(listed.changes),
        "passed": sum(line.passed is True for line in listed.results), "calibrated": listed.calibrated,
        "not_calibrated": listed.not_calibrated, "error_left_out": {form: list(parts) for form, parts in listed.left_out.items()},
    }  # fmt: skip
    if done is not None and not as_json:
        for path in done.files[:MOST_NAMED]:
            click.echo(text(language, "cli.results.wrote", path=shown(path)))
        if len(done.files) > MOST_NAMED:
            click.echo(text(language, "cli.results.more", n=len(done.files) - MOST_NAMED, folder=shown(done.files[-1].parent)))
        if done.listed.number > 1:
            click.echo(text(language, "cli.results.corrected", n=len(done.listed.changes)))
    finish(problems, language, as_json=as_json, result=result)


def _ranking(id: str, workspace: Workspace, out: Path | None, *, as_json: bool) -> None:
    """Write the list by rank, and show its head with what the tie-breaks did."""
    from qbank.cli.blocks import block_lines
    from qbank.report.ranking import ranking_report
    from qbank.workflow.ranking_files import ranking_record, write_ranking

    language = workspace.language
    with working(language, "cli.results.working"):
        done, problems = write_ranking(id, workspace, into=out)
    if done is not None and not as_json:
        lines = block_lines(ranking_report(done.found, language, most=MOST_RANKS).blocks, without=("methods",))
        click.echo("\n".join(lines).lstrip("\n"))
        click.echo()
        for path in done.files:
            click.echo(text(language, "cli.results.wrote", path=shown(path)))
    result = done and {"files": [str(path) for path in done.files], **ranking_record(done)}
    finish(problems, language, as_json=as_json, result=result)
