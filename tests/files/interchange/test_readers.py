"""Files as other programs write them: what becomes of each question, and where what cannot be read stands."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from qbank.files.interchange import detect_format, parse_any, parse_bytes
from qbank.files.interchange.draft import Draft
from qbank.problem import Problem

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

GIFT = r"""
// question: 12  name: Switch category to $course$/top/造渣
$CATEGORY: $course$/top/冶炼操作/造渣制度

// question: 13  name: 碱度 [id:A\]7] [tag:安全]
::碱度::[html]<p>炉渣碱度 \\(R\\) 指 CO<sub>2</sub> 与？</p>{
	=w(CaO)/w(SiO\=2)#对
	~w(MgO)#看反了
	~%-50%\{都不是\}
####[html]<p>见 <b>教材</b>&nbsp;第 3 章</p>}

::是非::石灰石可以替代石灰。{F#只能部分替代#对}

::几个::下列属于造渣料的有{~%50%石灰 ~%50%白云石 ~%-100%废钢}

::短::造渣剂主要是 {=石灰 =CaO =生石灰*} 吗？

::数::出钢温度{#1650:5}

::配::连一连{=硅 -> Si =锰 -> Mn = -> Fe}

::论::谈谈脱磷。{}

坏了 {=a {~b} }

没有答案
"""


def read(format: str, text: str | bytes, name: str = "") -> tuple[list[Draft], list[Problem]]:
    data = text if isinstance(text, bytes) else text.encode()
    return parse_bytes(format, data, name or f"in.{format}")


def told(problems: list[Problem]) -> list[tuple[int, str, str]]:
    return [(p.span.line, p.code, dict(p.facts).get("reason", "")) for p in problems]


def test_gift_as_moodle_writes_it() -> None:
    drafts, problems = read("gift", GIFT)
    assert [draft.kind for draft in drafts] == ["single", "true_false", "multiple", "fill", "numeric", "matching"]
    single, truth, multiple, fill, numeric, matching = (draft.entries for draft in drafts)
    assert single["stem"] == "炉渣碱度 $R$ 指 CO$_{2}$ 与？"
    assert single["options"] == {"A": "w(CaO)/w(SiO=2)", "B": "w(MgO)", "C": "{都不是}"}
    assert (single["key"], single["misconception"], single["rationale"]) == ("A", {"B": "看反了"}, "见 **教材** 第 3 章")
    assert single["tags"] == ["安全"] and drafts[0].source_id == "A]7"
    assert drafts[0].points == ("冶炼操作", "造渣制度")
    assert (truth["key"], truth["correction"]) == (False, "只能部分替代")
    assert (multiple["key"], multiple["credit"]) == (["A", "B"], "share")
    assert fill == {"stem": "造渣剂主要是 ____ 吗？", "key": [{"accept": ["石灰", "CaO", "生石灰"], "pattern": "生石灰.*"}]}
    assert numeric["key"] == {"value": 1650, "tolerance": 5}
    assert matching["prompts"] == ["硅", "锰"] and matching["options"] == {"A": "Si", "B": "Mn", "C": "Fe"}
    assert drafts[1].source_id == "in:是非"
    assert told(problems) == [(22, "I140", "essay"), (24, "I140", "nested"), (26, "I140", "no_answer")]


def test_brackets_that_begin_a_gift_stem_of_a_known_format_are_its_words() -> None:
    drafts, _ = read("gift", "::a::[markdown][html]是标签。{T}")
    assert drafts[0].entries["stem"] == "[html]是标签。"


def test_gift_ranges_and_percentages() -> None:
    drafts, _ = read("gift", "范围{#1640..1660}\n\n部分{#=3:0.1 =%50%3:1}")
    assert drafts[0].entries["key"] == {"value": 1650, "tolerance": 10}
    assert len(drafts) == 1


AIKEN = "转炉的热量来自？\nA. 铁水\nB) 电弧\nANSWER: A\n\n没有答案行\nA. 一\nB. 二\n\n只有一项？\nA. 一\nANSWER: A\n"


def test_aiken() -> None:
    drafts, problems = read("aiken", AIKEN)
    assert drafts[0].entries == {"stem": "转炉的热量来自？", "options": {"A": "铁水", "B": "电弧"}, "key": "A"}
    assert drafts[0].place("options", "B").line == 3
    assert told(problems) == [(10, "I140", "after_options"), (12, "I140", "no_options")]


LEGACY = """行业:武钢冶金 工种:轧钢加热工 鉴定级别:中级 题型:问答 鉴定标准: 题分:5分 重要说明:
1.题目:什么叫加热速度？
答案:单位时间内钢坯表面温度升高的度数。
##结束符
题型:判断 题分:1分
2.题目：加热炉炉压越高越好。 答案：×
##结束符
题型:单选
3.题目:炉温最高的一段是 A.预热段 B.加热段 C.均热段
答案:B
解析:加热段供热最多。
##结束符
4.题目:没有答案的题
##结束符
题型:猜谜
5.题目:谜 答案:底
##结束符
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_legacy_text_format_in_every_usual_encoding(encoding: str) -> None:
    drafts, problems = parse_any(LEGACY.encode(encoding), "库.txt", format="legacy")
    assert [draft.kind for draft in drafts] == ["short", "true_false", "single"]
    assert [draft.level for draft in drafts] == [4, 4, 4]
    assert drafts[0].entries["rubric"] == [{"points": 5, "text": "单位时间内钢坯表面温度升高的度数。"}]
    assert drafts[1].entries == {"stem": "加热炉炉压越高越好。", "key": False, "marks": 1}
    assert drafts[2].entries["options"] == {"A": "预热段", "B": "加热段", "C": "均热段"}
    assert (drafts[2].entries["key"], drafts[2].entries["rationale"]) == ("B", "加热段供热最多。")
    errors = [problem for problem in problems if problem.severity == "error"]
    assert told(errors) == [(13, "I140", "no_key"), (15, "I116", ""), (16, "I116", "")]


MOODLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<!-- question: 0  -->
  <question type="category"><category><text>$course$/top/造渣</text></category></question>
<!-- question: 31  -->
  <question type="multichoice">
    <name><text>看图</text></name>
    <questiontext format="html"><text><![CDATA[<p>看图 <img src="@@PLUGINFILE@@/%E5%9B%BE%201.png" alt="炉" width="3">，<i>取</i> \\(x^2\\)</p>]]></text>
<file name="图 1.png" path="/" encoding="base64">{base64.b64encode(PNG).decode()}</file></questiontext>
    <generalfeedback format="html"><text></text></generalfeedback>
    <defaultgrade>2.0000000</defaultgrade><idnumber>zz-1</idnumber>
    <single>true</single><shuffleanswers>false</shuffleanswers>
    <answer fraction="0" format="html"><text>a &lt; b</text><feedback format="html"><text>没看清</text></feedback></answer>
    <answer fraction="100" format="html"><text><![CDATA[<p>5 &lt; 6<br></p>]]></text><feedback format="html"><text></text></feedback></answer>
  </question>
  <question type="numerical"><name><text>数</text></name><questiontext format="markdown"><text>$x$?</text></questiontext>
    <answer fraction="100"><text>1.88</text><tolerance>0.01</tolerance></answer>
    <units><unit><multiplier>1</multiplier><unit_name>t</unit_name></unit><unit><multiplier>1000</multiplier><unit_name>kg</unit_name></unit></units></question>
  <question type="cloze"><name><text>c</text></name><questiontext format="html"><text>{{1:SA:=x}}</text></questiontext></question>
  <question type="essay"><name><text>e</text></name><questiontext format="html"><text>谈</text></questiontext><defaultgrade>10</defaultgrade>
    <graderinfo format="html"><text>&lt;p&gt;要点&lt;/p&gt;</text></graderinfo></question>
  <question type="ordering"><name><text>o</text></name><questiontext format="html"><text>排</text></questiontext>
    <answer fraction="1"><text>先</text></answer><answer fraction="2"><text>后</text></answer></question>
  <question type="multichoice"><name><text>p</text></name><questiontext format="html"><text>&lt;img src="http://x/y.png"&gt;</text></questiontext>
    <answer fraction="100"><text>a</text></answer><answer fraction="0"><text>b</text></answer></question>
</quiz>
"""


def test_moodle_xml_as_moodle_writes_it() -> None:
    drafts, problems = read("moodle", MOODLE)
    assert [draft.kind for draft in drafts] == ["single", "numeric", "essay", "ordering"]
    single = drafts[0]
    (path, data), = single.media.items()
    assert (data, path.startswith("media/图-1-"), path.endswith(".png")) == (PNG, True, True)
    assert single.entries["stem"] == f"看图 ![炉]({path})，*取* $x^2$"
    assert single.entries["options"] == {"A": "a < b", "B": "5 < 6"}
    assert (single.entries["misconception"], single.entries["shuffle"], single.source_id) == ({"A": "没看清"}, False, "zz-1")
    assert drafts[1].entries == {"stem": "$x$?", "key": {"value": 1.88, "tolerance": 0.01, "unit": "t"}}
    assert drafts[2].entries["rubric"] == [{"points": 10, "text": "要点"}]
    assert drafts[3].entries["key"] == ["A", "B"]
    assert told(problems) == [(19, "I146", ""), (24, "I142", "")]


def book(rows: list[list[Any]], *, formula: bool = False, top: int = 0, left: int = 0) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Sheet1")
        for n, row in enumerate(rows):
            sheet.write_row(top + n, left, row)
        if formula:
            sheet.write_formula(top + len(rows) - 1, left + 1, '=WEBSERVICE("http://x")', None, "对")
    return buffer.getvalue()


def test_a_workbook_is_read_as_text_with_its_own_row_and_column_numbers() -> None:
    rows: list[list[Any]] = [["题库交付表"], ["题干", "答案", "题型", "选项A", "选项B", "分数"],
                             ["水在几度沸腾（　　）。", "A", 20, 100, 1.10, 2.0], ["坏", "Z", "谜", "", "", "x"]]  # fmt: skip
    drafts, problems = read("xlsx", book(rows, top=3, left=2))
    assert drafts[0].entries["options"] == {"A": "100", "B": "1.1"}
    assert drafts[0].entries["marks"] == 2 and drafts[0].kind == "single"
    assert (drafts[0].place("key").line, drafts[0].place("key").column) == (6, 4)
    assert [(p.code, p.span.line, p.span.column) for p in problems] == [("I116", 7, 5)]


def test_formulas_of_a_workbook_are_never_taken_for_answers() -> None:
    rows: list[list[Any]] = [["题干", "答案", "题型"], ["水往低处流。", "对", "判断"]]
    drafts, problems = read("xlsx", book([*rows, ["另一题。", "错", "判断"], ["再一题。", "", "判断"]], formula=True))
    assert [draft.entries["stem"] for draft in drafts] == ["水往低处流。", "另一题。"]
    assert [(p.code, p.severity, p.span.line, p.span.column, dict(p.facts)["cell"]) for p in problems] == [("I118", "error", 4, 2, "B4")]


def test_a_formula_in_a_column_that_is_not_read_does_no_harm() -> None:
    rows: list[list[Any]] = [["题干", "录入时间", "答案", "题型"], ["水往低处流。", "", "对", "判断"]]
    drafts, problems = read("xlsx", book(rows, formula=True))
    assert len(drafts) == 1 and [p.code for p in problems] == ["I114"]


def test_a_number_that_shows_as_percentage_or_date_is_no_text() -> None:
    import datetime

    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        percent, date, plain = (workbook.add_format({"num_format": code}) for code in ("0%", "m\\-d", "0.00"))
        sheet.write_row(0, 0, ["题干", "答案", "题型", "选项A", "选项B", "分数"])
        for n in (1, 2):
            sheet.write_row(n, 0, [f"第 {n} 题（　　）。", "A", "单选", "甲", "乙"])
            sheet.write_number(n, 5, 0.5, percent)
        sheet.write_number(1, 3, 0.5, percent)
        sheet.write_datetime(1, 4, datetime.datetime(2026, 3, 5), date)
        sheet.write_number(2, 3, 0.5, plain)
    drafts, problems = read("xlsx", buffer.getvalue())
    assert [draft.entries["options"]["A"] for draft in drafts] == ["0.5"] and drafts[0].entries["marks"] == 0.5
    assert [(p.code, p.span.line, p.span.column, dict(p.facts)["cell"]) for p in problems] == [("I155", 2, 4, "D2"), ("I155", 2, 5, "E2")]


def rewritten(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Return a workbook with the parts of its archive changed: name, bytes → bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
    return buffer.getvalue()


def test_formulas_are_found_however_the_file_is_written() -> None:
    rows: list[list[Any]] = [["题干", "答案", "题型"], ["水往低处流。", "对", "判断"]]
    data = book(rows, formula=True)
    single = rewritten(data, lambda name, part: part.replace(b'r="B2"', b"r='B2'") if "sheet1" in name else part)
    placeless = rewritten(data, lambda name, part: re.sub(rb' r="[A-Z]\d"', b"", part) if "sheet1" in name else part)
    for source, cell in ((single, "B2"), (placeless, "?")):
        drafts, problems = read("xlsx", source)
        assert drafts == [] and [dict(p.facts).get("cell") for p in problems if p.code == "I118"] == [cell]


def test_sheets_are_told_by_the_workbook_and_not_by_the_numbers_of_their_files() -> None:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        for title, kind in (("一 & 二", "谜"), ("说明", "")):
            sheet = workbook.add_worksheet(title)
            if kind:
                sheet.write_row(4, 2, ["题干", "答案", "题型"])
                sheet.write_row(5, 2, ["水往低处流。", "对", kind])
    other = {"xl/worksheets/sheet1.xml": "xl/worksheets/sheet2.xml", "xl/worksheets/sheet2.xml": "xl/worksheets/sheet1.xml"}
    with zipfile.ZipFile(buffer) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    swapped = rewritten(buffer.getvalue(), lambda name, part: parts[other.get(name, name)])
    swapped = rewritten(swapped, lambda name, part: part if "workbook.xml.rels" not in name else
                        part.replace(b"sheet1", b"sheetX").replace(b"sheet2", b"sheet1").replace(b"sheetX", b"sheet2"))  # fmt: skip
    for data in (buffer.getvalue(), swapped):
        assert [(p.code, p.span.line, p.span.column) for p in read("xlsx", data)[1]] == [("I116", 6, 5)]


def test_the_second_row_of_an_id_is_refused_even_where_the_first_cannot_be_read() -> None:
    drafts, problems = read("csv", "试题GUID,题型,题干,答案\nG-1,判断,石灰。,谜\nG-2,判断,水。,对\nG-1,判断,铁。,对\n")
    assert [draft.source_id for draft in drafts] == ["G-2"]
    assert [(p.code, p.span.line, p.span.column) for p in problems] == [("I113", 2, 4), ("I127", 4, 1)]


@pytest.mark.parametrize(
    ("answer", "kind", "key"),
    [
        ("A", "单选", "A"), ("Ａ", "20", "A"), ("ABC", "多选", ["A", "B", "C"]), ("A|C", "多选", ["A", "C"]), ("A、C", "30", ["A", "C"]),
        ("（A）", "单选", "A"), ("[AC]", "30", ["A", "C"]),
        ("对", "判断", True), ("错误", "判断", False), ("√", "10", True), ("×", "判断题", False), ("正确", "判断", True),
        ("高；低", "填空", ["高", "低"]), ("高|低", "40", ["高", "低"]), ("1880", "计算", {"value": 1880}), ("42.8±0.5 kg/t", "70", {"value": 42.8, "tolerance": 0.5, "unit": "kg/t"}),
    ],
)  # fmt: skip
def test_answers_in_all_usual_spellings(answer: str, kind: str, key: object) -> None:
    drafts, problems = read("csv", f"题型,题干,答案,选项A,选项B,选项C\n{kind},题 ____ 与 ____,{answer},甲,乙,丙\n")
    assert problems == [] and drafts[0].entries["key"] == key


@pytest.mark.parametrize(
    ("name", "data", "format"),
    [
        ("a.csv", b"x", "csv"), ("a.TSV", b"x", "csv"), ("a.txt", LEGACY.encode("gb18030"), "legacy"), ("a.txt", AIKEN.encode(), "aiken"),
        ("a.txt", GIFT.encode(), "gift"), ("a.xml", MOODLE.encode(), "moodle"), ("a.txt", MOODLE.encode(), "moodle"), ("a.dat", b"?", ""),
    ],
)  # fmt: skip
def test_a_format_is_told_by_its_content_and_then_by_the_name(name: str, data: bytes, format: str) -> None:
    assert detect_format(data, name) == format


def test_an_encoding_that_is_not_utf_8_is_named() -> None:
    _, problems = read("csv", "题型,题干,答案\n判断,石灰。,对\n".encode("gb18030"))
    assert [(p.code, p.severity, dict(p.facts)["encoding"]) for p in problems] == [("I105", "note", "gb18030")]


def test_a_row_that_would_be_a_case_is_told_what_it_lacks() -> None:
    _, problems = read("csv", "题型,题干,答案\n案例分析,材料。,略\n")
    assert [(p.code, p.span.line, p.span.column) for p in problems] == [("I138", 2, 1)]


def test_an_old_or_locked_workbook_is_called_by_its_name() -> None:
    assert [problem.code for problem in parse_any(bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600, "题库.xls")[1]] == ["I149"]


@pytest.mark.parametrize(
    ("weights", "credit", "alike"),
    [
        ("33.33333 33.33333 33.33333 -33.33333", "balance", True),
        ("50 50 -100 -100", "share", True),
        ("33.33333 33.33333 33.33333 -100", "share", True),
        ("50 50 0", "share", False),
        ("50 25 25 -50", "balance", False),
        ("50 50 -25", "balance", False),
    ],
)
def test_weights_of_several_keys_become_a_rule_of_marking_and_what_is_not_alike_is_told(
    weights: str, credit: str, alike: bool
) -> None:
    shares = weights.split()
    gift = "多个 {" + " ".join(f"~%{share}%选项{n}" for n, share in enumerate(shares)) + "}"
    moodle = (
        '<quiz><question type="multichoice"><questiontext><text>多个</text></questiontext><single>false</single>'
        + "".join(f'<answer fraction="{share}"><text>选项{n}</text></answer>' for n, share in enumerate(shares))
        + "</question></quiz>"
    )
    for format, text in (("gift", gift), ("moodle", moodle)):
        drafts, problems = read(format, text)
        assert (drafts[0].kind, drafts[0].entries["credit"]) == ("multiple", credit)
        assert [problem.code for problem in problems] == ([] if alike else ["I154"])


def test_hints_of_moodle_are_told_to_be_lost() -> None:
    text = """<quiz><question type="truefalse"><questiontext><text>题</text></questiontext>
        <answer fraction="100"><text>true</text></answer><hint><text>想想</text></hint></question></quiz>"""
    drafts, problems = read("moodle", text)
    assert len(drafts) == 1 and [(p.code, dict(p.facts)["tags"]) for p in problems] == [("I147", "hint")]


def test_gift_refuses_one_answer_of_which_another_earns_a_part() -> None:
    for answers in ("=%100%甲 ~%50%乙 ~丙", "=甲 ~%50%乙 ~丙", "~%50%甲 ~乙"):
        drafts, problems = read("gift", f"题 {{{answers}}}")
        assert drafts == [] and told(problems) == [(1, "I140", "partial")]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_aiken_with_formulae_is_still_aiken(encoding: str) -> None:
    text = "碱度 $\\frac{a}{b}$ 是？\n\nA. 一\nB. 二\n答案：B\n"
    assert detect_format(text.encode(encoding), "a.txt") == "aiken"
    assert detect_format("::题::碱度 {=一 ~二}\n".encode(encoding), "a.txt") == "gift"
