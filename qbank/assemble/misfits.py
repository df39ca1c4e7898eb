"""What does not fit the schema of a rule's word, said in the words of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from qbank.assemble.rules import words_of
from qbank.core.authored import Authored
from qbank.core.blueprint import Rule
from qbank.problem import Problem, error

TYPES = {
    "string_type": "text", "int_type": "whole number", "int_parsing": "whole number", "int_from_float": "whole number",
    "float_type": "number", "float_parsing": "number", "finite_number": "number", "bool_type": "true/false",
    "bool_parsing": "true/false", "list_type": "list", "tuple_type": "list", "dict_type": "mapping",
    "model_type": "mapping", "mapping_type": "mapping", "int_parsing_size": "whole number",
}  # fmt: skip
"""What pydantic calls a wrong type → what is expected."""
RANGES = {
    "greater_than": "> {gt}", "greater_than_equal": "≥ {ge}", "less_than": "< {lt}", "less_than_equal": "≤ {le}",
}  # fmt: skip
PATTERNS = {"since": "date"}
"""Keys whose pattern is not that of an amount."""


def misfits(rule: Rule, schema: type[Authored], fault: ValidationError, *, bare: bool) -> list[Problem]:
    """Return one problem for each place of a rule that does not fit, whatever alternatives were tried there.

    bare : whether the value stands for one key of the schema and is no mapping
    """
    found: dict[tuple[int | str, ...], list[dict[str, Any]]] = {}
    for entry in fault.errors(include_url=False):
        loc = tuple(entry["loc"])[1:] if bare else tuple(entry["loc"])
        found.setdefault(_written(loc, rule.value, entry["type"]), []).append(dict(entry))
    abilities = "at" in schema.model_fields and schema.model_fields["at"].default == "cut"
    at = [steps for steps in found if steps[:1] == ("at",) and abilities]
    problems = [_misfit(rule, schema, steps, entries) for steps, entries in found.items() if steps not in at]
    if at:
        problems.append(error("P167", rule.place("at"), key="at", found=words_of(rule.value["at"]), expected="goal at"))
    return problems


def _misfit(rule: Rule, schema: type[Authored], steps: tuple[int | str, ...], entries: list[dict[str, Any]]) -> Problem:
    entry = entries[0]
    unknown = entry["type"] == "extra_forbidden"
    keys = [step for step in steps if isinstance(step, str)]
    detail, allowed = ("rule form", "") if len({each["type"] for each in entries}) > 1 else _said(entry, keys, schema)
    return error(
        "P107", rule.place(*steps, key=unknown), word=rule.word, key=keys[-1] if keys else rule.word, detail=detail,
        allowed=allowed,
    )  # fmt: skip


def _said(entry: Mapping[str, Any], keys: list[str], schema: type[Authored]) -> tuple[str, str]:
    """Return a word of the catalogue and what follows it."""
    kind, context = entry["type"], entry.get("ctx", {})
    if kind == "missing":
        return "rule missing", ""
    if kind == "extra_forbidden":
        deep = len(keys) > 1
        return "rule unknown", "" if deep else ", ".join(info.alias or name for name, info in schema.model_fields.items())
    if kind in TYPES:
        return f"rule {TYPES[kind]}", ""
    if kind in RANGES:
        return "rule range", RANGES[kind].format(**context)
    if kind == "literal_error":
        return "rule one of", str(context["expected"]).replace("'", "").replace(" or ", ", ")
    if kind == "string_pattern_mismatch":
        return f"rule {PATTERNS.get(keys[-1] if keys else '', 'amount')}", ""
    if kind in ("too_short", "string_too_short"):
        return "rule empty", ""
    return "rule like", str(entry["msg"]).removeprefix("Value error, ")


def _written(loc: tuple[int | str, ...], value: Any, kind: str) -> tuple[int | str, ...]:
    """Return the steps of a fault that the file has, without pydantic's names of alternatives.

    >>> _written(("places", "tuple[Number, ...]", 1), {"places": [1, "x"]}, "int_type")
    ('places', 1)
    """
    steps: list[int | str] = []
    for place, step in enumerate(loc):
        inside = isinstance(value, Mapping) and step in value
        listed = isinstance(value, Sequence) and not isinstance(value, str)
        inside |= listed and isinstance(step, int) and step < len(value)
        if inside:
            value = value[step]
        if inside or (kind == "missing" and place == len(loc) - 1):
            steps.append(step)
    return tuple(steps)
