"""numeric: a number within a tolerance (计算填空)."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field

from qbank.core.authored import Authored
from qbank.core.item import Item, Plain
from qbank.core.presentation import Language
from qbank.kinds.kind import ItemKind, Marked, Place, folded, no_options, no_passages, no_permutation
from qbank.problem import Problem, error


def _unquoted(value: Any) -> Any:
    return value.text if hasattr(value, "text") else value


_NUMBER = re.compile(r"([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)(?:(?![xXeE*])[A-Za-z%‰°Å㎡㎥\u0370-\u03ff\u4e00-\u9fff].*)?")
_POWER = re.compile(r"\d\s*[⁰¹²³⁴-⁹]")


class NumericKey(Authored):
    """The value, the largest absolute difference that is still right, and the unit it is asked in."""

    value: float
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    unit: Annotated[str, BeforeValidator(_unquoted)] = ""


class NumericBody(Authored):
    """The numeric key."""

    key: NumericKey

    def seen(self) -> Plain:
        """Return the unit, which the candidate reads beside the blank."""
        return {"unit": self.key.unit}

    def marked(self) -> Marked:
        """Return value, tolerance and unit."""
        return {"value": float(self.key.value), "tolerance": float(self.key.tolerance), "unit": self.key.unit}


def check(item: Item, place: Place) -> list[Problem]:
    """Return what is wrong with the key: not finite, or a tolerance as large as the value itself."""
    key = cast("NumericBody", item.body).key
    if not (math.isfinite(key.value) and math.isfinite(key.tolerance)):
        return [error("Q110", place("key"))]
    if key.value and key.tolerance >= abs(key.value):
        return [error("Q109", place("key", "tolerance"), tolerance=key.tolerance, value=key.value)]
    return []


def read(marked: str, order: str) -> str | None:
    """Return the number as plain text without unit or thousands separators, or None for what is no number.

    What is more than a number with a unit (``1/2``, ``12:30``, ``2×10³``) is refused, never guessed at.

    >>> read("１ 880 kg", ""), read("3,33", ""), read("很多", ""), read("1/2", ""), read("42.8 kg/t", "")
    ('1880', '3.33', None, None, '42.8')
    """
    if _POWER.search(marked):
        return None
    text = folded(marked).replace(" ", "").replace("−", "-")
    text = re.sub(r"(?<=\d),(?=\d{3}(\D|$))", "", text).replace(",", ".")
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    number = match.group(1)
    return re.sub(r"^([-+]?)\.", r"\g<1>0.", number)


def credit(marked: Marked, answer: str) -> float:
    """Return 1 where ``|answer − value| ≤ tolerance``, else 0; a last-digit slack of 1e-9 absorbs decimals."""
    slack = 1e-9 * max(1.0, abs(float(marked["value"])))
    return 1.0 if abs(float(answer) - float(marked["value"])) <= float(marked["tolerance"]) + slack else 0.0


def key_label(marked: Marked) -> str:
    """Return the value in its shortest form.

    >>> key_label({"value": 1880.0, "tolerance": 5.0, "unit": "kg"})
    '1880'
    """
    return f"{float(marked['value']):.12g}"


def show_answer(answer: str, order: str, language: Language) -> str:
    """Return the number as it stands."""
    return answer


NUMERIC = ItemKind(
    word="numeric",
    body=NumericBody,
    check=check,
    permutations=no_permutation,
    options=no_options,
    read=read,
    credit=credit,
    answers=lambda marked: (),
    key_label=key_label,
    show_answer=show_answer,
    space="blank",
    passages=no_passages,
)
