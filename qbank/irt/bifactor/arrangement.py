"""Which items stand in which testlet, and what of a testlet's effect the answers can show."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qbank.irt.bifactor.design import FIXED
from qbank.irt.models import MODELS, NOT_SEEN, IndexArray, ScoreArray


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Testlets.

    names      labels in the order of their first item;  testlet: (n_items,) index among those, −1 without
    status     a word for each, see BifactorCalibration.testlet_status
    equal_sd   one sd for all
    """

    names: tuple[str, ...]
    testlet: IndexArray
    status: tuple[str, ...]
    equal_sd: bool


def labelled(testlets: Sequence[str | None]) -> tuple[tuple[str, ...], IndexArray]:
    """Return the labels in the order of their first item, and each item's index among them.

    >>> labelled(["b", None, "a", "b"])[0]
    ('b', 'a')
    """
    given = ["" if label is None else str(label) for label in testlets]
    names = tuple(dict.fromkeys(label for label in given if label))
    place = {name: number for number, name in enumerate(names)}
    return names, np.array([place.get(label, FIXED) for label in given], dtype=np.intp)


def arranged(
    testlets: Sequence[str | None],
    words: Sequence[str],
    answers: ScoreArray,
    used: IndexArray,
    structure: str,
) -> Arrangement:
    """Return the testlets of the items that are used, without those whose effect nothing shows.

    What shows an effect is that a testlet's items hang together more than they do with the rest. So it takes two
    items that somebody saw both of. If every item has its own slope, it also takes three separate blocks (testlets,
    or items without) to tell a strong effect from steep slopes; two testlets can still share one sd.
    """
    names, testlet = labelled(testlets)
    some = np.zeros(testlet.size, dtype=bool)
    some[used] = True
    testlet[~some] = FIXED
    status = []
    for number in range(len(names)):
        own = np.flatnonzero(testlet == number)
        word = "ok"
        if own.size < 2:
            word = "one item" if own.size else "no items"
        elif ((answers[:, own] != NOT_SEEN).sum(axis=1) < 2).all():
            word = "never together"
        elif own.size == 2 and structure == "bifactor":
            word = "equal slopes"
        if word not in ("ok", "equal slopes"):
            testlet[own] = FIXED
        status.append(word)
    kept = np.unique(testlet[testlet >= 0])
    n_blocks = kept.size + int((testlet[used] == FIXED).sum())
    steep = any(MODELS[words[item]].slope == "own" for item in used)
    equal_sd = structure == "testlet" and steep and n_blocks == 2 and kept.size == 2
    if kept.size and (
        n_blocks == 1 or (n_blocks == 2 and kept.size == 1 and (steep or structure == "bifactor"))
    ):
        testlet[:] = FIXED
    for number in kept.tolist():
        if equal_sd:
            status[number] = "equal sd"
        elif not (testlet == number).any():
            status[number] = "not identified"
    return Arrangement(names, testlet, tuple(status), equal_sd)
