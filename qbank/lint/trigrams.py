"""Character trigrams of texts as one sparse matrix, and all pairs of texts that share enough of them.

The join is exact. Frequent trigrams are never dropped: in a bank about one trade, half of every stem is jargon, and
a join without the jargon finds one copy in seven. What makes it fast is exact as well: for a Jaccard index of t or
more, a pair must share one of its rarest trigrams (prefix filter: Bayardo, Ma & Srikant 2007, doi:10.1145/1242572.1242591)
and its texts must be of like length; what is left is bounded by bit masks and then counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK_ROWS = 512
CHUNK = 65_536
MASK_WORDS = 16
"""64-bit words of a text's mask; more of them let fewer candidates through to the exact count."""
FULL_CLIQUE = 200
"""Of more equal texts than this, each is paired with the first only: 10,000 copies would be 50 million pairs."""


@dataclass(frozen=True, slots=True, eq=False)
class Grams:
    """The trigrams of n texts: row i holds ``columns[starts[i]:starts[i + 1]]``, ascending; column 0 is the rarest.

    codes : (n_grams,) the three characters of a column as one integer, ascending ; rank : (n_grams,) its column
    """

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    codes: NDArray[np.int64]
    rank: NDArray[np.int32]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Return the number of different trigrams of each text."""
        import numpy as np

        return np.diff(self.starts)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of rows, first < second, sorted; ``similarity`` is their Jaccard index."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    similarity: NDArray[np.float64]

    def __iter__(self) -> Iterator[tuple[int, int, float]]:
        return zip(self.first.tolist(), self.second.tolist(), self.similarity.tolist(), strict=True)

    def __len__(self) -> int:
        return len(self.first)


def _codes(texts: Sequence[Sequence[str]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the trigrams of all passages as integers, and of which text each is; a short passage is one trigram."""
    import numpy as np

    passages = [part.ljust(3, "\0") for parts in texts for part in parts if part]
    owner = np.repeat(np.arange(len(texts)), [sum(map(bool, parts)) for parts in texts])
    lengths = np.fromiter(map(len, passages), np.int64, len(passages))
    marks = np.frombuffer("".join(passages).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    starting = np.ones(len(marks), bool)
    ends = np.cumsum(lengths)
    starting[ends - 1] = starting[ends - 2] = False
    at = np.flatnonzero(starting)
    codes = marks[at] << 42 | marks[at + 1] << 21 | marks[at + 2] if len(at) else at
    return codes, np.repeat(owner, lengths - 2)


def grams(texts: Sequence[Sequence[str]]) -> Grams:
    """Return the trigram sets of texts; a text is its passages, and no trigram spans two of them.

    >>> grams([["abcd"], ["ab", "bcd"]]).sizes
    array([2, 2])
    """
    import numpy as np

    found, owner = _codes(texts)
    codes, column = np.unique(found, return_inverse=True)
    n = max(len(codes), 1)
    cells = np.sort(owner * n + column)  # np.unique without an inverse counts by hash, ten times slower than this
    owner, column = np.divmod(cells[np.diff(cells, prepend=-1) > 0], n)
    rank = np.empty(len(codes), np.int32)
    rank[np.argsort(np.bincount(column, minlength=len(codes)), kind="stable")] = np.arange(len(codes), dtype=np.int32)
    columns = np.sort(owner * n + rank[column]) % n if len(codes) else column
    starts = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(texts)))]).astype(np.int64)
    return Grams(starts, columns.astype(np.int32), codes, rank)


def nearest(given: Grams, text: Sequence[str]) -> NDArray[np.float64]:
    """Return the Jaccard index of one text with each of the texts, (n,).

    >>> nearest(grams([["abcd"], ["xyz"]]), ["abcde"]).round(2).tolist()
    [0.67, 0.0]
    """
    import numpy as np

    codes = np.unique(_codes([text])[0])
    wanted = np.zeros(len(given.codes), np.int64)
    wanted[given.rank[np.isin(given.codes, codes)]] = 1
    hits = np.concatenate([[0], np.cumsum(wanted[given.columns])])
    shared = hits[given.starts[1:]] - hits[given.starts[:-1]]
    union = given.sizes + len(codes) - shared
    return np.asarray(shared / np.maximum(union, 1), float)


def join(given: Grams, threshold: float) -> Pairs:
    """Return every pair of texts whose Jaccard index is at least the threshold (0 < threshold ≤ 1), exactly.

    Texts without a trigram are like nothing. Equal texts are compared once and paired among themselves.
    """
    import numpy as np

    if not 0 < threshold <= 1:
        raise ValueError(f"threshold {threshold} is not between 0 and 1")
    groups = _equal_rows(given)
    rows = np.array([group[0] for group in groups], np.int64)
    found = [np.empty((3, 0))]
    if len(rows):
        found += _close_rows(given, rows[np.argsort(given.sizes[rows], kind="stable")], threshold)
    pairs = _spread(np.concatenate(found, axis=1), groups)
    first, second = np.minimum(pairs[0], pairs[1]).astype(np.int64), np.maximum(pairs[0], pairs[1]).astype(np.int64)
    order = np.lexsort((second, first))
    return Pairs(first[order], second[order], pairs[2][order])


def _equal_rows(given: Grams) -> list[list[int]]:
    """Return the rows with equal trigram sets, groups in the order of their first row; empty texts are left out."""
    groups: dict[bytes, list[int]] = {}
    starts = given.starts.tolist()
    for row in range(len(starts) - 1):
        if starts[row] < starts[row + 1]:
            groups.setdefault(given.columns[starts[row] : starts[row + 1]].tobytes(), []).append(row)
    return list(groups.values())


def _spread(pairs: NDArray[np.float64], groups: list[list[int]]) -> NDArray[np.float64]:
    """Return the pairs of first rows as pairs of all rows of their groups, and those inside each group."""
    import numpy as np

    members = {group[0]: group for group in groups if len(group) > 1}
    if not members:
        return pairs
    inside = [
        (one, other, 1.0)
        for group in members.values()
        for n, one in enumerate(group if len(group) <= FULL_CLIQUE else group[:1])
        for other in group[n + 1 :]
    ]
    single = ~(np.isin(pairs[0], list(members)) | np.isin(pairs[1], list(members)))
    across = [
        (one, other, similarity)
        for first, second, similarity in pairs[:, ~single].T.tolist()
        for one in members.get(int(first), [int(first)])[:FULL_CLIQUE]
        for other in members.get(int(second), [int(second)])[:FULL_CLIQUE]
    ]
    return np.concatenate([pairs[:, single], np.array(inside + across, float).reshape(-1, 3).T], axis=1)


def _close_rows(given: Grams, rows: NDArray[np.int64], threshold: float) -> Iterable[NDArray[np.float64]]:
    """Yield (first, second, similarity) of different texts; ``rows`` are sorted by size.

    With x the shorter and y the longer text, J ≥ t needs an overlap of t / (1 + t) · (|x| + |y|), at least t |y| and at
    least 2 t / (1 + t) |x|: so many trigrams fewer than its size, and one more, need to be looked at on each side.
    """
    import numpy as np

    sizes = given.sizes[rows]
    look_up = _rarest(given, rows, _all_but(threshold, sizes))
    listed = _rarest(given, rows, _all_but(2 * threshold / (1 + threshold), sizes))
    masks = _masks(given, rows)
    matrix = _matrix(given)[rows]
    for start in range(0, len(rows), BLOCK_ROWS):
        stop = min(start + BLOCK_ROWS, len(rows))
        low = int(np.searchsorted(sizes, threshold * sizes[start] - 1e-9))
        product = (look_up[start:stop] @ listed[low:stop].T).tocoo()
        y, x = product.row.astype(np.int64) + start, product.col.astype(np.int64) + low
        least = threshold / (1 + threshold) * (sizes[x] + sizes[y]) - 1e-9
        kept = (x < y) & (sizes[x] >= threshold * sizes[y] - 1e-9)
        y, x, least = y[kept], x[kept], least[kept]
        for at in range(0, len(x), CHUNK):
            a, b, need = x[at : at + CHUNK], y[at : at + CHUNK], least[at : at + CHUNK]
            union = np.bitwise_count(masks[a] | masks[b]).sum(axis=1, dtype=np.int64)
            likely = sizes[a] + sizes[b] - union >= need
            a, b, need = a[likely], b[likely], need[likely]
            shared = _shared(matrix, a, b)
            close = shared >= need
            a, b, shared = a[close], b[close], shared[close]
            yield np.stack([rows[a], rows[b], shared / (sizes[a] + sizes[b] - shared)])


def _all_but(share: float, sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many trigrams are too many to be missing from an overlap of that share of the sizes."""
    import numpy as np

    least: NDArray[np.int64] = np.ceil(share * sizes - 1e-9).astype(np.int64)
    return sizes - least + 1


def _rarest(given: Grams, rows: NDArray[np.int64], n: NDArray[np.int64]) -> Any:
    """Return the matrix of the n rarest trigrams of each of the rows, those of lowest column."""
    import numpy as np
    from scipy import sparse

    starts = np.concatenate([[0], np.cumsum(n)])
    at = np.arange(starts[-1]) - np.repeat(starts[:-1], n) + np.repeat(given.starts[rows], n)
    ones = np.ones(len(at), np.int32)
    return sparse.csr_matrix((ones, given.columns[at], starts), (len(rows), len(given.codes)))


def _masks(given: Grams, rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return bit masks of the texts, (n, MASK_WORDS): two texts have no fewer trigrams together than bits."""
    import numpy as np

    bit = given.codes % (64 * MASK_WORDS - 3)
    of_column = np.empty(len(bit), np.int64)
    of_column[given.rank] = bit
    bits = of_column[given.columns]
    owner = np.repeat(np.arange(len(given.starts) - 1), given.sizes)
    masks = np.zeros((len(given.starts) - 1, MASK_WORDS), np.uint64)
    np.bitwise_or.at(masks, (owner, bits // 64), np.uint64(1) << (bits % 64).astype(np.uint64))
    return masks[rows]


def similarity(given: Grams, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the Jaccard index of given pairs of rows, (n_pairs,); 0 where both texts are empty."""
    import numpy as np

    matrix, sizes = _matrix(given), given.sizes
    values = np.zeros(len(first))
    for at in range(0, len(first), CHUNK):
        a, b = first[at : at + CHUNK], second[at : at + CHUNK]
        shared = _shared(matrix, a, b)
        values[at : at + CHUNK] = shared / np.maximum(sizes[a] + sizes[b] - shared, 1)
    return values


def _matrix(given: Grams) -> Any:
    import numpy as np
    from scipy import sparse

    ones = np.ones(len(given.columns), np.int32)
    return sparse.csr_matrix((ones, given.columns, given.starts), (len(given.starts) - 1, len(given.codes)))


def _shared(matrix: Any, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many trigrams each pair of rows has in common."""
    import numpy as np

    shared: NDArray[np.int64] = np.asarray(matrix[first].multiply(matrix[second]).sum(axis=1), np.int64)
    return shared.ravel()
