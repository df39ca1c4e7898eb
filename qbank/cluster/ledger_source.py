"""Response blocks of the ledger, read and scored by the workers themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from qbank.cluster.sources import Read
from qbank.core.responses import OMITTED, STANDINGS
from qbank.irt.models import NOT_SEEN, ScoreArray
from qbank.ledger import Ledger, open_ledger, tables
from qbank.ledger.blocks import unpacked

WRONG = 0
PRESENT = STANDINGS[0]


@dataclass(frozen=True, slots=True)
class LedgerSource:
    """One response block of the ledger.

    place      URL or path of the ledger, under which each worker reaches it;  intake, block: which
    items      the columns of the scores;  marking: for each, label -> score; a label without a score is 0
    omitted    the score of an omitted answer; what was not reached, not seen, void or withheld, and all answers of
               who was not present, are −1, not seen
    group      label of all persons of the block, or None
    """

    place: str
    intake: str
    block: int
    items: tuple[str, ...]
    marking: tuple[Mapping[str, int], ...]
    omitted: int = WRONG
    group: str | None = None

    def read(self) -> Read:
        ledger = open_ledger(self.place)
        try:
            i, b = tables.intake.c, tables.response_block.c
            with ledger.read() as connection:
                head = connection.execute(select(i["items"], i.labels, i.sitting).where(i.id == self.intake)).one()
                row = connection.execute(
                    select(tables.response_block).where(b.intake == self.intake, b.block == self.block)
                ).one()
                p, m = tables.person.c, tables.answer_mark.c
                void = connection.execute(
                    select(p.position, m.item)
                    .join(tables.answer_mark, m.person == p.person)
                    .where(
                        m.sitting == head.sitting, p.intake == self.intake, p.position >= row.first,
                        p.position < row.first + row.n_persons,
                    )
                ).all()  # fmt: skip
                standing = connection.execute(
                    select(p.position, p.standing).where(
                        p.intake == self.intake, p.position >= row.first, p.position < row.first + row.n_persons
                    )
                ).all()
        finally:
            ledger.close()
        answer = unpacked(row.dtype, (row.n_persons, row.n_items), row.answer, row.checksum)
        column = {item: n for n, item in enumerate(head[0])}
        scores = np.full((row.n_persons, len(self.items)), NOT_SEEN, dtype=np.int8)
        for n, (item, marking) in enumerate(zip(self.items, self.marking, strict=True)):
            if item in column:
                of_label = [marking.get(label, WRONG) for label in head.labels[column[item]]]
                scores[:, n] = _scored(answer[:, column[item]], of_label, self.omitted)
        scores[[position - row.first for position, word in standing if word != PRESENT]] = NOT_SEEN
        asked = {item: n for n, item in enumerate(self.items)}
        for position, item in void:
            if item in asked:
                scores[position - row.first, asked[item]] = NOT_SEEN
        return scores, None if self.group is None else [self.group] * row.n_persons


def _scored(answer: NDArray[np.generic], of_label: Sequence[int], omitted: int) -> ScoreArray:
    """Return the scores of one item, (n_persons,)."""
    table = np.array(of_label or [WRONG], dtype=np.int8)
    code = answer.astype(np.intp)
    scores: ScoreArray = np.where(code >= 0, table[np.maximum(code, 0)], np.int8(NOT_SEEN))
    scores[code == OMITTED] = omitted
    return scores


def ledger_sources(
    ledger: Ledger,
    place: str,
    sittings: Sequence[str],
    marking: Mapping[str, Mapping[str, int]],
    *,
    by_sitting: bool = False,
    omitted: int = WRONG,
) -> tuple[LedgerSource, ...]:
    """Return all response blocks of some sittings.

    place : under which each worker reaches the ledger;  marking : item -> label -> score, of the items to calibrate
    by_sitting : each sitting is a group
    """
    i, b = tables.intake.c, tables.response_block.c
    with ledger.read() as connection:
        rows = connection.execute(
            select(i.id, i.sitting, b.block)
            .join(tables.response_block, b.intake == i.id)
            .where(i.sitting.in_(list(sittings)), i.current)
            .order_by(i.sitting, i.part, b.block)
        ).all()
    items = tuple(marking)
    scores = tuple(dict(marking[item]) for item in items)
    return tuple(
        LedgerSource(place, row.id, row.block, items, scores, omitted, row.sitting if by_sitting else None)
        for row in rows
    )
