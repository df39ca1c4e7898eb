"""Blueprint + scene → program: the rules are read, then sections, weights, enemies and every rule become rows."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from pydantic import ValidationError

from qbank.assemble.candidates import Candidates, Role, make_candidates, section_items
from qbank.assemble.constraints import CONSTRAINTS
from qbank.assemble.constraints.psychometric import usual_rules
from qbank.assemble.goals import read_goals, stages_of
from qbank.assemble.misfits import misfits
from qbank.assemble.pool import Pool, enemy_items
from qbank.assemble.program import Draft, Program, Source
from qbank.assemble.rules import Compiled, is_bounded, label_of
from qbank.assemble.scene import Scene
from qbank.assemble.weights import domain_weights
from qbank.core.blueprint import Blueprint, Rule
from qbank.core.where import Expression, Refusal, parse_where
from qbank.problem import Problem, Span, error

Words = Mapping[str, Collection[str]]


def read_rules(blueprint: Blueprint, vocabulary: Words) -> tuple[tuple[Compiled, ...], list[Problem]]:
    """Return the rules that passed the schema of their word, and what is wrong with the others."""
    compiled: list[Compiled] = []
    problems: list[Problem] = []
    for index, rule in enumerate(blueprint.rules):
        found, wrong = _read_rule(rule, index, blueprint, vocabulary)
        problems += wrong
        if found is not None:
            compiled.append(found)
    for section in blueprint.sections:
        span = section.place("where", inside=True) if section.place else section.span
        problems += read_expression(section.where, span, vocabulary)[1]
    for tie in blueprint.ranking.ties if blueprint.ranking else ():
        if tie.by == "marks":
            span = blueprint.place("ranking", "ties", tie.at, "marks", inside=True) if blueprint.place else blueprint.span
            problems += read_expression(tie.value, span, vocabulary)[1]
    return tuple(compiled), problems


def _read_rule(
    rule: Rule, index: int, blueprint: Blueprint, vocabulary: Words
) -> tuple[Compiled | None, list[Problem]]:
    constraint = CONSTRAINTS.get(rule.word)
    if constraint is None:
        near = difflib.get_close_matches(rule.word, CONSTRAINTS, n=1)
        return None, [
            error("P101", rule.span, word=rule.word, allowed=", ".join(CONSTRAINTS), suggestion=near[0] if near else "")
        ]
    bare = constraint.bare if not isinstance(rule.value, dict) else ""
    value = {bare: rule.value} if bare else rule.value
    try:
        record = constraint.schema.model_validate(value)
    except ValidationError as fault:
        return None, misfits(rule, constraint.schema, fault, bare=bool(bare))
    if not is_bounded(record):
        return None, [error("P106", rule.span, word=rule.word)]
    title = getattr(record, "section", "")
    titles = [section.title for section in blueprint.sections]
    if title and title not in titles:
        return None, [error("P110", rule.place("section"), section=title, sections=", ".join(titles))]
    expressions: dict[str, Expression] = {}
    problems: list[Problem] = []
    for key in constraint.expressions:
        written = getattr(record, key, getattr(record, f"{key}_", None))  # if, with and from are words of Python
        if written is not None:
            found, wrong = read_expression(written, rule.place(key, inside=True), vocabulary)
            problems += wrong
            if found is not None:
                expressions[key] = found
    if problems:
        return None, problems
    return Compiled(rule.word, record, expressions, label_of(rule), rule.span, index), []


def read_expression(text: str, span: Span, vocabulary: Words) -> tuple[Expression | None, list[Problem]]:
    """Return the expression of a ``where:``, or why it is none, with the column inside the expression."""
    parsed = parse_where(text, vocabulary)
    if isinstance(parsed, Refusal):
        place = Span(span.path, span.line, span.column + parsed.offset)
        return None, [
            error("P105", place, reason=parsed.reason, word=parsed.word, allowed=parsed.allowed, expression=text)
        ]
    return parsed, []


def candidates_of(blueprint: Blueprint, rules: tuple[Compiled, ...], pool: Pool) -> Candidates:
    """Return every item in every role: scored in the sections of its kind, and in the places that rules add."""
    roles = [Role(index, True, section.marks_each) for index, section in enumerate(blueprint.sections)]
    masks = [section_items(section, pool) & ~pool.trial for section in blueprint.sections]
    for rule in rules:
        made = CONSTRAINTS[rule.word].roles
        for role, mask in made(rule, blueprint, pool) if made else ():
            roles.append(replace(role, rule=rule.index))
            masks.append(mask)
    return make_candidates(tuple(roles), tuple(masks))


def compile_program(rules: tuple[Compiled, ...], scene: Scene) -> Program:
    """Return the program of the papers of a scene: its rules, and the goals of the first priority."""
    blueprint = scene.blueprint
    draft = Draft(scene.candidates.item, scene.candidates.role, len(scene.pool.ids), blueprint.n_forms)
    _add_sections(draft, scene)
    _add_weights(draft, scene)
    for first, second in enemy_items(scene.pool):
        names = f"enemies: {scene.pool.ids[first]} / {scene.pool.ids[second]}"
        draft.add_enemies(first, second, Source(names, blueprint.span))
    for rule in (*rules, *usual_rules(rules, blueprint)):
        CONSTRAINTS[rule.word].compile(rule, scene, draft)
    stage = stages_of(scene, read_goals(blueprint)[0])[0]
    return draft.freeze(stage.terms, stage.cost)


def _add_sections(draft: Draft, scene: Scene) -> None:
    for index, section in enumerate(scene.blueprint.sections):
        columns = np.flatnonzero(draft.role == index)
        source = Source(f"{section.title} ({section.items})", section.span)
        draft.add(columns, np.ones(columns.size), float(section.items), float(section.items), source)
    times = np.bincount(draft.item, minlength=draft.n_items)
    for item in np.flatnonzero(times > 1):
        columns = draft.columns_of([int(item)])
        source = Source(f"{scene.pool.ids[item]}: once", scene.blueprint.span)
        draft.add(columns, np.ones(columns.size), -np.inf, 1.0, source, hard=True)


def _add_weights(draft: Draft, scene: Scene) -> None:
    blueprint = scene.blueprint
    if blueprint.weights_tolerance is None:
        return
    domain = np.array(scene.pool.domain, dtype=object)[draft.item]
    tolerance = blueprint.weights_tolerance
    for weight in domain_weights(blueprint, scene.standard):
        columns = np.flatnonzero(np.isin(domain, list(weight.leaves)) & scene.candidates.scored)
        source = Source(f"{weight.label} ± {tolerance:g}", blueprint.span)
        low, high = max(weight.marks - tolerance, 0.0), weight.marks + tolerance
        draft.add(columns, scene.candidates.marks[columns], low, high, source)
