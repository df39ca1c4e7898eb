"""Rules over the options of a choice question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise

from qbank.kinds.kind import Passage
from qbank.lint.reading import Question, columns, count_han, has_han, latin_words, middle, prose, shown
from qbank.lint.rule import ItemInput
from qbank.problem import Problem, note, warning

_ALL = re.compile(
    r"^(?:以上|上述|前述|前面)(?:各项|各条|几项|选项|三项|三者|四项|说法|答案|内容|[ABC、，])*(?:都|全|均|皆)(?:是|对|正确|可以?|有|包括|属于|符合|应)"
    r"|^(?:以上|上述)(?:各项|选项|答案|内容)?全部(?:都?是|都?对|正确|都|内容)?$|^(?:全部|都|全)(?:正确|都?对|都?是)$|^[A-G][A-G、，和与及]+(?:都|均|全)(?:对|正确|是)"
    r"|^all\b.{0,12}\b(?:above|of these|of them|options)\b|^all are (?:correct|true|right)",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"^(?:以上|上述|前述|前面)?(?:各项|各条|几项|选项|三项|三者|四项|说法|答案|内容|[ABC、，])*(?:都|全|均|皆|没有一[项个])(?:不|非|错|没有|无)(?:是|对|正确|可|属于|符合|应|确切|误|$)"
    r"|^(?:以上|上述).{0,6}(?:都|全|均)错|^none\b.{0,12}\b(?:above|of these|of them|options)\b|^neither of",
    re.IGNORECASE,
)
_ANOTHER = r"(?:[A-H]|[①-⑩]|[ⅠⅡⅢⅣⅤ]|[甲乙丙丁戊](?=[、，,和与及甲乙丙丁戊]|$))"
_COMBINED = re.compile(
    rf"^(?:仅|只有|除)?\s*{_ANOTHER}(?:\s*[、，,和与及+＋/]?\s*{_ANOTHER})+\s*(?:都|均|两项|三项|正确|对|是|外)*$"
    r"|^(?:both|only|neither)?\s*\(?[A-H]\)?\s*(?:and|or|nor|,|&)\s*\(?[A-H]\)?(?:\s+(?:only|are|is)\b.*)?$"
    r"|^(?:仅|only )\s*[①-⑩]$"
)
_NUMBER = re.compile(r"^\s*(?:约|about )?\s*([-+−–]?\d[\d  ,]*(?:\.\d+)?)\s*([^\d\s].*)?$")
_RANGE = re.compile(r"^\D{0,3}?([-−]?\d+(?:\.\d+)?)\s*[^\d.～~—–至-]{0,6}\s*(?:～|~|—+|–|-|至| to )\s*([-−]?\d+(?:\.\d+)?)\D*$")
_SYMBOL = r"(?:[%％‰℃℉°Ω]C?|(?:[kMGmcdhnpµμ]?(?:m|g|s|A|V|W|Pa|J|N|Hz|mol|L|l|t|h|d|eV|bar|Wh|Ah)|min|rad|ft|in|lb|K|r|dB|wt\.?%)[²³⁻¹0-9]*)"
_UNIT = re.compile(rf"{_SYMBOL}(?:\s?[/·⋅*]\s?\(?{_SYMBOL}\)?)*|[\u4e00-\u9fff]{{1,3}}|[a-z]{{2,10}}(?:/[a-z]{{1,8}})?")
_SIGN = str.maketrans({"−": "-", "–": "-", ",": "", " ": "", "\u2009": "", "\u202f": ""})
LONGEST_PHRASE, LONGEST_KEY = 80, 400
"""Characters beyond which a text is no "all of the above", no number, and no key that could echo the stem."""
_STOPS = "。．；;."
_NUMERIC_START = frozenset("0123456789-+−– 约a$")
_PARTED = re.compile(r"[，,、；;]| and ")
_SAME = {ord(mark): None for mark in " \t\n\u3000\u2009、，,。．.；;：:（）()“”\"'‘’*_{}\\$"} | {
    code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in "，．；：（）"
}


def all_of_the_above(given: ItemInput) -> Iterator[Problem]:
    """W101: no option says "all of the above".

    Whoever knows two right options has the key, whoever knows one wrong option can strike it; and once options are
    shuffled there is no "above". Ask for several answers with ``kind: multiple``, or write another option.

    Bad::

        options: {A: 脱碳, B: 升温, C: 去磷, D: 以上都是}

    Good::

        kind: multiple
        options: {A: 脱碳, B: 升温, C: 去磷, D: 浇注}
    """
    if not given.reading.characters.isdisjoint("都全均皆aA"):
        yield from _each_option(given, "W101", _ALL)


def none_of_the_above(given: ItemInput) -> Iterator[Problem]:
    """W102: no option says "none of the above".

    Who rejects three options has not shown to know the right one, and such an option is seldom the key.

    Bad: ``D: 以上都不对``; ``D: None of the above``. Good: a fourth answer that somebody would give.
    """
    if not given.reading.characters.isdisjoint("不非错没无fF"):
        yield from _each_option(given, "W102", _NONE)


def combined_options(given: ItemInput) -> Iterator[Problem]:
    """W103: no option is put together from other options or from numbered statements ("A and B", "①③").

    The combinations give each other away: a candidate who is sure of one statement strikes half of them. Ask for
    several answers with ``kind: multiple`` instead.

    Bad: ``options: {A: ①②, B: ①③, C: ②③, D: ①②③}``; ``C: A和B``; ``D: Both A and B``.
    Good: ``kind: multiple`` with the statements as options.
    """
    if not given.reading.characters.isdisjoint("ABCDEFGH①②③ⅠⅡ甲"):
        yield from _each_option(given, "W103", _COMBINED)


def _each_option(given: ItemInput, code: str, pattern: re.Pattern[str]) -> Iterator[Problem]:
    for question in given.reading.choices:
        for option in question.options:
            text = option.text.strip(" 。.")
            if len(text) <= LONGEST_PHRASE and pattern.search(text):
                yield warning(code, given.place(*option.steps), option=option.steps[-1], text=text)


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
        if own < 12:
            continue
        others = [columns(option.text) for option in question.options if not option.right]
        if own > max(others) and own > 1.5 * middle(others) and own - max(others) >= 6:
            times = f"{own / max(1.0, middle(others)):.1f}"
            yield warning("W104", given.place(*keys[0].steps), option=keys[0].steps[-1], times=times)


def key_repeats_stem(given: ItemInput) -> Iterator[Problem]:
    """W105: the key does not repeat words of the stem that no other option repeats.

    The echo tells the key to a candidate who knows nothing. Found where four Chinese characters or an English word
    of six letters or more stand in the stem and, of all options, in the key alone.

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
            yield warning("W105", given.place(*keys[0].steps), option=keys[0].steps[-1], words=echo)


def _echo(stem: str, key: str, others: list[str]) -> str:
    if not has_han(key):
        told = set(latin_words(stem))
        rest = " ".join(others).lower()
        words = [word for word in latin_words(key) if len(word) >= 6 and word in told and word[:5] not in rest]
        return words[0] if words else ""
    for start in range(len(key) - 3):
        gram = key[start : start + 4]
        if gram in stem and count_han(gram) == 4 and not any(gram[:3] in other or gram[1:] in other for other in others):
            end = start + 4
            while end < len(key) and key[start : end + 1] in stem:
                end += 1
            return key[start:end]
    return ""


def numbers_out_of_order(given: ItemInput) -> Iterator[Problem]:
    """W107: options that are numbers stand in rising or falling order.

    Out of order they cost reading time that has nothing to do with what is examined; candidates mark a wrong letter
    although they know the number.

    Bad: ``{A: 36, B: 12, C: 42, D: 24}``. Good: ``{A: 12, B: 24, C: 36, D: 42}`` (with ``shuffle: false`` they also
    stand so on the paper). Numbers that a template draws are left alone.
    """
    for question in given.reading.choices if given.item.template is None else ():
        read = [_number(option.text) for option in question.options]
        values = [entry[0] for entry in read if entry is not None]
        if len(values) == len(read) >= 3 and len({entry[1] for entry in read if entry}) == 1:
            rising = [before <= after for before, after in pairwise(values)]
            if any(rising) and not all(rising):
                listed = ", ".join(f"{value:g}" for value in values)
                yield warning("W107", given.place(*question.options[0].steps[:-1]), values=listed)


def mixed_units(given: ItemInput) -> Iterator[Problem]:
    """W108: options that are numbers are all given in the same unit, or all without one.

    Bad: ``{A: 0.5 MPa, B: 800 kPa, C: 1.2 MPa, D: 1.5 MPa}``; ``{A: "12", B: 24 V, C: "36", D: "42"}``.
    Good: one unit for all, best written once in the stem behind the blank.
    """
    for question in given.reading.choices:
        read = [_number(option.text) for option in question.options]
        units = [entry[1] for entry in read if entry is not None]
        if len(units) == len(read) >= 3 and len(set(units)) > 1 and all(len(unit) <= 8 for unit in units):
            odd = min(range(len(units)), key=lambda index: units.count(units[index]))
            option = question.options[odd]
            listed = ", ".join(unit or "–" for unit in dict.fromkeys(units))
            yield warning("W108", given.place(*option.steps), option=option.steps[-1], units=listed)


def overlapping_ranges(given: ItemInput) -> Iterator[Problem]:
    """W109: options that are ranges do not overlap.

    Where 10～20 is right, 15～25 is not wholly wrong; a dispute is certain. A shared end point is not reported.

    Bad: ``{A: 10～20, B: 15～25, C: 30～40}``. Good: ``{A: 10～15, B: 15～20, C: 20～25}``.
    """
    if given.reading.characters.isdisjoint("～~—–-至t"):
        return
    for question in given.reading.choices:
        short = [option for option in question.options if len(option.text) <= LONGEST_PHRASE]
        found = [(option, match) for option in short if (match := _RANGE.match(prose(option.text)))]
        if len(found) < 3:
            continue
        spans = sorted(
            (min(ends), max(ends), str(option.steps[-1]))
            for option, match in found
            for ends in [tuple(float(end.translate(_SIGN)) for end in match.groups())]
        )
        clashes: dict[str, str] = {}
        for (_, high, first), (low, _, second) in pairwise(spans):
            if low < high:
                earlier, later = sorted((first, second))
                clashes.setdefault(later, earlier)
        for later, earlier in clashes.items():
            at = given.place(*question.options[0].steps[:-1], later)
            yield warning("W109", at, first=earlier, second=later)


def uneven_options(given: ItemInput) -> Iterator[Problem]:
    """W110: all options are made alike: all end with a full stop or none does, all are numbers or none is.

    The option that is made differently was written last, and that is usually the key.

    Bad: ``{A: 提枪, B: 停水。, C: 摇炉, D: 加料}``; ``{A: "12", B: "24", C: 不限, D: "42"}``.
    Good: ``{A: 提枪, B: 停水, C: 摇炉, D: 加料}``.
    """
    for question in given.reading.choices:
        if len(question.options) < 3:
            continue
        texts = [option.text for option in question.options]
        tests: list[tuple[Test, str]] = []
        if any(text[-1] in _STOPS for text in texts if text):
            tests.append((_ends_with_a_stop, "stop"))
        if any(text[0] in _NUMERIC_START for text in texts if text):
            tests.append((_is_number, "numbers"))
        if not given.reading.han:
            tests.append((_starts_large, "capital"))
        for test, what in tests:
            odd = _odd_ones(question, test)
            if odd:
                letters = ", ".join(str(option.steps[-1]) for option in odd)
                yield warning("W110", given.place(*odd[0].steps), options=letters, what=what)


Test = Callable[[str], bool | None]


def _odd_ones(question: Question, test: Test) -> list[Passage]:
    answers = [test(option.text) for option in question.options]
    if None in answers or len(set(answers)) == 1:
        return []
    fewer = answers.count(True) <= len(answers) / 2
    return [option for option, answer in zip(question.options, answers, strict=True) if answer == fewer]


def _ends_with_a_stop(text: str) -> bool:
    return text.rstrip()[-1:] in _STOPS and bool(text.strip())


def _is_number(text: str) -> bool:
    return _number(text) is not None


def _starts_large(text: str) -> bool | None:
    """Return whether a text begins with a capital; None where its first word says nothing (CO, pH, a formula)."""
    words = text.split()
    word = words[0] if words else ""
    if not word.isascii() or not word.isalpha() or not word[1:].islower() or len(word) < 2:
        return None
    return word[0].isupper()


def same_options(given: ItemInput) -> Iterator[Problem]:
    """W111: no two options say the same in another spelling.

    Compared without spaces, punctuation, width of characters and markup, and by value where they are numbers.

    Bad: ``{A: 5 %, B: 5％, …}``; ``{A: "1.0", B: "1", …}``. Good: four different answers.
    """
    for question in given.reading.questions:
        if len({option.text[:1] for option in question.options}) == len(question.options):
            continue  # what is the same begins the same
        first: dict[str, Passage] = {}
        for option in question.options:
            same = first.setdefault(_skeleton(option.text), option)
            if same is not option and same.text != option.text:
                yield warning(
                    "W111", given.place(*option.steps), related=(given.place(*same.steps),),
                    option=option.steps[-1], same=same.steps[-1],
                )  # fmt: skip


def _skeleton(text: str) -> str:
    number = _number(text)
    if number is not None:
        return f"{number[0]:g} {unicodedata.normalize('NFKC', number[1])}"
    return shown(text).translate(_SAME).casefold() or text


def _number(text: str) -> tuple[float, str] | None:
    """Return value and unit of an option that is a number.

    >>> _number("1 380"), _number("−4 kg/t"), _number("12～15"), _number("双金属片")
    ((1380.0, ''), (-4.0, 'kg/t'), None, None)
    """
    if not text or len(text) > LONGEST_PHRASE or text[0] not in _NUMERIC_START:
        return None
    match = _NUMBER.match(shown(text))
    if match is None:
        return None
    unit = (match[2] or "").strip()
    if unit and not _UNIT.fullmatch(unit):
        return None
    try:
        return float(match[1].translate(_SIGN)), unit
    except ValueError:
        return None


def converging_options(given: ItemInput) -> Iterator[Problem]:
    """W106: the key is not the option that shares most with all others.

    Wrong options made by changing one part of the key each leave the key as their common core: it can be found by
    counting, without knowing anything.

    Bad: ``{A: 提枪停水，等待, B: 提枪停水，摇炉, C: 提枪供氧，等待, D: 降枪停水，等待}`` with ``key: A``.
    Good: change the parts crosswise, so that each option shares as much: two by two.
    """
    for question in given.reading.choices:
        keys = question.keys
        if question.kind != "single" or len(keys) != 1 or len(question.options) < 4:
            continue
        if not all(len(option.text) <= LONGEST_KEY and _PARTED.search(option.text) for option in question.options):
            continue
        parts = [_parts(option.text) for option in question.options]
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


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _PARTED.split(text) if part.strip())
