"""What every constraint is made of: a schema, a function that compiles it, one that counts it in finished papers.

``compile`` adds labelled rows to a draft; ``count`` looks at a finished paper in plain Python and knows no rows, so
that an audit can disagree with the solver; ``compare`` does the same for all papers together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from qbank.assemble.candidates import Role
from qbank.assemble.pool import Pool
from qbank.assemble.program import Draft, Source
from qbank.assemble.scene import Scene, Selection
from qbank.core.authored import Authored, Many, WrittenText
from qbank.core.blueprint import Blueprint, Rule
from qbank.core.where import Expression, evaluate
from qbank.problem import Span

Amount = Annotated[str, BeforeValidator(lambda value: getattr(value, "text", value)),
                   Field(pattern=r"^[0-9]+(\.[0-9]+)?\s*%?$")]  # fmt: skip
"""A number, or a percentage of the whole that the rule speaks of."""

_RANGE = re.compile(
    r"(?P<min>[0-9]+(?:\.[0-9]+)?\s*%?)\s*(?:(?P<more>\+)|[-–—~～至]\s*(?P<max>[0-9]+(?:\.[0-9]+)?\s*%?))?"
)

Mask = NDArray[np.bool_]


class Finding(NamedTuple):
    """What was counted and what was allowed; part : which cell or item of the rule, where it has several."""

    found: float
    low: float
    high: float
    part: str = ""


class Bounds(Authored):
    """At least one of min and max; a number or a percentage."""

    min: Amount | None = None
    max: Amount | None = None


def as_bounds(value: Any) -> Any:
    """Return a range as min and max: ``2-4``, ``3`` (that many), ``2+`` (at least), ``10%-20%``, or a mapping as it is.

    >>> as_bounds("2-4"), as_bounds("10%~20%"), as_bounds("3"), as_bounds("2+")
    ({'min': '2', 'max': '4'}, {'min': '10%', 'max': '20%'}, {'min': '3', 'max': '3'}, {'min': '2'})
    """
    if isinstance(value, dict | Bounds):
        return value
    found = None if isinstance(value, bool) else _RANGE.fullmatch(str(getattr(value, "text", value)).strip())
    if found is None:
        raise PydanticCustomError("range", "2-4, 3, 2+, 10%-20%, {min: 2, max: 4}")
    low = found["min"].strip()
    return {"min": low} if found["more"] else {"min": low, "max": (found["max"] or low).strip()}


Range = Annotated[Bounds, BeforeValidator(as_bounds), WithJsonSchema({"type": ["string", "number", "object"]})]
"""Bounds in one word: ``4-6``, ``3``, ``2+``, or ``{min: 4, max: 6}``."""


class Within(Authored):
    """The places that a rule speaks of: of one section or of the whole paper, scored or not."""

    where: WrittenText = "True"
    section: WrittenText = ""
    scored: bool = True


class Selecting(Bounds):
    """Bounds on the places that an expression selects, of one section or of the whole paper, scored or not."""

    where: WrittenText = "True"
    section: WrittenText = ""
    scored: bool = True


class Placed(Protocol):
    """What tells which places a rule speaks of."""

    @property
    def section(self) -> str:
        """Return the title of the section, empty for the whole paper."""

    @property
    def scored(self) -> bool:
        """Return whether the scored places are meant."""


class ItemsRule(Authored):
    """Some items: their ids, or an expression."""

    items: Many[WrittenText] = ()
    where: WrittenText | None = None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule that passed its schema: the record, its expressions by the key they stand under, its words for labels.

    index : its place under ``constraints:``, from 0
    """

    word: str
    value: Any
    expressions: dict[str, Expression]
    label: str
    span: Span
    index: int

    @property
    def source(self) -> Source:
        """Return whose rows these are."""
        return Source(self.label, self.span, self.index)


Compile = Callable[[Compiled, Scene, Draft], None]
Count = Callable[[Compiled, Scene, Selection], tuple[Finding, ...]]
Compare = Callable[[Compiled, Scene, Sequence[Selection]], tuple[tuple[tuple[int, int], Finding], ...]]
Roles = Callable[[Compiled, Blueprint, Pool], tuple[tuple[Role, Mask], ...]]


def nothing_to_count(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    """Return that a single paper cannot break this rule."""
    return ()


@dataclass(frozen=True, slots=True)
class Constraint:
    """schema : the record ; compile : adds rows ; count : on one finished paper ; compare : on all papers, each finding
    with the two papers that it is about ; roles : the kinds of places that the rule adds to a paper ; expressions : the
    keys that hold tag expressions ; bare : the key that a value which is no mapping stands for (``once_per: competency`` for
    ``once_per: {of: competency}``), empty where only a mapping will do
    """

    schema: type[Authored]
    compile: Compile
    count: Count = nothing_to_count
    compare: Compare | None = None
    roles: Roles | None = None
    expressions: tuple[str, ...] = ("where",)
    bare: str = ""


def is_bounded(record: Authored) -> bool:
    """Return whether a record that can bound something does."""
    names = [name for name in ("min", "max", "exact", "max_uses", "max_persons") if name in type(record).model_fields]
    return not names or any(getattr(record, name) is not None for name in names)


def limit(text: str | None, whole: float, fallback: float) -> float:
    """Return an amount as a number; a percentage is of the whole.

    >>> limit("80%", 50, 0.0), limit("3", 50, 0.0), limit(None, 50, 7.0)
    (40.0, 3.0, 7.0)
    """
    if text is None:
        return fallback
    number = float(re.sub(r"\s*%$", "", text))
    return number * whole / 100 if text.endswith("%") else number


def limits(rule: Bounds, whole: float) -> tuple[float, float]:
    """Return the bounds of a rule as numbers, infinite where they are not written."""
    return limit(rule.min, whole, -np.inf), limit(rule.max, whole, np.inf)


def n_places(rule: Placed, blueprint: Blueprint) -> int:
    """Return of how many scored places a percentage is: those of the rule's section, else of the paper."""
    return sum(s.items for s in blueprint.sections if not rule.section or s.title == rule.section)


def n_marks(rule: Placed, blueprint: Blueprint) -> float:
    """Return of how many marks a percentage is: those of the rule's section, else of the paper."""
    return sum(s.items * s.marks_each for s in blueprint.sections if not rule.section or s.title == rule.section)


def n_unscored(blueprint: Blueprint, section: str) -> int:
    """Return how many questions that do not count the rules of a blueprint add to a section."""
    asked = [rule.value for rule in blueprint.rules if rule.word == "pretest" and isinstance(rule.value, dict)]
    return sum(int(value.get("items", 0)) for value in asked if words_of(value.get("section", "")) == section)


def anchor_size(blueprint: Blueprint) -> int:
    """Return how many items the anchor has that a blueprint asks for; none where it asks for none."""
    asked = next((rule.value for rule in blueprint.rules if rule.word == "anchor"), None)
    if not isinstance(asked, dict):
        return 0
    whole = sum(section.items for section in blueprint.sections)
    return math.floor(limit(words_of(asked.get("items", "20%")), whole, 0.0) + 0.5)


def selected_items(rule: Compiled, pool: Pool, key: str = "where") -> Mask:
    """Return which items of the pool the expression under a key selects, all where there is none."""
    expression = rule.expressions.get(key)
    return np.ones(len(pool.ids), dtype=np.bool_) if expression is None else evaluate(expression, pool.columns)


def named_items(rule: Compiled, pool: Pool) -> dict[str, int]:
    """Return the items that a rule names or selects, with their positions in the pool, −1 where they are not in it."""
    if "where" in rule.expressions:
        return {pool.ids[position]: int(position) for position in np.flatnonzero(selected_items(rule, pool))}
    known = {id: position for position, id in enumerate(pool.ids)}
    return {id: known.get(id, -1) for id in rule.value.items}


def selected_candidates(rule: Compiled, scene: Scene, key: str = "where") -> NDArray[np.int64]:
    """Return the candidates that a selecting rule speaks of."""
    candidates, written = scene.candidates, rule.value
    mask = selected_items(rule, scene.pool, key)[candidates.item] & (candidates.scored == written.scored)
    return np.flatnonzero(mask & _in_section(written.section, scene.blueprint, candidates.section))


def selected_places(rule: Compiled, scene: Scene, chosen: Selection, key: str = "where") -> list[int]:
    """Return the places of a finished paper that a selecting rule speaks of."""
    mask, titles = selected_items(rule, scene.pool, key), [section.title for section in scene.blueprint.sections]
    return [
        place
        for place, position in enumerate(chosen.positions)
        if mask[position]
        and chosen.scored[place] == rule.value.scored
        and rule.value.section in ("", titles[chosen.section[place]])
    ]


def _in_section(title: str, blueprint: Blueprint, section: NDArray[np.int64]) -> Mask:
    if not title:
        return np.ones(section.size, dtype=np.bool_)
    return np.isin(section, [index for index, entry in enumerate(blueprint.sections) if entry.title == title])


def label_of(rule: Rule) -> str:
    """Return the rule in the blueprint's own words.

    Used as the name of its rows, in audits and in shortage messages.
    """
    return f"{rule.word}: {words_of(rule.value)}"


def words_of(value: Any) -> str:
    """Return a plain value as it would be written in one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {words_of(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(words_of(entry) for entry in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(getattr(value, "text", value))
