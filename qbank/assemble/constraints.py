"""The constraint language: one word, one schema, one function that compiles it, one that counts it in a paper.

`CONSTRAINTS` maps the word under ``constraints:`` to its three parts. ``compile`` adds labelled rows to a draft;
``count`` looks at a finished selection in plain Python and knows no rows, so that an audit can
disagree with the solver.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from qbank.assemble.pool import Pool
from qbank.assemble.program import Draft, Row
from qbank.core.authored import Authored, Many, WrittenText
from qbank.core.blueprint import Blueprint, Rule
from qbank.core.where import Expression, Refusal, evaluate, parse_where
from qbank.problem import Problem, Span, error

Amount = Annotated[str, BeforeValidator(lambda value: getattr(value, "text", value)),
                   Field(pattern=r"^[0-9]+(\.[0-9]+)?\s*%?$")]  # fmt: skip
NUMBERS = Literal["seconds", "marks", "grade", "facility", "uses"]


class Bounds(Authored):
    """At least one of min and max; a number or a percentage."""

    min: Amount | None = None
    max: Amount | None = None


class CountRule(Bounds):
    """``count:``"""

    where: WrittenText = "True"


class SumRule(Bounds):
    """``sum:``"""

    of: NUMBERS
    where: WrittenText = "True"


class MeanRule(Bounds):
    """``mean:``"""

    of: NUMBERS
    where: WrittenText = "True"


class OncePerRule(Authored):
    """``once_per:``"""

    value: Literal["competency", "domain"]


class OverlapRule(Authored):
    """``overlap:``"""

    max: Annotated[int, Field(ge=0)]


class ExposureRule(Authored):
    """``exposure:``"""

    max_uses: Annotated[int, Field(ge=0)]
    within_months: Annotated[int, Field(ge=1)] = 24


class ItemsRule(Authored):
    """``include:`` and ``exclude:``"""

    value: Many[WrittenText]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule that passed its schema: the record, its expression, its words for labels."""

    word: str
    value: Any
    expression: Expression | None
    label: str
    span: Span


@dataclass(frozen=True, slots=True)
class Selection:
    """A finished paper for counting: positions in the pool and marks per place."""

    positions: NDArray[np.int64]
    marks: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Constraint:
    """schema : the record ; compile : adds rows ; count : (selection, …) → (what was found, low, high)"""

    schema: type[Authored]
    compile: Callable[[Compiled, Pool, Blueprint, Draft, NDArray[np.float64]], None]
    count: Callable[[Compiled, Pool, Blueprint, Selection], tuple[float, float, float]]
    bare: bool = False


def _limit(text: str | None, whole: float, fallback: float) -> float:
    if text is None:
        return fallback
    number = float(re.sub(r"\s*%$", "", text))
    return number * whole / 100 if text.endswith("%") else number


def _limits(rule: Bounds, whole: float) -> tuple[float, float]:
    return _limit(rule.min, whole, -np.inf), _limit(rule.max, whole, np.inf)


def _n_places(blueprint: Blueprint) -> int:
    return sum(section.items for section in blueprint.sections)


def _mask(rule: Compiled, pool: Pool) -> NDArray[np.bool_]:
    assert rule.expression is not None
    return evaluate(rule.expression, pool.columns)


def _add_to_every_form(
    rule: Compiled, draft: Draft, items: NDArray[np.int64], values: NDArray[np.float64], low: float, high: float
) -> None:
    for form in range(draft.n_forms):
        draft.add(Row(draft.form_columns(form, items), values, low, high, rule.label, rule.span))


def compile_count(
    rule: Compiled, pool: Pool, blueprint: Blueprint, draft: Draft, marks: NDArray[np.float64]
) -> None:
    """count: how many items of a paper satisfy an expression.

    ``- count: {where: 'importance == "X"', min: 80%}``: a percentage is of the paper's items.
    """
    items = np.flatnonzero(_mask(rule, pool))
    low, high = _limits(rule.value, _n_places(blueprint))
    _add_to_every_form(rule, draft, items, np.ones(items.size), low, high)


def count_count(rule: Compiled, pool: Pool, blueprint: Blueprint, chosen: Selection) -> tuple[float, float, float]:
    mask = _mask(rule, pool)
    low, high = _limits(rule.value, _n_places(blueprint))
    return float(sum(1 for position in chosen.positions if mask[position])), low, high


def compile_marks(
    rule: Compiled, pool: Pool, blueprint: Blueprint, draft: Draft, marks: NDArray[np.float64]
) -> None:
    """marks: how many marks of a paper stand on items that satisfy an expression.

    ``- marks: {where: 'cognitive == "apply"', min: 15%, max: 30%}``: a percentage is of the paper's marks.
    """
    items = np.flatnonzero(_mask(rule, pool))
    low, high = _limits(rule.value, blueprint.marks)
    _add_to_every_form(rule, draft, items, marks[items], low, high)


def count_marks(rule: Compiled, pool: Pool, blueprint: Blueprint, chosen: Selection) -> tuple[float, float, float]:
    mask = _mask(rule, pool)
    low, high = _limits(rule.value, blueprint.marks)
    return sum(float(m) for p, m in zip(chosen.positions, chosen.marks, strict=True) if mask[p]), low, high


def compile_sum(
    rule: Compiled, pool: Pool, blueprint: Blueprint, draft: Draft, marks: NDArray[np.float64]
) -> None:
    """sum: the sum of a number over the items of a paper.

    ``- sum: {of: seconds, max: 5400}``: the expected answering time stays within the examination.
    """
    items = np.flatnonzero(_mask(rule, pool))
    low, high = _limits(rule.value, 1.0)
    _add_to_every_form(rule, draft, items, pool.columns.numbers[rule.value.of][items], low, high)


def count_sum(rule: Compiled, pool: Pool, blueprint: Blueprint, chosen: Selection) -> tuple[float, float, float]:
    mask, values = _mask(rule, pool), pool.columns.numbers[rule.value.of]
    low, high = _limits(rule.value, 1.0)
    return sum(float(values[p]) for p in chosen.positions if mask[p]), low, high


def compile_mean(
    rule: Compiled, pool: Pool, blueprint: Blueprint, draft: Draft, marks: NDArray[np.float64]
) -> None:
    """mean: the mean of a number over the items of a paper, weighted by marks.

    ``- mean: {of: facility, min: 0.62, max: 0.68}``: 难度系数, the expected share of right answers (easiness).
    """
    items = np.flatnonzero(_mask(rule, pool))
    values = pool.columns.numbers[rule.value.of][items]
    low, high = _limits(rule.value, 1.0)
    if np.isfinite(low):
        _add_to_every_form(rule, draft, items, marks[items] * (values - low), 0.0, np.inf)
    if np.isfinite(high):
        _add_to_every_form(rule, draft, items, marks[items] * (values - high), -np.inf, 0.0)


def count_mean(rule: Compiled, pool: Pool, blueprint: Blueprint, chosen: Selection) -> tuple[float, float, float]:
    mask, values = _mask(rule, pool), pool.columns.numbers[rule.value.of]
    picked = [(float(m), float(values[p])) for p, m in zip(chosen.positions, chosen.marks, strict=True) if mask[p]]
    weight = sum(m for m, _ in picked)
    low, high = _limits(rule.value, 1.0)
    if not weight:  # a mean over no items cannot be broken; the rows say 0 ≥ 0
        return 0.0, -np.inf, np.inf
    return sum(m * v for m, v in picked) / weight, low, high


def compile_once_per(
    rule: Compiled, pool: Pool, blueprint: Blueprint, draft: Draft, marks: NDArray[np.float64]
) -> None:
    """once_per: no two items of a paper share a value.

    ``- once_per: competency``: no competency (鉴定点) is asked twice on one paper.
    """
    groups: dict[str, list[int]] = {}
    for position, item in enumerate(pool.items):
        key = item.competency if rule.value.value == "competency" else pool.domain[position]
        groups.setdefault(key, []).append(position)
    for members in groups.values():
        if len(members) > 1:
            items = np.array(members)
            _add_to_every_form(rule, draft, items, np.ones(items.size), -np.inf, 1.0)


def count_once_per(rule: Compiled, pool: Pool, blueprint: Blueprint, chosen: Selection) -> tuple[float, float, float]:
    keys = Counter(
        pool.items[p].competency if rule.value.value == "competency" else pool.domain[p] for p in chosen.positions
    )
    return float(max(keys.values(), default=0)), -np.inf, 1.0


def compile_overlap(
    rule: Compiled, pool: Pool, blueprint: Blueprint, draft: Draft, marks: NDArray[np.float64]
) -> None:
    """overlap: how many items any two of the papers may share.

    ``- overlap: {max: 0}``: no item stands on two papers.
    """
    items = np.arange(draft.n_items)
    if rule.value.max == 0:
        for item in items:
            columns = np.array([draft.column(int(item), form) for form in range(draft.n_forms)])
            draft.add(Row(columns, np.ones(columns.size), -np.inf, 1.0, rule.label, rule.span, hard=True))
        return
    for first in range(draft.n_forms):
        for second in range(first + 1, draft.n_forms):
            shared = []
            for item in items:
                both = draft.claim(cost=0.0, lower=0.0, upper=1.0)
                columns = np.array([draft.column(int(item), first), draft.column(int(item), second), both])
                draft.add(Row(columns, np.array([1.0, 1.0, -1.0]), -np.inf, 1.0, rule.label, rule.span, hard=True))
                shared.append(both)
            draft.add(
                Row(np.array(shared), np.ones(len(shared)), -np.inf, float(rule.value.max), rule.label, rule.span)
            )


def count_nothing(rule: Compiled, pool: Pool, blueprint: Blueprint, chosen: Selection) -> tuple[float, float, float]:
    """Return that a single paper cannot break this rule; papers are compared elsewhere."""
    return 0.0, -np.inf, np.inf


def compile_exposure(
    rule: Compiled, pool: Pool, blueprint: Blueprint, draft: Draft, marks: NDArray[np.float64]
) -> None:
    """exposure: an item that was used often enough lately is left out.

    ``- exposure: {max_uses: 2, within_months: 24}``: sittings within the last 24 months count, by the item's id
    through all its revisions.
    """
    for item in np.flatnonzero(pool.columns.numbers["uses"] >= rule.value.max_uses):
        for form in range(draft.n_forms):
            draft.upper[draft.column(int(item), form)] = 0.0


def count_exposure(rule: Compiled, pool: Pool, blueprint: Blueprint, chosen: Selection) -> tuple[float, float, float]:
    uses = pool.columns.numbers["uses"]
    return max((float(uses[p]) + 1 for p in chosen.positions), default=0.0), -np.inf, float(rule.value.max_uses)


def compile_include(
    rule: Compiled, pool: Pool, blueprint: Blueprint, draft: Draft, marks: NDArray[np.float64]
) -> None:
    """include: items that stand on every paper (which overlap must then allow).

    ``- include: [BOF4-BCC-01]``
    """
    for id in rule.value.value:
        items = np.array([pool.ids.index(id)]) if id in pool.ids else np.zeros(0, np.int64)
        _add_to_every_form(rule, draft, items, np.ones(items.size), 1.0, 1.0)


def count_include(rule: Compiled, pool: Pool, blueprint: Blueprint, chosen: Selection) -> tuple[float, float, float]:
    present = {pool.ids[p] for p in chosen.positions}
    return float(sum(id in present for id in rule.value.value)), float(len(rule.value.value)), np.inf


def compile_exclude(
    rule: Compiled, pool: Pool, blueprint: Blueprint, draft: Draft, marks: NDArray[np.float64]
) -> None:
    """exclude: items that stand on no paper.

    ``- exclude: [BOF4-BCC-01]``
    """
    for id in rule.value.value:
        if id in pool.ids:
            for form in range(draft.n_forms):
                draft.upper[draft.column(pool.ids.index(id), form)] = 0.0


def count_exclude(rule: Compiled, pool: Pool, blueprint: Blueprint, chosen: Selection) -> tuple[float, float, float]:
    present = {pool.ids[p] for p in chosen.positions}
    return float(sum(id in present for id in rule.value.value)), -np.inf, 0.0


CONSTRAINTS: dict[str, Constraint] = {
    "count": Constraint(CountRule, compile_count, count_count),
    "marks": Constraint(CountRule, compile_marks, count_marks),
    "sum": Constraint(SumRule, compile_sum, count_sum),
    "mean": Constraint(MeanRule, compile_mean, count_mean),
    "once_per": Constraint(OncePerRule, compile_once_per, count_once_per, bare=True),
    "overlap": Constraint(OverlapRule, compile_overlap, count_nothing),
    "exposure": Constraint(ExposureRule, compile_exposure, count_exposure),
    "include": Constraint(ItemsRule, compile_include, count_include, bare=True),
    "exclude": Constraint(ItemsRule, compile_exclude, count_exclude, bare=True),
}


def read_expression(
    text: str, span: Span, vocabulary: Mapping[str, Collection[str]]
) -> tuple[Expression | None, list[Problem]]:
    """Return the expression of a ``where:``, or why it is none, with the column inside the expression."""
    parsed = parse_where(text, vocabulary)
    if isinstance(parsed, Refusal):
        place = Span(span.path, span.line, span.column + parsed.offset)
        return None, [
            error("P105", place, reason=parsed.reason, word=parsed.word, allowed=parsed.allowed, expression=text)
        ]
    return parsed, []


def label_of(rule: Rule) -> str:
    """Return the rule in the blueprint's own words.

    Used as the name of its rows, in audits and in shortage messages.
    """
    return f"{rule.word}: {_words(rule.value)}"


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_words(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_words(entry) for entry in value) + "]"
    return str(getattr(value, "text", value))
