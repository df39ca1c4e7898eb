"""Blocks of persons on several cores. The result does not depend on how many there are."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Unit = TypeVar("Unit")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Unit], Result], units: Sequence[Unit], n_threads: int
) -> Iterator[Result]:
    """Yield work(unit) for each unit, in their order, several at a time.

    numpy's products and functions let other threads run, so that threads suffice.
    """
    if n_threads <= 1 or len(units) <= 1:
        yield from map(work, units)
        return
    with ThreadPoolExecutor(min(n_threads, len(units))) as pool:
        yield from pool.map(work, units)
