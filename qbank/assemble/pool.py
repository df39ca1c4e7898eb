"""Eligible items as aligned arrays: the only thing that compiled programs know of a bank."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbank.assemble.general import (
    GeneralItems,
    expected_share,
    general_items,
    information,
    is_plain,
    located,
    put,
    share_variance,
    some,
)
from qbank.assemble.prior import (
    GRADE_FACILITY_SD,
    SLOPE_SD_SHARE,
    facility_change,
    judged_errors,
    judged_parameters,
    population_facility,
    population_mean,
)
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.history import Estimate, History
from qbank.core.item import PRACTICE_STATUSES, USABLE_STATUSES, Item, Status
from qbank.core.prose import shown
from qbank.core.standard import domain_paths
from qbank.core.stimulus import stimulus_enemies
from qbank.core.where import Columns
from qbank.kinds import KINDS
from qbank.kinds.letters import LETTERS
from qbank.kinds.questions import part_fingerprints

Array = NDArray[np.float64]

FEW_ANSWERS = 100
"""An estimate from fewer answers gives way to a planning difficulty of its revision: the same answers drawn towards the
grade, which are nearer the truth. A hundred is what the simplest model wants."""

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
    known = _known(items, bank, history, grade)
    facility, facility_sd = _facilities(known, history)
    domain = tuple(standard.competencies[item.competency].domain for item in items)
    return Pool(
        ids=tuple(item.id for item in items),
        items=items,
        columns=_columns(bank, items, domain, uses, {"facility": facility, "calibrated": known.calibrated.astype(np.float64)}),
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


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What is known of each item: an estimate first, then what a small sitting lets one plan with, then its grade."""

    n_answers: Mapping[int, int]
    slope: Array
    difficulty: Array
    slope_se: Array
    difficulty_se: Array
    calibrated: NDArray[np.bool_]
    planned: NDArray[np.bool_]
    general: tuple[GeneralItems, ...]


def _known(items: tuple[Item, ...], bank: Bank, history: History, grade: NDArray[np.int64]) -> _Known:
    mean, sd, n = history.ability_mean, history.ability_sd, len(items)
    slope, difficulty = judged_parameters(grade, mean=mean, sd=sd) if items else (np.zeros(0), np.zeros(0))
    slope_se, difficulty_se = judged_errors(slope, difficulty, mean=mean, sd=sd)
    calibrated, planned = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    n_answers: dict[int, int] = {}
    found: list[tuple[int, float, Estimate]] = []
    for index, item in enumerate(items):
        fingerprint = bank.fingerprints[item.id]
        estimate, plan = history.estimates.get(fingerprint), history.planned.get(fingerprint)
        if estimate is not None and plan is not None and estimate.n_answers < FEW_ANSWERS:
            estimate = None
        parts = _part_estimates(item, history) if estimate is None else ()
        if estimate is not None:
            n_answers[index], calibrated[index] = estimate.n_answers, True
            if not is_plain(estimate):
                found.append((index, 1.0, estimate))
            slope[index], difficulty[index] = (estimate.values.get(name, np.nan) for name in ("a", "b"))
            slope_se[index], difficulty_se[index] = (estimate.errors.get(name, np.nan) for name in ("a", "b"))
        elif parts:
            n_answers[index], calibrated[index] = min(one.n_answers for _, one in parts), True
            found += [(index, weight, one) for weight, one in parts]
            slope_se[index] = difficulty_se[index] = np.nan
        elif plan is not None:
            planned[index] = True
            slope[index], difficulty[index], difficulty_se[index] = plan.slope, plan.difficulty, plan.error
            slope_se[index] = SLOPE_SD_SHARE * plan.slope
    general = general_items(found)
    if general:
        rows, *place = located(general, n)
        slope[rows], difficulty[rows] = place
    return _Known(n_answers, slope, difficulty, slope_se, difficulty_se, calibrated, planned, general)


def _part_estimates(item: Item, history: History) -> tuple[tuple[float, Estimate], ...]:
    """Return for each question of a case its share of the marks and its estimate, () unless all of them have one."""
    parts = KINDS[item.kind].parts(item)
    known = [history.estimates.get(fingerprint) for fingerprint in part_fingerprints(item)] if parts else []
    whole = sum(part.marks for part in parts)
    if not whole or any(one is None for one in known):
        return ()
    return tuple((part.marks / whole, one) for part, one in zip(parts, known, strict=True) if one is not None)


def _facilities(known: _Known, history: History) -> tuple[Array, Array]:
    """Return the expected share of the marks in the population, and what is not known of it, each (n_items,)."""
    mean, sd = history.ability_mean, history.ability_sd
    facility = population_facility(known.slope, known.difficulty, mean=mean, sd=sd)
    spread = facility * (1 - facility)
    if known.general:
        rows = np.unique(np.concatenate([part.items for part in known.general]))

        def of_rows(of: Callable[[GeneralItems, Array], Array], theta: Array) -> Array:
            whole = put(np.zeros((facility.size, theta.size)), known.general, facility.size, of, theta)
            return np.asarray(whole[rows])

        def square(theta: Array) -> Array:
            return of_rows(share_variance, theta) + of_rows(expected_share, theta) ** 2

        facility[rows] = population_mean(partial(of_rows, expected_share), mean=mean, sd=sd)
        spread[rows] = np.maximum(population_mean(square, mean=mean, sd=sd) - facility[rows] ** 2, 0.0)
    facility_sd = np.full(facility.size, GRADE_FACILITY_SD)
    for index, n in known.n_answers.items():
        facility_sd[index] = float(np.sqrt(spread[index] / max(n, 1)))
    change = facility_change(known.slope[known.planned], known.difficulty[known.planned], mean=mean, sd=sd)
    facility_sd[known.planned] = known.difficulty_se[known.planned] * change
    return facility, facility_sd


def basis_of(pool: Pool, used: ArrayLike) -> str:
    """Return what papers of some items rest on: ``calibrated``, ``planned`` (no item stands by its grade alone), ``judged``.

    used : (n_items,) the items that carry marks
    """
    there = np.asarray(used, dtype=np.bool_)
    if bool(pool.calibrated[there].all()):
        return "calibrated"
    return "planned" if bool((pool.calibrated | pool.planned)[there].all()) else "judged"


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
    """Return the share of its marks that each item is expected to bring; shape (n_items, n_nodes).

    Of right and wrong the probability of a right answer, by the item's own model; of marks given in part the mean
    ``Σ s_k P_k`` over the categories, which earn the shares s_k. Judged and planned items are 2PL.
    """
    return put(_plain(pool, theta), pool.general, len(pool.ids), expected_share, theta)


def item_information(pool: Pool, theta: Array) -> Array:
    """Return the Fisher information of each item by its model, 2PL: ``a² P (1 − P)``; shape (n_items, n_nodes)."""
    p = _plain(pool, theta)
    return put(np.asarray(pool.slope[:, None] ** 2 * p * (1 - p)), pool.general, len(pool.ids), information, theta)


def mark_variance(pool: Pool, theta: Array) -> Array:
    """Return the variance of the share of its marks that each item brings at an ability; shape (n_items, n_nodes).

    ``P (1 − P)`` where all or nothing is earned.
    """
    p = _plain(pool, theta)
    return put(np.asarray(p * (1 - p)), pool.general, len(pool.ids), share_variance, theta)


def _plain(pool: Pool, theta: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-pool.slope[:, None] * (theta[None, :] - pool.difficulty[:, None]))))


@dataclass(frozen=True, slots=True)
class Expected:
    """Of one item at one ability: the share of its marks, the variance of that share, and the information."""

    share: float
    variance: float
    information: float


def expected_of(pool: Pool, item: int, theta: float) -> Expected:
    """Return what one item is expected to bring, worked out by itself: what audits count with."""
    alone = [some(part, part.items == item) for part in pool.general if (part.items == item).any()]
    if alone:
        at = np.array([theta])
        sums = (sum(float(of(part, at).sum()) for part in alone) for of in (expected_share, share_variance, information))
        return Expected(*sums)
    a = float(pool.slope[item])
    # beyond 700 the exponential is no number, and the chance is 0 all the same
    p = 1 / (1 + math.exp(min(-a * (theta - float(pool.difficulty[item])), 700.0)))
    return Expected(p, p * (1 - p), a * a * p * (1 - p))


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
