"""Persons in blocks, wherever they are held, and sums over them.

An estimation needs nothing of its persons but sums: expected counts, log-likelihoods, products of scores. What is
summed is a `Work`; who holds the rows and does the work, threads of this process or the workers of a cluster, is a
`Respondents`. The order of the additions is that of the persons, so that the sums do not depend on who was quicker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from qbank.irt.answers import checked_groups, checked_scores, counted_scores
from qbank.irt.blocks import Block, Head, collapsed, group_by_form, head_of, stretches, thin
from qbank.irt.models import FloatArray, IndexArray, Mask, ScoreArray
from qbank.irt.threads import in_order

# Of more than three times as many rows a sample of about this size gives the start and a first information matrix.
SAMPLE_SIZE = 4000

Total = TypeVar("Total")
Part = TypeVar("Part")


class Work(Protocol[Total, Part]):
    """What is summed over persons. It can be pickled; `of` may run on several cores at a time."""

    def start(self) -> Total:
        """Return the sum over nobody."""

    def of(self, block: Block) -> Part:
        """Return what a stretch of persons adds."""

    def add(self, total: Total, block: Block, part: Part) -> None:
        """Add that to a sum."""

    def join(self, total: Total, other: Total) -> None:
        """Add another sum to a sum."""


class Respondents(Protocol):
    """Persons in blocks, held somewhere."""

    @property
    def heads(self) -> tuple[Head, ...]:
        """What is known of each block."""

    @property
    def links(self) -> Sequence[tuple[IndexArray, ScoreArray | None]]:
        """Items and seen of each block, as in Block, or of enough of its persons to tell which items they connect."""

    @property
    def sample(self) -> "Respondents | None":
        """Every n-th person of each block in the order of sum scores, or None where there are few."""

    def sum(self, work: Work[Total, Part], chosen: Mask | None = None) -> Total:
        """Return the sum over all persons, or over those of the chosen blocks, (n_blocks,)."""


class Answers(Protocol):
    """Answers before it is known which items are calibrated.

    counts    (n_categories, n_items) persons by category, as many categories as were found
    groups    sorted labels, ("",) without;  grouped: whether there are any
    """

    @property
    def counts(self) -> IndexArray: ...

    @property
    def n_persons(self) -> int: ...

    @property
    def groups(self) -> tuple[str, ...]: ...

    @property
    def grouped(self) -> bool: ...

    def respondents(self, used: IndexArray, covariates: FloatArray | None) -> Respondents:
        """Return the persons in blocks with their answers to the used items."""


@dataclass(frozen=True, slots=True)
class RespondentsHere:
    """Persons held by this process; n_threads: cores to use."""

    blocks: tuple[Block, ...]
    heads: tuple[Head, ...]
    sample: "RespondentsHere | None" = None
    n_threads: int = 1

    @property
    def links(self) -> Sequence[tuple[IndexArray, ScoreArray | None]]:
        return [(block.items, block.seen) for block in self.blocks]

    def sum(self, work: Work[Total, Part], chosen: Mask | None = None) -> Total:
        blocks = self.blocks if chosen is None else [self.blocks[n] for n in np.flatnonzero(chosen)]
        return summed(work, blocks, self.n_threads)


def summed(work: Work[Total, Part], blocks: Sequence[Block], n_threads: int = 1) -> Total:
    """Return the sum over blocks in this process."""
    total = work.start()
    units = [unit for block in blocks for unit in stretches(block)]
    for unit, part in zip(units, in_order(work.of, units, n_threads), strict=True):
        work.add(total, unit, part)
    return total


def held_here(blocks: Sequence[Block], *, collapse: bool = False, n_threads: int = 1) -> RespondentsHere:
    """Return the persons of blocks, held by this process.

    collapse : equal rows of a short form become one weighted row, where that saves work
    """
    heads = tuple(head_of(block, collapse=collapse) for block in blocks)
    stride = stride_of(heads)
    sample = held_here(thin(blocks, stride), n_threads=n_threads) if stride > 1 else None
    joined = tuple(collapsed(block) for block in blocks) if collapse else tuple(blocks)
    return RespondentsHere(joined, heads, sample, n_threads)


def stride_of(heads: Sequence[Head]) -> int:
    """Return n where every n-th person makes the sample, 1 where a sample would save nothing."""
    n_rows: int = sum(head.n_rows for head in heads)
    return n_rows // SAMPLE_SIZE if n_rows > 3 * SAMPLE_SIZE else 1


@dataclass(frozen=True, slots=True)
class AnswersHere:
    """Answers as a matrix in this process: scores (n_persons, n_items), group_of (n_persons,)."""

    scores: ScoreArray
    counts: IndexArray
    groups: tuple[str, ...]
    grouped: bool
    group_of: IndexArray
    n_threads: int = 1

    @property
    def n_persons(self) -> int:
        return len(self.scores)

    def respondents(self, used: IndexArray, covariates: FloatArray | None) -> RespondentsHere:
        scores = self.scores if used.size == self.scores.shape[1] else self.scores[:, used]
        blocks = group_by_form(scores, self.group_of, collapse=False, covariates=covariates)
        return held_here(blocks, collapse=covariates is None, n_threads=self.n_threads)


def answers_here(scores: object, groups: Sequence[str] | None, *, n_threads: int = 1) -> AnswersHere:
    """Return the answers of a matrix, or say what is wrong with it or with the groups."""
    answers = checked_scores(scores)  # type: ignore[arg-type]
    names, group_of = checked_groups(groups, answers.shape[0])
    return AnswersHere(answers, counted_scores(answers), names, groups is not None, group_of, n_threads)
