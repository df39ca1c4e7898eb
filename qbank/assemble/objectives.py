"""What makes papers good: the word under ``objective:`` → its schema and the function that says what is wanted.

Each function's docstring is its page in the manual. How goals are read, weighed and put in order of priority is said
in `qbank.assemble.goals`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from qbank.assemble.expected import item_information, probability
from qbank.assemble.points import At, points_of
from qbank.assemble.precision import information_error
from qbank.assemble.scene import Scene
from qbank.core.authored import Authored, Many

Array = NDArray[np.float64]

AROUND = (-0.5, 0.0, 0.5)
"""Where parallel papers are compared, in ability SDs from the cut."""
ONE = np.zeros(1)

Amount = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Values = Amount | Annotated[Many[Amount], Field(min_length=1)] | Annotated[dict[str, Amount], Field(min_length=1)]
"""One value for all abilities, one for each of them, or ability: value."""
Quantity = Literal["expected_score", "information"]


class GoalText(Authored):
    """What every goal may say beside its own word."""

    at: At | None = None
    weight: Amount = 1.0
    priority: Annotated[int, Field(ge=1, le=100)] = 1
    slack: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    robust: bool | Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] | None = None


class ParallelGoal(GoalText):
    """``parallel:``"""

    parallel: Annotated[Many[Quantity], Field(min_length=1)]


class TargetText(Authored):
    """What papers should have, at which abilities."""

    information: Values | None = None
    expected_score: Values | None = None
    at: At | None = None


class TargetGoal(GoalText):
    """``target:``"""

    target: TargetText


class RelativeText(Authored):
    """The shape that information should have, at which abilities."""

    information: Values
    at: At | None = None


class RelativeGoal(GoalText):
    """``relative:``"""

    relative: RelativeText


class MaximiseGoal(GoalText):
    """``maximise:``"""

    maximise: Literal["information"]


class MinimiseGoal(GoalText):
    """``minimise:``"""

    minimise: Literal["uses", "seconds"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity of a paper at one ability: what each candidate adds, and what is wanted.

    values : (n_candidates,) ; target : NaN compares papers with each other ; unit : a deviation of it counts as 1 ;
    sense : 0 both sides, −1 only too little is bad ; ideal : the most that a paper may have, whatever the rules
    """

    name: str
    values: Array
    target: float
    unit: float
    sense: int
    ideal: float = np.inf


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one goal asks for: deviations to be small, or a cost (n_candidates,) to be.

    usual : amount of the objective that counts as a whole, of which shares are taken ; kind : what its objective counts: ``deviation``, ``information`` or the name of a number of items
    """

    measures: tuple[Measure, ...] = ()
    cost: Array | None = None
    usual: float = 1.0
    kind: str = "deviation"


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal that passed its schema: its word, the record, its words for people."""

    word: str
    value: Any
    label: str

    @property
    def robust(self) -> float:
        """Return how many standard errors are taken off every item's information."""
        written = self.value.robust
        return float(written) if written is not None and written is not False else 0.0


Want = Callable[[Goal, Scene], Wanted]


@dataclass(frozen=True, slots=True)
class Objective:
    """schema : the record of a goal ; wanted : what it asks for in a scene"""

    schema: type[GoalText]
    wanted: Want


def parallel(goal: Goal, scene: Scene) -> Wanted:
    """parallel: papers are as alike as possible in expected score and information.

    ``objective: {parallel: [expected_score, information], at: cut}``

    The largest difference between any two papers, over the quantities and abilities, is made as small as possible.
    This is the objective where none is written. ``at: cut`` compares the papers at the ability whose expected score
    is the cut, and half a standard deviation of ability to either side; ``at: [-1, 0, 1]`` at these abilities,
    ``at: {from: -1, to: 1}`` over a range. Expected score counts in marks; information so that 1 % of what papers
    usually have weighs as much as 0.01 marks. A single paper has nothing to be compared with: it gets as much
    information as possible in the middle of the abilities.

    References: van der Linden, W. J. (2005). Linear Models for Optimal Test Design. Springer, ch. 6.
    """
    theta = goal_points(goal, scene)
    if scene.blueprint.n_forms == 1:
        middle = theta[theta.size // 2 : theta.size // 2 + 1]
        values = candidate_information(scene, middle, goal.robust)
        return Wanted(cost=-values[:, 0], usual=float(_most(values, scene)[0]), kind="information")
    measures: list[Measure] = []
    for quantity in ("expected_score", "information"):
        if quantity in goal.value.parallel:
            values = _quantity(quantity, scene, theta, goal.robust)
            units = np.ones(theta.size) if quantity == "expected_score" else _usual(values, scene)
            measures += [
                Measure(f"{quantity}@{point:.2f}", column, np.nan, float(unit), 0)
                for point, column, unit in zip(theta, values.T, units, strict=True)
            ]
    return Wanted(tuple(measures))


def target(goal: Goal, scene: Scene) -> Wanted:
    """target: every paper comes as near as possible to given values.

    ``objective: {target: {information: [4, 6, 4], at: [-1, 0, 1]}}``

    The largest deviation of any paper from its target at any ability is made as small as possible (minimax). Values
    are one for all abilities, one for each, or written beside them: ``{information: {-1: 4, 0: 6, 1: 4}}``.
    ``expected_score`` is in marks and counts in marks; information counts as a share of its target, so that 1 % of it
    weighs as much as 0.01 marks. Where the target is what an earlier paper had, new papers become parallel to it.

    References: van der Linden, W. J. (2005). Linear Models for Optimal Test Design. Springer, ch. 5.
    """
    measures: list[Measure] = []
    for quantity, asked in written_values(goal):
        theta, wanted = points_and_values(goal, asked, scene)
        values = _quantity(quantity, scene, theta, goal.robust)
        units = np.ones(theta.size) if quantity == "expected_score" else wanted
        measures += [
            Measure(f"{quantity}@{point:.2f} = {amount:g}", column, float(amount), float(unit), 0)
            for point, amount, column, unit in zip(theta, wanted, values.T, units, strict=True)
        ]
    return Wanted(tuple(measures))


def relative(goal: Goal, scene: Scene) -> Wanted:
    """relative: as much information as possible, in a given shape.

    ``objective: {relative: {information: [1, 2, 1], at: [-1, 0, 1]}}``

    The shape says how the information at some abilities should relate: here twice as much at 0 as at −1 and 1. What
    is made as large as possible is the least, over papers and abilities, of information over shape (maximin). Only
    the proportions count: ``[1, 2, 1]`` and ``[5, 10, 5]`` ask for the same. The objective that is printed is minus
    that least amount, at the ability of the largest share.

    References: van der Linden, W. J., & Boekkooi-Timminga, E. (1989). A maximin model for test design with practical
    constraints. Psychometrika, 54(2), 237-247.
    """
    theta, shape = points_and_values(goal, goal.value.relative.information, scene)
    shape = shape / shape.max()
    values = candidate_information(scene, theta, goal.robust)
    best = _most(values, scene)
    ideal = float((best / shape).min())
    return Wanted(
        tuple(
            Measure(f"information@{point:.2f}", column, 0.0, float(share), -1, ideal * float(share))
            for point, column, share in zip(theta, values.T, shape, strict=True)
        ),
        usual=ideal, kind="information",
    )  # fmt: skip


def maximise(goal: Goal, scene: Scene) -> Wanted:
    """maximise: as much information as possible, by default at the cut.

    ``objective: {maximise: information, at: cut}``

    Of several papers it is the information of the weakest; over several abilities or a range, their mean. The
    objective that is printed is minus that information.

    References: Birnbaum, A. (1968), in Lord & Novick, Statistical Theories of Mental Test Scores, ch. 17; Theunissen,
    T. J. J. M. (1985). Binary programming and test design. Psychometrika, 50(4), 411-420.
    """
    theta = goal_points(goal, scene, ONE)
    values = candidate_information(scene, theta, goal.robust).mean(axis=1)
    ideal = float(_most(values[:, None], scene)[0])
    if scene.blueprint.n_forms == 1:
        return Wanted(cost=-values, usual=ideal, kind="information")
    shown = ",".join(f"{point:.2f}" for point in theta)
    measure = Measure(f"information@{shown}", values, 0.0, 1.0, -1, ideal)
    return Wanted((measure,), usual=ideal, kind="information")


def minimise(goal: Goal, scene: Scene) -> Wanted:
    """minimise: as little as possible of a number of the items, summed over all papers.

    ``objective: {goals: [{parallel: [expected_score]}, {minimise: uses, priority: 2}]}``

    ``uses`` prefers rested items: those that stood least often in sittings within the time that counts (that of the
    exposure rule). ``seconds`` prefers short papers.
    """
    values = scene.pool.columns.numbers[goal.value.minimise][scene.candidates.item]
    scored = scene.candidates.scored
    usual = float(values[scored].mean()) * n_places(scene) * scene.blueprint.n_forms if scored.any() else 0.0
    return Wanted(cost=np.asarray(values, dtype=np.float64), usual=usual or 1.0, kind=goal.value.minimise)


OBJECTIVES: dict[str, Objective] = {
    "parallel": Objective(ParallelGoal, parallel),
    "target": Objective(TargetGoal, target),
    "relative": Objective(RelativeGoal, relative),
    "maximise": Objective(MaximiseGoal, maximise),
    "minimise": Objective(MinimiseGoal, minimise),
}


def written_at(goal: Goal) -> At | None:
    """Return the abilities that a goal names, within its word or beside it."""
    inner: At | None = getattr(getattr(goal.value, goal.word), "at", None)
    return goal.value.at if inner is None else inner


def written_values(goal: Goal) -> tuple[tuple[str, Any], ...]:
    """Return the amounts that a goal asks for by quantity, as written."""
    inner = getattr(goal.value, goal.word)
    found = ((quantity, getattr(inner, quantity, None)) for quantity in ("expected_score", "information"))
    return tuple((quantity, values) for quantity, values in found if values is not None)


def goal_points(goal: Goal, scene: Scene, around: Array | None = None) -> Array:
    """Return the abilities of a goal (n_points,); around : what ``cut`` stands for, by default where papers are
    compared.
    """
    usual = scene.pool.ability_sd * np.array(AROUND)
    return points_of(written_at(goal) or "cut", scene.cut, usual if around is None else around)


def points_and_values(goal: Goal, values: Any, scene: Scene) -> tuple[Array, Array]:
    """Return abilities and the amount asked for at each, both (n_points,).

    At the cut, one amount is meant there, three are meant there and around it.
    """
    if isinstance(values, dict):
        pairs = sorted((float(point), float(amount)) for point, amount in values.items())
        return np.array([point for point, _ in pairs]), np.array([amount for _, amount in pairs])
    single = not isinstance(values, tuple)
    theta = goal_points(goal, scene, ONE if single or len(values) == 1 else None)
    return theta, np.full(theta.size, float(values)) if single else np.array([float(amount) for amount in values])


def candidate_scores(scene: Scene, theta: Array) -> Array:
    """Return the marks that each candidate is expected to bring at each ability; shape (n_candidates, n_points)."""
    candidates = scene.candidates
    return np.asarray(probability(scene.pool, theta)[candidates.item] * candidates.marks[:, None])


def candidate_information(scene: Scene, theta: Array, robust: float = 0.0) -> Array:
    """Return the information of each candidate, 0 where it is not scored; shape (n_candidates, n_points).

    robust : so many standard errors are taken off, ``max(I − k SE(I), 0)``, SE(I) from those of the parameters to
    first order. One posterior standard deviation is the conservative choice of de Jong, Steenkamp & Veldkamp (2009),
    Marketing Science 28, 674-689; see also Veldkamp, Matteucci & de Jong (2013), Applied Psychological Measurement
    37, 123-139.
    """
    information = item_information(scene.pool, theta)
    if robust:
        information = np.maximum(information - robust * information_error(scene.pool, theta), 0.0)
    candidates = scene.candidates
    return np.asarray(information[candidates.item] * candidates.scored[:, None])


def n_places(scene: Scene) -> int:
    """Return the number of scored places of a paper."""
    return sum(section.items for section in scene.blueprint.sections)


def _quantity(quantity: str, scene: Scene, theta: Array, robust: float) -> Array:
    return candidate_scores(scene, theta) if quantity == "expected_score" else candidate_information(scene, theta, robust)


def _usual(values: Array, scene: Scene) -> Array:
    """Return what a paper of typical items would have; shape (n_points,)."""
    scored = scene.candidates.scored
    usual = values[scored].mean(axis=0) * n_places(scene) if scored.any() else np.ones(values.shape[1])
    return np.where(usual > 0, usual, 1.0)


def _most(values: Array, scene: Scene) -> Array:
    """Return what the best items would give a paper, whatever the rules; shape (n_points,)."""
    most = np.sort(values, axis=0)[::-1][: n_places(scene)].sum(axis=0)
    return np.where(most > 0, most, 1.0)
