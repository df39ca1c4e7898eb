"""The design of a family: how many items to a slot, which code, which slots – whatever gives most papers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from qbank.assemble.family.bundles import places_within, shared_at_most
from qbank.assemble.family.codes import Code, best_code
from qbank.assemble.family.counting import Count, count_papers, word_at
from qbank.assemble.family.demands import Demands, Indices
from qbank.assemble.family.even_shares import even_shares
from qbank.assemble.family.evening import rarely_shown
from qbank.assemble.family.exposure import evened, sample_papers
from qbank.assemble.family.fields import prime_powers
from qbank.assemble.family.listing import Listing, list_papers, mended, random_words
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
FEW = 5_000
"""Below so many papers a list compared one by one is tried as well."""


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
    """Return by section how many items its slots get in an alphabet of `order` letters."""
    there = np.bincount(demands.section[demands.section >= 0], minlength=len(demands.sizes))
    return tuple(even_sizes(int(n), places, order) for n, places in zip(there, demands.sizes, strict=True))


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
    most = max((int(n) // max(places, 1) for n, places in zip(there, demands.sizes, strict=True) if places), default=0)
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


def design_family(demands: Demands, overlap: int, seed: int) -> Design | None:
    """Return the family with most papers of which no two share more than `overlap` items, None where there is none.

    For each alphabet the largest code with that overlap is taken and slots are searched a little; the two alphabets
    that promise most papers (words of the code × share of words whose symbols all have items × share expected to meet
    every rule) are searched to the end and counted. Where they give few papers, lists of papers compared one by one
    are tried too. The same demands and seed give the same family. Words may agree in as many places as `places_within`
    says where slots fill several places of a paper.
    """
    places = places_within(demands.slot_weights, overlap)
    drafts = [_draft(demands, order, seed, QUICK) for order in candidate_orders(demands)]
    codes = {draft.order: best_code(draft.order, demands.length, places) for draft in drafts}
    promises = sorted(
        ((math.log(code.size) + math.log(draft.filled) + draft.share, draft.order, code) for draft in drafts if (code := codes[draft.order])),
        key=lambda promise: -promise[0],
    )  # fmt: skip
    promised = math.exp(min(promises[0][0], 100.0)) if promises else 0.0
    best = None
    if promised < FEW:
        best = _listed(demands, drafts, overlap, seed)
    if best is None or promised > best.count.papers:
        made = [_finish(demands, code, seed) for _, _, code in promises[:FINALISTS]]
        worth = [found for found in made if found.count.share >= LEAST_SHARE] or made
        coded = max(worth, key=lambda found: (found.count.papers, found.count.share), default=None)
        if coded is not None and (best is None or coded.count.papers > best.count.papers):
            best = even_exposure(_without_rare(demands, coded, coded.code, seed), seed)
    return best if best is not None and best.count.papers else None


def _without_rare(demands: Demands, found: Design, code: Code | Listing, seed: int) -> Design:
    """Return the family without the items that hardly any of its papers shows, where most of its papers remain."""
    if isinstance(code, Listing) or found.count.papers < FEW:
        return found
    even, section = found, demands.section
    for _ in range(EVENINGS):
        rare = rarely_shown(even.sieve, even.slots, seed)
        rare = rare[~demands.must[rare]]
        if not rare.size:
            return even
        section = section.copy()
        section[rare] = -1
        less = replace(demands, section=section)
        if min(min(sizes, default=1) for sizes in slot_sizes(less, code.order)) < 1:
            return even
        after = _finish(less, code, seed)
        if after.count.papers < REMAINING * found.count.papers:
            return even
        even = after
    return even


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


def even_exposure(design: Design, seed: int) -> Design:
    """Return a design whose items stand on about equally many papers, counted anew; a list stays as it is."""
    if isinstance(design.code, Listing):
        return design
    papers = sample_papers(design.code, design.translation, design.sieve, seed)
    stays = evened(papers, design.sieve.filled)
    if (stays == 1).all():
        return design
    sieve = replace(design.sieve, stays=stays)
    return replace(design, sieve=sieve, count=count_papers(design.code, design.translation, sieve, seed))


def _listed(demands: Demands, drafts: list[_Draft], overlap: int, seed: int) -> Design | None:
    """Return a list of papers compared one by one, in the largest alphabet whose words can be mended: words of a larger
    alphabet agree less.
    """
    rng = np.random.default_rng([seed, 4])
    able = [draft.order for draft in drafts if _mended_share(draft.sieve, rng) >= MENDED]
    if not able:
        return None
    draft = _draft(demands, max(able), seed, ROUNDS)
    listing = list_papers(draft.sieve, draft.order, overlap, seed)
    n = listing.size
    return Design(
        listing, np.zeros(demands.length, np.uint8), draft.slots, draft.section, draft.sieve, Count(n, n, n, n, n, n),
        demands.slot_weights,
    )  # fmt: skip


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
    most = int(passes(sieve, word_at(code, best, np.arange(code.size))).sum())
    for _ in range(tries):
        drawn = rng.integers(0, code.order, code.length, dtype=np.uint8)
        found = int(passes(sieve, word_at(code, drawn, np.arange(code.size))).sum())
        if found > most:
            best, most = drawn, found
    return best
