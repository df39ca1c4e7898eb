"""fill: words in the blanks of a sentence (填空题), with alternatives and patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler

from qbank import messages
from qbank.core.authored import Authored, FilledText, Many, WrittenText
from qbank.core.item import Item, Plain
from qbank.core.presentation import GuidePoint, Language
from qbank.kinds.kind import (
    ItemKind,
    Marked,
    Passage,
    Place,
    Printed,
    alternatives,
    folded,
    no_options,
    no_permutation,
)
from qbank.problem import Problem, error

BLANK = re.compile(r"_{3,}")
_PARTED = re.compile(r"[;；|｜]")
_MARKUP = re.compile(r"\\(?:ce|mathrm|text|rm)(?![A-Za-z])|[${}_^]")
LONGEST = 5000


class BlankKey(Authored):
    """What is right in one blank: one of the texts, or anything that the whole pattern matches (RE2 syntax)."""

    accept: Annotated[Many[Annotated[FilledText, Field(max_length=200)]], Field(min_length=1, max_length=100)]
    pattern: WrittenText = ""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return that a text, a list of texts or the full form may be written."""
        words = {"type": ["string", "number"], "minLength": 1}
        return {"anyOf": [words, {"type": "array", "items": words}, handler(schema)]}


def _spelled_out(value: Any) -> Any:
    if isinstance(value, dict | BlankKey):
        return value
    return {"accept": value if isinstance(value, list | tuple) else [value]}


class FoldText(Authored):
    """What makes no difference: capitals, full or half width, blanks."""

    case: bool = True
    width: bool = True
    space: bool = True


class FillBody(Authored):
    """One entry a blank; ``any_order`` where the blanks may be filled in any order; marks by blank or for all."""

    key: Annotated[Many[Annotated[BlankKey, BeforeValidator(_spelled_out)]], Field(min_length=1, max_length=20)]
    fold: FoldText = FoldText()
    any_order: bool = False
    credit: Literal["each", "all"] = "each"

    def seen(self) -> Plain:
        """Return nothing: the blanks stand in the stem."""
        return {}

    def marked(self) -> Marked:
        """Return what is accepted in each blank, and how."""
        return {
            "key": tuple({"accept": entry.accept, "pattern": entry.pattern} for entry in self.key),
            "fold": {"case": self.fold.case, "width": self.fold.width, "space": self.fold.space},
            "any_order": self.any_order, "credit": self.credit,
        }  # fmt: skip


def _body(item: Item) -> FillBody:
    return cast("FillBody", item.body)


def check(item: Item, place: Place) -> list[Problem]:
    """Return what is wrong with the number of blanks, the patterns, and keys that nobody could write."""
    body = _body(item)
    problems: list[Problem] = []
    n_blanks = len(BLANK.findall(item.stem))
    if n_blanks != len(body.key):
        problems.append(error("Q204", place("stem"), blanks=n_blanks, keys=len(body.key)))
    for index, entry in enumerate(body.key):
        if entry.pattern and (reason := _fault(entry.pattern)):
            problems.append(error("Q205", place("key", index, "pattern"), pattern=entry.pattern, reason=reason))
        for other, text in enumerate(entry.accept):
            if not _folded(text, {"case": True, "width": True, "space": True}):
                problems.append(error("Q215", place("key", index, "accept", other), text=text))
            elif len(body.key) > 1 and _PARTED.search(text):
                problems.append(error("Q206", place("key", index, "accept", other), text=text))
    return problems


@cache
def _compiled(pattern: str, case: bool) -> Any:
    import re2

    settings = re2.Options()
    settings.log_errors = False
    settings.case_sensitive = not case
    return re2.compile(pattern, settings)


def _fault(pattern: str) -> str:
    import re2

    try:
        _compiled(pattern, True)
    except re2.error as fault:
        reason = fault.args[0]
        return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return ""


def passages(item: Item) -> Iterator[Passage]:
    """Yield the accepted texts, blank by blank."""
    for index, entry in enumerate(_body(item).key):
        for other, text in enumerate(entry.accept):
            yield Passage(("key", index, "accept", other), "answer", text, True)


def read(marked: str, order: str, given: Marked) -> str | None:
    """Return the blanks as written, parted by semicolons; None where their number is not that of the item.

    >>> two = {"key": ({}, {})}
    >>> read(" 脱碳 ； SiO₂", "", two), read("脱碳;", "", two), read("脱碳", "", two)
    ('脱碳;SiO₂', '脱碳;', None)
    """
    n_blanks = len(given["key"])
    blanks = [part.strip() for part in _PARTED.split(marked)] if n_blanks > 1 else [marked.strip()]
    if len(blanks) != n_blanks or not any(blanks) or len(marked) > LONGEST:
        return None
    return ";".join(blanks)


def credit(marked: Marked, answer: str) -> float:
    """Return the share of blanks filled rightly, or 1 only if all are.

    >>> key = ({"accept": ("CaO", "石灰"), "pattern": ""}, {"accept": ("3.2",), "pattern": ""})
    >>> rule = {"key": key, "fold": {"case": True, "width": True, "space": True}, "any_order": False, "credit": "each"}
    >>> credit(rule, "ｃａｏ;3.2。"), credit(rule, "石灰;3"), credit({**rule, "any_order": True}, "3.2;石灰")
    (1.0, 0.5, 1.0)
    """
    keys, fold = marked["key"], marked["fold"]
    blanks = answer.split(";") if len(keys) > 1 else [answer]
    right = [[_fits(text, entry, fold) for entry in keys] for text in blanks]
    n_right = _matched(right) if marked["any_order"] else sum(right[n][n] for n in range(len(keys)))
    share = n_right / len(keys)
    return share if marked["credit"] == "each" or n_right == len(keys) else 0.0


def _fits(text: str, entry: Marked, fold: Marked) -> bool:
    written = _folded(text, fold)
    if not written:
        return False
    if any(written == _folded(accepted, fold) for accepted in entry["accept"]):
        return True
    if not entry["pattern"]:
        return False
    pattern = _compiled(entry["pattern"], bool(fold["case"]))
    # A pattern may ask for the stop at the end, for the blank between two words, or have been written without a thought of blanks.
    return any(pattern.fullmatch(way) for way in {written, text.strip(), " ".join(_folded(text, {**fold, "space": False}).split())})


def _folded(text: str, fold: Marked) -> str:
    plain = _MARKUP.sub("", text).strip()
    if fold["width"]:
        plain = folded(plain)
    if fold["space"]:
        plain = "".join(plain.split())
    plain = plain.rstrip("。，、 ") or plain
    return plain.casefold() if fold["case"] else plain


def _matched(right: list[list[bool]]) -> int:
    """Return how many answers can each be given a key of their own (augmenting paths)."""
    owner: dict[int, int] = {}

    def place(answer: int, tried: set[int]) -> bool:
        for key, fits in enumerate(right[answer]):
            if fits and key not in tried:
                tried.add(key)
                if key not in owner or place(owner[key], tried):
                    owner[key] = answer
                    return True
        return False

    return sum(place(answer, set()) for answer in range(len(right)))


def keys(key: str, letters: str, marked: Marked) -> tuple[Marked, ...]:
    """Return the marking by other words: blanks parted by semicolons, the words of a blank by ``|``.

    >>> old = {"key": ({"accept": ("CaO",), "pattern": ""}, {"accept": ("3",), "pattern": ""}), "credit": "each"}
    >>> [entry["accept"] for entry in keys("CaO|石灰；3.2", "", old)[0]["key"]], keys("CaO", "", old)
    ([('CaO', '石灰'), ('3.2',)], ())
    """
    n_blanks = len(marked["key"])
    blanks = [alternatives(part) for part in (re.split("[;；]", key) if n_blanks > 1 else [key])]
    if len(blanks) != n_blanks or not all(blanks):
        return ()
    return ({**marked, "key": tuple({"accept": words, "pattern": ""} for words in blanks)},)


def key_label(marked: Marked) -> str:
    """Return the first accepted text of every blank."""
    return ";".join(entry["accept"][0].strip() for entry in marked["key"])


def show_answer(answer: str, order: str, language: Language) -> str:
    """Return the blanks parted by semicolons."""
    return answer.replace(";", "；" if language == "zh" else "; ")


def printed(item: Item, marks: float, language: Language) -> Printed:
    """Return what the marking guide says beyond the key: every accepted text of each blank, and its share."""
    body = _body(item)
    entries = [_accepted(entry.accept, entry.pattern, language) for entry in body.key]
    if len(entries) == 1 and len(body.key[0].accept) == 1 and not body.key[0].pattern:
        return Printed()
    if len(entries) > 1:
        entries = [messages.text(language, "paper.guide_blank", n=n, answers=one) for n, one in enumerate(entries, start=1)]
    if body.any_order:
        entries = [messages.text(language, "paper.guide_any_order", blank=one) for one in entries]
    if body.credit == "all":
        return Printed(guide=(GuidePoint(" · ".join(entries), marks),))
    return Printed(guide=tuple(GuidePoint(one, round(marks / len(entries), 2)) for one in entries))


def _accepted(texts: tuple[str, ...], pattern: str, language: Language) -> str:
    fence = "``" if "`" in pattern else "`"
    more = (messages.text(language, "paper.guide_pattern", pattern=f"{fence}{pattern}{fence}"),) if pattern else ()
    return " / ".join((*(one.strip() for one in texts), *more))


def slips(marked: Marked, order: str) -> tuple[str, ...]:
    """Return the key with one blank left out at a time, or for a single blank a question mark."""
    blanks = [entry["accept"][0].strip() for entry in marked["key"]]
    if len(blanks) == 1:
        return ("?",)
    return tuple(";".join([*blanks[:n], "?", *blanks[n + 1 :]]) for n in range(len(blanks)))


FILL = ItemKind(
    word="fill",
    body=FillBody,
    check=check,
    permutations=no_permutation,
    options=no_options,
    read=read,
    credit=credit,
    answers=lambda marked: (),
    key_label=key_label,
    show_answer=show_answer,
    space="blank",
    passages=passages,
    printed=printed,
    slips=slips,
    keys=keys,
    partial=lambda marked: len(marked["key"]) > 1 and marked["credit"] == "each",
)
