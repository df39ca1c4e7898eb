"""The design of a family: how many items to a slot, which code, which slots – whatever gives most papers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from qbank.assemble.family.bundles import places_within, shared_at_most
from qbank.assemble.family.codes import Code, best_code
from qbank.assemble.family.counting import Count, count_papers, word_at
from qbank.assemble.family.demands import LARGEST, Demands, Indices
from qbank.assemble.family.even_shares import even_shares
from qbank.assemble.family.exposure import (
    LOSS,
    Mask,
    counted,
    evened,
    rarely_shown,
    sample_papers,
    without_rare,
)
from qbank.assemble.family.fields import field, prime_powers
from qbank.assemble.family.levelling import levelled
from qbank.assemble.family.listing import LONGEST, MOST, Listing, list_papers, mended, random_words
from qbank.assemble.family.sieve import Sieve, Words, make_sieve, passes
from qbank.assemble.family.slots import even_sizes, partition

LEAST_FILLED = 1e-3
"""Share of words without a missing item below which an alphabet is too large for its slots."""
LEAST_SHARE = 2e-5
"""Share of words that are papers below which a family is not offered where another is: each paper costs as many trials."""
ORDERS = 5
"""Alphabets that are looked at, the largest that the bank fills."""
FINALISTS = 2
"""Of these, how many are searched to the end."""
QUICK = 1
"""Rounds of search before finalists are chosen."""
ROUNDS = 7
PROBE = 256
"""Words drawn to see in which alphabets they can be mended."""
MENDED = 0.05
"""The share of them that must come out as papers."""
TRANSLATED = 1_000_000_000
"""Sums (words × places × rules) worked out to find the translation of a small code with most papers."""
EVENINGS = 4
"""Times that items which hardly any paper shows are left out and slots searched anew."""
REMAINING = 0.7
"""Share of the papers that must remain then."""
CROWDED = 1.2
"""Times the mean that an item stands on words at most where sections have unlike numbers of items to a place."""
ENOUGH = 1_000_000
"""A family with so many papers gives up further ones for even exposure."""
REMAINDER = 1.2
"""Times `ENOUGH` papers that remain at least where evening exposure takes out more than else."""
SOME_MORE = 1.1
"""Papers listed for each that is wanted."""
FEW = 5_000
"""Below so many papers a list compared one by one is tried as well, and first where four times as many are promised:
lists hold no more and show items more evenly."""


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A family: code, slots and sieve.

    code : whose words are papers where the sieve lets them through ; translation : (length,) added to every word ;
    slots : (length, order) candidates of the demands, −1 where a symbol has no item ; section, weights : (length,) its
    section and how many questions it fills ; sieve ;
    count : how many papers it has
    """

    code: Code | Listing
    translation: Words
    slots: Indices
    section: Indices
    sieve: Sieve
    count: Count
    weights: Indices

    @property
    def overlap(self) -> int:
        """Return the number of items that no two papers share more of."""
        if isinstance(self.code, Listing):
            return self.code.overlap
        return shared_at_most(self.weights, self.code.overlap)


def slot_sizes(demands: Demands, order: int) -> tuple[tuple[int, ...], ...]:
    """Return by section how many items its slots get in an alphabet of `order` letters, or as many as they may have."""
    there = np.bincount(demands.section[demands.section >= 0], minlength=len(demands.sizes))
    return tuple(even_sizes(int(n), places, min(order, demands.largest)) for n, places in zip(there, demands.sizes, strict=True))


def filled_share(sizes: tuple[tuple[int, ...], ...], order: int) -> float:
    """Return the share of words in which every symbol has an item, were they all words there are.

    >>> filled_share(((4, 4), (2,)), 4)
    0.5
    """
    return math.prod(size / order for section in sizes for size in section)


def candidate_orders(demands: Demands) -> tuple[int, ...]:
    """Return the alphabets that the bank fills well enough, largest first.

    None where a section has fewer items than places.
    """
    there = np.bincount(demands.section, minlength=len(demands.sizes))
    most = max((min(int(n) // max(places, 1), demands.largest) for n, places in zip(there, demands.sizes, strict=True) if places), default=0)
    found = [
        order for order in prime_powers(2 * most + 3)
        if all(min(section, default=1) >= 1 for section in slot_sizes(demands, order))
        and filled_share(slot_sizes(demands, order), order) >= LEAST_FILLED
    ]  # fmt: skip
    return tuple(sorted(found, reverse=True)[:ORDERS])


@dataclass(frozen=True, slots=True, eq=False)
class _Draft:
    """Slots of one alphabet: the share of words without a missing item, and the sieve."""

    order: int
    slots: Indices
    section: Indices
    filled: float
    share: float
    sieve: Sieve


def evenly_sized(demands: Demands) -> Demands:
    """Return the demands with slots so small that all items stand on about equally many words.

    With q items in its slot one stands on every q-th word; where a section has few items for its places the others
    leave some out, until no item stands on more than `CROWDED` times as many as the mean, and none on less than one
    part in `CROWDED²`. As they are where that leaves fewer than two items to a slot.

    >>> from qbank.assemble.family.demands import no_measures, plain_demands
    >>> evenly_sized(plain_demands((2, 1), np.repeat([0, 1], [60, 10]), no_measures(70))).largest
    13
    """
    there = np.bincount(demands.section[demands.section >= 0], minlength=len(demands.sizes))
    most = max((int(n) // max(places, 1) for n, places in zip(there, demands.sizes, strict=True)), default=0)
    for largest in range(min(most + 1, demands.largest), 1, -1):
        sizes = [size for section in slot_sizes(demands, largest) for size in section]
        mean = sum(sizes) / max(len(sizes), 1)
        if mean <= CROWDED * min(sizes, default=1) and max(sizes, default=1) <= CROWDED**2 * mean:
            return replace(demands, largest=largest)
    return demands


def design_family(demands: Demands, overlap: int, seed: int, *, listed: int = 0, wanted: int = 0) -> Design | None:
    """Return the family with most papers of which no two share more than `overlap` items, None where there is none.

    For each alphabet the largest code with that overlap is taken and slots are searched a little; the two alphabets
    that promise most papers (words of the code × share of words whose symbols all have items × share expected to meet
    every rule) are searched to the end and counted. Where they give or promise few papers, lists of papers compared
    one by one are tried too. Where slots evenly sized give `ENOUGH` papers they are taken even if others gave more. listed : so
    many papers are enough, and a list of them, which shows items more evenly, is taken before a code with more; 0: as
    many as there are. The same demands and seed give the same family. Words may agree in as many
    places as `places_within` says where slots fill several places of a paper.
    """
    if listed:
        found = _listed(demands, _drafts(demands, seed), overlap, seed, wanted, most=listed)
        if found is not None and found.count.papers >= wanted:
            return found
    even = evenly_sized(demands)
    if _largest(even, LARGEST) < _largest(demands, LARGEST):
        found = _most_papers(even, overlap, seed, wanted, at_least=max(ENOUGH, wanted))
        if found is not None:
            return found
    return _most_papers(demands, overlap, seed, wanted)


def _most_papers(demands: Demands, overlap: int, seed: int, wanted: int, at_least: int = 1) -> Design | None:
    """Return the family with most papers of slots of these sizes; None where it has, or promises, fewer than `at_least`."""
    drafts = _drafts(demands, seed)
    places = places_within(demands.slot_weights, overlap)
    codes = {draft.order: best_code(draft.order, demands.length, places) for draft in drafts}
    promises = sorted(
        ((math.log(code.size) + math.log(draft.filled) + draft.share, draft.order, code) for draft in drafts if (code := codes[draft.order])),
        key=lambda promise: -promise[0],
    )  # fmt: skip
    promised = math.exp(min(promises[0][0], 100.0)) if promises else 0.0
    if promised < at_least > 1:
        return None
    best = _listed(demands, drafts, overlap, seed, wanted) if promised < 4 * FEW else None
    if best is None or best.count.papers < min(promised, FEW):
        made = [_finish(demands, code, seed) for _, _, code in promises[:FINALISTS]]
        worth = [found for found in made if found.count.share >= LEAST_SHARE] or made
        coded = max(worth, key=lambda found: (found.count.papers, found.count.share), default=None)
        if coded is not None and coded.count.papers < FEW and best is None:  # fewer than promised
            best = _listed(demands, drafts, overlap, seed, wanted)
        if coded is not None and (best is None or coded.count.papers > best.count.papers):
            best = even_exposure(_without_rare(demands, coded, coded.code, seed), demands.must, seed, wanted)
    return best if best is not None and best.count.papers >= at_least else None


def _drafts(demands: Demands, seed: int) -> list[_Draft]:
    return [_draft(demands, order, seed, QUICK) for order in candidate_orders(demands)]


def _without_rare(demands: Demands, found: Design, code: Code | Listing, seed: int) -> Design:
    """Return the family without the items that hardly any of its papers shows, where most of its papers remain."""
    if isinstance(code, Listing) or found.count.papers < FEW:
        return found
    evenly = demands.largest < LARGEST
    enough = ENOUGH if evenly else REMAINING * found.count.papers
    even, section = found, demands.section
    for _ in range(EVENINGS):
        rare = rarely_shown(even.sieve, even.slots, seed)
        rare = rare[~demands.must[rare]]
        if not rare.size:
            return even
        section = section.copy()
        section[rare] = -1
        less = replace(demands, section=section)
        less = evenly_sized(less) if evenly else less
        if min(min(sizes, default=1) for sizes in slot_sizes(less, code.order)) < 1:
            return even
        after = _finish(less, _code_for(less, code), seed)
        if after.count.papers < enough:
            return even
        even = after
    return even


def _largest(demands: Demands, order: int) -> int:
    return max((size for section in slot_sizes(demands, order) for size in section), default=0)


def _code_for(demands: Demands, code: Code) -> Code:
    """Return the code with that overlap of the smallest alphabet that names all items of the largest slot."""
    order = min(order for order in prime_powers(code.order) if order >= _largest(demands, code.order))
    return best_code(order, demands.length, code.overlap) or code


def _draft(demands: Demands, order: int, seed: int, rounds: int) -> _Draft:
    sizes = slot_sizes(demands, order)
    members, share = partition(demands, sizes, seed, rounds=rounds)
    slots = np.full((demands.length, order), -1, dtype=np.int64)
    for row, found in zip(slots, members, strict=True):
        row[: found.size] = found
    section = np.repeat(np.arange(len(sizes)), [len(each) for each in sizes])
    return _Draft(order, slots, section, filled_share(sizes, order), share, make_sieve(demands, slots))


def _finish(demands: Demands, code: Code, seed: int) -> Design:
    draft = _draft(demands, code.order, seed, ROUNDS)
    translation = _best_translation(code, draft.sieve, seed)
    count = count_papers(code, translation, draft.sieve, seed)
    return Design(code, translation, draft.slots, draft.section, draft.sieve, count, demands.slot_weights)


def even_exposure(design: Design, must: Mask, seed: int, wanted: int = 0) -> Design:
    """Return a design whose items stand on about equally many papers, counted anew; a list stays as it is.

    must : (n_columns,) candidates that are not left out however rarely papers show them ; wanted : papers that must
    remain, else it stays as it is too
    """
    if isinstance(design.code, Listing):
        return design
    sieve, slots = design.sieve, design.slots
    papers = sample_papers(design.code, design.translation, sieve, seed)
    filled = without_rare(papers, sieve.filled, must[np.maximum(slots, 0)])
    n_drawn, papers = len(papers), papers[filled[np.arange(len(filled)), papers].all(axis=1)]
    left = design.count.low * len(papers) / max(n_drawn, 1)
    stays = evened(papers, filled, max(LOSS, 1 - REMAINDER * ENOUGH / max(left, 1.0)))
    if (stays == 1).all() and (filled == sieve.filled).all():
        return design
    sieve = replace(_only(sieve, filled), stays=stays)
    count = count_papers(design.code, design.translation, sieve, seed)
    if count.low < wanted <= design.count.low:
        return design
    return replace(design, sieve=sieve, slots=np.where(filled, slots, -1), count=count)


def _listed(demands: Demands, drafts: list[_Draft], overlap: int, seed: int, wanted: int, most: int = 0) -> Design | None:
    """Return a list of papers compared one by one, in the largest alphabet whose words can be mended: words of a larger
    alphabet agree less.

    most : where it ends; 0: at `MOST`, or at those wanted and some that may go again to even exposure
    """
    most = most or min(max(MOST, math.ceil(SOME_MORE * wanted)), LONGEST)
    rng = np.random.default_rng([seed, 4])
    able = [draft.order for draft in drafts if _mended_share(draft.sieve, rng) >= MENDED]
    if not able:
        return None
    draft = _draft(demands, max(able), seed, ROUNDS)
    listing = list_papers(draft.sieve, draft.order, overlap, seed, most=most)
    if not listing.size:
        return None
    filled, rows = _even_list(listing, draft.sieve, demands.must[np.maximum(draft.slots, 0)], wanted, rng)
    n, slots, sieve = len(rows), np.where(filled, draft.slots, -1), _only(draft.sieve, filled)
    return Design(
        replace(listing, rows=rows), np.zeros(demands.length, np.uint8), slots, draft.section, sieve, Count(n, n, n, n, n, n),
        demands.slot_weights,
    )  # fmt: skip


def _even_list(listing: Listing, sieve: Sieve, must: Mask, wanted: int, rng: np.random.Generator) -> tuple[Mask, Words]:
    """Return the items in use and the papers of a list, less those with items rarely shown or, where rules still prefer
    some items, some of the papers with these; all papers where fewer than `wanted` would remain.
    """
    rows, slots = listing.rows, np.arange(listing.length)
    there = counted(rows, listing.order) > 0
    filled = without_rare(rows, there, must)
    left = rows[filled[slots, rows].all(axis=1)]
    stays = evened(left, filled)
    if (stays < 1).any():
        left = left[rng.random(len(left)) < np.prod(stays[slots, left], axis=1)]
        shares, _ = even_shares(replace(sieve, filled=filled))
        left = levelled(sieve, left, listing.overlap, shares, rng)
    return (filled, left) if len(left) >= max(wanted, 1) else (there, rows)


def without_items(design: Design, out: Mask, most: int, seed: int) -> Design | None:
    """Return the papers of a list that show none of some items, levelled anew; None for a code, or a slot left empty.

    out : (n_slots, order) items that are left out ; most : papers that are kept
    """
    listing, filled = design.code, design.sieve.filled & ~out
    if not isinstance(listing, Listing) or not filled.any(axis=1).all():
        return None
    rows = listing.rows[filled[np.arange(listing.length), listing.rows].all(axis=1)][:most]
    sieve = _only(design.sieve, filled)
    if len(rows):
        rows = levelled(sieve, rows, listing.overlap, even_shares(sieve)[0], np.random.default_rng([seed, 6]))
    n = len(rows)
    return replace(
        design, code=replace(listing, rows=rows), slots=np.where(filled, design.slots, -1), sieve=sieve, count=Count(n, n, n, n, n, n)
    )


def _only(sieve: Sieve, filled: Mask) -> Sieve:
    """Return the sieve of the same slots with fewer items; filled : (n_slots, order)."""
    met = filled[sieve.pairs[:, 0], sieve.pairs[:, 1]] & filled[sieve.pairs[:, 2], sieve.pairs[:, 3]]
    reasons = tuple(reason for reason, there in zip(sieve.reasons, met, strict=True) if there)
    return replace(sieve, filled=filled, pairs=sieve.pairs[met], reasons=reasons)


def _mended_share(sieve: Sieve, rng: np.random.Generator) -> float:
    """Return which share of random words comes out as papers when mended."""
    shares, _ = even_shares(sieve)
    return float(passes(sieve, mended(sieve, random_words(shares, PROBE, rng), rng)).mean())


def _best_translation(code: Code, sieve: Sieve, seed: int) -> Words:
    """Return the translation under which most words of a small code are papers; that of a large one changes little."""
    best = np.zeros(code.length, dtype=np.uint8)
    tries = min(TRANSLATED // (code.size * code.length * (1 + sieve.low.size)), 1000)
    if tries < 2:
        return best
    rng = np.random.default_rng([seed, 3])
    untranslated, add = word_at(code, best, np.arange(code.size)), field(code.order).add
    most = int(passes(sieve, untranslated).sum())
    for _ in range(tries):
        drawn = rng.integers(0, code.order, code.length, dtype=np.uint8)
        found = int(passes(sieve, np.asarray(add[untranslated, drawn])).sum())
        if found > most:
            best, most = drawn, found
    return best
