"""Why there are no papers, and what would make them: shortage, contradiction, relaxation, in this order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.anchors import choose_anchor
from qbank.assemble.compile import compile_program
from qbank.assemble.direct import direct_program
from qbank.assemble.explain.cells import Wide, widen, with_items
from qbank.assemble.explain.commission import Line, Plan, lines_of, plan_of, written_items
from qbank.assemble.explain.contradiction import Clash, contradiction
from qbank.assemble.explain.freedom import freedom
from qbank.assemble.explain.model import Model
from qbank.assemble.explain.peel import peeled_papers
from qbank.assemble.explain.pooled_rows import Rows, pooled_blocks, rows_of, single_blocks
from qbank.assemble.explain.relaxation import Relaxation, relaxations
from qbank.assemble.program import Program, violations
from qbank.assemble.scene import Scene
from qbank.assemble.search import Outcome
from qbank.assemble.setting import Setting, scene_of
from qbank.assemble.solve import solve
from qbank.core.item import Item

Reason = Literal["none", "shortage", "contradiction", "packing", "unknown"]
NODES = 50
SEARCHED = 2500
"""Columns up to which papers that cannot be taken one after the other are searched for all at once."""
ENLARGED = 3
"""How often each cell of a commission gets some items more where its papers are not found."""
SMALL = 6000
"""Columns up to which the program of each paper is solved beside that of their sum."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """reason : ``none`` where papers exist, ``packing`` where their sum exists and they do not ; lines, bound :
    the commission, and how many items are needed at least ; proved : whether papers were built with it ; clashes :
    the rules that contradict each other ; relaxations : which bounds could move instead, where asked for ; broken : what the best papers still break
    """

    setting: Setting
    reason: Reason
    lines: tuple[Line, ...] = ()
    bound: int = 0
    proved: bool = False
    items: tuple[Item, ...] = ()
    clashes: tuple[Clash, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    broken: dict[str, float] = field(default_factory=dict)

    @property
    def n_missing(self) -> int:
        """Return how many items the commission orders."""
        return sum(line.n for line in self.lines)


def explain(setting: Setting, outcome: Outcome | None = None) -> Explanation:
    """Return why the papers of a setting cannot be built; outcome : of a search that has failed already."""
    wide = widen(setting)
    n_forms = setting.blueprint.n_forms
    alone = rows_of(wide, single_blocks(1))
    clashes = contradiction(alone, model_of(alone))
    if clashes:
        return Explanation(setting, "contradiction", clashes=clashes)
    rows = rows_of(wide, pooled_blocks(n_forms))
    model = model_of(rows)
    plan = plan_of(rows, model)
    if plan is None:
        clashes = contradiction(rows, model)
        return Explanation(setting, "contradiction" if clashes else "unknown", clashes=clashes)
    if plan.total:
        return _proved(setting, wide, plan)
    outcome = outcome or papers(setting)
    if len(outcome.chosen):
        return Explanation(setting, "none")
    return _packing(setting, wide, outcome)


def explain_fully(setting: Setting) -> Explanation:
    """Return why the papers of a setting cannot be built, and which bounds could move instead."""
    found = explain(setting)
    if found.reason == "none":
        return found
    return replace(found, relaxations=relaxations(setting, lambda other: bool(len(papers(other).chosen))))


def _packing(setting: Setting, wide: Wide, outcome: Outcome) -> Explanation:
    """Return why papers whose sum exists do not exist themselves, from the program of each of them."""
    n_forms = setting.blueprint.n_forms
    if wide.program.n_columns * n_forms > SMALL:
        return Explanation(setting, "packing", broken=outcome.broken)
    rows = rows_of(wide, single_blocks(n_forms))
    model = model_of(rows)
    plan = plan_of(rows, model)
    if plan is None:
        clashes = contradiction(rows, model)
        return Explanation(setting, "contradiction" if clashes else "unknown", clashes=clashes, broken=outcome.broken)
    if not plan.total:
        return Explanation(setting, "packing", broken=outcome.broken)
    return replace(_proved(setting, wide, plan), broken=outcome.broken)


def _proved(setting: Setting, wide: Wide, plan: Plan) -> Explanation:
    """Return the commission, and whether papers were built from the bank and it."""
    items = written_items(plan, setting, wide.cells)
    outcome = papers(with_items(setting, items))
    n_forms = setting.blueprint.n_forms
    if not len(outcome.chosen) and wide.program.n_columns * n_forms <= SMALL:
        rows = rows_of(wide, single_blocks(n_forms))
        larger = plan_of(rows, model_of(rows))
        if larger is not None:
            plan = replace(larger, bound=max(plan.bound, larger.bound))
            items = written_items(plan, setting, wide.cells)
            outcome = papers(with_items(setting, items))
    for _ in range(ENLARGED):
        if len(outcome.chosen):
            break
        plan = replace(plan, n=plan.n + np.where(plan.n > 0, np.maximum(1, plan.n // 10), 0))
        items = written_items(plan, setting, wide.cells)
        outcome = papers(with_items(setting, items))
    lines = lines_of(plan, wide.cells, freedom(plan, wide))
    return Explanation(setting, "shortage", lines, plan.bound, bool(len(outcome.chosen)), items)


def papers(setting: Setting) -> Outcome:
    """Return any papers that hold the rules of a setting, good or bad."""
    scene = scene_of(setting)
    program = compile_program(setting.rules, scene)
    nothing = Outcome("not found", np.zeros((0, program.n_columns), dtype=np.bool_), np.inf, -np.inf, "")
    rule = next((rule for rule in setting.rules if rule.word == "anchor"), None)
    anchor = choose_anchor(rule, scene, program) if rule else ()
    if anchor is None:
        return nothing
    if anchor:
        scene = replace(scene, anchor=anchor)
        program = compile_program(setting.rules, scene)
    ways = [_peeled, _searched] if program.n_columns * program.n_forms <= SEARCHED and not program.overlaps else [_peeled]
    for way in ways:
        found = way(setting, scene, program)
        if len(found):
            return replace(nothing, status="stopped", chosen=found)
    return nothing


def _peeled(setting: Setting, scene: Scene, program: Program) -> NDArray[np.bool_]:
    return peeled_papers(Wide(setting, scene, program, ()))


def _searched(setting: Setting, scene: Scene, program: Program) -> NDArray[np.bool_]:
    """Return papers from the program of all of them at once, which is small."""
    plain = replace(program, terms=replace(program.terms, weight=np.zeros(len(program.terms.names))),
                    cost=np.zeros(program.cost.size))  # fmt: skip
    nodes = min(setting.blueprint.max_nodes, NODES)
    answer = solve(direct_program(plain), seed=setting.blueprint.seed, absolute_gap=1.0, max_nodes=nodes)
    shape = (program.n_forms, program.n_columns)
    if not answer.values.size:
        return np.zeros((0, shape[1]), dtype=np.bool_)
    found = np.asarray(answer.values[: shape[0] * shape[1]].reshape(shape) > 0.5, dtype=np.bool_)
    return found[:0] if violations(plain, found) else found


def model_of(rows: Rows) -> Model:
    """Return the program in the solver; all its columns are whole numbers."""
    return Model(rows.matrix, np.ones(rows.item.size, dtype=np.bool_))
