"""Eligible items as aligned arrays: the only thing that compiled programs know of a bank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.prior import GRADE_FACILITY_SD, judged_errors, judged_parameters, population_facility
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.history import History
from qbank.core.item import PRACTICE_STATUSES, USABLE_STATUSES, Item, Status
from qbank.core.prose import shown
from qbank.core.standard import domain_paths
from qbank.core.stimulus import stimulus_enemies
from qbank.core.where import Columns
from qbank.kinds import KINDS
from qbank.kinds.letters import LETTERS
from qbank.kinds.questions import part_fingerprints

Array = NDArray[np.float64]

TRIAL_STATUSES: tuple[Status, ...] = ("approved",)
"""Of items that have passed review and may be tried on papers without counting."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Items that a paper may draw from.

    slope, difficulty, facility : (n_items,) on the scale of the calibrated population ; calibrated : (n_items,) where
    the parameters come from answers, not from judgement ; facility_sd : (n_items,) what is not known of the facility ;
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
    mean, sd = history.ability_mean, history.ability_sd
    grade = np.array([item.grade for item in items], dtype=np.int64)
    slope, difficulty = judged_parameters(grade, mean=mean, sd=sd) if items else (np.zeros(0), np.zeros(0))
    slope_se, difficulty_se = judged_errors(slope, difficulty, mean=mean, sd=sd)
    calibrated = np.zeros(len(items), dtype=np.bool_)
    facility_sd = np.full(len(items), GRADE_FACILITY_SD)
    for index, item in enumerate(items):
        estimate = history.estimates.get(bank.fingerprints[item.id])
        if estimate is not None:
            slope[index], difficulty[index], calibrated[index] = estimate.values["a"], estimate.values["b"], True
            slope_se[index], difficulty_se[index] = estimate.errors["a"], estimate.errors["b"]
    facility = population_facility(slope, difficulty, mean=mean, sd=sd) if items else np.zeros(0)
    for index, item in enumerate(items):
        estimate = history.estimates.get(bank.fingerprints[item.id])
        if estimate is not None:
            p = facility[index]
            facility_sd[index] = float(np.sqrt(p * (1 - p) / max(estimate.n_answers, 1)))
    domain = tuple(standard.competencies[item.competency].domain for item in items)
    return Pool(
        ids=tuple(item.id for item in items),
        items=items,
        columns=_columns(bank, items, domain, uses, {"facility": facility, "calibrated": calibrated.astype(np.float64)}),
        domain=domain,
        slope=slope,
        difficulty=difficulty,
        facility=facility,
        facility_sd=facility_sd,
        calibrated=calibrated,
        trial=np.array([item.status not in statuses for item in items], dtype=np.bool_),
        enemies=_enemy_pairs(items),
        ability_mean=mean,
        ability_sd=sd,
        stimulus=tuple(item.stimulus for item in items),
        stimulus_enemies=stimulus_enemies(bank.stimuli),
        slope_se=slope_se,
        difficulty_se=difficulty_se,
    )


def _columns(
    bank: Bank, items: tuple[Item, ...], domain: tuple[str, ...], uses: Mapping[str, int], known: Mapping[str, Array]
) -> Columns:
    paths = domain_paths(bank.standard)
    competencies = bank.standard.competencies
    numbers = {
        "grade": [item.grade for item in items],
        "level": [item.level for item in items],
        "seconds": [item.seconds for item in items],
        "marks": [item.marks for item in items],
        "uses": [uses.get(item.id, 0) for item in items],
        "characters": [n_characters(item) for item in items],
    }
    words = {
        "id": [{item.id} for item in items],
        "kind": [{item.kind} for item in items],
        "domain": [set(paths[code]) for code in domain],
        "competency": [{item.competency} for item in items],
        "importance": [{str(competencies[item.competency].importance)} for item in items],
        "cognitive": [{str(item.cognitive)} for item in items],
        "status": [{str(item.status)} for item in items],
        "tags": [set(item.tags) for item in items],
        "stimulus": [{item.stimulus} for item in items],
        "key": [{fixed_key(item)} for item in items],
    }
    return Columns(
        len(items),
        {name: np.array(values, dtype=np.float64) for name, values in numbers.items()} | dict(known),
        {name: tuple(frozenset(entry) for entry in values) for name, values in words.items()},
    )


def n_characters(item: Item) -> int:
    """Return how much of an item a candidate reads: characters of stem, options, prompts and parts as printed, without
    blanks; not of a stimulus, which stands once above all its items.
    """
    texts = [item.stem, *(p.text for p in KINDS[item.kind].passages(item) if p.role not in ("answer", "rubric"))]
    return sum(len("".join(shown(text).split())) for text in texts)


def fixed_key(item: Item) -> str:
    """Return the key as it will be printed: true, false, the letter of an option that may not move; else nothing."""
    kind = KINDS[item.kind]
    if item.kind == "true_false":
        return kind.key_label(item.body.marked())
    if not kind.one_letter:
        return ""
    letters, pinned = kind.permutations(item)
    key = kind.key_label(item.body.marked())
    return key if key in pinned or len(letters) - len(pinned) < 2 else ""


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


def vocabulary(bank: Bank) -> dict[str, frozenset[str]]:
    """Return the words that exist in the closed columns of expressions over this bank."""
    standard = bank.standard
    return {
        "domain": frozenset(code for domain in standard.domains for code in domain.path),
        "competency": frozenset(standard.competencies),
        "importance": frozenset("XYZ"),
        "kind": frozenset(KINDS),
        "cognitive": frozenset({"remember", "understand", "apply", "analyse"}),
        "id": frozenset(bank.items),
        "stimulus": frozenset({"", *bank.stimuli}),
        "key": frozenset({"", "true", "false", *LETTERS}),
        "status": frozenset(get_args(Status)),
    }


def probability(pool: Pool, theta: Array) -> Array:
    """Return 2PL probabilities; shape (n_items, n_nodes)."""
    return np.asarray(1 / (1 + np.exp(-pool.slope[:, None] * (theta[None, :] - pool.difficulty[:, None]))))


def item_information(pool: Pool, theta: Array) -> Array:
    """Return Fisher information ``a² P (1 − P)``; shape (n_items, n_nodes)."""
    p = probability(pool, theta)
    return np.asarray(pool.slope[:, None] ** 2 * p * (1 - p))


def ability_at_cut(pool: Pool, shares: Array, cut: float) -> float:
    """Return the ability at which the expected share of marks equals the cut, by bisection.

    shares : (n_items,) share of the marks that each item carries, summing to 1
    """
    low, high = pool.ability_mean - 6 * pool.ability_sd, pool.ability_mean + 6 * pool.ability_sd
    for _ in range(60):
        middle = (low + high) / 2
        if float(probability(pool, np.array([middle]))[:, 0] @ shares) < cut:
            low = middle
        else:
            high = middle
    return (low + high) / 2
