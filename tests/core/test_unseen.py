"""Characters that nobody sees: which are told, which do something where they stand, what is left when they are gone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.core.unseen import FORBIDDEN, unseen, without_unseen

TOLD = {
    "碱\u202e度": "direction", "碱\u200e度": "direction", "碱\u2066度": "direction", "碱\x07度": "control", "碱\x85度": "control",
    "碱\u200b度": "invisible", "碱\u2060度": "invisible", "碱\ufeff度": "invisible", "碱\xad度": "invisible", "碱\u3164度": "invisible",
    "碱\u200d度": "joiner", "A\u200cB": "joiner", "碱\ufe0f度": "selector", "A\ufe0f": "selector", "碱\ue123度": "private",
    "碱\U000f1234": "private", "碱\ufdd0": "noncharacter", "碱\U0001ffff": "noncharacter", "碱度\ud800": "noncharacter",
    "碱\U000e0041": "hidden", "碱度\ufffd次": "replacement",
}  # fmt: skip
NEEDED = ("👨\u200d👩\u200d👧", "❤\ufe0f", "1\ufe0f\u20e3", "🏴\U000e0067\U000e0062\U000e007f", "می\u200cخواهم", "क्\u200dष", "葛\U000e0100", "\n\t 　\xa0")


@pytest.mark.parametrize("text", TOLD)
def test_each_kind_of_unseen_character_is_told(text: str) -> None:
    (found,) = unseen(text)
    assert found.kind == TOLD[text]
    assert text[found.offset] == found.character
    assert not found.name.startswith("<")


@pytest.mark.parametrize("text", NEEDED)
def test_what_does_something_where_it_stands_is_left_alone(text: str) -> None:
    assert list(unseen(text)) == []
    assert without_unseen(text) == (text, ())


@given(st.text(max_size=30))
def test_no_format_or_control_character_passes_but_where_it_does_something(text: str) -> None:
    told = {one.offset for one in unseen(text)}
    for offset, character in enumerate(text):
        if unicodedata.category(character) in ("Cc", "Co", "Cs") and character not in "\n\t":
            assert offset in told


@given(st.text(st.sampled_from("碱A\u200b\u202e\xad\ufe0f\u200d❤👩\u2028\U000e0041"), max_size=20))
def test_what_is_left_says_the_same_and_hides_nothing_more(text: str) -> None:
    left, gone = without_unseen(text)
    assert [one for one in left if one in "碱A❤👩"] == [one for one in text if one in "碱A❤👩"]
    assert bool(gone) == (left != text)
    assert not any(one.kind in FORBIDDEN for one in unseen(left))
