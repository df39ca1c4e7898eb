"""Near copies: the join against a count of every pair, what folding keeps, and what keys say of two alike items."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qbank.core.bank import Bank
from qbank.files.bank import read_bank
from qbank.lint import trigrams
from qbank.lint.difference import difference
from qbank.lint.folding import folded
from qbank.lint.similarity import NearPair, clusters, make_index, near_item, near_pairs
from qbank.lint.trigrams import grams, join, nearest, similarity
from qbank.problem import Problem
from qbank.workflow.bank import check_bank
from qbank.workflow.similar import similar_items, write_enemies
from tests.files.sound import SOUND, write_bank

SHORT = st.lists(st.text("abc", min_size=0, max_size=9), min_size=1, max_size=2)


def counted(one: list[str], other: list[str]) -> float:
    """Return the Jaccard index by sets, the plain way."""
    a, b = (
        {part[n : n + 3] for part in (p.ljust(3, "\0") for p in text if p) for n in range(len(part) - 2)}
        for text in (one, other)
    )
    return len(a & b) / len(a | b) if a and b else 0.0


@settings(deadline=None)  # the first example imports scipy
@example([["abc"], ["abcd"]], 0.5)
@given(st.lists(SHORT, max_size=14), st.sampled_from([0.2, 1 / 3, 0.5, 0.6, 0.8, 1.0]))
def test_the_join_finds_exactly_the_pairs_that_counting_all_of_them_finds(texts: list[list[str]], least: float) -> None:
    wanted = {
        (one, other): value
        for one in range(len(texts))
        for other in range(one + 1, len(texts))
        if (value := counted(texts[one], texts[other])) >= least - 1e-12
    }
    found = {(one, other): value for one, other, value in join(grams(texts), least)}
    assert found.keys() == wanted.keys()
    assert all(abs(found[pair] - wanted[pair]) < 1e-12 for pair in wanted)


@pytest.mark.parametrize("n_masked", [1, 16])
def test_many_texts_in_small_blocks_give_the_same_pairs(monkeypatch: pytest.MonkeyPatch, n_masked: int) -> None:
    """Blocks, chunks and masks only save work: 300 texts of a narrow vocabulary, compared in pieces."""
    rng = np.random.default_rng(4)
    texts = [["".join(rng.choice(list("甲乙丙丁"), int(rng.integers(3, 40))))] for _ in range(300)]
    for name, value in (("BLOCK_ROWS", 7), ("CHUNK", 11), ("MASK_WORDS", n_masked)):
        monkeypatch.setattr(trigrams, name, value)
    found = {(one, other) for one, other, _ in join(grams(texts), 0.4)}
    wanted = {(a, b) for a in range(300) for b in range(a + 1, 300) if counted(texts[a], texts[b]) >= 0.4}
    assert found == wanted
    assert len(wanted) > 20


@given(st.lists(SHORT, min_size=1, max_size=10), SHORT)
def test_one_text_against_all_is_the_same_measure(texts: list[list[str]], text: list[str]) -> None:
    assert nearest(grams(texts), text).tolist() == pytest.approx([counted(text, other) for other in texts])
    together = grams([*texts, text])
    last = np.full(len(texts), len(texts))
    assert similarity(together, np.arange(len(texts)), last).tolist() == pytest.approx(nearest(grams(texts), text).tolist())


def test_a_great_many_equal_texts_are_each_paired_with_the_first() -> None:
    pairs = join(grams([["same text"]] * 300), 0.5)
    assert (set(pairs.first.tolist()), len(pairs)) == ({0}, 299)
    assert len(join(grams([["same text"]] * 10), 0.5)) == 45


@pytest.mark.parametrize("threshold", [0.0, 1.01, -1.0])
def test_a_threshold_that_means_nothing_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        join(grams([["abc"]]), threshold)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("炉渣碱度 $R$ 为（　　）。", "炉渣碱度R为____"),
        (r"$\mathrm{FeO}$ 与 $\ce{CaO}$", "ＦｅＯ与 CaO"),
        ("**不**属于 转炉", "不属于转炉"),
        ("1,000 kg", "1000kg"),
        (r"$A \times B$", "A×B"),
    ],
)
def test_typography_makes_no_difference(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"), [("含碳 0.5%", "含碳 5%"), ("-5 ℃", "5 ℃"), ("4.2", "42"), ("A>B", "A<B"), ("5%", "5"), ("1.5", "15")]
)
def test_numbers_and_signs_make_one(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text("甲乙丙 ab1.", max_size=20), st.text("甲乙丙 ab1.", max_size=20))
def test_both_texts_can_be_read_from_their_difference(old: str, new: str) -> None:
    shown = difference(old, new)
    assert re.sub(r"\{\+.*?\+\}", "", re.sub(r"\[-(.*?)-\]", r"\1", shown, flags=re.S), flags=re.S) == old
    assert re.sub(r"\[-.*?-\]", "", re.sub(r"\{\+(.*?)\+\}", r"\1", shown, flags=re.S), flags=re.S) == new


STEM = "转炉吹炼过程中炉渣碱度过低时，最容易出现的问题是（　　）。"
OPTIONS = {"A": "脱磷效果变差", "B": "炉衬侵蚀减轻", "C": "钢水温度升高", "D": "石灰消耗增多"}


def single(id: str, stem: str = STEM, options: dict[str, str] = OPTIONS, key: str = "A", more: str = "") -> str:
    listed = "".join(f"\n      {letter}: {words}" for letter, words in options.items())
    return (
        f"  - id: {id}\n    kind: single\n    competency: A-001\n    stem: {stem}\n    options:{listed}\n"
        f"    key: {key}\n{more}"
    )


HEAD = "defaults: {level: 4, grade: 2, cognitive: apply, seconds: 60}\nitems:\n"


def bank_of(folder: Path, *items: str) -> Bank:
    source, problems = read_bank(write_bank(folder, {**SOUND, "items/a.yaml": HEAD + "".join(items)}))
    assert problems == [] and source.bank is not None
    return source.bank


def found_in(folder: Path, *items: str, threshold: float = 0.5, only_whole: bool = False) -> list[NearPair]:
    """Return the near pairs, after proving that asking item by item gives the same."""
    bank = bank_of(folder, *items)
    index = make_index(list(bank.items.values()))
    pairs = near_pairs(index, threshold, only_whole=only_whole)
    single = {pair for item in index.items for pair in near_item(index, item, threshold, only_whole=only_whole)}
    assert {(p.first, p.second, p.finding) for p in single} == {(p.first, p.second, p.finding) for p in pairs}
    return pairs


def findings(pairs: list[NearPair]) -> list[tuple[str, str, str]]:
    return [(pair.first, pair.second, pair.finding) for pair in pairs]


OTHER = {"A": "甲车间", "B": "乙车间", "C": "丙车间", "D": "丁车间"}


def test_a_stem_alone_is_enough_unless_only_whole_questions_are_asked_for(tmp_path: Path) -> None:
    items = single("Q-2", STEM.replace("过低", "偏低")), single("Q-1", options=OTHER)
    assert findings(found_in(tmp_path, *items)) == [("Q-2", "Q-1", "perhaps_another_key")]
    assert findings(found_in(tmp_path, *items, only_whole=True)) == []


def test_a_short_stem_says_nothing_without_its_options(tmp_path: Path) -> None:
    short = "下列说法正确的是"
    assert findings(found_in(tmp_path, single("Q-1", short), single("Q-2", short, OTHER))) == []
    assert findings(found_in(tmp_path, single("Q-1", short), single("Q-2", short))) == [("Q-1", "Q-2", "copy")]


def test_the_same_question_with_another_key_whatever_letter_it_stands_under(tmp_path: Path) -> None:
    turned = {"A": OPTIONS["D"], "B": OPTIONS["A"], "C": OPTIONS["C"], "D": OPTIONS["B"]}
    same = single("Q-1"), single("Q-2", options=turned, key="B")
    assert findings(found_in(tmp_path / "a", *same)) == [("Q-1", "Q-2", "copy")]
    other = single("Q-1"), single("Q-2", STEM.replace("时", " 时"), turned, key="A")
    assert findings(found_in(tmp_path / "b", *other)) == [("Q-1", "Q-2", "another_key")]


@pytest.mark.parametrize(("old", "new"), [("过低", "不过低"), ("碱度", "碱度3.5")])
def test_another_number_or_negation_is_another_question(tmp_path: Path, old: str, new: str) -> None:
    pairs = found_in(tmp_path, single("Q-1"), single("Q-2", STEM.replace(old, new), key="B"))
    assert findings(pairs) == [("Q-1", "Q-2", "copy")]


def test_nearly_the_same_question_with_another_key(tmp_path: Path) -> None:
    pairs = found_in(tmp_path, single("Q-1"), single("Q-2", STEM.replace("最容易", "容易"), key="B"))
    assert findings(pairs) == [("Q-1", "Q-2", "perhaps_another_key")]


def test_the_same_options_and_key_under_another_stem(tmp_path: Path) -> None:
    pairs = found_in(tmp_path, single("Q-1"), single("Q-2", "碱度不足会造成什么后果？"), threshold=0.9)
    assert findings(pairs) == [("Q-1", "Q-2", "other_stem")]


@pytest.mark.parametrize(("one", "other"), [("    enemies: [Q-2]\n", ""), ("", "    enemies: [Q-1]\n")])
def test_declared_enemies_silence_a_pair_on_either_side(tmp_path: Path, one: str, other: str) -> None:
    assert found_in(tmp_path, single("Q-1", more=one), single("Q-2", key="B", more=other)) == []


def test_pairs_hang_together_in_clusters() -> None:
    pairs = [NearPair(a, b, 1, 1, "copy") for a, b in (("a", "b"), ("d", "e"), ("c", "b"))]
    assert clusters(pairs) == [("a", "b", "c"), ("d", "e")]


def checked(folder: Path, *items: str) -> list[Problem]:
    problems = check_bank(write_bank(folder, {**SOUND, "items/a.yaml": HEAD + "".join(items)}))[1]
    return [problem for problem in problems if problem.code.startswith("D")]


def test_check_tells_a_question_that_stands_there_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (problem,) = checked(Path(), single("Q-1"), single("Q-2", STEM.replace("（　　）", "的____")))
    assert (problem.code, problem.severity, str(problem.span)) == ("D101", "warning", "items/a.yaml:13:9")
    assert [str(span) for span in problem.related] == ["items/a.yaml:3:9"]


def test_check_tells_one_question_with_two_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (problem,) = checked(Path(), single("Q-1"), single("Q-2", key="C"), single("Q-3", more="    enemies: [Q-2]\n"))[:1]
    assert (problem.code, problem.severity, str(problem.span)) == ("D102", "error", "items/a.yaml:13:9")


def test_check_says_nothing_of_other_options_numbers_or_enemies(tmp_path: Path) -> None:
    assert checked(tmp_path, single("Q-1"), single("Q-2", options=OTHER), single("Q-3", STEM + "3")) == []
    assert checked(tmp_path, single("Q-1"), single("Q-2", more="    enemies: [Q-1]\n")) == []


def test_enemies_are_written_into_the_later_item_and_nothing_else_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    items = single("Q-1"), single("Q-2", more="    # a comment\n    tags: [x]\n"), single("Q-3", more="    enemies: [Q-1]\n")
    text = HEAD + "".join(items)
    write_bank(Path("b"), {**SOUND, "items/a.yaml": text})
    found, _ = similar_items(Path("b"), threshold=0.5)
    assert found is not None and len(found.pairs) == 2
    assert write_enemies(found) == (2, [])
    new = Path("b/items/a.yaml").read_text("utf-8")
    changed = [line for line in difflib.ndiff(text.splitlines(), new.splitlines()) if line[0] in "+-"]
    assert changed == ["+     enemies: [Q-1]", "-     enemies: [Q-1]", "+     enemies: [Q-1, Q-2]"]
    again, problems = similar_items(Path("b"), threshold=0.5)
    assert again is not None and (again.pairs, problems) == ((), [])
    bank = again.bank
    assert [bank.items[id].enemies for id in ("Q-1", "Q-2", "Q-3")] == [(), ("Q-1",), ("Q-1", "Q-2")]


def test_one_question_with_two_keys_is_corrected_and_not_hidden_by_declaring_enemies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_bank(Path("b"), {**SOUND, "items/a.yaml": HEAD + single("Q-1") + single("Q-2", key="C")})
    found, problems = similar_items(Path("b"), threshold=0.5)
    assert found is not None and [problem.code for problem in problems] == ["D102"]
    assert write_enemies(found) == (0, [])
    assert "enemies" not in Path("b/items/a.yaml").read_text("utf-8")


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_bank(Path("b"), {**SOUND, "items/a.yaml": HEAD + single("Q-1") + single("Q-2")})
    found, _ = similar_items(Path("b"), threshold=0.5)
    assert found is not None
    path = Path("b/items/a.yaml")
    path.write_text(path.read_text("utf-8") + "# later\n", "utf-8")
    n, problems = write_enemies(found)
    assert (n, [problem.code for problem in problems]) == (0, ["E108"])
    assert "enemies" not in path.read_text("utf-8")
