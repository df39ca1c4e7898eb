"""The tag expression language: ``domain == "B-C" and grade >= 3`` over columns of items.

Python's own parser reads the text, then only comparisons, ``and or not in`` and literals are let through; nothing
is ever run. Domains nest: ``domain == "B-C"`` holds for every item below B-C.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NUMBER_COLUMNS = frozenset({"grade", "level", "seconds", "marks", "facility", "uses", "characters", "calibrated"})
TEXT_COLUMNS = frozenset(
    {"id", "kind", "domain", "competency", "importance", "cognitive", "status", "tags", "stimulus", "key"}
)
MAX_LENGTH = 2000
MAX_NUMBER = 10**18  # a longer whole number could not become a float

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_NUMBERS = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?:\s*[-–—~～]\s*([0-9]+(?:\.[0-9]+)?))?")
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)

Mask = NDArray[np.bool_]
Words = Mapping[str, Collection[str]]
"""By column, the words that exist in it."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression; ``text`` is as written."""

    text: str
    tree: ast.expr


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text is no expression: a reason word of the catalogue (``where.<reason>``), its facts, the offset."""

    reason: str
    offset: int
    word: str = ""
    allowed: str = ""


class _Refused(Exception):
    def __init__(self, reason: str, node: ast.AST, word: str = "", allowed: Collection[str] = ()) -> None:
        self.node, self.reason, self.word, self.allowed = node, reason, word, ", ".join(sorted(filter(None, allowed)))


def parse_where(text: str, vocabulary: Mapping[str, Collection[str]] | None = None) -> Expression | Refusal:
    """Return the expression, or why it is none.

    vocabulary : for closed columns (domain, kind, …) the words that exist, so that a typo is no empty selection

    >>> parse_where('grade >= 3 and domain in ["B-C", "B-D"]').text
    'grade >= 3 and domain in ["B-C", "B-D"]'
    >>> parse_where("grade >> 3").reason
    'construct'
    """
    if len(text) > MAX_LENGTH or max(text.count("("), text.count("["), text.count("not ")) > 50:
        return Refusal("too_long", 0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
        _check(tree, vocabulary or {})
    except SyntaxError as fault:
        blanks = len(text) - len(text.lstrip())
        return Refusal("syntax", blanks + max((fault.offset or 1) - 1, 0) if fault.lineno == 1 else 0)
    except (ValueError, RecursionError, MemoryError):
        return Refusal("syntax", 0)
    except _Refused as fault:
        return Refusal(fault.reason, _offset(text, fault.node), fault.word, fault.allowed)
    return Expression(text, tree)


def number_range(text: str) -> tuple[float, float] | None:
    """Return a number or a range of numbers, both ends included; None where it is none.

    >>> number_range("3"), number_range("4-5"), number_range("0.3–0.5"), number_range("hard")
    ((3.0, 3.0), (4.0, 5.0), (0.3, 0.5), None)
    """
    found = _NUMBERS.fullmatch(text.strip())
    if found is None:
        return None
    return float(found[1]), float(found[2] or found[1])


def _offset(text: str, node: ast.AST) -> int:
    """Return where a node begins, in characters of the text as written: the parser counts UTF-8 bytes of a line."""
    before = text[: len(text) - len(text.lstrip())]
    line = text.strip().encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore")
    return len(before) + len(line) if getattr(node, "lineno", 1) == 1 else 0


def _check(node: ast.expr, vocabulary: Mapping[str, Collection[str]]) -> None:
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            _check(value, vocabulary)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        _check(node.operand, vocabulary)
    elif isinstance(node, ast.Compare):
        _check_comparison(node, vocabulary)
    elif isinstance(node, ast.Constant) and node.value is True:
        return
    else:
        raise _Refused("construct", node)


def _check_comparison(node: ast.Compare, vocabulary: Mapping[str, Collection[str]]) -> None:
    if len(node.ops) != 1 or not isinstance(node.left, ast.Name):
        raise _Refused("construct", node)
    column, (op,), (right,) = node.left.id, node.ops, node.comparators
    if column not in NUMBER_COLUMNS | TEXT_COLUMNS:
        raise _Refused("column", node.left, column, NUMBER_COLUMNS | TEXT_COLUMNS)
    if isinstance(op, ast.In | ast.NotIn):
        if not isinstance(right, ast.List | ast.Tuple):
            raise _Refused("list needed", right)
        literals = right.elts
    elif type(op) in _COMPARE:
        literals = [right]
    else:
        raise _Refused("construct", node)
    if column in TEXT_COLUMNS and isinstance(op, _ORDER):
        raise _Refused("order", node, column)
    for literal in literals:
        value = _literal(literal)
        if isinstance(value, str) != (column in TEXT_COLUMNS):
            raise _Refused("type", literal, column)
        if isinstance(value, int) and abs(value) > MAX_NUMBER:
            raise _Refused("construct", literal)
        if column in vocabulary and value not in vocabulary[column]:
            raise _Refused("word", literal, str(value), vocabulary[column] if len(vocabulary[column]) < 12 else ())


def _literal(node: ast.expr) -> str | float:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _literal(node.operand)
        if isinstance(value, str):
            raise _Refused("construct", node)
        return -value
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float) and not isinstance(node.value, bool):
        return node.value
    raise _Refused("construct", node)


@dataclass(frozen=True, slots=True)
class Columns:
    """Aligned columns of items for expressions.

    numbers : name → (n_items,) ; words : name → for each item the words that it answers to (a domain answers to its
    own code and to those of all its ancestors; tags to each tag)
    """

    n_items: int
    numbers: Mapping[str, NDArray[np.float64]]
    words: Mapping[str, tuple[frozenset[str], ...]]


def evaluate(expression: Expression, columns: Columns) -> Mask:
    """Return for each item whether the expression holds; shape (n_items,)."""
    return _mask(expression.tree, columns)


def _mask(node: ast.expr, columns: Columns) -> Mask:
    if isinstance(node, ast.BoolOp):
        masks = [_mask(value, columns) for value in node.values]
        combine = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return np.asarray(combine.reduce(masks), dtype=np.bool_)
    if isinstance(node, ast.UnaryOp):
        return ~_mask(node.operand, columns)
    if isinstance(node, ast.Constant):
        return np.ones(columns.n_items, dtype=np.bool_)
    assert isinstance(node, ast.Compare) and isinstance(node.left, ast.Name)
    (op,), (right,), name = node.ops, node.comparators, node.left.id
    negated = isinstance(op, ast.NotIn | ast.NotEq)
    if name in columns.words:
        literals = right.elts if isinstance(right, ast.List | ast.Tuple) else [right]
        wanted = {str(_literal(literal)) for literal in literals}
        found = np.fromiter((bool(words & wanted) for words in columns.words[name]), np.bool_, columns.n_items)
        return ~found if negated else found
    values = columns.numbers[name]
    if isinstance(right, ast.List | ast.Tuple):
        found = np.isin(values, [float(_literal(literal)) for literal in right.elts])
        return ~found if negated else found
    return np.asarray(_COMPARE[type(op)](values, float(_literal(right))), dtype=np.bool_)
