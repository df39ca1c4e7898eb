"""Complete-data scores of a block of persons: what every answer adds to the gradient at every node.

A person's complete-data score at a node is a base that all persons of the form share, the score of category 0 of
every item and of the ability distribution, and for every answer in another category the difference of that
category's score. Rows are the values of items that have a free one, then the values of the group.
"""

from dataclasses import dataclass

import numpy as np

from qbank.irt.blocks import Block
from qbank.irt.calibration.design import FIXED, Design, ability_values, item_values
from qbank.irt.likelihood import Chunk, layout
from qbank.irt.models import FloatArray, IndexArray, Mask
from qbank.irt.regression import PersonWeights


@dataclass(frozen=True, slots=True)
class Rows:
    """Where values stand in the information matrix of all items with a free value, and of all groups.

    offset    (n_items,) row of the item's first value, FIXED without a free one
    groups    (n_groups,) row of the group's first value
    places    (n_rows,) place of each row in the free vector, or FIXED
    """

    offset: IndexArray
    groups: IndexArray
    places: IndexArray


@dataclass(frozen=True, slots=True)
class BlockScores:
    """The scores of a block, in its own rows.

    rows      (n_own,) row of the whole matrix;  base: (n_own, n_nodes)
    seen      places of the block's items whose mask column counts as an indicator, or None without a mask
    columns   which of the block's indicator columns count, (n_columns,)
    owner     (n_indicators, n_most) own row of each value that an indicator moves, n_own where it has fewer
    more      (n_indicators, n_most, n_nodes) what it adds to the score; mask columns first
    person    what makes the ability distributions of the block's persons, whose covariates are then indicators too
    slopes    (n_slopes,) own rows that multiply the node, and
    answers   (n_indicators, n_slopes) by how much each indicator does, if all models are linear, else None
    """

    rows: IndexArray
    base: FloatArray
    seen: IndexArray | None
    columns: IndexArray
    owner: IndexArray
    more: FloatArray
    person: PersonWeights | None
    slopes: IndexArray
    answers: FloatArray | None


@dataclass(frozen=True, slots=True)
class ModelScores:
    """The scores of all items by part, (n_part, n_parameters, n_categories, n_nodes), where each item stands."""

    by_part: tuple[FloatArray, ...]
    units: tuple[FloatArray, ...]
    part: IndexArray
    place: IndexArray


def model_scores(task: Design, free: FloatArray) -> ModelScores:
    """Return the scores of all items at a free vector."""
    part_of, place = np.zeros(task.n_items, np.intp), np.zeros(task.n_items, np.intp)
    by_part, units = [], []
    for number, part in enumerate(task.parts):
        part_of[part.items], place[part.items] = number, np.arange(part.items.size)
        values = item_values(part, free)
        by_part.append(part.model.gradient(values, task.nodes))
        at_one = part.model.gradient(values, np.ones(1))[..., 0]
        units.append(at_one - at_one[:, :, :1])
    return ModelScores(tuple(by_part), tuple(units), part_of, place)


def rows_of_design(task: Design) -> Rows:
    """Return the rows of the information matrix."""
    offset = np.full(task.n_items, FIXED, dtype=np.intp)
    places: dict[int, IndexArray] = {}
    for part in task.parts:
        for row in np.flatnonzero((part.index != FIXED).any(axis=1)):
            places[int(part.items[row])] = part.index[row]
    low = 0
    for item in sorted(places):
        offset[item] = low
        low += places[item].size
    n_values = task.ability_index.shape[1]
    groups = low + n_values * np.arange(task.ability_index.shape[0])
    ordered = [places[item] for item in sorted(places)]
    return Rows(offset, groups, np.concatenate([*ordered, task.ability_index.ravel()]))


def block_scores(
    task: Design, free: FloatArray, block: Block, rows: Rows, scores: ModelScores
) -> BlockScores:
    """Return the scores of a block."""
    at = layout(block, task.first)
    kept = np.flatnonzero(rows.offset[block.items] != FIXED)
    items = block.items[kept]
    sizes = np.array([scores.by_part[part].shape[1] for part in scores.part[items]], dtype=np.intp)
    begin = np.concatenate(([0], np.cumsum(sizes))).astype(np.intp)
    own_of = np.full(block.items.size, FIXED, dtype=np.intp)
    own_of[kept] = begin[:-1]
    n_values = task.ability_index.shape[1]
    n_own = int(begin[-1]) + n_values
    whole = np.concatenate(
        [rows.offset[item] + np.arange(size) for item, size in zip(items, sizes, strict=True)]
        + [rows.groups[block.group] + np.arange(n_values)]
    )
    columns = np.flatnonzero(own_of[at.owner] != FIXED)
    owners = at.owner[columns] if block.seen is None else np.concatenate((kept, at.owner[columns]))
    category = at.rows[columns] - at.base[at.owner[columns]]
    if block.seen is not None:
        category = np.concatenate((np.zeros(kept.size, np.intp), category))
    base = np.zeros((n_own, task.nodes.size))
    values = ability_values(task, free)[block.group]
    person = PersonWeights(task.nodes, values) if task.ability.by_person else None
    if person is None:
        base[n_own - n_values :] = task.ability.score(task.nodes, values)
    else:
        # Of u / sd and u^2, u = (node - mean) / sd, what does not depend on the person; the rest are indicators.
        variance = np.exp(2.0 * values[1])
        base[n_own - n_values], base[n_own - n_values + 1] = task.nodes / variance, task.nodes**2 / variance
    n_most = max((int(size) for size in sizes), default=1)
    owner = np.full((owners.size, n_most), n_own, dtype=np.intp)
    more = np.zeros((owners.size, n_most, task.nodes.size))
    unit = np.zeros((owners.size, n_most))
    slope = np.zeros(n_own, dtype=bool)
    for number, part in enumerate(task.parts):
        n_own_values = scores.by_part[number].shape[1]
        mine = np.flatnonzero(scores.part[block.items[owners]] == number)
        if not mine.size:
            continue
        item = block.items[owners[mine]]
        score, place = scores.by_part[number], scores.place[item]
        reference = np.zeros_like(score[place, :, 0])
        reference[category[mine] > 0] = score[place, :, 0][category[mine] > 0]
        more[mine, :n_own_values] = score[place, :, category[mine]] - reference
        unit[mine, :n_own_values] = scores.units[number][place, :, category[mine]]
        owner[mine, :n_own_values] = own_of[owners[mine]][:, None] + np.arange(n_own_values)
        here = kept[scores.part[items] == number]
        own_rows = own_of[here][:, None] + np.arange(n_own_values)
        slope[own_rows] = part.model.slopes(part.n_categories)
        if block.seen is None:
            base[own_rows] = score[scores.place[block.items[here]], :, 0]
    if person is not None:
        ability_rows = np.arange(n_own - n_values + 1, n_own)
        owner = np.concatenate((owner, np.full((n_values - 1, owner.shape[1]), n_own)))
        more = np.concatenate((more, np.zeros((n_values - 1, *more.shape[1:]))))
        unit = np.concatenate((unit, np.zeros((n_values - 1, unit.shape[1]))))
        owner[-n_values + 1 :, 0], more[-n_values + 1 :, 0], unit[-n_values + 1 :, 0] = ability_rows, task.nodes, 1.0
        slope[ability_rows] = True
    linear = all(task.parts[part].model.linear for part in np.unique(scores.part[items]))
    answers = _answers(owner, unit, slope) if linear and block.seen is None else None
    owner, more = _without_zeros(owner, more)
    return BlockScores(
        whole, base, None if block.seen is None else kept, columns, owner, more, person,
        np.flatnonzero(slope), answers,
    )  # fmt: skip


def _without_zeros(owner: IndexArray, more: FloatArray) -> tuple[IndexArray, FloatArray]:
    """Return owner and more without the values that an indicator does not move, of which most models have many."""
    # Differences that are zero can come out as rounding.
    moved = np.abs(more).max(axis=2, initial=0.0) > 1e-13
    n_most = max(1, int(moved.sum(axis=1).max(initial=0)))
    order = np.argsort(~moved, axis=1, kind="stable")[:, :n_most]
    return np.take_along_axis(owner, order, axis=1), np.take_along_axis(more, order[:, :, None], axis=1)


def _answers(owner: IndexArray, unit: FloatArray, slope: Mask) -> FloatArray:
    """Return by how much each indicator moves each slope, (n_indicators, n_slopes)."""
    number = np.cumsum(slope) - 1
    found = np.zeros((owner.shape[0], int(slope.sum())))
    at = np.append(slope, False)[owner]
    row, column = np.nonzero(at)
    found[row, number[owner[row, column]]] = unit[row, column]
    return found


def indicators_of(chunk: Chunk, own: BlockScores) -> FloatArray:
    """Return the indicators of a chunk that count, mask columns first, (n_rows, n_indicators)."""
    found = chunk.indicators
    if own.columns.size != found.shape[1]:
        found = found[:, own.columns]
    parts = [found]
    if own.seen is not None and chunk.seen is not None:
        parts.insert(0, chunk.seen[:, own.seen])
    if own.person is not None and chunk.covariates is not None:
        variance = np.exp(2.0 * own.person.values[1])
        parts += [-2.0 * own.person.mean(chunk.covariates)[:, None] / variance, chunk.covariates / variance]
    return found if len(parts) == 1 else np.concatenate(parts, axis=1)


def person_gradients(chunk: Chunk, answered: FloatArray, own: BlockScores) -> FloatArray:
    """Return the gradient of each person's log-likelihood, (n_rows, n_own)."""
    found = mean_scores(chunk, answered, own)
    if own.person is not None and chunk.prior is not None:
        # The scores of the ability values are less their means before the answers.
        rows = slice(found.shape[1] - own.person.values.size, None)
        found[:, rows] -= chunk.prior @ own.base[rows].T
        covariates = answered[:, 1 - own.person.values.size :]
        found[:, rows][:, 1:] -= covariates * (chunk.prior @ own.person.nodes)[:, None]
    return found


def mean_scores(chunk: Chunk, answered: FloatArray, own: BlockScores) -> FloatArray:
    """Return each person's posterior mean score, (n_rows, n_own), up to what does not depend on the node."""
    found = np.zeros((answered.shape[0], own.base.shape[0] + 1))
    found[:, :-1] = chunk.posterior @ own.base.T
    for value in range(own.owner.shape[1]):
        owner = own.owner[:, value]
        part = answered * (chunk.posterior @ own.more[:, value].T)
        # Indicators of one item, of its mask and its categories, move the same row: take turns.
        for turn in _turns(owner):
            found[:, owner[turn]] += part[:, turn]
    return found[:, :-1]


def _turns(owner: IndexArray) -> list[IndexArray]:
    """Return indices in lists within which no owner stands twice."""
    order = np.argsort(owner, kind="stable")
    start = np.r_[True, owner[order][1:] != owner[order][:-1]] if owner.size else np.zeros(0, dtype=bool)
    run = np.arange(owner.size) - np.maximum.accumulate(np.where(start, np.arange(owner.size), 0))
    return [order[run == turn] for turn in range(int(run.max(initial=-1)) + 1)]


