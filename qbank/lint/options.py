"""Rules over the options of a choice question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise

from qbank.kinds.kind import Passage
from qbank.lint.reading import MATHEMATICS, Question, one_of, prose, shown
from qbank.lint.rule import ItemInput
from qbank.lint.speech import odd_part_of_speech
from qbank.problem import Problem, note, warning

_ALL = re.compile(
    r"^(?:以上|上述|前述|前面|前(?=[两二三四]))(?:各项|各条|几项|选项|[两二三四](?:项|者|种|个|条)|说法|答案|内容|[ABC、，])*(?:都|全|均|皆)(?:是|对|正确|可以?|有|包括|属于|符合|应)"
    r"|^[两二三四](?:项|者|种)(?:都|全|均|皆)(?:是|对|正确|可以?|有|包括|属于|符合)$"
    r"|^(?:以上|上述)(?:各项|选项|答案|内容)?全部(?:都?是|都?对|正确|都|内容)?$|^(?:全部|都|全)(?:正确|都?对|都?是)$|^[A-G](?:[、，和与及]*[A-G]){2,}(?:都|均|全)(?:对|正确|是)"
    r"|^(?:all|every one|each)\b.{0,12}\b(?:above|of these|of them|options)\b|^all are (?:correct|true|right)",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"^(?:以上|上述|前述|前面|前(?=[两二三四]))?(?:各项|各条|几项|选项|[两二三四](?:项|者|种|个|条)|说法|答案|内容|[ABC、，])*(?:都|全|均|皆|没有一[项个])(?:不|非|错|没有|无)(?:是|对|正确|可|属于|符合|应|确切|误|$)"
    r"|^(?:以上|上述).{0,6}(?:都|全|均)错|^none\b.{0,12}\b(?:above|of these|of them|options)\b|^neither of",
    re.IGNORECASE,
)
_ALL_MARKS, _NONE_MARKS, _LABELS = one_of("都全均皆aA"), one_of("不非错没无fF"), one_of("ABCDEFGH①②③ⅠⅡ甲")
_NUMBERED, _BETWEEN = one_of("(（I"), one_of("～~—–-至t")
_ANOTHER = r"(?:[A-H]|[①-⑩]|[ⅠⅡⅢⅣⅤ]|[甲乙丙丁戊](?=[、，,和与及甲乙丙丁戊]|$))"
_COMBINED = re.compile(
    rf"^(?:仅|只有|除)?\s*{_ANOTHER}(?:\s*(?:[、，,和与及或+＋/]|或者)?\s*{_ANOTHER})+\s*(?:都|均|两项|三项|正确|对|是|外)*$"
    r"|^(?:both|only|neither)?\s*\(?[A-H]\)?\s*(?:and|or|nor|,|&)\s*\(?[A-H]\)?(?:\s+(?:only|are|is)\b.*)?$"
    r"|^(?:仅|只有|only )\s*[A-H①-⑩甲乙丙丁]$"
    r"|^(?:仅|只有)?(?:[（(][1-9][)）][、，,和与及]?){2,}$"
    r"|^(?:(?:both|only|neither)\s+)?I{1,3}V?(?:,\s*I{1,3}V?)*,?\s+(?:and|or|nor)\s+(?:I{1,3}V?|V)(?:\s+only)?$|^I{1,3}V?\s+only$"
    r"|^(?:both|only|neither)\s+I{1,3}V?$"
)
_NUMBER = re.compile(r"^\s*(?:约|about )?\s*([-+−–]?\d[\d  ,]*(?:\.\d+)?)\s*([^\d\s].*)?$")
_RANGE = re.compile(r"^\D{0,3}?([-−]?\d+(?:\.\d+)?)\s*[^\d.～~—–至-]{0,6}\s*(?:～|~|—+|–|-|至| to )\s*([-−]?\d+(?:\.\d+)?)\D*$")
_SYMBOL = r"(?:[%％‰℃℉°Ω]C?|(?:[kMGmcdhnpµμ]?(?:m|g|s|A|V|W|Pa|J|N|Hz|mol|L|l|t|h|d|eV|bar|Wh|Ah)|min|rad|ft|in|lb|K|r|dB|wt\.?%)[²³⁻¹0-9]*)"
_UNIT = re.compile(rf"{_SYMBOL}(?:\s?[/·⋅*]\s?\(?{_SYMBOL}\)?)*|[\u4e00-\u9fff]{{1,3}}|[a-z]{{2,10}}(?:/[a-z]{{1,8}})?")
_SIGN = str.maketrans({"−": "-", "–": "-", ",": "", " ": "", "\u2009": "", "\u202f": ""})
LONGEST_PHRASE = 80
"""Characters beyond which a text is no "all of the above" and no number."""
_STOPS = "。．；;.？?！!"
_NUMERIC_START = frozenset("0123456789-+−– 约a$")
_SAME = {ord(mark): None for mark in " \t\n\u3000\u2009、，,。．.；;：:（）()“”\"'‘’*_{}\\$"} | {
    code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in "，．；：（）"
}
_ANY_OF_SAME = one_of("".join(map(chr, _SAME)))
_POINT = re.compile(r"(?<=\d)[.．](?=\d)")
"""A decimal point, which is no punctuation: 1.5 % is not 15 %."""


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
    if _ALL_MARKS(given.reading.asked):
        yield from _each_option(given, "W101", _ALL)


def none_of_the_above(given: ItemInput) -> Iterator[Problem]:
    """W102: no option says "none of the above".

    Who rejects three options has not shown to know the right one, and such an option is seldom the key.

    Bad: ``D: 以上都不对``; ``D: None of the above``. Good: a fourth answer that somebody would give.
    """
    if _NONE_MARKS(given.reading.asked):
        yield from _each_option(given, "W102", _NONE)


def combined_options(given: ItemInput) -> Iterator[Problem]:
    """W103: no option is put together from other options or from numbered statements ("A and B", "①③").

    The combinations give each other away: a candidate who is sure of one statement strikes half of them. Ask for
    several answers with ``kind: multiple`` instead.

    Bad: ``options: {A: ①②, B: ①③, C: ②③, D: ①②③}``; ``C: A和B``; ``D: Both A and B``.
    Good: ``kind: multiple`` with the statements as options.
    """
    if _LABELS(given.reading.asked):
        yield from _each_option(given, "W103", _COMBINED, but=_ALL)
    elif _NUMBERED(given.reading.asked):
        yield from _each_option(given, "W103", _COMBINED)


def _each_option(
    given: ItemInput, code: str, pattern: re.Pattern[str], *, but: re.Pattern[str] | None = None
) -> Iterator[Problem]:
    for question in given.reading.choices:
        for option in question.options:
            text = option.text.strip(" 。.")
            if len(text) <= LONGEST_PHRASE and pattern.search(text) and not (but and but.search(text)):
                yield warning(code, given.place(*option.steps), option=option.steps[-1], text=text)


def numbers_out_of_order(given: ItemInput) -> Iterator[Problem]:
    """W107: options that are numbers stand in rising or falling order.

    Out of order they cost reading time that has nothing to do with what is examined; candidates mark a wrong letter
    although they know the number.

    Bad: ``{A: 36, B: 12, C: 42, D: 24}``. Good: ``{A: 12, B: 24, C: 36, D: 42}`` (with ``shuffle: false`` they also
    stand so on the paper). Ranges count by their beginning, bounds (≤0.10%, 不低于 8) by their number. Numbers that a
    template draws are left alone.
    """
    for question in given.reading.choices if given.item.template is None else ():
        read = [_number(option.text) or _start(option.text) for option in question.options]
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
    if not _BETWEEN(given.reading.asked):
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
    """W110: all options are made alike: all end with a full stop or none does, all are numbers or none is,
    all say what is done or none does (a note).

    The option that is made differently was written last, and that is usually the key.

    Bad: ``{A: 提枪, B: 停水。, C: 摇炉, D: 加料}``; ``{A: "12", B: "24", C: 不限, D: "42"}``; ``{A: 去除磷硫, B: 保护炉衬, C: 防止吸气, D: 石灰}``.
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
        elif (odd_word := odd_part_of_speech(texts)) is not None:
            option = question.options[odd_word]
            yield note("W110", given.place(*option.steps), options=str(option.steps[-1]), what="speech")
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

    A substance and its formula are the same, too.

    Bad: ``{A: 5 %, B: 5％, …}``; ``{A: "1.0", B: "1", …}``; ``{A: 氧化钙, B: CaO, …}``. Good: four different answers.
    """
    for question in given.reading.questions:
        texts = {option.text for option in question.options}
        if len({text[:1] for text in texts}) == len(question.options) and not (
            _MARKED(given.reading.prose) or not _FORMULAE.keys().isdisjoint(texts)
        ):
            continue  # what is the same begins the same, but for markup
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
    bare = shown(text)
    if _ANY_OF_SAME(bare):  # most options are plain words, and to translate takes long
        bare = _POINT.sub("·", bare).translate(_SAME)
    bare = bare.casefold()
    return _FORMULAE.get(bare, bare) or text


_MARKED = one_of("*" + MATHEMATICS)
_FORMULAE = {
    "氧化钙": "cao", "氧化镁": "mgo", "二氧化硅": "sio2", "三氧化二铝": "al2o3", "氧化铝": "al2o3", "氧化亚铁": "feo",
    "三氧化二铁": "fe2o3", "四氧化三铁": "fe3o4", "氧化亚锰": "mno", "五氧化二磷": "p2o5", "一氧化碳": "co", "二氧化碳": "co2",
    "氮气": "n2", "氩气": "ar", "氢气": "h2", "氧气": "o2", "碳酸钙": "caco3", "碳化钙": "cac2", "氟化钙": "caf2",
}  # fmt: skip
"""The name of a substance and its formula, as `_SAME` leaves it."""


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


_BOUND = re.compile(r"^(不?(?:大于|小于|高于|低于|超过|少于|多于)(?:等于)?|至少|至多|[≤≥<>＜＞≦≧]|(?:at (?:least|most)|more than|less than) )\s*")


_BOUNDS = frozenset("不大小高低超少多至≤≥<>＜＞≦≧am l")


def _start(text: str) -> tuple[float, str] | None:
    """Return where a range begins, or the number of a bound, with what else all such options must share.

    >>> _start("1600～1650 ℃"), _start("≤0.10%"), _start("摇炉")
    ((1600.0, 'range'), (0.1, '≤%'), None)
    """
    if not text or len(text) > LONGEST_PHRASE or not (text[0] in _NUMERIC_START or text[0] in _BOUNDS):
        return None
    if text[0] in _NUMERIC_START and (match := _RANGE.match(prose(text))):
        return float(match[1].translate(_SIGN)), "range"
    if bound := _BOUND.match(text):
        number = _number(text[bound.end() :])
        return (number[0], bound[1] + number[1]) if number else None
    return None
