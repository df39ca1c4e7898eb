"""Every number of a reference file is compared or its reason stands beside the test: the walk that sees to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """numbers : what the program says, in the shape of the leaf ; tolerance, relative : np.allclose's atol and rtol."""

    numbers: Any
    tolerance: float = 1e-8
    relative: float = 0.0


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Yield path and numbers of every leaf, a list being one leaf; None is NaN. Words and leaves without a number are left out.

    >>> [path for path, _ in leaves({"a": {"b": [1, None]}, "c": "word", "d": [], "e": True, "f": [None]})]
    ['a/b']
    """
    if isinstance(tree, dict):
        for name, part in tree.items():
            yield from leaves(part, f"{path}/{name}".lstrip("/"))
        return
    if isinstance(tree, (str, bool)) or tree is None:
        return
    try:
        numbers = np.array(tree, float)
    except (TypeError, ValueError):
        if isinstance(tree, list) and all(isinstance(row, dict) for row in tree):
            for place, row in enumerate(tree):
                yield from leaves(row, f"{path}/{place}")
        return
    if np.isfinite(numbers).any():
        yield path, numbers


def unlike(tree: Any, found: Mapping[str, Found], excused: Mapping[str, str]) -> list[str]:
    """Return a sentence for every leaf that is off, neither compared nor excused, or both; and for what names no leaf.

    excused : pattern of paths (``*`` any characters) → the reason
    """
    said: list[str] = []
    used: set[str] = set()
    named: set[str] = set()
    for path, wanted in leaves(tree):
        reasons = [pattern for pattern in excused if fnmatchcase(path, pattern)]
        named.update(reasons)
        if path not in found:
            if not reasons:
                said.append(f"{path}: neither compared nor excused")
            continue
        used.add(path)
        if reasons:
            said.append(f"{path}: compared and excused by {reasons[0]}")
        said += _off(path, found[path], wanted)
    said += [f"{path}: no such leaf" for path in found if path not in used]
    return said + [f"{pattern}: excuses nothing" for pattern in excused if pattern not in named]


def _off(path: str, found: Found, wanted: np.ndarray) -> list[str]:
    numbers = np.asarray(found.numbers, float)
    if numbers.shape != wanted.shape:
        return [f"{path}: shape {numbers.shape} instead of {wanted.shape}"]
    alike = np.isclose(numbers, wanted, rtol=found.relative, atol=found.tolerance, equal_nan=True)
    if alike.all():
        return []
    gap = np.nanmax(np.abs(numbers - wanted)) if (np.isnan(numbers) == np.isnan(wanted)).all() else np.nan
    return [f"{path}: {int((~alike).sum())} of {alike.size} off, by {gap:.3g} at most"]
