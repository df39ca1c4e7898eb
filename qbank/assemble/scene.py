"""What a rule sees when it is compiled or counted: the plan, the eligible items, the abilities that matter, the past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.candidates import Candidates
from qbank.assemble.pool import Pool
from qbank.core.blueprint import Blueprint
from qbank.core.history import NO_HISTORY, History
from qbank.core.standard import Standard

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PastPaper:
    """A paper of earlier days: its id, the day that it stands for, and the ids of its items."""

    id: str
    date: str
    items: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scene:
    """cut : the ability at which the papers' expected score is the cut ; theta : (n_points,) where papers are compared

    past : earlier papers, for rules that name them or a date ; alike : pairs of ids of near-duplicate items, with
    their similarity, for rules that keep these apart ; as_of : ISO date up to which past use counts ; same_day :
    whether sittings of that very day count ; anchor : positions in the pool of the items that stand on every paper to
    link them, once they are chosen
    """

    blueprint: Blueprint
    pool: Pool
    candidates: Candidates
    standard: Standard
    cut: float
    theta: Array
    history: History = NO_HISTORY
    as_of: str = ""
    same_day: bool = True
    past: tuple[PastPaper, ...] = ()
    alike: tuple[tuple[str, str, float], ...] = ()
    anchor: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """The places of a finished paper in printed order, as aligned arrays (n_places,).

    positions : in the pool ; section : index of the section ; scored ; marks : towards the paper's, 0 where unscored ;
    number : within its section, from 1; None where the order is not known yet
    """

    positions: NDArray[np.int64]
    section: NDArray[np.int64]
    scored: NDArray[np.bool_]
    marks: Array
    number: NDArray[np.int64] | None = None
