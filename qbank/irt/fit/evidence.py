"""What item fit is judged on: the answers, the model's curves, and where each person stands on the scale."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.blocks import Block, group_by_form
from qbank.irt.likelihood import expect, posteriors, quadrature
from qbank.irt.models import MODELS, NOT_SEEN, FloatArray, IndexArray, Mask, ScoreArray
from qbank.irt.parameters import Calibration, ItemParameters, batches_of, first_rows, log_probability_table
from qbank.irt.scoring.persons import score_persons
from qbank.irt.scoring.population import MANY, MeanAndSd, answers_to, parameters_of, population

AT = ("posterior", "eap", "wle", "ml")
EXTREMES = ("near", "left out")
# How far beyond the farthest finite ability a person without one is put.
BEYOND = 0.1
CHUNK = 1024


@dataclass(frozen=True)
class Evidence:
    """Answers beside the model that they are held against.

    answers       (n_persons, n_items), −1 where not seen or where the item has no parameters
    group_of      (n_persons,) row of `log_weights`;  groups: each person's label as it was given
    nodes         (n_nodes,);  log_weights: (n_groups, n_nodes), of the ability distributions
    first         row of each item's category 0 in `log_probability` (sum of categories, n_nodes)
    free, own     (n_items, n_most) masks of the values that were estimated, and that were so from this item alone
    spread_free   (n_items,) the item was estimated with a given slope while the spread of ability was not given
    at            the point estimates of ability: eap, wle or ml (eap also for "posterior")
    extremes      what becomes of persons without a finite estimate: near, left out
    """

    source: Calibration | ItemParameters
    parameters: ItemParameters
    answers: ScoreArray
    group_of: IndexArray
    groups: Sequence[str] | None
    ability: MeanAndSd | None
    nodes: FloatArray
    log_weights: FloatArray
    first: IndexArray
    log_probability: FloatArray
    free: Mask
    own: Mask
    spread_free: Mask
    at: str
    extremes: str

    @property
    def n_free(self) -> IndexArray:
        """How many values of each item were estimated, (n_items,)."""
        return np.asarray(self.free.sum(axis=1), dtype=np.intp)

    @property
    def seen(self) -> Mask:
        """Mask (n_persons, n_items) of the answers to items that have parameters."""
        return np.asarray(self.answers != NOT_SEEN)

    @cached_property
    def weights(self) -> FloatArray:
        """The ability distributions, (n_groups, n_nodes)."""
        return np.exp(self.log_weights)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Persons by group and form."""
        return group_by_form(self.answers, self.group_of, collapse=False)

    @cached_property
    def counts(self) -> FloatArray:
        """Expected persons by item and category (rows as `first` says) and node."""
        blocks = group_by_form(self.answers, self.group_of, collapse=True)
        return expect(blocks, self.first, self.log_probability, self.log_weights).counts

    @cached_property
    def theta(self) -> FloatArray:
        """Each person's ability, (n_persons,), NaN where it is not used."""
        if self.at in ("posterior", "eap"):
            return self._eap()
        scores = score_persons(
            self.answers, self.source, method=self.at, groups=self.groups, ability=self.ability
        )
        return _placed(scores.theta, self.extremes)

    def _eap(self) -> FloatArray:
        theta = np.full(self.answers.shape[0], np.nan)
        for block in self.blocks:
            for chunk in posteriors(block, self.first, self.log_probability, self.log_weights[block.group]):
                theta[block.persons[chunk.rows]] = chunk.posterior @ self.nodes
        return theta


def gather(
    scores: ArrayLike,
    source: Calibration | ItemParameters,
    *,
    at: str,
    groups: Sequence[str] | None = None,
    ability: MeanAndSd | None = None,
    extremes: str = "near",
    n_nodes: int = 61,
) -> Evidence:
    """Return the evidence, or raise ValueError if the call cannot be meant."""
    if at not in AT:
        raise ValueError(f"unknown at {at!r} ({', '.join(AT)})")
    if extremes not in EXTREMES:
        raise ValueError(f"unknown extremes {extremes!r} ({', '.join(EXTREMES)})")
    parameters = parameters_of(source)
    if not isinstance(source, (Calibration, ItemParameters)):
        raise ValueError(
            f"fit is that of a calibration by calibrate, or of bare parameters: give the parameters of a {type(source).__name__}"
        )
    answers = answers_to(parameters, scores)
    people = population(source, ability, groups, answers.shape[0], quadrature(n_nodes))
    if people.n_distributions > MANY:
        raise ValueError(
            f"item fit takes at most {MANY} ability distributions, found {people.n_distributions}"
        )
    free, own, spread_free = _estimated_values(source)
    with threadpool_limits(1, user_api="blas"):
        table = log_probability_table(parameters, people.nodes)
    return Evidence(
        source=source,
        parameters=parameters,
        answers=answers,
        group_of=people.index,
        groups=groups,
        ability=ability,
        nodes=people.nodes,
        log_weights=people.log_weights(np.arange(people.n_distributions)),
        first=first_rows(parameters.n_categories),
        log_probability=table,
        free=free,
        own=own,
        spread_free=spread_free,
        at=at,
        extremes=extremes,
    )


def _estimated_values(source: Calibration | ItemParameters) -> tuple[Mask, Mask, Mask]:
    """Return which values were estimated, which of them from the item alone, both (n_items, n_most), and for which
    items the spread of ability stands for a slope.
    """
    if isinstance(source, ItemParameters):
        nothing = np.zeros(source.estimates.shape, dtype=bool)
        return nothing, nothing, np.zeros(len(source.items), dtype=bool)
    parameters, free = source.parameters, np.asarray(source.free, dtype=bool)
    own, spread = free.copy(), np.zeros(len(parameters.items), dtype=bool)
    ties: Iterable[tuple[str, Iterable[int]]] = source.settings.get("equal", ())  # type: ignore[assignment]
    tied = {(name, int(item)) for name, members in ties for item in members}
    for item, (word, n) in enumerate(zip(parameters.model, parameters.n_categories, strict=True)):
        model, n = MODELS[word], int(n)
        slopes = np.flatnonzero(model.slopes(n))
        spread[item] = bool(free[item].any()) and not free[item, slopes].any()
        for column, name in enumerate(model.parameters(n)):
            if name in model.shared(n) or (name, item) in tied:
                own[item, column] = False
    return free, own, spread


def _placed(theta: FloatArray, extremes: str) -> FloatArray:
    """Return abilities with ±inf put just beyond the farthest finite one, or as NaN."""
    finite = theta[np.isfinite(theta)]
    if extremes == "left out" or not finite.size:
        return np.where(np.isfinite(theta), theta, np.nan)
    placed = np.where(theta == np.inf, finite.max() + BEYOND, theta)
    return np.where(theta == -np.inf, finite.min() - BEYOND, placed)


def rows_of_persons(block: Block, chosen: Mask) -> Block:
    """Return the rows of a block whose persons are chosen, mask (n_persons,)."""
    rows = np.flatnonzero(chosen[block.persons])
    seen = None if block.seen is None else block.seen[rows]
    return Block(block.items, block.scores[rows], seen, block.persons[rows], block.weights[rows], block.group)


def without_answer(posterior: FloatArray, probability: FloatArray, answers: ScoreArray) -> FloatArray:
    """Return the posterior (n_rows, n_nodes) given all answers but those to one item: posterior / P of the answer.

    probability : (n_categories, n_nodes) of the item;  answers: (n_rows,)
    """
    rest: FloatArray = posterior / np.maximum(probability, 1e-200)[answers]
    rest /= rest.sum(axis=1, keepdims=True)
    return rest


@dataclass(frozen=True, slots=True)
class Curves:
    """Some items' curves at some persons' abilities.

    items            (n_some,);  persons: (n_rows,)
    log_probability  (n_some, n_categories, n_rows)
    scores, seen     (n_some, n_rows); scores are 0 where not seen
    """

    items: IndexArray
    persons: IndexArray
    log_probability: FloatArray
    scores: IndexArray
    seen: Mask


def curves(evidence: Evidence, theta: FloatArray) -> Iterator[Curves]:
    """Yield the curves at the persons' abilities theta (n_persons,), chunk by chunk; NaN takes no part.

    Every answer to an item with parameters comes in one chunk. Cost: one probability for each answer and category.
    """
    place = np.empty(evidence.answers.shape[1], dtype=np.intp)
    for block in evidence.blocks:
        place[block.items] = np.arange(block.items.size)
        own = batches_of(evidence.parameters, block.items)
        rows = np.flatnonzero(np.isfinite(theta[block.persons]))
        for low in range(0, rows.size, CHUNK):
            part = rows[low : low + CHUNK]
            persons = block.persons[part]
            scores = block.scores[part].T.astype(np.intp)
            seen = np.ones(scores.shape, dtype=bool) if block.seen is None else block.seen[part].T == 1
            for batch in own:
                at = place[batch.items]
                table = batch.model.log_probability(batch.values, theta[persons])
                yield Curves(batch.items, persons, table, scores[at], seen[at])
