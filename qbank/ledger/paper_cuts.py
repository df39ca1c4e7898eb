"""Cuts of papers that somebody accepted after equating: the mark of each paper that stands for the cut of the sitting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, func, insert, select, update

from qbank.ledger import tables
from qbank.ledger.engine import Ledger, now
from qbank.ledger.gate import take_back_within
from qbank.ledger.stages import Stage
from qbank.ledger.trail import record

ACCEPTED, TAKEN_BACK = "cuts accepted", "cuts taken back"
"""Actions of the trail."""


BY_FAMILY = "family_true"
"""The method of cuts that come from the mean of a family's papers."""


@dataclass(frozen=True, slots=True)
class PaperCut:
    """The cut of one paper.

    cut : the lowest mark of this paper that passes ; equated : the exact mark that equals ``base_cut`` on the paper
    ``base``, with its standard error ``se`` (NaN: none) by ``method`` ; basis : of the totals that were equated, or
    with a family of what the questions are worth and of their keys, so that others show it to be outdated ; who, at, why : of whoever accepted it
    """

    sitting: str
    paper: str
    cut: float
    equated: float
    base: str
    base_cut: float
    method: str
    se: float
    basis: str
    why: str
    who: str = ""
    at: str = ""

    @property
    def of_family(self) -> bool:
        """Return whether the cut comes from the mean of a family's papers, whoever sat them."""
        return self.method == BY_FAMILY


def accept_cuts(ledger: Ledger, sitting: str, cuts: Sequence[PaperCut]) -> tuple[Stage, ...]:
    """Make these the cuts of their papers, in place of all that the sitting had; returns the stages taken back.

    Who accepts is the ledger's ``who``. Stages from ``scored`` on are taken back where some paper has another cut now.
    Raises ValueError where a cut is no number, a paper has two, or one belongs to another sitting.
    """
    papers = [cut.paper for cut in cuts]
    if len(set(papers)) < len(papers) or any(cut.sitting != sitting or not math.isfinite(cut.cut) for cut in cuts):
        raise ValueError("one finite cut a paper of this sitting is needed")
    with ledger.begin() as connection:
        before = {cut.paper: cut.cut for cut in read_cuts(connection, sitting)}
        c = tables.paper_cut.c
        connection.execute(update(tables.paper_cut).where(c.sitting == sitting).values(current=False))
        number = _last_number(connection, sitting)
        at, rows = now(), []
        for step, cut in enumerate(cuts, start=1):
            row = asdict(cut) | {"se": cut.se if math.isfinite(cut.se) else None, "who": ledger.who, "at": at, "current": True}
            rows.append(row | {"number": number + step})
        if rows:
            connection.execute(insert(tables.paper_cut), rows)
        after = {cut.paper: cut.cut for cut in cuts}
        facts = {"before": before, "after": after, "cuts": rows, "why": cuts[0].why if cuts else ""}
        record(connection, ledger, ACCEPTED, sitting, facts, at=at, touched=("paper_cut",))
        if before == after:
            return ()
        return take_back_within(connection, ledger, sitting, "scored", str(facts["why"]), {"before": before, "cuts": after})


def take_back_cuts(ledger: Ledger, sitting: str, why: str) -> tuple[tuple[PaperCut, ...], tuple[Stage, ...]]:
    """Let the cut of the sitting hold on every paper again; returns the cuts that stood, and the stages taken back."""
    with ledger.begin() as connection:
        stood = read_cuts(connection, sitting)
        if not stood:
            return (), ()
        c = tables.paper_cut.c
        connection.execute(update(tables.paper_cut).where(c.sitting == sitting).values(current=False))
        before = {cut.paper: cut.cut for cut in stood}
        record(connection, ledger, TAKEN_BACK, sitting, {"before": before, "why": why}, touched=("paper_cut",))
        return stood, take_back_within(connection, ledger, sitting, "scored", why, {"before": before, "cuts": {}})


def cuts_of(ledger: Ledger, sitting: str) -> tuple[PaperCut, ...]:
    """Return the cuts that hold, by paper; () where the cut of the sitting holds on every paper."""
    with ledger.read() as connection:
        return read_cuts(connection, sitting)


def read_cuts(connection: Connection, sitting: str) -> tuple[PaperCut, ...]:
    """Do what `cuts_of` does, inside a transaction."""
    c = tables.paper_cut.c
    columns = (
        c.sitting, c.paper, c.cut, c.equated, c.base, c.base_cut, c.method, c.se, c.basis, c.why, c.who, c.at
    )  # fmt: skip
    rows = connection.execute(select(*columns).where(c.sitting == sitting, c.current).order_by(c.paper)).all()
    return tuple(PaperCut(*row[:7], math.nan if row.se is None else row.se, *row[8:]) for row in rows)


def _last_number(connection: Connection, sitting: str) -> int:
    c = tables.paper_cut.c
    return int(connection.execute(select(func.coalesce(func.max(c.number), 0)).where(c.sitting == sitting)).scalar_one())
