"""Everything that the ledger knows of one item, by a handful of indexed queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Text, cast, func, select, union

from qbank.core.history import Estimate
from qbank.ledger import tables
from qbank.ledger.calibrations import number, present_scales
from qbank.ledger.engine import Ledger
from qbank.ledger.flags import ItemFlag, read_flags
from qbank.ledger.history import planned_of
from qbank.ledger.item_records import DatedEstimate, ItemHistory, SittingUse, revisions_of
from qbank.ledger.values import location_of, parsed
from qbank.ledger.verdicts import Decision, numbered_decisions

MOST_PARTS = 20
"""Parts that a case can have; theirs are the ids ``CASE.1``, ``CASE.2`` …"""
MOST_ITEMS = 40
"""Items asked for at once: a statement of SQLite takes a limited number of ids."""
PARSED = ("values", "errors", "covariance", "categories")


def item_history(ledger: Ledger, item: str) -> ItemHistory:
    """Return the history of an item and of its parts where it is a case; that of an unknown item is empty.

    Cost: by the sittings of this item alone, whatever else the ledger holds.
    """
    return item_histories(ledger, [item])[item]


def item_histories(ledger: Ledger, items: Sequence[str]) -> dict[str, ItemHistory]:
    """Return the history of each item, as `item_history` does, by the same few queries for `MOST_ITEMS` at a time."""
    found: dict[str, ItemHistory] = {}
    with ledger.read() as connection:
        for start in range(0, len(items), MOST_ITEMS):
            found |= _histories(connection, items[start : start + MOST_ITEMS])
    return found


def _histories(connection: Connection, items: Sequence[str]) -> dict[str, ItemHistory]:
    own = {item: [item, *(f"{item}.{n}" for n in range(1, MOST_PARTS + 1))] for item in items}
    ids = list(dict.fromkeys(id for several in own.values() for id in several))
    uses = _by_item(_uses(connection, ids))
    estimates = _by_item(_estimates(connection, ids))
    decided = _by_item(decision for _, decision in numbered_decisions(connection, items=ids))
    flags = _by_item(read_flags(connection, items=ids))
    planned = _by_item(_planned(connection, ids))
    scales = present_scales(connection) if estimates else {}
    found = {}
    for item, several in own.items():
        whole, *parts = (
            _history(id, scales, *(rows.get(id, []) for rows in (uses, estimates, decided, planned, flags))) for id in several
        )
        found[item] = replace(whole, parts=tuple(part for part in parts if part.uses or part.estimates or part.decisions))
    return found


def known_items(ledger: Ledger) -> tuple[str, ...]:
    """Return every id that a sitting, a calibration or a decision speaks of, sorted."""
    found = union(*(select(table.c.item) for table in (tables.exposure, tables.item_use, tables.parameter, tables.decision)))
    with ledger.read() as connection:
        return tuple(sorted(row[0] for row in connection.execute(found)))


def _by_item(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.item, []).append(row)
    return found


def _uses(connection: Connection, ids: Sequence[str]) -> Sequence[Any]:
    """Return item × sitting: who had it, by the import; how it went, by the analysis."""
    e, i, s, u = tables.exposure.c, tables.intake.c, tables.sitting.c, tables.item_use.c
    seen = (
        select(i.sitting, e.item, func.max(e.fingerprint).label("printed"), func.sum(e.n_seen).label("n_seen"),
               func.aggregate_strings(cast(e.papers, Text), ",").label("papers"))
        .join(tables.intake, i.id == e.intake)
        .where(e.item.in_(ids), i.current)
        .group_by(i.sitting, e.item)
        .subquery()
    )  # fmt: skip
    query = (
        select(seen.c.item, seen.c.papers, cast(u.flags, Text).label("flags"), seen.c.sitting, s.date, seen.c.printed,
               seen.c.n_seen, u.fingerprint, u.n, u.facility, u.item_rest, u.n_omitted, u.n_not_reached, u.held)
        .join(tables.sitting, s.id == seen.c.sitting)
        .outerjoin(tables.item_use, (u.sitting == seen.c.sitting) & (u.item == seen.c.item))
        .order_by(s.date, seen.c.sitting)
    )  # fmt: skip
    return connection.execute(query).all()


def _estimates(connection: Connection, ids: Sequence[str]) -> Sequence[Any]:
    p, c, s = tables.parameter.c, tables.calibration.c, tables.sitting.c
    texts = [cast(p[name], Text).label(name) for name in PARSED]
    query = (
        select(*texts, p.item, p.fingerprint, p.model, p.n_categories, p.n_answers, c.scale, c.sitting, c.number, s.date, s.bank)
        .join(tables.calibration, c.id == p.calibration)
        .join(tables.sitting, s.id == c.sitting)
        .where(p.item.in_(ids), c.current)
        .order_by(s.date, c.sitting, c.number)
    )
    return connection.execute(query).all()


def _planned(connection: Connection, ids: Sequence[str]) -> Sequence[Any]:
    p, c, s = tables.planned.c, tables.calibration.c, tables.sitting.c
    query = (
        select(tables.planned, c.scale, c.sitting)
        .join(tables.calibration, c.id == p.calibration)
        .join(tables.sitting, s.id == c.sitting)
        .where(p.item.in_(ids), c.current)
        .order_by(s.date, c.sitting)
    )
    return connection.execute(query).all()


def _history(
    item: str, scales: Mapping[str, str], uses: Sequence[Any], estimates: Sequence[Any], decided: Sequence[Decision], planned: Sequence[Any],
    flags: Sequence[ItemFlag],
) -> ItemHistory:  # fmt: skip
    cumulative, found = 0, []
    flagged, papers = parsed(row.flags or "[]" for row in uses), parsed(f"[{row.papers}]" for row in uses)
    for row, own, on in zip(uses, flagged, papers, strict=True):
        sitting, date, printed, n_seen, fingerprint, n, facility, item_rest, n_omitted, n_not_reached, held = row[3:]
        cumulative += int(n_seen)
        several = on[0] if len(on) == 1 else dict.fromkeys(paper for part in on for paper in part)
        found.append(
            SittingUse(
                sitting, date, fingerprint or printed, int(n_seen), cumulative, tuple(several), n or 0, number(facility),
                number(item_rest), n_omitted or 0, n_not_reached or 0, tuple(own), bool(held),
            )
        )  # fmt: skip
    return ItemHistory(
        item, tuple(found), revisions_of(found), _dated(estimates), scales[estimates[-1].bank] if estimates else "",
        tuple(decided), tuple(planned_of(row) for row in planned),
        tuple(flags),
    )  # fmt: skip


def _dated(rows: Sequence[Any]) -> tuple[DatedEstimate, ...]:
    """Return the estimates; one that repeats an earlier one of its revision and scale to the last digit was held there."""
    found: list[DatedEstimate] = []
    known: set[tuple[object, ...]] = set()
    # Columns, not rows: a thousand estimates are told in a fifth of the time that attributes of rows take.
    texts = zip(*(parsed(column) for column in zip(*(row[:4] for row in rows), strict=True)), strict=True) if rows else ()
    for (values, errors, covariance, categories), row in zip(texts, rows, strict=True):
        fingerprint, model, n_categories, n_answers, scale, sitting, serial, date, _ = row[5:]
        shares, tops = zip(*categories, strict=True) if categories else ((), ())
        estimate = Estimate(
            fingerprint, model, scale, _numbers(values), _numbers(errors), n_answers, sitting, n_categories,
            tuple(tuple(number(value) for value in line) for line in covariance) if covariance else (),
            tuple(map(float, shares)), tuple(map(float, tops)),
        )  # fmt: skip
        print_ = (estimate.fingerprint, estimate.scale, *sorted(estimate.values.items()))
        place, error = location_of(estimate.values, estimate.errors)
        found.append(DatedEstimate(date, serial, estimate, place, error, print_ in known))
        known.add(print_)
    return tuple(found)


def _numbers(values: Mapping[str, float | None]) -> dict[str, float]:
    return {name: number(value) for name, value in values.items()}
