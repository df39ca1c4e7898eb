"""Items in the roles that they can play on a paper: in which section, scored or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.pool import Pool
from qbank.core.blueprint import Section
from qbank.core.where import Refusal, evaluate, parse_where
from qbank.kinds import KINDS

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of place: a section of the blueprint, whether its marks count, and the rule that asks for such places.

    section : index ; rule : index of the rule that brought the role (a pretest, an external anchor), −1 for the
    section's own places
    """

    section: int
    scored: bool
    marks: float
    rule: int = -1


@dataclass(frozen=True, slots=True)
class Candidates:
    """Every item in every role that it can play; at most one candidate of an item stands on a paper.

    item, role : (n_candidates,) position in the pool, index of the role; sorted by item, then role
    """

    roles: tuple[Role, ...]
    item: Indices
    role: Indices

    @property
    def section(self) -> Indices:
        """Return the index of the section of each candidate."""
        return np.array([role.section for role in self.roles], dtype=np.int64)[self.role]

    @property
    def scored(self) -> NDArray[np.bool_]:
        """Return whether the marks of each candidate count."""
        return np.array([role.scored for role in self.roles], dtype=np.bool_)[self.role]

    @property
    def marks(self) -> Array:
        """Return the marks that each candidate carries towards the paper's; 0 where it is not scored."""
        return np.array([role.marks if role.scored else 0.0 for role in self.roles])[self.role]


def make_candidates(roles: tuple[Role, ...], eligible: tuple[NDArray[np.bool_], ...]) -> Candidates:
    """Return the candidates of some roles; eligible : for each role which items of the pool may play it."""
    items = [np.flatnonzero(mask) for mask in eligible]
    role = np.repeat(np.arange(len(roles), dtype=np.int64), [found.size for found in items])
    item = np.concatenate(items) if items else np.zeros(0, np.int64)
    order = np.lexsort((role, item))
    return Candidates(roles, item[order], role[order])


def section_items(section: Section, pool: Pool) -> NDArray[np.bool_]:
    """Return which items of the pool fit a section: its kind, its expression, its marks where an item has its own."""
    fits = np.array([item.kind == section.kind for item in pool.items], dtype=np.bool_)
    if section.kind in KINDS and KINDS[section.kind].own_marks:
        fits &= np.array([item.marks == section.marks_each for item in pool.items], dtype=np.bool_)
    parsed = parse_where(section.where)
    assert not isinstance(parsed, Refusal), "read_rules refuses it before"
    return fits & evaluate(parsed, pool.columns)
