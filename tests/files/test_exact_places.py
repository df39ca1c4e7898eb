"""Where a character of a text stands in the file, in every way that YAML has of writing a text."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from qbank.files.exact_places import exact_span, line_starts, position_in
from qbank.files.yaml_text import Mapping, Scalar, parse_yaml
from qbank.problem import Span

WRITTEN = {
    "plain": "stem: 含 碳 量 @ 低",
    "plain over lines": "stem: 含 碳\n  量\n\n  是 @ 低",
    "single quotes": "stem: '含 ''碳'' @ 低'",
    "double quotes": 'stem: "\\u542b\\t\\x41 \\"碳\\" @ 低"',
    "double quotes over lines": 'stem: "含 碳\\\n   量  \n\n  @ 低"',
    "block": "stem: |\n  含 碳\n   量 '\n\n  \"@ 低\n",
    "block with marks": "stem: |2-  # kept\n    含 碳\n  @ 低\n",
    "folded": "stem: >-\n  含 碳\n  量 是\n\n   更 多\n  @ 低\n",
}


@pytest.mark.parametrize("style", WRITTEN)
def test_a_character_is_found_in_every_way_of_writing_a_text(style: str, tmp_path: Path) -> None:
    source = WRITTEN[style]
    (tmp_path / "a.yaml").write_text(f"# head\n{source}\n", "utf-8")
    node, problems = parse_yaml(f"# head\n{source}\n", "a.yaml")
    assert not problems
    assert isinstance(node, Mapping)
    scalar = node.entries["stem"]
    assert isinstance(scalar, Scalar)
    found = exact_span(Span(str(tmp_path / "a.yaml"), scalar.line, scalar.column), scalar.text, scalar.text.index("@"))
    lines = source.split("\n")
    line = next(number for number, words in enumerate(lines) if "@" in words)
    assert (found.line, found.column) == (line + 2, lines[line].index("@") + 1)


TEXTS = st.text(st.sampled_from("碱度ab '\"\\:#|>-\n\u200b\u202e\t{}"), min_size=1, max_size=40)


@given(text=TEXTS, style=st.sampled_from([None, "'", '"', "|", ">"]), width=st.sampled_from([10, 20, 80]))
def test_every_character_of_a_text_is_found_where_it_stands(text: str, style: str | None, width: int) -> None:
    source = str(yaml.safe_dump({"stem": text}, default_style=style, width=width, allow_unicode=True))
    node, problems = parse_yaml(source, "a.yaml")
    assert not problems
    assert isinstance(node, Mapping)
    scalar = node.entries["stem"]
    assert isinstance(scalar, Scalar)
    starts, before = line_starts(source), -1
    for offset, character in enumerate(scalar.text):
        if character in " \n\t":
            continue
        found = position_in(source, starts, (scalar.line, scalar.column), scalar.text, offset)
        assert found is not None
        at = starts[found[0] - 1] + found[1] - 1
        assert at > before
        assert source[at] == character or (source[scalar_start(source, starts, scalar)] == '"' and source[at] == "\\")
        before = at


def scalar_start(source: str, starts: tuple[int, ...], scalar: Scalar) -> int:
    """Return where the value begins."""
    return starts[scalar.line - 1] + scalar.column - 1


def test_another_text_than_the_one_that_stands_there_has_no_place() -> None:
    source = "stem: 含碳量\n"
    assert position_in(source, line_starts(source), (1, 7), "含硅量", 1) is None
    assert exact_span(Span("nowhere.yaml", 3, 5), "含硅量", 1) == Span("nowhere.yaml", 3, 5)
