"""What holds between papers, and between these papers and those of the past."""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import combinations
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from qbank.assemble.pool import Pool
from qbank.assemble.program import Draft, Overlap, Source
from qbank.assemble.rules import Compiled, Finding, Mask, anchor_size
from qbank.assemble.scene import PastPaper, Scene, Selection
from qbank.assemble.uses import past_use
from qbank.core.authored import Authored, Many, WrittenText
from qbank.core.history import History

Number = Annotated[int, Field(ge=0)]


MOST_PAIRED = 64
"""Papers of which every pair is told; of more, the pair with the least, the middle and the most of what is compared."""


def shared_counts(items: Sequence[NDArray[np.int64]], n_items: int) -> NDArray[np.int64]:
    """Return how many items each two papers share, (n_papers, n_papers). items : of each paper, positions"""
    held = np.zeros((len(items), n_items), dtype=np.float32)
    for row, positions in enumerate(items):
        held[row, positions] = 1
    return np.asarray(held @ held.T, dtype=np.int64)


def told_pairs(values: NDArray[Any]) -> tuple[tuple[tuple[int, int], ...], str]:
    """Return the pairs of papers that an audit tells, and of many papers how many pairs they stand for.

    Every pair is looked at in any case. values : (n_papers, n_papers), what is compared

    >>> told_pairs(np.zeros((3, 3)))
    (((0, 1), (0, 2), (1, 2)), '')
    """
    n = len(values)
    if n <= MOST_PAIRED:
        return tuple(combinations(range(n), 2)), ""
    first, second = np.triu_indices(n, 1)
    order = np.argsort(values[first, second], kind="stable")
    told = dict.fromkeys(order[[0, order.size // 2, order.size - 1]].tolist())
    return tuple((int(first[at]), int(second[at])) for at in told), f"{order.size:,} pairs"


class OverlapRule(Authored):
    """``overlap:``"""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    min: Number | None = None
    max: Number | None = None
    exact: Number | None = None
    with_: Annotated[Many[WrittenText], Field(alias="with")] = ()
    since: Annotated[WrittenText, Field(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")] = ""

    @property
    def low(self) -> int:
        """Return the fewest items that are shared."""
        return self.exact if self.exact is not None else self.min or 0

    @property
    def high(self) -> float:
        """Return the most items that are shared."""
        most = self.max if self.exact is None else self.exact
        return np.inf if most is None else most

    @property
    def of_past(self) -> bool:
        """Return whether earlier papers are meant."""
        return bool(self.with_ or self.since)


class ExposureRule(Authored):
    """``exposure:``"""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    max_uses: Number | None = None
    max_persons: Number | None = None
    within_months: Annotated[int, Field(ge=1)] = 24


class ApartRule(Authored):
    """``apart:``"""

    similarity: Annotated[float, Field(ge=0.3, le=1)]


def compile_overlap(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """overlap: how many items any two of the papers share, or each of them with papers of the past.

    ``- overlap: {max: 0}``: no item stands on two of these papers. ``- overlap: {min: 1, max: 2}`` or
    ``- overlap: {exact: 2}``: common items, so that the papers can be put on one scale. Where the blueprint asks for an
    anchor, its items stand on every paper by intention, and overlap bounds what is shared beyond them.

    ``- overlap: {max: 0, with: [OLD-A]}``: with a paper of the past, by its name; ``bof-4-theory-1`` means all papers
    of that run. ``- overlap: {max: 2, since: 2025-01-01}``: with every paper whose sitting (or, before any, whose
    assembly) was on that day or later. What these papers share among themselves is then another rule's business.
    """
    if rule.value.of_past:
        for paper in papers_meant(rule, scene):
            _add_past(rule, paper, scene, draft)
    elif rule.value.high == 0:
        draft.limit_uses(np.setdiff1d(np.arange(draft.n_items), scene.anchor), 1, rule.source)
    else:
        n, most = len(scene.anchor), int(min(rule.value.high, draft.n_items))
        draft.overlaps.append(Overlap(rule.value.low + n, most + n, rule.source))


def _add_past(rule: Compiled, paper: PastPaper, scene: Scene, draft: Draft) -> None:
    known = [position for position, id in enumerate(scene.pool.ids) if id in paper.items]
    columns = draft.columns_of(np.setdiff1d(known, scene.anchor))
    if rule.value.high == 0:
        draft.forbid(columns, rule.source)
    else:
        source = Source(f"{rule.label} ({paper.id})", rule.span, rule.index)
        draft.add(columns, np.ones(columns.size), float(rule.value.low), rule.value.high, source)


def count_overlap(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    """Return what a paper shares with each past paper that is meant; of very many, with those of which it shares the
    least and the most."""
    meant = papers_meant(rule, scene) if rule.value.of_past else ()
    ids = {scene.pool.ids[position]: position for position in set(chosen.positions.tolist())}
    shared = [_beyond_anchor({ids[id] for id in paper.items & ids.keys()}, scene) for paper in meant]
    if len(meant) > MOST_PAIRED:
        order = np.argsort(shared, kind="stable")
        ends = [int(order[0]), int(order[-1])] if rule.value.low else [int(order[-1])]
        return tuple(
            Finding(shared[at], float(rule.value.low), float(rule.value.high), f"{meant[at].id} ({len(meant):,} papers)") for at in ends
        )
    return tuple(
        Finding(here, float(rule.value.low), float(rule.value.high), paper.id) for here, paper in zip(shared, meant, strict=True)
    )


def compare_overlap(
    rule: Compiled, scene: Scene, papers: Sequence[Selection]
) -> tuple[tuple[tuple[int, int], Finding], ...]:
    if rule.value.of_past:
        return ()
    shared = shared_counts([paper.positions for paper in papers], len(scene.pool.ids))
    anchor = np.array(sorted(scene.anchor), dtype=np.int64)
    of_anchor = shared_counts([np.intersect1d(paper.positions, anchor) for paper in papers], len(scene.pool.ids))
    beyond = shared - np.minimum(of_anchor, anchor_size(scene.blueprint))
    pairs, part = told_pairs(beyond)
    return tuple(
        (pair, Finding(float(beyond[pair]), float(rule.value.low), float(rule.value.high), part)) for pair in pairs
    )


def _beyond_anchor(shared: Set[int], scene: Scene) -> float:
    """Return how many items are shared without those of the anchor; what else stands on all papers is not exempt."""
    return float(len(shared) - min(len(shared & set(scene.anchor)), anchor_size(scene.blueprint)))


def papers_meant(rule: Compiled, scene: Scene) -> tuple[PastPaper, ...]:
    """Return the papers of the past that a rule names, or that are young enough."""
    return tuple(
        paper
        for paper in scene.past
        if any(is_named(paper, name) for name in rule.value.with_)
        or (rule.value.since and rule.value.since <= paper.date <= (scene.as_of or paper.date))
    )


def is_named(paper: PastPaper, name: str) -> bool:
    """Return whether a name is a paper's, or that of the run that it came from.

    >>> paper = PastPaper("bof-4-theory-1-A", "2026-01-01", frozenset())
    >>> [is_named(paper, name) for name in ("bof-4-theory-1-A", "bof-4-theory-1", "bof-4-theory-1-B")]
    [True, True, False]
    """
    return paper.id == name or paper.id.startswith(f"{name}-")


def compile_exposure(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """exposure: an item that was used often enough lately is left out.

    ``- exposure: {max_uses: 2, within_months: 24}``: sittings within the last 24 months count, by the item's id
    through all its revisions; with this paper an item will have been used twice at most.
    ``- exposure: {max_persons: 600, within_months: 36}``: an item that more than 600 persons have been shown in the
    last 36 months is left out. Each rule counts its own months.
    """
    worn = worn_items(rule, scene.pool, scene.history, scene.as_of, same_day=scene.same_day)
    draft.forbid(draft.columns_of(np.flatnonzero(worn)), rule.source)


def count_exposure(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    uses, persons = past_use(scene.history, scene.as_of, rule.value.within_months, same_day=scene.same_day)
    ids = [scene.pool.ids[position] for position in chosen.positions]
    found = []
    if rule.value.max_uses is not None:
        most = max((uses.get(id, 0) + 1 for id in ids), default=0)
        found.append(Finding(float(most), -np.inf, float(rule.value.max_uses)))
    if rule.value.max_persons is not None:
        most = max((persons.get(id, 0) for id in ids), default=0)
        found.append(Finding(float(most), -np.inf, float(rule.value.max_persons), "n_seen"))
    return tuple(found)


def worn_items(rule: Compiled, pool: Pool, history: History, as_of: str, *, same_day: bool) -> Mask:
    """Return which items of the pool an exposure rule leaves out."""
    uses, persons = past_use(history, as_of, rule.value.within_months, same_day=same_day)
    worn = np.zeros(len(pool.ids), dtype=np.bool_)
    if rule.value.max_uses is not None:
        worn |= np.array([uses.get(id, 0) >= rule.value.max_uses for id in pool.ids], dtype=np.bool_)
    if rule.value.max_persons is not None:
        worn |= np.array([persons.get(id, 0) > rule.value.max_persons for id in pool.ids], dtype=np.bool_)
    return worn


def compile_apart(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """apart: near-duplicates never stand on one paper.

    ``- apart: {similarity: 0.8}``: two items of which `qbank similar` says that they are alike by 0.8 or more are
    treated as enemies, without anybody having written so in the bank.
    """
    position = {id: index for index, id in enumerate(scene.pool.ids)}
    for first, second, similarity in scene.alike:
        if similarity >= rule.value.similarity and first in position and second in position:
            source = Source(f"{rule.label} ({first} / {second})", rule.span, rule.index)
            draft.add_enemies(position[first], position[second], source)


def count_apart(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    present = {scene.pool.ids[position] for position in chosen.positions}
    together = sum(
        similarity >= rule.value.similarity and {first, second} <= present for first, second, similarity in scene.alike
    )
    return (Finding(float(together), -np.inf, 0.0),)
