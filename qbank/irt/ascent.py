"""The way to the maximum: accelerated EM until Newton's method can take over, Newton until the gradient is zero.

On large samples EM first runs on every n-th person, which is as good a start as any and costs a tenth. Newton steps
use the exact observed information, the matrix that the standard errors need anyway.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qbank.irt.design import Design, start
from qbank.irt.em import State, evaluate, squarem
from qbank.irt.errors import observed_information
from qbank.irt.likelihood import Block, thin
from qbank.irt.models import FloatArray

# Up to here the information matrix is made and solved whole (4,000: 128 MB and some seconds a step).
WHOLE_INFORMATION = 4000
SAMPLE_SIZE = 4000
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Ascent:
    """Where the ascent ended, the objective at each accepted step, and whether the gradient criterion is met."""

    state: State
    trace: tuple[float, ...]
    converged: bool


def ascend(
    task: Design, blocks: Sequence[Block], *, tolerance: float, max_iterations: int
) -> Ascent:
    """Return the maximum of the objective.

    tolerance : for the largest absolute derivative, times sqrt(n_persons), because standard errors shrink with it.
    max_iterations : of EM cycles and Newton steps together.
    """
    free = start(task)
    weight = sum(float(block.weights.sum()) for block in blocks)
    stride = sum(block.persons.size for block in blocks) // SAMPLE_SIZE
    if stride > 2:
        sample = thin(blocks, stride)
        rough = evaluate(task, sample, free)
        free = _accelerated(task, sample, [rough], gain=1.0, goal=0.0, max_cycles=max_iterations)[-1].free
    goal = tolerance * np.sqrt(max(weight, 1.0))
    states = [evaluate(task, blocks, free)]
    while len(states) <= max_iterations and states[-1].gradient_norm > goal:
        before = len(states)
        if task.n_free <= WHOLE_INFORMATION:
            states = _newton(task, blocks, states, goal=goal, max_steps=max_iterations)
        if states[-1].gradient_norm > goal:
            gain = 0.1 if task.n_free <= WHOLE_INFORMATION else 0.0
            states = _accelerated(task, blocks, states, gain=gain, goal=goal, max_cycles=10)
        if len(states) == before or states[-1].objective <= states[before - 1].objective:
            break
    return Ascent(states[-1], tuple(state.objective for state in states), states[-1].gradient_norm <= goal)
