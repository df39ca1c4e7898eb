"""The ledger's own verbs: whether it is whole, what was done to it, copies and backups of it, persons to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from qbank.core.form import form_digest
from qbank.files.forms import parse_form
from qbank.ledger import Ledger, Verified, tables, verify_ledger
from qbank.problem import Problem, Span, error


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
