"""LaTeX that does not parse, found by the reader that every renderer uses: where in the formula, and what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qbank.core.chemistry import chemistry_in
from qbank.core.chemistry_reader import ChemistryFault
from qbank.core.formulae import formulae, macros_outside
from qbank.render.failure import TextFailure

SCRIPT = Path(__file__).parent / "templates" / "formulae.lua"
SURE = re.compile(r"(?:[A-Za-z0-9 +=(),./:<>|-]|\\mathrm\{[A-Za-z0-9 ]*\}|[_^](?:\{[A-Za-z0-9 +,-]+\}|[A-Za-z0-9])(?![_^']))*")
"""Formulae of letters, numbers, signs and single indices need no reader: they are most."""
_SAID = re.compile(r"(?P<line>[^\n]*)\n(?P<caret> *)\^\n(?P<why>unexpected [^\n]*)", re.DOTALL)
_known: dict[str, FormulaFault | None] = {}


@dataclass(frozen=True, slots=True)
class FormulaFault:
    """offset : of what cannot be read, in the formula ; found : that, a command or a character; empty at the end"""

    offset: int
    found: str


@cache
def can_read() -> bool:
    """Return whether the reader of LaTeX is installed; it comes with the parts for printing."""
    from importlib.util import find_spec

    return find_spec("pypandoc") is not None


def formula_faults(formulae: Iterable[str]) -> dict[str, FormulaFault]:
    r"""Return those formulae that cannot be read, each with what cannot be; one run of pandoc (0.1 s) for all new ones.

    >>> formula_faults([r"\frac{a}{b}", r"a + \wrongly{x}"])
    {'a + \\wrongly{x}': FormulaFault(offset=4, found='\\wrongly')}
    """
    wanted = list(dict.fromkeys(formulae))
    new = [formula for formula in wanted if formula not in _known]
    asked = [formula for formula in new if not SURE.fullmatch(formula)]
    _known.update(dict.fromkeys(new))
    if asked:
        said = {_squeezed(one["formula"]): one["message"] for one in _answers(asked)}
        _known.update({one: _fault(one, said[_squeezed(one)]) for one in asked if _squeezed(one) in said})
    return {formula: fault for formula in wanted if (fault := _known[formula]) is not None}


def _answers(formulae: list[str]) -> list[dict[str, str]]:
    from qbank.render.pandoc import answer_of

    answers: list[dict[str, str]] = answer_of(SCRIPT, formulae)
    return answers


def _squeezed(formula: str) -> str:
    return " ".join(formula.split())


def _fault(formula: str, message: str) -> FormulaFault:
    r"""Return the place in the formula that a message means: it shows the end of the line that was read, and a caret.

    >>> _fault("a\nb + \\wrongly", "b + \\wrongly\n            ^\nunexpected control sequence \\wrongly\nexpecting …")
    FormulaFault(offset=6, found='\\wrongly')
    """
    said = _SAID.search(message)
    if said is None:
        return FormulaFault(0, formula[:40])
    line, caret, why = said["line"], len(said["caret"]), said["why"]
    start = max(formula.find(line), 0)
    at = min(start + caret, len(formula))
    if "control sequence" in why:
        name = why.rsplit(" ", 1)[1]
        before = formula.rfind(name, 0, at)
        return FormulaFault(before if before >= 0 else at, name)
    word = re.match(r"\\[A-Za-z]+|\S", formula[at:].lstrip())
    at += len(formula[at:]) - len(formula[at:].lstrip())
    return FormulaFault(at, word[0] if word else "")


def failure_offsets(text: str, failures: Sequence[TextFailure]) -> list[int]:
    r"""Return where in a text each failure of it stands, as `qbank check` tells it; −1 where that is not known.

    >>> failure_offsets(r"炉渣 $\wrongly{x}$", [TextFailure("Q-1", "stem", "formula", "…")])
    [4]
    """
    left = {failure.reason: _offsets(text, failure.reason) for failure in failures}
    return [left[failure.reason].pop(0) if left[failure.reason] else text.find(failure.detail) for failure in failures]


def _offsets(text: str, reason: str) -> list[int]:
    if reason == "chemistry":
        return [latex.offset for _, _, latex in chemistry_in(text) if isinstance(latex, ChemistryFault)]
    if reason == "macro":
        return [offset for offset, _ in macros_outside(text)]
    if reason != "formula":
        return []
    written = list(formulae(text))
    faults = formula_faults(formula for _, formula in written)
    return [start + faults[formula].offset for start, formula in written if formula in faults]
