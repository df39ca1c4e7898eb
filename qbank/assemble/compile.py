"""Blueprint + pool → program: sections, weights, rules, enemies, and the objective of parallel papers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from qbank.assemble.constraints import CONSTRAINTS, Bounds, Compiled, label_of, read_expression
from qbank.assemble.pool import Pool, ability_at_cut, item_information, probability
from qbank.assemble.program import Draft, Program, Row
from qbank.core.blueprint import Blueprint, Rule
from qbank.core.standard import Standard, leaf_weights
from qbank.problem import Problem, error

Array = NDArray[np.float64]

INFORMATION_UNIT = 1.0
"""One per cent of information weighs as much as 0.01 marks of expected score."""
AROUND = (-0.5, 0.0, 0.5)
"""Where parallel papers are compared, in ability SDs from the cut."""


def read_rules(
    blueprint: Blueprint, vocabulary: Mapping[str, Collection[str]]
) -> tuple[tuple[Compiled, ...], list[Problem]]:
    """Return the rules that passed the schema of their word, and what is wrong with the others."""
    compiled: list[Compiled] = []
    problems: list[Problem] = []
    for rule in blueprint.rules:
        found, wrong = _read_rule(rule, vocabulary)
        problems += wrong
        if found is not None:
            compiled.append(found)
    return tuple(compiled), problems


def _read_rule(
    rule: Rule, vocabulary: Mapping[str, Collection[str]]
) -> tuple[Compiled | None, list[Problem]]:
    import difflib

    constraint = CONSTRAINTS.get(rule.word)
    if constraint is None:
        near = difflib.get_close_matches(rule.word, CONSTRAINTS, n=1)
        return None, [
            error("P101", rule.span, word=rule.word, allowed=", ".join(CONSTRAINTS), suggestion=near[0] if near else "")
        ]
    value = {"value": rule.value} if constraint.bare else rule.value
    try:
        record = constraint.schema.model_validate(value)
    except ValidationError as fault:
        return None, [_schema_problem(rule, dict(entry), constraint.bare) for entry in fault.errors(include_url=False)]
    if isinstance(record, Bounds) and record.min is None and record.max is None:
        return None, [error("P106", rule.span, word=rule.word)]
    expression = None
    if isinstance(record, Bounds):
        expression, wrong = read_expression(getattr(record, "where", "True"), rule.place("where", inside=True), vocabulary)
        if wrong:
            return None, wrong
    return Compiled(rule.word, record, expression, label_of(rule), rule.span), []


def _schema_problem(rule: Rule, entry: Mapping[str, Any], bare: bool) -> Problem:
    steps = tuple(entry["loc"])[1:] if bare else tuple(entry["loc"])
    unknown = entry["type"] == "extra_forbidden"
    span = rule.place(*steps, key=unknown)
    key = str(steps[-1]) if steps else rule.word
    return error("P107", span, word=rule.word, key=key, detail="" if unknown else str(entry["msg"]))


def marks_per_item(pool: Pool, blueprint: Blueprint) -> Array:
    """Return the marks that each item would carry: those of the section of its kind; shape (n_items,)."""
    by_kind = {section.kind: section.marks_each for section in blueprint.sections}
    return np.array([by_kind.get(item.kind, item.marks) for item in pool.items], dtype=np.float64)


def compile_program(
    blueprint: Blueprint, rules: tuple[Compiled, ...], pool: Pool, standard: Standard, points: Array
) -> Program:
    """Return the program of all papers at once, compared at the given abilities (n_points,)."""
    draft = Draft(len(pool.ids), blueprint.n_forms)
    marks = marks_per_item(pool, blueprint)
    _add_sections(draft, pool, blueprint)
    _add_weights(draft, pool, blueprint, standard, marks)
    _add_enemies(draft, pool, blueprint)
    for rule in rules:
        CONSTRAINTS[rule.word].compile(rule, pool, blueprint, draft, marks)
    _add_objective(draft, pool, blueprint, marks, points)
    return draft.freeze()


def _add_sections(draft: Draft, pool: Pool, blueprint: Blueprint) -> None:
    kinds = np.array([item.kind for item in pool.items])
    for kind in dict.fromkeys(section.kind for section in blueprint.sections):
        parts = [section for section in blueprint.sections if section.kind == kind]
        items = np.flatnonzero(kinds == kind)
        need = float(sum(section.items for section in parts))
        label = " + ".join(f"{section.title} ({section.items})" for section in parts)
        for form in range(draft.n_forms):
            columns = draft.form_columns(form, items)
            draft.add(Row(columns, np.ones(items.size), need, need, label, parts[0].span))


def _add_weights(draft: Draft, pool: Pool, blueprint: Blueprint, standard: Standard, marks: Array) -> None:
    if blueprint.weights_tolerance is None:
        return
    for code, weight in domain_targets(blueprint, standard).items():
        items = np.array([i for i, domain in enumerate(pool.domain) if domain == code], dtype=np.int64)
        low, high = weight - blueprint.weights_tolerance, weight + blueprint.weights_tolerance
        label = f"weights: {code} {weight:g} ± {blueprint.weights_tolerance:g}"
        for form in range(draft.n_forms):
            columns = draft.form_columns(form, items)
            draft.add(Row(columns, marks[items], max(low, 0.0), high, label, blueprint.span))


def domain_targets(blueprint: Blueprint, standard: Standard) -> dict[str, float]:
    """Return the marks that the standard's weights ask of each leaf domain."""
    weights = leaf_weights(standard, blueprint.level)
    whole = sum(weights.values()) or 1.0
    return {code: weight * blueprint.marks / whole for code, weight in weights.items()}


def _add_enemies(draft: Draft, pool: Pool, blueprint: Blueprint) -> None:
    for first, second in pool.enemies:
        label = f"enemies: {pool.ids[first]} / {pool.ids[second]}"
        for form in range(draft.n_forms):
            columns = draft.form_columns(form, np.array([first, second]))
            draft.add(Row(columns, np.ones(2), -np.inf, 1.0, label, blueprint.span, hard=True))


def comparison_points(blueprint: Blueprint, pool: Pool, chosen: NDArray[np.bool_] | None = None) -> Array:
    """Return the abilities at which papers are compared: those asked for, or the cut's and around it.

    chosen : (n_forms, n_items) once papers are known: the cut is then where their own mean curve reaches it
    """
    if blueprint.objective.at is not None:
        return np.array(blueprint.objective.at)
    marks = marks_per_item(pool, blueprint)
    share = marks if chosen is None else marks * chosen.mean(axis=0)
    theta = ability_at_cut(pool, share / share.sum(), blueprint.cut / blueprint.marks)
    return theta + pool.ability_sd * np.array(AROUND)


def _add_objective(draft: Draft, pool: Pool, blueprint: Blueprint, marks: Array, theta: Array) -> None:
    information = item_information(pool, theta)
    if draft.n_forms == 1:
        draft.cost[: draft.n_items] = [-float(value) for value in information[:, information.shape[1] // 2]]
        return
    n_places = sum(section.items for section in blueprint.sections)
    quantities: list[tuple[str, Array]] = []
    if "expected_score" in blueprint.objective.parallel:
        scores = probability(pool, theta) * marks[:, None]
        quantities += [(f"expected_score@{t:.2f}", scores[:, k]) for k, t in enumerate(theta)]
    if "information" in blueprint.objective.parallel:
        whole = information.mean(axis=0) * n_places
        quantities += [
            (f"information@{t:.2f}", INFORMATION_UNIT * information[:, k] / whole[k]) for k, t in enumerate(theta)
        ]
    worst = draft.claim(cost=1.0, lower=0.0, upper=np.inf)
    items = np.arange(draft.n_items)
    for name, values in quantities:
        least = draft.claim(cost=0.0, lower=-np.inf, upper=np.inf)
        most = draft.claim(cost=0.0, lower=-np.inf, upper=np.inf)
        for form in range(draft.n_forms):
            columns = draft.form_columns(form, items)
            for edge, low, high in ((least, 0.0, np.inf), (most, -np.inf, 0.0)):
                draft.add(Row(np.append(columns, edge), np.append(values, -1.0), low, high, name, blueprint.span,
                              hard=True))  # fmt: skip
        spread = np.array([most, least, worst])
        draft.add(Row(spread, np.array([1.0, -1.0, -1.0]), -np.inf, 0.0, name, blueprint.span, hard=True))
