"""Rules that hold an item against the standard and against other items."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from qbank.lint.rule import RuleInput
from qbank.problem import Problem, error, warning

_ESCAPED_DOLLAR = re.compile(r"\\\$")


def unknown_competency(given: RuleInput) -> Iterator[Problem]:
    """Q102: the competency of an item is one of the standard's.

    Bad: ``competency: B-C-C-01`` where the standard has ``B-C-C-001``.
    """
    competencies = given.bank.standard.competencies
    for item in given.bank.items.values():
        if item.competency not in competencies:
            near = difflib.get_close_matches(item.competency, competencies, n=1)
            yield error(
                "Q102", given.place(item.id, "competency"), competency=item.competency,
                suggestion=near[0] if near else "",
            )  # fmt: skip


def level_outside_standard(given: RuleInput) -> Iterator[Problem]:
    """Q103: the level of an item is one that the standard examines.

    Bad: ``level: 2`` under a standard with ``levels: [5, 4, 3]``.
    """
    levels = given.bank.standard.levels
    for item in given.bank.items.values():
        if item.level not in levels:
            listed = ", ".join(str(level) for level in levels)
            yield error("Q103", given.place(item.id, "level"), level=item.level, levels=listed)


def competency_of_another_level(given: RuleInput) -> Iterator[Problem]:
    """Q113: an item examines its competency at a level where the standard does.

    Bad: a level-4 item on a competency with ``levels: [3, 2]``: it would never be drawn.
    """
    competencies, levels = given.bank.standard.competencies, given.bank.standard.levels
    for item in given.bank.items.values():
        competency = competencies.get(item.competency)
        if competency and item.level in levels and item.level not in competency.levels:
            listed = ", ".join(str(level) for level in competency.levels)
            yield error(
                "Q113", given.place(item.id, "competency"), competency=item.competency, level=item.level,
                levels=listed, related=(competency.span,),
            )  # fmt: skip


def enemy_unknown(given: RuleInput) -> Iterator[Problem]:
    """Q111: an enemy is another item of this bank.

    Enemies never stand on one paper. Bad: ``enemies: [BOF4-BCC-99]`` where no such item exists, or the item itself.
    """
    for item in given.bank.items.values():
        for index, enemy in enumerate(item.enemies):
            if enemy == item.id or enemy not in given.declared:
                near = difflib.get_close_matches(enemy, given.declared - {item.id}, n=1, cutoff=0.8)
                place = given.place(item.id, "enemies", index)
                yield error("Q111", place, enemy=enemy, suggestion=near[0] if near else "")


def unbalanced_mathematics(given: RuleInput) -> Iterator[Problem]:
    """Q112: dollars that delimit mathematics come in pairs.

    Bad: ``stem: 碱度 $R 是…``. Good: ``stem: 碱度 $R$ 是…``; a dollar as such is written ``\\$``.
    """
    for item in given.bank.items.values():
        texts: list[tuple[tuple[str, ...], str]] = [(("stem",), item.stem), (("rationale",), item.rationale)]
        seen = item.body.seen()
        options = seen.get("options") if isinstance(seen, dict) else None
        if isinstance(options, dict):
            texts += [(("options", letter), str(text)) for letter, text in options.items()]
        for steps, text in texts:
            if _ESCAPED_DOLLAR.sub("", text).count("$") % 2:
                yield error("Q112", given.place(item.id, *steps), key=steps[0])


def item_without_reason(given: RuleInput) -> Iterator[Problem]:
    """Q120: an item that may be used says why its key is right and where that stands.

    Without ``rationale`` and ``reference`` nobody can defend the key after the examination.
    """
    for item in given.bank.items.values():
        if item.status in ("approved", "live"):
            for key in ("rationale", "reference"):
                if not getattr(item, key).strip():
                    yield warning("Q120", given.place(item.id, "id"), key=key, id=item.id)
