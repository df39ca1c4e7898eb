"""What of a set of answers a conditional calibration can use: persons, items, forms, and whether they hang together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, Mask, ScoreArray
from qbank.irt.parameters import first_rows

# So many persons of a form are looked at first for contrasts between its items; mostly they suffice.
FIRST_LOOK = 1000
# Forms with so few different scores are computed many at once, where they are many.
FEW_SCORES, MANY_FORMS = 3, 8
CHUNK_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class Form:
    """Persons who saw the same items.

    items    (n_form_items,) places among the used items;  values: (n_form_values,) places of their intercepts
    counts   (highest score + 1,) persons of each score
    """

    items: IndexArray
    values: IndexArray
    counts: FloatArray


@dataclass(frozen=True, slots=True)
class ShortForms:
    """Scores on forms that few persons saw, a row for each score on each form.

    items     (n_rows, n_most_items) places among the used items, −1 beyond a form's own
    values    (n_rows, n_most_values) places of their intercepts, every item having as many as the longest one, −1
              where there is none
    scores    (n_rows,);  persons: (n_rows,) how many had the score
    """

    items: IndexArray
    values: IndexArray
    scores: FloatArray
    persons: FloatArray


@dataclass(frozen=True, slots=True)
class ConditionalData:
    """Sufficient statistics.

    used               (n_used,) columns of the items that take part
    n_categories       (n_items,) of all items
    owner, category    (n_values,) place among the used items and category, from 1, of each intercept
    statistic          (n_values,) persons who answered in that category
    start              (n_values,) first intercepts, centred
    difficulty_weights (n_values,) 1 / (K − 1) at an item's highest category, 0 elsewhere: b_j = −weight d
    """

    used: IndexArray
    n_categories: IndexArray
    owner: IndexArray
    category: IndexArray
    statistic: FloatArray
    start: FloatArray
    difficulty_weights: FloatArray
    forms: tuple[Form, ...]
    short_forms: tuple[ShortForms, ...]
    n_forms: int
    n_persons: int
    n_dropped: int
    status: tuple[str, ...]
    islands: tuple[tuple[int, ...], ...]

    def centred(self, intercepts: FloatArray) -> FloatArray:
        """Return intercepts of the same conditional probabilities whose difficulties sum to 0."""
        middle = float(self.difficulty_weights @ intercepts) / max(self.used.size, 1)
        return intercepts - middle * self.category


def conditional_data(
    answers: ScoreArray, n_categories: IndexArray, status: NDArray[np.object_]
) -> ConditionalData:
    """Return what the answers say.

    answers : (n_persons, n_items);  n_categories : (n_items,)
    status : (n_items,) "ok", or why an item stands aside
    """
    status = status.copy()
    while True:
        used = np.flatnonzero(status == "ok")
        part = answers[:, used]
        telling = _telling(part, n_categories[used])
        kept = part[telling]
        patterns = forms_of(kept)
        islands = _islands(patterns, used.size)
        if len(islands) > 1:
            status[used] = "not connected"
            islands_found = tuple(tuple(used[island].tolist()) for island in islands)
            return _collected(answers, n_categories, status, islands_found)
        lost = _without_contrast(kept, patterns, n_categories[used])
        if not lost.size:
            return _collected(answers, n_categories, status, ())
        status[used[lost]] = "no contrast"


def forms_of(scores: ScoreArray) -> list[tuple[IndexArray, IndexArray]]:
    """Return the persons and the items of each pattern of seen items, leaving out those who saw none.

    >>> forms_of(np.array([[1, -1], [0, 1], [0, -1]], dtype=np.int8))
    [(array([1]), array([0, 1])), (array([0, 2]), array([0]))]
    """
    seen = scores != NOT_SEEN
    if not seen.size:
        return []
    if seen.all():
        return [(np.arange(scores.shape[0]), np.arange(scores.shape[1]))]
    packed = np.packbits(seen, axis=1)
    keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, form = np.unique(keys, return_inverse=True)
    order = np.argsort(form, kind="stable")
    persons = np.split(order, np.cumsum(np.bincount(form))[:-1])
    found = [(group, np.flatnonzero(seen[group[0]])) for group in persons]
    return sorted((form for form in found if form[1].size), key=lambda form: (-form[1].size, form[0][0]))


def _telling(part: ScoreArray, n_categories: IndexArray) -> Mask:
    """Return the persons whose score leaves something open: two items seen, neither 0 nor the highest score."""
    seen = part != NOT_SEEN
    total = np.where(seen, part, 0).sum(axis=1, dtype=np.intp)
    highest = seen @ (n_categories - 1)
    telling: Mask = (seen.sum(axis=1) > 1) & (total > 0) & (total < highest)
    return telling


def _islands(patterns: Sequence[tuple[IndexArray, IndexArray]], n_items: int) -> list[IndexArray]:
    """Return the sets of items that forms join, the largest first; an item that is in no form is in none."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not patterns:
        return []
    form = np.repeat(np.arange(len(patterns)), [items.size for _, items in patterns])
    item = np.concatenate([items for _, items in patterns])
    n_all = n_items + len(patterns)
    edges = coo_array((np.ones(item.size), (item, n_items + form)), shape=(n_all, n_all))
    label = connected_components(edges, directed=False)[1][:n_items]
    found = [np.flatnonzero(label == island) for island in np.unique(label[np.unique(item)])]
    return sorted(found, key=lambda items: (-items.size, items[0]))


def _without_contrast(
    kept: ScoreArray, patterns: Sequence[tuple[IndexArray, IndexArray]], n_categories: IndexArray
) -> IndexArray:
    """Return the items outside the largest set within which every part was answered both better and worse.

    An arrow leads from item i to item j where a person was above the lowest category of i and below the
    highest of j; estimates of right/wrong items exist where arrows lead from everywhere to everywhere. For
    more categories that is necessary, and so is that each of them was used.
    """
    from scipy.sparse.csgraph import connected_components

    if not n_categories.size:
        return np.empty(0, dtype=np.intp)
    arrows = np.zeros((n_categories.size, n_categories.size), dtype=bool)
    for size in (FIRST_LOOK, kept.shape[0]):
        for persons, items in patterns:
            own = kept[np.ix_(persons[:size], items)]
            above = (own > 0).astype(np.float32)
            below = (own < n_categories[items] - 1).astype(np.float32)
            arrows[np.ix_(items, items)] |= above.T @ below > 0
        n_sets, member = connected_components(arrows, directed=True, connection="strong")
        if n_sets == 1:
            break
    lost: Mask = member != np.bincount(member).argmax()
    if n_categories.size == 1:
        lost[:] = True
    for category in range(int(n_categories.max())):
        lost |= (category < n_categories) & ~(kept == category).any(axis=0)
    return np.flatnonzero(lost)


def _collected(
    answers: ScoreArray,
    n_categories: IndexArray,
    status: NDArray[np.object_],
    islands: tuple[tuple[int, ...], ...],
) -> ConditionalData:
    """Return the statistics of the items that are ok."""
    used = np.flatnonzero(status == "ok")
    part, n_own = answers[:, used], n_categories[used]
    telling = _telling(part, n_own)
    kept = part[telling]
    first = first_rows(n_own - 1)
    owner = np.repeat(np.arange(used.size), n_own - 1)
    category = np.arange(owner.size) - first[owner] + 1
    counts = np.stack([(kept == k).sum(axis=0) for k in range(int(n_own.max(initial=2)))]).astype(np.float64)
    last = first[1:] - 1
    weights = np.zeros(owner.size)
    weights[last] = 1.0 / (n_own - 1)
    statistic = counts[category, owner]
    forms = [_form(kept[np.ix_(*form)], form[1], n_own, first) for form in forms_of(kept)]
    few = [form for form in forms if np.count_nonzero(form.counts) <= FEW_SCORES]
    if len(few) < MANY_FORMS:
        few = []
    alone = {id(form) for form in few}
    data = ConditionalData(
        used=used,
        n_categories=n_categories,
        owner=owner,
        category=category,
        statistic=statistic,
        start=np.log((statistic + 0.5) / (counts[0, owner] + 0.5)),
        difficulty_weights=weights,
        forms=tuple(form for form in forms if id(form) not in alone),
        short_forms=tuple(_short_forms(few, n_own, first)),
        n_forms=len(forms),
        n_persons=int(telling.sum()),
        n_dropped=int((~telling & (part != NOT_SEEN).any(axis=1)).sum()),
        status=tuple(status.tolist()),
        islands=islands,
    )
    object.__setattr__(data, "start", data.centred(data.start))
    return data


def _form(own: ScoreArray, items: IndexArray, n_categories: IndexArray, first: IndexArray) -> Form:
    highest = int((n_categories[items] - 1).sum())
    counts = np.bincount(own.sum(axis=1, dtype=np.intp), minlength=highest + 1).astype(np.float64)
    values = np.concatenate([np.arange(first[item], first[item + 1]) for item in items])
    return Form(items, values, counts)


def _short_forms(forms: Sequence[Form], n_categories: IndexArray, first: IndexArray) -> Iterator[ShortForms]:
    """Yield the forms in chunks of about equal length that stay small."""
    n_values = int(n_categories.max(initial=2)) - 1
    step = np.arange(n_values)
    place = np.where(step < (n_categories - 1)[:, None], first[:-1, None] + step, -1)
    place = np.vstack((place, np.full((1, n_values), -1)))
    rows = [
        (form.items, score, form.counts[score])
        for form in sorted(forms, key=lambda form: form.items.size)
        for score in np.flatnonzero(form.counts)
    ]
    while rows:
        # All lengths up to the longest of the chunk cost as much as that one.
        size, longest = 0, 0
        while size < len(rows):
            longest = rows[size][0].size * n_values
            if (size + 1) * longest * (longest + 1) * 16 > CHUNK_BYTES and size:
                break
            size += 1
        chunk, rows = rows[:size], rows[size:]
        items = np.full((size, chunk[-1][0].size), -1, dtype=np.intp)
        for row, (own, _, _) in enumerate(chunk):
            items[row, : own.size] = own
        yield ShortForms(
            items,
            place[items].reshape(size, -1),
            np.array([score for _, score, _ in chunk], dtype=np.float64),
            np.array([persons for _, _, persons in chunk], dtype=np.float64),
        )
