"""QTI interpreted by the words of its specification alone: response processing of an item, outcome processing of a test.

Knows nothing of the writer. Both vocabularies; NULL is None and spreads through every operator as the specification says;
only the elements that are met are known, any other is an AssertionError.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

Value = Any
"""None, a bool, float or str, or a list of them (multiple and ordered containers)."""


def tag(node: Any) -> str:
    """Return the name of an element in the words of QTI 3 without its prefix."""
    name = etree.QName(node).localname.removeprefix("qti-")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def attribute(node: Any, name: str) -> str | None:
    first, *more = name.split("-")
    found = node.get(name)
    return found if found is not None else node.get(first + "".join(word.capitalize() for word in more))


def children(node: Any, name: str) -> list[Any]:
    return [one for one in node if isinstance(one.tag, str) and tag(one) == name]


def typed(text: str, base: str | None) -> Value:
    """Return a literal as its base type has it."""
    if base in ("float", "integer"):
        return float(text)
    return text.strip() == "true" if base == "boolean" else " ".join(text.split()) if base != "string" else text


class Item:
    """An item's declarations and rules."""

    def __init__(self, data: bytes) -> None:
        self.root = etree.fromstring(data)
        self.responses = {attribute(one, "identifier"): one for one in children(self.root, "response-declaration")}

    def outcomes(self, given: Mapping[str, Any]) -> dict[str, Value]:
        """Return every outcome after one attempt: responses that are not given are NULL."""
        values: dict[str, Value] = {}
        for id, declared in self.responses.items():
            base, said = attribute(declared, "base-type"), given.get(str(id))
            values[str(id)] = [typed(one, base) for one in said] if isinstance(said, list) else None if said in (None, "") else _number_or(said, base)
        for declared in children(self.root, "outcome-declaration"):
            base, default = attribute(declared, "base-type"), children(declared, "default-value")
            values[str(attribute(declared, "identifier"))] = typed("".join(default[0].itertext()), base) if default else (0.0 if base in ("float", "integer") else None)
        for declared in children(self.root, "template-declaration"):
            default = children(declared, "default-value")
            values[str(attribute(declared, "identifier"))] = typed("".join(default[0].itertext()), attribute(declared, "base-type"))
        for processing in children(self.root, "response-processing"):  # none where people mark
            _run(list(processing), values, self)
        return values

    def correct(self, id: str) -> Value:
        declared = self.responses[id]
        said = [typed("".join(one.itertext()), attribute(declared, "base-type")) for one in children(declared, "correct-response")[0]]
        return said if attribute(declared, "cardinality") != "single" else said[0]

    def mapped(self, id: str, value: Value) -> Value:
        """Return what the mapping gives for a response: each distinct member once, then held within the bounds."""
        (mapping,) = children(self.responses[id], "mapping")
        worth = {" ".join(str(attribute(one, "map-key")).split()): float(str(attribute(one, "mapped-value"))) for one in mapping}
        otherwise = float(attribute(mapping, "default-value") or 0)
        members = [] if value is None else dict.fromkeys(value if isinstance(value, list) else [value])
        total = sum(worth.get(str(one), otherwise) for one in members)
        low, high = attribute(mapping, "lower-bound"), attribute(mapping, "upper-bound")
        total = total if low is None else max(total, float(low))
        return total if high is None else min(total, float(high))


def _number_or(said: str, base: str | None) -> Value:
    try:
        return typed(said, base)
    except ValueError:
        return None


def _run(rules: Sequence[Any], values: dict[str, Value], item: Item | None, more: Any = None) -> None:
    for rule in rules:
        name = tag(rule)
        if name == "set-outcome-value":
            values[str(attribute(rule, "identifier"))] = worth(rule[0], values, item, more)
            continue
        assert name in ("response-condition", "outcome-condition"), name
        for branch in rule:
            if tag(branch).endswith("-else"):
                _run(list(branch), values, item, more)
                break
            if worth(branch[0], values, item, more) is True:
                _run(list(branch)[1:], values, item, more)
                break


def worth(node: Any, values: Mapping[str, Value], item: Item | None, more: Any) -> Value:
    """Return the value of an expression."""
    name, id = tag(node), str(attribute(node, "identifier"))
    if name == "variable":
        return values[id]
    if name == "base-value":
        return typed(node.text or "", attribute(node, "base-type"))
    if name == "test-variables":
        return more(node)
    if name == "correct" and item is not None:
        return item.correct(id)
    if name == "map-response" and item is not None:
        return item.mapped(id, values[id])
    inner = [worth(one, values, item, more) for one in node if isinstance(one.tag, str)]
    if name == "is-null":
        return inner[0] is None or inner[0] == [] or inner[0] == ""
    if name in ("and", "or"):
        stop = name == "or"
        return stop if stop in inner else None if None in inner else not stop
    if name == "sum":
        flat = [one for value in inner for one in (value if isinstance(value, list) else [value])]
        return None if None in flat else float(sum(flat))
    if any(value is None for value in inner):
        return None
    if name == "index":
        n = attribute(node, "n") or ""
        place = int(n) if n.isdigit() else int(values[n])
        return inner[0][place - 1] if place <= len(inner[0]) else None
    return _plain(name, node, inner)


def _plain(name: str, node: Any, inner: list[Value]) -> Value:
    if name == "match":
        one, other = inner
        ordered = isinstance(one, list) and _is_ordered(node)
        return (one == other if ordered else sorted(one) == sorted(other)) if isinstance(one, list) else one == other
    if name == "pattern-match":
        return re.fullmatch(str(attribute(node, "pattern")), str(inner[0])) is not None
    if name == "string-match":
        exact = attribute(node, "case-sensitive") != "false"
        return inner[0] == inner[1] if exact else inner[0].casefold() == inner[1].casefold()
    if name == "divide":
        return inner[0] / inner[1] if inner[1] else None
    return {
        "not": lambda one: not one, "gte": lambda one, other: one >= other, "lte": lambda one, other: one <= other,
        "gt": lambda one, other: one > other, "lt": lambda one, other: one < other, "product": lambda *all: _product(all),
        "subtract": lambda one, other: one - other,
    }[name](*inner)  # fmt: skip


def _product(all: Sequence[float]) -> float:
    found = 1.0
    for one in all:
        found *= one
    return found


def _is_ordered(node: Any) -> bool:
    root = node.getroottree().getroot()
    ids = {attribute(one, "identifier") for one in node.iter() if tag(one) in ("variable", "correct")}
    return any(attribute(one, "cardinality") == "ordered" for one in children(root, "response-declaration") if attribute(one, "identifier") in ids)


def test_outcomes(data: bytes, scores: Mapping[str, Mapping[str, Value]]) -> dict[str, Value]:
    """Return every outcome of a test after it is submitted; scores : of each item its outcomes."""
    root = etree.fromstring(data)
    values: dict[str, Value] = {}
    for declared in children(root, "outcome-declaration"):
        default = children(declared, "default-value")
        base = attribute(declared, "base-type")
        values[str(attribute(declared, "identifier"))] = typed("".join(default[0].itertext()), base) if default else 0.0

    def of_items(node: Any) -> list[float]:
        within, wanted, unwanted = (attribute(node, name) for name in ("section-identifier", "include-category", "exclude-category"))
        found = []
        for one in root.iter():
            if not isinstance(one.tag, str) or tag(one) != "assessment-item-ref":
                continue
            sections = {attribute(outer, "identifier") for outer in one.iterancestors()}
            categories = (attribute(one, "category") or "").split()
            if (within and within not in sections) or (wanted and wanted not in categories) or (unwanted and unwanted in categories):
                continue
            weights = {attribute(each, "identifier"): float(str(attribute(each, "value"))) for each in children(one, "weight")}
            weight = weights.get(attribute(node, "weight-identifier"), 1.0)
            value = scores[str(attribute(one, "identifier"))].get(str(attribute(node, "variable-identifier")))
            if value is not None:
                found.append(value * weight)
        return found

    (processing,) = children(root, "outcome-processing")
    _run(list(processing), values, None, of_items)
    return values


test_outcomes.__test__ = False  # type: ignore[attr-defined]
