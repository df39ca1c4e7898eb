"""The goals of a blueprint: read, weighed against each other, and put in the order of their priorities.

Goals of one priority make a stage. A stage minimises the largest ``weight · deviation`` of its goals plus their
weighted costs. What a stage reached binds the later ones: none of its deviations may grow beyond that and the goal's
``slack``, and no paper may cost more than it did there.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy import sparse

from qbank.assemble.objectives import (
    AROUND,
    OBJECTIVES,
    Goal,
    GoalText,
    Measure,
    Wanted,
    written_at,
    written_values,
)
from qbank.assemble.points import n_points, points_of
from qbank.assemble.program import BUILT_IN, Program, Terms, deviations, joined_terms, wide_terms
from qbank.assemble.rules import words_of
from qbank.assemble.scene import Scene
from qbank.core.blueprint import Blueprint, Rule
from qbank.problem import Problem, Span, error

Array = NDArray[np.float64]

USUAL = {"parallel": ("expected_score", "information")}
"""The goal where a blueprint names none."""
STOP_AT = 0.01
"""Marks, or per cent of information, by which papers may still differ from the best when the solver stops."""
SLACK = 0.02
"""By how much later stages may worsen a deviation (in marks, or as a share of information) where nothing is said."""
SHARED = ("at", "robust")
"""What may stand beside ``goals:`` for all of them."""
LEAVES = frozenset(
    {"at", "weight", "priority", "slack", "robust", "parallel", "maximise", "minimise", "information", "expected_score"}
)
"""Keys whose value is one thing, however deep a mistake in it lies."""
KEYS = LEAVES | {"target", "relative"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the search: what is minimised, and what its goals were called.

    terms : deviations, over the candidates ; cost : (n_candidates,) or None ; gap : within which the search may stop ;
    slack : by goal's measure, how far later stages may go beyond what was reached, in its unit ; kind : what the
    objective counts, ``deviation``, ``information``, ``uses``, ``seconds``; ``mixed`` where goals are weighed ; most : what the objective is a share of, of information the most that the best
    items would give
    """

    label: str
    terms: Terms | None
    cost: Array | None
    gap: float
    slack: Array
    kind: str
    most: float = np.inf


def read_goals(blueprint: Blueprint) -> tuple[tuple[Goal, ...], list[Problem]]:
    """Return the goals that passed the schema of their word, and what is wrong with the others."""
    written = blueprint.objective
    if written is None:
        return read_goals(replace(blueprint, objective=Rule("objective", USUAL, blueprint.span, _nowhere(blueprint))))
    if not isinstance(written.value, Mapping):
        return (), [error("P160", written.place(), found=words_of(written.value))]
    whole = dict(written.value)
    if "goals" not in whole:
        return _collected([(whole, ())], written, {}, blueprint)
    entries = whole.pop("goals")
    strange = [key for key in whole if key not in SHARED]
    problems = [error("P162", written.place(key, key=True), key=key, shared=", ".join(SHARED)) for key in strange]
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
        return (), [*problems, error("P161", written.place("goals"), found=words_of(entries))]
    goals, more = _collected(
        [(entry, ("goals", index)) for index, entry in enumerate(entries)], written,
        {key: whole[key] for key in SHARED if key in whole}, blueprint,
    )  # fmt: skip
    return goals, problems + more


def _nowhere(blueprint: Blueprint) -> Any:
    return lambda *steps, key=False, inside=False: blueprint.span


def _collected(
    entries: list[tuple[Any, tuple[int | str, ...]]], written: Rule, shared: Mapping[str, Any], blueprint: Blueprint
) -> tuple[tuple[Goal, ...], list[Problem]]:
    goals: list[Goal] = []
    problems: list[Problem] = []
    for entry, steps in entries:
        goal, wrong = _read_goal(entry, steps, written, shared, blueprint)
        problems += wrong
        if goal is not None:
            goals.append(goal)
    return tuple(goals), problems


def _read_goal(
    entry: Any, steps: tuple[int | str, ...], written: Rule, shared: Mapping[str, Any], blueprint: Blueprint
) -> tuple[Goal | None, list[Problem]]:
    allowed = ", ".join(OBJECTIVES)
    if not isinstance(entry, Mapping):
        return None, [error("P160", written.place(*steps), found=words_of(entry))]
    words = [key for key in entry if key in OBJECTIVES]
    if len(words) > 1:
        return None, [error("P164", written.place(*steps, words[1], key=True), first=words[0], second=words[1])]
    if not words:
        strange = [key for key in entry if key not in GoalText.model_fields]
        if strange:
            near = difflib.get_close_matches(strange[0], OBJECTIVES, n=1)
            place = written.place(*steps, strange[0], key=True)
            return None, [error("P163", place, word=strange[0], allowed=allowed, suggestion=near[0] if near else "")]
        return None, [error("P165", written.place(*steps), allowed=allowed)]
    (word,) = words
    usual = {key: value for key, value in shared.items() if key not in entry and not _inner_at(key, entry[word])}
    try:
        record = OBJECTIVES[word].schema.model_validate({**entry, **usual})
    except ValidationError as fault:
        return None, _schema_problems(fault, word, {**entry, **usual}, steps, written, set(usual))
    goal = Goal(word, record, words_of(entry))
    problems = _value_problems(goal, steps, written, blueprint)
    return (None if problems else goal), problems


def _inner_at(key: str, value: Any) -> bool:
    return key == "at" and isinstance(value, Mapping) and "at" in value


def _schema_problems(
    fault: ValidationError, word: str, merged: Mapping[str, Any], steps: tuple[int | str, ...], written: Rule,
    shared: set[str],
) -> list[Problem]:
    """Return one problem for each key that is wrong, at the deepest place that is, whatever was tried there.

    merged : the goal with what stands beside ``goals:`` for all ; shared : the keys of the latter
    """
    found: dict[tuple[int | str, ...], tuple[tuple[int | str, ...], dict[str, Any]]] = {}
    for entry in fault.errors(include_url=False):
        path = _written_path(tuple(entry["loc"]), merged)
        leaf = next((place for place, step in enumerate(path) if step in LEAVES), len(path) - 1)
        field = path[: leaf + 1]
        if field not in found or len(path) > len(found[field][0]):
            found[field] = path, dict(entry)
    return [
        _schema_problem(field, path, entry, word, () if field and field[0] in shared else steps, written)
        for field, (path, entry) in found.items()
    ]


def _schema_problem(
    field: tuple[int | str, ...], path: tuple[int | str, ...], entry: dict[str, Any], word: str,
    steps: tuple[int | str, ...], written: Rule,
) -> Problem:  # fmt: skip
    key, kind = str(field[-1]), entry["type"]
    if kind == "missing" and path == field:
        return error("P168", written.place(*steps, *path[:-1]), key=key, word=word)
    if key in LEAVES or kind != "extra_forbidden":
        value = _value_at(written.value, (*steps, *field))
        span = written.place(*steps, *path, key=kind == "extra_forbidden")
        return error("P167", span, key=key, found=words_of(value), expected=f"goal {key}")
    inner = OBJECTIVES[word].schema.model_fields[word].annotation
    fields = GoalText.model_fields if len(path) == 1 else getattr(inner, "model_fields", {})
    allowed = [word, *fields] if len(path) == 1 else list(fields)
    near = difflib.get_close_matches(key, allowed, n=1)
    return error(
        "P166", written.place(*steps, *path, key=True), key=key, word=word, allowed=", ".join(allowed),
        suggestion=near[0] if near else "",
    )  # fmt: skip


def _value_at(value: Any, steps: tuple[int | str, ...]) -> Any:
    for step in steps:
        inside = isinstance(value, Mapping) and step in value
        inside |= isinstance(step, int) and isinstance(value, Sequence) and not isinstance(value, str) and step < len(value)
        value = value[step] if inside else None
    return value


def _written_path(loc: tuple[int | str, ...], value: Any) -> tuple[int | str, ...]:
    """Return the steps of a fault that the file has: without pydantic's names of alternatives, with a missing key."""
    path: list[int | str] = []
    for place, step in enumerate(loc):
        inside = _value_at(value, (step,))
        last = place == len(loc) - 1
        if inside is not None or (isinstance(value, Mapping) and (step in value or (last and step in KEYS))):
            path.append(step)
            value = inside
    return tuple(path)


def _value_problems(goal: Goal, steps: tuple[int | str, ...], written: Rule, blueprint: Blueprint) -> list[Problem]:
    """Return what no schema sees: abilities named twice, amounts that are not as many as abilities."""
    inner = getattr(goal.value, goal.word)
    at = (*steps, goal.word, "at") if getattr(inner, "at", None) is not None else (*steps, "at")
    problems: list[Problem] = []
    if getattr(inner, "at", None) is not None and goal.value.at is not None:
        problems.append(error("P170", written.place(*steps, "at", key=True), word=goal.word))
    if goal.word == "target" and not written_values(goal):
        problems.append(error("P169", written.place(*steps, goal.word)))
    for quantity, values in written_values(goal):
        place = (*steps, goal.word, quantity)
        amounts = values.values() if isinstance(values, dict) else values if isinstance(values, tuple) else (values,)
        if quantity == "expected_score" and max(amounts) > blueprint.marks:
            most = f"{blueprint.marks:g}"
            problems.append(error("P174", written.place(*place), found=f"{max(amounts):g}", marks=most))
        if isinstance(values, dict):
            strange = [point for point in values if not _is_ability(point)]
            problems += [error("P172", written.place(*place, point, key=True), found=point) for point in strange]
            if written_at(goal) is not None:
                problems.append(error("P173", written.place(*at, key=True), quantity=quantity))
        elif isinstance(values, tuple):
            expected = n_points(written_at(goal))
            if len(values) not in expected:
                n = " / ".join(map(str, expected))
                problems.append(error("P171", written.place(*place), quantity=quantity, found=len(values), expected=n))
    return problems


def _is_ability(text: str) -> bool:
    try:
        return abs(float(text)) <= 10
    except ValueError:
        return False


def comparison_points(goals: tuple[Goal, ...], cut: float, sd: float) -> Array:
    """Return the abilities (n_points,) at which papers are shown side by side: those of the first goal that has any."""
    for goal in goals:
        for _, values in written_values(goal):
            if isinstance(values, dict):
                return np.array(sorted(float(point) for point in values))
        if written_at(goal) is not None:
            return points_of(written_at(goal) or "cut", cut, sd * np.array(AROUND))
    return cut + sd * np.array(AROUND)


def stages_of(scene: Scene, goals: tuple[Goal, ...]) -> tuple[Stage, ...]:
    """Return the stages of the search in the order of their priorities."""
    priorities = sorted({goal.value.priority for goal in goals})
    return tuple(_stage(scene, tuple(goal for goal in goals if goal.value.priority == each)) for each in priorities)


def _stage(scene: Scene, goals: tuple[Goal, ...]) -> Stage:
    wanted = [OBJECTIVES[goal.word].wanted(goal, scene) for goal in goals]
    label = " + ".join(goal.label for goal in goals)
    if len(goals) > 1:
        return _weighed(scene, goals, wanted, label)
    (goal,), (only,) = goals, wanted
    # 0.1 % of the information or the cost of a usual paper
    gap = STOP_AT if only.kind == "deviation" else 0.1 * STOP_AT * only.usual
    unit = 1.0 if only.kind == "deviation" else only.usual
    slack = np.full(len(only.measures), _slack(goal) * unit)
    return Stage(label, _terms(scene, only.measures, np.ones(len(only.measures))), only.cost, gap, slack, only.kind, only.usual)


def _weighed(scene: Scene, goals: tuple[Goal, ...], wanted: list[Wanted], label: str) -> Stage:
    """Return goals of one priority on one scale: shares of what is usual or best at most, times their weights."""
    measures: list[Measure] = []
    weights: list[float] = []
    slack: list[float] = []
    cost: Array | None = None
    for goal, found in zip(goals, wanted, strict=True):
        weight = goal.value.weight
        for measure in found.measures:
            if measure.sense < 0:
                measure = replace(measure, target=measure.ideal, unit=measure.ideal)
            measures.append(measure)
            weights.append(weight)
            slack.append(_slack(goal))
        if found.cost is not None:
            share = weight * found.cost / found.usual
            cost = share if cost is None else cost + share
    return Stage(label, _terms(scene, tuple(measures), np.array(weights)), cost, STOP_AT, np.array(slack), "mixed")


def _slack(goal: Goal) -> float:
    return SLACK if goal.value.slack is None else float(goal.value.slack)


def _terms(scene: Scene, measures: tuple[Measure, ...], weight: Array) -> Terms | None:
    if not measures:
        return None
    n_terms, n_forms = len(measures), scene.blueprint.n_forms
    return Terms(
        names=tuple(measure.name for measure in measures), values=np.array([measure.values for measure in measures]),
        target=np.ones((n_forms, 1)) * np.array([measure.target for measure in measures]),
        unit=np.array([measure.unit for measure in measures]), sense=np.array([measure.sense for measure in measures]),
        weight=weight, cap=np.full(n_terms, np.inf),
    )  # fmt: skip


def next_program(program: Program, stage: Stage, chosen: NDArray[np.bool_], following: Stage) -> Program:
    """Return the program of the following stage: what these papers reached in this one binds from now on."""
    n = program.n_columns
    own, caps = program.terms, program.terms.cap.copy()
    if stage.terms is not None:
        reached = deviations(program, chosen).max(axis=0)
        mine = np.flatnonzero(own.weight > 0)
        worst = (own.weight * reached)[mine].max()
        allowed = (worst / own.weight[mine] + stage.slack) * own.unit[mine]
        caps[mine] = np.minimum(caps[mine], allowed)
    bound = replace(own, weight=np.zeros(own.weight.size), cap=caps)
    joined = bound if following.terms is None else joined_terms(bound, wide_terms(following.terms, n))
    cost = np.zeros(n)
    if following.cost is not None:
        cost[: following.cost.size] = following.cost
    limited = program if stage.cost is None else _with_cost_row(program, stage, chosen)
    return replace(limited, terms=joined, cost=cost)


def _with_cost_row(program: Program, stage: Stage, chosen: NDArray[np.bool_]) -> Program:
    """Return the program with a row that lets no paper cost more than it does now."""
    spent = chosen @ program.cost
    return replace(
        program,
        matrix=sparse.csr_matrix(sparse.vstack([program.matrix, sparse.csr_matrix(program.cost)])),
        low=np.column_stack([program.low, np.full(program.n_forms, -np.inf)]),
        high=np.column_stack([program.high, spent + 1e-9 * np.maximum(1.0, np.abs(spent))]),
        labels=(*program.labels, stage.label), origins=(*program.origins, Span("")), rules=(*program.rules, BUILT_IN),
        hard=np.append(program.hard, True),
    )  # fmt: skip
