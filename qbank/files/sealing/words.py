"""Bytes as words that can be read aloud, written down and typed: two bytes a word of five letters.

Consonants and vowels take turns, as in D. S. Wilkerson, "A Proposal for Proquints" (arXiv:0901.4016, 2009): sixteen
consonants carry four bits each, four vowels two bits each.
"""

from __future__ import annotations

CONSONANTS, VOWELS = "bdfghjklmnprstvz", "aiou"
_SHAPE = (CONSONANTS, VOWELS, CONSONANTS, VOWELS, CONSONANTS)


def words_of(data: bytes) -> list[str]:
    """Return an even number of bytes as words.

    >>> words_of(bytes([127, 0, 0, 1]))
    ['lusab', 'babad']
    """
    return [_word(int.from_bytes(data[place : place + 2])) for place in range(0, len(data), 2)]


def _word(number: int) -> str:
    letters = []
    for alphabet in reversed(_SHAPE):
        number, digit = divmod(number, len(alphabet))
        letters.append(alphabet[digit])
    return "".join(reversed(letters))


def bytes_of(word: str) -> bytes | None:
    """Return the two bytes that a word stands for, nothing where it is no such word.

    >>> bytes_of("lusab"), bytes_of("hello")
    (b'\\x7f\\x00', None)
    """
    if len(word) != len(_SHAPE) or any(letter not in alphabet for letter, alphabet in zip(word, _SHAPE, strict=True)):
        return None
    number = 0
    for letter, alphabet in zip(word, _SHAPE, strict=True):
        number = number * len(alphabet) + alphabet.index(letter)
    return number.to_bytes(2)
