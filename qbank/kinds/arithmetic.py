"""Exact arithmetic of expressions: decimal numbers, the operators and functions that a template may use.

Computed with guard digits, so that ``1 / 3 * 3`` is 1; bounded, so that nothing can grow without end.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    Underflow,
)
from typing import Any

LARGEST = Decimal("1e15")
DIGITS = 28
"""Significant digits of a result. Computing goes on with twelve more, so that ``1 / 3 * 3`` is 1."""
EXACT = Context(
    prec=DIGITS + 12, Emin=-200, Emax=200, traps=[DivisionByZero, InvalidOperation, Overflow, Underflow]
)
SHOWN = Context(prec=DIGITS, Emin=-200, Emax=200, traps=[InvalidOperation])

Value = Decimal | str | bool


class NoValue(Exception):
    """An operation has no value: code and facts of the problem that says so."""

    def __init__(self, code: str, **facts: str) -> None:
        self.code, self.facts = code, facts


def taken(value: Decimal) -> Decimal:
    """Return a number without the guard digits of its computation.

    >>> taken(EXACT.multiply(EXACT.divide(Decimal(1), Decimal(3)), Decimal(3)))
    Decimal('1.000000000000000000000000000')
    """
    return SHOWN.plus(value)


def number(value: Any, operation: str) -> Decimal:
    """Return the value where it is a number; texts and truths take no part in arithmetic."""
    if type(value) is not Decimal:
        raise NoValue("V107", operation=operation, found=str(value))
    return value


def _arithmetic(sign: str, compute: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Any, Any], Decimal]:
    def operator(left: Any, right: Any) -> Decimal:
        if type(left) is not Decimal or type(right) is not Decimal:
            number(left, sign)
            number(right, sign)
        return compute(left, right)

    return operator


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    """Return the power; the context's range of exponents refuses what is too large before it is computed."""
    if abs(exponent) > 1000:
        raise NoValue("V106", operation="**")
    return EXACT.power(base, exponent)


def _floor_division(left: Decimal, right: Decimal) -> Decimal:
    return _whole(EXACT.divide(left, right), ROUND_FLOOR)


def _remainder(left: Decimal, right: Decimal) -> Decimal:
    return EXACT.subtract(left, EXACT.multiply(right, _floor_division(left, right)))


def _whole(value: Decimal, rounding: str) -> Decimal:
    return taken(value).to_integral_value(rounding=rounding)


def _ordered(sign: str, compare: Callable[[Decimal, Decimal], bool]) -> Callable[[Any, Any], bool]:
    def operator(left: Any, right: Any) -> bool:
        return compare(taken(number(left, sign)), taken(number(right, sign)))

    return operator


def _equal(left: Any, right: Any) -> bool:
    if type(left) is not type(right):
        raise NoValue("V107", operation="==", found=f"{left} == {right}")
    return bool(taken(left) == taken(right)) if isinstance(left, Decimal) else bool(left == right)


def _not(value: Any) -> bool:
    if not isinstance(value, bool):
        raise NoValue("V107", operation="not", found=str(value))
    return not value


OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: _arithmetic("+", EXACT.add),
    ast.Sub: _arithmetic("-", EXACT.subtract),
    ast.Mult: _arithmetic("*", EXACT.multiply),
    ast.Div: _arithmetic("/", EXACT.divide),
    ast.FloorDiv: _arithmetic("//", _floor_division),
    ast.Mod: _arithmetic("%", _remainder),
    ast.Pow: _arithmetic("**", _power),
    ast.USub: lambda value: EXACT.minus(number(value, "-")),
    ast.UAdd: lambda value: EXACT.plus(number(value, "+")),
    ast.Not: _not,
    ast.Eq: _equal,
    ast.NotEq: lambda left, right: not _equal(left, right),
    ast.Lt: _ordered("<", Decimal.__lt__),
    ast.LtE: _ordered("<=", Decimal.__le__),
    ast.Gt: _ordered(">", Decimal.__gt__),
    ast.GtE: _ordered(">=", Decimal.__ge__),
}
DIVISIONS = (ast.Div, ast.FloorDiv, ast.Mod)


def rounded(value: Decimal, decimals: int = 0) -> Decimal:
    """Return the number with so many decimals, half away from zero as it is taught in school (四舍五入).

    >>> rounded(Decimal("2.5")), rounded(Decimal("-0.125"), 2), rounded(Decimal("1.005"), 2)
    (Decimal('3'), Decimal('-0.13'), Decimal('1.01'))
    """
    return taken(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=EXACT)


def _round(value: Any, decimals: Any = Decimal(0)) -> Decimal:
    places = number(decimals, "round")
    if places != places.to_integral_value() or not -9 <= places <= 9:
        raise NoValue("V106", operation=f"round(…, {places})")
    return rounded(number(value, "round"), int(places))


def _of_one(name: str, compute: Callable[[Decimal], Decimal]) -> Callable[[Any], Decimal]:
    return lambda value: compute(number(value, name))


def _of_many(name: str, choose: Callable[..., Decimal]) -> Callable[..., Decimal]:
    return lambda *values: choose(number(value, name) for value in values)


FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "abs": (_of_one("abs", EXACT.abs), 1, 1),
    "min": (_of_many("min", min), 2, 20),
    "max": (_of_many("max", max), 2, 20),
    "round": (_round, 1, 2),
    "floor": (_of_one("floor", lambda value: _whole(value, ROUND_FLOOR)), 1, 1),
    "ceil": (_of_one("ceil", lambda value: _whole(value, ROUND_CEILING)), 1, 1),
    "sqrt": (_of_one("sqrt", EXACT.sqrt), 1, 1),
    "exp": (_of_one("exp", EXACT.exp), 1, 1),
    "ln": (_of_one("ln", EXACT.ln), 1, 1),
    "log10": (_of_one("log10", EXACT.log10), 1, 1),
}
"""Every function by name: what computes it, the least and the largest number of arguments."""
CONSTANTS: dict[str, Value] = {"pi": Decimal("3.141592653589793238462643383279502884197169")}


def exact_text(value: Decimal) -> str:
    """Return the shortest text of exactly this number, without an exponent.

    >>> exact_text(Decimal("0.50")), exact_text(Decimal("1.2E+3")), exact_text(Decimal("-0.0"))
    ('0.5', '1200', '0')
    """
    if not value:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def n_significant(value: Decimal) -> int:
    """Return how many digits a number has between its first and its last that are not 0.

    >>> n_significant(Decimal("0.0120")), n_significant(Decimal(1200))
    (2, 2)
    """
    return len(value.normalize().as_tuple().digits) if value else 1
