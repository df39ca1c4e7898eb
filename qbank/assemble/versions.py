"""Scrambled versions of a paper: the same questions, in another order and with other letters, and a map back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, groupby
from typing import NamedTuple

import numpy as np

from qbank.assemble.arrange import MAX_RUN, Waiting, arranged
from qbank.assemble.keys import Avoided, option_orders
from qbank.assemble.layout import FREE, Arrangement, judged, ranks
from qbank.assemble.pool import Pool
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.form import (
    Form,
    FormItem,
    FormSection,
    answer_names,
    answer_places,
    form_items,
    full_marks,
    paper_of,
    printed_letter,
)
from qbank.core.item import Item
from qbank.kinds import KINDS
from qbank.kinds.template import variant

MOST_ALIKE = 0.25
"""The share of questions that two versions may print in the same place with the same key."""
TRIES = 20
"""Orders drawn for a version before the best of them is taken."""


def versions_of(
    form: Form, blueprint: Blueprint, bank: Bank, pool: Pool, index: int, arrangement: Arrangement = FREE
) -> tuple[Form, ...]:
    """Return the further versions of a paper that the blueprint asks for, ids ``…-v2``, ``…-v3``.

    index : of the paper, 0 is A. Questions change places within their section: where the blueprint writes an
    ``order``, only those of equal rank. Stimuli stay together, fixed places stay. Of some draws the one is kept in
    which the fewest questions stand as in another version.
    """
    made = [form]
    for number in range(2, blueprint.versions + 1):
        rng = np.random.default_rng([blueprint.seed, index, number])
        drawn = (_scrambled(made, number, blueprint, bank, pool, arrangement, rng) for _ in range(TRIES))
        made.append(_best(drawn, made))
    return tuple(made[1:])


def _best(drawn: Iterator[Form], made: Sequence[Form]) -> Form:
    """Return the first form that differs enough from those made and has no longer runs, else that nearest to it."""
    best, least = None, np.inf
    longest = max(MAX_RUN, longest_run(made[0]))
    for form in drawn:
        cost = max(max(share_alike(form, other) - MOST_ALIKE, 0.0) for other in made)
        cost += max(longest_run(form) - longest, 0)
        if cost < least:
            best, least = form, cost
        if not cost:
            break
    assert best is not None
    return best


def _scrambled(
    made: Sequence[Form], number: int, blueprint: Blueprint, bank: Bank, pool: Pool, arrangement: Arrangement,
    rng: np.random.Generator,
) -> Form:  # fmt: skip
    base = made[0]
    items = {entry.id: variant(bank.items[entry.id], entry.variant) for entry in form_items(base)}
    sections = tuple(
        replace(section, items=_shuffled(section, items, blueprint, bank, pool, arrangement, index, rng))
        for index, section in enumerate(base.sections)
    )
    places = {entry.id: place for place, entry in enumerate(form_items(base), start=1)}
    form = replace(base, id=f"{base.id}-v{number}", version_of=base.id, sections=sections)
    form = replace(form, base_places=tuple(places[entry.id] for entry in form_items(form)))
    printed = tuple(items[entry.id] for entry in form_items(form))
    orders = option_orders(printed, rng, _avoided(form, made))
    lettered = tuple(
        replace(section, items=tuple(_lettered(entry, orders) for entry in section.items)) for section in form.sections
    )
    return replace(form, sections=lettered)


def _shuffled(
    section: FormSection, items: Mapping[str, Item], blueprint: Blueprint, bank: Bank, pool: Pool,
    arrangement: Arrangement, index: int, rng: np.random.Generator,
) -> tuple[FormItem, ...]:  # fmt: skip
    """Return the places of a section in another order; questions of one stimulus keep theirs among themselves."""
    entries = section.items
    position = {id: number for number, id in enumerate(pool.ids)}
    rank = ranks(blueprint.order or "random", bank, pool, np.array([position[entry.id] for entry in entries]))
    chance = dict(zip(dict.fromkeys(entry.stimulus or entry.id for entry in entries), rng.random(len(entries)), strict=False))
    waiting = [
        Waiting(rank[k], (chance[entry.stimulus or entry.id], k), entry.stimulus, entry.scored, judged(items[entry.id]),
                arrangement.fixed.get(entry.id, 0))
        for k, entry in enumerate(entries)
    ]  # fmt: skip
    return tuple(entries[k] for k in arranged(waiting, arrangement.pretest.get(index, "spread")))


def _lettered(entry: FormItem, orders: Mapping[str, str]) -> FormItem:
    parts = tuple(replace(part, order=orders[part.id]) for part in entry.parts)
    return replace(entry, order=orders.get(entry.id, ""), parts=parts)


def _avoided(form: Form, made: Sequence[Form]) -> Avoided:
    """Return the keys that the versions made print where this one prints the same questions."""
    found: dict[str, frozenset[str]] = {}
    for other in made:
        there = dict(zip(answer_names(other), answer_places(other), strict=True))
        for name, place in zip(answer_names(form), answer_places(form), strict=True):
            if there[name].id == place.id:
                found[place.id] = found.get(place.id, frozenset()) | {printed_key(there[name])}
    return found


def printed_key(place: FormItem) -> str:
    """Return the key of a place in printed letters, in alphabetical order where theirs means nothing.

    >>> printed_key(FormItem("Q", "single", "", "CADB", 1.0, {"key": "C"}, "", ""))
    'A'
    """
    kind = KINDS[place.kind]
    key = kind.key_label(place.marked)
    if not place.order:
        return key
    letters = [printed_letter(place.order, letter) for letter in key if letter in place.order]
    return "".join(letters if kind.ordered else sorted(letters))


def share_alike(first: Form, second: Form) -> float:
    """Return the share of questions that two versions print under the same number with the same key."""
    there = {(name, place.id, printed_key(place)) for name, place in zip(answer_names(first), answer_places(first), strict=True)}
    here = {(name, place.id, printed_key(place)) for name, place in zip(answer_names(second), answer_places(second), strict=True)}
    return len(there & here) / len(there)


def longest_run(form: Form) -> int:
    """Return the length of the longest run of one letter as key, or of true or false within a section."""
    lettered = [place for place in answer_places(form) if place.order and KINDS[place.kind].one_letter]
    judgements = [[place for place in section.items if place.kind == "true_false"] for section in form.sections]
    return max(
        (sum(1 for _ in run) for places in (lettered, *judgements) for _, run in groupby(map(printed_key, places))),
        default=0,
    )


class VersionFinding(NamedTuple):
    """What was counted in a version: its id, or a pair of ids; a name, what was found, what is allowed."""

    form: str
    rule: str
    found: float
    low: float
    high: float


def version_findings(
    versions: Sequence[Form], base: Form, fixed: Mapping[str, int] = FREE.fixed
) -> tuple[VersionFinding, ...]:
    """Return the versions of one paper counted against it; `base` is the paper, or the version that stands for it.

    Same questions worth the same, in sections as on the paper; the map back is true; items with a place of their own
    (fixed : item → place in its section) stand there; no key runs longer than three, or than it does on the paper.
    """
    found: list[VersionFinding] = []
    n = len(form_items(base))
    there = {_facts(entry, section.title) for section in base.sections for entry in section.items}
    for form in versions:
        same = sum(_facts(entry, section.title) in there for section in form.sections for entry in section.items)
        found.append(VersionFinding(form.id, "version: questions as on the paper", same, n, n))
        found.append(VersionFinding(form.id, "version: number of questions", len(form_items(form)), n, n))
        if not base.version_of:
            found.append(VersionFinding(form.id, "version: map back to the paper", _n_mapped(form, base), n, n))
        held = [(entry.id, place) for part in form.sections for place, entry in enumerate(part.items, start=1) if entry.id in fixed]
        if held:
            there_still = sum(fixed[id] == place for id, place in held)
            found.append(VersionFinding(form.id, "version: fixed places", there_still, len(held), len(held)))
        longest = max(MAX_RUN, longest_run(base))
        found.append(VersionFinding(form.id, "version: longest run of one key", longest_run(form), 0, longest))
    return tuple(found)


def _facts(entry: FormItem, section: str) -> tuple[object, ...]:
    return section, entry.id, entry.fingerprint, entry.variant, entry.scored, full_marks(entry), len(entry.order)


def _n_mapped(form: Form, base: Form) -> int:
    """Return how many places of a version are mapped to the place of the same question, each once."""
    there = dict(enumerate((entry.id for entry in form_items(base)), start=1))
    pairs = set(zip(form.base_places, (entry.id for entry in form_items(form)), strict=False))
    return sum(there.get(place) == id for place, id in pairs)


def too_alike(forms: Sequence[Form]) -> tuple[tuple[str, str, float], ...]:
    """Return the pairs of versions of one paper that print more than a quarter of the questions alike, and the share."""
    return tuple(
        (first.id, second.id, share)
        for first, second in combinations(forms, 2)
        if paper_of(first) == paper_of(second) and (share := share_alike(first, second)) > MOST_ALIKE
    )


def families(forms: Sequence[Form]) -> tuple[tuple[Form, tuple[Form, ...]], ...]:
    """Return each paper with its further versions, in the order in which they come.

    Where the paper itself is not among them, its first version stands for it.
    """
    together: dict[str, list[Form]] = {}
    for form in forms:
        together.setdefault(paper_of(form), []).append(form)
    found = []
    for versions in together.values():
        first = next((form for form in versions if not form.version_of), versions[0])
        found.append((first, tuple(form for form in versions if form is not first)))
    return tuple(found)
