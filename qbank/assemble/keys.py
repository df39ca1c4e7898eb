"""Which printed letter carries the key: balanced over a paper by permuting options that may move."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.arrange import n_in_long_runs
from qbank.core.item import Item
from qbank.kinds import KINDS
from qbank.kinds.letters import LETTERS
from qbank.kinds.questions import questions_of

TRIES = 200
AVOID = 1e6
"""What it costs to print a key as another version does: more than any imbalance."""
SHUFFLES = 24
"""Random orders from which that of a question with several letters in its key is chosen."""


Avoided = Mapping[str, frozenset[str]]
"""Question → the keys as other versions print them in the same place: ``B``, ``AC``."""


def option_orders(
    items: tuple[Item, ...], rng: np.random.Generator, avoided: Avoided = MappingProxyType({})
) -> dict[str, str]:
    """Return for each item and part of a case its original letters in printed order, keys as even as they can be.

    Pinned options keep their place. Among random assignments of single keys the one with the fewest keys in runs of
    more than three is kept. Keys of several letters are spread over the printed letters; where their order matters
    the options are not printed in it. Keys avoided are taken only where there is no other.
    """
    questions = tuple(question for item in items for question in questions_of(item))
    one_letter = tuple(question for question in questions if KINDS[question.kind].one_letter)
    orders = _one_letter_orders(one_letter, rng, avoided)
    printed = np.zeros(len(LETTERS))
    for question in questions:
        if question.id not in orders:
            orders[question.id] = _spread(question, printed, rng, avoided.get(question.id, frozenset()))
    return orders


def _spread(
    item: Item, printed: NDArray[np.float64], rng: np.random.Generator, avoided: frozenset[str]
) -> str:
    """Return the best of some random orders of one item; printed : keys so far under each letter, brought up to date."""
    kind = KINDS[item.kind]
    letters, pinned = kind.permutations(item)
    places = [place for place, letter in enumerate(letters) if letter not in pinned]
    if len(places) < 2:
        return letters
    key = [letter for letter in kind.key_label(item.body.marked()) if letter in letters]
    best, least, positions = letters, np.inf, np.zeros(0, dtype=np.int64)
    for _ in range(SHUFFLES):
        order = list(letters)
        for place, other in zip(places, rng.permutation(places), strict=True):
            order[place] = letters[other]
        found = np.array([order.index(letter) for letter in key], dtype=np.int64)
        straight = kind.ordered and len(key) > 2 and bool((found == np.arange(len(key))).all())
        same = "".join(LETTERS[place] for place in (found if kind.ordered else sorted(found))) in avoided
        cost = float(printed[found].sum()) + AVOID * same + (np.finfo(float).max if straight else 0.0)
        if cost < least:
            best, least, positions = "".join(order), cost, found
    printed[positions] += 1
    return best


def _one_letter_orders(items: tuple[Item, ...], rng: np.random.Generator, avoided: Avoided) -> dict[str, str]:
    movable: list[tuple[Item, str, frozenset[str], str]] = []
    orders: dict[str, str] = {}
    fixed_positions: dict[str, int] = {}
    for item in items:
        kind = KINDS[item.kind]
        letters, pinned = kind.permutations(item)
        orders[item.id] = letters
        if not letters:
            continue
        key = kind.key_label(item.body.marked())
        free = frozenset(letters) - pinned
        if key in pinned or len(free) < 2:
            fixed_positions[item.id] = letters.index(key)
        else:
            movable.append((item, letters, free, key))
    if not movable:
        return orders
    sequence = [item.id for item in items if orders[item.id]]
    places = []
    for item, letters, free, _ in movable:
        shunned = avoided.get(item.id, frozenset())
        places.append((item.id, [(place, LETTERS[place] in shunned) for place, letter in enumerate(letters) if letter in free]))
    best: dict[str, int] | None = None
    fewest = len(sequence) + 1
    for _ in range(TRIES):
        positions = fixed_positions | _assign(places, fixed_positions, rng)
        excess = n_in_long_runs([LETTERS[positions[id]] for id in sequence])
        if excess < fewest:
            best, fewest = positions, excess
        if fewest == 0:
            break
    assert best is not None
    for item, letters, free, key in movable:
        orders[item.id] = _order(letters, free, key, best[item.id], rng)
    return orders


def _assign(
    places: list[tuple[str, list[tuple[int, bool]]]], fixed: Mapping[str, int], rng: np.random.Generator
) -> dict[str, int]:
    """Return a position for each key, those used least first; places : of each question, and which are to be avoided."""
    counts = [0.0] * len(LETTERS)
    for position in fixed.values():
        counts[position] += 1
    chosen: dict[str, int] = {}
    order = rng.permutation(len(places)).tolist()
    jitter = iter(rng.random(sum(len(allowed) for _, allowed in places)).tolist())
    for index in order:
        id, allowed = places[index]
        _, position = min((counts[place] + next(jitter) * 0.5 + shunned * AVOID, place) for place, shunned in allowed)
        counts[position] += 1
        chosen[id] = position
    return chosen


def _order(letters: str, free: frozenset[str], key: str, position: int, rng: np.random.Generator) -> str:
    places = [place for place, letter in enumerate(letters) if letter in free and place != position]
    others = [letter for letter in letters if letter in free and letter != key]
    printed = list(letters)
    printed[position] = key
    for place, which in zip(places, rng.permutation(len(others)), strict=True):
        printed[place] = others[int(which)]
    return "".join(printed)
