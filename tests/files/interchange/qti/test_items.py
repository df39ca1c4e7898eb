"""Any item becomes a valid file with its key in it, whatever its texts are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from qbank.core.item import Item
from qbank.files.interchange.qti import QTI_VERSIONS, About, Asked, Passage, Version, write_items
from qbank.files.interchange.qti.patterns import accepted_pattern, takes
from qbank.files.interchange.qti.tree import clean
from qbank.kinds import KINDS
from qbank.problem import Problem, Span
from qbank.workflow.qti import converter
from tests.files.interchange.qti.making import HEAD, OCCUPATION, asked, item_files, package
from tests.files.interchange.qti.schemas import SCHEMAS, faults, files_of, package_faults, with_schemas
from tests.files.interchange.strategies import AWKWARD, BODIES, item_text, items

ABOUT = About("made-up", "试题", "zh", OCCUPATION)
ODD_IDS = ("4-04-05", "0", "a.b_c-9", "XML-1", "A" * 64)


def shown_plainly(
    passages: Sequence[Passage], media: Mapping[str, bytes]
) -> tuple[list[str], list[Problem], list[bool]]:
    """A converter that is quick: the text itself, in a paragraph where it may have several."""
    bodies = [escape(one.text) if one.inline else f"<p>{escape(one.text)}</p>" for one in passages]
    return bodies, [], [False] * len(passages)


def values(root: Any, name: str, tag: str = "value") -> list[str]:
    """Return the values of the declaration of a response in either version."""
    for declared in (*root.iter("{*}qti-response-declaration"), *root.iter("{*}responseDeclaration")):
        if declared.get("identifier") == name:
            correct = declared.find("{*}qti-correct-response")
            correct = declared.find("{*}correctResponse") if correct is None else correct
            return [] if correct is None else ["".join(one.itertext()) for one in correct]
    raise AssertionError(name)


def key_in(root: Any, item: Item, suffix: str = "") -> str:
    """Return the label of the right answer as a file has it."""
    name = f"RESPONSE{suffix}"
    if item.kind == "fill":
        n = len(item.body.marked()["key"])  # type: ignore[arg-type]
        return ";".join(values(root, f"{name}_{k}" if n > 1 else name)[0] for k in range(1, n + 1))
    found = values(root, name)
    if item.kind == "matching":
        return "".join(pair.split()[1] for pair in sorted(found, key=lambda pair: int(pair.split()[0][1:])))
    return "".join(found)


@pytest.mark.parametrize("kind", sorted(BODIES))
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_item_is_valid_and_its_key_comes_back(kind: str, data: st.DataObject) -> None:
    entries = data.draw(items(kind)) | {"id": data.draw(st.sampled_from(ODD_IDS))}
    text = item_text(entries)
    assume(text is not None)
    assert text is not None
    version: Version = data.draw(st.sampled_from(QTI_VERSIONS))
    question = Asked(text.item, text.item.marks, "zh", entries=entries, points=("A 基础", "A-001 安全"))
    written, _, n_items = write_items([question], ABOUT, version, shown_plainly)
    assert n_items == 1
    if SCHEMAS.is_dir():
        assert package_faults(written, version) == []
    found = files_of(written)
    (name,) = [name for name in found if name.startswith("items/")]
    root = etree.fromstring(found[name])
    assert root.get("identifier") in (text.item.id, f"_{text.item.id}")
    kind_of = KINDS[kind]
    questions = kind_of.parts(text.item) or (text.item,)
    for number, one in enumerate(questions, start=1):
        if not KINDS[one.kind].rated:
            label = KINDS[one.kind].key_label(one.body.marked())
            came = key_in(root, one, f"_P{number}" if len(questions) > 1 else "")
            same = float(came) == float(label) if one.kind == "numeric" else " ".join(came.split()) == " ".join(clean(label).split())
            assert same, (came, label)
    assert "".join(clean(text.item.stem).split()) in "".join("".join(root.itertext()).split()) or "___" in text.item.stem


HOSTILE = (
    "]]>", "<b>&amp;</b>", "& < > \" '", "😀🏭 émoji", "{{ 1 + 1 }}", "<!-- x -->", "<?xml version='1.0'?>", "<!DOCTYPE a [<!ENTITY b 'c'>]>&b;",
    "<script>alert(1)</script>", "[链接](javascript:alert(1))", "炉渣碱度" * 1250, "\u200b\u202e\u2028", "\\begin{a}", "`]]>`",
    "1. 一\n2. 二", "3. 三\n4. 四", "- 一\n  - 二", "> 引\n>\n> 文", "| 甲 | 乙 |\n|--:|:-:|\n| 1 | ]]> |", "```\n<a>\n```", "a\\\nb", "# 题", "***", "\tx",
    "$x<y \\& z$", "$$\\sum_{i=1}^{n}x_i$$", "\\ce{2H2 + O2 -> 2H2O}", "$\\text{中文}]]>$", *AWKWARD.elements,
)  # fmt: skip


@with_schemas
@pytest.mark.parametrize("version", QTI_VERSIONS)
def test_hostile_texts_stand_everywhere_as_what_they_are(version: Version) -> None:
    """In stem, option, key, rationale, rubric, prompt, stimulus: one package, one run of the converter."""
    questions = []
    for n, text in enumerate(HOSTILE):
        if not text.strip() or "$$y$$" in text or text == r"\\":
            continue
        lettered = {"A": f"{text} ", "B": "乙", "C": f"丙 {text}"}
        for kind, body in (
            ("single", {"options": lettered, "key": "B", "misconception": {"A": text}}),
            ("short", {"key": text, "rubric": [{"points": 2, "text": text}]}),
            ("matching", {"prompts": [text, "二二"], "options": lettered, "key": ["A", "B"]}),
        ):
            entries = {**HEAD, "id": f"{kind}-{n}", "kind": kind, "stem": text, "rationale": text, "tags": ["x"], **body}
            if item_text(entries) is not None:
                questions.append(asked(entries))
    assert len(questions) > 100
    data, problems = package(questions, version)
    assert package_faults(data, version) == []
    found = {name.removeprefix("items/").removesuffix(".xml") for name in files_of(data) if name.startswith("items/")}
    refused = {one.item.id for one in questions} - found
    told = {problem.code for problem in problems if problem.severity == "error"}
    assert len(refused) < len(questions) / 4 and told == ({"F109"} if refused else set())
    # the manifest keeps texts as their editors wrote them, as the words of a keyword that nobody shows
    text = b"".join(content for name, content in files_of(data).items() if name != "imsmanifest.xml")
    assert b"<script" not in text and b"javascript:" not in text.replace(b"alert(1)", b"") and b"<!DOCTYPE" not in text


def test_control_characters_go_and_are_told() -> None:
    made = asked({"id": "Q-1", "kind": "true_false", "key": True})
    import dataclasses

    odd = dataclasses.replace(made, item=dataclasses.replace(made.item, stem="碱\x00度\x0b\ufffe"))
    data, problems = package([odd], "qti3")
    assert [problem.code for problem in problems] == ["X402"]
    assert "碱度".encode() in files_of(data)["items/Q-1.xml"]


def test_a_list_that_begins_later_keeps_its_numbers() -> None:
    found = item_files([asked({"id": "Q-1", "kind": "true_false", "key": True, "stem": "3. 三\n4. 四"})])["Q-1"]
    assert "<p>3. 三</p>" in found and "<p>4. 四</p>" in found


@pytest.mark.parametrize(
    ("stem", "shown"),
    [
        ("造渣用 ____ 。", ["造渣用 ", "RESPONSE", " 。"]),
        ("**____** 与 `b`", ["RESPONSE", "与"]),
        ("| 甲 | ____ |\n|---|---|\n| 1 | 2 |", ["甲", "RESPONSE", "1"]),
        ("没有空", ["没有空", "RESPONSE"]),
    ],
)
def test_an_entry_stands_where_the_blank_stood(stem: str, shown: list[str]) -> None:
    found = item_files([asked({"id": "Q-1", "kind": "numeric", "key": {"value": 1}, "stem": stem})])["Q-1"]
    body = found[found.index("<qti-item-body") : found.index("</qti-item-body")]
    places = [body.index(word) for word in shown]
    assert places == sorted(places) and "___" not in body


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_pattern_takes_what_the_kind_takes(data: st.DataObject) -> None:
    """Of the accepted text itself, with capitals, full-width forms, blanks and a stop put in, and of other texts."""
    fold = {name: data.draw(st.booleans()) for name in ("case", "width", "space")}
    letters = st.text(alphabet=st.sampled_from("CaO2铁℃.+[(-^$&/ ₂Ⅳ"), min_size=1, max_size=5).filter(lambda text: bool(text.strip(" $^")))
    text = data.draw(letters)
    written = data.draw(st.sampled_from([text, text.upper(), text.lower(), "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
                                         " ".join(text), text + "。", f" {text} ", text + text, "x" + text]) | letters)  # fmt: skip
    marked = {"key": ({"accept": (text,), "pattern": ""},), "fold": fold, "any_order": False, "credit": "each"}
    assert takes(accepted_pattern(text, fold), written) == bool(KINDS["fill"].credit(marked, written)), (text, written, fold)


def test_what_a_player_cannot_do_is_told_item_by_item() -> None:
    questions = [
        asked({"id": "unit", "kind": "numeric", "key": {"value": 1, "unit": "kg"}}),
        asked({"id": "overlap", "kind": "fill", "stem": "____ ____", "key": ["氧", ["氧", "碳"]], "any_order": True}),
        asked({"id": "apart", "kind": "fill", "stem": "____ ____", "key": ["氧", "碳"], "any_order": True}),
        asked({"id": "pattern", "kind": "fill", "stem": "____", "key": [{"accept": ["a"], "pattern": "a+"}]}),
        asked({"id": "beyond", "kind": "fill", "stem": "____", "key": [{"accept": ["a"], "pattern": r"\ba"}]}),
        asked({"id": "hand", "kind": "short", "key": "x", "rubric": [{"points": 2, "text": "y"}]}),
    ]
    _, problems = package(questions, "qti3")
    told = sorted((dict(problem.facts)["id"], problem.code) for problem in problems)
    assert told == [("beyond", "X406"), ("hand", "X407"), ("overlap", "X404"), ("pattern", "X405"), ("unit", "X403")]
    assert {problem.severity for problem in problems} == {"note"}


def test_an_item_with_a_formula_that_does_not_parse_is_left_out_with_its_place() -> None:
    questions = [asked({"id": id, "kind": "true_false", "key": True, "stem": stem}) for id, stem in (("good", "好"), ("bad", r"解 $\frac{1$"))]
    data, problems, n_items = write_items(questions, ABOUT, "qti3", converter("zh", lambda id, *_: Span(id)))
    assert n_items == 1 and "items/bad.xml" not in files_of(data)
    assert [problem.code for problem in problems] == ["F109"]
    assert "bad" in dict(problems[0].facts)["detail"]
    assert faults("items/good.xml", files_of(data)["items/good.xml"], "qti3") == [] if SCHEMAS.is_dir() else True
