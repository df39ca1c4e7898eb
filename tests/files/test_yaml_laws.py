"""Text and values: qbank reads what PyYAML wrote, and leaves as text what YAML 1.1 would change."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.files.yaml_text import locate, parse_yaml, plain

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff"), max_size=12)
TEXTS = WORDS | st.sampled_from(["no", "on", "~", "null", "true", "010", "1.10", "12:30", "<<", "=", "- a", "a: b", "&a", "!"])
NESTED = st.recursive(
    TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=20
)


def written(value: Any) -> Any:
    """Return the value with every scalar as the text it was written as."""
    if isinstance(value, dict):
        return {key: written(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [written(entry) for entry in value]
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return getattr(value, "text", value)


def read(text: str) -> Any:
    node, problems = parse_yaml(text, "x.yaml")
    assert problems == []
    return plain(node)


@settings(max_examples=150, deadline=None)
@given(document=st.dictionaries(WORDS, NESTED, min_size=1, max_size=5), flow=st.booleans())
def test_what_pyyaml_writes_reads_as_its_base_loader_reads_it(document: dict[str, Any], flow: bool) -> None:
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, default_flow_style=flow)
    assert yaml.load(text, Loader=yaml.BaseLoader) == document
    assert written(read(text)) == document


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_keep_their_text_and_their_value(values: list[Any]) -> None:
    text = yaml.safe_dump(values)
    found = read(text)
    assert written(found) == yaml.load(text, Loader=yaml.BaseLoader)
    assert [float(value) for value in found if value is not None] == [float(value) for value in values if value is not None]


@pytest.mark.parametrize(
    "word",
    ["no", "yes", "on", "off", "NO", "True", "FALSE", "Null", "~", "010", "00", "+08", "0x1F", "0o17", "0b1", "1_000", "12:30",
     "1:30:00", "2026-03-01", "2026-03-01T10:00:00Z", "1.", ".5", "1e5", ".inf", "-.inf", ".nan", "=", "1,5", "１", "1.10.2"],
)  # fmt: skip
def test_these_words_stay_text(word: str) -> None:
    found = read(f"a: {word}")["a"]
    assert type(found) is str
    assert found == word.strip()


@pytest.mark.parametrize(
    ("word", "value"),
    [("true", True), ("false", False), ("null", None), ("", None), ("0", 0), ("-7", -7), ("+7", 7), ("1880", 1880),
     ("1.10", 1.1), ("-0.5", -0.5), ("1.5e3", 1500.0), ("1.5E-3", 0.0015), ("0.0", 0.0)],
)  # fmt: skip
def test_these_words_are_values(word: str, value: object) -> None:
    found = read(f"a: {word}")["a"]
    assert found == value
    assert isinstance(found, type(value))
    assert type(found) in (bool, type(None)) or found.text == word


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("word", ["true", "null", "1.10", "7", ""])
def test_quoted_words_are_text(quote: str, word: str) -> None:
    assert read(f"a: {quote}{word}{quote}") == {"a": word}


def test_the_first_of_two_equal_keys_counts_and_the_others_are_told() -> None:
    node, problems = parse_yaml("a: 1\nb: {c: 1, c: 2}\na: [x]\na: 3\n", "x.yaml")
    assert plain(node) == {"a": 1, "b": {"c": 1}}
    assert [(problem.span.line, problem.span.column) for problem in problems] == [(2, 11), (3, 1), (4, 1)]
    assert all(problem.code == "Y002" for problem in problems)


def test_nothing_of_a_repeated_key_is_kept_and_nested_keys_are_apart() -> None:
    node, problems = parse_yaml('"\\n": 1\nx: {"\\n": {a: 1}, "\\n": {a: [2], b: 3}, c: {x: 4}}\n', "x.yaml")
    assert plain(node) == {"\n": 1, "x": {"\n": {"a": 1}, "c": {"x": 4}}}
    assert [(problem.code, problem.span.line, problem.span.column) for problem in problems] == [("Y002", 2, 19)]


TREE = """\
炼钢:
  - 枪位
  - {a: 1, b: [x, y]}
c:
"""


@pytest.mark.parametrize(
    ("steps", "key", "place"),
    [
        ((), False, (1, 1)),
        (("炼钢",), False, (2, 3)),
        (("炼钢",), True, (1, 1)),
        (("炼钢", 0), False, (2, 5)),
        (("炼钢", 1, "b"), False, (3, 15)),
        (("炼钢", 1, "b"), True, (3, 12)),
        (("炼钢", 1, "b", 1), False, (3, 19)),
        (("炼钢", 1, "nothing"), False, (3, 5)),
        (("炼钢", 9), False, (2, 3)),
        (("c",), True, (4, 1)),
    ],
)
def test_steps_lead_to_line_and_column(steps: tuple[int | str, ...], key: bool, place: tuple[int, int]) -> None:
    node, _ = parse_yaml(TREE, "x.yaml")
    assert locate(node, steps, key=key) == place
