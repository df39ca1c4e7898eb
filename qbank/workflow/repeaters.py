"""Who of a sitting has seen its items before, who is left out of its calibration for that, and of whom it cannot be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qbank.core.form import Form, answer_places
from qbank.core.responses import Responses
from qbank.files.forms import parse_form
from qbank.ledger import Ledger, read_papers, repeaters_of, unmatched_of
from qbank.problem import Problem, Span, warning

Choice = Literal["exclude", "exclude-all", "include"]
CHOICES: tuple[Choice, ...] = ("exclude", "exclude-all", "include")
"""Leave out who had an item of the paper before; leave out whoever sat before; leave out nobody."""

MOST_NAMED = 3
"""Sittings that a warning names; of more it says how many."""


@dataclass(frozen=True, slots=True)
class SatBefore:
    """sat : (n_persons,) who sat an earlier sitting ; seen : (n_persons,) how many items of the present paper, by id,
    stood on the earlier ones ; sittings : the earlier ones"""

    sat: NDArray[np.bool_]
    seen: NDArray[np.int64]
    sittings: tuple[str, ...]

    def left_out(self, choice: Choice) -> NDArray[np.bool_]:
        """Return whom a calibration leaves out, (n_persons,)."""
        if choice == "include":
            return np.zeros(self.sat.size, dtype=np.bool_)
        return self.sat if choice == "exclude-all" else self.seen > 0


def sat_before(ledger: Ledger, responses: Responses, forms: tuple[Form, ...]) -> SatBefore:
    """Return who of a sitting sat before, and how much of the present paper each has seen."""
    found = repeaters_of(ledger, responses.sitting)
    sat, seen = np.zeros((2, len(responses.persons)), dtype=np.int64)
    items = {form.id: frozenset(entry.id for entry in answer_places(form)) for form in forms}
    past: dict[tuple[str, str], frozenset[str]] = {}
    for sitting in sorted({name for one in set(found.values()) for name, _ in one.earlier}):
        for form, text in read_papers(ledger, sitting):
            parsed, _ = parse_form(text, form)
            past[sitting, form] = frozenset() if parsed is None else frozenset(e.id for e in answer_places(parsed))
    common = {
        one: len(items[one.form] & frozenset().union(*(past.get(paper, frozenset()) for paper in one.earlier)))
        for one in set(found.values())
    }
    for row, person in enumerate(responses.persons):
        one = found.get(person)
        if one is not None:
            sat[row], seen[row] = 1, common[one]
    return SatBefore(sat.astype(np.bool_), seen, tuple(sorted({name for name, _ in past})))


def unmatched_persons(ledger: Ledger, sitting: str, where: Span) -> list[Problem]:
    """Return a warning of persons of a sitting who may have sat another one and cannot be found there.

    The document number (身份证号) is what two sittings know a person by; where one of them has the number of the sitting
    only, a person has another pseudonym in each.
    """
    return [
        warning("R241" if one.with_document else "R240", where, n=one.n, of=one.of, same=one.same, sittings=_named(one.sittings), id=one.sittings[-1] if one.with_document else sitting)
        for one in unmatched_of(ledger, sitting)
    ]  # fmt: skip


def _named(sittings: tuple[str, ...]) -> str:
    """Return the latest of some sittings, and how many more there are.

    >>> _named(("2026-05", "2026-11")), _named(("1", "2", "3", "4", "5"))
    ('2026-05, 2026-11', '3, 4, 5, +2')
    """
    more = len(sittings) - MOST_NAMED
    return ", ".join([*sittings[-MOST_NAMED:], *([f"+{more}"] if more > 0 else [])])
