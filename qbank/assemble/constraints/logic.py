"""Which items stand together, alone, always, never, or in a place of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from qbank.assemble.pool import Pool
from qbank.assemble.program import Draft, Source
from qbank.assemble.rules import (
    Bounds,
    Compiled,
    Finding,
    ItemsRule,
    limits,
    n_places,
    n_unscored,
    named_items,
    selected_items,
)
from qbank.assemble.scene import Scene, Selection
from qbank.core.authored import Authored, WrittenText
from qbank.core.blueprint import Blueprint

Indices = NDArray[np.int64]


class OncePerRule(Authored):
    """``once_per:``"""

    of: Literal["competency", "domain", "stimulus", "tags"]
    prefix: WrittenText = ""
    where: WrittenText = "True"
    max: Annotated[int, Field(ge=1)] = 1


class AtMostRule(ItemsRule):
    """``at_most:``"""

    max: Annotated[int, Field(ge=0)]


class IfThenRule(Bounds):
    """``if_then:``"""

    if_: Annotated[WrittenText, Field(alias="if")]
    then: WrittenText


class PlaceRule(Authored):
    """``place:``"""

    item: WrittenText
    at: Annotated[int, Field(ge=1)]
    section: WrittenText = ""


def compile_once_per(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """once_per: no two items of a paper share a value.

    ``- once_per: competency``: no competency (鉴定点) is asked twice on one paper. Likewise ``domain`` (the leaf
    domain), ``stimulus`` (one question a case; items without a stimulus are free) and ``tags``.

    ``- once_per: {of: tags, prefix: "e"}``: of the tags that begin so, each stands at most once; other tags are free.
    ``- once_per: {of: domain, where: 'grade >= 3', max: 2}``: only some items, and two of each instead of one. Places
    that do not count are counted here too: a candidate who is asked the same twice does not know which one counts.
    """
    groups: dict[str, list[int]] = {}
    for position in np.flatnonzero(selected_items(rule, scene.pool)):
        for key in _keys(rule, scene.pool, int(position)):
            groups.setdefault(key, []).append(int(position))
    for key, members in groups.items():
        if len(members) > rule.value.max:
            columns = draft.columns_of(members)
            source = Source(f"{rule.label} ({key})", rule.span, rule.index)
            draft.add(columns, np.ones(columns.size), -np.inf, float(rule.value.max), source)


def count_once_per(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    meant = selected_items(rule, scene.pool)
    times: Counter[str] = Counter()
    for position in chosen.positions:
        if meant[position]:
            times.update(_keys(rule, scene.pool, int(position)))
    return (Finding(float(max(times.values(), default=0)), -np.inf, float(rule.value.max)),)


def _keys(rule: Compiled, pool: Pool, position: int) -> Iterator[str]:
    """Yield the values of an item that may stand on a paper only so often."""
    item = pool.items[position]
    if rule.value.of == "tags":
        yield from sorted({tag for tag in item.tags if tag.startswith(rule.value.prefix)})
        return
    found = {"competency": item.competency, "domain": pool.domain[position], "stimulus": item.stimulus}[rule.value.of]
    if found and found.startswith(rule.value.prefix):
        yield found


def compile_include(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """include: items that stand on every paper (which overlap must then allow).

    ``- include: [BOF4-BCC-01]``, or all that satisfy an expression: ``- include: {where: 'id in ["T-01", "T-03"]'}``.
    """
    for position in named_items(rule, scene.pool).values():
        columns = draft.columns_of([position] if position >= 0 else [])
        draft.add(columns, np.ones(columns.size), 1.0, 1.0, rule.source)


def count_include(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    wanted = named_items(rule, scene.pool)
    return (Finding(float(len(wanted.keys() & _ids_on(scene, chosen))), float(len(wanted)), np.inf),)


def compile_exclude(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """exclude: items that stand on no paper.

    ``- exclude: [BOF4-BCC-01]``, or all that satisfy an expression: ``- exclude: {where: 'tags == "even"'}``.
    """
    draft.forbid(draft.columns_of(list(named_items(rule, scene.pool).values())), rule.source)


def count_exclude(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    return (Finding(float(len(named_items(rule, scene.pool).keys() & _ids_on(scene, chosen))), -np.inf, 0.0),)


def compile_all_or_none(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """all_or_none: items that stand on a paper only all together.

    ``- all_or_none: [T-01, T-03, T-04]``: a paper has all three or none of them; also ``{where: …}``. If one of them
    cannot stand on any paper (it is not live, or waits for a decision) none of them does.
    """
    positions = named_items(rule, scene.pool).values()
    columns = draft.columns_of(list(positions))
    if min(positions, default=0) < 0:
        draft.forbid(columns, rule.source)
    elif len(positions) > 1:
        draft.add_set(columns, len(positions), len(positions), rule.source)


def count_all_or_none(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    wanted = named_items(rule, scene.pool)
    found = len(wanted.keys() & _ids_on(scene, chosen))
    return (Finding(float(found), float(len(wanted) if found else 0), float(len(wanted))),)


def compile_at_most_one(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """at_most_one: items of which a paper has one at most.

    ``- at_most_one: [T-01, T-03, T-04]``: questions that give each other away; also ``{where: …}``. What `enemies`
    says for pairs of items in the bank, this says for as many as wanted, in this blueprint alone.
    """
    _add_at_most(rule, scene, draft, 1)


def count_at_most_one(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    found = named_items(rule, scene.pool).keys() & _ids_on(scene, chosen)
    return (Finding(float(len(found)), -np.inf, 1.0),)


def compile_at_most(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """at_most: items of which a paper has so many at most.

    ``- at_most: {items: [T-01, T-03, T-04, T-05], max: 2}``; also ``where:`` instead of ``items:``. Places that do not
    count are counted too.
    """
    _add_at_most(rule, scene, draft, rule.value.max)


def count_at_most(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    found = named_items(rule, scene.pool).keys() & _ids_on(scene, chosen)
    return (Finding(float(len(found)), -np.inf, float(rule.value.max)),)


def _add_at_most(rule: Compiled, scene: Scene, draft: Draft, most: int) -> None:
    columns = draft.columns_of(list(named_items(rule, scene.pool).values()))
    draft.add(columns, np.ones(columns.size), -np.inf, float(most), rule.source)


def compile_if_then(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """if_then: if a paper has any item of one sort, it has so many of another.

    ``- if_then: {if: 'tags == "even"', then: 'domain == "A"', min: 2}``: a paper with any item tagged even has at least
    two below domain A. ``- if_then: {if: 'id == "T-01"', then: 'grade >= 4', max: 1}``: where T-01 stands there is at
    most one hard item. A percentage is of the paper's scored items. An item that satisfies both is counted in both;
    places that do not count are counted too.
    """
    low, high = limits(rule.value, n_places(_WHOLE, scene.blueprint))
    cause = draft.columns_of(np.flatnonzero(selected_items(rule, scene.pool, "if")))
    effect = draft.columns_of(np.flatnonzero(selected_items(rule, scene.pool, "then")))
    if not cause.size:
        return
    indicator = draft.add_set(cause, 1, cause.size, rule.source)
    columns, ones = np.append(effect, indicator), np.ones(effect.size)
    if low > 0:
        draft.add(columns, np.append(ones, -low), 0.0, np.inf, rule.source)
    if high < effect.size:
        draft.add(columns, np.append(ones, effect.size - high), -np.inf, float(effect.size), rule.source)


class _Whole:
    """The whole paper, its scored places."""

    section = ""
    scored = True


_WHOLE = _Whole()


def count_if_then(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    low, high = limits(rule.value, n_places(_WHOLE, scene.blueprint))
    cause, effect = (selected_items(rule, scene.pool, key) for key in ("if", "then"))
    found = float(sum(bool(effect[position]) for position in chosen.positions))
    if not any(cause[position] for position in chosen.positions):
        return (Finding(found, -np.inf, np.inf),)
    return (Finding(found, low, high),)


def compile_place(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """place: an item that stands on every paper at a number of its own.

    ``- place: {item: T-01, at: 1}``: T-01 is the first question of every paper, and its marks count. With ``section:``
    the number counts within that section. Overlap must allow an item on every paper, as with include.
    """
    columns = _columns_at(rule, scene, draft)
    draft.add(columns, np.ones(columns.size), 1.0, 1.0, rule.source)


def count_place(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    section, number = place_of(rule.value, scene.blueprint)
    found = [
        place
        for place, position in enumerate(chosen.positions)
        if scene.pool.ids[position] == rule.value.item and chosen.section[place] == section and chosen.scored[place]
    ]
    there = chosen.number is None or all(chosen.number[place] == number for place in found)
    return (Finding(float(len(found) * there), 1.0, 1.0),)


def _columns_at(rule: Compiled, scene: Scene, draft: Draft) -> Indices:
    known = scene.pool.ids.index(rule.value.item) if rule.value.item in scene.pool.ids else -1
    section, _ = place_of(rule.value, scene.blueprint)
    there = (scene.candidates.section == section) & scene.candidates.scored
    return np.flatnonzero((draft.item == known) & there)


def place_of(rule: PlaceRule, blueprint: Blueprint) -> tuple[int, int]:
    """Return the index of the section in which the item stands, −1 for none, and its number there, from 1."""
    start = 0
    for index, section in enumerate(blueprint.sections):
        size = section.items + n_unscored(blueprint, section.title)
        if (rule.section == section.title and rule.at <= size) or (not rule.section and start < rule.at <= start + size):
            return index, rule.at if rule.section else rule.at - start
        start += size
    return -1, rule.at


def _ids_on(scene: Scene, chosen: Selection) -> set[str]:
    return {scene.pool.ids[position] for position in chosen.positions}
