"""Drawing isomorphic variants of a template: values for its parameters, and its texts with the values filled in.

The same template and seed give the same variant in any process; every admissible combination is equally likely.
"""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any, cast

from qbank.core.authored import written_number
from qbank.core.item import Body, Item, Template
from qbank.kinds import KINDS
from qbank.kinds.arithmetic import Value, exact_text, rounded
from qbank.kinds.expression import Evaluator, Expression, Fault, compile_expression

MAX_TRIED = 10_000
"""Combinations looked at before a template is said to have no admissible one; all of them where it has no more."""
HEAD_TEXTS = ("stem", "rationale", "reference")
MAX_DECIMALS = 9

_HOLE = re.compile(r"\{\{(?!\{)([^{}]*)\}\}")
_FORMAT = re.compile(r"\s*(\d)\s*")

Draw = Mapping[str, Decimal | str]


@dataclass(frozen=True, slots=True)
class Hole:
    """An expression in a text: where its own text begins there, and with how many decimals its value is written."""

    offset: int
    expression: Expression
    decimals: int | None


Pieces = tuple[str | Hole, ...]


@lru_cache(maxsize=4096)
def read_text(text: str, names: frozenset[str]) -> tuple[Pieces, tuple[Fault, ...]]:
    """Return a text as runs of characters and holes, and what is wrong with any expression in it.

    >>> [piece if isinstance(piece, str) else piece.expression.text for piece in read_text("{{ m | 1 }} t", frozenset("m"))[0]]
    ['m', ' t']
    """
    pieces: list[str | Hole] = []
    faults: list[Fault] = []
    end = 0
    for match in _HOLE.finditer(text):
        before = text[end : match.start()]
        faults += _unclosed(before, end)
        if before:
            pieces.append(before)
        end = match.end()
        inside, bar, form = match.group(1).partition("|")
        offset = match.start(1)
        digits = _FORMAT.fullmatch(form)
        if bar and digits is None:
            faults.append(Fault("V109", offset + len(inside), {"found": bar + form}))
            continue
        compiled = compile_expression(inside, names)
        if isinstance(compiled, tuple):
            faults += [Fault(fault.code, offset + fault.offset, fault.facts) for fault in compiled]
            continue
        if compiled.truth and match.span() != _span_of_content(text):
            faults.append(Fault("V128", offset, {"expression": compiled.text}))
        blanks = len(inside) - len(inside.lstrip())
        pieces.append(Hole(offset + blanks, compiled, int(digits.group(1)) if digits else None))
    rest = text[end:]
    faults += _unclosed(rest, end)
    if rest.strip() or not pieces or isinstance(pieces[-1], str):
        pieces.append(rest)
    return tuple(pieces), tuple(faults)


def _span_of_content(text: str) -> tuple[int, int]:
    return len(text) - len(text.lstrip()), len(text.rstrip())


def _unclosed(text: str, offset: int) -> list[Fault]:
    at = text.find("{{")
    return [Fault("V129", offset + at, {"found": text[at : at + 20]})] if at >= 0 else []


def combinations(template: Template) -> int:
    """Return how many combinations of values there are, admissible or not."""
    return math.prod(len(values) for values in template.parameters.values())


def combination(template: Template, index: int) -> Draw:
    """Return one combination of values; the last parameter changes fastest."""
    draw: dict[str, Decimal | str] = {}
    for name, values in reversed(list(template.parameters.items())):
        index, place = divmod(index, len(values))
        draw[name] = values[place]
    return dict(reversed(draw.items()))


def shuffled(n: int, rng: random.Random) -> Iterator[int]:
    """Yield 0 … n − 1 in a random order, one at a time; at most `MAX_TRIED` of them."""
    moved: dict[int, int] = {}
    for index in range(min(n, MAX_TRIED)):
        other = rng.randrange(index, n)
        yield moved.get(other, other)
        moved[other] = moved.get(index, index)


def candidates(template: Template, seed: int) -> Iterator[Draw]:
    """Yield combinations in the order in which a seed looks at them; seed 0 takes them in written order."""
    n = combinations(template)
    if seed == 0:
        yield from (combination(template, index) for index in range(min(n, MAX_TRIED)))
        if n <= MAX_TRIED:
            return
    yield from (combination(template, index) for index in shuffled(n, random.Random(f"variant {seed}")))


class Filler:
    """Fills the texts of one template; each expression is compiled once and evaluated once a draw."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.names = frozenset(template.parameters)
        self._evaluator = Evaluator()
        compiled = [compile_expression(condition, self.names) for condition in template.conditions]
        self.conditions = tuple(entry for entry in compiled if isinstance(entry, Expression))
        self.texts = {steps: read_text(text, self.names)[0] for steps, text in texts_with_holes(template.text)}

    def meets(self, draw: Draw) -> bool | tuple[int, Fault]:
        """Return whether a draw meets every condition, or the number of a condition that has no value, and why."""
        for index, condition in enumerate(self.conditions):
            value = self.value(condition, draw)
            if isinstance(value, Fault):
                return index, value
            if value is not True:
                return False
        return True

    def value(self, expression: Expression, draw: Draw) -> Value | Fault:
        """Return the value of an expression for a draw; a divisor below zero is a fault like one that is zero."""
        self._evaluator.negative = False
        value = self._evaluator.evaluate(expression, draw)
        if self._evaluator.negative and not isinstance(value, Fault):
            return Fault("V105", 0, {"divisor": self._evaluator.bad_divisor(expression, draw)})
        return value

    def values(self, draw: Draw) -> tuple[dict[str, Value], dict[str, Fault]]:
        """Return the value of every expression of the texts by its own text, and why others have none."""
        values: dict[str, Value] = {}
        faults: dict[str, Fault] = {}
        for pieces in self.texts.values():
            for piece in pieces:
                if isinstance(piece, Hole) and piece.expression.text not in values:
                    value = self.value(piece.expression, draw)
                    if isinstance(value, Fault):
                        faults[piece.expression.text] = value
                    else:
                        values[piece.expression.text] = value
        return values, faults

    def fill(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """Return the template's keys with the values filled in."""
        return {key: self._filled(value, (key,), values) for key, value in self.template.text.items()}

    def _filled(self, value: Any, steps: tuple[int | str, ...], values: Mapping[str, Value]) -> Any:
        if isinstance(value, str):
            pieces = self.texts.get(steps)
            return value if pieces is None else filled_text(pieces, values)
        if isinstance(value, Mapping):
            return {key: self._filled(entry, (*steps, key), values) for key, entry in value.items()}
        if isinstance(value, tuple):
            return [self._filled(entry, (*steps, index), values) for index, entry in enumerate(value)]
        return value


def texts_with_holes(value: Any, steps: tuple[int | str, ...] = ()) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Yield every text that may hold an expression, with the keys that lead to it."""
    if isinstance(value, str):
        if "{{" in value:
            yield steps, value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from texts_with_holes(entry, (*steps, key))
    elif isinstance(value, tuple):
        for index, entry in enumerate(value):
            yield from texts_with_holes(entry, (*steps, index))


def filled_text(pieces: Pieces, values: Mapping[str, Value]) -> Any:
    """Return a text with its values; a text that is nothing but one expression becomes a number or a truth itself."""
    if len(pieces) == 1 and isinstance(hole := pieces[0], Hole):
        value = values[hole.expression.text]
        if isinstance(value, Decimal):
            return lone_number(value, hole.decimals)
        return value
    return "".join(
        piece if isinstance(piece, str) else shown(values[piece.expression.text], piece.decimals) for piece in pieces
    )


def lone_number(value: Decimal, decimals: int | None) -> int | float:
    """Return a number that remembers how it is written.

    >>> lone_number(Decimal("2.50"), 2).text, lone_number(Decimal(3), None)
    ('2.50', 3)
    """
    text = shown(value, decimals)
    return written_number(float(text) if "." in text else int(text), text)


def shown(value: Value, decimals: int | None) -> str:
    """Return a value as it is printed: with so many decimals, else as short as it is exact.

    >>> shown(Decimal("0.125"), 2), shown(Decimal("0.50"), None), shown(Decimal("-0.001"), 2)
    ('0.13', '0.5', '0.00')
    """
    if not isinstance(value, Decimal):
        return str(value)
    if decimals is None:
        return exact_text(value)
    number = rounded(value, decimals)
    return f"{number if number else abs(number):f}"


def draws(template: Template, seed: int) -> Iterator[Draw]:
    """Yield admissible draws in the order of a seed, each combination at most once."""
    filler = Filler(template)
    return (draw for draw in candidates(template, seed) if filler.meets(draw) is True)


def draw_text(draw: Draw) -> str:
    """Return a draw as people read it.

    >>> draw_text({"m": Decimal("80"), "steel": "Q235"})
    'm=80, steel=Q235'
    """
    return ", ".join(f"{name}={shown(value, None)}" for name, value in draw.items())


def variant(item: Item, seed: int) -> Item:
    """Return the item as one draw of its template has it; an item without a template is itself.

    What comes back has no template any more. It has the id of the template, whose fingerprint is the one to keep.
    """
    if item.template is None:
        return item
    draw = next(draws(item.template, seed), None)
    if draw is None:
        raise ValueError(f"no draw of {item.id} meets its conditions")
    return draw_item(item, draw)


def draw_item(item: Item, draw: Draw) -> Item:
    """Return a template item as one draw of it has it."""
    assert item.template is not None
    filler = Filler(item.template)
    values, faults = filler.values(draw)
    if faults:
        raise ValueError(f"{item.id}: no value for {sorted(faults)}")
    return filled_item(item, filler.fill(values))


def filled_item(item: Item, data: Mapping[str, Any]) -> Item:
    """Return the item with the texts and the body of one draw; the body's schema may refuse it (ValidationError)."""
    body = KINDS[item.kind].body.model_validate({key: value for key, value in data.items() if key not in HEAD_TEXTS})
    texts = {key: str(data[key]) for key in HEAD_TEXTS if key in data}
    return replace(item, body=cast("Body", body), template=None, **cast("Any", texts))


def n_variants(template: Template) -> int | None:
    """Return how many admissible combinations there are, or None where there are too many to try them all."""
    n = combinations(template)
    if not template.conditions:
        return n
    return sum(1 for _ in draws(template, 0)) if n <= MAX_TRIED else None


def variant_seeds(item: Item, seed: int, n: int) -> tuple[int, ...]:
    """Return one seed a paper for a template item, so that parallel papers hold different variants of it.

    They follow from the seed of the papers and the item's id alone. Where there are fewer variants than papers, or
    nothing is drawn, some or all are the same.
    """
    if item.template is None:
        return (0,) * n
    seeds: list[int] = []
    drawn: list[Draw] = []
    for attempt in range(20 * n):
        text = f"{seed}:{item.id}:{attempt}".encode()
        candidate = int.from_bytes(hashlib.sha256(text).digest()[:4], "big") | 1
        draw = next(draws(item.template, candidate), {})
        if draw not in drawn:
            seeds.append(candidate)
            drawn.append(draw)
        if len(seeds) == n:
            break
    return tuple(islice((seeds * n) if seeds else (), n)) if seeds else (0,) * n
