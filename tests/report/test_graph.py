"""The graph of prerequisites: its shape by hand, and pictures that show all of it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.standard import Competency, Domain, Occupation, Standard
from qbank.lint.graph import cycles, learning_order, prerequisite_findings, prerequisites
from qbank.problem import Span
from qbank.report.graph import GRAPHS, HEAD, LANE_PADDING, NODE_HEIGHT, cut, graph_dot, graph_svg, lay_out
from qbank.workflow.coverage import cover, write_graph
from tests.files.sound import changed, sound_bank, write_bank

NOWHERE = Span("standard.yaml", 1, 1)


def standard(edges: dict[str, tuple[str, ...]], domains: str = "D") -> Standard:
    """Return a standard with a competency a letter; those of a domain are dealt in turn."""
    codes = sorted({*edges, *(needed for all_needed in edges.values() for needed in all_needed)})
    points = {
        code: Competency(code, f"标题{code}<&", "XYZ"[n % 3], (4,), edges.get(code, ()), domains[n % len(domains)], NOWHERE)  # type: ignore[arg-type]
        for n, code in enumerate(codes)
    }
    leaves = tuple(Domain(code, f"范围{code}", (code,), {4: 100.0}, True, NOWHERE) for code in dict.fromkeys(domains))
    return Standard(Occupation("1", "o", "", "", ()), False, (4,), leaves, points, NOWHERE)


EDGES = st.dictionaries(
    st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4, unique=True).map(tuple), min_size=1
)


@settings(deadline=None)
@given(EDGES)
def test_a_cycle_is_one_and_without_knots_there_is_none(edges: dict[str, tuple[str, ...]]) -> None:
    import networkx

    found = cycles(standard(edges))
    for cycle in found:
        assert cycle[0] == min(cycle) and len(set(cycle)) == len(cycle)
        assert all(needed in edges[code] for code, needed in zip(cycle, [*cycle[1:], cycle[0]], strict=True))
    whole = networkx.DiGraph([(code, needed) for code, all_needed in edges.items() for needed in all_needed])
    knots = [k for k in networkx.strongly_connected_components(whole) if len(k) > 1 or whole.has_edge(*(list(k) * 2)[:2])]
    assert len(found) == len(knots)
    assert networkx.is_directed_acyclic_graph(learning_order(standard(edges)))


@settings(deadline=None, max_examples=50)
@given(EDGES)
def test_every_edge_leads_to_a_later_layer_and_every_node_has_a_place(edges: dict[str, tuple[str, ...]]) -> None:
    one = standard(edges, "DEF")
    found = prerequisites(one)
    graph = learning_order(one)
    assert all(found.layers[needed] < found.layers[code] for needed, code in graph.edges)
    assert found.depth == max([layer + 1 for layer in found.layers.values()], default=0)
    lanes = lay_out(one, found.layers)
    assert sorted(code for lane in lanes for row in lane.rows for code in row) == sorted(found.layers)
    assert all(one.competencies[code].domain == lane.domain for lane in lanes for row in lane.rows for code in row)
    top = float(HEAD)
    for lane in lanes:
        assert lane.top == top and lane.height >= NODE_HEIGHT + 2 * LANE_PADDING
        top += lane.height
    picture = ElementTree.fromstring(graph_svg(one, "图", "zh"))
    titles = [element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert {code for code in found.layers if any(title.startswith(f"{code} ") for title in titles)} == {*found.layers}
    paths = [p for p in picture.iter("{http://www.w3.org/2000/svg}path") if p.get("marker-end")]
    n_edges = sum(needed in found.layers and code in found.layers for code, all_needed in edges.items() for needed in all_needed)
    assert len(paths) == n_edges
    assert graph_dot(one, "图", "zh").count(" -> ") == sum(map(len, edges.values()))


def test_shape_by_hand() -> None:
    found = prerequisites(standard({"b": ("a",), "c": ("b", "a"), "d": (), "e": ("d", "d")}))
    assert found.layers == {"a": 0, "b": 1, "c": 2, "d": 0, "e": 1}
    assert (found.n_edges, found.depth, found.roots) == (4, 3, ("a", "d"))
    assert found.redundant == (("c", "a"),)
    assert found.cycles == ()


def test_a_shortest_cycle_stands_for_its_knot() -> None:
    knot = {"a": ("b", "c"), "b": ("d",), "d": ("a",), "c": ("a",), "x": ("x",)}
    assert cycles(standard(knot)) == [["a", "c"], ["x"]]


def test_what_goes_without_saying_and_what_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-A-001 requires A-002, which requires A-001; all items on A-001 are taken away."""
    monkeypatch.chdir(tmp_path)
    old = "{code: B-A-001, title: 枪位, levels: [4]}"
    files = changed("standard.yaml", old, "{code: B-A-001, title: 枪位, levels: [4], requires: [A-001, A-002]}")
    items = str(files["items/a.yaml"]).replace("competency: A-001", "competency: A-002").replace("[Q-1]", "[]")
    bank = sound_bank(Path(), {**files, "items/a.yaml": items})
    found = [(p.code, p.severity, str(p.span)) for p in prerequisite_findings(bank, prerequisites(bank.standard), 4)]
    assert found == [
        ("G106", "note", "standard.yaml:20:20"), ("G107", "warning", "standard.yaml:11:16"), ("G107", "warning", "standard.yaml:11:16"),
    ]  # fmt: skip
    assert [p.code for p in cover(Path())[1]] == ["G106", "G107", "G107"]


@pytest.mark.parametrize("ending", GRAPHS)
def test_a_file_is_drawn_as_its_name_says(tmp_path: Path, ending: str) -> None:
    found, _ = cover(write_bank(tmp_path / "bank"))
    assert found is not None
    assert write_graph(found, tmp_path / f"g{ending}", "en") == []
    drawn = (tmp_path / f"g{ending}").read_text("utf-8")
    assert "A-001" in drawn and "安全" in drawn and "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
    assert [p.code for p in write_graph(found, tmp_path / "g.bmp", "en")] == ["G108"]


def test_texts_are_escaped_and_cut() -> None:
    drawn = graph_svg(standard({"b": ("a",)}), "<&>", "zh")
    ElementTree.fromstring(drawn)
    assert "标题a&lt;&amp;" in drawn
    assert cut("x" * 40, 10) == "x" * 16 + "…"
