"""The smallest set of rules that cannot all hold in any bank."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.explain.model import Answer, Model
from qbank.assemble.explain.pooled_rows import Group, Rows, common_step
from qbank.assemble.rules import limits, n_marks

Switches = NDArray[np.bool_]
FEW = 12
"""Rules among which every smaller set is tried."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A rule of a contradiction: what it asks of a quantity, and how far the others let that quantity go.

    side : ``min`` where the rule asks for at least ``asked`` and the others allow ``reached`` at most, ``max`` the
    other way round ; ``crossed`` where its minimum (asked) is above its maximum (reached), ``step`` where no multiple of
    ``reached`` lies within its bounds ; empty where no single number says it ; row : the label of the row
    """

    group: Group
    row: str
    side: str
    asked: float
    reached: float


def contradiction(rows: Rows, model: Model) -> tuple[Clash, ...]:
    """Return the rules that cannot all hold, nothing where they can or where it is not known.

    None of them can be left out; where the plan has few rules, no fewer contradict each other.
    """
    everything = np.ones(len(rows.groups), dtype=np.bool_)
    linear = _impossible(rows, model, everything, whole=False)
    if not linear and not _impossible(rows, model, everything, whole=True):
        return ()
    core = _filtered(rows, model, everything, whole=not linear)
    core = _fewest(rows, model, core)
    return tuple(clash for group in np.flatnonzero(core) for clash in [_clash(rows, model, core, int(group))])


def _impossible(rows: Rows, model: Model, active: Switches, *, whole: bool) -> bool:
    return model.solve(rows.bounds(active), whole=whole).verdict == "impossible"


def _filtered(rows: Rows, model: Model, active: Switches, *, whole: bool) -> Switches:
    """Return a set of which no rule can be left out, by leaving out one after the other."""
    core = active.copy()
    for group in _order(rows):
        core[group] = False
        if not _impossible(rows, model, core, whole=whole):
            core[group] = True
    return core


def _order(rows: Rows) -> list[int]:
    """Return the groups in the order in which they are left out: what no rule says first, sections last."""
    rank = {"enemies": 0, "weights": 1, "section": 3}
    return sorted(range(len(rows.groups)), key=lambda group: rank.get(rows.groups[group].name, 2))


def _fewest(rows: Rows, model: Model, core: Switches) -> Switches:
    """Return a smaller contradiction where there is one of up to three rules among few."""
    groups = np.flatnonzero([bool((rows.group == g).any() or any(b == g for b, _ in rows.bans)) for g in range(len(core))])
    if groups.size > FEW:
        return core
    for n in range(1, min(int(core.sum()), 4)):
        for chosen in combinations(groups, n):
            active = np.zeros(core.size, dtype=np.bool_)
            active[list(chosen)] = True
            if _impossible(rows, model, active, whole=True):
                return active
    return core


def _clash(rows: Rows, model: Model, core: Switches, group: int) -> Clash:
    """Return by how much a rule of a contradiction misses what the others leave it."""
    others = core.copy()
    others[group] = False
    found = rows.groups[group]
    own = np.flatnonzero(rows.group == group)
    alone = _alone(rows, found, own) if core.sum() == 1 else None
    if alone is not None:
        return alone
    if own.size > 60:
        return Clash(found, "", "", np.nan, np.nan)
    bounds = rows.bounds(others)
    for row in own:
        cost = np.asarray(rows.matrix[[row]].todense()).ravel()
        label = rows.wide.program.labels[rows.source[row]] if rows.source[row] >= 0 else found.label
        for side, asked, sign in (("max", rows.high[row], 1.0), ("min", rows.low[row], -1.0)):
            if not np.isfinite(asked):
                continue
            answer: Answer = model.solve(bounds, sign * cost, whole=True)
            if not answer.found:
                continue
            reached = sign * answer.bound
            if sign * (reached - asked) > 1e-6:
                scale, start = _scale(rows, found, side)
                if not scale:
                    return Clash(found, label, "", np.nan, np.nan)
                asked, reached = (start + value / rows.size[row] / scale for value in (asked, reached))
                return Clash(found, label, side, round(float(asked), 6) + 0.0, round(float(reached), 6) + 0.0)
    return Clash(found, "", "", np.nan, np.nan)


def _alone(rows: Rows, found: Group, own: NDArray[np.int64]) -> Clash | None:
    """Return what is wrong with a rule that cannot hold even by itself, where its own bounds say it."""
    program = rows.wide.program
    for row in {int(source) for source in rows.source[own] if source >= 0}:
        low, high, label = float(program.low[0, row]), float(program.high[0, row]), program.labels[row]
        step = common_step(program.matrix.data[program.matrix.indptr[row] : program.matrix.indptr[row + 1]])
        if low > high + 1e-9:
            return Clash(found, label, "crossed", low, high)
        if step and np.isfinite([low, high]).all() and np.ceil(low / step - 1e-9) > np.floor(high / step + 1e-9):
            return Clash(found, label, "step", low, step)
    return None


def _scale(rows: Rows, found: Group, side: str) -> tuple[float, float]:
    """Return how a row's value becomes the quantity that its rule speaks of: ``start + value / scale``.

    A mean stands in the rows as the sum of what each item is above or below the bound; where it is not over all items
    of a section or paper, nobody knows over how many, and the scale is 0.
    """
    rule = next((rule for rule in rows.wide.setting.rules if rule.index == found.rule), None)
    if rule is None or rule.word in ("count", "marks", "sum"):
        return 1.0, 0.0
    if rule.word != "mean":
        return 0.0 if rule.word in ("share", "keys", "crossed") else 1.0, 0.0
    low, high = limits(rule.value, 1.0)
    whole = n_marks(rule.value, rows.wide.setting.blueprint) if rule.value.where == "True" else 0.0
    return whole, low if side == "min" else high
