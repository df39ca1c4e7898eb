"""The parts of a sitting as one: stations side by side, and for the same person theory and the raters' marks in one row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qbank.core.ratings import Ratings
from qbank.core.responses import NOT_MARKED, NOT_SEEN, OMITTED, STANDINGS, Responses, Standing

_WEIGHT: Final[dict[Standing, int]] = {"absent": 0, "present": 1, "void": 2, "withheld": 3}
"""Lightest first. Whoever sat one part is present; what voids or withholds one part does so to all."""
_BY_WEIGHT: Final = np.array([STANDINGS.index(word) for word in _WEIGHT], dtype=np.int8)


def joined(sitting: str, forms: tuple[str, ...], parts: Sequence[Responses], rated: Sequence[bool] = ()) -> Responses:
    """Return the parts of a sitting as one: items, labels, forms and groups of all, each person once.

    forms : of the sitting, in order; those of the parts are among them ; rated : which parts hold raters' marks; for the
    questions they are about, what they say goes before what the answers say, even that nothing is marked yet

    Persons stand part after part, where they come first. A part from which a person was absent says nothing of the
    answers where another part has the person: those questions are then not seen.
    """
    if len(parts) == 1 and parts[0].forms == forms:
        return parts[0]
    rated = rated or [False] * len(parts)
    persons, rows = rows_of_persons(parts)
    position = {form: n for n, form in enumerate(forms)}
    form = np.zeros(len(persons), dtype=np.int16)
    groups: dict[str, list[str]] = {name: [""] * len(persons) for part in parts for name, _ in part.groups}
    for n in sorted(range(len(parts)), key=lambda n: (not rated[n], -n)):  # what comes last here stays
        part = parts[n]
        form[rows[n]] = np.array([position[word] for word in part.forms], dtype=np.int16)[part.form]
        for name, column in part.groups:
            for row, word in zip(rows[n].tolist(), column, strict=True):
                if word:
                    groups[name][row] = word
    standing = _standings(parts, rated, rows, len(persons))
    items, labels, answer = joined_answers(parts, [part.answer for part in parts], rated, rows, standing)
    return Responses(
        sitting=sitting, persons=persons, items=items, answer=answer, labels=labels, forms=forms, form=form,
        groups=tuple((name, tuple(column)) for name, column in groups.items()), standing=standing,
    )  # fmt: skip


def heaviest(standings: Iterable[Standing]) -> Standing:
    """Return what papers in several parts count as together.

    >>> heaviest(["present", "absent"]), heaviest(["void", "present"])
    ('present', 'void')
    """
    return max(standings, key=_WEIGHT.__getitem__)


def rows_of_persons(parts: Sequence[Responses]) -> tuple[tuple[str, ...], list[NDArray[np.int64]]]:
    """Return every person once, and of each part the rows of its persons among them."""
    row: dict[str, int] = {}
    rows = [np.array([row.setdefault(person, len(row)) for person in part.persons], dtype=np.int64) for part in parts]
    return tuple(row), rows


def _standings(
    parts: Sequence[Responses], rated: Sequence[bool], rows: Sequence[NDArray[np.int64]], n_persons: int
) -> NDArray[np.int8]:
    weight = np.full(n_persons, -1, dtype=np.int8)
    silent = np.full(n_persons, -1, dtype=np.int8)
    of_code = np.array([_WEIGHT[word] for word in STANDINGS], dtype=np.int8)
    for part, marks, at in zip(parts, rated, rows, strict=True):
        own = of_code[part.standing]
        says = ~np.full(len(at), marks) | (part.answer >= OMITTED).any(axis=1) | (own > _WEIGHT["present"])
        np.maximum.at(weight, at[says], own[says])
        np.maximum.at(silent, at, own)  # a sheet of marks with nobody's marks on it says only this, if nothing else does
    return np.asarray(_BY_WEIGHT[np.where(weight >= 0, weight, np.maximum(silent, 0))])


def joined_answers(
    parts: Sequence[Any], answers: Sequence[NDArray[np.int16]], rated: Sequence[bool], rows: Sequence[NDArray[np.int64]],
    standing: NDArray[np.int8],
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], NDArray[np.int16]]:  # fmt: skip
    """Return items, labels and answers of all parts; each part's labels are renumbered where they differ.

    parts : with ``items``, ``labels`` and ``standing`` ; rows : of each part's persons in the whole ; standing : of all

    The cost grows with the size of the answers; parts with the same items and labels are only put below each other.
    """
    words: dict[str, dict[str, int]] = {}
    for part in parts:
        for item, own in zip(part.items, part.labels, strict=True):
            known = words.setdefault(item, {})
            for label in own:
                known.setdefault(label, len(known))
    column = {item: n for n, item in enumerate(words)}
    answer = np.full((len(standing), len(words)), NOT_SEEN, dtype=np.int16)
    absent = STANDINGS.index("absent")
    for n in sorted(range(len(parts)), key=lambda n: rated[n]):
        part, given = parts[n], _renumbered(parts[n], answers[n], words)
        away = (part.standing == absent) & (standing[rows[n]] != absent)
        if away.any():
            given = np.where(away[:, None], np.int16(NOT_SEEN), given)
        where = np.ix_(rows[n], np.array([column[item] for item in part.items], dtype=np.int64))
        there = answer[where]
        taken = given != NOT_SEEN
        if not rated[n]:
            taken &= (there == NOT_SEEN) | (there == NOT_MARKED)
        answer[where] = np.where(taken, given, there)
    answer.flags.writeable = False
    return tuple(words), tuple(tuple(known) for known in words.values()), answer


def _renumbered(part: Any, given: NDArray[np.int16], words: dict[str, dict[str, int]]) -> NDArray[np.int16]:
    found = given
    for n, (item, own) in enumerate(zip(part.items, part.labels, strict=True)):
        to = np.array([words[item][label] for label in own] or [0], dtype=np.int16)
        if (to != np.arange(to.size)).any():
            found = found.copy() if found is given else found
            found[:, n] = np.where(given[:, n] >= 0, to[np.maximum(given[:, n], 0)], given[:, n])
    return found


def joined_ratings(
    found: Sequence[Ratings | None], own: Sequence[tuple[str, ...]], items: tuple[str, ...],
    rows: Sequence[NDArray[np.int64]],
) -> Ratings | None:  # fmt: skip
    """Return the ratings of all parts, with persons, items, steps and raters numbered over all of them.

    own : of each part, its items ; rows : of each part's persons in the whole
    """
    parts = [(r, names, at) for r, names, at in zip(found, own, rows, strict=True) if r is not None]
    if not parts:
        return None
    steps = list(dict.fromkeys(step for r, _, _ in parts for step in r.steps))
    raters = list(dict.fromkeys(rater for r, _, _ in parts for rater in r.raters))

    def renumbered(values: NDArray[np.int32], old: Sequence[str], new: Sequence[str]) -> NDArray[np.int32]:
        place = {word: n for n, word in enumerate(new)}
        return np.array([place[word] for word in old] or [0], dtype=np.int32)[values]

    return Ratings(
        np.concatenate([at[r.person] for r, _, at in parts]).astype(np.int32),
        np.concatenate([renumbered(r.item, names, items) for r, names, _ in parts]),
        np.concatenate([renumbered(r.step, r.steps, steps) for r, _, _ in parts]),
        np.concatenate([renumbered(r.rater, r.raters, raters) for r, _, _ in parts]),
        np.concatenate([r.marks for r, _, _ in parts]),
        tuple(steps),
        tuple(raters),
    )
