"""Rules over words that tell an answer, or say nothing certain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qbank.lint.counting import measure_ruled_out, parts_ruled_out
from qbank.lint.reading import has_han, prose
from qbank.lint.rule import ItemInput
from qbank.problem import Problem, note, warning

_ABSOLUTE = re.compile(
    r"绝对(?![压湿温误黏粘粗零值])|必定|必然|肯定|永远|从不|从来|总是|始终|毫无|百分之百|任何(?:情况|时候|条件|人|场合|[^，。；]{1,8}(?:都|均|必))|绝不|决不|只能|无论(?:如何|何时|什么)|唯一|万无一失"
    r"|一定(?:会|要|能|是|可以|不|得|有(?!量)|使|将|为)|所有[^，。；]{1,12}(?:都|均|必)|凡是?[^，。；]{1,12}(?:都|均|必)"
)  # fmt: skip
_ABSOLUTE_ENGLISH = re.compile(
    r"\b(?:always|never|absolutely|under no circumstances|in all cases|completely impossible|invariably|only|every|all(?= (?:\w+ ){0,2}\w+s\b))\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"有时|往往|偶尔|可能(?<![最不]可能)(?!性|的|发生)|也许|或许|大概|大约会|一般(?:来说|情况|而言|会|可|都|应|不|先|要|为|在|由)|通常(?!称)"
)
_VAGUE_ENGLISH = re.compile(
    r"\b(?:usually|often|sometimes|generally|may be|might|probably|frequently|normally)\b", re.IGNORECASE
)
_ARTICLE = re.compile(r"(?:^|\s)(an?)\s{0,3}(?:_{3,}|\.{3}|…)?\s{0,3}[.:]?$", re.IGNORECASE)
_ARTICLE_BLANK = re.compile(r"(?:^|\s)(an?)\s+_{3,}", re.IGNORECASE)
_VOWEL = re.compile(r"(?!(?:uni(?!n|m)|use|user|usu|eu|one\b|once|ufo|ut[ei]))[aeiou]|hour|honest|heir|honour|(?-i:[AEFHILMNORSX](?=[A-Z0-9-]|$))", re.IGNORECASE)
_PLURAL_STEM = re.compile(r"\b(?:are|were)\s*(?:_{3,}|:|$)|\b(?:two|three|four|several|many|these|those)\s+_{3,}", re.IGNORECASE)
_SINGULAR_STEM = re.compile(r"\b(?:is|was)\s+(?:an?|one)\s*(?:_{3,}|:|$)", re.IGNORECASE)


def absolute_terms(given: ItemInput) -> Iterator[Problem]:
    """W130: absolute words do not mark the wrong answer.

    "Always", "never", 绝对, 一定, 任何情况 are seldom true, and candidates know it: a wrong option or a false
    statement with such a word is struck without knowledge. Rules of safety say so rightly: then the key has the
    word, and nothing is reported.

    Bad: ``stem: 提高枪位必然使喷溅加重。`` with ``key: false``; ``B: 永远不需要校验`` where the key has no such word.
    Good: ``stem: 提高枪位使喷溅减轻。``
    """
    pattern = _ABSOLUTE if given.reading.han else _ABSOLUTE_ENGLISH
    if not pattern.search(given.reading.asked):
        return
    for question in given.reading.statements:
        match = pattern.search(prose(question.stem.text))
        if match and question.item.body.marked()["key"] == "false":
            yield note("W130", given.place(*question.stem.steps), words=match.group())
    for question in given.reading.choices:
        found = [(option, pattern.search(prose(option.text))) for option in question.options]
        if any(match and option.right for option, match in found):
            continue
        for option, match in found:
            if match:
                yield note("W130", given.place(*option.steps), words=match.group())


def vague_terms(given: ItemInput) -> Iterator[Problem]:
    """W131: hedging words do not mark the right answer.

    "Usually", "may", 一般, 有时 make a statement hard to contradict: a key or a true statement with such a word is
    marked without knowledge, and different readers take it to mean different shares of cases.

    Bad: ``stem: 铁水预脱磷之前，一般先脱硅。`` with ``key: true``; ``A: 有时会返干`` as the only option with 有时.
    Good: say when: ``stem: 铁水预脱磷之前应先脱硅。``
    """
    pattern = _VAGUE if given.reading.han else _VAGUE_ENGLISH
    if not pattern.search(given.reading.asked):
        return
    for question in given.reading.statements:
        match = pattern.search(prose(question.stem.text))
        if match and question.item.body.marked()["key"] == "true":
            yield note("W131", given.place(*question.stem.steps), words=match.group())
    for question in given.reading.choices:
        found = [(option, pattern.search(prose(option.text))) for option in question.options]
        if any(match and not option.right for option, match in found):
            continue
        for option, match in found:
            if match:
                yield note("W131", given.place(*option.steps), words=match.group())


def article_cue(given: ItemInput) -> Iterator[Problem]:
    """W132: "a" or "an" before the blank does not rule options out.

    Bad: ``stem: The lance is cooled by an ____.`` with ``A: water jacket`` and ``B: air blower``.
    Good: ``stem: The lance is cooled by ____.`` with ``A: a water jacket`` and ``B: an air blower``.
    """
    if given.reading.han or ("a" not in given.reading.prose and "A" not in given.reading.prose):
        return
    for question in given.reading.choices:
        stem = question.stem.text.rstrip(" .")
        match = _ARTICLE_BLANK.search(stem) or _ARTICLE.search(stem)
        if match and not has_han(stem):
            vowel = match[1].lower() == "an"
            ruled_out = [str(o.steps[-1]) for o in question.options if bool(_VOWEL.match(o.text.strip())) != vowel]
            if ruled_out:
                yield warning("W132", given.place(*question.stem.steps), article=match[1], options=", ".join(ruled_out))


def number_cue(given: ItemInput) -> Iterator[Problem]:
    """W133: the grammar before the blank does not rule options out: singular and plural, a count, a measure word.

    Found where the stem says "are ____", "two ____" or "is a ____", the key fits and other options do not; in
    Chinese, where the stem tells how many parts or characters the answer has (“三脱”指, 四个字是), or its measure word
    (一根) takes the key and not others.

    Bad: ``stem: The oxides of the slag are ____.`` with ``A: lime and silica`` (key) and ``B: nitrogen``;
    ``stem: “三脱”指（　　）。`` with ``A: 脱碳、脱磷`` and the key ``B: 脱碳、脱磷、脱硫``.
    Good: options that all fit: ``A: lime and silica``, ``B: nitrogen and argon``.
    """
    if given.reading.han:
        yield from _chinese_number_cue(given)
        return
    if "e" not in given.reading.prose:
        return
    for question in given.reading.choices:
        stem = question.stem.text.rstrip(" .")
        plural = bool(_PLURAL_STEM.search(stem))
        if (plural or _SINGULAR_STEM.search(stem)) and not has_han(stem):
            odd = [o for o in question.options if _is_plural(o.text) != plural]
            if odd and not any(option.right for option in odd):
                letters = ", ".join(str(option.steps[-1]) for option in odd)
                yield warning("W133", given.place(*question.stem.steps), options=letters, number="plural" if plural else "singular")


def _chinese_number_cue(given: ItemInput) -> Iterator[Problem]:
    for question in given.reading.choices:
        keys = [at for at, option in enumerate(question.options) if option.right]
        if len(keys) != 1 or question.kind != "single":
            continue
        options = [prose(option.text).strip(" 。") for option in question.options]
        for rule_out, why in ((parts_ruled_out, "count"), (measure_ruled_out, "measure")):
            odd = rule_out(question.stem.text, options, keys[0])
            if odd:
                letters = ", ".join(str(question.options[at].steps[-1]) for at in odd)
                yield warning("W133", given.place(*question.stem.steps), options=letters, number=why)


def _is_plural(text: str) -> bool:
    """Return whether an English noun phrase is plural: "and" joins two, or its head ends in s.

    >>> _is_plural("lime and silica"), _is_plural("gas tanks"), _is_plural("glass"), _is_plural("oxides of iron")
    (True, True, False, True)
    """
    head = re.split(r"\s+(?:of|in|on|at|for|with|from|to|by)\s+", text.strip().lower())[0]
    return " and " in f" {text.lower()} " or bool(re.search(r"(?:[^su'i]s|ies|[^s]es|i[^s]us)$", head))
