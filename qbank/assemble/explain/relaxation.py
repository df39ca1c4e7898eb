"""The cheapest relaxation: which bounds to move and how far, so that the bank as it is gives the papers.

Every bound of the plan gets a slack, the same on every paper, at a price of 1 for moving it by its own size; logic has
none. The moves found are written as the new values, the plan is compiled again with them, and only what then has
papers is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.explain.cells import widen
from qbank.assemble.explain.model import Bounds, Model
from qbank.assemble.explain.moves import DROP, Move, amount_text, moved
from qbank.assemble.explain.pooled_rows import Rows, common_step, pooled_blocks, rows_of
from qbank.assemble.rules import Compiled, n_marks, n_places
from qbank.assemble.setting import Setting, make_setting
from qbank.core.blueprint import Blueprint

Array = NDArray[np.float64]
Built = Callable[[Setting], bool]
SHOWN = 3
NODES = 60
BOUNDED = ("count", "marks", "sum", "mean")
"""Words whose min and max move; of other words the whole rule is dropped."""
FURTHER = (0.2, 0.5)
"""By how much of itself a move grows where the sum of the papers exists and they do not."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """moves : all of them together make the papers possible ; proved : whether papers were built with them"""

    moves: tuple[Move, ...]
    proved: bool

    @property
    def size(self) -> float:
        """Return how far the bounds move, in units of their own size."""
        return sum(move.size for move in self.moves)


@dataclass(frozen=True, slots=True)
class Knob:
    """A bound with a slack: rows : those that it bounds ; sign : +1 a minimum, −1 a maximum ; unit : the price's ;
    step : of whole slacks, 0 for any ; weight : (n_rows,) of the slack in each row
    """

    rule: int
    key: str
    old: str
    rows: NDArray[np.int64]
    weight: Array
    step: float
    unit: float


def relaxations(setting: Setting, built: Built) -> tuple[Relaxation, ...]:
    """Return up to three ways to move bounds so that papers can be built, the smallest first.

    built : whether papers of a setting were really found
    """
    wide = widen(setting, ())
    rows = rows_of(wide, pooled_blocks(setting.blueprint.n_forms))
    found: list[tuple[Move, ...]] = list(_by_slack(setting, rows))
    for single in (_fewer_forms, _more_overlap, _more_uses, _dropped):
        found += list(single(setting))
    return _best(setting, found, built)


def _best(setting: Setting, found: list[tuple[Move, ...]], built: Built) -> tuple[Relaxation, ...]:
    """Return those that differ in what they move, proved: a single move before several, small before large."""
    distinct: dict[frozenset[tuple[int, str]], tuple[Move, ...]] = {}
    for moves in sorted(found, key=lambda moves: sum(move.size for move in moves)):
        distinct.setdefault(frozenset((move.rule, move.key) for move in moves), moves)
    chosen: list[Relaxation] = []
    for moves in sorted(distinct.values(), key=lambda moves: (any(m.key == DROP for m in moves), sum(m.size for m in moves))):
        if len(chosen) < SHOWN:
            chosen.append(_tried(setting, moves, built))
    return tuple(sorted(chosen, key=lambda one: (not one.proved, one.size)))


def _tried(setting: Setting, moves: tuple[Move, ...], built: Built) -> Relaxation:
    """Return some moves with their proof; what is enough in sum but gives no papers is moved a little further."""
    for wider in (moves, *(_further(moves, share) for share in FURTHER)):
        there = changed(setting, wider) if wider else None
        if there is not None and built(there):
            return Relaxation(wider, True)
    return Relaxation(moves, False)


def _further(moves: tuple[Move, ...], share: float) -> tuple[Move, ...]:
    """Return the moves with a whole number that grows moved further, none where no such number is among them."""
    if not any(move.key in ("max", "max_uses") and move.old.isdecimal() and move.new.isdecimal() for move in moves):
        return ()
    return tuple(
        replace(move, new=str(int(move.new) + max(1, round(share * (int(move.new) - int(move.old))))))
        if move.key in ("max", "max_uses") and move.old.isdecimal() and move.new.isdecimal() else move
        for move in moves
    )  # fmt: skip


def changed(setting: Setting, moves: tuple[Move, ...]) -> Setting | None:
    """Return the setting of the plan after some moves, or nothing where that plan is refused."""
    blueprint = moved(setting.blueprint, moves)
    found, _ = make_setting(
        blueprint, setting.bank, setting.history, as_of=setting.as_of, same_day=setting.same_day, past=setting.past,
        alike=setting.alike,
    )  # fmt: skip
    return found


def possible(setting: Setting | None) -> bool:
    """Return whether the sum of the papers of a setting exists."""
    if setting is None:
        return False
    rows = rows_of(widen(setting, ()), pooled_blocks(setting.blueprint.n_forms))
    return Model(rows.matrix, whole_columns(rows)).solve(rows.bounds(most_written=0.0), whole=True, max_nodes=NODES).found


def whole_columns(rows: Rows) -> NDArray[np.bool_]:
    """Return that every column is a whole number."""
    return np.ones(rows.item.size, dtype=np.bool_)


def _by_slack(setting: Setting, rows: Rows) -> Iterator[tuple[Move, ...]]:
    """Yield the cheapest moves of bounds together, then each bound that is enough alone."""
    knobs = list(_knobs(setting, rows))
    if not knobs:
        return
    model, bounds, cost = _elastic(rows, knobs)
    n = rows.item.size
    linear = model.solve(bounds, cost, whole=False)
    if not linear.found:
        return
    best = model.solve(bounds, cost, whole=True, max_nodes=NODES)
    if best.found:
        yield tuple(_moves(setting, knobs, best.values[n:]))
    for place, knob in enumerate(knobs):
        if linear.objective > 1e-6 and not np.abs(linear.row_price[knob.rows]).max(initial=0.0) > 1e-9:
            continue  # a proof of impossibility that does not use this bound stands without it
        alone = Bounds(bounds.low, bounds.high, bounds.lower, bounds.upper.copy())
        alone.upper[n:] = 0.0
        alone.upper[n + place] = bounds.upper[n + place]
        answer = model.solve(alone, cost, whole=True, max_nodes=NODES)
        if answer.found:
            yield tuple(_moves(setting, knobs, answer.values[n:]))


def _elastic(rows: Rows, knobs: list[Knob]) -> tuple[Model, Bounds, Array]:
    """Return the program with a column of slack for each knob, its bounds and the price of slack."""
    n = rows.item.size
    indices = np.concatenate([knob.rows for knob in knobs])
    columns = np.repeat(np.arange(len(knobs)), [knob.rows.size for knob in knobs])
    values = np.concatenate([knob.weight * (knob.step or 1.0) for knob in knobs])
    slack = sparse.csr_matrix((values, (indices, columns)), shape=(rows.low.size, len(knobs)))
    integer = np.append(whole_columns(rows), [knob.step > 0 for knob in knobs])
    plain = rows.bounds(most_written=0.0)
    bounds = Bounds(
        plain.low, plain.high, np.zeros(n + len(knobs)), np.append(plain.upper, np.full(len(knobs), np.inf))
    )
    cost = np.append(np.zeros(n), [(knob.step or 1.0) / knob.unit for knob in knobs])
    return Model(sparse.csr_matrix(sparse.hstack([rows.matrix, slack])), integer), bounds, cost


def _knobs(setting: Setting, rows: Rows) -> Iterator[Knob]:
    blueprint = setting.blueprint
    for index, group in enumerate(rows.groups):
        own = np.flatnonzero(rows.group == index)
        if not own.size:
            continue
        if group.name == "weights" and blueprint.weights_tolerance is not None:
            tolerance = blueprint.weights_tolerance
            weight = np.where(np.isfinite(rows.low[own]), 1.0, -1.0) * rows.size[own]
            yield Knob(-1, "tolerance", f"{tolerance:g}", own, weight, 0.0, max(tolerance, 0.5))
        rule = next((rule for rule in setting.rules if rule.index == group.rule), None)
        if rule is not None and rule.word in BOUNDED:
            written = blueprint.rules[group.rule].value
            for key in ("min", "max"):
                if isinstance(written, dict) and key in written:
                    old = str(getattr(written[key], "text", written[key]))
                    yield from _knob(rows, own, rule, key, old, blueprint)


def _knob(
    rows: Rows, own: NDArray[np.int64], rule: Compiled, key: str, old: str, blueprint: Blueprint
) -> Iterator[Knob]:
    """Yield the slack of one bound of a rule; only bounds of one number a paper have one."""
    bounded = own[np.isfinite(rows.low[own] if key == "min" else rows.high[own])]
    if not bounded.size:
        return
    sign = 1.0 if key == "min" else -1.0
    weight = sign * rows.size[bounded]
    step = 0.0
    if rule.word == "mean":
        weight = weight * n_marks(rule.value, blueprint)
    else:
        steps = {common_step(rows.matrix.data[rows.matrix.indptr[row] : rows.matrix.indptr[row + 1]]) for row in bounded}
        step = min(steps)
    bound = _bound_of(old, rule, blueprint)
    yield Knob(rule.index, key, old, bounded, weight, step, max(abs(bound), step or 1e-9))


def _bound_of(old: str, rule: Compiled, blueprint: Blueprint) -> float:
    number = float(old.rstrip("% "))
    return number * _whole(rule, blueprint) / 100 if old.endswith("%") else number


def _whole(rule: Compiled, blueprint: Blueprint) -> float:
    if rule.word == "count":
        return float(n_places(rule.value, blueprint))
    return n_marks(rule.value, blueprint) if rule.word == "marks" else 1.0


def _moves(setting: Setting, knobs: list[Knob], slack: Array) -> Iterator[Move]:
    blueprint = setting.blueprint
    for knob, amount in zip(knobs, slack, strict=True):
        if amount * (knob.step or 1.0) < 1e-7:
            continue
        if knob.key == "tolerance":
            yield _tolerance(blueprint, knob, float(amount))
            continue
        rule, written = next(rule for rule in setting.rules if rule.index == knob.rule), blueprint.rules[knob.rule]
        upward = knob.key == "max"
        bound = _bound_of(knob.old, rule, blueprint)
        if knob.step:  # the row counts from the nearest number that it can reach
            bound = (np.floor if upward else np.ceil)(bound / knob.step + (1e-9 if upward else -1e-9)) * knob.step
        by = amount * (knob.step or 1.0)
        new = amount_text(bound + (by if upward else -by), knob.old, _whole(rule, blueprint), upward=upward)
        yield Move(knob.rule, knob.key, knob.old, new, rule.label, written.place(knob.key), by / knob.unit)


def _tolerance(blueprint: Blueprint, knob: Knob, by: float) -> Move:
    new = amount_text(float(knob.old) + by, knob.old, 1.0, upward=True)
    span = blueprint.place("weights", "tolerance") if blueprint.place else blueprint.span
    return Move(-1, knob.key, knob.old, new, f"weights ± {knob.old}", span, by / knob.unit)


def _fewer_forms(setting: Setting) -> Iterator[tuple[Move, ...]]:
    """Yield the largest number of papers that the bank gives."""
    blueprint = setting.blueprint
    low, high = 0, blueprint.n_forms
    while high - low > 1:
        middle = (low + high) // 2
        if possible(changed(setting, (_forms(blueprint, middle),))):
            low = middle
        else:
            high = middle
    if low:
        yield (_forms(blueprint, low),)


def _forms(blueprint: Blueprint, n: int) -> Move:
    span = blueprint.place("forms") if blueprint.place else blueprint.span
    n_forms = blueprint.n_forms
    return Move(-1, "forms", str(n_forms), str(n), f"forms: {n_forms}", span, (n_forms - n) / n_forms)


def _more_overlap(setting: Setting) -> Iterator[tuple[Move, ...]]:
    """Yield the least overlap of two papers at which the bank is enough."""
    places = sum(section.items for section in setting.blueprint.sections)
    for rule in setting.rules:
        if rule.word == "overlap" and getattr(rule.value, "max", None) is not None and setting.blueprint.n_forms > 1:
            yield from _least(setting, rule, "max", int(rule.value.max), places)


def _more_uses(setting: Setting) -> Iterator[tuple[Move, ...]]:
    """Yield the fewest uses at which worn items would have to be drawn again."""
    most = int(setting.pool.columns.numbers["uses"].max(initial=0)) + setting.blueprint.n_forms
    for rule in setting.rules:
        if rule.word == "exposure" and rule.value.max_uses is not None:
            yield from _least(setting, rule, "max_uses", int(rule.value.max_uses), most)


def _least(setting: Setting, rule: Compiled, key: str, old: int, most: int) -> Iterator[tuple[Move, ...]]:
    """Yield the smallest number above the old one, up to the most, that makes the papers possible."""
    written = setting.blueprint.rules[rule.index]

    def move(new: int) -> tuple[Move, ...]:
        return (Move(rule.index, key, str(old), str(new), rule.label, written.place(key), (new - old) / max(old, most, 1)),)

    if most <= old or not possible(changed(setting, move(most))):
        return
    low, high = old, most
    while high - low > 1:
        middle = (low + high) // 2
        if possible(changed(setting, move(middle))):
            high = middle
        else:
            low = middle
    yield move(high)


def _dropped(setting: Setting) -> Iterator[tuple[Move, ...]]:
    """Yield each rule, of those whose bounds do not move, that stands alone in the way."""
    for rule in setting.rules:
        if rule.word not in (*BOUNDED, "overlap", "exposure"):
            span = setting.blueprint.rules[rule.index].span
            moves = (Move(rule.index, DROP, rule.label, "", rule.label, span, 1.0),)
            if possible(changed(setting, moves)):
                yield moves
