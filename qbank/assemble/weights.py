"""What the weights of a blueprint ask of each domain, in marks that a paper can really have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, gcd

from qbank.core.blueprint import Blueprint
from qbank.core.standard import Standard, domain_paths, leaf_weights


@dataclass(frozen=True, slots=True)
class Weight:
    """code : of a domain ; exact : the marks that its weight asks for ; marks : the same in steps that a paper can
    have ; leaves : the leaf domains that count towards it"""

    code: str
    exact: float
    marks: float
    leaves: frozenset[str]

    @property
    def label(self) -> str:
        """Return the words for a row or a check.

        >>> Weight("B-C", 12.4, 12.0, frozenset()).label, Weight("A", 5.0, 5.0, frozenset()).label
        ('weights: B-C 12 (12.4)', 'weights: A 5')
        """
        rounded = abs(self.exact - self.marks) > 1e-9
        return f"weights: {self.code} {self.marks:g}" + (f" ({self.exact:.4g})" if rounded else "")


def domain_weights(blueprint: Blueprint, standard: Standard) -> tuple[Weight, ...]:
    """Return what each domain should carry: the standard's weight of each leaf, or the blueprint's own table.

    The standard's weights are shared out by largest remainder (Hare quota) in the smallest step of the paper's marks,
    so that they add up to the paper's marks; of equal remainders the domain that comes first in the standard is served.
    A table's marks stand as they are written.
    """
    paths = domain_paths(standard)
    if blueprint.weights_table:
        return tuple(
            Weight(code, marks, marks, frozenset(leaf for leaf, path in paths.items() if code in path))
            for code, marks in blueprint.weights_table
        )
    weights = leaf_weights(standard, blueprint.level)
    whole = sum(weights.values()) or 1.0
    exact = {code: weight * blueprint.marks / whole for code, weight in weights.items()}
    step = smallest_step([section.marks_each for section in blueprint.sections])
    shares = largest_remainder(list(exact.values()), round(blueprint.marks / step), step)
    return tuple(
        Weight(code, marks, share, frozenset({code})) for (code, marks), share in zip(exact.items(), shares, strict=True)
    )


def domain_targets(blueprint: Blueprint, standard: Standard) -> dict[str, float]:
    """Return the marks that the weights ask of each domain, in steps that a paper can have."""
    return {weight.code: weight.marks for weight in domain_weights(blueprint, standard)}


def smallest_step(marks: Sequence[float]) -> float:
    """Return the largest amount of which all marks are multiples: papers differ by no less.

    >>> smallest_step([1.0, 0.5]), smallest_step([2.0, 5.0]), smallest_step([2.0])
    (0.5, 1.0, 2.0)
    """
    exact = [Fraction(mark).limit_denominator(100) for mark in marks]
    bottom = 1
    for mark in exact:
        bottom = bottom * mark.denominator // gcd(bottom, mark.denominator)
    return gcd(*(int(mark * bottom) for mark in exact)) / bottom


def largest_remainder(exact: Sequence[float], n_steps: int, step: float = 1.0) -> list[float]:
    """Return whole numbers of steps that add up to ``n_steps``, each next to its exact share.

    Every share gets its whole steps; those that are left go to the largest remainders, of equal ones to the first.
    The exact shares add up to ``n_steps · step``.

    >>> largest_remainder([1.5, 1.5, 2.0], 5)
    [2.0, 1.0, 2.0]
    """
    quotas = [share / step for share in exact]
    steps = [floor(quota + 1e-9) for quota in quotas]
    order = sorted(range(len(quotas)), key=lambda k: (-round(quotas[k] - steps[k], 9), k))
    for k in order[: max(n_steps - sum(steps), 0)]:
        steps[k] += 1
    return [number * step for number in steps]
