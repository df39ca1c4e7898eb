"""Answers of every shape for the laws: parts, labels, groups, standings, ratings."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from qbank.core.responses import NOT_MARKED, STANDINGS, Responses

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6)
"""Any words that a file can hold; PostgreSQL has no NUL in text, and the readers of files let none in."""


@st.composite
def responses(draw: st.DrawFn, sitting: str = "s", forms: tuple[str, ...] = ("f", "g")) -> Responses:
    """Return answers of up to six persons to up to five items, int8 or int16, with any names and groups."""
    n_persons, n_items = draw(st.integers(0, 6)), draw(st.integers(0, 5))
    n_labels = draw(st.sampled_from([2, 3, 200]))
    labels = tuple(tuple(f"{item}:{n}" for n in range(n_labels)) for item in range(n_items))
    if n_labels < 10:
        labels = tuple(tuple(draw(st.lists(WORDS, min_size=n_labels, max_size=n_labels, unique=True))) for _ in labels)
    cells = st.integers(NOT_MARKED, n_labels - 1)
    answer = draw(st.lists(cells, min_size=n_persons * n_items, max_size=n_persons * n_items))
    names = draw(st.lists(st.sampled_from(["site", "room", "seat", "班组", "group"]), unique=True, max_size=4))
    persons = tuple(draw(st.lists(WORDS.filter(str.strip), min_size=n_persons, max_size=n_persons, unique=True)))
    columns = [(name, tuple(draw(st.lists(WORDS, min_size=n_persons, max_size=n_persons)))) for name in names]
    own = ("site", "room", "seat")
    ordered = [c for n in own for c in columns if c[0] == n and any(c[1])] + [c for c in columns if c[0] not in own and n_persons]
    return Responses(
        sitting=sitting, persons=persons, items=tuple(f"i{n}" for n in range(n_items)),
        answer=np.array(answer, dtype=np.int16).reshape(n_persons, n_items), labels=labels, forms=forms,
        form=np.array(draw(st.lists(st.integers(0, len(forms) - 1), min_size=n_persons, max_size=n_persons)), dtype=np.int16),
        groups=tuple(ordered),
        standing=np.array(
            draw(st.lists(st.integers(0, len(STANDINGS) - 1), min_size=n_persons, max_size=n_persons)), dtype=np.int8
        ),
    )  # fmt: skip
