"""Why an item is on a paper or not: what it serves there, what stands in its way, and what it would change."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.compile import compile_program
from qbank.assemble.constraints import CONSTRAINTS
from qbank.assemble.eligibility import Refusal, refusals
from qbank.assemble.expected import item_information, probability
from qbank.assemble.goals import read_goals, stages_of
from qbank.assemble.price import impossible, price
from qbank.assemble.program import BUILT_IN, Program, items_on, objective, with_indicators
from qbank.assemble.scene import Scene, Selection
from qbank.assemble.setting import Setting, scene_of
from qbank.assemble.trial import SLACK, Broken, Trials, broken_by, try_exchanges
from qbank.messages.lists import some
from qbank.problem import Span

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]
Standing = Literal["not eligible", "on the paper", "kept out", "eligible"]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is known of an item, and how it stands among those of its section, domain and grade.

    calibrated, planned : what its parameters rest on, its grade where neither ; information : at the cut ; rank : by it, 1 is the most, of n ; chance : expected share of its marks at
    the cut
    """

    facility: float
    calibrated: bool
    planned: bool
    information: float
    chance: float
    rank: int
    n: int
    n_on_paper: int


@dataclass(frozen=True, slots=True)
class Served:
    """A rule that counts an item on a paper.

    found : on the paper ; without : were the item's place empty ; needed : whether the rule would then be broken ;
    replacements : items of its section that could stand in its place as far as this rule goes
    """

    label: str
    origin: Span
    found: float
    low: float
    high: float
    without: float
    needed: bool
    replacements: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange: the other item, what it breaks, how much worse the objective becomes (below 0: better)."""

    item: str
    broken: tuple[Broken, ...]
    change: float


@dataclass(frozen=True, slots=True)
class Why:
    """refused : why it is no candidate ; served : where it is on the paper ; blocking : rules in the way of exchanges,
    with the number of exchanges that each stops ; n_tried, n_allowed : single exchanges with it ; best : the allowed
    one that is best for the objective ; nearest : where none is allowed, the one that breaks least ; elsewhere : other
    papers of the set that hold it ; enemies : its enemies on the paper ; impossible : rules because of which no paper
    at all can hold it ; price : by which the relaxed paper is worse at least where it must stand there (of an item that
    is on the paper: where it must not), ∞ where no such paper exists beside the others, NaN where nothing is compared ;
    objective : of the papers
    """

    item: str
    standing: Standing
    section: str
    domain: str
    refused: tuple[Refusal, ...] = ()
    statistics: Statistics | None = None
    served: tuple[Served, ...] = ()
    blocking: tuple[tuple[Broken, int], ...] = ()
    n_tried: int = 0
    n_allowed: int = 0
    best: Exchange | None = None
    nearest: Exchange | None = None
    elsewhere: tuple[str, ...] = ()
    enemies: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()
    price: float = float("nan")
    objective: float = float("nan")


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of a set as a program sees them, and their names; ``form`` is the one that is asked about."""

    program: Program
    scene: Scene
    chosen: Mask
    names: tuple[str, ...]
    form: int


def papers_of(setting: Setting, selections: tuple[Selection, ...], names: tuple[str, ...], form: int) -> Papers:
    """Return finished papers as columns of their program, compared at the abilities where they were audited."""
    marks = np.zeros((len(selections), len(setting.pool.ids)))
    for row, paper in enumerate(selections):
        marks[row, paper.positions] = paper.marks
    scene = scene_of(setting, marks.mean(axis=0))
    program = compile_program(setting.rules, scene)
    candidates = setting.candidates
    column = {
        (int(item), int(section), bool(scored)): n
        for n, (item, section, scored) in enumerate(zip(candidates.item, candidates.section, candidates.scored, strict=True))
    }
    chosen = np.zeros((len(selections), program.n_columns), dtype=np.bool_)
    for row, paper in enumerate(selections):
        for place in zip(paper.positions, paper.section, paper.scored, strict=True):
            found = column.get((int(place[0]), int(place[1]), bool(place[2])))
            if found is not None:
                chosen[row, found] = True
    return Papers(program, scene, with_indicators(program, chosen), names, form)


def objective_kind(papers: Papers) -> str:
    """Return what a change of the objective counts: its kind of stage, or ``between`` where papers are compared.

    Where a blueprint has goals of several priorities, the first of them is meant.
    """
    stage = stages_of(papers.scene, read_goals(papers.scene.blueprint)[0])[0]
    terms = papers.program.terms
    compared = bool(terms.names) and bool(np.isnan(terms.target[:, terms.weight > 0]).all())
    return "between" if stage.kind == "deviation" and compared else stage.kind


def why_on(item: str, setting: Setting, papers: Papers) -> Why:
    """Return why an item of the bank is on a paper, or is not."""
    program, chosen, form = papers.program, papers.chosen, papers.form
    own = _columns_of(item, setting, program)
    present = own[chosen[form, own]]
    if not present.size:
        found = why_planned(item, setting, program)
        return found if found.standing == "not eligible" else _kept_out(found, own, setting, papers)
    column = int(present[0])
    facts = _facts(item, column, setting, program, chosen[form])
    others = _rivals(program, column, setting, chosen[form])
    trials = try_exchanges(program, chosen, form, np.full(others.size, column), others)
    best = _best(trials, setting, program)
    return replace(
        facts, standing="on the paper", served=_served(papers, trials, setting, column),
        n_tried=others.size, n_allowed=int(trials.allowed.sum()), best=best,
        elsewhere=_elsewhere(item, setting, papers), price=price(program, chosen, form, own, forced=False),
        objective=objective(program, chosen),
    )  # fmt: skip


def why_planned(item: str, setting: Setting, program: Program) -> Why:
    """Return whether an item of the bank may stand on the papers of a blueprint, and which of its rules count it."""
    refused = refusals(setting.bank.items[item], setting, program)
    own = _columns_of(item, setting, program)
    own = own[program.upper.max(axis=0)[own] > 0]
    if refused or not own.size:
        return Why(item, "not eligible", "", _domain(item, setting), refused)
    column = int(own[0])
    served = tuple(
        Served(program.labels[row], program.origins[row], np.nan, float(program.low[0, row]), float(program.high[0, row]),
               np.nan, False, 0)
        for row in _rows_of(program, column)
    )  # fmt: skip
    facts = _facts(item, column, setting, program, np.zeros(program.n_columns, dtype=np.bool_))
    return replace(facts, standing="eligible", served=served, impossible=impossible(program, own))


def _kept_out(found: Why, own: Indices, setting: Setting, papers: Papers) -> Why:
    program, chosen, form = papers.program, papers.chosen, papers.form
    own = own[program.upper[form, own] > 0]
    pairs = [(int(place), int(column)) for column in own for place in _places(program, int(column), setting, chosen[form])]
    out, into = (np.array(part, dtype=np.int64) for part in (zip(*pairs, strict=True) if pairs else ((), ())))
    trials = try_exchanges(program, chosen, form, out, into)
    elsewhere = _elsewhere(found.item, setting, papers)
    tried = [
        broken_by(program, trials, n, form, names=setting.pool.ids, papers=papers.names, elsewhere=some(elsewhere))
        for n in range(out.size)
    ]
    allowed = trials.allowed
    counts = Counter(broken.label for wrong in tried for broken in {entry.label: entry for entry in wrong}.values())
    example = {broken.label: broken for wrong in reversed(tried) for broken in wrong}
    nearest = None
    if out.size and not allowed.any():
        weight = [(len(wrong), float(trials.worse[n].sum()), float(trials.change[n])) for n, wrong in enumerate(tried)]
        least = min(range(len(tried)), key=weight.__getitem__)
        broken = _in_words(papers, setting, tried[least], out[least], into[least])
        nearest = Exchange(_name(setting, program, out[least]), broken, float(trials.change[least]))
    facts = _facts(found.item, int(own[0]), setting, program, chosen[form])
    return replace(
        found, standing="kept out", statistics=facts.statistics, section=facts.section, served=(),
        blocking=tuple((example[label], n) for label, n in counts.most_common()), n_tried=int(out.size),
        n_allowed=int(allowed.sum()), best=_best(trials, setting, program, leaving=True), nearest=nearest,
        elsewhere=elsewhere, enemies=_enemies(found.item, setting, papers),
        price=price(program, chosen, form, own, forced=True), objective=objective(program, chosen),
    )  # fmt: skip


def _in_words(papers: Papers, setting: Setting, broken: tuple[Broken, ...], out: int, into: int) -> tuple[Broken, ...]:
    """Return broken rules with what the rule itself counts, where its rows count something else (a mean's do)."""
    now = papers.chosen[papers.form]
    then = now.copy()
    then[out], then[into] = False, True
    index = dict(zip(papers.program.labels, papers.program.rules, strict=True))
    words = []
    for entry in broken:
        counted = _counted(papers, setting, index.get(entry.label, BUILT_IN), now, then)
        words.append(replace(entry, found=counted[1], low=counted[2], high=counted[3]) if counted else entry)
    return tuple({entry.label: entry for entry in words}.values())


def _columns_of(item: str, setting: Setting, program: Program) -> Indices:
    if item not in setting.pool.ids:
        return np.zeros(0, np.int64)
    return np.flatnonzero(program.item == setting.pool.ids.index(item))


def _domain(item: str, setting: Setting) -> str:
    point = setting.bank.standard.competencies.get(setting.bank.items[item].competency)
    return point.domain if point else ""


def _facts(item: str, column: int, setting: Setting, program: Program, row: Mask) -> Why:
    """Return section, domain and statistics of an item in one of its roles."""
    pool, candidates = setting.pool, setting.candidates
    position = int(program.item[column])
    section = int(candidates.section[column])
    theta = np.array([scene_of(setting, _carried(setting, row)).cut])
    information = item_information(pool, theta)[:, 0]
    n = program.n_candidates
    items = program.item[:n]
    cell = np.flatnonzero(
        (candidates.section == section) & (candidates.role == candidates.role[column])
        & np.array([pool.domain[i] == pool.domain[position] and pool.items[i].grade == pool.items[position].grade for i in items])
        & (program.upper.max(axis=0)[:n] > 0)
    )  # fmt: skip
    rank = 1 + int((information[items[cell]] > information[position] + 1e-12).sum())
    statistics = Statistics(
        float(pool.facility[position]), bool(pool.calibrated[position]), bool(pool.planned[position]),
        float(information[position]),
        float(probability(pool, theta)[position, 0]), rank, int(cell.size), int(row[cell].sum()),
    )  # fmt: skip
    return Why(item, "eligible", setting.blueprint.sections[section].title, pool.domain[position], (), statistics)


def _carried(setting: Setting, row: Mask) -> NDArray[np.float64]:
    marks = np.zeros(len(setting.pool.ids))
    there = np.flatnonzero(row[: setting.candidates.item.size])
    marks[setting.candidates.item[there]] = setting.candidates.marks[there]
    return marks


def _rows_of(program: Program, column: int) -> Indices:
    return np.flatnonzero(np.asarray(program.matrix[:, [column]].todense()).ravel())


def _served(papers: Papers, trials: Trials, setting: Setting, column: int) -> tuple[Served, ...]:
    """Return the rules that count a candidate on a paper, those first that would be broken without it."""
    program, form, row = papers.program, papers.form, papers.chosen[papers.form]
    here = np.asarray(program.matrix @ row.astype(np.float64))
    rest = row.copy()
    rest[column] = False
    rest[program.n_candidates :] = False
    without = np.asarray(program.matrix @ with_indicators(program, rest[None])[0].astype(np.float64))
    found: dict[str, Served] = {}
    rows = _rows_of(program, column)
    for label in dict.fromkeys(program.labels[place] for place in rows if not program.hard[place]):
        own = [place for place in rows if program.labels[place] == label]
        holding = int((trials.worse[:, own].max(axis=1, initial=0.0) <= SLACK).sum())
        counted = _counted(papers, setting, program.rules[own[0]], row, rest)
        if counted is None:
            low, high = float(program.low[form, own[0]]), float(program.high[form, own[0]])
            counted = float(here[own[0]]), float(without[own[0]]), low, high
        now, then, low, high = counted
        needed = then < low - SLACK or then > high + SLACK
        found[label] = Served(label, program.origins[own[0]], now, low, high, then, needed, holding)
    return tuple(sorted(found.values(), key=lambda entry: (not entry.needed, entry.replacements)))


def _counted(papers: Papers, setting: Setting, rule: int, now: Mask, then: Mask) -> tuple[float, float, float, float] | None:
    """Return what a rule of the blueprint counts on a paper now and then, and what it allows; None for no such rule."""
    asked = next((entry for entry in setting.rules if entry.index == rule), None)
    if asked is None:
        return None
    count = CONSTRAINTS[asked.word].count
    both = [count(asked, papers.scene, _selection(setting, row)) for row in (now, then)]
    pairs = list(zip(*both, strict=False))
    if not pairs:
        return None
    before, after = next((pair for pair in pairs if pair[0].found != pair[1].found), pairs[0])
    return before.found, after.found, after.low, after.high


def _selection(setting: Setting, row: Mask) -> Selection:
    candidates = setting.candidates
    there = np.flatnonzero(row[: candidates.item.size])
    return Selection(candidates.item[there], candidates.section[there], candidates.scored[there], candidates.marks[there])


def _rivals(program: Program, column: int, setting: Setting, row: Mask) -> Indices:
    """Return the candidates of the same role that are not on the paper and whose item is not in another role there."""
    n = program.n_candidates
    there = np.zeros(program.uses.size, dtype=np.bool_)
    there[program.item[:n][row[:n]]] = True
    free = ~there[program.item[:n]] & (program.role[:n] == program.role[column]) & (program.upper.max(axis=0)[:n] > 0)
    return np.flatnonzero(free)


def _places(program: Program, column: int, setting: Setting, row: Mask) -> Indices:
    """Return the candidates on the paper whose place one could take: those of its role."""
    n = program.n_candidates
    return np.flatnonzero(row[:n] & (program.role[:n] == program.role[column]))


def _name(setting: Setting, program: Program, column: np.int64) -> str:
    return setting.pool.ids[int(program.item[column])]


def _best(trials: Trials, setting: Setting, program: Program, *, leaving: bool = False) -> Exchange | None:
    allowed = np.flatnonzero(trials.allowed)
    if not allowed.size:
        return None
    best = int(allowed[np.argmin(trials.change[allowed])])
    other = trials.out[best] if leaving else trials.into[best]
    return Exchange(_name(setting, program, other), (), float(trials.change[best]))


def _elsewhere(item: str, setting: Setting, papers: Papers) -> tuple[str, ...]:
    on = items_on(papers.program, papers.chosen)[:, setting.pool.ids.index(item)]
    return tuple(name for n, name in enumerate(papers.names) if on[n] and n != papers.form)


def _enemies(item: str, setting: Setting, papers: Papers) -> tuple[str, ...]:
    position = setting.pool.ids.index(item)
    on = items_on(papers.program, papers.chosen)[papers.form]
    pairs = papers.program.enemies
    others = np.concatenate([pairs[pairs[:, 0] == position, 1], pairs[pairs[:, 1] == position, 0]])
    return tuple(setting.pool.ids[other] for other in others if on[other])
