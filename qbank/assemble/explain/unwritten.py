"""The shortest body of each kind: what an item that is not written yet stands on where the bank has none to borrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from qbank.core.item import Body
from qbank.kinds import KINDS

_OPTIONS = {"A": "a", "B": "b", "C": "c", "D": "d"}
_POINT = ({"points": 1.0, "text": "a"},)
BODIES: Mapping[str, Mapping[str, Any]] = {
    "single": {"options": _OPTIONS, "key": "A"},
    "multiple": {"options": _OPTIONS, "key": ["A", "B"]},
    "true_false": {"key": True},
    "fill": {"key": ["a"]},
    "numeric": {"key": {"value": 1.0, "tolerance": 0.0}},
    "short": {"key": "a", "rubric": _POINT},
    "essay": {"key": "a", "rubric": _POINT},
    "matching": {"options": _OPTIONS, "prompts": ["a", "b", "c"], "key": ["A", "B", "C"]},
    "ordering": {"options": _OPTIONS, "key": ["A", "B", "C", "D"]},
    "case": {"parts": [{"kind": "true_false", "stem": "a", "marks": 1.0, "key": True}] * 2},
    "task": {"minutes": 1, "steps": [{"title": "a", "demand": "a", "points": 1.0}]},
}
"""kind → the keys of its body as they would be written"""


def unwritten_body(kind: str) -> Body:
    """Return the body of an item of a kind that is still to be written.

    >>> unwritten_body("true_false").marked()
    {'key': 'true'}
    """
    return cast("Body", KINDS[kind].body.model_validate(BODIES[kind]))
