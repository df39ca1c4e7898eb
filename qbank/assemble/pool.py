"""Eligible items as aligned arrays: the only thing that compiled programs know of a bank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbank.assemble.general import (
    GeneralItems,
)
from qbank.assemble.item_columns import pool_columns
from qbank.assemble.item_parameters import Array, facilities, known_items
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.history import History
from qbank.core.item import PRACTICE_STATUSES, USABLE_STATUSES, Item, Status
from qbank.core.stimulus import stimulus_enemies
from qbank.core.where import Columns
from qbank.kinds import KINDS
from qbank.kinds.questions import part_fingerprints

TRIAL_STATUSES: tuple[Status, ...] = ("approved",)
"""Of items that have passed review and may be tried on papers without counting."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Items that a paper may draw from.

    slope, difficulty, facility : (n_items,) on the scale of the calibrated population, facility the expected share of
    the marks ; calibrated : (n_items,) where the parameters come from answers, not from judgement ; planned : (n_items,)
    where they come from a sitting too small to calibrate, drawn towards the judged grade ; general : the items whose
    model has more than a slope and a difficulty (those two then stand for it where one number is asked for) ;
    facility_sd : (n_items,) what is not known of the facility ;
    slope_se, difficulty_se : (n_items,) standard errors of the parameters, by judgement where there are no answers ;
    domain : leaf domain code per item ; enemies : (n_pairs, 2) positions ; trial : (n_items,) items that are not in
    use yet and may only stand unscored ; stimulus : of each item the id of its stimulus, "" where it has none ;
    stimulus_enemies : pairs of stimuli that never stand on one paper
    """

    ids: tuple[str, ...]
    items: tuple[Item, ...]
    columns: Columns
    domain: tuple[str, ...]
    slope: Array
    difficulty: Array
    facility: Array
    facility_sd: Array
    calibrated: NDArray[np.bool_]
    trial: NDArray[np.bool_]
    enemies: NDArray[np.int64]
    ability_mean: float
    ability_sd: float
    stimulus: tuple[str, ...] = ()
    stimulus_enemies: tuple[tuple[str, str], ...] = ()
    slope_se: Array = field(default_factory=lambda: np.zeros(0))
    difficulty_se: Array = field(default_factory=lambda: np.zeros(0))
    general: tuple[GeneralItems, ...] = ()
    planned: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))


def pool_for(
    blueprint: Blueprint, bank: Bank, history: History, uses: Mapping[str, int], *, trials: bool = False
) -> Pool:
    """Return the items that the papers of a blueprint may draw from: live ones, or for practice released ones.

    trials : whether approved items that are not in use yet may stand on them unscored
    """
    marks = {
        kind: frozenset(section.marks_each for section in blueprint.sections if section.kind == kind)
        for kind in {section.kind for section in blueprint.sections}
    }
    statuses = PRACTICE_STATUSES if blueprint.purpose == "practice" else USABLE_STATUSES
    return make_pool(
        bank, history, level=blueprint.level, kinds=frozenset(marks), uses=uses, marks=marks, statuses=statuses,
        trial_statuses=TRIAL_STATUSES if trials else (),
    )  # fmt: skip


def in_use(item: Item, blueprint: Blueprint) -> bool:
    """Return whether papers of a blueprint may hold an item by its status, unscored ones included."""
    statuses = PRACTICE_STATUSES if blueprint.purpose == "practice" else USABLE_STATUSES
    return item.status in (*statuses, *TRIAL_STATUSES)


def other_marks(blueprint: Blueprint, bank: Bank) -> dict[str, int]:
    """Return by kind how many items stay out because their own marks are not those of their section."""
    found: dict[str, int] = {}
    for kind in dict.fromkeys(section.kind for section in blueprint.sections):
        if kind in KINDS and KINDS[kind].own_marks:
            asked = {section.marks_each for section in blueprint.sections if section.kind == kind}
            found[kind] = sum(
                item.kind == kind and item.level == blueprint.level and item.marks not in asked
                for item in bank.items.values()
            )
    return {kind: n for kind, n in found.items() if n}


def make_pool(
    bank: Bank, history: History, *, level: int, kinds: frozenset[str], uses: Mapping[str, int],
    marks: Mapping[str, frozenset[float]] | None = None, statuses: tuple[Status, ...] = USABLE_STATUSES,
    trial_statuses: tuple[Status, ...] = (),
) -> Pool:  # fmt: skip
    """Return the usable items of one level whose kind is asked for and that wait for no decision.

    They stand in the order of their fingerprints, so that what is drawn does not depend on what items are called.
    marks : what a question of each kind may carry; an item whose own marks stand (its rubric, its parts add up to
    them) is left out where it has others ; trial_statuses : of items that may stand unscored
    """
    standard = bank.standard
    eligible = (
        item
        for item in bank.items.values()
        if item.level == level
        and item.kind in kinds
        and item.status in (*statuses, *trial_statuses)
        and item.competency in standard.competencies
        and bank.fingerprints[item.id] not in history.held
        and not any(found in history.held for found in part_fingerprints(item))
        and not (KINDS[item.kind].own_marks and item.marks not in (marks or {}).get(item.kind, {item.marks}))
    )
    items = tuple(sorted(eligible, key=lambda item: (bank.fingerprints[item.id], item.id)))
    grade = np.array([item.grade for item in items], dtype=np.int64)
    known = known_items(items, bank, history, grade)
    facility, facility_sd = facilities(known, history)
    domain = tuple(standard.competencies[item.competency].domain for item in items)
    return Pool(
        ids=tuple(item.id for item in items),
        items=items,
        columns=pool_columns(bank, items, domain, uses, {"facility": facility, "calibrated": known.calibrated.astype(np.float64)}),
        domain=domain,
        slope=known.slope,
        difficulty=known.difficulty,
        facility=facility,
        facility_sd=facility_sd,
        calibrated=known.calibrated,
        trial=np.array([item.status not in statuses for item in items], dtype=np.bool_),
        enemies=_enemy_pairs(items),
        ability_mean=history.ability_mean,
        ability_sd=history.ability_sd,
        stimulus=tuple(item.stimulus for item in items),
        stimulus_enemies=stimulus_enemies(bank.stimuli),
        slope_se=known.slope_se,
        difficulty_se=known.difficulty_se,
        general=known.general,
        planned=known.planned,
    )


def basis_of(pool: Pool, used: ArrayLike) -> str:
    """Return what papers of some items rest on: ``calibrated``, ``planned`` (no item stands by its grade alone), ``judged``.

    used : (n_items,) the items that carry marks
    """
    there = np.asarray(used, dtype=np.bool_)
    if bool(pool.calibrated[there].all()):
        return "calibrated"
    return "planned" if bool((pool.calibrated | pool.planned)[there].all()) else "judged"


def _enemy_pairs(items: tuple[Item, ...]) -> NDArray[np.int64]:
    position = {item.id: index for index, item in enumerate(items)}
    pairs = {
        (min(position[item.id], position[enemy]), max(position[item.id], position[enemy]))
        for item in items
        for enemy in item.enemies
        if enemy in position and enemy != item.id
    }
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def enemy_items(pool: Pool) -> Iterator[tuple[int, int]]:
    """Yield the pairs of items that never stand on one paper: enemies, and questions about stimuli that are enemies."""
    for first, second in pool.enemies:
        yield int(first), int(second)
    about: dict[str, list[int]] = {}
    for position, stimulus in enumerate(pool.stimulus):
        about.setdefault(stimulus, []).append(position)
    for one, other in pool.stimulus_enemies:
        yield from product(about.get(one, ()), about.get(other, ()))
