"""Single exchanges on a finished paper: which rules each of them breaks, and how the objective changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.program import Program, deviations, items_on, objective, quantities, with_indicators
from qbank.problem import Span

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that an exchange breaks, or breaks more than the paper does without it.

    found : after the exchange ; low, high : what is allowed ; other : the item or paper that it concerns, where the
    rule is about pairs
    """

    label: str
    origin: Span
    found: float
    low: float
    high: float
    other: str = ""


@dataclass(frozen=True, slots=True)
class Trials:
    """Exchanges of one paper, one each: the candidate that leaves, the one that comes.

    out, into : (n_trials,) candidates ; rows : (n_trials, n_rows) what each row then adds up to ; worse :
    (n_trials, n_rows) by how much more it is then broken ; enemy : (n_trials,) position of an enemy that stays on the
    paper, −1 for none ; overused : (n_trials,) whether the item would stand on too many papers ; shared : (n_trials,)
    the paper with which too much would be shared, −1 for none ; change : (n_trials,) of the objective
    """

    out: Indices
    into: Indices
    rows: Array
    worse: Array
    enemy: Indices
    overused: Mask
    shared: Indices
    caps: Mask
    change: Array

    @property
    def allowed(self) -> Mask:
        """Return which exchanges break nothing; shape (n_trials,)."""
        rows = self.worse.max(axis=1, initial=0.0) <= SLACK
        return np.asarray(rows & (self.enemy < 0) & ~self.overused & (self.shared < 0) & ~self.caps)


def try_exchanges(program: Program, chosen: Mask, form: int, out: Indices, into: Indices) -> Trials:
    """Return what happens where ``into[k]`` takes the place of ``out[k]`` on a paper, for each k by itself.

    chosen : (n_forms, n_columns) the papers with their indicators. O(n_trials × rows of a candidate), and the rows
    once for each candidate that leaves.
    """
    rows = _rows_after(program, chosen[form], out, into)
    here = np.asarray(program.matrix @ chosen[form].astype(np.float64))
    worse = np.maximum(_short(program, form, rows) - _short(program, form, here), 0.0)
    change, caps = _objectives(program, chosen, form, out, into)
    on = items_on(program, chosen)
    gone, come = program.item[out], program.item[into]
    others = np.delete(on, form, axis=0)
    times = others[:, come].sum(axis=0) + 1
    overused = (times > program.uses[come]) & (gone != come)
    return Trials(out, into, rows, worse, _enemies_left(program, on[form], gone, come), overused,
                  _shared_too_much(program, on, form, gone, come), caps, change)  # fmt: skip


def _short(program: Program, form: int, found: Array) -> Array:
    return np.asarray(np.maximum(program.low[form] - found, 0) + np.maximum(found - program.high[form], 0))


def _rows_after(program: Program, row: Mask, out: Indices, into: Indices) -> Array:
    found = np.zeros((out.size, program.matrix.shape[0]))
    by_column = sparse.csc_matrix(program.matrix)
    for leaving in np.unique(out):
        rest = row.copy()
        rest[leaving] = False
        rest = with_indicators(program, _without_indicators(program, rest)[None])[0]
        mine = np.flatnonzero(out == leaving)
        found[mine] = np.asarray(program.matrix @ rest.astype(np.float64))
        found[mine] += by_column[:, into[mine]].toarray().T
        for group in program.sets:
            if not rest[group.indicator]:
                joins = mine[np.isin(into[mine], group.columns)]
                found[joins] += by_column[:, [group.indicator]].toarray().T
    return found


def _without_indicators(program: Program, row: Mask) -> Mask:
    plain = row.copy()
    plain[program.n_candidates :] = False
    return plain


def _enemies_left(program: Program, on: Mask, gone: Indices, come: Indices) -> Indices:
    """Return for each exchange an enemy of the coming item that is on the paper and stays; −1 for none."""
    found = np.full(gone.size, -1, dtype=np.int64)
    if not program.enemies.size:
        return found
    both = np.concatenate([program.enemies, program.enemies[:, ::-1]])
    both = both[on[both[:, 1]]]
    order = np.argsort(both[:, 0], kind="stable")
    both = both[order]
    starts = np.searchsorted(both[:, 0], come)
    ends = np.searchsorted(both[:, 0], come, side="right")
    for trial in np.flatnonzero(ends > starts):
        staying = [enemy for enemy in both[starts[trial] : ends[trial], 1] if enemy != gone[trial]]
        found[trial] = staying[0] if staying else -1
    return found


def _shared_too_much(program: Program, on: Mask, form: int, gone: Indices, come: Indices) -> Indices:
    found = np.full(gone.size, -1, dtype=np.int64)
    counts = on.astype(np.int64) @ on[form].astype(np.int64)
    for other in range(on.shape[0]):
        if other == form:
            continue
        after = counts[other] - on[other, gone] + on[other, come]
        for overlap in program.overlaps:
            wrong = ((after > overlap.high) & (after > counts[other])) | ((after < overlap.low) & (after < counts[other]))
            found[wrong & (found < 0)] = other
    return found


def _objectives(program: Program, chosen: Mask, form: int, out: Indices, into: Indices) -> tuple[Array, Mask]:
    """Return the change of the objective of each exchange, and whether it breaks the cap of a quantity."""
    terms = program.terms
    cost = np.asarray(program.cost[into] - program.cost[out])
    if not terms.names:
        return cost, np.zeros(out.size, dtype=np.bool_)
    present = quantities(program, chosen)
    after = present[form] - terms.values[:, out].T + terms.values[:, into].T
    others = np.delete(present, form, axis=0)
    compared = np.isnan(terms.target).any(axis=0)
    away = after - terms.target[form]
    away = np.where(terms.sense == 0, np.abs(away), terms.sense * away)
    if others.size:
        spread = np.maximum(after, others.max(axis=0)) - np.minimum(after, others.min(axis=0))
    else:
        spread = np.zeros(after.shape)
    whole = np.where(compared, spread, away) / terms.unit
    before = deviations(program, chosen)
    rest = np.delete(before, form, axis=0)[:, ~compared & (terms.weight > 0)] * terms.weight[~compared & (terms.weight > 0)]
    counted = terms.weight > 0
    worst = (whole * terms.weight)[:, counted].max(axis=1, initial=-np.inf) if counted.any() else np.zeros(out.size)
    worst = np.maximum(worst, rest.max(initial=-np.inf))
    now = objective(program, chosen) - float(chosen.sum(axis=0) @ program.cost)
    wider = np.maximum(whole * terms.unit - terms.cap, 0) > np.maximum(before[form] * terms.unit - terms.cap, 0) + SLACK
    return worst - now + cost, wider.any(axis=1)


def broken_by(
    program: Program, trials: Trials, trial: int, form: int, *, names: tuple[str, ...], papers: tuple[str, ...],
    elsewhere: str = "",
) -> tuple[Broken, ...]:  # fmt: skip
    """Return the rules that one exchange breaks.

    names : of the items of the pool ; papers : of the papers ; elsewhere : the other papers that hold the coming item
    """
    found = [
        Broken(program.labels[row], program.origins[row], float(trials.rows[trial, row]), float(program.low[form, row]),
               float(program.high[form, row]))
        for row in np.flatnonzero(trials.worse[trial] > SLACK)
    ]  # fmt: skip
    nowhere = Span("")
    if trials.enemy[trial] >= 0:
        found.append(Broken("enemies", nowhere, 2.0, -np.inf, 1.0, names[trials.enemy[trial]]))
    if trials.overused[trial]:
        item = int(program.item[trials.into[trial]])
        source = next((limit.source for limit in program.limits if item in limit.items and limit.most == program.uses[item]), None)
        label, origin = (source.label, source.origin) if source else ("uses", nowhere)
        found.append(Broken(label, origin, float(program.uses[item] + 1), -np.inf, float(program.uses[item]), elsewhere))
    if trials.shared[trial] >= 0:
        source = program.overlaps[0].source
        found.append(Broken(source.label, source.origin, np.nan, np.nan, np.nan, papers[trials.shared[trial]]))
    if trials.caps[trial]:
        found.append(Broken("cap", nowhere, np.nan, np.nan, np.nan))
    return tuple(found)
