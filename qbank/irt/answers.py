"""What comes in: scores, groups, and which items can be estimated from them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbank.irt.models import MODELS, NOT_SEEN, FloatArray, IndexArray, Mask, ScoreArray

MOST_CATEGORIES = 100


def checked_scores(scores: ArrayLike) -> ScoreArray:
    """Return scores as int8 (n_persons, n_items), or say what is wrong with them.

    Whole numbers from 0, −1 for not seen; floats that are whole pass, NaN does not. What a masked array masks is
    not seen.

    >>> checked_scores([[1.0, 0.0], [-1.0, 2.0]])
    array([[ 1,  0],
           [-1,  2]], dtype=int8)
    """
    masked = isinstance(scores, np.ma.MaskedArray)
    try:
        answers = np.asarray(np.ma.filled(scores, NOT_SEEN) if masked else scores)
    except ValueError:
        raise ValueError("scores must be a matrix of persons by items, found rows of different lengths") from None
    if answers.ndim != 2:
        raise ValueError(f"scores must be a matrix of persons by items, found {answers.ndim} dimensions")
    if answers.size and answers.dtype.kind == "f":
        if not np.isfinite(answers).all() or (answers != np.floor(answers)).any():
            raise ValueError("scores must be whole numbers with -1 for not seen, found fractions or NaN")
    elif answers.size and answers.dtype.kind not in "biu":
        raise ValueError(f"scores must be whole numbers with -1 for not seen, found {answers.dtype}")
    low, high = (answers.min(), answers.max()) if answers.size else (0, 0)
    if low < NOT_SEEN:
        raise ValueError(f"scores must be 0 or more, or -1 for not seen, found {low:g}")
    if high >= MOST_CATEGORIES:
        raise ValueError(f"scores must be below {MOST_CATEGORIES}, found {high:g}")
    return answers.astype(np.int8, copy=False)


def categories(
    highest: IndexArray, words: Sequence[str], given: ArrayLike | None, labels: Sequence[str]
) -> IndexArray:
    """Return how many categories each item has, (n_items,): as given, else one more than its highest score.

    highest : (n_items,), −1 where nobody saw the item
    Raises ValueError, naming the item, if a score does not fit its model.
    """
    least = np.array([MODELS[word].categories[0] for word in words], dtype=np.intp)
    most = np.array([MODELS[word].categories[1] for word in words], dtype=np.intp)
    if given is None:
        found = np.maximum(highest + 1, least)
    else:
        stated = np.asarray(given)
        if stated.shape not in ((), highest.shape) or stated.dtype.kind not in "iu":
            raise ValueError(f"n_categories must be whole numbers, one or one for each of {highest.size} items")
        found = np.broadcast_to(stated.astype(np.intp), highest.shape)
        low = np.flatnonzero(found < np.maximum(highest + 1, least))
        if low.size:
            item = int(low[0])
            raise ValueError(
                f"item {labels[item]} has {found[item]} categories, but a score of {highest[item]} was found"
            )
    beyond = np.flatnonzero(found > most)
    if beyond.size:
        item = int(beyond[0])
        if highest[item] < most[item]:
            raise ValueError(f"item {labels[item]} has {found[item]} categories, a {words[item]} item {most[item]}")
        raise ValueError(
            f"the scores of a {words[item]} item must be 0 or 1, or -1 for not seen, found {highest[item]} "
            f"in item {labels[item]}"
        )
    return np.array(found, dtype=np.intp)


def checked_groups(groups: Sequence[str] | None, n_persons: int) -> tuple[tuple[str, ...], IndexArray]:
    """Return the sorted labels of the groups and each person's index among them."""
    if groups is None:
        return ("",), np.zeros(n_persons, dtype=np.intp)
    given = np.asarray(groups)
    if given.shape != (n_persons,):
        raise ValueError(f"{len(groups)} groups for {n_persons} persons" if given.ndim == 1 else
                         f"groups must be one label a person, found shape {given.shape}")  # fmt: skip
    missing = [person for person, label in enumerate(groups) if label is None or label != label]
    if missing:
        raise ValueError(f"person {missing[0] + 1} has no group")
    names, group_of = np.unique(given.astype(np.str_), return_inverse=True)
    return tuple(names.tolist()), group_of.astype(np.intp)


def counted_scores(answers: ScoreArray) -> IndexArray:
    """Return how many persons answered in each category, as many categories as there are."""
    return counted(answers, int(answers.max(initial=NOT_SEEN)) + 1)


def highest_scores(counts: IndexArray) -> IndexArray:
    """Return the highest score of each item, (n_items,), −1 where there is none.

    counts : (n_categories, n_items) persons by category

    >>> highest_scores(np.array([[3, 0, 2], [1, 0, 0]]))
    array([ 1, -1,  0])
    """
    categories = np.arange(counts.shape[0])[:, None]
    highest: IndexArray = np.where(counts > 0, categories, NOT_SEEN).max(axis=0, initial=NOT_SEEN).astype(np.intp)
    return highest


def usable(
    counts: IndexArray, words: Sequence[str], n_categories: IndexArray, free: Mask
) -> tuple[NDArray[np.object_], list[FloatArray]]:
    """Return a word for each item, ok or why it cannot be estimated, and the share of persons in each category.

    counts : (n_found, n_items) persons by category, as many categories as were found
    free : (n_items,) something of the item is to be estimated; an item that is wholly fixed is ok if it was seen.
    """
    n_items = counts.shape[1]
    beyond = max(0, int(n_categories.max(initial=0)) - counts.shape[0])
    table = np.concatenate((counts, np.zeros((beyond, n_items), dtype=np.intp)))
    by_item = [table[: int(n), item].astype(np.float64) for item, n in enumerate(n_categories)]
    status = np.full(n_items, "ok", dtype=object)
    for item, count in enumerate(by_item):
        n = int(count.sum())
        if not free[item]:
            status[item] = "ok" if n else "fixed"
            continue
        used = count > 0
        if n == 0:
            status[item] = "not seen"
        elif n < 2:
            status[item] = "too few answers"
        elif used.sum() == 1:
            binary = MODELS[words[item]].categories == (2, 2)
            status[item] = ("all right" if used[1] else "all wrong") if binary else "one category"
        elif not used.all():
            status[item] = "unused category"
    return status, [count / max(1.0, count.sum()) for count in by_item]


def counted(answers: ScoreArray, n_categories: int) -> IndexArray:
    """Return how many persons answered in each category, (n_categories, n_items)."""
    found = np.zeros((n_categories, answers.shape[1]), dtype=np.intp)
    # Up to 255 rows fit into a byte, and bytes are summed many at a time.
    for low in range(0, answers.shape[0], 255):
        rows = answers[low : low + 255]
        for category in range(n_categories):
            found[category] += (rows == category).sum(axis=0, dtype=np.uint8)
    return found


def islands(
    links: Sequence[tuple[IndexArray, ScoreArray | None]], n_items: int, anchors: IndexArray
) -> tuple[IndexArray, ...]:
    """Return the items in sets that no person connects; those fixed on one scale, at `anchors`, are connected.

    links : items and seen of blocks, as in Block
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    one, other = [anchors[:1].repeat(anchors.size)], [anchors]
    for items, seen in links:
        if seen is None:
            one.append(items[:1].repeat(items.size))
            other.append(items)
        else:
            person, item = np.nonzero(seen)
            first = np.r_[True, person[1:] != person[:-1]]
            one.append(items[item[np.maximum.accumulate(np.where(first, np.arange(item.size), 0))]])
            other.append(items[item])
    rows, columns = np.concatenate(one), np.concatenate(other)
    graph = coo_matrix((np.ones(rows.size, dtype=np.int8), (rows, columns)), shape=(n_items, n_items))
    n_islands, island = connected_components(graph, directed=False)
    return tuple(np.flatnonzero(island == number) for number in range(n_islands))
