"""Rules over formulae: what no renderer can set is told where it stands, before anything is printed."""

from __future__ import annotations

from collections.abc import Iterator

from qbank.core.chemistry import chemistry_in
from qbank.core.chemistry_reader import ChemistryFault
from qbank.core.formulae import formulae, macros_outside
from qbank.core.item import Item
from qbank.kinds.kind import Passage
from qbank.lint.rule import ItemInput, all_passages
from qbank.problem import Problem, error


def printed_passages(item: Item) -> Iterator[Passage]:
    """Yield every text of an item that is printed somewhere: what candidates and markers read, the rationale, the reference."""
    yield from all_passages(item)
    yield Passage(("rationale",), "rationale", item.rationale)
    yield Passage(("reference",), "reference", item.reference)


def unreadable_chemistry(given: ItemInput) -> Iterator[Problem]:
    r"""Q116: chemistry between ``\\ce{`` and ``}`` is written as mhchem writes it.

    Formulae ``H2O``, charges ``SO4^2-``, numbers before and after, states ``(s)``, arrows ``->[\\Delta]``, bonds ``A-B``,
    hydrates ``CaSO4.2H2O``, isotopes ``^40_18Ar``. What cannot be read is not printed either.

    Bad: ``\\ce{CO+O2}`` (a charge or a sum?), ``\\ce{(CaO}``. Good: ``\\ce{CO + O2}``, ``\\ce{(CaO)}``.
    """
    for passage in _written(given):
        if "\\ce" in passage.text:
            for start, end, latex in chemistry_in(passage.text):
                if isinstance(latex, ChemistryFault):
                    span = given.place(*passage.steps, offset=latex.offset, text=passage.text)
                    yield error("Q116", span, formula=_line(passage.text[start:end]), found=_line(latex.found))


def command_outside_mathematics(given: ItemInput) -> Iterator[Problem]:
    r"""Q118: LaTeX commands stand between dollars.

    Outside them the command is printed as it is typed.

    Bad: ``\\frac{a}{b}``. Good: ``$\\frac{a}{b}$``; chemistry ``\\ce{…}`` needs no dollars.
    """
    for passage in _written(given):
        if "\\" in passage.text and passage.text.count("$") % 2 == 0:
            for offset, found in macros_outside(passage.text):
                yield error("Q118", given.place(*passage.steps, offset=offset, text=passage.text), found=found)


def _line(words: str) -> str:
    return " ".join(words.split())[:60]


def _written(given: ItemInput) -> Iterator[Passage]:
    for passage in (*given.reading.passages, *list(printed_passages(given.item))[-2:]):
        if "\\" in passage.text:
            yield passage


def formulae_of(passages: Iterator[Passage]) -> Iterator[tuple[Passage, int, str]]:
    """Yield each formula of some texts: the text, where the formula begins in it, the formula."""
    for passage in passages:
        if "$" in passage.text:
            for start, formula in formulae(passage.text):
                yield passage, start, formula
