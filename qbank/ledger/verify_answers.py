"""Files of answers held against what the trail says of them: persons, blocks, ratings, and who is counted for an item."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, func, select

from qbank.core.responses import NOT_MARKED, NOT_SEEN, STANDINGS
from qbank.ledger import tables
from qbank.ledger.blocks import unpacked
from qbank.ledger.contents import content_digest
from qbank.ledger.findings import UNREADABLE, Findings, named, stored_rows
from qbank.ledger.verify_trail import Recorded

Had = dict[str, dict[str, tuple[int, dict[str, int] | None]]]
"""By sitting and file that counts: persons, and how many of them had each item, None where it cannot be said."""


def check_intake(
    connection: Connection, findings: Findings, intake: dict[str, Any], recorded: Recorded
) -> dict[str, int] | None:
    """Check one file; return how many persons had each item, None where it cannot be said."""
    id, n_persons = intake["id"], intake["n_persons"]
    forms, items, labels = (json.loads(intake[name]) for name in ("forms", "items", "labels"))
    if len(labels) != len(items):
        findings.add("L207", tables.intake, id, what="labels", found=len(labels), expected=len(items))
    persons = list(stored_rows(connection, tables.person, tables.person.c.intake == id))
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


def _as_imported(id: str, row: dict[str, Any], recorded: Recorded) -> tuple[int, str, str, str, str, str]:
    """Return what the file said of a person; a standing that is not the one last given stays as it is, and is found."""
    before, after = recorded.standings.get((id, row["position"]), (row["standing"], row["standing"]))
    standing = before if row["standing"] == after else row["standing"] + "?"
    return row["form"], standing, row["site"], row["room"], row["seat"], row["groups"]


def _check_blocks(
    connection: Connection, findings: Findings, intake: dict[str, Any], labels: list[list[str]],
    persons: list[dict[str, Any]], recorded: Recorded,
) -> dict[str, int] | None:  # fmt: skip
    """Check the answers of one file; return how many persons had each item, None where it cannot be said."""
    id, items = intake["id"], json.loads(intake["items"])
    table, whole = tables.response_block, True
    top = np.array([len(words) for words in labels], dtype=np.int64)
    sat = np.array([row["standing"] != "absent" for row in persons], dtype=bool)
    n_seen, done, checksums = np.zeros(len(items), dtype=np.int64), 0, []
    for number, row in enumerate(stored_rows(connection, table, table.c.intake == id)):
        name = f"{id} / {row['block']}"
        checksums.append(row["checksum"])
        if (row["block"], row["first"], row["n_items"]) != (number, done, len(items)):
            findings.add("L207", table, name, what="place", found=named((row["block"], row["first"], row["n_items"])),
                         expected=named((number, done, len(items))))  # fmt: skip
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


def _check_ratings(connection: Connection, findings: Findings, id: str) -> None:
    for row in stored_rows(connection, tables.rating_block, tables.rating_block.c.intake == id):
        try:
            unpacked("float64", (row["n_ratings"], 5), row["rating"], row["checksum"])
            json.loads(row["raters"]), json.loads(row["steps"])
        except UNREADABLE as fault:
            findings.add("L206", tables.rating_block, id, detail=fault)


def _count(connection: Connection, table: Table, intake: str) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(table.c.intake == intake)).scalar_one())


def check_exposure(connection: Connection, findings: Findings, had: Had) -> None:
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
