"""numeric: a number within a tolerance, in any unit that measures the same thing (计算填空)."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Discriminator, Field, Tag

from qbank import messages
from qbank.core.authored import Authored, WrittenNumber, WrittenText
from qbank.core.item import Item, Plain
from qbank.core.presentation import Language
from qbank.kinds.formula import check_value
from qbank.kinds.kind import (
    ItemKind,
    Marked,
    Place,
    Printed,
    alternatives,
    folded,
    no_options,
    no_passages,
    no_permutation,
)
from qbank.kinds.units import canonical, convert, is_unit, same_unit
from qbank.problem import Problem, error


def _unquoted(value: Any) -> Any:
    return value.text if hasattr(value, "text") else value


_NUMBER = re.compile(
    r"([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)((?![xXeE*])[A-Za-z%‰°Å㎡㎥\u0370-\u03ff\u4e00-\u9fff].*)?"
)
_WITH_ZEROS = re.compile(r"-?\d{1,12}\.\d{0,11}0")  # 3.30: asked to two decimals, and printed so
_POWER = re.compile(r"\d\s*[⁰¹²³⁴-⁹]")

Tolerance = Annotated[
    Annotated[float, Field(ge=0), Tag("number")]
    | Annotated[str, Field(pattern=r"^\s*\d+(\.\d+)?\s*[%％]\s*$"), Tag("share")],
    Discriminator(lambda value: "share" if isinstance(value, str) else "number"),
]
"""The largest difference that is still right: in the key's unit, or as a share of the value (``1%``)."""


class NumericKey(Authored):
    """The value, the largest difference that is still right, the unit it is asked in, how it is worked out."""

    value: WrittenNumber
    tolerance: Tolerance = 0.0
    unit: Annotated[str, BeforeValidator(_unquoted)] = ""
    formula: WrittenText = ""

    @property
    def difference(self) -> float:
        """Return the tolerance in the key's unit.

        >>> NumericKey(value=42.8, tolerance="1%").difference
        0.428
        """
        if isinstance(self.tolerance, str):
            share = float(self.tolerance.strip().rstrip("%％")) / 100
            return float(f"{abs(self.value) * share:.12g}")
        return float(self.tolerance)


class NumericBody(Authored):
    """The numeric key."""

    key: NumericKey

    def seen(self) -> Plain:
        """Return the unit, which the candidate reads beside the blank."""
        return {"unit": self.key.unit}

    def marked(self) -> Marked:
        """Return value, tolerance and unit."""
        return {"value": float(self.key.value), "tolerance": self.key.difference, "unit": self.key.unit}


def _key(item: Item) -> NumericKey:
    return cast("NumericBody", item.body).key


def check(item: Item, place: Place) -> list[Problem]:
    """Return what is wrong with the key: not finite, a tolerance as large as the value, another value by its formula."""
    key = _key(item)
    if not (math.isfinite(key.value) and math.isfinite(key.difference)):
        return [error("Q110", place("key"))]
    if key.value and key.difference >= abs(key.value):
        return [error("Q109", place("key", "tolerance"), tolerance=key.tolerance, value=key.value)]
    if key.formula:
        return check_value(key.formula, getattr(key.value, "text", repr(key.value)), key.difference, place)
    return []


def read(marked: str, order: str, given: Marked) -> str | None:
    """Return the number as plain text, followed by its unit where that is not the one asked for.

    None for what is no number, or a number in a unit that nobody knows. A unit behind the answer to a question
    without one is passed over. Capitals are forgiven where the unit as written measures nothing of the kind: KG, 1.88 T. What is more than a number with a unit (``1/2``, ``12:30``, ``2×10³``) is refused,
    never guessed at.

    >>> [read(text, "", {"unit": "kg"}) for text in ("１ 880 kg", "3,33", "1.88吨", "很多", "1/2", "5 炉")]
    ['1880', '3.33', '1.88 t', None, None, None]
    >>> [read(text, "", {"unit": "MPa"}) for text in ("1Mpa", "1MPA", "1 mPa", "1T", "1KPA")]
    ['1', '1', '1 mPa', '1 T', None]
    >>> [read(text, "", {"unit": "kg"}) for text in ("1880KG", "1.88T")]
    ['1880 kg', '1.88 t']
    """
    if _POWER.search(marked):
        return None
    text = folded(marked).replace(" ", "").replace("−", "-")
    text = re.sub(r"(?<=\d),(?=\d{3}(\D|$))", "", text).replace(",", ".")
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    number = re.sub(r"^([-+]?)\.", r"\g<1>0.", match.group(1))
    unit, asked = match.group(2) or "", str(given["unit"])
    if not unit or not asked or same_unit(unit, asked):
        return number
    known = next((way for way in (unit, unit.lower()) if convert(1.0, way, asked) is not None), "")
    if known or is_unit(unit):
        return f"{number} {canonical(known or unit)}"
    return number if canonical(unit).casefold() == canonical(asked).casefold() else None


def credit(marked: Marked, answer: str) -> float:
    """Return 1 where ``|answer − value| ≤ tolerance`` in the key's unit, else 0.

    A last-digit slack of 1e-9 absorbs decimals. A unit that measures something else earns nothing.

    >>> [credit({"value": 1880, "tolerance": 5, "unit": "kg"}, text) for text in ("1884", "1.88 t", "1880 MPa")]
    [1.0, 1.0, 0.0]
    """
    number, _, unit = answer.partition(" ")
    value: float | None = float(number)
    if unit:
        value = convert(float(number), unit, str(marked["unit"]))
    if value is None:
        return 0.0
    slack = 1e-9 * max(abs(float(marked["value"])), float(marked["tolerance"]))
    return 1.0 if abs(value - float(marked["value"])) <= float(marked["tolerance"]) + slack else 0.0


def keys(key: str, letters: str, marked: Marked) -> tuple[Marked, ...]:
    """Return the marking by other values, each with its own tolerance or else the printed one: ``12.5±0.1|13``.

    >>> old = {"value": 12.0, "tolerance": 0.2, "unit": "kg"}
    >>> [(new["value"], new["tolerance"]) for new in keys("12.5±0.1|13|0.02 t ± 10%", "", old)]
    [(12.5, 0.1), (13.0, 0.2), (20.0, 2.0)]
    >>> keys("twelve", "", old), keys("12±x", "", old)
    ((), ())
    """
    found = [_one_key(part, marked) for part in alternatives(key)]
    return tuple(each for each in found if each is not None) if found and all(found) else ()


def _one_key(text: str, marked: Marked) -> Marked | None:
    head, *tail = re.split(r"±|\+/?-", folded(text).replace("＋", "+"))
    written = read(head, "", marked)
    if written is None or len(tail) > 1:
        return None
    number, _, unit = written.partition(" ")
    value = convert(float(number), unit, str(marked["unit"])) if unit else float(number)
    tolerance: float | None = float(marked["tolerance"])
    if tail and value is not None:
        tolerance = _tolerance(tail[0], value, marked)
    if value is None or tolerance is None or not math.isfinite(value):
        return None
    return {**marked, "value": float(f"{value:.12g}"), "tolerance": tolerance}


def _tolerance(text: str, value: float, marked: Marked) -> float | None:
    share = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", text)
    if share:
        return float(f"{abs(value) * float(share.group(1)) / 100:.12g}")
    written = read(text, "", marked)
    if written is None or written.startswith("-"):
        return None
    number, _, unit = written.partition(" ")
    return convert(float(number), unit, str(marked["unit"])) if unit else float(number)


def key_label(marked: Marked) -> str:
    """Return the value in its shortest form.

    >>> key_label({"value": 1880.0, "tolerance": 5.0, "unit": "kg"})
    '1880'
    """
    return f"{float(marked['value']):.12g}"


def show_answer(answer: str, order: str, language: Language) -> str:
    """Return the number as it stands."""
    return answer


def printed(item: Item, marks: float, language: Language) -> Printed:
    """Return value, tolerance and unit as markers read them: ``1880 ± 5 kg``, or ``7223 kg (±1%)`` where it is a share."""
    key = _key(item)
    written = getattr(key.value, "text", "")
    value = written if _WITH_ZEROS.fullmatch(written) else key_label(item.body.marked())
    if isinstance(key.tolerance, str) and key.difference:
        asked = " ".join([value, *([key.unit] if key.unit else [])])
        share = f"{float(key.tolerance.strip().rstrip('%％')):.6g}%"
        return Printed(answer=messages.text(language, "paper.within_share", value=asked, share=share))
    difference = ["±", f"{key.difference:.6g}"] if key.difference else []
    return Printed(answer=" ".join([value, *difference, *([key.unit] if key.unit else [])]))


def slips(marked: Marked, order: str) -> tuple[str, ...]:
    """Return numbers that a slip of the decimal point, a doubled or a halved value would give."""
    value, difference = float(marked["value"]), float(marked["tolerance"])
    wrong = [value * 10, value / 10, value * 2, value / 2, value + 3 * difference + 1]
    labels = dict.fromkeys(f"{number:.4g}" for number in wrong)
    return tuple(label for label in labels if credit(marked, label) < 1)


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
    printed=printed,
    slips=slips,
    keys=keys,
)
