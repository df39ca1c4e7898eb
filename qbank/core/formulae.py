r"""Formulae in Markdown: where they stand, and the LaTeX that is written outside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qbank.core.chemistry import chemistry_in

_FORMULA = re.compile(r"(?<![\\$])(?:\$\$(?P<display>(?:\\.|[^$\\])+)\$\$|\$(?!\s)(?P<inline>(?:\\.|[^$\\])+)(?<!\s)\$(?!\d))", re.DOTALL)
_CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_MACRO = re.compile(r"(?<![A-Za-z\d:\\])\\[A-Za-z]{2,}")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)


def formulae(markdown: str) -> Iterator[tuple[int, str]]:
    r"""Yield each formula between dollars and where it begins; chemistry within it stands as letters of the same number.

    Chemistry has a reader of its own; a dollar amount is no formula, nor one whose braces do not pair.

    >>> list(formulae(r"碱度 $R$，含 $\ce{CO2}+x$，\$5"))
    [(4, 'R'), (10, '{xxxxxx}+x')]
    """
    if "$" not in markdown:
        return
    plain = without_chemistry(markdown)
    for match in _FORMULA.finditer(_CODE.sub(lambda code: "`" * len(code[0]), plain)):
        word = "display" if match["display"] is not None else "inline"
        if _pairs(match[word]):
            yield match.start(word), match[word]


def without_chemistry(markdown: str) -> str:
    r"""Return the text with a group of letters in the place of each ``\ce{…}``, as long as it was.

    >>> without_chemistry(r"a \ce{H2}")
    'a {xxxxx}'
    """
    if "\\ce" not in markdown:
        return markdown
    parts, position = [], 0
    for start, end, _ in chemistry_in(markdown):
        parts += [markdown[position:start], "{" + "x" * (end - start - 2) + "}"]
        position = end
    return "".join([*parts, markdown[position:]])


def macros_outside(markdown: str) -> Iterator[tuple[int, str]]:
    r"""Yield each LaTeX command that stands outside dollars, and where: it would be printed as it is typed.

    >>> list(macros_outside(r"其中 \frac{a}{b} 与 $\frac{a}{b}$"))
    [(3, '\\frac')]
    """
    if "\\" not in markdown:
        return
    plain = _CODE.sub(lambda code: " " * len(code[0]), without_chemistry(markdown))
    plain = _FORMULA.sub(lambda formula: " " * len(formula[0]), plain)
    for match in _MACRO.finditer(plain):
        yield match.start(), match[0]


def _pairs(formula: str) -> bool:
    depth = 0
    for match in _BRACE.finditer(formula):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth < 0:
            return False
    return depth == 0
