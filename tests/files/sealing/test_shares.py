"""Shares as words on a sheet: published words, round trips, and every slip of a pen found."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.files.sealing import bech32
from qbank.files.sealing.keys import new_key
from qbank.files.sealing.shares import Share, joined_key, parse_share, secret_key_of, share_rows, shares_of
from qbank.files.sealing.words import CONSONANTS, VOWELS, bytes_of, words_of

PUBLISHED = {
    "127.0.0.1": "lusab-babad", "63.84.220.193": "gutih-tugad", "63.118.7.35": "gutuk-bisog",
    "140.98.193.141": "mudof-sakat", "64.255.6.200": "haguz-biram", "128.30.52.45": "mabiv-gibot",
    "147.67.119.2": "natag-lisaf", "212.58.253.68": "tibup-zujah", "216.35.68.215": "tobog-higil",
    "216.68.232.21": "todah-vobij", "198.81.129.136": "sinid-makam", "12.110.110.204": "budov-kuras",
}  # fmt: skip
"""Wilkerson, arXiv:0901.4016, examples."""
KEY = new_key()


def text_of(share: Share) -> str:
    return "\n".join(" ".join(row) for row in share_rows(share))


@pytest.mark.parametrize(("address", "words"), PUBLISHED.items())
def test_words_are_those_of_the_proposal(address: str, words: str) -> None:
    assert words_of(ipaddress.ip_address(address).packed) == words.split("-")


@given(st.binary(max_size=40).filter(lambda data: len(data) % 2 == 0))
def test_words_and_back_are_the_same_bytes(data: bytes) -> None:
    assert b"".join(bytes_of(word) or b"?" for word in words_of(data)) == data


@pytest.mark.parametrize("text", ["A12UEL5L", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w"])
def test_bech32_of_bip_173_is_valid_and_one_other_letter_is_not(text: str) -> None:
    assert bech32.decoded(text) is not None
    assert bech32.decoded(text[:-1] + ("q" if text[-1] != "q" else "p")) is None
    assert bech32.decoded(text[0].swapcase() + text[1:].lower()) is None or text[0].swapcase().islower()


def test_a_secret_key_is_written_as_age_writes_it() -> None:
    found = bech32.decoded(KEY.secret)
    assert found is not None and secret_key_of(found[1]) == KEY.secret
    public = bech32.decoded(KEY.public)
    assert public is not None and bech32.encoded(*public) == KEY.public


@given(st.data())
def test_any_k_sheets_typed_anyhow_give_the_key(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 6))
    k = data.draw(st.integers(2, n))
    shares = shares_of(KEY.secret, KEY.public, k, n)
    read = []
    for share in data.draw(st.permutations(shares))[:k]:
        typed = text_of(share)
        typed = data.draw(st.sampled_from([typed, typed.upper(), typed.replace("\n", " "), typed.replace(" ", "\r\n"), f"# note\n1. {typed}", f"\ufeff{typed}\n\n", typed.replace(" ", "-"), typed.replace(" ", "\t")]))
        found, problems = parse_share(typed, "s")
        assert (found, problems) == (share, [])
        read.append(share)
    joined, problems = joined_key(read, ["s"] * k)
    assert not problems and joined is not None and secret_key_of(joined) == KEY.secret


def test_every_letter_mistyped_is_found_and_its_row_is_named() -> None:
    share = shares_of(KEY.secret, KEY.public, 2, 3)[0]
    text = text_of(share)
    for place, letter in enumerate(text):
        if not letter.isalpha():
            continue
        alphabet = VOWELS if letter in VOWELS else CONSONANTS
        other = alphabet[(alphabet.index(letter) + 1) % len(alphabet)]
        found, problems = parse_share(text[:place] + other + text[place + 1 :], "s")
        assert found is None
        assert [problem.code for problem in problems] == ["Z123"]
        assert problems[0].span.line == text[:place].count("\n") + 1
        _, problems = parse_share(text[:place] + "x" + text[place + 1 :], "s")
        assert [problem.code for problem in problems] == ["Z121"]
        assert problems[0].span.column == (place - text.rfind("\n", 0, place) - 1) // 6 * 6 + 1


def test_rows_in_another_order_and_rows_of_two_sheets_are_found() -> None:
    first, second, _ = (share_rows(share) for share in shares_of(KEY.secret, KEY.public, 2, 3))
    for rows in ([first[1], first[0], *first[2:]], [*first[:3], *second[3:]], [first[0], *second[1:]]):
        found, problems = parse_share("\n".join(" ".join(row) for row in rows), "s")
        assert found is None and [problem.code for problem in problems] == ["Z123"]


@pytest.mark.parametrize("text", ["", "# nothing", "lusab babad", "hello world", "%PDF-1.7"])
def test_what_is_no_share_is_told(text: str) -> None:
    found, problems = parse_share(text, "s")
    assert found is None and "Z122" in {problem.code for problem in problems}


def test_a_share_too_few_and_one_given_twice_are_told() -> None:
    shares = shares_of(KEY.secret, KEY.public, 3, 5)
    joined, problems = joined_key([shares[0], shares[1], shares[0]], ["a", "b", "c"])
    assert joined is None and dict(problems[0].facts) == {"n": "2", "numbers": "1, 2", "k": "3", "total": "5"}


def test_shares_of_two_keys_do_not_mix() -> None:
    other = new_key()
    mine, theirs = shares_of(KEY.secret, KEY.public, 2, 3), shares_of(other.secret, other.public, 2, 3)
    joined, problems = joined_key([mine[0], theirs[1]], ["mine", "theirs"])
    assert joined is None and [(problem.code, problem.span.path) for problem in problems] == [("Z131", "theirs")]


def test_a_forged_share_among_more_than_needed_is_found() -> None:
    shares = shares_of(KEY.secret, KEY.public, 2, 3)
    forged = Share(3, 2, 3, shares[0].key, bytes(32))
    assert parse_share(text_of(forged), "s")[0] == forged  # its check words are right
    joined, problems = joined_key([*shares[:2], forged], ["a", "b", "c"])
    assert joined is None and problems[0].code == "Z134"
    joined, problems = joined_key([shares[2], forged], ["a", "b"])
    assert joined is None and problems[0].code == "Z132"
