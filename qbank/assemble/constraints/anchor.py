"""The anchor: a paper in small that stands on every paper, so that different papers can be put on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from qbank.assemble.candidates import Role, section_items
from qbank.assemble.constraints.between import is_named
from qbank.assemble.pool import Pool
from qbank.assemble.program import Draft
from qbank.assemble.rules import Amount, Compiled, Finding, Mask, anchor_size, selected_items
from qbank.assemble.scene import Scene, Selection
from qbank.assemble.weights import largest_remainder
from qbank.core.authored import Authored, Many, WrittenText
from qbank.core.blueprint import Blueprint

Indices = NDArray[np.int64]


class AnchorRule(Authored):
    """``anchor:``"""

    items: Amount = "20%"
    from_: Annotated[Many[WrittenText], Field(alias="from")] = ()
    where: WrittenText = "True"
    place: Literal["internal", "external"] = "internal"
    tolerance: Annotated[float, Field(gt=0, le=3)] = 0.3


def roles_anchor(rule: Compiled, blueprint: Blueprint, pool: Pool) -> tuple[tuple[Role, Mask], ...]:
    """Return the unscored places of an external anchor in every section."""
    if rule.value.place == "internal":
        return ()
    meant = selected_items(rule, pool) & ~pool.trial
    return tuple(
        (Role(index, False, section.marks_each), section_items(section, pool) & meant)
        for index, section in enumerate(blueprint.sections)
    )


def compile_anchor(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """anchor: items that stand on every paper, a paper in small, so that the papers can be put on one scale.

    ``- anchor: {items: 1}``: one item, chosen by the program, that all papers share. Without ``items`` the anchor is a
    fifth of the paper (20 of 100 items, which is what linking wants at least); a percentage is of the paper's items.

    The anchor mirrors the paper: of every section as many items as its share (largest remainder), of every domain its
    share within one item; the mean difficulty of every paper, and the spread of its difficulties around the anchor's mean,
    differ from the anchor's own by ``tolerance`` logits at most (0.3 unless written). It is chosen together with the rest of the papers, so that the rest can be built.

    ``place: internal`` (the default): the items count like any other. ``place: external``: they stand on the paper
    beside the scored ones and carry no marks, and the number of questions printed grows. ``from: [bof-4-theory-1]``
    takes them from papers of the past, by name, which links the new papers to the old scale; ``where`` selects further.
    Items about a stimulus are not taken. Overlap and the number of papers an item may stand on are bounds beyond the
    anchor; exposure counts for its items too.
    """
    if rule.value.place == "external":
        others = np.flatnonzero(~np.isin(draft.item, scene.anchor))
        draft.forbid(anchor_columns(rule, scene, others), rule.source)
    for position in scene.anchor:
        columns = anchor_columns(rule, scene, draft.columns_of([position]))
        draft.add(columns, np.ones(columns.size), 1.0, 1.0, rule.source)
    if scene.anchor:
        _add_sections(rule, scene, draft)
        _add_likeness(rule, scene, draft)


def _add_sections(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """Add that every section has its share of the anchor, whose items may fit two sections of one kind."""
    columns = anchor_columns(rule, scene, draft.columns_of(scene.anchor))
    for index, size in enumerate(section_sizes(scene.blueprint)):
        there = columns[scene.candidates.section[columns] == index]
        draft.add(there, np.ones(there.size), float(size), float(size), rule.source)


def _add_likeness(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """Add that a paper's scored items are as difficult as the anchor and as spread around its mean."""
    columns, tolerance = np.flatnonzero(scene.candidates.scored), rule.value.tolerance
    own = scene.pool.difficulty[list(scene.anchor)]
    mean, spread = float(own.mean()), float(own.std())
    away = scene.pool.difficulty[scene.candidates.item[columns]] - mean
    n = float(sum(section.items for section in scene.blueprint.sections))
    draft.add(columns, away, -n * tolerance, n * tolerance, rule.source)
    least, most = max(spread - tolerance, 0.0), spread + tolerance
    draft.add(columns, away**2, n * least**2, n * most**2, rule.source)


def anchor_columns(rule: Compiled, scene: Scene, columns: Indices) -> Indices:
    """Return those of some candidates that stand in the places of an anchor."""
    own = [
        index
        for index, role in enumerate(scene.candidates.roles)
        if role.rule == (-1 if rule.value.place == "internal" else rule.index)
    ]
    return columns[np.isin(scene.candidates.role[columns], own)]


def eligible_anchors(rule: Compiled, scene: Scene) -> Mask:
    """Return which items of the pool may be part of the anchor."""
    mask = selected_items(rule, scene.pool) & np.array([not name for name in scene.pool.stimulus], dtype=np.bool_)
    if rule.value.from_:
        named = [paper.items for paper in scene.past if any(is_named(paper, name) for name in rule.value.from_)]
        mask &= np.array([any(id in items for items in named) for id in scene.pool.ids], dtype=np.bool_)
    return mask


def section_sizes(blueprint: Blueprint) -> tuple[int, ...]:
    """Return how many items of each section an anchor has: its share by largest remainder."""
    n, whole = anchor_size(blueprint), sum(section.items for section in blueprint.sections)
    return tuple(int(size) for size in largest_remainder([s.items * n / whole for s in blueprint.sections], n))


def common_anchor(rule: Compiled, scene: Scene, papers: Sequence[Selection]) -> tuple[int, ...]:
    """Return the items that could be the anchor of finished papers: those that stand on all of them in its places."""
    eligible, scored = eligible_anchors(rule, scene), rule.value.place == "internal"
    common = [set(paper.positions[(paper.scored == scored) & eligible[paper.positions]].tolist()) for paper in papers]
    return tuple(sorted(set.intersection(*common))) if common else ()


def count_anchor(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    internal = rule.value.place == "internal"
    if not scene.anchor:
        return ()
    anchor = set(scene.anchor)
    places = [k for k, p in enumerate(chosen.positions) if int(p) in anchor and bool(chosen.scored[k]) == internal]
    scored = [k for k in range(len(chosen.positions)) if chosen.scored[k]]
    n, sizes = len(places), section_sizes(scene.blueprint)
    found = [Finding(float(n), float(anchor_size(scene.blueprint)), np.inf, "items")]
    for index, section in enumerate(scene.blueprint.sections):
        there = sum(int(chosen.section[k]) == index for k in places)
        found.append(Finding(float(there), float(sizes[index]), np.inf, section.title))
    for code in sorted({scene.pool.domain[int(chosen.positions[k])] for k in scored}):
        own, whole = (sum(scene.pool.domain[int(chosen.positions[k])] == code for k in part) for part in (places, scored))
        share = whole * n / len(scored)
        found.append(Finding(float(own), max(math.floor(share) - 1.0, 0.0), math.ceil(share) + 1.0, code))
    if n:
        small, whole_paper = ([float(scene.pool.difficulty[chosen.positions[k]]) for k in part] for part in (places, scored))
        mean = sum(small) / n
        away = sum(whole_paper) / len(whole_paper) - mean
        found.append(Finding(away, -rule.value.tolerance, rule.value.tolerance, "mean"))
        around = [math.sqrt(sum((b - mean) ** 2 for b in part) / len(part)) for part in (small, whole_paper)]
        found.append(Finding(around[1] - around[0], -rule.value.tolerance, rule.value.tolerance, "sd"))
    return tuple(found)
