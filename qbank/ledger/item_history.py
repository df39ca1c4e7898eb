"""Everything that the ledger knows of one item, by a handful of indexed queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Text, cast, func, select, union

from qbank.core.history import Estimate, Planned
from qbank.core.item import seen_part
from qbank.ledger import tables
from qbank.ledger.calibrations import number
from qbank.ledger.decisions import Decision
from qbank.ledger.engine import Ledger
from qbank.ledger.flags import ItemFlag
from qbank.ledger.history import planned_of

MOST_PARTS = 20
"""Parts that a case can have; theirs are the ids ``CASE.1``, ``CASE.2`` …"""
PARSED = ("values", "errors", "covariance", "categories")


@dataclass(frozen=True, slots=True)
class SittingUse:
    """An item in one sitting.

    fingerprint : of the revision that the statistics are of: that printed, or with a key corrected since ; n_seen :
        persons who had it, cumulative : up to and with this sitting, through all revisions ; papers : that hold it ;
        n : answers behind the statistics, 0 where nothing was analysed ; facility, item_rest : NaN where unknown ;
        held : whether its flags ask for a decision
    """

    sitting: str
    date: str
    fingerprint: str
    n_seen: int
    cumulative: int
    papers: tuple[str, ...]
    n: int
    facility: float
    item_rest: float
    n_omitted: int
    n_not_reached: int
    flags: tuple[str, ...]
    held: bool


@dataclass(frozen=True, slots=True)
class Revision:
    """A fingerprint, from its first sitting to its last; ``changed`` : what is not as it was in the one before it,
    ``seen`` (stem, options, pictures) or ``marked`` (key, accepted answers, rubric)."""

    fingerprint: str
    first: str
    first_date: str
    last: str
    last_date: str
    n_sittings: int
    n_seen: int
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatedEstimate:
    """What a calibration says of a revision.

    number : of the calibration within its sitting ; location, error : b and its standard error; of several steps, their
        mean and the mean of their errors, which its own cannot exceed ; held : taken over from an earlier calibration
        as an anchor, not estimated anew
    """

    date: str
    number: int
    estimate: Estimate
    location: float
    error: float
    held: bool


@dataclass(frozen=True, slots=True)
class ItemHistory:
    """An item through all sittings, oldest first; nothing in it where it was never seen.

    estimates : on any scale ; scale : the present one, "" where there are no estimates ; flags : that calibrations raised:
        it drifted, it was known beforehand ; planned : difficulties for planning only ; parts : the histories of the parts
        of a case
    """

    item: str
    uses: tuple[SittingUse, ...]
    revisions: tuple[Revision, ...]
    estimates: tuple[DatedEstimate, ...]
    scale: str
    decisions: tuple[Decision, ...]
    planned: tuple[Planned, ...]
    flags: tuple[ItemFlag, ...] = ()
    parts: tuple[ItemHistory, ...] = ()

    @property
    def n_seen(self) -> int:
        """Return how many persons had the item, through all revisions."""
        return self.uses[-1].cumulative if self.uses else 0

    @property
    def papers(self) -> tuple[str, ...]:
        """Return the papers that hold it, oldest first."""
        return tuple(dict.fromkeys(paper for use in self.uses for paper in use.papers))


def item_history(ledger: Ledger, item: str) -> ItemHistory:
    """Return the history of an item and of its parts where it is a case; that of an unknown item is empty.

    Cost: by the sittings of this item alone, whatever else the ledger holds.
    """
    ids = [item, *(f"{item}.{n}" for n in range(1, MOST_PARTS + 1))]
    with ledger.read() as connection:
        uses = _by_item(_uses(connection, ids))
        estimates = _by_item(_estimates(connection, ids))
        decided = _by_item(_decisions(connection, ids))
        flags = _by_item(_flags(connection, ids))
        planned = _by_item(_planned(connection, ids))
        scale = _present_scale(connection) if estimates else ""
    found = [
        _history(id, scale, *(rows.get(id, []) for rows in (uses, estimates, decided, planned, flags)))
        for id in ids
    ]
    parts = tuple(part for part in found[1:] if part.uses or part.estimates or part.decisions)
    return replace(found[0], parts=parts)


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
        select(*texts, p.item, p.fingerprint, p.model, p.n_categories, p.n_answers, c.scale, c.sitting, c.number, s.date)
        .join(tables.calibration, c.id == p.calibration)
        .join(tables.sitting, s.id == c.sitting)
        .where(p.item.in_(ids), c.current)
        .order_by(s.date, c.sitting, c.number)
    )
    return connection.execute(query).all()


def _decisions(connection: Connection, ids: Sequence[str]) -> Sequence[Any]:
    d = tables.decision.c
    query = select(d.sitting, d.item, d.fingerprint, d.verdict, d.why, d.who, d.at).where(d.item.in_(ids)).order_by(d.number)
    return connection.execute(query).all()


def _flags(connection: Connection, ids: Sequence[str]) -> Sequence[Any]:
    f, s = tables.item_flag.c, tables.sitting.c
    query = (
        select(f.sitting, f.item, f.fingerprint, f.code, f.held, f.facts)
        .join(tables.sitting, s.id == f.sitting)
        .where(f.item.in_(ids))
        .order_by(s.date, f.sitting, f.code)
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


def _present_scale(connection: Connection) -> str:
    """Return the scale of the latest sitting that was calibrated; estimates on another are not compared with its."""
    c, s = tables.calibration.c, tables.sitting.c
    query = (
        select(c.scale).join(tables.sitting, s.id == c.sitting).where(c.current).order_by(s.date.desc(), s.id.desc()).limit(1)
    )
    return str(connection.execute(query).scalar() or "")


def _history(
    item: str, scale: str, uses: Sequence[Any], estimates: Sequence[Any], decided: Sequence[Any], planned: Sequence[Any],
    flags: Sequence[Any],
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
        item, tuple(found), revisions_of(found), _dated(estimates), scale if estimates else "",
        tuple(Decision(*row) for row in decided), tuple(planned_of(row) for row in planned),
        tuple(ItemFlag(*row) for row in flags),
    )  # fmt: skip


def revisions_of(uses: Sequence[SittingUse]) -> tuple[Revision, ...]:
    """Return the revisions in the order in which sittings first had them."""
    found: list[Revision] = []
    for fingerprint in dict.fromkeys(use.fingerprint for use in uses):
        own = [use for use in uses if use.fingerprint == fingerprint]
        changed = what_changed(found[-1].fingerprint, fingerprint) if found else ()
        found.append(
            Revision(
                fingerprint, own[0].sitting, own[0].date, own[-1].sitting, own[-1].date, len(own),
                sum(use.n_seen for use in own), changed,
            )
        )  # fmt: skip
    return tuple(found)


def what_changed(before: str, after: str) -> tuple[str, ...]:
    """Return which halves of two fingerprints differ.

    >>> what_changed("a1.b1", "a1.b2"), what_changed("a1.b1", "a2.b2")
    (('marked',), ('seen', 'marked'))
    """
    halves = (("seen", seen_part(before), seen_part(after)), ("marked", before.partition(".")[2], after.partition(".")[2]))
    return tuple(name for name, old, new in halves if old != new)


def _dated(rows: Sequence[Any]) -> tuple[DatedEstimate, ...]:
    """Return the estimates; one that repeats an earlier one of its revision and scale to the last digit was held there."""
    found: list[DatedEstimate] = []
    known: set[tuple[object, ...]] = set()
    # Columns, not rows: a thousand estimates are told in a fifth of the time that attributes of rows take.
    texts = zip(*(parsed(column) for column in zip(*(row[:4] for row in rows), strict=True)), strict=True) if rows else ()
    for (values, errors, covariance, categories), row in zip(texts, rows, strict=True):
        fingerprint, model, n_categories, n_answers, scale, sitting, serial, date = row[5:]
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


def parsed(texts: Iterable[str]) -> list[Any]:
    """Return JSON texts parsed in one go: an eighth of what one by one takes.

    >>> parsed(["[1]", "{}"])
    [[1], {}]
    """
    found: list[Any] = json.loads(f"[{','.join(texts)}]")
    return found


def location_of(values: Mapping[str, float], errors: Mapping[str, float]) -> tuple[float, float]:
    """Return where an item stands on the scale, and its standard error: b, or the mean of the steps b1, b2 ….

    >>> location_of({"a": 1.0, "b1": -1.0, "b2": 0.5}, {"a": 0.1, "b1": 0.2, "b2": 0.1})
    (-0.25, 0.15000000000000002)
    """
    names = ["b"] if "b" in values else [name for name in values if name[:1] == "b" and name[1:].isdigit()]
    if not names:
        return float("nan"), float("nan")
    return (
        sum(values[name] for name in names) / len(names),
        sum(errors.get(name, float("nan")) for name in names) / len(names),
    )
