"""Rules that hold one item against the standard, and rules of form that every item obeys."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from qbank.lint.rule import ItemInput
from qbank.problem import Problem, error, warning

_ESCAPED_DOLLAR = re.compile(r"\\\$")
_ESCAPED = re.compile(r"\\[\\${}]")


def unknown_competency(given: ItemInput) -> Iterator[Problem]:
    """Q102: the competency of an item is one of the standard's.

    Bad: ``competency: B-C-C-01`` where the standard has ``B-C-C-001``.
    """
    item, competencies = given.item, given.standard.competencies
    if item.competency not in competencies:
        near = difflib.get_close_matches(item.competency, competencies, n=1)
        suggestion = near[0] if near else ""
        yield error("Q102", given.place("competency"), competency=item.competency, suggestion=suggestion)


def level_outside_standard(given: ItemInput) -> Iterator[Problem]:
    """Q103: the level of an item is one that the standard examines.

    Bad: ``level: 2`` under a standard with ``levels: [5, 4, 3]``.
    """
    levels = given.standard.levels
    if given.item.level not in levels:
        listed = ", ".join(str(level) for level in levels)
        yield error("Q103", given.place("level"), level=given.item.level, levels=listed)


def competency_of_another_level(given: ItemInput) -> Iterator[Problem]:
    """Q113: an item examines its competency at a level where the standard does.

    Bad: a level-4 item on a competency with ``levels: [3, 2]``: it would never be drawn.
    """
    item, competency = given.item, given.standard.competencies.get(given.item.competency)
    if competency and item.level in given.standard.levels and item.level not in competency.levels:
        listed = ", ".join(str(level) for level in competency.levels)
        yield error(
            "Q113", given.place("competency"), competency=item.competency, level=item.level, levels=listed,
            related=(competency.span,),
        )  # fmt: skip


def unbalanced_mathematics(given: ItemInput) -> Iterator[Problem]:
    """Q112: dollars that delimit mathematics come in pairs.

    Bad: ``stem: 碱度 $R 是…``. Good: ``stem: 碱度 $R$ 是…``; a dollar as such is written ``\\$``.
    """
    texts = [(passage.steps, passage.text) for passage in given.reading.passages]
    for steps, text in [*texts, (("rationale",), given.item.rationale)]:
        if "$" in text and _ESCAPED_DOLLAR.sub("", text).count("$") % 2:
            yield error("Q112", given.place(*steps), key=steps[0])


def unbalanced_braces(given: ItemInput) -> Iterator[Problem]:
    """Q115: braces inside a formula come in pairs.

    Bad: ``$w(\\mathrm{CaO)$``. Good: ``$w(\\mathrm{CaO})$``; a brace as such is written ``\\{``. Texts whose dollars
    do not pair up are left to Q112.
    """
    texts = [(passage.steps, passage.text) for passage in given.reading.passages]
    for steps, text in [*texts, (("rationale",), given.item.rationale)]:
        if "$" in text and ("{" in text or "}" in text):
            formulae = _ESCAPED.sub("", text).split("$")
            wrong = [formula for formula in formulae[1::2] if not _braces_pair(formula)] if len(formulae) % 2 else []
            if wrong:
                yield error("Q115", given.place(*steps), formula=wrong[0].strip()[:60])


def _braces_pair(formula: str) -> bool:
    depth = 0
    for character in formula:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0


def item_without_reason(given: ItemInput) -> Iterator[Problem]:
    """Q120: an item that may be used says why its key is right and where that stands.

    Without ``rationale`` and ``reference`` nobody can defend the key after the examination.
    """
    item = given.item
    if item.status in ("approved", "live"):
        for key in ("rationale", "reference"):
            if not getattr(item, key).strip():
                yield warning("Q120", given.place("id"), key=key, id=item.id)
