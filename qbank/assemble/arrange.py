"""The order of questions within a section: by rank, runs of one stimulus together, fixed places kept.

Nothing here knows an item: a question is its rank, its stimulus, whether it counts, and its key where runs of equal
keys are to be avoided. A *unit* is what moves as a whole: a question alone, or all questions of one stimulus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal

MAX_RUN = 3
"""So many equal keys may stand in a row, and no more."""

PretestPlaces = Literal["spread", "end"] | tuple[int, ...]
"""Where questions that are not scored stand in their section: evenly spread, at its end, or in these places."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that awaits its place in a section.

    rank : lower stands first ; tie : decides among equal ranks ; key : what must not repeat more than three times in
    a row, "" where nothing is at stake ; place : its fixed place, counted from 1, or 0
    """

    rank: float
    tie: str | float | tuple[float, int]
    stimulus: str = ""
    scored: bool = True
    key: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """members : indices of the questions, in the order in which they stand ; rank : the mean of theirs"""

    members: tuple[int, ...]
    rank: float
    scored: bool

    def __len__(self) -> int:
        return len(self.members)


def arranged(questions: Sequence[Waiting], pretest: PretestPlaces = "spread") -> tuple[int, ...]:
    """Return the index of the question in each place of a section.

    Fixed places come first, then stimuli together, then the rank; where a stimulus cannot stay together beside the
    fixed places, it is parted. Units of equal rank change places where that breaks a run of more than three equal
    keys. Cost: n² per long run.

    >>> arranged([Waiting(2, "a"), Waiting(1, "b"), Waiting(3, "c", place=1)])
    (2, 1, 0)
    """
    held, units = _held(list(_units(questions)), questions, pretest)
    free = _merged(units, len(questions), pretest)
    while not _fit(_gaps(held, len(questions)), tuple(sorted(map(len, free), reverse=True))):
        free = list(_parted(free))
    return _without_long_runs(_laid(held, free, len(questions)), frozenset(held.values()), questions)


def _units(questions: Sequence[Waiting]) -> Iterator[Unit]:
    """Yield the units in the order of their ranks."""
    by_rank = sorted(range(len(questions)), key=lambda index: (questions[index].rank, questions[index].tie))
    together: dict[str | int, list[int]] = {}
    for index in by_rank:
        together.setdefault(questions[index].stimulus or index, []).append(index)
    units = []
    for members in together.values():
        rank = sum(questions[index].rank for index in members) / len(members)
        units.append(Unit(tuple(members), rank, any(questions[index].scored for index in members)))
    yield from sorted(units, key=lambda unit: (unit.rank, questions[unit.members[0]].tie))


def _held(units: list[Unit], questions: Sequence[Waiting], pretest: PretestPlaces) -> tuple[dict[int, Unit], list[Unit]]:
    """Return the units whose start, counted from 0, is given, and those that are free to stand anywhere.

    A fixed place that is not there or taken already is none: whoever counts the rules sees the question elsewhere.
    """
    held: dict[int, Unit] = {}
    free: list[Unit] = []
    waiting = list(units)
    while waiting:
        unit = waiting.pop(0)
        if not any(questions[index].place for index in unit.members):
            free.append(unit)
        elif (found := _window(unit, questions, held)) is not None:
            held[found[0]] = found[1]
        elif len(unit) > 1:
            waiting = [*_parted([unit]), *waiting]
        else:
            free.append(unit)
    taken = _places(held)
    numbers = pretest if isinstance(pretest, tuple) else ()
    open_places = sorted({place - 1 for place in numbers if 0 < place <= len(questions)} - taken)
    trials = [unit for unit in free if not unit.scored and len(unit) == 1]
    held |= dict(zip(open_places, trials, strict=False))
    return held, [unit for unit in free if unit not in held.values()]


def _places(held: Mapping[int, Unit]) -> set[int]:
    return {start + offset for start, unit in held.items() for offset in range(len(unit))}


def _window(unit: Unit, questions: Sequence[Waiting], held: Mapping[int, Unit]) -> tuple[int, Unit] | None:
    """Return the start of a unit with fixed questions, and the unit in the order in which these are in place."""
    fixed = {questions[index].place - 1: index for index in unit.members if questions[index].place}
    wanted = min(fixed) - unit.members.index(fixed[min(fixed)])
    taken = _places(held)
    starts = range(max(max(fixed) - len(unit) + 1, 0), min(min(fixed), len(questions) - len(unit)) + 1)
    able = [start for start in starts if not taken & set(range(start, start + len(unit)))]
    if not able or len(fixed) < sum(questions[index].place > 0 for index in unit.members):
        return None
    start = min(able, key=lambda start: (abs(start - wanted), start))
    others = iter([index for index in unit.members if index not in fixed.values()])
    members = tuple(fixed[place] if place in fixed else next(others) for place in range(start, start + len(unit)))
    return start, Unit(members, unit.rank, unit.scored)


def _merged(units: list[Unit], n_places: int, pretest: PretestPlaces) -> list[Unit]:
    """Return the units in the order in which they fill the places, those that are not scored among the others."""
    trials = [unit for unit in units if not unit.scored]
    merged: list[Unit] = []
    stood = 0
    for unit in (unit for unit in units if unit.scored):
        while trials and pretest != "end" and stood >= _due(len(trials), units, n_places):
            merged.append(trials.pop(0))
            stood += len(merged[-1])
        merged.append(unit)
        stood += len(unit)
    return merged + trials


def _due(n_left: int, units: list[Unit], n_places: int) -> float:
    """Return after how many places the next of the unscored units is due, when so many are left: evenly spread."""
    n = sum(not unit.scored for unit in units)
    return (n - n_left + 0.5) * n_places / n - 0.5


def _gaps(held: Mapping[int, Unit], n_places: int) -> tuple[int, ...]:
    """Return how many places are free before, between and after the units held."""
    gaps, place = [], 0
    for start in sorted(held):
        gaps.append(start - place)
        place = start + len(held[start])
    return (*gaps, n_places - place)


def _fit(gaps: tuple[int, ...], lengths: tuple[int, ...]) -> bool:
    """Return whether units of these lengths, longest first, fill the gaps; singles fill what is left."""
    if not lengths or lengths[0] == 1:
        return min(gaps) >= 0 and sum(gaps) == len(lengths)
    return any(
        _fit((*gaps[:n], gap - lengths[0], *gaps[n + 1 :]), lengths[1:])
        for n, gap in enumerate(gaps)
        if gap >= lengths[0] and gap not in gaps[:n]
    )


def _parted(units: list[Unit]) -> Iterator[Unit]:
    """Yield the units, the longest of them cut into single questions."""
    longest = max(units, key=len)
    for unit in units:
        if unit is longest:
            yield from (Unit((index,), unit.rank, unit.scored) for index in unit.members)
        else:
            yield unit


def _laid(held: Mapping[int, Unit], free: list[Unit], n_places: int) -> list[Unit]:
    """Return the units from the first place to the last: the next in order that leaves room for the rest."""
    laid: list[Unit] = []
    place = 0
    single = all(len(unit) == 1 for unit in free)
    while place < n_places:
        if place in held:
            laid.append(held[place])
        elif single:
            laid.append(free.pop(0))
        else:
            gaps = tuple(gap for gap in _gaps(held, n_places) if gap)
            done = sum(len(unit) for unit in laid if unit not in held.values())
            number = next(n for n, unit in enumerate(free) if _leaves_room(gaps, done, unit, free))
            laid.append(free.pop(number))
        place += len(laid[-1])
    return laid


def _leaves_room(gaps: tuple[int, ...], done: int, unit: Unit, free: list[Unit]) -> bool:
    """Return whether the other units still fill what is left after this one; done : free places filled so far."""
    left = list(gaps)
    while done >= left[0]:
        done -= left.pop(0)
    left[0] -= done + len(unit)
    rest = tuple(sorted((len(other) for other in free if other is not unit), reverse=True))
    return left[0] >= 0 and _fit(tuple(left), rest)


def _without_long_runs(
    laid: list[Unit], held: frozenset[Unit], questions: Sequence[Waiting]
) -> tuple[int, ...]:
    """Return the questions in order, units of equal rank swapped while that leaves fewer keys in long runs."""

    def keys(units: list[Unit]) -> list[str]:
        return [questions[index].key for unit in units for index in unit.members]

    excess = n_in_long_runs(keys(laid))
    movable = [number for number, unit in enumerate(laid) if unit not in held]
    while excess:
        better: list[Unit] | None = None
        for first, second in combinations(movable, 2):
            if not _alike(laid[first], laid[second]) or keys([laid[first]]) == keys([laid[second]]):
                continue
            tried = list(laid)
            tried[first], tried[second] = laid[second], laid[first]
            found = n_in_long_runs(keys(tried))
            if found < excess:
                excess, better = found, tried
        if better is None:
            break
        laid = better
    return tuple(index for unit in laid for index in unit.members)


def _alike(first: Unit, second: Unit) -> bool:
    return (len(first), first.rank, first.scored) == (len(second), second.rank, second.scored)


def n_in_long_runs(keys: Sequence[str]) -> int:
    """Return how many keys stand beyond the third in a row of equal ones.

    >>> n_in_long_runs("TTTTTF"), n_in_long_runs(["", "", "", ""])
    (2, 0)
    """
    excess, run = 0, 1
    for before, after in pairwise(keys):
        run = run + 1 if before == after and after else 1
        excess += run > MAX_RUN
    return excess
