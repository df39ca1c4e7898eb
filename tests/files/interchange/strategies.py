"""Items with awkward texts, of every kind that some format holds: what a writer must give and a reader give back."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from qbank.core.item import fingerprint, normalise
from qbank.files.interchange import WRITERS, parse_bytes
from qbank.files.interchange.draft import Draft
from qbank.files.interchange.entries import item_of, plainly
from qbank.files.interchange.outgoing import Outgoing
from qbank.files.items import ItemText

AWKWARD = st.sampled_from([
    r"$\frac{a}{b}$", r"$w(\mathrm{CaO})$", r"\nu", r"\\", "{", "}", "~", "=", "#", ":", "->", "//", "::", "%50%", "[html]",
    "'", '"', "''=", "</p>", "<b>粗</b>", "&amp;", "&", "]]>", "😀", "Ａ：１", "=1+1", "+3", "-5", "@a", "；", ";", "|", ",",
    "\n", "\n\n", "**重**", "*", r"\$", "____", "（　　）", "`x`", "_x0041_", "https://a.b/c", "A. 一", "ANSWER: B", "\t", " ",
    "1.10", "true", "null", "<!-- x -->", "@@PLUGINFILE@@/x", r"\(x\)", "$$y$$", "\u2028", "\xa0",
])  # fmt: skip
WORDS = st.text(alphabet=st.sampled_from("炉渣碱度钢水 abcXYZ019.%-"), min_size=1, max_size=6)


def _fits(text: str) -> bool:
    return bool(text.strip()) and text == text.strip() and "$$$" not in text


TEXT = st.lists(AWKWARD | WORDS, min_size=1, max_size=6).map("".join).map(lambda text: text.strip()).filter(_fits)
SHORT = TEXT.map(lambda text: " ".join(text.split())).filter(_fits)


def _distinct(texts: list[str]) -> bool:
    return len({normalise(text).casefold() for text in texts}) == len(texts)


def options(least: int = 2, most: int = 5) -> st.SearchStrategy[dict[str, str]]:
    return st.lists(TEXT, min_size=least, max_size=most).filter(_distinct).map(lambda texts: dict(zip("ABCDEFGH", texts, strict=False)))


@st.composite
def single(draw: st.DrawFn) -> dict[str, Any]:
    given = draw(options())
    key = draw(st.sampled_from(sorted(given)))
    body: dict[str, Any] = {"options": given, "key": key}
    if draw(st.booleans()):
        wrong = [letter for letter in given if letter != key]
        body["misconception"] = {draw(st.sampled_from(wrong)): draw(TEXT)}
    return body | draw(st.sampled_from([{}, {"shuffle": False}, {"pin": [sorted(given)[-1]]}]))


@st.composite
def multiple(draw: st.DrawFn) -> dict[str, Any]:
    given = draw(options(3, 5))
    key = draw(st.lists(st.sampled_from(sorted(given)), min_size=2, max_size=len(given) - 1, unique=True).map(sorted))
    credit = draw(st.sampled_from([{}, {"credit": "all"}, {"credit": "share"}, {"credit": "balance"}, {"credit": "subset"}]))
    return {"options": given, "key": key} | credit


@st.composite
def true_false(draw: st.DrawFn) -> dict[str, Any]:
    return {"key": True} if draw(st.booleans()) else {"key": False} | ({"correction": draw(TEXT)} if draw(st.booleans()) else {})


@st.composite
def fill(draw: st.DrawFn) -> dict[str, Any]:
    entry = SHORT | st.lists(SHORT, min_size=2, max_size=3) | SHORT.map(lambda text: {"accept": [text], "pattern": "a+"})
    key = draw(st.lists(entry, min_size=1, max_size=3))
    fold = draw(st.sampled_from([{}, {"fold": {"case": False}}, {"any_order": True}, {"credit": "all"}]))
    return {"stem": " 与 ".join(["空 ____"] * len(key)), "key": key} | fold


NUMBER = st.integers(-10_000, 10_000) | st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 4)).filter(lambda x: x != 0)


@st.composite
def numeric(draw: st.DrawFn) -> dict[str, Any]:
    value = draw(NUMBER.filter(lambda x: abs(x) > 1))
    tolerance = draw(st.sampled_from([None, 0.5, "1%", 0.125]))
    return {"key": {"value": value} | ({} if tolerance is None else {"tolerance": tolerance}) | draw(st.sampled_from([{}, {"unit": "kg/t"}]))}


@st.composite
def written(draw: st.DrawFn) -> dict[str, Any]:
    texts = draw(st.lists(TEXT, min_size=1, max_size=3))
    return {"key": draw(TEXT), "rubric": [{"points": 1.5, "text": text} for text in texts], "marks": 1.5 * len(texts)} | draw(
        st.sampled_from([{}, {"lines": 8}])
    )


@st.composite
def matching(draw: st.DrawFn) -> dict[str, Any]:
    given = draw(options(3, 5))
    key = draw(st.permutations(sorted(given)))[: draw(st.integers(2, len(given)))]
    prompts = draw(st.lists(TEXT, min_size=len(key), max_size=len(key)).filter(_distinct))
    return {"prompts": prompts, "options": given, "key": key} | draw(st.sampled_from([{}, {"credit": "all"}, {"shuffle": False}]))


@st.composite
def ordering(draw: st.DrawFn) -> dict[str, Any]:
    given = draw(options(3, 5))
    return {"options": given, "key": list(draw(st.permutations(sorted(given))))} | draw(st.sampled_from([{}, {"credit": "pairs"}]))


@st.composite
def case(draw: st.DrawFn) -> dict[str, Any]:
    parts = [
        {"kind": "single", "stem": draw(TEXT), "marks": 1, **draw(single())},
        {"kind": "short", "stem": draw(TEXT), **draw(written())},
    ]
    return {"parts": parts, "marks": sum(part["marks"] for part in parts)}


TASK = st.just({
    "minutes": 30, "requirements": ["=穿戴"], "marks": 3, "veto": ["违章"],
    "steps": [{"title": "准备", "demand": "齐全", "points": 3, "deductions": [{"text": "漏一项", "points": 1}]}],
})  # fmt: skip
BODIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "single": single(), "multiple": multiple(), "true_false": true_false(), "fill": fill(), "numeric": numeric(),
    "short": written(), "essay": written(), "matching": matching(), "ordering": ordering(), "case": case(), "task": TASK,
}  # fmt: skip


@st.composite
def items(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """Return the keys of an item of that kind with every key of the head that may travel."""
    head = {
        "id": draw(st.sampled_from(["BOF4-0001", "x.y_z-9"])), "kind": kind, "competency": "A-001", "level": 4,
        "stem": draw(TEXT), "marks": 2, "grade": draw(st.integers(1, 5)), "seconds": 75,
        "cognitive": draw(st.sampled_from(["remember", "understand", "apply", "analyse"])),
    }  # fmt: skip
    optional = {
        "rationale": TEXT, "reference": TEXT, "author": SHORT, "tags": st.lists(SHORT, min_size=1, max_size=2, unique=True),
        "enemies": st.just(["Q-1", "Q-2"]), "congruence": st.integers(1, 5), "source_id": SHORT,
    }  # fmt: skip
    for key in draw(st.lists(st.sampled_from(sorted(optional)), unique=True)):
        head[key] = draw(optional[key])
    return head | draw(BODIES[kind])


def item_text(entries: dict[str, Any]) -> ItemText | None:
    """Return the item of these keys, or None where they make no sound item."""
    text, problems = item_of(entries, "x", lambda steps: (1, 1))
    return None if problems else text


def outgoing(entries: dict[str, Any], text: ItemText) -> Outgoing:
    return Outgoing(text.item, entries, ("A 基础知识", "A-001 安全"), {})


def again(draft: Draft) -> ItemText | None:
    """Return the item that a draft makes, as an import makes it."""
    entries = {"id": draft.id, "kind": draft.kind, "competency": draft.competency, "level": draft.level, **draft.entries}
    if draft.source_id:
        entries["source_id"] = draft.source_id
    return item_text(plainly(entries))


__all__ = ["WRITERS", "again", "fingerprint", "item_text", "items", "outgoing", "parse_bytes"]
