"""What a template is held against: two hundred of its variants, each a question in its own right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain, islice, product
from typing import Any

from pydantic import ValidationError

from qbank.core.item import Item, Template
from qbank.kinds import KINDS
from qbank.kinds.arithmetic import Value, exact_text, n_significant, rounded
from qbank.kinds.expression import Fault
from qbank.kinds.kind import Place
from qbank.kinds.template import (
    MAX_TRIED,
    Draw,
    Filler,
    Hole,
    Pieces,
    candidates,
    combinations,
    draw_text,
    filled_item,
    shown,
)
from qbank.problem import Problem, error, warning

N_DRAWS = 200
FEWEST_DRAWS = 20
MAX_CHARACTERS = 800_000
"""Characters of expressions evaluated for one item; only an item with pages of expressions gets fewer draws for it."""
MAX_CORNERS = 32
MAX_DIGITS = 6
_SEED = 200
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_UNIT = re.compile(r"\s*(?:N?m³|[kM]?[gJNWVA]|[kMG]?Pa|[tsL%‰]|[cmkd]?m|min|h|Hz)(?![A-Za-z])")

Steps = tuple[int | str, ...]


@dataclass(slots=True)
class Findings:
    """Problems by what they are about, each kept once with the first draw that shows it."""

    place: Place
    problems: dict[tuple[Any, ...], Problem] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def add(self, mark: tuple[Any, ...], problem: Problem) -> None:
        """Keep a problem unless one of the same mark is kept already."""
        self.problems.setdefault(mark, problem)


def check_template(item: Item, place: Place) -> list[Problem]:
    """Return what is wrong with any of 200 variants (all, where there are fewer), each with a draw that shows it.

    Looked at first are the combinations of smallest and largest values, where divisors and differences change sign.
    """
    template = item.template
    if template is None:
        return []
    filler, found = Filler(template), Findings(place)
    _unused_parameters(filler, found)
    n_drawn = 0
    for draw in islice(_admissible(filler, found), draws_for(filler)):
        n_drawn += 1
        _check_draw(item, filler, draw, found)
    if n_drawn == 1 and not found.problems and combinations(template) <= MAX_TRIED:
        found.add(("V127",), warning("V127", place("parameters", key=True)))
    return list(found.problems.values())


def draws_for(filler: Filler) -> int:
    """Return how many draws an item gets: 200, and fewer only where its expressions fill pages."""
    distinct = {
        piece.expression.text for pieces in filler.texts.values() for piece in pieces if isinstance(piece, Hole)
    }
    length = sum(map(len, distinct))
    return max(FEWEST_DRAWS, min(N_DRAWS, MAX_CHARACTERS // max(length, 1)))


def _admissible(filler: Filler, found: Findings) -> Iterator[Draw]:
    looked: set[tuple[Decimal | str, ...]] = set()
    for draw in chain(_corners(filler.template), candidates(filler.template, _SEED)):
        mark = tuple(draw.values())
        if mark in looked:
            continue
        looked.add(mark)
        meets = filler.meets(draw)
        if isinstance(meets, tuple):
            index, fault = meets
            at = found.place("conditions", index, offset=fault.offset)
            found.add(("condition", index, fault.code), _fault_problem(fault, at, draw))
        elif meets:
            yield draw


def _corners(template: Template) -> Iterator[Draw]:
    """Yield the combinations of first and last values."""
    ends = [dict.fromkeys((values[0], values[-1])) for values in template.parameters.values()]
    for values in islice(product(*ends), MAX_CORNERS):
        yield dict(zip(template.parameters, values, strict=True))


def _fault_problem(fault: Fault, at: Any, draw: Draw) -> Problem:
    return error(fault.code, at, related=(), **{**fault.facts, "draw": f" [{draw_text(draw)}]"})


def _unused_parameters(filler: Filler, found: Findings) -> None:
    used = {
        name
        for pieces in filler.texts.values()
        for piece in pieces
        if isinstance(piece, Hole)
        for name in piece.expression.names
    }
    for name in filler.template.parameters:
        if name not in used:
            found.add(("V117", name), warning("V117", found.place("parameters", name, key=True), name=name))


def _check_draw(item: Item, filler: Filler, draw: Draw, found: Findings) -> None:
    values, faults = filler.values(draw)
    for steps, pieces in filler.texts.items():
        for index, hole in enumerate(pieces):
            if not isinstance(hole, Hole):
                continue
            if fault := faults.get(hole.expression.text):
                mark = (steps, hole.offset, fault.code)
                if mark not in found.problems:
                    found.add(mark, _fault_problem(fault, found.place(*steps, offset=hole.offset), draw))
            else:
                _check_digits(steps, pieces, index, values[hole.expression.text], draw, found)
    if faults:
        return
    try:
        made = filled_item(item, filler.fill(values))
    except ValidationError as refusal:
        for entry in refusal.errors(include_url=False):
            steps = tuple(entry["loc"])
            if ("V111", steps) not in found.problems:
                found.add(("V111", steps), error("V111", found.place(*steps), key=".".join(map(str, steps)),
                          found=str(entry.get("input"))[:60], draw=draw_text(draw)))  # fmt: skip
        return
    _check_variant(made, draw, found)


def _check_digits(
    steps: Steps, pieces: Pieces, index: int, value: Value, draw: Draw, found: Findings
) -> None:
    """Check that a number can be printed: few digits, not rounded away, and no negative quantity."""
    hole = pieces[index]
    if not isinstance(value, Decimal) or not isinstance(hole, Hole):
        return
    if hole.decimals is None and n_significant(value) > MAX_DIGITS:
        if ("V113", steps, hole.offset) not in found.problems:
            at = found.place(*steps, offset=hole.offset)
            found.add(("V113", steps, hole.offset), error("V113", at, expression=hole.expression.text,
                      value=_shortened(value), most=MAX_DIGITS, draw=draw_text(draw)))  # fmt: skip
    elif value and hole.decimals is not None and not rounded(value, hole.decimals):
        at = found.place(*steps, offset=hole.offset)
        found.add(("V114", steps, hole.offset), warning("V114", at, expression=hole.expression.text,
                  value=exact_text(value), decimals=hole.decimals, draw=draw_text(draw)))  # fmt: skip
    if value < 0:
        after = pieces[index + 1] if index + 1 < len(pieces) else ""
        if isinstance(after, str) and _UNIT.match(after):
            at = found.place(*steps, offset=hole.offset)
            found.add(("V116", steps, hole.offset), warning("V116", at, expression=hole.expression.text,
                      value=shown(value, hole.decimals), draw=draw_text(draw)))  # fmt: skip


def _shortened(value: Decimal) -> str:
    text = exact_text(value)
    return text if len(text) <= 12 else text[:12] + "…"


def _check_variant(made: Item, draw: Draw, found: Findings) -> None:
    kind = KINDS[made.kind]
    kind_problems = kind.check(made, found.place)
    for problem in kind_problems:
        mark = ("V110", problem.code, problem.span)
        if mark not in found.problems:
            found.add(mark, _of_variant(problem, draw))
    _check_options(made, draw, found)
    marked = made.body.marked()
    if kind.options(made) or kind.answers(marked):  # statistics of options need one letter to be one thing throughout
        label = kind.key_label(marked) if not kind_problems else ""
        if label and label != found.labels.setdefault("key", label):
            found.add(("V130",), error("V130", found.place("key"), key=label, other=found.labels["key"],
                      draw=draw_text(draw)))  # fmt: skip
    key = getattr(made.body, "key", None)
    value = getattr(key, "value", None)
    if isinstance(value, int | float):
        relative = str(getattr(key, "tolerance", "")).endswith("%")
        if value == 0 and relative:
            found.add(("V115",), error("V115", found.place("key", "value"), draw=draw_text(draw)))
        if value < 0 and _UNIT.match(str(getattr(key, "unit", ""))):
            at = found.place("key", "value")
            found.add(("V116", "key"), warning("V116", at, expression="key.value", value=f"{value:.12g}",
                      draw=draw_text(draw)))  # fmt: skip


def _of_variant(problem: Problem, draw: Draw) -> Problem:
    """Return what a kind finds wrong with a variant, with the draw that shows it."""
    facts = {**dict(problem.facts), "problem": problem.code, "draw": draw_text(draw)}
    wrapped = error("V110", problem.span, related=problem.related, **facts)
    return replace(wrapped, severity=problem.severity)


def _check_options(made: Item, draw: Draw, found: Findings) -> None:
    """Check that options differ as numbers, not only as texts: 0.5 is 0.50."""
    first: dict[str, tuple[str, str]] = {}
    for letter, text in KINDS[made.kind].options(made):
        mark = _NUMBER.sub(lambda match: exact_text(Decimal(match.group())), text)
        same, other = first.setdefault(mark, (letter, text))
        if same != letter and other != text:
            at = found.place("options", letter)
            found.add(("V112", letter, same), error("V112", at, letter=letter, same=same, text=text, other=other,
                      draw=draw_text(draw), related=(found.place("options", same),)))  # fmt: skip

