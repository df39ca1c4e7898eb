"""A sitting made from known parameters, for tests of the analysis and of the report."""

from __future__ import annotations

import numpy as np

from qbank.analysis import NOT_REACHED, NOT_SEEN, OMITTED, VOID, SittingData, sitting_data

LABELS = ("A", "B", "C", "D")


def simulated_sitting(
    *,
    n_persons: int = 600,
    n_items: int = 40,
    n_forms: int = 2,
    miskeyed: tuple[int, ...] = (),
    seed: int = 7,
) -> SittingData:
    """Return papers without common items, four options, some omitted and not reached, one person void.

    miskeyed : items whose stored key is the option after the right one
    """
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=(n_persons, 1))
    difficulty = rng.normal(-0.6, 0.8, n_items)
    right = rng.random((n_persons, n_items)) < 0.2 + 0.8 / (1 + np.exp(-1.3 * (ability - difficulty)))
    truth = rng.integers(0, 4, n_items)
    wrong = (truth + rng.integers(1, 4, (n_persons, n_items))) % 4
    answer = np.where(right, truth, wrong).astype(np.int16)
    answer[rng.random(answer.shape) < 0.01] = OMITTED
    form = np.arange(n_persons) % n_forms
    of_form = np.arange(n_items) * n_forms // n_items
    seen = of_form[None, :] == form[:, None]
    for person in np.flatnonzero(rng.random(n_persons) < 0.05):
        last = np.flatnonzero(seen[person])[-3:]
        answer[person, last] = NOT_REACHED
    answer[~seen] = NOT_SEEN
    answer[2] = np.where(seen[2], VOID, NOT_SEEN)
    keys = [{(int(key) + (item in miskeyed)) % 4} for item, key in enumerate(truth)]
    each = 100 * n_forms / n_items
    marks = np.where(answer == np.array([min(key) for key in keys]), each, 0.0)
    return sitting_data(
        [f"T-{item + 1:03d}" for item in range(n_items)],
        np.where(seen, marks, np.nan),
        np.full(n_items, each),
        answer=answer,
        labels=[LABELS] * n_items,
        key=keys,
        form=form,
        forms=[chr(ord("A") + index) for index in range(n_forms)],
        groups={"site": ["north" if person % 3 else "south" for person in range(n_persons)]},
        cut=60,
    )


def family(
    n_papers: int = 70, n_items: int = 24, length: int = 12, each: int = 3, seed: int = 1, cut: float = 7.0
) -> SittingData:
    """Return a sitting of papers drawn at random from a bank, a section A and a B, persons of a normal ability."""
    rng = np.random.default_rng(seed)
    held = np.array([np.sort(rng.permutation(n_items)[:length]) for _ in range(n_papers)])
    form = np.repeat(np.arange(n_papers), each)
    hard = rng.normal(0, 1.2, n_items)
    chance = 1 / (1 + np.exp(-1.5 * (rng.normal(0.3, 1, (len(form), 1)) - hard)))
    marks = np.full((len(form), n_items), np.nan)
    rows = np.arange(len(form))[:, None]
    marks[rows, held[form]] = (rng.random(chance.shape) < chance)[rows, held[form]]
    return sitting_data(
        [f"I{n:02}" for n in range(n_items)], marks, 1.0, form=form, forms=[f"P{n:03}" for n in range(n_papers)], cut=cut,
        strata={"section": ["A" if n < n_items // 2 else "B" for n in range(n_items)]}, printed=held.tolist(),
        groups={"site": ["X" if n % 2 else "Y" for n in range(len(form))]},
    )  # fmt: skip
