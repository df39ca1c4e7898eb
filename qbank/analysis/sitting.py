"""The answers of one sitting as aligned arrays, with everything that was not an answer told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray, read_only

OMITTED = -1
NOT_SEEN = -2
NOT_REACHED = -3
VOID = -4
WITHHELD = -5

MOST_PAPERS = 64
"""Of more papers no table is made paper by paper."""
FEW_PAPERS, FEW_PERSONS = 8, 10
"""Of more papers than the first, none is told apart either where most persons sat one that fewer than the second sat."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """What was left out before anything was computed, as counts."""

    persons_void: int = 0
    persons_withheld: int = 0
    persons_absent: int = 0
    answers_void: int = 0
    answers_withheld: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class SittingData:
    """One sitting, present and valid persons only; arrays are read-only. Built by `sitting_data`.

    marks : (n_persons, n_items) awarded; NaN not seen, void, withheld or not yet marked; omitted and not
    reached are 0
    marks_max : (n_items,)
    answer : (n_persons, n_items) int16, index into labels[item] as printed in the bank, or a negative code
    labels : per item, the words of its options (choice) or the distinct answers given (everything else)
    key : per item, the indices of the labels that earn full marks
    choice : (n_items,) True where labels are the printed options, so that an option nobody chose is news
    scored : (n_forms, n_items) False for pretest items: described, never counted in a score of that form
    form : (n_persons,) index into forms ; in_form : (n_forms, n_items) True where the form was seen to
    hold the item; not where every answer of it is void or withheld
    groups : (column name, one word a person), e.g. ("site", …)
    strata : (name, one word an item, "" where it has none), e.g. ("section", …), ("domain", …)
    printed : per form, its items as places in ``items`` in the order of the paper; () where that is not known
    held : (n_items,) True where a flag waits for a decision: out of matching scores and of anchors
    cut : marks needed to pass (NaN: no decision) ; cuts : (n_forms,) the same by form, where papers were equated ; total : (n_persons,) marks that the decision uses
    row : (n_persons,) the person's row in the arrays that were passed in
    pooled : papers are too many, or too rarely sat, to be told apart, as where each person has one: all persons are
    compared with one another, by marks above what is expected of their papers (`qbank.analysis.pooled`)
    """

    items: tuple[str, ...]
    marks: FloatArray
    marks_max: FloatArray
    answer: NDArray[np.int16]
    labels: tuple[tuple[str, ...], ...]
    key: tuple[frozenset[int], ...]
    choice: BoolArray
    scored: BoolArray
    form: IntArray
    forms: tuple[str, ...]
    in_form: BoolArray
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    strata: tuple[tuple[str, tuple[str, ...]], ...]
    printed: tuple[tuple[int, ...], ...]
    held: BoolArray
    cut: float
    cuts: FloatArray
    total: FloatArray
    row: IntArray
    excluded: Excluded
    pooled: bool = False

    @property
    def n_persons(self) -> int:
        return int(self.marks.shape[0])

    @property
    def n_items(self) -> int:
        return int(self.marks.shape[1])

    @property
    def n_forms(self) -> int:
        return len(self.forms)


def sitting_data(
    items: Sequence[str],
    marks: ArrayLike,
    marks_max: ArrayLike,
    *,
    answer: ArrayLike | None = None,
    labels: Sequence[Sequence[str]] | None = None,
    key: Sequence[frozenset[int] | set[int]] | None = None,
    choice: ArrayLike | None = None,
    scored: ArrayLike | None = None,
    form: ArrayLike | None = None,
    forms: Sequence[str] = ("",),
    groups: Mapping[str, Sequence[str]] | None = None,
    strata: Mapping[str, Sequence[str]] | None = None,
    printed: Sequence[Sequence[int]] | None = None,
    held: ArrayLike | None = None,
    cut: float = float("nan"),
    cuts: ArrayLike | None = None,
    total: ArrayLike | None = None,
) -> SittingData:
    """Return the sitting ready for analysis: codes made marks, void and absent persons left out and counted.

    scored : (n_items,) or, where forms differ in it, (n_forms, n_items) ; cuts : (n_forms,), None: the cut on every form.
    marks : (n_persons, n_items), NaN not seen; overruled by answer codes (omitted and not reached earn 0,
    void and withheld are nothing). Without ``answer`` every cell that has marks counts as answered.
    A person with no answers at all is absent; one whose every answer is void or withheld is void or withheld.
    Raises ValueError where shapes or indices do not fit together.

    >>> data = sitting_data(["a", "b"], [[1, 0], [1, np.nan]], [1, 1])
    >>> data.n_persons, data.total
    (2, array([1., 1.]))
    """
    n_items = len(items)
    given = np.array(marks, dtype=np.float64).reshape(-1, n_items) if n_items else np.array(marks, float)
    given = given if given.ndim == 2 else given.reshape(len(given), 0)
    n_persons = given.shape[0]
    codes = _answer_codes(answer, given)
    labels_of = tuple(tuple(words) for words in labels) if labels is not None else ((),) * n_items
    key_of = (
        tuple(frozenset(indices) for indices in key) if key is not None else (frozenset[int](),) * n_items
    )
    form_of = np.zeros(n_persons, np.int64) if form is None else np.array(form, np.int64)
    max_of = np.broadcast_to(np.asarray(marks_max, float), (n_items,)).copy()
    scored_of = np.ones(n_items, bool) if scored is None else np.array(scored, bool)
    scored_of = np.broadcast_to(scored_of, (len(forms), n_items)).copy()
    choice_of = (
        np.array([len(words) > 0 for words in labels_of], bool) if choice is None else np.array(choice, bool)
    )
    held_of = np.zeros(n_items, bool) if held is None else np.array(held, bool)
    columns = {name: tuple(values) for name, values in (groups or {}).items()}
    strata_of = {name: tuple(values) for name, values in (strata or {}).items()}
    _require_aligned(n_persons, n_items, codes, labels_of, key_of, form_of, len(forms), columns)
    if held_of.shape != (n_items,) or any(len(values) != n_items for values in strata_of.values()):
        raise ValueError("held and every stratum must have one entry an item")
    printed_of = tuple(tuple(int(place) for place in order) for order in printed or ((),) * len(forms))
    if len(printed_of) != len(forms) or any(not 0 <= place < n_items for order in printed_of for place in order):
        raise ValueError("printed must hold, for each form, places of items")

    awarded = np.where((codes == OMITTED) | (codes == NOT_REACHED), 0.0, given)
    awarded = np.where((codes == NOT_SEEN) | (codes == VOID) | (codes == WITHHELD), np.nan, awarded)
    in_form = np.zeros((len(forms), n_items), bool)
    for index in range(len(forms)):
        own = codes[form_of == index]
        usable = ((own != NOT_SEEN) & (own != VOID) & (own != WITHHELD)).any(axis=0)
        # an item of which every answer is void or withheld would leave nobody complete on the paper
        in_form[index] = usable if usable.any() else (own != NOT_SEEN).any(axis=0)
    present, excluded = _present(codes)
    kept = np.flatnonzero(present)
    sum_of_marks = np.where(scored_of[form_of], np.nan_to_num(awarded), 0.0).sum(axis=1)
    totals = sum_of_marks if total is None else np.array(total, np.float64)
    if totals.shape != (n_persons,):
        raise ValueError(f"total has shape {totals.shape}, expected ({n_persons},)")
    return SittingData(
        items=tuple(items),
        marks=read_only(awarded[kept]),
        marks_max=read_only(max_of),
        answer=read_only(codes[kept]),
        labels=labels_of,
        key=key_of,
        choice=read_only(choice_of),
        scored=read_only(scored_of),
        form=read_only(form_of[kept]),
        forms=tuple(forms),
        in_form=read_only(in_form),
        groups=tuple((name, tuple(values[row] for row in kept)) for name, values in columns.items()),
        strata=tuple(strata_of.items()),
        printed=printed_of,
        held=read_only(held_of),
        cut=float(cut),
        cuts=read_only(np.broadcast_to(np.asarray(cut if cuts is None else cuts, float), (len(forms),)).copy()),
        total=read_only(totals[kept]),
        row=read_only(kept.astype(np.int64)),
        excluded=excluded,
        pooled=told_together(np.bincount(form_of[kept], minlength=len(forms))),
    )


def told_together(sizes: ArrayLike) -> bool:
    """Return whether papers that so many persons each sat are too many, or too rarely sat, to be told apart.

    >>> told_together([1] * 1200), told_together([300, 300]), told_together([3] * 20), told_together([3] * 5)
    (True, False, True, False)
    """
    n = np.asarray(sizes)
    few = n[n < FEW_PERSONS].sum()
    return bool(len(n) > MOST_PAPERS or ((n > 0).sum() > FEW_PAPERS and 2 * few > n.sum()))


def _answer_codes(answer: ArrayLike | None, given: FloatArray) -> NDArray[np.int16]:
    if answer is None:
        return np.where(np.isnan(given), NOT_SEEN, 0).astype(np.int16)
    codes = np.array(answer, dtype=np.int16)
    return codes.reshape(given.shape) if codes.size == given.size else codes


def _present(codes: NDArray[np.int16]) -> tuple[BoolArray, Excluded]:
    """Return who stays, and the counts of what does not."""
    is_void, is_withheld = codes == VOID, codes == WITHHELD
    absent = (codes == NOT_SEEN).all(axis=1)
    usable = ((codes != NOT_SEEN) & ~is_void & ~is_withheld).any(axis=1)
    void = ~absent & ~usable & is_void.any(axis=1)
    withheld = ~absent & ~usable & ~void
    excluded = Excluded(
        persons_void=int(void.sum()),
        persons_withheld=int(withheld.sum()),
        persons_absent=int(absent.sum()),
        answers_void=int(is_void[usable].sum()),
        answers_withheld=int(is_withheld[usable].sum()),
    )
    return usable, excluded


def _require_aligned(
    n_persons: int,
    n_items: int,
    codes: NDArray[np.int16],
    labels: tuple[tuple[str, ...], ...],
    key: tuple[frozenset[int], ...],
    form: IntArray,
    n_forms: int,
    columns: Mapping[str, tuple[str, ...]],
) -> None:
    """Raise ValueError at the first array that does not fit the others."""
    if codes.shape != (n_persons, n_items):
        raise ValueError(f"answer has shape {codes.shape}, expected ({n_persons}, {n_items})")
    if len(labels) != n_items or len(key) != n_items:
        raise ValueError(f"labels and key must have one entry an item: {len(labels)}, {len(key)}, {n_items}")
    n_labels = np.array([len(words) for words in labels], int)
    if ((codes >= n_labels) & (n_labels > 0)).any():
        raise ValueError("answer holds an index beyond the labels of its item")
    if any(
        index < 0 or index >= len(words)
        for words, indices in zip(labels, key, strict=True)
        for index in indices
    ):
        raise ValueError("key holds an index beyond the labels of its item")
    if form.shape != (n_persons,) or ((form < 0) | (form >= n_forms)).any():
        raise ValueError(f"form must be one index below {n_forms} a person")
    if any(len(values) != n_persons for values in columns.values()):
        raise ValueError("a group column must hold one word a person")
