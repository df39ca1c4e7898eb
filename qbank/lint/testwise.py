"""Rules over keys that a candidate finds without knowing anything: by length, by echo, by counting."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qbank.lint.reading import columns, count_han, has_han, latin_words, middle, prose
from qbank.lint.rule import ItemInput
from qbank.problem import Problem, note, warning

LONGEST_KEY = 400
"""Characters beyond which a key neither echoes the stem nor is made of parts."""
_PARTED = re.compile(r"[，,、；;]| and ")


def longest_option_is_key(given: ItemInput) -> Iterator[Problem]:
    """W104: the key is not half as long again as the other options.

    Writers qualify the right answer until nothing can be said against it. Candidates know that, and mark the
    longest option. Found where the key is the longest option and more than 1.5 times the median of the others.

    Bad: ``{A: 脱碳, B: 升温, C: 在保证碱度和氧化性的前提下尽早化渣去磷, D: 搅拌}`` with ``key: C``.
    Good: shorten the key or give the others the same detail.
    """
    for question in given.reading.choices:
        keys = question.keys
        if len(keys) != 1 or len(question.options) < 3 or question.kind != "single":
            continue
        own = columns(keys[0].text)
        if own < (12 if has_han(keys[0].text) else 20):  # a few words: "carbon dioxide" beside "oxygen" tells nothing
            continue
        others = [columns(option.text) for option in question.options if not option.right]
        if own > max(others) and own > 1.5 * middle(others) and own - max(others) >= 6:
            times = f"{own / max(1.0, middle(others)):.1f}"
            yield warning("W104", given.place(*keys[0].steps), option=keys[0].steps[-1], times=times)


def key_repeats_stem(given: ItemInput) -> Iterator[Problem]:
    """W105: the key does not repeat words of the stem that no other option repeats.

    The echo tells the key to a candidate who knows nothing. Found where four Chinese characters or an English word
    of six letters or more stand in the stem and, of all options, in the key alone; as a note, where three characters
    do, or two that make up half of the key.

    Bad: ``stem: 转炉负能炼钢是指（　　）。`` with ``key: B``, ``B: 回收多于消耗的负能炼钢`` and no 负能 in A, C, D.
    Good: say the thing in other words, or use the word in two options at least.
    """
    for question in given.reading.choices:
        keys = question.keys
        if len(keys) != 1 or len(question.options) < 3 or question.kind != "single" or len(keys[0].text) > LONGEST_KEY:
            continue
        stem, key = prose(question.stem.text), prose(keys[0].text)
        echo = _echo(stem, key, [prose(option.text) for option in question.options if not option.right])
        if echo:
            say = note if has_han(echo) and len(echo) < 4 else warning
            yield say("W105", given.place(*keys[0].steps), option=keys[0].steps[-1], words=echo)


def _echo(stem: str, key: str, others: list[str]) -> str:
    if not has_han(key):
        told = set(latin_words(stem))
        rest = " ".join(others).lower()
        told |= {word.removesuffix(ending) for word in told for ending in ("s", "ed", "ing")}
        words = [
            word for word in latin_words(key)
            if len(word) >= 6 and (word in told or word.removesuffix("s") in told) and word[:5] not in rest
        ]  # fmt: skip
        return words[0] if words else ""
    grams = {key[start : start + 2] for start in range(len(key) - 1)}
    if not any(gram in stem for gram in grams):
        return ""
    for length in (4, 3, 2) if count_han(key) <= 4 else (4, 3):
        for start in range(len(key) - length + 1):
            gram = key[start : start + length]
            if gram in stem and count_han(gram) == length and _PARTICLES.isdisjoint(gram) and not _occurs(gram, others):
                end = start + length
                while end < len(key) and key[start : end + 1] in stem:
                    end += 1
                return key[start:end]
    return ""


_PARTICLES = frozenset("的和与及或在是为了其中")


def _occurs(gram: str, others: list[str]) -> bool:
    """Return whether an option has most of the characters of a phrase; of two, whether it has either."""
    beginning, ending = gram[:-1], gram[1:]
    return any(beginning in other or ending in other for other in others)


def converging_options(given: ItemInput) -> Iterator[Problem]:
    """W106: the key is not the option that shares most with all others.

    Wrong options made by changing one part of the key each leave the key as their common core: it can be found by
    counting, without knowing anything.

    Bad: ``{A: 提枪停水，等待, B: 提枪停水，摇炉, C: 提枪供氧，等待, D: 降枪停水，等待}`` with ``key: A``.
    Good: change the parts crosswise, so that each option shares as much: two by two.
    Options of the same length are also compared place by place: no option but the key is one change from all others.
    """
    for question in given.reading.choices:
        keys = question.keys
        if question.kind != "single" or len(keys) != 1 or len(question.options) < 4:
            continue
        texts = [option.text for option in question.options]
        if max(map(len, texts)) > LONGEST_KEY:
            continue
        if not all(map(_PARTED.search, texts)):
            if _one_hub(texts, question.options.index(keys[0])):
                yield note("W106", given.place(*keys[0].steps), option=keys[0].steps[-1], n=len(texts) - 1)
            continue
        parts = [_parts(text) for text in texts]
        if any(len(entry) < 2 for entry in parts):
            continue
        shared = [
            sum(part in other for index, other in enumerate(parts) if index != own for part in entry)
            for own, entry in enumerate(parts)
        ]
        key = question.options.index(keys[0])
        others = [count for index, count in enumerate(shared) if index != key]
        if shared[key] >= 3 and shared[key] > max(others):
            yield note("W106", given.place(*keys[0].steps), option=keys[0].steps[-1], n=shared[key])


def _one_hub(texts: list[str], key: int) -> bool:
    """Return whether of some Chinese phrases the key alone is one change of a part from each other one.

    A part is a run of characters, less than half of the phrase, where the other phrase differs.

    >>> _one_hub(["化渣快搅拌弱", "化渣快搅拌强", "化渣慢搅拌弱", "化渣快脱碳弱"], 0)
    True
    >>> _one_hub(["升温快搅拌强", "升温快搅拌弱", "升温慢搅拌强", "升温慢搅拌弱"], 0)
    False
    """
    own = texts[key]
    others = texts[:key] + texts[key + 1 :]
    if any(len(other) < 6 or (own[:1] != other[:1] and own[-1:] != other[-1:]) for other in others):
        return False  # nearly always
    if count_han(own) < 6 or not _one_change_from_each(own, others):
        return False
    different = {_change(own, other) for other in others}
    return len(different) > 1 and not any(_one_change_from_each(other, texts) for other in others)


def _one_change_from_each(own: str, others: list[str]) -> bool:
    return all(own == other or _one_change(own, other) for other in others)


def _one_change(own: str, other: str) -> bool:
    if own[0] != other[0] and own[-1] != other[-1]:
        return False  # all of it is the change; no need to count
    start, end = _change(own, other)
    return end - start < len(own) / 2


def _change(own: str, other: str) -> tuple[int, int]:
    """Return where a text begins and ends to differ from another."""
    start = next((at for at, (mine, yours) in enumerate(zip(own, other, strict=False)) if mine != yours), min(len(own), len(other)))
    tail = 0
    while tail < min(len(own), len(other)) - start and own[-1 - tail] == other[-1 - tail]:
        tail += 1
    return start, len(own) - tail


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _PARTED.split(text) if part.strip())
