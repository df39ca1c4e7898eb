"""Comments that accept a finding: where they are read, what they cover, and what they can never accept."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.core.opt_out import OptOut
from qbank.files.comments import read_opt_outs
from qbank.files.yaml_text import parse_yaml
from qbank.lint.silence import silence
from qbank.problem import Problem, Span, error, note, warning
from qbank.workflow.bank import check_bank
from tests.files.sound import ITEMS, SOUND, write_bank


def opt_outs(text: str) -> list[OptOut]:
    node, problems = parse_yaml(text, "a.yaml")
    assert node is not None, problems
    return read_opt_outs(text.encode(), node, "a.yaml")


def areas(text: str) -> list[tuple[list[str], str, int, int]]:
    return [([code for code, _ in entry.codes], entry.reason, entry.first, entry.last) for entry in opt_outs(text)]


TWO_ITEMS = """\
{0}items:
  {1}
  - id: Q-1
    stem: 一 {2}
    {3}
  {4}
  - id: Q-2
    stem: 二
    {5}
"""
COMMENT = "# allow: W104 规程原文"


@pytest.mark.parametrize(
    ("place", "first", "last"),
    [(0, 1, 10), (1, 2, 5), (2, 2, 5), (3, 2, 5), (4, 6, 10), (5, 6, 10)],
    ids=["head of the file", "above the first item", "behind a value", "below a value", "above an item", "at the end"],
)
def test_a_comment_covers_the_item_that_it_stands_in_or_above_and_at_the_head_the_file(place: int, first: int, last: int) -> None:
    words = ["#"] * 6
    words[0] = ""
    words[place] = f"{COMMENT}\n" if place == 0 else COMMENT
    assert areas(TWO_ITEMS.format(*words)) == [(["W104"], "规程原文", *((1, 11) if place == 0 else (first, last)))]


@pytest.mark.parametrize(
    ("comment", "codes", "reason"),
    [
        ("# allow: W104, W105 规程原文", ["W104", "W105"], "规程原文"),
        ("#allow：W104、W105：规程原文", ["W104", "W105"], "规程原文"),
        ("# allow W104 – as the manual has it", ["W104"], "as the manual has it"),
        ("# allow: w104 规程原文", ["W104"], "规程原文"),
        ("# allow: W104", ["W104"], ""),
        ("# allow: 规程原文", [], "规程原文"),
    ],
)
def test_codes_are_parted_by_commas_and_a_reason_follows(comment: str, codes: list[str], reason: str) -> None:
    assert areas(f"items:\n  - id: Q-1  {comment}\n") == [(codes, reason, 2, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "items:\n  - stem: '题干 # allow: W104 规程原文'\n",
        'items:\n  - stem: "题干\n      # allow: W104 规程原文"\n',
        "items:\n  - stem: |\n      题干\n      # allow: W104 规程原文\n    id: Q-1\n",
        "items:\n  - stem: 题干#allow:W104\n",
        "items:\n  - id: Q-1 # allowed by W104\n",
        "items:\n  - id: Q-1 # we allow everything here\n",
    ],
    ids=["in quotes", "in lines between quotes", "in a block", "no space before", "another word", "a sentence"],
)
def test_what_looks_like_a_comment_in_a_text_is_text(text: str) -> None:
    assert opt_outs(text) == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_comment_after_a_block_of_text_is_a_comment_again(end: str) -> None:
    text = "items:\n  - stem: |\n      题干\n    # allow: W104 规程原文\n    id: Q-1\n".replace("\n", end)
    assert [(entry.span.line, entry.span.column) for entry in opt_outs(text)] == [(4, 5)]


def test_errors_are_never_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = []
    for comment in ("", "  # allow: W141, Q103 就是这样"):
        items = ITEMS.replace("    key: true\n", f"    key: true\n    level: 5{comment}\n").replace("$R$。", "$R$ 吗？")
        write_bank(tmp_path, {**SOUND, "items/a.yaml": items})
        found.append([problem.code for problem in check_bank(Path())[1]])
    assert found == [["W141", "Q103"], ["Q103", "W192"]]


def test_check_says_the_same_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QBANK_CACHE_DIR", str(tmp_path / "cache"))
    bad = ITEMS.replace("  C: 铝", "  C: 以上都是").replace("  - id: Q-1", "  # allow: W101, W102 教材原文\n  - id: Q-1")
    write_bank(tmp_path / "bank", {**SOUND, "items/a.yaml": bad})
    cold, warm = (check_bank(Path("bank"), cached=True)[1] for _ in range(2))
    assert [(problem.code, problem.span.line, problem.span.column) for problem in cold] == [("W192", 3, 18)]
    assert warm == cold


def test_a_comment_is_not_said_to_accept_nothing_where_a_broken_standard_keeps_the_rules_from_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bad = ITEMS.replace("  C: 铝", "  C: 以上都是").replace("  - id: Q-1", "  # allow: W101 教材原文\n  # allow: W105\n  - id: Q-1")
    write_bank(tmp_path, {**SOUND, "items/a.yaml": bad, "standard.yaml": SOUND["standard.yaml"].replace("weight:", "wight:", 1)})
    codes = [problem.code for problem in check_bank(Path())[1]]
    assert "S101" in codes and "W190" in codes and "W192" not in codes


CODES = st.sampled_from(["W101", "W102", "Q104"])
SPANS = st.builds(Span, st.sampled_from(["a", "b"]), st.integers(1, 6), st.just(1))
PROBLEMS = st.lists(st.builds(lambda make, code, span: make(code, span), st.sampled_from([error, warning, note]), CODES, SPANS))
OPT_OUTS = st.builds(
    lambda span, codes, reason, more: OptOut(span, tuple((code, span) for code in codes), reason, span.line, span.line + more),
    SPANS, st.lists(CODES, max_size=2), st.sampled_from(["", "规程原文"]), st.integers(0, 3),
)  # fmt: skip


@given(PROBLEMS, st.lists(OPT_OUTS))
def test_only_warnings_and_notes_covered_with_a_reason_are_dropped_and_the_order_stays(
    problems: list[Problem], allowed: list[OptOut]
) -> None:
    kept, _ = silence(problems, allowed)
    for problem in problems:
        covered = any(
            problem.code in dict(entry.codes) and entry.reason and entry.covers(problem.span) for entry in allowed
        )
        assert (problem in kept) == (problem.severity == "error" or not covered)
    assert kept == [problem for problem in problems if problem in kept]


@given(PROBLEMS, PROBLEMS, st.lists(OPT_OUTS))
def test_the_findings_of_files_and_of_the_bank_can_be_silenced_apart(
    first: list[Problem], second: list[Problem], allowed: list[OptOut]
) -> None:
    (one, used_by_one), (two, used_by_two) = silence(first, allowed), silence(second, allowed)
    assert silence(first + second, allowed) == (one + two, used_by_one | used_by_two)
