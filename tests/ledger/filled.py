"""Ledgers filled row by row, as sittings would fill them, for what reads over many sittings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import insert, select

from qbank.core.history import Estimate, Planned
from qbank.ledger import CalibrationRecord, Ledger, tables, write_calibration
from qbank.ledger.blocks import packed


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a sitting as it was scored: site, paper, standing (or waiting for marks), total (of those who sat)."""

    site: str
    form: str
    standing: str
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Used:
    """An item in a sitting: who saw it, and what the analysis said (facility None: not analysed)."""

    item: str
    fingerprint: str
    n_seen: int
    facility: float | None
    n: int = -1
    flags: tuple[str, ...] = ()
    held: bool = False
    item_rest: float | None = 0.3


@dataclass(frozen=True, slots=True)
class Filled:
    """One sitting."""

    id: str
    date: str
    occupation: str = "6-17-02-02 炼钢工"
    level: int = 4
    cut: float = 60.0
    marks: float = 100.0
    persons: tuple[Person, ...] = ()
    used: tuple[Used, ...] = ()
    papers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scored: bool = True
    bank: str = "b"


def fill(ledger: Ledger, sitting: Filled) -> None:
    """Write a sitting: declaration, papers, one intake, exposure, analysis, and its results where it is scored."""
    one = sitting
    prints = {use.item: use.fingerprint for use in one.used}
    with ledger.begin() as connection:
        connection.execute(
            insert(tables.sitting).values(
                id=one.id, date=one.date, place="", design="none", cut=one.cut, marks=one.marks, bank=one.bank,
                occupation=one.occupation, level=one.level, settings={},
            )
        )  # fmt: skip
        for position, (form, items) in enumerate(one.papers.items()):
            text = "".join(f"- {{id: {json.dumps(i)}, fingerprint: {prints[i]}, order: ''}}\n" for i in items)
            connection.execute(
                insert(tables.paper).values(sitting=one.id, form=form, position=position, digest="d", text=text)
            )
        connection.execute(
            insert(tables.intake).values(
                id=f"{one.id}//1", sitting=one.id, part="", number=1, current=True, at="", who="", source="", digest="",
                why="", forms=list(one.papers), items=[], labels=[], n_persons=len(one.persons), settings={},
            )
        )  # fmt: skip
        for use in one.used:
            connection.execute(
                insert(tables.exposure).values(
                    intake=f"{one.id}//1", item=use.item, fingerprint=use.fingerprint, n_seen=use.n_seen,
                    papers=[form for form, items in one.papers.items() if use.item in items],
                )
            )
            if use.facility is not None:
                connection.execute(
                    insert(tables.item_use).values(
                        sitting=one.id, item=use.item, fingerprint=use.fingerprint, n=use.n if use.n >= 0 else use.n_seen,
                        facility=use.facility, item_rest=use.item_rest, n_omitted=1, n_not_reached=2,
                        flags=list(use.flags), held=use.held,
                    )
                )  # fmt: skip
    if one.scored:
        score(ledger, one)


def score(ledger: Ledger, one: Filled, *, number: int = 1) -> None:
    """Write a scoring of a sitting that holds, with its results by site and paper, as the scoring helper would."""
    _, total, checksum = packed(np.array([person.total for person in one.persons], np.float64))
    with ledger.begin() as connection:
        connection.execute(tables.scoring.update().where(tables.scoring.c.sitting == one.id).values(current=False))
        connection.execute(
            insert(tables.scoring).values(
                sitting=one.id, number=number, at="", who="", current=True, rules={}, changes={}, intakes=[],
                n_persons=len(one.persons), total=total, checksum=checksum,
            )
        )  # fmt: skip
        for site, form in sorted({(person.site, person.form) for person in one.persons}):
            own = [p for p in one.persons if (p.site, p.form) == (site, form)]
            connection.execute(insert(tables.result).values(sitting=one.id, number=number, **results_of(one, own, site, form)))


def results_of(one: Filled, own: Sequence[Person], site: str, form: str) -> dict[str, Any]:
    """Return the counts of some persons, one by one."""
    sat = [person.total for person in own if person.standing == "present"]
    bands = [0] * 20
    for total in sat:
        bands[min(max(int(20 * total / one.marks + 1e-9), 0), 19)] += 1
    return {
        "site": site, "form": form, "registered": len(own), "present": len(sat),
        "void": sum(p.standing == "void" for p in own), "withheld": sum(p.standing == "withheld" for p in own),
        "waiting": sum(p.standing == "waiting" for p in own), "passed": sum(total >= one.cut for total in sat), "sum": float(sum(sat)),
        "sum_of_squares": float(sum(total**2 for total in sat)), "bands": bands,
    }  # fmt: skip


def calibrate(
    ledger: Ledger, sitting: str, estimates: Sequence[tuple[str, str, float, float]], *, scale: str = "b:1",
    planned: Sequence[Planned] = (),
) -> None:  # fmt: skip
    """Write a calibration; estimates : (item, fingerprint, b, its standard error)."""
    head = CalibrationRecord(sitting, "rasch", scale, 0.0, 1.0, -1.0, 1e-6, True, 100)
    found = [
        (item, Estimate(print_, "rasch", scale, {"a": 1.0, "b": b}, {"a": 0.0, "b": error}, 100, sitting))
        for item, print_, b, error in estimates
    ]
    write_calibration(ledger, head, found, planned=planned)


def n_rows(ledger: Ledger, table: Any) -> int:
    """Return how many rows a table has."""
    with ledger.read() as connection:
        return len(connection.execute(select(table)).all())
