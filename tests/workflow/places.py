"""Workspaces for the tests: the steelmaking bank, two assembled papers, a simulated sitting of 300 persons."""

from __future__ import annotations

import atexit
import csv
import functools
import io
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qbank.core.form import Form, FormItem, form_items
from qbank.problem import Problem, has_errors
from qbank.workflow.bank import usable_bank
from qbank.workflow.papers import assemble_papers
from qbank.workflow.simulate import Simulated, simulate_sitting
from qbank.workflow.sitting import Added, add_responses
from qbank.workflow.workspace import Workspace
from tests.corpus import CORPUS

REPOSITORY = Path(__file__).resolve().parents[2]
SITTING = "2026-11-A"
DATE = "2026-11-23"


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace folder with two papers and the answers of a sitting that is not in the ledger yet."""

    root: Path
    forms: tuple[Form, ...]
    simulated: Simulated

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root, "en", str(self.root / "ledger.db"))

    @property
    def database(self) -> Path:
        return self.root / "ledger.db"

    @property
    def blueprint(self) -> Path:
        return self.root / "blueprints/bof-4-theory.yaml"

    @property
    def form_folder(self) -> Path:
        return self.root / "forms/bof-4-theory"

    @property
    def bank(self) -> Path:
        return self.root / "banks/steelmaking"

    @property
    def responses(self) -> Path:
        return self.root / "sittings" / SITTING / "responses.csv"

    @property
    def miskeyed(self) -> str:
        return self.simulated.item


@functools.cache
def prepared() -> Place:
    """Return the workspace that all others are copied from; it is made once a run and never written to again."""
    root = Path(tempfile.mkdtemp(prefix="qbank-tests-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return make_place(root, n_persons=300)


def make_place(root: Path, *, n_persons: int) -> Place:
    for name in ("banks", "blueprints"):
        shutil.copytree(CORPUS / name, root / name)
    shutil.copy(CORPUS / "qbank.yaml", root)
    workspace = Workspace(root, "en", str(root / "ledger.db"))
    made, problems = assemble_papers(root / "blueprints/bof-4-theory.yaml", workspace, series="1", as_of=DATE)
    assert made is not None and not has_errors(problems), problems
    bank, wrong = usable_bank(root / "banks/steelmaking")
    assert bank is not None, wrong
    simulated = simulate_sitting(
        made.forms, bank, n_persons=n_persons, seed=7, into=root / "sittings" / SITTING, sitting=SITTING, date=DATE
    )
    return Place(root, made.forms, simulated)


def copy_place(place: Place, root: Path) -> Place:
    shutil.copytree(place.root, root, dirs_exist_ok=True)
    return Place(root, place.forms, place.simulated)


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a CSV, by a reader that is not qbank's."""
    header, *rows = csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
    return header, rows


def write_table(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> Path:
    """Write a CSV; with a folder of its own, so that no sitting.yaml stands beside it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue().encode(encoding))
    return path


def add(place: Place, path: Path | None = None, **options: str) -> tuple[Added | None, list[Problem]]:
    """Add the simulated sitting, or the file given, with both papers."""
    words = {"id": SITTING, "date": DATE, "design": "spiralled", **options}
    return add_responses(path or place.responses, (place.form_folder,), place.workspace, **words)


def added(place: Place, path: Path | None = None, **options: str) -> Added:
    """Add and expect that it works; what nobody has changed since it was prepared is added once a run, and copied."""
    if path is None and not options and _is_untouched(place):
        ledger, done = _prepared_ledger()
        shutil.copy(ledger, place.database)
        return done
    done, problems = add(place, path, **options)
    assert done is not None and not has_errors(problems), problems
    return done


@functools.cache
def _prepared_ledger() -> tuple[Path, Added]:
    """Return a ledger that holds the simulated sitting of the prepared workspace, and what adding it said."""
    root = Path(tempfile.mkdtemp(prefix="qbank-tests-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    place = copy_place(prepared(), root / "place")
    done, problems = add(place)
    assert done is not None and not has_errors(problems), problems
    return place.database, done


def _is_untouched(place: Place) -> bool:
    """Return whether every file of a workspace is that of the prepared one, by size and time, and no other is there."""
    original = prepared().root

    def files(root: Path) -> dict[str, tuple[int, int]]:
        found = ((path, path.stat()) for path in root.rglob("*") if path.is_file())
        return {path.relative_to(root).as_posix(): (state.st_size, state.st_mtime_ns) for path, state in found}

    return files(original) == files(place.root)


def rows_of(database: Path) -> list[str]:
    """Return everything that stands in the ledger, row by row, read without qbank."""
    connection = sqlite3.connect(database)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return list(connection.iterdump())
    finally:
        connection.close()


def contents_of(database: Path) -> list[str]:
    """Return the rows of a ledger without what differs from one to another: its key, its times, its trail's hashes, the order in
    which its indices were made.

    Pseudonyms are numbered as they appear.
    """
    return normalised(rows_of(database))


def normalised(rows: Sequence[str]) -> list[str]:
    """Return rows without key, times, hashes of the trail and orders of making; pseudonyms numbered as they appear."""
    known: dict[str, str] = {}
    found = []
    for row in rows:
        if row.startswith(('INSERT INTO "secret"', 'INSERT INTO "seal"', "CREATE INDEX")):
            continue
        line = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+\+00:00", "at", row)
        if row.startswith('INSERT INTO "trail'):
            line = re.sub(r"'[0-9a-f]{64}'", "hash", line)
            line = re.sub(r'"digests": \{[^}]*\}', "digests", line)  # of rows that hold times
            line = re.sub(r'"(salt|person|identity|key)": "[0-9a-f]{64}"', r"\1", line)  # by keys of this ledger
        found.append(re.sub(r"'p[a-z2-7]{16}'", lambda m: known.setdefault(m.group(), f"P{len(known)}"), line))
    return found


def n_rows(database: Path, table: str) -> int:
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def entries(form: Form) -> dict[str, FormItem]:
    return {entry.id: entry for entry in form_items(form)}


def edit_item(place: Place, id: str, pattern: str, replacement: str) -> Path:
    """Edit one item in its file as an editor would; ``pattern`` must fit exactly once inside the item."""
    for path in sorted((place.bank / "items").rglob("*.yaml")):
        source = path.read_text("utf-8")
        found = re.search(rf"^  - id: {re.escape(id)}\n(?:(?!  - id:).*\n)*", source, flags=re.MULTILINE)
        if found:
            block, n = re.subn(pattern, replacement, found.group(), flags=re.MULTILINE)
            assert n == 1, (id, pattern, n)
            path.write_text(source[: found.start()] + block + source[found.end() :], "utf-8")
            return path
    raise AssertionError(f"no item {id}")
