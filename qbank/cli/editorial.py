"""status, queue."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, finish, here, iso_date, table
from qbank.core.bank import Bank
from qbank.core.editorial import CHANGED, changed_halves, follow
from qbank.core.item import Item
from qbank.messages import Language, text
from qbank.problem import Span, error
from qbank.workflow import editorial as work
from qbank.workflow.bank import check_bank
from qbank.workflow.workspace import Workspace

STATUSES = ("draft", "in_review", "approved", "live", "suspended", "retired", "released")


def bank_folder(workspace: Workspace, root: Path | None) -> Path:
    """Return the bank's folder: as asked for, the working directory, or the only bank of the workspace."""
    if root is not None:
        return root
    if (Path.cwd() / "bank.yaml").is_file():
        return Path.cwd()
    found = sorted(path.parent for path in workspace.root.glob("banks/*/bank.yaml"))
    return found[0] if len(found) == 1 else Path.cwd()


@click.command(cls=HelpCommand)
@click.argument("ids", nargs=-1, required=True)
@click.option("--to", type=click.Choice(STATUSES), required=True)
@click.option("--by", required=True)
@click.option("--note", default="")
@click.option("--on", callback=iso_date, default=None)
@click.option("--bank", "root", type=click.Path(path_type=Path), default=None)
@common
def status(
    ids: tuple[str, ...], to: str, by: str, note: str, on: str | None, root: Path | None, lang: str | None, as_json: bool
) -> None:
    workspace = here(lang)
    language = workspace.language
    on = on or datetime.date.today().isoformat()
    request = work.Request(ids, to, by, on, note.strip())  # type: ignore[arg-type]
    moved, problems = work.change_status(bank_folder(workspace, root), request)
    finish(problems, language, as_json=as_json, result=[dataclasses.asdict(one) for one in moved])
    if as_json:
        return
    for one in moved:
        key = "cli.status.signed" if to == "approved" and one.reached == "in_review" else "cli.status.moved"
        click.echo(text(language, key, id=one.id, start=_status(language, one.start), reached=_status(language, one.reached), by=by))


def _status(language: Language, word: str) -> str:
    return text(language, f"cli.status.{word}")


def status_lines(item: Item, fingerprint: str, bank: Bank, language: Language) -> list[str]:
    """Return what `show` says of an item's status: where it stands, why not where it is written to be, its steps."""
    status, written = _status(language, item.status), bank.fallen.get(item.id)
    people = bank.workflow.people if bank.workflow else {}
    if written:
        standing = follow(item.steps, bank.workflow, item.author)
        what = CHANGED[changed_halves(standing.approved, fingerprint)]
        status = text(
            language, "cli.show.fallen" if standing.approved else "cli.show.unapproved", status=status,
            written=_status(language, written), on=standing.approved_on, what=text(language, f"problem.word.{what}"),
        )  # fmt: skip
    lines = [f"{text(language, 'cli.show.status')}: {status}"]
    if item.author:
        author = people[item.author].name if item.author in people else item.author
        lines.append(f"{text(language, 'cli.show.author')}: {author}")
    for n, step in enumerate(item.steps, 1):
        name = people[step.by].name if step.by in people else step.by
        reached = follow(item.steps[:n], bank.workflow, item.author).status
        word = "signature" if step.to == "approved" != reached else step.to
        lines.append(f"  {step.on}  {_status(language, word)}  {name}  {step.note}".rstrip())
    return lines


@click.command(cls=HelpCommand)
@click.argument("bank", required=False, type=click.Path(path_type=Path))
@click.option("--by", default=None)
@common
def queue(bank: Path | None, by: str | None, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    source, problems = check_bank(bank_folder(workspace, bank), cached=True)
    if source.bank is None:
        finish(problems, language, as_json=as_json)
        return
    people = source.bank.workflow.people if source.bank.workflow else {}
    if by is not None and people and by not in people:
        wrong = error("J103", Span(f"{source.bank.root}/bank.yaml"), name=by, people=", ".join(people), suggestion="")
        finish([wrong], language, as_json=as_json)
    found = work.tasks(source.bank, by=by)
    if as_json:
        finish([], language, as_json=True, result=[dataclasses.asdict(task) for task in found])
        return
    if not found:
        click.echo(text(language, "cli.queue.none"))
        return
    header = [text(language, f"cli.queue.{name}") for name in ("person", "task", "item", "since", "author", "remark")]
    rows = []
    for task in found:
        person = people[task.person].name if task.person in people else task.person or text(language, "cli.queue.anyone")
        author = people[task.author].name if task.author in people else task.author
        changed = text(language, "cli.queue.changed", what=text(language, f"problem.word.{task.changed}")) if task.changed else ""
        rows.append([person, text(language, f"cli.queue.{task.task}"), task.item, task.since, author, changed or task.note])
    click.echo(table(header, rows, left=len(header)))
