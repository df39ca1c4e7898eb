"""Whether a ledger is what was written to it: the trail's chain, every block, counts, and what belongs to what.

Nothing is believed: rows are read as they stand, whoever wrote them, and whatever cannot be read is a finding.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, Integer, Table, Text, and_, cast, func, select
from sqlalchemy.types import JSON, Boolean

from qbank.core.responses import NOT_MARKED, NOT_SEEN, STANDINGS
from qbank.ledger import tables
from qbank.ledger.blocks import unpacked
from qbank.ledger.contents import content_digest
from qbank.ledger.digests import ALL, WHOLE, digests
from qbank.ledger.engine import Ledger
from qbank.ledger.persons import pseudonym_key
from qbank.ledger.seals import SEALED, salt_of, sealed, secret_digest
from qbank.ledger.trail import hash_of
from qbank.problem import Problem, Span, error

MOST = 200
"""Findings that are listed; the last one says how many more there are."""
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, IndexError)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was read.

    last, hash : number and hash of the trail's last row: written down elsewhere, they show a trail that was cut off ;
    rows : of each table
    """

    last: int
    hash: str
    rows: Mapping[str, int]


_Had = dict[str, dict[str, tuple[int, dict[str, int] | None]]]
"""By sitting and file that counts: persons, and how many of them had each item, None where it cannot be said."""


@dataclass(slots=True)
class _Findings:
    place: str
    found: list[Problem] = field(default_factory=list)
    n: int = 0

    def add(self, code: str, table: Table | str, row: object = "", **facts: object) -> None:
        self.n += 1
        if len(self.found) < MOST:
            name = table if isinstance(table, str) else table.name
            words = {"table": name, "row": row, **facts}
            found = tuple((name, str(value)) for name, value in words.items())
            self.found.append(Problem(code, "error", Span(self.place), found))

    def problems(self) -> list[Problem]:
        more = self.n - len(self.found)
        return self.found + ([error("L219", Span(self.place), n=more)] if more else [])


@dataclass(slots=True)
class _Recorded:
    """What the trail says of answers and papers."""

    blocks: dict[str, list[str]] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)
    papers: dict[tuple[str, str], str] = field(default_factory=dict)
    standings: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    """(intake, position) → standing at the import, and the last one that somebody gave"""
    digests: dict[tuple[str, str], str] = field(default_factory=dict)
    """(sitting, table) → digest of the rows when they were last written; of tables known as a whole the sitting is ``""``"""
    seals: dict[str, dict[str, str]] = field(default_factory=dict)
    """intake → digests of its salt and of who its persons are, as `seal` made them last"""
    key: str = ""
    """digest of the key of the pseudonyms"""


def verify_ledger(ledger: Ledger, *, expect: str = "") -> tuple[Verified, list[Problem]]:
    """Return what was read, and everything that is not as it was written, each with its table and row.

    expect : a hash of the trail that was written down earlier; the trail has to hold it still
    """
    findings = _Findings(ledger.place)
    with ledger.read() as connection:
        for words in _file_damage(connection):
            findings.add("L212", "", detail=words)
        last, recorded = _check_trail(connection, findings, expect)
        _check_belonging(connection, findings)
        had: _Had = {}
        for intake in _rows(connection, tables.intake):
            seen = None
            try:
                seen = _check_intake(connection, findings, intake, recorded)
            except UNREADABLE as fault:
                findings.add("L206", tables.intake, intake.get("id"), detail=fault)
            if intake["current"]:
                had.setdefault(intake["sitting"], {})[intake["id"]] = (intake["n_persons"], seen)
        _check_exposure(connection, findings, had)
        _check_current(connection, findings)
        _check_scorings(connection, findings)
        _check_papers(connection, findings, recorded)
        _check_rows(connection, findings, recorded)
        _check_seals(connection, findings, recorded)
        counts = {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in tables.metadata.sorted_tables
        }
    return Verified(*last, counts), findings.problems()


def _rows(connection: Connection, table: Table, *where: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table in the order of their keys: JSON as text, truth as 0 or 1."""
    columns = [
        cast(column, Text).label(column.name) if isinstance(column.type, JSON)
        else cast(column, Integer).label(column.name) if isinstance(column.type, Boolean)
        else column
        for column in table.columns
    ]  # fmt: skip
    query = select(*columns).where(*where).order_by(*table.primary_key.columns)
    for row in connection.execute(query, execution_options={"yield_per": 64}).mappings():
        yield dict(row)


def _file_damage(connection: Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    found = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
    return [str(words) for words in found if words != "ok"]


def _check_trail(connection: Connection, findings: _Findings, expect: str) -> tuple[tuple[int, str], _Recorded]:
    number, previous, known = 0, "", expect == ""
    recorded = _Recorded()
    for row in _rows(connection, tables.trail):
        if row["number"] != number + 1:
            findings.add("L202", tables.trail, row["number"], expected=number + 1)
        try:
            row["facts"] = json.loads(row["facts"])
            right = hash_of(row) == row["hash"]
        except UNREADABLE:
            right = False
        if not right:
            findings.add("L201", tables.trail, row["number"])
        elif isinstance(row["facts"], dict):
            _note(recorded, row)
        if row["previous"] != previous:
            findings.add("L203", tables.trail, row["number"])
        number, previous = row["number"], row["hash"]
        known = known or previous == expect
    ends = list(_rows(connection, tables.trail_end))
    if [(end["id"], end["number"], end["hash"]) for end in ends] != [(1, number, previous)]:
        findings.add("L204", tables.trail_end, ", ".join(str(end["id"]) for end in ends) or "–", last=number)
    if not known:
        findings.add("L205", tables.trail, number, hash=expect)
    return (number if isinstance(number, int) else 0, str(previous)), recorded


def _note(recorded: _Recorded, row: Mapping[str, Any]) -> None:
    facts = row["facts"]
    if isinstance(facts.get("blocks"), dict):  # carried over from an earlier schema
        recorded.blocks |= facts["blocks"]
    if isinstance(facts.get("digests"), dict):  # rows that an earlier version wrote have none
        _note_digests(recorded, row["subject"], facts["digests"])
    if isinstance(facts.get("elsewhere"), dict):
        for sitting, found in facts["elsewhere"].items():
            _note_digests(recorded, sitting, found)
    if isinstance(facts.get("seals"), dict):
        recorded.seals |= facts["seals"]
        recorded.key = facts.get("key", recorded.key)
    if row["action"] == "sitting removed":
        recorded.digests = {key: found for key, found in recorded.digests.items() if key[0] != row["subject"]}
        gone = f"{row['subject']}/"  # as names of files begin
        recorded.seals = {intake: found for intake, found in recorded.seals.items() if not intake.startswith(gone)}
    if row["action"] == "person marked":
        place = (facts["intake"], facts["row"] - 1)
        first, _ = recorded.standings.get(place, (facts["before"], ""))
        recorded.standings[place] = (first, facts["after"])
    elif isinstance(facts.get("intake"), str) and "content" in facts:
        recorded.standings = {place: own for place, own in recorded.standings.items() if place[0] != facts["intake"]}
        recorded.blocks[facts["intake"]] = facts.get("blocks", [])
        recorded.contents[facts["intake"]] = facts.get("content", "")
        for form, digest in facts.get("papers", []):
            recorded.papers[row["subject"], form] = digest


def _note_digests(recorded: _Recorded, sitting: str, found: Mapping[str, str]) -> None:
    recorded.digests |= {("" if name in WHOLE else sitting, name): digest for name, digest in found.items() if name in ALL}


def _check_belonging(connection: Connection, findings: _Findings) -> None:
    """Look for rows whose parent is not there."""
    for table in tables.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            parent = key.referred_table
            pairs = [(element.parent, element.column) for element in key.elements]
            joined = table.outerjoin(parent, and_(*(child == referred for child, referred in pairs)))
            query = select(*table.primary_key.columns).select_from(joined).where(pairs[0][1].is_(None))
            for row in connection.execute(query.limit(MOST)):
                findings.add("L208", table, _named(row), parent=parent.name)


def _named(row: Any) -> str:
    return " / ".join(str(part) for part in row)


def _check_intake(
    connection: Connection, findings: _Findings, intake: dict[str, Any], recorded: _Recorded
) -> dict[str, int] | None:
    """Check one file; return how many persons had each item, None where it cannot be said."""
    id, n_persons = intake["id"], intake["n_persons"]
    forms, items, labels = (json.loads(intake[name]) for name in ("forms", "items", "labels"))
    if len(labels) != len(items):
        findings.add("L207", tables.intake, id, what="labels", found=len(labels), expected=len(items))
    persons = list(_rows(connection, tables.person, tables.person.c.intake == id))
    if [row["position"] for row in persons] != list(range(n_persons)):
        findings.add("L207", tables.person, id, what="persons", found=len(persons), expected=n_persons)
    for row in persons:
        if row["standing"] not in STANDINGS or not 0 <= row["form"] < len(forms):
            findings.add("L206", tables.person, f"{id} / {row['position']}", detail=f"{row['standing']}, {row['form']}")
    given = [_as_imported(id, row, recorded) for row in persons]
    if recorded.contents.get(id) and content_digest(forms, items, labels, given) != recorded.contents[id]:
        findings.add("L213", tables.intake, id)
    seen = _check_blocks(connection, findings, intake, labels, persons, recorded)
    _check_ratings(connection, findings, id)
    n_named = _count(connection, tables.identity, id)
    if n_named > (n_persons if intake["current"] else 0):
        findings.add("L207", tables.identity, id, what="identities", found=n_named, expected=n_persons * intake["current"])
    return seen


def _check_exposure(connection: Connection, findings: _Findings, had: _Had) -> None:
    """Hold what is counted of each item against the answers of the files that count.

    A person who has an item in two parts of a sitting counts in one of them: of such items the least and the most are known.
    """
    i, e = tables.intake.c, tables.exposure.c
    query = select(i.sitting, e.intake, e.item, e.n_seen).join(tables.intake, i.id == e.intake)
    used: dict[tuple[str, str], dict[str, int]] = {}
    for sitting, intake, item, n_seen in connection.execute(query.order_by(i.sitting, e.item, e.intake)):
        used.setdefault((sitting, item), {})[intake] = n_seen
    for (sitting, item), found in used.items():
        parts = had.get(sitting, {})
        for intake in found.keys() - parts.keys():
            findings.add("L210", tables.exposure, f"{intake} / {item}", found=found[intake], expected=0)
        counted = [seen for _, seen in parts.values() if seen is not None]
        if len(counted) < len(parts) or not parts.keys() & found.keys():
            continue
        here = [seen[item] for seen in counted if item in seen]  # a case has no column, only its parts have
        low, high = (max(here), sum(here)) if here else (0, sum(n for n, _ in parts.values()))
        total = sum(n for intake, n in found.items() if intake in parts)
        if not low <= total <= high:
            expected = low if low == high else f"{low}–{high}"
            findings.add("L210", tables.exposure, f"{', '.join(found)} / {item}", found=total, expected=expected)


def _as_imported(id: str, row: dict[str, Any], recorded: _Recorded) -> tuple[int, str, str, str, str, str]:
    """Return what the file said of a person; a standing that is not the one last given stays as it is, and is found."""
    before, after = recorded.standings.get((id, row["position"]), (row["standing"], row["standing"]))
    standing = before if row["standing"] == after else row["standing"] + "?"
    return row["form"], standing, row["site"], row["room"], row["seat"], row["groups"]


def _check_blocks(
    connection: Connection, findings: _Findings, intake: dict[str, Any], labels: list[list[str]],
    persons: list[dict[str, Any]], recorded: _Recorded,
) -> dict[str, int] | None:  # fmt: skip
    """Check the answers of one file; return how many persons had each item, None where it cannot be said."""
    id, items = intake["id"], json.loads(intake["items"])
    table, whole = tables.response_block, True
    top = np.array([len(words) for words in labels], dtype=np.int64)
    sat = np.array([row["standing"] != "absent" for row in persons], dtype=bool)
    n_seen, done, checksums = np.zeros(len(items), dtype=np.int64), 0, []
    for number, row in enumerate(_rows(connection, table, table.c.intake == id)):
        name = f"{id} / {row['block']}"
        checksums.append(row["checksum"])
        if (row["block"], row["first"], row["n_items"]) != (number, done, len(items)):
            findings.add("L207", table, name, what="place", found=_named((row["block"], row["first"], row["n_items"])),
                         expected=_named((number, done, len(items))))  # fmt: skip
            whole = False
        try:
            answer = unpacked(row["dtype"], (row["n_persons"], row["n_items"]), row["answer"], row["checksum"])
            if answer.dtype.kind != "i" or (answer.size and (answer.min() < NOT_MARKED or (answer.max(axis=0) >= np.maximum(top, 0)).any())):
                raise ValueError("answers without a label")
            had = (answer != NOT_SEEN) & sat[done : done + len(answer), None]
            n_seen += had.sum(axis=0)
        except UNREADABLE as fault:
            findings.add("L206", table, name, detail=fault)
            whole = False
        done += row["n_persons"] if isinstance(row["n_persons"], int) else 0
    if done != intake["n_persons"]:
        findings.add("L207", table, id, what="persons", found=done, expected=intake["n_persons"])
    if checksums != recorded.blocks.get(id, checksums):
        findings.add("L211", table, id)
    return dict(zip(items, n_seen.tolist(), strict=True)) if whole and done == len(persons) else None


def _check_ratings(connection: Connection, findings: _Findings, id: str) -> None:
    for row in _rows(connection, tables.rating_block, tables.rating_block.c.intake == id):
        try:
            unpacked("float64", (row["n_ratings"], 5), row["rating"], row["checksum"])
            json.loads(row["raters"]), json.loads(row["steps"])
        except UNREADABLE as fault:
            findings.add("L206", tables.rating_block, id, detail=fault)


def _count(connection: Connection, table: Table, intake: str) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(table.c.intake == intake)).scalar_one())


def _check_current(connection: Connection, findings: _Findings) -> None:
    """Look for parts of a sitting of which not exactly the last file holds."""
    latest: dict[tuple[str, str], tuple[int, int, str]] = {}
    holding: dict[tuple[str, str], int] = {}
    for row in _rows(connection, tables.intake):
        part = (row["sitting"], row["part"])
        holding[part] = holding.get(part, 0) + row["current"]
        latest[part] = max(latest.get(part, (0, 0, "")), (row["number"], row["current"], row["id"]))
    for part, (_, current, id) in latest.items():
        if not current or holding[part] != 1:
            findings.add("L214", tables.intake, id, n=holding[part])


def _check_rows(connection: Connection, findings: _Findings, recorded: _Recorded) -> None:
    """Hold the rows of every sitting against what the trail says they were when they were last written."""
    for (sitting, name), expected in sorted(recorded.digests.items()):
        if digests(connection, sitting, [name]) != {name: expected}:
            findings.add("L215", name, sitting)


def _check_seals(connection: Connection, findings: _Findings, recorded: _Recorded) -> None:
    """Hold who the persons of every file are against what the trail says they were when somebody last came or went."""
    if recorded.key and secret_digest(pseudonym_key(connection)) != recorded.key:
        findings.add("L217", tables.secret, "pseudonyms")
    for intake, expected in sorted(recorded.seals.items()):
        salt = salt_of(connection, intake)
        if salt is None or secret_digest(salt) != expected["salt"]:
            findings.add("L217", tables.seal, intake)
            continue
        for table in SEALED:
            if sealed(connection, intake, table, salt) != expected[table]:
                findings.add("L216", table, intake)


def _check_scorings(connection: Connection, findings: _Findings) -> None:
    """Look for totals that are not those written, and counts that are not those of the totals."""
    r = tables.result.c
    for row in _rows(connection, tables.scoring):
        name = f"{row['sitting']} / {row['number']}"
        try:
            total = unpacked("float64", (row["n_persons"],), row["total"], row["checksum"]).astype(np.float64)
            total = total[np.isfinite(total)]
            counts = connection.execute(
                select(func.sum(r.present), func.sum(r["sum"]), func.sum(r.sum_of_squares))
                .where(r.sitting == row["sitting"], r.number == row["number"])
            ).one()  # fmt: skip
            sums = (float(total.size), float(total.sum()), float((total**2).sum()))
            for what, found, expected in zip(("present", "sum", "sum_of_squares"), counts, sums, strict=True):
                if found is not None and not np.isclose(float(found), expected, rtol=1e-9, atol=1e-6):
                    findings.add("L207", tables.result, name, what=what, found=found, expected=expected)
        except UNREADABLE as fault:
            findings.add("L206", tables.scoring, name, detail=fault)


def _check_papers(connection: Connection, findings: _Findings, recorded: _Recorded) -> None:
    p = tables.paper.c
    for sitting, form, digest in connection.execute(select(p.sitting, p.form, p.digest).order_by(p.sitting, p.form)):
        if digest != recorded.papers.get((sitting, form), digest):
            findings.add("L211", tables.paper, f"{sitting} / {form}")
