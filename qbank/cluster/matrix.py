"""A matrix of this process whose stretches of persons are held by workers.

Blocks and stretches are those of one process, and what they add is added here in the same order: the same numbers to the
last bit, where the workers' processors and libraries are those of this machine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qbank.cluster.connection import Cluster
from qbank.cluster.held import HeldBlocks, add_each
from qbank.cluster.respondents import carry, submit
from qbank.irt.blocks import STRETCH, Block, Head, stretches
from qbank.irt.models import FloatArray, IndexArray, Mask, ScoreArray
from qbank.irt.respondents import AnswersHere, Part, RespondentsHere, Total, Work


@dataclass(frozen=True, slots=True)
class SentRespondents:
    """Persons in stretches, packed for the workers; the rest as in irt's Respondents.

    held       futures of HeldBlocks;  without_rows: what stands in each, to tell what was added from where
    """

    cluster: Cluster
    held: tuple[Any, ...]
    without_rows: tuple[HeldBlocks, ...]
    heads: tuple[Head, ...]
    links: Sequence[tuple[IndexArray, ScoreArray | None]]
    sample: RespondentsHere | None

    def sum(self, work: Work[Total, Part], chosen: Mask | None = None) -> Total:
        """Return the sum over all persons, each stretch added in its turn."""
        carried = submit(self.cluster, carry, work)
        found = [submit(self.cluster, add_each, carried, held, chosen) for held in self.held]
        total = work.start()
        for place, packet in enumerate(self.without_rows):
            parts = iter(self.cluster.result(found[place]))
            found[place] = None
            for block, number in zip(packet.blocks, packet.numbers, strict=True):
                if chosen is None or chosen[number]:
                    work.add(total, block, next(parts))
        return total


@dataclass(frozen=True, slots=True)
class SentAnswers:
    """Answers of a matrix in this process that is sent to the workers; see irt's Answers."""

    cluster: Cluster
    here: AnswersHere

    @property
    def counts(self) -> IndexArray:
        return self.here.counts

    @property
    def n_persons(self) -> int:
        return self.here.n_persons

    @property
    def groups(self) -> tuple[str, ...]:
        return self.here.groups

    @property
    def grouped(self) -> bool:
        return self.here.grouped

    def respondents(self, used: IndexArray, covariates: FloatArray | None) -> SentRespondents:
        """Return the persons in blocks, with their answers to the used items."""
        persons = self.here.respondents(used, covariates)
        held = tuple(submit(self.cluster, carry, packet) for packet in _packets(persons.blocks))
        bare = tuple(
            HeldBlocks(tuple(_without_rows(block) for block in packet.blocks), packet.numbers)
            for packet in _packets(persons.blocks)
        )
        return SentRespondents(self.cluster, held, bare, persons.heads, persons.links, persons.sample)


def _packets(blocks: Sequence[Block]) -> Iterator[HeldBlocks]:
    """Yield the stretches of all blocks in their order, small ones several together."""
    some: list[Block] = []
    numbers: list[int] = []
    for number, block in enumerate(blocks):
        for unit in stretches(block):
            some.append(unit)
            numbers.append(number)
            if sum(one.persons.size for one in some) >= STRETCH // 2:
                yield HeldBlocks(tuple(some), tuple(numbers))
                some, numbers = [], []
    if some:
        yield HeldBlocks(tuple(some), tuple(numbers))


def _without_rows(block: Block) -> Block:
    none = np.empty((0, block.items.size), dtype=np.int8)
    nobody = np.empty(0, dtype=np.intp)
    return replace(block, scores=none, seen=None, persons=nobody, weights=np.empty(0), covariates=None)
