"""The rule about questions that stand in a bank twice; what is merely alike is for `qbank similar`."""

from __future__ import annotations

from collections.abc import Iterator

from qbank.core.item import Item
from qbank.lint.folding import folded, without_particles
from qbank.lint.rule import RuleInput
from qbank.lint.similarity import are_enemies, contradict, key_text, options_of, stem_of
from qbank.lint.unwritten import is_stub
from qbank.problem import Problem, error, warning


def near_duplicate(given: RuleInput) -> Iterator[Problem]:
    """D101: no question stands in the bank twice (D101), let alone with another key (D102, an error).

    Two items are the same question where stem and options agree but for punctuation, blanks, widths, capitals, markup,
    words such as 的, and the order of options. They have different keys where the stems agree and what is right in one
    is offered as wrong in the other. Copies with small changes are found by ``qbank similar``, which compares every
    pair; this rule costs a tenth of a second for 10,000 items.

    Bad: ``stem: 炉渣碱度通常指（　　）。`` and ``stem: 炉渣的碱度通常指____`` with the same options. Good: keep one, or
    name the other under ``enemies``, and they never stand on one paper.
    """
    groups: dict[tuple[object, ...], list[Item]] = {}
    for item in given.bank.items.values():
        if is_stub(item):
            continue
        pictures = tuple(sorted(item.media.values()))
        mark = (item.kind, without_particles(folded(stem_of(item))), pictures, item.stimulus_hash)
        groups.setdefault(mark, []).append(item)
    for group in groups.values():
        if len(group) > 1:
            yield from _in_group(group)


def _in_group(items: list[Item]) -> Iterator[Problem]:
    """Yield for each item the first earlier one that it contradicts, or else the first that it copies.

    Earlier by id, as banks hold their items: moving items about in files changes no problem.
    """
    options = [tuple(sorted(map(folded, options_of(item)))) for item in items]
    keys = [key_text(item) for item in items]
    for n, item in enumerate(items):
        earlier = [row for row in range(n) if not are_enemies(item, items[row])]
        against = next((row for row in earlier if contradict(keys[row], options[row], keys[n], options[n])), None)
        same = next((row for row in earlier if options[row] == options[n] and keys[row] == keys[n]), None)
        if against is not None:
            other = items[against]
            yield error("D102", item.span, id=item.id, other=other.id, related=(other.span,))
        elif same is not None:
            other = items[same]
            yield warning("D101", item.span, id=item.id, other=other.id, related=(other.span,))
