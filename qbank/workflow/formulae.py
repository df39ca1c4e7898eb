"""Formulae of a bank that no renderer can set, told before anything is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from qbank.files.bank import BankSource
from qbank.kinds.kind import Passage
from qbank.lint.formulae import formulae_of, printed_passages
from qbank.problem import Problem, Span, error, note

Found = tuple[Callable[..., Span], Passage, int, str]
"""Where the text's keys stand, the text, where in it a formula begins, the formula."""


def formula_findings(source: BankSource) -> list[Problem]:
    """Return an error for each formula of items and stimuli that does not parse, at the very place (Q117).

    Where the parts for printing are not installed nothing can read formulae, and a note says so (Q119).
    """
    found = list(_formulae(source))
    if not found:
        return []
    from qbank.render.formulae import can_read, formula_faults

    if not can_read():
        place, passage, _, _ = found[0]
        return [note("Q119", place(*passage.steps))]
    faults = formula_faults(formula for *_, formula in found)
    problems = []
    for place, passage, start, formula in found:
        if (fault := faults.get(formula)) is not None:
            offset = start + fault.offset
            written = " ".join(passage.text[start : start + len(formula)].split())[:60]
            span = place(*passage.steps, offset=offset, text=passage.text)
            problems.append(error("Q117", span, formula=written, found=fault.found or "$"))
    return problems


def _formulae(source: BankSource) -> Iterator[Found]:
    for text in source.texts.values():
        for passage, start, formula in formulae_of(printed_passages(text.item)):
            yield text.place, passage, start, formula
    for shared in source.stimuli.values():
        if (stimulus := shared.stimulus) is not None:
            passages = iter((Passage(("title",), "stem", stimulus.title), Passage(("text",), "stem", stimulus.text)))
            for passage, start, formula in formulae_of(passages):
                yield shared.place, passage, start, formula
