"""The ledger's own verbs: whether it is whole, what was done to it, copies and backups of it, persons to be forgotten."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from qbank.core.form import form_digest
from qbank.files.bank import shown_path
from qbank.files.forms import parse_form
from qbank.ledger import Ledger, LedgerError, Verified, open_ledger, shown_place, tables, verify_ledger
from qbank.ledger.backup import opened_backup, put_back, write_backup
from qbank.ledger.copy import Copied, DifferentCopy, copy_tables, is_empty
from qbank.ledger.forget import Known, forget, known_as, sweep
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Restored:
    """What a ledger holds now, and where the former one was kept, None where there was nothing in it."""

    verified: Verified
    kept: Path | None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """fresh : the new pseudonym ; identities, sittings : erased, concerned ; copies : files that still hold the person"""

    fresh: str
    identities: int
    sittings: tuple[str, ...]
    copies: tuple[Path, ...]


def opened(workspace: Workspace) -> tuple[Ledger | None, list[Problem]]:
    """Return the ledger of a workspace, which is not made where it is missing."""
    if not workspace.has_ledger():
        place = shown_place(workspace.database)
        return None, [error("L221", Span(place), place=place)]
    return workspace.open(), []


def verify(ledger: Ledger, *, expect: str = "") -> tuple[Verified, list[Problem]]:
    """Return what was read and everything that is not as it was written; `verify_ledger`, and the papers' texts too.

    expect : a hash of the trail that was written down earlier
    """
    verified, problems = verify_ledger(ledger, expect=expect)
    return verified, [*problems, *_papers_changed(ledger)]


def _papers_changed(ledger: Ledger) -> Iterator[Problem]:
    """Yield the papers whose text does not have the digest that stands beside it."""
    p = tables.paper.c
    with ledger.read() as connection:
        query = select(p.sitting, p.form, p.digest, p.text).order_by(p.sitting, p.form)
        for sitting, form, digest, text in connection.execute(query, execution_options={"yield_per": 16}):
            read, _ = parse_form(str(text), f"{sitting} / {form}")
            if read is None or form_digest(read) != digest:
                yield error("L209", Span(ledger.place), table="paper", row=f"{sitting} / {form}")


def copy(source: str, target: str) -> tuple[tuple[Copied, ...] | None, list[Problem]]:
    """Copy a ledger to an empty place, either way between SQLite and PostgreSQL, and return what each table holds.

    source, target : path or URL
    """
    if "://" not in source and not Path(source).is_file():
        return None, [error("L221", Span(source), place=source)]
    old = open_ledger(source)
    try:
        new = open_ledger(target)
        try:
            copied = copy_tables(old, new)
        except DifferentCopy as fault:
            return None, [error("L226", Span(new.place), place=new.place, table=fault.table)]
        finally:
            new.close()
    finally:
        old.close()
    return copied, [] if copied else [error("L220", Span(shown_place(target)), place=shown_place(target))]


def backup(ledger: Ledger, file: Path) -> tuple[Path | None, list[Problem]]:
    """Write the ledger to a file that is not there yet, or to a file with the time as its name in a folder."""
    if file.is_dir():
        file = file / f"ledger-{datetime.datetime.now():%Y%m%d-%H%M%S}.db"
    if file.exists():
        return None, [error("L222", Span(shown_path(file)), place=shown_path(file))]
    file.parent.mkdir(parents=True, exist_ok=True)
    write_backup(ledger, file)
    return file, []


def restore(file: Path, workspace: Workspace, *, yes: bool = False) -> tuple[Restored | None, list[Problem]]:
    """Put a backup in the place of a workspace's ledger; it is read whole first, and the former ledger is kept.

    yes : the ledger may hold something already
    """
    if not file.is_file():
        return None, [error("L227", Span(shown_path(file)), place=shown_path(file))]
    own = None if "://" in workspace.database else Path(workspace.database)
    with opened_backup(file, own or workspace.root / "ledger.db") as source:
        verified, problems = verify(source)
        if has_errors(problems):
            return None, problems
        kept, problems = _set_aside(workspace, own, yes=yes)
        if problems:
            return None, problems
        ledger = workspace.open()
        try:
            put_back(source, ledger, file=file.name)
        finally:
            ledger.close()
    return Restored(verified, kept), []


def _set_aside(workspace: Workspace, own: Path | None, *, yes: bool) -> tuple[Path | None, list[Problem]]:
    """Keep a copy of the ledger that a backup is about to replace; a damaged file is moved away itself."""
    place = shown_place(workspace.database)
    refused = [error("L223", Span(place), place=place)]
    if not workspace.has_ledger():
        return None, []
    kept = _free(own.with_name(f"{own.name}.before-restore") if own else workspace.root / "ledger.db.before-restore")
    try:
        ledger = workspace.open()
    except LedgerError as fault:
        if own is None or fault.reason != "damaged":
            raise
        if not yes:
            return None, refused
        for suffix in ("", "-wal", "-shm"):
            if Path(f"{own}{suffix}").exists():
                Path(f"{own}{suffix}").replace(f"{kept}{suffix}")
        return kept, []
    try:
        with ledger.read() as connection:
            empty = is_empty(connection)
        if empty:
            return None, []
        if not yes:
            return None, refused
        write_backup(ledger, kept)
    finally:
        ledger.close()
    return kept, []


def _free(path: Path) -> Path:
    """Return a name that no file has: the one given, or the next with a number."""
    found, n = path, 1
    while found.exists():
        n += 1
        found = path.with_name(f"{path.name}-{n}")
    return found


def person_known_as(ledger: Ledger, words: str) -> tuple[Known | None, list[Problem]]:
    """Return the one person who has this number, document or pseudonym."""
    found = known_as(ledger, words)
    if not found:
        return None, [error("L224", Span(ledger.place))]
    if len(found) > 1:
        names = ", ".join(f"{known.person} ({known.rows[-1][0]})" for known in found)
        return None, [error("L225", Span(ledger.place), n=len(found), persons=names)]
    return found[0], []


def forget_person(ledger: Ledger, known: Known) -> tuple[Forgotten | None, list[Problem]]:
    """Erase who somebody is, for good; answers and statistics stay."""
    done = forget(ledger, known.person)
    if done is None:
        return None, [error("L224", Span(ledger.place))]
    problems = [] if sweep(ledger) else [warning("L228", Span(ledger.place), place=ledger.place)]
    copies = tuple(sorted(ledger.path.parent.glob(f"{ledger.path.name}.before-*"))) if ledger.path else ()
    sittings = tuple(dict.fromkeys(sitting for sitting, _, _ in known.rows))
    return Forgotten(*done, sittings, copies), problems
