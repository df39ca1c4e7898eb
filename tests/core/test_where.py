"""Expressions over items: as Python itself would read them, and nothing that could run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.assemble.item_columns import vocabulary
from qbank.core.where import Columns, Expression, Refusal, evaluate, parse_where
from tests.files.sound import sound_bank

DOMAINS = {"A": ("A",), "A-B": ("A", "A-B"), "A-B-C": ("A", "A-B", "A-B-C"), "B": ("B",)}
TAGS = ("x", "y", "z")


class Words:
    """What a text column's cell answers to, as a value for Python's own ``==`` and ``in``."""

    def __init__(self, words: frozenset[str]) -> None:
        self.words = words

    def __eq__(self, other: object) -> bool:
        return other in self.words

    def __hash__(self) -> int:
        return hash(self.words)


ROW = st.fixed_dictionaries(
    {
        "grade": st.integers(1, 5),
        "marks": st.sampled_from([0.5, 1.0, 2.5]),
        "domain": st.sampled_from(sorted(DOMAINS)).map(lambda code: frozenset(DOMAINS[code])),
        "tags": st.frozensets(st.sampled_from(TAGS)),
    }
)
NUMBER = st.integers(-1, 6).map(str) | st.sampled_from(["0.5", "2.5", "-0.5", "1e0"])
NUMERIC = st.builds(
    "{} {} {}".format, st.sampled_from(["grade", "marks"]), st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), NUMBER
) | st.builds(
    lambda column, op, values: f"{column} {op} [{', '.join(values)}]",
    st.sampled_from(["grade", "marks"]), st.sampled_from(["in", "not in"]), st.lists(NUMBER, max_size=3),
)  # fmt: skip


def textual(column: str, words: tuple[str, ...]) -> st.SearchStrategy[str]:
    word = st.sampled_from(words).map(lambda text: f'"{text}"')
    return st.builds(f"{column} {{}} {{}}".format, st.sampled_from(["==", "!="]), word) | st.builds(
        lambda op, values: f"{column} {op} ({''.join(value + ', ' for value in values)})",
        st.sampled_from(["in", "not in"]), st.lists(word, max_size=3),
    )  # fmt: skip


COMPARISON = NUMERIC | textual("domain", tuple(DOMAINS)) | textual("tags", TAGS) | st.just("True")
EXPRESSION = st.recursive(
    COMPARISON,
    lambda inner: st.builds("({}) and ({})".format, inner, inner)
    | st.builds("{} or {}".format, inner, inner)
    | st.builds("not ({})".format, inner)
    | st.builds("not {}".format, inner),
    max_leaves=6,
)


def columns(rows: list[dict[str, Any]]) -> Columns:
    return Columns(
        len(rows),
        {name: np.array([row[name] for row in rows], dtype=np.float64) for name in ("grade", "marks")},
        {name: tuple(row[name] for row in rows) for name in ("domain", "tags")},
    )


def cells(row: dict[str, Any]) -> dict[str, Any]:
    return {name: Words(value) if isinstance(value, frozenset) else value for name, value in row.items()}


@settings(max_examples=300, deadline=None)
@given(text=EXPRESSION, rows=st.lists(ROW, max_size=6))
def test_an_expression_holds_where_python_says_so(text: str, rows: list[dict[str, Any]]) -> None:
    expression = parse_where(text)
    assert isinstance(expression, Expression), expression
    mask = evaluate(expression, columns(rows))
    assert mask.dtype == np.bool_ and mask.shape == (len(rows),)
    assert mask.tolist() == [bool(eval(text, {"__builtins__": {}}, cells(row))) for row in rows]


@settings(max_examples=100, deadline=None)
@given(left=EXPRESSION, right=EXPRESSION, rows=st.lists(ROW, min_size=1, max_size=6))
def test_not_and_or_keep_de_morgans_law(left: str, right: str, rows: list[dict[str, Any]]) -> None:
    one = parse_where(f"not (({left}) and ({right}))")
    two = parse_where(f"(not ({left})) or (not ({right}))")
    assert isinstance(one, Expression) and isinstance(two, Expression)
    assert evaluate(one, columns(rows)).tolist() == evaluate(two, columns(rows)).tolist()


def selected(text: str, words: list[frozenset[str]]) -> list[bool]:
    expression = parse_where(text)
    assert isinstance(expression, Expression)
    return [bool(entry) for entry in evaluate(expression, Columns(len(words), {}, {"domain": tuple(words)}))]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('domain == "A"', ["A", "A-B", "A-B-C"]),
        ('domain == "A-B"', ["A-B", "A-B-C"]),
        ('domain == "A-B-C"', ["A-B-C"]),
        ('domain != "A-B"', ["A", "B"]),
        ('domain in ["A-B-C", "B"]', ["A-B-C", "B"]),
        ('domain not in ("A-B",)', ["A", "B"]),
        ('domain == "A" and not domain == "A-B"', ["A"]),
    ],
)
def test_a_domain_holds_for_all_below_it(text: str, codes: list[str]) -> None:
    mask = selected(text, [frozenset(path) for path in DOMAINS.values()])
    assert [code for code, holds in zip(DOMAINS, mask, strict=True) if holds] == codes


@pytest.mark.parametrize(
    ("text", "reason", "offset"),
    [
        ("grade.real == 1", "construct", 0),
        ("grade == (1).real", "construct", 9),
        ('__import__("os").system("touch hit")', "construct", 0),
        ('grade == __import__("os").system("touch hit")', "construct", 9),
        ('grade in [open("hit", "w")]', "construct", 10),
        ("grade == (lambda: 1)()", "construct", 9),
        ("[grade == 1 for grade in [1]]", "construct", 0),
        ("grade == 1 if True else grade == 2", "construct", 0),
        ("(grade := 1)", "construct", 1),
        ("grade", "construct", 0),
        ("False", "construct", 0),
        ("1 < grade", "construct", 0),
        ("1 < grade < 3", "construct", 0),
        ("grade < 3 < 5", "construct", 0),
        ("grade == seconds", "construct", 9),
        ("grade + 1 == 2", "construct", 0),
        ("grade == 1 + 1", "construct", 9),
        ("grade is 1", "construct", 0),
        ("grade & 1", "construct", 0),
        ("grade == True", "construct", 9),
        ("grade == None", "construct", 9),
        ('grade == f"{1}"', "construct", 9),
        ('domain == b"A"', "construct", 10),
        ('domain == -"A"', "construct", 10),
        ("grade == 1j", "construct", 9),
        ("grade == 1" + "0" * 400, "construct", 9),
        ("difficulty > 1", "column", 0),
        ('grade == 1 and colour == "red"', "column", 15),
        ('domain == "炼钢" and colour == 1', "column", 19),
        ("   colour == 1", "column", 3),
        ("grade in 3", "list", 9),
        ('domain in "A"', "list", 10),
        ('domain < "A"', "order", 0),
        ('grade == "3"', "type", 9),
        ("domain == 3", "type", 10),
        ('grade in [1, "2"]', "type", 13),
        ("grade = 3", "syntax", 0),
        ("grade == 1; import os", "syntax", 10),
        ("grade ==", "syntax", 0),
        ("", "syntax", 0),
        ("\0", "syntax", 0),
        ("\ud800", "syntax", 0),
        ("(" * 51 + "True" + ")" * 51, "too_long", 0),
        ("not " * 51 + "True", "too_long", 0),
        ("[" * 1000, "too_long", 0),
        ("{" * 1000, "syntax", 0),
        ("grade == 1 or " * 200 + "True", "too_long", 0),
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused_with_a_reason_and_never_run(
    text: str, reason: str, offset: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refusal = parse_where(text)
    assert isinstance(refusal, Refusal)
    assert refusal.reason.replace(" ", "_").startswith(reason)
    if reason != "syntax":
        assert refusal.offset == offset
    assert 0 <= refusal.offset <= len(text)
    assert list(tmp_path.iterdir()) == []


def test_a_typo_in_a_closed_column_is_no_empty_selection(tmp_path: Path) -> None:
    words = vocabulary(sound_bank(tmp_path))
    for text, word in [('domain == "B-C"', "B-C"), ('kind == "esay"', "esay"), ('competency in ["A-001", "A-9"]', "A-9"),
                       ('cognitive == "aply"', "aply"), ('importance == "W"', "W"), ('id == "Q-9"', "Q-9")]:  # fmt: skip
        refusal = parse_where(text, words)
        assert isinstance(refusal, Refusal)
        assert (refusal.reason, refusal.word) == ("word", word)
    for text in ('domain == "B"', 'domain == "B-A"', 'tags == "anything"', 'kind != "numeric"', 'id == "Q-1"'):
        assert isinstance(parse_where(text, words), Expression)


def test_a_refusal_says_what_is_allowed() -> None:
    refusal = parse_where('kind == "esay"', {"kind": ["single", "numeric"]})
    assert isinstance(refusal, Refusal)
    assert refusal.allowed == "numeric, single"
    refusal = parse_where("colour == 1")
    assert isinstance(refusal, Refusal)
    assert "grade" in refusal.allowed.split(", ")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.lists(st.sampled_from(
    [*"()[]{},.'\"<>=!-+ \n\t#:;@", "grade", "domain", " in ", " not ", " and ", " or ", "1", '"A"', "True", "lambda", "炼", "=="]
), max_size=20).map("".join))  # fmt: skip
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    parsed = parse_where(text)
    if isinstance(parsed, Refusal):
        assert parsed.reason
        assert 0 <= parsed.offset <= len(text)
