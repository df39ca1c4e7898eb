"""The occupational standard behind a bank: occupation, levels, domains with weights, competencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from qbank.problem import Span

Importance = Literal["X", "Y", "Z"]


@dataclass(frozen=True, slots=True)
class Occupation:
    """Occupation code with the edition of the classification that it belongs to."""

    code: str
    title: str
    trade: str
    edition: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Competency:
    """鉴定点: the smallest assessable element; ``importance`` X core, Y general, Z auxiliary."""

    code: str
    title: str
    importance: Importance
    levels: tuple[int, ...]
    requires: tuple[str, ...]
    domain: str
    span: Span


@dataclass(frozen=True, slots=True)
class Domain:
    """鉴定范围: a node of the syllabus; ``path`` holds the codes from the root down to itself."""

    code: str
    title: str
    path: tuple[str, ...]
    weights: Mapping[int, float]
    is_leaf: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Standard:
    """All domains in the order written, competencies by code; ``official`` is true only for an authority's table."""

    occupation: Occupation
    official: bool
    levels: tuple[int, ...]
    domains: tuple[Domain, ...]
    competencies: Mapping[str, Competency]
    span: Span


def leaf_weights(standard: Standard, level: int) -> dict[str, float]:
    """Return the weight (per cent) of every leaf domain that the level examines, in the standard's order."""
    return {
        domain.code: domain.weights[level]
        for domain in standard.domains
        if domain.is_leaf and domain.weights.get(level)
    }


def domain_paths(standard: Standard) -> dict[str, tuple[str, ...]]:
    """Return for each domain code its path of codes from the root."""
    return {domain.code: domain.path for domain in standard.domains}


def domain_titles(standard: Standard) -> dict[str, str]:
    """Return for each domain code its title."""
    return {domain.code: domain.title for domain in standard.domains}
