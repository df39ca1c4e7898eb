"""Items in the roles that they can play on a paper: in which section, scored or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
