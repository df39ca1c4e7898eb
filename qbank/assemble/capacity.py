"""How many papers a bank supports: a proven upper bound, papers really built, and the rules that stand in the way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.compile import compile_program
from qbank.assemble.explain.cells import Wide
from qbank.assemble.explain.peel import peeled_papers
from qbank.assemble.layout import Heading, build_form
from qbank.assemble.program import Program
from qbank.assemble.relaxed import Relaxation, conflict, is_empty, merged, rows_of, shortfall
from qbank.assemble.search import search_papers
from qbank.assemble.setting import Setting, scene_of
from qbank.assemble.solve import LinearProgram
from qbank.assemble.sums import for_papers, papers_program, summed_program, without_objective
from qbank.assemble.verify import audit_forms
from qbank.core.form import Certificate, Form, form_items
from qbank.problem import Span

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

MOST = 200
"""Papers beyond which nobody asks."""
MAX_NODES = 500
"""Nodes after which the proof that there are no whole numbers is given up."""
WHOLE_COLUMNS = 3000
"""Columns, equal ones counted once, up to which whole numbers are tried; in larger pools the relaxation alone proves."""
MOST_CONFLICTS = 8
"""Sets of rules in the way of one paper more that are looked for."""
SEARCHED = 6000
"""Candidates times papers from which on papers are searched for before they are taken one after the other."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A rule of the smallest set that cannot hold for one paper more.

    short : by how much it alone would have to give way, over all these papers; NaN where that is not enough
    """

    label: str
    origin: Span
    short: float


@dataclass(frozen=True, slots=True)
class Cell:
    """Items of one section, leaf domain and grade; "" is any section or domain, 0 any grade.

    least : of them on every paper whatever else is chosen (from the relaxation, so that it may be a fraction) ; used :
    on average on the papers found ; papers : that the cell alone allows, −1 for any number
    """

    section: str
    domain: str
    grade: int
    have: int
    least: float
    used: float
    papers: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """found : papers that were built and hold every rule ; bound : no more can exist ; proof : by which program ;
    capped : whether the count ended at the most that was asked for, not at the bank's limit ; binding : sets of rules
    that one paper more than the bound cannot hold
    """

    found: int
    bound: int
    proof: str
    capped: bool
    forms: tuple[Form, ...]
    binding: tuple[tuple[Binding, ...], ...]
    cells: tuple[Cell, ...]


def upper_bound(setting: Setting, *, overlap: int, most: int) -> tuple[int, str]:
    """Return the most papers that the sums of the rules admit, and by which program more are excluded.

    First by the relaxation, halving the range between what it admits and what not; then, from there down, by whole
    numbers.
    """
    def sums(n_papers: int) -> LinearProgram:
        return summed_program(papers_program(setting, n_papers, overlap))

    good, bad = 0, most + 1
    guess = 1
    while good + 1 < bad:
        if is_empty(sums(guess), whole=False, max_nodes=MAX_NODES):
            bad = guess
        else:
            good = guess
        guess = min(2 * good, most) if bad > most else (good + bad) // 2
    proof = "linear"
    while good and refused_whole(sums(good)):
        good, proof = good - 1, "integer"
    return good, proof


def refused_whole(program: LinearProgram) -> bool:
    """Return whether it is proven that no whole numbers satisfy a program; large ones are not tried."""
    small = merged(program).cost.size <= WHOLE_COLUMNS
    return small and is_empty(program, whole=True, max_nodes=MAX_NODES)


def build_papers(setting: Setting, n_papers: int, *, overlap: int) -> tuple[Form, ...]:
    """Return so many papers that hold every rule of the blueprint, counted again by the audit; none where the search
    finds none."""
    many = for_papers(setting, n_papers, overlap=overlap)
    chosen, method = _choose(many)
    if not len(chosen):
        return ()
    certificate = Certificate(0.0, 0.0, 0.0, (), method, "judged")
    heading = Heading("capacity", setting.as_of, setting.blueprint.title, "", setting.history.digest)
    candidates = setting.candidates
    forms = tuple(
        build_form(
            many.blueprint, setting.bank, setting.pool, index, certificate, heading, positions=candidates.item[found],
            sections=candidates.section[found], scored=candidates.scored[found],
        )
        for index, found in enumerate(np.flatnonzero(row[: candidates.item.size]) for row in chosen)
    )  # fmt: skip
    kept = all(check.holds for check in audit_forms(forms, many).checks)
    return forms if kept and _most_shared(forms) <= overlap else ()


def _choose(setting: Setting) -> tuple[NDArray[np.bool_], str]:
    """Return any papers of a setting: of a small bank taken one after the other, of a large one from the search; where
    one way finds none, the other is tried."""
    scene = scene_of(setting)
    program = compile_program(setting.rules, scene)

    def peeled() -> tuple[NDArray[np.bool_], str]:
        return peeled_papers(Wide(setting, scene, program, ())), "peeled"

    def searched() -> tuple[NDArray[np.bool_], str]:
        outcome = search_papers(
            without_objective(program), seed=setting.blueprint.seed, effort=1, absolute_gap=np.inf,
            max_nodes=setting.blueprint.max_nodes,
        )  # fmt: skip
        return outcome.chosen, outcome.method

    large = program.n_columns * program.n_forms > SEARCHED
    first, second = (searched, peeled) if large else (peeled, searched)
    found = first()
    return found if len(found[0]) else second()


def _most_shared(forms: tuple[Form, ...]) -> int:
    held = [frozenset(entry.id for entry in form_items(form)) for form in forms]
    return max((len(a & b) for n, a in enumerate(held) for b in held[:n]), default=0)


def best_found(setting: Setting, bound: int, *, overlap: int) -> tuple[Form, ...]:
    """Return as many papers as the search finds: first as many as the bound, then the range is halved."""
    good: tuple[Form, ...] = ()
    bad, guess = bound + 1, bound
    if not bound:
        return good
    while len(good) + 1 < bad:
        forms = build_papers(setting, guess, overlap=overlap)
        if forms:
            good = forms
        else:
            bad = guess
        guess = (len(good) + bad) // 2
    return good


def binding_rules(setting: Setting, n_papers: int, *, overlap: int) -> tuple[tuple[Binding, ...], ...]:
    """Return sets of rules that so many papers cannot hold, none with a rule too many, no rule in two of them.

    All of them stand in the way: each must give way somewhere. Nothing is returned where nothing is proven.
    """
    program = summed_program(papers_program(setting, n_papers, overlap))
    origins = dict(zip(program.labels, program.origins, strict=True))
    found: list[tuple[Binding, ...]] = []
    while len(found) < MOST_CONFLICTS:
        whole = not is_empty(program, whole=False, max_nodes=MAX_NODES)
        if whole and not refused_whole(program):
            break
        names = conflict(program, whole=whole, max_nodes=MAX_NODES)
        found.append(tuple(
            Binding(name, origins[name], shortfall(program, names, name, whole=whole, max_nodes=MAX_NODES))
            for name in names
        ))  # fmt: skip
        if not names:
            break
        rest = ~np.isin(np.array(program.labels, dtype=object), names)
        program = rows_of(program, rest | program.hard)
    return tuple(sorted(found, key=lambda rules: [rule.origin for rule in rules]))


def cells(setting: Setting, forms: tuple[Form, ...]) -> tuple[Cell, ...]:
    """Return the cells of the pool and of its margins, those that allow the fewest papers first."""
    program = papers_program(setting, 1)
    linear = replace(summed_program(program), upper=np.where(program.upper[0] > 0, np.inf, 0.0))
    relaxed = Relaxation(linear)
    possible = relaxed.minimise() is not None
    used = _average_use(setting, forms)
    found: dict[Key, Cell] = {}
    for key, columns in sorted(_cell_columns(setting, program).items()):
        least = 0.0
        if possible and all(found[margin].least > 1e-6 for margin in _margins(key) if margin in found):
            cost = np.zeros(program.n_columns)
            cost[columns] = 1.0
            point = relaxed.minimise(cost)
            least = max(point.objective, 0.0) if point is not None else 0.0
        have = int(np.unique(program.item[columns[program.upper[0, columns] > 0]]).size)
        papers = int((have + 1e-6) / least) if least > 1e-6 else -1
        found[key] = Cell(*key, have, round(least, 4), round(used.get(key, 0.0), 2), papers)
    return tuple(sorted(found.values(), key=_tightness))


Key = tuple[str, str, int]


def _tightness(cell: Cell) -> tuple[bool, float, float, str, str, int]:
    ratio = cell.have / cell.least if cell.papers >= 0 else 0.0
    return cell.papers < 0, ratio, -cell.used / max(cell.have, 1), cell.section, cell.domain, cell.grade


def _margins(key: Key) -> set[Key]:
    """Return the wider cells that a cell is part of, itself left out."""
    section, domain, grade = key
    wider = {(s, d, g) for s in ("", section) for d in ("", domain) for g in (0, grade)}
    return wider - {key}


def _cell_columns(setting: Setting, program: Program) -> dict[Key, Indices]:
    pool, sections = setting.pool, setting.blueprint.sections
    groups: dict[Key, list[int]] = {}
    for column, item in enumerate(program.item[: program.n_candidates]):
        title = sections[int(setting.candidates.section[column])].title
        key = (title, pool.domain[item], pool.items[item].grade)
        for cell in {key, *_margins(key)} - {("", "", 0)}:
            groups.setdefault(cell, []).append(column)
    return {key: np.array(columns) for key, columns in groups.items()}


def _average_use(setting: Setting, forms: tuple[Form, ...]) -> dict[Key, float]:
    items, used = setting.bank.items, dict[Key, float]()
    for form in forms:
        for section in form.sections:
            for entry in section.items:
                key = (section.title, entry.domain, items[entry.id].grade)
                for cell in {key, *_margins(key)}:
                    used[cell] = used.get(cell, 0.0) + 1 / len(forms)
    return used


def capacity(setting: Setting, *, overlap: int = 0, most: int = MOST) -> Capacity:
    """Return how many papers the bank supports now, any two of which share ``overlap`` items at most."""
    bound, proof = upper_bound(setting, overlap=overlap, most=most)
    forms = best_found(setting, bound, overlap=overlap)
    capped = bound >= most
    binding = () if capped else binding_rules(setting, bound + 1, overlap=overlap)
    return Capacity(len(forms), bound, proof, capped, forms, binding, cells(setting, forms))
