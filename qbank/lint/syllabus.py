"""Rules over the standard: weights, levels, prerequisites, the shares of X, Y and Z."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from qbank.core.standard import Importance, leaf_weights
from qbank.lint.graph import cycles
from qbank.lint.rule import RuleInput
from qbank.problem import Problem, error, warning

IMPORTANCE_LIMITS: dict[Importance, tuple[float, float]] = {"X": (0.80, 1.00), "Y": (0.00, 0.15), "Z": (0.00, 0.05)}
COMPETENCIES_PER_WEIGHT = 2


def weights_add_up(given: RuleInput) -> Iterator[Problem]:
    """T101: the weights of the leaf domains add up to 100 at every level of the standard.

    The 权重表 distributes 100 marks. A sum of 99 usually means that one domain was forgotten at one level.

    Bad: ``weight: {4: 59}`` and ``weight: {4: 40}``. Good: ``weight: {4: 60}`` and ``weight: {4: 40}``.
    """
    standard = given.bank.standard
    for level in standard.levels:
        total = math.fsum(leaf_weights(standard, level).values())
        if abs(total - 100) > 1e-6:
            yield error("T101", standard.span, level=level, total=f"{total:g}")


def weight_on_unexamined_level(given: RuleInput) -> Iterator[Problem]:
    """T105: a domain carries weight only at levels that the standard lists.

    Bad: ``levels: [5, 4]`` with ``weight: {3: 5}``. Good: add 3 to ``levels``, or drop the weight.
    """
    standard = given.bank.standard
    for domain in standard.domains:
        for level in sorted(set(domain.weights) - set(standard.levels)):
            yield error("T105", domain.span, code=domain.code, level=level, levels=_listed(standard.levels))


def competency_levels(given: RuleInput) -> Iterator[Problem]:
    """T108: a competency is examined only at levels that the standard lists.

    Bad: ``levels: [5, 4]`` in the standard and ``levels: [4, 3]`` in a competency.
    """
    standard = given.bank.standard
    for competency in standard.competencies.values():
        for level in sorted(set(competency.levels) - set(standard.levels)):
            yield error("T108", competency.span, code=competency.code, level=level, levels=_listed(standard.levels))


def unknown_prerequisite(given: RuleInput) -> Iterator[Problem]:
    """T103: what a competency requires is a competency of this standard.

    Bad: ``requires: [A-B-A-999]`` where no such code stands.
    """
    competencies = given.bank.standard.competencies
    for competency in competencies.values():
        for code in competency.requires:
            if code not in competencies:
                yield error("T103", competency.span, code=competency.code, requires=code)


def prerequisite_cycle(given: RuleInput) -> Iterator[Problem]:
    """T102: prerequisites never lead back to where they began.

    Bad: A requires B and B requires A. Each knot gives one problem, its shortest cycle, at the first competency.
    """
    competencies = given.bank.standard.competencies
    for cycle in cycles(given.bank.standard):
        spans = tuple(competencies[code].span for code in cycle)
        yield error("T102", spans[0], cycle=" → ".join([*cycle, cycle[0]]), related=spans[1:])


def prerequisite_of_higher_level(given: RuleInput) -> Iterator[Problem]:
    """W161: what a competency requires is examined no later than the competency itself.

    Levels run from 5 (beginner) to 1. A level-5 competency that requires one examined only from level 4 on asks for
    what its candidates have not been taught.

    Bad: ``levels: [5, 4]`` with ``requires: [B-001]``, where B-001 has ``levels: [4, 3]``.
    Good: B-001 with ``levels: [5, 4, 3]``, or no such prerequisite.
    """
    competencies = given.bank.standard.competencies
    for competency in competencies.values():
        for code in competency.requires:
            needed = competencies.get(code)
            if needed and needed.levels and competency.levels and max(needed.levels) < max(competency.levels):
                yield warning(
                    "W161", competency.span, related=(needed.span,), code=competency.code, requires=code,
                    level=max(competency.levels), first=max(needed.levels),
                )  # fmt: skip


def too_few_competencies(given: RuleInput) -> Iterator[Problem]:
    """T110: a domain that has items at a level has at least twice its weight in competencies (鉴定点).

    The national rule for item banks: points ≥ 2 × weight in every domain, so that papers can differ. It applies
    where bank.yaml says ``rules: national``.
    """
    standard = given.bank.standard
    for level in _levels_with_items(given):
        counts = Counter(entry.domain for entry in standard.competencies.values() if level in entry.levels)
        spans = {domain.code: domain.span for domain in standard.domains}
        for code, weight in leaf_weights(standard, level).items():
            need = math.ceil(COMPETENCIES_PER_WEIGHT * weight)
            if counts[code] < need:
                yield warning("T110", spans[code], code=code, level=level, found=counts[code], need=need)


def importance_shares(given: RuleInput) -> Iterator[Problem]:
    """T111: at a level with items, X ≥ 80 %, Y ≤ 15 % and Z ≤ 5 % of the competencies.

    Core points (X) carry the examination; general (Y) and auxiliary (Z) points only round it off. It applies where
    bank.yaml says ``rules: national``.
    """
    standard = given.bank.standard
    for level in _levels_with_items(given):
        counts = Counter(entry.importance for entry in standard.competencies.values() if level in entry.levels)
        total = sum(counts.values())
        for word, (least, most) in IMPORTANCE_LIMITS.items():
            share = counts[word] / total if total else least
            if not least - 1e-9 <= share <= most + 1e-9:
                yield warning(
                    "T111", standard.span, level=level, importance=word, share=f"{share:.1%}",
                    limit=f"≥ {least:.0%}" if word == "X" else f"≤ {most:.0%}",
                )  # fmt: skip


def _levels_with_items(given: RuleInput) -> list[int]:
    if given.bank.rules != "national":
        return []
    return sorted({item.level for item in given.bank.items.values()}, reverse=True)


def _listed(levels: tuple[int, ...]) -> str:
    return ", ".join(str(level) for level in levels)


