"""Word by word: both texts can be put together again from the pieces, and few pieces are told."""

from __future__ import annotations

import itertools
import time

from hypothesis import given
from hypothesis import strategies as st

from qbank.core.words import word_changes

TEXTS = st.text(alphabet="炉渣碱度高低 ab12.$\\ce{O}\n", max_size=40)


@given(old=TEXTS, new=TEXTS)
def test_both_texts_can_be_put_together_again(old: str, new: str) -> None:
    pieces = word_changes(old, new)
    assert "".join(words for mark, words in pieces if mark != "+") == old
    assert "".join(words for mark, words in pieces if mark != "-") == new
    assert all(words for _, words in pieces)
    assert not any(one[0] == other[0] for one, other in itertools.pairwise(pieces))


@given(text=TEXTS)
def test_an_unchanged_text_is_one_piece(text: str) -> None:
    assert word_changes(text, text) == ((("=", text),) if text else ())


def test_a_lone_character_between_two_changes_is_told_with_them() -> None:
    assert word_changes("甲的乙", "丙的丁") == (("-", "甲的乙"), ("+", "丙的丁"))
    assert word_changes("甲是否乙", "丙是否丁") == (
        ("-", "甲"), ("+", "丙"), ("=", "是否"), ("-", "乙"), ("+", "丁"),
    )  # fmt: skip


def test_numbers_words_and_commands_stay_whole() -> None:
    assert word_changes("\\ce{CaO} 42.8 tonnes", "\\frac{CaO} 42.9 tons") == (
        ("-", "\\ce"), ("+", "\\frac"), ("=", "{CaO} "), ("-", "42.8 tonnes"), ("+", "42.9 tons"),
    )  # fmt: skip


def test_a_very_long_text_takes_no_time() -> None:
    old, new = "甲乙丙丁" * 5000, "丁丙乙甲" * 5000
    started = time.process_time()
    assert len(word_changes(old, new)) <= 4
    assert time.process_time() - started < 2
