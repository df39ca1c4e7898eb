"""Questions of every kind and rule of marking, and what candidates answer to them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Any

from qbank.core.item import Item
from qbank.kinds import KINDS

LETTERS = {"A": "炉渣碱度 $R=w(\\mathrm{CaO})/w(\\mathrm{SiO_2})$", "B": "枪位 < 1.4 m & 氧压", "C": "温度 1 650 ℃", "D": "以上都不是"}
MADE: tuple[dict[str, Any], ...] = (
    {"id": "single", "kind": "single", "options": LETTERS, "key": "C", "pin": ["D"], "misconception": {"A": "把比值读反了"}, "rationale": "因为 $a>b$。"},
    {"id": "all", "kind": "multiple", "options": LETTERS, "key": ["A", "C"], "credit": "all"},
    {"id": "subset", "kind": "multiple", "options": LETTERS, "key": ["A", "B", "C"], "credit": "subset", "marks": 1},
    {"id": "share", "kind": "multiple", "options": LETTERS, "key": ["A", "B", "D"], "credit": "share", "marks": 1},
    {"id": "balance", "kind": "multiple", "options": LETTERS, "key": ["B", "C", "D"], "credit": "balance", "marks": 5},
    {"id": "true", "kind": "true_false", "key": True},
    {"id": "false", "kind": "true_false", "key": False, "correction": "应当提高枪位"},
    {"id": "one-blank", "kind": "fill", "stem": "造渣用 ____ 。", "key": [["CaO", "石灰"]]},
    {"id": "blanks", "kind": "fill", "stem": "先 ____ ，再 ____ ，后 ____ 。", "key": ["脱碳", ["SiO2", "二氧化硅"], "C+/*"], "marks": 1},
    {"id": "any-order", "kind": "fill", "stem": "____ 与 ____", "key": ["脱氧", ["升温", "加热"]], "any_order": True},
    {"id": "all-blanks", "kind": "fill", "stem": "____ 与 ____", "key": ["a.b", "[C]"], "credit": "all", "fold": {"case": False, "space": False}},
    {"id": "pattern", "kind": "fill", "stem": "____", "key": [{"accept": ["白点"], "pattern": "白点(缺陷|[a-c]x)?"}]},
    {"id": "number", "kind": "numeric", "stem": "石灰 ____ kg。", "key": {"value": 42.8, "tolerance": "1%", "unit": "kg"}},
    {"id": "decimal", "kind": "numeric", "stem": "多少？", "key": {"value": 0.7, "tolerance": 0.1}},
    {"id": "exact", "kind": "numeric", "stem": "多少？", "key": {"value": -3}},
    {"id": "pairs", "kind": "matching", "prompts": ["石灰", "萤石", "废钢"], "options": LETTERS, "key": ["B", "A", "D"], "marks": 1},
    {"id": "all-pairs", "kind": "matching", "prompts": ["石灰", "萤石"], "options": LETTERS, "key": ["C", "A"], "credit": "all"},
    {"id": "order", "kind": "ordering", "options": LETTERS, "key": ["B", "D", "A", "C"]},
    {"id": "neighbours", "kind": "ordering", "options": LETTERS, "key": ["D", "A", "B", "C"], "credit": "pairs", "marks": 1},
    {"id": "case", "kind": "case", "marks": 5, "parts": [
        {"kind": "single", "stem": "一", "marks": 1, "options": LETTERS, "key": "B"},
        {"kind": "fill", "stem": "____ 与 ____", "marks": 2, "key": ["氧", "碳"]},
        {"kind": "numeric", "stem": "几？", "marks": 2, "key": {"value": 2, "tolerance": 0.5}},
    ]},
)  # fmt: skip
WRITTEN: dict[str, tuple[str, ...]] = {
    "one-blank": ("ＣａＯ", " cao。", "c a o", "石灰", "石灰石", "生石灰", "CaO2"),
    "blanks": ("脱碳;SiO2;C+/*", "脱碳;ｓｉｏ₂;ｃ+/＊", "脱碳 ;SIO2;C", "；SiO2;".replace("；", ";"), "x;y;z", "脱碳;SiO;C++"),
    "any-order": ("升温;脱氧", "脱氧;加热", "脱氧;脱氧", "x;升温", "x;y"),
    "all-blanks": ("a.b;[C]", "axb;[C]", "A.b;[C]", "a.b;C", "a .b;[C]"),
    "pattern": ("白点", "白点缺陷", "白点bx", "白点BX", "白点d", "有白点"),
    "number": ("42.8", "42.372", "43.228", "43.23", "42.3", "428"),
    "decimal": ("0.8", "0.6", "0.80001", "0.59999", "8e-1"),
    "exact": ("-3", "-3.0", "3", "-3.01"),
}


def answers(item: Item) -> Iterator[str]:
    """Yield labels of answers, from right to wrong."""
    kind, marked = KINDS[item.kind], item.body.marked()
    letters = "".join(letter for letter, _ in kind.options(item))
    if item.kind == "multiple":
        yield from ("".join(some) for n in range(1, len(letters) + 1) for some in combinations(letters, n))
    elif item.kind == "ordering":
        yield from ("".join(one) for one in list(permutations(str(marked["key"])))[::2])
    elif item.kind == "matching":
        yield from (kind.key_label(marked), *kind.slips(marked, letters), letters[0] * len(str(marked["key"])))
    else:
        yield from (kind.key_label(marked), *kind.slips(marked, letters), *WRITTEN.get(item.id, ()))


def response(item: Item, label: str, suffix: str = "") -> dict[str, Any]:
    """Return what a player is given for an answer."""
    name = f"RESPONSE{suffix}"
    if item.kind == "fill" and len(item.body.marked()["key"]) > 1:  # type: ignore[arg-type]
        return {f"{name}_{n}": text for n, text in enumerate(label.split(";"), start=1) if text}
    if item.kind == "matching":
        return {name: [f"P{n} {letter}" for n, letter in enumerate(label, start=1) if letter != "-"]}
    if item.kind in ("multiple", "ordering"):
        return {name: list(label)}
    return {name: label}


def credit(item: Item, label: str) -> float:
    """Return the share of the marks that an answer earns here: what a player must give."""
    return KINDS[item.kind].credit(item.body.marked(), label)


def sittings(item: Item) -> Iterator[tuple[dict[str, Any], float, str]]:
    """Yield what a player is given, the marks that it must give, and the answer in words; nothing at all first."""
    yield {}, 0.0, "nothing"
    parts = KINDS[item.kind].parts(item)
    if not parts:
        for label in answers(item):
            yield response(item, label), credit(item, label) * item.marks, label
        return
    columns = [list(answers(part))[:3] for part in parts]
    for chosen in [tuple(column[0] for column in columns), *zip(*columns, strict=False)]:
        given: dict[str, Any] = {}
        marks = 0.0
        for n, (part, label) in enumerate(zip(parts, chosen, strict=True), start=1):
            given |= response(part, label, f"_P{n}")
            marks += credit(part, label) * part.marks
        yield given, marks, " / ".join(chosen)
