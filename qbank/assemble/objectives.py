"""What makes papers good: quantities at abilities, compared between papers or with a target."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.pool import Pool, ability_at_cut, item_information, probability
from qbank.assemble.program import Terms
from qbank.assemble.scene import Scene
from qbank.core.blueprint import Blueprint

Array = NDArray[np.float64]

AROUND = (-0.5, 0.0, 0.5)
"""Where parallel papers are compared, in ability SDs from the cut."""


def abilities(blueprint: Blueprint, pool: Pool, marks: Array) -> tuple[float, Array]:
    """Return the ability at the cut, and those at which papers are compared: the ones asked for, or the cut's and
    around it.

    marks : (n_items,) what each item carries, on average over the papers once these are known
    """
    cut = ability_at_cut(pool, marks / marks.sum(), blueprint.cut / blueprint.marks)
    if blueprint.objective.at is not None:
        return cut, np.array(blueprint.objective.at)
    return cut, cut + pool.ability_sd * np.array(AROUND)


def terms_of(scene: Scene) -> Terms | None:
    """Return what parallel papers share: expected score and information at the abilities of the scene.

    Expected score counts in marks; information so that its typical amount counts as one: a deviation of 1 % of it
    weighs as much as 0.01 marks.
    """
    blueprint, candidates = scene.blueprint, scene.candidates
    if blueprint.n_forms == 1:
        return None
    names: list[str] = []
    values: list[Array] = []
    units: list[float] = []
    if "expected_score" in blueprint.objective.parallel:
        scores = probability(scene.pool, scene.theta)[candidates.item] * candidates.marks[:, None]
        names += [f"expected_score@{t:.2f}" for t in scene.theta]
        values += list(scores.T)
        units += [1.0] * scene.theta.size
    if "information" in blueprint.objective.parallel:
        information = item_information(scene.pool, scene.theta)[candidates.item] * candidates.scored[:, None]
        names += [f"information@{t:.2f}" for t in scene.theta]
        values += list(information.T)
        usual = information[candidates.scored].mean(axis=0) * sum(section.items for section in blueprint.sections)
        units += [float(unit) for unit in usual]
    n_terms = len(names)
    return Terms(
        tuple(names), np.array(values).reshape(n_terms, candidates.item.size), np.full((blueprint.n_forms, n_terms), np.nan),
        np.array(units), np.zeros(n_terms, np.int64), np.ones(n_terms), np.full(n_terms, np.inf),
    )  # fmt: skip


def cost_of(scene: Scene) -> Array | None:
    """Return the cost of a single paper: less information in the middle of the abilities; shape (n_candidates,)."""
    if scene.blueprint.n_forms > 1:
        return None
    middle = scene.theta[scene.theta.size // 2 : scene.theta.size // 2 + 1]
    information = item_information(scene.pool, middle)[scene.candidates.item, 0]
    return np.asarray(-information * scene.candidates.scored)
