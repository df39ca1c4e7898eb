"""From chosen items to a paper: which item stands in which place, printed how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank import __version__
from qbank.assemble.keys import option_orders
from qbank.assemble.pool import Pool
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.form import Certificate, Form, FormItem, FormSection
from qbank.core.item import Item, fingerprint
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


def build_form(
    blueprint: Blueprint, bank: Bank, pool: Pool, index: int, certificate: Certificate, heading: Heading, *,
    positions: NDArray[np.int64], sections: NDArray[np.int64], scored: NDArray[np.bool_],
) -> Form:  # fmt: skip
    """Return the paper of that index (0 is A) from its chosen items.

    positions, sections, scored : (n_places,) in any order: the item in the pool, the section of the blueprint where it
    stands, whether it counts
    """
    order = {domain.code: place for place, domain in enumerate(bank.standard.domains)}
    ranked = sorted(range(len(positions)), key=lambda k: (order[pool.domain[positions[k]]], pool.ids[positions[k]]))
    rng = np.random.default_rng([blueprint.seed, index])
    chosen = {k: pool.items[positions[k]] for k in ranked}
    seeds = {k: variant_seeds(chosen[k], blueprint.seed, blueprint.n_forms)[index] for k in ranked}
    drawn = {k: variant(chosen[k], seeds[k]) for k in ranked}
    orders = option_orders(tuple(drawn[k] for k in ranked), rng)
    written = tuple(
        FormSection(
            section.title, section.kind, section.marks_each,
            tuple(
                _place(drawn[k], chosen[k], pool.domain[positions[k]], section.marks_each, orders, seeds[k])
                for k in ranked if sections[k] == number
            ),
            section.instruction,
        )
        for number, section in enumerate(blueprint.sections)
    )  # fmt: skip
    return Form(
        id=f"{blueprint.name}-{heading.series}-{form_name(index)}", blueprint=blueprint.name, title=heading.title,
        subject=heading.subject, language=bank.language, level=blueprint.level, minutes=blueprint.minutes,
        marks=blueprint.marks, cut=blueprint.cut, bank=bank.name, blueprint_digest=blueprint.digest,
        bank_digest=bank.digest, statistics_digest=heading.statistics_digest, as_of=heading.as_of,
        engine_version=__version__, seed=blueprint.seed, sections=written, certificate=certificate,
    )  # fmt: skip


def _place(
    drawn: Item, item: Item, domain: str, marks: float, orders: Mapping[str, str], seed: int
) -> FormItem:
    """Return the place of an item on a paper.

    drawn : the variant that is printed, the item itself where it is no template ; seed : of that variant
    """
    parts = tuple(
        FormItem(part.id, part.kind, found, orders[part.id], part.marks, part.body.marked(), domain, item.competency,
                 variant=seed)
        for part, found in zip(KINDS[drawn.kind].parts(drawn), part_fingerprints(item), strict=True)
    )
    return FormItem(
        id=item.id, kind=item.kind, fingerprint=fingerprint(item), order=orders.get(item.id, ""), marks=marks,
        marked={} if parts else drawn.body.marked(), domain=domain, competency=item.competency, variant=seed, parts=parts,
        stimulus=item.stimulus,
    )  # fmt: skip
