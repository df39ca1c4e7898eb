"""What an item declares of its answers, and how far its response processing is one of the rules that the bank knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from qbank.files.interchange.qti.reading.vocabulary import local, words

Rule = Literal["match", "map", "area", "none", "custom"]


@dataclass(frozen=True, slots=True)
class Response:
    """A response: what is right, what each value is worth (by key: marks, and whether case counts), whether places count."""

    id: str
    cardinality: str
    base: str
    correct: tuple[str, ...]
    worth: Mapping[str, tuple[float, bool]]
    otherwise: float
    most: float | None
    area: bool


def responses_of(root: Any) -> dict[str, Response]:
    """Return the responses that an item declares, by identifier."""
    found = {}
    for node in root.iterfind("response-declaration"):
        mapping = node.find("mapping")
        worth = {}
        for entry in mapping.iterfind("map-entry") if mapping is not None else ():
            worth[entry.get("map-key", "")] = (number(entry.get("mapped-value")) or 0.0, entry.get("case-sensitive", "true") != "false")
        id = node.get("identifier", "")
        found[id] = Response(
            id, node.get("cardinality", "single"), node.get("base-type", ""),
            tuple(_value(value) for value in node.iterfind("correct-response/value")), worth,
            number(mapping.get("default-value")) or 0.0 if mapping is not None else 0.0,
            number(mapping.get("upper-bound")) if mapping is not None else None, node.find("area-mapping") is not None,
        )  # fmt: skip
    return found


def _value(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())


def number(text: str | None) -> float | None:
    """Return a decimal number, None where the text is none.

    >>> number(" 1.50 "), number("x"), number("1e400"), number(None)
    (1.5, None, None, None)
    """
    if text is None or not re.fullmatch(r"\s*[-+]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][-+]?\d{1,2})?\s*", text):
        return None
    return float(text)


@dataclass(frozen=True, slots=True)
class Marking:
    """How an item is marked: the rule for a response by its identifier, and what is beyond the rules of the bank."""

    rules: Mapping[str, Rule]
    beyond: tuple[str, ...]
    partly: bool

    def of(self, id: str) -> Rule:
        """Return the rule of a response; ``none`` where nothing is said of it."""
        return self.rules.get(id, "none")


_TEMPLATES: dict[str, Rule] = {"match-correct": "match", "cc2-match": "match", "map-response": "map", "cc2-map-response": "map", "map-response-point": "area"}
KNOWN = frozenset({
    "response-processing", "response-condition", "response-if", "response-else-if", "response-else", "match", "variable", "correct",
    "set-outcome-value", "base-value", "map-response", "is-null", "sum", "and", "or", "not", "equal", "gte", "lte", "string-match", "null",
    "exit-response",
})  # fmt: skip
"""Elements of a response processing that says no more than the rules of the bank do."""
SCORES = re.compile(r"(?:MAX)?_?SCORE", re.IGNORECASE)


def marking_of(root: Any) -> Marking:
    """Return how an item is marked."""
    node = root.find("response-processing")
    if node is None:
        return Marking({}, (), False)
    template = (node.get("template") or node.get("template-location") or "").rpartition("/")[2].removesuffix(".xml").replace("_", "-").casefold()
    if template:
        rule = _TEMPLATES.get(template)
        ids = {one.get("identifier", ""): rule or "custom" for one in root.iterfind("response-declaration")}
        return Marking(ids, () if rule else (template,), False)
    rules: dict[str, Rule] = {}
    for one in node.iter("match", "equal", "string-match", "gte", "lte", "pattern-match", "equal-rounded", "contains"):
        for variable in one.iter("variable"):
            rules.setdefault(variable.get("identifier", ""), "match")
    for one in node.iter("map-response"):
        rules[one.get("identifier", "")] = "map"
    for one in node.iter("map-response-point"):
        rules[one.get("identifier", "")] = "area"
    beyond = sorted({local(one) for one in node.iter()} - KNOWN - {"map-response-point"} - {""})
    return Marking(rules, tuple(beyond), _partly(node))


def _partly(node: Any) -> bool:
    """Return whether several conditions in a row set marks of their own: an answer half right earns a part."""
    for condition in node.iter("response-condition"):
        given = set()
        for branch in condition:
            for outcome in branch.iterfind("set-outcome-value"):
                if SCORES.fullmatch(outcome.get("identifier", "")) and (value := number(words(outcome.find("base-value")))):
                    given.add(value)
        if len(given) > 1:
            return True
    return False


def marks_of(root: Any, id: str = "SCORE") -> float | None:
    """Return the marks of an item as its outcomes declare them, None where they do not."""
    for outcome in root.iterfind("outcome-declaration"):
        if outcome.get("identifier") == "MAXSCORE" and id == "SCORE" and (found := number(words(outcome.find("default-value")))):
            return found
    for outcome in root.iterfind("outcome-declaration"):
        if outcome.get("identifier") == id and (found := number(outcome.get("normal-maximum"))):
            return found
    processing = root.find("response-processing")
    given = [
        number(words(outcome.find("base-value"))) or 0.0
        for outcome in (processing.iter("set-outcome-value") if processing is not None else ())
        if outcome.get("identifier") == id
    ]
    return max(given, default=0.0) or None


def bounds_of(root: Any, id: str) -> tuple[float, float] | None:
    """Return the least and the greatest number that earn the marks, as an item's rules compare a response with them."""
    processing = root.find("response-processing")
    if processing is None:
        return None
    found: dict[str, float] = {}
    for word in ("gte", "gt", "lte", "lt"):
        for node in processing.iter(word):
            limit = number(words(node.find("base-value")))
            if limit is not None and (variable := node.find("variable")) is not None and variable.get("identifier") == id:
                found.setdefault(word[:2], limit)
    for node in processing.iter("equal"):
        variable = node.find("variable")
        tolerance = [number(part) for part in (node.get("tolerance") or "").split()]
        given = number(words(node.find("base-value")))
        if variable is not None and variable.get("identifier") == id and tolerance and None not in tolerance:
            value = given if given is not None else number(_correct(root, id))
            if value is not None:
                low, high = tolerance[0] or 0.0, tolerance[-1] or 0.0
                share = abs(value) / 100 if node.get("tolerance-mode") == "relative" else 1.0
                return value - low * share, value + high * share
    return (found["gt"], found["lt"]) if len(found) == 2 else None


def _correct(root: Any, id: str) -> str:
    for node in root.iterfind("response-declaration"):
        if node.get("identifier") == id:
            return words(node.find("correct-response/value"))
    return ""


def accepted_of(root: Any, id: str) -> list[str]:
    """Return the texts with which the rules of an item compare a response."""
    processing = root.find("response-processing")
    found = []
    for node in processing.iter("string-match", "match") if processing is not None else ():
        variable, value = node.find("variable"), node.find("base-value")
        if variable is not None and value is not None and variable.get("identifier") == id and words(value):
            found.append(words(value))
    return found
