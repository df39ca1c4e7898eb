"""From a checked call to the estimation problem: blocks of persons, the design, its starts."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qbank.irt.ability import ABILITIES, Ability, regression
from qbank.irt.answers import islands
from qbank.irt.calibration.design import FIXED, Design, ItemPriors, Ties, design
from qbank.irt.calibration.request import Request
from qbank.irt.likelihood import quadrature
from qbank.irt.models import FloatArray, IndexArray, Mask
from qbank.irt.parameters import batches
from qbank.irt.priors import centre, function
from qbank.irt.respondents import Answers, Respondents


def task_of(request: Request, answers: Answers, *, n_nodes: int) -> tuple[Design, Respondents]:
    """Return the estimation problem of the used items, and the persons in blocks."""
    used, covariates = request.used, request.covariates
    persons = answers.respondents(used, covariates)
    return make_task(
        [request.words[item] for item in used],
        request.n_categories[used],
        request.anchors[used],
        [request.shares[item] for item in used],
        equal=[(name, _places(used, members)) for name, members in request.ties],
        priors={name: (word, p[used], q[used]) for name, (word, p, q) in request.priors.items()},
        ability=ABILITIES[request.ability] if covariates is None else regression(covariates.shape[1]),
        answered=answered_groups(request, persons),
        n_nodes=n_nodes,
    ), persons


def answered_groups(request: Request, persons: Respondents) -> Mask:
    """Return whether anybody in the group has an answer, (n_groups,)."""
    return np.isin(np.arange(len(request.groups)), [head.group for head in persons.heads])


def _places(used: IndexArray, members: Sequence[int]) -> list[int]:
    """Return where items stand among the used ones."""
    return [int(place) for place in np.flatnonzero(np.isin(used, np.asarray(members, dtype=np.intp)))]


def make_task(
    words: Sequence[str],
    n_categories: IndexArray,
    anchors: FloatArray,
    shares: Sequence[FloatArray],
    *,
    equal: Ties,
    priors: ItemPriors,
    ability: Ability,
    answered: Mask,
    n_nodes: int,
) -> Design:
    """Return the design: what anchors and models leave free, and what that makes of the ability scale.

    answered : (n_groups,) whether anybody in the group has an answer
    A fixed slope sets the unit of the scale, a fixed intercept its origin; what nothing sets, the first group
    with an answer sets.
    """
    parts, free = [], []
    sets_unit = sets_origin = False
    for batch in batches(words, n_categories, anchors):
        at_start = batch.model.start(np.stack([shares[item] for item in batch.items]))
        names = batch.model.parameters(batch.n_categories)
        for name, (word, p, q) in priors.items():
            if name != "b" and function(name).of in names and word == "beta":
                column = names.index(function(name).of)
                begin = function(name).inverse(centre(word, p[batch.items], q[batch.items]))
                at_start[:, column] = np.where(np.isnan(begin), at_start[:, column], begin)
        unknown = np.isnan(batch.values)
        sets_unit |= bool((~unknown[:, batch.model.slopes(batch.n_categories)]).any())
        intercepts = np.array([name[0] == "d" for name in names])
        sets_origin |= bool((~unknown[:, intercepts]).any())
        parts.append(replace(batch, values=np.where(unknown, at_start, batch.values)))
        free.append(unknown)
    nodes = quadrature(n_nodes)
    first = ability.start(nodes)
    ability_free = np.repeat(answered[:, None], first.size, axis=1)
    if ability.name != "histogram" and answered.any():
        ability_free[int(answered.argmax()), :2] = sets_origin, sets_unit
    return design(
        parts,
        free,
        nodes=nodes,
        n_categories=n_categories,
        ties=equal,
        ability=ability,
        ability_values=np.tile(first, (answered.size, 1)),
        ability_free=ability_free,
        priors=priors,
    )


def apart(task: Design, persons: Respondents) -> tuple[IndexArray, ...]:
    """Return the items that can be estimated in islands, if there are several, else nothing."""
    fixed = np.zeros(task.n_items, dtype=bool)
    for part in task.parts:
        names = part.model.parameters(part.n_categories)
        intercepts = np.flatnonzero([name[0] == "d" for name in names])
        fixed[part.items] = (part.index[:, intercepts] == FIXED).any(axis=1)
    found = islands(persons.links, task.n_items, np.flatnonzero(fixed))
    return found if len(found) > 1 else ()


def starts(task: Design, n_starts: int) -> list[Design]:
    """Return the design with other start values: slopes and lower asymptotes by turns higher and lower."""
    found = [task]
    for turn in range(1, n_starts):
        sign, size = (1.0 if turn % 2 else -1.0), 0.5 * ((turn + 1) // 2)
        parts = []
        for part in task.parts:
            values = part.values.copy()
            for column, name in enumerate(part.model.parameters(part.n_categories)):
                moving = part.index[:, column] != FIXED
                if name[0] == "a":
                    values[moving, column] *= np.exp(sign * size / 2.0)
                elif name == "logit_c":
                    values[moving, column] += sign * size
            parts.append(replace(part, values=values))
        found.append(replace(task, parts=tuple(parts)))
    return found
