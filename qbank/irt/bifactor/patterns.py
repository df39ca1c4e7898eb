"""Answers as patterns: each testlet has far fewer different answers than there are persons.

The items are dealt into packets: one for each testlet, and small ones for the items without. The integral over a
testlet's specific ability is taken once for each pattern that occurs in it, missing answers included, and a
person is a row of pattern numbers. So the cost of the inner integral does not grow with the persons where
testlets are short, and missing by design costs nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbank.irt.bifactor.design import Design
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, ScoreArray

# Items without a testlet are dealt into packets of at most so many patterns.
PACKET_PATTERNS = 256
# Persons are split until the log-likelihoods of the patterns that they have fit in this.
PART_BYTES = 1 << 26
FEWEST_PERSONS = 256
CHUNK_BYTES = 1 << 23
PIECE_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class Packet:
    """The items of one testlet, or some items without.

    items      (n,);  side: 1 a testlet, 0 not
    patterns   (n_patterns, n) categories, −1 not seen
    rows       (n_columns,) row of each column's category in the table of its side;  owner, category:
               (n_columns,) the item's place in the packet, and the category
    first      number of the packet's first pattern in the part
    """

    items: IndexArray
    side: int
    patterns: ScoreArray
    rows: IndexArray
    owner: IndexArray
    category: IndexArray
    first: int

    @property
    def here(self) -> slice:
        """Where the packet's patterns stand among those of the part."""
        return slice(self.first, self.first + self.patterns.shape[0])


@dataclass(frozen=True, slots=True)
class Part:
    """Some persons.

    persons    (n_persons,) row of the scores
    codes      (n_persons, n_packets) the pattern of each packet, −1 if the person saw none of its items
    """

    packets: tuple[Packet, ...]
    persons: IndexArray
    codes: NDArray[np.int32]
    n_patterns: int


def make_parts(task: Design, scores: ScoreArray) -> tuple[Part, ...]:
    """Return the persons who saw anything, in parts of bounded cost.

    scores : (n_persons, n_items), −1 not seen
    """
    persons = np.flatnonzero((scores != NOT_SEEN).any(axis=1))
    return tuple(_split(task, scores, persons, _packets_of(task))) if persons.size else ()


def _split(
    task: Design, scores: ScoreArray, persons: IndexArray, packets: list[IndexArray]
) -> Iterator[Part]:
    part = _part(task, scores, persons, packets)
    if 8 * task.nodes.size * part.n_patterns <= PART_BYTES or persons.size < FEWEST_PERSONS:
        yield part
    else:
        half = persons.size // 2
        yield from _split(task, scores, persons[:half], packets)
        yield from _split(task, scores, persons[half:], packets)


def _packets_of(task: Design) -> list[IndexArray]:
    """Return the items of each packet: testlets first."""
    packets = [np.flatnonzero(task.testlet == t) for t in range(int(task.testlet.max(initial=-1)) + 1)]
    packets = [items for items in packets if items.size]
    waiting: list[int] = []
    patterns = 1
    for item in np.flatnonzero(task.testlet < 0).tolist():
        n = int(task.n_categories[item])
        if waiting and patterns * n > PACKET_PATTERNS:
            packets.append(np.array(waiting, dtype=np.intp))
            waiting, patterns = [], 1
        waiting.append(item)
        patterns *= n
    if waiting:
        packets.append(np.array(waiting, dtype=np.intp))
    return packets


def _part(task: Design, scores: ScoreArray, persons: IndexArray, packets: list[IndexArray]) -> Part:
    codes = np.full((persons.size, len(packets)), -1, dtype=np.int32)
    found = []
    first = 0
    for number, items in enumerate(packets):
        answers = np.ascontiguousarray(scores[np.ix_(persons, items)])
        some = np.flatnonzero((answers != NOT_SEEN).any(axis=1))
        rows, inverse = _unique_rows(answers[some])
        codes[some, number] = inverse
        n_categories = task.n_categories[items]
        owner = np.repeat(np.arange(items.size), n_categories)
        category = np.arange(owner.size) - np.repeat(np.cumsum(n_categories) - n_categories, n_categories)
        found.append(
            Packet(
                items,
                int(task.testlet[items[0]] >= 0),
                answers[some[rows]],
                task.row[items][owner] + category,
                owner,
                category,
                first,
            )
        )
        first += rows.size
    return Part(tuple(found), persons, codes, first)


def share(part: Part, rows: slice) -> Part:
    """Return some persons of a part, with the patterns that they have."""
    packets = []
    codes = part.codes[rows].copy()
    first = 0
    for number, packet in enumerate(part.packets):
        some = codes[:, number] >= 0
        kept, codes[some, number] = np.unique(codes[some, number], return_inverse=True)
        packets.append(replace(packet, patterns=packet.patterns[kept], first=first))
        first += kept.size
    return Part(tuple(packets), part.persons[rows], codes, first)


def _unique_rows(answers: ScoreArray) -> tuple[IndexArray, IndexArray]:
    """Return the place of the first row of each kind, and the kind of each row."""
    base = int(answers.max(initial=0)) + 2
    key: NDArray[Any]
    if base ** answers.shape[1] < 2**62:
        key = (answers.astype(np.int64) + 1) @ base ** np.arange(answers.shape[1], dtype=np.int64)
    else:
        key = answers.view(np.dtype((np.void, answers.shape[1]))).ravel()
    _, rows, inverse = np.unique(key, return_index=True, return_inverse=True)
    return rows.astype(np.intp), inverse.astype(np.intp)


def pieces(task: Design, packet: Packet) -> Iterator[slice]:
    """Yield slices of a packet's patterns that are small enough for tables over all nodes."""
    n_nodes = task.specific[packet.side][0].size * task.nodes.size
    size = max(16, PIECE_BYTES // (8 * n_nodes))
    for low in range(0, packet.patterns.shape[0], size):
        yield slice(low, min(low + size, packet.patterns.shape[0]))


def indicators(packet: Packet, piece: slice) -> FloatArray:
    """Return (n_patterns, n_columns), 1 where a pattern has the column's category."""
    found: FloatArray = (packet.patterns[piece][:, packet.owner] == packet.category).astype(np.float64)
    return found


def conditional(
    task: Design, packet: Packet, piece: slice, table: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the posterior of the specific ability given the general one, and the log-likelihood without it.

    table : (n_rows, n_specific, n_nodes) log P of the packet's side
    Shapes (n_patterns, n_specific, n_nodes) and (n_patterns, n_nodes): the inner integral of Gibbons & Hedeker
    (1992), eq. 11, in the log domain.
    """
    log_weights = task.specific[packet.side][1]
    n_specific, n_nodes = table.shape[1:]
    joint = (indicators(packet, piece) @ table[packet.rows].reshape(packet.rows.size, -1)).reshape(
        -1, n_specific, n_nodes
    )
    if n_specific == 1:
        return np.ones_like(joint), joint[:, 0]
    joint += log_weights[:, None]
    peak = joint.max(axis=1)
    joint -= peak[:, None]
    np.exp(joint, out=joint)
    total = joint.sum(axis=1)
    joint /= total[:, None]
    return joint, peak + np.log(total)
