"""The trail held against its own chain of hashes, and what it says that the other tables were."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from qbank.ledger import tables
from qbank.ledger.digests import ALL, WHOLE
from qbank.ledger.findings import UNREADABLE, Findings, stored_rows
from qbank.ledger.trail import hash_of


@dataclass(slots=True)
class Recorded:
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


def check_trail(connection: Connection, findings: Findings, expect: str) -> tuple[tuple[int, str], Recorded]:
    """Return number and hash of the last row, and what the rows say; a row that is not as it was written says nothing.

    expect : a hash that has to be among them, "" for none
    """
    number, previous, known = 0, "", expect == ""
    recorded = Recorded()
    for row in stored_rows(connection, tables.trail):
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
    ends = list(stored_rows(connection, tables.trail_end))
    if [(end["id"], end["number"], end["hash"]) for end in ends] != [(1, number, previous)]:
        findings.add("L204", tables.trail_end, ", ".join(str(end["id"]) for end in ends) or "–", last=number)
    if not known:
        findings.add("L205", tables.trail, number, hash=expect)
    return (number if isinstance(number, int) else 0, str(previous)), recorded


def _note(recorded: Recorded, row: Mapping[str, Any]) -> None:
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


def _note_digests(recorded: Recorded, sitting: str, found: Mapping[str, str]) -> None:
    recorded.digests |= {("" if name in WHOLE else sitting, name): digest for name, digest in found.items() if name in ALL}
