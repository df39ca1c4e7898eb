"""The expression language of templates and formulae: ``100 * (4.2 - 0.1) / 9.6`` over named numbers and texts.

Python's parser reads the text; only a closed list of operators, functions and names is let through, and `simpleeval`
evaluates what remains over decimal numbers. Nothing of Python can be reached and nothing can grow without bound.
"""

from __future__ import annotations

import ast
import difflib
import keyword
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException, InvalidOperation
from functools import lru_cache
from typing import Any, cast

from simpleeval import SimpleEval

from qbank.kinds.arithmetic import CONSTANTS, DIVISIONS, FUNCTIONS, LARGEST, OPERATORS, NoValue, Value, taken

MAX_LENGTH = 500
MAX_DEPTH = 30
LARGEST_LITERAL = 10**30
RESERVED = frozenset({*FUNCTIONS, *CONSTANTS, *keyword.kwlist, "true", "false"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text is no expression or has no value: code, offset in the text, facts of the message."""

    code: str
    offset: int = 0
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression.

    names : the parameters that it uses ; divisors : each divisor as written, with its tree ; truth : its value is
    true or false
    """

    text: str
    tree: ast.expr
    names: frozenset[str]
    divisors: tuple[tuple[str, ast.expr], ...]
    truth: bool


@lru_cache(maxsize=4096)
def compile_expression(text: str, names: frozenset[str]) -> Expression | tuple[Fault, ...]:
    """Return the expression, or everything in it that is not allowed, with offsets in the text.

    >>> compile_expression("100 * (a - 0.1) / b", frozenset({"a", "b"})).divisors[0][0]
    'b'
    >>> [fault.code for fault in compile_expression("massa + f(2) + x.y", frozenset({"massb"}))]
    ['V102', 'V103', 'V104']
    """
    stripped = text.strip()
    if len(text) > MAX_LENGTH:
        return (Fault("V108", 0, {"length": str(len(text)), "most": str(MAX_LENGTH)}),)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(stripped, mode="eval").body
    except SyntaxError as fault:
        end = fault.offset or len(stripped.rstrip()) + 1  # no offset: more was expected
        return (Fault("V101", _before(text, stripped[: end - 1], fault.lineno), {"expression": stripped}),)
    except (ValueError, RecursionError, MemoryError):
        return (Fault("V101", 0, {"expression": stripped[:60]}),)
    if _depth(tree) > MAX_DEPTH:
        return (Fault("V108", 0, {"length": str(len(text)), "most": str(MAX_LENGTH)}),)
    faults = sorted(
        (Fault(code, _offset(text, stripped, node), facts) for code, node, facts in _refused(tree, stripped, names)),
        key=lambda fault: (fault.code, fault.offset),
    )
    if faults:
        return tuple(faults)
    tree = _exact(tree, stripped)
    divisors = tuple(
        (_written(stripped, node.right), node.right)
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, DIVISIONS)
    )
    used = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in names)
    return Expression(stripped, tree, used, divisors, is_truth(tree))


def _depth(tree: ast.expr) -> int:
    depth, level = 0, list[ast.AST]([tree])
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def _before(text: str, prefix: str, line: int | None) -> int:
    return len(text) - len(text.lstrip()) + len(prefix) if line in (None, 1) else 0


def _offset(text: str, stripped: str, node: ast.AST) -> int:
    """Return where a node begins in characters; the parser counts the bytes of its line."""
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    return _before(text, stripped.encode()[:column].decode(errors="ignore"), line)


def _written(stripped: str, node: ast.expr) -> str:
    return ast.get_source_segment(stripped, node) or ast.unparse(node)


def _refused(node: ast.AST, text: str, names: frozenset[str]) -> Iterator[tuple[str, ast.AST, dict[str, str]]]:
    """Yield code, node and facts of everything that the language does not have; what is refused is not looked into."""
    if isinstance(node, ast.Name):
        if node.id not in names and node.id not in CONSTANTS:
            known = sorted(names | set(CONSTANTS))
            yield "V103", node, {"name": node.id, "suggestion": _near(node.id, known), "known": ", ".join(known)}
        return
    if isinstance(node, ast.Constant):
        if type(node.value) not in (int, float, str):
            yield "V102", node, {"what": _written(text, node)}
        elif isinstance(node.value, int | float) and abs(node.value) > LARGEST_LITERAL:
            yield "V106", node, {"operation": _written(text, node)[:60]}
        return
    if isinstance(node, ast.Call):
        yield from _refused_call(node, text)
        if not isinstance(node.func, ast.Name):
            return
        inside: list[ast.expr] = [entry for entry in node.args if not isinstance(entry, ast.Starred)]
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        inside = [node.left, node.right]
    elif isinstance(node, ast.UnaryOp):
        inside = [node.operand] if type(node.op) in OPERATORS else []
        if not inside:
            yield "V102", node, {"what": _written(text, node)[:60]}
    elif isinstance(node, ast.Compare) and all(type(op) in OPERATORS for op in node.ops):
        inside = [node.left, *node.comparators]
    elif isinstance(node, ast.BoolOp):
        inside = node.values
    elif isinstance(node, ast.IfExp):
        inside = [node.body, node.test, node.orelse]
    else:
        yield "V102", node, {"what": _written(text, cast("ast.expr", node))[:60]}
        return
    yield from (("V119", part, {"expression": _written(text, part)}) for part in _truths_of(node) if not is_truth(part))
    for part in inside:
        yield from _refused(part, text, names)


def _truths_of(node: ast.AST) -> list[ast.expr]:
    """Return the operands that must be true or false."""
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [node.operand]
    return [node.test] if isinstance(node, ast.IfExp) else []


def is_truth(node: ast.expr) -> bool:
    """Return whether the value of a tree is true or false, as of a comparison, rather than a number or a text."""
    if isinstance(node, ast.IfExp):
        return is_truth(node.body) and is_truth(node.orelse)
    return isinstance(node, ast.Compare | ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))


def _refused_call(node: ast.Call, text: str) -> Iterator[tuple[str, ast.AST, dict[str, str]]]:
    if not isinstance(node.func, ast.Name):
        yield "V102", node, {"what": _written(text, node)[:60]}
        return
    name = node.func.id
    if name not in FUNCTIONS:
        known = sorted(FUNCTIONS)
        yield "V104", node, {"name": name, "suggestion": _near(name, known), "known": ", ".join(known)}
        return
    _, least, most = FUNCTIONS[name]
    if node.keywords or any(isinstance(entry, ast.Starred) for entry in node.args) or not least <= len(node.args) <= most:
        yield "V102", node, {"what": _written(text, node)[:60]}


def _near(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return near[0] if near else ""


class _ToDecimal(ast.NodeTransformer):
    """Numbers as they were written, not as binary fractions."""

    def __init__(self, text: str) -> None:
        self.text = text

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if isinstance(node.value, str):
            return node
        try:
            exact = Decimal(_written(self.text, node).replace("_", ""))
        except InvalidOperation:  # 0x10
            exact = Decimal(repr(node.value))
        return ast.copy_location(ast.Constant(cast("Any", exact)), node)


def _exact(tree: ast.expr, text: str) -> ast.expr:
    return cast("ast.expr", _ToDecimal(text).visit(tree))


class Evaluator:
    """Evaluates compiled expressions; ``negative`` says that a divisor below zero was met since it was set false."""

    def __init__(self) -> None:
        self.negative = False
        operators = OPERATORS | {kind: self._dividing(OPERATORS[kind]) for kind in DIVISIONS}
        functions = {name: compute for name, (compute, _, _) in FUNCTIONS.items()}
        self._engine = SimpleEval(operators=operators, functions=functions, names={})
        handlers = self._engine.nodes
        self._engine.nodes = {
            kind: handlers[kind]
            for kind in (ast.Constant, ast.Name, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call)
        }

    def _dividing(self, operator: Callable[[Any, Any], Decimal]) -> Callable[[Any, Any], Decimal]:
        def dividing(left: Any, right: Any) -> Decimal:
            if type(right) is Decimal and right <= 0:
                if not taken(right):
                    raise NoValue("V105")
                self.negative = True
            return operator(left, right)

        return dividing

    def evaluate(self, expression: Expression, values: Mapping[str, Value]) -> Value | Fault:
        """Return the value of the expression for these values of its names, or why it has none.

        >>> Evaluator().evaluate(compile_expression("0.1 + x", frozenset({"x"})), {"x": Decimal("0.2")})
        Decimal('0.3')
        """
        result = self._value(expression.tree, expression.text, {**CONSTANTS, **values})
        if isinstance(result, Fault) and result.code == "V105":
            return Fault("V105", 0, {"divisor": self.bad_divisor(expression, values)})
        return result

    def bad_divisor(self, expression: Expression, values: Mapping[str, Value]) -> str:
        """Return the divisor, as written, that is not above zero for these values."""
        names = {**CONSTANTS, **values}
        for written, tree in expression.divisors:
            value = self._value(tree, written, names)
            if isinstance(value, Decimal) and value <= 0:
                return written
        return expression.text

    def _value(self, tree: ast.expr, text: str, names: Mapping[str, Value]) -> Value | Fault:
        self._engine.names = names
        try:
            value = self._engine.eval(text, previously_parsed=tree)
            if type(value) is Decimal:
                value = taken(value)
                if abs(value) > LARGEST:
                    raise NoValue("V106", operation=text)
        except NoValue as wrong:
            return Fault(wrong.code, 0, wrong.facts)
        except (DecimalException, ArithmeticError):
            return Fault("V106", 0, {"operation": text})
        return cast("Value", value)
