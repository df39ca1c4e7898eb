"""ledger verify, trail, copy, backup, restore, vacuum, forget, status."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from qbank.cli.output import (
    HelpCommand,
    HelpGroup,
    common,
    finish,
    here,
    iso_date,
    moment,
    say_problems,
    shown,
    table,
    working,
)
from qbank.ledger import Entry, Ledger, entries
from qbank.ledger.forget import Known
from qbank.ledger.housekeeping import condition
from qbank.ledger.housekeeping import vacuum as give_back
from qbank.messages import Language, has_text, text
from qbank.problem import has_errors
from qbank.workflow import ledger as work
from qbank.workflow.workspace import Workspace

FILE = click.Path(path_type=Path)


@click.group(cls=HelpGroup)
def ledger() -> None:
    """ledger"""


@contextmanager
def _ledger(workspace: Workspace, *, as_json: bool) -> Iterator[Ledger]:
    """Yield the workspace's ledger; where there is none the run ends."""
    found, problems = work.opened(workspace)
    if found is None:
        finish(problems, workspace.language, as_json=as_json)
        raise click.exceptions.Exit(1)
    try:
        yield found
    finally:
        found.close()


@ledger.command(cls=HelpCommand)
@click.option("--expect", default="", metavar="HASH")
@common
def verify(expect: str, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    with _ledger(workspace, as_json=as_json) as opened, working(language, "cli.ledger.verifying"):
        verified, problems = work.verify(opened, expect=expect.strip().lower())
    result = {"last": verified.last, "hash": verified.hash, "rows": dict(verified.rows)}
    finish(problems, language, as_json=as_json, result=result)
    if not as_json:
        counts = {name: verified.rows[name] for name in ("sitting", "person", "identity", "response_block", "scoring")}
        click.echo(text(language, "cli.ledger.verified", entries=verified.last, **counts))
        click.echo(text(language, "cli.ledger.last_hash", number=verified.last, hash=verified.hash))


@ledger.command(cls=HelpCommand)
@click.option("--subject", default=None, metavar="ID")
@click.option("--since", default=None, metavar="YYYY-MM-DD", callback=iso_date)
@click.option("--limit", type=click.IntRange(min=1), default=None)
@common
def trail(subject: str | None, since: str | None, limit: int | None, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    with _ledger(workspace, as_json=as_json) as opened:
        found = entries(opened, subject=subject, since=since or "", limit=limit)
    if as_json:
        finish([], language, as_json=True, result=[_entry(entry) for entry in found])
        return
    header = [text(language, f"cli.ledger.trail.{name}") for name in ("number", "at", "who", "action", "subject", "facts")]
    rows = [[str(e.number), moment(e.at), e.who, _action(e.action, language), e.subject, _facts(e)] for e in found]
    click.echo(table(header, rows, left=6))


def _entry(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def _action(action: str, language: Language) -> str:
    key = f"cli.ledger.action.{action}"
    return text(language, key) if has_text(language, key) else action


def _facts(entry: Entry) -> str:
    """Return what was said that is a word or a number, shortened."""
    said = [f"{name} {value}" for name, value in entry.facts.items() if isinstance(value, str | int | float) and value != ""]
    line = ", ".join(word if len(word) < 40 else word[:37] + "…" for word in said)
    return line if len(line) < 90 else line[:87] + "…"


@ledger.command(cls=HelpCommand)
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@common
def copy(source: str, target: str, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    with working(language, "cli.ledger.copying"):
        copied, problems = work.copy(source, target)
    result = copied and [asdict(one) for one in copied]
    finish(problems, language, as_json=as_json, result=result)
    if copied and not as_json:
        header = [text(language, f"cli.ledger.copy.{name}") for name in ("table", "rows", "digest")]
        click.echo(table(header, [[one.table, str(one.rows), one.digest[:16]] for one in copied]))
        click.echo(text(language, "cli.ledger.copied", n=sum(one.rows for one in copied)))


@ledger.command(cls=HelpCommand)
@click.argument("file", type=FILE)
@common
def backup(file: Path, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    with _ledger(workspace, as_json=as_json) as opened, working(language, "cli.ledger.copying"):
        written, problems = work.backup(opened, file)
    result = written and {"file": str(written), "bytes": written.stat().st_size}
    finish(problems, language, as_json=as_json, result=result)
    if written and not as_json:
        click.echo(text(language, "cli.ledger.backed_up", path=shown(written), size=_size(written.stat().st_size)))


@ledger.command(cls=HelpCommand)
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True)
@common
def restore(file: Path, yes: bool, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    with working(language, "cli.ledger.copying"):
        done, problems = work.restore(file, workspace, yes=yes)
    result = done and {"hash": done.verified.hash, "rows": dict(done.verified.rows), "kept": done.kept and str(done.kept)}
    finish(problems, language, as_json=as_json, result=result)
    if done and not as_json:
        rows = done.verified.rows
        click.echo(text(language, "cli.ledger.restored", sittings=rows["sitting"], persons=rows["person"], path=shown(file)))
        if done.kept:
            click.echo(text(language, "cli.ledger.kept", path=shown(done.kept)))


@ledger.command(cls=HelpCommand)
@common
def vacuum(lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    with _ledger(workspace, as_json=as_json) as opened, working(language, "cli.ledger.copying"):
        before, after = give_back(opened)
    finish([], language, as_json=as_json, result={"before": before, "after": after})
    if not as_json:
        click.echo(text(language, "cli.ledger.vacuumed", before=_size(before), after=_size(after)))


@ledger.command(cls=HelpCommand)
@click.argument("person")
@click.option("--yes", is_flag=True)
@common
def forget(person: str, yes: bool, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    with _ledger(workspace, as_json=as_json) as opened:
        known, problems = work.person_known_as(opened, person)
        if known is None:
            finish(problems, language, as_json=as_json)
            return
        if not yes:
            click.echo(_what_goes(known, language), err=as_json)
            click.confirm(text(language, "cli.ledger.forget_confirm"), abort=True, err=as_json)
        done, problems = work.forget_person(opened, known)
    result = done and {
        "pseudonym": done.fresh, "identities": done.identities, "sittings": list(done.sittings),
        "copies": [str(path) for path in done.copies],
    }
    if as_json or has_errors(problems):
        finish(problems, language, as_json=as_json, result=result)
        return
    assert done is not None
    say_problems(problems, language, "text")
    click.echo(text(language, "cli.ledger.forgotten", identities=done.identities, person=done.fresh))
    if done.copies:
        click.echo(text(language, "cli.ledger.forgotten_copies", paths=", ".join(shown(path) for path in done.copies)))
    click.echo(text(language, "cli.ledger.forgotten_backups"))


def _what_goes(known: Known, language: Language) -> str:
    """Return the identities that would be erased, and the sittings that they stand in."""
    header = [text(language, f"cli.ledger.forget.{name}") for name in ("number", "name", "document")]
    sittings = ", ".join(dict.fromkeys(sitting for sitting, _, _ in known.rows))
    rows = [[one.number, one.name, one.document] for one in known.identities]
    return f"{table(header, rows, left=3)}\n{text(language, 'cli.ledger.forget_sittings', sittings=sittings)}"


@ledger.command(cls=HelpCommand)
@common
def status(lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    with _ledger(workspace, as_json=as_json) as opened:
        found = asdict(condition(opened))
    if as_json:
        finish([], language, as_json=True, result=found)
        return
    for name, value in found.items():
        click.echo(f"{text(language, f'cli.ledger.status.{name}')}: {_size(value) if name == 'bytes' else value}")


def _size(n: int) -> str:
    """Return a number of bytes as people read it.

    >>> _size(3_400_000)
    '3.4 MB'
    """
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n >= scale:
            return f"{n / scale:.1f} {unit}"
    return f"{n} B"
