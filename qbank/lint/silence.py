"""Findings that an editor has accepted, with a reason, in a comment beside the item.

Only warnings and notes can be accepted. A comment without a reason, with a code that no rule has, or that accepts
nothing is itself a finding, so that no comment outlives what it was written for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from qbank.core.opt_out import OptOut
from qbank.problem import Problem, Span, warning

Used = frozenset[tuple[str, Span]]
"""The codes that accepted something, each with the place where it is written."""


def silence(problems: Iterable[Problem], opt_outs: Collection[OptOut]) -> tuple[list[Problem], Used]:
    """Return the problems that no comment accepts, in their order, and which codes of comments accepted something.

    The findings of one file and those over the whole bank can be given apart; the codes used are then joined.
    """
    if not opt_outs:
        return list(problems), frozenset()
    by_code: defaultdict[tuple[str, str], list[tuple[OptOut, Span]]] = defaultdict(list)
    for opt_out in sorted(opt_outs):
        for code, place in opt_out.codes:
            if opt_out.reason:
                by_code[opt_out.span.path, code].append((opt_out, place))
    kept: list[Problem] = []
    used: set[tuple[str, Span]] = set()
    for problem in problems:
        allowing = by_code.get((problem.span.path, problem.code), ()) if problem.severity != "error" else ()
        places = [place for opt_out, place in allowing if opt_out.covers(problem.span)]
        used.update((problem.code, place) for place in places)
        if not places:
            kept.append(problem)
    return kept, frozenset(used)


@dataclass(frozen=True, slots=True)
class OptOutInput:
    """The comments of a bank, the codes of them that accepted something, and all codes that can be accepted."""

    opt_outs: tuple[OptOut, ...]
    used: Used
    known: frozenset[str]


def opt_out_without_reason(given: OptOutInput) -> Iterator[Problem]:
    """W190: a comment that accepts a finding says why.

    Without a reason it accepts nothing: the next editor could not tell whether it still holds.

    Bad: ``# allow: W104``. Good: ``# allow: W104 操作规程的原文，不能缩短``.
    """
    for opt_out in given.opt_outs:
        if opt_out.codes and not opt_out.reason:
            yield warning("W190", opt_out.span, codes=", ".join(code for code, _ in opt_out.codes))


def opt_out_of_unknown_code(given: OptOutInput) -> Iterator[Problem]:
    """W191: a comment that accepts findings names their codes, and they exist.

    Only warnings and notes are accepted; the code of an error accepts nothing (W192).

    Bad: ``# allow: W1O4 …`` (a letter O), ``# allow: …`` without any code. Good: ``# allow: W104, W130 …``.
    """
    for opt_out in given.opt_outs:
        if not opt_out.codes:
            yield warning("W191", opt_out.span, word=opt_out.reason.split(" ")[0])
        for code, place in opt_out.codes:
            if code not in given.known:
                yield warning("W191", place, word=code)


def opt_out_of_nothing(given: OptOutInput) -> Iterator[Problem]:
    """W192: a comment that accepts a finding is removed when there is nothing left to accept.

    Bad: ``# allow: W104 …`` on an item whose key has been shortened since. Good: no comment.
    """
    for opt_out in given.opt_outs:
        for code, place in opt_out.codes:
            if opt_out.reason and code in given.known and (code, place) not in given.used:
                yield warning("W192", place, code=code)


OPT_OUT_RULES: dict[str, Callable[[OptOutInput], Iterator[Problem]]] = {
    rule.__name__: rule for rule in (opt_out_without_reason, opt_out_of_unknown_code, opt_out_of_nothing)
}
