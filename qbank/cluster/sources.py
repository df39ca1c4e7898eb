"""Where a worker gets a block of answers from, and gets it again if another worker that held it is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt import ItemParameters, simulate
from qbank.irt.answers import checked_groups, checked_scores
from qbank.irt.models import ScoreArray

# Rows of one block: some seconds of work in a whole calibration, 25 MB of 100 items.
BLOCK_ROWS = 250_000
# What travels as part of a task stays below this.
MATRIX_BYTES = 4_000_000

Read = tuple[ArrayLike, Sequence[str] | None]


class BlockSource(Protocol):
    """A recipe for a block of answers; it is pickled, and run by whichever worker holds the block."""

    def read(self) -> Read:
        """Return scores (n_persons, n_items), −1 not seen, and the group of each person, None without groups.

        The same at each call: a block whose worker is lost is read again.
        """


@dataclass(frozen=True, slots=True)
class ArraySource:
    """Rows first to first + n_rows of a .npy file of scores that every worker can read under the same path.

    groups : a .npy file with a label of each row, one label for all rows, or None
    """

    path: Path
    first: int
    n_rows: int
    groups: Path | str | None = None

    def read(self) -> Read:
        rows = slice(self.first, self.first + self.n_rows)
        scores = np.array(np.load(self.path, mmap_mode="r", allow_pickle=False)[rows])
        if isinstance(self.groups, Path):
            return scores, np.load(self.groups, mmap_mode="r", allow_pickle=False)[rows].tolist()
        return scores, None if self.groups is None else [self.groups] * scores.shape[0]


@dataclass(frozen=True, slots=True)
class ParquetSource:
    """Rows first to first + n_rows of a Parquet file: a column an item, null where not seen.

    items : the columns, in order;  group : the column of the groups, or None
    """

    path: Path
    items: tuple[str, ...]
    first: int
    n_rows: int
    group: str | None = None

    def read(self) -> Read:
        import polars as pl

        columns = [*self.items, *([] if self.group is None else [self.group])]
        frame = pl.scan_parquet(self.path).select(columns).slice(self.first, self.n_rows).collect()
        scores = frame.select(pl.col(self.items).fill_null(-1)).to_numpy()
        return scores, None if self.group is None else frame[self.group].cast(pl.String).to_list()


@dataclass(frozen=True, slots=True)
class SimulatedSource:
    """Answers drawn from a model: persons of N(mean, sd^2), the same for the same seed and number.

    number : of the block, so that blocks of one seed differ;  group : label of all its persons, or None
    """

    parameters: ItemParameters
    n_persons: int
    seed: int
    number: int = 0
    mean: float = 0.0
    sd: float = 1.0
    group: str | None = None

    def read(self) -> Read:
        rng = np.random.default_rng([self.seed, self.number])
        theta = rng.normal(self.mean, self.sd, self.n_persons)
        scores = simulate(self.parameters, theta, seed=rng)
        return scores, None if self.group is None else [self.group] * self.n_persons


@dataclass(frozen=True, slots=True)
class MatrixSource:
    """Rows of a matrix of the caller's, which travel to the workers as part of the recipe."""

    scores: ScoreArray
    groups: tuple[str, ...] | None = None

    def read(self) -> Read:
        return self.scores, self.groups


def matrix_sources(scores: ArrayLike, groups: Sequence[str] | None = None) -> tuple[MatrixSource, ...]:
    """Return a matrix in blocks of rows, or say what is wrong with it or with the groups."""
    answers = checked_scores(scores)
    names, group_of = checked_groups(groups, answers.shape[0])
    labels = np.array(names)[group_of]
    n_rows = max(1, MATRIX_BYTES // max(1, answers.shape[1]))
    return tuple(
        MatrixSource(
            np.ascontiguousarray(answers[low : low + n_rows]),
            None if groups is None else tuple(labels[low : low + n_rows].tolist()),
        )
        for low in range(0, max(1, answers.shape[0]), n_rows)
    )


def simulated_sources(
    parameters: ItemParameters, n_persons: int, *, seed: int, n_rows: int = BLOCK_ROWS
) -> tuple[SimulatedSource, ...]:
    """Return n_persons of N(0, 1) in blocks that the workers draw.

    >>> from qbank.irt import item_parameters
    >>> items = item_parameters("2pl", a=[1.0, 1.5], b=[0.0, 1.0])
    >>> [source.n_persons for source in simulated_sources(items, 1000, seed=1, n_rows=400)]
    [400, 400, 200]
    """
    return tuple(
        SimulatedSource(parameters, min(n_rows, n_persons - low), seed, number)
        for number, low in enumerate(range(0, n_persons, n_rows))
    )


def file_sources(
    path: str | Path, *, groups: str | Path | None = None, n_rows: int = BLOCK_ROWS
) -> tuple[ArraySource | ParquetSource, ...]:
    """Return the rows of a .npy or a Parquet file in blocks; all workers must be able to read it.

    groups : of a .npy file another .npy file with a label of each row, of a Parquet file the name of a column
    """
    whole = Path(path).resolve()
    if whole.suffix == ".npy":
        n_persons = int(np.load(whole, mmap_mode="r", allow_pickle=False).shape[0])
        labels = None if groups is None else Path(groups).resolve()
        return tuple(
            ArraySource(whole, low, min(n_rows, n_persons - low), labels) for low in range(0, n_persons, n_rows)
        )
    if whole.suffix not in (".parquet", ".pq"):
        raise ValueError(f"answers in blocks come from .npy or .parquet files, found {whole.name}")
    import polars as pl

    frame = pl.scan_parquet(whole)
    items = tuple(name for name in frame.collect_schema().names() if name != groups)
    n_persons = int(frame.select(pl.len()).collect().item())
    column = None if groups is None else str(groups)
    return tuple(
        ParquetSource(whole, items, low, min(n_rows, n_persons - low), column)
        for low in range(0, n_persons, n_rows)
    )
