"""Persons whom the workers of a cluster hold."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from qbank.cluster.connection import Cluster
from qbank.cluster.held import (
    Plan,
    count_rows,
    count_sums,
    draw,
    join_equal,
    lay_out,
    read_rows,
    sum_blocks,
    survey,
)
from qbank.cluster.plan import Links, counted_together, persons_before, planned, sample_of
from qbank.cluster.sources import BlockSource
from qbank.irt.blocks import Head
from qbank.irt.models import FloatArray, IndexArray, Mask
from qbank.irt.respondents import Part, RespondentsHere, Total, Work, stride_of


def submit(cluster: Cluster, act: Callable[..., Any], *args: Any) -> Any:
    """Return the future of a task that is done again wherever its worker is lost."""
    with warnings.catch_warnings():
        # Rows of a matrix of the caller's travel with their task, on purpose.
        warnings.filterwarnings("ignore", message="Sending large graph")
        return cluster.client.submit(act, *args, key=cluster.name(act.__name__), pure=False)


def carry(work: Any) -> Any:
    """Return a work: as a task of its own it travels to the cluster once, and from worker to worker there."""
    return work


@dataclass(frozen=True, slots=True)
class SpreadRespondents:
    """Persons in blocks of which each worker holds some; held: futures of HeldBlocks in the order of the sources."""

    cluster: Cluster
    held: tuple[Any, ...]
    heads: tuple[Head, ...]
    links: Links
    sample: RespondentsHere | None

    def sum(self, work: Work[Total, Part], chosen: Mask | None = None) -> Total:
        """Return the sum over all persons; those of the sources are added in the order of the sources."""
        carried = submit(self.cluster, carry, work)
        parts = [submit(self.cluster, sum_blocks, carried, held, chosen) for held in self.held]
        total = work.start()
        for number, part in enumerate(parts):
            work.join(total, self.cluster.result(part))
            parts[number] = None
        return total


@dataclass(frozen=True, slots=True)
class SpreadAnswers:
    """Answers that workers hold; rows: futures of Rows in the order of the sources; the rest as in irt's Answers."""

    cluster: Cluster
    rows: list[Any]
    n_persons: int
    counts: IndexArray
    groups: tuple[str, ...]
    grouped: bool

    def respondents(self, used: IndexArray, covariates: FloatArray | None) -> SpreadRespondents:
        """Return the persons in blocks, each source's on the worker that has read it."""
        if covariates is not None:
            raise ValueError("covariates of persons cannot be spread over a cluster")
        cluster = self.cluster
        names = self.groups
        surveys = cluster.results([submit(cluster, survey, rows, used, names) for rows in self.rows])
        heads, number, links = planned(surveys, used.size)
        held = [
            submit(cluster, lay_out, rows, used, names, Plan(heads, own))
            for rows, own in zip(self.rows, number, strict=True)
        ]
        # The rows are not needed any more, and their recipe is kept by what was made of them.
        for place, own in enumerate(held):
            cluster.finish(own)
            self.rows[place] = None
        stride = stride_of(heads)
        sample = None
        if stride > 1:
            numbers = [tuple(dict.fromkeys(own.tolist())) for own in number]
            sums = cluster.results([submit(cluster, count_sums, own, heads) for own in held])
            before = persons_before(sums, numbers, len(heads))
            drawn = [
                submit(cluster, draw, own, heads, ahead, stride) for own, ahead in zip(held, before, strict=True)
            ]
            sample = sample_of(heads, cluster.results(drawn), numbers)
        if any(head.n_rows < head.n_persons for head in heads):
            held = [submit(cluster, join_equal, own, heads) for own in held]
        return SpreadRespondents(cluster, tuple(held), heads, links, sample)


def spread(sources: Sequence[BlockSource], cluster: Cluster) -> SpreadAnswers:
    """Return the answers of sources, read by the workers."""
    if not sources:
        raise ValueError("there are no blocks to calibrate")
    rows = [submit(cluster, read_rows, source) for source in sources]
    found = []
    for number, task in enumerate([submit(cluster, count_rows, one) for one in rows], start=1):
        try:
            found.append(cluster.result(task))
        except ValueError as fault:
            raise ValueError(f"block {number}: {fault}") from fault
    return SpreadAnswers(cluster, rows, *counted_together(found))
