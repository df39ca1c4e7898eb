"""Export → import of QTI is the identity: fingerprint and head of every kind, over texts that are hard to carry.

The real converter makes HTML and MathML of every text; each example is one package with an item of every kind.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qbank.core.item import fingerprint, normalise
from qbank.files.interchange import parse_any
from qbank.files.interchange.qti import QTI_VERSIONS, Asked, Version
from qbank.files.interchange.qti.tree import clean
from tests.files.interchange.qti.making import asked, package
from tests.files.interchange.qti.schemas import files_of
from tests.files.interchange.qti.test_reading import packed
from tests.files.interchange.strategies import BODIES, again, item_text, items
from tests.files.interchange.test_round_trips import head_of

PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'
HARD = (
    "| 元素 | w/% |\n|:--|--:|\n| C | 0.12 |\n| `]]>` | $x<y$ |", r"$\ce{FeO + C -> Fe + CO ^}$", r"$\ce{SO4^2-}$ 与 $\frac{1}{2}$", "![示意图](media/a.svg)",
    "]]>", "&lt;b&gt; &amp;amp; &#65; &nbsp;", "مرحبا 123 (שלום)", "e\u0301 が a\u0308\u0323", "\u200f右\u200e", "A", "B.", "C、", "D)", "true", "A|C", "T", "FALSE", "1-B 2-A",
    "炉渣碱度" * 800, "- 一\n- 二\n  1. 甲\n  2. 乙", "> 引\n\n文", "```\na <b> ]]>\n  c\n```", "**粗*斜*粗**", "~~删~~", "H~2~O x^2^", "a\\\nb", "<u>下</u>", "$$\\int_0^1 x\\,dx$$",
    "《》「」“”——……", "\u3000首行", "x\u00a0y", "`$x$`", r"5\$ 与 6\$", "*", "_a_b_", "[^1]", "# 题", "1. 一", "---", "<!-- x -->", "&", "'\"",
)  # fmt: skip
TEXTS = ("stem", "rationale", "reference", "correction")


@st.composite
def hard_items(draw: st.DrawFn, kind: str, number: int) -> dict[str, Any]:
    """Return the keys of an item of a kind some of whose texts are replaced by hard ones, or have one before or behind."""
    entries = draw(items(kind)) | {"id": f"X-{number}"}

    def hard(text: str) -> str:
        how = draw(st.integers(0, 5))
        if how > 3:
            return text
        one = draw(st.sampled_from(HARD))
        return (one, f"{one}\n\n{text}", f"{text} {one}", f"{text}\n\n{one}")[how]

    for key in TEXTS:
        if key in entries and not (kind == "fill" and key == "stem"):
            entries[key] = hard(entries[key])
    if isinstance(entries.get("options"), dict):
        entries["options"] = {letter: hard(text) for letter, text in entries["options"].items()}
    if "prompts" in entries:
        entries["prompts"] = [hard(text) for text in entries["prompts"]]
    if kind in ("short", "essay"):
        entries["key"] = hard(entries["key"])
        entries["rubric"] = [{**point, "text": hard(point["text"])} for point in entries["rubric"]]
    if kind == "case":
        entries["parts"] = [{**part, "stem": hard(part["stem"])} for part in entries["parts"]]
    return entries


@pytest.mark.parametrize("version", QTI_VERSIONS)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_exported_comes_back_as_it_was(version: Version, data: st.DataObject) -> None:
    questions, wanted = [], {}
    for number, kind in enumerate(sorted(BODIES)):
        entries = data.draw(hard_items(kind, number))
        text = item_text(entries)
        if text is None:
            continue
        media = {"media/a.svg": PICTURE} if "media/a.svg" in str(entries) else {}
        questions.append(Asked(text.item, text.item.marks, "zh", entries=entries, points=("A 基础知识", "A-001 安全"), media=media))
        wanted[text.item.id] = text.item
    written, told = package(questions, version)
    refused = {problem.span.path for problem in told if problem.severity == "error"}
    assert {problem.code for problem in told if problem.severity == "error"} <= {"F109"}
    drafts, problems = parse_any(written, "a.zip")
    assert [problem for problem in problems if problem.severity == "error"] == []
    found = {draft.id: draft for draft in drafts}
    assert found
    assert {*found} == {id for id in wanted if id not in refused}
    for id, draft in found.items():
        back = again(draft)
        assert back is not None, draft
        assert fingerprint(back.item) == fingerprint(wanted[id]), (wanted[id], back.item)
        assert head_of(back.item) == head_of(wanted[id])


KEYED = ("single", "multiple", "true_false", "fill", "numeric", "matching", "ordering")


@pytest.mark.parametrize("version", QTI_VERSIONS)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_kind_key_and_options_are_read_from_the_files_alone(version: Version, data: st.DataObject) -> None:
    """Without the manifest, in which what QTI cannot say is written down as it was."""
    questions, wanted = [], {}
    for number, kind in enumerate(KEYED):
        entries = data.draw(hard_items(kind, number))
        if (text := item_text(entries)) is not None:
            media = {"media/a.svg": PICTURE} if "media/a.svg" in str(entries) else {}
            questions.append(Asked(text.item, text.item.marks, "zh", entries=entries, media=media))
            wanted[text.item.id] = (text.item, entries)
    written, told = package(questions, version)
    refused = {problem.span.path for problem in told if problem.severity == "error"}
    files = {name: data for name, data in files_of(written).items() if name != "imsmanifest.xml"}
    drafts, problems = parse_any(packed(files), "a.zip")
    assert [problem for problem in problems if problem.severity == "error"] == []
    assert {draft.id for draft in drafts} == {id for id in wanted if id not in refused}, (told, problems)
    for draft in drafts:
        item, entries = wanted[draft.id]
        assert draft.kind == item.kind, (entries, draft)
        if item.kind == "numeric":
            assert draft.entries["key"]["value"] == pytest.approx(entries["key"]["value"])
        elif item.kind == "fill":
            assert [said(one) for one in draft.entries["key"]] == [said(one) for one in entries["key"]]
        else:
            assert draft.entries["key"] == entries["key"], (entries, draft)
            assert [*draft.entries.get("options", {})] == [*entries.get("options", {})]
        for name in ("options", "prompts"):
            assert all(str(text).strip() for text in draft.entries.get(name, ()))


def said(entry: Any) -> set[str]:
    """Return what a blank takes, but for its blanks and for what XML cannot hold."""
    texts = entry["accept"] if isinstance(entry, dict) else [entry] if isinstance(entry, str) else entry
    return {normalise(clean(text)) for text in texts}


def test_each_item_that_a_broken_text_keeps_back_is_named_also_where_they_share_it() -> None:
    broken = {"kind": "true_false", "key": True, "stem": r"解 $\frac{1$"}
    questions = [asked({"id": f"X-{n}", **broken}) for n in range(3)] + [asked({"id": "X-9", "kind": "true_false", "key": True})]
    data, told = package(questions, "qti3")
    assert sorted(problem.span.path for problem in told if problem.code == "F109") == ["X-0", "X-1", "X-2"]
    assert [draft.id for draft in parse_any(data, "a.zip")[0]] == ["X-9"]
