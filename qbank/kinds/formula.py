"""``formula:`` of a key: the calculation behind it, done again whenever the item is checked."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from qbank.kinds.arithmetic import exact_text
from qbank.kinds.expression import Evaluator, Fault, compile_expression
from qbank.kinds.kind import Place
from qbank.problem import Problem, Span, error, warning

_LEADING = re.compile(r"[\s$（(≈约]*([-+−]?\d+(?:[ ,]\d{3})*(?:\.\d+)?)")


def computed(formula: str) -> Decimal | Fault:
    """Return the number that a formula gives, or what is wrong with it.

    >>> computed("100 * (4.2 - 0.1) / 9.6").quantize(Decimal("0.01"))
    Decimal('42.71')
    """
    compiled = compile_expression(formula, frozenset())
    if isinstance(compiled, tuple):
        return compiled[0]
    value = Evaluator().evaluate(compiled, {})
    if isinstance(value, Fault):
        return value
    if not isinstance(value, Decimal):
        return Fault("V107", 0, {"operation": "formula", "found": str(value)})
    return value


def half_unit(written: Decimal) -> Decimal:
    """Return half of what one step of a number's last written digit is worth.

    >>> half_unit(Decimal("42.80")), half_unit(Decimal(1880))
    (Decimal('0.005'), Decimal('0.5'))
    """
    return Decimal(5).scaleb(int(written.as_tuple().exponent) - 1)


def check_value(formula: str, written: str, tolerance: float, place: Place) -> list[Problem]:
    """Return what is wrong with the value of a numeric key against its formula (V120).

    It must agree within half a unit of its last digit. What agrees only within the tolerance is a warning: right
    answers count as right, but the key is not the number that the calculation gives.
    """
    found = computed(formula)
    if isinstance(found, Fault):
        return [_faulty(found, place("key", "formula", offset=found.offset))]
    value = _number(written)
    if value is None or abs(found - value) <= half_unit(value):
        return []
    at, facts = place("key", "value"), {"found": _readable(found, value), "value": written}
    if abs(found - value) <= Decimal(repr(tolerance)):
        return [warning("V120", at, related=(), **facts)]
    return [error("V120", at, related=(), **facts)]


def check_option(formula: str, letter: str, text: str, place: Place) -> list[Problem]:
    """Return what is wrong with the number that the key's option begins with against the formula (V121)."""
    found = computed(formula)
    if isinstance(found, Fault):
        return [_faulty(found, place("formula", offset=found.offset))]
    value = leading_number(text)
    if value is not None and abs(found - value) <= half_unit(value):
        return []
    shown = _readable(found, value if value is not None else found)
    return [error("V121", place("options", letter), letter=letter, text=text, found=shown)]


def leading_number(text: str) -> Decimal | None:
    """Return the number that an option begins with.

    >>> leading_number("$42.8$ kg/t"), leading_number("约 1 880 kg"), leading_number("增大")
    (Decimal('42.8'), Decimal('1880'), None)
    """
    match = _LEADING.match(text)
    return Decimal(match.group(1).replace(" ", "").replace(",", "").replace("−", "-")) if match else None


def _faulty(fault: Fault, at: Span) -> Problem:
    return error(fault.code, at, related=(), **{"draw": "", **fault.facts})


def _number(written: str) -> Decimal | None:
    try:
        return Decimal(written)
    except InvalidOperation:
        return None


def _readable(found: Decimal, value: Decimal) -> str:
    """Return the computed number with two digits more than the one it is held against."""
    exponent = int(value.as_tuple().exponent)
    return exact_text(found.quantize(Decimal(1).scaleb(min(exponent, 0) - 2)))
