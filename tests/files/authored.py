"""Items files as editors write them, at random: any layout that the reader takes, and the data that they hold."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

WORDS = st.text(alphabet="abzAZ09 炉渣碱度（）。，$\\{}[],:#'\"-&*!|>%@`?\t😀é_", min_size=1, max_size=12)
PLAIN = ("甲", "炉渣碱度 $R$ 是", "no", "12:30", "010", "a b", "x-1", "√", "😀 脱碳", "C:\\x", "a#b", "80", "1.10", "true")
COMMENTS = st.sampled_from(["", "", " # 说明", "  # x: [y"])


def _quoted(value: str, style: str) -> str:
    if style == "'":
        return "'" + value.replace("'", "''") + "'"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


@st.composite
def scalar(draw: st.DrawFn) -> str:
    """A scalar in one line, in any style."""
    style = draw(st.sampled_from(["", "", "'", '"']))
    return draw(st.sampled_from(PLAIN)) if not style else _quoted(draw(WORDS), style)


@st.composite
def value_rows(draw: st.DrawFn, margin: int) -> tuple[str, list[str]]:
    """What follows a key that stands at a column: in its line, and below."""
    shape = draw(st.sampled_from(["scalar", "scalar", "list", "flow", "braces", "map", "block", "fold", "plain", "empty", "deep"]))
    step = draw(st.integers(1, 4))
    pad = " " * (margin + step)
    note = draw(COMMENTS)
    if shape == "scalar":
        return " " + draw(scalar()) + note, []
    if shape == "empty":
        return note, []
    if shape == "flow":
        return " [" + ", ".join(draw(st.lists(st.sampled_from(["a", '"b, c"', "1", "甲", "{k: v}"]), max_size=3))) + "]" + note, []
    if shape == "braces":
        return draw(st.sampled_from([" {}", " {k: v, e: , l: [1]}", " {a: '1',\n" + pad + " b: 2 }"])) + note, []
    if shape == "plain":
        return " 一行\n" + pad + "又一行" + note, []
    if shape in ("block", "fold"):
        head = draw(st.sampled_from(["|", "|-", "|+"] if shape == "block" else [">", ">-"]))
        rows = draw(st.lists(st.sampled_from(["一", "x # not a comment", "", "  deeper", "- a: b"]), min_size=1, max_size=4))
        return f" {head}" + note, [pad + "first", *(pad + row if row else "" for row in rows)]
    if shape == "list":
        pad = " " * (margin + draw(st.integers(0, 3)))
        return note, [f"{pad}- {draw(scalar())}{draw(COMMENTS)}" for _ in range(draw(st.integers(1, 3)))]
    if shape == "deep":
        return note, [f"{pad}- to: draft", f"{pad}  by: li{note}", f"{pad}- {{to: live, by: 李}}"]
    return note, [f"{pad}{letter}: {draw(scalar())}{draw(COMMENTS)}" for letter in "ABC"[: draw(st.integers(1, 3))]]


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A whole items file with odd but lawful layout, and the ids in it."""
    ids = [f"Q-{n}" for n in range(1, draw(st.integers(1, 4)) + 1)]
    outer, inner = draw(st.integers(0, 3)), draw(st.integers(1, 3))
    gap = st.sampled_from([[], [], [""], ["", ""], ["# 批注"], [" " * 9 + "# far in"], ["", "  # - id: Q-1"]])
    rows = draw(st.sampled_from([[], ["# 题库"], ["---"], ["defaults: {status: live, level: 4}"], ["defaults:", "  status: live"]]))
    rows = [*rows, "items:" + draw(COMMENTS), *draw(gap)]
    column = outer + 1 + inner
    for id in ids:
        style = draw(st.sampled_from(["block", "block", "block", "braces", "lonely dash"]))
        if style == "braces":
            rows.append(" " * outer + "-" + " " * inner + f"{{id: {id}, stem: 甲, note: [a, b,], e: }}" + draw(COMMENTS))
        else:
            keys = draw(st.permutations(["id", *draw(st.sets(st.sampled_from(["stem", "status", "key", "options", "tags", "log"])))]))
            lead = " " * outer + "-" + " " * inner
            if style == "lonely dash":
                rows, lead = [*rows, " " * outer + "-" + draw(COMMENTS)], " " * column
            for key in keys:
                inline, below = (f" {id}{draw(COMMENTS)}", []) if key == "id" else draw(value_rows(column))
                rows += [f"{lead}{key}:{inline}", *below]
                rows += draw(gap) if draw(st.booleans()) and not below else []
                lead = " " * column
        rows += draw(gap)
    rows += draw(st.sampled_from([[], ["# 完"], ["", "# 完", ""]]))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "mixed"]))
    text = "".join(row + ("\r\n" if n % 3 else "\n") for n, row in enumerate(rows)) if end == "mixed" else end.join([*rows, ""])
    if end == "\r\n":
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    if draw(st.booleans()) and not text.endswith("\n\n"):
        text = text.removesuffix("\n").removesuffix("\r")
    return draw(st.sampled_from(["", "", "\ufeff"])) + text, ids


VALUES: st.SearchStrategy[Any] = st.one_of(
    WORDS, st.sampled_from(["", " ", "两\n行", "a\n\nb\n", "  x\ny", "null", "~", "-", "0", "1e5", "0.5", "---", "\u2028", "\x7f"]),
    st.booleans(), st.integers(-5, 500), st.sampled_from([0.5, 42.8, -3.25]),
    st.lists(WORDS, max_size=3), st.dictionaries(WORDS, WORDS, max_size=3),
    st.lists(st.fixed_dictionaries({"points": st.sampled_from([0.5, 2]), "text": WORDS}), min_size=1, max_size=3),
    st.just({"value": 42.8, "tolerance": "1%", "deep": {"list": [{"a": "b"}, []]}}), st.just("长" * 200),
)  # fmt: skip
