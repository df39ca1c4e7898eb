"""Rules over stems: what is asked, and where the answer goes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qbank.lint.reading import CHOICE, count_han, has_han, latin_words, one_of, prose
from qbank.lint.rule import ItemInput
from qbank.problem import Problem, note, warning

BRACKET = "（　　）"
_BRACKET = re.compile(r"[（(][\s\u3000_]*[)）]")
_BLANK = re.compile(r"_{3,}|[（(][\s\u3000_]*[)）]")
_TURNING, _NEGATING, _CLOSING = one_of("不错非无没禁除nNfFwWxX"), one_of("不没未非无nN"), one_of(")）")
_NEGATED = r"不(?:是|属于|包括|包含|正确|对|符合|能|应该?|宜|会|需要?|得|可以?|准许?|允许|合理|恰当|妥当?|利于|适[合宜用]|必|可能|存在|具备?|含)|错误|有误|非法|无关|没有|不当|不妥|禁止"
_CAUSE = r"原因|目的|后果|危害|意义|作用|结果|理由|依据|影响|标志"
"""What is asked about a negative fact: 不能断水的原因是… asks why, not what is not so."""
_ASKED = r"(?:哪|什么|[（(]|_{3,}|[:：]?\s{0,3}$)"
_WHICH_NOT = re.compile(
    rf"(?P<word>(?<!而)(?<!基本)(?<!表示)(?:{_NEGATED}))(?=[^，。；！？（(*]{{0,10}}的(?!主?要?(?:{_CAUSE}))(?:[^，。；！？（(*]{{0,8}})?(?:是|有|为)\s{{0,3}}{_ASKED})"
    r"|(?P<verb>不(?:属于|包括|包含|符合|是|得|能|应|宜))(?=[^，。；！？（(*高低小大少多超迟早短长]{0,12}(?:哪|什么|[（(][\s\u3000]{0,9}[)）]\s{0,3}[。．]?$))"
    r"|(?P<whose>(?<=[)）])[\s\u3000]?不(?:是|属于|包括|包含|符合|能|得|应|宜|需|可)(?=[^，。；！？（(*]{0,16}[。．]?$))"
    r"|(?<=哪[一些项个种类])[^，。；！？（(不使让影]{0,3}(?P<ask>不(?:是|属于|包括|包含|符合|能|得|应|宜|需|可))(?=[^，。；！（(]{0,16}[？?（(])"
    r"|(?P<except>除[^，。；！？（(]{0,20}外)(?=[，,]?[^。]{0,12}[都均])"
)
_WHICH_NOT_ENGLISH = re.compile(
    r"\b(?:not|except|never)\b(?=\s{0,3}(?:for\s|an?\s|the\s)?\s{0,3}(?:_{3,}|[:?]?\s{0,3}$))"
    r"|(?<=which )\b(?:is|are) (?:not|never|incorrect|false|untrue|wrong)\b"
    r"|(?<![a-z])(?:not|except|never|incorrect|false|untrue|wrong)(?![a-z])(?=[^.;!?]{0,60}\?)",
    re.IGNORECASE,
)
_DOUBLE = re.compile(
    r"不(?:能|会|可能|应该?|可|得)(?:不|没有)(?!断|足|良|均|同|锈|定|等|利|当|少|必)|不是(?:不|没有)(?!断|足|良|均|同|锈)|并?非(?:不|没有)(?!同|锈|断|良|足)|无不(?!适|良|足|同|合|锈)"
    r"|没有[^，。；！？（、\n]{0,6}不(?:能|会|可|是)|未(?!经)[^，。；！？（、\n]{0,3}不(?:能|得|可|会|应)|不(?!锈|同|良|足|饱|断|合格)[^，。；！？（、\n]{0,4}没有"
)  # fmt: skip
_DOUBLE_ENGLISH = re.compile(
    r"\b(?:not|never|no)\b[^,.;?!\n]{0,30}\b(?:not|never|unless|un(?:able|likely|necessary|safe|common|usual)|impossible|incorrect|without)\b",
    re.IGNORECASE,
)
_MUST = re.compile(r"不得不|不能不|不可不|非[^，。]{1,10}不可")
_NEGATIVE_OPTION = re.compile(
    r"^(?:不(?!锈|断|同|良|足|均|饱|定|等|仅|烧|利|合格)|没有|未(?!燃|端|知|来)|无(?!缝|机|烟|损|功|极|限|线|纺|水)|not\b|no\b|never\b)", re.IGNORECASE
)
_ASKS = re.compile(
    r"[？?]|_{3,}|[（(][\s\u3000_]*[)）]|[:：]\s*$|请|选出|指出|选择[^，。]{0,4}正确"
    r"|\b(?:what|which|who|when|where|why|how|choose|select|mark|find|name)\b",
    re.IGNORECASE,
)  # fmt: skip
_TALK = "说法|叙述|表述|描述"
_POINTLESS = re.compile(
    rf"^(?:关于[^，。（]{{0,10}}[，,]?)?在?(?:下列|以下|下面)(?:各|选|项|哪|种|个|条|观点|论述|{_TALK}){{0,6}}中?[，,]?(?:{_TALK})?"
    rf"(?:正确|不正确|错误|对|有误|恰当|不恰当)的?(?:{_TALK}|选项)?(?:一项|有|是|为){{0,3}}[：:]?(?:[（(]|$|？)"
    rf"|^(?:下列|以下|下面)(?:{_TALK})?中?[，,]?哪[一些]?[项个种条]?(?:{_TALK})?是?(?:正确|不正确|错误|对)的?(?:{_TALK})?[？?]?$"
    r"|^(?:which|what) (?:one )?of (?:the )?(?:following|these)(?: statements| options| sentences)? (?:is|are) (?:true|correct|right|false|incorrect|wrong)\W{0,9}$",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[A-Za-z0-9\ufffc]+")
LEAST_LENGTH = 5
"""Of a stem, a Chinese character counting one, a word in Latin letters, a number or a formula two."""
LONG_RECALL = 240
MOST_WORDS_BEHIND = 3


def unemphasised_negative(given: ItemInput) -> Iterator[Problem]:
    """W120: a question that asks for what is *not* so says it in bold.

    A candidate who overlooks one 不 loses the mark for reading, not for knowing. Better still, ask for what is so.

    Bad: ``stem: 下列情况中，不属于自动提枪联锁条件的是（　　）。``;  ``stem: Which of these is not a class A fire?``
    Good: ``stem: 下列情况中，**不**属于自动提枪联锁条件的是（　　）。``
    """
    if not _TURNING(given.reading.asked):
        return
    for question in given.reading.choices:
        found = _negative(question.stem.text)
        if found:
            yield warning("W120", given.place(*question.stem.steps), word=found)


def _negative(stem: str) -> str:
    """Return the word that turns the question round and is not emphasised."""
    match = _turned_round(stem)
    if match is not None and not has_han(stem) and _aside(stem, match):
        return ""
    if match is None:
        return ""
    start, end = match.span(match.lastgroup or 0)
    return "" if "*" in stem[max(0, start - 3) : end + 4] or stem[start:end].isupper() else stem[start:end]


def _aside(stem: str, match: re.Match[str]) -> bool:
    """Return whether the word stands in an English clause beside the question: what to do if it does not start."""
    before, after = stem[: match.start()].lower(), stem[match.end() :].lower()
    last = max((found.end() for found in _ENGLISH_ASKED.finditer(before)), default=0)
    return bool(_CLAUSE.search(before[last:]) and (last or _ENGLISH_ASKED.search(after))) or bool(_WHY.search(before))


_ENGLISH_ASKED = re.compile(r"\b(?:what|which|who|when|where|how)\b(?=[^,]{0,200}$|[^?]{0,200}\?)")
_CLAUSE = re.compile(r"\b(?:if|because|since|unless|until|while|although|that|so)\b|^when\b")
_WHY = re.compile(r"\b(?:why|reasons?)\b")


def _turned_round(stem: str) -> re.Match[str] | None:
    return _WHICH_NOT.search(stem) if has_han(stem) else _WHICH_NOT_ENGLISH.search(stem)


def double_negative(given: ItemInput) -> Iterator[Problem]:
    """W121: nobody has to undo two negatives: not within a statement, nor between stem and option.

    Bad: ``stem: 氧枪不能没有冷却水。``; a stem with 不正确的是 and ``B: 不需要烘烤``; ``It is not unsafe to …``.
    Good: ``stem: 氧枪必须通冷却水。``
    """
    if not _NEGATING(given.reading.asked):
        return
    pattern = _DOUBLE if given.reading.han else _DOUBLE_ENGLISH
    if pattern.search(given.reading.asked):
        for passage in given.reading.passages:
            text = prose(passage.text)
            match = pattern.search(text) if passage.role in ("stem", "option") else None
            if match and not _MUST.search(text):
                yield warning("W121", given.place(*passage.steps), words=match.group())
    for question in given.reading.choices:
        stem = question.stem.text.replace("*", "")
        if _turned_round(stem):
            odd = [option for option in question.options if _NEGATIVE_OPTION.search(option.text)]
            if odd and len(odd) < len(question.options):
                word = odd[0].text[:8]
                yield warning("W121", given.place(*odd[0].steps), words=f"… {word}")


def unfocused_stem(given: ItemInput) -> Iterator[Problem]:
    """W122: a stem poses a question that can be answered before the options are read.

    Where it only says "which of the following is right", every option is a true-false question of its own and the
    item examines four things at once.

    Bad: ``stem: 下列说法正确的是（　　）。``; ``stem: 转炉（　　）。``; a stem without blank or question.
    Good: ``stem: 转炉托圈的主要作用是（　　）。``
    """
    for question in given.reading.choices:
        stem = prose(question.stem.text)
        if stem[:1] in "下以关在WwW*" and _POINTLESS.search(stem.replace("*", "")):
            say = note if stem[0] == "关" else warning
            yield say("W122", given.place(*question.stem.steps), why="statements")
        elif BRACKET not in stem and not _ASKS.search(stem):
            yield warning("W122", given.place(*question.stem.steps), why="nothing_asked")
        elif len(stem) < 40 and count_han(stem) + 2 * len(_TOKEN.findall(stem)) < LEAST_LENGTH:
            yield warning("W122", given.place(*question.stem.steps), why="short")


def blank_too_early(given: ItemInput) -> Iterator[Problem]:
    """W123: the blank of a choice question does not open the stem; in English it stands at its end.

    A reader who meets the blank first has to come back to it. In English up to three words may follow, a unit for
    instance.

    Bad: ``stem: （　　）是转炉炼钢的主要热源。``; ``stem: The ____ of a truck is checked before every shift.``
    Good: ``stem: 转炉炼钢的主要热源是（　　）。``; ``stem: What is checked before every shift?``
    """
    for question in given.reading.choices:
        text = question.stem.text
        match = _BLANK.search(text)
        if match is None:
            continue
        early = not text[: match.start()].strip(" \u3000“\"‘'*")
        if early or (not given.reading.han and len(latin_words(text[match.end() :])) > MOST_WORDS_BEHIND):
            yield note("W123", given.place(*question.stem.steps), blank=match.group())


def bracket_width(given: ItemInput) -> Iterator[Problem]:
    """W124: the blank of a Chinese stem is （　　）: full-width brackets around two full-width spaces.

    Blanks of several widths look as if they told something about the answer, and some print too narrow to write in.

    Bad: ``stem: 托圈的作用是( )。``; ``stem: 托圈的作用是（  ）。``. Good: ``stem: 托圈的作用是（　　）。``
    """
    if given.reading.han and _CLOSING(given.reading.asked):
        for passage in given.reading.passages:
            if passage.role == "stem" and has_han(passage.text):
                for match in _BRACKET.finditer(prose(passage.text)):
                    if match.group() != BRACKET:
                        yield warning("W124", given.place(*passage.steps), found=match.group())
                        break


def several_blanks(given: ItemInput) -> Iterator[Problem]:
    """W125: a choice question has one blank.

    With two, half an option can be right, and candidates compare halves instead of answers. Use ``kind: fill`` or
    put the pair into the options: 温度（　　） with 升高，变快.

    Bad: ``stem: 碱度是（　　）与（　　）之比。``. Good: ``stem: 碱度是（　　）之比。``
    """
    for question in given.reading.choices:
        n = len(_BLANK.findall(question.stem.text))
        if n > 1:
            yield warning("W125", given.place(*question.stem.steps), n=n)


def gratuitous_length(given: ItemInput) -> Iterator[Problem]:
    """W126: a question that asks for a remembered fact is short.

    More than about 120 Chinese characters or 40 words before a question of ``cognitive: remember`` are read for
    nothing. Drop what is not needed to answer, or examine more than memory.

    Bad: five lines of a shift's story, then ``碱度是指（　　）``. Good: ``碱度是指（　　）。``
    """
    item = given.item
    if item.cognitive == "remember" and item.kind in (*CHOICE, "true_false", "fill") and len(item.stem) > LONG_RECALL / 2:
        stem = prose(item.stem)
        if len(stem) + count_han(stem) > LONG_RECALL:
            yield note("W126", given.place("stem"), n=len(stem))
