"""The graph of competencies: what must be known before what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qbank.core.bank import Bank
from qbank.core.standard import Standard
from qbank.problem import Problem, note, warning

if TYPE_CHECKING:
    from networkx import DiGraph


@dataclass(frozen=True, slots=True)
class Prerequisites:
    """The shape of the graph.

    layers : competency → how many must follow one another before it, only of those with a prerequisite or a follower ;
    roots : those that others build on and that need nothing ; redundant : (competency, prerequisite) that a longer way
        implies ; cycles : each as the codes from one back to the last, A requires the next
    """

    n_edges: int
    depth: int
    layers: Mapping[str, int]
    roots: tuple[str, ...]
    redundant: tuple[tuple[str, str], ...]
    cycles: tuple[tuple[str, ...], ...]


def _networkx() -> Any:
    """Return networkx, without the annotations that it has for half of itself."""
    import networkx

    return networkx


def requirements(standard: Standard) -> dict[str, list[str]]:
    """Return what each competency requires, of those that the standard has."""
    known = standard.competencies
    return {code: [one for one in dict.fromkeys(entry.requires) if one in known] for code, entry in known.items()}


def cycles(standard: Standard) -> list[list[str]]:
    """Return for each knot of prerequisites one shortest cycle, begun at its first code; each requires the next.

    >>> from types import SimpleNamespace as N
    >>> cycles(N(competencies={"A": N(requires=["B"]), "B": N(requires=["A"]), "C": N(requires=["A"])}))
    [['A', 'B']]
    """
    left = requirements(standard)
    while free := {code for code, needed in left.items() if not needed}:
        left = {code: [one for one in needed if one not in free] for code, needed in left.items() if code not in free}
    if not left:
        return []  # a bank without a cycle is the rule, and need not wait for networkx to load
    networkx = _networkx()

    graph = networkx.DiGraph(left)
    found = []
    for knot in networkx.strongly_connected_components(graph):
        first = min(knot)
        inside = graph.subgraph(sorted(knot))
        if len(knot) > 1:
            ways = [networkx.shortest_path(inside, one, first) for one in sorted(inside.successors(first))]
            found.append([first, *min(ways, key=len)[:-1]])
        elif inside.has_edge(first, first):
            found.append([first])
    return sorted(found)


def prerequisites(standard: Standard) -> Prerequisites:
    """Return layers, roots, redundant edges and cycles; edges inside a knot count for neither layers nor redundancy."""
    networkx = _networkx()

    graph = learning_order(standard)
    layers = {code: n for n, codes in enumerate(networkx.topological_generations(graph)) for code in codes}
    joined = {code for edge in graph.edges for code in edge}
    kept = networkx.transitive_reduction(graph)
    return Prerequisites(
        graph.number_of_edges(), max((layers[code] + 1 for code in joined), default=0),
        {code: layers[code] for code in standard.competencies if code in joined},
        tuple(code for code in standard.competencies if code in joined and not graph.in_degree(code)),
        tuple(sorted((code, needed) for needed, code in graph.edges if not kept.has_edge(needed, code))),
        tuple(map(tuple, cycles(standard))),
    )  # fmt: skip


def learning_order(standard: Standard) -> DiGraph:
    """Return the graph with an edge from each prerequisite to what builds on it, without edges inside knots."""
    networkx = _networkx()

    graph = networkx.DiGraph()
    graph.add_nodes_from(standard.competencies)
    graph.add_edges_from((needed, code) for code, all_needed in requirements(standard).items() for needed in all_needed)
    for knot in list(networkx.strongly_connected_components(graph)):
        graph.remove_edges_from(list(graph.subgraph(knot).edges))
    return graph  # type: ignore[no-any-return]


def prerequisite_findings(bank: Bank, found: Prerequisites, level: int | None = None) -> Iterator[Problem]:
    """Yield prerequisites that go without saying, and those that nobody is asked about while what builds on them is."""
    points = bank.standard.competencies
    for code, needed in found.redundant:
        yield note("G106", points[code].span, code=code, requires=needed, related=(points[needed].span,))
    asked = {
        item.competency for item in bank.items.values()
        if item.status not in ("retired", "suspended", "released") and level in (None, item.level)
    }  # fmt: skip
    for code, needs in requirements(bank.standard).items():
        for needed in needs:
            examined = level is None or level in points[needed].levels
            if code in asked and needed not in asked and examined:
                yield warning("G107", points[needed].span, code=code, requires=needed, related=(points[code].span,))
