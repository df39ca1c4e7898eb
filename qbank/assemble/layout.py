"""From chosen items to a paper: which item stands in which place, printed how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbank import __version__
from qbank.assemble.arrange import PretestPlaces, Waiting, arranged
from qbank.assemble.keys import option_orders
from qbank.assemble.pool import Pool
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint, Order
from qbank.core.form import Certificate, Form, FormItem, FormSection
from qbank.core.item import Item, fingerprint
from qbank.core.ranking import Ranking, TieBreak
from qbank.core.remembered import Remembered
from qbank.core.where import Expression, evaluate, parse_where
from qbank.kinds import KINDS
from qbank.kinds.questions import part_fingerprints
from qbank.kinds.template import variant, variant_seeds

FORM_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Heading:
    """What the papers of one run say of themselves beside their blueprint.

    series : the word that tells this run's papers from another's ; as_of : ISO date up to which past use counted ;
    title, subject : as printed ; statistics_digest : of the history that the items were chosen by
    """

    series: str
    as_of: str
    title: str
    subject: str
    statistics_digest: str


def form_name(index: int) -> str:
    """Return A, B, … Z, then 27, 28, …

    >>> form_name(1), form_name(26)
    ('B', '27')
    """
    return FORM_LETTERS[index] if index < len(FORM_LETTERS) else str(index + 1)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What is said of single places: fixed : item → its place in its section, from 1 ; pretest : section of the
    blueprint → where its unscored questions stand, evenly spread where nothing is said"""

    fixed: Mapping[str, int] = field(default_factory=dict)
    pretest: Mapping[int, PretestPlaces] = field(default_factory=dict)


FREE = Arrangement()


def build_form(
    blueprint: Blueprint, bank: Bank, pool: Pool, index: int, certificate: Certificate, heading: Heading, *,
    positions: NDArray[np.int64], sections: NDArray[np.int64], scored: NDArray[np.bool_],
    arrangement: Arrangement = FREE,
) -> Form:  # fmt: skip
    """Return the paper of that index (0 is A) from its chosen items.

    positions, sections, scored : (n_places,) in any order: the item in the pool, the section of the blueprint where it
    stands, whether it counts
    """
    rng = np.random.default_rng([blueprint.seed, index])
    chosen = tuple(pool.items[position] for position in positions)
    seeds = tuple(variant_seeds(item, blueprint.seed, blueprint.n_forms)[index] for item in chosen)
    drawn = tuple(map(variant, chosen, seeds))
    rank = ranks(blueprint.order or "domain", bank, pool, positions)
    tie = random_ties(chosen, rng) if blueprint.order == "random" else tuple(item.id for item in chosen)
    places: list[tuple[int, ...]] = []
    for number in range(len(blueprint.sections)):
        members = np.flatnonzero(sections == number)
        waiting = [
            Waiting(rank[k], tie[k], chosen[k].stimulus, bool(scored[k]), judged(drawn[k]),
                    arrangement.fixed.get(chosen[k].id, 0))
            for k in members
        ]  # fmt: skip
        placed = arranged(waiting, arrangement.pretest.get(number, "spread"))
        places.append(tuple(int(members[place]) for place in placed))
    orders = option_orders(tuple(drawn[k] for found in places for k in found), rng)
    written = tuple(
        FormSection(
            section.title, section.kind, section.marks_each,
            tuple(
                _place(drawn[k], chosen[k], pool.domain[positions[k]], section.marks_each, orders, seeds[k], bool(scored[k]))
                for k in found
            ),
            section.instruction,
        )
        for section, found in zip(blueprint.sections, places, strict=True)
    )  # fmt: skip
    return Form(
        id=f"{blueprint.name}-{heading.series}-{form_name(index)}", blueprint=blueprint.name, title=heading.title,
        subject=heading.subject, language=bank.language, level=blueprint.level, minutes=blueprint.minutes,
        marks=blueprint.marks, cut=blueprint.cut, bank=bank.name, blueprint_digest=blueprint.digest,
        bank_digest=bank.digest, statistics_digest=heading.statistics_digest, as_of=heading.as_of,
        engine_version=__version__, seed=blueprint.seed, sections=written, certificate=certificate,
        ranking=ranking_of(blueprint, pool, positions, written),
    )  # fmt: skip


def ranking_of(
    blueprint: Blueprint, pool: Pool, positions: NDArray[np.int64], sections: tuple[FormSection, ...]
) -> Ranking | None:
    """Return the rule of ranking with the questions of a paper that each tie-break adds up, in printed order."""
    if blueprint.ranking is None:
        return None
    here = {pool.ids[position]: int(position) for position in positions}
    places = [(section.title, entry) for section in sections for entry in section.items if entry.scored]
    ties = []
    for tie in blueprint.ranking.ties:
        if tie.by == "time":
            ties.append(TieBreak(tie.named, tie.by, tie.first, column=tie.value))
            continue
        parsed = parse_where(tie.value) if tie.by == "marks" else None
        mask = evaluate(parsed, pool.columns) if isinstance(parsed, Expression) else np.zeros(len(pool.ids), dtype=np.bool_)
        ids = tuple(
            entry.id for title, entry in places
            if (title == tie.value if tie.by == "section" else bool(mask[here[entry.id]]))
        )  # fmt: skip
        ties.append(TieBreak(tie.named, tie.by, tie.first, ids))
    return Ranking(tuple(ties), blueprint.ranking.awards)


def ranks(order: Order, bank: Bank, pool: Pool, positions: NDArray[np.int64]) -> tuple[float, ...]:
    """Return the rank of each item by the rule of the blueprint, lowest first; all alike where chance decides."""
    if order == "domain":
        number = {domain.code: place for place, domain in enumerate(bank.standard.domains)}
        return tuple(float(number[pool.domain[position]]) for position in positions)
    if order == "grade":
        return tuple(float(pool.items[position].grade) for position in positions)
    if order == "facility":
        return tuple(-round(float(pool.facility[position]), 9) for position in positions)
    return (0.0,) * len(positions)


def random_ties(items: Sequence[Item], rng: np.random.Generator) -> tuple[float, ...]:
    """Return a random number for each item; what an item is called, and where it stands, plays no part."""
    by_content = sorted(range(len(items)), key=lambda k: (fingerprint(items[k]), items[k].id))
    drawn = np.empty(len(items))
    drawn[by_content] = rng.permutation(len(items))
    return tuple(map(float, drawn))


def judged(item: Item) -> str:
    """Return the key of a question whose keys must not run: true or false; "" where options can be moved instead."""
    return KINDS[item.kind].key_label(item.body.marked()) if item.kind == "true_false" else ""


def _place(
    drawn: Item, item: Item, domain: str, marks: float, orders: Mapping[str, str], seed: int, scored: bool
) -> FormItem:
    """Return the place of an item on a paper.

    drawn : the variant that is printed, the item itself where it is no template ; seed : of that variant
    """

    key = (seed, domain, marks, scored, orders.get(item.id, ""), *(orders[part.id] for part in KINDS[drawn.kind].parts(drawn)))
    places = _PLACES(item)
    if key not in places:
        places[key] = _new_place(drawn, item, domain, marks, orders, seed, scored)
    return places[key]


_PLACES: Remembered[Item, dict[tuple[object, ...], FormItem]] = Remembered(lambda _: {})
"""The places of each item that stand on papers: those of a family share them."""


def _new_place(
    drawn: Item, item: Item, domain: str, marks: float, orders: Mapping[str, str], seed: int, scored: bool
) -> FormItem:
    def counted(full: float) -> dict[str, Any]:
        return {"marks": full} if scored else {"marks": 0.0, "scored": False, "worth": full}

    parts = tuple(
        FormItem(
            id=part.id, kind=part.kind, fingerprint=found, order=orders[part.id], marked=part.body.marked(),
            domain=domain, competency=item.competency, variant=seed, **counted(part.marks),
        )
        for part, found in zip(KINDS[drawn.kind].parts(drawn), part_fingerprints(item), strict=True)
    )  # fmt: skip
    return FormItem(
        id=item.id, kind=item.kind, fingerprint=fingerprint(item), order=orders.get(item.id, ""),
        marked={} if parts else drawn.body.marked(), domain=domain, competency=item.competency, variant=seed,
        parts=parts, stimulus=item.stimulus, **counted(marks),
    )  # fmt: skip
