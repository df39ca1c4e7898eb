"""``parameters:`` and ``conditions:`` of an item → its template, and the nodes of its first variant."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import Field

from qbank.core.authored import Authored, Many
from qbank.core.item import Template
from qbank.files.shape import kind_of, shape
from qbank.files.yaml_text import Mapping, Node, Scalar, Sequence, plain
from qbank.kinds.expression import RESERVED, Fault, compile_expression
from qbank.kinds.template import (
    HEAD_TEXTS,
    Draw,
    Filler,
    candidates,
    draw_text,
    draws,
    filled_text,
    read_text,
)
from qbank.problem import Problem, Span, error

TEMPLATE_KEYS = frozenset({"parameters", "conditions"})
MAX_VALUES = 10_000
MAX_PARAMETERS = 12
MAX_CONDITIONS = 20


class RangeText(Authored):
    """A range: from, to, step (1 where it is not given); both ends belong to it."""

    first: float = Field(alias="from")
    to: float
    step: float = 1.0


Values = RangeText | Many[float | str]


def read_template(
    item: Mapping, path: str, head_keys: frozenset[str]
) -> tuple[Template | None, Mapping, list[Problem]]:
    """Return the template of an item and the item as its first variant has it; without a template, what is wrong.

    head_keys : what every item has; of these only stem, rationale and reference hold expressions
    """
    parameters, problems = _parameters(item.entries.get("parameters"), item, path)
    if not parameters:
        return None, item, problems
    conditions = _conditions(item.entries.get("conditions"), path, problems)
    names = frozenset(parameters)
    for condition in conditions:
        problems += _condition_problems(condition, names, path)
    keys = [key for key in item.entries if key in HEAD_TEXTS or key not in head_keys]
    texts = [text for key in keys for text in _texts(item.entries[key])]
    for text in texts:
        problems += [_problem(fault, text, path) for fault in read_text(text.text, names)[1]]
    if problems:
        return None, item, problems
    template = Template(
        parameters, tuple(condition.text for condition in conditions), {key: _plain(item.entries[key]) for key in keys}
    )
    draw = next(draws(template, 0), None)
    if draw is None:
        return None, item, _never_met(template, conditions, item.entries["conditions"], path)
    return _first_variant(template, draw, item, keys, path)


def _never_met(template: Template, conditions: list[Scalar], node: Node, path: str) -> list[Problem]:
    """Return why no draw is admissible: conditions that cannot be computed, else that none is met."""
    filler = Filler(template)
    found: dict[tuple[int, str], Problem] = {}
    n = 0
    for draw in candidates(template, 0):
        n += 1
        meets = filler.meets(draw)
        if isinstance(meets, tuple):
            index, fault = meets
            facts = {**fault.facts, "draw": f" [{draw_text(draw)}]"}
            problem = _problem(Fault(fault.code, fault.offset, facts), conditions[index], path)
            found.setdefault((index, fault.code), problem)
    return list(found.values()) or [error("V118", Span(path, node.line, node.column), n=n)]


def _first_variant(
    template: Template, draw: Draw, item: Mapping, keys: list[str], path: str
) -> tuple[Template | None, Mapping, list[Problem]]:
    filler = Filler(template)
    values, faults = filler.values(draw)
    if faults:
        problems = []
        for key in keys:
            for text in _texts(item.entries[key]):
                for piece in read_text(text.text, filler.names)[0]:
                    fault = None if isinstance(piece, str) else faults.get(piece.expression.text)
                    if fault and not isinstance(piece, str):
                        facts = {**fault.facts, "draw": f" [{draw_text(draw)}]"}
                        problems.append(_problem(Fault(fault.code, piece.offset, facts), text, path))
        return None, item, problems
    filled = {
        key: _filled(node, filler, values) if key in keys else node for key, node in item.entries.items()
    }
    return template, item._replace(entries=filled), []


def _filled(node: Node, filler: Filler, values: Any) -> Node:
    if isinstance(node, Scalar):
        if not _may_hold(node):
            return node
        value = filled_text(read_text(node.text, filler.names)[0], values)
        return node._replace(value=value, text=getattr(value, "text", str(value)))
    if isinstance(node, Mapping):
        return node._replace(entries={key: _filled(entry, filler, values) for key, entry in node.entries.items()})
    return node._replace(entries=[_filled(entry, filler, values) for entry in node.entries])


def _may_hold(node: Scalar) -> bool:
    return isinstance(node.value, str) and "{{" in node.text


def _texts(node: Node) -> list[Scalar]:
    """Return the texts below a node that may hold an expression."""
    if isinstance(node, Scalar):
        return [node] if _may_hold(node) else []
    entries = node.entries.values() if isinstance(node, Mapping) else node.entries
    return [text for entry in entries for text in _texts(entry)]


def _plain(node: Node) -> Any:
    """Return a node as plain data with tuples for lists, so that it can be hashed."""
    if isinstance(node, Mapping):
        return {key: _plain(entry) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return tuple(_plain(entry) for entry in node.entries)
    return plain(node)


def _problem(fault: Fault, text: Scalar, path: str) -> Problem:
    """Return a fault of an expression at its place: of the expression where that can be counted, else of the text."""
    column = text.column + text.quoted + fault.offset if text.verbatim else text.column
    return error(fault.code, Span(path, text.line, column), related=(), **{"draw": "", **fault.facts})


# ------------------------------------------------------------------------------------------- parameters, conditions


def _parameters(
    node: Node | None, item: Mapping, path: str
) -> tuple[dict[str, tuple[Decimal | str, ...]], list[Problem]]:
    if node is None:
        return {}, [error("V126", Span(path, *item.keys["conditions"]))]
    span = Span(path, node.line, node.column)
    if not isinstance(node, Mapping):
        return {}, [error("S103", span, key="parameters", expected="mapping", found=kind_of(node))]
    if not 1 <= len(node.entries) <= MAX_PARAMETERS:
        return {}, [error("V124", span, name="parameters", n=len(node.entries), most=MAX_PARAMETERS)]
    problems: list[Problem] = []
    parameters: dict[str, tuple[Decimal | str, ...]] = {}
    for name, entry in node.entries.items():
        at = Span(path, *node.keys[name])
        word = unicodedata.normalize("NFKC", name)
        if not word.isidentifier() or word.startswith("_") or word in RESERVED or word in parameters:
            problems.append(error("V122", at, name=name))
            continue
        values, wrong = _values(name, entry, path)
        problems += wrong
        parameters[word] = values
    return parameters, problems


def _values(name: str, node: Node, path: str) -> tuple[tuple[Decimal | str, ...], list[Problem]]:
    span = Span(path, node.line, node.column)
    if isinstance(node, Mapping):
        ends, problems = shape(RangeText, node, path)
        return _range(name, node, span) if ends else ((), problems)
    if isinstance(node, Sequence):
        return _list(name, node, span)
    return (), [error("S103", span, key=name, expected="list", found=kind_of(node))]


def _range(name: str, node: Mapping, span: Span) -> tuple[tuple[Decimal | str, ...], list[Problem]]:
    """Return the values of a range, counted in decimals: 0.1, 0.2, 0.3."""
    ends = {key: Decimal(entry.text) for key, entry in node.entries.items() if isinstance(entry, Scalar)}
    first, last, step = ends["from"], ends["to"], ends.get("step", Decimal(1))
    if step <= 0 or last < first or (last - first) % step:
        reached = first + (last - first) // step * step if step > 0 and last >= first else first
        return (), [error("V123", span, name=name, first=first, last=last, step=step, reached=reached)]
    n = int((last - first) / step) + 1
    if n > MAX_VALUES:
        return (), [error("V124", span, name=name, n=n, most=MAX_VALUES)]
    return tuple(first + step * index for index in range(n)), []


def _list(name: str, node: Sequence, span: Span) -> tuple[tuple[Decimal | str, ...], list[Problem]]:
    values: list[Decimal | str] = []
    for entry in node.entries:
        value = _value(entry)
        at = Span(span.path, entry.line, entry.column)
        if value is None or value in values or (values and type(value) is not type(values[0])):
            return (), [error("V125", at, name=name, found=entry.text if isinstance(entry, Scalar) else kind_of(entry))]
        values.append(value)
    if not 1 <= len(values) <= MAX_VALUES:
        return (), [error("V124", span, name=name, n=len(values), most=MAX_VALUES)]
    return tuple(values), []


def _value(node: Node) -> Decimal | str | None:
    if not isinstance(node, Scalar) or isinstance(node.value, bool) or node.value is None:
        return None
    if isinstance(node.value, str):
        return node.value or None
    try:
        return Decimal(node.text)
    except InvalidOperation:
        return None


def _conditions(node: Node | None, path: str, problems: list[Problem]) -> list[Scalar]:
    if node is None:
        return []
    if not isinstance(node, Sequence):
        span = Span(path, node.line, node.column)
        problems.append(error("S103", span, key="conditions", expected="list", found=kind_of(node)))
        return []
    if len(node.entries) > MAX_CONDITIONS:
        span = Span(path, node.line, node.column)
        problems.append(error("V124", span, name="conditions", n=len(node.entries), most=MAX_CONDITIONS))
        return []
    found: list[Scalar] = []
    for entry in node.entries:
        if isinstance(entry, Scalar) and isinstance(entry.value, str):
            found.append(entry)
        else:
            span = Span(path, entry.line, entry.column)
            problems.append(error("S103", span, key="conditions", expected="text", found=kind_of(entry)))
    return found


def _condition_problems(condition: Scalar, names: frozenset[str], path: str) -> list[Problem]:
    compiled = compile_expression(condition.text, names)
    if isinstance(compiled, tuple):
        return [_problem(fault, condition, path) for fault in compiled]
    if not compiled.truth:
        return [_problem(Fault("V119", 0, {"expression": compiled.text}), condition, path)]
    return []
