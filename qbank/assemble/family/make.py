"""From a setting to a family: what is kept even, which rules no family can keep, and the record that is written."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qbank import __version__
from qbank.assemble.compile import compile_program
from qbank.assemble.expected import item_information, probability
from qbank.assemble.family.codes import most_papers, most_papers_in_sections
from qbank.assemble.family.demands import Demands, Measures, demands_of
from qbank.assemble.family.design import Design, design_family
from qbank.assemble.family.listing import Listing
from qbank.assemble.family.pilot import (
    ENOUGH_ANSWERS,
    FURTHER,
    Answers,
    largest_slot,
    persons_for,
    pilot_design,
)
from qbank.assemble.family.uneven import uneven_items
from qbank.assemble.pool import Pool, basis_of
from qbank.assemble.program import Program
from qbank.assemble.scene import Scene
from qbank.assemble.setting import Setting, scene_of
from qbank.core.family import Family, FamilyCode, FamilySize, FamilySlot, NeverTogether, Proof, TriedRule
from qbank.messages.lists import some
from qbank.problem import Problem, error, has_errors, warning

Array = NDArray[np.float64]

NAMED = 8
"""Items that a message names at most."""
UNSUITED = ("anchor", "pretest")
"""Rules that put the same or uncounted items on all papers: no family keeps them."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of a family.

    overlap : items that any two papers share at most ; theta : abilities at which information is compared, () for the
    mean of the population and one and two SDs to either side ; tolerance : by which share of the mean it may differ ;
    score_tolerance : by which share of the marks the expected score at the cut may differ ; pilot : whether its
    sittings only calibrate ; used : ids of items of earlier families: those that these left over are taken first ;
    persons : who sit the pilot, so many that each item used gets enough answers from them, 0: that is not asked ;
    papers : that the family must have
    """

    overlap: int
    theta: tuple[float, ...] = ()
    tolerance: float = 0.05
    score_tolerance: float = 0.02
    pilot: bool = False
    used: frozenset[str] = frozenset()
    persons: int = 0
    papers: int = 2


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """demands : what every paper meets ; design : slots, code, sieve ; scene : in which the items were compared ;
    answers : that the persons of a pilot will give, None where no number of them was said
    """

    demands: Demands
    design: Design
    scene: Scene
    wishes: Wishes
    answers: Answers | None = None


def demands_for(setting: Setting, wishes: Wishes) -> tuple[Demands | None, Scene, list[Problem]]:
    """Return what every paper of a family must meet, or nothing and the rules that no family can keep."""
    alone = replace(setting, blueprint=replace(setting.blueprint, n_forms=1))
    scene = scene_of(alone)
    problems = [
        error("P603", rule.span, rule=rule.label) for rule in setting.rules if rule.word in UNSUITED
    ]
    if problems:
        return None, scene, problems
    program = compile_program(setting.rules, scene)
    problems = [
        error("P603", setting.blueprint.span, rule=setting.pool.ids[int(program.item[column])])
        for column in np.flatnonzero(program.lower[0, : program.n_candidates] > 0)
    ]
    if problems:
        return None, scene, problems
    sections = setting.blueprint.sections
    usable = np.ones(len(setting.pool.ids), dtype=np.bool_)
    if not wishes.pilot and setting.blueprint.purpose != "practice":
        usable = answers_behind(setting) >= ENOUGH_ANSWERS
        problems = _unanswered(setting, usable)
    program = replace(program, upper=program.upper * np.append(usable, True)[program.item])
    demands, refused = demands_of(program, [section.items for section in sections], _measures(scene, program, wishes))
    if demands is None:
        span = {rule.label: rule.span for rule in setting.rules}
        return None, scene, [*problems, *(error("P611", span.get(label, setting.blueprint.span), rule=label) for label in refused)]
    if wishes.used:
        ids = setting.pool.ids
        must = [any(ids[item] not in wishes.used for item in demands.items_of(column)) for column in range(demands.n_columns)]
        demands = replace(demands, must=np.array(must, dtype=np.bool_))
    return demands, scene, problems


def answers_behind(setting: Setting) -> NDArray[np.int64]:
    """Return how many answers are behind the calibration of each item of the pool, 0 where it has none; (n_items,)."""
    estimates, prints = setting.history.estimates, setting.bank.fingerprints
    return np.array(
        [estimates[prints[id]].n_answers if prints[id] in estimates else 0 for id in setting.pool.ids], dtype=np.int64
    )


def _unanswered(setting: Setting, usable: NDArray[np.bool_]) -> list[Problem]:
    """Return how many items stay out of a family that counts, as an error where a section is left with too few."""
    blueprint, candidates = setting.blueprint, setting.candidates
    there = np.bincount(candidates.section[usable[candidates.item]], minlength=len(blueprint.sections))
    if usable.all():
        return []
    short = any(n < section.items for n, section in zip(there, blueprint.sections, strict=True))
    tell, code = (error, "P604") if short else (warning, "P610")
    return [tell(code, blueprint.span, n=int(usable.sum()), all=usable.size, enough=ENOUGH_ANSWERS)]


def thetas(wishes: Wishes, pool: Pool) -> tuple[float, ...]:
    """Return the abilities at which information is compared."""
    return wishes.theta or tuple(round(pool.ability_mean + k * pool.ability_sd, 6) for k in (-2, -1, 0, 1, 2))


def _measures(scene: Scene, program: Program, wishes: Wishes) -> Measures:
    pool, n = scene.pool, program.n_candidates
    theta = np.array(thetas(wishes, pool))
    at = program.item[:n]
    information = item_information(pool, theta)[at].T
    score = probability(pool, np.array([scene.cut]))[at].T * scene.candidates.marks
    within = wishes.score_tolerance * scene.blueprint.marks
    names = (
        *(f"information: {{at: {each:g}, within: {100 * wishes.tolerance:g}%}}" for each in theta),
        f"expected_score: {{at: cut, within: {within:g}}}",
    )  # fmt: skip
    none = np.full(len(names), np.inf)
    share, amount = none.copy(), none.copy()
    share[:-1], amount[-1] = wishes.tolerance, within
    return Measures(names, np.vstack([information, score]), share, amount, np.full(len(names), np.nan))


def make_family(setting: Setting, wishes: Wishes) -> tuple[Made | None, list[Problem]]:
    """Return the family with most papers for a blueprint, or nothing and why there is none."""
    demands, scene, problems = demands_for(setting, wishes)
    if demands is None or has_errors(problems):
        return None, problems
    there = np.bincount(demands.section, minlength=len(demands.sizes))
    short = [
        error("P606", section.span, section=section.title, places=places, n=int(n))
        for section, n, places in zip(setting.blueprint.sections, there, demands.sizes, strict=False) if n < places
    ]  # fmt: skip
    if short:
        return None, problems + short
    if wishes.persons:
        made, wrong = _pilot(demands, scene, wishes, setting)
        return made, problems + wrong
    design = design_family(demands, wishes.overlap, setting.blueprint.seed, wanted=wishes.papers)
    return (None if design is None else Made(demands, design, scene, wishes)), problems


def _pilot(demands: Demands, scene: Scene, wishes: Wishes, setting: Setting) -> tuple[Made | None, list[Problem]]:
    """Return a family of so few items that the persons give each of them enough answers, or how many persons it takes."""
    persons, seed, span = wishes.persons, setting.blueprint.seed, setting.blueprint.span
    papers, largest = max(persons, wishes.papers), largest_slot(persons)
    needed = _needed(demands, wishes.overlap, largest + 1)
    while largest >= 2:
        fewer = replace(demands, largest=largest)
        design = design_family(fewer, wishes.overlap, seed, listed=math.ceil(FURTHER * papers), wanted=papers)
        if design is None or design.count.low < papers:
            needed = _needed(demands, wishes.overlap, largest + 1)
            break
        design, answers = pilot_design(design, demands.must[np.maximum(design.slots, 0)], persons, papers, seed)
        if answers.least >= ENOUGH_ANSWERS:
            return Made(fewer, design, scene, wishes, answers), []
        needed, largest = answers.needed, largest - 1
    if needed <= persons:  # persons enough: it is the rules that leave too few papers
        return None, []
    return None, [error("P612", span, persons=persons, needed=needed, enough=ENOUGH_ANSWERS, overlap=wishes.overlap)]


def _needed(demands: Demands, overlap: int, largest: int) -> int:
    """Return how many persons it takes with so many items a place or, where these cannot give each of the persons a paper
    whatever the method, with the fewest more that could."""
    there = np.bincount(demands.section, minlength=len(demands.sizes))
    for size in range(max(largest, 2), int(there.max()) + 1):
        weights = demands.weights or (1,) * len(demands.sizes)
        items = [(w * min(int(n), size * places), w * places) for n, places, w in zip(there, demands.sizes, weights, strict=True)]
        if most_papers_in_sections(items, overlap) >= persons_for(size):
            return persons_for(size)
    return persons_for(max(largest, 2))


def uneven_problems(made: Made, setting: Setting) -> list[Problem]:
    """Return a warning that names the items shown too seldom or too often, and the rule or section behind it."""
    found, blueprint = uneven_items(made.design, setting.blueprint.seed), setting.blueprint
    if found is None:
        return []
    ids = [setting.pool.ids[item] for column in found.columns for item in made.demands.items_of(column)]
    home = made.demands.home or range(len(made.demands.sizes))
    rule = blueprint.sections[home[found.section]].title if found.section >= 0 else found.rule
    items = some(ids, NAMED)
    return [warning(
        "P613", blueprint.span, n=len(ids), all=int((made.design.weights * (made.design.slots >= 0).sum(axis=1)).sum()), items=items, rule=rule,
        least=f"{found.least:.2f}", most=f"{found.most:.2f}",
    )]  # fmt: skip


def family_of(made: Made, setting: Setting, *, id: str, title: str, subject: str, secret_check: str) -> Family:
    """Return the record of a family that was made."""
    blueprint, pool, design = setting.blueprint, setting.pool, made.design
    used = np.concatenate([made.demands.items_of(column) for column in design.slots[design.slots >= 0]])
    there = np.zeros(len(pool.ids), dtype=np.bool_)
    there[used] = True
    count, wishes = design.count, made.wishes
    return Family(
        id=id, blueprint=blueprint.name, title=title, subject=subject, language=setting.bank.language,
        level=blueprint.level, bank=setting.bank.name, blueprint_digest=blueprint.digest, bank_digest=setting.bank.digest,
        statistics_digest=setting.history.digest, as_of=setting.as_of, engine_version=__version__, seed=blueprint.seed,
        asked_overlap=wishes.overlap, theta=thetas(wishes, pool), tolerance=wishes.tolerance,
        score_tolerance=wishes.score_tolerance * blueprint.marks, cut_ability=float(made.scene.cut),
        basis=basis_of(pool, there), answers=int(answers_behind(setting)[there].min()), pilot=wishes.pilot, secret_check=secret_check,
        code=_code(design), slots=_slots(made, setting), proven=design.sieve.proven, rules=_rules(design),
        apart=tuple(
            NeverTogether(int(first), int(one), int(second), int(other), label)
            for (first, one, second, other), label in zip(design.sieve.pairs, design.sieve.reasons, strict=True)
        ),
        size=FamilySize(
            count.words, count.papers, count.low, count.high, count.tried, count.kept,
            min(most_papers_in_sections(_used_by_section(made), design.overlap), most_papers(int(there.sum()), int(design.weights.sum()), design.overlap)),
        ),
    )  # fmt: skip


def _used_by_section(made: Made) -> list[tuple[int, int]]:
    """Return by section how many items the slots use and how many places it has."""
    design, home = made.design, made.demands.slot_homes
    items = design.weights * (design.slots >= 0).sum(axis=1)
    return [
        (int(items[home == section].sum()), int(design.weights[home == section].sum())) for section in range(int(home.max()) + 1)
    ]


def _code(design: Design) -> FamilyCode:
    code = design.code
    if isinstance(code, Listing):
        listed = tuple(tuple(map(int, row)) for row in code.rows)
        return FamilyCode(code.order, code.overlap, code.construction, "compared", listed=listed)
    generator = tuple(tuple(map(int, row)) for row in code.generator)
    construction = f"code over GF({code.order}), length {code.length}, distance {code.length - code.overlap}: {_core(code.construction)}"
    proof: Proof = "enumerated" if code.proof == "enumerated" else "algebra"
    return FamilyCode(
        code.order, code.overlap, construction, proof, generator, tuple(map(int, design.translation))
    )


def _core(construction: str) -> str:
    """Return what a code was made from, without the steps by which it was shortened and lengthened.

    >>> _core("the first 14 of 15 places of Reed–Solomon: polynomials of degree ≤ 3; beside it 1 symbols of the message")
    'Reed–Solomon: polynomials of degree ≤ 3'
    """
    return re.sub(r"^(the first \d+ of \d+ places of )+", "", construction.partition(";")[0])


def _slots(made: Made, setting: Setting) -> tuple[FamilySlot, ...]:
    prints, ids, found = setting.bank.fingerprints, setting.pool.ids, []
    stays = made.design.sieve.stays
    for section, size, row, share in zip(made.demands.slot_homes, made.design.weights, made.design.slots, stays, strict=True):
        here = tuple(
            id for column in row
            for id in ([ids[item] for item in made.demands.items_of(column)] if column >= 0 else [""] * int(size))
        )  # fmt: skip
        found.append(FamilySlot(int(section), here, tuple(prints[id] if id else "" for id in here), tuple(map(float, share)), int(size)))
    return tuple(found)


def _rules(design: Design) -> tuple[TriedRule, ...]:
    sieve = design.sieve
    return tuple(
        TriedRule(
            label, float(low), float(high), tuple(tuple(map(float, row)) for row in sieve.values[:, :, index])
        )
        for index, (label, low, high) in enumerate(zip(sieve.labels, sieve.low, sieve.high, strict=True))
    )
