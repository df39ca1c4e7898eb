"""New codes from known ones: fewer words, fewer places, and two codes side by side.

Words of a subcode are words; on fewer places words agree in no more of them; the word of a message in one code beside
its word in another agrees with such a word in at most as many places as the two overlaps together.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qbank.assemble.family.codes.record import Code
from qbank.assemble.family.fields import field, product


def fewer_words(code: Code, dimension: int) -> Code:
    """Return a subcode of a smaller dimension in which still every symbol occurs at every place.

    Rows that are left out are added, with factors, to those that stay; the first factors that leave no column zero.
    """
    over = field(code.order)
    stay, rest = code.generator[:dimension], code.generator[dimension:]
    rows = stay
    for seed in range(1000):
        if rows.any(axis=0).all():
            break
        factors = np.random.default_rng(seed).integers(0, code.order, (dimension, len(rest)))
        rows = over.add[stay, product(over, factors, rest)]
    text = f"a subcode of dimension {dimension} of {code.construction}"
    return replace(code, dimension=dimension, construction=text, generator=rows)


def fewer_places(code: Code, length: int) -> Code:
    """Return the code on its first places."""
    text = f"the first {length} of {code.length} places of {code.construction}"
    return replace(code, length=length, construction=text, generator=code.generator[:, :length])


def side_by_side(left: Code, right: Code) -> Code:
    """Return the code whose words are the words of the same message in two codes, one after the other."""
    return Code(
        left.order, left.length + right.length, left.dimension, left.overlap + right.overlap,
        f"{left.construction}; beside it {right.construction}",
        "algebra" if left.proof == right.proof == "algebra" else "enumerated",
        np.concatenate([left.generator, right.generator], axis=1),
    )  # fmt: skip


def with_symbols(code: Code, length: int) -> Code:
    """Return the code with symbols of the message itself at more places, which may all agree."""
    places = np.arange(length - code.length) % code.dimension
    more = np.zeros((code.dimension, len(places)), dtype=code.generator.dtype)
    more[places, np.arange(len(places))] = 1
    return Code(
        code.order, length, code.dimension, code.overlap + len(places),
        f"{code.construction}; beside it {len(places)} symbols of the message", code.proof,
        np.concatenate([code.generator, more], axis=1),
    )  # fmt: skip
